"""Things that a number tells from others of their kind: C919, iPhone 15, 神舟十五号, 16号线, 第33届奥运会.

In: texts, squeezed. Out: the things in them; for those that are asked for, whether another text has them, or has others
of their kind alone. Where it has none of the kind, nothing is said: it may have another name for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.amounts import numbers_in

_HAN = "\u4e00-\u9fff"
_NUMBER = r"(?P<number>\d{1,4}|[〇零一二三四五六七八九十百]{1,5})"
_KINDS = (
    # A model: no decimal (PM2.5), no day, no part of a longer name. What follows may belong to it (h7n9).
    re.compile(r"(?<![a-z])(?P<kind>[a-z]{1,8})[-‐–— ]?(?P<number>\d{1,4})(?![\d.,%年月日])"),
    re.compile(rf"(?P<kind>[{_HAN}])(?<![年月日])[-‐–—](?P<number>\d{{1,3}})(?![\d.,%年月日])"),
    re.compile(rf"(?P<kind>(?:(?![年月日第])[{_HAN}]){{2}}){_NUMBER}号(?![线楼院店门馆厅])"),
    re.compile(rf"(?<![\d〇零一二三四五六七八九十百]){_NUMBER}(?P<kind>号线)"),
    re.compile(
        rf"(?<![\d〇零一二三四五六七八九十百]){_NUMBER}届(?:[冬夏]季|全国)?(?P<kind>(?!中国|国际|世界|亚洲)[{_HAN}]{{2}})"
    ),
)


@dataclass(frozen=True, slots=True)
class Numbered:
    """One of several of a kind, as it is `written`; `number` in plain digits."""

    kind: str
    number: str
    written: str


def numbered_in(squeezed: str) -> Iterator[Numbered]:
    """Every thing of a text that a number tells from others of its kind."""
    for pattern in _KINDS:
        for found in pattern.finditer(squeezed):
            plain = numbers_in(f"{found['number']}号")
            if len(plain) == 1:
                yield Numbered(found["kind"], next(iter(plain)), found[0])


@dataclass(frozen=True, slots=True)
class Told:
    """What a text tells of the things that are asked for: whether it has one, and `others` of whose kind it has others.

    Of several of one kind that are asked for one will do.
    """

    held: bool = False
    others: tuple[str, ...] = ()


def told_of(wanted: Sequence[Numbered], squeezed: str) -> Told:
    """What a text tells of `wanted`."""
    if not wanted:
        return Told()
    there = {(one.kind, one.number) for one in numbered_in(squeezed)}
    held = {one.kind for one in wanted if (one.kind, one.number) in there}
    missed = {kind for kind, _ in there} - held
    return Told(bool(held), tuple(one.written for one in wanted if one.kind in missed))
