"""How fast the page is for one reader, for fifty, and while the archive is swapped. Run by hand (five minutes):

    python -m tests.bench.page_speed ARCHIVE --data ../shared/data [--out FILE]

ARCHIVE is a folder as WENBAO_DATA names it, with all the news (ingest_speed.py leaves one); a copy of it is served by
`python app.py` in a process of its own. *Ready*: from the navigation until the page can be asked and shows what there
is. *First words*: until a sentence of the answer shows. The fifty ask as browsers do, through the page's own event; the
tabs are Chromium's.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import shutil
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer

from tests.bench.answer_speed import questions
from tests.bench.report import Row, resident_mb, spread, tell
from tests.pages import ask, greeted
from tests.serving import Served, chromium, served

OPENINGS, ASKED, ASKERS, SWAPS, TABS = 5, 20, 50, 10, 5
WITHIN = 5.0  # seconds in which the fifty come

# When the first words show, and when the marked sentence does: by the page's own clock, frame by frame.
WATCH = """(what) => new Promise((done) => {
  const began = performance.now(), old = document.querySelectorAll(what).length;
  window.wbSeen = { began };
  const look = () => {
    if (document.querySelectorAll(what).length > old) window.wbSeen.at = performance.now();
    else requestAnimationFrame(look);
  };
  look();
  done();
})"""


def one_reader(app: Served, asked: Sequence[str]) -> list[Row]:
    """Ready, first words and the mark, of one reader on a warm server."""
    ready, words, marks = [], [], []
    with chromium() as browser:
        page = browser.new_context(locale="zh-CN").new_page()
        greeted(page, app.url)
        for _ in range(OPENINGS):
            page = browser.new_context(locale="zh-CN").new_page()
            began = time.perf_counter()
            greeted(page, app.url)
            ready.append(time.perf_counter() - began)
        ask(page, asked[0])
        for question in asked[1 : ASKED + 1]:
            words.append(_first_words(page, question))
            links = page.locator("#wb-chat .bot-row").last.locator("a.wb-cite")
            if links.count() > 1 and links.first.get_attribute("href") != links.last.get_attribute("href"):
                marks.append(_mark(page, links.last))
    return [_row("ready", ready), _row("first words after Enter", words), _row("marked sentence after a click", marks)]


def _first_words(page: Any, question: str) -> float:
    page.locator("#wb-ask textarea").fill(question)
    page.evaluate(WATCH, "#wb-chat .bot-row .wb-answer > p, #wb-chat .bot-row .wb-list, #wb-chat .bot-row .wb-refusal")
    page.evaluate("window.wbSeen.began = performance.now()")
    page.locator("#wb-ask textarea").press("Enter")
    page.wait_for_function("() => window.wbSeen.at", timeout=30_000)
    seconds = page.evaluate("window.wbSeen.at - window.wbSeen.began") / 1000
    page.wait_for_function("() => !window.wenbao.busy()", timeout=30_000)
    page.wait_for_timeout(400)
    return float(seconds)


def _mark(page: Any, link: Any) -> float:
    page.evaluate("document.querySelectorAll('#wb-source mark').forEach((old) => old.classList.remove('wb-asked'))")
    page.evaluate(WATCH, "#wb-source mark.wb-asked")
    link.evaluate("(link) => { window.wbSeen.began = performance.now(); link.click(); }")
    page.wait_for_function("() => window.wbSeen.at", timeout=30_000)
    return float(page.evaluate("window.wbSeen.at - window.wbSeen.began")) / 1000


async def fifty(url: str, asked: Sequence[str], within: float) -> tuple[list[float], int]:
    """Seconds until each of the fifty sees first words, and how many never did."""
    async with httpx.AsyncClient(base_url=url, timeout=60, limits=httpx.Limits(max_connections=200)) as client:
        config = (await client.get("/config")).json()
        ids = {event["api_name"]: event["id"] for event in config["dependencies"]}
        sessions = [secrets.token_hex(6) for _ in range(ASKERS)]
        for session in sessions:  # each has the page open already
            greeting = {"data": ["{}", None], "fn_index": ids["greet_1"], "session_hash": session}
            (await client.post("/gradio_api/run/predict", json=greeting)).raise_for_status()
        starts = [within * n / ASKERS for n in range(ASKERS)]
        found = await asyncio.gather(
            *(_asker(client, ids["ask"], *one) for one in zip(sessions, asked, starts, strict=True)),
            return_exceptions=True,
        )
    seconds = [one for one in found if isinstance(one, float)]
    return seconds, ASKERS - len(seconds)


async def _asker(client: httpx.AsyncClient, ask_id: int, session: str, question: str, wait: float) -> float:
    posted = json.dumps({"question": question, "conversation": "", "instead": "", "number": 1})
    data = [posted, None, "", "", "", "", "", True]
    await asyncio.sleep(wait)
    began = time.perf_counter()
    body = {"data": data, "fn_index": ask_id, "session_hash": session, "trigger_id": None, "event_data": None}
    (await client.post("/gradio_api/queue/join", json=body)).raise_for_status()
    seen = None
    async with client.stream("GET", "/gradio_api/queue/data", params={"session_hash": session}) as reply:
        async for line in reply.aiter_lines():
            if seen is None and ("wb-answer" in line or "wb-refusal" in line):
                seen = time.perf_counter() - began
            if '"process_completed"' in line:
                if '"success":true' not in line.replace(" ", "") or seen is None:
                    raise RuntimeError(line[:200])
                return seen
    raise RuntimeError("the stream ended early")


def swaps(app: Served, question: str, folder: Path) -> list[Row]:
    """Tabs that stay open while articles are added: what went wrong in them, and memory after each swap."""
    wrong: list[str] = []
    memory = []
    with chromium() as browser:
        pages = [greeted(browser.new_context(locale="zh-CN").new_page(), app.url) for _ in range(TABS)]
        for page in pages:
            page.on("pageerror", lambda error: wrong.append(str(error)))
            page.on("response", lambda r: wrong.append(f"{r.status} {r.url}") if r.status >= 400 else None)
            ask(page, question)
        for n in range(SWAPS):
            file = folder / f"{n}.jsonl"
            row = {"id": f"swap-{n}", "title": f"第{n}次更换", "text": f"石门镇第{n}次更换了路灯，花了{n + 3}万元。"}
            file.write_text(json.dumps(row, ensure_ascii=False) + "\n", "utf-8")
            done = app.run("ingest", "add", str(file))
            if done.returncode:
                wrong.append(done.stderr)
            time.sleep(1.5)
            for page in pages:
                ask(page, f"{question}{'？' * n}")
            memory.append(resident_mb(app.process.pid))
    growth = 100 * (memory[-1] - memory[0]) / memory[0]
    return [
        {
            "tabs": TABS,
            "swaps": SWAPS,
            "errors": len(wrong),
            "MB after the first": memory[0],
            "MB after the last": memory[-1],
            "most MB": max(memory),
            "growth %": round(growth, 1),
        }
    ]


def _row(name: str, seconds: Sequence[float]) -> Row:
    p50, p95 = spread(seconds) if len(seconds) > 1 else (seconds[0] * 1000,) * 2
    return {
        "what": name,
        "times": len(seconds),
        "p50 ms": p50,
        "p95 ms": p95,
        "worst ms": round(max(seconds) * 1000, 1),
    }


def _asking_row(name: str, seconds: Sequence[float], failed: int) -> Row:
    p50, p95 = spread(seconds)
    worst = round(max(seconds) * 1000, 1)
    return {"fifty ask": name, "p50 ms": p50, "p95 ms": p95, "worst ms": worst, "failed": failed}


def main(
    archive: Annotated[Path, typer.Argument(help="Archive of all the news.")],
    data: Annotated[Path, typer.Option(help="Folder of the questions.")],
    out: Annotated[Path | None, typer.Option(help="Write FILE.md and FILE.json too.")] = None,
) -> None:
    """Measure the page."""
    asked = questions(data)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "data"
        shutil.copytree(archive, copy)
        with served(copy) as app:
            single = one_reader(app, asked)
            asking = []
            some, others = asked[-2 * ASKERS : -ASKERS], asked[-ASKERS:]  # an answer that was given already is kept
            for name, theirs, within in (
                (f"within {WITHIN:.0f} s", some, WITHIN),
                ("in the same instant", others, 0.0),
            ):
                seconds, failed = asyncio.run(fifty(app.url, theirs, within))
                asking.append(_asking_row(name, seconds, failed))
            swapping = swaps(app, asked[0], Path(folder))
            articles: Row = {"articles": json.loads(app.run("ingest", "stats", "--json").stdout)["articles"]}
    median = statistics.median([len(question) for question in asked])
    tell({"archive": [articles | {"characters of a question": median}], "one reader": single, "fifty": asking,
          "swaps": swapping}, out)  # fmt: skip


if __name__ == "__main__":
    typer.run(main)
