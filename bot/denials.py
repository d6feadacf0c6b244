"""A negation that a sentence has and the newspaper has not, or the other way round: 没有起作用 where it says 起了作用.

In: a sentence and the text of its passages, squeezed. Out: the words denied, or told, against it. Only words that stand
in both are compared: who says it otherwise is not contradicted here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_DENIES = re.compile("没有|并未|尚未|从未|未能|未(?![来必免成])|不(?![仅同断少但过久只可得能足法良])")
_SAID = re.compile("[\u3400-\u9fff]{3}")  # so many characters behind it are what is denied
_BEFORE = 2  # characters before a denial of the newspaper that the sentence has too where it leaves the denial out
_NEAR = 4  # characters before them in which any of these may deny them
_ANY_DENIAL = re.compile("[未没无不非莫别难拒禁停免]")


def denied_otherwise(sentence: str, newspaper: str) -> Iterator[str]:
    """What one of the two denies and the other tells."""
    for _, denial, said in _denied(sentence):
        places = _places(said, newspaper)
        if places and not any(places):
            yield denial + said
    for before, _, said in _denied(newspaper):
        if before + said in sentence and not any(_places(said, sentence)) and all(_places(said, newspaper)):
            yield before + said


def _denied(text: str) -> Iterator[tuple[str, str, str]]:
    """Each denial with what stands before it and what it denies."""
    for found in _DENIES.finditer(text):
        said = _SAID.match(text, found.end())
        if said:
            yield text[max(0, found.start() - _BEFORE) : found.start()], found[0], said[0]


def _places(said: str, text: str) -> list[bool]:
    """For each place where the words stand, whether something before them denies them."""
    starts = [found.start() for found in re.finditer(re.escape(said), text)]
    return [_ANY_DENIAL.search(text, max(0, at - _NEAR), at) is not None for at in starts]
