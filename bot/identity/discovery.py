"""What an OpenID Connect provider says of itself: its addresses and its keys, fetched when they are first needed.

In: an issuer. Out: addresses that may be gone to, keys of the day, a client for requests to it. Nothing that it sends
is read beyond a bound of bytes and seconds, no redirect is followed, and while it is down it is asked every two seconds
at most, however many wait.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import logging
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from functools import cache
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit

import httpx2
from authlib.integrations.httpx_client import AsyncOAuth2Client
from pydantic import BaseModel, Field, ValidationError

from bot.identity.tokens import VerifyingKey, read_jwks
from ingest.errors import BadSetting

SECONDS = 8.0  # that a request to the provider may take in all; whoever signs in waits for it
MOST = 1_000_000  # bytes of an answer; a large key set has 50,000
KEPT = 3600.0  # seconds that addresses and keys are believed without asking again
AGAIN = 2.0  # seconds after a failure in which nobody asks, and between two looks for a key that is not known yet

T = TypeVar("T")
_SIGNED = re.compile(r"[\w-]+\.[\w-]+\.[\w-]*", re.ASCII)

_log = logging.getLogger("wenbao.identity")


class Unreachable(Exception):
    """The provider is down, too slow, or says what no provider says; the text is for the log."""


class Declined(Unreachable):
    """The provider does not answer this, and will not if it is asked again."""


class Metadata(BaseModel):
    """The provider's addresses, as its discovery document has them."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str = ""
    end_session_endpoint: str = ""
    scopes_supported: list[str] = Field(default_factory=list)
    token_endpoint_auth_methods_supported: list[str] = Field(default_factory=lambda: ["client_secret_basic"])
    authorization_response_iss_parameter_supported: bool = False


class Discovery:
    """What is known of one provider. For one event loop."""

    def __init__(self, issuer: str, seconds: float = SECONDS, clock: Callable[[], float] = time.monotonic) -> None:
        self.issuer, self._seconds = read_issuer(issuer), seconds
        self._metadata = _Kept[Metadata](clock, self._fetch_metadata)
        self._keys = _Kept[tuple[VerifyingKey, ...]](clock, self._fetch_keys)

    async def metadata(self) -> Metadata:
        """The provider's addresses. Raises Unreachable."""
        return await self._metadata.get()

    async def keys(self, *, newer: bool = False) -> tuple[VerifyingKey, ...]:
        """The public keys that it signs with; `newer`: one is missing among those. Raises Unreachable."""
        return await self._keys.get(newer=newer)

    def client(self, **more: object) -> AsyncOAuth2Client:
        """A client for one exchange with the provider."""
        transport = _Bounded(httpx2.AsyncHTTPTransport(verify=_trusted()))
        return AsyncOAuth2Client(transport=transport, timeout=self._seconds, follow_redirects=False, **more)

    async def within_bounds(self, ask: Callable[[], Awaitable[T]], address: str) -> T:
        """What a request gives; every way in which it can fail is Unreachable."""
        try:
            async with asyncio.timeout(self._seconds):
                return await ask()
        except TimeoutError as e:
            raise Unreachable(f"{address} did not answer within {self._seconds:g} seconds") from e
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as e:
            raise Unreachable(f"{address} cannot be reached: {type(e).__name__} {e}") from e
        except ValueError as e:
            raise Unreachable(f"{address} did not answer in a form that can be read") from e

    async def _fetch_metadata(self) -> Metadata:
        address = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
        try:
            said = Metadata.model_validate_json(await self._text(address))
        except ValidationError as e:
            raise Unreachable(f"{address} is no discovery document: {e.errors()[0]['msg']}") from e
        if said.issuer != self.issuer:
            raise Unreachable(f"{address} calls its issuer {said.issuer!r}, not {self.issuer!r}: set that one")
        tokens = (said.authorization_endpoint, said.token_endpoint, said.jwks_uri)
        for each in filter(None, (*tokens, said.userinfo_endpoint, said.end_session_endpoint)):
            if not _safe(each, alike=self.issuer):
                raise Unreachable(f"{address} names {each!r}, which is no https address")
        return said

    async def _fetch_keys(self) -> tuple[VerifyingKey, ...]:
        address = (await self.metadata()).jwks_uri
        try:
            return read_jwks(await self._text(address))
        except ValueError as e:
            raise Unreachable(f"{address}: {e}") from e

    async def userinfo(self, access_token: str) -> dict[str, object]:
        """What it says of whoever this access token is for; nothing where it does not say so. Raises Unreachable."""
        address = (await self.metadata()).userinfo_endpoint
        if not address:
            return {}
        try:
            text = await self._text(address, {"Authorization": f"Bearer {access_token}"})
        except Declined as e:
            _log.warning("groups are not told: %s", e)
            return {}
        if _SIGNED.fullmatch(text):
            _log.warning("groups are not told: %s answers with a signed token, which is not read here", address)
            return {}
        try:
            said = json.loads(text)
        except (ValueError, RecursionError) as e:
            raise Unreachable(f"{address} did not answer with JSON") from e
        if not isinstance(said, dict):
            raise Unreachable(f"{address} did not answer with a JSON object")
        return said

    async def _text(self, address: str, more: Mapping[str, str] = {}) -> str:
        async def get() -> str:
            async with self.client() as client:
                headers = {"Accept": "application/json", **more}
                reply = await client.request("GET", address, withhold_token=True, headers=headers)
            if reply.status_code != 200:
                kind = Declined if 400 <= reply.status_code < 500 else Unreachable
                raise kind(f"{address} answered {reply.status_code}")
            return str(reply.content, "utf-8")

        return await self.within_bounds(get, address)


