"""Numbers with their units, as the checker compares them: 500余万元 and 5,000,000元, 三成 and 30%, 半年 and 6个月.

In: squeezed text (see `bot.pieces.squeeze`). Out: each quantity with its place, its value in a common unit and whether
it has to be borne out. It reads no days (days.py does) and compares nothing with any passage.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise

from bot.units import COUNTED, PREFIXES, UNIT, unit_of
from ingest.amounts import find_amounts
from ingest.daywords import TO
from ingest.terms import Word

_FIGURES = {**dict(zip("一二三四五六七八九十", range(1, 11), strict=True)), "两": 2}
_HAN = "".join(_FIGURES)
# A model's name, a version, a telephone number, a score: it is the same or it is another.
_CODE = re.compile(
    r"(?<![a-z\d.])(?<!\d,)(?:[a-z]+[-.]?\d[a-z\d]*(?:[-./][a-z\d]+)*|\d+(?:[./-]\d+){2,}|\d+[:/]\d+(?::\d+)*|0\d{2,3}-\d{7,8}|\d+[a-z]+\d*)"
)
_CLOCK = re.compile(
    rf"(?<!\d)(?P<h>\d{{1,2}}|[{_HAN}]{{1,3}})(?:(?:时(?![代期间刻段速])|点(?=(?:\d{{1,2}}|[{_HAN}]{{2,3}})分(?!之)|半|许|钟|整))"
    rf"(?:(?P<m>\d{{1,2}}|[{_HAN}]{{2,3}})分(?!之)|(?P<half>半))?|:(?P<mm>[0-5]\d)(?![\d:]))"
)
_FRACTION = re.compile(rf"(?<!百)(?<![{_HAN}\d])(?P<below>[{_HAN}]|\d+)分之(?P<above>[{_HAN}]|\d+)")
_HALF = re.compile(r"(?P<share>(?<![另这那])一半|半数|\bhalf\b)|(?<![上下前后大小多夜])半个?(?P<unit>年|月|小时|天)")
_PLAIN = re.compile(r"(?<![a-z\d.])\d+(?:\.\d+)?")
_COUNT = re.compile(rf"(?<![{_HAN}百千万亿几数每\d.])[{_HAN}](?![{_HAN}百千万亿\d])(?=[余多来]?{COUNTED})")
_ADVERB = re.compile("十分(?!钟|之)|万分(?!之)|一[些起定样直般共边旦时同致点]|千万(?=[不别要])|一方面|[一两]者")
_SCALES = {"hundred": 100, "thousand": 1_000, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_SCALE = re.compile(rf"[\s-]?({'|'.join(_SCALES)})\b")
_RANGE = re.compile(TO)
# What a writer counts himself: "in three respects".
_OWN_COUNT = re.compile("[个大项]?(?:方面|层面|要点|原因|部分|角度|阶段|步|大类|类|种|点(?!\\d)|者|地|国|岸|侧|边)")
_MOST_COUNTED = 10  # he seldom counts further
_MINUTES = 12 * 60  # 下午3点 and 15时 are the same place of the hands
_NAMES = frozenset({"ns", "nr", "nt"})
_NUMERIC = frozenset({"m", "mq", "t", "q", "eng"})


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number whose characters stand at `start`..`end`, with its unit up to `stop`; `value` is in the unit `unit`.

    `unit` is "" where none is known. A code (3:2, xess1.2, 0573-88112233) is its own value. `needed`: it must be borne
    out; 一个 and 三方面 need not.
    """

    start: int
    end: int
    stop: int
    value: Decimal | str
    unit: str
    needed: bool = True


def find_quantities(squeezed: str, words: Sequence[Word], days: Sequence[tuple[int, int]] = ()) -> list[Quantity]:
    """The quantities of a text in order, outside the spans of its `days`."""
    taken = bytearray(len(squeezed) + 1)
    for start, end in [*days, *(found.span() for found in _ADVERB.finditer(squeezed))]:
        taken[start:end] = b"1" * (end - start)
    out: list[Quantity] = []
    for one in (*_special(squeezed), *_numbers(squeezed, words)):
        if not any(taken[one.start : one.end]):
            taken[one.start : one.end] = b"1" * (one.end - one.start)
            out.append(one)
    return _with_ranges(squeezed, sorted(out, key=lambda one: one.start))


