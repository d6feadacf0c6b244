"""What the pages know of one generation without asking it again: counts, topics, pages of issues, words looked for.

In: a way to lease the archive. Out: a Shelf for the generation that is leased. A new generation gets a new shelf; what
belongs to no generation is never kept.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date as Date  # noqa: N812 - as in models
from functools import lru_cache
from typing import TypeVar

from bot.access import Reader, may_read
from bot.web.glance import Glance, glance_at
from bot.web.topics import Counts, Topic, count_words, topics_of
from bot.web.wanted import Found, Near, find_articles
from ingest.contents import (
    Brief,
    IssueCount,
    Papers,
    PlaceCount,
    articles_of_page,
    count_articles,
    issue_counts,
    last_number,
    openings,
    place_counts,
)
from ingest.models import ArchiveStats, Filter
from ingest.snapshot import Snapshot

K = TypeVar("K")
V = TypeVar("V")
Reading = Callable[[], AbstractContextManager[Snapshot]]

LOOKED_AT = 1_200  # articles of a period, and of the rest, whose beginnings topics are taken from: a second of work
TOPICS = 24
ALL_BUT = 0.7  # share of the articles from which on a period has no rest to be held against, but general news
PATIENCE = 0.05  # seconds that a page waits for topics; where they take longer, it comes without and asks again
PERIODS, PAGES, SEARCHES, GLANCES = 64, 256, 64, 32  # of each so many are remembered


@dataclass(frozen=True, slots=True)
class Shelf:
    """One generation's contents. Safe from several threads."""

    number: int
    made: Date | None  # the day on which this generation was finished
    stats: ArchiveStats
    counts: tuple[IssueCount, ...]
    places: tuple[PlaceCount, ...]
    last: int  # the number of the article that came in last
    topics: Callable[[Filter, Papers | None], list[Topic] | None]
    _pages: dict[tuple[Date, str | None, str | None], list[Brief]] = field(default_factory=dict)
    _glances: dict[Papers | None, Glance] = field(default_factory=dict)
    _searches: dict[tuple[str, Filter], Found] = field(default_factory=dict)

    def papers_of(self, reader: Reader) -> Papers | None:
        """The papers that `reader` may read; None for all."""
        every = {count.paper: count for count in self.counts}
        mine = frozenset(paper for paper, count in every.items() if may_read(reader, count))
        return None if len(mine) == len(every) else mine

    def glance(self, papers: Papers | None) -> Glance:
        """What there is of `papers`."""
        return _remembered(self._glances, papers, GLANCES, lambda: glance_at(self.counts, self.places, papers))

    def page(self, snapshot: Snapshot, day: Date, paper: str | None, page: str | None) -> list[Brief]:
        """The articles of one page of an issue, as they are printed."""
        key = (day, paper, page)
        return _remembered(self._pages, key, PAGES, lambda: articles_of_page(snapshot.catalog, day, paper, page))

    def find(self, snapshot: Snapshot, words: str, where: Filter, near: Near) -> Found:
        """The articles that have `words`, or are `near` them."""
        key = (words, where)
        return _remembered(self._searches, key, SEARCHES, lambda: find_articles(snapshot, words, where, near))


class Shelves:
    """The shelf of whatever generation is leased; one is kept."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._lock = threading.Lock()
        self._shelf: Shelf | None = None

    def of(self, snapshot: Snapshot) -> Shelf:
        """What is known of this generation; it is looked up where it is the first time."""
        shelf = self._shelf
        if shelf is None or shelf.number != snapshot.number:
            with self._lock:
                shelf = self._shelf
                if shelf is None or shelf.number != snapshot.number:
                    shelf = self._shelf = _shelf_of(snapshot, self._reading)
        return shelf


def _shelf_of(snapshot: Snapshot, reading: Reading) -> Shelf:
    catalog = snapshot.catalog
    return Shelf(
        snapshot.number,
        snapshot.made.date() if snapshot.made else None,
        snapshot.stats(),
        tuple(issue_counts(catalog)),
        tuple(place_counts(catalog)),
        last_number(catalog),
        _Topics(snapshot.number, reading).of,
    )


class _Topics:
    """Counts words beside the pages, one period at a time, so that nobody waits for it."""

    def __init__(self, number: int, reading: Reading) -> None:
        self._number, self._reading = number, reading
        self._aside = ThreadPoolExecutor(1, thread_name_prefix="topics")
        self._begun = lru_cache(PERIODS)(self._begin)
        self._rest: dict[Papers | None, Counts] = {}

    def of(self, period: Filter, papers: Papers | None) -> list[Topic] | None:
        """What the articles of `period` are about as against all of `papers`; None while it is being counted."""
        counting: Future[list[Topic]] = self._begun(period, papers)
        try:
            return counting.result(PATIENCE)
        except TimeoutError:
            return None

    def _begin(self, period: Filter, papers: Papers | None) -> Future[list[Topic]]:
        return self._aside.submit(self._count, period, papers)

    def _count(self, period: Filter, papers: Papers | None) -> list[Topic]:
        with self._reading() as snapshot:
            if snapshot.number != self._number:
                return []
            catalog = snapshot.catalog
            own = count_words(openings(catalog, period, papers, LOOKED_AT))
            if count_articles(catalog, period, papers) > ALL_BUT * count_articles(catalog, Filter(), papers):
                return topics_of(own, None, TOPICS)
            if papers not in self._rest:
                self._rest[papers] = count_words(openings(catalog, Filter(), papers, LOOKED_AT))
        return topics_of(own, self._rest[papers], TOPICS)


def _remembered(kept: dict[K, V], key: K, most: int, make: Callable[[], V]) -> V:
    """What is kept under `key`, made where it is not; the oldest goes when there are more than `most`."""
    if key not in kept:
        made = make()
        if len(kept) >= most:
            kept.pop(next(iter(kept)), None)
        kept[key] = made
    return kept[key]
