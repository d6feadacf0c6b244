"""Which claims of a sentence its passages bear out, and which they do not.

In: a sentence read, the grounds it stands on. Out: the claims that are missing there. A claim is missing where nothing
of its value stands there, where it stands only beside quite other words, and where something else stands in its place:
between the same words another number, day, name or direction.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.claims import Claim, Reading, beside, is_chinese
from bot.denials import denied_otherwise
from bot.grounds import Ground, Place
from bot.names import stands_in
from bot.pairs import character_pairs
from bot.quantities import Quantity
from bot.saiddays import SaidDay, issued
from bot.saidnames import is_name_like
from bot.units import GENERAL

# How many characters to both sides of a claim agree with a place in the newspaper ("touch").
_MARGIN = 4  # so many more at another number's place than at its own: the other one is meant, if they fill the clause
_MARGIN_INSIDE = 9  # the same where words of the clause differ
_IN_PLACE = 6  # and so many at least
_OWN_PLACE = 4  # where so many agree, a number stands where it belongs
_KIN = 0.1  # else this share of the pairs of characters about it must stand in the sentence that has the number
_LITTLE, _NEARLY_ALL = 0.4, 0.75  # of the same pairs: in a sentence with the number, in one with another number
_SIDE, _BETWEEN = 2, 10  # characters on each side of a name that was put in another's place; its longest
_SUBSTITUTE = 8  # characters on both sides together
_REFERS = re.compile(
    "[该此其这那他她它本当双各两前后上对全我你]|记者|方面|公司|企业|学校|部门|地区|相关|有关|项目|团队|活动|会议|大会|赛事|单位|工厂|医院"
)
_HOME = frozenset({"中国", "我国"})  # newspapers do not say where they stand
_PIECES = re.compile(r"[^\w#]+")
_TELLING = 2  # characters that a piece of a quotation has at least


@dataclass(frozen=True, slots=True)
class Stand:
    """A claim of a newspaper sentence and the place it stands in."""

    claim: Claim
    place: Place


def missing_claims(reading: Reading, grounds: Sequence[Ground]) -> list[Claim]:
    """The claims of a sentence that the grounds, taken together, do not bear out."""
    stands = [Stand(claim, place) for ground in grounds for place in ground.places for claim in place.reading.claims]
    chinese = is_chinese(reading.text)
    out = [claim for claim in reading.claims if not _is_borne(claim, grounds, stands, chinese)]
    if chinese:
        out += _put_in_place(reading, grounds, stands, out)
        newspaper = "\n".join(ground.whole for ground in grounds)
        out += [Claim("direction", text, 0, "", "") for text in denied_otherwise(reading.text, newspaper)]
    return _widest(out)


def bears(place: Place, claim: Claim) -> bool:
    """Whether a place says what the claim says, whatever else stands around it."""
    if claim.kind in ("number", "day"):
        return any(_same(claim, other) for other in place.reading.claims if other.kind == claim.kind)
    return claim.text in place.reading.text


def touch(claim: Claim, other: Claim) -> int:
    """How many characters on both sides of two claims agree."""
    return _agree(claim.left[::-1], other.left[::-1]) + _agree(claim.right, other.right)


def _agree(one: str, other: str) -> int:
    for i, (a, b) in enumerate(zip(one, other, strict=False)):
        if a != b:
            return i
    return min(len(one), len(other))


def _is_borne(claim: Claim, grounds: Sequence[Ground], stands: Sequence[Stand], chinese: bool) -> bool:
    if claim.kind == "quote":
        return _is_quoted(str(claim.value), grounds)
    if claim.kind == "name":
        found = any(stands_in(claim.text, ground, person=claim.value == "person") for ground in grounds)
        if not found and claim.needed and claim.text not in _HOME:
            return False
        own = [*_named(claim, grounds)]
        others = [s for s in stands if s.claim.kind == "name" and not _akin(s.claim.text, claim.text)]
        if not found:
            return not any(_in_stead(claim, stand.claim) for stand in others)
        return not own or not _displaced(claim, own, others)
    same_kind = [s for s in stands if s.claim.kind == claim.kind]
    own = [s for s in same_kind if _same(claim, s.claim)]
    others = [s for s in same_kind if not _same(claim, s.claim) and _comparable(claim, s.claim)]
    if claim.kind == "day" and not claim.needed:
        return True
    if claim.needed and not own and not _is_known(claim, grounds):
        return False
    if _displaced(claim, own, others):
        return False
    return not (claim.needed and own and chinese) or _belongs(claim, own, others)


def _displaced(claim: Claim, own: Sequence[Stand], others: Sequence[Stand]) -> bool:
    """Whether another claim stands where this one is said to stand."""
    best = max((touch(claim, stand.claim) for stand in own), default=0)
    return any(
        touch(claim, stand.claim) >= max(_IN_PLACE, best + (_MARGIN if _fills(claim, stand.claim) else _MARGIN_INSIDE))
        for stand in others
    )


def _fills(claim: Claim, other: Claim) -> bool:
    """Whether two claims agree on both sides as far as their clause reaches."""
    sides = ((claim.left[::-1], other.left[::-1]), (claim.right, other.right))
    return all(same == len(one) or _PIECES.match(one[same]) for one, two in sides for same in [_agree(one, two)])


def _in_stead(claim: Claim, other: Claim) -> bool:
    """Whether what may be a name stands between the words that another name stands between."""
    before, behind = _agree(claim.left[::-1], other.left[::-1]), _agree(claim.right, other.right)
    return min(before, behind) >= _SIDE and before + behind >= _SUBSTITUTE


def _belongs(claim: Claim, own: Sequence[Stand], others: Sequence[Stand]) -> bool:
    """Whether a sentence that holds the number, or its neighbour, is about what the claim is about.

    Where all of that is said in a sentence with another number, and little in one with this, it is not.
    """
    if any(touch(claim, stand.claim) >= _OWN_PLACE for stand in own):
        return True
    about = character_pairs(claim.left.replace("#", "")) | character_pairs(claim.right.replace("#", ""))
    if not about:
        return True

    def kin(pairs: frozenset[str]) -> float:
        return len(about & pairs) / len(about)

    here, there = (max((kin(s.place.pairs) for s in stands), default=0.0) for stands in (own, others))
    return max(kin(s.place.near) for s in own) >= _KIN and not (here <= _LITTLE and there >= _NEARLY_ALL)


def _same(claim: Claim, other: Claim) -> bool:
    one, two = claim.value, other.value
    if isinstance(one, Quantity) and isinstance(two, Quantity):
        return one.value == two.value and _comparable(claim, other)
    if isinstance(one, SaidDay) and isinstance(two, SaidDay):
        return one.borne_out_by(two)
    return one == two


def _comparable(claim: Claim, other: Claim) -> bool:
    """Whether two claims could stand in each other's place: numbers of one unit, days told as finely."""
    one, two = claim.value, other.value
    if isinstance(one, Quantity) and isinstance(two, Quantity):
        if one.unit.startswith("第") != two.unit.startswith("第"):
            return False
        a, b = one.unit.removeprefix("第"), two.unit.removeprefix("第")
        return a == b or not a or not b or (a == "个" and b in GENERAL) or (b == "个" and a in GENERAL)
    if isinstance(one, SaidDay) and isinstance(two, SaidDay):
        return one.grain == two.grain
    return True


