"""The page for everybody: axe-core finds nothing serious; a narrow or a zoomed screen holds all of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from bot.state import State
from tests.pages import HOPELESS, QUESTION, Running, ask, greeted, page_over
from tests.serving import SCREENSHOTS, chromium

pytestmark = pytest.mark.browser


PHONE = {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def served(bot, tmp_path_factory) -> Iterator[Running]:
    with closing(State.of(tmp_path_factory.mktemp("everyone"))) as state, page_over(bot, state) as served:
        yield served


def serious(page) -> list[str]:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [
        f"{each['id']}: {node['target']} {node['failureSummary'][:300]}"
        for each in found
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("zh", {"locale": "zh-CN"}),
        ("dark-narrow", {"locale": "en-US", "color_scheme": "dark", "viewport": PHONE, "has_touch": True}),
        ("zoomed", {"locale": "en-US", "viewport": {"width": 640, "height": 400}, "device_scale_factor": 2}),
    ],
)
def test_nothing_serious_stands_in_anybodys_way_in_any_state_of_the_page(browser, served, name, options):
    context = browser.new_context(**options, reduced_motion="reduce")
    page = context.new_page()
    found = {}

    def look(state: str) -> None:
        page.mouse.move(1, 1)
        page.wait_for_timeout(150)
        page.screenshot(path=SCREENSHOTS / f"everyone-{name}-{state}.png")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{state} is wider than the screen"
        found.update({state: problems} if (problems := serious(page)) else {})

    greeted(page, served.url)
    look("greeting")
    ask(page, QUESTION)
    ask(page, HOPELESS)
    look("answers")
    page.locator("#wb-filter button").first.click()
    look("filter")
    page.locator("#wb-chat a.wb-cite").first.click()
    page.locator("#wb-source mark.wb-asked").first.wait_for()
    look("source")
    page.locator(".wb-open-drawer").click()
    page.locator("#wb-drawer .wb-talk").first.wait_for()
    look("drawer")
    page.keyboard.press("Escape")
    page.locator('#wb-chat button[value^="edit."]').first.click()
    look("form")
    context.close()
    assert found == {}


def test_every_tool_is_reached_by_tab_and_the_focus_is_seen(browser, served):
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    greeted(page, served.url)
    ask(page, QUESTION)
    page.locator("#wb-follow button").first.wait_for()
    page.evaluate("document.activeElement.blur()")
    reached = {}
    for _ in range(80):
        page.keyboard.press("Tab")
        at = page.evaluate(
            """() => {
              const at = document.activeElement, style = getComputedStyle(at);
              const ring = style.outlineStyle !== "none" || at.closest("#wb-ask");
              const name = at.value?.split?.(".")[0] || at.getAttribute("href")?.slice(0, 5) || at.id || at.tagName;
              return [name, Boolean(ring)];
            }"""
        )
        if at[0] == "language" and "language" in reached:
            break
        reached[at[0]] = at[1]
    wanted = {"language", "talks", "wb-new", "#cite", "copy", "up", "down", "share", "edit", "retry", "ask"}
    assert wanted <= set(reached)
    assert {name for name in wanted if not reached[name]} == set()
    context.close()


def test_a_screen_reader_hears_answers_as_they_come(browser, served):
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    greeted(page, served.url)
    ask(page, QUESTION)
    assert page.locator("#wb-chat [role=log][aria-live=polite]").count() == 1
    assert page.locator("#wb-chat [aria-label*='<']").count() == 0
    context.close()
