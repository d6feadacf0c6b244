"""What the files of one run give, while it runs: kept on disk, so that a million articles need no memory.

In: file numbers of the run, article ids. Out: the same, by file or by article. It is gone with the run.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from types import TracebackType

from ingest.batches import batched
from ingest.catalog import SQL_VARIABLES


class Given:
    """Articles by the files that gave them; a context."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("")  # a file of SQLite's own, deleted when it is closed
        self._db.execute("PRAGMA synchronous = OFF")
        self._db.execute(
            "CREATE TABLE given"
            " (file INTEGER, article_id TEXT, version_id TEXT, PRIMARY KEY (file, article_id)) WITHOUT ROWID"
        )
        self._db.execute("CREATE INDEX by_article ON given (article_id)")

    def __enter__(self) -> Given:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()

    def add(self, file: int, name: str, version: str) -> None:
        """A file gives this version of an article, instead of one that it gave further up."""
        self._db.execute("INSERT OR REPLACE INTO given VALUES (?, ?, ?)", (file, name, version))

    def by(self, file: int) -> dict[str, str]:
        """What a file gives: versions by article id."""
        return dict(self._db.execute("SELECT article_id, version_id FROM given WHERE file = ?", (file,)))

    def among(self, ids: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Those of `ids` that files give, each with every version, in the order of the files."""
        for part in batched(ids, SQL_VARIABLES):
            marks = ",".join("?" * len(part))
            sql = f"SELECT article_id, version_id FROM given WHERE article_id IN ({marks}) ORDER BY file"  # noqa: S608 - marks only
            yield from self._db.execute(sql, part)

    def count(self) -> int:
        """How many articles there are in all."""
        return int(self._db.execute("SELECT count(DISTINCT article_id) FROM given").fetchone()[0])
