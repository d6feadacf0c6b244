"""Between the catalog's rows and the nouns of models.py: articles out of rows, filters into SQL.

In: rows, filters. Out: stored articles, tests with their values. It never asks the database.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date as Date  # noqa: N812 - as in models
from typing import Any

from ingest.models import Filter, Pointer, Span, StoredArticle, StoredChunk, Subhead


def condition(where: Filter) -> tuple[str, list[str]]:
    """An SQL test on `articles a` and its values: live, and let through by `where`."""
    tests, values = ["a.live = 1"], []
    for test, value in (
        ("a.day >= ?", where.since and where.since.isoformat()),
        ("a.day <= ?", where.until and where.until.isoformat()),
        ("a.paper = ?", where.paper),
        ("instr(a.place, ?)", where.place),
        # A name of two characters is padded in print (张　留), so white space does not count.
        ("instr(replace(replace(a.byline, ' ', ''), '\u3000', ''), ?)", where.byline and "".join(where.byline.split())),
    ):
        if value:
            tests.append(test)
            values.append(value)
    return " AND ".join(tests), values


def day_of(value: str | None) -> Date | None:
    """A day as the catalog keeps it."""
    return Date.fromisoformat(value) if value else None


def stored_chunk(values: Sequence[Any]) -> StoredChunk:
    """A chunk's ids, place and text, its article's title and day."""
    chunk_id, article_id, version_id, start, end, text, title, day = values
    return StoredChunk(chunk_id, article_id, version_id, start, end, text, title, day_of(day))


def pointer(row: Sequence[Any]) -> Pointer:
    """An id, a title, a paper, a day and a page."""
    article_id, title, paper, day, page = row
    return Pointer(article_id, title, paper, day_of(day), page)


@dataclass(frozen=True, slots=True)
class Ties:
    """What ties an article to others and to its own past; see StoredArticle."""

    linked: tuple[str, ...] = ()
    corrected_by: tuple[Pointer, ...] = ()
    corrects: tuple[Pointer, ...] = ()
    texts: int = 1


def stored_article(row: sqlite3.Row, ties: Ties) -> StoredArticle:
    """A row of `articles`, with what it is tied to."""
    plain = {key: row[key] for key in row.keys() if key not in ("seq", "live", "day", "story")}  # noqa: SIM118 - of a Row
    plain["date"], plain["withdrawn"] = day_of(row["day"]), day_of(row["withdrawn"])
    plain["subheads"] = tuple(Subhead(text, paragraph) for text, paragraph in json.loads(row["subheads"]))
    plain["file_spans"] = tuple(Span(*span) for span in json.loads(row["file_spans"]))
    plain["extra"] = tuple(json.loads(row["extra"]).items()) if row["extra"] else ()
    plain["sample"], plain["starts_mid"] = bool(row["sample"]), bool(row["starts_mid"])
    return StoredArticle(**plain, **{each.name: getattr(ties, each.name) for each in fields(Ties)})
