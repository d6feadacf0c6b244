"""The API says what the commands say, to whoever may hear it; and it says no in one shape, in one line, in any case."""

import asyncio
import json
import logging
import threading
import time
from concurrent.futures import Future
from datetime import date

import pytest
from starlette.testclient import TestClient

from bot.api import examples
from bot.api.app import build_api, document_of, untold
from bot.api.bodies import LONGEST_BODY
from bot.api.footnotes import Telling, borne_out, foot
from bot.api.told import AnswerTold, ArticleTold, CompletionTold, HitsTold, ModelsTold
from bot.api.work import Question, State, Work
from bot.bot import LONGEST_QUESTION, NO_FILTER, Bot
from bot.jsonform import answer_record, hits_record
from bot.models import Answer, AnswerSentence, Citation
from ingest.archive import Archive
from ingest.ingester import Ingester
from ingest.show import article_record
from tests.api_house import HOLDERS, RIVER, behind_the_door
from tests.callers import Door
from tests.pages import opened

QUESTION = examples.QUESTION
FOLLOW_UP = "那有多少个交接断面？"
HARBOUR = "海港晚报"
STORIES = (
    {"id": "r", "paper": RIVER, "date": "2024-03-02", "page": "1", "title": "柳湾渡口换新船",
     "text": "柳湾渡口昨天换上了新船。新船长18米，能坐62人，由本地船厂造了七个月。"},
    {"id": "h", "paper": HARBOUR, "date": "2024-03-03", "page": "2", "title": "松崖灯塔重新点亮",
     "text": "松崖灯塔前天晚上重新点亮。修灯塔花了437万元，灯光能照到21海里外。"},
)  # fmt: skip


def client(app: object, key: str = "wbk_all") -> TestClient:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return TestClient(app, raise_server_exceptions=False, headers=headers)


@pytest.fixture(scope="module")
def waits() -> list[float]:
    return []


@pytest.fixture(scope="module")
def door(bot: Bot, waits) -> Door:
    return behind_the_door(bot, waits.append)


@pytest.fixture(scope="module")
def api(door: Door) -> TestClient:
    return client(door)


@pytest.fixture
def two_papers(root, encoder, records):
    Ingester(root, encoder).add([records(*STORIES)])
    with Archive(root, encoder) as archive:
        yield behind_the_door(Bot(archive, encoder))


def without_time(record: dict) -> dict:
    return {name: value for name, value in record.items() if name != "took_ms"}


def events(body: str) -> list[tuple[str, dict]]:
    """Server-sent events by name."""
    found = []
    for block in filter(None, body.split("\n\n")):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if lines:
            found.append((lines.get("event", ""), lines["data"]))
    return found


def test_an_answer_is_what_the_command_prints(api, bot, waits):
    reply = api.post("/api/ask", json={"question": QUESTION})
    assert reply.status_code == 200
    assert reply.headers["cache-control"] == "no-store"
    assert without_time(reply.json()) == without_time(json.loads(json.dumps(answer_record(bot.ask(QUESTION)))))
    assert 0 < waits[-1] < 5


@pytest.mark.parametrize("wish", [{"stream": True}, {"accept": "text/event-stream"}], ids=str)
def test_an_answer_streams_by_whole_sentences_and_ends_with_the_record(api, wish):
    headers = {"Accept": wish.pop("accept")} if "accept" in wish else {}
    reply = api.post("/api/ask", json={"question": QUESTION} | wish, headers=headers)
    assert reply.headers["content-type"].startswith("text/event-stream")
    told = [(name, json.loads(data)) for name, data in events(reply.text)]
    assert [name for name, _ in told] == ["answer", "answer", "done"]
    texts = [record["answer"] for _, record in told]
    assert texts[1].startswith(texts[0])
    assert texts[0].endswith("[1]")
    assert without_time(told[-1][1]) == without_time(api.post("/api/ask", json={"question": QUESTION}).json())


