"""The portal as an ASGI app: a sign-in form, `/token` for whoever is signed in, pages with the bot in them.

Its policy is as strict as a policy gets: no inline script or style, no HTML from strings.
"""

from __future__ import annotations

import secrets
import time
from pathlib import Path
from urllib.parse import quote, urlsplit

import jwt
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

HERE = Path(__file__).parent
SECRET = "the portal and the bot alone know this"
ISSUER = "https://portal.test"
AUDIENCE = "wenbao"
LASTS = 60  # seconds that a token is good for


def token_for(user: str, **claims: object) -> str:
    """What the portal says of a user, signed."""
    now = int(time.time())
    said = {"iss": ISSUER, "aud": AUDIENCE, "sub": user, "name": user, "iat": now, "nbf": now, "exp": now + LASTS}
    return jwt.encode(said | {"groups": ["readers"], "jti": secrets.token_hex(8)} | claims, SECRET, "HS256")


class Portal:
    """The site; `bot` is the bot's address, without a slash at its end; `groups` are those of users with others."""

    def __init__(self, bot: str) -> None:
        self.bot = bot
        self.groups: dict[str, list[str]] = {}
        self.sessions: dict[str, str] = {}
        self.tokens: list[str] = []  # all that were given
        self.app = Starlette(
            routes=[
                Route("/", self.page),
                Route("/sign-in", self.sign_in, methods=["POST"]),
                Route("/sign-out", self.sign_out, methods=["POST"]),
                Route("/token", self.token),
                *(Route(f"/{name}", self.file) for name in ("frame.js", "portal.js", "portal.css")),
            ]
        )

    def _user(self, request: Request) -> str | None:
        return self.sessions.get(request.cookies.get("portal", ""))

    async def page(self, request: Request) -> Response:
        """The front page, with what `?with=` names: floating, inline, twice, iframe, api, none."""
        user = self._user(request)
        if user is None and "anyway" not in request.query_params:
            to = quote(f"/?{request.url.query}", safe="")
            return self._html((HERE / "sign_in.html").read_text("utf-8").replace("$to$", to))
        wanted = request.query_params.get("with", "floating")
        block = (HERE / "blocks" / f"{wanted}.html").read_text("utf-8") if wanted.isalpha() else ""
        page = (HERE / "page.html").read_text("utf-8").replace("$block$", block)
        return self._html(page.replace("$bot$", self.bot).replace("$user$", user or "（没有登录）"))

    def _html(self, page: str) -> Response:
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(self.bot))
        policy = (
            f"default-src 'none'; script-src 'self' {origin}; frame-src {origin}; connect-src 'self'; "
            "style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
            "require-trusted-types-for 'script'; trusted-types 'none'"
        )
        return Response(page, media_type="text/html", headers={"Content-Security-Policy": policy})

    async def sign_in(self, request: Request) -> Response:
        """Anybody is who they say: it is not the portal that is tried here."""
        session = secrets.token_hex(16)
        self.sessions[session] = str((await request.form())["user"])
        response = RedirectResponse(request.query_params.get("to", "/"), 303)
        response.set_cookie("portal", session, httponly=True, secure=True, samesite="lax")
        return response

    async def sign_out(self, request: Request) -> Response:
        self.sessions.pop(request.cookies.get("portal", ""), None)
        return RedirectResponse("/?with=floating", 303)

    async def token(self, request: Request) -> Response:
        """A fresh token for whoever is signed in here."""
        user = self._user(request)
        if user is None:
            return JSONResponse({}, 401)
        self.tokens.append(token_for(user, **({"groups": self.groups[user]} if user in self.groups else {})))
        return JSONResponse({"token": self.tokens[-1]}, headers={"Cache-Control": "no-store"})

    async def file(self, request: Request) -> Response:
        path = HERE / request.url.path[1:]
        kind = "text/javascript" if path.suffix == ".js" else "text/css"
        return Response(path.read_text("utf-8").replace("$bot$", self.bot), media_type=kind)
