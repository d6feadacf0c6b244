"""In a real browser, on the real app over the sample edition: ask, watch it stream, open a citation, see it marked.

Screenshots go to tests/screenshots/ for people to look at.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest

from tests.pace import slowness
from tests.pages import settled
from tests.serving import REPO, SCREENSHOTS, Served, chromium, served

pytestmark = pytest.mark.browser

QUESTION = "桐乡的生态补偿机制是怎么运作的？"
# What the browser says to everybody and nobody can do anything about.
CHATTER = ("Autofocus processing was blocked",)
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}

# Keeps the length of the last answer each time the page changes: what a reader sees growing.
WATCH_ANSWER = """() => {
  window.lengths = [];
  new MutationObserver(() => {
    const answers = document.querySelectorAll("#wb-chat .wb-answer > p, #wb-chat .wb-refusal > p");
    const length = answers.length ? answers[answers.length - 1].innerText.length : 0;
    if (length && length !== window.lengths.at(-1)) window.lengths.push(length);
  }).observe(document.querySelector("#wb-chat"), { childList: true, subtree: true, characterData: true });
}"""

IN_VIEW = """(mark) => {
  const box = mark.getBoundingClientRect();
  const side = document.querySelector("#wb-source-side").getBoundingClientRect();
  return box.height > 0 && box.top >= Math.max(0, side.top) && box.bottom <= Math.min(innerHeight, side.bottom);
}"""


AT_TOP = """() => {
  const question = [...document.querySelectorAll("#wb-chat .wb-question")].pop();
  const panel = question?.closest(".panel-wrap");
  if (!panel || panel.scrollTop === 0) return false;
  const top = question.getBoundingClientRect().top - panel.getBoundingClientRect().top;
  return top >= 0 && top < 30;
}"""


# Clicks in the very frame in which the answer's first words show; a click from here could come after its last.
NEW_WHILE_STREAMING = """() => {
  if (!document.querySelector("#wb-chat .wb-answer")) return false;
  const finished = document.querySelector("#wb-chat .wb-sources");
  document.querySelector("#wb-new").click();
  return finished ? "too late" : "in time";
}"""


@pytest.fixture(scope="module")
def app(tmp_path_factory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("browser") / "data") as app:
        yield app


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture
def open_page(app: Served, browser) -> Iterator[Callable]:
    """Opens the page; when the test is over, nothing may have been asked of another host or complained about."""
    asked: list[str] = []
    complaints: list[str] = []
    contexts = []

    def note(message) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(CHATTER):
            complaints.append(message.text)

    def open_it(locale: str = "zh-CN", **options):
        contexts.append(browser.new_context(locale=locale, **({"viewport": DESKTOP} | options)))
        page = contexts[-1].new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", note)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("response", lambda r: complaints.append(f"{r.status} {r.url}") if r.status >= 400 else None)
        page.goto(app.url)
        page.wait_for_selector(".wb-greeting")
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert [url for url in asked if not url.startswith((app.url, "data:", "blob:"))] == []
    assert complaints == []


def ask(page, question: str):
    """Ask with Enter and wait for the whole answer, refusal or notice; returns it."""
    before = page.locator("#wb-chat .bot-row:not(:has(.wb-notice))").count()
    page.evaluate(
        "document.querySelectorAll('#wb-chat .wb-notice').forEach((old) => old.classList.remove('wb-notice'))"
    )
    page.locator("#wb-ask textarea").fill(question)
    page.locator("#wb-ask textarea").press("Enter")
    reply = page.locator("#wb-chat .bot-row").nth(before)
    reply.locator(".wb-sources, .wb-refusal, .wb-notice").first.wait_for()
    return reply


def start_anew(page) -> None:
    page.locator("#wb-new").click()
    page.wait_for_function(
        "() => !document.querySelector('#wb-chat .message') && document.querySelector('.wb-greeting')"
    )


def picture(page, name: str) -> None:
    SCREENSHOTS.mkdir(exist_ok=True)
    page.wait_for_timeout(250)  # a scroll under way comes to rest
    page.screenshot(path=SCREENSHOTS / f"{name}.png")


def test_an_answer_streams_and_its_citation_opens_the_article_with_the_sentence_marked_and_in_view(open_page):
    page = open_page()
    picture(page, "zh-greeting")
    for _ in range(5):
        page.evaluate(WATCH_ANSWER)
        reply = ask(page, QUESTION)
        lengths = page.evaluate("window.lengths")
        assert lengths == sorted(lengths)
        if len(lengths) >= 2:
            break
        start_anew(page)  # the browser had to rest for as long as the whole answer took
    assert len(lengths) >= 2
    quoted = reply.locator(".wb-answer > p").inner_text().split("[1]")[0]
    reply.locator("a.wb-cite", has_text="[1]").first.click()
    mark = page.locator("#wb-source mark.wb-asked")
    mark.first.wait_for()
    page.wait_for_function("() => document.activeElement.classList.contains('wb-article')")
    page.wait_for_function(IN_VIEW, arg=mark.first.element_handle())  # scrolls smoothly
    assert quoted.startswith("".join(mark.all_inner_texts())[:10])
    head = page.locator("#wb-source header").inner_text()
    assert "2023年5月12日" in head
    assert "第1版" in head
    assert "样报" in head
    picture(page, "zh-citation")


def test_the_source_opens_by_itself_beside_a_finished_answer_and_each_citation_moves_the_mark(open_page):
    page = open_page()
    reply = ask(page, QUESTION)
    first = page.locator("#wb-source mark.wb-asked")
    first.first.wait_for()
    text = "".join(first.all_inner_texts())
    reply.locator("a.wb-cite", has_text="[2]").first.click()
    page.wait_for_function("(old) => document.querySelector('#wb-source mark.wb-asked')?.innerText !== old", arg=text)
    assert page.locator("#wb-source mark.wb-also").count() >= 1


def test_a_keyboard_is_enough(open_page):
    page = open_page()
    ask(page, QUESTION)
    settled(page, QUESTION)  # what is drawn anew loses the focus
    page.locator("#wb-chat a.wb-cite").last.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.activeElement.classList.contains('wb-article')")
    page.keyboard.press("Escape")
    page.wait_for_function("() => document.activeElement.className === 'wb-cite'")


@pytest.mark.parametrize(("locale", "chinese"), [("zh", True), ("zh-HK", True), ("en-US", False)])
def test_the_page_speaks_the_browsers_language(open_page, locale, chinese):
    page = open_page(locale)
    assert page.locator("#wb-new").inner_text() == ("新对话" if chinese else "New chat")
    assert ("向报纸提问" in page.locator("#wb-ask textarea").get_attribute("placeholder")) is chinese
    assert ("问报" in page.locator("#wb-masthead h1").inner_text()) is chinese
    assert ("原文" in page.locator("#wb-source").inner_text()) is chinese


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("en", {"locale": "en-US"}),
        ("dark", {"color_scheme": "dark"}),
        ("phone", {"viewport": PHONE, "has_touch": True}),
    ],
)
def test_it_looks_right_in_english_in_the_dark_and_on_a_phone(open_page, name, options):
    page = open_page(**options)
    picture(page, f"{name}-greeting")
    reply = ask(page, QUESTION)
    picture(page, f"{name}-answer")
    reply.locator("a.wb-cite").last.click()
    mark = page.locator("#wb-source mark.wb-asked").first
    mark.wait_for()
    page.wait_for_function(IN_VIEW, arg=mark.element_handle())  # scrolls smoothly
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    picture(page, f"{name}-citation")
    if name == "phone":
        assert page.locator(".wb-back").evaluate("(a) => a.getBoundingClientRect().top >= 0")  # though far down
        page.locator(".wb-back").click()
        page.wait_for_function(
            "(a) => a.getBoundingClientRect().top < innerHeight", arg=reply.locator("a.wb-cite").last.element_handle()
        )


def test_an_offered_question_is_one_that_the_archive_answers(open_page):
    page = open_page()
    offered = page.locator("#wb-chat .example")
    offered.nth(2).wait_for()
    text = offered.first.inner_text()
    offered.first.click()
    page.locator("#wb-chat .wb-sources").wait_for()
    assert page.locator("#wb-chat .wb-question").inner_text() == text


def test_long_and_hopeless_questions_get_a_calm_line_and_no_pop_up(open_page):
    page = open_page()
    long = "长" * 1_001
    assert "1,001" in ask(page, long).inner_text()
    assert page.locator("#wb-ask textarea").input_value() == long
    refusal = ask(page, "恐龙为什么灭绝？")
    refusal.locator('.wb-refusal a[href^="#cite-"]').first.click()
    page.locator("#wb-source .wb-article").wait_for()
    assert page.locator("#wb-source mark").count() == 0
    assert page.locator(".toast-wrap .toast-body, .toast-body").count() == 0
    picture(page, "zh-refusal")


def test_a_new_conversation_starts_empty_with_the_source_closed(open_page):
    page = open_page()
    ask(page, QUESTION)
    page.locator("#wb-new").click()
    page.locator(".wb-greeting").wait_for()
    assert page.locator("#wb-chat .wb-answer").count() == 0
    assert page.locator("#wb-source .wb-article").count() == 0


def test_a_new_conversation_stops_the_answer_under_way_and_forgets_it(open_page):
    page = open_page()
    for _ in range(5):
        for question in (QUESTION, "恐龙为什么灭绝？"):
            page.locator("#wb-ask textarea").fill(question)
            page.locator("#wb-ask textarea").press("Enter")
        clicked = page.wait_for_function(NEW_WHILE_STREAMING).json_value()
        page.locator(".wb-greeting").wait_for()
        if clicked == "in time":
            break  # else the browser painted nothing before the whole answer was there
    assert clicked == "in time"
    page.wait_for_timeout(1_000)  # longer than both answers take
    assert page.locator("#wb-chat .wb-question").count() == 0
    assert page.locator("#wb-source .wb-article").count() == 0
    ask(page, "恐龙为什么灭绝？")
    assert page.locator("#wb-chat .wb-question").all_inner_texts() == ["恐龙为什么灭绝？"]


def test_questions_sent_while_another_is_answered_are_answered_in_their_order_and_an_empty_box_asks_nothing(open_page):
    page = open_page()
    page.locator("#wb-ask textarea").focus()
    questions = [QUESTION, *(f"恐龙为什么灭绝{n}？" for n in range(4))]
    page.keyboard.press("Enter")
    for question in questions:
        page.keyboard.type(question)
        page.keyboard.press("Enter")
        page.keyboard.press("Enter")
        page.wait_for_timeout(50)
    page.keyboard.type("还没问完")
    page.locator("#wb-chat .bot-row").nth(len(questions) - 1).locator(".wb-refusal").wait_for()
    page.wait_for_timeout(300)  # a question too many would show by now
    assert page.locator("#wb-chat .wb-question").all_inner_texts() == questions
    assert page.locator("#wb-chat .wb-notice, #wb-waiting li").count() == 0
    assert page.locator("#wb-ask textarea").input_value() == "还没问完"


def test_a_filter_set_by_keyboard_bounds_the_answers_is_told_in_one_line_and_is_cleared_again(open_page):
    page = open_page()
    fold = page.locator("#wb-filter button").first
    assert fold.get_attribute("aria-expanded") == "false"
    fold.focus()
    page.keyboard.press("Enter")
    since = page.locator("#wb-since input[type=date]")
    since.wait_for()
    assert fold.get_attribute("aria-expanded") == "true"
    since.fill("2023-05-13")
    page.locator("#wb-filtered", has_text="只找：2023年5月13日起").wait_for()
    assert "没有一篇报道" in ask(page, QUESTION).inner_text()
    picture(page, "zh-filter")
    since.fill("")
    page.locator("#wb-byline input").fill("沈越")
    page.locator("#wb-filtered", has_text="作者 沈越").wait_for()
    assert ask(page, QUESTION).locator(".wb-sources").count() == 1
    page.locator("#wb-until input").fill("2023-05-11")
    page.locator("#wb-since input").fill("2023-05-12")
    page.locator("#wb-filtered [role=alert]").wait_for()
    assert "换一下" in ask(page, "恐龙为什么灭绝？").inner_text()
    page.locator("#wb-clear").focus()
    page.keyboard.press("Enter")
    page.locator("#wb-filtered").wait_for(state="hidden")
    assert [page.locator(f"#wb-{name} input").input_value() for name in ("since", "until", "byline")] == ["", "", ""]
    assert ask(page, QUESTION).locator(".wb-sources").count() == 1


def test_an_answer_is_read_from_its_beginning_unless_the_reader_scrolls(open_page):
    page = open_page(viewport={"width": 390, "height": 600})
    ask(page, QUESTION)
    reply = ask(page, QUESTION)
    page.wait_for_function(AT_TOP)
    assert not page.locator("#wb-chat [aria-label='Scroll down']").is_visible()
    page.locator("#wb-chat .panel-wrap").hover()
    page.mouse.wheel(0, 5_000)
    page.wait_for_function(f"!({AT_TOP})()")
    reply.locator('button[value^="up."]').click()
    reply.locator(".wb-on").wait_for()  # drawn anew
    assert not page.evaluate(AT_TOP)
    page.reload()
    page.wait_for_function(AT_TOP)


def test_the_filter_speaks_english_and_offers_the_papers_that_there_are(open_page):
    page = open_page("en-US", viewport=PHONE)
    page.locator("#wb-filter button", has_text="Filter").click()
    page.locator("#wb-paper input").click()
    page.locator("#wb-paper [role=option]", has_text="问报样报").click()
    page.locator("#wb-filtered", has_text="Only: 问报样报").wait_for()
    page.wait_for_timeout(300)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    picture(page, "en-filter")
    assert ask(page, QUESTION).locator(".wb-sources").count() == 1


def test_a_page_added_while_the_chat_is_open_is_answered_from_within_three_seconds(open_page, app, tmp_path):
    """Also: what the new articles hold of HTML, Markdown and foreign addresses shows as text. Withdraws the sample."""
    hostile = "<img src=x onerror=window.hit=1> **粗** ![](http://evil.example/x.png) $$x$$ ${1+1}"
    new = tmp_path / "new.jsonl"
    rows = (
        {"id": "1", "title": "石门旧粮仓改成图书馆", "date": "2024-05-04", "paper": "石门日报", "page": "2",
         "text": "石门镇花40万元修好了旧粮仓的屋顶，里面放了6000册书，晚上九点才关门。"},
        {"id": "2", "title": f"灯会 {hostile}", "date": "2024-05-04", "paper": "石门日报",
         "text": f"白鹭洲灯会今年的口令是{hostile}，观众要念对才能进场。"},
    )  # fmt: skip
    new.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    page = open_page()
    adding = subprocess.Popen([sys.executable, "-m", "ingest", "add", str(new)], cwd=REPO, env=app.env)
    for _ in range(20):  # a page shows thirty answers at most
        assert ask(page, QUESTION).locator(".wb-notice").count() == 0
        if adding.poll() is not None:
            break
    adding.wait(120)
    ended = time.monotonic()
    assert adding.returncode == 0
    while "40万元" not in ask(page, "石门旧粮仓的屋顶花了多少钱？").inner_text():
        assert time.monotonic() - ended < 60
    took = time.monotonic() - ended
    assert took < 3 * slowness()
    reply = ask(page, "白鹭洲灯会今年的口令是什么？")
    assert hostile in reply.inner_text()
    reply.locator("a.wb-cite").first.click()
    page.locator("#wb-source mark.wb-asked").wait_for()
    assert page.locator("#wb-source").inner_text().count(hostile) == 2
    assert page.locator("#wb-chat img, #wb-source img").count() == 0
    assert page.evaluate("window.hit") is None
    page.locator("#wb-chat a.wb-cite").first.click()  # quotes the sample, which has gone
    page.locator("#wb-source", has_text="已经不在库里").wait_for()