def _special(text: str) -> Iterator[Quantity]:
    """What is more than digits: times of day, codes, fractions, halves."""
    for found in _CLOCK.finditer(text):
        hour, minute = _small(found["h"]), _small(found["m"] or found["mm"] or "")
        if hour is not None and hour <= 24:
            total = (hour * 60 + (30 if found["half"] else minute or 0)) % _MINUTES
            yield Quantity(found.start(), found.end(), found.end(), Decimal(total), "clock")
    for found in _CODE.finditer(text):
        digits = re.match(r"\d+", found[0])
        if not (digits and UNIT.fullmatch(found[0], digits.end())):  # 5km is a number
            yield Quantity(found.start(), found.end(), found.end(), found[0], "code")
    for found in _FRACTION.finditer(text):
        below, above = _small(found["below"]), _small(found["above"])
        yield Quantity(found.start(), found.end(), found.end(), f"{above}/{below}", "code")
    for found in _HALF.finditer(text):
        unit, factor = (
            ("%", Decimal(100)) if found["share"] else unit_of("个月" if found["unit"] == "月" else found["unit"])
        )
        yield Quantity(found.start(), found.end(), found.end(), factor / 2, unit)


def _numbers(text: str, words: Sequence[Word]) -> Iterator[Quantity]:
    inside = {at for word in words for at in _inside(word)}
    for amount in find_amounts(text):
        one = _measured(text, amount.start, amount.end, Decimal(amount.plain.rstrip("%")), amount.plain[-1:] == "%")
        if not amount.word or one.unit:
            yield one
        elif amount.end - amount.start > 1 and amount.start not in inside:
            yield replace(one, needed=one.unit != "")
    for found in _PLAIN.finditer(text):
        yield _measured(text, found.start(), found.end(), Decimal(found[0]))
    for found in _COUNT.finditer(text):
        if found.start() not in inside:  # 三番五次 counts nothing
            yield _measured(text, found.start(), found.end(), Decimal(_FIGURES[found[0]]))


def _inside(word: Word) -> range:
    """Where a figure is part of a word and counts nothing: within 三番五次, anywhere in 三门峡."""
    if word.tag in _NUMERIC or len(word.text) < len("三番五"):
        return range(0)
    return range(word.start + (word.tag not in _NAMES), word.end)


def _small(figures: str) -> int | None:
    """A number below a hundred in either script."""
    if figures.isdecimal():
        return int(figures)
    tens, ten, ones = figures.partition("十")
    if not ten:
        return _FIGURES.get(figures)
    return _FIGURES.get(tens, 1) * 10 + _FIGURES.get(ones, 0)


def _measured(text: str, start: int, end: int, value: Decimal, percent: bool = False) -> Quantity:
    """A number with what stands around it: 第 or a currency before it, a scale or a unit behind it."""
    scale = _SCALE.match(text, end)
    if scale:
        value, end = value * _SCALES[scale[1]], scale.end()
    rough = end + (text[end : end + 1] in tuple("余多来"))
    unit, factor, stop = "%" if percent else "", Decimal(1), end
    behind, before = UNIT.match(text, rough), PREFIXES.search(text[max(0, start - 3) : start])
    if behind and not percent:
        (unit, factor), stop = unit_of(behind["unit"]), behind.end()
    elif before:
        unit, factor = unit_of(before[0])
        start -= len(before[0])
    if text[start - 1 : start] == "第":
        return Quantity(start, end, stop, value, f"第{unit}")
    one = value == 1 and not text[start].isdecimal()
    counted = value <= _MOST_COUNTED and bool(_OWN_COUNT.match(text, end))
    return Quantity(start, end, stop, value * factor, unit, not (one or counted))


def _with_ranges(text: str, found: list[Quantity]) -> list[Quantity]:
    """The first end of a range has the unit of the last, and its scale: 3至5万元 begins at 3万元."""
    out = list(found)
    for i, (one, last) in enumerate(pairwise(found)):
        digits = re.match(r"[\d,]+(?:\.\d+)?", text[last.start : last.end])
        scaled = re.search("[^\\d,.]", text[one.start : one.end])
        if one.unit or not digits or not _RANGE.fullmatch(text, one.end, last.start):
            continue
        if isinstance(one.value, Decimal) and isinstance(last.value, Decimal) and last.value:
            number = Decimal(digits[0].replace(",", ""))
            scale = Decimal(1) if scaled or not number else last.value / number
            out[i] = replace(one, value=one.value * scale, unit=last.unit)
    return out
