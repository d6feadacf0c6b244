"""The guard lets through what may pass, truthful, and says no to everything else; asked here without a network."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from dataclasses import replace

import pytest

from bot.access import EVERYTHING, Readable
from bot.guard.body import LONGEST
from bot.guard.calls import Functions
from bot.guard.guard import Guard, Rules
from bot.guard.house import House, read_house
from bot.guard.owned import Owned
from bot.guard.rates import Limits, Rates
from bot.guard.routes import without_ids
from bot.guard.streams import Streams
from bot.guard.traces import ACCESS
from bot.guard.waits import Waits
from bot.visitor import NOBODY, Visitor, visitor_of
from ingest.errors import BadSetting
from tests.asking import Wire

PORTAL = "https://portal.example.org"
OPEN = Visitor(papers=EVERYTHING, scopes=frozenset({"ask", "search"}), via="open")
KEY, ASKS, COUNTS, ANN, BEN = (
    f"wb{kind}_{name}" for kind, name in zip("kkkss", "all asks counts ann ben".split(), strict=True)
)
COOKIE = {"cookie": f"__Secure-wenbao_login={ANN}"}


class Register:
    """Keys and sessions in a dictionary; what is taken out is revoked."""

    def __init__(self) -> None:
        every = frozenset({"ask", "search", "inbox", "metrics"})
        self.known = {
            KEY: Visitor("k1", "all", scopes=every, via="key", proof="key:1"),
            ASKS: Visitor("k2", "asks", scopes=frozenset({"ask"}), via="key", proof="key:2"),
            COUNTS: Visitor("k3", "counts", scopes=frozenset({"metrics"}), via="key", proof="key:3"),
            ANN: Visitor("ann", "Ann", scopes=frozenset({"ask", "search"}), via="oidc", proof="session:a"),
            BEN: Visitor("ben", "Ben", scopes=frozenset({"ask", "search"}), via="portal", proof="session:b"),
        }

    def of_key(self, key: str) -> Visitor | None:
        return self.known.get(key) if key.startswith("wbk_") else None

    def of_session(self, session: str) -> Visitor | None:
        return self.known.get(session) if session.startswith("wbs_") else None

    def still_stands(self, visitor: Visitor) -> bool:
        return visitor in self.known.values()


class Echo:
    """Says what reached it; Gradio's joins get an event, streams go on until they are ended."""

    def __init__(self) -> None:
        self.calls, self.events, self.ended = [], 0, 0

    async def __call__(self, scope, receive, send) -> None:
        message = await receive()
        headers = {n.decode(): v.decode("latin-1") for n, v in scope["headers"]}
        visitor = visitor_of(scope)
        inner = scope["path"].removeprefix(scope["root_path"])
        said = {
            **{name: scope[name] for name in ("path", "root_path", "scheme", "method")},
            "raw": scope["raw_path"].decode(),
            "query": scope["query_string"].decode(),
            "headers": headers,
            "client": scope["client"][0],
            "body": message.get("body", b"").decode("utf-8", "replace"),
            "via": visitor.via,
            "subject": visitor.subject,
        }
        self.calls.append(said)
        if inner in ("/gradio_api/queue/join", "/gradio_api/call/chat"):
            self.events += 1
            said["event_id"] = f"event{self.events}"
        start = [(b"content-type", b"application/json"), (b"access-control-allow-origin", b"*"), (b"server", b"x")]
        start += [(b"access-control-allow-credentials", b"true")]
        await send({"type": "http.response.start", "status": 200, "headers": start})
        if "/heartbeat/" in inner or inner.endswith("/queue/data"):
            try:
                while True:
                    await send({"type": "http.response.body", "body": b"data: ALIVE\n\n", "more_body": True})
                    await asyncio.sleep(0.05)
            finally:
                self.ended += 1
        await send({"type": "http.response.body", "body": json.dumps(said).encode()})


@pytest.fixture
def echo() -> Echo:
    return Echo()


def guarded(echo: Echo, house: House | None = None, **more) -> Wire:
    """An echo behind a guard to which everybody is somebody, on the machine's own address."""
    functions = Functions(frozenset({3, 9}), frozenset({1}), frozenset({3, 9}), frozenset({9}), {9: 1, 3: 1})
    rules = {"anybody": lambda _: OPEN, "functions": functions, "house": house or House()} | more
    return Wire(Guard(echo, Rules(**rules)))


def closed(echo: Echo, **more) -> Wire:
    """The same where everybody has to be known, on a name of its own, over TLS."""
    house = more.pop("house", House(frozenset({"news.example.org"}), origins=(PORTAL,), exposed=True))
    wire = guarded(echo, house, register=Register(), anybody=lambda _: NOBODY, **more)
    wire.host, wire.server, wire.scheme = "news.example.org", "192.0.2.1", "https"
    return wire


def bearer(token: str, **more: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}", **more}


def join(session: str, number: object = 3, **more) -> dict[str, object]:
    return {"data": ["?"], "fn_index": number, "session_hash": session, **more}


# Where a request was sent.


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:7860", "127.0.0.1", "[::1]:7860", "localhost."])
def test_on_the_machine_itself_its_own_names_are_answered(echo, host):
    assert guarded(echo).get("/healthz", {"host": host}).status == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "localhost@evil.example", "127.0.0.2", "192.0.2.1", "", "localhost:x"],
)
def test_a_name_that_was_made_to_mean_this_machine_is_misdirected(echo, host):
    heard = guarded(echo).get("/", {"host": host})
    assert heard.status == 421
    assert not echo.calls
    assert "evil" not in heard.body.decode()


def test_a_request_has_one_host(echo):
    assert guarded(echo).get("/", [("host", "localhost"), ("host", "evil.example")]).status == 400
    wire = guarded(echo)
    scope = wire.scope("GET", "/", None)
    scope["headers"] = []
    heard: list[dict] = []

    async def send(message):
        heard.append(message)

    asyncio.run(wire.app(scope, wire._parts(b"", 0), send))
    assert heard[0]["status"] == 400


