"""What the house is called and who may call on it: the settings of the guard, read strictly.

In: the settings' own words. Out: a House. A name, network, prefix or origin that cannot be meant is a BadSetting; no
wildcard is known.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from ingest.errors import BadSetting

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})  # what a machine calls itself
_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*")
_SEGMENT = re.compile(r"[A-Za-z0-9_~-][A-Za-z0-9._~-]*")
_HOST = re.compile(r"(\[[0-9a-f:.]{2,45}\]|[a-z0-9._-]{1,253})(?::([0-9]{1,5}))?")
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class House:
    """Names without ports, in lower case; `exposed` where others than this very machine may come in."""

    hosts: frozenset[str] = frozenset()
    proxies: tuple[Network, ...] = ()
    prefix: str = ""
    origins: tuple[str, ...] = ()
    exposed: bool = False


HOME = House()  # on the machine's own address, with nothing set


def read_house(bound: str, hosts: str, proxies: str, prefix: str, origins: str) -> House:
    """The house that the settings describe, served on the address `bound`. Raises BadSetting."""
    names = frozenset(_read_name(each) for each in _listed(hosts))
    return House(
        names,
        tuple(_read_network(each) for each in _listed(proxies)),
        _read_prefix(prefix),
        tuple(dict.fromkeys(_read_origin(each) for each in _listed(origins))),
        exposed=not is_loopback(bound) or not names <= LOOPBACK,
    )


def read_address(text: str) -> Address | None:
    """The address that a text writes, None for none; one of IPv4 dressed as IPv6 is the one of IPv4."""
    try:
        address = ipaddress.ip_address(text.removeprefix("[").removesuffix("]"))
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def household(address: str) -> str:
    """Whose address it is, as far as limits go: of IPv6 the network, for who has one chooses among 2^64 addresses."""
    read = read_address(address)
    if not isinstance(read, ipaddress.IPv6Address):
        return address
    return str(ipaddress.ip_network((read.packed[:8] + bytes(8), 64)))


def is_loopback(address: str) -> bool:
    """Whether an address is one that no other machine can reach."""
    read = read_address(address)
    return address == "localhost" or bool(read and read.is_loopback)


def split_host(host: str) -> tuple[str, int | None] | None:
    """The name of a Host header in lower case, and its port; None for what is no such header."""
    found = _HOST.fullmatch(host.lower())
    if found is None:
        return None
    name = found[1].removesuffix(".")
    return (name, int(found[2]) if found[2] else None) if name else None


def origin_of(scheme: str, host: str) -> str:
    """The origin of a page under this Host header, spelled as a browser spells it."""
    named = split_host(host)
    if named is None:
        return ""
    name, port = named
    return f"{scheme}://{name}" + (f":{port}" if port and port != _PORTS.get(scheme) else "")


def _listed(setting: str) -> list[str]:
    return [part.strip() for part in setting.split(",") if part.strip()]


def _read_name(text: str) -> str:
    name = text.lower()
    if name in LOOPBACK or _NAME.fullmatch(name) or _bracketed(name):
        return name
    raise BadSetting(f"WENBAO_HOSTS names {text!r}, which is no host: write names alone, such as news.example.org.")


def _bracketed(name: str) -> bool:
    try:
        return name[:1] == "[" and name[-1:] == "]" and bool(ipaddress.IPv6Address(name[1:-1]))
    except ValueError:
        return False


def _read_network(text: str) -> Network:
    try:
        return ipaddress.ip_network(text)
    except ValueError as e:
        raise BadSetting(
            f"WENBAO_PROXIES names {text!r}, which is no address or network ({e}): write it as 127.0.0.1 or 10.0.0.0/8."
        ) from e


def _read_prefix(text: str) -> str:
    inside = text.strip().strip("/")
    if not inside:
        return ""
    if all(_SEGMENT.fullmatch(part) for part in inside.split("/")):
        return f"/{inside}"
    raise BadSetting(f"WENBAO_PREFIX={text!r} is no plain path: write it as /news.")


def _read_origin(text: str) -> str:
    wrong = BadSetting(
        f"WENBAO_ORIGINS names {text!r}, which is no origin: write scheme and host alone, as "
        "https://portal.example.org (http only for the machine's own names)."
    )
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as e:
        raise wrong from e
    name = (parts.hostname or "").lower()
    name = f"[{name}]" if ":" in name else name
    whole = f"{parts.scheme}://{name}" + (f":{port}" if port is not None else "")
    known = bool(_NAME.fullmatch(name)) or _bracketed(name)
    if not known or text.lower() not in (whole, whole + "/"):
        raise wrong
    if parts.scheme != "https" and not (parts.scheme == "http" and name in LOOPBACK):
        raise wrong
    return origin_of(parts.scheme, name + (f":{port}" if port else ""))
