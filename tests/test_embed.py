"""A portal on another site has the bot in its pages, over TLS, in a real browser: it signs its people in by messages,
hears of answers, and nobody else gets in or sees anything, with third-party cookies allowed, blocked, and none at all.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.testclient import TestClient

from bot.embed.routes import embed_routes
from bot.identity.sessions import revoke_sessions
from bot.look import Look, read_look
from bot.models import Answer, Citation
from bot.page.told import told_answer
from bot.serve import build, read_door
from bot.state import State
from ingest.settings import Settings
from tests.conftest import missing
from tests.pages import OTHER, QUESTION, opened, questions, settled
from tests.portal.control import control_site
from tests.portal.site import ISSUER, SECRET, Portal, token_for
from tests.portal.tls import RESOLVED, a_socket, certificate, over_tls
from tests.serving import CHROMIUM, SCREENSHOTS

REPO = Path(__file__).parents[1]
WIDGET = REPO / "bot" / "embed" / "widget.js"
MOST = 20_000  # bytes of widget.js
SEEN = 2.1  # seconds after which a session that was revoked is no more
# What the browser does with cookies of a site in another's frame. `none`: it keeps nothing at all of the bot's.
COOKIES = {
    "allowed": {"cookie_controls_mode": 0, "block_third_party_cookies": False},
    "blocked": {"cookie_controls_mode": 1, "block_third_party_cookies": True},
    "none": {
        "cookie_controls_mode": 1,
        "block_third_party_cookies": True,
        "content_settings": {"exceptions": {"cookies": {"[*.]bot.example,*": {"setting": 2}}}},
    },
}


@dataclass
class Sites:
    """The bot, the portal that may frame it, and a stranger, each under its name."""

    bot: str
    portal: str
    evil: str
    state: State
    at_portal: Portal


@pytest.fixture(scope="module")
def sites(bot, tmp_path_factory) -> Iterator[Sites]:
    folder = tmp_path_factory.mktemp("sites")
    with ExitStack() as until:
        at = {name: a_socket() for name in ("bot.example", "portal.test", "evil.test", "other.test")}
        urls = {name: f"https://{name}:{listening.getsockname()[1]}" for name, listening in at.items()}
        state = until.enter_context(closing(State.of(folder / "state")))
        settings = Settings(
            hosts="bot.example",
            origins=f"https://elsewhere.test, {urls['portal.test']}",
            portal_issuer=ISSUER,
            portal_secret=SecretStr(SECRET),
            user_rate=1000,
        )
        app = build(settings, read_door(settings, meant=False), opened(bot), state, lambda: None)
        portal = Portal(urls["bot.example"])
        control = control_site(urls["other.test"])
        paths = certificate(folder)
        apps = {"bot.example": app, "portal.test": portal.app, "evil.test": control, "other.test": control}
        for name, each in apps.items():
            until.enter_context(over_tls(each, at[name], paths))
        yield Sites(urls["bot.example"], urls["portal.test"], urls["evil.test"], state, portal)


class Browsing:
    """A browser, and all that it asked for and said."""

    def __init__(self, context) -> None:
        self.context = context
        self.requests, self.lines = [], []
        context.on("request", lambda request: self.requests.append(request))
        context.on("console", lambda line: self.lines.append(line.text))

    def forget(self) -> None:
        for page in self.context.pages[1:]:
            page.close()
        self.context.clear_cookies()
        self.requests.clear()
        self.lines.clear()


@contextmanager
def browsing(playwright, folder: Path, cookies: str) -> Iterator[Browsing]:
    (folder / "Default").mkdir(parents=True)
    (folder / "Default" / "Preferences").write_text(json.dumps({"profile": COOKIES[cookies]}))
    context = playwright.chromium.launch_persistent_context(
        folder,
        executable_path=CHROMIUM,
        args=["--no-sandbox", "--disable-dev-shm-usage", RESOLVED],
        ignore_https_errors=True,
        locale="zh-CN",
    )
    yield Browsing(context)
    context.close()


@pytest.fixture(scope="module")
def playwright():
    if CHROMIUM is None:
        missing("chromium (apt-get install chromium fonts-wqy-zenhei)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="module")
def usual(playwright, tmp_path_factory) -> Iterator[Browsing]:
    with browsing(playwright, tmp_path_factory.mktemp("usual"), "blocked") as browser:
        yield browser


@pytest.fixture
def browser(usual) -> Browsing:
    """One that blocks third-party cookies, with nothing in it."""
    usual.forget()
    return usual


def signed_in(browser: Browsing, sites: Sites, user: str, wanted: str):
    """A page of the portal, as `user` sees it."""
    page = browser.context.new_page()
    page.goto(f"{sites.portal}/?with={wanted}")
    page.locator("input[name=user]").fill(user)
    page.locator("form button").click()
    page.locator("header b").wait_for()
    return page


def till(page, js: str) -> None:
    """Wait for an expression; playwright's own waiting evaluates strings, which the portal's policy forbids."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        if page.evaluate(js):
            return
        page.wait_for_timeout(40)
    pytest.fail(f"never: {js}")


