"""What each file gave when it was last read: the catalog's tables `files` and `file_articles`.

In: paths, digests, article ids. Out: rows, and who still gives an article. It lives in the generation, so that after a
rollback the files whose articles were rolled away are read again. It reads no file and decides nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ingest.batches import batched
from ingest.catalog import SQL_VARIABLES, Catalog
from ingest.catalog_writer import CatalogWriter

_COLUMNS = "number, path, shown, digest, settings, articles"


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file as it was last read: `articles` counts what it gave, `shown` is the name that it was given by."""

    number: int
    path: Path
    shown: str
    digest: str
    settings: str
    articles: int


@dataclass(frozen=True, slots=True)
class Held:
    """The version of an article that a file gave, and whether it has stopped giving it."""

    version_id: str
    gone: bool


class Ledger:
    """Reads the ledger of one catalog."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def row(self, path: Path) -> FileRow | None:
        """What is known of a file, by its absolute path."""
        return next(self._rows("path = ?", os.fsencode(path)), None)

    def same_bytes(self, digest: str) -> Iterator[FileRow]:
        """All files that had these bytes."""
        return self._rows("digest = ?", digest)

    def under(self, folder: Path) -> Iterator[FileRow]:
        """All files below a folder."""
        inside = os.fsencode(folder).rstrip(b"/") + b"/"
        return self._rows("path >= ? AND path < ?", inside, inside[:-1] + b"0")  # "0" comes after "/"

    def articles(self, row: FileRow) -> dict[str, Held]:
        """The articles that a file gave, by id."""
        sql = "SELECT article_id, version_id, gone FROM file_articles WHERE file = ?"
        return {each[0]: Held(each[1], bool(each[2])) for each in self._catalog.rows(sql, (row.number,))}

    def stopped(self) -> list[FileRow]:
        """All files that have stopped giving an article."""
        return list(self._rows("number IN (SELECT file FROM file_articles WHERE gone)"))

    def givers(self, ids: Iterable[str]) -> Iterator[tuple[str, str, Path]]:
        """Those of `ids` that files give, each with the version and every file that does."""
        for part in batched(ids, SQL_VARIABLES):
            sql = "SELECT article_id, version_id, path FROM file_articles a JOIN files f ON f.number = a.file"
            for row in self._catalog.rows(
                f"{sql} WHERE NOT gone AND article_id IN ({','.join('?' * len(part))})", part
            ):
                yield row[0], row[1], Path(os.fsdecode(row[2]))

    def _rows(self, test: str, *values: object) -> Iterator[FileRow]:
        sql = f"SELECT {_COLUMNS} FROM files WHERE {test} ORDER BY path"  # noqa: S608 - `test` is ours
        for number, path, *rest in self._catalog.rows(sql, values):
            yield FileRow(number, Path(os.fsdecode(path)), *rest)


class LedgerWriter(Ledger):
    """Changes the ledger of a generation in the making."""

    def __init__(self, catalog: CatalogWriter) -> None:
        super().__init__(catalog)
        self._writer = catalog

    def put(
        self,
        path: Path,
        shown: str,
        digest: str,
        settings: str,
        count: int,
        given: Mapping[str, str],
        gone: Mapping[str, str],
    ) -> None:
        """Say what a file gives now, and what it gave once and nobody has pruned: versions by article id."""
        name = os.fsencode(path)
        sql = "INSERT INTO files (path, shown, digest, settings, articles) VALUES (?1, ?2, ?3, ?4, ?5)"
        sql += " ON CONFLICT (path) DO UPDATE SET shown = ?2, digest = ?3, settings = ?4, articles = ?5"
        self._writer.change(sql, [(name, shown, digest, settings, count)])
        self._writer.change(
            "DELETE FROM file_articles WHERE file = (SELECT number FROM files WHERE path = ?)", [(name,)]
        )
        sql = "INSERT OR IGNORE INTO file_articles SELECT number, ?2, ?3, ?4 FROM files WHERE path = ?1"
        self._writer.change(sql, ((name, *pair, 0) for pair in given.items()))
        self._writer.change(sql, ((name, *pair, 1) for pair in gone.items()))

    def move(self, row: FileRow, path: Path, shown: str, settings: str) -> None:
        """A file has another name now; its articles say so, too."""
        self._writer.rename(self.articles(row), row.shown, shown)
        sql = "UPDATE files SET path = ?, shown = ?, settings = ? WHERE number = ?"
        self._writer.change(sql, [(os.fsencode(path), shown, settings, row.number)])

    def drop(self, row: FileRow) -> None:
        """Forget a file that is gone."""
        self._writer.change("DELETE FROM file_articles WHERE file = ?", [(row.number,)])
        self._writer.change("DELETE FROM files WHERE number = ?", [(row.number,)])

    def forget(self, ids: Iterable[str]) -> None:
        """No file has stopped giving these articles: they are withdrawn."""
        self._writer.change("DELETE FROM file_articles WHERE article_id = ? AND gone", ((each,) for each in ids))
