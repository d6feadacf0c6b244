"""Traditional characters into simplified ones, one for one.

In: text. Out: the same in simplified characters and of the same length, so that a question in either
script meets a text in either. Nearly every character goes its way alone; a few (乾, 覆) depend on the word they stand
in. It knows no regional wording: 計程車 becomes 计程车, not 出租车.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

TABLE = Path(__file__).with_name("simplified.tsv")  # made by ingest/training/characters.py


@cache
def simple_characters() -> Mapping[str, str]:
    """Traditional character to simplified, for those that are written alike in every word."""
    return {old: new for old, new in _rows() if len(old) == 1 and old not in _undecided()}


def simplify(text: str) -> str:
    """`text` in simplified characters, and nothing else changed."""
    return settle_words(text.translate(_alone()))


def settle_words(text: str) -> str:
    """`text` with the characters that depend on their word made simple (乾淨 → 干净, but 乾隆): the last step."""
    undecided, words = _patterns()
    return words.sub(lambda found: _spelled()[found[0]], text) if undecided.search(text) else text


@cache
def _alone() -> Mapping[int, str]:
    return str.maketrans(dict(simple_characters()))


@cache
def _rows() -> tuple[tuple[str, str], ...]:
    lines = TABLE.read_text("utf-8").splitlines()
    return tuple((old, new) for old, _, new in (line.partition("\t") for line in lines if not line.startswith("#")))


@cache
def _undecided() -> frozenset[str]:
    """The characters for whose sake words stand in the table."""
    alone = {old: new for old, new in _rows() if len(old) == 1}
    words = ((old, new) for old, new in _rows() if len(old) > 1)
    return frozenset(o for old, new in words for o, n in zip(old, new, strict=True) if n != alone.get(o, o))


@cache
def _spelled() -> Mapping[str, str]:
    return {old: new for old, new in _rows() if len(old) > 1 or old in _undecided()}


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    longest_first = sorted(_spelled(), key=len, reverse=True)
    return re.compile(f"[{''.join(_undecided())}]"), re.compile("|".join(longest_first))
