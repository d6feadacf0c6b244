"""How alike two words are in the company they keep: 学校 and 院校, 工厂 and 厂房, though they share no search term.

In: words as `ingest.terms.tagged_words` cuts them. Out: cosines of their vectors, from a table that ships in the
package and is read on first use. `python -m ingest.training.wordvectors NEWS.jsonl.xz` makes it anew. It never sees a
sentence.
"""

from __future__ import annotations

import lzma
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

WORDS = Path(__file__).with_name("wordvectors.txt.xz")
VECTORS = Path(__file__).with_name("wordvectors.npy")
SCALE = 127  # int8 stands for a number between -1 and 1


@dataclass(frozen=True, slots=True)
class WordVectors:
    """A row of unit length for each word (words × dimension, int8 in units of 1/SCALE)."""

    rows: Mapping[str, int]
    vectors: NDArray[np.int8]

    def likeness(self, words: Sequence[str], others: Sequence[str]) -> NDArray[np.float32]:
        """Cosines, len(words) × len(others); 0 where either word is unknown."""
        return self._take(words) @ self._take(others).T

    def _take(self, words: Sequence[str]) -> NDArray[np.float32]:
        rows = np.array([self.rows.get(word, -1) for word in words], dtype=np.int64)
        taken = self.vectors[rows].astype(np.float32) / np.float32(SCALE)
        taken[rows < 0] = 0.0
        return taken


@cache
def read_word_vectors() -> WordVectors:
    """The shipped table."""
    words = lzma.decompress(WORDS.read_bytes()).decode().split("\n")
    return WordVectors({word: row for row, word in enumerate(words)}, np.load(VECTORS, mmap_mode="r"))
