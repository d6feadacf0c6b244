"""The guard itself: what every request passes, step by step, before any app sees it.

In: an ASGI app, and what the house, the visitors and the limits are. Out: an ASGI app. Each step is a room of its own;
here is only their order.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import partial
from math import ceil
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException

from bot.guard import body as bodies
from bot.guard.calling import Calling, called
from bot.guard.calls import NO_FUNCTIONS, Call, Functions, check_posted, check_stream, own_event
from bot.guard.dressed import dress
from bot.guard.house import HOME, House, household
from bot.guard.origins import allowing, check_origin, preflight
from bot.guard.owned import Owned
from bot.guard.rates import NO_LIMITS, Counted, Limits, Rates
from bot.guard.refused import Refused
from bot.guard.routes import API_KINDS, Kind, Rule, form_of, rule_of, without_ids
from bot.guard.streams import Streams
from bot.guard.traces import trace
from bot.guard.waits import Waits
from bot.guard.who import Doorman, owner_of, permit
from bot.identity.onward import sign_in_address
from bot.visitor import NOBODY, Register, Visitor, set_visitor

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

SHED = 2  # seconds after which whoever was sent away may try again
END = 1.0  # seconds for which the end of an answer is tried to be told

Seen = Callable[[str, int, str], None]  # kind of address, status, why it was refused ("" where it was not)


Refusal = Callable[[Visitor, str, str, str], None]  # visitor, path, address, why: for the audit


@dataclass(frozen=True, slots=True)
class Rules:
    """What a guard goes by. `anybody`: who an unknown asker is; it is told whether a program asks."""

    house: House = HOME
    limits: Limits = NO_LIMITS
    functions: Functions = NO_FUNCTIONS
    register: Register | None = None
    anybody: Callable[[bool], Visitor] = lambda _: NOBODY
    login: bool = False  # people without a session are sent to /login
    file_bytes: int = 0  # longest file that may be handed in
    seen: Seen = lambda *_: None
    waited: Callable[[float], None] = lambda _: None  # seconds that a question stood in the queue
    refused: Refusal = lambda *_: None


@dataclass
class _Passage:
    """One request on its way through."""

    began: float = field(default_factory=time.perf_counter)
    calling: Calling | None = None
    rule: Rule | None = None
    visitor: Visitor = NOBODY
    sharing: dict[str, str] = field(default_factory=dict)  # headers for the page of a portal
    status: int = 0
    length: int = 0
    ended: bool = False
    why: str = ""

    @property
    def kind(self) -> Kind | None:
        return self.rule.kind if self.rule else None


class Guard:
    """An ASGI app before another one."""

    def __init__(self, app: ASGIApp, rules: Rules) -> None:
        self._app, self._rules = app, rules
        self._doorman = Doorman(rules.register, rules.anybody)
        self._owned, self._rates, self._waits = Owned(), Rates(), Waits(rules.waited)
        self._questions, self._open = Counted(), Counted()
        self.streams = Streams()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let it through, or say no."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._http(dict(scope), receive, send)
        else:
            await send({"type": "websocket.close", "code": 1008})

    @property
    def queue(self) -> int:
        """Questions that are under way or wait."""
        return self._questions.all + self._rules.functions.waiting()

    async def _http(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        passage = _Passage()
        method, path, prefix = scope["method"], scope["path"], self._rules.house.prefix

        async def out(message: Message) -> None:
            if message["type"] == "http.response.start":
                dress(message, passage.kind, passage.calling, self._rules.house, passage.sharing)
                passage.status = message["status"]
            else:
                passage.length += len(message.get("body", b""))
                passage.ended = not message.get("more_body")
            await send(message)

        try:
            await self._pass(passage, scope, receive, out)
        except Refused as no:
            passage.why = no.why
            await self._refuse(passage, no, scope, receive, out)
        except ConnectionError:
            passage.why = "gone"
        finally:
            within = path[len(prefix) :] if path.startswith(f"{prefix}/") else path
            path = passage.calling.path if passage.calling else within
            trace(method, path, passage.status, passage.length, time.perf_counter() - passage.began, passage.visitor)
            self._rules.seen(passage.kind or "none", passage.status, passage.why)

    async def _pass(self, passage: _Passage, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        house = self._rules.house
        calling = passage.calling = called(scope, house)
        headers = Headers(scope=scope)
        if calling.method == "OPTIONS":
            passage.sharing = preflight(calling.path, headers, house)
            await send({"type": "http.response.start", "status": 204, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        rule = passage.rule = rule_of(calling.method, calling.path)
        portal = check_origin(rule, calling, headers, house)
        passage.sharing = allowing(portal) if portal else {}
        if calling.method == "POST":
            bodies.check_type(rule.body, headers.get("content-type", ""))
        longest = self._rules.file_bytes if rule.body == "file" else bodies.LONGEST
        bodies.check_length(headers.get("content-length", ""), longest)
        if rule.question:
            self._check_queue()
        if rule.signs_in:
            self._check_often(f"sign-in {household(calling.address)}", self._rules.limits.sign_ins)
        visitor = passage.visitor = await self._doorman.who(rule, calling, headers)
        permit(rule, visitor)
        set_visitor(scope, visitor)
        owner = owner_of(visitor, calling, headers)
        call, receive = await self._read(passage, rule, calling, scope, receive, owner)
        with ExitStack() as until:
            if rule.question or call.question:
                self._check_queue()
                self._check_rate(visitor, calling)
            if rule.question:
                until.enter_context(self._questions.one(""))
            if rule.stream:
                self._check_streams(visitor, calling)
                until.enter_context(self._open.one(_asker(visitor, calling)))
            if rule.gradio in ("join", "call"):
                send = self._noting(owner, call, send)
            if rule.stream:
                await self._last(passage, rule, scope, receive, send, call)
            elif rule.body == "file":
                await self._take_in(rule, visitor, scope, receive, send)
            else:
                await self._app(scope, receive, send)

    async def _read(
        self, passage: _Passage, rule: Rule, calling: Calling, scope: dict[str, Any], receive: Receive, owner: str
    ) -> tuple[Call, Receive]:
        """The body, checked; what Gradio gets of it."""
        if rule.query is not None:
            asked = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
            scope["query_string"] = urlencode([(n, v) for n, v in asked if n in rule.query]).encode()
        headers = MutableHeaders(scope=scope)
        if rule.kind in API_KINDS:
            del headers["cookie"]  # no program is known by one
        if rule.body == "file":
            return Call(), receive
        body = await bodies.read_body(receive)
        call = Call()
        if rule.gradio in ("join", "run", "call", "cancel", "reset"):
            public = passage.visitor.via == "key"
            call = check_posted(rule, body, owner, self._owned, self._rules.functions, public=public)
            del headers["accept-encoding"]  # the answer is read here
        elif rule.gradio:
            found = rule.pattern.fullmatch(calling.path)
            ids = found.groupdict() if found else {}
            call = check_stream(rule, ids, scope["query_string"], owner, self._owned)
        if call.body is not None:
            body = call.body
            headers["content-length"] = str(len(body))
            del headers["transfer-encoding"]
        return call, bodies.given_again(body, receive)

    async def _take_in(self, rule: Rule, visitor: Visitor, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        """Let a file be taken in as it comes. Raises Refused where it is too long, stops, or may come no longer."""
        stands = partial(self._doorman.still_stands, visitor, rule)
        meter = bodies.Meter(receive, self._rules.file_bytes, stands)

        async def unless_refused(message: Message) -> None:
            if meter.refused is None:
                await send(message)

        try:
            await self._app(scope, meter, unless_refused)
        except Exception:
            if meter.refused is None:
                raise
        if meter.refused is not None:
            raise meter.refused

    async def _last(
        self, passage: _Passage, rule: Rule, scope: dict[str, Any], receive: Receive, send: Send, call: Call
    ) -> None:
        """Let an answer last as long as it may."""
        visitor, functions = passage.visitor, self._rules.functions

        def busy() -> bool:
            return functions.busy(call.session) if rule.gradio else rule.question

        stands = partial(self._doorman.still_stands, visitor, rule)
        if rule.gradio in ("data", "event"):
            send = self._hearing(call.session if rule.gradio == "event" else "", send)
        try:
            whole = await self.streams.run(self._app(scope, receive, send), stands, busy)
        except RuntimeError as e:
            if not isinstance(e.__cause__, HTTPException):
                raise
            whole = False  # Gradio knows no such session, and has said so in its answer
        if not whole and passage.status and not passage.ended:
            with suppress(TimeoutError):  # whoever takes nothing is not told of the end either
                async with asyncio.timeout(END):
                    await send({"type": "http.response.body", "body": b""})

    def _noting(self, owner: str, call: Call, send: Send) -> Send:
        """A `send` that notes whose event is told of, and that a question begins to wait."""
        told = b""

        async def noted(message: Message) -> None:
            nonlocal told
            if message["type"] == "http.response.body":
                told += message.get("body", b"")
                if not message.get("more_body"):
                    event = own_event(told, owner, self._owned)
                    if event and call.question:
                        self._waits.posted(event)
            await send(message)

        return noted

    def _hearing(self, event: str, send: Send) -> Send:
        """A `send` that hears when questions are begun."""

        async def heard(message: Message) -> None:
            self._waits.heard(message.get("body", b""), event)
            await send(message)

        return heard

    async def _refuse(
        self, passage: _Passage, no: Refused, scope: dict[str, Any], receive: Receive, send: Send
    ) -> None:
        if passage.status:  # it came while an answer was under way
            return
        if no.status in (401, 403):
            calling = passage.calling
            where = (without_ids(calling.path), calling.address) if calling else ("", "")
            self._rules.refused(passage.visitor, *where, no.why)
        headers = Headers(scope=scope)
        form = passage.rule.form if passage.rule else form_of(scope["path"].removeprefix(self._rules.house.prefix))
        if form == "page" and no.status == 401:
            no = self._to_login(passage, no, headers, scope["query_string"].decode("latin-1"))
        start, end = no.said(form)
        await send(start)
        if no.headers.get("Connection") == "close":
            await send({**end, "more_body": True})
            await bodies.drain(receive)
            end = {"type": "http.response.body", "body": b""}
        await send(end)

    def _to_login(self, passage: _Passage, no: Refused, headers: Headers, query: str) -> Refused:
        """Where people who open a page of ours by themselves are sent to."""
        framed = headers.get("sec-fetch-dest", "document") != "document"
        if not self._rules.login or framed or passage.calling is None or passage.calling.method != "GET":
            return no
        to = sign_in_address(self._rules.house.prefix, passage.calling.path, query)
        return Refused(303, no.line, {"Location": to}, why=no.why)

    def _check_queue(self) -> None:
        if self.queue >= self._rules.limits.queue:
            line = "Too many questions are under way; try again in a moment."
            raise Refused(503, line, {"Retry-After": str(SHED)}, why="queue")

    def _check_rate(self, visitor: Visitor, calling: Calling) -> None:
        limits = self._rules.limits
        self._check_often(_asker(visitor, calling), limits.key_rate if visitor.via == "key" else limits.user_rate)

    def _check_often(self, asker: str, per_minute: int) -> None:
        wait = self._rates.wait(asker, per_minute)
        if wait:
            line = "You have asked too much in a short time; wait a moment."
            raise Refused(429, line, {"Retry-After": str(ceil(wait))}, why="rate")

    def _check_streams(self, visitor: Visitor, calling: Calling) -> None:
        if self._open.of(_asker(visitor, calling)) >= self._rules.limits.streams:
            line = "Too many answers are open at once; close some."
            raise Refused(429, line, {"Retry-After": str(SHED)}, why="streams")


def _asker(visitor: Visitor, calling: Calling) -> str:
    """Whom limits count: whoever is known, else where they come from."""
    return f"{visitor.via} {visitor.subject}" if visitor.subject else f"address {household(calling.address)}"
