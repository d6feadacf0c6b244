"""Where somebody goes who is not signed in, and where once they are.

In: an address that may come from anybody. Out: a path of ours and nothing else. What was looked for or asked is
dropped: no sign-in carries it past a provider.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, quote, unquote, urlencode

LONGEST = 500  # characters of an address that is gone on to; it travels in a cookie
KEPT = ("version", "part", "order", "since", "until", "paper", "place", "byline")  # as the archive's pages use them

_SAFE = "/%:@!$&'()*+,;=~"  # what a path may hold as it is; % as it may be quoted already
_AWAY = re.compile(r"^[/\\]{2}|(^|/)\.{1,2}([/;]|$)|[\x00-\x1f\x7f\\]")


def sign_in_address(prefix: str, path: str, query: str = "") -> str:
    """Where whoever wants a page of ours and is not signed in is sent to."""
    onward = onward_of(f"{path}?{query}")
    return f"{prefix}/login" + (f"?next={quote(onward, safe='/')}" if onward != "/" else "")


def onward_of(wanted: str) -> str:
    """The page of ours that is wanted, as a path from our root; "/" for whatever is none."""
    path, _, query = wanted.partition("#")[0].partition("?")
    if not path.startswith("/") or _leads_away(path) or re.match(r"/log(in|out)\b", path):
        return "/"
    path = quote(path, safe=_SAFE, errors="replace")
    kept = urlencode([(name, value) for name, value in parse_qsl(query) if name in KEPT], quote_via=quote)
    onward = f"{path}?{kept}" if kept else path
    return onward if len(onward) <= LONGEST else path if len(path) <= LONGEST else "/"


def _leads_away(path: str) -> bool:
    """Whether any reading of it, however often it is decoded, is another host's or climbs out of our folder."""
    for _ in range(5):
        if _AWAY.search(path):
            return True
        decoded = unquote(path)
        if decoded == path:
            return False
        path = decoded
    return True
