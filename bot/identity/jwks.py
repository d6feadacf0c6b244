"""Where an issuer publishes its public keys: a file, or an https address that is asked now and then.

In: a path or an address. Out: the text of a JWKS as of now. It reads no key and believes nothing: what a token says of
where its key lies is never looked at.
"""

from __future__ import annotations

import ipaddress
import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import httpx

from ingest.errors import BadSetting

FRESH = 600.0  # seconds that a fetched JWKS counts without asking again
AGAIN = 60.0  # seconds between two fetches for a key that is not in it, whoever asks
STALE = 3600.0  # seconds that it counts at most where its address no longer answers
WAIT = 5.0  # seconds for the whole of a fetch
LONGEST = 256_000  # bytes
_log = logging.getLogger("wenbao.identity")


class NoKeys(Exception):
    """The keys cannot be read now; its text says why."""


class Published(Protocol):
    """A place where keys are published."""

    def text(self, *, again: bool = False) -> str:
        """The JWKS; with `again` a newer one than the last, where there can be one. Raises NoKeys."""


def published_at(place: str, setting: str) -> Published:
    """The keys at a path or an address, which `setting` names. Raises BadSetting."""
    url = urlsplit(place)
    if url.scheme == "https" or (url.scheme == "http" and _is_loopback(url.hostname or "")):
        return Address(place)
    if "://" in place:
        raise BadSetting(f"{setting}={place!r} is no https address: over any other, anybody could plant keys.")
    file = File(Path(place))
    try:
        file.text()
    except NoKeys as e:
        raise BadSetting(f"{setting}={place!r} cannot be read ({e}): name a JWKS file, or its https address.") from e
    return file


class File:
    """A JWKS file, read again when it has changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._seen: tuple[int, int, int] | None = None
        self._text = ""

    def text(self, *, again: bool = False) -> str:
        """The file's text."""
        with self._lock:
            try:
                stat = self._path.stat()
                seen = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
                if seen != self._seen:
                    if stat.st_size > LONGEST:
                        raise NoKeys(f"it is longer than {LONGEST} bytes")
                    self._text, self._seen = self._path.read_text("utf-8"), seen
            except (OSError, UnicodeDecodeError) as e:
                raise NoKeys(str(getattr(e, "strerror", None) or "no UTF-8 text")) from e
            return self._text


class Address:
    """A JWKS at an address; safe from several threads, of which one fetches and the others wait for it."""

    def __init__(self, url: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._url, self._clock = url, clock
        self._lock = threading.Lock()
        self._text = ""
        self._fetched = self._tried = float("-inf")

    def text(self, *, again: bool = False) -> str:
        """What the address said last; it is asked at first, when that is old, and `again`, at most once a minute."""
        if self._text and not again and self._clock() - self._fetched < FRESH:
            return self._text  # without waiting for whoever is asking after a key that nobody knows
        with self._lock:
            now = self._clock()
            due = again or now - self._fetched >= FRESH
            if due and now - self._tried >= AGAIN:
                self._tried = now
                try:
                    self._text, self._fetched = _fetch(self._url), now
                except (httpx.HTTPError, NoKeys) as e:
                    _log.warning("the keys at %s cannot be fetched: %s", self._url, " ".join(str(e).split())[:200])
            if now - self._fetched >= STALE:
                raise NoKeys("their address does not answer")
            return self._text


def _fetch(url: str) -> str:
    """The body of one answer; a redirection is none, for it could lead anywhere."""
    until = time.monotonic() + WAIT
    body = b""
    with httpx.stream("GET", url, timeout=WAIT, follow_redirects=False) as answer:
        if answer.status_code != httpx.codes.OK:
            raise NoKeys(f"status {answer.status_code}")
        for piece in answer.iter_bytes():
            body += piece
            if len(body) > LONGEST or time.monotonic() > until:
                raise NoKeys(f"longer than {LONGEST} bytes or {WAIT:.0f} seconds")
    return body.decode("utf-8", "replace")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
