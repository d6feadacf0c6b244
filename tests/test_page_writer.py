"""The page with a model behind it: it says who writes and what leaves the house, and stops when it is told to.

In a real browser, on the real app, with a scripted model server. Without a browser the public endpoint is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.llm_server import LlmServer, fails, llm_server, stalls, writes
from tests.serving import SCREENSHOTS, Served, chromium, served
from tests.test_offline import outside

WATCH = str(Path(__file__).with_name("watch"))
QUESTION = "桐乡的生态补偿机制是怎么运作的？"
FIRST = "今年，双方签下一份生态补偿协议，断面水质达标，下游给上游发补偿。[1]"
GOOD = FIRST + "桐乡给每条河道定的补偿额度是一个月20万元。[1]"
LIE = "每条河道一个月是970万元。[1]"


@pytest.fixture(scope="module")
def server() -> Iterator[LlmServer]:
    with llm_server() as server:
        yield server


@pytest.fixture(scope="module")
def calls(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("watched") / "calls.txt"


@pytest.fixture(scope="module")
def app(tmp_path_factory, server: LlmServer, calls: Path) -> Iterator[Served]:
    data = tmp_path_factory.mktemp("written") / "data"
    model = {"WENBAO_LLM": "openai:scripted", "WENBAO_LLM_BASE_URL": server.url}
    patient = {f"WENBAO_LLM_{which}SECONDS": "120" for which in ("FIRST_", "STALL_", "")}
    with served(data, **model, **patient, PYTHONPATH=WATCH, WATCHED=str(calls)) as app:
        yield app


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(app: Served, browser):
    context = browser.new_context(locale="zh-CN", viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.goto(app.url)
    page.wait_for_selector(".wb-greeting")
    yield page
    context.close()


def send(page, question: str = QUESTION) -> None:
    page.locator("#wb-ask textarea").fill(question)
    page.locator("#wb-ask textarea").press("Enter")


def test_the_public_endpoint_streams_the_model_and_says_what_is_not_borne_out(app: Served, server: LlmServer):
    server.behaves(writes(GOOD + LIE))
    states = app.chat(QUESTION)
    assert all("970" not in state for state in states[:-3])  # the last are the answer, and twice with its sources
    assert "报上没有找到依据: 每条河道一个月是970万元。" in states[-1]
    assert "openai:scripted" in states[-1]
    server.behaves(fails(500))
    assert "HTTP 500" in app.chat(QUESTION)[-1]


def test_nothing_is_looked_up_or_connected_to_but_the_models_address(app: Served, server: LlmServer, calls: Path):
    server.behaves(writes(GOOD))
    assert "openai:scripted" in app.chat(QUESTION)[-1]
    assert outside(calls) == []
    port = server.url.rpartition(":")[2].removesuffix("/v1")
    assert any(port in line for line in calls.read_text("utf-8").splitlines())


@pytest.mark.browser
def test_a_written_answer_says_who_wrote_it_and_the_line_under_the_box_what_leaves_the_house(page, server: LlmServer):
    line = page.locator("#wb-written").inner_text()
    assert "openai:scripted" in line
    assert server.url in line
    assert "段落" in line
    server.behaves(writes(GOOD + LIE))
    send(page)
    page.locator("#wb-chat .wb-sources").wait_for()
    assert "openai:scripted" in page.locator(".wb-about").inner_text()
    assert page.locator(".wb-unsupported").count() == 1
    page.locator("#wb-source mark.wb-asked").first.wait_for()
    assert not page.locator("#wb-stop").is_visible()
    page.screenshot(path=SCREENSHOTS / "zh-written.png")
    server.behaves(writes("桐乡市一共划定了多少个地表水交接断面？"), writes("全市一共划定22个地表水交接断面。[1]"))
    send(page, "那断面有几个？")
    page.locator(".wb-about", has_text="桐乡市一共划定了多少个地表水交接断面？").wait_for()


@pytest.mark.browser
def test_one_click_turns_the_model_off_for_this_asker(page, server: LlmServer):
    server.behaves(writes(GOOD))
    page.locator("#wb-write input").uncheck()
    send(page)
    page.locator("#wb-chat .wb-sources").wait_for()
    assert server.calls == []
    assert page.locator(".wb-about").count() == 0


@pytest.mark.browser
def test_stop_ends_the_model_and_keeps_the_whole_sentences_that_were_shown(page, server: LlmServer):
    server.behaves(stalls(FIRST + "桐乡给每"))
    send(page)
    page.locator(".wb-answer").wait_for()
    assert page.locator(".wb-answer").inner_text().startswith("今年")
    page.locator("#wb-stop").click()
    page.locator(".wb-about", has_text="已停止").wait_for()
    assert server.calls[0].gone.wait(30)
    assert "桐乡给每" not in page.locator("#wb-chat").inner_text()
    assert page.locator(".wb-sources").count() == 1


@pytest.mark.browser
def test_stop_before_the_first_word_gives_the_question_back(page, server: LlmServer):
    server.behaves(stalls())
    send(page)
    page.locator(".wb-notice", has_text="撰写").wait_for()
    page.locator("#wb-stop").click()
    page.locator(".wb-notice", has_text="已停止").wait_for()
    assert server.calls[0].gone.wait(30)
    page.wait_for_function("() => document.querySelector('#wb-ask textarea').value !== ''")
    assert page.locator("#wb-ask textarea").input_value() == QUESTION


@pytest.mark.browser
def test_a_new_chat_stops_the_model_too(page, server: LlmServer):
    server.behaves(stalls(FIRST + "桐"))
    send(page)
    page.locator(".wb-answer").wait_for()
    page.locator("#wb-new").click()
    page.locator(".wb-greeting").wait_for()
    assert server.calls[0].gone.wait(30)
