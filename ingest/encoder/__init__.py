"""Text into vectors, and questions beside texts into scores: the models, behind two Protocols.

In: texts. Out: float32 rows of length one, so that a dot product is a cosine; or a score for each text that is read
together with a question. A model is the one that ships in the package or one that is already on disk, and is imported
only when asked for. Nothing here looks at the network but fetch.py, which only a command calls.
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


class PairScorer(Protocol):
    """What reads a question and a text together and says how well the one answers the other."""

    @property
    def name(self) -> str:
        """What a user calls it: a folder, or a model's name."""

    def scores(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """A number for each text (n,), higher is better; numbers of two models cannot be compared."""


def load_encoder(name: str) -> Encoder:
    """The encoder called `name`: `builtin`, a sentence-transformers folder, or a model's name that is on this machine.

    Raises NoModel, quickly and without a look at the network, where there is none.
    """
    if name == BUILTIN:
        from ingest.encoder.static import StaticEncoder

        return StaticEncoder(BUILTIN_FOLDER, BUILTIN)
    from ingest.encoder.on_disk import ENCODER, find_model
    from ingest.encoder.transformer import TransformerEncoder

    return TransformerEncoder(find_model(name, ENCODER), name)


def load_pair_scorer(name: str) -> PairScorer:
    """The sentence-transformers cross-encoder called `name`: a folder, or a model's name that is on this machine.

    Raises NoModel, quickly and without a look at the network, where there is none.
    """
    from ingest.encoder.on_disk import RERANKER, find_model
    from ingest.encoder.transformer import CrossScorer

    return CrossScorer(find_model(name, RERANKER), name)
