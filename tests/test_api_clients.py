"""Clients that others wrote ask the API over a real socket, stream, and show where each sentence stands."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

import httpx
import openai
import pytest
from langchain_openai import ChatOpenAI

from bot.api import examples
from bot.bot import Bot
from bot.langchain.chat import load_model
from bot.llm import Limits
from bot.writer import Writer
from tests.api_house import behind_the_door
from tests.callers import listening
from tests.conftest import missing
from tests.generated_docs import READMES
from tests.llm_server import LlmServer, fails, llm_server, stalls, writes
from tests.pace import slowness

QUESTION = examples.QUESTION
WHOLE = examples.ANSWER["answer"] + examples.FOOTNOTES
MESSAGES = [{"role": "user", "content": QUESTION}]
WRITTEN = "桐乡给每条河道定的补偿额度是一个月20万元。[1]全市一共划定22个交接断面。[1]"
LIE = "每条河道一个月是970万元。[1]"


@pytest.fixture(scope="module")
def url(bot: Bot) -> Iterator[str]:
    with listening(behind_the_door(bot)) as url:
        yield url


@pytest.fixture(scope="module")
def server() -> Iterator[LlmServer]:
    with llm_server() as server:
        yield server


@pytest.fixture(scope="module")
def written(sample_archive, builtin, server: LlmServer) -> Iterator[str]:
    """The API with a model behind it."""
    model = load_model("openai:scripted", server.url, "x", 20)
    bot = Bot(sample_archive, builtin, writer=Writer(model, Limits(15, 15, 20)))
    with listening(behind_the_door(bot)) as url:
        yield url


def client(url: str, key: str = "wbk_all") -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0, timeout=30)


# OpenAI's own client


def test_openais_client_asks_and_reads_the_citations(url):
    told = client(url).chat.completions.create(model="wenbao", messages=MESSAGES, temperature=0)
    assert told.choices[0].message.content == WHOLE
    cited = told.choices[0].message.wenbao["citations"][0]
    assert cited["article_id"] == examples.ARTICLE
    assert told.usage.total_tokens == 0
    assert [one.id for one in client(url).models.list()] == ["wenbao", "wenbao-extractive"]


def test_openais_client_streams_and_the_last_piece_has_the_citations(url):
    pieces = list(
        client(url).chat.completions.create(
            model="wenbao", messages=MESSAGES, stream=True, stream_options={"include_usage": True}
        )
    )
    assert "".join(p.choices[0].delta.content or "" for p in pieces if p.choices) == WHOLE
    assert pieces[-2].choices[0].finish_reason == "stop"
    assert pieces[-2].wenbao["citations"] == examples.ANSWER["citations"]
    assert pieces[-1].usage.total_tokens == 0


def test_openais_asynchronous_client_asks_and_streams(url):
    async def both() -> tuple[str, str]:
        async with openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="wbk_all") as asking:
            told = await asking.chat.completions.create(model="wenbao-extractive", messages=MESSAGES)
            stream = await asking.chat.completions.create(model="wenbao", messages=MESSAGES, stream=True)
            return told.choices[0].message.content, "".join(
                [piece.choices[0].delta.content or "" async for piece in stream]
            )

    assert asyncio.run(both()) == (WHOLE, WHOLE)


def test_openais_client_raises_what_each_error_means(url):
    ask = {"model": "wenbao", "messages": MESSAGES}
    with pytest.raises(openai.AuthenticationError):
        client(url, "wbk_nobody").chat.completions.create(**ask)
    with pytest.raises(openai.PermissionDeniedError):
        client(url, "wbk_finds").chat.completions.create(**ask)
    with pytest.raises(openai.NotFoundError) as told:
        client(url).chat.completions.create(**ask | {"model": "gpt-9"})
    assert told.value.code == "model_not_found"
    with pytest.raises(openai.BadRequestError, match="n: there is one answer"):
        client(url).chat.completions.create(**ask, n=2)


# LangChain


def test_langchain_invokes_and_streams(url):
    chain = ChatOpenAI(model="wenbao", base_url=f"{url}/v1", api_key="wbk_all")
    assert chain.invoke(QUESTION).content == WHOLE
    pieces = [piece.content for piece in chain.stream(QUESTION)]
    assert "".join(pieces) == WHOLE
    assert len([piece for piece in pieces if piece]) == 3
    history = [("system", "答得短些"), ("user", QUESTION), ("assistant", WHOLE), ("user", "那有多少个交接断面？")]
    assert "22个" in chain.invoke(history).content


# curl


@pytest.mark.parametrize("path", ["/api/ask", "/v1/chat/completions"])
def test_curl_streams(url, path):
    if not shutil.which("curl"):
        missing("curl")
    body = {"question": QUESTION, "stream": True, "model": "wenbao", "messages": MESSAGES}
    body = {k: v for k, v in body.items() if (k in ("model", "messages")) == path.startswith("/v1") or k == "stream"}
    command = ["curl", "-sN", f"{url}{path}", "-H", "Authorization: Bearer wbk_all", "--json", json.dumps(body)]
    if "--json" not in subprocess.run(["curl", "--help", "all"], capture_output=True, text=True, check=True).stdout:
        command[-2:] = ["-H", "Content-Type: application/json", "-d", json.dumps(body)]
    told = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True).stdout
    assert examples.ARTICLE in told
    assert "5280万元" in told
    assert told.rstrip().endswith("[DONE]" if path.startswith("/v1") else "}")


# What the README shows


@pytest.mark.parametrize("path", READMES.values(), ids=READMES)
def test_the_examples_of_the_readme_ask_stream_and_show_citations(url, path):
    text = path.read_text("utf-8").replace("http://127.0.0.1:7860", url)
    environment = os.environ | {"WENBAO_KEY": "wbk_all"}
    (shell,), (python,) = (
        re.findall(rf"^```{name}\n(.*?)^```", text, re.MULTILINE | re.DOTALL) for name in ("bash", "py")
    )
    for command in (["bash", "-euc", shell], [sys.executable, "-c", python]):
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        assert "5280万元" in done.stdout
        assert "2023-05-12" in done.stdout
        assert "22个" in done.stdout


# A model behind it


def test_a_model_writes_what_is_borne_out_and_its_tokens_are_told(written, server):
    server.behaves(writes(WRITTEN + LIE))
    told = client(written).chat.completions.create(model="wenbao", messages=MESSAGES)
    text = told.choices[0].message.content
    assert text.startswith("桐乡给每条河道定的补偿额度是一个月20万元。[1]全市一共划定22个交接断面。[2]\n\n")
    assert "报上没有找到依据：每条河道一个月是970万元。" in text
    assert told.usage.prompt_tokens == 321
    assert told.usage.total_tokens == 366
    assert told.choices[0].message.wenbao["model"] == "openai:scripted"
    pieces = list(client(written).chat.completions.create(model="wenbao", messages=MESSAGES, stream=True))
    assert "".join(piece.choices[0].delta.content or "" for piece in pieces) == text


def test_the_extractive_model_asks_no_other(written, server):
    server.behaves(fails(500))
    told = client(written).chat.completions.create(model="wenbao-extractive", messages=MESSAGES)
    assert told.choices[0].message.content == WHOLE
    assert httpx.post(f"{written}/api/ask", json={"question": QUESTION, "write": False}, headers=key()).json()["answer"]
    assert server.calls == []


def test_a_model_that_fails_costs_no_answer(written, server):
    server.behaves(fails(500))
    told = client(written).chat.completions.create(model="wenbao", messages=MESSAGES)
    assert told.choices[0].message.content.startswith(examples.ANSWER["answer"])
    assert "HTTP 500" in told.choices[0].message.content
    assert told.choices[0].message.wenbao["reason"] == "model_failed"


def key(name: str = "wbk_all") -> dict[str, str]:
    return {"Authorization": f"Bearer {name}"}


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("path", ["/api/ask", "/v1/chat/completions"])
def test_whoever_hangs_up_stops_the_model(written, server, path, stream):
    server.behaves(stalls(WRITTEN + "照这"))
    body = {"question": QUESTION} if path == "/api/ask" else {"model": "wenbao", "messages": MESSAGES}
    if stream:
        with (
            httpx.Client(timeout=30) as asking,
            asking.stream("POST", f"{written}{path}", json=body | {"stream": True}, headers=key()) as reply,
        ):
            first = next(line for line in reply.iter_lines() if "20万元" in line)
        assert first
    else:
        with closing(http.client.HTTPConnection(urlsplit(written).netloc)) as asking:
            asking.request("POST", path, json.dumps(body), {**key(), "Content-Type": "application/json"})
            until = time.monotonic() + 30
            while not server.calls:  # until the model is at work
                assert time.monotonic() < until
                time.sleep(0.02)
    assert server.calls[0].gone.wait(30)


def test_a_silent_model_does_not_let_the_connection_go_silent(written, server, monkeypatch):
    monkeypatch.setattr("bot.api.work.BEAT", 0.3)
    server.behaves(stalls())
    with httpx.Client(timeout=30) as asking:
        body = {"question": QUESTION, "stream": True}
        with asking.stream("POST", f"{written}/api/ask", json=body, headers=key()) as reply:
            began = time.monotonic()
            lines = reply.iter_lines()
            assert next(lines).startswith(":")
            took = time.monotonic() - began
            assert took < 3 * slowness()
            assert next(line for line in lines if line).startswith(":")
