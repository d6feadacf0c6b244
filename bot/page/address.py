"""The address that the page is served on. In: host and port. Out: a listening socket, and how a browser writes it.

Apart from `server`, which takes seconds to import: a taken port is said at once, and an early browser waits instead of
being refused.
"""

from __future__ import annotations

import os
import socket

from ingest.errors import BadSetting

WAITING = 128  # connections that wait while the app is still loading


def listen(host: str, port: int) -> socket.socket:
    """Open the address. Raises BadSetting where it is taken, not ours, or no address at all."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=WAITING)
    except OSError as e:
        raise BadSetting(
            f"cannot listen on {host!r}, port {port} ({_reason(e)}): stop what uses it, or set another one with "
            "WENBAO_HOST and WENBAO_PORT."
        ) from e


def _reason(error: OSError) -> str:
    """The system's own words; asyncio and getaddrinfo add to `strerror` or number their errors otherwise."""
    return os.strerror(error.errno) if error.errno and error.errno > 0 else str(error.strerror or error)


def url_of(listening: socket.socket) -> str:
    """What to type into a browser on this machine."""
    host, port = listening.getsockname()[:2]
    if host in ("0.0.0.0", "::"):  # noqa: S104 - only named here: it means every address, this machine's too
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
