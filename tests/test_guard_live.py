"""The guard in front of the real page, on a real wire: lines that are slow, and users who try each other's doors."""

from __future__ import annotations

import http.client
import json
import re
import secrets
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from bot.bot import Bot
from bot.guard.guard import Guard, Rules
from bot.guard.rates import Limits
from bot.guard.streams import Streams
from bot.guard.wire import LONGEST_HEAD, Wire
from bot.identity.keys import add_key
from bot.identity.sessions import Person
from bot.look import Look
from bot.page.server import AT_HOME, Server, build_app, server_config
from bot.serve import Door, build, read_door
from bot.state import State
from bot.visitor import NOBODY, Visitor
from ingest.settings import Settings
from tests.pace import slowness
from tests.pages import QUESTION, greeted, opened, questions, settled
from tests.serving import chromium
from tests.test_guard import KEY, OPEN, Echo, Register, join

HOST = "127.0.0.1"
NEVER = 30.0  # seconds after which a line that ought to be cut is given up


@contextmanager
def serving(guard: Guard, wire: type[Wire] = Wire, keep_alive: int = 15) -> Iterator[int]:
    """The guard's port."""
    config = server_config(guard)
    config.http, config.timeout_keep_alive = wire, keep_alive
    server = Server(config, guard)
    with socket.create_server((HOST, 0)) as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield listening.getsockname()[1]
        finally:
            server.should_exit = server.force_exit = True
            thread.join(10)


class Impatient(Wire):
    head_seconds = 0.5
    taking_seconds = 0.5
    most = 20


