"""Candidates into an order: what words, vectors and characters say of each chunk, in one weighted sum.

In: the chunks that two searches found, with their scores. Out: the chunks with one score each, best first. It searches
nothing. Ranks are not fused: scores know how much better the first is than the second, ranks do not (measured).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.pairs import character_pairs
from ingest.models import Scored, StoredChunk
from ingest.terms import fold


@dataclass(frozen=True, slots=True)
class Weights:
    """What each mark of a chunk adds to its score; each is between 0 and 1. `BENCHMARKS.md` has a row without each."""

    words: float = 1.0  # its BM25, as a share of the best one's
    cosine: float = 0.8  # its vector with the question's
    pairs: float = 0.9  # share of the question's character pairs that stand in it, rare ones counting more
    opening: float = 0.2  # it opens its article: newspapers say first what happened


WEIGHTS = Weights()


def ranked(
    question: str,
    chunks: Sequence[StoredChunk],
    words: Mapping[str, float],
    cosines: Mapping[str, float],
    weights: Weights = WEIGHTS,
) -> list[Scored]:
    """`chunks` by what speaks for them: `words` and `cosines` are scores by chunk id, those that it lacks count 0."""
    best = max(words.values(), default=0.0) or 1.0
    covered = _covered(question, [chunk.text for chunk in chunks])
    scored = (
        Scored(
            chunk.chunk_id,
            weights.words * words.get(chunk.chunk_id, 0.0) / best
            + weights.cosine * max(0.0, cosines.get(chunk.chunk_id, 0.0))
            + weights.pairs * share
            + weights.opening * (chunk.start == 0),
        )
        for chunk, share in zip(chunks, covered, strict=True)
    )
    return sorted(scored, key=lambda one: (-one.score, one.chunk_id))


def _covered(question: str, texts: Sequence[str]) -> list[float]:
    """How much of the question's pairs each text has; a pair that fewer of the texts have counts more."""
    folded = [fold(text) for text in texts]
    shares, total = [0.0] * len(texts), 0.0
    for pair in character_pairs(question):
        holding = [i for i, text in enumerate(folded) if pair in text]
        rarity = _rarity(len(holding), len(texts))
        total += rarity
        for i in holding:
            shares[i] += rarity
    return [share / (total or 1.0) for share in shares]


def _rarity(count: int, of: int) -> float:
    return math.log1p((of - count + 0.5) / (count + 0.5))
