"""What the days of a chunk are worth to a question: a bonus to its score, never a filter.

In: the question's time, the day on which a chunk's article was issued, the days that it tells of. Out: bonuses on the
scale where the best words score 1. It searches nothing and changes no score itself.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date as Date  # noqa: N812 - as in models

from bot.pairs import character_pairs, share_of_shorter
from bot.times import AskedTime
from ingest.dayranges import DayRange
from ingest.models import Scored
from ingest.told import LONGEST, ChunkDays

# What a fit is worth. 495 descriptions of events, cut to 14 characters after 昨天, 68,900 articles: MRR .738 without,
# .832 at .3, .847 at .5. What is printed is found as a word too: 679 whole descriptions: .965 without, .969 at .2.
POINTED, PRINTED, NEWEST = 0.5, 0.2, 0.3
AGEING = 30  # days in which the worth of an article halves for a question about the latest
_REPORTED = 2  # days after the asked ones in which a newspaper still reports them
_ISSUED = 0.8  # worth of an article of the asked days that does not tell of them, beside one that does
_AFTER = 0.5  # and of one that was issued just after them
_UNKNOWN = 0.5  # and of one without a day, which may be of any: neither put first nor put behind
_COMPARED = 20  # best hits among which a newer one may win a tie
_TIE = 0.02  # of the best score: two articles nearer than this to one another are equally good
_SAME_STORY = 0.2  # share of the shorter text's character pairs that both have, from which on it is one story


@dataclass(frozen=True, slots=True)
class Rival:
    """A hit as far as a tie is concerned: its score, its article's day, its text."""

    score: float
    issued: Date | None
    text: str


def time_bonus(asked: AskedTime, found: ChunkDays) -> float:
    """What a chunk's days add to its score: the more exactly both say when, the more; at most POINTED."""
    if asked.newest:
        age = (asked.newest - found.issued).days if found.issued else AGEING
        return NEWEST * math.exp2(-max(0, age) / AGEING)
    fits = ((one.points, _sharpness(one.days) * _fit(one.days, found)) for one in asked.taken)
    return max(((POINTED if points else PRINTED) * fit for points, fit in fits), default=0.0)


def with_time(scored: Sequence[Scored], days: Mapping[str, ChunkDays], asked: AskedTime) -> list[Scored]:
    """Chunks with their bonuses, best first; a chunk that `days` does not hold gets none."""
    gains = {chunk_id: time_bonus(asked, found) for chunk_id, found in days.items()}
    gained = (Scored(one.chunk_id, one.score + gains.get(one.chunk_id, 0.0)) for one in scored)
    return sorted(gained, key=lambda one: (-one.score, one.chunk_id))


def newest_of_ties(hits: Sequence[Rival]) -> list[int]:
    """The order of `hits` (best first), as places in it, in which the newer of two equal hits on one story is first."""
    order = list(range(len(hits)))
    near = _TIE * max((hit.score for hit in hits), default=0.0)
    for at in range(1, min(len(hits), _COMPARED)):
        place = at
        while place and _wins(hits[order[place]], hits[order[place - 1]], near):
            order[place - 1], order[place] = order[place], order[place - 1]
            place -= 1
    return order


def _sharpness(wanted: DayRange) -> float:
    """1 for a day, .8 for a week, .6 for a month, .3 for a year, 0 for ten years: what fits many says little."""
    return max(0.0, 1 - math.log(wanted.days) / math.log(LONGEST))


def _fit(wanted: DayRange, found: ChunkDays) -> float:
    told = max((each.share_in(wanted) for each in found.told), default=0.0)
    if found.issued is None:
        return max(told, _UNKNOWN)
    if wanted.first <= found.issued <= wanted.last:
        return max(told, _ISSUED)
    return max(told, _AFTER) if 0 < (found.issued - wanted.last).days <= _REPORTED else told


def _wins(hit: Rival, before: Rival, near: float) -> bool:
    """Whether a hit is as good as the one before it, newer, and on the same story."""
    if hit.issued is None or before.issued is None or hit.issued <= before.issued or before.score - hit.score > near:
        return False
    return share_of_shorter(character_pairs(hit.text), character_pairs(before.text)) >= _SAME_STORY
