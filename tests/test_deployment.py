"""Behind the README's own nginx, with its prefix kept or stripped, and under its systemd unit: all of it works."""

from __future__ import annotations

import configparser
import json
import shlex
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.llm_server import llm_server
from tests.nginx import HOST, Nginx, block_of, nginx
from tests.pages import QUESTION, ask, greeted
from tests.serving import REPO, chromium, served


def environment() -> dict[str, str]:
    """What the unit sets, less where its data lies."""
    unit = read_unit()
    settings = dict(each.split("=", 1) for each in shlex.split(unit["Service"]["Environment"]))
    assert settings.pop("WENBAO_DATA") == "/var/lib/wenbao"
    return settings


def read_unit() -> configparser.ConfigParser:
    unit = configparser.ConfigParser(interpolation=None, strict=True)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(block_of("ini"))
    return unit


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """The app as the unit starts it, open to anybody, with an inbox."""
    folder = tmp_path_factory.mktemp("deployed")
    with served(folder / "data", "--open", **environment(), WENBAO_INBOX=str(folder / "inbox")) as running:
        yield running


@pytest.fixture(scope="module", params=["kept", "stripped"])
def behind(request, app, tmp_path_factory):
    with nginx(
        tmp_path_factory.mktemp("nginx"), app.url.rpartition(":")[2], strip=request.param == "stripped"
    ) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def key(app) -> str:
    """An API key for everything."""
    made = app.run("bot", "keys", "add", "portal", "--scope", "ask", "--scope", "search", "--scope", "inbox", "--json")
    assert made.returncode == 0, made.stderr
    return json.loads(made.stdout)["key"]


@pytest.fixture(scope="module")
def browser():
    with chromium(f"--host-resolver-rules=MAP {HOST} 127.0.0.1") as one:
        yield one


def client(proxy: Nginx, **headers: str) -> httpx.Client:
    """Talks to the proxy under its own name, and believes its certificate."""
    trusted = ssl.create_default_context(cafile=str(proxy.ca))
    host = f"{HOST}:{proxy.port}"
    return httpx.Client(
        verify=trusted, base_url=f"https://127.0.0.1:{proxy.port}/news", headers={"Host": host, **headers}, timeout=60
    )


def get(one: httpx.Client, path: str, **more) -> httpx.Response:
    return one.get(path, extensions={"sni_hostname": HOST}, **more)


def post(one: httpx.Client, path: str, **more) -> httpx.Response:
    return one.post(path, extensions={"sni_hostname": HOST}, **more)


def test_the_page_answers_and_a_citation_opens_its_article(browser, behind):
    with browser.new_context(ignore_https_errors=True, locale="zh-CN") as context:
        page = context.new_page()
        asked: list[str] = []
        failed: list[str] = []
        page.on("request", lambda one: asked.append(one.url))
        page.on("response", lambda one: failed.append(f"{one.status} {one.url}") if one.status >= 400 else None)
        greeted(page, behind.url)
        ask(page, QUESTION)
        page.locator("#wb-chat a.wb-cite").first.click()
        page.locator("#wb-source mark").first.wait_for()
        page.goto(behind.url + "archive")
        page.locator("h1").first.wait_for()
        assert [url for url in asked if not url.startswith((behind.url, "data:", "blob:"))] == []
        assert failed == []
        assert {cookie["path"] for cookie in context.cookies()} <= {"/news", "/news/"}
        assert all(cookie["secure"] for cookie in context.cookies() if cookie["httpOnly"])
    assert "?" not in behind.access_log
    assert "/news/gradio_api/queue/data" in behind.access_log


def test_the_api_and_the_widget_are_there(behind, key):
    with client(behind, Authorization=f"Bearer {key}") as one:
        answer = post(one, "/api/ask", json={"question": QUESTION})
        assert answer.status_code == 200, answer.text
        assert answer.json()["citations"]
        body = {"question": QUESTION}
        with one.stream(
            "POST", "/api/ask", json=body, headers={"Accept": "text/event-stream"}, extensions={"sni_hostname": HOST}
        ) as stream:
            assert stream.headers["content-type"].startswith("text/event-stream")
            assert sum(line.startswith("event:") for line in stream.iter_lines()) >= 2
        said = post(
            one, "/v1/chat/completions", json={"model": "wenbao", "messages": [{"role": "user", "content": QUESTION}]}
        )
        assert said.status_code == 200
        widget = get(one, "/widget.js")
        assert widget.status_code == 200
        assert len(widget.content) <= 20_000
        assert get(one, "/healthz").status_code == 200
        assert get(one, "/metrics").status_code == 404, "the proxy shows it to nobody"
        moved = get(one, "/../news")
        assert moved.status_code == 308


