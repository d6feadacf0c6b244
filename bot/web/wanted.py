"""Articles by the words that stand in them, for whoever searches without asking: every word, as it is written.

In: words with blanks between them, a filter, a snapshot, a search as for a question. Out: articles, the best first;
where none has every word, those that the search finds. It answers nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ingest.contents import one_line
from ingest.frequencies import rarity
from ingest.models import Filter, StoredArticle
from ingest.snapshot import Snapshot
from ingest.terms import fold, search_terms

DEEP = 600  # chunks that are looked through for articles that have every word: a tenth of a second
NEAR = 20  # passages whose articles are shown where none has every word
MOST_WORDS = 8  # that are looked for; more is a sentence, and a sentence is for the chat
AROUND = 46  # characters of the text on either side of the first word that was found

Near = Callable[[str, int, Filter], Sequence[str]]  # words, how many, a filter: article ids


@dataclass(frozen=True, slots=True)
class Found:
    """Article ids, the best first. `near`: none has every word. `more`: there may be others further down."""

    ids: tuple[str, ...]
    near: bool = False
    more: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text, and whether it is what was looked for."""

    text: str
    wanted: bool


def find_articles(snapshot: Snapshot, words: str, where: Filter, near: Near) -> Found:
    """The articles in which each of `words` stands, in whatever script and width it is written."""
    wanted = split_words(words)
    terms = {term: rarity(term) for word in wanted for term in search_terms(word)}
    hits = snapshot.search_words(list(terms.items()), DEEP, where)
    chunks = snapshot.chunks(hit.chunk_id for hit in hits)
    ids = list(dict.fromkeys(chunks[hit.chunk_id].article_id for hit in hits if hit.chunk_id in chunks))
    articles = snapshot.articles(ids)
    whole = tuple(one for one in ids if _has(articles[one], wanted))
    if whole:
        return Found(whole, more=len(hits) == DEEP)
    return Found(tuple(dict.fromkeys(near(words, NEAR, where))), near=True)


def split_words(words: str) -> list[str]:
    """The words that are looked for, folded."""
    return list(dict.fromkeys(fold(words).split()))[:MOST_WORDS]


def marked_pieces(text: str, words: str) -> list[Piece]:
    """`text` in pieces, those that are one of `words` marked."""
    folded, pieces, at = fold(text), [], 0
    for start, end in _places(folded, split_words(words)):
        pieces += [Piece(text[at:start], wanted=False), Piece(text[start:end], wanted=True)]
        at = end
    return [piece for piece in (*pieces, Piece(text[at:], wanted=False)) if piece.text]


def excerpt(text: str, words: str) -> list[Piece]:
    """What stands around the first of `words` in `text`, or its beginning, in pieces."""
    places = _places(fold(text), split_words(words))
    start = max(0, places[0][0] - AROUND) if places else 0
    if start:  # from the beginning of a sentence, if one is near
        start = max((text.rfind(end, start, places[0][0]) + 1 for end in "。！？\n"), default=0) or start
    end = min(len(text), start + 2 * AROUND + 20)
    cut = Piece("…", wanted=False)
    pieces = marked_pieces(one_line(text[start:end]), words)
    return [*([cut] if start else []), *pieces, *([cut] if end < len(text) else [])]


def _has(article: StoredArticle, wanted: Sequence[str]) -> bool:
    parts = (article.kicker, article.title, article.subtitle, article.byline, article.text)
    whole = "".join(fold("\n".join(filter(None, parts))).split())  # a name may be padded: 张　留
    return all("".join(word.split()) in whole for word in wanted)


def _places(folded: str, wanted: Sequence[str]) -> list[tuple[int, int]]:
    """Where the words stand, in order, none over another."""
    found = []
    for word in wanted:
        at = folded.find(word)
        while at >= 0:
            found.append((at, at + len(word)))
            at = folded.find(word, at + len(word))
    places: list[tuple[int, int]] = []
    for start, end in sorted(found, key=lambda place: (place[0], -place[1])):
        if not places or start >= places[-1][1]:
            places.append((start, end))
    return places
