"""Days and months as calendars and bars: how many articles each has, drawn by tables and plain SVG numbers.

In: counts by day and paper. Out: values that a template only has to write down.
"""

from __future__ import annotations

from calendar import Calendar, monthrange
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date as Date  # noqa: N812 - as in models
from datetime import timedelta

from ingest.contents import IssueCount

HEATS = 4  # grounds that a calendar's days may have, from few articles to many
# Days of an archive that gets a bar for each day, for each week, for each month; a longer one for each year it has.
DAYS_AT_MOST, WEEKS_AT_MOST, MONTHS_AT_MOST = 62, 420, 7_500
WIDTH, HEIGHT, GAP = 1000, 120, 2  # of the drawing of the bars, in its own units
MONTHS = 12  # of the calendar on the front page
SHADES = 3  # papers that get a shade of their own in the bars; the others share one


@dataclass(frozen=True, slots=True)
class DayCell:
    """A day of a month's table; `heat` from 0 (no article) to HEATS."""

    day: Date
    articles: int
    heat: int


@dataclass(frozen=True, slots=True)
class MonthTable:
    """A month: weeks from Monday, None for days of other months."""

    first: Date
    articles: int
    weeks: tuple[tuple[DayCell | None, ...], ...]

    @property
    def name(self) -> str:
        """As links write it: 2023-05."""
        return self.first.isoformat()[:7]


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a bar: `shade` is its paper's place among the largest."""

    shade: int
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    """How many articles a stretch of time has; `link` is the period that it belongs to."""

    first: Date
    last: Date
    link: str
    articles: int
    x: float
    width: float
    pieces: tuple[Piece, ...]


def by_day(counts: Iterable[IssueCount]) -> dict[Date, int]:
    """Articles of each day that has some."""
    days: Counter[Date] = Counter()
    for count in counts:
        if count.day:
            days[count.day] += count.articles
    return dict(sorted(days.items()))


def by_paper(counts: Iterable[IssueCount]) -> list[tuple[str | None, int]]:
    """Papers with their articles, the largest first."""
    papers: Counter[str | None] = Counter()
    for count in counts:
        papers[count.paper] += count.articles
    return sorted(papers.items(), key=lambda pair: (-pair[1], pair[0] is None, pair[0] or ""))


def month_table(first: Date, days: Mapping[Date, int], steps: Sequence[int]) -> MonthTable:
    """The month that begins with `first`; `steps` are `heat_steps` of the whole archive."""
    weeks = tuple(
        tuple(_cell(first.replace(day=number), days, steps) if number else None for number in week)
        for week in Calendar().monthdayscalendar(first.year, first.month)
    )
    return MonthTable(first, sum(cell.articles for week in weeks for cell in week if cell), weeks)


def year_tables(year: int, days: Mapping[Date, int]) -> list[MonthTable]:
    """Those months of a year that have articles."""
    steps = heat_steps(days)
    months = sorted({day.month for day in days if day.year == year})
    return [month_table(Date(year, month, 1), days, steps) for month in months]


def last_tables(days: Mapping[Date, int]) -> list[MonthTable]:
    """Those of the last MONTHS months that have articles."""
    if not days:
        return []
    first, last, steps = min(days), max(days), heat_steps(days)
    end = last.year * 12 + last.month - 1
    begin = max(first.year * 12 + first.month - 1, end - MONTHS + 1)
    months = (month_table(Date(n // 12, n % 12 + 1, 1), days, steps) for n in range(begin, end + 1))
    return [month for month in months if month.articles]


def heat_steps(days: Mapping[Date, int]) -> list[int]:
    """The numbers of articles beyond which a day gets the next ground: the quarters, where days differ."""
    counts = sorted(days.values())
    return [counts[len(counts) * i // HEATS] for i in range(1, HEATS)] if counts else []


def timeline(counts: Sequence[IssueCount]) -> list[Bar]:
    """The whole archive as bars of days, weeks or months, however many there are, each parted by paper."""
    dated = [count for count in counts if count.day]
    if not dated:
        return []
    shades = {paper: shade for shade, (paper, _) in enumerate(by_paper(dated)[:SHADES])}
    days = sorted({count.day for count in dated if count.day})
    stretches = _stretches(days[0], days[-1], sorted({day.year for day in days}))
    piled: list[Counter[int]] = [Counter() for _ in stretches]
    at, starts = 0, [first for first, _, _ in stretches]
    for count in sorted(dated, key=lambda one: one.day or Date.min):
        while at + 1 < len(starts) and count.day and starts[at + 1] <= count.day:
            at += 1
        piled[at][shades.get(count.paper, SHADES)] += count.articles
    return _drawn(stretches, piled)


def _drawn(stretches: Sequence[tuple[Date, Date, str]], piled: Sequence[Counter[int]]) -> list[Bar]:
    most = max(pile.total() for pile in piled)
    step = WIDTH / len(stretches)
    bars = []
    for number, ((first, last, link), pile) in enumerate(zip(stretches, piled, strict=True)):
        pieces, y = [], float(HEIGHT)
        for shade, articles in sorted(pile.items()):
            height = max(1.0, round(HEIGHT * articles / most, 1))
            y -= height
            pieces.append(Piece(shade, round(max(0.0, y), 1), height))
        width = max(1.0, step - min(GAP, step / 4))
        bars.append(Bar(first, last, link, pile.total(), round(number * step, 2), round(width, 2), tuple(pieces)))
    return bars


def _stretches(first: Date, last: Date, years: Sequence[int]) -> list[tuple[Date, Date, str]]:
    """From the first to the last day, stretches of a day to a year, with the period that each leads to."""
    span = (last - first).days + 1
    if span <= DAYS_AT_MOST:
        return [(day, day, day.isoformat()) for day in (first + timedelta(n) for n in range(span))]
    if span <= WEEKS_AT_MOST:
        monday = first - timedelta(first.weekday())
        weeks = [monday + timedelta(7 * n) for n in range((last - monday).days // 7 + 1)]
        starts = [max(week, first) for week in weeks]
        return [
            (start, _earlier(week, 6, last), start.isoformat()[:7]) for start, week in zip(starts, weeks, strict=True)
        ]
    if span <= MONTHS_AT_MOST:
        numbers = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
        months = [Date(number // 12, number % 12 + 1, 1) for number in numbers]
        return [(month, month_end(month), month.isoformat()[:7]) for month in months]
    return [(Date(year, 1, 1), Date(year, 12, 31), f"{year:04d}") for year in years]


def month_end(day: Date) -> Date:
    """The last day of its month."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def _earlier(day: Date, days: int, last: Date) -> Date:
    """So many days later, but not after `last`."""
    return Date.fromordinal(min(day.toordinal() + days, last.toordinal()))


def _cell(day: Date, days: Mapping[Date, int], steps: Sequence[int]) -> DayCell:
    articles = days.get(day, 0)
    return DayCell(day, articles, 1 + sum(articles > step for step in steps) if articles else 0)
