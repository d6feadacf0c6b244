"""Numbers as newspapers print them, in three scripts: 12, １２, 十二.

In: printed text. Out: numbers, page numbers, dates. None where it is none; it never guesses.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date as Date  # noqa: N812 - a field is called `date`, which would shadow the type

HAN = "\u3400-\u9fff"
DIGIT = "0-9０-９〇○零一二三四五六七八九十"
FULL_DAY = rf"[{DIGIT}]{{4}}\s?年\s?[{DIGIT}]{{1,3}}\s?月\s?[{DIGIT}]{{1,3}}\s?日"
_FIGURES = {"〇": 0, "○": 0, "零": 0, **{c: n for n, c in enumerate("一二三四五六七八九", 1)}}


def page_number(text: str) -> str:
    """A page's number in one spelling: 第一版, １, 01 → 1; a3, Ａ０３ → A03."""
    plain = unicodedata.normalize("NFKC", text).replace(" ", "").upper().removeprefix("第").removesuffix("版")
    letter, digits = (plain[0], plain[1:]) if plain[:1].isascii() and plain[:1].isalpha() else ("", plain)
    number = read_number(digits)
    if number is None:
        return plain
    return f"{letter}{number:02d}" if letter else str(number)


def full_day(text: str) -> Date | None:
    """Find the first date with a year in `text`."""
    for match in re.finditer(FULL_DAY, text):
        year, month, day = (read_number(part) for part in re.split(r"\s?[年月日]\s?", match[0])[:3])
        found = make_date(year, month, day)
        if found:
            return found
    return None


def read_number(text: str) -> int | None:
    """Read a whole number: 12, １２, 十二, 二〇二三."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if plain.isascii() and plain.isdigit():
        return int(plain)
    if not plain or any(c not in _FIGURES and c != "十" for c in plain):
        return None
    if "十" not in plain:
        return int("".join(str(_FIGURES[c]) for c in plain))
    tens, _, ones = plain.partition("十")
    return (_FIGURES[tens] if tens else 1) * 10 + (_FIGURES[ones] if ones else 0)


def make_date(year: int | None, month: int | None, day: int | None) -> Date | None:
    """Make a date of its three numbers; None where there is no such day."""
    if year is None or month is None or day is None:
        return None
    try:
        return Date(year, month, day)
    except ValueError:
        return None
