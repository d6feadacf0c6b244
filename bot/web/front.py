"""The archive at a glance, and its years, months and days: what the pages under /archive show.

In: a snapshot, its shelf, a visit, what the address names. Out: views for templates; None for what is not there.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date as Date  # noqa: N812 - as in models
from datetime import timedelta
from itertools import groupby

from bot.access import Reader, may_read
from bot.web.links import segment
from bot.web.months import (
    Bar,
    MonthTable,
    by_day,
    by_paper,
    heat_steps,
    last_tables,
    month_end,
    month_table,
    timeline,
    year_tables,
)
from bot.web.shelf import Shelf
from ingest.contents import Brief, IssueCount, articles_of_day, list_articles, newcomers
from ingest.models import Filter
from ingest.snapshot import Snapshot

RECENT = 30  # days before the last one whose topics the front page shows
NEWEST = 6  # articles that the front page lists, of the last day and of what is new
PLACES = 24
FEWEST_BARS = 5  # below that, a drawing of bars tells nothing that the calendar does not
PAPERS = 40  # listed on the front page
PART = 100  # articles of a day that one page lists
SIZES = 5  # in which topics are set


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
class Fresh:
    """What came in since the last visit."""

    count: int
    briefs: tuple[Brief, ...]


@dataclass(frozen=True, slots=True)
class FrontView:
    """The front page of the archive."""

    articles: int
    sample: bool
    first: Date | None
    last: Date | None
    fresh: Fresh | None
    newest: tuple[Brief, ...]
    bars: tuple[Bar, ...]
    bar_papers: tuple[str | None, ...]
    months: tuple[MonthTable, ...]
    years: tuple[tuple[int, int], ...]
    undated: int
    papers: tuple[PaperLine, ...]
    places: tuple[Sized, ...]
    topics: tuple[Sized, ...] | None  # None: they are still being counted
    period: Filter


@dataclass(frozen=True, slots=True)
class PeriodView:
    """A year or a month."""

    year: int
    month: Date | None
    articles: int
    months: tuple[MonthTable, ...]
    before: str
    after: str
    papers: tuple[PaperLine, ...]
    topics: tuple[Sized, ...] | None  # None: they are still being counted
    period: Filter


@dataclass(frozen=True, slots=True)
class PageGroup:
    """One page of an issue."""

    page: str | None
    briefs: tuple[Brief, ...]


@dataclass(frozen=True, slots=True)
class PaperGroup:
    """One paper of a day."""

    paper: str | None
    articles: int
    pages: tuple[PageGroup, ...]


@dataclass(frozen=True, slots=True)
class DayView:
    """A day, or one paper or page of it. `all_pages` are those of the paper that is shown."""

    day: Date
    articles: int
    groups: tuple[PaperGroup, ...]
    one_paper: bool
    one_page: bool
    paper: str | None
    page: str | None
    all_pages: tuple[str | None, ...]
    before: Date | None
    after: Date | None
    part: int
    parts: int
    period: Filter


def front(snapshot: Snapshot, shelf: Shelf, reader: Reader, seen: int) -> FrontView:
    """What there is at a glance; `seen` is the number of the last article that the reader has seen, 0 for none."""
    counts = _counts(shelf, reader)
    days, bars = by_day(counts), timeline(counts)
    first, last = (min(days), max(days)) if days else (None, None)
    fresh = None
    if seen:
        count, briefs = newcomers(snapshot.catalog, seen, NEWEST)
        fresh = Fresh(count, _readable(briefs, reader))
    # An archive that is hardly longer than that is all recent; then it is held against general news.
    long = last and _span(days) > RECENT * 3 // 2
    recent = Filter(since=last - timedelta(RECENT - 1), until=last) if last and long else Filter()
    newest = list_articles(snapshot.catalog, Filter(since=last, until=last) if last else Filter(), "oldest", NEWEST)
    papers = _paper_lines(counts)
    return FrontView(
        articles=sum(count.articles for count in counts),
        sample=shelf.stats.sample,
        first=first,
        last=last,
        fresh=fresh,
        newest=_readable(newest, reader),
        bars=tuple(bars) if len(bars) >= FEWEST_BARS else (),
        bar_papers=tuple(paper for paper, _ in by_paper([c for c in counts if c.day])),
        months=tuple(last_tables(days)),
        years=tuple(sorted(_years(counts).items())),
        undated=sum(count.articles for count in counts if not count.day),
        papers=tuple(papers),
        places=_places(shelf, reader),
        topics=_topics(shelf, recent),
        period=recent,
    )


def period(shelf: Shelf, reader: Reader, when: str) -> PeriodView | None:
    """A year (2023) or a month (2023-05)."""
    if not re.fullmatch(r"[0-9]{4}(-[0-9]{2})?", when):
        return None
    counts = _counts(shelf, reader)
    days = by_day(counts)
    here = [day for day in days if day.isoformat().startswith(f"{when}-")]
    if not here:
        return None
    month = here[0].replace(day=1) if "-" in when else None
    names = sorted({day.isoformat()[: len(when)] for day in days})
    at = names.index(when)
    since, until = (month, month_end(month)) if month else (Date(here[0].year, 1, 1), Date(here[0].year, 12, 31))
    span = Filter(since=since, until=until)
    tables = [month_table(month, days, heat_steps(days))] if month else year_tables(here[0].year, days)
    return PeriodView(
        year=here[0].year,
        month=month,
        articles=sum(days[day] for day in here),
        months=tuple(tables),
        before=names[at - 1] if at else "",
        after=names[at + 1] if at + 1 < len(names) else "",
        papers=tuple(_paper_lines([c for c in counts if c.day and c.day.isoformat().startswith(f"{when}-")])),
        topics=_topics(shelf, span),
        period=span,
    )


def day_view(snapshot: Snapshot, shelf: Shelf, reader: Reader, day: Date, rest: str, part: int) -> DayView | None:
    """A day's articles as they are printed; `rest` names a paper, or a paper and a page, of it."""
    days = list(by_day(_counts(shelf, reader)))
    if day not in days:
        return None
    briefs = _readable(articles_of_day(snapshot.catalog, day), reader)
    chosen = [brief for brief in briefs if not rest or rest in _names_of(brief)]
    if not chosen:
        return None
    one = chosen[0]
    one_page = bool(rest) and rest == _names_of(one)[1]
    parts = (len(chosen) + PART - 1) // PART
    if part > parts:
        return None
    at = days.index(day)
    shown = chosen[(part - 1) * PART : part * PART]
    return DayView(
        day=day,
        articles=len(chosen),
        groups=_grouped(shown),
        one_paper=bool(rest),
        one_page=one_page,
        paper=one.paper if rest else None,
        page=one.page if one_page else None,
        all_pages=tuple(dict.fromkeys(b.page for b in briefs if b.paper == one.paper)) if rest else (),
        before=days[at - 1] if at else None,
        after=days[at + 1] if at + 1 < len(days) else None,
        part=part,
        parts=parts,
        period=Filter(since=day, until=day, paper=one.paper if rest else None),
    )


