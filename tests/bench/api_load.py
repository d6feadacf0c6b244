"""How the API bears many askers at once. Run by hand (two minutes):

    python -m tests.bench.api_load ARCHIVE --data ../shared/data [--out FILE]

ARCHIVE is a folder as WENBAO_DATA names it, with all the news (ingest_speed.py leaves one); a copy of it is served in a
process of its own, and asked from this one. *First words*: from the request until the first sentence of the answer has
come, as a server-sent event. The questions are all different, so nothing that was kept of one helps another.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import httpx
import typer

from tests.bench.report import Row, resident_mb, spread, tell
from tests.question_sets import read_rows
from tests.serving import REPO, free_port

FIFTY, MANY = 50, 500
KEY = {"Authorization": "Bearer wbk_all"}


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


async def at_once(url: str, asked: Sequence[str]) -> list[Asked]:
    """All of them in the same instant, each on a connection of its own."""
    limits = httpx.Limits(max_connections=len(asked), max_keepalive_connections=0)
    async with httpx.AsyncClient(base_url=url, timeout=120, limits=limits, headers=KEY) as client:
        return await asyncio.gather(*(ask(client, question) for question in asked))


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
        "MB": memory,
    }


@contextmanager
def serving(data: Path) -> Iterator[tuple[str, int]]:
    """The API over `data` in a process of its own: its address, its number."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "tests.api_served", str(data), port], cwd=REPO)
    url = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                if httpx.get(f"{url}/v1/models", headers=KEY).status_code == 200:
                    break
            except httpx.HTTPError:
                time.sleep(0.1)
        yield url, process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(15)


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
        with serving(copy) as (url, process):
            asyncio.run(at_once(url, asked[:5]))
            alone = [asyncio.run(at_once(url, [question]))[0] for question in asked[5:25]]
            rows.append(row("20, one after the other", alone, resident_mb(process)))
            for count, name in ((FIFTY, "50 in the same instant"), (MANY, "500 in the same instant")) * 2:
                many = [asked[n % len(asked)] + "？" * (n // len(asked)) for n in range(count)]
                found = asyncio.run(at_once(url, many[::-1]))
                print(Counter(one.status for one in found), file=sys.stderr)
                rows.append(row(name, found, resident_mb(process)))
    tell({"API": rows, "questions": [{"count": len(asked), "first": json.dumps(asked[0], ensure_ascii=False)}]}, out)


if __name__ == "__main__":
    typer.run(main)
