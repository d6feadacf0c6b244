"""Tables (CSV, TSV) and lists (JSON) of records into articles, each row or object one.

In: a path. Out: articles one by one, and for a row that cannot be used the reason why. A table streams; a list is read
whole. `start`/`end` of an article count characters of the rows as they were read, one line feed between them.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from ingest.decode import decode
from ingest.errors import UnreadablePage
from ingest.fields import article_of, has_text
from ingest.models import Article
from ingest.records import BadRecord

_JUDGED = 1_000_000  # bytes by which the encoding of a table is told
_LONGEST_FIELD = 2_000_000  # characters: an article has fewer
_LISTS = ("articles", "records", "items", "data", "文章")  # under which name an object holds the list
_NO_TEXT = "nothing in the column text (or 正文)"
csv.field_size_limit(_LONGEST_FIELD)


def read_table(path: Path, name: str) -> Iterator[Article | BadRecord]:
    """Every row under the first, which names the columns. Raises UnreadablePage."""
    with path.open("rb") as raw:
        encoding = _encoding(raw.read(_JUDGED), name)
        raw.seek(0)
        file = io.TextIOWrapper(raw, encoding, errors="replace", newline="")
        header = file.readline(_LONGEST_FIELD)
        rows = csv.reader(file, delimiter=_delimiter(header, path), strict=False)
        names = [each.strip() for each in next(csv.reader([header], delimiter=_delimiter(header, path)), [])]
        if not has_text(names):
            shown = ", ".join(names)[:80]
            raise UnreadablePage(
                f"{name!r} has no column text (or 正文) but {shown!r}; name its columns in the first line"
            )
        yield from _rows(rows, names)


def _rows(rows: Iterator[list[str]], names: Sequence[str]) -> Iterator[Article | BadRecord]:
    at = 0
    number = 1
    while True:
        number += 1
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as e:
            yield BadRecord(number, f"no row of a table ({e})")
            continue
        if not any(cell.strip() for cell in row):
            continue
        length = sum(map(len, row)) + len(row)
        fields = {name: cell for name, cell in zip(names, row, strict=False) if cell.strip()}
        found = article_of(fields, at, at + length) if has_text(fields) else _NO_TEXT
        at += length + 1
        yield BadRecord(number, found) if isinstance(found, str) else found


def _encoding(sample: bytes, name: str) -> str:
    if not sample.strip():
        raise UnreadablePage(f"{name!r} is empty; nothing to read in it")
    found = decode(sample, name).encoding
    return "utf-8-sig" if found == "utf-8" else "utf-16" if found.startswith("utf-16") else found


def _delimiter(header: str, path: Path) -> str:
    return "\t" if path.suffix.lower() == ".tsv" else max(",\t;|", key=header.count)


def read_list(path: Path, name: str) -> Iterator[Article | BadRecord]:
    """Every object of a JSON file that holds a list of them, or one article alone. Raises UnreadablePage."""
    text = decode(path.read_bytes(), name).text
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as e:
        raise UnreadablePage(f"{name!r} is not JSON ({' '.join(str(e).split())[:80]}); save it again") from e
    if isinstance(found, dict) and "text" not in found and "正文" not in found:
        found = next((found[key] for key in _LISTS if isinstance(found.get(key), list)), found)
    records = found if isinstance(found, list) else [found]
    if not records:
        raise UnreadablePage(f"{name!r} holds an empty list; nothing to read in it")
    at = 0
    for number, record in enumerate(records, 1):
        length = len(json.dumps(record, ensure_ascii=False))
        article = article_of(record, at, at + length)
        at += length + 1
        yield BadRecord(number, article) if isinstance(article, str) else article
