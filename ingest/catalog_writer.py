"""The catalog's writing side: one generation in the making.

In: articles with their chunks. Out: rows, committed at checkpoints. Two lists make a kill harmless: `open_batch` names
chunks that may already stand in vectors or words without a row here, `stale` names chunks that lost their row and still
stand there. It never touches vectors or words itself.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date as Date  # noqa: N812 - as in models
from pathlib import Path
from typing import Any

from ingest.catalog import Catalog
from ingest.catalog_schema import SCHEMA, TABLES
from ingest.dayranges import DayRange
from ingest.entries import Entry
from ingest.models import Span


@dataclass(frozen=True, slots=True)
class ChunkRow:
    """A chunk as the catalog lists it; `vector_key` tells which vectors are the same, `told` of which days it tells."""

    chunk_id: str
    start: int
    end: int
    vector_key: str
    told: tuple[DayRange, ...] = ()


@dataclass(frozen=True, slots=True)
class Issue:
    """One day's edition of a paper; `day` as YYYY-MM-DD."""

    paper: str | None
    day: str


@dataclass(frozen=True, slots=True)
class Part:
    """What is needed to tell whether two articles of an issue are parts of one."""

    article_id: str
    page: str | None
    continued_from: str | None
    continued_to: str | None
    title: str | None
    text: str


