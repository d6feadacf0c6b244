"""The blocks of a newspaper's sheet into its stories: which text stands under which headline, in the order of reading.

In: the pieces of a sheet. Out: stories, each with its headline and its blocks column by column, and the sheet's own
label. Sizes of type say what a headline is; where a headline stands says what is its text. Words are looked at
only where print leaves two readings open: a dateline begins an article, an open sentence goes on.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from statistics import median

from ingest.bylines import find_byline
from ingest.datelines import find_dateline
from ingest.folios import is_folio
from ingest.numerals import FULL_DAY
from ingest.readers.blocks import Block, blocks_of, body_size, overlap, same_column
from ingest.readers.glyphs import Piece

_HEADLINE = 1.3  # times the size of the text from which on type is a headline's
_SUBHEAD = 1.45  # times below which a line inside a column may be a sub-head
_LARGER = 1.06  # times from which on type is meant to be larger
_SMALLER = 0.87  # times below which type is a caption's
_HEAD_ROWS = 4  # rows of a headline's block at most: more of them, in large type, are text
_CAPTION_ROWS = 4
_TOGETHER = 1.1  # ems of white between the lines of one headline
_COVERED = 0.25  # share of a block's width that a headline has to cover
_GUTTER = 4.0  # ems between neighbouring columns at most
_UNDER = 4.0  # ems between a headline and its text at most, where a column beside it starts at one height with it
_LEVEL = 1.2  # ems by which things at one height differ
_KICKER = 12  # characters
_EDGE_ROWS = 3  # rows at the top and foot of a sheet where its label may stand
_LONGEST_LABEL = 80  # characters
_LABEL = re.compile(rf"{FULL_DAY}.*(?:星期|版|[日晚晨早时商]报|编辑)|(?:星期|版|[日晚晨早时商]报|编辑).*{FULL_DAY}")
_OPEN = re.compile(r"[^。！？!?…”’」』）)】\d]$")  # a sentence that ends so goes on elsewhere


@dataclass(slots=True)
class Story:
    """A headline's blocks from the top, the kicker above them, the text in reading order, captions."""

    head: list[Block] = field(default_factory=list)
    kicker: Block | None = None
    body: list[Block] = field(default_factory=list)
    captions: list[Block] = field(default_factory=list)

    @property
    def top(self) -> float:
        """Where its headline, or without one its text, begins."""
        return min(block.top for block in (*self.head, *self.body, *self.captions))

    @property
    def left(self) -> float:
        """Where it begins on the left."""
        return min(block.x0 for block in (*self.head, *self.body, *self.captions))


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet read: its label's rows, its stories, the size of its text."""

    labels: tuple[str, ...]
    stories: tuple[Story, ...]
    body: float


def read_sheet(pieces: Sequence[Piece]) -> Sheet:
    """Find the stories of a sheet, in the order in which their headlines stand: from the top, then from the left."""
    labels, rest = _without_labels(pieces)
    body = body_size(rest)
    blocks = _with_initials(blocks_of(rest), body)
    heads = [block for block in blocks if _is_headline(block, body)]
    texts = [block for block in blocks if block not in heads]
    stories = _headlines(heads)
    texts = _demoted(stories, texts, body)
    texts = _other_lines(stories, texts, body)
    stories += _placed(stories, texts, body)
    for story in stories:
        story.body = _reading_order(story.body)
    printed = [story for story in stories if story.head or story.body or story.captions]
    return Sheet(labels, tuple(sorted(printed, key=lambda story: (round(story.top / body / 2), story.left))), body)


# -- the sheet's own label -------------------------------------------------------------------------------------------


def _without_labels(pieces: Sequence[Piece]) -> tuple[tuple[str, ...], list[Piece]]:
    rows: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda each: (each.top + each.bottom) / 2):
        middle = (piece.top + piece.bottom) / 2
        if rows and middle < max(each.bottom for each in rows[-1]):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    labels: list[str] = []
    gone: set[int] = set()
    for row in rows if len(rows) <= 2 * _EDGE_ROWS else [*rows[:_EDGE_ROWS], *rows[-_EDGE_ROWS:]]:
        line = "　".join(piece.text for piece in sorted(row, key=lambda each: each.x0))
        if _is_label(line):
            labels.append(line)
            gone |= {id(piece) for piece in row}
            continue
        for piece in row:
            if is_folio(piece.text, edge=True) or _is_label(piece.text):
                labels.append(piece.text)
                gone.add(id(piece))
    return tuple(labels), [piece for piece in pieces if id(piece) not in gone]


