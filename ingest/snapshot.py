"""One whole generation, open for reading: what an answer is made from, from its first search to its last citation.

In: terms, vectors, ids, filters. Out: scored chunks, chunks, articles. A hit that the catalog does not list is dropped.
It never looks whether there is something newer (archive.py does) and never writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from ingest.catalog import Catalog
from ingest.disk import reading
from ingest.generations import CATALOG, VECTORS, WORDS
from ingest.integrity import check_parts
from ingest.locks import Lease
from ingest.models import ArchiveStats, Filter, Scored, StoredArticle, StoredChunk
from ingest.vectors import VectorIndex
from ingest.words import WordIndex

NARROW = (
    500  # chunks: up to here every allowed vector is compared (0.04 to 0.2 ms each), beyond it neighbours are sifted
)
SPARE = 2  # times more neighbours are asked for than the filter's share of articles says
OVERFETCH = 4  # times more, each time too few passed
EVERYTHING = Filter()


class Snapshot:
    """A generation that does not change under its reader. Safe from several threads."""

    def __init__(self, lease: Lease) -> None:
        """Takes the lease over. Raises ArchiveBroken when the generation cannot be read."""
        self.number, self._lease, folder = lease.number, lease, lease.folder
        try:
            with reading(folder):
                self.catalog = Catalog.open(folder / CATALOG)
                self._words = WordIndex(folder / WORDS)
                self._vectors = VectorIndex(folder / VECTORS)
        except BaseException:
            self._lease.release()
            raise

    def close(self) -> None:
        """Let go of files, memory and the lease; nobody may be reading."""
        self._vectors.close()
        self.catalog.close()
        self._lease.release()

    def stats(self, where: Filter = EVERYTHING) -> ArchiveStats:
        """What the articles that pass `where` amount to."""
        return self.catalog.stats(self.number, where)

    def warm(self, probe: NDArray[np.float32]) -> None:
        """Load what the first question needs, by a search for any vector. Raises ArchiveBroken."""
        with reading(self._lease.folder):
            self.search_vectors(probe, 1)

    def search_words(self, terms: Sequence[tuple[str, float]], k: int, where: Filter = EVERYTHING) -> list[Scored]:
        """The `k` best chunks for weighted search terms by BM25, best first."""
        # Place and by-line are looked for inside longer strings, which only the catalog can do; they are rare enough.
        versions = self.catalog.live_versions(where) if where.place or where.byline else None
        found = self._words.search(terms, k, where, versions)
        return self._allowed(found, EVERYTHING)

    def search_vectors(self, vector: NDArray[np.float32], k: int, where: Filter = EVERYTHING) -> list[Scored]:
        """The `k` nearest chunks by cosine to a vector of length 1, best first; none for a zero vector."""
        if k < 1 or not vector.any():
            return []
        if not where:
            return self._allowed(self._vectors.search(vector, k), where)
        few = self.catalog.allowed_chunks(where, NARROW)
        if few is not None:
            scored = [Scored(name, score) for name, score in self.cosines(vector, few).items()]
            return sorted(scored, key=lambda each: (-each.score, each.chunk_id))[:k]
        total, asked = self._vectors.count(), int(SPARE * k / self.catalog.share(where))
        while True:
            found = self._allowed(self._vectors.search(vector, min(asked, total)), where)
            if len(found) >= k or asked >= total:
                return found[:k]
            asked *= OVERFETCH

    def cosines(self, vector: NDArray[np.float32], chunk_ids: Iterable[str]) -> dict[str, float]:
        """The exact cosine of `vector` with each of these chunks."""
        return self._vectors.cosines(vector, chunk_ids)

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
            check_parts(self.catalog, self._vectors, self._words, thorough=True)

    def _allowed(self, found: Sequence[Scored], where: Filter) -> list[Scored]:
        allowed = self.catalog.allowed_among([each.chunk_id for each in found], where)
        return [each for each in found if each.chunk_id in allowed]


class EmptySnapshot(Snapshot):
    """An archive that nobody has filled yet: everything is searched, nothing is found, no file is made."""

    def __init__(self) -> None:
        self.number = 0
        self.catalog = Catalog.empty()

    def close(self) -> None:
        """Nothing was opened but a catalog in memory."""
        self.catalog.close()

    def search_words(self, terms: Sequence[tuple[str, float]], k: int, where: Filter = EVERYTHING) -> list[Scored]:
        """Nothing."""
        return []

    def search_vectors(self, vector: NDArray[np.float32], k: int, where: Filter = EVERYTHING) -> list[Scored]:
        """Nothing."""
        return []

    def cosines(self, vector: NDArray[np.float32], chunk_ids: Iterable[str]) -> dict[str, float]:
        """Nothing."""
        return {}

    def check(self) -> None:
        """Nothing is whole."""
