"""Nothing leaves the machine: the app looks up no name and connects to nothing, its page asks no other host.

The process is watched through Python's audit events, which see every look-up and connection made by Python code.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.serving import Served, chromium, served

WATCH = str(Path(__file__).with_name("watch"))


@pytest.fixture(scope="module")
def calls(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("watched") / "calls.txt"


@pytest.fixture(scope="module")
def app(tmp_path_factory, calls):
    """An app that finds the default settings of whoever installs it: no variable that switches anything off."""
    data = tmp_path_factory.mktemp("offline") / "data"
    with served(data, PYTHONPATH=WATCH, WATCHED=str(calls)) as app:
        yield app


def outside(calls: Path) -> list[str]:
    lines = calls.read_text("utf-8").splitlines() if calls.exists() else []
    return [line for line in lines if "'127.0.0.1'" not in line]


def test_the_watch_sees_a_look_up_and_a_connection(tmp_path):
    log = tmp_path / "calls.txt"
    code = "import socket\ntry: socket.create_connection(('news.invalid', 80), 0.1)\nexcept OSError: pass"
    subprocess.run(
        [sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": WATCH, "WATCHED": str(log)}, check=True
    )
    assert "news.invalid" in outside(log)[0]


def test_starting_answering_and_ingesting_look_up_no_name_and_connect_to_nothing(app: Served, calls: Path, tmp_path):
    assert "[1]" in app.chat("桐乡的生态补偿机制是怎么运作的？")[-1]
    page = tmp_path / "石门日报_2024-05-04_第2版.txt"
    page.write_text(
        "旧粮仓改成图书馆\n\n本报石门5月4日电 镇里花40万元修好了旧粮仓的屋顶，里面放了6000册书。\n", "utf-8"
    )
    added = app.run("ingest", "add", str(page))
    assert added.returncode == 0, added.stderr
    assert app.run("bot", "ask", "旧粮仓的屋顶花了多少钱？").returncode == 0
    assert outside(calls) == []


@pytest.mark.browser
def test_the_page_asks_no_other_host_and_is_told_to_ask_none(app: Served, calls: Path):
    asked: list[str] = []
    with chromium() as browser:
        page = browser.new_page()
        page.on("request", lambda request: asked.append(request.url))
        reply = page.goto(app.url)
        page.wait_for_selector(".wb-greeting")
        page.locator("#wb-ask textarea").fill("德清清理了多少应用？")
        page.locator("#wb-ask textarea").press("Enter")
        page.wait_for_selector(".wb-answer, .wb-refusal")
        page.wait_for_timeout(500)  # what a page fetches late; its heartbeat never lets it become idle
        blocked = page.evaluate("fetch('http://192.0.2.1/').then(() => 'reached', (e) => e.message)")
    assert len(asked) > 10
    assert [url for url in asked if not url.startswith((app.url, "data:", "blob:", "http://192.0.2.1/"))] == []
    assert "connect-src 'self'" in reply.headers["content-security-policy"]
    assert blocked != "reached"
    assert outside(calls) == []
