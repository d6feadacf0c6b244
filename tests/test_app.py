"""`python app.py` starts or says in one line why not, and stops when it is told to."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request

import pytest

import app
from tests.serving import REPO, START, free_port, served


def start(*options: str, **env: str) -> subprocess.CompletedProcess[str]:
    own = {k: v for k, v in os.environ.items() if not k.startswith("WENBAO_")}
    return subprocess.run(
        [sys.executable, "app.py", *options], cwd=REPO, env=own | env, capture_output=True, text=True, timeout=2 * START
    )


def test_a_taken_port_is_one_line_and_leaves_no_archive_behind(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = start(WENBAO_PORT=port, WENBAO_DATA=str(tmp_path / "data"))
    assert ended.returncode == 2
    assert port in ended.stderr
    assert "WENBAO_PORT" in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert not (tmp_path / "data").exists()


@pytest.fixture
def start_here(monkeypatch, capsys):
    """What `app.py` would exit with and say; in this process, which has loaded all of it already."""

    def ended(**env: str) -> tuple[int, str]:
        for name in [name for name in os.environ if name.startswith("WENBAO_")]:
            monkeypatch.delenv(name)
        for name, value in env.items():
            monkeypatch.setenv(name, value)
        before = signal.getsignal(signal.SIGTERM)
        try:
            status = app.main([])
        finally:
            signal.signal(signal.SIGTERM, before)
        return status, capsys.readouterr().err

    return ended


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WENBAO_PROT", "7860"),
        ("WENBAO_PORT", "none"),
        ("WENBAO_ENCODER", "no/such-model"),
        ("WENBAO_HOST", "192.0.2.1"),
        ("WENBAO_HOSTS", "*"),
        ("WENBAO_PROXIES", "nginx"),
        ("WENBAO_PREFIX", "/a/../b"),
        ("WENBAO_ORIGINS", "http://portal.example.org"),
        ("WENBAO_ADMIN_TOKEN", "easily guessed"),
    ],
)
def test_a_setting_that_cannot_be_used_is_one_line_that_names_it(tmp_path, start_here, name, value):
    own = {"WENBAO_PORT": free_port(), "WENBAO_DATA": str(tmp_path / "data")}
    status, said = start_here(**own | {name: value})
    assert status == 2
    assert name in said or value in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(("name", "value"), [("WENBAO_HOST", "0.0.0.0"), ("WENBAO_HOSTS", "news.example.org")])
def test_nothing_is_served_to_others_while_nobody_is_asked_who_they_are(tmp_path, start_here, name, value):
    status, said = start_here(WENBAO_PORT=free_port(), WENBAO_DATA=str(tmp_path / "data"), **{name: value})
    assert status == 2
    assert said.count("\n") == 1
    for told in (name, "WENBAO_PORTAL_ISSUER", "WENBAO_OIDC_ISSUER", "keys add", "--open"):
        assert told in said
    assert not list((tmp_path / "data").glob("generations/*"))


def test_with_a_key_it_is_served_to_others_who_have_it(tmp_path):
    """`--open` serves everybody: tests/test_deployment.py."""
    data = tmp_path / "data"
    env = {k: v for k, v in os.environ.items() if not k.startswith("WENBAO_")} | {"WENBAO_DATA": str(data)}
    command = [sys.executable, "-m", "bot", "keys", "add", "script", "--scope", "ask", "--json"]
    added = subprocess.run(command, cwd=REPO, env=env, capture_output=True, text=True, timeout=START)
    assert added.returncode == 0, added.stderr
    key = json.loads(added.stdout)["key"]
    with served(data, WENBAO_HOSTS="news.example.org") as running:
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(f"{running.url}/config", timeout=30)
        asked = urllib.request.Request(f"{running.url}/config", headers={"Authorization": f"Bearer {key}"})
        with urllib.request.urlopen(asked, timeout=30) as reply:
            assert reply.status == 200
    log = data.with_suffix(".log").read_text()
    assert "GET /config 401" in log
    assert "GET /config 200" in log
    assert key not in log


def test_the_page_is_safe_by_its_headers_and_offers_one_endpoint_and_sigterm_ends_it_with_a_page_still_open(tmp_path):
    with served(tmp_path / "data") as running:
        with urllib.request.urlopen(running.url, timeout=30) as reply:
            headers = reply.headers
        assert "object-src 'none'; base-uri 'none'; form-action 'self'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        info = urllib.request.urlopen(f"{running.url}/gradio_api/info", timeout=30).read().decode()
        assert '"/chat"' in info
        assert "open_source" not in info
        states = running.chat("桐乡的生态补偿机制是怎么运作的？")
        assert len(states) >= 2
        assert states[0] == states[-1][: len(states[0])]
        assert "[1]" in states[-1]
        for odd in ("", "  ", "长" * 5_000, "\x00\ufffe", "\ud800", None, 7, {"a": 1}, ["x"]):
            (line,) = set(running.chat(odd))
            assert line
            assert "\n" not in line
        beat = urllib.request.urlopen(f"{running.url}/gradio_api/heartbeat/anybody", timeout=30)
        reader = threading.Thread(target=beat.read, daemon=True)
        reader.start()
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(START) == 0
    log = (tmp_path / "data.log").read_text()
    assert running.url in log
    assert "Traceback" not in log
