"""Files of JSON lines (.jsonl, .jsonl.xz) into articles, each line one article.

In: a path. Out: articles one by one, and for a line that cannot be used the reason why, so that the rest goes on.
It streams: no file is ever whole in memory. Fields: text, and where known id, title, date, paper, page, place, byline,
url.
"""

from __future__ import annotations

import json
import lzma
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date as Date  # noqa: N812 - as in models
from pathlib import Path
from typing import IO, Any

from ingest.errors import UnreadablePage
from ingest.exported import CARRIED, exported_article
from ingest.models import Article

SUFFIXES = (".jsonl", ".jsonl.xz")
LONGEST = 8_000_000  # bytes of a line: a whole newspaper fits; beyond it lies a file that is no JSON lines
LONGEST_TEXT = 300_000  # characters of one article, here and on pages: a newspaper's have a few thousand
BLOCK = 1_000_000  # bytes read at a time when lines are counted
_DAY = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})(?!\d)")


@dataclass(frozen=True, slots=True)
class BadRecord:
    """A line (from 1) that is no article, and why."""

    line: int
    reason: str


def is_records(path: Path) -> bool:
    """Whether the file's name says that it holds JSON lines."""
    return path.name.lower().endswith(SUFFIXES)


def count_lines(path: Path) -> int:
    """How many articles a file has at most, without reading them; 0 where `read_records` will say what is wrong."""
    count, block = 0, b"\n"
    try:
        with _open(path) as file:
            while more := file.read(BLOCK):
                block = more
                count += block.count(b"\n")
    except (OSError, lzma.LZMAError, EOFError):
        return 0
    return count + (not block.endswith(b"\n"))


def read_records(path: Path) -> Iterator[Article | BadRecord]:
    """Every line of a file that is not blank. `start`/`end` of an article count characters of the (unpacked) file.

    Raises UnreadablePage when the file cannot be opened or unpacked.
    """
    try:
        with _open(path) as file:
            yield from _lines(file)
    except (OSError, lzma.LZMAError, EOFError) as e:
        raise UnreadablePage(f"{str(path)!r} cannot be read ({e}); check the file") from e


def _open(path: Path) -> IO[bytes]:
    return lzma.open(path, "rb") if path.name.lower().endswith(".xz") else path.open("rb")


def _lines(file: IO[bytes]) -> Iterator[Article | BadRecord]:
    at = number = 0
    while raw := file.readline(LONGEST + 1):
        number += 1
        if len(raw) > LONGEST:
            while raw and not raw.endswith(b"\n"):
                raw = file.readline(LONGEST)
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
    if not isinstance(fields, dict) or not isinstance(fields.get("text"), str):
        return BadRecord(number, 'no object with a string "text"')
    if "\0" in fields["text"]:
        return BadRecord(number, 'a NUL character in "text"')
    if len(fields["text"]) > LONGEST_TEXT:
        length = f"{len(fields['text']):,} characters long, an article has {LONGEST_TEXT:,} at most"
        return BadRecord(number, f'"text" is {length}; split it into records of one article each')
    paragraphs = tuple(filter(None, (_clean(part) for part in fields["text"].splitlines())))
    if not paragraphs:
        return BadRecord(number, 'an empty "text"')
    try:
        day = _date(fields)
    except ValueError as e:
        return BadRecord(number, str(e))
    return Article(
        title=_string(fields, "title"),
        paragraphs=paragraphs,
        start=at,
        end=at + len(line.rstrip("\r\n")),
        byline=_string(fields, "byline"),
        place=_string(fields, "place"),
        date=day,
        issued=day,
        paper=_string(fields, "paper"),
        page=_string(fields, "page"),
        record_id=_string(fields, "id"),
        url=_string(fields, "url"),
    )


def _clean(text: str) -> str:
    """Half of a surrogate pair, and in a title NUL, can stand in JSON, but in no file, no SQLite text and no index."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "").strip()


def _string(fields: Mapping[str, Any], name: str) -> str | None:
    value = fields.get(name)
    if value is None or isinstance(value, (dict, list, bool)):
        return None
    return " ".join(_clean(str(value)).split()) or None


def _date(fields: Mapping[str, Any]) -> Date | None:
    """A day in any usual writing, with or without a time after it; None where the record gives none."""
    said = _string(fields, "date")
    if said is None:
        return None
    found = _DAY.match(said)
    try:
        return Date(*map(int, found.groups())) if found else _not_a_day(said)
    except ValueError:
        return _not_a_day(said)


def _not_a_day(said: str) -> Date:
    raise ValueError(f'"date" is {said[:40]!r}, not a day such as 2023-05-11')
