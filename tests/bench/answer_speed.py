"""How long an answer of the newspaper's own sentences takes, and what the time goes into. Run by hand (two minutes):

    python -m tests.bench.answer_speed ARCHIVE --data ../shared/data [--out FILE]

ARCHIVE is a folder as WENBAO_DATA names it, with all the news (ingest_speed.py leaves one); nothing is written there.
Questions are those of news_qa_dev, our own and told_dev, warm, one at a time. *answer* is `Bot.ask` as a whole; the
steps are clocked in a second round, each as `bot.bot` calls it. *CPU ms*: what the process itself worked.
"""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from bot.bot import HITS, Bot
from bot.evidence import gather
from bot.extractive import choose
from bot.forms import compose
from bot.passages import pick_passages
from bot.refusal import doubt
from bot.retriever import Retriever
from ingest.archive import Archive
from ingest.encoder import Encoder, load_encoder
from ingest.models import Filter
from tests.bench.report import Row, resident_mb, spread, tell
from tests.evals.rooms import read, today_in
from tests.question_sets import OURS, read_rows

WARM = 20  # questions asked before the clock runs
STEPS = ("read the question", "search", "passages", "evidence", "choice and refusal")

Seconds = dict[str, list[float]]


def questions(data: Path) -> list[str]:
    """All questions, those of one set behind those of another."""
    rows = [*read_rows(data / "news_qa_dev.jsonl.xz"), *read_rows(OURS / "own_questions.jsonl")]
    return [row["question"] for row in [*rows, *read_rows(OURS / "told_dev.jsonl")]]


def whole(bot: Bot, asked: Sequence[str]) -> tuple[list[float], list[float]]:
    """Seconds of each answer, by the clock and of the processor."""
    seconds, worked = [], []
    for question in asked:
        began, before = time.perf_counter(), time.process_time()
        bot.ask(question)
        seconds.append(time.perf_counter() - began)
        worked.append(time.process_time() - before)
    return seconds, worked


def by_step(archive: Archive, encoder: Encoder, asked: Sequence[str]) -> Seconds:
    """Seconds of each step of each answer."""
    retriever, seconds = Retriever(encoder), defaultdict(list)
    with archive.read() as snapshot:
        today = today_in(snapshot)
        for question in asked:
            clock = [time.perf_counter()]
            one = read(question, (), today)
            clock.append(time.perf_counter())
            hits = retriever.search(one, snapshot, HITS, Filter())
            clock.append(time.perf_counter())
            passages = pick_passages(hits, snapshot)
            clock.append(time.perf_counter())
            evidence = gather(one, passages, encoder)
            clock.append(time.perf_counter())
            chosen, weigh = choose(one, evidence), partial(gather, passages=passages, encoder=encoder)
            if not doubt(one, evidence, chosen):
                compose(one, evidence, chosen, weigh)
            clock.append(time.perf_counter())
            for step, began, ended in zip(STEPS, clock, clock[1:], strict=False):
                seconds[step].append(ended - began)
    return seconds


def rows(seconds: Seconds) -> list[Row]:
    """A row for each step; shares of all the time."""
    total = sum(map(sum, seconds.values()))
    out: list[Row] = []
    for step, each in seconds.items():
        p50, p95 = spread(each)
        out.append({"step": step, "p50 ms": p50, "p95 ms": p95, "share %": round(100 * sum(each) / total)})
    return out


def main(
    archive: Annotated[Path, typer.Argument(help="Archive of all the news.")],
    data: Annotated[Path, typer.Option(help="Folder of the questions.")],
    out: Annotated[Path | None, typer.Option(help="Write FILE.md and FILE.json too.")] = None,
) -> None:
    """Measure how long answers take."""
    encoder, asked = load_encoder("builtin"), questions(data)
    with Archive(archive, encoder) as opened:
        bot = Bot(opened, encoder)
        whole(bot, asked[:WARM])
        (p50, p95), (cpu50, cpu95) = map(spread, whole(bot, asked))
        steps = rows(by_step(opened, encoder, asked))
        about: Row = {
            "articles": bot.stats().articles,
            "questions": len(asked),
            "p50 ms": p50,
            "p95 ms": p95,
            "p50 CPU ms": cpu50,
            "p95 CPU ms": cpu95,
            "memory MB": resident_mb(os.getpid()),
        }
    tell({"answer": [about], "steps": steps}, out)


if __name__ == "__main__":
    typer.run(main)
