"""One line of JSON for every key, every sign-in and every refused access, to the logger `wenbao.audit`.

In: what happened, and to whom. Out: a line on stderr, or wherever the logger is led. No secret, token, question or
cookie is ever given to this room; names and paths come from outside and cannot break a line or hide in it.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Iterable
from typing import Literal

from bot.state.models import Key, SignIn
from bot.visitor import NOBODY, Via, Visitor

Event = Literal["key.added", "key.revoked", "signin.ok", "signin.refused", "signout", "session.ended", "access.refused"]

LONGEST = 200  # characters of a name or path
ID_SHOWN = 8  # characters of a key's or session's id: enough to find it in a list
_log = logging.getLogger("wenbao.audit")


def to_stderr() -> None:
    """Let the lines appear on stderr, unless whoever runs this process has led them elsewhere."""
    _log.setLevel(logging.INFO)
    if not _log.hasHandlers():
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(message)s"))
        _log.addHandler(handler)


def key_added(key: Key) -> None:
    """A key was made."""
    _key("key.added", key)


def key_revoked(key: Key) -> None:
    """A key was revoked."""
    _key("key.revoked", key)


def signed_in(who: SignIn, peer: str = "", path: str = "") -> None:
    """Somebody was let in."""
    _write("signin.ok", "ok", via=who.via, name=who.name, proof=f"session:{who.id}", peer=peer, path=path)


def not_signed_in(reason: str, via: Via, peer: str = "", path: str = "", name: str = "") -> None:
    """Somebody was not let in, and why: what the outside is not told."""
    _write("signin.refused", "refused", via=via, name=name, peer=peer, path=path, reason=reason)


def signed_out(ended: Iterable[SignIn], peer: str = "", path: str = "") -> None:
    """Somebody left."""
    for one in ended:
        _write("signout", "ok", via=one.via, name=one.name, proof=f"session:{one.id}", peer=peer, path=path)


def sessions_ended(ended: Iterable[SignIn], reason: str, peer: str = "") -> None:
    """Sessions were ended by something else than their own sign-out."""
    for one in ended:
        proof = f"session:{one.id}"
        _write("session.ended", "ok", via=one.via, name=one.name, proof=proof, peer=peer, reason=reason)


def refused(reason: str, *, peer: str = "", path: str = "", visitor: Visitor = NOBODY) -> None:
    """A request was turned away: an unknown key, a foreign origin, a scope or a rate that is exceeded."""
    v = visitor
    _write("access.refused", "refused", via=v.via, name=v.name, proof=v.proof, peer=peer, path=path, reason=reason)


def _key(event: Event, key: Key) -> None:
    _write(event, "ok", via="key", name=key.name, proof=f"key:{key.id}")


def _write(
    event: Event,
    outcome: Literal["ok", "refused"],
    *,
    via: Via,
    name: str,
    proof: str = "",
    peer: str = "",
    path: str = "",
    reason: str = "",
) -> None:
    kind, _, id_ = proof.partition(":")
    said = {
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "event": event,
        "outcome": outcome,
        "via": via,
        "name": name[:LONGEST],
        "proof": f"{kind}:{id_[:ID_SHOWN]}" if id_ else "",
        "peer": peer[:LONGEST],
        "path": path.partition("?")[0][:LONGEST],
        "reason": reason[:LONGEST],
    }
    _log.info("%s", _one_line(json.dumps({key: value for key, value in said.items() if value}, ensure_ascii=False)))


def _one_line(text: str) -> str:
    """JSON in which nothing is left that a terminal would obey or not show: all of it stands within strings."""
    return "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text)
