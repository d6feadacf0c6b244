"""Signing in and out in a real browser, before the real page: the provider's form, a question, the way out.

Screenshots go to tests/screenshots/ for people to look at.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from starlette.requests import Request
from starlette.responses import RedirectResponse

from bot.access import EVERYTHING
from bot.bot import Bot
from bot.identity.cookies import PLAIN_LOGIN
from bot.identity.login import login_routes
from bot.identity.oidc import Party
from bot.identity.onward import sign_in_address
from bot.identity.register import StateRegister
from bot.identity.sessions import Sessions
from bot.look import Look
from bot.page.server import build_app
from bot.state import State
from bot.visitor import set_visitor
from bot.web.render import Pages
from tests.oidc_provider import CLIENT, SECRET, OidcProvider, oidc_provider
from tests.serving import SCREENSHOTS, chromium

pytestmark = pytest.mark.browser

QUESTION = "桐乡的生态补偿机制是怎么运作的？"
PUBLIC = ("/login", "/logout", "/look/", "/logo", "/healthz")
FITS = "document.documentElement.scrollWidth <= innerWidth"
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 360, "height": 740}


class Door:
    """As much of a guard as this needs: a session's cookie is a visitor, and nobody sees a page without one."""

    def __init__(self, app: Callable, register: StateRegister) -> None:
        self._app, self._register = app, register

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(PUBLIC):
            await self._app(scope, receive, send)
            return
        visitor = self._register.of_session(Request(scope).cookies.get(PLAIN_LOGIN, ""))
        if visitor is None:
            away = RedirectResponse(sign_in_address("", scope["path"], scope["query_string"].decode()), 303)
            await away(scope, receive, send)
            return
        set_visitor(scope, visitor)
        await self._app(scope, receive, send)


@contextmanager
def serving(app: Callable) -> Iterator[str]:
    """The app on loopback, in a thread."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started:
            time.sleep(0.02)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)


@pytest.fixture(scope="module")
def provider() -> Iterator[OidcProvider]:
    with oidc_provider() as provider:
        yield provider


@pytest.fixture(scope="module")
def url(bot: Bot, provider: OidcProvider, tmp_path_factory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("login")
    state, opening = State.of(folder / "data"), Future()
    opening.set_result(bot)
    app = build_app(opening, state, Look(), lambda: None)
    sessions = Sessions(state.proofs, minutes=60)
    app.router.routes[:0] = login_routes(Party(provider.issuer, CLIENT, SECRET), sessions, Pages(Look()))
    register = StateRegister(state.proofs, lambda groups, signed_in: EVERYTHING)
    with serving(Door(app, register)) as url:
        yield url
    state.close()


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture
def open_page(browser, url: str, provider: OidcProvider) -> Iterator[Callable]:
    """Opens a page in a browser of its own; nothing but ours and the provider may be asked, and nobody complains."""
    asked, complaints, failed, contexts = [], [], [], []

    def note(message) -> None:
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            complaints.append(message.text)

    def open_it(path: str, locale: str = "zh-CN", **options):
        contexts.append(browser.new_context(locale=locale, **({"viewport": DESKTOP} | options)))
        page = contexts[-1].new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", note)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("response", lambda r: failed.append(r.url) if r.status >= 400 else None)
        page.goto(url + path)
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert [each for each in asked if not each.startswith((url, provider.issuer, "data:", "blob:"))] == []
    assert [each for each in asked if "%E6" in each or "桐乡" in each] == [], "a question stood in an address"
    assert complaints == []
    assert [each for each in failed if each.startswith(url) and "/login/callback?" not in each] == []


def fill_in(page, user: str = "lin", password: str = "柳桥 2023") -> None:
    page.get_by_label("user").fill(user)
    page.get_by_label("password").fill(password)
    page.get_by_role("button", name="Let me in").click()


def picture(page, name: str) -> None:
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"login-{name}.png")


def test_from_an_address_to_an_answer_and_out_again(open_page, url, provider):
    page = open_page("/")
    assert page.url.startswith(f"{provider.issuer}/authorize")
    fill_in(page)
    page.wait_for_url(f"{url}/")
    page.locator("#wb-language .wb-who").wait_for()
    assert page.locator(".wb-who").inner_text() == "林一鸣"
    page.locator("#wb-ask textarea").fill(QUESTION)
    page.keyboard.press("Enter")
    page.locator("#wb-chat .wb-sources").first.wait_for()
    assert "补偿" in page.locator("#wb-chat .wb-answer").last.inner_text()
    picture(page, "page")
    cookie = next(one for one in page.context.cookies() if one["name"] == PLAIN_LOGIN)
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")
    assert PLAIN_LOGIN not in page.evaluate("document.cookie")

    page.get_by_role("button", name="退出登录").click()
    page.wait_for_url(f"{url}/logout")
    page.get_by_role("heading", name="已退出").wait_for()
    assert "/end" in provider.asked, "the provider was told as well"
    picture(page, "out")
    page.goto(url + "/archive")
    assert page.url.startswith(f"{provider.issuer}/authorize"), "the form again: both sessions are over"


def test_an_archive_page_is_come_back_to_and_its_language_stays(open_page, url, provider):
    page = open_page("/archive?part=1", locale="en-US")
    fill_in(page, "zhou", "geheim")
    page.wait_for_url(f"{url}/archive?part=1")
    page.goto(url + "/")
    page.get_by_role("button", name="Sign out").wait_for()
    assert page.locator(".wb-who").get_attribute("title") == "Signed in: 周小满"


def test_who_says_no_at_the_provider_reads_so_and_may_try_again(open_page, url, provider):
    page = open_page("/archive")
    page.get_by_role("button", name="No").click()
    page.get_by_role("heading", name="没有登录").wait_for()
    page.get_by_role("link", name="English").click()
    page.get_by_role("heading", name="Not signed in").wait_for()
    picture(page, "no")
    page.get_by_role("link", name="Sign in again").click()
    assert page.url.startswith(f"{provider.issuer}/authorize")


@pytest.mark.parametrize(
    ("name", "options"),
    [("light", {}), ("dark-phone-en", {"locale": "en-US", "viewport": PHONE, "color_scheme": "dark"})],
)
def test_every_page_of_it_fits_reads_well_and_is_sound_for_a_screen_reader(open_page, url, name, options):
    page = open_page("/logout", **options)
    for what, path in (("out", "/logout"), ("stale", "/login/callback?said=stale"), ("stay", "")):
        if what == "stay":
            page.goto(url + "/")
            fill_in(page)
            page.locator(".wb-who").wait_for()
            assert page.evaluate(FITS), "the chat with a name in it"
            picture(page, f"chat-{name}")
            path = "/logout"
        page.goto(url + path)
        assert page.evaluate(FITS), what
        found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
        assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
        picture(page, f"{what}-{name}")
