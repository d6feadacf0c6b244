"""Files of JSON lines (.jsonl, also packed as .xz or .gz) into articles, each line one article.

In: a path. Out: articles one by one, and for a line that cannot be used the reason why, so that the rest goes on.
It streams: no file is ever whole in memory. What the fields of a line mean is known to `fields`.
"""

from __future__ import annotations

import gzip
import json
import lzma
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from ingest.errors import UnreadablePage
from ingest.exported import CARRIED, exported_article
from ingest.fields import article_of
from ingest.models import Article
from ingest.readers.bounds import within_ratio
from ingest.readers.kinds import RECORDS

LONGEST = 8_000_000  # bytes of a line: a whole newspaper fits; beyond it lies a file that is no JSON lines
_BROKEN = (OSError, lzma.LZMAError, EOFError, zlib.error)  # what reading a file, packed or not, may raise
BLOCK = 1_000_000  # bytes read at a time when lines are counted


@dataclass(frozen=True, slots=True)
class BadRecord:
    """A line (from 1) that is no article, and why."""

    line: int
    reason: str


def is_records(path: Path) -> bool:
    """Whether the file's name says that it holds JSON lines."""
    return path.name.lower().endswith(RECORDS.suffixes)


def count_lines(path: Path) -> int:
    """How many articles a file has at most, without reading them; 0 where `read_records` will say what is wrong."""
    count, block = 0, b"\n"
    try:
        with _open(path) as file:
            total, packed = 0, _packed_size(path)
            while more := file.read(BLOCK):
                block = more
                count += block.count(b"\n")
                total += len(block)
                if packed and not within_ratio(total, packed):
                    return 0
    except _BROKEN:
        return 0
    return count + (not block.endswith(b"\n"))


def read_records(path: Path, name: str | None = None) -> Iterator[Article | BadRecord]:
    """Every line of a file that is not blank. `start`/`end` of an article count characters of the (unpacked) file.

    `name`: how the file is shown where that is not its path. Raises UnreadablePage where it cannot be unpacked.
    """
    try:
        with _open(path) as file:
            yield from _lines(file, path, name or str(path))
    except _BROKEN as e:
        raise UnreadablePage(f"{(name or str(path))!r} cannot be read ({e}); check the file") from e


def _open(path: Path) -> IO[bytes]:
    name = path.name.lower()
    if name.endswith(".gz"):
        return cast("IO[bytes]", gzip.open(path, "rb"))
    return lzma.open(path, "rb") if name.endswith(".xz") else path.open("rb")


def _packed_size(path: Path) -> int:
    """Bytes of a packed file, 0 for a plain one."""
    return path.stat().st_size if path.suffix.lower() in (".xz", ".gz") else 0


def _lines(file: IO[bytes], path: Path, name: str) -> Iterator[Article | BadRecord]:
    """Raises UnreadablePage for a small file that unpacks without end."""
    at = number = total = 0
    packed = _packed_size(path)

    def read() -> bytes:
        nonlocal total
        raw = file.readline(LONGEST + 1)
        total += len(raw)
        if packed and not within_ratio(total, packed):
            raise UnreadablePage(f"{name!r} unpacks out of all proportion to its size; it holds no news")
        return raw

    while raw := read():
        number += 1
        if len(raw) > LONGEST:
            while raw and not raw.endswith(b"\n"):
                raw = read()
            yield BadRecord(number, f"longer than {LONGEST:,} bytes; split it into records of one article each")
            continue
        try:
            line = raw.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError:
            yield BadRecord(number, "not UTF-8")
            continue
        if line.strip():
            yield _article(line, number, at)
        at += len(line)


def _article(line: str, number: int, at: int) -> Article | BadRecord:
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):
        return BadRecord(number, "not JSON")
    if isinstance(fields, dict) and CARRIED in fields:
        try:
            return exported_article(fields)
        except ValueError as e:
            return BadRecord(number, str(e))
    found = article_of(fields, at, at + len(line.rstrip("\r\n")))
    return BadRecord(number, found) if isinstance(found, str) else found
