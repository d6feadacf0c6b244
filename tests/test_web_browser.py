"""The archive's pages in a real browser, on the real app: looked at, searched, printed, with and without a script.

Screenshots go to tests/screenshots/ for people to look at.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from ingest.encoder import Encoder
from ingest.ingester import Ingester
from tests.printed import printed_rows
from tests.serving import SCREENSHOTS, Served, chromium, served

pytestmark = pytest.mark.browser

DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
LETTERS = "𠮷野村" + "🙂" * 3  # characters that a browser counts as two
HOSTILE = "<img src=x onerror=window.hit=1><script>window.hit=1</script> ${window.hit=1} {{7*7}} **粗**"
OWN = (
    {"id": "far", "title": f"{LETTERS}修好了水渠", "date": "2023-05-03", "paper": "石门日报", "page": "1",
     "text": f"{LETTERS}的水渠用了两年才修好。\n{LETTERS}里的人说，水终于{LETTERS}流到了田头。第二天就插了秧。"},
    {"id": "bad", "title": HOSTILE, "date": "2023-05-03", "paper": HOSTILE, "page": HOSTILE, "place": HOSTILE,
     "byline": HOSTILE, "text": f"这一篇里写着{HOSTILE}，照样只是字。"},
)  # fmt: skip
FITS = "document.documentElement.scrollWidth <= innerWidth"


@dataclass
class Watched:
    """An app, a browser, and what was asked for and complained about."""

    app: Served
    browser: object
    contexts: list = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str, locale: str = "zh-CN", **options):
        """A new tab on a page."""
        context = self.browser.new_context(locale=locale, **({"viewport": DESKTOP} | options))
        self.contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("console", lambda m: self.complaints.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(self.app.url + path)
        return page


@pytest.fixture(scope="module")
def app(tmp_path_factory, builtin: Encoder) -> Iterator[Served]:
    folder: Path = tmp_path_factory.mktemp("web")
    rows = folder / "printed.jsonl"
    lines = [json.dumps(row, ensure_ascii=False) for row in (*printed_rows(280), *OWN)]
    rows.write_text("\n".join(lines), "utf-8")
    Ingester(folder / "data", builtin).add([rows])
    with served(folder / "data", WENBAO_ADMIN_TOKEN="a token that nobody guesses") as app:
        yield app


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture
def watched(app: Served, browser) -> Iterator[Watched]:
    """When the test is over, nothing may have been asked of another host or complained about."""
    watched = Watched(app, browser)
    yield watched
    for context in watched.contexts:
        context.close()
    assert [url for url in watched.asked if not url.startswith((app.url, "data:", "blob:"))] == []
    assert watched.complaints == []


def picture(page, name: str) -> None:
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"web-{name}.png", full_page=True)


def address_of(page, words: str) -> str:
    """The address of the first article that is found for `words`."""
    page.fill("#words", words)
    page.press("#words", "Enter")
    page.locator(".results mark").first.wait_for()
    return page.locator(".results .headline").first.get_attribute("href").removeprefix("..")


@pytest.mark.parametrize(
    ("name", "options"),
    [("zh", {}), ("en-dark-phone", {"locale": "en-US", "viewport": PHONE, "color_scheme": "dark"}),
     ("zh-zoomed", {"viewport": {"width": 640, "height": 450}})],
)  # fmt: skip
def test_every_page_fits_reads_well_and_is_sound_for_a_screen_reader(watched, name, options):
    axe = Axe()
    page = watched.open("/archive/search", **options)
    paths = {
        "front": "/archive", "year": "/archive/2022", "month": "/archive/2022-04", "day": "/archive/2022-04-06",
        "page": "/archive/2022-04-06/%E7%9F%B3%E9%97%A8%E6%97%A5%E6%8A%A5/1",
        "article": address_of(page, "柳桥镇 夜校"), "admin": "/admin",
        "search": "/archive/search#words=%E5%A4%9C%E6%A0%A1",
    }  # fmt: skip
    if name == "zh-zoomed":
        paths = {what: paths[what] for what in ("front", "day", "article", "search")}
    for what, path in paths.items():
        page.goto(watched.app.url + path)
        if what == "month":
            page.locator(".worded").wait_for()  # comes by itself, once it is counted
        if what == "search":
            page.locator(".results mark").first.wait_for()
        assert page.evaluate(FITS), what
        picture(page, f"{name}-{what}")
        if name == "zh-zoomed" or what in ("year", "page") or (name != "zh" and what not in ("front", "article")):
            continue  # nothing that the others did not look at
        found = axe.run(page).response["violations"]
        grave = [f"{one['id']}: {one['nodes'][0]['html']}" for one in found if one["impact"] in ("serious", "critical")]
        assert grave == [], what
    watched.complaints[:] = [line for line in watched.complaints if "401" not in line]  # what /admin says to nobody


def test_words_stand_behind_the_hash_and_back_reload_and_the_keyboard_work(watched):
    page = watched.open("/archive")
    page.focus("#words")
    page.keyboard.type("夜校")
    page.keyboard.press("Enter")
    page.locator(".results mark").first.wait_for()
    assert page.url.endswith("/archive/search#words=%E5%A4%9C%E6%A0%A1")
    page.locator(".orders button", has_text="最早在前").focus()
    page.keyboard.press("Enter")
    page.locator('.orders [aria-pressed="true"]', has_text="最早在前").wait_for()
    page.locator(".parts button", has_text="→").click()
    page.locator(".parts", has_text="第 2 / 2 页").wait_for()
    page.reload()
    page.locator(".parts", has_text="第 2 / 2 页").wait_for()
    page.go_back()
    page.locator(".parts", has_text="第 1 / 2 页").wait_for()
    assert page.input_value("#words") == "夜校"
    page.fill("#words", "")
    page.press("#words", "Enter")
    page.locator(".found", has_text="282 篇报道").wait_for()
    assert not [
        url for url in watched.asked if "words" in url.partition("#")[0] or "%E5%A4%9C" in url.partition("#")[0]
    ]


def test_everything_works_without_a_script(watched):
    page = watched.open("/archive", java_script_enabled=False)
    page.fill("#words", "柳桥镇 夜校")
    page.click(".go")
    page.locator(".results mark").nth(1).wait_for()
    assert "words" not in page.url
    page.locator(".results .headline").first.click()
    assert "柳桥镇" in page.locator(".article").inner_text()
    assert page.locator(".print").is_hidden()


def test_a_search_that_is_refused_says_why(watched):
    page = watched.open("/archive/search")
    said = {"status": 429, "content_type": "text/html", "body": "<!doctype html><h1>429</h1><p>Wait a moment.</p>"}
    page.route(
        "**/archive/search",
        lambda route: route.fulfill(**said) if route.request.method == "POST" else route.continue_(),
    )
    page.locator("form.seek input[name=words]").fill("柳桥镇")
    page.locator("form.seek input[name=words]").press("Enter")
    page.locator("p", has_text="Wait a moment.").wait_for()
    watched.complaints[:] = [line for line in watched.complaints if "429" not in line]


def test_a_quoted_place_is_marked_to_the_character_whatever_a_browser_takes_for_one(watched):
    page = watched.open("/archive/search")
    path = address_of(page, "水渠 插了秧")
    text = OWN[0]["text"]
    quote = f"水终于{LETTERS}流到了田头。"
    start = text.index(quote)
    page.goto(f"{watched.app.url}{path}#text.{start}.{start + len(quote)}")
    assert page.locator(".article mark").all_inner_texts() == [quote]
    assert page.locator(".article mark").evaluate("(m) => m.getBoundingClientRect().bottom < innerHeight")
    across = text[: text.index("\n") + 3]
    page.evaluate(f"location.hash = '#text.0.{len(across)}'")
    page.wait_for_function("document.querySelectorAll('.article mark').length === 2")
    assert "\n".join(page.locator(".article mark").all_inner_texts()) == across
    page.evaluate(f"location.hash = '#title.0.{len(LETTERS)}'")
    page.locator("h1 mark", has_text=LETTERS).wait_for()
    for odd in ("#text.5.2", "#text.99999999.1", "#text.0.99999999", "#nothing", "#text.1.2.3", "#<img>"):
        page.evaluate(f"location.hash = '{odd}'")
    assert page.locator(".article p[data-part]").all_inner_texts() == text.split("\n")


def test_what_a_newspaper_prints_is_shown_as_text_everywhere(watched):
    page = watched.open("/archive/search")
    path = address_of(page, "照样只是字")
    for where in (path, "/archive", "/archive/2023-05-03", "/archive/2023-05"):
        page.goto(watched.app.url + where)
        page.wait_for_timeout(50)
        assert page.evaluate("window.hit") is None
        assert page.locator("img").count() == 0
        assert HOSTILE in page.locator("body").inner_text() or where == "/archive/2023-05"


def test_an_article_is_printed_without_what_only_a_screen_needs(watched):
    page = watched.open("/archive/search")
    page.goto(watched.app.url + address_of(page, "柳桥镇 夜校"))
    page.emulate_media(media="print")
    assert page.locator(".article").is_visible()
    assert not any(page.locator(each).first.is_visible() for each in (".masthead nav", ".deeds", ".neighbours"))
    picture(page, "print")


def test_a_day_a_paper_and_a_place_narrow_the_chat_and_the_address_forgets_them(watched):
    page = watched.open("/archive/2022-04-06/石门日报")
    page.locator(".title a", has_text="只问这一天").click()
    page.locator("#wb-filtered", has_text="只找：2022年4月6日 · 《石门日报》").wait_for()
    assert page.url == f"{watched.app.url}/"
    page.goto(f"{watched.app.url}/archive")
    page.locator(".places a", has_text="柳桥镇").click()
    page.locator("#wb-filtered", has_text="地点 柳桥镇").wait_for()
    assert page.locator("#wb-place input").input_value() == "柳桥镇"
    watched.complaints[:] = [line for line in watched.complaints if "Autofocus" not in line]


def test_a_question_about_an_article_comes_with_its_day_and_a_citation_leads_back_to_the_article(watched):
    page = watched.open("/archive/search")
    page.goto(watched.app.url + address_of(page, "柳桥镇 夜校"))
    title = page.locator("h1").inner_text()
    page.locator(".deeds a").first.click()
    page.locator("#wb-filtered", has_text="只找：").wait_for()
    assert title in page.locator("#wb-ask textarea").input_value()
    page.locator("#wb-ask textarea").press("Enter")
    page.locator("#wb-chat .wb-sources").wait_for()
    own = page.locator('#wb-source a[href^="article/"]')
    with page.context.expect_page() as opened:
        own.click()
    article = opened.value
    article.locator(".article mark").first.wait_for()
    assert title in article.locator("h1").inner_text()
    watched.complaints[:] = [line for line in watched.complaints if "Autofocus" not in line]