def heard(page, event: str) -> list:
    return page.evaluate("(event) => heard.filter(([name]) => name === event).map(([, detail]) => detail)", event)


def till_heard(page, event: str, times: int = 1) -> list:
    till(page, f"window.heard?.filter(([name]) => name === '{event}').length >= {times}")
    return heard(page, event)


def frame_of(page, sites: Sites):
    """The bot's frame in a page."""
    for _ in range(750):
        found = [frame for frame in page.frames if frame.url.startswith(sites.bot)]
        if found:
            return found[0]
        page.wait_for_timeout(40)
    pytest.fail("the bot is not framed")


def drawn(frame) -> None:
    frame.locator("#wb-chat .wb-greeting, #wb-chat .wb-answer").first.wait_for()
    frame.locator("#wb-shell").wait_for(state="detached")


def send(frame, question: str) -> None:
    frame.locator("#wb-ask textarea").fill(question)
    frame.locator("#wb-ask textarea").press("Enter")


def control(browser: Browsing, sites: Sites) -> str:
    """Whether a plain SameSite=None cookie comes back to a frame of another site."""
    page = browser.context.new_page()
    for _ in range(2):
        page.goto(f"{sites.evil}/")
        said = page.frames[1].locator("body").inner_text()
    page.close()
    return said


def signings(browser: Browsing) -> list:
    """Every time that a token was traded for a session, or tried to be."""
    return [r for r in browser.requests if r.method == "POST" and r.url.endswith("/embed/session")]


def secrets_of(browser: Browsing, sites: Sites) -> set[str]:
    sessions = {one.response().json()["session"] for one in signings(browser)}
    assert sessions
    return {*sites.at_portal.tokens, *sessions}


def told_nowhere(browser: Browsing, page, frame, secrets: set[str]) -> None:
    """No secret is in an address, a referrer, a line of the console, the documents, their globals or their storage."""
    asked = [text for r in browser.requests for text in (r.url, r.headers.get("referer", ""))]
    shown = [each.evaluate("document.documentElement.outerHTML") for each in (page, frame)]
    stored = "[...Object.entries(localStorage), ...Object.entries(sessionStorage), document.cookie].join()"
    kept = frame.evaluate(stored) + page.evaluate(stored)
    reached = frame.evaluate(
        """() => {
          const seen = new Set(), found = [];
          const look = (value, depth) => {
            if (typeof value === "string") found.push(value);
            if (typeof value === "function") found.push(String(value));
            if (depth > 3 || value === null || typeof value !== "object" || value === window || seen.has(value)) return;
            if (value instanceof Node) return;
            seen.add(value);
            for (const name of Object.getOwnPropertyNames(value)) {
              try { look(value[name], depth + 1); } catch { /* not for us */ }
            }
          };
          for (const name of Object.getOwnPropertyNames(window)) {
            if (name === "gradio_config") continue;
            try { look(window[name], 0); } catch { /* not for us */ }
          }
          return found.join("\\n");
        }"""
    )
    said = "\n".join([*asked, *browser.lines, *shown, kept, reached])
    assert "wenbao" in reached
    assert not [secret for secret in secrets if secret in said]


