"""One whole generation, open for reading: what an answer is made from, from its first search to its last citation.

In: terms, vectors, ids, filters. Out: scored chunks, chunks, articles. A hit that the catalog does not list is dropped.
It never looks whether there is something newer (archive.py does) and never writes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import cached_property, lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from ingest.catalog import Catalog
from ingest.disk import reading
from ingest.generations import CATALOG, TABLE, VECTORS, WORDS
from ingest.integrity import check_parts
from ingest.locks import Lease
from ingest.models import ArchiveStats, Filter, Papers, Scored, StoredArticle, StoredChunk
from ingest.private_copy import private_copy
from ingest.vector_table import Numbers, VectorTable
from ingest.vectors import VectorIndex
from ingest.words import Terms, Ways, WordIndex

SPARE = 2  # times more neighbours are asked for than the filter's share of chunks says
NEIGHBOUR = 40  # cosines that are computed in the time in which chromadb finds one more neighbour (5 µs)
FILTERS = 8  # filters whose counts and chunk numbers are kept: 1 MB each where 100,000 chunks pass
FILTERS_OF_PART = 3  # the same of a generation that only some papers stand in
PARTS = 32  # sets of papers that are kept ready; a newsroom has a handful of them
EVERYTHING = Filter()


class Snapshot:
    """A generation that does not change under its reader. Safe from several threads.

    `part` are the papers that alone stand in it, None for all.
    """

    part: Papers | None = None

    def __init__(self, lease: Lease) -> None:
        """Takes the lease over. Raises ArchiveBroken when the generation cannot be read."""
        self.number, self._lease, folder = lease.number, lease, lease.folder
        try:
            with reading(folder):
                self.catalog = Catalog.open(folder / CATALOG)
                self._place = private_copy(lease)
                self._words = WordIndex(self._place.folder / WORDS)
                self._vectors = VectorIndex(self._place.folder / VECTORS)
                self._table = VectorTable(folder / TABLE)
        except BaseException:
            self._lease.release()
            raise
        self._passing = _passing_chunks(self.catalog, self._table, FILTERS)
        self._counted = lru_cache(FILTERS)(partial(self.catalog.stats, self.number))
        self._parts: dict[Papers, PartialSnapshot] = {}
        self._parting = threading.Lock()

    @cached_property
    def papers(self) -> Papers:
        """The papers that there are, None among them where an article has none."""
        return self.catalog.papers()

    def only(self, papers: Papers) -> Snapshot:
        """The generation as if it had none but `papers`; itself where it has no other. It closes with this one."""
        standing = self.papers & papers
        if standing == self.papers:
            return self
        with self._parting:
            if standing not in self._parts:
                part = PartialSnapshot(self, standing)
                if len(self._parts) >= PARTS:  # whoever reads in it still holds it, and it goes with the last one
                    self._parts.pop(next(iter(self._parts)))
                self._parts[standing] = part
            return self._parts[standing]

    @property
    def made(self) -> datetime | None:
        """When this generation was finished; None for an archive that nobody has filled."""
        return datetime.fromtimestamp((self._lease.folder / CATALOG).stat().st_mtime).astimezone()

    def close(self) -> None:
        """Let go of files, memory and the lease; nobody may be reading."""
        for part in self._parts.values():
            part.close()
        self._vectors.close()
        self.catalog.close()
        self._place.release()
        self._lease.release()

    def stats(self, where: Filter = EVERYTHING) -> ArchiveStats:
        """What the articles that pass `where` amount to."""
        return self._counted(where)

    def warm(self, probe: NDArray[np.float32]) -> None:
        """Load what the first question needs, by a search for any vector. Raises ArchiveBroken."""
        with reading(self._lease.folder):
            self.search_vectors(probe, 1)

    def search_words(self, terms: Terms, k: int, where: Filter = EVERYTHING, ways: Sequence[Ways] = ()) -> list[Scored]:
        """The `k` best chunks by BM25 for weighted search terms and things that may be said in several ways."""
        # Place and by-line are looked for inside longer strings, which only the catalog can do; they are rare enough.
        versions = self.catalog.live_versions(where) if where.place or where.byline else None
        found = self._words.search(terms, k, where, versions, ways)
        return self._listed(found)

    def holds(self, term: str) -> bool:
        """Whether a search term stands in any chunk or above one."""
        return self._words.holds(term)

    def full_words(self, terms: Terms) -> float:
        """What `search_words` would give a chunk that had all of `terms`: how much of it a best one has, tells."""
        return self._words.full_score(terms)

    def search_vectors(self, vector: NDArray[np.float32], k: int, where: Filter = EVERYTHING) -> list[Scored]:
        """The `k` nearest chunks by cosine to a vector of length 1, best first; none for a zero vector."""
        if k < 1 or not vector.any():
            return []
        if not where:
            return self._listed(self._vectors.search(vector, k))
        return self._nearest(vector, k, where)

    def cosines(self, vector: NDArray[np.float32], found: Sequence[Scored]) -> dict[str, float]:
        """The cosine of `vector` with each of the chunks that a search here has found, by chunk id."""
        scores = self._table.cosines(vector, [each.number for each in found])
        return dict(zip((each.chunk_id for each in found), scores.tolist(), strict=True))

    def chunks(self, ids: Iterable[str]) -> dict[str, StoredChunk]:
        """The chunks of these ids, by id."""
        return self.catalog.chunks(ids)

    def chunks_of(self, article_id: str) -> list[StoredChunk]:
        """The chunks of an article, in the order of its text."""
        return self.catalog.chunks_of(article_id)

    def article(self, name: str) -> StoredArticle:
        """The article of an article id (its live version) or a version id. Raises NotFound."""
        return self.catalog.article(name)

    def articles(self, ids: Iterable[str]) -> dict[str, StoredArticle]:
        """The live articles of these article ids, by id."""
        return self.catalog.articles(ids)

    def recent(self, limit: int, where: Filter = EVERYTHING) -> list[StoredArticle]:
        """The newest articles first."""
        return self.catalog.recent(limit, where)

    def check(self) -> None:
        """Compare catalog, vectors and words thoroughly. Raises ArchiveBroken."""
        with reading(self._lease.folder):
            check_parts(self.catalog, self._vectors, self._table, self._words, thorough=True)

    def _listed(self, found: Sequence[Scored]) -> list[Scored]:
        """Without those that the catalog does not list, the others with their numbers."""
        listed = self.catalog.chunk_numbers(each.chunk_id for each in found)
        return [Scored(each.chunk_id, each.score, listed[each.chunk_id]) for each in found if each.chunk_id in listed]

    def _nearest(self, vector: NDArray[np.float32], k: int, where: Filter) -> list[Scored]:
        """The `k` nearest of the chunks that pass."""
        passing = self._passing(where)
        return self._sifted(vector, k, passing) or self._exact(vector, k, passing)

    def _exact(self, vector: NDArray[np.float32], k: int, passing: Numbers) -> list[Scored]:
        """The `k` best of the chunk numbers `passing`, every one compared."""
        scores = self._table.cosines(vector, passing)
        best = np.argpartition(-scores, k - 1)[:k] if k < len(scores) else np.arange(len(scores))
        ids = self.catalog.chunk_ids(passing[best].tolist())
        found = zip(passing[best].tolist(), scores[best].tolist(), strict=True)
        scored = [Scored(ids[number], score, number) for number, score in found if number in ids]
        return sorted(scored, key=lambda each: (-each.score, each.chunk_id))

    def _sifted(self, vector: NDArray[np.float32], k: int, passing: Numbers) -> list[Scored]:
        """The `k` best of the chunk numbers `passing` from among the neighbours of all numbers.

        Nothing where too few of those pass, or where comparing every one is quicker.
        """
        asked = SPARE * k * len(self._table) // max(1, len(passing))
        if asked * NEIGHBOUR > len(passing):
            return []
        near = self._vectors.search(vector, asked)
        numbers = self.catalog.chunk_numbers(each.chunk_id for each in near)
        passed = dict(zip(numbers, np.isin(list(numbers.values()), passing, assume_unique=True).tolist(), strict=True))
        found = [Scored(one.chunk_id, one.score, numbers[one.chunk_id]) for one in near if passed.get(one.chunk_id)]
        return found[:k] if len(found) >= k else []


class PartialSnapshot(Snapshot):
    """A generation as if some of its papers had never been there: not found, not counted, not weighed by."""

    def __init__(self, whole: Snapshot, papers: Papers) -> None:
        """Of what `whole` holds open, only the catalog is opened anew. Raises ArchiveBroken."""
        self.number, self.part = whole.number, papers
        self._lease, self._vectors, self._table = whole._lease, whole._vectors, whole._table
        folder = self._lease.folder
        with reading(folder):
            self.catalog = Catalog.open(folder / CATALOG, papers=papers)
            self._words = whole._words.only(papers, whole.papers - papers)
        self._passing = _passing_chunks(self.catalog, self._table, FILTERS_OF_PART)
        self._counted = lru_cache(FILTERS_OF_PART)(partial(self.catalog.stats, self.number))
        self._parts, self._parting = {}, threading.Lock()

    def close(self) -> None:
        """Let go of the catalog; the rest belongs to the whole."""
        self.catalog.close()

    def search_words(self, terms: Terms, k: int, where: Filter = EVERYTHING, ways: Sequence[Ways] = ()) -> list[Scored]:
        """The `k` best chunks by BM25 for weighted search terms and things that may be said in several ways."""
        if where.paper and where.paper not in self.papers:
            return []  # whether that paper does not stand or does not exist
        return super().search_words(terms, k, where, ways)

    def search_vectors(self, vector: NDArray[np.float32], k: int, where: Filter = EVERYTHING) -> list[Scored]:
        """The `k` nearest chunks by cosine to a vector of length 1, best first; none for a zero vector."""
        if k < 1 or not vector.any():
            return []
        return self._nearest(vector, k, where)


def _passing_chunks(catalog: Catalog, table: VectorTable, kept: int) -> Callable[[Filter], Numbers]:
    """Gives the numbers of the chunks that pass a filter; the last few are kept, because nothing here ever changes."""

    @lru_cache(kept)
    def passing(where: Filter) -> Numbers:
        return table.rows_of(catalog.article_numbers(where))

    return passing


class EmptySnapshot(Snapshot):
    """An archive that nobody has filled yet: everything is searched, nothing is found, no file is made."""

    def __init__(self) -> None:
        self.number = 0
        self.catalog = Catalog.empty()
        self._counted = lru_cache(1)(partial(self.catalog.stats, self.number))
        self._parts, self._parting = {}, threading.Lock()

    def close(self) -> None:
        """Nothing was opened but a catalog in memory."""
        self.catalog.close()

    @property
    def made(self) -> datetime | None:
        """Never."""
        return None

    def search_words(self, terms: Terms, k: int, where: Filter = EVERYTHING, ways: Sequence[Ways] = ()) -> list[Scored]:
        """Nothing."""
        return []

    def holds(self, term: str) -> bool:
        """Nothing."""
        return False

    def full_words(self, terms: Terms) -> float:
        """Nothing to be had."""
        return 0.0

    def search_vectors(self, vector: NDArray[np.float32], k: int, where: Filter = EVERYTHING) -> list[Scored]:
        """Nothing."""
        return []

    def cosines(self, vector: NDArray[np.float32], found: Sequence[Scored]) -> dict[str, float]:
        """Nothing."""
        return {}

    def check(self) -> None:
        """Nothing is whole."""