def test_elsewhere_the_names_that_are_set_are_answered_and_the_address_that_was_reached(echo):
    wire = closed(echo)
    assert wire.get("/healthz").status == 200
    assert wire.get("/healthz", {"host": "NEWS.example.org:443"}).status == 200
    assert wire.get("/healthz", {"host": "192.0.2.1"}).status == 200
    for host in ("localhost", "127.0.0.1", "other.example.org", "x.news.example.org", "192.0.2.2"):
        assert wire.get("/healthz", {"host": host}).status == 421, host


FORGED = {
    "x-forwarded-host": "evil.example",
    "x-forwarded-proto": "https",
    "x-forwarded-for": "203.0.113.9",
    "x-forwarded-prefix": "/evil",
    "x-forwarded-port": "1",
    "forwarded": "host=evil.example;proto=https",
    "x-real-ip": "203.0.113.9",
    "x-original-url": "/gradio_api/upload",
    "x-rewrite-url": "/gradio_api/upload",
    "x-gradio-server": "http://evil.example",
    "x_forwarded_host": "evil.example",
    "x-http-method-override": "DELETE",
}


def test_what_nobody_in_particular_says_of_hosts_is_taken_out(echo):
    said = guarded(echo).get("/", FORGED).said
    assert said["scheme"] == "http"
    assert said["client"] == "127.0.0.1"
    assert said["headers"] == {"host": "127.0.0.1:7860"}


def test_a_proxy_of_ours_is_believed_and_its_words_are_taken_out_all_the_same(echo):
    wire = guarded(echo, read_house("127.0.0.1", "news.example.org", "127.0.0.1, 10.0.0.0/8", "", ""))
    said = wire.get("/", FORGED | {"x-forwarded-host": "News.example.org"}).said
    assert (said["scheme"], said["client"]) == ("https", "203.0.113.9")
    assert said["headers"] == {"host": "News.example.org"}
    assert wire.get("/", FORGED).status == 421
    assert wire.get("/", [("x-forwarded-host", "news.example.org"), ("x-forwarded-host", "evil.example")]).status == 421
    assert wire.get("/", {"x-forwarded-host": "news.example.org, evil.example"}).status == 421


@pytest.mark.parametrize(
    ("hops", "believed"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("198.51.100.1, 203.0.113.9", "203.0.113.9"),
        ("198.51.100.1, 203.0.113.9, 10.1.2.3", "203.0.113.9"),
        ("nonsense", "127.0.0.1"),
        ("203.0.113.9, unknown", "127.0.0.1"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
    ],
)
def test_an_asker_is_the_last_hop_that_is_no_proxy_of_ours(echo, hops, believed):
    wire = guarded(echo, read_house("127.0.0.1", "", "127.0.0.1, 10.0.0.0/8", "", ""))
    assert wire.get("/", {"x-forwarded-for": hops}).said["client"] == believed


def test_a_unix_socket_is_no_proxy(echo):
    wire = guarded(echo, read_house("127.0.0.1", "", "127.0.0.1", "", ""))
    wire.peer = ""
    assert wire.get("/", {"x-forwarded-for": "203.0.113.9"}).said["client"] == ""


@pytest.mark.parametrize("target", ["/news/config", "/config"])
def test_a_prefix_may_be_taken_off_by_the_proxy_or_not(echo, target):
    said = guarded(echo, House(prefix="/news")).get(target).said
    assert (said["path"], said["raw"], said["root_path"]) == ("/news/config", "/news/config", "/news")


def test_only_a_whole_part_of_a_path_is_the_prefix(echo):
    wire = guarded(echo, House(prefix="/news"))
    assert wire.get("/newsconfig").status == 404
    assert (wire.get("/news").status, wire.get("/news").headers["location"]) == (308, "/news/")
    assert wire.get("/news/news/config").status == 404


# What is answered at all.


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/upload",
        "/gradio_api/upload_progress",
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/proxy=https://evil.example",
        "/gradio_api/deep_link?session_hash=x",
        "/gradio_api/component_server",
        "/gradio_api/openapi.json",
        "/gradio_api/api/predict",
        "/gradio_api/run/ask",
        "/gradio_api/call/ask",
        "/gradio_api/call/v2/chat",
        "/gradio_api/mcp/",
        "/gradio_api/stream/abc",
        "/gradio_api/dev/reload",
        "/gradio_api/runs",
        "/gradio_api/login_check",
        "/gradio_api/token",
        "/gradio_api/user",
        "/gradio_api/vibe-code",
        "/gradio_api/custom_component/a/b/c/d",
        "/gradio_api",
        "/monitoring",
        "/monitoring/summary",
        "/openapi.json",
        "/docs",
        "/svelte/x.js",
        "/manifest.json",
        "/pwa_icon",
        "/config/",
        "//config",
        "/.git/config",
        "/gradio_api//queue/data",
        "/archive/../gradio_api/upload",
        "/archive/%2e%2e/gradio_api/upload",
        "/archive/%2E%2E%2Fgradio_api/upload",
        "/gradio_api%2Fupload",
        "/assets/../../etc/passwd",
        "/assets/%2e%2e/%2e%2e/etc/passwd",
        "/assets/a\\b",
        "/article/%00",
        "/article/%0d%0aSet-Cookie:x",
        "/article/%ff",
        "http://127.0.0.1/config",
        "*",
        "/" + "a" * 3000,
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_whatever_is_not_in_the_list_is_not_there(echo, path, method):
    heard = guarded(echo).ask(method, path, {"content-type": "application/json"}, b"{}")
    assert heard.status == 404
    assert heard.said == {"error": {"code": "not_found", "message": "Not found."}}
    assert not echo.calls


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "get", "BREW"])
def test_no_other_method_reaches_the_page(echo, method):
    assert guarded(echo).ask(method, "/").status == 404
    assert not echo.calls


