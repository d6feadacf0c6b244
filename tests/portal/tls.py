"""ASGI apps on names of their own, over TLS, each on a free port of this machine."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import trustme
import uvicorn

WAIT = 20  # seconds until a server has to be there

NAMES = ("bot.example", "portal.test", "evil.test", "other.test")
RESOLVED = "--host-resolver-rules=" + ",".join(f"MAP {name} 127.0.0.1" for name in NAMES)


@dataclass(frozen=True)
class Certificate:
    """For all of NAMES, by an authority that nobody else knows."""

    chain: Path
    key: Path


def certificate(folder: Path) -> Certificate:
    """A new one in files under `folder`."""
    made = trustme.CA().issue_cert(*NAMES)
    paths = Certificate(folder / "chain.pem", folder / "key.pem")
    paths.key.write_bytes(made.private_key_pem.bytes())
    paths.chain.write_bytes(b"".join(blob.bytes() for blob in made.cert_chain_pems))
    return paths


def a_socket() -> socket.socket:
    """A listening one on a free port: its number is known before the app is made."""
    return socket.create_server(("127.0.0.1", 0))


@contextmanager
def over_tls(app: Any, listening: socket.socket, paths: Certificate) -> Iterator[None]:
    """Serve `app`; at the end every connection is cut."""
    config = uvicorn.Config(
        app,
        log_level="critical",
        timeout_graceful_shutdown=0,
        lifespan="on",
        ssl_certfile=paths.chain,
        ssl_keyfile=paths.key,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        _wait(listening)
        yield
    finally:
        server.should_exit = server.force_exit = True
        thread.join(10)


def _wait(listening: socket.socket) -> None:
    anybody = ssl._create_unverified_context()
    for _ in range(WAIT * 20):
        try:
            with socket.create_connection(listening.getsockname(), 1) as bare, anybody.wrap_socket(bare):
                return
        except OSError:
            time.sleep(0.05)
