"""The part that every line plays in its page, chosen for the page as a whole.

In: the marks of the lines (`evidence`). Out: one role a line. Each mark speaks for or against each role, each role for
or against the role after it; the chain with the greatest sum wins (Viterbi). The weights, table `roles.tsv`, are
learned by `ingest.training.line_roles` from pages composed for the purpose; a role that cannot follow another never
does.
"""

from __future__ import annotations

from enum import IntEnum
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_IMPOSSIBLE = -1e6  # a weight below any sum of others
_OPENS = "then:dateline"  # a dateline opens an article: no sub-head stands over one
WEIGHTS = Path(__file__).with_name("roles.tsv")


class Role(IntEnum):
    """What a line is in its article."""

    KICKER = 0  # the column's name above a headline
    JUMP = 1  # (上接第N版)
    HEADLINE = 2  # the first line of a headline
    MORE_HEADLINE = 3  # its further lines
    BYLINE = 4  # an author's line under the headline
    OPENING = 5  # the first paragraph of an article that has no headline
    PARAGRAPH = 6
    CONTINUATION = 7  # the rest of a paragraph that a column break cut
    SUBHEAD = 8
    TAIL = 9  # signature, caption, source or (下转第N版) at the end


_START = (Role.KICKER, Role.JUMP, Role.HEADLINE, Role.OPENING)
_HEAD_END = (Role.HEADLINE, Role.MORE_HEADLINE, Role.BYLINE, Role.JUMP)
_BODY = (Role.OPENING, Role.PARAGRAPH, Role.CONTINUATION)
# What may follow what; everything else is impossible.
FOLLOWS: dict[Role, tuple[Role, ...]] = {
    Role.KICKER: (Role.JUMP, Role.HEADLINE, Role.OPENING),
    Role.JUMP: (Role.PARAGRAPH, Role.HEADLINE, Role.BYLINE, Role.SUBHEAD),
    Role.HEADLINE: (Role.MORE_HEADLINE, Role.BYLINE, Role.JUMP, Role.PARAGRAPH),
    Role.MORE_HEADLINE: (Role.MORE_HEADLINE, Role.BYLINE, Role.JUMP, Role.PARAGRAPH),
    Role.BYLINE: (Role.BYLINE, Role.JUMP, Role.PARAGRAPH),
    Role.OPENING: (Role.PARAGRAPH, Role.CONTINUATION, Role.SUBHEAD, Role.TAIL, *_START),
    Role.PARAGRAPH: (Role.PARAGRAPH, Role.CONTINUATION, Role.SUBHEAD, Role.TAIL, *_START),
    Role.CONTINUATION: (Role.PARAGRAPH, Role.CONTINUATION, Role.SUBHEAD, Role.TAIL, *_START),
    Role.SUBHEAD: (Role.PARAGRAPH,),
    Role.TAIL: (Role.TAIL, Role.PARAGRAPH, Role.SUBHEAD, *_START),
}


def starts_article(before: Role | None, role: Role) -> bool:
    """Tell whether a line of `role` after one of `before` begins a new article."""
    if role not in _START:
        return False
    if before is Role.KICKER:
        return False
    return not (role is Role.HEADLINE and before is Role.JUMP) and not (role is Role.JUMP and before in _HEAD_END)


class Weights:
    """The table: for every mark a row of weights over roles, and one of every role over the next."""

    def __init__(self, path: Path) -> None:
        self.marks: dict[str, int] = {}
        rows: list[NDArray[np.float32]] = []
        steps = np.zeros((len(Role), len(Role)), np.float32)
        for line in path.read_text("utf-8").splitlines()[1:]:
            name, *cells = line.split("\t")
            row = np.array([float(cell or 0) for cell in cells], np.float32)
            if name.startswith("from "):
                steps[Role[name.removeprefix("from ")]] = row
            else:
                if name == _OPENS:
                    row[Role.SUBHEAD] = _IMPOSSIBLE
                self.marks[name] = len(rows)
                rows.append(row)
        self.rows: NDArray[np.float32] = np.stack([*rows, np.zeros(len(Role), np.float32)])
        self.steps: NDArray[np.float32] = steps + forbidden_steps()


def forbidden_steps() -> NDArray[np.float32]:
    """A matrix over (role, next role): 0 where it may follow, a weight below all others where it may not."""
    steps = np.full((len(Role), len(Role)), _IMPOSSIBLE, np.float32)
    for role, followers in FOLLOWS.items():
        steps[role, list(followers)] = 0
    return steps


def forbidden_first() -> NDArray[np.float32]:
    """A vector over roles: 0 where a page may begin with it."""
    first = np.full(len(Role), _IMPOSSIBLE, np.float32)
    first[list(_START)] = 0
    return first


def line_roles(marks: list[list[str]]) -> list[Role]:
    """Choose the roles of a page's lines from their marks."""
    if not marks:
        return []
    weights = _weights()
    unknown = len(weights.rows) - 1
    own = np.stack([weights.rows[[weights.marks.get(m, unknown) for m in names]].sum(0) for names in marks])
    score = own[0] + forbidden_first()
    back = np.zeros(own.shape, np.intp)
    for i in range(1, len(own)):
        ways = score[:, None] + weights.steps
        back[i] = ways.argmax(0)
        score = ways.max(0) + own[i]
    best = [int(score.argmax())]
    for i in range(len(own) - 1, 0, -1):
        best.append(int(back[i, best[-1]]))
    return [Role(r) for r in reversed(best)]


@cache
def _weights() -> Weights:
    return Weights(WEIGHTS)
