"""Signed tokens (JWT), a portal's or a login provider's: the one room of PyJWT.

In: a token, and what was configured. Out: its claims, or TokenRefused, whose text is for the audit alone. Which
algorithm and which keys count is never the token's to say: its `kid` chooses among ours, and nothing it names is read.
"""

from __future__ import annotations

import json
import logging
import math
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol, cast

import jwt

from bot.identity.jwks import NoKeys, Published
from ingest.errors import BadSetting

Algorithm = Literal["HS256", "RS256", "ES256"]

LONGEST = 8_192  # bytes of a token
LONGEST_TEXT = 255  # characters of a subject, an id, a group
SHORTEST_SECRET = 32  # characters of a shared secret
SHORTEST_RSA = 2_048  # bits
LATEST = 1e11  # seconds; a time beyond the year 5000 is none
_LEADS_AWAY = ("jku", "jwk", "x5u", "x5c", "crit", "b64", "zip")  # none of them is ours to obey
_BY_TYPE: dict[str, Algorithm] = {"RSA": "RS256", "EC": "ES256"}
_log = logging.getLogger("wenbao.identity")


class TokenRefused(Exception):
    """A token that counts for nothing; its text says why, for the audit alone."""


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    """A key, and the one algorithm that it is for."""

    algorithm: Algorithm
    kid: str | None
    material: Any  # bytes, or what PyJWT made of a JWK


class Keys(Protocol):
    """Keys of one issuer."""

    def key_for(self, kid: str | None) -> VerifyingKey:
        """The key that a token with this `kid` must be signed with. Raises TokenRefused."""


class SharedSecret:
    """The secret of an issuer that signs with HS256."""

    def __init__(self, secret: str, setting: str) -> None:
        """`setting`: where the secret comes from, for the messages. Raises BadSetting."""
        if len(secret) < SHORTEST_SECRET:
            raise BadSetting(
                f"{setting} has {len(secret)} characters, at least {SHORTEST_SECRET} are needed: "
                "`openssl rand -hex 32` makes a good one."
            )
        if any(sign in secret for sign in ("-----BEGIN", '"kty"', "ssh-rsa ")):
            raise BadSetting(
                f"{setting} is a public or private key, no secret for HS256: name a file of public keys (JWKS) instead."
            )
        self._key = VerifyingKey("HS256", None, secret.encode())

    def key_for(self, kid: str | None) -> VerifyingKey:
        """The one key that there is."""
        return self._key


class PublicKeys:
    """The public keys that an issuer publishes; a set that cannot be read leaves the last one in its place."""

    def __init__(self, published: Published) -> None:
        self._published = published
        self._lock = threading.Lock()
        self._text = ""
        self._keys: tuple[VerifyingKey, ...] = ()

    def key_for(self, kid: str | None) -> VerifyingKey:
        """The key of this `kid`, or, without one, the only key that there is."""
        for again in (False, True):
            fitting = [key for key in self._now(again=again) if kid is None or key.kid == kid]
            if len(fitting) == 1:
                return fitting[0]
            if fitting:  # several: asking again would not say which
                break
        raise TokenRefused("signed with a key that is not known")

    def _now(self, *, again: bool) -> tuple[VerifyingKey, ...]:
        try:
            text = self._published.text(again=again)
        except NoKeys as e:
            raise TokenRefused(f"its issuer's keys cannot be read: {e}") from e
        with self._lock:
            if text != self._text:
                self._text = text
                try:
                    self._keys = read_jwks(text)
                except ValueError as e:
                    _log.warning("new public keys are not taken up, the old ones count: %s", e)
            return self._keys


def read_jwks(text: str) -> tuple[VerifyingKey, ...]:
    """The keys of a JWKS that can verify a signature. Raises ValueError where there is none, or one that is private."""
    try:
        listed = json.loads(text)["keys"]
        entries = [one for one in listed if isinstance(one, dict) and _is_for_us(one)]
    except (ValueError, KeyError, TypeError, RecursionError) as e:
        raise ValueError("this is no JWKS") from e
    keys = tuple(_read_jwk(one) for one in entries)
    if not keys:
        raise ValueError("no key for RS256 or ES256 is in it")
    return keys


def _is_for_us(entry: dict[str, Any]) -> bool:
    """Whether a key is for signatures of a kind that is verified here; a set may hold others beside them."""
    algorithm = _BY_TYPE.get(str(entry.get("kty")))
    fits = algorithm is not None and entry.get("alg", algorithm) == algorithm and entry.get("use", "sig") == "sig"
    return fits and (algorithm != "ES256" or entry.get("crv") == "P-256")


def _read_jwk(entry: dict[str, Any]) -> VerifyingKey:
    if "d" in entry:
        raise ValueError("a private key is in it; publish the public half only")
    algorithm = _BY_TYPE[entry["kty"]]
    try:
        material = jwt.PyJWK(entry, algorithm).key
    except (jwt.PyJWTError, ValueError, TypeError) as e:
        raise ValueError("a key in it cannot be read") from e
    if algorithm == "RS256" and material.key_size < SHORTEST_RSA:
        raise ValueError(f"a key in it has fewer than {SHORTEST_RSA} bits")
    kid = entry.get("kid")
    return VerifyingKey(algorithm, kid if isinstance(kid, str) else None, material)


