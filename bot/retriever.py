"""A question into hits: words and vectors searched side by side, their scores summed.

In: terms and text of a question, one archive snapshot, a filter. Out: hits, best first. A weighted sum of normalised
scores over the union of both searches; fusing ranks instead lost to words alone (measured: lab notes, design).
It never reads more than the snapshot it was given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.models import FoundBy, Hit
from bot.question import Asked
from ingest.encoder import Encoder
from ingest.models import Filter, Scored
from ingest.snapshot import Snapshot
from ingest.terms import search_terms

COSINE_SHARE = 0.5  # weight of the cosine beside BM25 divided by the best BM25: the best of lab.md's table
_DEEP = 50  # chunks that each search brings to the union, at least


@dataclass(frozen=True, slots=True)
class Retriever:
    """Finds; another room would reorder."""

    encoder: Encoder

    def search(self, asked: Asked, snapshot: Snapshot, k: int, where: Filter) -> list[Hit]:
        """The best `k` hits for `asked` among the articles that `where` lets through; [] where nothing is found."""
        vector = self.encoder.encode_query(asked.text)
        deep = max(_DEEP, k)
        by_words = snapshot.search_words(_weighted_terms(asked), deep, where)
        by_vectors = snapshot.search_vectors(vector, deep, where) if vector.any() else []
        cosines = {one.chunk_id: one.score for one in by_vectors}
        if vector.any():
            cosines |= snapshot.cosines(vector, [one.chunk_id for one in by_words if one.chunk_id not in cosines])
        return _hits(snapshot, _summed(by_words, cosines)[:k], by_words, by_vectors)


def _weighted_terms(asked: Asked) -> list[tuple[str, float]]:
    """Each term once; words carried over from the turn before weigh what their reading gave them."""
    weights: dict[str, float] = {}
    for word in asked.words:
        for term in search_terms(word.text):
            weights[term] = max(weights.get(term, 0.0), word.share)
    return list(weights.items())


def _summed(by_words: Sequence[Scored], cosines: dict[str, float]) -> list[Scored]:
    best = max((one.score for one in by_words), default=0.0) or 1.0
    scores = {chunk_id: COSINE_SHARE * max(0.0, cosine) for chunk_id, cosine in cosines.items()}
    for one in by_words:
        scores[one.chunk_id] = scores.get(one.chunk_id, 0.0) + one.score / best
    return sorted((Scored(*pair) for pair in scores.items()), key=lambda one: (-one.score, one.chunk_id))


def _hits(
    snapshot: Snapshot, ranked: Sequence[Scored], by_words: Sequence[Scored], by_vectors: Sequence[Scored]
) -> list[Hit]:
    chunks = snapshot.chunks([one.chunk_id for one in ranked])
    articles = snapshot.articles({chunk.article_id for chunk in chunks.values()})
    words, vectors = {one.chunk_id for one in by_words}, {one.chunk_id for one in by_vectors}
    hits: list[Hit] = []
    for one in ranked:
        chunk = chunks.get(one.chunk_id)  # what the catalog does not list is not live
        if chunk is not None:
            found: list[FoundBy] = ["words"] if one.chunk_id in words else []
            found += ["vectors"] if one.chunk_id in vectors else []
            hits.append(Hit(len(hits) + 1, one.score, tuple(found), chunk, articles[chunk.article_id]))
    return hits
