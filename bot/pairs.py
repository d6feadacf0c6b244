"""Text into pairs of neighbouring characters: what is left in common where two texts were cut into words otherwise.

In: any text. Out: its pairs, folded, without punctuation and white space, and which of them other texts have. It knows
no words and no weights.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ingest.terms import fold, fold_character

_NO_LETTER = re.compile(r"\W")
_PLANE = 0x10000  # characters that are looked for in other texts: those of the basic plane, as all but a few are
_UNKNOWN = 0  # in _folded: nobody has asked yet; as a character it stands between two texts

# Character to its folded form, filled in as characters are met. Two threads may fill in the same, with the same.
_folded: NDArray[np.uint16] = np.zeros(_PLANE, np.uint16)


def character_pairs(text: str) -> frozenset[str]:
    """The pairs of `text`, each once; none for a text of one character."""
    return frozenset(ordered_pairs(text))


def ordered_pairs(text: str) -> list[str]:
    """The pairs of `text` in their order."""
    squeezed = _NO_LETTER.sub("", fold(text))
    return [squeezed[i : i + 2] for i in range(len(squeezed) - 1)]


def share_of_shorter(one: frozenset[str], other: frozenset[str]) -> float:
    """How much of the shorter of two texts the other one has too, from 0 to 1, by their pairs."""
    return len(one & other) / max(1, min(len(one), len(other)))


def pairs_held(pairs: Sequence[str], texts: Sequence[str]) -> NDArray[np.bool_]:
    """Whether each text (rows) has each of `pairs` (columns), which are folded and each there once.

    Of all texts at once, in tables: looking for 40 pairs in 60 folded texts one by one takes ten times as long.
    """
    held = np.zeros((len(texts), len(pairs)), dtype=np.bool_)
    place = {letter: n for n, letter in enumerate(sorted(set("".join(pairs))), 1)}
    places = np.zeros(_PLANE, np.uint16)  # the same for every character, 0 for all that no pair has
    for letter, n in place.items():
        places[min(ord(letter), _PLANE - 1)] = n
    base = len(place) + 1
    columns = np.full(base * base, -1, np.int32)
    for column, pair in enumerate(pairs):
        columns[place[pair[0]] * base + place[pair[1]]] = column
    line = places[_fold("\0".join(texts))].astype(np.int32)
    found = columns[line[:-1] * base + line[1:]]
    at = np.flatnonzero(found >= 0)
    ends = np.cumsum([len(text) + 1 for text in texts])
    held[np.searchsorted(ends, at, side="right"), found[at]] = True
    return held


def rareness(held: NDArray[np.bool_]) -> NDArray[np.float64]:
    """What each column tells (nats): the fewer of the texts (rows) have it, the more."""
    count = held.sum(axis=0)
    rare: NDArray[np.float64] = np.log1p((len(held) - count + 0.5) / (count + 0.5))
    return rare


def rare_share(held: NDArray[np.bool_]) -> NDArray[np.float64]:
    """How much of all columns each text has, a column counting more that fewer texts have."""
    rare = rareness(held)
    share: NDArray[np.float64] = held @ rare / (rare.sum() or 1.0)
    return share


def _fold(text: str) -> NDArray[np.uint16]:
    """The characters of `text`, each folded alone; those beyond the basic plane become its last one."""
    line = np.minimum(np.frombuffer(text.encode("utf-32-le"), np.uint32), _PLANE - 1)
    folded = _folded[line]
    if not folded.all():
        for code in np.unique(line[folded == _UNKNOWN]).tolist():
            _folded[code] = min(ord(fold_character(chr(code))), _PLANE - 1)
        folded = _folded[line]
    return folded
