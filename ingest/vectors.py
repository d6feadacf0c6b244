"""The vectors of one generation: the only room that knows chromadb.

In: chunk ids with vectors, a query vector. Out: chunks by cosine, higher is better. It keeps ids and vectors, no text,
and never filters by itself: chromadb's `where` is a hundred times slower than a search.
"""

from __future__ import annotations

import os
import struct
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from chromadb.api.client import Client
from chromadb.api.collection_configuration import CreateCollectionConfiguration
from chromadb.api.types import Include
from chromadb.config import Settings
from chromadb.errors import ChromaError, InternalError
from numpy.typing import NDArray

from ingest.batches import batched
from ingest.disk import library_writes
from ingest.errors import ArchiveBroken
from ingest.models import Scored

COLLECTION = "chunks"
# Rows: the graph is written out whole each time so many have come, and what came since is replayed at every opening,
# at about 3,000 a second.
SYNC_ROWS = 2_000
# While many rows come, it is written out each time that so many more than SYNC_ROWS have come as make a tenth of all:
# each 2,000 of a million articles would write terabytes. A writer settles at the end, so that opening stays quick.
SHARE = 10
_HEADER = (
    "header.bin"  # of the graph: its version, offset of level 0, vectors that there is room for, that there are, size
)
_COUNTS, _VERSION = struct.Struct("<iQQQQ"), 1
READ_ROWS = 2_000  # rows per read; SQLite inside chromadb takes 32,766 values
_HNSW: CreateCollectionConfiguration = {
    "hnsw": {
        "space": "cosine",
        "ef_construction": 100,
        "max_neighbors": 16,
        "ef_search": 100,
        "sync_threshold": SYNC_ROWS,
    }
}

# Clients of one folder share what chromadb counts without a lock; two readers closing at once would stop it twice.
_SHARED = threading.Lock()

Vectors = NDArray[np.float32]


class VectorIndex:
    """One folder of vectors. A folder has one writer and no reader while it is written to: see generations.py."""

    def __init__(self, folder: Path, *, create: bool = False) -> None:
        self._folder = folder
        self._open(create=create)

    def _open(self, *, create: bool = False) -> None:
        folder = self._folder
        with self._reading():
            where = Settings(persist_directory=str(folder), is_persistent=True, anonymized_telemetry=False)
            with _SHARED:
                self._client = Client(settings=where)
            if create:
                self._rows = self._client.create_collection(COLLECTION, embedding_function=None, configuration=_HNSW)
            else:
                self._rows = self._client.get_collection(COLLECTION, embedding_function=None)

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except (ChromaError, ValueError, AttributeError) as e:  # the last: it clears away what never came to be
            raise ArchiveBroken(f"{self._folder} cannot be read ({e})") from e

    def close(self) -> None:
        """Let go of files and memory; nobody may be searching."""
        with _SHARED:
            self._client.close()

    def count(self) -> int:
        """How many vectors there are."""
        with self._reading():
            return self._rows.count()

    def upsert(self, ids: Sequence[str], vectors: Vectors) -> None:
        """Add `vectors` (n × dimension), or replace those of the same ids."""
        most = self._client.get_max_batch_size()
        with library_writes(self._folder, InternalError):
            for start in range(0, len(ids), most):
                self._rows.upsert(ids=list(ids[start : start + most]), embeddings=vectors[start : start + most])

    def delete(self, ids: Iterable[str]) -> None:
        """Take vectors out; ids that are not there do not matter."""
        with library_writes(self._folder, InternalError):
            for part in batched(ids, self._client.get_max_batch_size()):
                self._rows.delete(ids=part)

    def search(self, vector: Vectors, k: int) -> list[Scored]:
        """The `k` nearest by cosine, found through the graph: nearly always the true ones."""
        if k < 1 or not vector.any():
            return []
        with self._reading():
            found = self._rows.query(query_embeddings=vector[None, :], n_results=k, include=["distances"])
        distances = found["distances"] or [[]]
        return [Scored(name, 1.0 - far) for name, far in zip(found["ids"][0], distances[0], strict=True)]

    def get(self, ids: Iterable[str]) -> dict[str, Vectors]:
        """The vectors of those ids that are there."""
        include: Include = ["embeddings"]
        held: dict[str, Vectors] = {}
        for part in batched(ids, READ_ROWS):
            with self._reading():
                found = self._rows.get(ids=part, include=include)
            held.update(zip(found["ids"], np.asarray(found["embeddings"], dtype=np.float32), strict=True))
        return held

    def ids(self) -> set[str]:
        """Every id that is there."""
        with self._reading():
            return set(self._rows.get(include=[])["ids"])


class VectorWriter(VectorIndex):
    """Writes one folder of vectors, few or very many; `settle` it before anybody reads."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._keep_pace()

    def upsert(self, ids: Sequence[str], vectors: Vectors) -> None:
        """Add `vectors` (n × dimension), or replace those of the same ids."""
        super().upsert(ids, vectors)
        self._keep_pace()

    def settle(self) -> None:
        """Write the graph out where it was left behind, so that no reader has to replay what came since."""
        if self._sync_rows() == SYNC_ROWS:
            return
        self._sync_every(SYNC_ROWS)
        some = self._rows.get(limit=1)["ids"]
        for vector in self.get(some).values():
            self.search(vector, 1)  # makes it replay, and write

    def close(self) -> None:
        """Let go of files and memory, with nothing of this process's own memory left in the files."""
        super().close()
        for header in self._folder.glob(f"*/{_HEADER}"):
            _blank_unused(header)

    def _keep_pace(self) -> None:
        wanted = self.count() // SHARE
        if wanted >= 2 * self._sync_rows():
            self._sync_every(wanted)

    def _sync_rows(self) -> int:
        return int(self._rows.configuration_json["hnsw"]["sync_threshold"])

    def _sync_every(self, rows: int) -> None:
        """Chromadb heeds it from the next opening on."""
        with library_writes(self._folder, InternalError):
            self._rows.modify(configuration={"hnsw": {"sync_threshold": rows}})
        self.close()
        self._open()


def _blank_unused(header: Path) -> None:
    """Overwrite with zeros the room that chromadb keeps for more vectors.

    It writes that out as malloc gave it: with whatever stood there before, an article that is to be forgotten or a key.
    """
    with header.open("rb") as file:
        version, _, most, used, size = _COUNTS.unpack(file.read(_COUNTS.size))
    if version != _VERSION:
        raise ArchiveBroken(
            f"{header} has version {version}, this WenBao knows {_VERSION}: install the pinned chromadb"
        )
    for name, width in (("data_level0.bin", size), ("length.bin", 4)):
        path = header.with_name(name)
        room = path.stat().st_size - used * width
        if room > 0 and room <= most * width:
            with path.open("r+b") as file:
                file.seek(used * width)
                file.write(bytes(room))
                os.fsync(file.fileno())
