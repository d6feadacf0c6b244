"""A sheet of print into a page with its articles: for PDFs and scans alike.

In: the pieces of a sheet, what is known of the file. Out: the page's text, in reading order, and the articles in it.
Where a sheet is all of one size, like a typed page, its lines are split as those of a text page are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ingest.articles import Split, build_article, split_page
from ingest.bylines import find_byline
from ingest.datelines import find_dateline
from ingest.folios import folio_facts
from ingest.jumps import find_jumps
from ingest.lines import Line
from ingest.models import Article, Furniture, Page, PageFacts
from ingest.readers.blocks import Block, same_column
from ingest.readers.facts import Reading
from ingest.readers.glyphs import Piece
from ingest.readers.stories import Sheet, Story, read_sheet
from ingest.roles import Role

_INDENT = (1.2, 3.6)  # ems by which a paragraph's first line stands in
_SHORT = 1.6  # ems of white at the end of a paragraph's last line
_SUBHEAD = 22  # characters of a sub-head at most
_MAIN = 1.12  # times that the main lines of a headline differ in size
_NUMBER = re.compile(r"(?<![\dA-Za-z年月.:：])([A-Z]?\d{1,2})(?![\d年月日.:：])")
_CLOSED = re.compile(r"[。！？!?…][”’」』）)】]*$")


@dataclass(frozen=True, slots=True)
class _Part:
    """A line of the page to be written, and its part in the article."""

    text: str
    role: Role


def read_print(name: str, form: str, pieces: Sequence[Piece], outer: PageFacts, number: str | None) -> Reading:
    """Read one sheet. `outer` wins over the sheet's label, `number` (its place in the file) is the last resort."""
    sheet = read_sheet(pieces)
    label = folio_facts(list(sheet.labels))
    at_edge = _NUMBER.search(" ".join(sheet.labels))
    page = Page(
        file=name,
        text="",
        encoding=form,
        paper=outer.paper or label.paper,
        date=outer.date or label.day,
        page=outer.page or label.page or (at_edge[1].lstrip("0") if at_edge else None) or number,
    )
    if not any(story.head for story in sheet.stories):
        return _as_text(page, sheet)
    return _as_printed(page, sheet)


def _as_text(page: Page, sheet: Sheet) -> Reading:
    """Without any headline in larger type the lines have to be weighed as those of a text are."""
    lines = [part.text for story in sheet.stories for part in _parts(story) if part.role is not Role.TAIL]
    whole = replace(page, text="\n".join([*sheet.labels, *lines]))
    return Reading(whole, split_page(whole))


def _as_printed(page: Page, sheet: Sheet) -> Reading:
    text = ""
    furniture: list[Furniture] = []
    groups: list[tuple[Story, list[tuple[Line, Role]]]] = []
    for label in sheet.labels:
        furniture.append(Furniture(len(text), len(text) + len(label), label))
        text += label + "\n"
    for story in sheet.stories:
        text += "\n"
        group: list[tuple[Line, Role]] = []
        for part in _parts(story):
            group.append((Line(part.text, len(text), len(text) + len(part.text), 0, 0), part.role))
            text += part.text + "\n"
        groups.append((story, group))
    whole = replace(page, text=text)
    articles = tuple(_titled(build_article(whole, group), story) for story, group in groups if group)
    return Reading(whole, Split(articles, tuple(furniture)))


def _titled(article: Article, story: Story) -> Article:
    """The headline by its sizes: what is printed largest is the main line, what stands over it the shoulder."""
    rows = list(_head_rows(story))
    if not rows:
        return article
    largest = max(size for _, size in rows)
    main = [n for n, (_, size) in enumerate(rows) if size * _MAIN >= largest]
    return replace(
        article,
        title=" ".join(text for text, _ in rows[: main[-1] + 1]),
        subtitle=" ".join(text for text, _ in rows[main[-1] + 1 :]) or None,
    )


