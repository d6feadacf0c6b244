"""Text into vectors: the encoders, all behind one Protocol.

In: texts. Out: float32 rows of length one, so that a dot product is a cosine. Nothing here fetches anything: an
encoder is the one that ships in the package or one that is already on disk, and is imported only when asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

BUILTIN = "builtin"
BUILTIN_FOLDER = Path(__file__).with_name("builtin")


class Encoder(Protocol):
    """What turns text into vectors. Vectors of two encoders can be compared only if their fingerprints are equal."""

    @property
    def name(self) -> str:
        """What a user calls it: `builtin`, a folder, or a model's name."""

    @property
    def fingerprint(self) -> str:
        """32 hex digits of the model's content, wherever it stands on disk."""

    @property
    def dimension(self) -> int:
        """Numbers in a vector."""

    def encode_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row of length one for each text (n × dimension); a zero row where nothing in the text is known."""

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """The vector of a question (dimension,), of length one, or zero where nothing in it is known."""


def load_encoder(name: str) -> Encoder:
    """The encoder called `name`: `builtin`, a sentence-transformers folder, or a model's name that is on this machine.

    Raises NoEncoder, quickly and without a look at the network, where there is none.
    """
    if name == BUILTIN:
        from ingest.encoder.static import StaticEncoder

        return StaticEncoder(BUILTIN_FOLDER, BUILTIN)
    from ingest.encoder.transformer import TransformerEncoder, find_model

    return TransformerEncoder(find_model(name), name)
