"""Text into pairs of neighbouring characters: what is left in common where two texts were cut into words otherwise.

In: any text. Out: its pairs, folded, without punctuation and white space. It knows no words and no weights.
"""

from __future__ import annotations

import re

from ingest.terms import fold

_NO_LETTER = re.compile(r"\W")


def character_pairs(text: str) -> frozenset[str]:
    """The pairs of `text`, each once; none for a text of one character."""
    squeezed = _NO_LETTER.sub("", fold(text))
    return frozenset(squeezed[i : i + 2] for i in range(len(squeezed) - 1))


def share_of_shorter(one: frozenset[str], other: frozenset[str]) -> float:
    """How much of the shorter of two texts the other one has too, from 0 to 1, by their pairs."""
    return len(one & other) / max(1, min(len(one), len(other)))
