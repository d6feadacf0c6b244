"""The archive looked through from end to end: whether every article, chunk and vector is what it claims to be.

In: a generation, held by a lease. Out: findings, all of them and not only the first. It reads one page of articles and
one block of vectors at a time, changes nothing and mends nothing. integrity.py has the quick look that every ingest
takes.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import numpy as np

from ingest.catalog import Catalog
from ingest.chunks import cut_chunks
from ingest.draft import embedded_text
from ingest.errors import ArchiveBroken, ArchiveOutdated, WenBaoError
from ingest.exported import exported_article, exported_record
from ingest.findings import Findings, Where
from ingest.generations import CATALOG, TABLE, VECTORS, WORDS, Generations
from ingest.identity import chunk_id, squeeze, vector_key
from ingest.locks import Lease
from ingest.models import Filter, StoredArticle
from ingest.pages import read_page
from ingest.private_copy import private_copy
from ingest.progress import Progress
from ingest.sentences import sentence_spans
from ingest.terms import search_terms
from ingest.vector_table import NOBODY, UNIT, VectorTable
from ingest.vectors import VectorIndex
from ingest.words import WordIndex

PAGE = 500  # articles that are looked at together
BLOCK = 2_000  # vectors that are compared together
OPENING = (30, 120)  # characters of a first sentence: a shorter one takes in the next, a longer one is cut
NEAR, FAR = 10, 1_000  # hits among which an article is found by its first sentence; by one that others share
LENGTH_OFF = 1e-3  # that a vector's length may be off 1
CELL_OFF = 1.0 / UNIT  # that a number of the vector table may be off chromadb's
PAGES = (".txt", ".text")

# Rows that no sound catalog gives: what is wrong, and where.
_NEVER = (
    (
        "two versions are live at once",
        "SELECT article_id FROM articles WHERE live GROUP BY article_id HAVING count(*) > 1",
    ),
    (
        "superseded by a version that is not here",
        "SELECT version_id FROM articles a WHERE superseded_by NOT NULL"
        " AND NOT EXISTS (SELECT 1 FROM articles b WHERE b.version_id = a.superseded_by)",
    ),
    ("live and superseded", "SELECT version_id FROM articles WHERE live AND superseded_by NOT NULL"),
    (
        "linked to an article that is not here",
        "SELECT article_id FROM links l WHERE NOT EXISTS (SELECT 1 FROM articles a WHERE a.article_id = l.part_id)"
        " OR NOT EXISTS (SELECT 1 FROM articles a WHERE a.article_id = l.article_id)",
    ),
    (
        "linked one way only",
        "SELECT article_id FROM links l WHERE NOT EXISTS"
        " (SELECT 1 FROM links m WHERE m.article_id = l.part_id AND m.part_id = l.article_id)",
    ),
    ("left over from an ingest", "SELECT chunk_id FROM open_batch UNION ALL SELECT chunk_id FROM stale"),
)
_NEVER_CHUNKS = (
    (
        "a chunk of no live article",
        "SELECT chunk_id FROM chunks c LEFT JOIN articles a ON a.seq = c.article WHERE a.seq IS NULL OR NOT a.live",
    ),
    (
        "days of a chunk that is not here",
        "SELECT chunk FROM told t LEFT JOIN chunks c ON c.seq = t.chunk WHERE c.seq IS NULL",
    ),
)


class Check:
    """One look through one generation."""

    def __init__(self, lease: Lease, progress: Progress) -> None:
        self._lease, self._progress = lease, progress
        self.found = Findings(lease.number)
        self._threads = os.cpu_count() or 1

    def run(self) -> Findings:
        """Look at every part that opens; what does not is a trouble of its own."""
        folder = self._lease.folder
        with ExitStack() as until:
            copied = private_copy(self._lease)
            until.callback(copied.release)
            catalog, table = None, None
            with self._part(Where.CATALOG, folder / CATALOG):
                catalog = Catalog.open(folder / CATALOG)
                until.callback(catalog.close)
            words = vectors = None
            with self._part(Where.WORDS, folder / WORDS):
                words = WordIndex(copied.folder / WORDS)
            with self._part(Where.VECTORS, folder / VECTORS):
                vectors = VectorIndex(copied.folder / VECTORS)
                until.callback(vectors.close)
            with self._part(Where.TABLE, folder / TABLE):
                table = VectorTable(folder / TABLE)
            if catalog is None:
                return self.found
            for look in (
                partial(self._catalog, catalog),
                partial(self._count, catalog, vectors, words),
                partial(self._vectors, catalog, vectors, table),
                partial(self._articles, catalog, words),
            ):
                with self._part(Where.CATALOG, folder / CATALOG):
                    look()
        return self.found

    @contextmanager
    def _part(self, where: Where, at: Path) -> Iterator[None]:
        """A part that cannot be read is a trouble, and the other parts are looked at all the same."""
        try:
            yield
        except (WenBaoError, sqlite3.Error, ValueError, OSError) as e:
            self.found.add(where, str(at), " ".join(f"cannot be read ({e})".split()))

    # -- the catalog ------------------------------------------------------------------------------------------------

    def _catalog(self, catalog: Catalog) -> None:
        for row in catalog.rows("PRAGMA integrity_check(20)"):
            if row[0] != "ok":
                self.found.add(Where.CATALOG, CATALOG, f"SQLite finds the file damaged: {row[0]}")
        self.found.articles = int(catalog.rows("SELECT count(*) FROM articles WHERE live")[0][0])
        self.found.chunks = catalog.count_chunks()
        for where, never in ((Where.CATALOG, _NEVER), (Where.CHUNKS, _NEVER_CHUNKS)):
            for what, sql in never:
                for row in catalog.rows(f"SELECT * FROM ({sql}) LIMIT 1000"):  # noqa: S608 - ours
                    self.found.add(where, str(row[0]), what)

    def _count(self, catalog: Catalog, vectors: VectorIndex | None, words: WordIndex | None) -> None:
        """Where the counts differ, name what one has and the other has not; where they agree, nothing can be extra."""
        for where, part in ((Where.VECTORS, vectors), (Where.WORDS, words)):
            if part is None:
                continue
            with self._part(where, self._lease.folder / where.value):
                if part.count() == self.found.chunks and where is Where.VECTORS:
                    continue  # each that the catalog lists is looked up later
                held = part.ids()
                listed = {row[0] for row in catalog.rows("SELECT chunk_id FROM chunks")}
                for name in sorted(held - listed):
                    self.found.add(where, name, "a chunk that the catalog does not list")
                if where is Where.WORDS:
                    for name in sorted(listed - held):
                        self.found.add(where, name, "the chunk is missing")

    # -- vectors ----------------------------------------------------------------------------------------------------

    def _vectors(self, catalog: Catalog, vectors: VectorIndex | None, table: VectorTable | None) -> None:
        sql = "SELECT seq, chunk_id, article FROM chunks WHERE seq > ? ORDER BY seq LIMIT ?"
        last = 0
        while rows := catalog.rows(sql, (last, BLOCK)):
            last = rows[-1][0]
            if table is not None:
                self._places(rows, table)
            if vectors is not None:
                with self._part(Where.VECTORS, self._lease.folder / VECTORS):
                    self._block(rows, vectors, table)

    def _places(self, rows: Sequence[sqlite3.Row], table: VectorTable) -> None:
        for number, name, article in rows:
            if number >= len(table) or table.articles()[number] == NOBODY:
                self.found.add(Where.TABLE, name, "the chunk has no row")
            elif table.articles()[number] != article:
                self.found.add(Where.TABLE, name, "the chunk's row is another article's")

    def _block(self, rows: Sequence[sqlite3.Row], vectors: VectorIndex, table: VectorTable | None) -> None:
        held = vectors.get(row[1] for row in rows)
        for _, name, _ in rows:
            if name not in held:
                self.found.add(Where.VECTORS, name, "the chunk has no vector")
        there = [(number, name) for number, name, _ in rows if name in held]
        if not there:
            return
        matrix = np.stack([held[name] for _, name in there])
        with np.errstate(over="ignore", invalid="ignore"):  # damaged numbers may be of any size
            lengths = np.linalg.norm(matrix, axis=1)
        finite = np.isfinite(matrix).all(axis=1)
        off = finite & (np.abs(lengths - 1) > LENGTH_OFF) & (lengths > 0)  # a text without a known word has none
        for index in np.flatnonzero(~finite):
            self.found.add(Where.VECTORS, there[index][1], "a vector with numbers that are none")
        for index in np.flatnonzero(off):
            self.found.add(Where.VECTORS, there[index][1], f"a vector of length {lengths[index]:.3f} and not 1")
        if table is None:
            return
        if matrix.shape[1] != table.dimension:
            what = f"vectors of {matrix.shape[1]} numbers, the table has {table.dimension}"
            self.found.add(Where.VECTORS, there[0][1], what)
            return
        rows_there = np.array([number for number, _ in there])
        known = rows_there < len(table)
        apart = np.zeros(len(there), dtype=bool)
        with np.errstate(invalid="ignore"):
            differs = np.abs(table.vectors(rows_there[known]) - matrix[known]).max(axis=1)
        apart[known] = ~(differs <= CELL_OFF)
        for index in np.flatnonzero(apart & finite & ~off):
            self.found.add(Where.TABLE, there[index][1], "the vector is another one than chromadb's")

    # -- articles -----------------------------------------------------------------------------------------------------

    def _articles(self, catalog: Catalog, words: WordIndex | None) -> None:
        fingerprint = catalog.meta("fingerprint")
        if not fingerprint or not catalog.meta("encoder"):
            self.found.add(Where.CATALOG, CATALOG, "does not say which encoder its vectors come from")
        self._progress.expect(self.found.articles)
        sources = _SourceFiles(self.found)
        with ThreadPoolExecutor(self._threads) as pool:
            for seqs, page in _pages(catalog):
                self._chunks(catalog, seqs, page, fingerprint or "")
                for article in page:
                    sources.compare(article)
                if words is not None and not self.found.has(Where.WORDS):
                    openings = pool.map(lambda article: _is_found(catalog, words, article), page)
                    for article, (near, far) in zip(page, openings, strict=True):
                        self.found.repeated += far and not near
                        if not far:
                            what = "not found by its own first sentence"
                            self.found.add(Where.WORDS, article.article_id, what)
                self._progress.advance(len(page))
        sources.close()

    def _chunks(self, catalog: Catalog, seqs: Sequence[int], page: Sequence[StoredArticle], fingerprint: str) -> None:
        marks = ",".join("?" * len(seqs))
        sql = f"SELECT article, start, end, chunk_id, vector_key FROM chunks WHERE article IN ({marks}) ORDER BY start"  # noqa: S608 - marks
        listed: dict[int, list[tuple[int, int, str, str]]] = {}
        for row in catalog.rows(sql, seqs):
            listed.setdefault(row[0], []).append((row[1], row[2], row[3], row[4]))
        for seq, stored in zip(seqs, page, strict=True):
            if self._spans_are_wrong(stored):
                self.found.add(Where.CATALOG, stored.version_id, "its places in the source file do not fit its text")
            try:
                article = exported_article(json.loads(json.dumps(exported_record(stored))))
            except ValueError:
                what = "its text or heads are not those that its version id was made from"
                self.found.add(Where.CATALOG, stored.version_id, what)
                continue
            wanted = [
                (c.start, c.end, chunk_id(stored.version_id, c), vector_key(fingerprint, embedded_text(c)))
                for c in cut_chunks(article)
            ]
            held = listed.get(seq, [])
            if held == wanted:
                continue
            if not held:
                self.found.add(Where.CHUNKS, stored.article_id, "a live article without chunks")
                continue
            for start, end, name, _ in (each for each in held if each not in wanted):
                what = f"does not quote characters {start} to {end} of article {stored.article_id}"
                self.found.add(Where.CHUNKS, name, what)
            for start, end, _, _ in (each for each in wanted if each not in held):
                self.found.add(Where.CHUNKS, stored.article_id, f"no chunk quotes characters {start} to {end}")

    @staticmethod
    def _spans_are_wrong(article: StoredArticle) -> bool:
        at = 0
        for span in article.file_spans:
            if span.start < at or span.length < 0 or span.source < 0 or span.start + span.length > len(article.text):
                return True
            at = span.start + span.length
        return False


def _pages(catalog: Catalog) -> Iterator[tuple[list[int], list[StoredArticle]]]:
    """All live articles with their numbers, a page at a time."""
    last = 0
    while rows := catalog.rows(
        "SELECT seq, article_id FROM articles WHERE live AND seq > ? ORDER BY seq LIMIT ?", (last, PAGE)
    ):
        last = rows[-1][0]
        found = catalog.articles(row[1] for row in rows)
        yield [row[0] for row in rows], [found[row[1]] for row in rows]


def opening(text: str) -> str:
    """The first sentence, with those after it where it is too short to tell anything."""
    end = 0
    for _, end in sentence_spans(text):
        if end >= OPENING[0]:
            break
    return text[: min(end, OPENING[1])]


def _is_found(catalog: Catalog, words: WordIndex, article: StoredArticle) -> tuple[bool, bool]:
    """Whether a search for the article's opening finds it among the first, and whether it does so at all.

    An article that is word for word another's equal is as good as found.
    """
    said = opening(article.text)
    terms = [(term, 1.0) for term in dict.fromkeys(search_terms(said))]
    if not terms:
        return True, True  # nothing in it can be searched for
    for most in (NEAR, FAR):
        hits = words.search(terms, most, Filter())
        found = catalog.chunks(hit.chunk_id for hit in hits)
        if any(chunk.article_id == article.article_id for chunk in found.values()):
            return most == NEAR, True
        squeezed = squeeze(said)
        if hits and all(hit.chunk_id in found and squeezed in squeeze(found[hit.chunk_id].text) for hit in hits):
            return most == NEAR, True
    return False, False


class _SourceFiles:
    """Compares articles with the page that they came from, where it is still there; pages come one after the other."""

    def __init__(self, found: Findings) -> None:
        self._found = found
        self._file, self._text = "", ""
        self._stand: list[str] = []
        self._gone: list[str] = []

    def compare(self, article: StoredArticle) -> None:
        """See whether an article still stands where it says."""
        if article.file != self._file:
            self.close()
            self._file, self._text = article.file, _page_text(article.file)
        spans = article.file_spans
        same = bool(self._text and spans) and all(
            self._text[s.source : s.source + s.length] == article.text[s.start : s.start + s.length] for s in spans
        )
        (self._stand if same else self._gone).append(article.article_id)

    def close(self) -> None:
        """Judge the last page. One where nothing stands any more was changed, or was none, and that is no damage."""
        self._found.quoted += len(self._stand)
        self._found.moved += len(self._gone)
        if self._stand:
            for name in self._gone:
                self._found.add(Where.SOURCES, name, f"does not stand where it should in {self._file}, others do")
        self._stand, self._gone = [], []


def _page_text(file: str) -> str:
    path = Path(file)
    if path.suffix.lower() not in PAGES:
        return ""
    try:
        return read_page(path).text
    except (WenBaoError, ValueError):
        return ""


def other_generations(generations: Generations, live: int, found: Findings) -> int | None:
    """See whether the kept generations open; gives the newest that does and is of this schema."""
    newest = None
    for number in generations.numbers():
        if number == live:
            continue
        folder = generations.path(number)
        try:
            with Lease(number, folder) as lease, ExitStack() as until:
                catalog = Catalog.open(folder / CATALOG)
                until.callback(catalog.close)
                copied = private_copy(lease)
                until.callback(copied.release)
                vectors = VectorIndex(copied.folder / VECTORS)
                until.callback(vectors.close)
                VectorTable(folder / TABLE)
                counts = (catalog.count_chunks(), vectors.count(), WordIndex(copied.folder / WORDS).count())
                if len(set(counts)) > 1:
                    raise ArchiveBroken("{} chunks in the catalog, {} vectors, {} in the words".format(*counts))
                newest = number
        except ArchiveOutdated:
            continue
        except FileNotFoundError:
            if folder.exists():
                found.add(Where.KEPT, str(folder), "has no file 'lease'")
        except (WenBaoError, sqlite3.Error, ValueError, OSError) as e:
            found.add(Where.KEPT, str(folder), " ".join(f"does not open ({e})".split()))
    return newest
