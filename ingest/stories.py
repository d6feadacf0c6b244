"""Which articles are one story: the same wire copy in several papers, under several ids, shortened or retouched.

In: sketches of articles, texts of those that may be alike. Out: pairs that are one story, stories of such pairs.
Whether two articles are a pair follows from the two alone, so that neither order nor batches change a story. It never
takes two reports on one event for one story: nearly all of the shorter one's words must stand in the longer.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ingest.sketches import Hashes, letters_of, shingles_of

DAYS = 3  # a wire story that is printed later than that is printed as another one
SHARED = 5  # hashes that two sketches share, at least; of 7,974 true pairs it loses 4
LEAST = (
    0.85  # share of the shorter text's shingles that the longer has; at .8 reports on one matter begin to look alike
)
HALF = 0.5  # length of the shorter text as a share of the longer's: a round-up that holds two stories is neither
LETTERS = 20  # of a text, from which on it can be told from others at all
AT_ONCE = 2_000_000  # pairs in memory while candidates are counted
_NUMBER = re.compile(r"(?<![\d.．])\d+(?:[.．]\d+)?(?!\s?[\d.．年月日时分:：])")

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Sketched:
    """An article as far as candidates are concerned; `day` as the calendar counts, `fresh`: nobody has compared it."""

    name: str
    day: int
    sketch: Hashes
    fresh: bool


class Copy:
    """A text as it is compared: its numbers that are no days or hours, and, once asked for, its shingles."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.numbers = frozenset(unicodedata.normalize("NFKC", number) for number in _NUMBER.findall(text))

    @cached_property
    def shingles(self) -> Hashes:
        """See sketches.py."""
        return shingles_of(letters_of(self.text))


def one_story(one: Copy, other: Copy) -> bool:
    """Whether two texts are one story; a number that only the shorter has makes two, since they may differ on it."""
    short, long = sorted((one, other), key=lambda copy: (len(copy.text), copy.text))
    if not short.numbers <= long.numbers:  # first, because it is quick, and forms that are filled in daily end here
        return False
    few, many = sorted((len(one.shingles), len(other.shingles)))
    common = len(np.intersect1d(one.shingles, other.shingles, assume_unique=True))
    return few >= HALF * many and common >= LEAST * few


def candidates(articles: Sequence[Sketched]) -> Iterator[tuple[str, str]]:
    """Pairs, one of them fresh at least, of days not far apart, that share enough of their sketches."""
    owners = np.repeat(np.arange(len(articles)), [len(one.sketch) for one in articles])
    if not len(owners):
        return
    hashes = np.concatenate([one.sketch for one in articles])
    order = np.argsort(hashes, kind="stable")
    hashes, owners = hashes[order], owners[order]
    days = np.array([one.day for one in articles], dtype=np.int64)
    fresh = np.array([one.fresh for one in articles])
    mine = np.flatnonzero(fresh[owners])
    mine = mine[np.argsort(owners[mine], kind="stable")]
    first = np.searchsorted(hashes, hashes[mine], "left")
    counts = np.searchsorted(hashes, hashes[mine], "right") - first
    for part in _slices(owners[mine], counts):
        yield from _pairs(articles, owners[mine[part]], owners, first[part], counts[part], days, fresh)


def _slices(anchors: Rows, counts: Rows) -> Iterator[slice]:
    """Cuts between articles, so that no part has many more than AT_ONCE pairs."""
    start = total = 0
    ends = [*(np.flatnonzero(np.diff(anchors)) + 1).tolist(), len(anchors)]
    begin = 0
    for end in ends:
        total += int(counts[begin:end].sum())
        begin = end
        if total >= AT_ONCE or end == len(anchors):
            yield slice(start, end)
            start, total = end, 0


def _pairs(
    articles: Sequence[Sketched],
    anchors: Rows,
    owners: Rows,
    first: Rows,
    counts: Rows,
    days: Rows,
    fresh: NDArray[np.bool_],
) -> Iterator[tuple[str, str]]:
    one = np.repeat(anchors, counts)
    steps = np.arange(len(one)) - np.repeat(np.cumsum(counts) - counts, counts)
    other = owners[np.repeat(first, counts) + steps]
    kept = (np.abs(days[one] - days[other]) <= DAYS) & ((other > one) | (~fresh[other] & (other != one)))
    keys, shared = np.unique(one[kept] * len(articles) + other[kept], return_counts=True)
    for key in keys[shared >= SHARED].tolist():
        yield articles[key // len(articles)].name, articles[key % len(articles)].name


def stories_of(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """For every article of a pair its story, which has the name of the first of its articles."""
    leader: dict[str, str] = {}

    def find(name: str) -> str:
        while leader.setdefault(name, name) != name:
            leader[name] = leader[leader[name]]
            name = leader[name]
        return name

    for one, other in pairs:
        low, high = sorted((find(one), find(other)))
        leader[high] = low
    return {name: find(name) for name in list(leader)}
