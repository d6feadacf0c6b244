"""Texts into vectors with the built-in encoder: tokenizers and numpy, no torch.

In: a sentence-transformers StaticEmbedding folder. Out: the vectors that sentence-transformers gives for it, from a
folder that loads in a tenth of a second. It never trains and never writes.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open
from tokenizers import Tokenizer

from ingest.encoder.fingerprint import fingerprint_of
from ingest.errors import NoModel
from ingest.terms import fold

BATCH = 256  # texts cut into tokens at a time, on all cores
SHORTEST = 1e-12  # a row of zeros is divided by this and stays zero
WEIGHTS, TOKENIZER = "model.safetensors", "tokenizer.json"
TENSOR = "embedding.weight"


class StaticEncoder:
    """A table of token vectors; a text's vector is the direction of its tokens' mean."""

    def __init__(self, folder: Path, name: str) -> None:
        """Read the folder. Raises NoModel where it is not whole."""
        self.name = name
        self._folder = folder
        missing = [name for name in (WEIGHTS, TOKENIZER) if not (folder / name).is_file()]
        if missing:
            raise NoModel(
                f"encoder {name!r}: {' and '.join(missing)} missing in {str(folder)!r}: install wenbao again."
            )
        with safe_open(folder / WEIGHTS, framework="numpy") as tensors:
            self._table: NDArray[np.float16] = tensors.get_tensor(TENSOR)
        self._tokenizer: Tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))

    @property
    def dimension(self) -> int:
        """Numbers in a vector."""
        return int(self._table.shape[1])

    @cached_property
    def fingerprint(self) -> str:
        """Hash of weights, tokenizer and configuration (20 MB: some 30 ms, so only when asked)."""
        return fingerprint_of(self._folder)

    def encode_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row of length one for each text (n × dimension), a zero row where nothing in the text is known."""
        rows = np.zeros((len(texts), self.dimension), np.float32)
        for start in range(0, len(texts), BATCH):
            folded = [fold(text) for text in texts[start : start + BATCH]]  # it was taught simplified characters only
            tokens = self._tokenizer.encode_batch_fast(folded, add_special_tokens=False)
            for row, encoding in zip(rows[start:], tokens, strict=False):
                row[:] = self._table[encoding.ids].astype(np.float32).sum(axis=0) if encoding.ids else 0
        rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), SHORTEST)
        return rows

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """The vector of one question (dimension,)."""
        row: NDArray[np.float32] = self.encode_documents([text])[0]
        return row