def test_programs_are_told_which_method_is_answered(echo):
    heard = guarded(echo).ask("DELETE", "/api/ask")
    assert (heard.status, heard.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize("prefix", ["", "/news"])
@pytest.mark.parametrize(("method", "path"), [("GET", "/chat/completions"), ("GET", "/models/a%1Eb"), ("GET", "/x")])
def test_openais_clients_are_refused_in_their_own_shape_before_anything_is_known_of_their_request(
    echo, prefix, method, path
):
    heard = guarded(echo, House(prefix=prefix)).ask(method, f"{prefix}/v1{path}")
    assert heard.status in (404, 405)
    assert set(json.loads(heard.body)["error"]) == {"message", "type", "code"}


def test_a_websocket_is_closed(echo):
    sent: list[dict] = []

    async def send(message):
        sent.append(message)

    asyncio.run(guarded(echo).app({"type": "websocket", "path": "/"}, None, send))
    assert sent == [{"type": "websocket.close", "code": 1008}]


def test_gradio_hears_no_parameter_but_its_own(echo):
    wire = guarded(echo)
    assert wire.get("/?q=a+question&deep_link=x&__theme=dark").said["query"] == ""
    assert wire.get("/config?deep_link=x&page=y").said["query"] == ""
    assert wire.post("/gradio_api/queue/join?q=a+question", join("s1")).said["query"] == ""
    assert wire.get("/archive/search?words=x").said["query"] == "words=x"


# Bodies.


def test_a_long_body_reaches_nobody_whether_it_says_so_or_not(echo):
    wire = guarded(echo)
    long = json.dumps(join("s1", data=["长" * 15_000_000])).encode()
    said = {"content-type": "application/json", "content-length": str(len(long))}
    assert wire.ask("POST", "/gradio_api/queue/join", said, [long[:70_000], long[70_000:]]).status == 413
    del said["content-length"]
    heard = wire.ask("POST", "/gradio_api/queue/join", said, [long[:70_000], long[70_000:]])
    assert heard.status == 413
    assert heard.headers["connection"] == "close"
    assert heard.ended
    assert not echo.calls
    fits = json.dumps(join("s1", data=["a" * (LONGEST - 200)])).encode()
    assert wire.ask("POST", "/gradio_api/queue/join", said, fits).status == 200


@pytest.mark.parametrize("length", ["-1", "1e3", "9" * 400, "²"])
def test_a_length_that_is_none_is_refused(echo, length):
    heard = guarded(echo).ask("POST", "/api/ask", {"content-type": "application/json", "content-length": length}, b"{}")
    assert heard.status == 413


def test_a_body_that_drips_is_given_up(echo, monkeypatch):
    monkeypatch.setattr("bot.guard.guard.bodies.SECONDS", 0.1)
    monkeypatch.setattr("bot.guard.body.DRAINED", 0.1)
    heard = guarded(echo).ask("POST", "/api/ask", {"content-type": "application/json"}, [b"{"] * 100, pause=0.02)
    assert heard.status == 408
    assert not echo.calls


def test_a_file_may_be_longer_and_comes_as_it_comes(echo):
    wire = guarded(echo, register=Register(), file_bytes=100_000)
    heard = wire.ask("POST", "/api/inbox", bearer(KEY), [b"a" * 90_000])
    assert heard.status == 200
    assert len(heard.said["body"]) == 90_000
    assert wire.ask("POST", "/api/inbox", bearer(KEY), [b"a" * 100_001]).status == 413


def test_a_file_whose_key_is_revoked_while_it_comes_is_not_taken(echo, monkeypatch):
    monkeypatch.setattr("bot.guard.body.GLANCE", 0.0)
    register, heard_of = Register(), []

    async def app(scope, receive, send) -> None:
        while (message := await receive())["type"] == "http.request" and message["more_body"]:
            register.known.pop(KEY, None)
        heard_of.append(message["type"])
        await send({"type": "http.response.start", "status": 202, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    wire = closed(echo)
    wire.app = Guard(app, Rules(house=wire.app._rules.house, register=register, file_bytes=100))
    assert wire.ask("POST", "/api/inbox", bearer(KEY), [b"a"]).status == 202
    assert wire.ask("POST", "/api/inbox", bearer(KEY), [b"a", b"b", b"c"]).status == 401
    assert heard_of == ["http.request", "http.disconnect"]


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/gradio_api/queue/join", "text/plain"),
        ("/gradio_api/queue/join", "application/x-www-form-urlencoded"),
        ("/gradio_api/queue/join", None),
        ("/api/ask", "text/plain;charset=application/json"),
        ("/v1/chat/completions", "multipart/form-data"),
        ("/archive/search", "application/json"),
        ("/admin", "text/plain"),
    ],
)
def test_a_body_of_another_kind_is_not_read(echo, path, content_type):
    assert guarded(echo).ask("POST", path, {"content-type": content_type}, b"{}").status == 415
    assert not echo.calls


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b'{"data": 1}', b"\xff", b"[" * 60_000])
def test_gradio_gets_no_body_that_is_no_call(echo, body):
    heard = guarded(echo).ask("POST", "/gradio_api/call/chat", {"content-type": "application/json"}, body)
    assert heard.status == 400
    assert not echo.calls


# Gradio's functions, sessions and events.


@pytest.mark.parametrize("number", [0, 1, 2, 4, 99, -1, True, 3.0, "3", None, [3]])
def test_a_function_that_the_page_does_not_queue_is_not_there(echo, number):
    heard = guarded(echo).post("/gradio_api/queue/join", join("s1", number))
    assert heard.status == 404
    assert not echo.calls


