"""Chinese names in Latin letters (Xu Wanghe, Liantang): whether a name can be read so, and where a text reads so.

In: a name in pinyin without tones, as English newspapers print it. Out: a pattern of the characters that are read that
way, and the words of general news that are. The table of readings is looked up on first use. It never decides which of
several readings was meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path

from ingest.frequencies import read_frequencies

TABLE = Path(__file__).with_name("readings.tsv")
_LEAST, _MOST = 2, 6  # syllables: one alone is read by a hundred characters, and no name has seven
_LONGEST = 6  # letters of a syllable: zhuang
_KEPT = 8  # words of general news that a name may stand for: a spelling of two syllables is read by dozens


def is_spelled(name: str) -> bool:
    """Whether `name`, in small letters without spaces, can be read as two or more Chinese syllables."""
    return any(True for _ in _cuts(name))


@lru_cache(maxsize=1000)
def spelled(name: str) -> re.Pattern[str]:
    """What finds characters that are read `name`; nothing where it cannot be read."""
    ways = ("".join(f"[{_readings()[syllable]}]" for syllable in cut) for cut in _cuts(name))
    return re.compile("|".join(ways) or "(?!)")


@lru_cache(maxsize=1000)
def words_spelled(name: str) -> tuple[str, ...]:
    """The words of general news that are read `name`, the most frequent first; a few of them."""
    whole = re.compile(f"^(?:{spelled(name).pattern})$", re.MULTILINE)
    return tuple(found[0] for found, _ in zip(whole.finditer(_listed()), range(_KEPT), strict=False))


def _cuts(name: str) -> Iterator[tuple[str, ...]]:
    """The ways to cut a name into syllables, li an for lian only where there is no other: papers write li'an."""
    if not (name.isascii() and name.isalpha() and len(name) <= _MOST * _LONGEST):
        return
    cuts = [cut for cut in _tails(name) if _LEAST <= len(cut) <= _MOST]
    plain = [cut for cut in cuts if not any(syllable[0] in "aeo" for syllable in cut[1:])]
    yield from plain or cuts


def _tails(rest: str) -> Iterator[tuple[str, ...]]:
    if not rest:
        yield ()
    for end in range(1, min(_LONGEST, len(rest)) + 1):
        if rest[:end] in _readings():
            yield from ((rest[:end], *tail) for tail in _tails(rest[end:]))


@cache
def _readings() -> dict[str, str]:
    lines = TABLE.read_text("utf-8").splitlines()
    return dict(line.split("\t") for line in lines if line[0] != "#")


@cache
def _listed() -> str:
    """The words of general news, one a line, the most frequent first."""
    return "\n".join(term for term in read_frequencies().counts if 1 < len(term) <= _MOST)
