"""The id token with which a provider says who has signed in: checked in full, or refused.

In: the token, the provider's keys, what the sign-in began with. Out: its claims. Signed with RS256 or ES256 by a key of
the provider's own list, and with nothing else, whatever the token says of itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet, RSAKey
from joserfc.jws import JWSRegistry

ALGORITHMS = ("RS256", "ES256")
LONGEST = 20_000  # characters of a token; one with a few hundred groups has 8,000
SHORTEST_RSA = 2048  # bits

_AGE = 600  # seconds since it was signed; it comes straight from the provider


class BadToken(Exception):
    """A token that says nothing; the text is for the log and names no secret."""


class UnknownKey(BadToken):
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
    token: str, keys: Sequence[Mapping[str, Any]], expected: Expected, clock: Callable[[], float] = time.time
) -> Mapping[str, Any]:
    """The claims of a token in which everything is right. Raises BadToken."""
    if len(token) > LONGEST:
        raise BadToken(f"it has {len(token):,} characters")
    now = int(clock())
    try:
        registry = JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
        read = jwt.decode(token, _key_set(keys), list(ALGORITHMS), registry)
        claims = CodeIDToken(
            read.claims,
            read.header,
            {
                "iss": {"essential": True, "value": expected.issuer},
                "aud": {"essential": True, "value": expected.client},
                "sub": {"essential": True},
            },
            {"nonce": expected.nonce, "client_id": expected.client, "access_token": expected.access_token},
        )
        claims.validate(now, expected.skew)
    except InvalidKeyIdError as e:
        raise UnknownKey(str(e)) from e
    except (JoseError, ValueError, TypeError, AttributeError) as e:
        raise BadToken(f"{type(e).__name__}: {e}") from e
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:
        raise BadToken("its sub is no name")
    if claims["iat"] < now - _AGE - expected.skew:
        raise BadToken("it was signed long ago")
    return dict(claims)


def _key_set(keys: Sequence[Mapping[str, Any]]) -> KeySet:
    """Those that can be used: a key that is for something else or too short is as if it were not there."""
    usable = KeySet([])
    for key in keys:
        if key.get("use", "sig") != "sig" or key.get("kty") not in ("RSA", "EC"):
            continue
        try:
            one = KeySet.import_key_set({"keys": [dict(key)]}).keys[0]
        except (JoseError, ValueError, TypeError, IndexError):
            continue
        if not isinstance(one, RSAKey) or one.public_key.key_size >= SHORTEST_RSA:
            usable.keys.append(one)
    return usable