def test_gradio_gets_the_known_fields_of_a_call_alone(echo):
    more = {"event_id": "x", "oauth_token": "x", "batched": True, "simple_format": True, "request": {}, "trigger_id": 7}
    said = guarded(echo).post("/gradio_api/queue/join", join("s1", **more)).said
    assert json.loads(said["body"]) == join("s1", trigger_id=7)
    assert said["headers"]["content-length"] == str(len(said["body"]))
    said = guarded(echo).post("/gradio_api/call/chat", {"data": ["?"], "session_hash": "stolen"}).said
    assert json.loads(said["body"]) == {"data": ["?"]}
    twice = b'{"data": [], "fn_index": 99, "fn_index": 1, "session_hash": "s1"}'
    said = guarded(echo).ask("POST", "/gradio_api/run/predict", {"content-type": "application/json"}, twice).said
    assert json.loads(said["body"])["fn_index"] == 1


@pytest.mark.parametrize(
    "wrong", [{"data": []}, {"data": ["?", "?"]}, {"trigger_id": "x"}, {"trigger_id": {}}, {"event_data": [1]}], ids=str
)
def test_a_call_that_gradio_would_write_into_the_log_for_it_does_not_fit_is_refused(echo, wrong):
    wire = guarded(echo)
    assert wire.post("/gradio_api/queue/join", join("s1") | wrong).status == 400
    if "data" in wrong:
        assert wire.post("/gradio_api/call/chat", wrong).status == 400
    assert not echo.calls


@pytest.mark.parametrize("session", [None, "", 7, "a b", "../x", "x" * 65, "长", ["s"], {"a": 1}])
def test_a_session_has_a_name_that_can_be_one(echo, session):
    assert guarded(echo).post("/gradio_api/queue/join", join(session)).status == 404


def browser(letter: str) -> dict[str, str]:
    return {"cookie": f"wenbao_owner={letter * 32}"}


@pytest.mark.parametrize(
    ("hers", "his"),
    [
        (bearer(ANN), bearer(BEN)),
        (COOKIE, bearer(BEN)),
        (bearer(ANN), bearer(KEY)),
        (bearer(KEY), bearer(ASKS)),
    ],
)
def test_what_somebody_first_used_is_nobody_elses(echo, hers, his):
    _is_only_hers(echo, closed(echo), hers, his)


@pytest.mark.parametrize(("hers", "his"), [(browser("a"), browser("b")), (browser("a"), {}), ({}, browser("a"))])
def test_where_nobody_signs_in_a_browser_is_told_from_another(echo, hers, his):
    _is_only_hers(echo, guarded(echo), hers, his)


def _is_only_hers(echo, wire, hers, his):
    number = 9  # of the public function, which keys may call, too
    event = wire.post("/gradio_api/queue/join", join("hers", number), hers).said["event_id"]
    before = len(echo.calls)
    cancel = {"session_hash": "hers", "event_id": event, "fn_index": number}
    assert wire.post("/gradio_api/queue/join", join("hers", number), his).status == 404
    assert wire.get("/gradio_api/queue/data?session_hash=hers", his).status == 404
    assert wire.get("/gradio_api/heartbeat/hers", his).status == 404
    assert wire.post("/gradio_api/cancel", cancel, his).status == 404
    assert wire.post("/gradio_api/cancel", cancel | {"session_hash": "his"}, his).status == 404
    assert wire.post("/gradio_api/reset", {"event_id": event}, his).status == 404
    assert wire.get(f"/gradio_api/call/chat/{event}", his).status == 404
    assert len(echo.calls) == before
    assert wire.post("/gradio_api/cancel", cancel, hers).status == 200
    assert wire.get(f"/gradio_api/call/chat/{event}", hers).status == 200


def test_another_browser_at_the_same_address_is_not_the_same_by_its_address(echo):
    wire = guarded(echo)
    wire.post("/gradio_api/queue/join", join("s1"))
    wire.peer = "127.0.0.9"
    assert wire.post("/gradio_api/queue/join", join("s1")).status == 404


def test_an_event_that_never_was_is_as_absent_as_anothers(echo):
    wire = closed(echo)
    event = wire.post("/gradio_api/call/chat", {"data": ["?"]}, bearer(ANN)).said["event_id"]
    anothers = wire.get(f"/gradio_api/call/chat/{event}", bearer(BEN))
    nobodys = wire.get("/gradio_api/call/chat/never", bearer(BEN))
    assert (anothers.status, anothers.body, anothers.headers) == (nobodys.status, nobodys.body, nobodys.headers)


@pytest.mark.parametrize("query", ["", "?session_hash=", "?session_hash=s1&session_hash=s2", "?session_hash=a%20b"])
def test_a_stream_is_of_one_session(echo, query):
    assert guarded(echo).get(f"/gradio_api/queue/data{query}").status == 404


def test_what_is_owned_is_forgotten_in_time_and_bounded():
    now = [0.0]
    owned = Owned(most=4, each=2, kept=10, clock=lambda: now[0])
    assert owned.claim("one", "ann")
    assert not owned.claim("one", "ben")
    now[0] = 9
    assert owned.claim("one", "ann")  # in use
    now[0] = 18
    assert not owned.claim("one", "ben")
    now[0] = 29
    assert owned.claim("one", "ben")
    for name in ("two", "three", "four"):
        assert owned.claim(name, "ben")
    assert owned.claim("three", "eve") is False
    assert owned.claim("one", "eve")  # of one owner only the last are kept
    assert owned.has("four", "ben")
    assert not owned.has("two", "ben")


# Whose pages may ask.


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", "https://127.0.0.1:7860"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/config"),
        ("POST", "/gradio_api/queue/join"),
        ("POST", "/gradio_api/run/predict"),
        ("GET", "/gradio_api/queue/data?session_hash=s1"),
        ("POST", "/api/ask"),
        ("POST", "/api/search"),
        ("POST", "/mcp"),
        ("POST", "/embed/session"),
    ],
)
def test_a_page_of_another_origin_may_not_ask(echo, origin, method, path):
    heard = guarded(echo).ask(method, path, {"origin": origin, "content-type": "application/json"}, b"{}")
    assert heard.status == 403
    assert not [name for name in heard.headers if name.startswith("access-control")]
    assert not echo.calls


