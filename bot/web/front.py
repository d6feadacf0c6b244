"""The archive at a glance, and its years, months and days: what the pages under /archive show.

In: a snapshot of what may be read, its shelf, what the address names. Out: views for templates; None for what is not
there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date as Date  # noqa: N812 - as in models
from datetime import timedelta
from itertools import groupby

from bot.web.glance import Glance, PaperLine, Sized, paper_lines, sized
from bot.web.links import segment
from bot.web.months import MonthTable, heat_steps, month_end, month_table, year_tables
from bot.web.shelf import Shelf
from ingest.contents import Brief, articles_of_day, list_articles, newcomers
from ingest.models import Filter
from ingest.snapshot import Snapshot

RECENT = 30  # days before the last one whose topics the front page shows
NEWEST = 6  # articles that the front page lists, of the last day and of what is new
PART = 100  # articles of a day that one page lists


@dataclass(frozen=True, slots=True)
class Fresh:
    """What came in since the last visit."""

    count: int
    briefs: tuple[Brief, ...]


@dataclass(frozen=True, slots=True)
class FrontView:
    """The front page of the archive."""

    glance: Glance
    sample: bool
    made: Date | None
    first: Date | None
    last: Date | None
    fresh: Fresh | None
    newest: tuple[Brief, ...]
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


def front(snapshot: Snapshot, shelf: Shelf, seen: int) -> FrontView:
    """What there is at a glance; `seen` is how many had come in when the reader was here before, 0 for never."""
    glance = shelf.glance
    first, last = (min(glance.days), max(glance.days)) if glance.days else (None, None)
    fresh = None
    if seen:
        count, briefs = newcomers(snapshot.catalog, seen, NEWEST)
        fresh = Fresh(count, tuple(briefs))
    # An archive that is hardly longer than that is all recent; then it is held against general news.
    long = first and last and (last - first).days >= RECENT * 3 // 2
    recent = Filter(since=last - timedelta(RECENT - 1), until=last) if last and long else Filter()
    of_last_day = Filter(since=last, until=last)
    newest = list_articles(snapshot.catalog, of_last_day, "oldest", NEWEST)
    topics = _topics(shelf, recent)
    return FrontView(glance, shelf.stats.sample, shelf.made, first, last, fresh, tuple(newest), topics, recent)


def period(shelf: Shelf, when: str) -> PeriodView | None:
    """A year (2023) or a month (2023-05)."""
    if not re.fullmatch(r"[0-9]{4}(-[0-9]{2})?", when):
        return None
    glance = shelf.glance
    days = glance.days
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
        papers=paper_lines([c for c in glance.counts if c.day and since <= c.day <= until]),
        topics=_topics(shelf, span),
        period=span,
    )


def day_view(snapshot: Snapshot, shelf: Shelf, day: Date, rest: str, part: int) -> DayView | None:
    """A day's articles as they are printed; `rest` names a paper, or a paper and a page, of it."""
    days = list(shelf.glance.days)
    if day not in days:
        return None
    briefs = articles_of_day(snapshot.catalog, day)
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


def _topics(shelf: Shelf, period: Filter) -> tuple[Sized, ...] | None:
    topics = shelf.topics(period)
    return None if topics is None else sized([(topic.word, topic.articles) for topic in topics])