def test_a_follow_up_is_understood_from_the_history_that_comes_with_it_and_from_no_other(api):
    history = [{"role": "user", "content": QUESTION}, {"role": "assistant", "content": "5280万元。[1]"}]
    told = api.post("/api/ask", json={"question": FOLLOW_UP, "history": history}).json()
    alone = api.post("/api/ask", json={"question": FOLLOW_UP}).json()
    assert told["citations"][0]["article_id"] == examples.ARTICLE
    assert told["passages"][0]["score"] != alone["passages"][0]["score"]


def test_a_filter_bounds_what_is_read(api):
    bounded = api.post("/api/ask", json={"question": QUESTION, "until": "2023-01-01"}).json()
    assert bounded["refused"]
    assert api.post("/api/ask", json={"question": QUESTION, "paper": "问报样报", "since": "2023-05-12"}).json()[
        "citations"
    ]


def test_a_search_is_what_the_command_prints(api, bot):
    reply = api.post("/api/search", json={"question": QUESTION, "k": 3})
    assert without_time(reply.json()) == without_time(
        json.loads(json.dumps(hits_record(QUESTION, bot.search(QUESTION, 3), 0)))
    )


def test_an_article_is_what_the_command_prints_less_what_belongs_to_the_machine(api, bot):
    told = api.get(f"/api/articles/{examples.ARTICLE}").json()
    with bot.reading() as snapshot:
        article = snapshot.article(examples.ARTICLE)
        whole = article_record(article, snapshot.catalog.versions(examples.ARTICLE))
    left_out = {"file", "file_start", "file_end", "file_spans", "extra"}
    assert set(whole) - set(told) == left_out
    assert {**told, "versions": ...} == json.loads(
        json.dumps({k: v for k, v in whole.items() if k not in left_out})
    ) | {"versions": ...}
    assert set(told["versions"][0]) == {"version_id", "superseded_by", "withdrawn"}
    assert ".txt" not in json.dumps(told)
    assert api.get(f"/api/articles/{told['version_id']}").json() == told


@pytest.mark.parametrize("name", ["nope", "0" * 24, "a" * 5000, "%00", "..%2f..%2fetc", "%ff", "松崖"])
def test_an_article_that_is_not_there_is_not_found(api, name):
    reply = api.get(f"/api/articles/{name}")
    assert reply.status_code == 404
    assert set(reply.json()["error"]) == {"code", "message"}


def test_what_may_not_be_read_is_as_what_is_not_there(two_papers):
    everything, river = client(two_papers), client(two_papers, "wbk_river")
    hidden = everything.post("/api/search", json={"question": "松崖灯塔"}).json()["hits"][0]["article_id"]
    absent, forbidden = (river.get(f"/api/articles/{name}") for name in ("0" * 24, hidden))
    assert everything.get(f"/api/articles/{hidden}").status_code == 200
    assert (forbidden.status_code, forbidden.text, dict(forbidden.headers)) == (
        absent.status_code, absent.text, dict(absent.headers))  # fmt: skip
    question = "修松崖灯塔花了多少钱？"
    assert "437" in everything.post("/api/ask", json={"question": question}).json()["answer"]
    asked = {"question": question, "history": [{"role": "user", "content": "柳湾渡口换了什么船？"}]}
    chat = {"model": "wenbao", "messages": [{"role": "user", "content": question}]}
    told = [
        river.post("/api/ask", json=asked).json(),
        river.post("/api/ask", json={"question": question, "paper": HARBOUR}).json(),
        river.post("/api/search", json={"question": question, "k": 100}).json(),
        river.post("/v1/chat/completions", json=chat).json(),
    ]
    for record in told:
        text = json.dumps(record, ensure_ascii=False)
        for said in (question, HARBOUR):  # what the asker said itself
            text = text.replace(said, "")
        assert not any(secret in text for secret in ("437万", "21海里", "重新点亮", hidden)), text
    for record in (everything, river):
        assert "62" in record.post("/api/ask", json={"question": "柳湾渡口的新船能坐多少人？"}).json()["answer"]


