"""PDF files into pages: their text layer with its places and sizes, or a picture of the page where it has none.

In: a path. Out: for every page of the file the characters that are drawn on it, or that it is a scan. It never looks
for articles, runs no script of the file and follows none of its links.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium
from numpy.typing import NDArray

from ingest.errors import UnreadablePage
from ingest.readers.glyphs import Glyph, Piece, pieces_of

MOST_PAGES = 400  # a thick weekend edition has a hundred
MOST_GLYPHS = 200_000  # on one page: a broadsheet's has ten thousand
MOST_PIXELS = 40_000_000  # of a page that is made a picture of
_SCAN_GLYPHS = 20  # characters up to which a page with a picture on it is a scan with, say, a stamped number
_SCAN_DPI = 200
_UPRIGHT = 0.1  # radians by which type may lean
_PICTURE_SHARE = 0.3  # of the page that a scan's picture covers


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page of the file: its pieces, or nothing but a picture."""

    number: int
    pieces: tuple[Piece, ...]
    picture: bool


@contextmanager
def open_pdf(path: Path, name: str) -> Iterator[pypdfium2.PdfDocument]:
    """The file, open. Raises UnreadablePage for one that is broken, locked or endless."""
    try:
        document = pypdfium2.PdfDocument(path)
        count = len(document)
    except pypdfium2.PdfiumError as e:
        locked = "password" in str(e).lower()
        way = (
            "is locked with a password; save it without one"
            if locked
            else "is no PDF file that can be read; save it again"
        )
        raise UnreadablePage(f"{name!r} {way}") from e
    try:
        if not 0 < count <= MOST_PAGES:
            raise UnreadablePage(f"{name!r} has {count:,} pages, {MOST_PAGES} at most are read; cut it into issues")
        yield document
    finally:
        document.close()


def sheets_of(document: pypdfium2.PdfDocument) -> Iterator[Sheet | None]:
    """Every page, in order; None for one that cannot be read."""
    for index in range(len(document)):
        try:
            page = document[index]
        except pypdfium2.PdfiumError:
            yield None
            continue
        try:
            glyphs = list(_glyphs(page))
            scan = len(glyphs) <= _SCAN_GLYPHS and _has_picture(page)
            yield Sheet(index + 1, () if scan else tuple(pieces_of(glyphs)), scan)
        except pypdfium2.PdfiumError:
            yield None
        finally:
            page.close()


def picture_of(document: pypdfium2.PdfDocument, number: int) -> NDArray[np.uint8]:
    """Page `number` (from 1) as a picture in three colours, no larger than MOST_PIXELS."""
    page = document[number - 1]
    try:
        width, height = page.get_size()
        scale = min(_SCAN_DPI / 72, math.sqrt(MOST_PIXELS / max(1.0, width * height)))
        bitmap = page.render(scale=scale, may_draw_forms=False, force_bitmap_format=pdfium.FPDFBitmap_BGR)
        picture: NDArray[np.uint8] = bitmap.to_numpy().copy()
        bitmap.close()
        return picture
    finally:
        page.close()


def _has_picture(page: pypdfium2.PdfPage) -> bool:
    width, height = page.get_size()
    for found in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=3):
        left, bottom, right, top = found.get_bounds()
        if (right - left) * (top - bottom) > _PICTURE_SHARE * width * height:
            return True
    return False


def _glyphs(page: pypdfium2.PdfPage) -> Iterator[Glyph]:
    """What the page draws, in the order in which it does, upright type only, y downwards."""
    text = page.get_textpage()
    try:
        raw = text.raw
        count = pdfium.FPDFText_CountChars(raw)
        turn = _Turn(page)
        box, matrix = pdfium.FS_RECTF(), pdfium.FS_MATRIX()
        for index in range(min(count, MOST_GLYPHS)):
            code = pdfium.FPDFText_GetUnicode(raw, index)
            character = chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else ""
            if not character or pdfium.FPDFText_IsGenerated(raw, index) == 1:
                continue
            if not character.isspace() and not character.isprintable():
                continue
            if not pdfium.FPDFText_GetLooseCharBox(raw, index, ctypes.byref(box)):
                continue
            size = pdfium.FPDFText_GetFontSize(raw, index)
            if pdfium.FPDFText_GetMatrix(raw, index, ctypes.byref(matrix)):
                size *= math.hypot(matrix.c, matrix.d)
            angle = pdfium.FPDFText_GetCharAngle(raw, index) - turn.angle
            leans = abs((angle + math.pi) % (2 * math.pi) - math.pi) > _UPRIGHT
            if leans or not 1 <= size <= 2000:
                continue
            x0, top, x1, bottom = turn.place(box)
            if math.isfinite(x0 + top + x1 + bottom) and x1 >= x0 and bottom >= top:
                yield Glyph(character, x0, top, x1, bottom, size)
    finally:
        text.close()


class _Turn:
    """From the page's own coordinates, which grow upwards and may be turned, to those of the sheet that one sees."""

    def __init__(self, page: pypdfium2.PdfPage) -> None:
        self.degrees = page.get_rotation()
        self.left, self.low, self.right, self.high = page.get_cropbox()
        self.angle = -math.radians(self.degrees)  # type that stands upright on the turned sheet leans so on the page

    def place(self, box: Any) -> tuple[float, float, float, float]:  # noqa: ANN401 - a structure of ctypes
        """Left, top, right, bottom."""
        if self.degrees == 90:
            return box.bottom - self.low, box.left - self.left, box.top - self.low, box.right - self.left
        if self.degrees == 180:
            return self.right - box.right, box.bottom - self.low, self.right - box.left, box.top - self.low
        if self.degrees == 270:
            return self.high - box.top, self.right - box.right, self.high - box.bottom, self.right - box.left
        return box.left - self.left, self.high - box.top, box.right - self.left, self.high - box.bottom
