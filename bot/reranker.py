"""Hits into a better order: a model reads each beside the question, as many of them as its time allows.

In: a question and what the retriever found for it, best first. Out: the same hits, those that were read in the model's
order and before the others. It finds nothing, drops nothing and knows no library.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from bot.models import Hit
from ingest.encoder import PairScorer, load_pair_scorer

CANDIDATES = 50  # hits that are worth reading: in the pool of 68,221 articles the right one is seldom further down
LEAST = 2  # hits: fewer have no order
# What the pace is first measured on, about as long as a question and a chunk.
_QUESTION, _TEXT = (
    "旧粮仓是什么时候改成夜校的？",
    "镇里把河边的旧粮仓修好，春天起办起夜校，教算账和急救，来的人不少。" * 10,
)
# The best of these tries is the pace, since the first sets things up and the machine may be busy starting; no more than
# two where each takes seconds.
_TRIES, _TRYING = 5, 0.5  # seconds

log = logging.getLogger(__name__)


class Reranker(Protocol):
    """What puts hits in a better order than they were found in."""

    def reorder(self, question: str, hits: Sequence[Hit]) -> list[Hit]:
        """All of `hits`, best first, ranked anew."""


class ModelReranker:
    """Lets a model order the best hits within `seconds` a question. Safe from several threads, one reads at a time.

    How many hits that are follows from the pace that the model has on this machine, measured at first and at every
    question; where they are fewer than CANDIDATES, the log says so. Under load some questions get fewer, or none.
    """

    def __init__(self, model: PairScorer, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._model, self._seconds, self._clock = model, seconds, clock
        self._turn = threading.Lock()
        self._told = CANDIDATES  # hits; below that the log has something to say
        self._pace = self._first_pace()  # texts a second
        self._tell()

    def reorder(self, question: str, hits: Sequence[Hit]) -> list[Hit]:
        """All of `hits`: as many as time allows in the model's order, then the others as they were.

        Scores are the retriever's, dealt out anew, so that they go on meaning what they meant; the model's own stand in
        `reranked`.
        """
        deadline = self._clock() + self._seconds
        if not self._turn.acquire(timeout=self._seconds):
            return list(hits)
        try:
            count = min(len(hits), CANDIDATES, int(self._pace * (deadline - self._clock())))
            if count < LEAST:
                return list(hits)
            scores, pace = self._timed(question, [_readable(hit) for hit in hits[:count]])
            self._pace = (self._pace + pace) / 2
            self._tell()
        finally:
            self._turn.release()
        return _dealt(hits, scores)

    def _first_pace(self) -> float:
        best, began = 0.0, self._clock()
        for tried in range(_TRIES):
            if tried > 1 and self._clock() - began > _TRYING:
                break
            best = max(best, self._timed(_QUESTION, [_TEXT])[1])
        return best

    def _timed(self, question: str, texts: Sequence[str]) -> tuple[list[float], float]:
        """The model's scores, and how many texts a second that was."""
        began = self._clock()
        scores = self._model.scores(question, texts)
        return scores.tolist(), len(texts) / max(self._clock() - began, 1e-9)

    def _tell(self) -> None:
        """Say how few hits can be read, and again only when they are half as many."""
        count = int(self._pace * self._seconds)
        if count >= self._told:
            return
        self._told = max(1, count // 2)
        what = (
            f"only the best {count} hits are put in order"
            if count >= LEAST
            else "hits stay as they were found: name a smaller model or give it more time"
        )
        log.warning(
            "reranker %r reads %.1f texts a second here, of %d within WENBAO_RERANKER_SECONDS=%g; %s",
            *(self._model.name, self._pace, CANDIDATES, self._seconds, what),
        )


def load_reranker(name: str, seconds: float) -> ModelReranker | None:
    """The reranker of that name, for `seconds` a question; None for an empty name. Raises NoModel."""
    return ModelReranker(load_pair_scorer(name), seconds) if name else None


def _readable(hit: Hit) -> str:
    return f"{hit.article.title}\n{hit.chunk.text}" if hit.article.title else hit.chunk.text


def _dealt(hits: Sequence[Hit], scores: Sequence[float]) -> list[Hit]:
    """`hits` with those that have a score first, by it; each takes the score of the place that it gets."""
    order = sorted(range(len(scores)), key=lambda i: -scores[i])
    places = zip(order, hits[: len(order)], strict=True)
    read = [replace(hits[i], rank=place.rank, score=place.score, reranked=scores[i]) for i, place in places]
    return [*read, *hits[len(scores) :]]
