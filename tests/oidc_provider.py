"""A real OpenID Connect provider in a thread, on loopback: what people have at work, small; told to, it misbehaves.

By hand on the standard library, with joserfc for keys and signatures: what is tested must not be tested by itself.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

CLIENT, SECRET = "wenbao", "a-secret-of-the-tests-2023"


@cache
def first_key() -> RSAKey:
    """What every provider begins to sign with; making one takes a while."""
    return RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})


@dataclass(frozen=True)
class Account:
    """Somebody who can sign in."""

    password: str
    subject: str
    name: str
    groups: list[str]


@dataclass
class Grant:
    """A code that was given out, and for what."""

    account: Account
    back: str
    challenge: str
    nonce: str
    used: bool = False


@dataclass
class OidcProvider:
    """The provider. `wrong` says what is wrong just now; `asked` lists the paths that were asked for."""

    port: int = 0
    secret: str = SECRET
    auth_methods: tuple[str, ...] = ("client_secret_basic", "client_secret_post")
    ends_sessions: bool = True
    wrong: str = ""
    keys: list = field(default_factory=lambda: [first_key()])
    more_metadata: dict = field(default_factory=dict)
    claims: dict = field(default_factory=dict)  # beside those of the account; None takes one away
    userinfo: dict | str = field(default_factory=dict)  # beside the subject, or all that is answered
    header: dict = field(default_factory=dict)  # beside algorithm and key of its id tokens
    asked: list[str] = field(default_factory=list)
    grants: dict[str, Grant] = field(default_factory=dict)
    accesses: dict[str, Account] = field(default_factory=dict)  # by access token
    signed_in: dict[str, Account] = field(default_factory=dict)  # by cookie
    accounts: dict[str, Account] = field(
        default_factory=lambda: {
            "lin": Account("柳桥 2023", "248289761001", "林一鸣", ["editors", "archive"]),
            "zhou": Account("geheim", "99", "周小满", ["readers"]),
        }
    )

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}/realms/news"

    def rotate(self, kind: str = "RSA") -> None:
        """Sign with a new key from now on; the old one is no longer listed."""
        kid = secrets.token_hex(4)
        new = RSAKey.generate_key(2048, {"kid": kid}) if kind == "RSA" else ECKey.generate_key("P-256", {"kid": kid})
        self.keys = [new]

    def metadata(self) -> dict:
        said = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize?kept=1",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "scopes_supported": ["openid", "profile", "groups"],
            "token_endpoint_auth_methods_supported": list(self.auth_methods),
        }
        if self.ends_sessions:
            said["end_session_endpoint"] = f"{self.issuer}/end"
        return said | self.more_metadata

    def code(self, user: str, asked: dict[str, str]) -> str:
        """A code for somebody, as the login form gives it."""
        code = secrets.token_urlsafe(16)
        self.grants[code] = Grant(
            self.accounts[user], asked["redirect_uri"], asked.get("code_challenge", ""), asked.get("nonce", "")
        )
        return code

    def id_token(self, grant: Grant, access: str) -> str:
        now = int(time.time())
        half = hashlib.sha256(access.encode()).digest()[:16]
        claims = {
            "iss": self.issuer,
            "sub": grant.account.subject,
            "aud": CLIENT,
            "exp": now + 300,
            "iat": now,
            "nonce": grant.nonce,
            "name": grant.account.name,
            "groups": grant.account.groups,
            "at_hash": base64.urlsafe_b64encode(half).rstrip(b"=").decode(),
        } | self.claims
        claims = {name: value for name, value in claims.items() if value is not None}
        key = self.keys[0]
        header = {"alg": "ES256" if isinstance(key, ECKey) else "RS256", "kid": key.kid}
        return self._signed(header, claims, key)

    def _signed(self, header: dict, claims: dict, key) -> str:
        header = header | self.header
        match self.wrong:
            case "alg none":
                return f"{_b64({'alg': 'none', 'kid': header['kid']})}.{_b64(claims)}."
            case "hs256 with the public key":
                told = f"{_b64({'alg': 'HS256', 'kid': header['kid']})}.{_b64(claims)}"
                signature = hmac.digest(key.as_pem(private=False), told.encode(), "sha256")
                return f"{told}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"
            case "a stranger's key":
                key = RSAKey.generate_key(2048, {"kid": header["kid"]})
            case "a key of its own":
                key = RSAKey.generate_key(2048, {"kid": "own"})
                header = header | {"kid": "own", "jwk": key.as_dict(private=False)}
            case "a key from elsewhere":
                key = RSAKey.generate_key(2048, {"kid": "own"})
                header = header | {"kid": "own", "jku": f"{self.issuer}/jwks-of-evil", "x5u": f"{self.issuer}/evil"}
            case "rs384":
                header = header | {"alg": "RS384"}
        token = jwt.encode(header, claims, key, algorithms=[header["alg"]])
        if self.wrong == "changed afterwards":
            head, _, signature = token.split(".")
            token = f"{head}.{_b64(claims | {'sub': '1'})}.{signature}"
        return token


def _b64(value: dict) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@contextmanager
def oidc_provider(**more) -> Iterator[OidcProvider]:
    """A provider that runs until the end of the block."""
    provider = OidcProvider(**more)
    server = ThreadingHTTPServer(("127.0.0.1", provider.port), type("Handler", (_Handler,), {"provider": provider}))
    provider.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    """One request to the provider of the subclass."""

    provider: OidcProvider
    protocol_version = "HTTP/1.1"

    def handle(self) -> None:
        """Whoever has left before the answer is no concern of a provider's."""
        with suppress(ConnectionError):
            super().handle()

    def log_message(self, *_: object) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        self._answer(dict(parse_qsl(urlsplit(self.path).query)))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._answer(dict(parse_qsl(body.decode())))

    def _answer(self, asked: dict[str, str]) -> None:
        path = urlsplit(self.path).path.removeprefix("/realms/news")
        self.provider.asked.append(path)
        what, _, of = self.provider.wrong.partition(" at ")
        if of and path == of and self._misbehave(what):
            return
        match path:
            case "/.well-known/openid-configuration":
                self._json(self.provider.metadata())
            case "/jwks":
                self._json({"keys": [key.as_dict(private=False) for key in self.provider.keys]})
            case "/authorize":
                self._authorize(asked)
            case "/token":
                self._token(asked)
            case "/userinfo":
                who = self.provider.accesses.get(self.headers.get("Authorization", "").removeprefix("Bearer "))
                if isinstance(said := self.provider.userinfo, str):
                    self._send(200, said.encode(), "application/jwt")
                else:
                    self._json({"sub": who.subject} | said if who else {}, 200 if who else 401)
            case "/end":
                self.provider.signed_in.clear()
                self._go(asked["post_logout_redirect_uri"])
            case _:
                self._send(404, b"", "text/plain")

    def _misbehave(self, what: str) -> bool:
        match what:
            case "500":
                self._send(500, b"<h1>Traceback: no</h1>", "text/html")
            case "slow":
                time.sleep(3)
                return False
            case "huge":
                self._send(200, b'{"keys": [' + b" " * 3_000_000 + b"]}", "application/json")
            case "packed":
                self._send(200, b"\x1f\x8b", "application/json", ("Content-Encoding", "gzip"))
            case "loop":
                self._go(self.path)
            case "html":
                self._send(200, b"<!doctype html>", "text/html")
            case "list":
                self._json([1])
            case "cut":
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{")
                self.close_connection = True
            case "invalid_client" | "server_error":
                self._json({"error": what, "error_description": "a\nb" * 1000}, 400)
        return True

    def _authorize(self, asked: dict[str, str]) -> None:
        """The form; posted with the right password, back with a code. Its cookie spares the form the next time."""
        cookie = (self.headers.get("Cookie") or "").rpartition("op=")[2].partition(";")[0]
        account = self.provider.accounts.get(asked.get("user", ""))
        if not self._right(asked):
            self._send(400, b"no such client, or not like this", "text/plain")
            return
        given = {"state": asked["state"]}
        if asked.get("cancel"):
            self._go(f"{asked['redirect_uri']}?{urlencode(given | {'error': 'access_denied'})}")
        elif account and asked["password"] == account.password:
            code = self.provider.code(asked["user"], asked)
            session = secrets.token_hex(8)
            self.provider.signed_in[session] = account
            where = f"{asked['redirect_uri']}?{urlencode(given | {'code': code})}"
            self._go(where, ("Set-Cookie", f"op={session}; Path=/; HttpOnly; SameSite=Lax"))
        elif self.command == "GET" and cookie in self.provider.signed_in:
            user = next(n for n, one in self.provider.accounts.items() if one is self.provider.signed_in[cookie])
            code = self.provider.code(user, asked)
            self._go(f"{asked['redirect_uri']}?{urlencode(given | {'code': code})}")
        else:
            kept = "".join(f'<input type="hidden" name="{escape(n)}" value="{escape(v)}">' for n, v in asked.items())
            form = (
                f'<!doctype html><html lang="en"><title>Provider</title><form method="post">{kept}'
                '<input name="user" aria-label="user"><input name="password" type="password" aria-label="password">'
                '<button>Let me in</button><button name="cancel" value="1">No</button></form></html>'
            )
            self._send(200, form.encode(), "text/html; charset=utf-8")

    def _right(self, asked: dict[str, str]) -> bool:
        return (
            (asked.get("client_id"), asked.get("response_type")) == (CLIENT, "code")
            and asked.get("code_challenge_method") == "S256"
            and {"openid", "groups"} <= set(asked.get("scope", "").split())
            and asked.get("redirect_uri", "").endswith("/login/callback")
        )

    def _token(self, asked: dict[str, str]) -> None:
        grant = self.provider.grants.get(asked.get("code", ""))
        if not self._client_is_known(asked):
            return self._json({"error": "invalid_client"}, 401)
        proven = base64.urlsafe_b64encode(hashlib.sha256(asked.get("code_verifier", "").encode()).digest())
        if (
            grant is None
            or (grant.used and self.provider.wrong != "codes count twice")
            or grant.back != asked.get("redirect_uri")
            or (grant.challenge != proven.rstrip(b"=").decode() and self.provider.wrong != "no look at PKCE")
        ):
            return self._json({"error": "invalid_grant"}, 400)
        grant.used = True
        access = secrets.token_urlsafe(16)
        self.provider.accesses[access] = grant.account
        told = {"access_token": access, "token_type": "Bearer", "expires_in": 300}
        token = {} if self.provider.wrong == "no id token" else {"id_token": self.provider.id_token(grant, access)}
        return self._json(told | token)

    def _client_is_known(self, asked: dict[str, str]) -> bool:
        if not self.provider.secret:
            return asked.get("client_id") == CLIENT and "Authorization" not in self.headers
        basic = base64.b64encode(f"{CLIENT}:{self.provider.secret}".encode()).decode()
        by = {
            "client_secret_basic": self.headers.get("Authorization") == f"Basic {basic}",
            "client_secret_post": asked.get("client_secret") == self.provider.secret,
        }
        return any(by[method] for method in self.provider.auth_methods)

    def _json(self, value: object, status: int = 200) -> None:
        self._send(status, json.dumps(value).encode(), "application/json")

    def _go(self, where: str, *headers: tuple[str, str]) -> None:
        self._send(302, b"", "text/plain", ("Location", where), *headers)

    def _send(self, status: int, body: bytes, kind: str, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in (("Content-Type", kind), ("Content-Length", str(len(body))), *headers):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
