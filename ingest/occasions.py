"""Days that are called by a name (国庆, 春节, 亚运会), from `occasions.tsv`.

In: a name, a day to count from. Out: its days. It knows no grammar (days.py does).
"""

from __future__ import annotations

from datetime import date as Date  # noqa: N812 - as in models
from functools import cache
from importlib.resources import files

from ingest.dayranges import DayRange

_SOME_YEAR = 2020  # in the middle of all lists
_RARE = 400  # days: what was not for longer than this is no yearly occasion


@cache
def occasion_names() -> tuple[str, ...]:
    """Every name, the longer first, so that 杭州亚运会 is found before 亚运会."""
    return tuple(sorted(_occasions(), key=len, reverse=True))


def is_yearly(name: str) -> bool:
    """Whether the occasion comes every year, as 国庆 and 春节 do and 亚运会 does not; False for what is none."""
    times = _times(name, _SOME_YEAR)
    return {_SOME_YEAR - 1, _SOME_YEAR, _SOME_YEAR + 1} <= {days.first.year for days in times}


def occasion_in(name: str, year: int) -> DayRange | None:
    """The occasion's days in this year; None where it had none."""
    return next((days for days in _times(name, year) if year in (days.first.year, days.last.year)), None)


def last_occasion(name: str, until: Date) -> DayRange | None:
    """The last time that it began by this day; the next time where the last is long ago and the next is nearer."""
    past = [days for days in _times(name, until.year) if days.first <= until]
    if past and (until - past[-1].first).days <= _RARE:
        return past[-1]
    return nearest_occasion(name, until)


def nearest_occasion(name: str, to: Date) -> DayRange | None:
    """The time that is nearest to this day, past or to come."""
    return min(_times(name, to.year), key=lambda days: abs((days.first - to).days), default=None)


def _times(name: str, year: int) -> list[DayRange]:
    """All listed times of an occasion, in order; of a yearly one those of this year and its neighbours."""
    found = []
    for when in _occasions().get(name, ()):
        ends = when.split("..")[0], when.split("..")[-1]
        if len(ends[0]) > len("MM-DD"):
            found.append(DayRange(*map(Date.fromisoformat, ends)))
        elif Date.min.year < year < Date.max.year:
            within = (year - 1, year, year + 1)
            found += [DayRange(*(Date.fromisoformat(f"{each:04d}-{end}") for end in ends)) for each in within]
    return found


@cache
def _occasions() -> dict[str, tuple[str, ...]]:
    table: dict[str, tuple[str, ...]] = {}
    for line in files("ingest").joinpath("occasions.tsv").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            names, times = line.split("\t")
            table |= dict.fromkeys(names.split(), tuple(times.split()))
    return table