BAD_BODIES = {
    b'{"question": "\\ud800"}': 422,
    b'{"question": "a\\u0000"}': 422,
    b'{"question": "a", "\\ud800": 1}': 422,
    b'{"question": ""}': 422,
    b'{"question": "?!"}': 422,
    b'{"question": 5}': 422,
    b'{"question": "%s"}' % (b"a" * (LONGEST_QUESTION + 1)): 422,
    b'{"question": "a", "since": "2023-13-01"}': 422,
    b'{"question": "a", "since": 5}': 422,
    b'{"question": "a", "since": "2023-02-02", "until": "2023-02-01"}': 422,
    b'{"question": "a", "paper": "%s"}' % (b"a" * 201): 422,
    b'{"question": "a", "history": [{"role": "system", "content": "x"}]}': 422,
    b'{"question": "a", "history": [%s]}' % b",".join([b'{"role": "user", "content": "x"}'] * 51): 422,
    b'{"question": "a", "stream": "yes"}': 422,
    b'{"question": "a", "k": 3}': 422,
    b"{}": 422,
    b'"x"': 422,
    b"[]": 422,
    b"": 400,
    b"{": 400,
    b"\xff\xfe": 400,
    b"[" * 60_000: 400,
    b'{"question": NaN}': 400,
    b'{"question": %s}' % (b"1" * 5000): 400,
    b'{"question": "%s"}' % (b"a" * LONGEST_BODY): 413,
}


@pytest.mark.parametrize(("body", "status"), BAD_BODIES.items(), ids=lambda each: str(each)[:40])
def test_a_body_that_cannot_be_used_is_refused_in_a_line_that_names_the_field(api, body, status):
    reply = api.post("/api/ask", content=body, headers={"Content-Type": "application/json"})
    assert reply.status_code == status
    told = reply.json()["error"]
    assert set(told) == {"code", "message"}
    assert "\n" not in told["message"]
    assert len(told["message"]) <= 300
    if status == 422 and b'", "' in body:
        assert any(name in told["message"] for name in ("since", "day", "paper", "history", "stream", "k", "body"))


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
)
def test_what_is_no_json_by_its_own_word_is_not_read(api, kind):
    headers = {"Content-Type": kind} if kind else {}
    assert api.post("/api/ask", content=b'{"question": "a"}', headers=headers).status_code == 415


@pytest.mark.parametrize("path", ["/api/ask", "/api/search", "/v1/chat/completions"])
def test_the_body_of_nobody_is_not_even_looked_at(door, path):
    reply = client(door, "").post(path, content=b"{", headers={"Content-Type": "application/json"})
    assert reply.status_code == 401
    assert reply.headers["www-authenticate"] == "Bearer"


def test_a_key_does_what_it_is_for_and_nothing_else(door):
    asks, finds = client(door, "wbk_asks"), client(door, "wbk_finds")
    chat = {"model": "wenbao", "messages": [{"role": "user", "content": QUESTION}]}
    assert asks.post("/api/ask", json={"question": QUESTION}).status_code == 200
    assert asks.post("/api/search", json={"question": QUESTION}).status_code == 403
    assert finds.post("/api/search", json={"question": QUESTION}).status_code == 200
    assert finds.post("/api/ask", json={"question": QUESTION}).status_code == 403
    refused = finds.post("/v1/chat/completions", json=chat)
    assert (refused.status_code, refused.json()["error"]["type"]) == (403, "permission_error")
    assert all(one.get(f"/api/articles/{examples.ARTICLE}").status_code == 200 for one in (asks, finds))
    for path in ("/api/openapi.json", "/v1/models", f"/api/articles/{examples.ARTICLE}"):
        assert client(door, "").get(path).status_code == 401
    assert TestClient(build_api(Future())).get("/v1/models").status_code == 401  # no guard before it: nobody


def test_while_the_archive_opens_callers_are_told_to_come_again():
    reply = client(Door(build_api(Future()), HOLDERS)).post("/api/ask", json={"question": QUESTION})
    assert reply.status_code == 503
    assert int(reply.headers["retry-after"]) > 0


class Broken(Bot):
    """A bot whose archive is gone."""

    def stream(self, *_, **__):
        raise OSError(2, "No such file", "/srv/secret/catalog.sqlite")

    def search(self, *_, **__):
        raise OSError(2, "No such file", "/srv/secret/catalog.sqlite")

    def seen_by(self, reader):
        return self


