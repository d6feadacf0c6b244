"""The process in which foreign parsers read foreign bytes: `python -m ingest.readers.child`.

In: a line for each file to read. Out: a line for each page that was read or refused, and one for the end of the file.
It is shut in before it reads anything, and lives until its input ends.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from ingest.errors import WenBaoError
from ingest.readers.confinement import bound, shut_in
from ingest.readers.facts import Asked, Reading, Refusal
from ingest.readers.kinds import DOCX, FEED, HTML, IMAGE, KINDS, MARKDOWN, PDF, TEXT, Kind
from ingest.readers.wire import asked_of, end_line, found_line

MEMORY = 3 << 30  # bytes of address space: libraries take one of them
OCR_MEMORY = 8 << 30  # recognising characters on a broadsheet
Reader = Callable[[Path, Asked], Iterator[Reading | Refusal]]


def main() -> None:
    """Read what is asked for until nobody asks any more."""
    out = os.fdopen(os.dup(1), "wb", buffering=0)
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)  # a library that prints must not be taken for us
    os.dup2(quiet, 2)
    shut_in(OCR_MEMORY)
    for line in sys.stdin.buffer:
        path, name, asked = asked_of(line)
        kind = next(kind for kind in KINDS if kind.name == name)
        memory = OCR_MEMORY if kind in (PDF, IMAGE) else MEMORY
        bound(memory, kind.seconds)
        for found in _found(Path(path), kind, asked):
            out.write(found_line(found))
            bound(memory, kind.seconds)
        out.write(end_line())


def _found(path: Path, kind: Kind, asked: Asked) -> Iterator[Reading | Refusal]:
    try:
        yield from _reader(kind)(path, asked)
    except WenBaoError as e:
        yield Refusal(str(e))
    except MemoryError:
        yield Refusal(f"{asked.name!r} takes more memory than a page may; is it one?")
    except Exception as e:  # noqa: BLE001 - whatever a parser says of bytes that it cannot bear
        why = " ".join(f"{type(e).__name__}: {e}".split())[:200]
        yield Refusal(f"{asked.name!r} cannot be read as {kind.name.upper()} ({why}); save it again")


def _reader(kind: Kind) -> Reader:
    """Imported when first needed: a run over text pages loads no PDF library."""
    if kind is HTML:
        from ingest.readers.html import read_html

        return read_html
    if kind is PDF:
        from ingest.readers.scans import read_pdf

        return read_pdf
    if kind is IMAGE:
        from ingest.readers.scans import read_image

        return read_image
    if kind is DOCX:
        from ingest.readers.docx import read_docx

        return read_docx
    if kind is FEED:
        from ingest.readers.feed import read_feed

        return read_feed
    if kind in (TEXT, MARKDOWN):
        from ingest.readers.plain import read_plain

        return read_plain
    raise ValueError(f"nothing reads {kind.name} here")


if __name__ == "__main__":
    main()
