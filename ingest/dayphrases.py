"""One phrase for days (昨日, 今年4月, 上周五, 去年底, 国庆) into a range of the calendar.

In: a match of daywords.PHRASE, the day to count from, what the sentence said before. Out: days, or None for what only
looks like a phrase. It looks at no neighbouring phrase (days.py does).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date as Date  # noqa: N812 - as in models
from datetime import timedelta

from ingest import dayranges
from ingest.dayranges import EDGES, HALVES, SEASONS, TENTHS, DayRange, Unit
from ingest.daywords import DAY_WORDS, YEAR_WORDS
from ingest.numerals import make_date, read_number
from ingest.occasions import last_occasion, nearest_occasion, occasion_in

EARLIEST, LATEST = 1900, 2100  # years; four figures before 年 that are none of these are a number of years
_AHEAD, _BEHIND = 8, 10  # months that a month without a year may lie after and before its article
_SOON = 30  # days that a day of a month may be to come in a question; a later one is last year's
_LATER = 5  # days by which a coming 20日 must be nearer than the last one: news tells more of what was
_SEVERAL = 5  # what 几 counts
_HALF: dict[Unit, tuple[Unit, int]] = {"year": ("month", 6), "month": ("day", 15)}
_UNITS: dict[str, Unit] = {
    **dict.fromkeys(("天", "日"), "day"),
    **dict.fromkeys(("周", "星期", "礼拜"), "week"),
    "月": "month",
    "年": "year",
}
_STEPS = {"上上": -2, "上": -1, "本": 0, "这": 0, "下": 1}
_WEEKDAYS = "一二三四五六日"
_QUARTERS = {**dict(zip("一二三四", range(1, 5), strict=True)), "首": 1}


@dataclass(frozen=True, slots=True)
class At:
    """Where a phrase stands: the day to count from, whether it asks, the year and month told before it.

    `sure`: that year was told in figures, so that what follows needs no day to count from.
    """

    today: Date
    asks: bool
    year: int | None = None
    month: int | None = None
    sure: bool = False


def read_phrase(m: re.Match[str], at: At) -> DayRange | None:
    """The days of a match of PHRASE."""
    return next((read(m, at) for group, read in _READERS.items() if m[group]), None) or _calendar(m, at)


def after_phrase(m: re.Match[str], days: DayRange, at: At) -> At:
    """What the rest of the sentence need not say again: 去年3月开工，9月完工. `sure` tells of this phrase too."""
    in_figures, in_words = m["year"] or m["o_year"] or m["iso"], m["year_word"] or m["o_word"]
    told_before = at.sure and not in_words and any(m[part] for part in _PARTS)
    at = replace(at, sure=bool(in_figures or told_before))
    if m["month"] or m["months"]:
        return replace(at, year=days.last.year, month=days.last.month)
    return replace(at, year=days.last.year, month=None) if in_figures or in_words else at


def _calendar(m: re.Match[str], at: At) -> DayRange | None:
    year = _year(m["year"], m["year_word"], at)
    if m["year"] and (year is None or not EARLIEST <= year <= LATEST):
        return None
    for group, read in _PARTS.items():
        if m[group]:
            return read(m, at, year)
    if year is None:
        return None
    begin = _year(m["from_year"], None, at) or year
    whole, first = dayranges.year(year), dayranges.year(begin)
    return DayRange(first.first, whole.last) if whole and first and begin <= year else whole


def _year(number: str | None, word: str | None, at: At) -> int | None:
    if number:
        return read_number(number)
    return at.today.year + YEAR_WORDS[word] if word else None


def _supposed(at: At, month: int, day: int | None = None) -> int:
    """The year of a month, or of a day in it, that is told without one."""
    if at.year is not None:
        return at.year
    here = at.today
    if at.asks:
        until = here + timedelta(days=_SOON) if day else here
        return until.year - ((month, day or 1) > (until.month, until.day))
    ahead = month - here.month
    return here.year - (ahead > _AHEAD) + (day is not None and ahead < -_BEHIND)


def _month(m: re.Match[str], at: At, year: int | None) -> DayRange | None:
    month, begin = read_number(m["month"]) or 0, read_number(m["from_month"] or "")
    if not 1 <= month <= 12:
        return None
    day, from_day = read_number(m["day"] or ""), read_number(m["from_day"] or "")
    year = _supposed(at, month, from_day or day) if year is None else year
    if m["day"]:
        return _days(year, month, from_day, day)
    part = m["tenth"] or m["month_edge"]
    if part:
        return dayranges.part_of_month(year, month, *TENTHS[part])
    return dayranges.months(year, begin if begin and begin < month else month, month)


def _days(year: int, month: int, begin: int | None, day: int | None) -> DayRange | None:
    last, first = make_date(year, month, day), make_date(year, month, begin)
    return DayRange(first if first and last and first < last else last, last) if last else None


def _bare_day(m: re.Match[str], at: At, _: int | None) -> DayRange | None:
    day, begin = read_number(m["bare"] or m["han_bare"]), read_number(m["from_bare"] or "")
    if at.month is not None and at.year is not None:
        return _days(at.year, at.month, begin, day)
    around = [dayranges.unit_around(at.today, "month", ahead) for ahead in ((-1, 0) if at.asks else (-1, 0, 1))]
    found = [_days(one.first.year, one.first.month, begin, day) for one in around if one]

    def far(days: DayRange) -> int:
        ahead = (days.last - at.today).days
        return ahead + (1_000 if at.asks else _LATER) if ahead > 0 else -ahead

    return min(filter(None, found), key=far, default=None)


def _months_of_year(m: re.Match[str], at: At, year: int | None) -> DayRange | None:
    """Quarters, halves, seasons and edges of a year, and its first months."""
    if m["quarter"]:
        number = _QUARTERS.get(m["quarter"]) or int(m["quarter"])
        return dayranges.months(_supposed(at, 3 * number - 2) if year is None else year, 3 * number - 2, 3 * number)
    own = at.today.year if at.year is None else at.year
    if m["season"]:
        return dayranges.months(year, *SEASONS[m["season"]]) if year is not None else None
    year = own if year is None else year
    if m["first_months"]:
        return dayranges.months(year, 1, min(12, _count(m["first_months"])))
    return dayranges.months(year, *(HALVES[m["half"]] if m["half"] else EDGES[m["edge"].lstrip("年")[0]]))


def _same_period(m: re.Match[str], at: At, year: int | None) -> DayRange | None:
    """去年同期: an article compares with it and does not tell of it; a question means the year up to this day."""
    if not at.asks or year is None:
        return None
    return dayranges.shifted(DayRange(at.today.replace(month=1, day=1), at.today), "year", year - at.today.year)


def _week(m: re.Match[str], at: At) -> DayRange | None:
    week = dayranges.unit_around(at.today, "week", _STEPS[m["weeks"]])
    weekday = m["weekday"]
    if week is None or not weekday:
        return week
    if weekday == "末":
        return DayRange(week.last - timedelta(days=1), week.last)
    return dayranges.day(week.first + timedelta(days=_WEEKDAYS.index(weekday.replace("天", "日"))))


def _weekday(m: re.Match[str], at: At) -> DayRange:
    """周五 without a week is the last one."""
    back = (at.today.weekday() - _WEEKDAYS.index(m["bare_weekday"].replace("天", "日"))) % 7
    return dayranges.day(at.today - timedelta(days=back))


def _other_month(m: re.Match[str], at: At) -> DayRange | None:
    month = dayranges.unit_around(at.today, "month", _STEPS[m["months"]])
    part = m["rel_tenth"] or m["rel_edge"]
    if month is None or not (part or m["rel_day"]):
        return month
    number = read_number(m["rel_day"] or "") or 0
    ends = TENTHS[part] if part else (number, number)
    return dayranges.part_of_month(month.first.year, month.first.month, *ends)


def _decade(m: re.Match[str], at: At) -> DayRange:
    now = at.today.year // 100 * 100
    centuries = {"上": now - 100, "本": now, "21": 2000, "二十一": 2000}
    first = centuries.get(m["century"] or "", 1900) + (read_number(m["decade"]) or 0)
    return DayRange(Date(first, 1, 1), Date(first + 9, 12, 31))


def _occasion(m: re.Match[str], at: At) -> DayRange | None:
    year = _year(m["o_year"], m["o_word"], at)
    if year is not None:
        return occasion_in(m["occasion"], year)
    return (last_occasion if at.asks else nearest_occasion)(m["occasion"], at.today)


def _count(text: str) -> int:
    return {"两": 2, "几": _SEVERAL}.get(text) or read_number(text) or 1


def _units(m: re.Match[str], group: str) -> tuple[Unit, int]:
    unit = _UNITS[m[group + "_unit"] or m[group + "_unit_"]]
    return _HALF.get(unit, ("day", 1)) if m[group] == "半" else (unit, _count(m[group]))


def _ago(m: re.Match[str], at: At) -> DayRange | None:
    unit, count = _units(m, "ago")
    return dayranges.unit_around(at.today, unit, -count)


def _last(m: re.Match[str], at: At) -> DayRange | None:
    return dayranges.last_units(at.today, *_units(m, "last"))


def _iso(m: re.Match[str], at: At) -> DayRange | None:
    found = make_date(*map(int, re.split("[-/.]", m["iso"])))
    return dayranges.day(found) if found else None


def _day_word(m: re.Match[str], at: At) -> DayRange:
    return dayranges.day(at.today + timedelta(days=DAY_WORDS[m["day_word"]]))


_READERS: dict[str, Callable[[re.Match[str], At], DayRange | None]] = {
    "iso": _iso,
    "ago": _ago,
    "last": _last,
    "day_word": _day_word,
    "weeks": _week,
    "bare_weekday": _weekday,
    "months": _other_month,
    "decade": _decade,
    "occasion": _occasion,
}
_PARTS: dict[str, Callable[[re.Match[str], At, int | None], DayRange | None]] = {
    "month": _month,
    "bare": _bare_day,
    "han_bare": _bare_day,
    "same": _same_period,
    **dict.fromkeys(("quarter", "half", "season", "first_months", "edge"), _months_of_year),
}
