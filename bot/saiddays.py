"""Days as a sentence says them: its figures (2023年, 5月, 10日) and the range of the calendar that they mean.

In: squeezed text, Chinese or English, and the day from which 昨日 is counted. Out: what was said, with its place; and
whether a day said in one way is borne out by a day said in another.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date as Date  # noqa: N812 - as in models

from ingest import dayranges
from ingest.dayranges import DayRange
from ingest.days import find_days
from ingest.daywords import YEAR_WORDS
from ingest.numerals import DIGIT, read_number

_SOME_DAY = Date(2020, 1, 1)  # counted from where no day is known: the figures are read, the range is thrown away
_YEAR, _MONTH, _DAY = (
    re.compile(rf"([{DIGIT}]{{{n}}})\s?(?={unit})")
    for n, unit in (
        (4, "年|[-—至到~]\\d{4}年"),
        ("1,2", "月|[-—至到~]\\d{1,2}月"),
        ("1,3", "[日号]|[-—至到~]\\d{1,2}[日号]"),
    )
)
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_WEEKDAY = re.compile("(?:周|星期|礼拜)[一二三四五六日天末]")
_FIGURE = re.compile(rf"[{DIGIT}两半几]")
_YEAR_WORD, _MONTH_WORD = re.compile("|".join(YEAR_WORDS)), re.compile("[上本这下]个?月")
_COUNTED = re.compile("[今昨明去前后本上下这][天日晚晨早年月个周星礼]|(?:周|星期|礼拜)[一二三四五六日天末]")
_MONTH_DAYS = 31
_OPEN = re.compile("(?:以来|至今|前后|前夕)$")
_MONTHS = dict(zip("jan feb mar apr may jun jul aug sep oct nov dec".split(), range(1, 13), strict=True))
_NAME = r"(?P<m>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_ENGLISH = tuple(
    re.compile(rf"\b{pattern}\b")
    for pattern in (
        rf"{_NAME}\s(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?!\d)(?:,?\s?(?P<y>\d{{4}}))?",
        rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s(?:of\s)?{_NAME}(?:,?\s(?P<y>\d{{4}}))?",
        rf"{_NAME},?\s(?:of\s)?(?P<y>\d{{4}})",
        r"(?:in|since|of|year|by|from|until|during|early|late)\s(?P<y>(?:19|20)\d\d)",
        rf"(?:in|since|of|by|from|until|during|early|late)\s{_NAME}(?!\s?\d)",
    )
)


@dataclass(frozen=True, slots=True)
class SaidDay:
    """What stands at `start`..`end`: `parts` its figures ("d10"), `days` what it means, None where nobody can tell.

    `whole`: a year or a month, which any day in it bears out. `sure`: it is told in figures or counted from the day of
    writing; 国庆 and 年底 are as often part of a name.
    """

    start: int
    end: int
    text: str
    parts: tuple[str, ...]
    days: DayRange | None
    whole: bool
    sure: bool = True

    @property
    def grain(self) -> str:
        """The finest of its figures: y, m, d; or that it is said in words."""
        return min((part[0] for part in self.parts), default="w")

    def borne_out_by(self, other: SaidDay) -> bool:
        """Whether `other` says as much: the same figures or more, the same days, or days within a whole month."""
        if self.text == other.text or (self.parts and Counter(self.parts) <= Counter(other.parts)):
            return True
        if self.days is None or other.days is None:
            return False
        if self.days == other.days or self._is_that_day(other):
            return True
        return self.whole and self.days.first <= other.days.first and other.days.last <= self.days.last

    def _is_that_day(self, other: SaidDay) -> bool:
        """Whether a bare 7日 may mean it: what lies three weeks back may be of this month or of the next."""
        if self.days is None or other.days is None or len(other.parts) != 1 or other.grain != "d":
            return False
        near = abs((self.days.last - other.days.last).days) <= _MONTH_DAYS
        return near and other.parts[0] in self.parts and self.days.days == 1


def find_said_days(squeezed: str, today: Date | None) -> list[SaidDay]:
    """The days of a text in order. Lengths of time (近三天, 两年前) are none: they are numbers."""
    out = [*_chinese(squeezed, today), *_english(squeezed)]
    return sorted(out, key=lambda said: said.start)


def issued(today: Date) -> SaidDay:
    """The day of an article itself, which bears out what is said of it."""
    parts = (f"y{today.year}", f"m{today.month}", f"d{today.day}")
    return SaidDay(0, 0, "", parts, dayranges.day(today), whole=False)


def _chinese(text: str, today: Date | None) -> Iterator[SaidDay]:
    for told in find_days(text, today or _SOME_DAY):
        said = text[told.start : told.end]
        parts = _figures(said, told.days)
        if not parts and _FIGURE.search(said) and not _WEEKDAY.search(said):
            continue
        known = today is not None or any(part[0] == "y" for part in parts)
        kinds = [part[0] for part in parts]
        whole = not _OPEN.search(said) and "d" not in kinds and len(set(kinds)) == len(kinds) and told.days.days > 1
        sure = bool(parts) or _COUNTED.match(said) is not None
        yield SaidDay(told.start, told.end, said, parts, told.days if known else None, whole, sure)


def _figures(said: str, days: DayRange) -> tuple[str, ...]:
    """Its figures; 去年 and 上月 before one count as the year and the month that they mean."""
    iso = _ISO.search(said)
    if iso:
        return tuple(f"{part}{int(number)}" for part, number in zip("ymd", iso.groups(), strict=True))
    patterns = (("y", _YEAR), ("m", _MONTH), ("d", _DAY))
    parts = [f"{part}{read_number(n)}" for part, pattern in patterns for n in pattern.findall(said)]
    if parts and _YEAR_WORD.match(said):
        parts.append(f"y{days.first.year}")
    if parts and _MONTH_WORD.match(said):
        parts.append(f"m{days.first.month}")
    return tuple(parts)


def _english(text: str) -> Iterator[SaidDay]:
    end = 0
    for found in sorted((m for p in _ENGLISH for m in p.finditer(text)), key=lambda m: (m.start(), -m.end())):
        if found.start() < end:
            continue
        end = found.end()
        groups = found.groupdict()
        year, day = (int(n) if (n := groups.get(key)) else None for key in "yd")
        month = _MONTHS[groups["m"]] if groups.get("m") else None
        parts = tuple(f"{key}{n}" for key, n in (("y", year), ("m", month), ("d", day)) if n)
        yield SaidDay(found.start(), end, found[0], parts, _meant(year, month, day), day is None)


def _meant(year: int | None, month: int | None, day: int | None) -> DayRange | None:
    if year is None:
        return None
    if month is None:
        return dayranges.year(year)
    return dayranges.part_of_month(year, month, day, day) if day else dayranges.months(year, month, month)
