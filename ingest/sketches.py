"""What two articles of one story are known by: a text without all that papers print differently, and a small sketch.

In: a text. Out: its letters and digits alone, one number for all of it, the smallest hashes of its shingles. The same
text gives the same values for ever; nothing here compares articles (stories.py does).
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ingest.datelines import find_dateline

SHINGLE = 5  # characters: shorter ones stand in any news, of longer ones a changed word takes too many away
KEPT = 16  # hashes of a sketch: two texts that share half their shingles share half of these
_LOOKED_AT = 4 * KEPT  # smallest hashes among which equal ones are looked for
_SAID, _HEAD = re.compile("[讯电訊電]|消息|报道|報道"), 60  # a text without these so near its head has no dateline
_PLANE = 0x10000
_SEED = np.uint64(0x9E3779B97F4A7C15)
_MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))

Letters = NDArray[np.uint16]
Hashes = NDArray[np.uint64]


def letters_of(text: str) -> Letters:
    """The letters and digits of `text`, full and half width made equal, without what stands before the news."""
    dateline = find_dateline(text) if _SAID.search(text, 0, _HEAD) else None
    news = text[dateline.end :] if dateline else text
    folded = _folding()[np.minimum(np.frombuffer(news.encode("utf-32-le", "replace"), np.uint32), _PLANE - 1)]
    kept: Letters = folded[folded != 0]
    return kept


def shingles_of(letters: Letters) -> Hashes:
    """A hash for every different run of SHINGLE characters, in order; one for a text that is shorter."""
    return _different(_hashes(letters))


def sketch_of(letters: Letters) -> Hashes:
    """The smallest KEPT of the hashes of `shingles_of`."""
    hashes = _hashes(letters)
    if len(hashes) > _LOOKED_AT:  # a third of the time of sorting all; a text that repeats itself gets a shorter sketch
        hashes = np.partition(hashes, _LOOKED_AT)[:_LOOKED_AT]
    return _different(hashes)[:KEPT]


def _different(hashes: Hashes) -> Hashes:
    """As numpy.unique, in half the time for a few hundred."""
    line = np.sort(hashes)
    return line[np.concatenate(([True], line[1:] != line[:-1]))] if len(line) else line


def _hashes(letters: Letters) -> Hashes:
    if not len(letters):
        return np.zeros(0, np.uint64)
    line = (letters if len(letters) >= SHINGLE else np.resize(letters, SHINGLE)).astype(np.uint64)
    count = len(line) - SHINGLE + 1
    mixed = line[:count]
    for at in range(1, SHINGLE):
        mixed = mixed * _SEED + line[at : at + count]
    for factor in _MIX:
        mixed = (mixed ^ (mixed >> np.uint64(31))) * factor
    return mixed ^ (mixed >> np.uint64(29))


def whole_of(letters: Letters) -> int:
    """One number that follows from every letter, in SQLite's range."""
    digest = hashlib.blake2b(letters.tobytes(), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)


@cache
def _folding() -> Letters:
    """What becomes of each character: a letter or digit, in half width and small, or 0 for what does not count."""
    table = np.zeros(_PLANE, np.uint16)
    for code in range(_PLANE):
        plain = unicodedata.normalize("NFKC", chr(code)).lower()
        if plain[:1].isalnum():
            table[code] = ord(plain) if len(plain) == 1 and ord(plain) < _PLANE else code
    return table
