"""The real app in a process of its own, on a free port over a fresh archive, and a browser to look at it with."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import missing

REPO = Path(__file__).resolve().parents[1]
SCREENSHOTS = REPO / "tests" / "screenshots"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
START = 150  # seconds: twenty times what a start or an end takes, for a machine that is busy


@dataclass(frozen=True)
class Served:
    """A running app."""

    url: str
    env: dict[str, str]
    process: subprocess.Popen[str]

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """One of our commands on the same archive."""
        return subprocess.run(
            [sys.executable, "-m", *command], cwd=REPO, env=self.env, capture_output=True, text=True, timeout=120
        )

    def chat(self, question: object) -> list[str]:
        """Every state of an answer that the public endpoint streams."""
        body = json.dumps({"data": [question]}).encode()
        ask = urllib.request.Request(f"{self.url}/gradio_api/call/chat", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(ask, timeout=30) as reply:
            event = json.load(reply)["event_id"]
        with urllib.request.urlopen(f"{self.url}/gradio_api/call/chat/{event}", timeout=30) as reply:
            lines = reply.read().decode().splitlines()
        return [json.loads(line.removeprefix("data: "))[0] for line in lines if line.startswith("data: [")]


def free_port() -> str:
    """A port that nobody listens on just now."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return str(free.getsockname()[1])


@contextmanager
def served(data: Path, *words: str, **more: str) -> Iterator[Served]:
    """Start the app with `words` over `data`, its archive open; stop it with SIGTERM. `more` is its environment's."""
    port = free_port()
    own = {k: v for k, v in os.environ.items() if not k.startswith(("WENBAO_", "GRADIO_"))}
    env = own | {"WENBAO_DATA": str(data), "WENBAO_PORT": port} | more
    log = data.with_suffix(".log")
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "app.py", *words], cwd=REPO, env=env, stdout=out, stderr=out, text=True
        )
    app = Served(f"http://127.0.0.1:{port}", env, process)
    try:
        _wait(app, log)
        yield app
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(START)
        except subprocess.TimeoutExpired:
            process.kill()
            raise


def _wait(app: Served, log: Path) -> None:
    """Until its archive is open: before, who asks the API is told to come again."""
    until = time.monotonic() + START
    while time.monotonic() < until and app.process.poll() is None:
        try:
            with urllib.request.urlopen(f"{app.url}/readyz", timeout=START):
                return
        except OSError:
            time.sleep(0.05)
    pytest.fail(f"app.py did not start:\n{log.read_text()}")


@contextmanager
def chromium(*more: str) -> Iterator[object]:
    """A headless Chromium (playwright's Browser) with `more` switches; skips without one, or fails under CI."""
    if CHROMIUM is None:
        missing("chromium (apt-get install chromium fonts-wqy-zenhei)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        args = ["--no-sandbox", "--disable-dev-shm-usage", *more]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=args)
        yield browser
        browser.close()