@pytest.mark.browser
@pytest.mark.parametrize("cookies", COOKIES)
def test_a_portals_widget_signs_in_asks_opens_a_citation_and_hears_of_it(playwright, sites, tmp_path, cookies):
    with browsing(playwright, tmp_path / "profile", cookies) as browser:
        assert control(browser, sites) == ("back" if cookies == "allowed" else "none")
        browser.forget()
        page = signed_in(browser, sites, "张三", "floating")
        button = page.locator("button.open")
        button.wait_for()
        assert [r.url for r in browser.requests if r.url.startswith(sites.bot)] == [f"{sites.bot}/widget.js"]
        button.click()
        till_heard(page, "ready")
        frame = frame_of(page, sites)
        assert frame.locator("#wb-ask .submit-button").evaluate("(b) => getComputedStyle(b).backgroundColor") == (
            "rgb(11, 90, 138)"
        )
        send(frame, QUESTION)
        (answer,) = till_heard(page, "answer")
        assert (answer["question"], answer["refused"]) == (QUESTION, False)
        assert set(answer["citations"][0]) == {"n", "paper", "date", "page", "title", "article_id"}
        settled(frame, QUESTION)
        frame.locator("#wb-follow button").first.wait_for()  # the last that comes, and moves what is clicked
        frame.locator("#wb-chat a.wb-cite", has_text="[2]").click()
        assert till_heard(page, "citation") == [answer["citations"][1]]
        frame.locator("#wb-source mark.wb-asked").wait_for()
        till(page, "heard.some(([name, tall]) => name === 'height' && tall > 320)")

        session = [r.headers for r in browser.requests if "/gradio_api/queue" in r.url]
        bearers = {"authorization" in headers for headers in session}
        assert bearers == {cookies == "none"}, "cookies where they come back, a bearer where they do not"
        partitioned = [c.get("partitionKey") for c in browser.context.cookies() if "portal" in c["name"]][1:]
        assert partitioned == ([] if cookies == "none" else ["https://portal.test"])
        told_nowhere(browser, page, frame, secrets_of(browser, sites))
        assert {urlsplit(r.url).hostname for r in browser.requests if r.url[:4] == "http"} == {
            "portal.test",
            "bot.example",
        }
        assert not [line for line in browser.lines if "Trusted" in line or "Content Security" in line]


@pytest.mark.browser
def test_the_keyboard_opens_the_panel_asks_and_leaves_it_with_escape(browser, sites):
    page = signed_in(browser, sites, "张三", "floating")
    button = page.locator("button.open")
    button.wait_for()
    page.mouse.move(10, 300)
    pictured(page, "floating-closed")
    assert button.get_attribute("aria-expanded") == "false"
    button.focus()
    page.keyboard.press("Enter")
    till_heard(page, "ready")
    assert button.get_attribute("aria-expanded") == "true"
    panel = page.get_by_role("dialog", name="问报")
    assert panel.get_attribute("aria-modal") == "false"
    frame = frame_of(page, sites)
    assert frame.evaluate("document.activeElement.closest('#wb-ask') !== null"), "what is typed now is a question"
    page.keyboard.type(OTHER)
    page.keyboard.press("Enter")
    till_heard(page, "answer")
    settled(frame, OTHER)
    pictured(page, "floating-open")
    frame.locator("#wb-ask textarea").focus()
    page.keyboard.press("Escape")
    panel.wait_for(state="hidden")
    assert page.evaluate("document.activeElement.shadowRoot.activeElement.className") == "open"
    page.set_viewport_size({"width": 360, "height": 740})
    page.locator("#ask-about").click()
    till_heard(page, "answer", 2)
    assert questions(frame) == [OTHER, OTHER], "the portal's own button asked"
    assert page.locator("[data-wenbao] iframe").evaluate("(frame) => frame.clientWidth") == 360
    assert panel.get_attribute("aria-modal") == "true"
    page.set_viewport_size({"width": 1280, "height": 720})


