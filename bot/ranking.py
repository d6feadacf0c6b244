"""Candidates into an order: what words, vectors and characters say of each chunk, in one weighted sum.

In: the chunks that two searches found, with their scores. Out: the chunks with one score each, best first. It searches
nothing. Ranks are not fused: scores know how much better the first is than the second, ranks do not (measured).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.pairs import character_pairs, pairs_held, rare_share
from ingest.chunks import printed_day
from ingest.models import Scored, StoredChunk

# Share of what a chunk could reach that had every term asked for, from which on the best words are believed altogether
# (headlines and questions in the paper's words: .4 to .8 is reached), and the characters likewise. A question in
# everyday words reaches .15: what its chance words find must not outweigh what the vectors find.
_BELIEVED, _PAIRS_BELIEVED = 0.5, 0.25
_SHARPNESS = 1.75  # power by which belief falls below that


@dataclass(frozen=True, slots=True)
class Weights:
    """What each mark of a chunk adds to its score; each is between 0 and 1. `BENCHMARKS.md` has a row without each."""

    words: float = 1.0  # its BM25, as a share of the best one's, as far as that one is believed
    cosine: float = 0.8  # its vector with the question's
    cosine_alone: float = 1.4  # and as much more as the words are not believed
    pairs: float = 1.0  # share of the question's character pairs that stand in it, rare ones counting more
    opening: float = 0.2  # it opens its article: newspapers say first what happened


WEIGHTS = Weights()


@dataclass(frozen=True, slots=True)
class Found:
    """What the searches found: BM25 and cosines by chunk id, and the BM25 of a chunk that had every term asked for."""

    words: Mapping[str, float]
    cosines: Mapping[str, float]
    full_words: float

    @property
    def best_words(self) -> float:
        """The best BM25, 0 where no word was found."""
        return max(self.words.values(), default=0.0)

    @property
    def reached(self) -> float:
        """Share of what could be reached that the best BM25 is."""
        return self.best_words / self.full_words if self.full_words else 0.0


def promising(found: Found, count: int, weights: Weights = WEIGHTS) -> list[str]:
    """The `count` chunks for which words and vectors speak most: reading a text costs more than a score."""
    by_searches = _by_searches(found, weights)
    return sorted(by_searches, key=lambda chunk_id: (-by_searches[chunk_id], chunk_id))[:count]


def ranked(question: str, chunks: Sequence[StoredChunk], found: Found, weights: Weights = WEIGHTS) -> list[Scored]:
    """`chunks` by all that speaks for them, best first; a score that `found` lacks counts 0."""
    by_searches = _by_searches(found, weights)
    pairs = weights.pairs * min(1.0, found.reached / _PAIRS_BELIEVED)
    held = pairs_held(sorted(character_pairs(question)), [_read(chunk) for chunk in chunks])
    covered = rare_share(held).tolist()
    scored = (
        Scored(
            chunk.chunk_id,
            by_searches.get(chunk.chunk_id, 0.0) + pairs * share + weights.opening * (chunk.start == 0),
        )
        for chunk, share in zip(chunks, covered, strict=True)
    )
    return sorted(scored, key=lambda one: (-one.score, one.chunk_id))


def _by_searches(found: Found, weights: Weights) -> dict[str, float]:
    belief = min(1.0, found.reached / _BELIEVED) ** _SHARPNESS
    words = weights.words * belief / (found.best_words or 1.0)
    cosine = weights.cosine + weights.cosine_alone * (1 - belief)
    scores = {chunk_id: words * score for chunk_id, score in found.words.items()}
    for chunk_id, score in found.cosines.items():
        scores[chunk_id] = scores.get(chunk_id, 0.0) + cosine * max(0.0, score)
    return scores


def _read(chunk: StoredChunk) -> str:
    """What a reader of the page has before him: headline and day belong to every chunk of the article."""
    return f"{chunk.title or ''}\n{printed_day(chunk.date) if chunk.date else ''}\n{chunk.text}"
