"""A hub of our own for tests: a folder of models behind the few addresses that fetching one needs.

In: a folder with `organisation/model` folders. Out: a server on this machine that knows what it was asked for.
"""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Hub(ThreadingHTTPServer):
    """Serves the models under `folder`; refuses files named in `closed`; `given` are the files that were fetched."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.closed, self.given = folder, set(), []
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Hub

    def do_HEAD(self):
        self._answer(body=False)

    def do_GET(self):
        self._answer(body=True)

    def log_message(self, *_):
        pass

    def _answer(self, *, body: bool) -> None:
        parts = self.path.partition("?")[0].strip("/").split("/")
        if parts[:2] == ["api", "models"]:
            self._about("/".join(parts[2:4]))
        elif parts[2:3] == ["resolve"]:
            self._file("/".join(parts[:2]), "/".join(parts[4:]), body)
        else:
            self._send(404, b"")

    def _about(self, model: str) -> None:
        folder = self.server.folder / model
        if not folder.is_dir():
            self._send(404, b"{}", {"X-Error-Code": "RepoNotFound"})
            return
        files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
        listed = [{"rfilename": f.relative_to(folder).as_posix(), "size": f.stat().st_size} for f in files]
        self._send(200, json.dumps({"id": model, "sha": COMMIT, "siblings": listed}).encode())

    def _file(self, model: str, name: str, body: bool) -> None:
        path = self.server.folder / model / name
        if name in self.server.closed or not path.is_file():
            self._send(403, b"")
            return
        data = path.read_bytes()
        if body:
            self.server.given.append(name)
        head = {"ETag": f'"{hashlib.sha1(data).hexdigest()}"', "X-Repo-Commit": COMMIT}
        self._send(200, data, head, body=body)

    def _send(self, status: int, data: bytes, head: dict[str, str] | None = None, *, body: bool = True) -> None:
        self.send_response(status)
        for name, value in {**(head or {}), "Content-Length": str(len(data))}.items():
            self.send_header(name, value)
        self.end_headers()
        if body:
            self.wfile.write(data)


@contextmanager
def hub(folder: Path) -> Iterator[Hub]:
    """The hub over `folder`, as long as the block lasts."""
    server = Hub(folder)
    threading.Thread(target=partial(server.serve_forever, 0.05), daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
