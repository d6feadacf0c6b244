"""The page for whoever runs the bot: there for whoever has the token, told from no other absent page without one."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from typer.testing import CliRunner

from bot.bot import Bot
from bot.look import Look
from bot.models import Answer
from bot.opening import Opening
from bot.state import State
from bot.web.admin import COOKIE, admin_routes
from bot.web.gate import DAY, MOST, WAIT, Admin, Gate, TooSoon, read_admin
from bot.web.render import Pages
from ingest.cli import cli
from ingest.errors import BadSetting
from tests.pages import opened

TOKEN = "sixteen characters or more"


def client(bot: Bot, state: State, root: Path, token: str = TOKEN) -> TestClient:
    routes = admin_routes(Opening(opened(bot)), Pages(Look()), state, Admin(root, token))
    return TestClient(Starlette(routes=[*routes]), headers={"accept-language": "zh"}, follow_redirects=False)


@pytest.fixture
def state(tmp_path: Path):
    state = State.of(tmp_path / "kept")
    yield state
    state.close()


def test_without_a_token_set_it_is_as_if_it_did_not_exist(bot, state, sample_root):
    closed = client(bot, state, sample_root, token="")
    for reply in (closed.get("/admin"), closed.post("/admin", data={"token": ""}), closed.post("/admin/leave")):
        assert (reply.status_code, "没有这一页" in reply.text) == (404, True)


@pytest.mark.parametrize("token", ["qqq", "fifteen letters"])
def test_a_token_that_could_be_guessed_is_refused_in_one_line(token, tmp_path):
    with pytest.raises(BadSetting, match=r"WENBAO_ADMIN_TOKEN has .* at least 16") as refused:
        read_admin(tmp_path, token)
    assert token not in str(refused.value)


def test_it_opens_with_the_token_alone_and_closes_again(bot, state, sample_root):
    page = client(bot, state, sample_root)
    assert page.get("/admin").status_code == 401
    assert page.get("/admin", headers={"cookie": f"{COOKIE}={'x' * 43}"}).status_code == 401
    entered = page.post("/admin", data={"token": TOKEN})
    assert (entered.status_code, entered.headers["location"]) == (303, "admin")
    cookie = entered.headers["set-cookie"]
    assert all(part in cookie.lower() for part in ("httponly", "samesite=strict", "path=/"))
    assert TOKEN not in cookie
    shown = page.get("/admin")
    assert "运行情况" in shown.text
    assert "13" in shown.text
    assert shown.headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in shown.headers["content-security-policy"]
    session = page.cookies[COOKIE]
    page.post("/admin/leave")
    page.cookies.set(COOKIE, session)
    assert page.get("/admin").status_code == 401


def test_after_a_wrong_token_not_even_the_right_one_is_looked_at_for_a_while(bot, state, sample_root):
    page = client(bot, state, sample_root)
    assert page.post("/admin", data={"token": "wrong"}).status_code == 403
    soon = page.post("/admin", data={"token": TOKEN})
    assert (soon.status_code, soon.headers["retry-after"]) == (429, "2")
    assert COOKIE not in page.cookies


def test_tokens_are_tried_one_at_a_time_and_sessions_end():
    now = [1000.0]
    gate = Gate(TOKEN, lambda: now[0])
    assert gate.enter("密" * 40) is None
    with pytest.raises(TooSoon):
        gate.enter(TOKEN)
    now[0] += WAIT
    session = gate.enter(TOKEN)
    assert session
    assert gate.knows(session)
    assert not gate.knows("")
    now[0] += DAY
    assert not gate.knows(session)
    sessions = [gate.enter(TOKEN) or "" for _ in range(MOST + 1)]
    assert [gate.knows(one) for one in sessions] == [False] + [True] * MOST


def test_it_tells_questions_by_day_refusals_thumbs_generations_reports_and_quarantine(
    bot, state, sample_root, tmp_path
):
    hostile = "<script>alert(1)</script>"
    root = tmp_path / "data"
    root.mkdir()
    (root / "generations").symlink_to(sample_root / "generations")
    (root / "reports").mkdir()
    report = {"ended": "2026-11-20T04:00:00+08:00", "generation_before": 4, "generation": 5, "totals": {"added": 1234},
              "failures": [f"{hostile}.txt: not text"]}  # fmt: skip
    (root / "reports" / "monday.json").write_text(json.dumps(report), "utf-8")
    (root / "reports" / "broken.json").write_text("{", "utf-8")
    (root / "reports" / "list.json").write_text("[1]", "utf-8")
    row = {"file": f"/pages/{hostile}", "since": "2026-11-20T04:00:00", "reasons": ["no text in it"], "failures": 1}
    (root / "quarantine.json").write_text(json.dumps({"/pages/x": row, "odd": 7}), "utf-8")
    state.keep("someone", "", Answer("图书馆几点关门？", "图书馆几点关门？", "晚上八点半。"))
    asked = state.keep("someone", "", Answer(f"恐龙{hostile}", "恐龙", "没有。", refused=True, reason="no_evidence"))
    state.judge("someone", asked.id, "down", f"不该拒答{hostile}")
    page = client(bot, state, root)
    page.post("/admin", data={"token": TOKEN})
    text = page.get("/admin").text
    for told in (
        "恐龙",
        "什么也没找到：1",
        "不该拒答",
        "0 赞 · 1 踩",
        "added 1234",
        "4 → 5",
        "no text in it",
        "monday.json",
    ):
        assert told in text, told
    assert "someone" not in text
    assert hostile not in text
    assert text.count("&lt;script&gt;alert(1)") == 5  # asked, and judged with its reason; the report, the quarantine


def test_it_tells_what_ingest_itself_left_there(bot, state, tmp_path):
    root, pages = tmp_path / "data", tmp_path / "pages"
    pages.mkdir()
    good = {"id": "a", "title": "石桥修好了", "text": "石门镇的石桥修了三个月，昨天修好了。", "date": "2024-05-04"}
    (pages / "<b>.jsonl").write_text(json.dumps(good) + "\n{broken\n", "utf-8")
    (pages / "empty.txt").write_text("", "utf-8")
    (root / "reports").mkdir(parents=True)  # as the page tells to, where there is none
    add = ["add", str(pages), "--report", str(root / "reports" / "monday.json")]
    assert CliRunner().invoke(cli, add, env={"WENBAO_DATA": str(root)}).exit_code == 1
    page = client(bot, state, root)
    page.post("/admin", data={"token": TOKEN})
    text = unescape(re.sub("<[^>]*>", "", page.get("/admin").text))
    report, quarantine = text.split("隔离")[0].rpartition("monday.json")[2], text.split("隔离")[1]
    assert "0 → 1" in report
    assert "added 1 · chunks 1 · embedded 1 · files 2" in report
    assert report.count("empty.txt") == 1
    assert "<b>.jsonl' line 2: not JSON" in report
    assert "2" in quarantine.partition("\n")[0]
    assert "<b>.jsonl' line 2: not JSON" in quarantine
    assert "empty.txt' is empty" in quarantine
