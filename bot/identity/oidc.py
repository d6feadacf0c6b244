"""Signing in at an OpenID Connect provider: the authorization-code flow with PKCE, one step each.

In: where the provider is to send people back to; what it sends them back with. Out: where a browser goes; who somebody
is. Nothing is fetched before somebody signs in. Neither code nor token is kept or logged.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from authlib.integrations.httpx_client import OAuthError

from bot.identity.discovery import SECONDS, Discovery, Metadata, Unreachable
from bot.identity.idtoken import Expected, UnknownKey, id_token_claims
from bot.identity.sessions import Person, subject_of
from bot.identity.tokens import TokenRefused
from ingest.errors import BadSetting

MOST_GROUPS = 500  # of one person
LONGEST_NAME = 200  # characters of a name or a group

_OURS = (
    "invalid_client",
    "unauthorized_client",
    "unsupported_grant_type",
)  # what our settings have wrong, not a person


class Refused(Exception):
    """The provider does not vouch for this person, or not in a way that counts; the text is for the audit."""


@dataclass(frozen=True, slots=True)
class Party:
    """Who we are to the provider, and how it tells of groups."""

    issuer: str
    client: str
    secret: str = ""  # "" for a client that cannot keep one
    groups: str = "groups"
    skew: int = 30


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in that has begun, as the browser's side of it must be remembered."""

    state: str
    nonce: str
    verifier: str
    back: str  # where the provider sends the browser back to


def read_party(issuer: str, client: str, secret: str, groups: str, skew: int) -> Party | None:
    """Who we are by the settings, None where nobody signs in here. Raises BadSetting."""
    if not issuer:
        if client or secret:
            raise BadSetting(
                "WENBAO_OIDC_CLIENT is set without WENBAO_OIDC_ISSUER: say at which provider people sign in."
            )
        return None
    if not client:
        raise BadSetting("WENBAO_OIDC_ISSUER is set without WENBAO_OIDC_CLIENT: the provider gives out that id.")
    Discovery(issuer)
    return Party(issuer, client, secret, groups, skew)


class Provider:
    """One provider. For one event loop."""

    def __init__(self, party: Party, seconds: float = SECONDS, clock: Callable[[], float] = time.time) -> None:
        """`seconds`: how long a request to it may take."""
        self._party, self._clock = party, clock
        self._discovery = Discovery(party.issuer, seconds)

    async def begin(self, back: str) -> tuple[str, Begun]:
        """Where to send a browser, and what to remember of it. Raises Unreachable."""
        known = await self._discovery.metadata()
        begun = Begun(_random(), _random(), _random(), back)
        async with self._discovery.client(
            client_id=self._party.client, redirect_uri=back, scope=self._scope(known), code_challenge_method="S256"
        ) as client:
            address, _ = client.create_authorization_url(
                known.authorization_endpoint, state=begun.state, code_verifier=begun.verifier, nonce=begun.nonce
            )
        return address, begun

    async def finish(self, begun: Begun, code: str, issuer: str = "") -> Person:
        """Who has signed in, by the code that the provider gave; `issuer` is who says to have given it.

        Raises Unreachable or Refused.
        """
        known = await self._discovery.metadata()
        if issuer != known.issuer and (issuer or known.authorization_response_iss_parameter_supported):
            raise Refused("the code is from another provider")
        tokens = await self._tokens(known, begun, code)
        token, given = tokens.get("id_token"), tokens.get("access_token")
        if not isinstance(token, str):
            raise Refused("it gave no id token")
        access = given if isinstance(given, str) else ""
        expected = Expected(known.issuer, self._party.client, begun.nonce, access, self._party.skew)
        claims = await self._claims(token, expected)
        if access and self._party.groups not in claims:
            claims = await self._with_groups(claims, access)
        return self._person(claims)

    async def end_address(self, after: str) -> str:
        """Where a browser goes to sign out of the provider too, and comes back to `after`; "" where there is none."""
        try:
            end = (await self._discovery.metadata()).end_session_endpoint
        except Unreachable:
            return ""
        if not end:
            return ""
        parts = urlsplit(end)
        more = urlencode({"client_id": self._party.client, "post_logout_redirect_uri": after})
        return urlunsplit(parts._replace(query=f"{parts.query}&{more}" if parts.query else more, fragment=""))

    def _scope(self, known: Metadata) -> str:
        """Some providers tell of groups only when a scope of that name is asked for."""
        more = f" {self._party.groups}" if self._party.groups in known.scopes_supported else ""
        return f"openid profile{more}"

    async def _tokens(self, known: Metadata, begun: Begun, code: str) -> Mapping[str, Any]:
        async def ask() -> Mapping[str, Any]:
            async with self._discovery.client(
                client_id=self._party.client,
                client_secret=self._party.secret or None,
                token_endpoint_auth_method=self._auth_method(known),
            ) as client:
                tokens: Mapping[str, Any] = await client.fetch_token(
                    known.token_endpoint,
                    grant_type="authorization_code",
                    code=code,
                    redirect_uri=begun.back,
                    code_verifier=begun.verifier,
                )
                return tokens

        try:
            return await self._discovery.within_bounds(ask, known.token_endpoint)
        except OAuthError as e:
            error = re.sub(r"[^\w.-]", "", str(e.error))[:40]
            if error in _OURS:
                raise Unreachable(f"it does not know us ({error}): look at WENBAO_OIDC_CLIENT and _SECRET") from e
            raise Refused(f"it does not take the code ({error})") from e

    def _auth_method(self, known: Metadata) -> str:
        if not self._party.secret:
            return "none"
        offered = known.token_endpoint_auth_methods_supported
        only_post = "client_secret_post" in offered and "client_secret_basic" not in offered
        return "client_secret_post" if only_post else "client_secret_basic"

    async def _claims(self, token: str, expected: Expected) -> Mapping[str, Any]:
        try:
            try:
                return id_token_claims(token, await self._discovery.keys(), expected, self._clock)
            except UnknownKey:  # it may have changed its keys since
                return id_token_claims(token, await self._discovery.keys(newer=True), expected, self._clock)
        except TokenRefused as e:
            raise Refused(f"its id token: {e}") from e

    async def _with_groups(self, claims: Mapping[str, Any], access: str) -> Mapping[str, Any]:
        """The claims with the groups that the provider tells on being asked, as some do to keep id tokens short."""
        said = await self._discovery.userinfo(access)
        if said and said.get("sub") != claims["sub"]:
            raise Refused("its userinfo is about somebody else")
        return {**claims, self._party.groups: said.get(self._party.groups, [])}

    def _person(self, claims: Mapping[str, Any]) -> Person:
        said = claims.get(self._party.groups, [])
        groups = [said] if isinstance(said, str) else said
        if not isinstance(groups, list) or not all(isinstance(each, str) for each in groups):
            raise Refused(f"its claim {self._party.groups!r} is no list of groups")
        if len(groups) > MOST_GROUPS:
            raise Refused(f"its claim {self._party.groups!r} lists {len(groups):,} groups, {MOST_GROUPS} are read")
        names = (claims.get(each) for each in ("name", "preferred_username", "email"))
        name = next((each for each in names if isinstance(each, str) and each.strip()), "")
        kept = frozenset(each for each in groups if each and len(each) <= LONGEST_NAME)
        return Person(subject_of(self._party.issuer, claims["sub"]), _one_line(name), kept)


def _one_line(name: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in name).split())[:LONGEST_NAME]


def _random() -> str:
    return secrets.token_urlsafe(32)