def _is_known(claim: Claim, grounds: Sequence[Ground]) -> bool:
    """Whether it is the day or the page of an article."""
    if not isinstance(claim.value, SaidDay):
        return any(claim.text in ground.known for ground in grounds)
    days = [ground.passage.article.date for ground in grounds]
    return any(day and claim.value.borne_out_by(issued(day)) for day in days)


def _named(claim: Claim, grounds: Sequence[Ground]) -> Iterator[Stand]:
    """Every place where the very name stands, tagged there as a name or not."""
    for ground in grounds:
        for place in ground.places:
            masked = place.reading.masked
            for found in re.finditer(re.escape(claim.text), masked):
                left, right = beside(masked, found.start(), found.end())
                yield Stand(Claim("name", claim.text, claim.value, left, right), place)


def _akin(one: str, other: str) -> bool:
    return one in other or other in one


def _is_quoted(masked: str, grounds: Sequence[Ground]) -> bool:
    """Whether all that stands between two marks of punctuation stands in one passage so."""
    pieces = [piece for piece in _PIECES.split(masked) if len(piece) >= _TELLING]
    return any(all(piece in ground.masked or piece in ground.whole for piece in pieces) for ground in grounds)


def _put_in_place(
    reading: Reading, grounds: Sequence[Ground], stands: Sequence[Stand], found: Sequence[Claim]
) -> Iterator[Claim]:
    """What nothing tags as a name but stands exactly where the newspaper has one."""
    told = {claim.text for claim in found}
    for stand in stands:
        name = stand.claim
        if name.kind != "name" or name.text in reading.text:
            continue
        for start, end in _gaps(reading.masked, name):
            put = reading.masked[start:end]
            if "#" in put or put in told or _akin(put, name.text) or _REFERS.match(put) or _PIECES.search(put):
                continue
            if is_name_like(put) and not any(stands_in(put, ground) for ground in grounds):
                yield Claim("name", put, "other", *beside(reading.masked, start, end))


def _gaps(masked: str, name: Claim) -> Iterator[tuple[int, int]]:
    """Where `masked` has what stands on both sides of a name, and something short between."""
    text = f"\n{masked}\n"
    before, behind = name.left[-_SIDE:], name.right[:_SIDE]
    at = text.find(before)
    while at >= 0:
        start = at + len(before)
        end = text.find(behind, start + 1, start + _BETWEEN + _SIDE)
        if end > start:
            agree = _agree(text[:start][::-1], name.left[::-1]) + _agree(text[end:], name.right)
            if agree >= _SUBSTITUTE:
                yield start - 1, end - 1
        at = text.find(before, at + 1)


def _widest(claims: Sequence[Claim]) -> list[Claim]:
    """Each once, and none that stands within another one's words."""
    texts = {claim.text: claim for claim in claims}
    return [c for text, c in texts.items() if not any(text != other and text in other for other in texts)]
