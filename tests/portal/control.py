"""The control: a plain SameSite=None cookie, set and asked for in a frame of another site.

Where it comes back, third-party cookies are allowed; where it does not, the browser really blocks them.
"""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route


def control_site(framed: str) -> Starlette:
    """Its page `/` frames `/plain` of `framed`, the same app under another name."""

    async def page(request: Request) -> Response:
        return HTMLResponse(f"<iframe src='{framed}/plain'></iframe>")

    async def plain(request: Request) -> Response:
        response = HTMLResponse("back" if request.cookies.get("plain") else "none")
        response.set_cookie("plain", "1", secure=True, samesite="none")
        return response

    async def framing(request: Request) -> Response:
        """A page that frames whatever it is told, and one in a sandbox, which has no origin."""
        target = request.query_params.get("of", "about:blank")
        sandbox = "allow-scripts allow-popups allow-popups-to-escape-sandbox"
        return HTMLResponse(f"<iframe src='{target}'></iframe><iframe sandbox='{sandbox}' srcdoc='<p>'></iframe>")

    return Starlette(routes=[Route("/", page), Route("/plain", plain), Route("/framing", framing)])