def _head_rows(story: Story) -> Iterator[tuple[str, float]]:
    for block in story.head:
        if block.upright:
            yield block.text, block.size
        else:
            yield from ((row.text, block.size) for row in block.rows)


def _parts(story: Story) -> Iterator[_Part]:
    if story.kicker:
        yield _Part(story.kicker.text, Role.KICKER)
    for n, (text, _) in enumerate(_head_rows(story)):
        yield _Part(text, Role.MORE_HEADLINE if n else Role.HEADLINE)
    yield from _with_roles(list(_fragments(story.body)), headed=bool(story.head))
    for caption in story.captions:
        yield _Part(_joined(caption.rows), Role.TAIL)


@dataclass(frozen=True, slots=True)
class _Fragment:
    """Rows of one paragraph that stand together; `opens`: they are its beginning."""

    text: str
    opens: bool
    rows: int


def _with_roles(fragments: list[_Fragment], *, headed: bool) -> Iterator[_Part]:
    begun = False
    for n, fragment in enumerate(fragments):
        last = n + 1 == len(fragments)
        if headed and not begun and fragment.rows == 1 and find_byline(fragment.text):
            yield _Part(fragment.text, Role.BYLINE)
            continue
        if (
            fragment.rows == 1
            and (whole := find_jumps(fragment.text))
            and whole[0].end - whole[0].start == len(fragment.text)
        ):
            yield _Part(fragment.text, Role.JUMP if not begun else Role.TAIL)
            continue
        if last and begun and fragment.rows == 1 and find_byline(fragment.text):
            yield _Part(fragment.text, Role.TAIL)
        elif not fragment.opens and begun:
            yield _Part(fragment.text, Role.CONTINUATION)
        elif begun and not last and _is_subhead(fragment) and fragments[n + 1].opens:
            yield _Part(fragment.text, Role.SUBHEAD)
        else:
            yield _Part(fragment.text, Role.PARAGRAPH if begun or headed else Role.OPENING)
        begun = True


def _is_subhead(fragment: _Fragment) -> bool:
    short = fragment.rows == 1 and len(fragment.text) <= _SUBHEAD and not re.search(r"[。，；：…]$", fragment.text)
    return short and not find_dateline(fragment.text) and not _CLOSED.search(fragment.text)


def _fragments(blocks: Sequence[Block]) -> Iterator[_Fragment]:
    """Cut rows into paragraphs, by indents and short last lines; a column's end tears none."""
    indented = sum(_indent(row, block, blocks) for block in blocks for row in block.rows) > 0
    before: tuple[Piece, float] | None = None  # the row above, and where its column ends on the right
    for block in blocks:
        right = max(other.x1 for other in blocks if same_column(other, block))
        rows: list[Piece] = []
        opens = True
        for row in block.rows:
            begins = before is None or _begins(row, before, indented=indented, indent=_indent(row, block, blocks))
            if rows and begins:
                yield _Fragment(_joined(rows), opens, len(rows))
                rows = []
            if not rows:
                opens = begins
            rows.append(row)
            before = (row, right)
        yield _Fragment(_joined(rows), opens, len(rows))


def _begins(row: Piece, before: tuple[Piece, float], *, indented: bool, indent: bool) -> bool:
    above, right = before
    if indent:
        return True
    short = right - above.x1 > _SHORT * above.size
    if find_dateline(row.text):
        return True
    return short and (not indented or bool(_CLOSED.search(above.text)))


def _indent(row: Piece, block: Block, blocks: Sequence[Block]) -> bool:
    left = min(other.x0 for other in blocks if same_column(other, block))
    return _INDENT[0] * row.size <= row.x0 - left <= _INDENT[1] * row.size


def _joined(rows: Sequence[Piece]) -> str:
    text = ""
    for row in rows:
        wide = text and text[-1].isascii() and row.text[0].isascii() and text[-1].isalnum() and row.text[0].isalpha()
        text += (" " if wide else "") + row.text
    return text
