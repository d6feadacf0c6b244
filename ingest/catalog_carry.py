"""Stored articles out of a finished catalog, of this schema or an older one, into an empty catalog of this schema.

In: two files. Out: every article with all its versions, what `set` says of it, and what its files gave; nothing that is
derived from them: chunks, days, links, stories are made anew. That is how an old archive is lifted without its pages.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from ingest.catalog_schema import SCHEMA
from ingest.errors import ArchiveBroken, ArchiveOutdated

# What is made anew from the articles. Every other table comes along.
DERIVED = frozenset(
    {
        *("meta", "chunks", "told", "links", "open_batch", "stale"),
        *("sketches", "alike", "stories", "notices", "corrections"),
    }
)


def carry_articles(old: Path, new: Path) -> None:
    """Copy the articles of catalog `old`, which nobody changes, into catalog `new`, which holds none.

    Tables and columns that only one of the two has stay behind, or empty. Raises ArchiveOutdated where `old` is of a
    newer schema, ArchiveBroken where it cannot be read.
    """
    db = sqlite3.connect(new.absolute().as_uri() + "?mode=rw", uri=True)
    try:
        db.execute("ATTACH ? AS old", (old.absolute().as_uri() + "?mode=ro&immutable=1",))
        schema = int(db.execute("SELECT value FROM old.meta WHERE key = 'schema'").fetchone()[0])
        if schema > SCHEMA:
            raise ArchiveOutdated(
                f"{old} has schema {schema}, this WenBao makes {SCHEMA}: use the newer WenBao that made it."
            )
        for table in sorted(_tables(db, "main") & _tables(db, "old") - DERIVED):
            theirs = _columns(db, "old", table)
            columns = ", ".join(column for column in _columns(db, "main", table) if column in theirs)
            db.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM old.{table} ORDER BY 1")  # noqa: S608 - names are ours
        db.commit()
    except (sqlite3.Error, TypeError) as e:
        raise ArchiveBroken(f"{old} cannot be read ({e})") from e
    finally:
        db.close()


def _tables(db: sqlite3.Connection, where: str) -> set[str]:
    sql = f"SELECT name FROM {where}.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"  # noqa: S608 - `where` is ours
    return {row[0] for row in db.execute(sql)}


def _columns(db: sqlite3.Connection, where: str, table: str) -> list[str]:
    return [row[0] for row in db.execute("SELECT name FROM pragma_table_info(?, ?)", (table, where))]