def _is_label(line: str) -> bool:
    if is_folio(line, edge=True):
        return True
    return len(line) <= _LONGEST_LABEL and not re.search("[，。；！？]", line) and bool(_LABEL.search(line))


# -- what a block is -------------------------------------------------------------------------------------------------


def _with_initials(blocks: list[Block], body: float) -> list[Block]:
    """Give a drop cap back to the line that it begins."""
    whole = list(blocks)
    for cap in blocks:
        if len(cap.text) != 1 or cap.size < 1.7 * body:
            continue
        beside = [b for b in whole if b is not cap and -body < b.top - cap.top < 1.5 * body]
        beside = [b for b in beside if -0.5 * body < b.x0 - cap.x1 < 2 * body and b.size < _HEADLINE * body]
        if beside:
            block = beside[0]
            first = replace(block.rows[0], text=cap.text + block.rows[0].text)
            rows = [replace(r, x0=cap.x0) if r.top < cap.bottom else r for r in (first, *block.rows[1:])]
            whole[whole.index(block)] = replace(block, rows=tuple(rows), x0=cap.x0)
            whole.remove(cap)
    return whole


def _is_headline(block: Block, body: float) -> bool:
    if block.size < _HEADLINE * body or not re.search(r"\w", block.text):
        return False
    return len(block.text) > 1 and (block.upright or len(block.rows) <= _HEAD_ROWS)


def _is_caption(block: Block, body: float) -> bool:
    return block.size < _SMALLER * body and len(block.rows) <= _CAPTION_ROWS


# -- headlines -------------------------------------------------------------------------------------------------------


def _headlines(heads: Sequence[Block]) -> list[Story]:
    """Put the lines of one headline together: shoulder, main line, sub-headline stand close above each other."""
    stories: list[Story] = []
    for block in heads:
        for story in stories:
            last = story.head[-1]
            white = block.top - last.bottom
            close = -0.5 * last.size < white <= _TOGETHER * max(last.size, block.size)
            if close and same_column(last, block) and _in_line(last, block):
                story.head.append(block)
                break
        else:
            stories.append(Story([block]))
    return stories


def _in_line(a: Block, b: Block) -> bool:
    """Whether two lines are set to one edge or one middle, as the lines of a headline are."""
    slack = 1.5 * min(a.size, b.size)
    return min(abs(a.x0 - b.x0), abs(a.x1 - b.x1), abs(a.x0 + a.x1 - b.x0 - b.x1) / 2) <= slack


def _demoted(stories: list[Story], texts: list[Block], body: float) -> list[Block]:
    """Sub-heads in larger type back among the text: one line inside a column, under the text of a larger headline."""
    column = _column_width(texts)
    for story in list(stories):
        (line, *others) = story.head
        if others or len(line.rows) > 1 or line.upright or line.size >= _SUBHEAD * body or line.x1 - line.x0 > column:
            continue
        above, below = _nearest_above(line, texts), _nearest_below(line, texts)
        over = [s for s in stories if s is not story and s.head[-1].bottom <= line.top and _covers(s, line)]
        if not over or below is None or _opens(below):
            continue
        next_over = max(over, key=lambda s: s.head[-1].bottom)
        ceiling = max(next_over.head[-1].bottom, above.bottom if above else 0.0)
        if line.top - ceiling <= _UNDER * body and max(b.size for b in next_over.head) >= 1.25 * line.size:
            stories.remove(story)
            texts = [*texts, line]
    return sorted(texts, key=lambda block: (block.top, block.x0))


