"""A real HTTP server that speaks OpenAI's chat protocol and behaves as it is told: well, badly, or not at all.

In: for each request in turn, a behaviour. Out: an address; what was asked of it, and whether its caller hung up.
"""

from __future__ import annotations

import json
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count

PACE = 0.002  # seconds between two tokens


class Call:
    """One request: its payload, and ways to answer it. `gone` is set when the caller hangs up while it is answered."""

    def __init__(self, handler: BaseHTTPRequestHandler, payload: dict) -> None:
        self._handler, self.payload = handler, payload
        self.gone = threading.Event()

    @property
    def system(self) -> str:
        return "".join(m["content"] for m in self.payload["messages"] if m["role"] == "system")

    @property
    def user(self) -> str:
        return self.payload["messages"][-1]["content"]

    def begin(self) -> None:
        self._handler.send_response(200)
        self._handler.send_header("Content-Type", "text/event-stream")
        self._handler.send_header("Transfer-Encoding", "chunked")
        self._handler.end_headers()

    def raw(self, data: bytes) -> None:
        """Bytes as one chunk of the body; raises OSError where the caller is gone."""
        self._handler.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self._handler.wfile.flush()

    def event(self, delta: dict, finish: str | None = None, **more: object) -> None:
        body = {
            "id": "chatcmpl-1",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": self.payload["model"],
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
        }
        self.raw(b"data: " + json.dumps(body | more).encode() + b"\n\n")

    def tokens(self, text: str, size: int = 2) -> None:
        for at in range(0, len(text), size):
            self.event({"content": text[at : at + size]})
            time.sleep(PACE)

    def end(self, finish: str = "stop") -> None:
        self.event({}, finish)
        if self.payload.get("stream_options", {}).get("include_usage"):
            usage = {"prompt_tokens": 321, "completion_tokens": 45, "total_tokens": 366}
            self.event({}, choices=[], usage=usage)
        self.raw(b"data: [DONE]\n\n")
        self._handler.wfile.write(b"0\r\n\r\n")

    def status(self, code: int, body: bytes = b'{"error": {"message": "no"}}') -> None:
        self._handler.send_response(code)
        self._handler.send_header("Content-Type", "application/json")
        self._handler.send_header("Content-Length", str(len(body)))
        self._handler.end_headers()
        self._handler.wfile.write(body)

    def hang(self, seconds: float) -> None:
        """Say nothing for so long, or until the caller hangs up."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            readable, _, _ = select.select([self._handler.connection], [], [], 0.05)
            if readable and not self._handler.connection.recv(1, socket.MSG_PEEK):
                self.gone.set()
                return

    def drop(self) -> None:
        self._handler.wfile.flush()
        self._handler.connection.shutdown(socket.SHUT_RDWR)


Behaviour = Callable[[Call], None]


def writes(text: str, finish: str = "stop", size: int = 2) -> Behaviour:
    """Streams `text`, then ends as it should."""

    def behave(call: Call) -> None:
        call.begin()
        call.event({"role": "assistant", "content": ""})
        call.tokens(text, size)
        call.end(finish)

    return behave


def stalls(text: str = "", seconds: float = 60) -> Behaviour:
    """Streams `text`, then is silent."""

    def behave(call: Call) -> None:
        call.begin()
        call.tokens(text)
        call.hang(seconds)

    return behave


def silent(call: Call) -> None:
    """Takes the request and sends not even a header."""
    call.hang(60)


def drops(text: str) -> Behaviour:
    """Streams `text`, then breaks the connection off."""

    def behave(call: Call) -> None:
        call.begin()
        call.tokens(text)
        call.drop()

    return behave


def ends_early(text: str) -> Behaviour:
    """Streams `text`, then ends the body in good order, but never says that the model is done."""

    def behave(call: Call) -> None:
        call.begin()
        call.tokens(text)
        call._handler.wfile.write(b"0\r\n\r\n")

    return behave


def fails(code: int = 500) -> Behaviour:
    return lambda call: call.status(code)


def raw(*parts: bytes) -> Behaviour:
    """Sends bytes as they are, as the events of a stream, then ends the body."""

    def behave(call: Call) -> None:
        call.begin()
        for part in parts:
            call.raw(part)
        call._handler.wfile.write(b"0\r\n\r\n")

    return behave


def half_a_character(text: str) -> Behaviour:
    """Streams `text`, then an event that is cut in the middle of a character of three bytes."""

    def behave(call: Call) -> None:
        call.begin()
        call.tokens(text)
        whole = json.dumps({"choices": [{"index": 0, "delta": {"content": "水。"}}]}, ensure_ascii=False).encode()
        call.raw(b"data: " + whole.replace("水".encode(), "水".encode()[:2]) + b"\n\n")
        call.end()

    return behave


def endless(text: str) -> Behaviour:
    """Streams `text` with a number in it, {}, again and again for ever."""

    def behave(call: Call) -> None:
        call.begin()
        for n in count():
            call.tokens(text.format(n), 8)

    return behave


def drips(call: Call) -> None:
    """Signs of life for ever, and never a word."""
    call.begin()
    while True:
        call.event({"content": ""})
        call.hang(0.1)


@dataclass
class LlmServer:
    """A running server: `url` for the setting, `calls` that came in, `script` that answers the next ones."""

    url: str = ""
    calls: list[Call] = field(default_factory=list)
    script: list[Behaviour] = field(default_factory=list)

    def behaves(self, *behaviours: Behaviour) -> LlmServer:
        """Answer the next requests so, the last behaviour for all that follow."""
        self.calls.clear()
        self.script[:] = behaviours
        return self

    def next(self) -> Behaviour:
        return self.script.pop(0) if len(self.script) > 1 else self.script[0]


@contextmanager
def llm_server() -> Iterator[LlmServer]:
    """A server on a free port of this machine."""
    state = LlmServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            call = Call(self, json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.close_connection = True
            state.calls.append(call)
            try:
                state.next()(call)
            except OSError:
                call.gone.set()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
