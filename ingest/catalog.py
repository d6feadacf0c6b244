"""The catalog: what is live. One SQLite file per generation, the only place that holds text.

In: ids and filters. Out: stored articles and chunks, counts, allowed sets. It never searches by meaning or words and,
here, never writes (catalog_writer.py does).
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ingest.batches import batched
from ingest.catalog_papers import let_stand
from ingest.catalog_rows import Ties, condition, day_of, pointer, stored_article, stored_chunk
from ingest.catalog_schema import SCHEMA, TABLES
from ingest.disk import reading
from ingest.errors import ArchiveBroken, ArchiveOutdated, EncoderMismatch, NotFound
from ingest.generations import CATALOG, Generations
from ingest.models import ArchiveStats, Filter, InStory, Papers, Place, Pointer, StoredArticle, StoredChunk
from ingest.selection import Selection

ARTICLES_AT_ONCE = 500  # articles whose text is in memory while all are gone through
SQL_VARIABLES = 5_000  # values per statement; SQLite allows 32,766

# Many rows come as one value, in JSON: sqlite3 lets go of Python's lock at every row, and under many askers has to wait
# for it as often.
_CHUNK = (
    "SELECT json_group_array(json_array(c.chunk_id, a.article_id, a.version_id, c.start, c.end,"
    " substr(a.text, c.start + 1, c.end - c.start), a.title, a.day))"
)
_STORY = (
    "SELECT s.article_id, s.story, length(a.text),"
    " EXISTS (SELECT 1 FROM corrections c WHERE c.article_id = s.article_id)"
    " FROM stories s CROSS JOIN articles a ON a.article_id = s.article_id AND a.live WHERE s.article_id IN "
)
_CORRECTED_BY = (
    "SELECT c.article_id, a.article_id, a.title, a.paper, a.day, a.page FROM corrections c"
    " CROSS JOIN articles a ON a.article_id = c.notice_id AND a.live WHERE c.article_id IN "
)
_CORRECTS = (
    "SELECT c.notice_id, a.article_id, a.title, a.paper, a.day, a.page FROM corrections c"
    " CROSS JOIN articles a ON a.article_id = c.article_id AND a.live WHERE c.notice_id IN "
)
_FROM_CHUNKS = " FROM chunks c JOIN articles a ON a.seq = c.article"


class Catalog:
    """Reads one catalog. Safe from several threads; close it when nobody reads any more."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._db.row_factory = sqlite3.Row
        self._lock = threading.Lock()

    @classmethod
    def open(cls, path: Path, *, frozen: bool = True, papers: Papers | None = None) -> Self:
        """Open a file. `frozen`: it belongs to a finished generation and never changes, so SQLite need not lock it.

        With `papers` it is as if there had never been any other.
        """
        mode = "?mode=ro&immutable=1" if frozen else "?mode=rw"
        try:
            db = sqlite3.connect(path.absolute().as_uri() + mode, uri=True, check_same_thread=False)
            # Read through the page cache of the system instead of one of 2 MB: 0.3 ms for 50 chunks instead of 1.3.
            db.execute(f"PRAGMA mmap_size = {path.stat().st_size if frozen else 0}")
            schema = db.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone()
            if papers is not None and schema == (str(SCHEMA),):
                let_stand(db, papers)
        except sqlite3.Error as e:
            raise ArchiveBroken(f"{path} cannot be read ({e})") from e
        if schema != (str(SCHEMA),):
            db.close()
            raise _outdated(path, schema[0] if schema else "")
        return cls(db)

    @classmethod
    def empty(cls) -> Self:
        """The catalog of an archive that nobody has filled yet."""
        db = sqlite3.connect(":memory:", check_same_thread=False)
        db.executescript(TABLES)
        return cls(db)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """Every row of a question; one thread at a time."""
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    def meta(self, key: str) -> str | None:
        """A fact about the whole archive: schema, encoder, fingerprint, dimension."""
        found = self.rows("SELECT value FROM meta WHERE key = ?", (key,))
        return str(found[0][0]) if found else None

    def refuse_other_encoder(self, name: str, fingerprint: str) -> None:
        """Raise EncoderMismatch unless the archive's vectors come from this encoder."""
        if self.meta("fingerprint") != fingerprint:
            raise EncoderMismatch(
                f"this archive was made with the encoder {self.meta('encoder')!r}, WENBAO_ENCODER names {name!r}: "
                "set it back, or run `python -m ingest reembed`."
            )

    def papers(self) -> Papers:
        """The papers of all versions, None among them where one has none."""
        return frozenset(row[0] for row in self.rows("SELECT DISTINCT paper FROM articles"))

    def count_chunks(self) -> int:
        """Chunks of live articles."""
        return int(self.rows("SELECT count(*) FROM chunks")[0][0])

    def stats(self, generation: int, where: Filter) -> ArchiveStats:
        """What the live articles that pass `where` amount to."""
        test, values = condition(where)
        summary = "SELECT count(*), min(day), max(day), coalesce(max(sample), 0) FROM articles a WHERE "
        row = self.rows(summary + test, values)[0]
        papers = self.rows(f"SELECT DISTINCT paper FROM articles a WHERE paper NOT NULL AND {test}", values)  # noqa: S608 - `test` is ours
        # All listed chunks are live, so without a filter there is nothing to join.
        chunks = self.rows("SELECT count(*)" + _FROM_CHUNKS + " WHERE " + test, values)[0][0] if where else None
        return ArchiveStats(
            generation=generation,
            articles=row[0],
            chunks=self.count_chunks() if chunks is None else chunks,
            papers=tuple(sorted(paper[0] for paper in papers)),
            first_date=day_of(row[1]),
            last_date=day_of(row[2]),
            sample=bool(row[3]),
        )

    def chunks(self, ids: Iterable[str]) -> dict[str, StoredChunk]:
        """The live chunks among `ids`, by id."""
        found = self._in(_CHUNK + _FROM_CHUNKS + " WHERE c.chunk_id IN ", ids)
        return {chunk.chunk_id: chunk for chunk in _chunks_in(found)}

    def chunks_of(self, article_id: str) -> list[StoredChunk]:
        """The chunks of a live article, in the order of its text."""
        found = self.rows(_CHUNK + _FROM_CHUNKS + " WHERE a.article_id = ? AND a.live", (article_id,))
        return sorted(_chunks_in(found), key=lambda chunk: chunk.start)

    def chunk_numbers(self, ids: Iterable[str]) -> dict[str, int]:
        """The numbers of those of `ids` that are listed, by id; only chunks of live articles are."""
        found = self._in("SELECT json_group_object(chunk_id, seq) FROM chunks WHERE chunk_id IN ", ids)
        return {chunk_id: number for row in found for chunk_id, number in json.loads(row[0]).items()}

    def chunk_ids(self, numbers: Iterable[int]) -> dict[int, str]:
        """The ids of those chunk numbers that are listed, by number."""
        return {row[0]: row[1] for row in self._in("SELECT seq, chunk_id FROM chunks WHERE seq IN ", numbers)}

    def article_numbers(self, where: Filter) -> NDArray[np.int64]:
        """The numbers of all live articles that pass `where`."""
        test, values = condition(where)
        # As one value: 5 ms for 50,000 numbers, where as many rows take 14 and hold up all other threads.
        found = self.rows(f"SELECT group_concat(a.seq) FROM articles a WHERE {test}", values)  # noqa: S608 - `test` is ours
        return np.fromstring(found[0][0] or "", dtype=np.int64, sep=",")

    def live_versions(self, where: Filter) -> list[str]:
        """Version ids of the live articles that pass `where`."""
        test, values = condition(where)
        sql = f"SELECT version_id FROM articles a WHERE {test}"  # noqa: S608 - `test` is ours
        return [row[0] for row in self.rows(sql, values)]

    def article(self, name: str) -> StoredArticle:
        """The live version of an article id, or the version of a version id. Raises NotFound."""
        sql = (
            "SELECT * FROM articles WHERE version_id = ?1 OR article_id = ?1 ORDER BY version_id = ?1 DESC, live DESC,"
        )
        sql += " withdrawn IS NULL, seq DESC"
        found = self.rows(sql + " LIMIT 1", (name,))
        if not found:
            raise NotFound(f"no article {name!r} in this archive: `python -m ingest list` shows what there is.")
        return self._stored(found)[0]

    def live_version_of(self, names: Iterable[str]) -> dict[str, str]:
        """Article id to version id, for those of `names` that are live."""
        found = self._in("SELECT article_id, version_id FROM articles WHERE live AND article_id IN ", names)
        return {row[0]: row[1] for row in found}

    def live_places(self, names: Iterable[str]) -> dict[str, Place]:
        """Where those of the article ids `names` that are live stand in their files, by article id."""
        sql = "SELECT article_id, version_id, file, file_start, file_end, sample FROM articles"
        found = self._in(sql + " WHERE live AND article_id IN ", names)
        return {row[0]: Place(row[1], row[2], row[3], row[4], bool(row[5])) for row in found}

    def samples(self) -> list[str]:
        """Article ids of the sample edition."""
        # Found through an index that holds `sample`; asked for directly, SQLite pages through all texts.
        sql = "SELECT DISTINCT article_id FROM articles WHERE seq IN (SELECT seq FROM articles WHERE sample)"
        return [row[0] for row in self.rows(sql)]

    def known_versions(self, ids: Iterable[str]) -> set[str]:
        """Those of the version ids `ids` that are held, live or not."""
        return {row[0] for row in self._in("SELECT version_id FROM articles WHERE version_id IN ", ids)}

    def articles(self, ids: Iterable[str]) -> dict[str, StoredArticle]:
        """The live versions among the article ids `ids`, by article id."""
        found = self._stored(self._in("SELECT * FROM articles WHERE live AND article_id IN ", ids))
        return {article.article_id: article for article in found}

    def live_names(self, *, unlisted: bool = False) -> list[str]:
        """Article ids of the live articles, or of those that no chunk is listed of, in the order they came in."""
        bare = "AND NOT EXISTS (SELECT 1 FROM chunks c WHERE c.article = a.seq)" if unlisted else ""
        sql = f"SELECT article_id FROM articles a WHERE live {bare} ORDER BY seq"  # noqa: S608 - `bare` is ours
        return [row[0] for row in self.rows(sql)]

    def live_articles(self, names: Sequence[str] | None = None) -> Iterator[StoredArticle]:
        """Those of `names` that are live, in that order; without names all, as they are at the first call."""
        for part in batched(self.live_names() if names is None else names, ARTICLES_AT_ONCE):
            found = self.articles(part)
            yield from (found[name] for name in part if name in found)

    def versions(self, article_id: str) -> list[StoredArticle]:
        """All versions of an article, the live one (or the one that was withdrawn) last."""
        sql = "SELECT * FROM articles WHERE article_id = ? ORDER BY live, withdrawn NOT NULL, seq"
        return self._stored(self.rows(sql, (article_id,)))

    def every_version(self) -> Iterator[StoredArticle]:
        """All versions of all articles by article id, those of one article in order, the live one last."""
        sql = "SELECT DISTINCT article_id FROM articles WHERE article_id > ? ORDER BY article_id LIMIT ?"
        last = ""
        while names := [row[0] for row in self.rows(sql, (last, ARTICLES_AT_ONCE))]:
            found = self._in("SELECT * FROM articles WHERE article_id IN ", names)
            yield from self._stored(sorted(found, key=_in_order))
            last = names[-1]

    def selected(self, chosen: Selection) -> list[str]:
        """Article ids of the live articles that were chosen, in the order they came in."""
        sql = f"SELECT article_id FROM articles a WHERE {chosen.test} ORDER BY seq"  # noqa: S608 - the test is ours
        return [row[0] for row in self.rows(sql, chosen.values)]

    def overrides(self, names: Iterable[str]) -> list[sqlite3.Row]:
        """What was set by hand for articles of these ids, or for such as a corrected source would call so."""
        wanted = list(names)
        columns = "SELECT article_id, alias, day, paper, page, place, byline FROM overrides WHERE"
        own, others = self._in(f"{columns} article_id IN ", wanted), self._in(f"{columns} alias IN ", wanted)
        return [*own, *others]

    def vector_holders(self, keys: Iterable[str]) -> dict[str, str]:
        """For those of the vector keys that the archive holds: the id of a chunk with that vector."""
        found = self._in("SELECT vector_key, chunk_id FROM chunks WHERE vector_key IN ", keys)
        return {row[0]: row[1] for row in found}

    def nowhere(self, pieces: Iterable[str]) -> set[str]:
        """Those of `pieces` that stand in no version of any article: each text is looked through once."""
        left, last = set(pieces), 0
        read = "SELECT seq, coalesce(title, '') || char(10) || coalesce(subtitle, '') || char(10) || text FROM articles"
        while rows := self.rows(f"{read} WHERE seq > ? ORDER BY seq LIMIT ?", (last, ARTICLES_AT_ONCE)):
            for _, text in rows:
                left = {piece for piece in left if piece not in text}
            last = rows[-1][0]
        return left

    def recent(self, limit: int, where: Filter) -> list[StoredArticle]:
        """Live articles, the newest issue first, those without a date last."""
        test, values = condition(where)
        sql = f"SELECT * FROM articles a WHERE {test} ORDER BY day DESC NULLS LAST, seq DESC LIMIT ?"  # noqa: S608 - `test` is ours
        return self._stored(self.rows(sql, (*values, limit)))

    def sample_chunks(self, count: int, since: int = 0) -> list[StoredChunk]:
        """About `count` chunks spread evenly over those numbered from `since` on; the newest is always among them."""
        low, high = self.rows(
            "SELECT coalesce(min(seq), 0), coalesce(max(seq), 0) FROM chunks WHERE seq > ?", (since,)
        )[0]
        step = max(1, (high - low) // count)
        found = self._in(_CHUNK + _FROM_CHUNKS + " WHERE c.seq IN ", range(high, low - 1, -step))
        return list(_chunks_in(found))

    def _in(self, sql: str, ids: Iterable[Any], values: Sequence[Any] = (), after: str = "") -> list[sqlite3.Row]:
        found: list[sqlite3.Row] = []
        for part in batched(ids, SQL_VARIABLES):
            found += self.rows(f"{sql}({','.join('?' * len(part))}){after}", (*values, *part))
        return found

    def passing(self, ids: Iterable[str], where: Filter) -> list[StoredArticle]:
        """The live articles among the article ids that pass `where`."""
        test, values = condition(where)
        return self._stored(self._in(f"SELECT a.* FROM articles a WHERE {test} AND a.article_id IN ", ids, values))  # noqa: S608 - `test` is ours

    def stories(self, ids: Iterable[str]) -> dict[str, InStory]:
        """What those of the article ids that share a story with others are in it."""
        return {row[0]: InStory(row[1], row[2], bool(row[3])) for row in self._in(_STORY, ids)}

    def of_stories(self, names: Iterable[str], where: Filter) -> dict[str, list[StoredArticle]]:
        """The live articles of each story that pass `where`, by day, paper and id."""
        test, values = condition(where)
        sql = (
            f"SELECT s.story, a.* FROM stories s CROSS JOIN articles a USING (article_id) WHERE {test} AND s.story IN "  # noqa: S608 - `test` is ours
        )
        found = self._in(sql, names, values)
        stored = {one.article_id: one for one in self._stored(found)}
        order = sorted(found, key=lambda row: (row["day"] or "", row["paper"] or "", row["article_id"]))
        told: dict[str, list[StoredArticle]] = {}
        for row in order:
            told.setdefault(row["story"], []).append(stored[row["article_id"]])
        return told

    def copies_of(self, article_id: str) -> list[StoredArticle]:
        """The other live articles of an article's story."""
        story = {one.story for one in self.stories([article_id]).values()}
        told = self.of_stories(story, Filter())
        return [one for many in told.values() for one in many if one.article_id != article_id]

    def _stored(self, rows: Sequence[sqlite3.Row]) -> list[StoredArticle]:
        names = list(dict.fromkeys(row["article_id"] for row in rows))
        parts = {row["article_id"] for row in rows if row["continued_from"] or row["continued_to"]}
        linked: dict[str, list[str]] = {}
        for pair in self._in("SELECT article_id, part_id FROM links WHERE article_id IN ", parts):
            linked.setdefault(pair[0], []).append(pair[1])
        texts = self._texts(names)
        by, of = self._pointers(_CORRECTED_BY, names), self._pointers(_CORRECTS, names)
        ties = {
            name: Ties(tuple(linked.get(name, ())), by.get(name, ()), of.get(name, ()), texts.get(name, 1))
            for name in names
        }
        return [stored_article(row, ties[row["article_id"]]) for row in rows]

    def _texts(self, names: Sequence[str]) -> dict[str, int]:
        """How many different texts the versions of an article have, for those that have several versions."""
        ids = "SELECT article_id FROM articles WHERE article_id IN "
        several = [row[0] for row in self._in(ids, names, after=" GROUP BY article_id HAVING count(*) > 1")]
        different = "count(DISTINCT coalesce(title, '') || char(10) || text)"
        sql = f"SELECT article_id, {different} FROM articles WHERE article_id IN "  # noqa: S608 - `different` is ours
        return {row[0]: row[1] for row in self._in(sql, several, after=" GROUP BY article_id")}

    def _pointers(self, sql: str, names: Sequence[str]) -> dict[str, tuple[Pointer, ...]]:
        found: dict[str, tuple[Pointer, ...]] = {}
        for row in self._in(sql, names):
            found[row[0]] = (*found.get(row[0], ()), pointer(row[1:]))
        return {
            name: tuple(sorted(them, key=lambda one: (str(one.date), one.article_id))) for name, them in found.items()
        }


def _outdated(path: Path, schema: str) -> ArchiveOutdated:
    newer = schema.isdigit() and int(schema) > SCHEMA
    way = "use the newer WenBao that made it" if newer else "`python -m ingest migrate` lifts it with all it holds"
    return ArchiveOutdated(f"{path} has schema {schema or None}, this WenBao reads {SCHEMA}: {way}.")


def _chunks_in(found: Sequence[sqlite3.Row]) -> Iterator[StoredChunk]:
    return (stored_chunk(fields) for row in found for fields in json.loads(row[0]))


def _in_order(row: sqlite3.Row) -> tuple[str, int, bool, int]:
    """Versions of one article from the oldest to the live one, or the one that was withdrawn."""
    return row["article_id"], row["live"], row["withdrawn"] is not None, row["seq"]


@contextmanager
def live_catalog(generations: Generations) -> Iterator[tuple[int, Catalog]]:
    """The live generation's number and catalog, held for the block; 0 and an empty one where there is none."""
    lease = generations.lease()
    if lease is None:
        catalog = Catalog.empty()
        yield 0, catalog
        catalog.close()
        return
    with lease, reading(lease.folder):
        catalog = Catalog.open(lease.folder / CATALOG)
        try:
            yield lease.number, catalog
        finally:
            catalog.close()


@contextmanager
def kept_catalog(generation: Path) -> Iterator[Catalog | None]:
    """The catalog of a kept generation for the block; None where it is of another schema. Its number must not go."""
    try:
        catalog = Catalog.open(generation / CATALOG)
    except ArchiveOutdated:
        yield None
        return
    try:
        yield catalog
    finally:
        catalog.close()