def test_a_page_of_our_own_may_ask_and_hears_nothing_of_sharing(echo):
    heard = guarded(echo).get("/config", {"origin": "http://127.0.0.1:7860"})
    assert heard.status == 200
    assert not [name for name in heard.headers if name.startswith("access-control")]
    assert "server" not in heard.headers


def test_an_origin_is_our_own_by_scheme_and_port_too(echo):
    wire = closed(echo)
    assert wire.get("/config", bearer(ANN, origin="https://news.example.org")).status == 200
    assert (
        wire.get("/config", bearer(ANN, origin="https://news.example.org", host="news.example.org:443")).status == 200
    )
    for origin in ("http://news.example.org", "https://news.example.org:8443", PORTAL):
        assert wire.get("/config", bearer(ANN, origin=origin)).status == 403


def test_a_request_that_is_no_navigation_and_comes_from_elsewhere_is_refused(echo):
    wire = guarded(echo)
    for site in ("cross-site", "same-site"):
        assert wire.get("/archive", {"sec-fetch-site": site, "sec-fetch-mode": "no-cors"}).status == 403
        assert wire.get("/archive", {"sec-fetch-site": site, "sec-fetch-mode": "navigate"}).status == 200
    assert wire.get("/archive", {"sec-fetch-site": "same-origin", "sec-fetch-mode": "cors"}).status == 200
    assert wire.get("/widget.js", {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}).status == 200


def test_a_form_elsewhere_leads_nobody_here(echo):
    form = {"content-type": "application/x-www-form-urlencoded", "sec-fetch-mode": "navigate"}
    assert guarded(echo).post("/archive/search", b"words=x", form | {"sec-fetch-site": "cross-site"}).status == 403
    assert not echo.calls


def test_a_form_of_our_own_is_known_though_it_names_no_origin(echo):
    form = {"content-type": "application/x-www-form-urlencoded", "origin": "null"}
    ours = {"sec-fetch-site": "same-origin", "sec-fetch-mode": "navigate"}
    wire = guarded(echo)
    assert wire.post("/archive/search", b"words=x", form | ours).status == 200
    assert wire.post("/archive/search", b"words=x", form | ours | {"sec-fetch-site": "cross-site"}).status == 403
    assert wire.post("/archive/search", b"words=x", form).status == 403
    wire = Wire(wire.app, "192.0.2.1:7860", "192.0.2.1")
    assert wire.post("/archive/search", b"words=x", form).status == 200  # over plain http no browser tells


def test_a_portal_may_call_the_api_from_a_browser_with_a_key_and_nothing_else(echo):
    wire = closed(echo)
    asks = {
        "origin": PORTAL,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization",
    }
    for path in ("/api/ask", "/v1/chat/completions"):
        told = wire.ask("OPTIONS", path, asks)
        assert told.status == 204
        assert told.headers["access-control-allow-origin"] == PORTAL
        assert told.headers["access-control-allow-methods"] == "POST"
        assert "authorization" in told.headers["access-control-allow-headers"]
        own = {"access-control-request-headers": "authorization, x-stainless-lang, x-stainless-o_s, x-evil"}
        allowed = wire.ask("OPTIONS", path, asks | own).headers["access-control-allow-headers"].split(", ")
        assert "x-stainless-lang" in allowed  # OpenAI's own client in a browser
        assert not {"x-stainless-o_s", "x-evil", "cookie"} & set(allowed)
        assert "access-control-allow-credentials" not in told.headers
        heard = wire.post(path, {"question": "?"}, bearer(KEY, origin=PORTAL))
        assert heard.status == 200
        assert heard.headers["access-control-allow-origin"] == PORTAL
        assert "access-control-allow-credentials" not in heard.headers
        refused = wire.post(path, {"question": "?"}, COOKIE | {"origin": PORTAL})
        assert refused.status == 401
        assert refused.headers["access-control-allow-origin"] == PORTAL  # or its page could not read why
    for path in ("/", "/config", "/gradio_api/queue/join", "/embed/session", "/mcp", "/nowhere", "/api/nowhere"):
        assert wire.ask("OPTIONS", path, asks).status == 403, path
    for origin in ("https://evil.example", "null", "https://portal.example.org.evil.example", PORTAL.upper()):
        assert wire.ask("OPTIONS", "/api/ask", asks | {"origin": origin}).status == 403


# What answers say to browsers.


def test_only_portals_frame_and_only_what_is_a_page(echo):
    wire = closed(echo)
    framed = f"frame-ancestors 'self' {PORTAL}"
    for path in ("/", "/embed", "/archive"):
        assert framed in wire.get(path, bearer(ANN)).headers["content-security-policy"]
    for path in ("/config", "/admin", "/api/openapi.json", "/v1/models", "/nowhere"):
        assert "frame-ancestors 'none'" in wire.get(path, bearer(KEY)).headers["content-security-policy"], path
    alone = guarded(echo).get("/").headers["content-security-policy"]
    assert alone.endswith("frame-ancestors 'self'")


def test_every_answer_says_what_browsers_may_do_with_it(echo):
    for wire, path in ((guarded(echo), "/"), (guarded(echo), "/nowhere"), (closed(echo), "/config")):
        headers = wire.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert "camera=()" in headers["permissions-policy"]
        assert ("strict-transport-security" in headers) == (wire.scheme == "https")
    assert closed(echo).get("/widget.js").headers["cross-origin-resource-policy"] == "cross-origin"


# Who is behind a request.


def test_on_the_machine_itself_everybody_is_somebody(echo):
    assert guarded(echo).get("/config").said["via"] == "open"


