"""Hits into numbered passages: chunks that touch are joined, and there is a budget in characters.

In: hits, best first, and the snapshot that they came from. Out: passages, best first, numbered from 1.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.models import Hit, Passage
from ingest.models import StoredChunk
from ingest.snapshot import Snapshot

BUDGET = 4_000  # characters of passages per question: about ten chunks, and what a small model's window takes
_WIDENED = 3  # the first hits bring the chunks beside them: an explanation seldom ends with its chunk


def pick_passages(hits: Sequence[Hit], snapshot: Snapshot, budget: int = BUDGET) -> list[Passage]:
    """Join and number the hits' chunks until `budget` characters are reached; the first always fits."""
    taken: dict[str, tuple[StoredChunk, Hit]] = {}
    for hit in hits:
        room = budget - sum(len(chunk.text) for chunk, _ in taken.values())
        for chunk in _with_neighbours(hit, snapshot) if hit.rank <= _WIDENED else [hit.chunk]:
            if chunk.chunk_id not in taken and (not taken or len(chunk.text) <= room):
                taken[chunk.chunk_id] = (chunk, hit)
                room -= len(chunk.text)
    return _joined(list(taken.values()))


def _with_neighbours(hit: Hit, snapshot: Snapshot) -> list[StoredChunk]:
    chunks = snapshot.chunks_of(hit.chunk.article_id)
    at = next((i for i, chunk in enumerate(chunks) if chunk.chunk_id == hit.chunk.chunk_id), None)
    if at is None:
        return [hit.chunk]
    return [hit.chunk, *chunks[at + 1 : at + 2], *chunks[max(0, at - 1) : at]]


def _joined(taken: list[tuple[StoredChunk, Hit]]) -> list[Passage]:
    runs: list[list[tuple[StoredChunk, Hit]]] = []
    for chunk, hit in sorted(taken, key=lambda pair: (pair[0].version_id, pair[0].start)):
        last = runs[-1][-1][0] if runs else None
        if last and last.version_id == chunk.version_id and not hit.article.text[last.end : chunk.start].strip():
            runs[-1].append((chunk, hit))
        else:
            runs.append([(chunk, hit)])
    runs.sort(key=lambda run: min(hit.rank for _, hit in run))
    return [_passage(n, run) for n, run in enumerate(runs, 1)]


def _passage(n: int, run: list[tuple[StoredChunk, Hit]]) -> Passage:
    best = min((hit for _, hit in run), key=lambda hit: hit.rank)
    start, end = run[0][0].start, run[-1][0].end
    return Passage(n, best.chunk.chunk_id, best.article, start, end, best.score, best.article.text[start:end])
