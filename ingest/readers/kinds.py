"""Which files are pages, by the ends of their names: the one table of formats.

In: a name. Out: its kind, and how long such a file may be. It opens nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

MEGABYTE = 1_000_000
MOST_JOBS = 32  # processes that read at a time


@dataclass(frozen=True, slots=True)
class Kind:
    """A format.

    `longest`: bytes that such a file may have; `apart`: a parser that is not ours reads it, in a process of its own;
    `seconds`: of work that this may take for one page.
    """

    name: str
    suffixes: tuple[str, ...]
    longest: int
    apart: bool = False
    seconds: float = 30.0


# JSON lines stream, so that no file is too long; packed ones are bounded as they unpack.
RECORDS = Kind("records", (".jsonl", ".jsonl.xz", ".jsonl.gz"), 1 << 62)
TEXT = Kind("text", (".txt", ".text", ""), 5 * MEGABYTE)  # a page is 20,000 to 100,000 bytes, a whole issue a million
MARKDOWN = Kind("markdown", (".md", ".markdown"), 5 * MEGABYTE)
TABLE = Kind("table", (".csv", ".tsv"), 2_000 * MEGABYTE)  # streams
LIST = Kind("list", (".json",), 100 * MEGABYTE)  # is whole in memory
HTML = Kind("html", (".html", ".htm", ".xhtml", ".shtml"), 20 * MEGABYTE, apart=True)
PDF = Kind("pdf", (".pdf",), 500 * MEGABYTE, apart=True, seconds=300.0)
IMAGE = Kind(
    "image", (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".bmp"), 200 * MEGABYTE, apart=True, seconds=300.0
)
DOCX = Kind("docx", (".docx",), 100 * MEGABYTE, apart=True)
FEED = Kind("feed", (".rss", ".atom", ".xml", ".rdf"), 50 * MEGABYTE, apart=True)
ARCHIVE = Kind("archive", (".zip", ".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz"), 4_000 * MEGABYTE)
PACKED = Kind("packed", (".xz", ".gz"), 2_000 * MEGABYTE)
KINDS = (RECORDS, TEXT, MARKDOWN, TABLE, LIST, HTML, PDF, IMAGE, DOCX, FEED, ARCHIVE, PACKED)
READ = "text, Markdown, HTML, PDF, DOCX, pictures, JSON lines, JSON, CSV, RSS, Atom, and archives of these"


def holds_records(name: str) -> bool:
    """Whether each article of such a file says itself where it belongs; the file's own path then says nothing of it."""
    return kind_of(name) in (RECORDS, TABLE, LIST)


def kind_of(name: str) -> Kind | None:
    """The kind that the end of a file's name says; None where it says nothing that is read."""
    low = PurePath(name).name.lower()
    for kind in (RECORDS, ARCHIVE, *KINDS):
        if any(suffix and low.endswith(suffix) for suffix in kind.suffixes):
            return kind
    return TEXT if "." not in low.lstrip(".") else None
