"""Pieces of lines into blocks: what stands line under line in one column, in one size of type.

In: the pieces of a sheet. Out: blocks with their rows, top to bottom. It knows sizes and white space, no words.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

from ingest.readers.glyphs import NOT_FIRST, SAME_SIZE, Piece

_LEVEL = 0.5  # share of the lower of two pieces by which they overlap in height: they stand in one row
_LEADING = 1.25  # ems of white between two lines of a block
_INSIDE = 0.5  # share of the narrower of two pieces that lies under the other: they stand in one column
_WIDEST_GAP = 2.6  # ems of white inside a line (between the halves of a sub-headline); wider ones part columns
_NEAR_ROWS = 12  # rows among which a piece looks for its own: columns are seldom set to one grid
_NEAR_LINES = 6.0  # ems up and down in which lines show where a gutter runs
_TOO_WIDE = 1.5  # times that a line is wider than those around it that runs over a gutter
_WIDEST_GUTTER = 4.0  # ems, with the indent of a line behind it
_INDENTED = 2.6  # ems by which the left edges of a column's lines differ
_KERNEL = 1.07  # times that sizes of one kind of type differ (a scan's boxes do)


@dataclass(frozen=True, slots=True)
class Block:
    """Rows of one column in one size of type. `rows` are whole lines, from the top."""

    rows: tuple[Piece, ...]
    x0: float
    top: float
    x1: float
    bottom: float
    size: float

    @property
    def upright(self) -> bool:
        """Whether it is one line that runs downwards, character under character."""
        return len(self.rows) > 2 and all(len(row.text) == 1 for row in self.rows)

    @property
    def text(self) -> str:
        """All of it, in one line."""
        return "".join(row.text for row in self.rows)


def body_size(pieces: Sequence[Piece]) -> float:
    """The size in which most of a sheet is set."""
    weights: dict[float, int] = {}
    for piece in pieces:
        size = round(piece.size, 1)
        weights[size] = weights.get(size, 0) + len(piece.text)
    return max(
        weights,
        key=lambda size: sum(n for other, n in weights.items() if size / _KERNEL <= other <= size * _KERNEL),
        default=10.0,
    )


def overlap(a0: float, a1: float, b0: float, b1: float) -> float:
    """How much two intervals share."""
    return min(a1, b1) - max(a0, b0)


def same_column(a: Piece | Block, b: Piece | Block) -> bool:
    """Whether one stands under the other."""
    return overlap(a.x0, a.x1, b.x0, b.x1) >= _INSIDE * min(a.x1 - a.x0, b.x1 - b.x0)


def blocks_of(pieces: Sequence[Piece]) -> list[Block]:
    """Stack the pieces into blocks."""
    open_blocks: list[list[Piece]] = []
    done: list[list[Piece]] = []
    for row in _rows(_whole_lines(_cut_at_gutters(pieces))):
        top = min(piece.top for piece in row)
        homes = [_home(piece, row, open_blocks) for piece in row]
        still: list[list[Piece]] = []
        for block in open_blocks:
            goes_on = any(home is block for home in homes)
            far = top - block[-1].bottom > _LEADING * block[-1].size
            covered = any(_under(piece, block) for piece in row)  # by something else: there it ends
            (still if goes_on or not (far or covered) else done).append(block)
        open_blocks = still
        for piece, home in zip(row, homes, strict=True):
            if home is None:
                open_blocks.append([piece])
            else:
                home.append(piece)
    blocks = [_block(rows) for rows in [*done, *open_blocks]]
    return sorted(blocks, key=lambda block: (block.top, block.x0))


def _block(rows: list[Piece]) -> Block:
    return Block(
        tuple(rows),
        min(row.x0 for row in rows),
        rows[0].top,
        max(row.x1 for row in rows),
        rows[-1].bottom,
        median(row.size for row in rows),
    )


def _home(piece: Piece, row: Sequence[Piece], blocks: Sequence[list[Piece]]) -> list[Piece] | None:
    """The block that a piece goes on: the only one above it, of its size, and only if it is the only one under that."""
    over = [block for block in blocks if _under(piece, block)]
    if len(over) != 1:
        return None
    (block,) = over
    if sum(_under(other, block) for other in row) > 1:
        return None
    sizes = sorted((piece.size, median(each.size for each in block)))
    close = piece.top - block[-1].bottom <= _LEADING * piece.size
    return block if close and sizes[1] <= SAME_SIZE * sizes[0] else None


def _under(piece: Piece, block: list[Piece]) -> bool:
    """Whether a piece stands under a block, be it with a corner of it: by more than a character."""
    x0, x1 = min(each.x0 for each in block[-8:]), max(each.x1 for each in block[-8:])
    if _of_size(piece, block[-1]) and abs(piece.x0 - x0) <= _INDENTED * piece.size:
        return True  # under a line of two characters, say, that ends a paragraph, an indented one
    return overlap(piece.x0, piece.x1, x0, x1) > min(0.9 * piece.size, _INSIDE * min(piece.width, x1 - x0))


def _rows(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Pieces of one size that stand at one level, from the top; each row from the left.

    Of one size, because a headline is as high as several lines of the column beside it.
    """
    rows: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda each: (each.top + each.bottom) / 2):
        home = next((row for row in reversed(rows[-_NEAR_ROWS:]) if _beside(row[0], piece)), None)
        if home is None:
            rows.append([piece])
        else:
            home.append(piece)
    return [sorted(row, key=lambda each: each.x0) for row in rows]