@dataclass(frozen=True, slots=True)
class Token:
    """A token that holds: who it is about, its id ("" for none), its last second with skew, and all that it says."""

    issuer: str
    subject: str
    id: str
    until: int
    claims: Mapping[str, object]


class Verifier:
    """Holds tokens of one issuer to what was configured; safe from several threads."""

    def __init__(
        self,
        issuer: str,
        audience: str,
        keys: Keys,
        algorithms: tuple[Algorithm, ...],
        skew: int,
        required: tuple[str, ...] = (),
        longest: int | None = None,
        clock: Callable[[], float] = time.time,
        most: int = LONGEST,
        unread: tuple[str, ...] = (),
    ) -> None:
        """`required`: claims beside iss, aud, sub, exp and iat; `longest`: how long a token may be good for (seconds).

        `skew`: how far clocks may be apart (seconds); `most`: how long a token may be (bytes).
        `unread`: parts of a header that may stand there, and are not looked at.
        """
        self._issuer, self._audience, self._keys, self._algorithms = issuer, audience, keys, algorithms
        self._skew, self._required, self._longest, self._clock = skew, required, longest, clock
        self._most, self._unread = most, unread

    def verify(self, token: str) -> Token:
        """What the token says, if all of it holds. Raises TokenRefused. Whether it was used before is not seen here."""
        if not token.isascii() or len(token) > self._most or token.count(".") != 2:
            raise TokenRefused("no token, or too long a one")
        key = self._key(token)
        try:
            claims = jwt.decode(token, key.material, [key.algorithm], _SIGNATURE_ALONE)
        except jwt.InvalidSignatureError as e:
            raise TokenRefused("its signature is wrong") from e
        except (jwt.PyJWTError, ValueError, RecursionError) as e:
            raise TokenRefused("it cannot be read") from e
        return self._held(claims)

    def _key(self, token: str) -> VerifyingKey:
        try:
            header = jwt.get_unverified_header(token)
        except (jwt.PyJWTError, ValueError, RecursionError) as e:
            raise TokenRefused("its header cannot be read") from e
        if header.get("alg") not in self._algorithms:
            raise TokenRefused("its algorithm is not the one that was agreed on")
        if any(name in header and name not in self._unread for name in _LEADS_AWAY):
            raise TokenRefused("its header names keys or extensions of its own")
        if str(header.get("typ", "JWT")).upper() != "JWT":  # an access token is no proof of who brings it
            raise TokenRefused("it is another type of token")
        key = self._keys.key_for(text_of(header["kid"], "kid") if "kid" in header else None)
        if key.algorithm != header["alg"]:
            raise TokenRefused("its algorithm is not its key's")
        return key

    def _held(self, claims: Mapping[str, object]) -> Token:
        if missing := [name for name in (*_ALWAYS, *self._required) if name not in claims]:
            raise TokenRefused(f"it has no {missing[0]}")
        if claims["iss"] != self._issuer:
            raise TokenRefused("it is of another issuer")
        named = claims["aud"]
        if self._audience not in (named if isinstance(named, list) else [named]):
            raise TokenRefused("it is for another audience")
        expires = self._hold_times(claims)
        id_ = text_of(claims["jti"], "jti") if "jti" in claims else ""
        return Token(self._issuer, text_of(claims["sub"], "sub"), id_, math.ceil(expires) + self._skew, claims)

    def _hold_times(self, claims: Mapping[str, object]) -> float:
        """Hold the times to the clock; when it expires."""
        now, skew = self._clock(), self._skew
        expires, issued = _time(claims, "exp"), _time(claims, "iat")
        if now >= expires + skew:
            raise TokenRefused("it has expired")
        if now < issued - skew or ("nbf" in claims and now < _time(claims, "nbf") - skew):
            raise TokenRefused("it is not valid yet")
        if self._longest is not None and expires - issued > self._longest:  # and issued is no later than now
            raise TokenRefused(f"it is good for more than {self._longest} seconds")
        return expires


_ALWAYS = ("iss", "aud", "sub", "exp", "iat")
_SIGNATURE_ALONE = cast(  # the claims are held to our own clock, more strictly
    "Any",
    {"verify_signature": True}
    | {f"verify_{claim}": False for claim in ("exp", "nbf", "iat", "aud", "iss", "sub", "jti")},
)


def text_of(value: object, name: str) -> str:
    """A claim that is a text of bearable length. Raises TokenRefused."""
    if not isinstance(value, str) or not 1 <= len(value) <= LONGEST_TEXT or not _is_text(value):
        raise TokenRefused(f"its {name} is no text of 1 to {LONGEST_TEXT} characters")
    return value


def texts_of(value: object, name: str, most: int) -> frozenset[str]:
    """A claim that is a list of such texts. Raises TokenRefused."""
    if not isinstance(value, list) or len(value) > most:
        raise TokenRefused(f"its {name} is no list of up to {most} texts")
    return frozenset(text_of(one, name) for one in value)


def _is_text(value: str) -> bool:
    """Half a character pair comes out of JSON as a text that nothing can write down."""
    return "\0" not in value and not any("\ud800" <= c <= "\udfff" for c in value)


def _time(claims: Mapping[str, object], name: str) -> float:
    value = claims[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < LATEST:
        raise TokenRefused(f"its {name} is no time")
    return float(value)
