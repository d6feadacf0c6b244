"""How fast an archive is opened and searched, alone and by many at once, and what the time goes into. Run by hand:

    python -m tests.bench.search_speed ARCHIVE --data ../shared/data [--app] [--out FILE]

ARCHIVE is a folder as WENBAO_DATA names it (ingest_speed.py leaves one). Questions are those of news_qa_dev and
events_dev. With --app the app is started over the archive and a page is added to it, so let it be one of your own.
"""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from bot import question
from bot.bot import Bot
from bot.retriever import Retriever
from ingest.archive import Archive
from ingest.encoder import load_encoder
from ingest.models import Filter
from tests.bench.report import Row, resident_mb, spread, tell
from tests.conftest import CHECKOUT
from tests.question_sets import read_rows
from tests.serving import Served, served
from tests.stories import story

EVENTS = 200  # questions of events_dev beside the hundred of news_qa_dev
MANY = 16  # threads that search at once
ROUND = 800  # searches that they share
FILTERS = {
    "none": Filter(),
    "three days": Filter(since=date(2023, 7, 1), until=date(2023, 7, 3)),
    "a month": Filter(since=date(2023, 7, 1), until=date(2023, 7, 31)),
    "a quarter": Filter(since=date(2023, 7, 1), until=date(2023, 9, 30)),
    "a year": Filter(since=date(2023, 1, 1), until=date(2023, 12, 31)),
}
OPENS = "import sys, pathlib as p; from ingest.archive import Archive; from ingest.encoder import load_encoder as e; "
OPENS += "Archive(p.Path(sys.argv[1]), e('builtin')).start()"


def questions(data: Path) -> list[str]:
    """Questions about news: the hundred of news_qa_dev, and of events_dev the first EVENTS."""
    asked = [*read_rows(data / "news_qa_dev.jsonl.xz"), *read_rows(data / "events_dev.jsonl.xz")[:EVENTS]]
    return [row["question"] for row in asked]


def searches(bot: Bot, asked: Sequence[str], where: Filter = FILTERS["none"]) -> list[float]:
    """Seconds of each search."""
    bot.search(asked[0], 10, where)
    seconds = []
    for one in asked:
        began = time.perf_counter()
        bot.search(one, 10, where)
        seconds.append(time.perf_counter() - began)
    return seconds


def at_once(bot: Bot, asked: Sequence[str]) -> Row:
    """What MANY threads get out of one process, what a search costs its processor, and the memory after it all."""
    left, turn = itertools.islice(itertools.cycle(asked), ROUND), threading.Lock()

    def work() -> None:
        while True:
            with turn:
                one = next(left, None)
            if one is None:
                return
            bot.search(one, 10)

    threads = [threading.Thread(target=work) for _ in range(MANY)]
    began, worked = time.perf_counter(), time.process_time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rate, cost = ROUND / (time.perf_counter() - began), (time.process_time() - worked) / ROUND
    memory = resident_mb(os.getpid())
    return {"threads": MANY, "searches a second": round(rate), "CPU ms a search": cost * 1000, "memory MB": memory}


