"""Signing in and out in a real browser, before the running app: the provider's form, a question, the way out.

Screenshots go to tests/screenshots/ for people to look at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe

from bot.identity.cookies import PLAIN_LOGIN
from tests.oidc_provider import CLIENT, SECRET, OidcProvider, oidc_provider
from tests.pages import ask
from tests.serving import SCREENSHOTS, chromium, served

pytestmark = pytest.mark.browser

QUESTION = "桐乡的生态补偿机制是怎么运作的？"
FITS = "document.documentElement.scrollWidth <= innerWidth"
DESKTOP, PHONE = {"width": 1280, "height": 800}, {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def provider() -> Iterator[OidcProvider]:
    with oidc_provider() as provider:
        yield provider


@pytest.fixture(scope="module")
def url(provider: OidcProvider, tmp_path_factory) -> Iterator[str]:
    """The running app, to which nobody comes in but by the provider, and where editors alone read the sample."""
    folder = tmp_path_factory.mktemp("login")
    access = folder / "access.yaml"
    access.write_text("papers:\n  问报样报: [editors]\nothers: signed-in\n", "utf-8")
    settings = {
        "WENBAO_ACCESS": str(access),
        "WENBAO_OIDC_ISSUER": provider.issuer,
        "WENBAO_OIDC_CLIENT": CLIENT,
        "WENBAO_OIDC_SECRET": SECRET,
    }
    with served(folder / "data", **settings) as app:
        yield app.url


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
    assert page.locator(".wb-sign-out").get_attribute("title") == "Signed in: 周小满"


def test_the_providers_groups_say_what_may_be_read(open_page, url, provider):
    page = open_page("/")
    fill_in(page, "zhou", "geheim")
    page.wait_for_url(f"{url}/")
    page.locator("#wb-language .wb-who").wait_for()
    ask(page, QUESTION)
    assert page.locator("#wb-chat .wb-refusal").count() == 1
    shown = page.locator("body").inner_text().replace(QUESTION, "")
    assert [told for told in ("问报样报", "补偿", "桐乡") if told in shown] == []


def test_who_says_no_at_the_provider_reads_so_and_may_try_again(open_page, url, provider):
    page = open_page("/archive")
    page.get_by_role("button", name="No").click()
    page.get_by_role("heading", name="没有登录").wait_for()
    page.get_by_role("link", name="English").click()
    page.get_by_role("heading", name="Not signed in").wait_for()
    picture(page, "no")
    page.get_by_role("link", name="Sign in again").click()
    page.wait_for_url(f"{provider.issuer}/authorize*")


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
            page.locator(".wb-sign-out button").wait_for()
            assert page.evaluate(FITS), "the chat with a name in it"
            assert page.locator("#wb-masthead").bounding_box()["height"] < 98, "it takes no line more"
            picture(page, f"chat-{name}")
            path = "/logout"
        page.goto(url + path)
        assert page.evaluate(FITS), what
        found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
        assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
        picture(page, f"{what}-{name}")
