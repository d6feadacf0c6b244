"""What there is at a glance: days, bars, calendars, papers and places, counted once a generation.

In: counts of a generation. Out: a Glance. It looks into no article.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date as Date  # noqa: N812 - as in models

from bot.web.months import Bar, MonthTable, by_day, by_paper, last_tables, timeline
from ingest.contents import IssueCount, PlaceCount

PAPERS = 40  # of which lines are shown, the largest first
PLACES = 24
FEWEST_BARS = 5  # below that, a drawing of bars tells nothing that the calendar does not
SIZES = 5  # in which names are set


@dataclass(frozen=True, slots=True)
class PaperLine:
    """A paper with what there is of it."""

    paper: str | None
    articles: int
    first: Date | None
    last: Date | None


@dataclass(frozen=True, slots=True)
class Sized:
    """A topic or a place, set in one of SIZES sizes."""

    name: str
    articles: int
    size: int


@dataclass(frozen=True, slots=True)
class Glance:
    """All that the front page draws, and the days that every page of a day or a month leads on to."""

    counts: tuple[IssueCount, ...]
    articles: int
    undated: int
    days: Mapping[Date, int]
    bars: tuple[Bar, ...]
    bar_papers: tuple[str | None, ...]
    months: tuple[MonthTable, ...]
    years: tuple[tuple[int, int], ...]
    papers: tuple[PaperLine, ...]
    places: tuple[Sized, ...]


def glance_at(counts: Sequence[IssueCount], places: Sequence[PlaceCount]) -> Glance:
    """What there is."""
    days, bars = by_day(counts), timeline(counts)
    years: Counter[int] = Counter()
    for day, articles in days.items():
        years[day.year] += articles
    named: Counter[str] = Counter()
    for place in places:
        named[place.place] += place.articles
    return Glance(
        counts=tuple(counts),
        articles=sum(count.articles for count in counts),
        undated=sum(count.articles for count in counts if not count.day),
        days=days,
        bars=tuple(bars) if len(bars) >= FEWEST_BARS else (),
        bar_papers=tuple(paper for paper, _ in by_paper([count for count in counts if count.day])),
        months=tuple(last_tables(days)),
        years=tuple(sorted(years.items())),
        papers=paper_lines(counts),
        places=sized(named.most_common(PLACES)),
    )


def paper_lines(counts: Sequence[IssueCount]) -> tuple[PaperLine, ...]:
    """Papers with their articles and days."""
    days: dict[str | None, list[Date]] = {}
    for count in counts:
        if count.day:
            days.setdefault(count.paper, []).append(count.day)
    return tuple(
        PaperLine(paper, articles, min(days.get(paper, ()), default=None), max(days.get(paper, ()), default=None))
        for paper, articles in by_paper(counts)[:PAPERS]
    )


def sized(counted: Sequence[tuple[str, int]]) -> tuple[Sized, ...]:
    """Names with a size each, by the root of how often they are: areas, not heights, are what the eye compares."""
    if not counted:
        return ()
    roots = [count**0.5 for _, count in counted]
    low, high = min(roots), max(roots)
    steps = [round((root - low) / (high - low) * (SIZES - 1)) if high > low else 1 for root in roots]
    return tuple(Sized(name, count, step + 1) for (name, count), step in zip(counted, steps, strict=True))