def read_day(text: str) -> Date | None:
    """A day as an address writes it."""
    try:
        return Date.fromisoformat(text) if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) else None
    except ValueError:
        return None


def _names_of(brief: Brief) -> tuple[str, str]:
    """How an address names the brief's issue and its page; compared undone, since a proxy may undo it."""
    paper = segment(None) if brief.paper is None else brief.paper
    return paper, f"{paper}/{segment(None) if brief.page is None else brief.page}"


def _grouped(briefs: Sequence[Brief]) -> tuple[PaperGroup, ...]:
    groups = []
    for paper, of_paper in groupby(briefs, key=lambda one: one.paper):
        pages = [PageGroup(page, tuple(of_page)) for page, of_page in groupby(of_paper, key=lambda one: one.page)]
        groups.append(PaperGroup(paper, sum(len(page.briefs) for page in pages), tuple(pages)))
    return tuple(groups)


def _counts(shelf: Shelf, reader: Reader) -> list[IssueCount]:
    return [count for count in shelf.counts if may_read(reader, count)]


def _readable(briefs: Sequence[Brief], reader: Reader) -> tuple[Brief, ...]:
    return tuple(brief for brief in briefs if may_read(reader, brief))


def _paper_lines(counts: Sequence[IssueCount]) -> list[PaperLine]:
    lines = []
    for paper, articles in by_paper(counts)[:PAPERS]:
        days = [count.day for count in counts if count.paper == paper and count.day]
        lines.append(PaperLine(paper, articles, min(days, default=None), max(days, default=None)))
    return lines


def _years(counts: Sequence[IssueCount]) -> Counter[int]:
    years: Counter[int] = Counter()
    for count in counts:
        if count.day:
            years[count.day.year] += count.articles
    return years


def _span(days: dict[Date, int]) -> int:
    return (max(days) - min(days)).days + 1


def _places(shelf: Shelf, reader: Reader) -> tuple[Sized, ...]:
    places: Counter[str] = Counter()
    for count in shelf.places:
        if may_read(reader, count):
            places[count.place] += count.articles
    return _sized(places.most_common(PLACES))


def _topics(shelf: Shelf, period: Filter) -> tuple[Sized, ...] | None:
    topics = shelf.topics(period)
    return None if topics is None else _sized([(topic.word, topic.articles) for topic in topics])


def _sized(counted: Sequence[tuple[str, int]]) -> tuple[Sized, ...]:
    """Names with a size each, by the root of how often they are: areas, not heights, are what the eye compares."""
    if not counted:
        return ()
    roots = [count**0.5 for _, count in counted]
    low, high = min(roots), max(roots)
    steps = [round((root - low) / (high - low) * (SIZES - 1)) if high > low else 1 for root in roots]
    return tuple(Sized(name, count, step + 1) for (name, count), step in zip(counted, steps, strict=True))
