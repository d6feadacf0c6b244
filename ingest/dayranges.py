"""Ranges of days and how the calendar makes them: years, months, weeks, quarters, seasons, decades.

In: numbers. Out: ranges, both ends included. It reads no text (days.py does).
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date as Date  # noqa: N812 - as in models
from datetime import timedelta
from typing import Literal

Unit = Literal["day", "week", "month", "year"]

# Months, first and last, as newspapers mean them: 年初 is January and February, 年底 the last two months.
SEASONS = {"春": (3, 5), "夏": (6, 8), "秋": (9, 11), "冬": (12, 14)}
EDGES = {"初": (1, 2), "中": (6, 7), "底": (11, 12), "末": (11, 12)}
HALVES = {"上": (1, 6), "下": (7, 12)}
# Days of a month, first and last; 31 is its last day.
TENTHS = {"上": (1, 10), "中": (11, 20), "下": (21, 31), "初": (1, 10), "底": (21, 31), "末": (21, 31)}


@dataclass(frozen=True, slots=True)
class DayRange:
    """Days from `first` to `last`, both included."""

    first: Date
    last: Date

    @property
    def days(self) -> int:
        """How many days; at least 1."""
        return (self.last - self.first).days + 1

    def share_in(self, other: DayRange) -> float:
        """The share of these days that lie in `other`: 0 for none, 1 for all."""
        if self.last < other.first or other.last < self.first:
            return 0.0
        common = (min(self.last, other.last) - max(self.first, other.first)).days + 1
        return common / self.days


def day(of: Date) -> DayRange:
    """One day."""
    return DayRange(of, of)


def months(year: int, first: int, last: int) -> DayRange | None:
    """Months `first` to `last` of a year; months above 12 are the next year's. None where there is no such month."""
    if not (1 <= first <= last <= 24 and Date.min.year < year < Date.max.year):
        return None
    to_year, to_month = year + (last - 1) // 12, (last - 1) % 12 + 1
    end = Date(to_year, to_month, monthrange(to_year, to_month)[1])
    return DayRange(Date(year + (first - 1) // 12, (first - 1) % 12 + 1, 1), end)


def year(number: int) -> DayRange | None:
    """A whole year."""
    return months(number, 1, 12)


def part_of_month(year: int, month: int, first: int, last: int) -> DayRange | None:
    """Days `first` to `last` of a month, at most to its end; None where there is no such day."""
    whole = months(year, month, month)
    if whole is None or not 1 <= first <= last or first > whole.days:
        return None
    return DayRange(whole.first.replace(day=first), whole.first.replace(day=min(last, whole.days)))


def unit_around(of: Date, unit: Unit, ahead: int = 0) -> DayRange | None:
    """The day, week (from Monday), month or year that holds `of`, or the one `ahead` units later (earlier: below 0)."""
    if unit == "day":
        return day(of + timedelta(days=ahead))
    if unit == "week":
        monday = of + timedelta(weeks=ahead, days=-of.weekday())
        return DayRange(monday, monday + timedelta(days=6))
    if unit == "month":
        count = of.year * 12 + of.month - 1 + ahead
        return months(count // 12, count % 12 + 1, count % 12 + 1)
    return year(of.year + ahead)


def shifted(days: DayRange, unit: Unit, ahead: int) -> DayRange | None:
    """The same days so many units later; whole months and years stay whole. None beyond the calendar."""
    first, last = _moved(days.first, unit, ahead), _moved(days.last, unit, ahead)
    if first is None or last is None:
        return None
    if unit in ("month", "year") and (days.last + timedelta(days=1)).day == 1 and days.first.day == 1:
        last = last.replace(day=monthrange(last.year, last.month)[1])
    return DayRange(first, last)


def last_units(until: Date, unit: Unit, count: int) -> DayRange | None:
    """The `count` days, weeks, months or years that end with `until`; three days are today and the two before."""
    first = _moved(until, unit, -count)
    return DayRange(first + timedelta(days=1), until) if first else None


def _moved(of: Date, unit: Unit, ahead: int) -> Date | None:
    try:
        if unit in ("day", "week"):
            return of + timedelta(days=ahead * (7 if unit == "week" else 1))
        count = of.year * 12 + of.month - 1 + ahead * (12 if unit == "year" else 1)
        to_year, to_month = count // 12, count % 12 + 1
        return Date(to_year, to_month, min(of.day, monthrange(to_year, to_month)[1]))
    except (ValueError, OverflowError):
        return None