def open_seconds(archive: Path) -> float:
    """From the start of a Python to an archive that is open and warmed, in a process of its own."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", OPENS, str(archive)], cwd=CHECKOUT, check=True)
    return time.perf_counter() - began


def speeds(archive: Path, asked: Sequence[str]) -> tuple[list[Row], Row]:
    """One row for each filter; and how many searches many threads get through, with the memory of the process."""
    encoder = load_encoder("builtin")
    with Archive(archive, encoder) as opened:
        bot = Bot(opened, encoder)
        rows: list[Row] = []
        for name, where in FILTERS.items():
            p50, p95 = spread(searches(bot, asked, where))
            rows.append({"filter": name, "articles that pass": bot.stats(where).articles, "p50 ms": p50, "p95 ms": p95})
        return rows, at_once(bot, asked)


class _Clocked:
    """Stands before a part of the search and notes how long each of its methods takes."""

    def __init__(self, part: object, spent: dict[str, list[float]]) -> None:
        self._part, self._spent = part, spent

    def __getattr__(self, name: str) -> object:
        found = getattr(self._part, name)
        if not callable(found):
            return found

        def clocked(*given: object, **named: object) -> object:
            began = time.perf_counter()
            done = found(*given, **named)
            self._spent.setdefault(name, []).append(time.perf_counter() - began)
            return done

        return clocked


def steps(archive: Path, asked: Sequence[str]) -> list[Row]:
    """What a search's time goes into: every call that the retriever makes, and what is left of the whole."""
    encoder, spent = load_encoder("builtin"), dict[str, list[float]]()
    own: list[float] = []
    with Archive(archive, encoder) as opened, opened.read() as snapshot:
        retriever, clocked = Retriever(_Clocked(encoder, spent)), _Clocked(snapshot, spent)
        questions_read = _Clocked(question, spent)
        for text in asked:
            before = sum(map(sum, spent.values()))
            began = time.perf_counter()
            retriever.search(questions_read.read_question(text), clocked, 10, FILTERS["none"])
            own.append(time.perf_counter() - began - (sum(map(sum, spent.values())) - before))
    spent["the retriever itself"] = own
    total = sum(map(sum, spent.values()))
    rows: list[Row] = []
    for name, times in spent.items():
        p50, p95 = spread(times)
        each = round(len(times) / len(asked), 1)
        rows.append({"call": name, "in a search": each, "p50 ms": p50, "p95 ms": p95, "share": sum(times) / total})
    return rows


def in_the_app(archive: Path, asked: Sequence[str]) -> list[Row]:
    """Its memory, and how long a page takes until the running app answers from it."""
    with served(archive) as app, tempfile.TemporaryDirectory() as folder:
        for one in asked[:100]:
            app.chat(one)
        before = resident_mb(app.process.pid)
        command, answer = _added(app, Path(folder))
        after = resident_mb(app.process.pid)
    return [
        {"what": "memory of the app after 100 questions, MB", "figure": before},
        {"what": "memory of the app after it has taken in another generation, MB", "figure": after},
        {"what": "`python -m ingest add` of one page, s", "figure": round(command, 1)},
        {"what": "from its start until the running app answers from the page, s", "figure": round(answer, 1)},
    ]


def _added(app: Served, folder: Path) -> tuple[float, float]:
    news = story(os.getpid() * 10 + 5)  # one that the archive does not have yet
    (folder / "page.txt").write_text(f"{news['title']}\n\n本报讯（记者 叶舟）{news['text']}\n", "utf-8")
    began = time.perf_counter()
    done = app.run("ingest", "add", str(folder / "page.txt"), "--paper", "试报", "--date", "2023-05-12")
    took = time.perf_counter() - began
    if done.returncode:
        sys.exit(done.stderr)
    number = news["title"].split()[-1]
    while number not in app.chat(news["title"])[-1]:
        if time.perf_counter() - began > 60:
            sys.exit("the page was not answerable within a minute")
    return took, time.perf_counter() - began


def main(
    archive: Annotated[Path, typer.Argument(help="Folder of an archive, as WENBAO_DATA names it.")],
    data: Annotated[Path, typer.Option(help="Folder of the question sets.")],
    app: Annotated[bool, typer.Option(help="Start the app over the archive, and add a page to it.")] = False,
    out: Annotated[Path | None, typer.Option(help="Write FILE.md and FILE.json too.")] = None,
) -> None:
    """Measure opening and searching of an archive."""
    asked = questions(data)
    opened: Row = {"what": "a new process to an open, warmed archive, s", "figure": round(open_seconds(archive), 2)}
    alone, together = speeds(archive, asked)
    tables = {"opening": [opened], "search, warm": alone, "many at once": [together]}
    tables["where a search's time goes"] = steps(archive, asked)
    if app:
        tables["the app"] = in_the_app(archive, asked)
    tell(tables, out)


if __name__ == "__main__":
    typer.run(main)
