"""Word documents (.docx) into pages.

In: a path. Out: a page with its articles, by the styles of its paragraphs. Tables give a paragraph for each row;
headers, footers, notes and pictures are left out.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import docx
from docx.opc.exceptions import PackageNotFoundError
from docx.table import Table
from docx.text.paragraph import Paragraph

from ingest.errors import UnreadablePage
from ingest.readers.bounds import check_sizes
from ingest.readers.facts import Asked, Reading, Refusal
from ingest.readers.outline import Block, read_outline


def read_docx(path: Path, asked: Asked) -> Iterator[Reading | Refusal]:
    """Read one document."""
    try:
        with zipfile.ZipFile(path) as packed:
            check_sizes(packed.infolist(), asked.name)
        document = docx.Document(str(path))
    except (zipfile.BadZipFile, PackageNotFoundError, KeyError, ValueError) as e:
        raise UnreadablePage(f"{asked.name!r} is no Word document that can be read; save it again as .docx") from e
    blocks = [block for each in document.iter_inner_content() for block in _blocks(each)]
    if not any(block.text for block in blocks):
        raise UnreadablePage(f"{asked.name!r} holds no text")
    yield read_outline(asked.name, "docx", blocks, asked.outer)


def _blocks(found: Paragraph | Table) -> Iterator[Block]:
    if isinstance(found, Paragraph):
        level = _level(found)
        lines = [" ".join(line.split()) for line in found.text.splitlines()]
        if level is not None:
            yield Block(" ".join(filter(None, lines)), level)
        else:
            yield from (Block(line) for line in lines if line)
        return
    for row in found.rows:
        cells: list[str] = []
        for cell in row.cells:
            text = " ".join(cell.text.split())
            if text and (not cells or cells[-1] != text):  # a cell that spans columns is told once for each
                cells.append(text)
        if cells:
            yield Block("　".join(cells))


def _level(paragraph: Paragraph) -> int | None:
    """0 for the title of the whole, 1 to 9 for headings: by the style's name, whatever the language of the program."""
    style = paragraph.style
    name = (style.name or "").lower() if style is not None else ""
    if name in ("title", "标题"):
        return 0
    for prefix in ("heading ", "标题 ", "标题"):
        number = name.removeprefix(prefix)
        if number != name and number.isdigit():
            return int(number)
    return None
