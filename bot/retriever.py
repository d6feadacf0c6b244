"""A question into hits: what words and vectors find is ranked together.

In: a question read, one archive snapshot, a filter. Out: hits, best first. It never reads more than the snapshot it was
given, and weighs nothing itself (ranking.py, recency.py). Of one story in several papers it gives one (copies.py).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from bot.copies import one_of_each_story
from bot.models import FoundBy, Hit
from bot.question import Asked
from bot.ranking import WEIGHTS, Found, Weights, promising, ranked
from bot.recency import Rival, newest_of_ties, with_time
from bot.wordings import word_query
from ingest.encoder import Encoder
from ingest.models import Filter, Scored, StoredChunk
from ingest.snapshot import Snapshot
from ingest.thesaurus import Thesaurus, read_thesaurus
from ingest.told import days_of_chunks

# Chunks that each search brings to the union, at least. Right ones come far down where a question is in other words
# than the article; neighbours cost more each than words do.
WORDS_DEEP, VECTORS_DEEP = 100, 50
# Share of what a chunk could score that had every word asked for, from which on a question is in the paper's own words:
# other wordings and the vectors' neighbours would only cost time (of 6,000 such questions none was ranked otherwise).
# Events and headlines reach .4 to .7, everyday questions .1 to .3.
IN_PRINT = 0.33
READ = 64  # chunks of the union that are read, at least: the others' scores are too far behind


@dataclass(frozen=True, slots=True)
class Retriever:
    """Finds; another room would reorder. Safe from several threads."""

    encoder: Encoder
    thesaurus: Thesaurus = field(default_factory=read_thesaurus)
    weights: Weights = WEIGHTS

    def search(self, asked: Asked, snapshot: Snapshot, k: int, where: Filter) -> list[Hit]:
        """The best `k` hits for `asked` among the articles that `where` lets through; [] where nothing is found."""
        vector = self.encoder.encode_query(asked.searched)
        full_words = snapshot.full_words(asked.printed_terms)
        by_words, by_vectors = snapshot.search_words(asked.terms, max(WORDS_DEEP, k), where), []
        if not by_words or by_words[0].score < IN_PRINT * full_words or asked.translated:
            by_words = self._otherwise(asked, snapshot, max(WORDS_DEEP, k), where) or by_words
            by_vectors = snapshot.search_vectors(vector, max(VECTORS_DEEP, k), where)
        words = {one.chunk_id: one.score for one in by_words}
        cosines = {one.chunk_id: one.score for one in by_vectors}
        if vector.any():
            cosines |= snapshot.cosines(vector, [one for one in by_words if one.chunk_id not in cosines])
        found = Found(words, cosines, full_words)
        chunks = snapshot.chunks(promising(found, max(READ, k), self.weights))
        order = ranked(asked.text, list(chunks.values()), found, self.weights)
        if asked.when:
            order = with_time(order, days_of_chunks(snapshot.catalog, chunks), asked.when)
        order = one_of_each_story(order, chunks, snapshot)
        hits = _hits(snapshot, [(one.score, chunks[one.chunk_id]) for one in order[:k]], words.keys(), by_vectors)
        return hits if asked.when else _newest_first(hits)

    def _otherwise(self, asked: Asked, snapshot: Snapshot, k: int, where: Filter) -> list[Scored]:
        """What the question's words find together with other wordings of theirs; [] where none are known."""
        query = word_query(asked, self.thesaurus)
        return snapshot.search_words(query.terms, k, where, query.ways) if query.ways else []


def _newest_first(hits: list[Hit]) -> list[Hit]:
    """Of equally good hits on one story the newest first."""
    order = newest_of_ties([Rival(hit.score, hit.article.date, hit.chunk.text) for hit in hits])
    return [replace(hits[at], rank=rank) for rank, at in enumerate(order, 1)]


def _hits(
    snapshot: Snapshot,
    best: Sequence[tuple[float, StoredChunk]],
    words: Collection[str],
    by_vectors: Sequence[Scored],
) -> list[Hit]:
    articles = snapshot.articles({chunk.article_id for _, chunk in best})
    vectors = {one.chunk_id for one in by_vectors}
    hits: list[Hit] = []
    for rank, (score, chunk) in enumerate(best, 1):
        found: list[FoundBy] = ["words"] if chunk.chunk_id in words else []
        found += ["vectors"] if chunk.chunk_id in vectors else []
        hits.append(Hit(rank, score, tuple(found), chunk, articles[chunk.article_id]))
    return hits
