"""How long one waits: for a cold command, the app, an answer, an added page. Run by hand, from the checkout:

    python -m tests.bench.cold_and_warm [--data ../shared/data] [--out FILE]

Over the sample edition; with --data the warm answers are also timed among 10,000 news articles.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from bot.bot import Bot
from ingest.archive import Archive
from ingest.encoder import load_encoder
from ingest.ingester import Ingester
from tests.bench.report import Row, news_lines, spread, tell
from tests.conftest import CHECKOUT
from tests.serving import served
from tests.stories import story

QUESTION = "桐乡的生态补偿机制是怎么运作的?"
RUNS = 5
POOL = 10_000  # news articles


def clocked(*command: str, data: Path) -> float:
    """Seconds that one of our commands takes."""
    env = os.environ | {"WENBAO_DATA": str(data)}
    began = time.perf_counter()
    subprocess.run([sys.executable, *command], cwd=CHECKOUT, env=env, check=True, capture_output=True, timeout=300)
    return time.perf_counter() - began


def app_seconds(data: Path) -> float:
    """From the start of `python app.py` to the end of its first answer."""
    began = time.perf_counter()
    with served(data) as app:
        if "20万元" not in app.chat(QUESTION)[-1]:
            sys.exit("the app's first answer is none")
        return time.perf_counter() - began


def warm_milliseconds(bot: Bot) -> list[float]:
    """Of every sample question, asked once: an answer that was given already is kept."""
    questions = (Path(__file__).parents[1] / "data" / "sample_questions.jsonl").read_text("utf-8").splitlines()
    asked = [json.loads(line)["question"] for line in questions]
    bot.ask(QUESTION)
    return [bot.ask(question).took_ms for question in asked]


def added_seconds(bot: Bot, folder: Path, data: Path) -> tuple[float, float]:
    """Of `ingest add` with one page: the command itself, and from its end until the open bot answers from the page."""
    page = folder / "page.txt"
    news = story(35)
    page.write_text(f"{news['title']}\n\n本报讯（记者 叶舟）{news['text']}\n", "utf-8")
    took = clocked("-m", "ingest", "add", str(page), "--paper", "试报", "--date", "2023-05-12", data=data)
    ended = time.perf_counter()
    while "38万元" not in bot.ask("云溪乡的渡轮修缮花了多少钱？").text and "38万元" not in bot.ask(news["title"]).text:
        if time.perf_counter() - ended > 60:
            sys.exit("the page was not answerable within a minute")
    return took, time.perf_counter() - ended


@contextmanager
def opened(data: Path) -> Iterator[Bot]:
    encoder = load_encoder("builtin")
    with Archive(data, encoder) as archive:
        yield Bot(archive, encoder)


def warm(name: str, times: list[float]) -> Row:
    p50, p95 = spread([each / 1000 for each in times])
    return {"what": f"warm answer, {name}: p50, p95 of {len(times)}", "time": f"{p50:.0f} ms, {p95:.0f} ms"}


def main(
    data: Annotated[Path | None, typer.Option(help="Folder of the news.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write FILE.md and FILE.json too.")] = None,
) -> None:
    """Measure cold and warm starts and answers over the sample edition."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sample = folder / "data"
        Ingester(sample, load_encoder("builtin")).load_sample()
        for what, clock in (
            ("cold `python -m bot ask`", lambda: clocked("-m", "bot", "ask", "--json", QUESTION, data=sample)),
            ("`python app.py` to its first answer", lambda: app_seconds(sample)),
        ):
            median = statistics.median(clock() for _ in range(RUNS))
            rows.append({"what": f"{what}, median of {RUNS}", "time": f"{median:.2f} s"})
        with opened(sample) as bot:
            rows.append(warm("sample edition", warm_milliseconds(bot)))
            command, after = added_seconds(bot, folder, sample)
            rows.append({"what": "`python -m ingest add` of one page", "time": f"{command:.2f} s"})
            rows.append({"what": "from its end until the open bot answers", "time": f"{after:.2f} s"})
        if data:
            pool = folder / "pool"
            Ingester(pool, load_encoder("builtin")).add([news_lines(data, POOL, folder)])
            with opened(pool) as bot:
                rows.append(warm(f"{POOL:,} articles", warm_milliseconds(bot)))
    tell({"sample edition": rows}, out)


if __name__ == "__main__":
    typer.run(main)
