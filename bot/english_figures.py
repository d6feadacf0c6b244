"""Dates, spans of time and amounts in English as Chinese newspapers print them: May 10 → 5月10日.

In: an English question. Out: the same with Chinese in their places (20 million yuan → 2000万元, two days ago → 2天前).
It reads figures only; what they count is translated elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from functools import cache

_MONTHS = "January February March April May June July August September October November December".lower().split()
_SHORT = {month[:3]: number for number, month in enumerate(_MONTHS, 1)} | {"sept": 9}
_MONTH = (
    rf"(?P<month>{'|'.join(month.capitalize() for month in _MONTHS)}|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)"
    r"\b\.?"
)
_DAY = r"(?P<day>[12]?\d|3[01])(?:st|nd|rd|th)?\b"
_YEAR = r"(?P<year>(?:19|20)\d\d)\b"
_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
).split()
_NUMBERS = {word: Decimal(number) for number, word in enumerate(_SMALL)} | {
    word: Decimal(number * 10)
    for number, word in enumerate("thirty forty fifty sixty seventy eighty ninety".split(), 3)
}
_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth "
    "sixteenth seventeenth eighteenth nineteenth twentieth"
).split()
_SCALES = {"hundred": 2, "thousand": 3, "million": 6, "billion": 9, "trillion": 12}
_MONEY = {"$": "美元", "€": "欧元", "£": "英镑", "¥": "元", "us$": "美元", "rmb": "元"}
_UNITS = {
    "yuan": "元",
    "rmb": "元",
    "us dollar": "美元",
    "dollar": "美元",
    "euro": "欧元",
    "pound": "英镑",
    "yen": "日元",
}
_SPANS = {"day": "天", "week": "周", "month": "个月", "year": "年", "hour": "小时", "minute": "分钟"}
_FIGURE = r"(?<![A-Za-z\d.,-])\d(?:[\d,]{0,16}\d)?(?:\.\d{1,6})?(?![.,]?\d)"
_BEYOND = 10**16  # nobody prints such a number in 亿
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_ONES = _SMALL[1:10]
_WORD = "|".join(
    (
        rf"(?:{'|'.join(_TENS)})[\s-](?:{'|'.join(_ONES)})",
        *sorted((word for word in _NUMBERS if word != "one"), key=len, reverse=True),  # "one of them" counts nothing
        "half a dozen",
        "a dozen",
        rf"(?:one|an?)(?=[\s-](?:{'|'.join(_SCALES)}))",
    )
)
_COUNT = rf"(?P<count>{_FIGURE}|\b(?:{_WORD})\b)"
_SPAN = rf"(?P<span>{'|'.join(_SPANS)})s?\b"


def with_figures(text: str) -> str:
    """`text` with its dates, spans and amounts in Chinese; a full stop that is none of theirs stays."""
    for pattern, say in _rules():
        text = pattern.sub(say, text)
    return text


def _date(found: re.Match[str]) -> str:
    parts = found.groupdict()
    year = f"{parts['year']}年" if parts.get("year") else ""
    month = _SHORT[parts["month"].lower()[:3]] if parts.get("month") else None
    day = f"{parts['day']}日" if parts.get("day") else ""
    return f" {year}{f'{month}月' if month else ''}{day} "


def _decade(found: re.Match[str]) -> str:
    tens = "零一二三四五六七八九"[int(found["tens"])]
    return f" {tens}十年代 " if found["century"] == "19" else f" {found['century']}{found['tens']}0年代 "


def _half(found: re.Match[str]) -> str:
    year = f"{found['year']}年" if found["year"] else ""
    return f" {year}{'上' if found['which'].lower() == 'first' else '下'}半年 "


def _quarter(found: re.Match[str]) -> str:
    year = f"{found['year']}年" if found["year"] else ""
    number = _ORDINALS.index(found["which"].lower())
    return f" {year}{'一二三四'[number]}季度 "


def _first_months(found: re.Match[str]) -> str:
    year = f"{found['year']}年" if found["year"] else ""
    return f" {year}前{_plain(_number(found['count']))}个月 "


def _ago(found: re.Match[str]) -> str:
    return f" {_plain(_number(found['count']))}{_SPANS[found['span'].lower()]}前 "


def _lasting(found: re.Match[str]) -> str:
    return f" 最近{_plain(_number(found['count']))}{_SPANS[found['span'].lower()]} "


def _clock(found: re.Match[str]) -> str:
    part = "上午" if found["half"].lower().startswith("a") else "下午"
    return f" {part}{found['hour']}时{found['minute'] + '分' if found['minute'] else ''} "


def _percent(found: re.Match[str]) -> str:
    return f" {_plain(_number(found['count']))}% "


def _amount(found: re.Match[str]) -> str:
    number = _number(found["count"])
    for scale in re.findall("|".join(_SCALES), (found["scale"] or "").lower()):
        number *= Decimal(10) ** _SCALES[scale]
    unit = _MONEY.get((found["sign"] or "").strip().lower()) or _UNITS.get(_singular(found["unit"]), "")
    return f" {_printed(number)}{unit} "


def _singular(unit: str | None) -> str:
    return " ".join((unit or "").lower().split()).removesuffix("s")


def _aged(found: re.Match[str]) -> str:
    return f" {_plain(_number(found['count']))}岁 "


def _session(found: re.Match[str]) -> str:
    return f" 第{found['figure'] or _ORDINALS.index(found['word'].lower()) + 1}届 "


def _number(spelled: str) -> Decimal:
    low = spelled.lower()
    if low.endswith("dozen"):
        return Decimal(6 if low.startswith("half") else 12)
    if low in ("a", "an"):
        return Decimal(1)
    if low[0].isdigit():
        return Decimal(low.replace(",", ""))
    return sum((_NUMBERS[word] for word in re.split(r"[\s-]", low)), Decimal(0))


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _printed(number: Decimal) -> str:
    """As newspapers print it: 20,000,000 is 2000万, 1,200 stays."""
    for zeros, sign in () if number >= _BEYOND else ((8, "亿"), (4, "万")):
        part = number / Decimal(10) ** zeros
        if part >= 1 and part == part.quantize(Decimal("0.0001")):
            return _plain(part) + sign
    return _plain(number)


_SIGN = r"(?P<sign>us\$|[$€£¥]|rmb\b)?\s*"
_SCALE = rf"(?P<scale>(?:[\s-]+(?:{'|'.join(_SCALES)}))*)"
_UNIT = r"(?:[\s-]+(?P<unit>yuan|rmb|(?:us\s+)?dollars?|euros?|pounds?|yen)\b)?"
_ORDINAL = rf"(?:(?P<figure>\d+)(?:st|nd|rd|th)|(?P<word>{'|'.join(_ORDINALS)}))"
_GAMES = (
    r"(?=\s+(?:(?:[A-Z]\w+\s+){1,3}(?:Games|Congress|Expo|Fair|Forum|Festival|Cup|Summit|Olympics)|edition|session))"
)
_OF_YEAR = rf"(?:\s+(?:of|in)\s+(?:the\s+year\s+|this\s+year\b|{_YEAR})?)?"

_Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]


@cache
def _rules() -> tuple[_Rule, ...]:
    """What is read, in this order; made on first use, since most questions are Chinese."""
    return (
        (re.compile(rf"\b(?:on\s+|in\s+)?{_MONTH}\s+(?:the\s+)?{_DAY}(?!,?\d)(?:,?\s+{_YEAR})?"), _date),
        (re.compile(rf"\b(?:on\s+)?(?:the\s+)?{_DAY}\s+(?:of\s+)?{_MONTH}(?:,?\s+{_YEAR})?"), _date),
        (re.compile(rf"\b(?:in\s+)?{_MONTH}(?:\s+of)?,?\s+{_YEAR}"), _date),
        (re.compile(r"(?<=[a-z,] )(?P<month>May)\b(?!\s+[a-z]*\s*not\b)"), _date),
        (re.compile(rf"\b(?P<which>first|second)[\s-]+half(?:{_OF_YEAR})", re.IGNORECASE), _half),
        (re.compile(rf"\b(?P<which>first|second|third|fourth)[\s-]+quarter(?:{_OF_YEAR})", re.IGNORECASE), _quarter),
        (re.compile(rf"\bfirst\s+{_COUNT}\s+months\b(?:{_OF_YEAR})", re.IGNORECASE), _first_months),
        (re.compile(r"\b(?:the\s+)?(?P<century>19|20)(?P<tens>[1-9])0s\b"), _decade),
        (
            re.compile(
                rf"(?<![\d.,$€£¥])\b{_YEAR}(?!\s*(?:yuan|dollars?|people|[a-z]*met(?:er|re)s?|years?)\b)(?![,.]?\d|年|%)"
            ),
            _date,
        ),
        (re.compile(rf"{_COUNT}[\s-]years?[\s-]old\b", re.IGNORECASE), _aged),
        (re.compile(rf"{_COUNT}\s+{_SPAN}\s+ago\b", re.IGNORECASE), _ago),
        (re.compile(rf"\b(?:in|over|during|for)\s+the\s+(?:last|past)\s+{_COUNT}\s+{_SPAN}", re.IGNORECASE), _lasting),
        (
            re.compile(r"\b(?:at\s+)?(?P<hour>1?\d)(?:[:.](?P<minute>\d\d))?\s*(?P<half>[ap]\.?m\b\.?)", re.IGNORECASE),
            _clock,
        ),
        (re.compile(rf"{_COUNT}\s*(?:%|per\s?cent\b)", re.IGNORECASE), _percent),
        (re.compile(rf"\b{_ORDINAL}{_GAMES}"), _session),
        (re.compile(rf"{_SIGN}{_COUNT}{_SCALE}{_UNIT}(?![\w年月日%个天周小分时届半季])", re.IGNORECASE), _amount),
    )
