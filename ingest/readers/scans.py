"""PDFs and pictures into pages: characters from the text layer where there is one, recognised where there is none.

In: a path, what is known of it. Out: a page for every sheet of the file. A sheet that cannot be read is said and the
others are read all the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from ingest.models import PageFacts
from ingest.readers.facts import Asked, Reading, Refusal
from ingest.readers.glyphs import Piece
from ingest.readers.ocr import pictures_in, read_picture
from ingest.readers.pdf import open_pdf, picture_of, sheets_of
from ingest.readers.printed import read_print


def read_pdf(path: Path, asked: Asked) -> Iterator[Reading | Refusal]:
    """Read one PDF file."""
    with open_pdf(path, asked.name) as document:
        count = len(document)
        for number, sheet in enumerate(sheets_of(document), 1):
            if sheet is None:
                yield Refusal(f"{asked.name!r} page {number} of {count} is broken; save the file again")
            elif sheet.picture:
                pieces = read_picture(picture_of(document, number), asked.name)
                yield _page(asked, "pdf, recognised", pieces, number, count)
            else:
                yield _page(asked, "pdf", sheet.pieces, number, count)


def read_image(path: Path, asked: Asked) -> Iterator[Reading | Refusal]:
    """Read one picture, or one file of several."""
    pictures = pictures_in(path, asked.name)
    for number, picture in enumerate(pictures, 1):
        yield _page(asked, "picture, recognised", read_picture(picture, asked.name), number, len(pictures))


def _page(asked: Asked, form: str, pieces: Sequence[Piece], number: int, count: int) -> Reading | Refusal:
    """One of `count` sheets; the page number that a path gives is that of a file of one sheet."""
    if not pieces:
        where = f" page {number} of {count}" if count > 1 else ""
        return Refusal(f"{asked.name!r}{where} holds no text")
    outer = asked.outer
    if count > 1:
        outer = PageFacts(outer.paper, outer.date, asked.said.page)
    return read_print(asked.name, form, pieces, outer, str(number) if count > 1 else None)