def test_a_forged_host_or_forwarded_header_changes_nothing(behind, app):
    with client(behind) as one:
        plain = get(one, "/config").json()
        forged = get(one, "/config", headers={"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"}).json()
        assert "evil" not in json.dumps(forged)
        assert forged["root"] == plain["root"] == f"https://{HOST}:{behind.port}/news"
        assert get(one, "/", headers={"Host": "evil.example"}).status_code == 421
    assert httpx.get(f"{app.url}/", headers={"Host": "evil.example"}).status_code == 421


def test_a_body_too_long_is_refused_before_the_app_sees_it(behind):
    with client(behind) as one:
        long = post(one, "/gradio_api/call/chat", json={"data": ["长" * 15_000_000]})
        assert long.status_code == 413


def test_slow_heads_slow_bodies_and_idle_sockets_are_cut_off(app, tmp_path):
    """Bare, and behind the proxy; all at once, because each takes its ten seconds and more."""
    host = f"{HOST}:1"
    half = f"GET /news/ HTTP/1.1\r\nHost: {host}\r\nX-Slow: ".encode()
    body = (
        f"POST /news/gradio_api/call/chat HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        'Content-Length: 1000\r\n\r\n{"data"'
    ).encode()
    with nginx(tmp_path, app.url.rpartition(":")[2]) as proxy:
        trusted = ssl.create_default_context(cafile=str(proxy.ca))
        bare = int(app.url.rpartition(":")[2])
        with ThreadPoolExecutor(6) as many:
            waits = [
                many.submit(_cut_off_after, port, text, context)
                for port, context in ((bare, None), (proxy.port, trusted))
                for text in (half, body, b"")
            ]
            assert [round(one.result()) for one in waits if one.result() > 40] == []


def _cut_off_after(port: int, text: bytes, trusted: ssl.SSLContext | None) -> float:
    """Seconds until the other side ends a connection on which `text` is sent, and one more byte each second."""
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), 60) as plain:
        one = trusted.wrap_socket(plain, server_hostname=HOST) if trusted else plain
        one.settimeout(1)
        one.sendall(text)
        while time.monotonic() - began < 60:
            try:
                if not one.recv(4096):
                    break
            except TimeoutError:
                try:
                    one.sendall(b"a" if text else b"")
                except OSError:
                    break
            except OSError:
                break
    return time.monotonic() - began


def test_sigterm_lets_twenty_answers_end_and_exits_within_ten_seconds(tmp_path):
    words = "这是一个要写很久的回答[1]。" * 20
    with (
        llm_server() as model,
        served(
            tmp_path / "data",
            "--open",
            **environment(),
            WENBAO_LLM="openai:slow",
            WENBAO_LLM_BASE_URL=model.url,
            WENBAO_LLM_API_KEY="k",
        ) as running,
        nginx(tmp_path / "nginx", running.url.rpartition(":")[2]) as proxy,
        client(proxy) as one,
    ):
        model.behaves(*[_slowly(words)] * 60)
        open_pages = [socket.create_connection(("127.0.0.1", int(running.url.rpartition(":")[2]))) for _ in range(3)]
        for page in open_pages:
            page.sendall(f"GET /gradio_api/heartbeat/page HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
        begun = threading.Semaphore(0)

        def answer() -> tuple[int, bool]:
            with one.stream(
                "POST",
                "/api/ask",
                json={"question": QUESTION},
                headers={"Accept": "text/event-stream"},
                extensions={"sni_hostname": HOST},
            ) as stream:
                text = ""
                for line in stream.iter_lines():
                    if not text:
                        begun.release()
                    text += line + "\n"
                return stream.status_code, "event: done" in text

        with ThreadPoolExecutor(20) as askers:
            answers = [askers.submit(answer) for _ in range(20)]
            for _ in answers:
                assert begun.acquire(timeout=60)
            sent = time.monotonic()
            running.process.send_signal(signal.SIGTERM)
            assert running.process.wait(20) == 0
            assert time.monotonic() - sent < 10
            assert [one.result() for one in answers] == [(200, True)] * 20


def _slowly(words: str):
    """A model that takes some two seconds for its answer."""

    def behave(call) -> None:
        call.begin()
        for at in range(0, len(words), 14):
            call.event({"content": words[at : at + 14]})
            time.sleep(0.1)
        call.end()

    return behave


def test_the_unit_starts_what_there_is_and_gives_it_time_to_end(tmp_path):
    unit = read_unit()
    service = unit["Service"]
    program, script = shlex.split(service["ExecStart"])
    assert program == "/opt/wenbao/.venv/bin/python"
    assert (REPO / script).is_file()
    assert int(service["TimeoutStopSec"]) > 10
    assert service["RestartPreventExitStatus"] == "2"
    refused = subprocess.run(
        [sys.executable, script],
        cwd=REPO,
        env={"PATH": "/usr/bin", "WENBAO_DATA": str(tmp_path / "data"), **environment()},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert refused.returncode == 2, "as it stands it is open to nobody: /etc/wenbao.env says who may come in"
    assert refused.stderr.count("\n") == 1
