"""Answers that were made already of this very state of the archive: many people ask the same, often at once.

In: all that an answer follows from, and a way to make it. Out: the answer, made once, whoever else asks for it
meanwhile. It keeps nothing of a state that is not asked any more, nor ever what one may read for another.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import date as Date  # noqa: N812 - as in models

from bot.models import Answer, Turn
from ingest.models import Filter

KEPT = 128  # answers; each holds its passages' articles


@dataclass(frozen=True, slots=True)
class Asking:
    """A question with all that its answer follows from; `papers` are those that may be read, None for all."""

    generation: int
    papers: frozenset[str | None] | None
    question: str
    history: tuple[Turn, ...]
    where: Filter
    today: Date


class Answered:
    """Safe from several threads: of those who ask the same at once, one makes the answer and the others wait for it."""

    def __init__(self, most: int = KEPT) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._kept: OrderedDict[Asking, Future[Answer]] = OrderedDict()
        self._generation = 0

    def get(self, asking: Asking, make: Callable[[], Answer]) -> Answer:
        """The answer; what `make` raises is raised to everybody who waits, and is not kept."""
        made: Future[Answer] = Future()
        with self._lock:
            if asking.generation != self._generation:
                self._kept.clear()
                self._generation = asking.generation
            known = self._kept.get(asking)
            if known is not None:
                self._kept.move_to_end(asking)
            else:
                self._kept[asking] = made
                if len(self._kept) > self._most:
                    self._kept.popitem(last=False)
        if known is not None:
            return known.result()
        try:
            made.set_result(make())
        except BaseException as e:
            with self._lock:
                if self._kept.get(asking) is made:
                    del self._kept[asking]
            made.set_exception(e)
            raise
        return made.result()