class Long:
    """Answers at length, or until somebody leaves, and counts what came to an end."""

    def __init__(self) -> None:
        self.began, self.ended = threading.Semaphore(0), threading.Semaphore(0)

    async def __call__(self, scope, receive, send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        self.began.release()
        if "/healthz" in scope["path"]:
            pass
        elif "/heartbeat/" in scope["path"]:
            await send({"type": "http.response.body", "body": b"alive", "more_body": True})
            while (await receive())["type"] != "http.disconnect":
                pass
        else:
            for _ in range(LENGTH // 100_000):
                await send({"type": "http.response.body", "body": b"x" * 100_000, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
        self.ended.release()


LENGTH = 20_000_000  # more than all buffers between two sockets hold


@pytest.fixture(scope="module")
def slow() -> Iterator[int]:
    """The port of a guard that waits for half a second."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bot.guard.body.SECONDS", 0.5)
        patch.setattr("bot.guard.body.DRAINED", 0.2)
        with serving(Guard(Echo(), Rules(anybody=lambda _: OPEN)), Impatient, 1) as port:
            yield port


def line(port: int) -> socket.socket:
    return socket.create_connection((HOST, port), timeout=NEVER)


def until_cut(one: socket.socket, drip: bytes = b"") -> tuple[float, bytes]:
    """Seconds until the other side cuts the line, and what it said."""
    began, said = time.monotonic(), b""
    one.settimeout(0.1)
    while time.monotonic() - began < NEVER:
        try:
            if drip:
                one.sendall(drip)
            part = one.recv(65_536)
        except TimeoutError:
            continue
        except OSError:
            break
        if not part:
            break
        said += part
    return time.monotonic() - began, said


def until(so: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait until it is so."""
    end = time.monotonic() + seconds
    while not so():
        assert time.monotonic() < end
        time.sleep(0.01)


GET = f"GET /healthz HTTP/1.1\r\nHost: {HOST}\r\n"
POST = f"POST /api/ask HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize(
    ("sent", "drip"),
    [
        (b"", b""),
        (b"G", b""),
        (GET.encode(), b""),
        (GET.encode(), b"X: y\r\n"),
        (GET.encode() + b"X: ", b"y"),
        (GET.encode() + b"\r\n" + b"G", b""),
    ],
    ids=["nothing", "a-letter", "half-a-header", "dripping-headers", "a-dripping-header", "a-letter-after-an-answer"],
)
def test_a_request_that_is_not_said_in_time_is_cut_off(slow, sent, drip):
    with line(slow) as one:
        one.sendall(sent)
        seconds, _ = until_cut(one, drip)
    assert seconds < 2.5 * slowness()


@pytest.mark.parametrize("drip", [b"", b"a"], ids=["half-a-body", "a-dripping-body"])
def test_a_body_that_does_not_come_in_time_is_answered_and_cut_off(slow, drip):
    with line(slow) as one:
        one.sendall(POST.encode() + b"Content-Length: 1000\r\n\r\n{")
        seconds, said = until_cut(one, drip)
    assert seconds < 2.5 * slowness()
    assert b" 408 " in said


def test_a_line_on_which_nothing_more_is_asked_is_cut_off(slow):
    with line(slow) as one:
        one.sendall(GET.encode() + b"\r\n")
        seconds, said = until_cut(one)
    assert said.startswith(b"HTTP/1.1 200 ")
    assert seconds < 3 * slowness()


def test_a_long_body_is_heard_out_so_that_its_sender_hears_the_answer(slow, monkeypatch):
    monkeypatch.setattr("bot.guard.body.DRAINED", 30.0)
    body = json.dumps({"data": ["长" * 15_000_000]}).encode()
    with closing(http.client.HTTPConnection(HOST, slow, timeout=60)) as one:
        one.putrequest("POST", "/gradio_api/call/chat")
        one.putheader("Content-Type", "application/json")
        one.putheader("Content-Length", str(len(body)))
        one.endheaders()
        with suppress(OSError):
            one.send(body)
        assert one.getresponse().status == 413


def test_who_is_refused_before_a_long_body_hears_it_and_may_ask_again():
    body = b"a" * (LONGEST_HEAD + 20_000)
    with serving(Guard(Echo(), Rules(anybody=lambda _: OPEN))) as port, line(port) as one:
        one.sendall(f"{POST.replace('json', 'xml')}Content-Length: {len(body)}\r\n\r\n".encode())
        for at in range(0, len(body), 10_000):
            one.sendall(body[at : at + 10_000])
            time.sleep(0.001)
        one.sendall(f"{GET}Connection: close\r\n\r\n".encode())
        _, said = until_cut(one)
    assert [part[:3] for part in said.split(b"HTTP/1.1 ")[1:]] == [b"415", b"200"]


def test_the_rest_of_a_refused_body_does_not_keep_a_line_open(slow):
    with line(slow) as one:
        one.sendall(f"{POST.replace('json', 'xml')}Content-Length: 60000\r\n\r\n".encode())
        seconds, _ = until_cut(one, b"a")
    assert seconds < 2 * slowness()


@pytest.mark.parametrize(
    "head",
    [
        GET + "X: " + "a" * (LONGEST_HEAD + 70_000),
        GET + "".join(f"X{n}: {'a' * 60}\r\n" for n in range(1500)),
        GET + "X: " + "a" * LONGEST_HEAD + "\r\n\r\n",
        GET.replace("z ", "z/" + "a" * LONGEST_HEAD + " ") + "\r\n",
    ],
    ids=["a-long-header", "many-headers", "whole-in-one-piece", "a-long-path"],
)
def test_a_head_that_is_too_long_is_cut_off(slow, head):
    with line(slow) as one:
        try:
            one.sendall(head.encode())
            _, said = until_cut(one)
        except OSError:
            said = b""
    assert b" 200 " not in said


@pytest.mark.parametrize(
    "target", ["http://127.0.0.1/healthz", "http://evil.example/healthz", "*", "evil.example:443", "healthz"]
)
def test_a_target_that_is_no_path_is_refused(slow, target):
    with line(slow) as one:
        one.sendall(f"GET {target} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
        _, said = until_cut(one)
    assert said[:12] == b"HTTP/1.1 400"


def test_two_lengths_or_both_ways_of_saying_one_are_no_request(slow):
    for lengths in (
        "Content-Length: 2\r\nContent-Length: 3\r\n",
        "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
    ):
        with line(slow) as one:
            one.sendall(f"{POST}{lengths}\r\n{{}}".encode())
            _, said = until_cut(one)
        assert said[:12] in (b"HTTP/1.1 400", b"HTTP/1.1 408"), lengths


def test_what_follows_a_request_for_another_protocol_is_no_request(slow):
    """A proxy that hands `Upgrade` on takes it for that request's body, or for that protocol."""
    wish, hidden = "Connection: Upgrade\r\nUpgrade: h2c\r\n", f"{GET}\r\n"
    lengths = (f"Content-Length: {len(hidden)}\r\n", "Transfer-Encoding: chunked\r\n")
    for head, status in [(GET + wish, b"200"), *((POST + wish + length, b"400") for length in lengths)]:
        with line(slow) as one:
            one.sendall(f"{head}\r\n".encode())
            time.sleep(0.1)  # so that it comes in a part of its own
            with suppress(OSError):
                one.sendall(hidden.encode())
            _, said = until_cut(one)
        assert (said[9:12], said.count(b"HTTP/1.1 ")) == (status, 1), head


def test_a_request_that_is_refused_on_the_wire_leaves_no_traceback(slow, caplog):
    with line(slow) as one:
        one.sendall(f"GET * HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
        until_cut(one)
    assert not caplog.records


def test_lines_that_ask_nothing_keep_nobody_out(slow):
    held = [line(slow) for _ in range(60)]
    began = time.monotonic()
    for _ in range(3):
        with line(slow) as one:
            one.sendall(GET.encode() + b"Connection: close\r\n\r\n")
            _, said = until_cut(one)
        assert said.startswith(b"HTTP/1.1 200 ")
    took = time.monotonic() - began
    assert took < 2 * slowness()
    for one in held:
        one.close()


@pytest.fixture
def long() -> Iterator[tuple[Long, int]]:
    """An app that answers at length, and the port of an impatient guard before it."""
    app = Long()
    with serving(Guard(app, Rules(anybody=lambda _: OPEN)), Impatient, 1) as port:
        yield app, port


ASSET = f"GET /assets/long.js HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()


def test_an_answer_that_is_not_taken_is_given_up(long):
    app, port = long
    with line(port) as one:
        one.sendall(ASSET)
        assert app.ended.acquire(timeout=20)


def test_whoever_takes_an_answer_gets_all_of_it(long):
    _, port = long
    with line(port) as one:
        one.sendall(ASSET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        assert sum(map(len, iter(lambda: one.recv(1_000_000), b""))) > LENGTH


def test_answers_that_nobody_takes_keep_nobody_out(long, monkeypatch):
    app, port = long
    monkeypatch.setattr(Impatient, "taking_seconds", 600.0)
    held = [line(port) for _ in range(Impatient.most)]
    for one in held:
        one.sendall(ASSET)
        assert app.began.acquire(timeout=20)
    with line(port) as one:
        one.sendall(GET.encode() + b"\r\n")
        assert one.recv(100).startswith(b"HTTP/1.1 200 ")
    for one in held:
        one.close()


def test_who_is_revoked_and_takes_nothing_holds_no_place(monkeypatch):
    monkeypatch.setattr(Impatient, "taking_seconds", 600.0)
    app, register = Long(), Register()
    guard = Guard(app, Rules(register=register, anybody=lambda _: NOBODY))
    guard.streams = Streams(glance=0.1)
    with serving(guard, Impatient) as port, line(port) as one:
        one.sendall(f"{POST}Authorization: Bearer {KEY}\r\nContent-Length: 2\r\n\r\n{{}}".encode())
        assert app.began.acquire(timeout=20)
        assert guard.queue == 1
        del register.known[KEY]
        until(lambda: guard.queue == 0)


def test_who_asks_on_without_waiting_and_leaves_leaves_nothing_running(long):
    app, port = long
    with line(port) as one:
        one.sendall(f"GET /gradio_api/heartbeat/s1 HTTP/1.1\r\nHost: {HOST}\r\n\r\n{GET}\r\n".encode())
        assert one.recv(100).startswith(b"HTTP/1.1 200 ")
    assert app.ended.acquire(timeout=20)


def test_what_comes_after_a_body_is_no_header(slow):
    """Whoever was before us has not looked there: it could be another asker's address, or a key that was taken off."""
    body = b"2\r\n{}\r\n0\r\nX-Late: 1\r\nHost: evil.example\r\nAuthorization: Bearer wbk_late\r\n\r\n"
    with line(slow) as one:
        one.sendall(f"{POST}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n".encode() + body)
        _, said = until_cut(one)
    assert said.startswith(b"HTTP/1.1 200 ")
    assert b"late" not in said


# Two people, a key and nobody, in front of the real page.


@dataclass
class Page:
    """The real page, to which people come with sessions."""

    port: int
    state: State
    people: dict[str, str] = field(default_factory=dict)

    def ask(self, who: str, method: str, path: str, body: Any = None, **more: str) -> tuple[int, bytes, Any]:
        headers = {"Host": f"{HOST}:{self.port}", **more}
        if self.people.get(who):
            headers["Authorization"] = f"Bearer {self.people[who]}"
        if body is not None and not isinstance(body, bytes):
            body, headers["Content-Type"] = json.dumps(body), "application/json"
        with closing(http.client.HTTPConnection(HOST, self.port, timeout=60)) as one:
            one.request(method, path, body, headers)
            reply = one.getresponse()
            return reply.status, reply.read(), reply.headers

    def stream(self, who: str, path: str) -> http.client.HTTPResponse:
        one = http.client.HTTPConnection(HOST, self.port, timeout=60)
        one.request("GET", path, headers={"Authorization": f"Bearer {self.people[who]}"} if self.people[who] else {})
        return one.getresponse()

    @property
    def functions(self) -> dict[str, int]:
        config = json.loads(self.ask("ann", "GET", "/config")[1])
        return {each["api_name"]: each["id"] for each in config["dependencies"]}


@pytest.fixture(scope="module")
def page(bot, tmp_path_factory) -> Iterator[Page]:
    root = tmp_path_factory.mktemp("live")
    settings = Settings(
        _env_file=None, data=root, portal_issuer="https://portal.example.org", portal_secret="s" * 40, port=1
    )
    with closing(State.of(root)) as state:
        opening: Future[Bot] = opened(bot)
        guard = build(settings, read_door(settings, meant=False), opening, state, lambda: None)
        with serving(guard) as port:
            page = Page(port, state)
            for name in ("ann", "ben"):
                page.people[name] = _session(settings, state, name)
            for name, scope in (("asks", "ask"), ("counts", "metrics")):
                page.people[name] = add_key(state.proofs, name, [scope])[1]
            yield page


def _session(settings: Settings, state: State, name: str) -> str:
    from bot.identity.sessions import Sessions

    person = Person(f"subject of {name}", name, frozenset())
    return Sessions(state.proofs, settings.session_minutes).begin(person, "portal").bearer


def test_every_function_is_nobodys_by_number_and_by_name(page):
    for name, number in page.functions.items():
        call = join("nobodys", number)
        for path in ("queue/join", "run/predict"):
            assert page.ask("", "POST", f"/gradio_api/{path}", call)[0] == 401
        for path in (f"call/{name}", f"run/{name}", f"api/{name}", f"call/v2/{name}"):
            assert page.ask("", "POST", f"/gradio_api/{path}", {"data": []})[0] in (401, 404), path


def test_no_call_of_a_function_leaves_a_traceback_because_it_does_not_fit(page, capfd):
    for name, number in page.functions.items():
        call = {"data": [], "fn_index": number, "session_hash": "misfit"}
        assert page.ask("ben", "POST", "/gradio_api/run/predict", call)[0] in (200, 400, 404), name
    assert "Traceback" not in "".join(capfd.readouterr())


def test_a_page_that_was_open_while_we_were_not_leaves_no_traceback(page, caplog):
    status, said, _ = page.ask("ben", "GET", "/gradio_api/queue/data?session_hash=of-before")
    assert status == 200
    assert b'"session_not_found":true' in said
    assert not [record for record in caplog.records if record.exc_info]


def test_no_function_but_the_public_one_is_called_by_name(page):
    for name in page.functions:
        for path in (f"call/{name}", f"run/{name}", f"api/{name}", f"call/v2/{name}"):
            expected = 200 if path == "call/chat" else 404
            assert page.ask("ben", "POST", f"/gradio_api/{path}", {"data": ["?"]})[0] == expected, path


def test_a_key_calls_the_public_function_alone(page):
    functions = page.functions
    for name, number in functions.items():
        for path in ("queue/join", "run/predict"):
            status = page.ask("asks", "POST", f"/gradio_api/{path}", join("of-asks", number))[0]
            assert status == 200 if (name, path) == ("chat", "queue/join") else status in (403, 404), (name, path)
            assert page.ask("counts", "POST", f"/gradio_api/{path}", join("c", number))[0] == 403


def test_one_users_session_is_no_door_for_another(page):
    functions = page.functions
    asked = json.dumps({"question": QUESTION, "number": 1})
    call = join("anns-session", functions["ask"], data=[asked, None, "", "", "", "", "", False])
    status, said, _ = page.ask("ann", "POST", "/gradio_api/queue/join", call)
    assert status == 200
    event = json.loads(said)["event_id"]
    for number in functions.values():
        for path in ("queue/join", "run/predict"):
            assert page.ask("ben", "POST", f"/gradio_api/{path}", join("anns-session", number))[0] == 404
    assert page.ask("ben", "GET", "/gradio_api/queue/data?session_hash=anns-session")[0] == 404
    assert page.ask("ben", "GET", "/gradio_api/heartbeat/anns-session")[0] == 404
    assert page.ask("ben", "GET", f"/gradio_api/call/chat/{event}")[0] == 404
    cancel = {"session_hash": "anns-session", "event_id": event, "fn_index": functions["ask"]}
    assert page.ask("ben", "POST", "/gradio_api/cancel", cancel)[0] == 404
    status, told, _ = page.ask("ann", "GET", "/gradio_api/queue/data?session_hash=anns-session")
    assert status == 200
    assert "process_completed" in told.decode()
    assert "断面水质" in json.dumps(_messages(told), ensure_ascii=False)


def test_one_users_conversation_and_answer_are_for_another_as_if_there_were_none(page):
    asked = json.dumps({"question": QUESTION, "number": 1})
    chat, told = _called(page, "ann", "ask", [asked, None, "", "", "", "", "", False])
    conversation = json.loads(told)["conversation"]
    (answer,) = set(re.findall(r"share\.([0-9a-f]+)", json.dumps(chat)))
    none = "0" * len(conversation)

    def opens(who: str, **posted: str) -> str:
        return json.dumps(_called(page, who, "greet", [json.dumps(posted), None]), ensure_ascii=False)

    def does(verb: str, name: str) -> dict[str, Any]:
        _, line, *_ = _called(page, "ben", "act", [json.dumps({"verb": verb, "id": name, "text": "x"}), None])
        return {key: value for key, value in json.loads(line).items() if key != "at"}

    assert QUESTION in opens("ann", conversation=conversation)
    for verb in ("rename", "delete"):
        assert does(verb, conversation) == does(verb, none)
    for verb in ("up", "reason", "share", "unshare"):
        assert does(verb, answer) == does(verb, none)
    assert opens("ben", conversation=conversation) == opens("ben", conversation=none)
    assert opens("ben", share=answer) == opens("ben", share=none)
    assert QUESTION in opens("ann", conversation=conversation)


def _called(page: Page, who: str, name: str, data: list[Any]) -> list[Any]:
    """The last that a function of the page gives to somebody, in a Gradio session of its own."""
    call = join(secrets.token_hex(8), page.functions[name], data=data)
    if name != "ask":
        status, said, _ = page.ask(who, "POST", "/gradio_api/run/predict", call)
        assert status == 200, said
        return json.loads(said)["data"]
    assert page.ask(who, "POST", "/gradio_api/queue/join", call)[0] == 200
    _, told, _ = page.ask(who, "GET", f"/gradio_api/queue/data?session_hash={call['session_hash']}")
    (ended,) = [one for one in _messages(told) if one["msg"] == "process_completed"]
    assert ended["success"]
    return ended["output"]["data"]


def _messages(told: bytes) -> list[Any]:
    return [
        json.loads(line.removeprefix("data: ")) for line in told.decode().splitlines() if line.startswith("data: {")
    ]


def test_an_answer_is_read_by_whoever_asked(page):
    event = json.loads(page.ask("ann", "POST", "/gradio_api/call/chat", {"data": [QUESTION]})[1])["event_id"]
    assert page.ask("ben", "GET", f"/gradio_api/call/chat/{event}")[0] == 404
    assert page.ask("asks", "GET", f"/gradio_api/call/chat/{event}")[0] == 404
    status, told, _ = page.ask("ann", "GET", f"/gradio_api/call/chat/{event}")
    assert status == 200
    assert "[1]" in told.decode()


@pytest.mark.parametrize("path", ["/gradio_api/upload", "/gradio_api/upload?upload_id=x"])
def test_nothing_is_uploaded(page, path):
    form = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a"\r\n\r\nabc\r\n--x--\r\n'
    status, said, _ = page.ask("ann", "POST", path, form, **{"Content-Type": "multipart/form-data; boundary=x"})
    assert (status, json.loads(said)["error"]["code"]) == (404, "not_found")


def test_gradio_is_told_no_other_host_than_ours(page):
    forged = {
        "X-Forwarded-Host": "evil.example",
        "X-Gradio-Server": "http://evil.example",
        "X-Forwarded-Proto": "https",
    }
    for path in ("/", "/config", "/gradio_api/info"):
        status, said, _ = page.ask("ann" if path != "/" else "ben", "GET", path, **forged)
        assert status == 200
        assert b"evil.example" not in said
    assert f'"root":"http://{HOST}:{page.port}"'.encode() in page.ask("ann", "GET", "/config")[1]
    assert page.ask("ann", "GET", "/config", Host="evil.example")[0] == 421


@pytest.mark.parametrize("origin", ["null", "https://evil.example"])
def test_another_sites_page_asks_nothing_and_is_shared_nothing(page, origin):
    for method, path in (("GET", "/config"), ("POST", "/gradio_api/queue/join"), ("OPTIONS", "/gradio_api/queue/join")):
        asks = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        status, _, headers = page.ask("ann", method, path, {} if method == "POST" else None, **asks)
        assert status == 403
        assert not [name for name in headers if name.lower().startswith("access-control")]


def test_nothing_that_is_served_names_a_path_of_this_machine(page):
    for path in ("/", "/config", "/gradio_api/info", "/theme.css", "/nowhere", "/gradio_api/startup-events"):
        said = page.ask("ann", "GET", path)[1].decode()
        for telling in ("site-packages", "/usr/", "/home/", "Traceback", str(__file__).partition("/tests/")[0]):
            assert telling not in said, (path, telling)


def test_open_streams_end_within_five_seconds_of_a_revocation(page):
    page.people["eve"] = _session(Settings(_env_file=None), page.state, "eve")
    streams = [page.stream("eve", "/gradio_api/heartbeat/eves"), page.stream("ann", "/gradio_api/heartbeat/anns")]
    for stream in streams:
        assert stream.status == 200
        assert stream.readline() == b"data: ALIVE\n"
    from bot.identity.sessions import revoke_sessions

    revoke_sessions(page.state.proofs, [], ["eve"])
    began = time.monotonic()
    streams[0].read()
    took = time.monotonic() - began
    assert took < 5 * slowness()
    assert page.ask("eve", "GET", "/config")[0] == 401
    assert page.ask("ann", "GET", "/config")[0] == 200
    assert not select.select([streams[1].fileno()], [], [], 0)[0] or b"ALIVE" in streams[1].read1()  # not its end
    streams[1].close()


def test_figures_are_for_a_key_of_their_own_and_name_nobody(page):
    page.ask("ann", "GET", "/gradio_api/config")
    assert page.ask("ann", "GET", "/metrics")[0] == 401
    assert page.ask("asks", "GET", "/metrics")[0] == 403
    status, said, headers = page.ask("counts", "GET", "/metrics")
    assert status == 200
    assert headers["Content-Type"].startswith("text/plain")
    figures = dict(line.rsplit(" ", 1) for line in said.decode().splitlines() if not line.startswith("#"))
    assert float(figures["wenbao_questions_total"]) >= 2
    assert float(figures['wenbao_stage_seconds_count{stage="whole"}']) >= 2
    assert float(figures['wenbao_stage_seconds_count{stage="wait"}']) >= 1
    assert float(figures["wenbao_queue"]) == 0
    assert float(figures["wenbao_generation"]) >= 1
    assert float(figures['wenbao_http_requests_total{kind="gradio",status="404"}']) > 0
    assert "ann" not in said.decode()


def test_gradios_own_client_asks_with_a_key_and_sees_one_endpoint(page):
    from gradio_client import Client

    client = Client(
        f"http://{HOST}:{page.port}/", headers={"Authorization": f"Bearer {page.people['asks']}"}, verbose=False
    )
    try:
        assert list(client.view_api(return_format="dict")["named_endpoints"]) == ["/chat"]
        job = client.submit(QUESTION, api_name="/chat")
        assert "[1]" in job.result(timeout=60)
        assert len(job.outputs()) > 1
    finally:
        client.close()


class Slow(Bot):
    """Thinks for half a second before each sentence."""

    def stream(self, *args: Any, **more: Any) -> Any:
        for answer in super().stream(*args, **more):
            time.sleep(0.5)
            yield answer


def test_when_it_stops_answers_under_way_are_finished_and_idle_pages_let_go(sample_archive, builtin, tmp_path):
    with closing(State.of(tmp_path)) as state:
        guard = build_app(opened(Slow(sample_archive, builtin)), state, Look(), lambda: None, rules=AT_HOME)
        server = Server(server_config(guard), guard)
        with socket.create_server((HOST, 0)) as listening:
            port = listening.getsockname()[1]
            thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
            thread.start()
            while not server.started:
                time.sleep(0.01)
            page = Page(port, state, {"": ""})
            events = [
                json.loads(page.ask("", "POST", "/gradio_api/call/chat", {"data": [QUESTION]})[1])["event_id"]
                for _ in range(8)
            ]
            answers = [page.stream("", f"/gradio_api/call/chat/{event}") for event in events]
            idle = [page.stream("", f"/gradio_api/heartbeat/page{n}") for n in range(5)]
            began = time.monotonic()
            server.should_exit = True
            for one in idle:
                one.read()
            took = time.monotonic() - began
            assert took < 2 * slowness()
            told = [one.read().decode() for one in answers]
            thread.join(30)
            assert not thread.is_alive()
    took = time.monotonic() - began
    assert took < 10 * slowness()
    assert all("event: complete" in one and "[1]" in one for one in told)


@pytest.mark.browser
def test_a_question_that_has_to_wait_for_its_asker_is_asked_when_it_may_be(bot, tmp_path):
    limits = Limits(user_rate=20)  # one every three seconds
    with closing(State.of(tmp_path)) as state, chromium() as browser:
        guard = build_app(opened(bot), state, Look(), lambda: None, rules=replace(AT_HOME, limits=limits))
        with serving(guard) as port:
            page = greeted(browser.new_context(locale="zh-CN").new_page(), f"http://{HOST}:{port}")
            for _ in range(limits.user_rate):
                Page(port, state, {"": ""}).ask("", "POST", "/gradio_api/call/chat", {"data": [""]})
            page.locator("#wb-ask textarea").fill(QUESTION)
            page.locator("#wb-ask textarea").press("Enter")
            page.wait_for_function("document.querySelector('#wb-lost').textContent === window.wenbao.words.busy")
            settled(page, QUESTION)
            assert questions(page) == [QUESTION]


def test_a_door_is_open_by_word_or_on_the_machine_itself():
    def door(*, meant: bool = False, **settings: str) -> Door:
        return read_door(Settings(_env_file=None, **settings), meant=meant)

    assert door().for_people
    assert not door(portal_issuer="https://portal.example.org").for_people
    assert not door(hosts="news.example.org").for_people
    assert door(hosts="news.example.org", meant=True).for_people
    assert door(portal_issuer="https://portal.example.org", meant=True).for_people


def test_where_there_is_a_key_programs_need_one_though_the_page_stands_open():
    from bot.access import EVERYTHING
    from bot.serve import Anybody

    def anybody(any_key: bool | None, *, meant: bool = False) -> list[str]:
        door = read_door(Settings(_env_file=None), meant=meant)
        one = Anybody(door, lambda: any_key, lambda: EVERYTHING)
        found: list[Visitor] = [one(False), one(True)]
        return [visitor.via for visitor in found]

    assert anybody(False) == ["open", "open"]
    assert anybody(True) == ["open", "nobody"]
    assert anybody(None) == ["open", "nobody"]
    assert anybody(True, meant=True) == ["open", "open"]
