"""A second copy of every vector, laid out so that a reader can map it: exact cosines without asking chromadb.

In: vectors by chunk number (the catalog's `chunks.seq`), each with its article's number. Out: cosines. Two files, a row
for each chunk number. It knows no ids and not what is live: a chunk that is gone leaves its row, and the row names an
article that the catalog does not list any more.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.errors import ArchiveBroken

VECTORS, ARTICLES = "vectors.i16", "articles.i32"
# Numbers of a vector of length one lie between -1 and 1, so whole numbers of 16 bits are finer than float16 (cosines
# are off by 0.00004 at most), and numpy widens them four times faster.
UNIT = 32_767
NOBODY = 0  # article of a row that nobody filled; SQLite counts articles and chunks from 1
BLOCK = 1_024  # rows widened at a time: 1 MB stays in the processor's cache and is not fetched anew from the system

Vectors = NDArray[np.float32]
Numbers = NDArray[np.signedinteger]


class VectorTable:
    """Reads the table of a finished generation, whose files no writer will touch. Safe from several threads."""

    def __init__(self, folder: Path) -> None:
        """Map the files. Raises ArchiveBroken when they do not belong together."""
        try:
            self._articles: Numbers = np.memmap(folder / ARTICLES, np.int32, "r")
            cells = np.memmap(folder / VECTORS, np.int16, "r")
            self._vectors: NDArray[np.int16] = cells.reshape(len(self._articles), -1)
        except (OSError, ValueError) as e:
            raise ArchiveBroken(f"{folder} cannot be read ({e})") from e

    def __len__(self) -> int:
        """Rows: one more than the highest chunk number, because row 0 is nobody's."""
        return len(self._articles)

    def articles(self) -> Numbers:
        """The article's number of every row, 0 for a row that nobody filled."""
        return self._articles

    @property
    def dimension(self) -> int:
        """Numbers in a vector."""
        return int(self._vectors.shape[1])

    def vectors(self, chunks: Sequence[int] | Numbers) -> Vectors:
        """The vectors of these chunk numbers, each number of them exact to half a cell."""
        cells = self._vectors[np.asarray(chunks, dtype=np.int64)].astype(np.float32)
        cells /= UNIT
        return cells

    def rows_of(self, articles: Numbers) -> Numbers:
        """The chunk numbers of these articles, in order."""
        wanted = np.zeros(int(self._articles.max(initial=0)) + 1, dtype=bool)
        wanted[articles[articles < len(wanted)]] = True
        wanted[NOBODY] = False
        return np.flatnonzero(wanted[self._articles])

    def cosines(self, vector: Vectors, chunks: Sequence[int] | Numbers) -> Vectors:
        """The cosine of `vector` (of length one) with each of these chunk numbers, exact to 0.00004."""
        rows = np.asarray(chunks, dtype=np.int64)
        found = np.empty(len(rows), np.float32)
        for start in range(0, len(rows), BLOCK):
            part = slice(start, start + BLOCK)
            np.matmul(self._vectors[rows[part]].astype(np.float32), vector, out=found[part])
        found /= UNIT
        return found


class VectorTableWriter:
    """Writes the table of a generation in the making. What is written is lasting when `write` comes back."""

    def __init__(self, folder: Path, dimension: int) -> None:
        """Open the table in `folder`, or begin one there, for vectors of `dimension` numbers."""
        folder.mkdir(exist_ok=True)
        self._files = []
        for name in (ARTICLES, VECTORS):
            (folder / name).touch()
            self._files.append((folder / name).open("r+b"))
        self._row_bytes = (np.dtype(np.int32).itemsize, dimension * np.dtype(np.int16).itemsize)
        self.write([0], [NOBODY], np.zeros((1, dimension), np.float32))

    def write(self, chunks: Sequence[int], articles: Sequence[int], vectors: Vectors) -> None:
        """Fill the rows of these chunk numbers, the newest there are: an article number and a vector (n × dimension).

        What an interrupted ingest left there is written over. Raises OSError.
        """
        first, count = min(chunks), max(chunks) - min(chunks) + 1
        rows = np.asarray(chunks) - first
        names = np.full(count, NOBODY, np.int32)
        names[rows] = articles
        cells = np.zeros((count, vectors.shape[1]), np.int16)
        cells[rows] = np.rint(vectors * UNIT)
        # Written, not mapped: a full disk is to be an error, not a signal.
        for file, size, block in zip(self._files, self._row_bytes, (names.tobytes(), cells.tobytes()), strict=True):
            file.seek(first * size)
            file.write(block)
            file.flush()
            os.fsync(file.fileno())

    def cut(self, rows: int) -> None:
        """Drop every row from number `rows` on."""
        for file, size in zip(self._files, self._row_bytes, strict=True):
            file.truncate(rows * size)

    def close(self) -> None:
        """Let go of the files."""
        for file in self._files:
            file.close()