def pictured(page, name: str) -> None:
    """For people to look at: on a desk and a phone, by day and by night."""
    SCREENSHOTS.mkdir(exist_ok=True)
    for size, (width, height) in {"phone": (360, 740), "desktop": (1280, 720)}.items():
        page.set_viewport_size({"width": width, "height": height})
        for light in ("dark", "light"):
            page.emulate_media(color_scheme=light)
            page.wait_for_timeout(150)
            page.screenshot(path=SCREENSHOTS / f"portal-{name}-{size}-{light}.png")


@pytest.mark.browser
def test_the_same_widget_twice_is_one_and_a_token_from_another_origin_is_refused(browser, sites):
    page = signed_in(browser, sites, "张三", "twice")
    till_heard(page, "ready")
    modes = page.locator("[data-wenbao]").evaluate_all("(all) => all.map((one) => one.dataset.wenbao)")
    assert sorted(modes) == ["floating", "inline"]
    assert [line for line in browser.lines if "not this page's own origin" in line]
    frame = frame_of(page, sites)
    before = heard(page, "height")[-1]
    send(frame, QUESTION)
    till_heard(page, "answer")
    settled(frame, QUESTION)
    frame.locator("#wb-follow button").first.wait_for()
    tall = "heard.filter(([name]) => name === 'height').at(-1)[1]"
    till(page, f"{tall} !== {before}")
    inside = "document.querySelector('[data-wenbao=inline]').shadowRoot.querySelector('iframe').clientHeight"
    till(page, f"{inside} === {tall}")
    pictured(page, "inline")
    page.evaluate("WenBao.destroy()")
    assert page.locator("[data-wenbao]").count() == 0


@pytest.mark.parametrize("readme", ["README.md", "README.zh.md"])
def test_the_readme_shows_what_the_tests_portal_runs(readme):
    shown = (REPO / readme).read_text("utf-8")
    assert f"```js\n{(REPO / 'tests/portal/frame.js').read_text('utf-8')}```" in shown


@pytest.mark.browser
def test_ten_lines_of_the_portals_own_do_for_a_plain_iframe(browser, sites):
    page = signed_in(browser, sites, "李四", "iframe")
    frame = frame_of(page, sites)
    drawn(frame)
    send(frame, OTHER)
    settled(frame, OTHER)
    link = frame.locator("#wb-masthead .wb-browse")
    with browser.context.expect_page() as opening:
        link.click()
    assert opening.value.url == f"{sites.bot}/archive"
    assert opening.value.evaluate("window.opener") is None


@pytest.mark.browser
def test_a_session_that_is_over_is_begun_anew_and_the_question_asked_again_by_itself(browser, sites):
    page = signed_in(browser, sites, "张三", "floating")
    page.locator("button.open").click()
    till_heard(page, "ready")
    frame = frame_of(page, sites)
    given = len(sites.at_portal.tokens)
    assert revoke_sessions(sites.state.proofs, [], ["张三"])
    page.wait_for_timeout(SEEN * 1000)
    send(frame, QUESTION)
    till_heard(page, "answer")
    settled(frame, QUESTION)
    assert len(sites.at_portal.tokens) == given + 1
    assert questions(frame) == [QUESTION]
    assert frame.locator("#wb-lost").inner_text() == ""


@pytest.mark.browser
def test_who_comes_after_in_the_same_browser_sees_nothing_of_who_was_there(browser, sites):
    page = signed_in(browser, sites, "张三", "floating")
    page.locator("button.open").click()
    till_heard(page, "ready")
    send(frame_of(page, sites), QUESTION)
    till_heard(page, "answer")
    page.evaluate("WenBao.signOut()")
    till_heard(page, "ready", 2)
    frame = frame_of(page, sites)
    drawn(frame)
    assert QUESTION not in frame.locator("body").inner_text()
    frame.locator("#wb-ask textarea").fill("张三还没写完")
    frame.evaluate("window.wenbao.isLost = true")  # what is in the box would be kept over a reload
    page.evaluate("WenBao.close()")
    page.locator("header form button").click()
    page.locator("input[name=user]").fill("王五")
    page.locator("form button").click()
    page.locator("button.open").click()
    till_heard(page, "ready")
    frame = frame_of(page, sites)
    assert frame.locator("#wb-ask textarea").input_value() == ""
    frame.locator(".wb-open-drawer").click()
    frame.locator("#wb-drawer", has_text="还没有对话").wait_for()
    assert QUESTION not in frame.locator("body").inner_text()


