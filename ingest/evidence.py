"""What speaks for a line's part in the page: a list of named marks for every line.

In: the lines of a page. Out: for each line the names of the marks it bears, by itself and among its neighbours
(`dateline`, `gap:rare blank`, `is:headline-like then:dateline`, …). Which mark speaks for which part is not known
here: `roles` weighs them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from ingest.cohesion import cut_words, said_elsewhere, shared_words
from ingest.lines import Habits, Line, page_habits
from ingest.looks import REACH, line_beginning, line_ending, line_kind, own_marks, size_class

_MIXED = 0.42  # share of unusual gaps from which on nothing is usual
_DATED = 0.5  # share of a page's headlines over a dateline from which on one without is odd
_RUNS = (1, 2, 4, 8)  # upper bounds of the classes of distance, lines
_OPENING = dict(zip("”’」』）)】》", "“‘「『（(【《", strict=True))
_HEADLINES = frozenset({"headline-like", "long headline-like"})
# What a line tells about the one above it.
_TELLING = frozenset(
    {
        "dateline",
        "dateline inside",
        "reporter first",
        "byline",
        "name",
        "lead",
        "backward",
        "jump from",
        "begins:inside",
        "quote left open",
        "unfinished",
    }
)


@dataclass(frozen=True, slots=True)
class _Seen:
    """A line with what it looks like: its own marks, its kind, the gap above it."""

    line: Line
    own: list[str]
    kind: str
    gap: str


def page_evidence(lines: list[Line]) -> list[list[str]]:
    """Give the marks of every line, in order."""
    if not lines:
        return []
    habits = page_habits(lines)
    seen = []
    for n, line in enumerate(lines):
        own = list(own_marks(line, habits))
        seen.append(_Seen(line, own, line_kind(line, own), _gap(line, habits) if n else "first"))
    cut, said, shared, runs = cut_words(lines), said_elsewhere(lines), shared_words(lines), _runs(seen)
    dated = _is_dated(seen)
    marks = []
    for i, this in enumerate(seen):
        found = ["bias", *this.own, *_neighbour_marks(seen, i)]
        about = [*shared[i], *runs[i]]
        if dated:
            about.append("dated page")
        if cut[i]:
            about.append("word from before")
        if said[i]:
            about.append("name from before")
        if i + 1 < len(seen):
            about += ["word goes on"] if cut[i + 1] else []
            about += ["name goes on"] if said[i + 1] else []
            about += [f"then:{name}" for name in seen[i + 1].own if name in _TELLING]
        if i > 1 and seen[i - 2].kind in _HEADLINES:
            about.append("two under a headline")
        marks.append([*found, *about, *(f"is:{this.kind} {name}" for name in about)])
    return marks


def _neighbour_marks(seen: list[_Seen], i: int) -> Iterator[str]:
    """The marks of a line between the lines above and below it."""
    kind, gap = seen[i].kind, seen[i].gap
    before = seen[i - 1].kind if i else "start"
    after, next_gap = (seen[i + 1].kind, seen[i + 1].gap) if i + 1 < len(seen) else ("end", "last")
    yield from (f"gap:{gap}", f"before:{before}", f"after:{after}", f"is:{kind}", f"gap:{gap} next:{next_gap}")
    yield from (f"gap:{gap} before:{before}", f"is:{kind} before:{before}", f"is:{kind} after:{after}")
    yield from (f"is:{kind} gap:{gap} next:{next_gap}", f"is:{kind} gap:{gap} before:{before}")
    if i:
        yield from _junction_marks(seen[i - 1].line, seen[i].line)


def _junction_marks(above: Line, line: Line) -> Iterator[str]:
    """What the end of one line and the beginning of the next say about their belonging together."""
    left, right = above.text[-1], line.text[0]
    ends, begins = line_ending(above), line_beginning(line.text)
    yield f"junction:{ends}>{begins}"
    if left.isascii() and left.isalnum() and right.isascii() and right.isalnum():
        yield "junction:number or name cut"
    if _closes_quote_of(above.text[-REACH:], line.text[:REACH]):
        yield "junction:quote closes"


def _runs(seen: list[_Seen]) -> list[list[str]]:
    """How far it is from each line to the headline-like lines above and below: sub-heads stand far apart."""
    up, down = _distances(seen), _distances(seen[::-1])[::-1]
    return [
        [f"run up:{size_class(a, _RUNS)}", f"run down:{size_class(b, _RUNS)}"] for a, b in zip(up, down, strict=True)
    ]


def _distances(seen: list[_Seen]) -> list[int]:
    """For each line, how many lines before it the last headline-like one stands."""
    distances, since = [], len(seen)
    for this in seen:
        since += 1
        distances.append(since)
        if this.kind in _HEADLINES:
            since = 0
    return distances


def _is_dated(seen: list[_Seen]) -> bool:
    """Whether most headlines of the page stand over a dateline."""
    dated = sum("dateline" in this.own for this in seen)
    bare = sum(
        above.kind in _HEADLINES and "dateline" not in below.own and below.kind not in _HEADLINES
        for above, below in pairwise(seen)
    )
    return dated > 1 and dated >= _DATED * (dated + bare)


def _gap(line: Line, habits: Habits) -> str:
    """The white space above a line, against what is usual on the page."""
    blanks = min(line.blanks, 3)
    sort = "mixed" if habits.rare > _MIXED else "usual" if blanks == habits.blank else "rare"
    return f"{sort} {'blank' if blanks > 1 and blanks == habits.blank else ('none', 'blank', 'wide', 'wide')[blanks]}"


def _closes_quote_of(above: str, below: str) -> bool:
    """Tell whether a quote or bracket is left open above and the first one below closes it."""
    for c in below:
        if c in _OPENING:
            opener = _OPENING[c]
            return above.count(opener) > above.count(c)
        if c in "“‘「『（(【《":
            return False
    return False