def test_our_own_mistakes_go_to_the_log_and_say_nothing_outside(caplog):
    api = client(behind_the_door(Broken.__new__(Broken)))
    api_bot = {"question": QUESTION}
    Broken.writer = None
    with caplog.at_level(logging.ERROR):
        replies = [
            api.post("/api/ask", json=api_bot),
            api.post("/api/search", json=api_bot),
            api.post("/v1/chat/completions", json={"model": "wenbao", "messages": [{"role": "user", "content": "a"}]}),
        ]
    assert [reply.status_code for reply in replies] == [500, 500, 500]
    streamed = api.post("/api/ask", json=api_bot | {"stream": True}).text
    assert events(streamed)[-1][0] == "error"
    assert not any(word in reply.text for reply in replies for word in ("secret", "sqlite", "Traceback", "OSError"))
    assert "secret" not in streamed
    assert "secret" in caplog.text


def test_what_is_not_there_is_said_in_the_shape_of_its_path(api):
    assert api.get("/api/nothing").json() == {"error": {"code": "not_found", "message": "There is no such thing here."}}
    assert set(api.get("/v1/nothing").json()["error"]) == {"message", "type", "code"}
    refused = api.get("/api/ask")
    assert (refused.status_code, refused.headers["allow"]) == (405, "POST")
    assert api.get("/docs").status_code == api.get("/openapi.json").status_code == 404


# OpenAI's protocol


def chat(api: TestClient, *messages: tuple[str, object], **more: object):
    body = {"model": "wenbao", "messages": [{"role": role, "content": content} for role, content in messages]}
    return api.post("/v1/chat/completions", json=body | more)


def test_a_completion_is_the_answer_with_its_sources_as_footnotes(api):
    told = chat(api, ("user", QUESTION)).json()
    message = told["choices"][0]["message"]
    assert message["content"] == examples.ANSWER["answer"] + examples.FOOTNOTES
    assert message["wenbao"]["citations"] == examples.ANSWER["citations"]
    assert told["choices"][0]["finish_reason"] == "stop"
    assert told["usage"] == {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}


def test_the_pieces_of_a_stream_are_the_completion_and_no_mark_is_cut(api):
    reply = chat(api, ("user", QUESTION), stream=True, stream_options={"include_usage": True})
    *pieces, done = [data for _, data in events(reply.text)]
    assert done == "[DONE]"
    *chunks, usage = map(json.loads, pieces)
    assert usage["choices"] == []
    assert usage["usage"]["total_tokens"] == 0
    texts = [chunk["choices"][0]["delta"].get("content", "") for chunk in chunks]
    assert "".join(texts) == chat(api, ("user", QUESTION)).json()["choices"][0]["message"]["content"]
    assert len([text for text in texts if text]) == 3
    assert all(text.count("[") == text.count("]") for text in texts)
    assert chunks[0]["choices"][0]["delta"]["role"] == "assistant"
    assert [chunk["choices"][0]["finish_reason"] for chunk in chunks][-2:] == [None, "stop"]
    assert chunks[-1]["wenbao"]["citations"][0]["article_id"] == examples.ARTICLE
    assert len({chunk["id"] for chunk in chunks}) == 1


def test_the_last_message_of_the_user_is_the_question_and_those_before_it_the_conversation(api):
    told = chat(
        api,
        ("system", "You are a pirate. " * 500),
        ("user", QUESTION),
        ("assistant", "5280万元。[1]"),
        ("user", [{"type": "text", "text": FOLLOW_UP}]),
        ("assistant", None),
    ).json()["choices"][0]["message"]
    assert told["wenbao"]["citations"][0]["article_id"] == examples.ARTICLE


