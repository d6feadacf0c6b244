"""A real nginx with the configuration that the README shows: only places and ports are other."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import trustme

from tests.conftest import missing
from tests.serving import REPO, free_port

HOST = "news.example.org"  # as in the README
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")

_MAIN = """
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/start.log warn;
events {{ worker_connections 512; }}
http {{
    include /etc/nginx/mime.types;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {site}
}}
"""


def block_of(language: str) -> str:
    """The README's only block in this language."""
    (block,) = re.findall(rf"```{language}\n(.*?)```", (REPO / "README.md").read_text("utf-8"), re.DOTALL)
    return block


@dataclass(frozen=True)
class Nginx:
    """A running nginx: `url` ends with the prefix and a slash, `port` is where it listens."""

    url: str
    port: int
    folder: Path
    ca: Path

    @property
    def access_log(self) -> str:
        return (self.folder / "wenbao.log").read_text("utf-8")


@contextmanager
def nginx(folder: Path, app_port: str, *, strip: bool = False) -> Iterator[Nginx]:
    """Serve the README's site in front of an app; with `strip` it takes the prefix away. Skips without an nginx."""
    if NGINX is None:
        missing("nginx (apt-get install nginx)")
    folder.mkdir(parents=True, exist_ok=True)
    port = int(free_port())
    (folder / "nginx.conf").write_text(
        _MAIN.format(folder=folder, site=_site(folder, port, app_port, strip=strip)), "utf-8"
    )
    process = subprocess.Popen([NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", "daemon off;"])
    try:
        _wait(port, process)
        yield Nginx(f"https://{HOST}:{port}/news/", port, folder, folder / "ca.pem")
    finally:
        process.terminate()
        process.wait(10)


def _site(folder: Path, port: int, app_port: str, *, strip: bool) -> str:
    ca = trustme.CA()
    ca.cert_pem.write_to_path(folder / "ca.pem")
    ca.issue_cert(HOST).private_key_and_cert_chain_pem.write_to_path(folder / "site.pem")
    site = block_of("nginx")
    for ours, theirs in {
        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        f"/etc/ssl/certs/{HOST}.pem": str(folder / "site.pem"),
        f"/etc/ssl/private/{HOST}.key": str(folder / "site.pem"),
        "/var/log/nginx": str(folder),
        "127.0.0.1:7860": f"127.0.0.1:{app_port}",
    }.items():
        assert ours in site, f"the README's nginx has no {ours} any more"
        site = site.replace(ours, theirs)
    if strip:
        inbox, site = (
            "/api/inbox",
            site.replace(f"proxy_pass http://127.0.0.1:{app_port};", f"proxy_pass http://127.0.0.1:{app_port}/;", 1),
        )
        head, _, tail = site.partition(f"location = /news{inbox}")
        site = (
            head
            + f"location = /news{inbox}"
            + tail.replace(f"127.0.0.1:{app_port};", f"127.0.0.1:{app_port}{inbox};", 1)
        )
    return site


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("nginx did not start")
