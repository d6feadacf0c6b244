"""How fast the archive's pages are, warm, and what the first visitor of a generation waits for. Run by hand:

    python -m tests.bench.web_speed ARCHIVE [--out FILE]

ARCHIVE is a folder as WENBAO_DATA names it (ingest_speed.py leaves one); it is only read. Each page is asked for
through the routes themselves, without a socket; articles, days and words are other ones each time.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from starlette.applications import Starlette
from starlette.testclient import TestClient

from bot.bot import Bot
from bot.look import Look
from bot.opening import Opening
from bot.web.render import Pages
from bot.web.shelf import Shelves
from bot.web.site import archive_routes
from ingest.archive import Archive
from ingest.contents import issue_counts, openings
from ingest.encoder import load_encoder
from ingest.models import Filter
from ingest.snapshot import Snapshot
from tests.bench.report import Row, spread, tell
from tests.pages import As, opened

WARM = 12  # times before that: every year and month of a year once
TIMES = 60  # that each kind of page is asked for
WORDS = ("台风", "暴雨 救援", "养老 社区", "大学生运动会", "图书馆", "洪水", "高温", "地铁 开通", "电影 票房", "小学")


def client_of(bot: Bot) -> TestClient:
    """The pages over a bot."""
    client = TestClient(As(Starlette(routes=[*archive_routes(Opening(opened(bot)), Pages(Look()))])))
    client.headers["accept-language"] = "zh"
    return client


def paths_of(snapshot: Snapshot) -> dict[str, Iterator[str]]:
    """Addresses of every kind of page, over and over."""
    days = [count.day for count in issue_counts(snapshot.catalog) if count.day]
    names = snapshot.catalog.live_names()
    some = names[:: max(1, len(names) // TIMES)]
    return {
        "/archive": itertools.repeat("/archive"),
        "a year": itertools.cycle(sorted({f"/archive/{day.year}" for day in days})),
        "a month": itertools.cycle(sorted({f"/archive/{day:%Y-%m}" for day in days})),
        "a day": itertools.cycle(f"/archive/{day}" for day in days),
        "an article": itertools.cycle(f"/article/{name}" for name in some),
        "browsing, a far part": (f"/archive/search?part={part}" for part in itertools.count(900)),
    }


@dataclass(frozen=True)
class Cost:
    """What a page took: seconds, seconds of the processor, bytes."""

    seconds: float
    worked: float
    size: int


def timed(client: TestClient, path: str, words: str = "") -> Cost:
    """What a page took, or a search by words."""
    began, worked = time.perf_counter(), time.process_time()
    reply = client.post(path, data={"words": words}) if words else client.get(path)
    cost = Cost(time.perf_counter() - began, time.process_time() - worked, len(reply.content))
    assert reply.status_code == 200, path
    return cost


def row(name: str, costs: Sequence[Cost]) -> Row:
    """A line of the table. The processor's time tells more than the clock on a machine that others use too."""
    p50, p95 = spread([cost.seconds for cost in costs])
    cpu50, cpu95 = spread([cost.worked for cost in costs])
    largest = max(cost.size for cost in costs) / 1000
    return {"page": name, "p50 ms": p50, "p95 ms": p95, "p50 CPU ms": cpu50, "p95 CPU ms": cpu95, "kB": largest}


def first_visit(bot: Bot) -> list[Row]:
    """What a new generation costs its first visitor, and the topics beside the pages."""
    shelves = Shelves()
    with bot.reading() as snapshot:
        began = time.perf_counter()
        shelf = shelves.of(snapshot, bot.reading)
        counts = time.perf_counter() - began
        began = time.perf_counter()
        openings(snapshot.catalog, Filter(), 1_200)
        read = time.perf_counter() - began
    last = shelf.stats.last_date
    period = Filter(since=last.replace(day=1), until=last) if last else Filter()
    began = time.perf_counter()
    while not shelf.topics(period):
        if time.perf_counter() - began > 60:
            break
    topics = time.perf_counter() - began
    return [
        {"first visit": "counts by day, paper and place", "ms": counts * 1000},
        {"first visit": "beginnings of 1,200 articles read", "ms": read * 1000},
        {"first visit": "topics of a month against all, beside the pages", "ms": topics * 1000},
    ]


def main(
    archive: Annotated[Path, typer.Argument(help="Folder of an archive.")],
    out: Annotated[Path | None, typer.Option(help="Write the figures as JSON into this file.")] = None,
) -> None:
    """Measure, and tell."""
    encoder = load_encoder("builtin")
    with Archive(archive, encoder) as opened:
        bot = Bot(opened, encoder)
        client = client_of(bot)
        first = first_visit(bot)
        rows: list[Row] = []
        with bot.reading() as snapshot:
            paths = paths_of(snapshot)
            articles = snapshot.stats().articles
        for name, path in paths.items():
            for _ in range(WARM):
                timed(client, next(path))
            time.sleep(1)  # topics that were begun are counted
            rows.append(row(name, [timed(client, next(path)) for _ in range(TIMES)]))
        search = "/archive/search"
        rows.append(row("words, the first time", [timed(client, search, words) for words in WORDS]))
        rows.append(row("words, again", [timed(client, search, words) for words in WORDS for _ in range(3)]))
        tell({"first visit": first, f"pages of {articles:,} articles": rows}, out)


if __name__ == "__main__":
    typer.run(main)