class CatalogWriter(Catalog):
    """Reads and writes the catalog of a partial generation, from one thread. Nothing counts before `commit`."""

    def __init__(self, db: sqlite3.Connection) -> None:
        super().__init__(db)
        db.isolation_level = None
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute("BEGIN")

    @staticmethod
    def create(path: Path) -> None:
        """An empty catalog."""
        db = sqlite3.connect(path)
        db.executescript(TABLES)
        db.execute("INSERT INTO meta VALUES ('schema', ?)", (str(SCHEMA),))
        db.commit()
        db.close()

    def commit(self) -> None:
        """Make all that was written since the last commit lasting, and go on."""
        self._db.execute("COMMIT")
        self._db.execute("BEGIN")

    def close(self) -> None:
        """Drop what was not committed and close the file."""
        if self._db.in_transaction:  # SQLite has already rolled back when the disk is full
            self._db.execute("ROLLBACK")
        super().close()

    def clear_chunks(self, encoder: str, fingerprint: str) -> None:
        """List no chunk any more; those to come are this encoder's."""
        for table in ("chunks", "open_batch", "stale", "sketches", "alike", "stories", "notices", "corrections"):
            self._db.execute(f"DELETE FROM {table}")  # noqa: S608 - names are ours
        facts = [("encoder", encoder), ("fingerprint", fingerprint)]
        self._db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", facts)

    # -- articles ------------------------------------------------------------------------------------------------

    def add(self, entry: Entry, chunks: Sequence[ChunkRow]) -> None:
        """Make a version the live one of its article; the one before it becomes superseded."""
        name, version = entry.article_id, entry.version_id
        self.retire_chunks(name)
        self._db.execute(
            "UPDATE articles SET live = 0, superseded_by = ?, withdrawn = NULL"
            " WHERE article_id = ? AND (live OR withdrawn NOT NULL)",
            (version, name),
        )
        again = self._db.execute(
            # A new number, because it is the newest again; it has no chunks that the old number could be missed by.
            "UPDATE articles SET live = 1, superseded_by = NULL, seq = (SELECT max(seq) + 1 FROM articles)"
            " WHERE version_id = ? RETURNING seq",
            (version,),
        ).fetchone()
        seq = again[0] if again else self._insert(entry)
        self._db.executemany(
            "INSERT INTO chunks (chunk_id, article, start, end, vector_key) VALUES (?, ?, ?, ?, ?)",
            [(chunk.chunk_id, seq, chunk.start, chunk.end, chunk.vector_key) for chunk in chunks],
        )
        self._db.executemany(
            "INSERT INTO told SELECT seq, ?, ? FROM chunks WHERE chunk_id = ?",
            [(day.first.toordinal(), day.last.toordinal(), chunk.chunk_id) for chunk in chunks for day in chunk.told],
        )
        self._db.executemany("DELETE FROM stale WHERE chunk_id = ?", [(chunk.chunk_id,) for chunk in chunks])

    def keep(self, entry: Entry) -> None:
        """Keep a version that another one has superseded; what is live stays as it is."""
        if not self.known_versions([entry.version_id]):
            self._insert(entry)

    def remove(self, name: str) -> None:
        """Take an article out with all its versions."""
        self.retire_chunks(name)
        self._db.execute("DELETE FROM links WHERE article_id = ?1 OR part_id = ?1", (name,))
        self._db.execute("DELETE FROM articles WHERE article_id = ?", (name,))
        # Its files are read again when they are next added, so that it may come back.
        mine = "(SELECT file FROM file_articles WHERE article_id = ?)"
        self._db.execute(f"UPDATE files SET digest = '' WHERE number IN {mine}", (name,))  # noqa: S608 - `mine` is ours
        self._db.execute("DELETE FROM file_articles WHERE article_id = ?", (name,))

    def withdraw(self, name: str, day: Date) -> None:
        """Take an article out of search; its versions stay, the last of them with the day."""
        self.retire_chunks(name)
        self._db.execute("DELETE FROM links WHERE article_id = ?1 OR part_id = ?1", (name,))
        self._db.execute(
            "UPDATE articles SET live = 0, withdrawn = ? WHERE article_id = ? AND live", (day.isoformat(), name)
        )

    def place(self, entries: Iterable[Entry]) -> None:
        """Say of versions that are live already where they stand in their files now."""
        self._db.executemany(
            "UPDATE articles SET file = ?, file_start = ?, file_end = ?, file_spans = ? WHERE version_id = ?",
            [(e.file, e.article.start, e.article.end, _spans(e.article.file_spans), e.version_id) for e in entries],
        )

    def rename(self, ids: Iterable[str], old: str, new: str) -> None:
        """A file is called `new` that was `old`: so say those of the articles `ids` that stand in it, all versions."""
        self._db.executemany(
            # What follows a "!" is the name of a part inside the file.
            "UPDATE articles SET file = ?3 || substr(file, length(?2) + 1)"
            " WHERE article_id = ?1 AND (file = ?2 OR substr(file, 1, length(?2) + 1) = ?2 || '!')",
            ((name, old, new) for name in ids),
        )

    def change(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run a statement of another room that keeps tables here, once for each of `rows`."""
        self._db.executemany(sql, rows)

    def forget(self, name: str) -> None:
        """Take out what any table still says of an article that is removed."""
        tables = [row[0] for row in self.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            columns = {row[0] for row in self.rows("SELECT name FROM pragma_table_info(?)", (table,))}
            for column in columns & {"article_id", "alias"}:
                self._db.execute(f"DELETE FROM {table} WHERE {column} = ?", (name,))  # noqa: S608 - names are ours

    def retire_chunks(self, name: str) -> None:
        """Unlist the chunks of an article and remember that vectors and words still hold them."""
        mine = "FROM chunks WHERE article IN (SELECT seq FROM articles WHERE article_id = ?)"
        self._db.execute("INSERT OR IGNORE INTO stale SELECT chunk_id " + mine, (name,))
        self._db.execute("DELETE " + mine, (name,))

    def _insert(self, entry: Entry) -> int:
        article = entry.article
        day: Date | None = article.issued or article.date
        row = {
            "version_id": entry.version_id,
            "article_id": entry.article_id,
            "live": int(entry.live),
            "superseded_by": entry.superseded_by,
            "withdrawn": entry.withdrawn.isoformat() if entry.withdrawn else None,
            "sample": int(entry.sample),
            "file": entry.file,
            "source_id": article.record_id,
            "day": day.isoformat() if day else None,
            "text": article.text,
            "subheads": json.dumps([[s.text, s.paragraph] for s in article.subheads], ensure_ascii=False),
            "starts_mid": int(article.starts_mid),
            "file_spans": _spans(article.file_spans),
            "extra": json.dumps(dict(article.extra), ensure_ascii=False) if article.extra else None,
            "file_start": article.start,
            "file_end": article.end,
        }
        same = ("title", "subtitle", "kicker", "byline", "dateline", "place", "paper", "page", "url")
        row |= {key: getattr(article, key) for key in (*same, "continued_from", "continued_to")}
        marks = ", ".join(f":{key}" for key in row)
        done = self._db.execute(f"INSERT INTO articles ({', '.join(row)}) VALUES ({marks})", row)  # noqa: S608 - names are ours
        return int(done.lastrowid or 0)

    # -- what a batch needs to know and to leave behind -------------------------------------------------------------

    def places(self, ids: Iterable[str]) -> dict[str, tuple[int, int]]:
        """Chunk number and article number of those of `ids` that are listed, by id."""
        found = self._in("SELECT chunk_id, seq, article FROM chunks WHERE chunk_id IN ", ids)
        return {row[0]: (row[1], row[2]) for row in found}

    def last_chunk(self) -> int:
        """Number of the newest chunk; the next one's is one higher."""
        return int(self.rows("SELECT coalesce(max(seq), 0) FROM chunks")[0][0])

    def open_batch(self, ids: Iterable[str]) -> None:
        """Say, lastingly, that these chunks are about to be added to vectors and words."""
        self._db.executemany("INSERT OR IGNORE INTO open_batch VALUES (?)", [(each,) for each in ids])
        self.commit()

    def close_batch(self) -> None:
        """The chunks of the open batch are listed, or gone again: a checkpoint."""
        self._db.execute("DELETE FROM open_batch")
        self.commit()

    def opened(self) -> list[str]:
        """Chunks of a batch that never closed."""
        return [row[0] for row in self.rows("SELECT chunk_id FROM open_batch")]

    def stale(self) -> list[str]:
        """Chunks that vectors and words still hold although no live article has them."""
        return [row[0] for row in self.rows("SELECT chunk_id FROM stale")]

    def forget_stale(self) -> None:
        """Vectors and words no longer hold them."""
        self._db.execute("DELETE FROM stale")
        self.commit()

    # -- articles that go on on another page ------------------------------------------------------------------------

    def last_article(self) -> int:
        """Number of the newest article; later ones have higher numbers."""
        return int(self.rows("SELECT coalesce(max(seq), 0) FROM articles")[0][0])

    def issues_since(self, seq: int) -> list[Issue]:
        """The issues (paper and day) of articles that came after number `seq` and go on, or did, on another page."""
        sql = """SELECT DISTINCT paper, day FROM articles WHERE live AND day NOT NULL AND seq > ?
            AND (coalesce(continued_from, continued_to) NOT NULL OR article_id IN (SELECT article_id FROM links))"""
        return [Issue(*row) for row in self.rows(sql, (seq,))]

    def parts(self, issue: Issue) -> list[Part]:
        """The live articles of an issue that come from, or go on on, another page."""
        sql = """SELECT article_id, page, continued_from, continued_to, title, text FROM articles
            WHERE live AND paper IS ? AND day = ? AND coalesce(continued_from, continued_to) NOT NULL ORDER BY seq"""
        return [Part(*row) for row in self.rows(sql, (issue.paper, issue.day))]

    def link(self, issue: Issue, pairs: Iterable[tuple[str, str]]) -> None:
        """Replace the links of an issue by `pairs` of article ids, each readable from both ends."""
        # `live IN (0, 1)` leads SQLite to an index; without it each issue costs a walk through all articles.
        mine = "SELECT article_id FROM articles WHERE live IN (0, 1) AND day = ? AND paper IS ?"
        ends = f"SELECT part_id, article_id FROM links WHERE article_id IN ({mine})"  # noqa: S608 - `mine` is ours
        self._db.execute(f"DELETE FROM links WHERE (article_id, part_id) IN ({ends})", (issue.day, issue.paper))  # noqa: S608
        self._db.execute(f"DELETE FROM links WHERE article_id IN ({mine})", (issue.day, issue.paper))  # noqa: S608
        both = [each for one, other in pairs for each in ((one, other), (other, one))]
        self._db.executemany("INSERT OR IGNORE INTO links VALUES (?, ?)", both)


def _spans(spans: Iterable[Span]) -> str:
    return json.dumps([[s.start, s.source, s.length] for s in spans])
