"""The encoder for documents, with no vector for any question: what is found without vectors.

In: an encoder. Out: the same, but for questions.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ingest.encoder import Encoder


class Mute:
    """An archive of the encoder's can be opened with it."""

    def __init__(self, encoder: Encoder) -> None:
        self.name, self.fingerprint, self.dimension = encoder.name, encoder.fingerprint, encoder.dimension
        self.encode_documents = encoder.encode_documents

    def encode_query(self, text: str) -> NDArray[np.float32]:
        return np.zeros(self.dimension, dtype=np.float32)