def read_issuer(issuer: str) -> str:
    """The issuer that is set. Raises BadSetting for what could be listened in on, or is no issuer at all."""
    if not _safe(issuer, alike=issuer) or "?" in issuer or "#" in issuer:
        raise BadSetting(
            f"WENBAO_OIDC_ISSUER={issuer!r} cannot be used: it is the https address of a provider, such as "
            "https://login.example.org/realms/news, without ? and #."
        )
    return issuer


@cache
def _trusted() -> Any:  # noqa: ANN401 - an ssl.SSLContext, or truststore's
    """The authorities that this machine trusts, or those of SSL_CERT_FILE; reading them takes a while."""
    return httpx2.create_ssl_context()


def is_loopback(host: str | None) -> bool:
    """Whether a name or address is this very machine's."""
    try:
        return host == "localhost" or ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def _safe(address: str, *, alike: str) -> bool:
    """Whether nobody in between can read along; plain http is for a provider that is wholly on this machine."""
    try:
        parts, issuer = urlsplit(address), urlsplit(alike)
        of_here = is_loopback(parts.hostname) and is_loopback(issuer.hostname)
        return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and of_here))
    except ValueError:
        return False


class _Kept(Generic[T]):
    """A thing that is fetched once, by one of those who wait for it."""

    def __init__(self, clock: Callable[[], float], fetch: Callable[[], Awaitable[T]]) -> None:
        self._clock, self._fetch = clock, fetch
        self._lock = asyncio.Lock()
        self._value: T | None = None
        self._fetched = self._failed = float("-inf")

    async def get(self, *, newer: bool = False) -> T:
        began = self._clock()
        async with self._lock:
            now = self._clock()
            age = now - self._fetched
            if self._value is not None and (age < KEPT if not newer else self._fetched >= began or age < AGAIN):
                return self._value
            if now - self._failed < AGAIN:
                raise Unreachable("it failed a moment ago")
            try:
                self._value = await self._fetch()
            except Unreachable:
                self._failed = self._clock()
                raise
            self._fetched = self._clock()
            return self._value


class _Bounded(httpx2.AsyncBaseTransport):
    """Answers as they are, and MOST bytes of them: a packed one could hold a thousand times that."""

    def __init__(self, inner: httpx2.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        request.headers["Accept-Encoding"] = "identity"
        reply = await self._inner.handle_async_request(request)
        if reply.headers.get("Content-Encoding", "identity") != "identity":
            await reply.aclose()
            raise httpx2.DecodingError("it is packed, which was not asked for")
        return httpx2.Response(
            reply.status_code, headers=reply.headers, stream=_Counted(reply.stream), extensions=reply.extensions
        )

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Counted(httpx2.AsyncByteStream):
    def __init__(self, stream: Any) -> None:  # noqa: ANN401 - httpx's own, whichever it is
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        seen = 0
        async for part in self._stream:
            seen += len(part)
            if seen > MOST:
                raise httpx2.ReadError(f"it is longer than {MOST:,} bytes")
            yield part

    async def aclose(self) -> None:
        await self._stream.aclose()
