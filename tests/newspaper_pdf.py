"""Newspaper pages set by the tests: boxes of type at places of ours, as a PDF with a text layer.

The text is invented. A column is set as printers do: two characters of indent, no gap between characters, a last line
that ends where it ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

FONT = "STSong-Light"  # every reader of PDFs has it: nothing is embedded
BODY, LEADING = 10.0, 15.0
WIDTH, HEIGHT = 595.0, 842.0
MARGIN, GUTTER = 40.0, 16.0
_NOT_FIRST = "，。！？；：、”’）》"


@dataclass
class Paper:
    """A sheet that is being set; y counts from its top."""

    path: Path
    columns: int = 3
    rotation: int = 0

    def __post_init__(self) -> None:
        pdfmetrics.registerFont(UnicodeCIDFont(FONT))
        self.canvas = Canvas(str(self.path), pagesize=(WIDTH, HEIGHT))
        self.column = (WIDTH - 2 * MARGIN - GUTTER * (self.columns - 1)) / self.columns

    def left(self, column: int) -> float:
        return MARGIN + column * (self.column + GUTTER)

    def line(self, text: str, x: float, top: float, size: float = BODY) -> None:
        self.canvas.setFont(FONT, size)
        self.canvas.drawString(x, HEIGHT - top - 0.88 * size, text)

    def upright(self, text: str, x: float, top: float, size: float) -> None:
        for n, character in enumerate(text):
            self.line(character, x, top + n * size * 1.1, size)

    def headline(self, text: str, column: int, span: int, top: float, size: float) -> None:
        """A line in the middle of the columns that it spans."""
        width = span * self.column + (span - 1) * GUTTER
        self.line(text, self.left(column) + (width - size * len(text)) / 2, top, size)

    def flow(self, paragraphs: Sequence[str], boxes: Sequence[tuple[int, float, float]], size: float = BODY) -> None:
        """Set paragraphs into boxes (column, top, bottom), one after the other."""
        lines = [line for paragraph in paragraphs for line in set_lines(paragraph, int(self.column // size))]
        for column, top, bottom in boxes:
            at = top
            while lines and at + LEADING <= bottom:
                indent, text = lines.pop(0)
                self.line(text, self.left(column) + indent * size, at, size)
                at += LEADING
        assert not lines, f"{len(lines)} lines too many for the boxes"

    def next_sheet(self) -> None:
        self.canvas.showPage()

    def save(self) -> Path:
        self.canvas.save()
        return self.path


def set_lines(paragraph: str, width: int) -> list[tuple[int, str]]:
    """Lines of `width` ems, the first two of the paragraph's white; no line begins with a full stop."""
    lines: list[tuple[int, str]] = []
    indent, line, used = 2, "", 2.0
    for character in paragraph:
        em = 0.5 if character.isascii() else 1.0
        if used + em > width and character not in _NOT_FIRST:
            lines.append((indent, line))
            indent, line, used = 0, "", 0.0
        line, used = line + character, used + em
    return [*lines, (indent, line)]