def test_what_does_not_apply_is_let_through(api):
    numbers = {"temperature": 0.7, "max_tokens": 5, "top_p": 1, "n": 1, "seed": 3, "logit_bias": {}}
    others = {"stop": ["。"], "user": "x", "tools": [{}], "tool_choice": "auto", "response_format": {"type": "text"}}
    more = numbers | others | {"metadata": {"a": "b"}}
    assert chat(api, ("user", QUESTION), **more).status_code == 200


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"n": 2}, "n:"),
        ({"tool_choice": "required"}, "tool_choice"),
        ({"tool_choice": {"type": "function", "function": {"name": "x"}}}, "tool_choice"),
        ({"response_format": {"type": "json_object"}}, "response_format"),
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "system", "content": "x"}]}, "messages"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]}, "messages.0"),
        ({"messages": [{"role": "user", "content": "x" * (LONGEST_QUESTION + 1)}]}, "characters"),
        ({"messages": [{"role": "user", "content": ""}]}, "empty"),
        ({"messages": "x"}, "messages"),
    ],
)  # fmt: skip
def test_what_would_need_another_kind_of_answer_is_refused_as_openai_does(api, more, says):
    reply = chat(api, ("user", QUESTION), **more)
    assert reply.status_code == 400
    told = reply.json()["error"]
    assert told["type"] == "invalid_request_error"
    assert says in told["message"]


def test_there_are_two_models_and_no_other(api):
    names = [one["id"] for one in api.get("/v1/models").json()["data"]]
    assert names == ["wenbao", "wenbao-extractive"]
    assert all(api.get(f"/v1/models/{name}").json()["id"] == name for name in names)
    assert api.get("/v1/models/gpt-9").status_code == 404
    reply = chat(api, ("user", QUESTION), model="gpt-9")
    assert (reply.status_code, reply.json()["error"]["code"]) == (404, "model_not_found")


def test_a_refusal_is_an_answer_too(api):
    told = chat(api, ("user", "火星上的矿工罢工持续了几天？")).json()["choices"][0]
    assert told["finish_reason"] == "stop"
    assert told["message"]["wenbao"]["refused"]
    assert told["message"]["wenbao"]["reason"] in ("no_evidence", "near_miss")
    assert told["message"]["content"]


def cited(n: int, title: str = "渡口") -> Citation:
    return Citation(n, f"a{n}", None, "text", title, RIVER, date(2024, 3, 2), "1", "船", 0, 1)


def grown(*texts: str) -> Answer:
    sentences = tuple(AnswerSentence(text, (n,)) for n, text in enumerate(texts, 1))
    text = "".join(f"{text}[{n}]" for n, text in enumerate(texts, 1))
    return Answer("船多长？", "", text, sentences=sentences, citations=tuple(map(cited, range(1, len(texts) + 1))))


def test_what_is_not_borne_out_stands_under_the_text_and_the_marks_are_those_of_the_stream():
    doubted = grown("船长18米。", "船长99米。", "坐62人。")
    sentences = (doubted.sentences[0], AnswerSentence("船长99米。", (2,), supported=False), doubted.sentences[2])
    told = borne_out(Answer("船多长？", "", doubted.text, sentences=sentences, citations=doubted.citations))
    assert told.text == "船长18米。[1]坐62人。[2]"
    assert [c.article_id for c in told.citations] == ["a1", "a3"]
    assert foot(told).splitlines()[2] == "报上没有找到依据：船长99米。"


def test_a_text_that_begins_anew_says_so_and_one_that_comes_to_the_same_does_not():
    telling = Telling()
    assert telling.more(grown("甲。", "乙。")) == "甲。[1]乙。[2]"
    assert telling.more(Answer("船？", "", "")) == ""
    assert telling.more(grown("甲。")) == ""
    assert telling.more(grown("甲。", "乙。", "丙。")) == "丙。[3]"
    anew = telling.more(grown("丁。"))
    assert anew.endswith("丁。[1]")
    assert "作废" in anew
    assert "作废" in telling.last(Answer("船？", "", "丁"))


# The document


