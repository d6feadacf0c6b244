"""What a sign-in under way must remember, sealed, for the browser itself to keep: ten minutes, for one browser.

In: a sign-in that begins. Out: a cookie's value that nobody else can read or make, and the sign-in again. That it is
used once is the state's business: it knows which were, in all processes.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.identity.oidc import Begun

SECONDS = 600  # between the first click and the last


@dataclass(frozen=True, slots=True)
class Transaction:
    """A sign-in under way, and the page that it was asked for."""

    begun: Begun
    onward: str


class Transactions:
    """Seals and opens. What one process seals another opens if both know the same client secret."""

    def __init__(self, secret: str, clock: Callable[[], float] = time.time) -> None:
        """`secret`: the client's at the provider; "" for a key that lives as long as this process."""
        known = secret.encode() or os.urandom(32)
        key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"wenbao sign-in").derive(known)
        self._box, self._clock = Fernet(base64.urlsafe_b64encode(key)), clock

    def seal(self, transaction: Transaction) -> str:
        """What the browser keeps."""
        told = json.dumps([asdict(transaction.begun), transaction.onward]).encode()
        return self._box.encrypt_at_time(told, int(self._clock())).decode()

    def open(self, sealed: str) -> Transaction | None:
        """What was sealed; None for what is none of ours, or too old."""
        try:
            told = json.loads(self._box.decrypt_at_time(sealed.encode(), SECONDS, int(self._clock())))
        except (InvalidToken, ValueError):
            return None
        begun, onward = told
        return Transaction(Begun(**begun), onward)


def hash_of_step(state: str) -> str:
    """What is told of a state to those who must tell one sign-in from another."""
    return hashlib.sha256(f"oidc\0{state}".encode()).hexdigest()
