"""The page in this process, over a bot that is open already: quick to start, and to be broken on purpose."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from typing import Any

import uvicorn

from bot.access import EVERYTHING
from bot.bot import Bot
from bot.look import Look
from bot.page.server import build_app
from bot.state import State
from bot.visitor import SCOPES, Visitor, set_visitor
from tests.serving import SCREENSHOTS

QUESTION = "桐乡的生态补偿机制是怎么运作的？"
OTHER = "城东图书馆晚上开到几点？"
HOPELESS = "恐龙为什么灭绝？"
ANYBODY = Visitor(papers=EVERYTHING, scopes=frozenset(SCOPES), via="open")


def opened(bot: Bot) -> Future[Bot]:
    """The bot, open already."""
    future: Future[Bot] = Future()
    future.set_result(bot)
    return future


class As:
    """An app whose every request comes from one visitor, as the guard would say it: somebody who may do everything."""

    def __init__(self, app: Any, visitor: Visitor = ANYBODY) -> None:
        self.app, self.visitor = app, visitor

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] == "http":
            set_visitor(scope, self.visitor)
        await self.app(scope, receive, send)


class Broken:
    """Answers paths that end in `only` with `status` while that is set; keeps all that was asked for.

    `late` are seconds for which the end of a stream of results is on its way.
    """

    def __init__(self, app: Any) -> None:
        self.app, self.status, self.only, self.asked, self.late = app, 0, "", [], 0.0

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] == "http":
            referer = dict(scope["headers"]).get(b"referer", b"").decode()
            self.asked.append(f"{scope['method']} {scope['path']}?{scope['query_string'].decode()} {referer}")
            if self.status and scope["path"].endswith(self.only):
                await send({"type": "http.response.start", "status": self.status, "headers": []})
                await send({"type": "http.response.body", "body": b"no"})
                return

        async def lately(message) -> None:
            if b"close_stream" in message.get("body", b""):
                await asyncio.sleep(self.late)
            await send(message)

        await self.app(scope, receive, lately)


class Running:
    """A page that is served."""

    def __init__(self, url: str, broken: Broken, port: int) -> None:
        self.url, self.broken, self.port = url, broken, port


@contextmanager
def page_over(
    bot: Bot | Future[Bot],
    state: State,
    look: Look = Look(),  # noqa: B008 - frozen
    load_sample: Callable[[], object] = lambda: None,
    port: int = 0,
) -> Iterator[Running]:
    """Serve the page over `bot`; at the end every connection is cut."""
    opening = bot if isinstance(bot, Future) else opened(bot)
    broken = Broken(build_app(opening, state, look, load_sample))
    server = uvicorn.Server(uvicorn.Config(broken, log_level="error", timeout_graceful_shutdown=0, lifespan="on"))
    with socket.create_server(("127.0.0.1", port)) as listening:
        port = listening.getsockname()[1]
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        running = Running(f"http://127.0.0.1:{port}", broken, port)
        _wait(running.url)
        try:
            yield running
        finally:
            server.should_exit = server.force_exit = True
            thread.join(10)


def _wait(url: str) -> None:
    for _ in range(200):
        try:
            urllib.request.urlopen(f"{url}/healthz", timeout=5).close()
        except OSError:
            time.sleep(0.05)
        else:
            return


@contextmanager
def looked_into(page) -> Iterator[None]:
    """Where a test fails, print what the page was at, for whoever reads of it and cannot see it."""
    heard: list[str] = []
    for what in ("request", "requestfinished", "requestfailed"):
        page.on(what, lambda one, what=what: heard.append(f"{what} {one.method} {one.url[-80:]} {one.post_data}"[:400]))
    page.on("console", lambda line: heard.append(f"console {line.text[:200]}"))
    try:
        yield
    except BaseException:
        with suppress(Exception):  # a page that is gone has nothing to say
            print(page.evaluate(_STATE))
        print("\n".join(heard[-40:]))
        raise


_STATE = """() => JSON.stringify({
  busy: window.wenbao?.busy(), lost: window.wenbao?.isLost, focus: document.activeElement?.outerHTML.slice(0, 200),
  box: document.querySelector("#wb-ask textarea")?.value, waiting: document.querySelector("#wb-waiting")?.innerText,
  chat: document.querySelector("#wb-chat")?.innerText.slice(-400),
  source: document.querySelector("#wb-source")?.innerText.slice(0, 80),
})"""


def greeted(page, url: str):
    """Open the page and wait until it is drawn."""
    page.goto(url)
    page.locator("#wb-shell").wait_for(state="detached")
    page.locator(
        "#wb-chat .wb-greeting, #wb-chat .wb-answer, #wb-chat .wb-refusal, #wb-chat .wb-notice"
    ).first.wait_for()
    return page


def ask(page, question: str) -> None:
    """Ask with Enter and wait until the answer can be dealt with."""
    page.locator("#wb-ask textarea").fill(question)
    page.locator("#wb-ask textarea").press("Enter")
    settled(page, question)


def settled(page, question: str) -> None:
    """Wait until the last exchange is `question` with its tools."""
    page.wait_for_function(
        """(question) => {
          const rows = [...document.querySelectorAll("#wb-chat .message-row")];
          const whole = rows.at(-1)?.querySelector(".wb-tools") && rows.at(-2)?.innerText.trim() === question;
          return whole && !window.wenbao.busy();
        }""",
        arg=question,
    )


def tool(page, verb: str):
    """The button of the last answer that does `verb`."""
    return page.locator(f'#wb-chat button[value^="{verb}."]').last


def pictures(page, name: str) -> None:
    """What a page looks like just now by day on a desk and by night on a phone, for people to look at."""
    SCREENSHOTS.mkdir(exist_ok=True)
    as_it_was = page.viewport_size
    for size, light, width, height in (("phone", "dark", 360, 740), ("desktop", "light", 1280, 800)):
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=light)
        page.wait_for_timeout(100)
        page.screenshot(path=SCREENSHOTS / f"{name}-{size}-{light}.png")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is wider than a {size}"
    page.set_viewport_size(as_it_was)


def questions(page) -> list[str]:
    """What was asked, as the chat shows it."""
    return page.locator("#wb-chat .wb-question").all_inner_texts()
