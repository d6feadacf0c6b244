"""The bot as tools of an MCP client: whoever holds a key that may, asks and searches what that key may read, with the
official client, over HTTP; and where the extra is not installed, there is nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future
from contextlib import asynccontextmanager

import httpx
import httpx2
import pytest
from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

from bot.access import Readable
from bot.bot import Bot
from bot.mcp import build_mcp
from bot.models import Answer
from bot.visitor import Visitor
from ingest.archive import Archive
from ingest.encoder import Encoder
from ingest.ingester import Ingester
from tests.callers import Door, listening
from tests.conftest import CHECKOUT
from tests.generated_docs import READMES

EVERYTHING = Readable(all_but=True)
OPEN, SECRET = "青岚晚报", "密云内参"
MODES = ("legacy", "auto")  # clients that shake hands first, and those of today


def key(subject: str, *scopes: str, papers: Readable = EVERYTHING) -> Visitor:
    return Visitor(subject, subject, papers=papers, scopes=frozenset(scopes), via="key", proof=subject)


VISITORS = {
    "both": key("both", "ask", "search"),
    "asker": key("asker", "ask"),
    "seeker": key("seeker", "search"),
    "editor": key("editor", "inbox"),
    "narrow": key("narrow", "ask", "search", papers=Readable(frozenset({OPEN}))),
}
ROWS = [
    {
        "id": "open",
        "title": "渡口镇的石桥修好了",
        "text": "渡口镇的石桥昨日修好，镇长说修桥一共花了三百二十七万元，用了九个月。",
        "date": "2024-03-05",
        "paper": OPEN,
        "page": "3",
    },
    {
        "id": "secret",
        "title": "磨坊要改成书店",
        "text": "磨坊下月改成书店，架上要放一万两千册书，门票定为两元，由麦家管理。",
        "date": "2024-03-06",
        "paper": SECRET,
        "page": "1",
    },
]


class Slow(Bot):
    """A bot that never comes to an end, and notes when it is told to stop."""

    stopped = False

    def began(self) -> None:
        """Nobody wants to know."""

    def seen_by(self, _reader) -> Bot:
        return self

    def stream(self, question, history=(), where=None, today=None, *, write=True):
        self.began()
        try:
            while True:
                time.sleep(0.05)
                yield Answer(question, question, "……")
        finally:
            self.stopped = True


class Broken(Bot):
    """A bot with a fault of ours in it."""

    def seen_by(self, _reader) -> Bot:
        return self

    def search(self, *_args, **_more):
        raise OSError("cannot read /srv/wenbao/data/generations/0007/catalog.sqlite")


def opened(bot: Bot) -> Future[Bot]:
    opening: Future[Bot] = Future()
    opening.set_result(bot)
    return opening


@pytest.fixture(scope="module")
def two_papers(tmp_path_factory, builtin: Encoder) -> Iterator[Archive]:
    folder = tmp_path_factory.mktemp("papers")
    (folder / "rows.jsonl").write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS), "utf-8")
    Ingester(folder / "data", builtin).add([folder / "rows.jsonl"])
    with Archive(folder / "data", builtin) as archive:
        yield archive


@pytest.fixture(scope="module")
def observed() -> list[Answer]:
    return []


@pytest.fixture(scope="module")
def url(two_papers: Archive, builtin: Encoder, observed: list[Answer]) -> Iterator[str]:
    app = build_mcp(
        opened(Bot(two_papers, builtin)),
        ["news.example.org"],
        ["https://portal.example.org"],
        lambda answer, _: observed.append(answer),
    )
    with listening(Door(app, VISITORS)) as address:
        yield f"{address}/mcp"


@asynccontextmanager
async def client(url: str, who: str, mode: str = "auto") -> AsyncIterator[Client]:
    headers = {"Authorization": f"Bearer {who}"} if who else {}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=30) as http,
        Client(streamable_http_client(url, http_client=http), mode=mode) as session,
    ):
        yield session


def post(url: str, body: dict | bytes, who: str = "both", **headers: str) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    usual = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
    if who:
        usual["Authorization"] = f"Bearer {who}"
    return httpx.post(url, content=content, headers=usual | headers)


def call(url: str, tool: str, arguments: dict, who: str = "both", mode: str = "auto"):
    async def run():
        async with client(url, who, mode) as session:
            return await session.call_tool(tool, arguments)

    return asyncio.run(run())


LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}


@pytest.mark.parametrize("mode", MODES)
def test_an_official_client_finds_both_tools_asks_and_searches(url, mode, observed):
    async def run():
        async with client(url, "both", mode) as session:
            tools = (await session.list_tools()).tools
            asked = await session.call_tool("ask_newspaper", {"question": "渡口镇的石桥修桥花了多少钱？"})
            found = await session.call_tool("search_newspaper", {"query": "石桥", "k": 1})
            return tools, asked, found

    tools, asked, found = asyncio.run(run())
    assert [tool.name for tool in tools] == ["ask_newspaper", "search_newspaper"]
    for tool in tools:
        assert tool.annotations
        assert tool.annotations.read_only_hint
        assert all(each.get("description") for each in tool.input_schema["properties"].values())
        assert tool.output_schema
    told = asked.structured_content
    assert told["refused"] is False
    assert "三百二十七万元" in told["answer"]
    source = told["citations"][0]
    assert (source["n"], source["title"], source["paper"], source["date"], source["page"]) == (
        1,
        ROWS[0]["title"],
        OPEN,
        "2024-03-05",
        "3",
    )
    assert source["quote"] in ROWS[0]["text"]
    text = asked.content[0].text
    assert told["answer"] in text
    assert f"[1] {ROWS[0]['title']}, {OPEN}, 2024-03-05, 3" in text
    assert [hit["title"] for hit in found.structured_content["hits"]] == [ROWS[0]["title"]]
    assert observed[-1].text == told["answer"]


@pytest.mark.parametrize("mode", MODES)
def test_whoever_asks_for_progress_hears_the_answer_as_it_is_made(url, mode):
    heard: list[tuple[float, str | None]] = []

    async def hear(progress: float, _total: float | None, message: str | None) -> None:
        heard.append((progress, message))

    async def run():
        async with client(url, "both", mode) as session:
            question = {"question": "渡口镇的石桥修桥花了多少钱？"}
            return await session.call_tool("ask_newspaper", question, progress_callback=hear)

    answer = asyncio.run(run()).structured_content["answer"]
    assert heard
    assert heard == sorted(heard)
    assert heard[-1][1] == answer
    assert all(message for _, message in heard)


def test_a_refusal_is_an_answer_and_no_error(url):
    result = call(url, "ask_newspaper", {"question": "火星上的邮局几点开门？"})
    assert not result.is_error
    assert result.structured_content["refused"] is True
    assert result.structured_content["answer"]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("who", "names"), [("asker", ["ask_newspaper"]), ("seeker", ["search_newspaper"])])
def test_a_key_sees_and_calls_the_tools_of_its_scopes_alone(url, who, names, mode):
    async def run():
        async with client(url, who, mode) as session:
            tools = (await session.list_tools()).tools
            said = []
            for name in {"ask_newspaper", "search_newspaper", "no_such_tool"} - set(names):
                with pytest.raises(MCPError) as refused:
                    await session.call_tool(name, {"question": "石桥", "query": "石桥"})
                said.append(str(refused.value).replace(name, "…"))
            return tools, said

    tools, said = asyncio.run(run())
    assert [tool.name for tool in tools] == names
    assert len(set(said)) == 1, "a tool that may not be used is one that does not exist"


@pytest.mark.parametrize(("who", "status"), [("", 401), ("unknown", 401), ("editor", 403)])
@pytest.mark.parametrize("body", [INITIALIZE, LIST, b"no json"])
def test_without_a_key_that_may_nothing_is_answered_at_all(url, who, status, body):
    reply = post(url, body, who)
    assert reply.status_code == status
    assert reply.json()["error"]["code"] in ("unauthorized", "forbidden")
    assert ("www-authenticate" in reply.headers) is (status == 401)
    with pytest.raises(BaseException):  # noqa: B017, PT011 - the client's own, in groups
        call(url, "ask_newspaper", {"question": "石桥？"}, who)


def test_a_paper_that_may_not_be_read_is_as_one_that_is_not_there(url):
    question = "磨坊的书店门票定为多少元？"
    open_to_all = call(url, "ask_newspaper", {"question": question})
    assert "两元" in open_to_all.structured_content["answer"]
    kept = call(url, "ask_newspaper", {"question": question}, "narrow")
    assert kept.structured_content["refused"] is True
    for filtered in ({}, {"paper": SECRET}):
        found = call(url, "search_newspaper", {"query": "磨坊改成书店", **filtered}, "narrow")
        told = json.dumps(
            [found.structured_content, found.content[0].text, kept.structured_content], ensure_ascii=False
        )
        assert SECRET not in told
        assert ROWS[1]["title"] not in told
    absent = call(url, "ask_newspaper", {"question": question, "paper": "没有的报"}, "narrow")
    hidden = call(url, "ask_newspaper", {"question": question, "paper": SECRET}, "narrow")
    assert hidden.content[0].text.replace(SECRET, "…") == absent.content[0].text.replace("没有的报", "…")


@pytest.mark.parametrize(
    ("tool", "arguments", "words"),
    [
        ("ask_newspaper", {}, "question"),
        ("ask_newspaper", {"question": ""}, "question"),
        ("ask_newspaper", {"question": "。。。"}, "empty"),
        ("ask_newspaper", {"question": "长" * 2000}, "question"),
        ("ask_newspaper", {"question": 7}, "question"),
        ("ask_newspaper", {"question": "石桥？", "since": "yesterday"}, "since"),
        ("ask_newspaper", {"question": "石桥？", "since": 1_700_000_000}, "since"),
        ("ask_newspaper", {"question": "石桥？", "until": "2024-02-30"}, "until"),
        ("ask_newspaper", {"question": "石桥？", "since": "2024-02-02", "until": "2024-01-01"}, "swap"),
        ("ask_newspaper", {"question": "石桥？", "newspaper": OPEN}, "newspaper"),
        ("search_newspaper", {"query": "石桥", "k": 0}, "k"),
        ("search_newspaper", {"query": "石桥", "k": 1000}, "k"),
        ("search_newspaper", {"query": "石桥", "k": "many"}, "k"),
    ],
)
def test_what_cannot_be_used_is_a_tools_error_in_one_line(url, tool, arguments, words):
    result = call(url, tool, arguments)
    assert result.is_error
    line = result.content[0].text
    assert words in line
    assert "\n" not in line
    assert len(line) < 200
    assert "pydantic" not in line


def test_our_own_faults_are_a_line_that_says_nothing(two_papers, builtin, caplog):
    with listening(Door(build_mcp(opened(Broken(two_papers, builtin))), VISITORS)) as address:
        result = call(f"{address}/mcp", "search_newspaper", {"query": "石桥"})
    assert result.is_error
    assert "/srv" not in result.content[0].text
    assert "Traceback" not in result.content[0].text
    assert "catalog.sqlite" in caplog.text, "the log has it"


@pytest.mark.parametrize("mode", MODES)
def test_whoever_stops_waiting_stops_the_work(two_papers, builtin, mode):
    bot, began = Slow(two_papers, builtin), threading.Event()
    bot.began = began.set

    async def leave(address: str) -> None:
        async with client(f"{address}/mcp", "both", mode) as session:
            waiting = asyncio.create_task(session.call_tool("ask_newspaper", {"question": "石桥？"}))
            assert await asyncio.to_thread(began.wait, 30)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting

    with listening(Door(build_mcp(opened(bot)), VISITORS)) as address:
        asyncio.run(leave(address))
        until = time.monotonic() + 30
        while not bot.stopped:
            assert time.monotonic() < until
            time.sleep(0.02)


def test_a_server_that_stops_ends_what_is_under_way(two_papers, builtin):
    bot = Slow(two_papers, builtin)
    began = threading.Event()

    def ask(address: str) -> None:
        with contextlib.suppress(BaseException):
            call(f"{address}/mcp", "ask_newspaper", {"question": "石桥？"})

    bot.began = began.set
    with listening(Door(build_mcp(opened(bot)), VISITORS)) as address:
        asking = threading.Thread(target=ask, args=(address,), daemon=True)
        asking.start()
        assert began.wait(30)
    until = time.monotonic() + 30
    while not bot.stopped:
        assert time.monotonic() < until
        time.sleep(0.02)


def test_a_bot_that_still_opens_says_so_and_what_it_is_can_be_asked_before(builtin):
    with listening(Door(build_mcp(Future()), VISITORS)) as address:
        result = call(f"{address}/mcp", "ask_newspaper", {"question": "石桥？"})
    assert result.is_error
    assert "opening" in result.content[0].text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "localhost:7860"}, 200),
        ({"Host": "news.example.org"}, 200),
        ({"Host": "News.Example.org.:443"}, 200),
        ({"Host": "evil.example"}, 421),
        ({"Host": "192.0.2.7"}, 421),
        ({"Host": "127.0.0.1.evil.example:80"}, 421),
        ({"Origin": "https://portal.example.org"}, 200),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Content-Type": "text/plain"}, 400),
    ],
)
def test_another_name_or_another_site_is_turned_away(url, headers, status):
    assert post(url, LIST, **headers).status_code == status


def test_it_is_asked_for_by_the_address_that_was_reached(two_papers, builtin):
    """A name can be made to mean this machine, an address can not."""
    app = Door(build_mcp(opened(Bot(two_papers, builtin))), VISITORS)

    async def elsewhere(scope, receive, send) -> None:
        await app({**scope, "server": ("192.0.2.7", 7860)}, receive, send)

    with listening(elsewhere) as address:
        for host, status in (("192.0.2.7:7860", 200), ("[::ffff:192.0.2.7]", 200), ("192.0.2.8:7860", 421)):
            assert post(f"{address}/mcp", LIST, Host=host).status_code == status, host


def test_only_posts_to_this_one_address_are_answered(url):
    bearer = {"Authorization": "Bearer both"}
    for method in ("GET", "DELETE", "PUT"):
        assert httpx.request(method, url, headers=bearer).status_code == 405
    for other in (f"{url}/more", url.replace("/mcp", "/mcpx"), url.replace("/mcp", "/")):
        assert httpx.post(other, headers=bearer).status_code == 404
    assert httpx.post(f"{url}/", headers=bearer, content=b"").status_code == 400
    assert post(url, b"x" * 100_000).status_code == 413


def test_it_starts_anew_with_each_event_loop(two_papers, builtin):
    app = build_mcp(opened(Bot(two_papers, builtin)))
    for _ in range(2):
        with listening(Door(app, VISITORS)) as address:
            assert not call(f"{address}/mcp", "search_newspaper", {"query": "石桥"}).is_error


@pytest.mark.parametrize("language", READMES)
def test_a_client_set_up_as_the_readme_shows_is_answered(url, language):
    (shown,) = re.findall(r"^```json\n(.*?mcpServers.*?)^```", READMES[language].read_text("utf-8"), re.M | re.S)
    server = json.loads(shown)["mcpServers"]["wenbao"]
    address = server["url"].replace("https://news.example.org/mcp", url)
    who = server["headers"]["Authorization"].replace("wbk_…", "both").removeprefix("Bearer ")
    assert not call(address, "search_newspaper", {"query": "石桥"}, who).is_error


WITHOUT = """
import asyncio, sys
from concurrent.futures import Future
from bot.mcp import build_mcp
assert not {"mcp", "mcp_types", "gradio"} & set(sys.modules), "it is loaded when it is wanted"
sys.modules["mcp"] = sys.modules["mcp_types"] = None
said = []
async def send(message):
    said.append(message)
asyncio.run(build_mcp(Future())({"type": "http", "method": "POST", "path": "/mcp", "headers": []}, None, send))
print(said[0]["status"], said[1]["body"].decode())
"""


def test_without_the_extra_there_is_no_such_address_and_nothing_else_breaks():
    done = subprocess.run([sys.executable, "-c", WITHOUT], cwd=CHECKOUT, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    status, _, body = done.stdout.partition(" ")
    assert status == "404"
    assert json.loads(body)["error"]["code"] == "not_found"
