"""Makes the table of `ingest.wordvectors` from open news: `python -m ingest.training.wordvectors NEWS.jsonl.xz`.

In: JSON lines with a field `text`. Out: the two files of the table. Words within a few places of each other are
counted, the counts turned into positive pointwise mutual information, and that matrix factored (randomised, seed
fixed). After Levy, Goldberg and Dagan, Improving Distributional Similarity with Lessons Learned from Word Embeddings
(2015). Two minutes and 3 GB on two cores; scipy and this much memory are needed here only.
"""

from __future__ import annotations

import json
import lzma
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from scipy import sparse

from ingest.terms import tagged_words
from ingest.wordvectors import SCALE, VECTORS, WORDS

VOCABULARY = 40_000  # most frequent words
SEEN_AT_LEAST = 8  # times
WINDOW = 4  # words to each side
DIMENSION = 96
SMOOTHING = 0.75  # power of a context's frequency: rare contexts would else look more telling than they are
OVERSAMPLED, ROUNDS = 16, 4  # of the randomised factorisation
SEED = 20230511
_WORD = re.compile(r"[\u4e00-\u9fff]+|[a-z]{2,}")
_STOP = re.compile("[。！？!?\n]")


def sentences(path: Path) -> Iterator[list[str]]:
    """The words of each sentence; numbers, marks and single letters are left out."""
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            for sentence in _STOP.split(json.loads(line)["text"]):
                yield [word.text for word in tagged_words(sentence) if _WORD.fullmatch(word.text)]


def numbered(texts: Iterable[list[str]]) -> tuple[list[str], NDArray[np.int32]]:
    """The vocabulary, and all texts as one row of word numbers: -1 for other words, a gap of WINDOW between texts."""
    counts: Counter[str] = Counter()
    known: dict[str, int] = {}
    row: list[int] = []
    for text in texts:
        counts.update(text)
        row.extend(known.setdefault(word, len(known)) for word in text)
        row.extend([-1] * WINDOW)
    words = [word for word, n in counts.most_common(VOCABULARY) if n >= SEEN_AT_LEAST]
    renumber = np.full(len(known) + 1, -1, dtype=np.int32)
    renumber[[known[word] for word in words]] = np.arange(len(words), dtype=np.int32)
    return words, renumber[np.array(row, dtype=np.int32)]


def company_vectors(row: NDArray[np.int32], size: int, dimension: int) -> NDArray[np.float32]:
    """A row of unit length (size × dimension) for each word of a row of word numbers: like company, like direction."""
    return factored(informed(counted(row, size)), dimension)


def counted(row: NDArray[np.int32], size: int) -> sparse.csr_matrix:
    """How often two words stand near each other (size × size, symmetric); a nearer pair counts more."""
    total = sparse.csr_matrix((size, size), dtype=np.float32)
    for distance in range(1, WINDOW + 1):
        left, right = row[:-distance], row[distance:]
        both = (left >= 0) & (right >= 0)
        weight = np.full(int(both.sum()), distance**-0.5, dtype=np.float32)
        total = total + sparse.coo_matrix((weight, (left[both], right[both])), shape=(size, size)).tocsr()
    return (total + total.T).tocsr()


def informed(counts: sparse.csr_matrix) -> sparse.csr_matrix:
    """Positive pointwise mutual information of the counts."""
    often = np.asarray(counts.sum(axis=1)).ravel()
    context = often**SMOOTHING
    context /= context.sum()
    pairs = counts.tocoo()
    value = np.log(pairs.data / (often[pairs.row] * context[pairs.col]))
    kept = value > 0
    return sparse.csr_matrix((value[kept], (pairs.row[kept], pairs.col[kept])), shape=counts.shape, dtype=np.float32)


def factored(matrix: sparse.csr_matrix, dimension: int) -> NDArray[np.float32]:
    """Rows of unit length (words × dimension) whose products come near the matrix."""
    basis = np.random.default_rng(SEED).standard_normal((matrix.shape[0], dimension + OVERSAMPLED), dtype=np.float32)
    for _ in range(ROUNDS):
        basis, _ = np.linalg.qr(matrix @ basis)
    turn, strength, _ = np.linalg.svd(basis.T @ (matrix @ basis))
    vectors = (basis @ turn)[:, :dimension] * np.sqrt(strength[:dimension])
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9), dtype=np.float32)


def main(news: Annotated[Path, typer.Argument(help="JSON lines, xz, with a field `text`.", exists=True)]) -> None:
    """Make the table of word vectors anew."""
    words, row = numbered(sentences(news))
    typer.echo(f"{len(row):,} words, {len(words):,} of them different and frequent", err=True)
    vectors = company_vectors(row, len(words), DIMENSION)
    WORDS.write_bytes(lzma.compress("\n".join(words).encode()))
    np.save(VECTORS, np.round(vectors * SCALE).astype(np.int8))
    typer.echo(
        f"{VECTORS.name}: {VECTORS.stat().st_size:,} bytes, {WORDS.name}: {WORDS.stat().st_size:,} bytes", err=True
    )


if __name__ == "__main__":
    typer.run(main)
