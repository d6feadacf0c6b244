"""The days that each chunk tells of: found when an article comes in, kept beside its chunks, looked up for candidates.

In: an article with its chunks; later chunk ids. Out: ranges of days. 昨日 and 4月 count from the day on which the
article was written: the dateline's, else the issue's. It ranks nothing (bot/recency.py does).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date as Date  # noqa: N812 - as in models
from functools import lru_cache

from ingest.batches import batched
from ingest.catalog import SQL_VARIABLES, Catalog
from ingest.catalog_rows import day_of
from ingest.datelines import dateline_day, find_dateline
from ingest.dayranges import DayRange
from ingest.days import find_days
from ingest.models import Article, Chunk

LONGEST = 3_660  # days: of a range longer than ten years nothing can be said that a question would want
MOST = 12  # ranges of one chunk that are kept, the finest first: a table of dates is about none of them
_DAYS = (
    "SELECT json_group_array(json_array(c.chunk_id, a.day, t.first, t.last))"
    " FROM chunks c CROSS JOIN articles a ON a.seq = c.article"
    " LEFT JOIN told t ON t.chunk = c.seq WHERE c.chunk_id IN"
)
_ANY = Date(2000, 1, 1)  # what an undated article is read from: only what it tells in figures is kept


@dataclass(frozen=True, slots=True)
class ChunkDays:
    """The day on which a chunk's article was issued, where it is known, and the days that the chunk tells of."""

    issued: Date | None
    told: tuple[DayRange, ...]


def told_days(article: Article, chunks: Sequence[Chunk]) -> list[tuple[DayRange, ...]]:
    """For each chunk of `article` the days that it or the headline tells of."""
    written = _written(article)
    in_title = _found(article.title or "", written)
    return [_finest(in_title | _found(chunk.text, written)) for chunk in chunks]


def days_of_chunks(catalog: Catalog, ids: Iterable[str]) -> dict[str, ChunkDays]:
    """The days of the live chunks among `ids`, by id."""
    issued: dict[str, Date | None] = {}
    told: dict[str, list[DayRange]] = {}
    for part in batched(ids, SQL_VARIABLES):
        packed = catalog.rows(f"{_DAYS} ({','.join('?' * len(part))})", part)[0][0]
        for chunk_id, day, first, last in json.loads(packed):
            issued[chunk_id] = day_of(day)
            if first is not None:
                told.setdefault(chunk_id, []).append(_days(first, last))
    return {chunk_id: ChunkDays(day, tuple(told.get(chunk_id, ()))) for chunk_id, day in issued.items()}


def newest_day(catalog: Catalog) -> Date | None:
    """The day of the newest live article, None where no article has one."""
    return day_of(catalog.rows("SELECT max(day) FROM articles WHERE live = 1")[0][0])


@lru_cache(maxsize=4_096)  # the chunks that a question may find tell of the same days
def _days(first: int, last: int) -> DayRange:
    return DayRange(Date.fromordinal(first), Date.fromordinal(last))


def _written(article: Article) -> Date | None:
    issued = article.issued or article.date
    dateline = find_dateline(article.dateline) if article.dateline else None
    return (dateline_day(dateline.day, issued) if dateline else None) or issued


def _found(text: str, written: Date | None) -> set[DayRange]:
    return {one.days for one in find_days(text, written or _ANY) if written or not one.counted}


def _finest(found: Iterable[DayRange]) -> tuple[DayRange, ...]:
    short = (days for days in found if days.days <= LONGEST)
    return tuple(sorted(short, key=lambda days: (days.days, days.first))[:MOST])
