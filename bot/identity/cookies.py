"""The cookies by which somebody is told from others: their names, how a session's are set, read and taken back.

In: a bearer, a path; headers as browsers send them. Out: a Set-Cookie line; a bearer. Nothing here knows whose it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

PORTAL = "__Secure-wenbao_portal"  # in a frame of another site: each portal has its own, by Partitioned
LOGIN = "__Secure-wenbao_login"  # of whoever came directly
PLAIN_LOGIN = "wenbao_login"  # the same over http, on the machine itself
OWNER = "wenbao_owner"  # of a browser in which nobody has signed in
OWNER_SHAPE = re.compile(r"[0-9a-f]{32}")  # 128 random bits
_ATTRIBUTES = {
    PORTAL: "HttpOnly; Secure; SameSite=None; Partitioned",
    LOGIN: "HttpOnly; Secure; SameSite=Lax",
    PLAIN_LOGIN: "HttpOnly; SameSite=Lax",
}


def set_cookie(name: str, bearer: str, path: str, seconds: int) -> str:
    """A line that gives a browser a session; `path` is the prefix, "" for none."""
    return f"{name}={bearer}; Path={path or '/'}; Max-Age={max(0, seconds)}; {_ATTRIBUTES[name]}"


def drop_cookie(name: str, path: str) -> str:
    """A line that takes it back."""
    return set_cookie(name, "", path, 0)


def cookie_of(lines: Iterable[str], name: str) -> str:
    """The value of a cookie, "" for none. Two of one name are none: somebody else may have planted one of them.

    `lines` are a request's Cookie headers, of which there may be several.
    """
    pairs = (part.partition("=") for line in lines for part in line.split(";"))
    values = {value.strip().strip('"') for key, _, value in pairs if key.strip() == name}
    return values.pop() if len(values) == 1 else ""
