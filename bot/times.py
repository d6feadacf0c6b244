"""When a question is about: its words for time (昨天, 上个月, 4月份, 亚运会前, 那前一年呢) as ranges of days.

In: a question, what was asked before it, the day to count from. Out: an `AskedTime`. It looks at no article; what the
days are good for is decided in recency.py.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date as Date  # noqa: N812 - as in models
from itertools import chain

from ingest.dayranges import DayRange, Unit, shifted, unit_around
from ingest.days import Told, find_days
from ingest.occasions import is_yearly, occasion_names

CLOSED = 60  # days: an archive whose newest article is older than this is closed, and 昨天 counts from its last day
_NEWEST = re.compile("最近|最新|近期|近日|近来|日前|刚刚|latest|newest|recent(?:ly)?", re.IGNORECASE)
# Words that only point at a day: an article of that day does not use them, and those of all other days do.
_POINTING = re.compile(
    "大前[天年]|[前昨今明后][天日晚夜晨早]|[前去今明后上本]年|(?:上上|上|本|这|下)个?(?:周|星期|礼拜)[一二三四五六日天末]?"
    "|(?:上上|上|本|这|下)个?月|(?:最近|近|过去|这|前)的?[^年月日]{1,2}?个?(?:天|日|周|星期|礼拜|月|年)"
    "|[^年月日]{1,2}个?(?:天|周|星期|礼拜|月|年)(?:之|以)?前|同期|期间|以来|至今|前夕|前后|[之以][前后]"
)
# Time told from what was said before: (word, unit, how many units later; None: the unit around it).
_STEPS: tuple[tuple[re.Pattern[str], Unit, int | None], ...] = (
    (re.compile("[前上头]一年"), "year", -1),
    (re.compile("[后下次第翌][一二]?年(?!级|段)"), "year", 1),
    (re.compile("[前上]一个?月"), "month", -1),
    (re.compile("[后下]一个?月|次月|第二个月"), "month", 1),
    (re.compile("[前上]一个?(?:周|星期|礼拜)"), "week", -1),
    (re.compile("[后下]一个?(?:周|星期|礼拜)|第二周"), "week", 1),
    (re.compile("[前头]一天"), "day", -1),
    (re.compile("第二天|[次翌]日|后一天|隔天"), "day", 1),
    (re.compile("当年|那一?年|同年"), "year", None),
    (re.compile("当月|那个?月|同月"), "month", None),
)
_THEN = re.compile("当天|当日|那一?天|同一?[天日]|当时|那时候?|同一时期")


@dataclass(frozen=True, slots=True)
class Taken:
    """Words of a question and the days that they were taken for.

    `counted`: from another day, not all told in figures. `points`: the words only point (昨天, 上个月), so that no
    search for words finds the day; 4月 and 国庆期间 are printed as well.
    """

    words: str
    days: DayRange
    counted: bool
    points: bool


@dataclass(frozen=True, slots=True)
class AskedTime:
    """When a question is about; empty for a question without a word for time.

    Any of `taken`, or the latest: `newest` is then the day to which the age of an article is counted. `pointing` are
    the places (start, end) of words in the question that say nothing to a search.
    """

    taken: tuple[Taken, ...] = ()
    newest: Date | None = None
    pointing: tuple[tuple[int, int], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.taken) or self.newest is not None

    def without_pointing(self, question: str) -> str:
        """The question with blanks for the words that only point in time; of the same length."""
        for start, end in self.pointing:
            question = question[:start] + " " * (end - start) + question[end:]
        return question

    def spelled_out(self, question: str) -> str:
        """The question with the days behind each word that was counted: 昨天（2023-05-10）."""
        for one in reversed(self.taken):
            at = question.rfind(one.words)
            if one.counted and at >= 0:
                ends = dict.fromkeys((one.days.first.isoformat(), one.days.last.isoformat()))
                at += len(one.words)
                question = f"{question[:at]}（{'～'.join(ends)}）{question[at:]}"
        return question


NO_TIME = AskedTime()


def today_of(real: Date, newest: Date | None) -> Date:
    """The day that 今天 means: the real one, or the last day of an archive that nothing is added to any more."""
    return newest if newest and (real - newest).days > CLOSED else real


def read_time(question: str, before: Sequence[str], today: Date) -> AskedTime:
    """Read the words for time in `question`, which may follow on questions asked `before`, oldest first.

    A question without any keeps the time of those: pass none where it begins something new.
    """
    asked = NO_TIME
    for each in [*before, question]:
        asked = _read(each, asked, today)
    return asked


def _read(question: str, before: AskedTime, today: Date) -> AskedTime:
    base = before.taken[-1].days if before.taken else None
    found = find_days(question, today, asks=True, year=_year_of(base, today))
    found = [one for one in found if not _is_topic(question[one.start : one.end])]
    found = _with_same_period(question, found, base)
    pointed = _told_from_before(question, found, base)
    found = [one for one in found if not any(one.start < p.end and p.start < one.end for p in pointed)]
    found = sorted([*found, *pointed], key=lambda one: one.start)
    newest = [m.span() for m in _NEWEST.finditer(question) if not _inside(m.start(), found)]
    if not found and not newest:
        return AskedTime(before.taken, before.newest)
    places = [_pointing(question, one) for one in found]
    taken = [
        Taken(question[one.start : one.end], one.days, one.counted, _all_of(one, each))
        for one, each in zip(found, places, strict=True)
    ]
    return AskedTime(tuple(taken), None if found else today, (*chain.from_iterable(places), *newest))


def _year_of(base: DayRange | None, today: Date) -> int | None:
    """The year that a talk is in, where it is not the current one."""
    return base.first.year if base and base.first.year == base.last.year != today.year else None


def _with_same_period(question: str, found: Sequence[Told], base: DayRange | None) -> list[Told]:
    """去年同期 is the period that was spoken of, a year earlier; without one the year up to today, as it was found."""
    out: list[Told] = []
    for one in found:
        period = out[-1].days if out else base
        if period and question[one.start : one.end].endswith("同期"):
            days = shifted(period, "year", one.days.first.year - period.first.year)
            out.append(Told(one.start, one.end, days or one.days, counted=True))
        else:
            out.append(one)
    return out


def _told_from_before(question: str, found: Sequence[Told], base: DayRange | None) -> list[Told]:
    """前一年, 第二天, 当天: from the last time that stands before it in the question, or in the talk."""
    out: list[Told] = []
    for pattern, unit, ahead in (*_STEPS, (_THEN, "day", 0)):
        for m in pattern.finditer(question):
            earlier = [one for one in found if one.end <= m.start()]
            period = earlier[-1].days if earlier else base
            inside = [one for one in found if one.start <= m.start() < one.end and one.start != m.start()]
            if period is None or inside:
                continue
            days = unit_around(period.first, unit) if ahead is None else shifted(period, unit, ahead)
            if days:
                out.append(Told(m.start(), m.end(), days, counted=True))
    return out


def _inside(at: int, found: Sequence[Told]) -> bool:
    return any(one.start <= at < one.end for one in found)


def _pointing(question: str, one: Told) -> list[tuple[int, int]]:
    """The places of pointing words in what was found; figures and names of days stay, articles print them too."""
    patterns = (*(pattern for pattern, _, _ in _STEPS), _THEN)
    if any(pattern.fullmatch(question, one.start, one.end) for pattern in patterns):
        return [(one.start, one.end)]
    return [m.span() for m in _POINTING.finditer(question, one.start, one.end)]


def _all_of(one: Told, places: Sequence[tuple[int, int]]) -> bool:
    return sum(end - start for start, end in places) == one.end - one.start


def _is_topic(words: str) -> bool:
    """A rare occasion named without 前, 期间 or a year (成都大运会) is what a question is about, not when."""
    return words in occasion_names() and not is_yearly(words)