def test_the_document_lists_every_route_with_its_errors_in_their_shape(door, api):
    document = api.get("/api/openapi.json").json()
    assert set(document["paths"]) == {
        "/api/ask", "/api/search", "/api/articles/{article_id}", "/v1/chat/completions", "/v1/models",
        "/v1/models/{model}"}  # fmt: skip
    for path, operations in document["paths"].items():
        for operation in operations.values():
            assert operation["summary"]
            assert {"200", "401", "403", "421", "429", "500", "503"} <= set(operation["responses"])
            shape = "OpenAIErrorBody" if path.startswith("/v1") else "ErrorBody"
            for status, told in operation["responses"].items():
                if status != "200":
                    assert told["content"]["application/json"]["schema"]["$ref"].endswith(f"/{shape}")
    assert "Retry-After" in document["paths"]["/api/ask"]["post"]["responses"]["429"]["headers"]
    assert "HTTPValidationError" not in json.dumps(document)
    assert document["servers"] == [{"url": "/"}]


def test_the_examples_of_the_document_are_what_the_sample_edition_answers(api):
    told = api.post("/api/ask", json={"question": QUESTION}).json()
    assert told | {"took_ms": 0, "passages": []} == examples.ANSWER | {"took_ms": 0}
    completion = chat(api, ("user", QUESTION)).json()
    assert completion["choices"][0]["message"]["content"] == examples.COMPLETION["choices"][0]["message"]["content"]
    for model, example in (
        (AnswerTold, examples.ANSWER),
        (HitsTold, examples.HITS),
        (CompletionTold, examples.COMPLETION),
    ):
        model.model_validate_json(json.dumps(example))


def test_what_is_answered_is_what_the_document_says(api, two_papers):
    for one in (api, client(two_papers)):
        for question in (QUESTION, "柳湾渡口的新船能坐多少人？", "火星上的矿工罢工持续了几天？"):
            AnswerTold.model_validate_json(one.post("/api/ask", json={"question": question}).text)
            hits = HitsTold.model_validate_json(one.post("/api/search", json={"question": question}).text).hits
            CompletionTold.model_validate_json(chat(one, ("user", question)).text)
            for hit in hits[:3]:
                ArticleTold.model_validate_json(one.get(f"/api/articles/{hit.article_id}").text)
        ModelsTold.model_validate_json(one.get("/v1/models").text)


def test_under_a_prefix_the_paths_are_the_same_and_the_document_names_it(bot):
    door = behind_the_door(bot)
    api = TestClient(door, root_path="/news", headers={"Authorization": "Bearer wbk_all"})
    assert api.post("/news/api/ask", json={"question": QUESTION}).json()["answer"]
    assert api.get("/news/api/openapi.json").json()["servers"] == [{"url": "/news"}]
    assert "type" in api.get("/news/v1/nothing").json()["error"]
    assert document_of(build_api(opened(bot)))["info"]["title"]


# Many at once


def test_few_questions_are_thought_about_at_once_and_who_came_first_is_first(bot, monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    order: list[str] = []
    at_once, most = 0, 0
    counting = threading.Lock()
    real = Bot.stream

    def stream(self, question, *more, **rest):
        nonlocal at_once, most
        with counting:
            at_once, most = at_once + 1, max(most, at_once + 1)
            order.append(question)
        time.sleep(0.02)
        yield from real(self, question, *more, **rest)
        with counting:
            at_once -= 1

    monkeypatch.setattr(Bot, "stream", stream)
    asked = [f"{QUESTION}{'？' * n}" for n in range(12)]

    async def all_at_once() -> list[State | None]:
        work = Work(untold)

        async def last(question: str) -> State | None:
            async for state in work.answer(bot, Question(question, (), NO_FILTER, write=True)):
                told = state
            return told

        return await asyncio.gather(*map(last, asked))

    told = asyncio.run(all_at_once())
    assert [state.answer.question for state in told] == asked
    assert most == 2
    assert all(abs(order.index(question) - n) <= 1 for n, question in enumerate(asked))


def test_where_too_many_wait_the_next_is_told_when_to_come_again(bot, monkeypatch):
    monkeypatch.setattr("bot.api.work.MOST", 0)
    for body in ({"question": QUESTION}, {"question": QUESTION, "stream": True}):
        reply = client(behind_the_door(bot)).post("/api/ask", json=body)
        assert (reply.status_code, reply.json()["error"]["code"]) == (503, "unavailable")
        assert reply.headers["retry-after"]
