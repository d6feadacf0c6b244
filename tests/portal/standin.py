"""For as long as the app has no guard of its own: sessions of a portal's tokens before everything else."""

from __future__ import annotations

import secrets
import time
from typing import Any

import jwt
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.portal.site import AUDIENCE, ISSUER, SECRET

COOKIE = "__Secure-wenbao_portal"
PUBLIC = ("/widget.js", "/embed", "/embed/embed.js", "/healthz", "/theme.css", "/logo", "/favicon.ico")


class StandIn:
    def __init__(self, app: Any, minutes: float = 60, partitioned: bool = True) -> None:
        self.app, self.partitioned, self.minutes = app, partitioned, minutes
        self.sessions: dict[str, tuple[str, float]] = {}
        self.used: set[str] = set()

    async def __call__(self, scope, receive, send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive)
        path = scope["path"]
        if path == "/embed/session":
            await (await self.session(request))(scope, receive, send)
        elif path in PUBLIC or path.startswith(("/assets/", "/static/", "/look/")) or self.of(request):
            await self.app(scope, receive, send)
        else:
            await Response("who?", 401)(scope, receive, send)

    def of(self, request: Request) -> tuple[str, float] | None:
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        found = self.sessions.get(bearer or request.cookies.get(COOKIE, ""))
        return found if found and found[1] > time.time() else None

    async def session(self, request: Request) -> Response:
        if request.method == "POST":
            try:
                said = jwt.decode(
                    request.headers["authorization"].removeprefix("Bearer "),
                    SECRET,
                    ["HS256"],
                    audience=AUDIENCE,
                    issuer=ISSUER,
                )
            except (jwt.InvalidTokenError, KeyError):
                return JSONResponse({}, 401)
            if said["jti"] in self.used:
                return JSONResponse({}, 401)
            self.used.add(said["jti"])
            session, until = "wbs_" + secrets.token_hex(16), int(time.time() + self.minutes * 60)
            self.sessions[session] = said["sub"], until
            response = JSONResponse({"session": session, "until": until, "name": said["name"]})
            line = f"{COOKIE}={session}; Path=/; HttpOnly; Secure; SameSite=None"
            response.headers["set-cookie"] = line + ("; Partitioned" if self.partitioned else "")
            return response
        if request.method == "DELETE":
            self.sessions.pop(request.headers.get("authorization", "").removeprefix("Bearer "), None)
            self.sessions.pop(request.cookies.get(COOKIE, ""), None)
            return Response(status_code=204)
        found = self.of(request)
        return JSONResponse({"name": found[0], "until": found[1]}) if found else JSONResponse({}, 401)
