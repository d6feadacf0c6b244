"""An encoder that remembers: what a generation holds a vector of is taken from there, and only the rest is encoded.

In: the folder of a finished generation that this encoder made, which nobody sweeps meanwhile. Out: an encoder like the
one it stands for. So a generation can be made anew from its articles at the price of its graph and words alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.catalog import Catalog
from ingest.encoder import Encoder
from ingest.generations import CATALOG, VECTORS
from ingest.identity import vector_key
from ingest.vectors import VectorIndex


class RememberingEncoder:
    """An `Encoder`; see the module."""

    def __init__(self, encoder: Encoder, catalog: Catalog, vectors: VectorIndex) -> None:
        self.name, self.fingerprint, self.dimension = encoder.name, encoder.fingerprint, encoder.dimension
        self._encoder, self._catalog, self._vectors = encoder, catalog, vectors

    def encode_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """A row for each text."""
        keys = [vector_key(self.fingerprint, text) for text in texts]
        holders = self._catalog.vector_holders(set(keys))
        held = self._vectors.get(set(holders.values()))
        new = [at for at, key in enumerate(keys) if holders.get(key) not in held]
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for at, key in enumerate(keys):
            if holders.get(key) in held:
                rows[at] = held[holders[key]]
        if new:
            rows[new] = self._encoder.encode_documents([texts[at] for at in new])
        return rows

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """The vector of a question; nobody has asked it before."""
        return self._encoder.encode_query(text)


@contextmanager
def remembering(encoder: Encoder, generation: Path) -> Iterator[Encoder]:
    """`encoder`, remembering the vectors of a generation for the block."""
    catalog = Catalog.open(generation / CATALOG)
    vectors = VectorIndex(generation / VECTORS)
    try:
        yield RememberingEncoder(encoder, catalog, vectors)
    finally:
        vectors.close()
        catalog.close()