def _other_lines(stories: list[Story], texts: list[Block], body: float) -> list[Block]:
    """Lines of a headline that are set in hardly larger type than the text: a kicker or shoulder, a sub-headline."""
    column = _column_width(texts)
    left = list(texts)
    for story in stories:
        if any(block.upright for block in story.head):
            continue
        top, foot = story.head[0], story.head[-1]
        for block in texts:
            if len(block.rows) > 2 or block not in left or re.search("[。；]", block.text) or _opens(block):
                continue
            above = 0 <= top.top - block.bottom <= _TOGETHER * top.size and len(block.rows) == 1
            under = 0 <= block.top - foot.bottom <= _TOGETHER * foot.size and _nearest_below(block, texts)
            wide = block.x1 - block.x0 > 1.3 * column or block.size > _LARGER * body
            beside = _beside(block, texts, body) or _beside(block, texts, body, right=True)  # the rest of a column
            if above and not beside and len(block.text) <= _KICKER and _stands_alone(block, texts):
                if _within(block, story, 0.75 * column):
                    story.kicker = block
                    left.remove(block)
            elif wide and (above or under) and _within(block, story, 0.0) and _in_line(foot if under else top, block):
                story.head.insert(len(story.head) if under else 0, block)
                left.remove(block)
    return left


def _within(block: Block, story: Story, beyond: float) -> bool:
    x0, x1 = min(b.x0 for b in story.head) - beyond, max(b.x1 for b in story.head) + beyond
    return overlap(block.x0, block.x1, x0, x1) >= 0.8 * (block.x1 - block.x0)


def _stands_alone(block: Block, texts: Sequence[Block]) -> bool:
    above, below = _nearest_above(block, texts), _nearest_below(block, texts)
    lonely = above is None or block.top - above.bottom > 1.5 * block.size
    return lonely and (below is None or below.top - block.bottom > 1.5 * block.size)


def _column_width(texts: Sequence[Block]) -> float:
    widths = [block.x1 - block.x0 for block in texts for _ in block.rows if len(block.rows) > 2]
    return median(widths or [block.x1 - block.x0 for block in texts] or [0.0])


def _nearest_above(block: Block, others: Sequence[Block]) -> Block | None:
    above = [b for b in others if b is not block and b.bottom <= block.top + 0.5 * block.size and same_column(b, block)]
    return max(above, key=lambda b: b.bottom, default=None)


def _nearest_below(block: Block, others: Sequence[Block]) -> Block | None:
    below = [b for b in others if b is not block and b.top >= block.bottom - 0.5 * block.size and same_column(b, block)]
    return min(below, key=lambda b: b.top, default=None)


def _opens(block: Block) -> bool:
    """Whether a text begins as only an article does: with a dateline or a byline."""
    return bool(find_dateline("".join(row.text for row in block.rows[:3])) or find_byline(block.rows[0].text))


# -- text under headlines --------------------------------------------------------------------------------------------


def _placed(stories: list[Story], texts: Sequence[Block], body: float) -> list[Story]:
    """Give every block to the story that it belongs to; gives the stories without a headline that this leaves."""
    home: dict[int, Story] = {}
    done: list[Block] = []
    bare: list[Story] = []

    def place(block: Block, story: Story) -> None:
        home[id(block)] = story
        done.append(block)

    for block in texts:
        head = _head_above(block, stories, body)
        text = _nearest_above(block, texts)
        if head and (text is None or head.head[-1].bottom > text.bottom - 0.5 * body):
            place(block, head)
    left = [block for block in texts if id(block) not in home]
    left.sort(key=lambda block: (round(block.top / body / 2), block.x0))  # from the left, at each height
    ways: tuple[Callable[[Block], Story | None], ...] = (
        lambda block: _story_above(block, texts, home, body, done),
        lambda block: _story_beside(block, stories, done, home, body),
        lambda block: _story_before(block, done, home, body),
    )
    while left:
        found = next(((b, s) for way in ways for b in left if (s := way(b)) is not None), None)
        block, story = found or (left[0], Story())
        if found is None:
            bare.append(story)
        place(block, story)
        left.remove(block)
    for block in texts:
        story = home[id(block)]
        (story.captions if _is_caption(block, body) else story.body).append(block)
    return bare


def _head_above(block: Block, stories: Sequence[Story], body: float) -> Story | None:
    """The story whose headline stands next above, text or no text between."""
    heads = [s for s in stories if s.head and s.head[-1].bottom <= block.top + 0.5 * body and _covers(s, block)]
    return max(heads, key=lambda s: (round(s.head[-1].bottom / body / 2), _cover(s, block)), default=None)


