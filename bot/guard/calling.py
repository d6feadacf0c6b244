"""Where a request was really sent and from where: Host, forwarded headers, path and prefix, each believed only so far.

In: an ASGI scope. Out: the same scope with the truth in it, and a Calling. What a proxy that is not ours, or nobody in
particular, says of hosts and addresses is taken out, so that nothing behind the guard can believe it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

from bot.guard.house import LOOPBACK, House, is_loopback, origin_of, read_address, split_host
from bot.guard.refused import Refused, absent

_FORWARDED = re.compile(
    rb"forwarded|x-forwarded.*|x-real-ip|x-original-.*|x-rewrite-url|x-client-ip|x-cluster-client-ip|true-client-ip"
    rb"|cf-connecting-ip|x-http-method.*|x-method-override|x-gradio-server|x-host"
)
_LONGEST = 2_000  # bytes of a path; the longest of ours names an article
_HOPS = 20  # of X-Forwarded-For that are read, from the right


@dataclass(frozen=True, slots=True)
class Calling:
    """`path` is within the prefix, decoded; `address` is the asker's, as far as it can be known."""

    method: str
    path: str
    address: str
    scheme: str
    origin: str


def called(scope: dict[str, Any], house: House) -> Calling:
    """Put the truth into the scope. Raises Refused."""
    headers: list[tuple[bytes, bytes]] = list(scope["headers"])
    said = {name: [v for n, v in headers if n == name] for name in (b"host", b"x-forwarded-host")}
    peer, trusted = _peer(scope, house)
    scheme, address = scope.get("scheme", "http"), peer
    if len(said[b"host"]) != 1:
        raise Refused(400, "A request needs one Host header.", why="host")
    host = said[b"host"][0]
    if trusted:
        address = _client(headers, house) or peer
        protocol = _first(headers, b"x-forwarded-proto")
        scheme = protocol if protocol in ("http", "https") else scheme
        forwarded = said[b"x-forwarded-host"]
        if len(forwarded) > 1 or b"," in b"".join(forwarded):
            raise Refused(421, "This name is not served here.", why="host")
        host = forwarded[0].strip() if forwarded else host
    name = _checked(host, scope, house)
    scope["headers"] = [
        (n, host if n == b"host" else v) for n, v in headers if not _FORWARDED.fullmatch(n) and b"_" not in n
    ]
    scope["scheme"], scope["client"] = scheme, (address, 0)
    return Calling(scope["method"], _path(scope, house.prefix), address, scheme, origin_of(scheme, name))


def _peer(scope: dict[str, Any], house: House) -> tuple[str, bool]:
    """Who is at the other end of the wire, and whether it is a proxy of ours; a Unix socket's is not."""
    client = scope.get("client")
    peer = str(client[0]) if client else ""
    return peer, _is_proxy(peer, house)


def _is_proxy(address: str, house: House) -> bool:
    at = read_address(address)
    return at is not None and any(at in network for network in house.proxies)


def _client(headers: list[tuple[bytes, bytes]], house: House) -> str:
    """The rightmost hop that is none of our proxies: everything left of it anybody could have written."""
    hops = b",".join(v for n, v in headers if n == b"x-forwarded-for").decode("latin-1").split(",")
    for hop in reversed(hops[-_HOPS:]):
        address = read_address(hop.strip())
        if address is None:
            return ""
        if not _is_proxy(str(address), house):
            return str(address)
    return ""


def _first(headers: list[tuple[bytes, bytes]], name: bytes) -> str:
    values = [v for n, v in headers if n == name]
    return values[0].decode("latin-1").strip().lower() if len(values) == 1 else ""


def _checked(host: bytes, scope: dict[str, Any], house: House) -> str:
    """The Host header, if it is a name of this house. Raises Refused."""
    text = host.decode("latin-1")
    named = split_host(text)
    if named is None or not _ours(named[0], scope, house):
        raise Refused(421, "This name is not served here (WENBAO_HOSTS says which are).", why="host")
    return text.lower()


def _ours(name: str, scope: dict[str, Any], house: House) -> bool:
    if name in house.hosts:
        return True
    server = scope.get("server")
    reached = str(server[0]) if server else ""
    if is_loopback(reached):
        return name in LOOPBACK
    # An address cannot be made to mean another one, as a name can: the one that was reached is always ours.
    at = read_address(reached)
    return at is not None and read_address(name) == at


def _path(scope: dict[str, Any], prefix: str) -> str:
    """The path within the prefix, which a proxy may have taken off or not; the scope has it whole. Raises Refused."""
    raw = bytes(scope.get("raw_path") or b"").partition(b"?")[0]
    if not raw.startswith(b"/") or len(raw) > _LONGEST:
        raise absent()
    try:
        path = unquote_to_bytes(raw).decode("utf-8")
    except UnicodeDecodeError as e:
        raise absent() from e
    if any(ord(c) < 32 or ord(c) == 127 for c in path) or "\\" in path:
        raise absent()
    if any(part in (".", "..") for part in path.split("/")):
        raise absent()
    coded = prefix.encode()
    if prefix and path == prefix:  # the page's own addresses are relative to the folder
        raise Refused(308, "One level deeper.", {"Location": f"{prefix}/"}, why="slash")
    if prefix and path.startswith(f"{prefix}/") and raw.startswith(coded):
        path, raw = path[len(prefix) :], raw[len(coded) :]
    scope["path"], scope["raw_path"], scope["root_path"] = prefix + path, coded + raw, prefix
    return path
