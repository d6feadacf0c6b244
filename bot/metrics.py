"""What the app counts of itself, in the words of Prometheus: never a question, a name, a group or a paper.

In: answers, requests, seconds. Out: the page of `/metrics`. Each app counts for itself; nothing is global.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Generator, Sequence
from datetime import date as Date  # noqa: N812 - as in models

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from bot.bot import NO_FILTER, Bot
from bot.models import Answer, Turn
from ingest.errors import WenBaoError
from ingest.models import Filter

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """The figures of one app; safe from several threads."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        r = self.registry
        self._questions = Counter("wenbao_questions", "Questions that were answered or refused.", registry=r)
        self._failed = Counter("wenbao_questions_failed", "Questions that ended in an error of ours.", registry=r)
        self._refusals = Counter("wenbao_refusals", "Questions that were refused, by reason.", ["reason"], registry=r)
        self._sentences = Counter("wenbao_sentences", "Sentences of answers.", registry=r)
        self._unsupported = Counter(
            "wenbao_sentences_unsupported", "Sentences that the newspaper does not bear out.", registry=r
        )
        self._tokens = Counter("wenbao_model_tokens", "Tokens that a model read or wrote.", ["direction"], registry=r)
        self._stages = Histogram(
            "wenbao_stage_seconds",
            "Seconds of a question: wait (in the queue), first (its first words), write (the model), whole.",
            ["stage"],
            buckets=_SECONDS,
            registry=r,
        )
        self._requests = Counter(
            "wenbao_http_requests", "Requests, by kind of address and status.", ["kind", "status"], registry=r
        )
        self._turned_away = Counter(
            "wenbao_turned_away", "Requests that were turned away, by what for.", ["reason"], registry=r
        )
        self._queue = Gauge("wenbao_queue", "Questions that are under way or wait.", registry=r)
        self._generation = Gauge("wenbao_generation", "Number of the archive's state.", registry=r)
        self._age = Gauge("wenbao_generation_age_seconds", "Seconds since that state was made.", registry=r)

    def asked(self, kind: str, status: int, why: str) -> None:
        """A request came to its end; `why` it was turned away, "" where it was not."""
        self._requests.labels(kind, str(status)).inc()
        if why:
            self._turned_away.labels(why).inc()

    def waited(self, seconds: float) -> None:
        """A question waited for its turn."""
        self._stages.labels("wait").observe(seconds)

    def answered(self, answer: Answer, first: float, whole: float) -> None:
        """A question was answered: seconds until its first words, and until the last."""
        self._questions.inc()
        self._stages.labels("first").observe(first)
        self._stages.labels("whole").observe(whole)
        if answer.refused:
            self._refusals.labels(answer.reason or "other").inc()
        self._sentences.inc(len(answer.sentences))
        self._unsupported.inc(sum(not sentence.supported for sentence in answer.sentences))
        if answer.usage is not None:
            self._stages.labels("write").observe(answer.usage.seconds)
            self._tokens.labels("read").inc(answer.usage.input_tokens or 0)
            self._tokens.labels("written").inc(answer.usage.output_tokens or 0)

    def failed(self) -> None:
        """A question ended in an error of ours."""
        self._failed.inc()

    def watch_queue(self, queue: Callable[[], int]) -> None:
        """Where the length of the queue is asked for."""
        self._queue.set_function(queue)

    def page(self, generation: tuple[int, float] | None) -> bytes:
        """The page; `generation` is its number and when it was made (Unix seconds), None before there is one."""
        if generation is not None:
            self._generation.set(generation[0])
            self._age.set(max(0.0, time.time() - generation[1]))
        return generate_latest(self.registry)


class MeasuredBot(Bot):
    """A bot whose answers are counted, whoever asks for them; what it asks itself is not."""

    _metrics: Metrics | None = None

    @classmethod
    def of(cls, bot: Bot, metrics: Metrics) -> MeasuredBot:
        """The same bot, measured."""
        measured = cls.__new__(cls)
        measured.__dict__.update(bot.__dict__)
        measured._metrics = metrics
        return measured

    def stream(
        self,
        question: str,
        history: Sequence[Turn] = (),
        where: Filter = NO_FILTER,
        today: Date | None = None,
        *,
        write: bool = True,
    ) -> Generator[Answer, None, None]:
        """As the bot's own."""
        began, first, answer = time.perf_counter(), 0.0, None
        try:
            for answer in super().stream(question, history, where, today, write=write):
                first = first or (time.perf_counter() - began if answer.text else 0.0)
                yield answer
        except WenBaoError:
            raise
        except Exception:
            if self._metrics is not None:
                self._metrics.failed()
            raise
        finally:
            if self._metrics is not None and answer is not None:
                whole = time.perf_counter() - began
                self._metrics.answered(answer, first or whole, whole)

    def follow_ups(self, answer: Answer, count: int, where: Filter = NO_FILTER) -> list[str]:
        """As the bot's own; the questions that it tries are nobody's."""
        alone = copy.copy(self)
        alone._metrics = None
        return super(MeasuredBot, alone).follow_ups(answer, count, where)
