"""Secrets that we give out: how they are made and told apart, and the hash by which they are kept.

In: nothing, or what somebody sends. Out: a secret, its hash. A secret has 256 random bits, so a plain hash hides it as
well as a slow one would, and looking it up by its hash takes no longer for a near miss than for any other.
"""

from __future__ import annotations

import hashlib
import re
import secrets

KEY, SESSION = "wbk_", "wbs_"
_BYTES = 32
_SHAPE = re.compile(r"wb[ks]_[A-Za-z0-9_-]{43}")


def new_secret(kind: str) -> str:
    """A secret of `kind`, KEY or SESSION."""
    return kind + secrets.token_urlsafe(_BYTES)


def is_secret(text: str, kind: str) -> bool:
    """Whether it could be one of this kind; what could not be is never looked up."""
    return text.startswith(kind) and _SHAPE.fullmatch(text) is not None


def hash_of(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_id() -> str:
    """The id of a key or a session, which opens nothing."""
    return secrets.token_hex(16)
