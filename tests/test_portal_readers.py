"""The demo portal has the widget of the running app in its pages, behind the README's nginx with its prefix kept or
stripped: each of its users reads the papers of their groups, and of others nobody learns that they are there.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ingest.ingester import Ingester
from tests.nginx import HOST, nginx
from tests.pace import slowness
from tests.pages import settled
from tests.portal.site import ISSUER, SECRET, Portal
from tests.portal.tls import RESOLVED, a_socket, certificate, over_tls
from tests.serving import Served, chromium, served
from tests.test_api import HARBOUR, RIVER, STORIES
from tests.test_deployment import environment
from tests.test_embed import frame_of, heard, send, signed_in, till_heard

pytestmark = pytest.mark.browser

OURS, THEIRS = "柳湾渡口的新船能坐多少人？", "修松崖灯塔花了多少钱？"
SECRETS = ("437万", "21海里", "重新点亮", HARBOUR)
INSIDER, OUTSIDER = "港务员", "读者"
READ_AGAIN = 5  # seconds within which a changed access file counts
RULES = f"papers:\n  {RIVER}: signed-in\n  {HARBOUR}: %s\nothers: nobody\n"


@dataclass
class Place:
    """A portal, the bot that it frames, and the file that says who may read what."""

    portal: str
    bot: str
    app: Served
    access: Path

    def allow(self, who: str) -> None:
        new = self.access.with_suffix(".new")
        new.write_text(RULES % who, "utf-8")
        new.replace(self.access)


@pytest.fixture(scope="module")
def listening():
    with a_socket() as one:
        yield one


@pytest.fixture(scope="module")
def app(tmp_path_factory, builtin, listening) -> Iterator[tuple[Served, Path]]:
    folder: Path = tmp_path_factory.mktemp("readers")
    stories, access = folder / "stories.jsonl", folder / "access.yaml"
    stories.write_text("".join(json.dumps(story, ensure_ascii=False) + "\n" for story in STORIES), "utf-8")
    access.write_text(RULES % "[harbour]", "utf-8")
    Ingester(folder / "data", builtin).add([stories])
    settings = environment() | {
        "WENBAO_ACCESS": str(access),
        "WENBAO_ORIGINS": f"https://portal.test:{listening.getsockname()[1]}",
        "WENBAO_PORTAL_ISSUER": ISSUER,
        "WENBAO_PORTAL_SECRET": SECRET,
    }
    with served(folder / "data", **settings) as running:
        yield running, access


@pytest.fixture(scope="module", params=["kept", "stripped"])
def place(request, app, listening, tmp_path_factory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("portal")
    running, access = app
    with nginx(folder / "nginx", running.url.rpartition(":")[2], strip=request.param == "stripped") as proxy:
        portal = Portal(proxy.url.rstrip("/"))
        portal.groups = {INSIDER: ["readers", "harbour"], OUTSIDER: ["readers"]}
        with over_tls(portal.app, listening.dup(), certificate(folder)):
            place = Place(f"https://portal.test:{listening.getsockname()[1]}", portal.bot, running, access)
            place.allow("[harbour]")
            yield place


@pytest.fixture(scope="module")
def browser():
    with chromium(f"{RESOLVED},MAP {HOST} 127.0.0.1") as one:
        yield one


class Reading:
    """One user's browser, and what of it the tests of the frame look at."""

    def __init__(self, context) -> None:
        self.context = context


def opened_by(context, place: Place, user: str):
    """The widget's page and frame, open."""
    page = signed_in(Reading(context), place, user, "floating")
    page.locator("button.open").click()
    till_heard(page, "ready")
    return page, frame_of(page, place)


def answer(page, frame, question: str) -> dict:
    """What the portal is told of an answer, once the frame shows all of it."""
    times = len(heard(page, "answer")) + 1
    send(frame, question)
    told = till_heard(page, "answer", times)[-1]
    settled(frame, question)
    return told


def silent(frame, question: str) -> None:
    """Nothing that the frame holds tells of the paper; what was asked is the asker's own."""
    shown = frame.evaluate("document.documentElement.outerHTML").replace(question, "")
    assert [secret for secret in SECRETS if secret in shown] == []


def fetched(frame, path: str) -> list:
    """Status and text of a page of the bot's, as its own frame gets them."""
    script = """async (path) => {
      const reply = await fetch(path, { credentials: "include" });
      return [reply.status, await reply.text()];
    }"""
    return frame.evaluate(script, path)


def test_who_may_read_a_paper_is_answered_from_it_and_nobody_else_learns_that_it_is_there(browser, place):
    with (
        browser.new_context(ignore_https_errors=True, locale="zh-CN") as hers,
        browser.new_context(ignore_https_errors=True, locale="zh-CN") as his,
    ):
        page, frame = opened_by(hers, place, INSIDER)
        told = answer(page, frame, THEIRS)
        assert told["citations"][0]["paper"] == HARBOUR
        frame.locator("#wb-chat a.wb-cite").first.click()
        frame.locator("#wb-source mark.wb-asked").wait_for()
        assert till_heard(page, "citation") == [told["citations"][0]]
        article = f"/news/article/{told['citations'][0]['article_id']}"
        assert fetched(frame, article)[0] == 200

        other, their = opened_by(his, place, OUTSIDER)
        assert answer(other, their, OURS)["citations"][0]["paper"] == RIVER
        refused = answer(other, their, THEIRS)
        assert HARBOUR not in json.dumps(refused, ensure_ascii=False)
        silent(their, THEIRS)
        forbidden, absent = (fetched(their, path) for path in (article, f"/news/article/{'0' * 24}"))
        assert forbidden == absent
        assert forbidden[0] == 404


def test_a_group_that_is_withdrawn_in_mid_session_reads_the_paper_no_more(browser, place):
    with browser.new_context(ignore_https_errors=True, locale="zh-CN") as hers:
        page, frame = opened_by(hers, place, INSIDER)
        told = answer(page, frame, THEIRS)
        article = f"/news/article/{told['citations'][0]['article_id']}"
        assert fetched(frame, article)[0] == 200
        place.allow("[others]")
        try:
            began = time.monotonic()
            while fetched(frame, article)[0] == 200:
                assert time.monotonic() - began < 60
                time.sleep(0.1)
            took = time.monotonic() - began
            assert took < READ_AGAIN * slowness()
            assert fetched(frame, article) == fetched(frame, f"/news/article/{'0' * 24}")
            page.reload()
            page.locator("button.open").click()
            till_heard(page, "ready")
            frame = frame_of(page, place)
            answer(page, frame, THEIRS)
            silent(frame, THEIRS)
        finally:
            place.allow("[harbour]")