def _story_above(
    block: Block, texts: Sequence[Block], home: dict[int, Story], body: float, done: Sequence[Block]
) -> Story | None:
    """The story of the text next above in the same column.

    Unless a headline that stands beside the gap between the two has its first text at this height: then this is that
    article's next column, which its headline does not reach.
    """
    text = _nearest_above(block, texts)
    if text is None or id(text) not in home:
        return None
    if block.top - text.bottom > _LEVEL * body:
        for right in (False, True):
            neighbour = _beside(block, done, body, right=right)
            other = home[id(neighbour)] if neighbour else None
            begins_anew = _opens(block) if not right else neighbour is not None and _opens(neighbour)
            if other and other.head and not begins_anew and text.bottom - 0.5 * body <= other.head[0].top:
                return other
    return home[id(text)]


def _story_beside(
    block: Block, stories: Sequence[Story], done: Sequence[Block], home: dict[int, Story], body: float
) -> Story | None:
    """The story of a block over which there is nothing.

    That of the headline that stands upright beside it, or of the column beside it that begins at the same height.
    """
    for story in stories:
        for head in story.head:
            near = min(abs(block.x0 - head.x1), abs(head.x0 - block.x1)) <= _GUTTER * body
            if head.upright and near and head.top - _LEVEL * body <= block.top <= head.bottom:
                return story
    left, right = _beside(block, done, body), _beside(block, done, body, right=True)
    if left is not None and not _opens(block):
        return home[id(left)]
    return home[id(right)] if right is not None and not _opens(right) else None


def _story_before(block: Block, done: Sequence[Block], home: dict[int, Story], body: float) -> Story | None:
    """The story that runs on from the column to the left into a block over which there is nothing."""
    left = [b for b in done if 0 <= block.x0 - b.x1 <= _GUTTER * body]
    if _opens(block) or not left:
        return None
    runs_on = [b for b in left if _OPEN.search(b.text)]
    last = max(runs_on or left, key=lambda b: b.bottom)
    level = overlap(last.top, last.bottom, block.top, block.bottom) > 0
    return home[id(last)] if runs_on or level else None


def _beside(block: Block, done: Sequence[Block], body: float, *, right: bool = False) -> Block | None:
    """The block in the next column that begins at the same height."""
    for other in done:
        white = other.x0 - block.x1 if right else block.x0 - other.x1
        if abs(other.top - block.top) <= _LEVEL * body and -0.5 * body <= white <= _GUTTER * body:
            return other
    return None


def _covers(story: Story, block: Block) -> bool:
    return _cover(story, block) >= _COVERED * (block.x1 - block.x0) and not all(b.upright for b in story.head)


def _cover(story: Story, block: Block) -> float:
    return max(overlap(block.x0, block.x1, head.x0, head.x1) for head in story.head)


# -- the order of reading --------------------------------------------------------------------------------------------


def _reading_order(blocks: Sequence[Block]) -> list[Block]:
    """Column by column from the left, each from the top; a line across columns parts what is above from the rest."""
    across = [block for block in blocks if _spans_columns(block, blocks)]
    if across:
        first = min(across, key=lambda block: block.top)
        middle = (first.top + first.bottom) / 2
        rest = [block for block in blocks if block is not first]
        above = [block for block in rest if (block.top + block.bottom) / 2 < middle]
        below = [block for block in rest if (block.top + block.bottom) / 2 >= middle]
        return [*_reading_order(above), first, *_reading_order(below)]
    columns: list[list[Block]] = []
    for block in sorted(blocks, key=lambda each: each.x0):
        home = next((column for column in columns if any(same_column(block, other) for other in column)), None)
        if home is None:
            columns.append([block])
        else:
            home.append(block)
    return [block for column in columns for block in sorted(column, key=lambda each: each.top)]


def _spans_columns(block: Block, blocks: Sequence[Block]) -> bool:
    under = [b for b in blocks if b is not block and overlap(b.x0, b.x1, block.x0, block.x1) > 1.5 * block.size]
    return any(a.x1 <= b.x0 + 0.5 * block.size for a in under for b in under if a is not b)
