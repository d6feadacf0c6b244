"""Numbers in running text, each in plain digits: 500万, 5,000,000, 五百余万 → 5000000; 百分之五 → 5%; 二〇二三 → 2023.

In: folded text. Out: where amounts stand and what they are. Only well-made numbers are read: 十四五, 几十万 and 千万别
are none, and digits that are plain already are left as they are. It knows neither units nor days.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

_FORMAL = str.maketrans("两壹贰叁肆伍陆柒捌玖拾佰仟○零", "二一二三四五六七八九十百千〇〇")
_FIGURES = "〇一二三四五六七八九"
_BEGIN = _FIGURES + "十两壹贰叁肆伍陆柒捌玖拾○零"
_ANY = _BEGIN + "百千万亿佰仟"
_POWERS = {"十": 10, "百": 100, "千": 1_000, "万": 10_000, "亿": 100_000_000}
_SMALL = 100  # a Chinese number below it may be a word of its own as well (十一, 二十大)
_IN_A_ROW = 4  # figures in a row are read one by one from this many on, or one fewer with a zero (二〇二三, 三〇一)
_LONGEST = 24  # characters: what is longer is no number that anybody asks for
_COUNTED = (
    "年月日号岁届"  # before these a single figure is a number (四月), elsewhere often part of a word (一带, 三农)
)

# 千 and 百 also begin units: 千米, 千瓦, 百分点.
_SCALE = "(?:[十百千]?[多余]?万?[万亿]|[百千](?![米克瓦卡帕赫伏焦字兆分秋]))"
_SCALED = re.compile(rf"(\d[\d,]*(?:\.\d+)?)\s?[多余]?({_SCALE}?)", re.ASCII)
_LATIN = (
    rf"(?<![\d.a-z_].)(?:\d{{0,2}}(?:,\d{{3}})+(?!\d)(?:\.\d+)?\s?[多余]?{_SCALE}?|\d*(?:\.\d+)?\s?[多余]?{_SCALE})"
)
_LATIN += rf"(?:\d+(?:\.\d+)?[多余]?{_SCALE})*"  # 1亿2000万
_HAN = (
    rf"(?<![几数{_ANY}].)(?:[{_ANY}]*(?:点[{_FIGURES}零]+[万亿]+|[多余][万亿]+)"
    rf"|[{_ANY}]+(?![几{_ANY}])|(?=[{_COUNTED}]))"
)
_PERCENT = rf"分之(?:\d+(?:\.\d+)?|[{_ANY}]+(?:点[{_FIGURES}零]+)?)"
# One class of characters comes first, so that a text is passed over quickly to where a number may begin.
_AMOUNT = re.compile(
    rf"[\d{_ANY}](?:(?<=百)(?P<percent>{_PERCENT})|(?<=\d)(?P<latin>{_LATIN})|(?<=[{_BEGIN}])(?P<han>{_HAN}))",
    re.ASCII | re.DOTALL,
)
_PLAIN = re.compile(r"(?<![a-z\d.])\d+(?:\.\d+)?%?")
_SECTION = re.compile(
    "(?:([一-九])千)?(?:〇?([一-九])百)?(?:〇?([一-九])?(十))?(〇)?([一-九])?".replace("一-九", _FIGURES[1:])
)


@dataclass(frozen=True, slots=True)
class Amount:
    """A number at `start`..`end` of a text; `plain` is it in digits (5000000, 0.5, 5%).

    `word`: its spelling may be, or be part of, a word with a meaning of its own.
    """

    start: int
    end: int
    plain: str
    word: bool


def find_amounts(folded: str) -> Iterator[Amount]:
    """The numbers of a folded text in order that are not in plain digits already."""
    for found in _AMOUNT.finditer(folded):
        spelled, word = found[0], False
        if found.lastgroup == "latin":
            value = sum((_scaled(Decimal(n.replace(",", "")), s) for n, s in _SCALED.findall(spelled)), Decimal())
        else:
            read = _read(spelled.removeprefix("百分之"))
            if read is None:
                continue
            value, word = read, found.lastgroup == "han" and read < _SMALL
        plain = f"{value.normalize():f}"
        yield Amount(found.start(), found.end(), f"{plain}%" if found.lastgroup == "percent" else plain, word)


@lru_cache(maxsize=512)  # a few texts are asked about one word after the other
def numbers_in(folded: str) -> frozenset[str]:
    """Every number of a text in plain digits, those that stand there in plain digits among them."""
    found, at, rest = set(), 0, []
    for amount in find_amounts(folded):
        found.add(amount.plain)
        rest.append(folded[at : amount.start])
        at = amount.end
    return frozenset(found.union(_PLAIN.findall(" ".join([*rest, folded[at:]]))))


def _scaled(number: Decimal, scale: str) -> Decimal:
    for unit in scale:
        number *= _POWERS.get(unit, 1)
    return number


def _read(spelled: str) -> Decimal | None:
    """A number in Chinese or Latin figures; None where it is not well made."""
    if spelled.isascii():
        return Decimal(spelled)
    if len(spelled) > _LONGEST or ("两" in spelled and not set(spelled) & set(_POWERS)):  # 三三两两
        return None
    plain = spelled.translate(_FORMAL)
    number, point, part = plain.partition("点")
    if point:
        figures = part.rstrip("万亿")
        whole = _whole(number)
        digits = "".join(str(_FIGURES.index(c)) for c in figures)
        return None if whole is None else _scaled(Decimal(f"{whole}.{digits}"), part[len(figures) :])
    number, rough, scale = re.sub("[多余]", "|", plain).partition("|")
    whole = _whole(number)
    return None if whole is None else _scaled(Decimal(whole), scale if rough else "")


def _whole(number: str) -> int | None:
    if all(c in _FIGURES for c in number):
        read = len(number) == 1 or len(number) + ("〇" in number) >= _IN_A_ROW
        return int("".join(str(_FIGURES.index(c)) for c in number)) if read else None
    for unit in "亿万":
        head, found, tail = number.rpartition(unit)
        if found:
            above, below = _whole(head) if head else None, _below(tail, _POWERS[unit])
            return None if above is None or below is None else above * _POWERS[unit] + below
    return _section(number)


def _below(tail: str, unit: int) -> int | None:
    """What follows a unit: nothing, 〇五, 五百, 五千万, or a lone figure of the next lower one (三万五)."""
    if len(tail) < 2 and tail in _FIGURES:
        return _FIGURES.index(tail) * unit // 10 if tail else 0
    return _whole(tail.removeprefix("〇")) if "万" in tail else _section(tail)


def _section(number: str) -> int | None:
    """A number below ten thousand that has a unit or a zero before its ones: 一千二百, 十五, 〇五, 二百五."""
    match = _SECTION.fullmatch(number)
    if match is None:
        return None
    thousands, hundreds, tens, ten, zero, ones = match.groups()
    value = sum(_FIGURES.index(f) * n for f, n in ((thousands, 1_000), (hundreds, 100)) if f)
    value += (_FIGURES.index(tens) if tens else 1) * 10 if ten else 0
    next_lower = 1 if ten or zero or not (hundreds or thousands) else 10 if hundreds else 100
    return value + (_FIGURES.index(ones) * next_lower if ones else 0)
