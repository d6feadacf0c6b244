"""Text into search terms: what the word index stores and what a question asks it for.

In: any text. Out: normalised terms (half width, lower case, no white space), or words with their place and kind.
The only room that knows rjieba. It never drops a term because it is common: weights do that.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

import rjieba

_TERM = re.compile(r"\w")
_HAN = "\u3400-\u9fff"
# A name of two characters is padded with a space to stand level with names of three (张 留).
_PADDED = re.compile(rf"(?<![{_HAN}])([{_HAN}])[ \u3000]+([{_HAN}])(?![{_HAN}])")


class _Fold(dict[int, str]):
    """Character to its half-width, lower-case form, where that is one character: offsets stay as they are."""

    def __missing__(self, code: int) -> str:
        folded = unicodedata.normalize("NFKC", chr(code)).lower()
        self[code] = folded if len(folded) == 1 else chr(code)
        return self[code]


_FOLD = _Fold()


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text: `text`, folded, stands at `start`..`end`; `tag` is its part of speech as jieba says (nr, v)."""

    text: str
    start: int
    end: int
    tag: str


def fold(text: str) -> str:
    """Half width, lower case, of the same length: offsets in the result are offsets in `text`."""
    return text.translate(_FOLD)


def join_padded(text: str) -> str:
    """Names of two characters that a space pads, without it: 张 留 → 张留."""
    return _PADDED.sub(r"\1\2", text)


def search_terms(text: str) -> list[str]:
    """Cut `text` into search terms, compounds also into their parts (新兴产业 → 新兴, 产业, 新兴产业)."""
    return [term for term in rjieba.cut_for_search(join_padded(fold(text))) if _TERM.search(term)]


def tagged_words(text: str) -> list[Word]:
    """Cut `text` into words, each once, with offsets and part of speech; punctuation and white space are left out."""
    words, at = [], 0
    for piece, tag in rjieba.tag(fold(text)):
        if _TERM.search(piece):
            words.append(Word(piece, at, at + len(piece), tag))
        at += len(piece)
    return words
