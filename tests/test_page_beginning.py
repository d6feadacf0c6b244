"""The first seconds, the lost connection, the empty archive, a portal's own look, an input method: in a browser."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import closing, contextmanager

import pytest

from bot.bot import Bot
from bot.look import read_look
from bot.state import State
from ingest.archive import Archive
from ingest.ingester import Ingester
from tests.pages import OTHER, QUESTION, Running, ask, greeted, page_over, pictures, questions, settled
from tests.serving import chromium

pytestmark = pytest.mark.browser

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><script>parent.hit=1</script><path d="M0 0h9"/></svg>'
HOSTILE = "<img src=x onerror=window.hit=1>${1+1}[点](http://evil.example/)"


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture
def state(tmp_path) -> Iterator[State]:
    with closing(State.of(tmp_path / "state")) as state:
        yield state


@pytest.fixture
def served(bot, state) -> Iterator[Running]:
    with page_over(bot, state) as served:
        yield served


@contextmanager
def visitor(browser, **options):
    context = browser.new_context(**({"locale": "zh-CN"} | options))
    yield context.new_page()
    context.close()


def box(page):
    return page.locator("#wb-ask textarea")


def test_a_question_of_the_first_second_is_kept_and_answered_when_the_archive_is_open(browser, bot, state):
    opening: Future[Bot] = Future()
    with page_over(opening, state) as served, visitor(browser) as page:
        assert page.request.get(f"{served.url}/readyz").status == 503
        page.goto(served.url, wait_until="commit")
        early = page.locator("#wb-shell textarea")
        early.wait_for()
        page.keyboard.type(QUESTION)
        page.keyboard.press("Enter")
        page.keyboard.type("还没写完")
        page.locator("#wb-shell").wait_for(state="detached")
        page.locator("#wb-chat .wb-notice", has_text="正在打开报纸").wait_for()
        pictures(page, "zh-opening")
        assert box(page).input_value() == "还没写完"
        assert "正在打开" in page.locator("#wb-masthead").inner_text()
        opening.set_result(bot)
        assert page.request.get(f"{served.url}/readyz").ok
        settled(page, QUESTION)
        page.locator("#wb-masthead", has_text="13 篇").wait_for()
        assert box(page).input_value() == "还没写完"
        assert page.evaluate("document.activeElement === document.querySelector('#wb-ask textarea')")
        (cookie,) = page.context.cookies()
        assert (cookie["httpOnly"], cookie["sameSite"], len(cookie["value"])) == (True, "Lax", 32)


def test_a_question_in_the_address_fills_the_box_unsent_and_no_request_carries_it(browser, served):
    with visitor(browser) as page:
        greeted(page, f"{served.url}/?q=%E7%A7%98%E5%AF%86secret&__theme=light")
        assert box(page).input_value() == "秘密secret"
        assert "secret" not in page.url
        ask(page, OTHER)
        page.locator("#wb-chat a.wb-cite").first.click()
        page.reload()
        settled(page, OTHER)
        carrying = [line for line in served.broken.asked if "secret" in line or "%E7%A7%98" in line]
        assert len(carrying) == 1, "the page's own first request, and nothing after it"
        page.goto("about:blank")
        greeted(page, f"{served.url}/#q={HOSTILE.replace('<', '%3C')}")
        assert box(page).input_value() == HOSTILE
        assert questions(page) == []
        assert "#q" not in page.url
        page.wait_for_timeout(300)
        assert questions(page) == []


@pytest.mark.parametrize(("status", "says"), [(401, "登录"), (503, "busy")])
def test_where_the_server_says_no_the_page_says_so_keeps_the_question_and_goes_on_by_itself(
    browser, served, status, says
):
    locale = "zh-CN" if status == 401 else "en-US"
    with visitor(browser, locale=locale) as page:
        greeted(page, served.url)
        served.broken.status = status
        box(page).fill(QUESTION)
        box(page).press("Enter")
        page.locator("#wb-lost", has_text=says).wait_for()
        page.wait_for_function("(q) => document.querySelector('#wb-ask textarea').value === q", arg=QUESTION)
        assert page.locator("#wb-lost").inner_text().count("\n") == 0
        pictures(page, f"{locale[:2]}-{status}")
        assert [t for t in page.locator("#wb-sides .error").all() if t.is_visible()] == [], (
            "Gradio says it a second time"
        )
        served.broken.status = 0
        settled(page, QUESTION)
        assert page.locator("#wb-lost").inner_text() == ""
        assert box(page).input_value() == ""
        assert questions(page) == [QUESTION]


@pytest.mark.parametrize("status", [401, 500])
def test_an_answer_whose_stream_is_refused_is_asked_for_again(browser, served, status):
    with visitor(browser) as page:
        greeted(page, served.url)
        served.broken.only, served.broken.status = "/queue/data", status
        box(page).fill(QUESTION)
        box(page).press("Enter")
        page.locator("#wb-lost").filter(has_text="。").wait_for()
        served.broken.status = 0
        settled(page, QUESTION)
        assert questions(page) == [QUESTION]
        assert box(page).input_value() == ""


def test_a_server_that_dies_is_said_and_its_successor_answers_in_the_same_conversation(browser, bot, tmp_path):
    with visitor(browser) as page:
        with closing(State.of(tmp_path)) as state, page_over(bot, state) as first:
            greeted(page, first.url)
            ask(page, QUESTION)
            page.wait_for_url("**/#c=*")
        box(page).fill("那一年涉及多少资金？")
        box(page).press("Enter")
        page.locator("#wb-lost", has_text="断了").wait_for()
        assert box(page).input_value() == "那一年涉及多少资金？"
        with closing(State.of(tmp_path)) as state, page_over(bot, state, port=first.port):
            settled(page, "那一年涉及多少资金？")
            assert questions(page) == [QUESTION, "那一年涉及多少资金？"]
            page.goto("about:blank")


def test_an_emptied_archive_explains_itself_and_takes_the_sample_in_one_click(
    browser, builtin, sample_root, tmp_path, state
):
    root = tmp_path / "data"
    shutil.copytree(sample_root, root)
    ingester = Ingester(root, builtin)
    with Archive(root, builtin) as archive:
        with archive.read() as snapshot:
            ids = [article.article_id for article in snapshot.recent(50)]
        ingester.remove(ids)
        archive.refresh()
        bot = Bot(archive, builtin)
        with (
            page_over(bot, state, load_sample=lambda: ingester.load_sample(again=True)) as served,
            visitor(browser) as page,
        ):
            greeted(page, served.url)
            said = page.locator("#wb-chat .wb-empty").inner_text()
            assert "还没有报纸" in said
            assert "python -m ingest add" in said
            pictures(page, "zh-empty")
            page.locator('#wb-chat button[value="sample"]').click()
            page.locator("#wb-chat .example").first.wait_for()
            ask(page, QUESTION)
            assert page.locator("#wb-chat .wb-sources").count() == 1


def test_a_portals_own_name_logo_colour_greeting_and_questions_are_shown_as_text(browser, bot, state, tmp_path):
    logo = tmp_path / "logo.svg"
    logo.write_text(SVG, "utf-8")
    look = read_look("<b>早报</b>", str(logo), "#0b5a8a", HOSTILE, f"{OTHER}|{HOSTILE}")
    with page_over(bot, state, look) as served, visitor(browser) as page:
        greeted(page, served.url)
        assert page.locator("#wb-masthead h1").inner_text().strip() == "<b>早报</b>"
        assert page.title() == "<b>早报</b>"
        assert page.locator("#wb-masthead img").evaluate("(img) => img.naturalWidth > 0")
        assert page.locator(".wb-greeting h2").inner_text() == HOSTILE
        assert page.locator("#wb-chat .example").all_inner_texts() == [OTHER, HOSTILE]
        assert (
            page.locator("#wb-ask .submit-button").evaluate("(b) => getComputedStyle(b).backgroundColor")
            == "rgb(11, 90, 138)"
        )
        pictures(page, "zh-portal")
        page.goto(f"{served.url}/archive")
        assert page.title().endswith("<b>早报</b>")
        assert page.locator(".masthead img").evaluate("(img) => img.naturalWidth > 0")
        assert page.locator("button").first.evaluate("(b) => getComputedStyle(b).backgroundColor") == "rgb(11, 90, 138)"
        pictures(page, "zh-portal-archive")
        page.goto(f"{served.url}/logo")
        assert page.evaluate("window.hit") is None
        reply = page.request.get(f"{served.url}/logo")
        assert "sandbox" in reply.headers["content-security-policy"]
        assert reply.headers["x-content-type-options"] == "nosniff"


def test_the_language_is_switched_by_a_link_and_stays(browser, served):
    with visitor(browser, locale="en-US") as page:
        greeted(page, served.url)
        box(page).fill("half a question")
        page.locator("#wb-language button").click()
        page.locator("#wb-new", has_text="新对话").wait_for()
        page.locator("#wb-shell").wait_for(state="detached")
        assert box(page).input_value() == "half a question"
        assert page.evaluate("document.documentElement.lang") == "zh-CN"
        page.reload()
        page.locator("#wb-new", has_text="新对话").wait_for()


def compose(cdp, text: str) -> None:
    """A word under way in an input method, and the Enter that would confirm it."""
    cdp.send("Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)})
    cdp.send(
        "Input.dispatchKeyEvent", {"type": "rawKeyDown", "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 229}
    )
    cdp.send("Input.dispatchKeyEvent", {"type": "keyUp", "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13})


def test_enter_never_sends_a_half_typed_word_in_any_box_and_plain_enter_sends_once(browser, bot, state):
    opening: Future[Bot] = Future()
    with page_over(opening, state) as served, visitor(browser) as page:
        cdp = page.context.new_cdp_session(page)
        page.goto(served.url, wait_until="commit")
        page.locator("#wb-shell textarea").wait_for()
        compose(cdp, "shumian")
        assert page.locator("#wb-shell li").count() == 0
        page.locator("#wb-chat .wb-greeting").wait_for(state="attached")
        page.wait_for_timeout(500)  # the page is drawn, and waits for the word
        assert page.locator("#wb-shell").count() == 1
        cdp.send("Input.insertText", {"text": "书面"})
        page.locator("#wb-shell").wait_for(state="detached")
        assert box(page).input_value() == "书面"
        opening.set_result(bot)
        box(page).fill("")
        box(page).focus()
        compose(cdp, "tongxiang")
        page.wait_for_timeout(300)
        assert questions(page) == []
        cdp.send("Input.insertText", {"text": QUESTION})
        page.keyboard.press("Enter")
        settled(page, QUESTION)
        assert questions(page) == [QUESTION]
        for verb in ("down", "edit"):
            page.locator(f'#wb-chat button[value^="{verb}."]').last.click()
            form = page.locator("#wb-form")
            form.wait_for()
            page.keyboard.press("Control+A")
            compose(cdp, "liyou")
            page.wait_for_timeout(200)
            assert form.is_visible()
            cdp.send("Input.insertText", {"text": OTHER})
            assert page.locator("#wb-form textarea").input_value() == OTHER
            page.keyboard.press("Enter")
            form.wait_for(state="hidden")
        settled(page, OTHER)
        page.locator(".wb-open-drawer").click()
        page.locator('#wb-drawer button[value^="rename."]').click()
        compose(cdp, "mingzi")
        assert page.locator("#wb-form").is_visible()
        cdp.send("Input.insertText", {"text": "名字"})
        page.keyboard.press("Enter")
        page.locator("#wb-drawer .wb-talk", has_text="名字").wait_for()
