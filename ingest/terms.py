"""Text into search terms: what the word index stores and what a question asks it for.

In: any text. Out: normalised terms (half width, lower case, simplified characters, numbers in plain digits, no white
space), or words with their place and kind. The only room that knows rjieba. It never drops a term because it is
common: weights do that.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from itertools import pairwise
from typing import NamedTuple

import rjieba

from ingest.amounts import Amount, find_amounts
from ingest.simplified import settle_words, simple_characters

_TERM = re.compile(r"\w")
_HAN = "\u3400-\u9fff"
# A name of two characters is padded with a space to stand level with names of three (张 留).
_PADDED = re.compile(rf"(?<![{_HAN}])([{_HAN}])[ \u3000]+([{_HAN}])(?![{_HAN}])")
# The same with text behind it, which a label of by-lines (文 王芳 图 李明) only resembles.
_PADDED_BEFORE_TEXT = re.compile(rf"(?<![{_HAN}])(?![文图摄])([{_HAN}])[ \u3000]+([{_HAN}]{{2,4}})")
_HALF = 4  # characters on either side of white space that a word torn by it may have there
_ENDS, _BEGINS = re.compile(rf"[{_HAN}]{{1,{_HALF}}}\Z"), re.compile(rf"[{_HAN}]{{1,{_HALF}}}")
_RANKS = frozenset("省市县区镇乡村州")  # 濮院 is meant by 濮院镇
# Words that end in one of them and name no place (治区: 自治区, whose place has a people's name behind it).
_COMMON_ENDS = frozenset(
    (
        "城市 都市 超市 股市 楼市 夜市 集市 门市 地区 园区 小区 社区 景区 山区 校区 厂区 城区 街区 特区 郊区 市区 "
        "辖区 灾区 库区 林区 牧区 专区 新区 农村 新村 山村 渔村 乡村 城镇 乡镇 集镇 市县 区县 郡县 治区 治州 治县 发区"
    ).split()
)


class _Fold(dict[int, str]):
    """Character to its half-width, lower-case, unaccented, simplified form, where that is one character."""

    def __missing__(self, code: int) -> str:
        folded = unicodedata.normalize("NFKC", chr(code)).lower()
        parts = unicodedata.normalize("NFD", folded)
        if parts[:1].isascii() and parts[:1].isalpha() and all(map(unicodedata.combining, parts[1:])):
            folded = parts[0]  # é → e
        folded = simple_characters().get(folded, folded)
        self[code] = folded if len(folded) == 1 else chr(code)
        return self[code]


_FOLD = _Fold()


@cache
def _may_change() -> re.Pattern[str]:
    """Runs of characters that folding may change: most of a text it does not, and passes over quickly."""
    changing = "".join(character for character in simple_characters() if "\u4e00" <= character <= "\u9fff")
    return re.compile(f"[A-Z\x80-\u3000\u3003-\u4dff\ua000-\U0010ffff{changing}]+")


def _fold_run(run: re.Match[str]) -> str:
    return run[0].translate(_FOLD)


class Word(NamedTuple):
    """A word of a text: `text`, folded, stands at `start`..`end`; `tag` is its part of speech as jieba says (nr, v)."""

    text: str
    start: int
    end: int
    tag: str


def fold(text: str) -> str:
    """Half width, lower case, simplified, of the same length: offsets in the result are offsets in `text`."""
    return settle_words(_may_change().sub(_fold_run, text))


def fold_character(character: str) -> str:
    """One character folded alone: one that depends on its word (乾) stays as it is."""
    return character.translate(_FOLD)


def join_padded(text: str) -> str:
    """Names of two characters that a space pads, without it: 张 留 → 张留, 张 留写了 → 张留写了."""
    if " " not in text and "\u3000" not in text:
        return text
    return _PADDED_BEFORE_TEXT.sub(_join_name, _PADDED.sub(r"\1\2", text))


def _join_name(found: re.Match[str]) -> str:
    joined: str = found[1] + found[2]
    return joined if len(rjieba.cut(joined)[0]) == len("张留") else found[0]


def search_terms(text: str) -> list[str]:
    """Cut `text` into search terms, compounds also into their parts (新兴产业 → 新兴, 产业, 新兴产业).

    Numbers are one term each, in plain digits, in whatever way they are written (500万 → 5000000).
    """
    folded = join_padded(fold(text))
    plain, also = _plain_numbers(folded)
    terms = [term for term in rjieba.cut_for_search(plain) if term.isalnum() or _TERM.search(term)]
    return [*terms, *also, *_stems(terms), *_torn_words(folded)]


def plain_terms(text: str) -> list[str]:
    """Cut `text` into search terms, every character into one alone (负责人 counts once, not with 负责 beside it)."""
    return [term for term in rjieba.cut(_plain_numbers(fold(text))[0]) if _TERM.search(term)]


def tagged_words(text: str) -> list[Word]:
    """Cut `text` into words, each once, with offsets and part of speech; punctuation and white space are left out.

    A number is one word with what jieba takes for its unit (500余万元), however it is written.
    """
    return list(_tagged_words(text))


@lru_cache(maxsize=4_000)  # what many ask about is found again and again
def _tagged_words(text: str) -> tuple[Word, ...]:
    folded = fold(text)
    amounts = list(find_amounts(folded))
    words, at = [], 0
    for piece, tag in rjieba.tag(folded):
        end = at + len(piece)
        if amounts or _TERM.search(piece):
            words.append(Word(piece, at, end, tag))
        at = end
    if not amounts:
        return tuple(words)
    return tuple(word for word in _whole_numbers(folded, words, amounts) if _TERM.search(word.text))


def _plain_numbers(folded: str) -> tuple[str, list[str]]:
    """`folded` with its numbers in plain digits, and those that stand beside their spelling, which may be a word."""
    pieces, also, at = [], [], 0
    for amount in find_amounts(folded):
        if amount.word:
            also.append(amount.plain)
        else:
            pieces += [folded[at : amount.start], _spaced(amount, folded)]
            at = amount.end
    return "".join([*pieces, folded[at:]]) if pieces else folded, also


def _spaced(amount: Amount, folded: str) -> str:
    """Its digits, kept apart from other Latin characters. 万 stays before its unit: 万元 is a word as common as 元."""
    before, behind = folded[amount.start - 1 : amount.start], folded[amount.end : amount.end + 1]
    spelled = folded[amount.start : amount.end]
    scale = spelled[len(spelled.rstrip("万亿")) :] if _BEGINS.match(behind) else ""
    return f"{' ' * before.isascii()}{amount.plain}{scale}{' ' * behind.isascii()}"


def _whole_numbers(folded: str, words: list[Word], amounts: Sequence[Amount]) -> Iterator[Word]:
    """`words` with those in one that share one of the `amounts`."""
    left = iter(amounts)
    amount = next(left, None)
    held: Word | None = None
    for word in words:
        while amount and amount.end <= word.start:
            amount = next(left, None)
        if held and amount and held.end > amount.start and word.start < amount.end:
            held = Word(folded[held.start : word.end], held.start, word.end, "m")
        else:
            if held:
                yield held
            held = word
    if held:
        yield held


def _stems(terms: list[str]) -> list[str]:
    """Names of places without their rank, where jieba did not know the place (濮院镇 → 濮院)."""
    ranked = [t for t in terms if len(t) > 2 and t[-1] in _RANKS and t[-2:] not in _COMMON_ENDS]
    return [term[:-1] for term in ranked if term[:-1] not in terms] if ranked else []


def _torn_words(folded: str) -> Iterator[str]:
    """Words that a line break or a space runs through: they are cut in two, and meant as one."""
    for before, behind in pairwise(folded.split()):
        left, right = _ENDS.search(before, max(0, len(before) - _HALF)), _BEGINS.match(behind)
        if left and right:
            at = 0
            for word in rjieba.cut(left[0] + right[0]):
                if at < len(left[0]) < at + len(word):
                    yield from rjieba.cut_for_search(word)
                at += len(word)
