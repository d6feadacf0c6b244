"""How the API bears many askers at once. Run by hand (two minutes):

    python -m tests.bench.api_load ARCHIVE --data ../shared/data [--out FILE]

ARCHIVE is a folder as WENBAO_DATA names it, with all the news (ingest_speed.py leaves one); a copy of it is served by
`python app.py` in a process of its own, and asked from this one, with a key. *First words*: from the request until the
first sentence of the answer has come, as a server-sent event. The fifty's questions are all different, so that nothing
that was kept of one helps another. *Shed*: turned away with 503, because WENBAO_QUEUE questions are under way or wait,
or with 429, because a key is over its rate; what that costs is told of requests one after the other, on one connection.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import httpx
import typer

from tests.bench.report import Row, resident_mb, spread, tell
from tests.question_sets import read_rows
from tests.serving import served

FIFTY, MANY = 50, 500
SETTINGS = {"WENBAO_KEY_RATE": "100000", "WENBAO_QUEUE": "100"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of one question: a status, seconds to its first words and to its end, whether it came to one."""

    status: int
    first: float | None
    seconds: float
    whole: bool


async def ask(client: httpx.AsyncClient, question: str) -> Asked:
    """Ask one question over SSE."""
    began, first, whole, status = time.perf_counter(), None, False, 0
    try:
        async with client.stream("POST", "/api/ask", json={"question": question, "stream": True}) as reply:
            status = reply.status_code
            async for line in reply.aiter_lines():
                if first is None and line.startswith("data:"):
                    first = time.perf_counter() - began
                whole = whole or line == "event: done"
    except httpx.HTTPError:
        status = 0
    return Asked(status, first, time.perf_counter() - began, whole)


async def at_once(url: str, key: str, asked: Sequence[str]) -> list[Asked]:
    """All of them in the same instant, each on a connection of its own."""
    limits = httpx.Limits(max_connections=len(asked), max_keepalive_connections=0)
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(base_url=url, timeout=120, limits=limits, headers=headers) as client:
        return await asyncio.gather(*(ask(client, question) for question in asked))


async def shed(url: str, key: str, most: int) -> list[float]:
    """Seconds of each that is turned away with 429, one after the other, of `most` questions."""
    took: list[float] = []
    async with httpx.AsyncClient(base_url=url, timeout=60, headers={"Authorization": f"Bearer {key}"}) as client:
        for _ in range(most):
            began = time.perf_counter()
            reply = await client.post("/api/ask", json={"question": "今天有什么新闻？"})
            if reply.status_code == 429:
                took.append(time.perf_counter() - began)
    return took


def shed_row(name: str, took: list[float]) -> Row:
    """A line of the second table."""
    p50, p95 = spread(took) if len(took) > 1 else ("", "")
    return {"turned away": name, "count": len(took), "p50 ms": p50, "p95 ms": p95}


def row(name: str, found: Sequence[Asked], memory: int) -> Row:
    """A line of the table."""
    answered = [one for one in found if one.whole and one.first is not None]
    firsts = [one.first for one in answered if one.first is not None]
    shed = [one.seconds for one in found if one.status in (429, 503)]
    p50, p95 = spread(firsts)
    return {
        "asked": name,
        "answered": len(answered),
        "shed": len(shed),
        "failed": len(found) - len(answered) - len(shed),
        "first words p50 ms": p50,
        "p95 ms": p95,
        "worst ms": round(max(firsts) * 1000, 1),
        "shed p50 ms": round(statistics.median(shed) * 1000, 1) if shed else "",
        "MB": memory,
    }


def main(
    archive: Annotated[Path, typer.Argument(help="Archive of all the news.")],
    data: Annotated[Path, typer.Option(help="Folder of the questions.")],
    out: Annotated[Path | None, typer.Option(help="Write FILE.md and FILE.json too.")] = None,
) -> None:
    """Measure the API."""
    asked = [r["question"] for r in read_rows(data / "news_qa_dev.jsonl.xz")]
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "data"
        shutil.copytree(archive, copy)
        with served(copy, **SETTINGS) as app:
            key = json.loads(app.run("bot", "keys", "add", "load", "--scope", "ask", "--json").stdout)["key"]
            process = app.process.pid
            asyncio.run(at_once(app.url, key, asked[:5]))
            alone = [asyncio.run(at_once(app.url, key, [question]))[0] for question in asked[5:25]]
            rows.append(row("20, one after the other", alone, resident_mb(process)))
            for count, name in ((FIFTY, "50 in the same instant"), (MANY, "500 in the same instant")) * 2:
                many = [asked[n % len(asked)] + "？" * (n // len(asked)) for n in range(count)]
                found = asyncio.run(at_once(app.url, key, many[::-1]))
                print(Counter(one.status for one in found), file=sys.stderr)
                rows.append(row(name, found, resident_mb(process)))
        with served(copy, WENBAO_KEY_RATE="1") as app:
            over = asyncio.run(shed(app.url, key, MANY))
    turned = [shed_row("429, one after the other", over)]
    tell(
        {
            "API": rows,
            "shed": turned,
            "questions": [{"count": len(asked), "first": json.dumps(asked[0], ensure_ascii=False)}],
        },
        out,
    )


if __name__ == "__main__":
    typer.run(main)