@pytest.mark.browser
def test_nobody_signed_in_is_told_so_calmly_and_may_try_again(browser, sites):
    page = browser.context.new_page()
    page.goto(f"{sites.portal}/?with=bare&anyway")
    page.clock.install()
    page.goto(f"{sites.portal}/?with=bare&anyway")
    frame = frame_of(page, sites)
    frame.locator("[data-said=opening]").wait_for()
    page.clock.run_for(16_000)
    frame.locator("[data-said=unsigned]").wait_for()
    said = frame.locator("main").inner_text()
    assert "请先在门户网站登录" in said
    assert "Please sign in to the portal first" in said
    page.close()
    page = browser.context.new_page()
    page.goto(f"{sites.portal}/?with=floating&anyway")
    page.locator("button.open").click()
    frame = frame_of(page, sites)
    frame.locator("[data-said=unsigned]").wait_for()
    pictured(page, "unsigned")
    signed_in(browser, sites, "张三", "none").close()
    frame.locator("button").click()
    till_heard(page, "ready")


@pytest.mark.browser
def test_what_a_stranger_frames_or_says_comes_to_nothing(browser, sites):
    """Each of these gives a token that is good; only the page around the frame may."""
    page = browser.context.new_page()
    page.goto(f"{sites.evil}/framing?of={sites.bot}/embed")
    page.frame_locator("iframe").first.locator("body").wait_for(state="attached")
    for _ in range(750):
        if len(page.frames) == 3 and page.frames[1].url.startswith("chrome-error:"):
            break
        page.wait_for_timeout(40)
    assert [frame.url for frame in page.frames[1:]] == ["chrome-error://chromewebdata/", "about:srcdoc"]
    assert not page.frames[1].evaluate("document.querySelector('meta[name=wenbao]')")

    portal = f"{sites.portal}/?with=bare&anyway"
    say = """([url, token]) => {
      const there = window.open(url);
      setInterval(() => there[0]?.postMessage({ type: "wenbao:token", token }, "*"), 50);
      return self.origin;
    }"""
    around = browser.context.new_page()
    around.goto(f"{sites.portal}/?with=none&anyway")
    for speaker, origin in ((page.frames[2], "null"), (page, sites.evil), (around, sites.portal)):
        with browser.context.expect_page() as opening:
            assert speaker.evaluate(say, [portal, token_for("张三")]) == origin
        there = opening.value
        frame_of(there, sites).locator("[data-said=opening]").wait_for()
        there.wait_for_timeout(400)
        assert not signings(browser), f"{origin} was listened to, and is not the page around"
    frame = frame_of(there, sites)
    wrong = [
        {"type": "wenbao:token", "token": token_for("张三"), "more": 1},
        {"type": "wenbao:token", "token": 7},
        {"type": "wenbao:token", "token": "a b.c.d"},
        {"type": "wenbao:token"},
        {"type": "constructor", "token": token_for("张三")},
        [token_for("张三")],
        None,
    ]
    there.evaluate("(all) => all.forEach((one) => frames[0].postMessage(one, '*'))", wrong)
    there.wait_for_timeout(300)
    assert not signings(browser)
    there.evaluate(
        "(token) => frames[0].postMessage({type: 'wenbao:token', token}, '*')", token_for("张三", aud="another")
    )
    frame.locator("[data-said=refused]").wait_for()
    frame.locator("button").click()
    there.evaluate("(token) => frames[0].postMessage({type: 'wenbao:token', token}, '*')", token_for("张三"))
    drawn(frame)
    assert len(signings(browser)) == 2
    there.evaluate("(token) => frames[0].postMessage({type: 'wenbao:token', token}, '*')", token_for("王五"))
    there.wait_for_timeout(200)
    assert len(signings(browser)) == 2, "a token that nobody asked for"


