"""Whether a name of an answer stands in a passage, whole or as newspapers shorten it: 浙大, 桐乡 for 桐乡市.

In: a name, a passage read. Out: yes or no. People are looked up as they are: one wrong character is another person.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from bot.gazetteer import KNOWN_NAME
from bot.grounds import Ground
from bot.saidnames import ADDRESSED
from ingest.thesaurus import PRINTED_WEIGHT, read_thesaurus

_RANKS = tuple("省市县区镇乡村州国")
_COMMON_ENDS = frozenset("大学 学院 公司 银行 医院 集团 中学 小学 法院".split())  # of bodies that have no other name
_SHORT = range(2, 5)  # characters of a shortened name
_HOME = {"中国": ("我国", "全国", "国内", "国家"), "我国": ("中国", "全国", "国内"), "中方": ("中国", "我国")}


def stands_in(name: str, ground: Ground, *, person: bool = False) -> bool:
    """Whether `name` (squeezed) or another form of it stands in the passage or in what is known of its article."""
    if name.isascii():
        return re.search(rf"(?<![a-z]){re.escape(name)}(?![a-z])", ground.whole) is not None
    if name in ground.whole or any(home in ground.whole for home in _HOME.get(name, ())):
        return True
    addressed = ADDRESSED.fullmatch(name)
    if addressed:
        return any(known[0] == addressed["surname"] for known in ground.people)
    if any(part in ground.whole for part in (*_trimmed(name), *other_names(name))):
        return True
    if person:
        return False
    ranked = len(name) > len("桐乡") and name.endswith(_RANKS) and name[:-1] in ground.whole
    return ranked or _is_known_without_place(name, ground) or is_short_for(name, ground)


def _trimmed(name: str) -> Iterator[str]:
    """Without a particle that the cut of words has left at it: 莫迪于."""
    if len(name) > len("莫迪"):
        if name[-1] in "于则用已也在将为被说称等与和及曾对":
            yield name[:-1]
        if name[0] in "称和与对由据的在让向令使":
            yield name[1:]


def _is_known_without_place(name: str, ground: Ground) -> bool:
    """Whether what follows a place stands there: 省交通运输厅 for 湖北省交通运输厅. The place has its own look-up."""
    place = KNOWN_NAME.match(name)
    rest = name[place.end() :] if place else ""
    return len(rest) > 1 and rest not in _COMMON_ENDS and rest in ground.whole


def is_short_for(name: str, ground: Ground) -> bool:
    """Whether it is made of characters of a longer name there (浙大: 浙江大学), or the other way round."""
    if len(name) in _SHORT and any(_shortens(name, compound) for compound in ground.compounds):
        return True
    return any(_is_form(*sorted((name, other), key=len)) for other in ground.names)


def _is_form(short: str, long: str) -> bool:
    """Whether the shorter has characters of the longer in their order, from its first to its last word."""
    if short in long or len(short) > len(long) - 2:
        return False
    return short[0] == long[0] and short[-1] in long[-2:] and _in_order(short, long)


@lru_cache(maxsize=1024)
def other_names(name: str) -> tuple[str, ...]:
    """Names of the same thing, as the thesaurus equates them: each leads to the other."""
    thesaurus = read_thesaurus()

    def leads(wording: str, to: str) -> bool:
        return any(a.text == to and a.weight == PRINTED_WEIGHT for a in thesaurus.alternatives(wording))

    others = [a.text for a in thesaurus.alternatives(name) if a.weight == PRINTED_WEIGHT]
    return tuple(other for other in others if leads(other, name))


def _shortens(name: str, compound: tuple[str, ...]) -> bool:
    """Whether some words of a compound, from the first to the last, have the characters of the name in their order."""
    for i, first in enumerate(compound):
        if first[0] == name[0]:
            for j in range(i + 1, len(compound)):
                if name[-1] in (compound[j][0], compound[j][-1]) and _in_order(name, "".join(compound[i : j + 1])):
                    return True
    return False


def _in_order(short: str, name: str) -> bool:
    characters = iter(name)
    return all(character in characters for character in short)
