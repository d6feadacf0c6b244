"""A passage as ground for claims: its sentences and headline read, and all else that is known of its article.

In: a passage. Out: places, each a verbatim piece of a part of the article with its reading, and the text in which names
are looked up. It judges no claim (`bot.bearing` does).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from bot.claims import Reading, read_claims
from bot.models import Part, Passage
from bot.pairs import character_pairs
from bot.pieces import squeeze
from ingest.models import StoredArticle
from ingest.sentences import sentence_spans

_KEPT = 256  # passages whose reading is remembered: the tries of one answer are checked against the same ones
_NOMINAL = frozenset("n ns nt nz nr nrt nrfg j vn l b eng ng an i".split())
_PEOPLE = frozenset("nr nrt nrfg".split())


@dataclass(frozen=True, slots=True)
class Place:
    """`article.<part>[start:end]` read; `pairs` are its pairs of characters, `near` those of its neighbours as well."""

    part: Part
    start: int
    end: int
    reading: Reading
    pairs: frozenset[str]
    near: frozenset[str]


@dataclass(frozen=True, slots=True)
class Ground:
    """A passage read, squeezed: what is `known` of its article, the `whole` with the text, the whole `masked`.

    `names`: its names of places and bodies; `people`: of people; `compounds`: runs of nouns, each as its words.
    """

    passage: Passage
    places: tuple[Place, ...]
    known: str
    whole: str
    masked: str
    pairs: frozenset[str]
    names: frozenset[str]
    people: frozenset[str]
    compounds: tuple[tuple[str, ...], ...]


@lru_cache(maxsize=_KEPT)
def read_ground(passage: Passage) -> Ground:
    """Read a passage with the title, byline and day of its article."""
    places = tuple(_places(passage))
    readings = [place.reading for place in places]
    words = [word for reading in readings for word in reading.words]
    known = squeeze("\n".join(_known(passage.article)))
    whole = "\n".join([known, *(reading.text for reading in readings)])
    return Ground(
        passage=passage,
        places=places,
        known=known,
        whole=whole,
        masked="\n".join([known, *(reading.masked for reading in readings)]),
        pairs=frozenset().union(*(place.pairs for place in places)) | character_pairs(known),
        names=frozenset(
            c.text for reading in readings for c in reading.claims if c.kind == "name" and c.value == "other"
        ),
        people=frozenset(word.text for word in words if word.tag in _PEOPLE),
        compounds=tuple(compound for reading in readings for compound in _compounds(reading)),
    )


def _places(passage: Passage) -> Iterator[Place]:
    article = passage.article
    spans = [(passage.start + start, passage.start + end) for start, end in sentence_spans(passage.text)]
    pairs = [character_pairs(article.text[start:end]) for start, end in spans]
    for i, (start, end) in enumerate(spans):
        near = frozenset().union(*pairs[max(0, i - 1) : i + 2])
        yield Place("text", start, end, read_claims(article.text[start:end], article.date), pairs[i], near)
    headings: tuple[tuple[Part, str | None], ...] = (("title", article.title), ("byline", article.byline))
    for part, text in headings:
        if text:
            own = character_pairs(text)
            yield Place(part, 0, len(text), read_claims(text, article.date), own, own)


def _known(article: StoredArticle) -> Iterator[str]:
    """What the archive knows of an article beside what may be quoted."""
    yield from filter(None, (article.kicker, article.subtitle, article.paper, article.dateline, article.place))
    yield from (subhead.text for subhead in article.subheads)
    if article.page:
        yield f"第{article.page}版"
    if article.date:
        yield f"{article.date.year}年{article.date.month}月{article.date.day}日"


def _compounds(reading: Reading) -> Iterator[tuple[str, ...]]:
    run: list[str] = []
    end = -1
    for word in reading.words:
        if word.tag in _NOMINAL and word.start == end:
            run.append(word.text)
        else:
            if len("".join(run)) > len("大学"):
                yield tuple(run)
            run = [word.text] if word.tag in _NOMINAL else []
        end = word.end
    if len("".join(run)) > len("大学"):
        yield tuple(run)