def _beside(a: Piece, b: Piece) -> bool:
    return _level(a, b) and _of_size(a, b)


def _level(a: Piece, b: Piece) -> bool:
    return overlap(a.top, a.bottom, b.top, b.bottom) > _LEVEL * min(a.bottom - a.top, b.bottom - b.top)


def _cut_at_gutters(pieces: Sequence[Piece]) -> list[Piece]:
    """Part what two columns print close to each other: where the lines around have their white in the same place."""
    by_top = sorted(pieces, key=lambda each: each.top)
    tops = [each.top for each in by_top]
    cut: list[Piece] = []
    for piece in pieces:
        reach = _NEAR_LINES * piece.size
        near = by_top[bisect_left(tops, piece.top - reach) : bisect_left(tops, piece.top + reach)]
        near = [each for each in near if each is not piece and _of_size(each, piece)]
        usual = median(each.width for each in near) if near else piece.width
        if piece.width <= _TOO_WIDE * usual:
            cut.append(piece)
            continue
        if not piece.gaps:
            cut += _parted(piece, near)
            continue
        left = 0
        x0 = piece.x0
        for x, place in piece.gaps:
            if _is_gutter(x, piece.size, near):
                cut.append(replace(piece, text=piece.text[left:place].strip(), x0=x0, x1=x, gaps=()))
                left, x0 = place, x
        cut.append(replace(piece, text=piece.text[left:], x0=x0, gaps=()) if left else piece)
    return cut


def _parted(piece: Piece, near: Sequence[Piece]) -> list[Piece]:
    """Part a line that runs over a gutter without any white of its own: a scan's, read as one because of a mark there.

    Where one column's lines end and the next one's begin; as many characters to the left as have room there.
    """
    em = piece.size
    for end in sorted(each.x1 for each in near if piece.x0 + 2 * em < each.x1 < piece.x1 - 2 * em):
        begins = [each.x0 for each in near if 0.3 * em < each.x0 - end < _WIDEST_GUTTER * em and each.x0 < piece.x1]
        across = any(each.x0 < end - em and each.x1 > end + em for each in near)
        if not begins or across:
            continue
        pitch = piece.width / sum(_room(character) for character in piece.text)
        room, place = 0.0, 0
        while place < len(piece.text) and (room * pitch < end - piece.x0 - em / 2 or piece.text[place] in NOT_FIRST):
            room += _room(piece.text[place])
            place += 1
        if 0 < place < len(piece.text):
            return [
                replace(piece, text=piece.text[:place], x1=min(piece.x1, piece.x0 + room * pitch)),
                replace(piece, text=piece.text[place:], x0=min(begins[0], piece.x0 + (room + 0.5) * pitch)),
            ]
    return [piece]


def _room(character: str) -> float:
    """Ems that a character takes."""
    return 0.55 if character.isascii() else 1.0


def _is_gutter(x: float, em: float, near: Sequence[Piece]) -> bool:
    across = [each for each in near if each.x0 < x - em and each.x1 > x + em]
    parted = [each for each in across if any(abs(gap - x) < 0.6 * em for gap, _ in each.gaps)]
    ends = [each for each in near if abs(each.x1 - x) < 1.5 * em]
    begins = [each for each in near if abs(each.x0 - x) < 1.5 * em]
    return len(across) == len(parted) and min(len(ends), len(begins)) + len(parted) > 1


def _of_size(a: Piece, b: Piece) -> bool:
    return max(a.size, b.size) <= SAME_SIZE * min(a.size, b.size)


def _whole_lines(pieces: Sequence[Piece]) -> list[Piece]:
    """Join pieces of one row over a gap that the line above or below prints across: that is no gutter."""
    by_top = sorted(pieces, key=lambda each: each.top)
    tops = [each.top for each in by_top]
    lines: list[Piece] = []
    for row in _rows(pieces):
        joined = [row[0]]
        for piece in row[1:]:
            left = joined[-1]
            em = min(left.size, piece.size)
            near = by_top[bisect_left(tops, left.top - 2.6 * em) : bisect_left(tops, left.top + 2.6 * em)]
            gap = piece.x0 - left.x1
            alike = max(left.size, piece.size) <= SAME_SIZE * em and gap <= _WIDEST_GAP * em
            if alike and _is_no_gutter(left, piece, near):
                joined[-1] = replace(
                    left,
                    text=left.text + (" " if gap > 0.5 * em else "") + piece.text,
                    x1=max(left.x1, piece.x1),
                    top=min(left.top, piece.top),
                    bottom=max(left.bottom, piece.bottom),
                )
            else:
                joined.append(piece)
        lines += joined
    return lines


def _is_no_gutter(left: Piece, right: Piece, near: Sequence[Piece]) -> bool:
    """Whether more lines around print across the white between two pieces than have theirs in the same place."""
    em = min(left.size, right.size)
    ends = sum(each is not left and abs(each.x1 - left.x1) < 1.5 * em for each in near)
    begins = sum(each is not right and abs(each.x0 - right.x0) < 1.5 * em for each in near)
    return sum(_prints_across(each, left, right) for each in near) > min(ends, begins)


def _prints_across(other: Piece, left: Piece, right: Piece) -> bool:
    em = min(left.size, right.size)
    if not em / SAME_SIZE <= other.size <= em * SAME_SIZE or _level(other, left):
        return False
    return other.x0 < left.x1 - em and other.x1 > right.x0 + em