@pytest.mark.browser
def test_the_page_is_filled_and_coloured_by_its_portal_and_never_unreadable(browser, sites):
    page = signed_in(browser, sites, "张三", "iframe")
    frame = frame_of(page, sites)
    drawn(frame)
    colour = "(b) => getComputedStyle(b).backgroundColor"
    button = frame.locator("#wb-ask .submit-button")

    def say(**message: object) -> None:
        page.evaluate("(message) => say(message)", message)

    say(type="wenbao:look", colour="#0b5a8a")
    till(frame, f"({colour})(document.querySelector('#wb-ask .submit-button')) === 'rgb(11, 90, 138)'")
    say(type="wenbao:look", colour="#ffee88")
    for _ in range(750):
        if any("#ffee88 has a contrast of" in line for line in browser.lines):
            break
        page.wait_for_timeout(40)
    assert any("#ffee88 has a contrast of" in line for line in browser.lines)
    page.emulate_media(color_scheme="dark")
    night = read_look("", "", "#0b5a8a", "", "").night.red
    say(type="wenbao:look", colour="#0b5a8a")
    wanted = f"rgb({', '.join(str(int(night[at : at + 2], 16)) for at in (1, 3, 5))})"
    till(frame, f"({colour})(document.querySelector('#wb-ask .submit-button')) === '{wanted}'")
    assert button.evaluate(colour) == wanted, "as WENBAO_COLOUR would be by night"
    page.emulate_media(color_scheme="light")
    say(type="wenbao:ask", text=OTHER, send=False)
    till(frame, f"document.querySelector('#wb-ask textarea').value === '{OTHER}'")
    assert questions(frame) == []
    frame.locator("#wb-ask textarea").fill("我自己的话")
    say(type="wenbao:ask", text=QUESTION, send=False)
    say(type="wenbao:look", language="en")
    frame.locator("#wb-new", has_text="New").wait_for()
    assert frame.locator("#wb-ask textarea").input_value() in ("我自己的话", "")
    assert questions(frame) == []


def served(origins: list[str], *, signs_in: bool = True) -> TestClient:
    return TestClient(Starlette(routes=embed_routes(origins, Look(), signs_in=signs_in)))


def test_the_widget_is_one_small_file_that_a_browser_keeps():
    assert WIDGET.stat().st_size <= MOST
    with served([]) as client:
        reply = client.get("/widget.js")
        assert reply.content == WIDGET.read_bytes()
        assert reply.headers["content-type"].startswith("text/javascript")
        assert client.get("/widget.js", headers={"If-None-Match": reply.headers["etag"]}).status_code == 304


@pytest.mark.parametrize(
    ("origins", "framers"),
    [([], "'none'"), (["https://a.example", "https://b.example:8443"], "https://a.example https://b.example:8443")],
)
def test_only_portals_that_are_named_may_frame_the_boot_page(origins, framers):
    with served(origins) as client:
        reply = client.get("/embed")
        assert reply.headers["content-security-policy"].endswith(f"; frame-ancestors {framers}")
        assert reply.headers["cache-control"] == "no-store"
        told = re.search(r'name="wenbao" content="([^"]*)"', reply.text)
        assert told
        assert [o in told[1] for o in origins] == [True] * len(origins)
        script = re.search(r'<script src="([^"]+)">', reply.text)
        assert script
        assert client.get(f"/{script[1]}").status_code == 200


def test_an_answer_is_told_without_its_words():
    citation = Citation(
        1, "a1", None, "text", "标题", None, None, "3", "引文", 4, 6, version_id="v1"
    )  # neither paper nor day is known
    answer = Answer("问什么？", "问什么？", "引文[1]", citations=(citation,))
    assert told_answer(answer) == {
        "question": "问什么？",
        "refused": False,
        "citations": [
            {
                "n": 1,
                "paper": None,
                "date": None,
                "page": "3",
                "title": "标题",
                "article_id": "a1",
                "href": "#cite-v1.text.4.6",
            }
        ],
    }
