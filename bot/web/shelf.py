"""What the pages know of one generation without asking it again: counts, topics, pages of issues, words looked for.

In: a snapshot, a way to lease it again. Out: a Shelf for that generation and for those papers of it that stand in the
snapshot: readers who may read the same share one, others never do. A new generation gets new shelves.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date as Date  # noqa: N812 - as in models
from functools import lru_cache
from typing import TypeVar

from bot.web.glance import Glance, glance_at
from bot.web.topics import Counts, Topic, count_words, topics_of
from bot.web.wanted import Found, Near, find_articles
from ingest.contents import (
    Brief,
    IssueCount,
    PlaceCount,
    articles_of_page,
    count_articles,
    count_versions,
    issue_counts,
    openings,
    place_counts,
)
from ingest.models import ArchiveStats, Filter, Papers
from ingest.snapshot import Snapshot

K = TypeVar("K")
V = TypeVar("V")
Reading = Callable[[], AbstractContextManager[Snapshot]]

LOOKED_AT = 1_200  # articles of a period, and of the rest, whose beginnings topics are taken from: a second of work
TOPICS = 24
ALL_BUT = 0.7  # share of the articles from which on a period has no rest to be held against, but general news
PATIENCE = 0.05  # seconds that a page waits for topics; where they take longer, it comes without and asks again
PERIODS, PAGES, SEARCHES = 64, 256, 64  # of each so many are remembered
SHELVES = 32  # for as many sets of papers that may be read


@dataclass(frozen=True, slots=True)
class Shelf:
    """One generation's contents, as far as `part` goes. Safe from several threads."""

    number: int
    papers: Papers  # those that stand in it
    made: Date | None  # the day on which this generation was finished
    stats: ArchiveStats
    counts: tuple[IssueCount, ...]
    places: tuple[PlaceCount, ...]
    came: int  # versions of articles that have come in
    glance: Glance
    topics: Callable[[Filter], list[Topic] | None]
    _pages: dict[tuple[Date, str | None, str | None], list[Brief]] = field(default_factory=dict)
    _searches: dict[tuple[str, Filter], Found] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What tells this shelf from any other, for whoever keeps what was made from it; not whether there is more."""
        papers = sorted(f"{paper is None} {paper or ''}" for paper in self.papers)
        return f"{self.number}-{hashlib.sha256(chr(10).join(papers).encode()).hexdigest()[:16]}"

    def page(self, snapshot: Snapshot, day: Date, paper: str | None, page: str | None) -> list[Brief]:
        """The articles of one page of an issue, as they are printed."""
        key = (day, paper, page)
        return _remembered(self._pages, key, PAGES, lambda: articles_of_page(snapshot.catalog, day, paper, page))

    def find(self, snapshot: Snapshot, words: str, where: Filter, near: Near) -> Found:
        """The articles that have `words`, or are `near` them."""
        key = (words, where)
        return _remembered(self._searches, key, SEARCHES, lambda: find_articles(snapshot, words, where, near))


class Shelves:
    """The shelves of whatever generation is leased."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._shelves: dict[tuple[int, Papers | None], Shelf] = {}
        self._aside = ThreadPoolExecutor(1, thread_name_prefix="topics")

    def of(self, snapshot: Snapshot, reading: Reading) -> Shelf:
        """What is known of this snapshot, which `reading` leases again; it is looked up where it is the first time."""
        key = (snapshot.number, snapshot.part)
        shelf = self._shelves.get(key)
        if shelf is None:
            with self._lock:
                shelf = self._shelves.get(key)
                if shelf is None:
                    shelf = _shelf_of(snapshot, _Topics(snapshot, reading, self._aside))
                    kept = {each: one for each, one in self._shelves.items() if each[0] == snapshot.number}
                    self._shelves = dict(list(kept.items())[1 - SHELVES :]) | {key: shelf}
        return shelf


def _shelf_of(snapshot: Snapshot, topics: _Topics) -> Shelf:
    catalog = snapshot.catalog
    counts, places = tuple(issue_counts(catalog)), tuple(place_counts(catalog))
    return Shelf(
        snapshot.number,
        snapshot.papers,
        snapshot.made.date() if snapshot.made else None,
        snapshot.stats(),
        counts,
        places,
        count_versions(catalog),
        glance_at(counts, places),
        topics.of,
    )


class _Topics:
    """Counts words beside the pages, one period at a time, so that nobody waits for it."""

    def __init__(self, snapshot: Snapshot, reading: Reading, aside: ThreadPoolExecutor) -> None:
        self._number, self._part = snapshot.number, snapshot.part
        self._reading, self._aside = reading, aside
        self._begun = lru_cache(PERIODS)(self._begin)
        self._rest: Counts | None = None

    def of(self, period: Filter) -> list[Topic] | None:
        """What the articles of `period` are about as against all; None while it is being counted."""
        counting: Future[list[Topic]] = self._begun(period)
        try:
            return counting.result(PATIENCE)
        except TimeoutError:
            return None

    def _begin(self, period: Filter) -> Future[list[Topic]]:
        return self._aside.submit(self._count, period)

    def _count(self, period: Filter) -> list[Topic]:
        with self._reading() as snapshot:
            if (snapshot.number, snapshot.part) != (self._number, self._part):
                return []
            catalog = snapshot.catalog
            own = count_words(openings(catalog, period, LOOKED_AT))
            if count_articles(catalog, period) > ALL_BUT * count_articles(catalog):
                return topics_of(own, None, TOPICS)
            if self._rest is None:
                self._rest = count_words(openings(catalog, Filter(), LOOKED_AT))
        return topics_of(own, self._rest, TOPICS)


def _remembered(kept: dict[K, V], key: K, most: int, make: Callable[[], V]) -> V:
    """What is kept under `key`, made where it is not; the oldest goes when there are more than `most`."""
    if key not in kept:
        made = make()
        if len(kept) >= most:
            kept.pop(next(iter(kept)), None)
        kept[key] = made
    return kept[key]
