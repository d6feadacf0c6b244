"""A portal that passes on whom it has signed in, each with a short-lived token that counts once.

In: the settings about it; a token. Out: a Person, and what the state must remember so that the token counts once.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable

from bot.identity.jwks import NoKeys, Published, published_at
from bot.identity.sessions import Person, subject_of
from bot.identity.tokens import Keys, PublicKeys, SharedSecret, Token, Verifier, read_jwks, texts_of
from bot.state.proofs import OneTime
from ingest.errors import BadSetting

LONGEST = 600  # seconds that a token may be good for: it is made for one sign-in, now
MOST_GROUPS = 500
LONGEST_NAME = 80  # characters


class Portal:
    """Safe from several threads."""

    def __init__(self, verifier: Verifier, groups: str) -> None:
        """`groups`: the claim that lists somebody's groups."""
        self._verifier, self._groups = verifier, groups

    def person(self, token: str) -> tuple[Person, OneTime]:
        """Who comes with this token. Raises TokenRefused."""
        held = self._verifier.verify(token)
        return person_of(held, self._groups), OneTime(_hash(held), held.until)


def person_of(held: Token, groups_claim: str) -> Person:
    """Whom a token is about; no claim of groups is no group. Raises TokenRefused for what is no list of texts."""
    said = held.claims.get(groups_claim, [])
    groups = texts_of(said, "claim of groups", MOST_GROUPS)
    return Person(subject_of(held.issuer, held.subject), _name(held), groups)


def read_portal(
    issuer: str,
    audience: str,
    secret: str,
    jwks: str,
    groups: str,
    skew: int,
    clock: Callable[[], float] = time.time,
) -> Portal | None:
    """The portal that the settings describe, None for none. Raises BadSetting for one that is described by halves."""
    if not (issuer or secret or jwks):
        return None
    if not issuer:
        raise BadSetting(
            "WENBAO_PORTAL_ISSUER is not set: name the `iss` of the portal's tokens, or leave its keys out."
        )
    if bool(secret) == bool(jwks):
        raise BadSetting(
            f"WENBAO_PORTAL_SECRET (HS256) and WENBAO_PORTAL_JWKS (RS256): {'both are' if secret else 'neither is'} "
            "set, and a portal signs with exactly one of them."
        )
    keys: Keys
    if secret:
        keys = SharedSecret(secret, "WENBAO_PORTAL_SECRET")
        return Portal(Verifier(issuer, audience, keys, ("HS256",), skew, ("jti",), LONGEST, clock), groups)
    published = published_at(jwks, "WENBAO_PORTAL_JWKS")
    if "://" not in jwks:
        _try(published, jwks)
    keys = PublicKeys(published)
    return Portal(Verifier(issuer, audience, keys, ("RS256",), skew, ("jti",), LONGEST, clock), groups)


def _try(published: Published, place: str) -> None:
    try:
        read_jwks(published.text())
    except (NoKeys, ValueError) as e:
        raise BadSetting(f"WENBAO_PORTAL_JWKS={place!r} cannot be used: {e}.") from e


def _hash(held: Token) -> str:
    return hashlib.sha256(f"{held.issuer}\0{held.id}".encode()).hexdigest()


def _name(held: Token) -> str:
    """What people call somebody, else the subject; it is shown to nobody but them and the audit."""
    said = held.claims.get("name")
    name = "".join(c for c in said if c.isprintable()).strip() if isinstance(said, str) else ""
    return (name or held.subject)[:LONGEST_NAME]
