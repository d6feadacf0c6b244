"""API keys: made, listed, revoked. What a request's key is worth is for `bot.identity.register` to say.

In: a name, scopes, groups. Out: a key, whose secret is shown this once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.identity import audit
from bot.identity.secrets import KEY, hash_of, new_id, new_secret
from bot.state import Key, Proofs
from bot.visitor import SCOPES
from ingest.errors import BadKey

_NAME = re.compile(r"[\w][\w .@/-]{0,63}")
LONGEST_GROUP = 255  # characters


def add_key(proofs: Proofs, name: str, scopes: Iterable[str], groups: Iterable[str] = ()) -> tuple[Key, str]:
    """A new key and its secret, which is kept nowhere. Raises BadKey, StateBroken."""
    wanted, named = frozenset(scopes), frozenset(groups)
    if not _NAME.fullmatch(name) or name != name.strip():
        raise BadKey(f"{name!r} is no name for a key: up to 64 letters, digits, spaces and any of . @ / _ -.")
    if unknown := sorted(wanted.difference(SCOPES)):
        raise BadKey(f"there is no scope {unknown[0]!r}: choose among {', '.join(SCOPES)}.")
    if not wanted:
        raise BadKey(f"a key without a scope opens nothing: give --scope once or more, of {', '.join(SCOPES)}.")
    if wrong := sorted(one for one in named if not one.isprintable() or not 0 < len(one) <= LONGEST_GROUP):
        raise BadKey(f"{wrong[0][:80]!r} is no name of a group: 1 to {LONGEST_GROUP} characters that can be printed.")
    key = Key(new_id(), name, frozenset(one for one in SCOPES if one in wanted), named, proofs.now())
    secret = new_secret(KEY)
    proofs.add_key(key, hash_of(secret))
    audit.key_added(key)
    return key, secret


def revoke_key(proofs: Proofs, name: str) -> Key:
    """End a key; whoever shows it is refused within seconds, open streams included. Raises NotFound, StateBroken."""
    key = proofs.revoke_key(name)
    audit.key_revoked(key)
    return key
