"""The days that a text tells of, or asks for.

In: a text, the day on which it was written, and whether it asks: a question looks back (12月 asked for in May is last
year's, 国庆 last autumn's). Out: what was found, with its place. It knows no archive and no conversation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date as Date  # noqa: N812 - as in models
from datetime import timedelta

from ingest.dayphrases import EARLIEST, LATEST, At, after_phrase, read_phrase
from ingest.dayranges import DayRange
from ingest.daywords import PHRASE, TO

AFTERMATH = 365  # days that 之前 and 之后 reach in a question: what led up to a thing, and what came of it
_EVE = 7  # days of 前夕, and to each side of 前后
_JOINT = re.compile(TO)
_SENTENCE_END = re.compile("[。！？!?；;\n]")
_TAIL = re.compile(
    "(?:期间|假期|小长假|长假|黄金周|当天)?(?:(?P<since>以来|至今)|(?P<around>前后)|(?P<eve>前夕)"
    "|(?P<before>之前|以前|前(?![往来沿景线后任台所一二三四五六七八九十两几\\d]))"
    "|(?P<after>之后|以后|后(?![来续备勤卫面代台])))?"
)


@dataclass(frozen=True, slots=True)
class Told:
    """Days that the characters `start`..`end` of a text tell of.

    `counted`: from the day on which the text was written, not told in figures.
    """

    start: int
    end: int
    days: DayRange
    counted: bool


def find_days(text: str, today: Date, *, asks: bool = False, year: int | None = None) -> list[Told]:
    """Every phrase for days in `text`, in order; 5月10日至12日 is one. A `today` far from our times gives none.

    `year` is the one that the talk is about already: a month without a year is of that one.
    """
    found: list[Told] = []
    at = begin = At(today, asks, year)
    for m in PHRASE.finditer(text) if EARLIEST <= today.year <= LATEST else ():
        if found and _SENTENCE_END.search(text, found[-1].end, m.start()):
            at = begin
        days = read_phrase(m, at) if m[0] else None
        if days is None:
            continue
        at = after_phrase(m, days, at)
        told = _with_tail(Told(m.start(), m.end(), days, not at.sure), text, at)
        before = found[-1] if found else None
        if before and before.days.first <= told.days.first and _JOINT.fullmatch(text, before.end, told.start):
            both = DayRange(before.days.first, max(before.days.last, told.days.last))
            found[-1] = Told(before.start, told.end, both, before.counted or told.counted)
        else:
            found.append(told)
    return found


def _with_tail(told: Told, text: str, at: At) -> Told:
    """With what follows: 以来 reaches to today; in a question 之前 and 之后 are the year before and after."""
    tail = _TAIL.match(text, told.end)
    if tail is None or not tail[0]:
        return told
    days, kind = told.days, tail.lastgroup
    if kind == "since" and days.first <= at.today:
        days = DayRange(days.first, at.today)
    elif kind == "around":
        days = DayRange(_plus(days.first, -_EVE), _plus(days.last, _EVE))
    elif kind == "eve":
        days = DayRange(_plus(days.first, -_EVE), _plus(days.first, -1))
    elif kind == "before" and at.asks:
        days = DayRange(_plus(days.first, -AFTERMATH), _plus(days.first, -1))
    elif kind == "after" and at.asks:
        days = DayRange(_plus(days.last, 1), _plus(days.last, AFTERMATH))
    return Told(told.start, tail.end(), days, told.counted or kind == "since")


def _plus(day: Date, days: int) -> Date:
    return day + timedelta(days=days)
