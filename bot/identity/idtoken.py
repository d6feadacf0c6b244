"""The id token with which a provider says who has signed in: held to what the sign-in began with, or refused.

In: the token, the provider's keys, what is expected. Out: its claims. Signatures, issuer, audience and times are the
verifier's; here stands what OpenID Connect adds to them.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.identity.tokens import TokenRefused, Verifier, VerifyingKey

LONGEST = 40_000  # bytes of a token; one with 500 long groups has 30,000
AGE = 600  # seconds since it was made; it comes straight from the provider


class UnknownKey(TokenRefused):
    """It is signed with a key that is not among those known; there may be a newer list."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token has to say to be the one that was asked for."""

    issuer: str
    client: str
    nonce: str
    access_token: str  # that came with it, "" for none
    skew: int = 30  # seconds that the provider's clock may differ


def id_token_claims(
    token: str, keys: Sequence[VerifyingKey], expected: Expected, clock: Callable[[], float] = time.time
) -> Mapping[str, object]:
    """The claims of a token in which everything is right. Raises TokenRefused."""
    verifier = Verifier(
        expected.issuer,
        expected.client,
        _Listed(keys),
        ("RS256", "ES256"),
        expected.skew,
        ("nonce",),
        clock=clock,
        most=LONGEST,
        unread=("x5t", "x5t#S256"),  # a thumbprint of the key beside its kid, as ADFS and Entra write it
    )
    claims = verifier.verify(token).claims
    if not _same(claims["nonce"], expected.nonce):
        raise TokenRefused("its nonce is of another sign-in")
    audience = claims["aud"]
    party = claims.get("azp", expected.client if not isinstance(audience, list) or len(audience) == 1 else None)
    if party != expected.client:
        raise TokenRefused("it was made for another client (azp)")
    if "at_hash" in claims and not _same(claims["at_hash"], _half_hash(expected.access_token)):
        raise TokenRefused("its at_hash is of another access token")
    if float(str(claims["iat"])) < clock() - AGE - expected.skew:
        raise TokenRefused("it was made long ago")
    return claims


class _Listed:
    """The keys that a provider lists."""

    def __init__(self, keys: Sequence[VerifyingKey]) -> None:
        self._keys = keys

    def key_for(self, kid: str | None) -> VerifyingKey:
        """The key of this `kid`, or, without one, the only key that there is."""
        fitting = [key for key in self._keys if kid is None or key.kid == kid]
        if len(fitting) != 1:
            raise UnknownKey("signed with a key that is not known")
        return fitting[0]


def _same(said: object, expected: str) -> bool:
    return isinstance(said, str) and hmac.compare_digest(said.encode("utf-8", "replace"), expected.encode())


def _half_hash(token: str) -> str:
    """Half of its SHA-256, the hash of both algorithms that count here."""
    return base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()[:16]).rstrip(b"=").decode()
