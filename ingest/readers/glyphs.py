"""Characters with their places on a sheet into pieces of lines.

In: the characters in the order in which the file draws them. Out: pieces, each a run of characters of one size beside
each other; a gap as wide as a column's gutter ends one. What the pieces mean is `blocks`' and `stories`' matter.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

SAME_SIZE = 1.2  # times that sizes of one run may differ
_GUTTER = 0.75  # ems of white that end a piece
_WORD_GAP = 0.35  # ems of white that are a space
_HAIR = 0.05  # ems by which a character is shifted that is drawn twice to look bold
_BACK = 0.4  # ems that a character may stand before the end of the one before it (tight setting)
_MAYBE_GUTTER = 0.4  # ems of white that may be one, if the lines around have theirs in the same place
# They begin no line; their right half is white, and may hang over the edge of a column.
NOT_FIRST = frozenset("，。、；：！？”’》）」』】〕")
_LONGEST_SPACE = 3.0  # ems of drawn white space; more of it fills the way to the next column


class Glyph(NamedTuple):
    """A character, its box (y grows downwards) and its type size; a white one has no ink, only a place."""

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    size: float


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a line: text, box (y grows downwards), type size.

    `gaps` are where white stands inside it that may yet be a gutter: the middle of each, and how many characters of the
    text stand before it.
    """

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    size: float
    gaps: tuple[tuple[float, int], ...] = ()

    @property
    def width(self) -> float:
        """How wide its box is."""
        return self.x1 - self.x0


class _Run:
    """A piece as it grows. `pen` is where its last character, white or not, ends."""

    def __init__(self, glyph: Glyph) -> None:
        self.text = glyph.text
        self.x0, self.top, self.x1, self.bottom, self.size = glyph[1:]
        self.pen = _pen(glyph)
        self.end = self.pen  # where its last ink ends
        self.white = False
        self.gaps: list[tuple[float, int]] = []

    def takes(self, glyph: Glyph) -> bool:
        em = max(self.size, glyph.size)
        middle = (glyph.top + glyph.bottom) / 2
        level = self.top <= middle <= self.bottom or glyph.top <= (self.top + self.bottom) / 2 <= glyph.bottom
        if not level or em > SAME_SIZE * min(self.size, glyph.size):
            return False
        return -_BACK * em <= glyph.x0 - self.pen <= _GUTTER * em and glyph.x0 - self.x1 <= _LONGEST_SPACE * em

    def take(self, glyph: Glyph) -> None:
        if self.white or glyph.x0 - self.x1 > _WORD_GAP * self.size:
            self.text += " "
        if glyph.text not in NOT_FIRST and glyph.x0 - self.end > _MAYBE_GUTTER * self.size:
            self.gaps.append(((glyph.x0 + self.end) / 2, len(self.text)))
        self.text += glyph.text
        self.x0, self.top = min(self.x0, glyph.x0), min(self.top, glyph.top)
        self.x1, self.bottom = max(self.x1, glyph.x1), max(self.bottom, glyph.bottom)
        self.pen, self.white = _pen(glyph), False
        self.end = self.pen

    def piece(self) -> Piece:
        return Piece(self.text, self.x0, self.top, self.x1, self.bottom, self.size, tuple(self.gaps))


def _pen(glyph: Glyph) -> float:
    """Where the ink of a character ends."""
    return glyph.x1 - 0.5 * (glyph.x1 - glyph.x0) if glyph.text in NOT_FIRST else glyph.x1


def pieces_of(glyphs: Iterable[Glyph]) -> list[Piece]:
    """Run the characters together into pieces; the same character drawn twice in one place (bold type) counts once."""
    runs: list[_Run] = []
    drawn: set[tuple[str, float, int, int]] = set()
    for glyph in glyphs:
        run = runs[-1] if runs else None
        if glyph.text.isspace():
            if run and run.takes(glyph):
                run.pen, run.white = max(run.pen, glyph.x1), True
            continue
        if _twice(glyph, drawn):
            continue
        if run and run.takes(glyph):
            run.take(glyph)
        else:
            runs.append(_Run(glyph))
    return _beside(runs)


def _twice(glyph: Glyph, drawn: set[tuple[str, float, int, int]]) -> bool:
    """Whether the character is drawn there already, give or take a hair; else remember it."""
    x, y = int(glyph.x0 / (_HAIR * glyph.size)), int(glyph.top / (_HAIR * glyph.size))
    near = ((glyph.text, glyph.size, x + dx, y + dy) for dx in (0, -1, 1) for dy in (0, -1, 1))
    if any(place in drawn for place in near):
        return True
    drawn.add((glyph.text, glyph.size, x, y))
    return False


def _beside(runs: list[_Run]) -> list[Piece]:
    """Pieces that the file draws apart (a number in another font) and prints side by side, as one."""
    done: list[_Run] = []
    for run in sorted(runs, key=lambda each: (round(each.bottom / max(1.0, each.size) * 2), each.x0)):
        last = done[-1] if done else None
        whole = Glyph(run.text, run.x0, run.top, run.x1, run.bottom, run.size)
        if last and last.takes(whole):
            last.take(whole)
            last.gaps += [(x, place + len(last.text) - len(run.text)) for x, place in run.gaps]
            last.pen, last.end = run.pen, run.end
        else:
            done.append(run)
    return [run.piece() for run in done]
