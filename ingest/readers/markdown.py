"""Markdown into the blocks of a document: headings, paragraphs, what a header says of the whole.

In: text. Out: blocks without markup, and the header's fields. It reads what people write in notes and what converters
write: ATX and underlined headings, emphasis, links, lists, quotes, tables, fences; pictures and raw HTML are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.readers.outline import Block

_HEADER = re.compile(r"\A---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FIELD = re.compile(r"^([^\s:#][^:：]{0,40})[:：][ \t]*(.*)$", re.MULTILINE)
_HEADING = re.compile(r"^ {0,3}(#{1,6})(?:[ \t]+|(?=[^#\s]))(.*?)[ \t]*#*$")
_UNDERLINE = re.compile(r"^ {0,3}(=+|-+)[ \t]*$")
_RULE = re.compile(r"^ {0,3}([-*_])(?:[ \t]*\1){2,}[ \t]*$")
_ITEM = re.compile(r"^[ \t]*(?:[-*+]|\d{1,3}[.)])[ \t]+")
_TABLE_RULE = re.compile(r"^\s*\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?\s*$")
_INLINE = (
    (re.compile(r"!\[[^\]\n]{0,500}\]\([^)\n]{0,2000}\)"), ""),  # a picture
    (re.compile(r"\[([^\]\n]{1,500})\](?:\([^)\n]{0,2000}\)|\[[^\]\n]{0,200}\])"), r"\1"),  # a link
    (re.compile(r"<(https?://[^>\s]{1,2000})>"), r"\1"),
    (re.compile(r"</?[A-Za-z][^<>\n]{0,500}>"), ""),
    (re.compile(r"(\*\*\*|\*\*|__|~~)(?=\S)(.{1,2000}?)(?<=\S)\1"), r"\2"),
    (re.compile(r"(?<![A-Za-z0-9*])\*(?=\S)([^*\n]{1,2000}?)(?<=\S)\*(?![A-Za-z0-9*])"), r"\1"),
    (re.compile(r"`([^`\n]{1,2000})`"), r"\1"),
    (re.compile(r"\\([\\`*_{}\[\]()#+.!~|-])"), r"\1"),
)


def header_of(text: str) -> tuple[dict[str, str], int]:
    """The fields between the two rules at the very top, and where the text goes on."""
    found = _HEADER.match(text)
    if not found:
        return {}, 0
    fields = {name.strip().lower(): value.strip().strip("\"'") for name, value in _FIELD.findall(found[1])}
    return fields, found.end()


def blocks_of(text: str) -> Iterator[Block]:
    """The blocks of a text without a header."""
    paragraph: list[str] = []
    fenced = False
    for line in text.splitlines():
        if re.match(r"^ {0,3}(?:```|~~~)", line):
            fenced = not fenced
            yield from _paragraph(paragraph)
            continue
        heading = None if fenced else _HEADING.match(line)
        under = None if fenced or not paragraph else _UNDERLINE.match(line)
        if heading or (under and len(paragraph) == 1):
            if under and not heading:
                yield Block(_bare(paragraph.pop()), 1 if under[1][0] == "=" else 2)
                continue
            yield from _paragraph(paragraph)
            assert heading is not None  # noqa: S101 - one of the two is
            yield Block(_bare(heading[2]), len(heading[1]))
        elif not line.strip() or _RULE.match(line) or _TABLE_RULE.match(line):
            yield from _paragraph(paragraph)
        elif _ITEM.match(line) or line.lstrip().startswith(("|", "\u3000")) or fenced:
            yield from _paragraph(paragraph)
            paragraph.append(_cells(_ITEM.sub("", line)))
        else:
            paragraph.append(re.sub(r"^ {0,3}(?:>[ \t]?)+", "", line))
            if line.endswith(("  ", "\\")):  # a line that is broken on purpose
                yield from _paragraph(paragraph)
    yield from _paragraph(paragraph)


def _paragraph(lines: list[str]) -> Iterator[Block]:
    text = ""
    for line in map(str.strip, lines):
        wide = text and line and text[-1].isascii() and line[0].isascii()
        text += (" " if wide else "") + line.removesuffix("\\")
    lines.clear()
    bare = _bare(text)
    if bare:
        yield Block(bare)


def _cells(line: str) -> str:
    bare = line.strip()
    return "　".join(cell.strip() for cell in bare.strip("|").split("|")) if bare.startswith("|") else line


def _bare(text: str) -> str:
    for pattern, instead in _INLINE:
        text = pattern.sub(instead, text)
    return " ".join(text.split(" ")).strip()
