"""What an article leaves behind in an archive, and whether anything of it is still there: looked for, not assumed.

In: stored versions of articles, a folder. Out: traces, and the files that hold any: every byte of every file is looked
at, and word indexes, whose ids are packed, are opened. It removes nothing but rows of `state/`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.catalog import Catalog
from ingest.chunks import cut_chunks
from ingest.entries import entry_again
from ingest.generations import WORDS
from ingest.identity import chunk_id
from ingest.models import StoredArticle
from ingest.words import WordIndex

PIECE = 8  # characters: few runs of eight stand in two articles that are not copies
PIECES = 40  # of a version, spread over its text
BLOCK = 16_000_000  # bytes of a file in memory
_DATABASES = ("*.sqlite", "*.sqlite3", "*.db")


@dataclass(frozen=True, slots=True)
class Traces:
    """What may betray articles: ids of them, their versions and chunks, and words that no other article has."""

    names: frozenset[str]
    chunks: frozenset[str]
    words: frozenset[str]

    @property
    def needles(self) -> list[bytes]:
        """All of them as bytes, the longest first."""
        return sorted((one.encode() for one in self.names | self.chunks | self.words), key=len, reverse=True)


@dataclass(frozen=True, slots=True)
class Look:
    """How much was looked through, and which files hold a trace."""

    files: int
    size: int
    holding: tuple[Path, ...]


def traces_of(versions: Iterable[StoredArticle], staying: Catalog) -> Traces:
    """The traces of these versions; words that the archive keeps in other articles, too, are none."""
    names: set[str] = set()
    chunks: set[str] = set()
    words: set[str] = set()
    for version in versions:
        names |= {version.article_id, version.version_id}
        words |= {*_pieces(version.text), *([version.title] if version.title and len(version.title) >= PIECE else [])}
        chunks |= {chunk_id(version.version_id, chunk) for chunk in cut_chunks(entry_again(version).article)}
    return Traces(frozenset(names), frozenset(chunks), frozenset(staying.nowhere(words)))


def look_through(folder: Path, traces: Traces) -> Look:
    """Search every file under `folder`, hidden ones too."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink()]
    needles = traces.needles
    holding = [path for path in files if _holds(path, needles)]
    holding += [words for words in folder.rglob(WORDS) if words.is_dir() and _lists(words, traces)]
    return Look(len(files), sum(path.stat().st_size for path in files), tuple(holding))


def forget_in_databases(folder: Path, traces: Traces) -> list[Path]:
    """Delete the rows, in any table of any database under `folder`, that hold a trace; gives the databases changed."""
    found = (path for pattern in _DATABASES for path in sorted(folder.rglob(pattern)))
    return [path for path in found if _forget_rows(path, traces.names | traces.words)]


def _forget_rows(path: Path, needles: Iterable[str]) -> bool:
    db = sqlite3.connect(path, isolation_level=None)
    try:
        db.execute("PRAGMA secure_delete = ON")
        before = db.total_changes
        tables = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT NULL")]
        for table in tables:
            columns = [row[1] for row in db.execute(f'PRAGMA table_info("{table}")')]
            holds = " OR ".join(f'instr("{column}", ?1)' for column in columns)
            db.executemany(f'DELETE FROM "{table}" WHERE {holds}', ((needle,) for needle in needles))  # noqa: S608 - names are the database's own
        if db.total_changes == before:
            return False
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.execute("VACUUM")  # what was deleted before stands in free pages
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return True
    finally:
        db.close()


def _pieces(text: str) -> Iterator[str]:
    """Runs of PIECE characters, none over a line's end, spread evenly."""
    starts = range(0, max(1, len(text) - PIECE), max(1, len(text) // PIECES))
    pieces = (text[at : at + PIECE] for at in starts)
    return (piece for piece in pieces if len(piece) == PIECE and "\n" not in piece)


def _holds(path: Path, needles: Sequence[bytes]) -> bool:
    longest = max(map(len, needles), default=1)
    with path.open("rb") as file:
        before = b""
        while block := file.read(BLOCK):
            window = before + block
            if any(needle in window for needle in needles):
                return True
            before = window[-longest:]
    return False


def _lists(words: Path, traces: Traces) -> bool:
    """Whether a word index lists a chunk of theirs. Raises ArchiveBroken."""
    return not traces.chunks.isdisjoint(WordIndex(words).ids())
