"""The whole app as `python app.py` serves it: others' clients ask it with a key, and each key has its own papers."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import gradio_client
import httpx
import openai
import pytest
from langchain_openai import ChatOpenAI

from ingest.ingester import Ingester
from tests.serving import Served, served
from tests.test_api import HARBOUR, RIVER, STORIES
from tests.test_mcp import call

OURS, THEIRS = "柳湾渡口的新船能坐多少人？", "修松崖灯塔花了多少钱？"
SECRETS = ("437万", "21海里", "重新点亮", "海港")


@dataclass(frozen=True)
class Keys:
    """One that may read both papers, one that may read the river's, one that may only search."""

    both: str
    river: str
    finds: str


@pytest.fixture(scope="module")
def app(tmp_path_factory, builtin) -> Iterator[Served]:
    folder: Path = tmp_path_factory.mktemp("programs")
    stories, access = folder / "stories.jsonl", folder / "access.yaml"
    stories.write_text("".join(json.dumps(story, ensure_ascii=False) + "\n" for story in STORIES), "utf-8")
    access.write_text(f"papers:\n  {RIVER}: signed-in\n  {HARBOUR}: [harbour]\nothers: nobody\n", "utf-8")
    Ingester(folder / "data", builtin).add([stories])
    with served(folder / "data", WENBAO_ACCESS=str(access)) as app:
        yield app


@pytest.fixture(scope="module")
def keys(app: Served) -> Keys:
    def add(name: str, *more: str) -> str:
        done = app.run("bot", "keys", "add", name, *more)
        assert done.returncode == 0, done.stderr
        return re.search(r"wbk_\S+", done.stdout)[0].strip('",')

    asks = ("--scope", "ask", "--scope", "search")
    return Keys(add("both", *asks, "--group", "harbour"), add("river", *asks), add("finds", "--scope", "search"))


def client(app: Served, key: str) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{app.url}/v1", api_key=key, max_retries=0, timeout=30)


def said(question: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": question}]


def test_openais_client_and_langchains_ask_stream_and_show_citations(app, keys):
    told = client(app, keys.both).chat.completions.create(model="wenbao", messages=said(THEIRS))
    assert "437万元" in told.choices[0].message.content
    assert told.choices[0].message.wenbao["citations"][0]["paper"] == HARBOUR
    stream = client(app, keys.both).chat.completions.create(model="wenbao", messages=said(THEIRS), stream=True)
    pieces = [piece for piece in stream if piece.choices]
    assert "".join(p.choices[0].delta.content or "" for p in pieces) == told.choices[0].message.content
    assert pieces[-1].wenbao["citations"] == told.choices[0].message.wenbao["citations"]
    chain = ChatOpenAI(model="wenbao", base_url=f"{app.url}/v1", api_key=keys.both)
    streamed = [piece.content for piece in chain.stream(THEIRS)]
    assert len(streamed) > 2
    assert "".join(streamed) == chain.invoke(THEIRS).content == told.choices[0].message.content
    assert f"[1] {HARBOUR} 2024-03-03 第2版《松崖灯塔重新点亮》" in "".join(streamed)


def test_curl_asks_and_streams_an_answer_with_its_citations(app, keys):
    def curl(**body: object) -> str:
        command = ["curl", "-sN", f"{app.url}/api/ask", "-H", f"Authorization: Bearer {keys.river}"]
        command += ["-H", "Content-Type: application/json", "-d", json.dumps(body)]
        return subprocess.run(command, capture_output=True, text=True, timeout=30, check=True).stdout

    asked = json.loads(curl(question=OURS))
    assert "62" in asked["answer"]
    assert asked["citations"][0]["paper"] == RIVER
    told = curl(question=OURS, stream=True)
    assert "event: done" in told
    assert "62" in told
    assert RIVER in told


def test_an_mcp_client_asks_and_searches_and_hears_the_citations(app, keys):
    asked = call(f"{app.url}/mcp", "ask_newspaper", {"question": THEIRS}, keys.both).structured_content
    assert "437万元" in asked["answer"]
    assert asked["citations"][0]["paper"] == HARBOUR
    found = call(f"{app.url}/mcp", "search_newspaper", {"query": "灯塔", "k": 1}, keys.both).structured_content
    assert [hit["paper"] for hit in found["hits"]] == [HARBOUR]
    for tool, words in (("ask_newspaper", {"question": THEIRS}), ("search_newspaper", {"query": "灯塔"})):
        told = json.dumps(call(f"{app.url}/mcp", tool, words, keys.river).structured_content, ensure_ascii=False)
        assert not any(secret in told.replace(THEIRS, "") for secret in SECRETS)


def test_gradios_client_asks_on_the_chat_endpoint_and_sees_no_other(app, keys):
    asking = gradio_client.Client(app.url, headers={"Authorization": f"Bearer {keys.both}"}, verbose=False)
    assert list(asking.view_api(return_format="dict")["named_endpoints"]) == ["/chat"]
    told = asking.predict(OURS, api_name="/chat")
    assert "62" in told
    assert RIVER in told
    job = asking.submit(OURS, api_name="/chat")
    assert job.result(timeout=30) == told
    assert len(job.outputs()) > 1, "it comes sentence by sentence"


def test_a_key_sees_the_papers_of_its_groups_and_no_trace_of_others(app, keys):
    with httpx.Client(base_url=app.url, timeout=30) as asking:

        def post(path: str, key: str, **body: object) -> httpx.Response:
            return asking.post(path, json=body, headers={"Authorization": f"Bearer {key}"})

        hidden = post("/api/search", keys.both, question=THEIRS).json()["hits"][0]["article_id"]
        absent, forbidden = (
            asking.get(f"/api/articles/{name}", headers={"Authorization": f"Bearer {keys.river}"})
            for name in ("0" * 24, hidden)
        )
        assert (absent.status_code, absent.text) == (forbidden.status_code, forbidden.text) == (404, absent.text)
        history = [{"role": "user", "content": "松崖灯塔？"}, {"role": "assistant", "content": "重新点亮。[1]"}]
        told = [
            post("/api/ask", keys.river, question=THEIRS),
            post("/api/ask", keys.river, question="那花了多少钱？", history=history),
            post("/api/search", keys.river, question=THEIRS, k=100),
            post("/v1/chat/completions", keys.river, model="wenbao", messages=said(THEIRS)),
        ]
        assert [reply.status_code for reply in told] == [200] * 4
        assert not any(secret in reply.text for reply in told for secret in SECRETS)
        refused = gradio_client.Client(app.url, headers={"Authorization": f"Bearer {keys.river}"}, verbose=False)
        assert not any(secret in refused.predict(THEIRS, api_name="/chat") for secret in SECRETS)


def test_nobody_and_a_key_for_something_else_are_turned_away(app, keys):
    with httpx.Client(base_url=app.url, timeout=30) as asking:
        for path, body in (("/api/ask", {"question": OURS}), ("/v1/chat/completions", {"messages": said(OURS)})):
            assert asking.post(path, json=body).status_code == 401
            assert asking.post(path, json=body, headers={"Authorization": f"Bearer {keys.finds}"}).status_code == 403
        assert asking.get("/api/openapi.json", headers={"Authorization": f"Bearer {keys.finds}"}).status_code == 200
