"""Conversations in a real browser: kept over reload and restart, changed, rated, shared, copied, deleted."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from bot.state import State
from bot.state.database import FILE
from tests.pages import (
    HOPELESS,
    OTHER,
    QUESTION,
    Running,
    ask,
    greeted,
    looked_into,
    page_over,
    pictures,
    questions,
    settled,
    tool,
)
from tests.serving import chromium

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture
def state(tmp_path) -> Iterator[State]:
    with closing(State.of(tmp_path)) as state:
        yield state


@pytest.fixture
def served(bot, state) -> Iterator[Running]:
    with page_over(bot, state) as served:
        yield served


@contextmanager
def visitor(browser, **options):
    """Somebody with a browser of their own; nothing may have gone wrong in it."""
    context = browser.new_context(**({"locale": "zh-CN"} | options))
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    with looked_into(page):
        yield page
    context.close()
    assert wrong == []


def test_conversations_outlive_reload_and_restart_and_are_opened_renamed_and_deleted_by_keyboard(
    browser, bot, tmp_path
):
    with visitor(browser) as page:
        with closing(State.of(tmp_path)) as state, page_over(bot, state) as before:
            greeted(page, before.url)
            ask(page, QUESTION)
            ask(page, "那一年涉及多少资金？")
            assert "5280" in page.locator("#wb-chat .wb-answer").last.inner_text()
            page.reload()
            settled(page, "那一年涉及多少资金？")
            assert questions(page) == [QUESTION, "那一年涉及多少资金？"]
            page.locator("#wb-source mark.wb-asked").first.wait_for()
            page.locator("#wb-new").click()
            page.locator("#wb-chat .wb-greeting").wait_for()
            ask(page, OTHER)
            page.wait_for_url("**/#c=*")
            address = page.url
        with closing(State.of(tmp_path)) as state, page_over(bot, state, port=before.port):
            page.goto("about:blank")
            greeted(page, address)
            assert questions(page) == [OTHER]
            ask(page, "那白天呢？")  # goes on from what the state holds, not from what the browser shows
            page.locator(".wb-open-drawer").focus()
            page.keyboard.press("Enter")
            talks = page.locator("#wb-drawer .wb-talk")
            assert talks.all_inner_texts() == [OTHER, QUESTION]
            pictures(page, "zh-conversations")
            assert talks.first.get_attribute("aria-current") == "true"
            page.keyboard.press("Escape")
            assert page.evaluate("document.activeElement.value") == "talks"
            page.keyboard.press("Enter")
            page.locator('#wb-drawer button[value^="rename."]').last.focus()
            page.keyboard.press("Enter")
            page.keyboard.type("关于补偿 <b>与水</b> ![](http://evil.example/x)")
            page.keyboard.press("Enter")
            page.locator("#wb-drawer .wb-talk", has_text="关于补偿 <b>与水</b> ![](http://evil.example/x)").focus()
            page.keyboard.press("Enter")
            settled(page, "那一年涉及多少资金？")
            page.locator(".wb-open-drawer").click()
            page.locator('#wb-drawer button[value^="delete."]').last.click()
            page.locator("#wb-form .wb-main").click()
            page.locator("#wb-drawer .wb-talk", has_text="与水").wait_for(state="detached")
            page.locator("#wb-chat .wb-greeting").wait_for()
            assert "#c=" not in page.url
            page.locator('#wb-drawer button[value="clear"]').click()
            page.locator("#wb-form .wb-main").click()
            page.locator("#wb-drawer .wb-none").wait_for()
        page.goto("about:blank")


def test_an_answer_is_asked_anew_edited_rated_with_a_reason_and_copied_with_its_sources(browser, served, state):
    with visitor(browser, permissions=["clipboard-read", "clipboard-write"]) as page:
        greeted(page, served.url)
        ask(page, QUESTION)
        ask(page, HOPELESS)
        before = tool(page, "retry").get_attribute("value")
        tool(page, "retry").click()
        page.wait_for_function("(old) => !document.querySelector(`#wb-chat button[value='${old}']`)", arg=before)
        settled(page, HOPELESS)
        assert questions(page) == [QUESTION, HOPELESS]
        first = page.locator('#wb-chat button[value^="copy."]').first
        first.click()
        page.locator("#wb-said", has_text="已复制").wait_for()
        copied = page.evaluate("navigator.clipboard.readText()")
        answer = page.locator("#wb-chat .wb-answer > p").first.inner_text()
        assert "[5]" in answer
        assert "".join(answer.split()) in "".join(copied.split())
        assert "[1–5] 水好有奖" in copied
        assert "第1版" in copied
        assert "复制" not in copied
        page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")  # as without https
        page.evaluate("document.querySelector('#wb-said').textContent = ''")
        first.click()
        page.locator("#wb-said", has_text="已复制").wait_for()
        tool(page, "down").click()
        pictures(page, "zh-thumb")
        page.locator("#wb-form textarea").fill("=HYPERLINK(1) <script>alert(1)</script>")
        page.locator("#wb-form .wb-main").click()
        page.wait_for_function("() => document.querySelector('#wb-chat .wb-on')?.value.startsWith('down.')")
        page.wait_for_function(
            "() => document.querySelector('#wb-chat .wb-on')?.getAttribute('aria-pressed') === 'true'"
        )
        page.locator("#wb-said", has_text="谢谢").wait_for()
        until = time.monotonic() + 30
        while not any(told.why for told in state.told(judged=True)):  # the thumb was thanked for, too
            assert time.monotonic() < until
            time.sleep(0.05)
        (told,) = state.told(judged=True)
        assert (told.verdict, told.question, told.why) == ("down", HOPELESS, "=HYPERLINK(1) <script>alert(1)</script>")
        assert told.generation
        assert told.passages
        page.locator('#wb-chat button[value^="edit."]').first.click()
        assert page.locator("#wb-form textarea").input_value() == QUESTION
        page.locator("#wb-form textarea").fill(OTHER)
        page.keyboard.press("Enter")
        settled(page, OTHER)
        assert questions(page) == [OTHER]
        assert list(state.told(judged=True)) == []
        assert page.locator("#wb-follow button").count() <= 3


def test_a_follow_up_that_is_offered_is_answered(browser, served):
    with visitor(browser, locale="en-US") as page:
        greeted(page, served.url)
        ask(page, QUESTION)
        offered = page.locator("#wb-follow button").first
        offered.wait_for()
        pictures(page, "en-answer")
        text = offered.inner_text()
        offered.click()
        settled(page, text)
        assert page.locator("#wb-chat .wb-answer").count() == 2


def test_a_share_link_shows_one_answer_to_another_reader_and_nothing_else_of_the_owner(browser, served, state):
    with visitor(browser) as ann, visitor(browser) as ben:
        greeted(ann, served.url)
        ask(ann, QUESTION)
        ask(ann, HOPELESS)
        ann.locator('#wb-chat button[value^="share."]').first.click()
        ann.locator("#wb-form textarea").wait_for()
        link = ann.locator("#wb-form textarea").input_value()
        assert "桐乡" not in link
        pictures(ann, "zh-share")
        ann.keyboard.press("Escape")
        ann.locator('#wb-chat button[value^="edit."]').first.click()
        ann.locator("#wb-form button", has_text="取消").click()
        ann.wait_for_timeout(200)
        assert ann.locator("#wb-said").inner_text() == "", "what was shared stays so whatever else is cancelled"
        greeted(ben, link)
        assert questions(ben) == [QUESTION]
        assert ben.locator("#wb-chat").inner_text().startswith("别人分享的一个回答")
        assert ben.locator("#wb-chat .wb-tools").count() == 0
        pictures(ben, "zh-shared")
        ben.locator("#wb-chat a.wb-cite").first.click()
        ben.locator("#wb-source mark.wb-asked").first.wait_for()
        ben.locator(".wb-open-drawer").click()
        ben.locator("#wb-drawer .wb-none").wait_for()
        ben.keyboard.press("Escape")
        ask(ben, OTHER)
        assert questions(ben) == [OTHER]
        # Ann's conversation in Ben's address is as one that never was.
        greeted(ben, ann.url.replace("#", "?x#"))
        assert questions(ben) == []
        ann.locator('#wb-chat button[value^="share."]').first.click()
        ann.locator("#wb-form button", has_text="停止分享").click()
        ann.locator("#wb-said", has_text="已停止分享").wait_for()
        ben.goto("about:blank")
        greeted(ben, link)
        assert "失效" in ben.locator("#wb-chat").inner_text()
        for none in ("0" * 32, link.rpartition("/")[2][:20]):  # made up, cut short
            ben.goto("about:blank")
            greeted(ben, f"{served.url}/share/{none}")
            assert "失效" in ben.locator("#wb-chat").inner_text()


@pytest.mark.parametrize("size", [{"width": 1280, "height": 800}, {"width": 360, "height": 740}])
def test_who_opened_a_citation_once_is_not_taken_to_the_source_of_the_next_answer(browser, served, size):
    with visitor(browser, viewport=size) as page:
        greeted(page, served.url)
        ask(page, QUESTION)
        page.locator("#wb-chat a.wb-cite").first.click()
        page.wait_for_function("() => document.activeElement.classList.contains('wb-article')")
        ask(page, OTHER)
        page.locator("#wb-source h2", has_text="城东图书馆").wait_for()
        page.wait_for_timeout(300)
        assert page.evaluate("document.activeElement === document.querySelector('#wb-ask textarea')")
        assert page.locator("#wb-ask").evaluate("(box) => box.getBoundingClientRect().top < innerHeight")


def test_a_question_that_is_sent_while_a_stream_of_results_is_ending_is_answered(browser, served):
    served.broken.late = 2.0
    with visitor(browser) as page:
        greeted(page, served.url)
        ask(page, QUESTION)
        ask(page, OTHER)
        page.locator("#wb-follow button").first.wait_for()
        assert questions(page) == [QUESTION, OTHER]


def test_what_moves_away_under_the_finger_is_clicked_all_the_same(browser, served):
    with visitor(browser) as page:
        greeted(page, served.url)
        ask(page, QUESTION)
        page.locator("#wb-follow button").first.wait_for()
        cited = page.locator("#wb-chat a.wb-cite").first
        cited.scroll_into_view_if_needed()
        place = cited.bounding_box()
        page.mouse.move(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
        page.mouse.down()
        page.evaluate("() => (document.querySelector('#wb-chat').style.transform = 'translateY(-80px)')")
        page.mouse.up()
        page.wait_for_function("() => document.activeElement.classList.contains('wb-article')")


def test_where_cookies_do_not_come_back_a_conversation_lasts_as_long_as_its_page(browser, served):
    with visitor(browser) as page:
        page.route(
            "**/*",
            lambda route: route.continue_(headers={k: v for k, v in route.request.headers.items() if k != "cookie"}),
        )
        greeted(page, served.url)
        page.context.clear_cookies()
        ask(page, QUESTION)
        ask(page, "那一年涉及多少资金？")
        assert "5280" in page.locator("#wb-chat .wb-answer").last.inner_text()
        page.locator(".wb-open-drawer").click()
        page.locator("#wb-drawer .wb-talk").first.wait_for()
        assert page.locator("#wb-drawer .wb-talk").count() == 1


def test_a_state_that_cannot_be_written_stops_no_answer_and_is_said(browser, bot, tmp_path):
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / FILE).write_bytes(b"no database" * 1000)
    with closing(State.of(tmp_path)) as state, page_over(bot, state) as served, visitor(browser) as page:
        greeted(page, served.url)
        page.locator("#wb-kept", has_text="无法保存").wait_for()
        ask(page, QUESTION)
        ask(page, "那一年涉及多少资金？")
        assert "5280" in page.locator("#wb-chat .wb-answer").last.inner_text()
        assert questions(page) == [QUESTION, "那一年涉及多少资金？"]