def test_nobody_comes_in_where_people_are_known(echo):
    wire = closed(echo)
    for path in ("/", "/config", "/archive", "/article/x", "/share/x", "/gradio_api/app_id"):
        assert wire.get(path).status == 401, path
    for method, path in (
        ("POST", "/api/ask"),
        ("GET", "/api/openapi.json"),
        ("GET", "/metrics"),
        ("GET", "/v1/models"),
    ):
        heard = wire.ask(method, path, {"content-type": "application/json"}, b"{}")
        assert heard.status == 401
        assert heard.headers["www-authenticate"].startswith("Bearer")
    assert not echo.calls
    for path in (
        "/healthz",
        "/readyz",
        "/widget.js",
        "/embed",
        "/login",
        "/assets/index.js",
        "/admin",
        "/embed/session",
    ):
        assert wire.get(path).status == 200, path


def test_a_person_is_sent_to_sign_in_where_there_is_a_place_for_it(echo):
    wire = closed(echo, login=True, house=House(frozenset({"news.example.org"}), prefix="/news", exposed=True))
    heard = wire.get("/archive/2024?words=secret", {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document"})
    assert heard.status == 303
    assert heard.headers["location"] == "/news/login?next=/archive/2024"
    assert wire.get("/", {"sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"}).status == 401
    assert wire.get("/config").status == 401


def test_sessions_are_known_by_cookie_for_the_page_and_never_for_programs(echo):
    wire = closed(echo)
    assert wire.get("/config", COOKIE).said["subject"] == "ann"
    assert wire.get("/config", {"cookie": f"__Secure-wenbao_portal={BEN}; x=y"}).said["subject"] == "ben"
    both = f"__Secure-wenbao_login={ANN}; __Secure-wenbao_portal={BEN}"
    assert wire.get("/config", {"cookie": both}).said["subject"] == "ben"
    planted = f"__Secure-wenbao_login={ANN}; __Secure-wenbao_login={BEN}"
    assert wire.get("/config", {"cookie": planted}).status == 401
    assert wire.get("/config", {"cookie": f"wenbao_login={ANN}"}).status == 401  # over TLS the other one counts
    for method, path in (("POST", "/api/ask"), ("GET", "/v1/models"), ("POST", "/mcp")):
        assert wire.ask(method, path, COOKIE | {"content-type": "application/json"}, b"{}").status == 401
    said = wire.post("/api/ask", {"question": "?"}, COOKIE | bearer(KEY)).said
    assert said["subject"] == "k1"
    assert "cookie" not in said["headers"]


@pytest.mark.parametrize(
    "token", ["wbk_wrong", "wbs_wrong", "", "x", "wbk_all x", ANN[:-1], "eyJhbGciOiJub25lIn0.e30."]
)
@pytest.mark.parametrize("path", ["/config", "/api/openapi.json"])
def test_a_wrong_key_lets_nobody_in_not_even_where_everybody_is_somebody(echo, token, path):
    for wire in (closed(echo), guarded(echo, register=Register()), guarded(echo)):
        assert wire.get(path, bearer(token)).status == 401
    assert not echo.calls


def test_two_keys_are_none(echo):
    both = [("authorization", f"Bearer {KEY}"), ("authorization", "Bearer wbk_wrong")]
    assert closed(echo).get("/api/openapi.json", both).status == 401


def test_a_portals_token_reaches_the_route_that_reads_it(echo):
    said = closed(echo).ask("POST", "/embed/session", bearer("eyJh.e30.x"), b"").said
    assert said["headers"]["authorization"] == "Bearer eyJh.e30.x"
    assert said["via"] == "nobody"


def test_a_key_does_what_its_scopes_say(echo):
    wire = closed(echo)
    assert wire.post("/api/ask", {"question": "?"}, bearer(ASKS)).status == 200
    assert wire.post("/api/search", {"question": "?"}, bearer(ASKS)).status == 403
    assert wire.ask("POST", "/api/inbox", bearer(ASKS), b"x").status == 403
    assert wire.get("/metrics", bearer(ASKS)).status == 403
    assert wire.get("/metrics", bearer(COUNTS)).status == 200
    assert wire.post("/api/ask", {"question": "?"}, bearer(COUNTS)).status == 403
    assert wire.post("/api/ask", {"question": "?"}, bearer(ANN)).status == 200
    assert guarded(echo).get("/metrics").status == 401  # not even at home


def test_a_key_opens_the_public_endpoint_and_no_page(echo):
    wire = closed(echo)
    assert wire.get("/config", bearer(ASKS)).status == 200
    assert wire.post("/gradio_api/call/chat", {"data": ["?"]}, bearer(ASKS)).status == 200
    assert wire.post("/gradio_api/queue/join", join("s1", 9), bearer(ASKS)).status == 200
    assert wire.post("/gradio_api/queue/join", join("s1", 3), bearer(ASKS)).status == 403
    assert wire.post("/gradio_api/run/predict", join("s1", 1), bearer(ASKS)).status == 403
    assert wire.get("/config", bearer(COUNTS)).status == 403
    for path in ("/", "/archive", "/article/x", "/share/x"):
        assert wire.get(path, bearer(KEY)).status == 403


def test_refusals_are_told_to_whoever_audits_without_what_was_secret(echo):
    told = []
    wire = closed(echo, refused=lambda *what: told.append(what))
    wire.get("/share/deadbeef?token=x", bearer("wbk_wrong"))
    wire.get("/config", bearer(ANN, origin="null"))
    assert [(visitor.via, *rest) for visitor, *rest in told] == [
        ("nobody", "/share/*", "127.0.0.1", "unknown"),
        ("nobody", "/config", "127.0.0.1", "origin"),
    ]


# How much.


def test_who_asks_too_much_waits_and_nobody_else(echo):
    wire = closed(echo, limits=Limits(user_rate=2, key_rate=3, queue=100))
    for token, most in ((ANN, 2), (KEY, 3)):
        for _ in range(most):
            assert wire.post("/api/ask", {"question": "?"}, bearer(token)).status == 200
        heard = wire.post("/api/ask", {"question": "?"}, bearer(token))
        assert heard.status == 429
        assert heard.said["error"]["code"] == "rate_limited"
        assert 1 <= int(heard.headers["retry-after"]) <= 60 // most
    assert wire.post("/gradio_api/queue/join", join("s1"), bearer(ANN)).status == 429
    assert wire.post("/gradio_api/run/predict", join("s1", 1), bearer(ANN)).status == 200  # is no question
    assert wire.post("/gradio_api/queue/join", join("s2"), bearer(BEN)).status == 200
    openai = wire.post("/v1/chat/completions", {}, bearer(KEY)).said["error"]
    assert (openai["type"], openai["code"]) == ("rate_limit_error", "rate_limited")


def test_where_nobody_is_known_an_address_is_limited(echo):
    wire = guarded(echo, limits=Limits(user_rate=1))
    assert wire.post("/gradio_api/call/chat", {"data": ["?"]}, browser("a")).status == 200
    assert wire.post("/gradio_api/call/chat", {"data": ["?"]}, browser("b")).status == 429
    wire.peer = "127.0.0.9"
    assert wire.post("/gradio_api/call/chat", {"data": ["?"]}).status == 200


def test_who_has_a_network_of_addresses_is_one_asker(echo):
    wire = guarded(echo, limits=Limits(user_rate=1))
    heard = []
    for wire.peer in ("2001:db8::1", "2001:db8::ffff:1", "2001:db8:0:1::1", "::ffff:192.0.2.7", "::ffff:192.0.2.8"):
        heard.append(wire.post("/gradio_api/call/chat", {"data": ["?"]}).status)
    assert heard == [200, 429, 200, 200, 200]


def test_a_search_in_the_archive_is_one_too(echo):
    wire = guarded(echo, limits=Limits(user_rate=1))
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert wire.ask("POST", "/archive/search", form, b"words=x").status == 200
    heard = wire.ask("POST", "/archive/search", form, b"words=x")
    assert (heard.status, heard.headers["content-type"]) == (429, "text/html; charset=utf-8")
    assert wire.get("/archive/search?paper=x").status == 200  # papers and days are none


def test_nobody_tries_to_sign_in_without_end(echo):
    wire = closed(echo, limits=Limits(sign_ins=3))
    tries = [("POST", "/embed/session"), ("GET", "/login"), ("GET", "/login/callback"), ("POST", "/embed/session")]
    assert [wire.ask(method, path).status for method, path in tries] == [200, 200, 200, 429]
    assert wire.ask("DELETE", "/embed/session").status == 200
    wire.peer = "192.0.2.77"
    assert wire.ask("POST", "/embed/session", bearer(KEY)).status == 200


def test_a_bucket_fills_again_and_the_table_is_bounded():
    now = [0.0]
    rates = Rates(clock=lambda: now[0], most=2)
    assert [rates.wait("ann", 2) for _ in range(3)] == [0, 0, 30]
    now[0] = 15
    assert rates.wait("ann", 2) == 15
    now[0] = 30
    assert rates.wait("ann", 2) == 0
    assert rates.wait("ann", 2) > 0
    assert rates.wait("ben", 2) == rates.wait("eve", 2) == 0
    assert rates.wait("ann", 2) == 0  # forgotten, not remembered for ever


def test_when_too_many_questions_are_under_way_the_next_is_sent_away_at_once(echo):
    functions = Functions(frozenset({3, 4}), frozenset({1}), frozenset({3}), frozenset({3}), waiting=lambda: 100)
    seen = []
    wire = guarded(echo, functions=functions, limits=Limits(queue=100), seen=lambda *what: seen.append(what))
    for path, body in (("/gradio_api/queue/join", join("s1")), ("/api/ask", {"question": "?"}), ("/mcp", {})):
        heard = wire.post(path, body)
        assert heard.status == 503
        assert heard.headers["retry-after"] == "2"
    assert not echo.calls
    assert {what[1:] for what in seen} == {(503, "queue")}
    assert wire.post("/gradio_api/queue/join", join("s1", 4)).status == 200  # is no question
    assert wire.get("/archive").status == 200
    began = time.process_time()
    for _ in range(100):
        wire.post("/api/ask", {"question": "?"})
    assert (time.process_time() - began) / 100 < 0.005


def test_one_asker_has_only_so_many_streams_open(echo):
    async def go():
        wire = guarded(echo, limits=Limits(streams=2))
        beats = [asyncio.ensure_future(wire.asked("GET", f"/gradio_api/heartbeat/s{n}")) for n in range(2)]
        await asyncio.sleep(0.1)
        refused = await wire.asked("GET", "/gradio_api/heartbeat/s3")
        wire.app.streams.close()
        ended = await asyncio.gather(*beats)
        return refused, ended

    refused, ended = asyncio.run(go())
    assert refused.status == 429
    assert all(heard.ended for heard in ended)


# Streams that end.


def test_a_stream_ends_when_its_session_does(echo):
    async def go():
        register = Register()
        wire = closed(echo)
        wire.app = Guard(echo, Rules(house=wire.app._rules.house, register=register, functions=Functions()))
        wire.app.streams._glance = 0.1
        beat = asyncio.ensure_future(wire.asked("GET", "/gradio_api/heartbeat/s1", bearer(ANN)))
        other = asyncio.ensure_future(wire.asked("GET", "/gradio_api/heartbeat/s2", bearer(BEN)))
        await asyncio.sleep(0.3)
        assert not beat.done()
        del register.known[ANN]
        heard = await asyncio.wait_for(beat, 1)
        assert not other.done()
        assert (await wire.asked("GET", "/gradio_api/heartbeat/s1", bearer(ANN))).status == 401
        other.cancel()
        return heard

    heard = asyncio.run(go())
    assert heard.status == 200
    assert heard.ended
    assert echo.ended == 2


def test_a_stream_of_somebody_unknown_ends_when_anybody_may_read_something_else(echo):
    papers = [EVERYTHING]

    async def go():
        wire = guarded(echo, anybody=lambda _: replace(OPEN, papers=papers[-1]))
        wire.app.streams._glance = 0.1
        beat = asyncio.ensure_future(wire.asked("GET", "/gradio_api/heartbeat/s1"))
        await asyncio.sleep(0.3)
        assert not beat.done()
        papers.append(Readable(frozenset({"内部参考"}), all_but=True))
        return await asyncio.wait_for(beat, 20)

    assert asyncio.run(go()).ended


def test_an_app_that_makes_a_fuss_of_its_end_ends_all_the_same():
    """Gradio's stream tells of an error when it is ended, and raises another."""

    async def app() -> None:
        try:
            await asyncio.sleep(10)
        except asyncio.CancelledError as e:
            raise RuntimeError from e

    async def stands() -> bool:
        return False

    assert asyncio.run(Streams(glance=0.01).run(app(), stands, lambda: False)) is False


def test_when_the_server_stops_only_what_is_busy_goes_on(echo):
    busy = {"s2"}

    async def go():
        wire = guarded(echo, functions=Functions(busy=lambda session: session in busy))
        idle = asyncio.ensure_future(wire.asked("GET", "/gradio_api/heartbeat/s1"))
        asking = asyncio.ensure_future(wire.asked("GET", "/gradio_api/queue/data?session_hash=s2"))
        await asyncio.sleep(0.1)
        wire.app.streams.close()
        await asyncio.wait_for(idle, 1)
        await asyncio.sleep(0.3)
        assert not asking.done()
        busy.clear()
        return await asyncio.wait_for(asking, 1)

    assert asyncio.run(go()).ended


# Traces.


def test_a_line_is_kept_of_a_request_without_what_was_asked_or_secret(echo, caplog):
    caplog.set_level(logging.INFO, ACCESS)
    wire = closed(echo)
    wire.get("/archive?words=secret", bearer(ANN, referer="https://secret.example"))
    wire.get("/share/secret0", COOKIE)
    wire.get("/gradio_api/call/chat/secret1", COOKIE)
    wire.get("/article/%e9%a3%8e%0asecret")
    lines = [record.getMessage() for record in caplog.records]
    assert lines[0].startswith("GET /archive 200 ")
    assert lines[0].endswith("ms oidc:ann")
    assert lines[1].startswith("GET /share/* 200 ")
    assert lines[2].startswith("GET /gradio_api/call/chat/* 404 ")
    assert len(lines) == 4
    assert "secret" not in " ".join(lines[:3])
    assert "\n" not in lines[3]
    assert without_ids("/api/inbox/abc") == "/api/inbox/*"


def test_an_id_is_in_no_line_of_a_request_that_was_turned_away_at_once(echo, caplog):
    caplog.set_level(logging.INFO, ACCESS)
    wire = guarded(echo, House(prefix="/news"))
    assert wire.get("/news/share/secret0", {"host": "evil.example"}).status == 421
    assert caplog.records[0].getMessage().startswith("GET /share/* 421 ")


def test_the_wait_of_a_question_is_told_once():
    now, told = [0.0], []
    waits = Waits(told.append, clock=lambda: now[0])
    waits.posted("e1")
    waits.posted("e2")
    now[0] = 2.0
    waits.heard(b'data: {"msg":"estimation","event_id":"e1","text":"process_starts"}\n\n')
    assert told == []
    waits.heard(b'data: {"msg":"process_starts","event_id":"e1"}\n\n')
    waits.heard(b'data: {"msg":"process_starts","event_id":"e1"}\n\n')
    now[0] = 3.0
    waits.heard(b"event: generating\ndata: []\n\n", "e2")
    assert told == [2.0, 3.0]


# Settings.


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("hosts", "https://news.example.org"),
        ("hosts", "news.example.org:80"),
        ("hosts", "*"),
        ("hosts", "*.example.org"),
        ("hosts", "a b"),
        ("hosts", "[::"),
        ("proxies", "nginx"),
        ("proxies", "10.0.0.1/8"),
        ("proxies", "*"),
        ("prefix", "/a/../b"),
        ("prefix", "/a//b"),
        ("prefix", "/a?b"),
        ("prefix", "/报"),
        ("prefix", "https://a.example/b"),
        ("origins", "*"),
        ("origins", "null"),
        ("origins", "portal.example.org"),
        ("origins", "http://portal.example.org"),
        ("origins", "https://*.example.org"),
        ("origins", "https://portal.example.org/path"),
        ("origins", "https://user@portal.example.org"),
        ("origins", "https://portal.example.org:0x50"),
        ("origins", "https://a.example https://b.example"),
        ("origins", "https://portal.example.org; script-src *"),
        ("origins", "file:///x"),
    ],
)
def test_a_setting_of_the_house_that_cannot_be_meant_is_one_line_that_names_it(name, given):
    settings = {"hosts": "", "proxies": "", "prefix": "", "origins": ""} | {name: given}
    with pytest.raises(BadSetting, match=f"WENBAO_{name.upper()}") as refused:
        read_house("127.0.0.1", **settings)
    assert "\n" not in str(refused.value)


def test_settings_of_the_house_are_read_as_they_are_meant():
    house = read_house(
        "127.0.0.1", " News.example.org , [::1]", "127.0.0.1,10.0.0.0/8", "news/", f"{PORTAL}/, https://B.example:443"
    )
    assert house.hosts == {"news.example.org", "[::1]"}
    assert house.prefix == "/news"
    assert house.origins == (PORTAL, "https://b.example")
    assert read_house("127.0.0.1", "", "", "", "http://localhost:8000").origins == ("http://localhost:8000",)


@pytest.mark.parametrize(
    ("bound", "hosts", "exposed"),
    [
        ("127.0.0.1", "", False),
        ("localhost", "localhost", False),
        ("::1", "", False),
        ("127.0.0.1", "news.example.org", True),
        ("0.0.0.0", "", True),
        ("192.0.2.1", "", True),
        ("::", "", True),
        ("news.example.org", "", True),
    ],
)
def test_others_can_come_in_by_an_address_or_by_a_name(bound, hosts, exposed):
    assert read_house(bound, hosts, "", "", "").exposed is exposed
