"""How much lines have in common: the words that say what they are about.

In: the lines of a page. Out: for each line, named marks of what it shares with the lines above and below.
"""

from __future__ import annotations

from itertools import pairwise

from ingest.frequencies import rarity
from ingest.lines import Line
from ingest.looks import REACH, size_class
from ingest.terms import search_terms, tagged_words

_WINDOW = 5  # lines on either side that are compared for their words
_NEAR = 6  # seams on either side among which one is ranked
_COMMON = 2.0  # rarity up to which a word says nothing about the matter
_SHARES = (0.001, 0.03, 0.06, 0.1, 0.15, 0.22, 0.3, 0.45)  # upper bounds of the classes of shared words
_NEARBY = 8  # lines on either side in which a cut name is looked for whole
_JUNCTION = 6  # characters on either side of a line end in which a word may have been cut


def shared_words(lines: list[Line]) -> list[list[str]]:
    """How many of its words, rare ones counting more, a line shares with the lines above and below."""
    words = [_words(line.text) for line in lines]
    seams = [_seam(words, i) for i in range(len(lines))]
    marks: list[list[str]] = []
    for i, found in enumerate(words):
        total = sum(found.values()) or 1.0
        above, below = _together(words[max(0, i - _WINDOW) : i]), _together(words[i + 1 : i + 1 + _WINDOW])
        up = sum(weight for word, weight in found.items() if word in above) / total
        down = sum(weight for word, weight in found.items() if word in below) / total
        near = sorted(seams[max(1, i - _NEAR) : i + _NEAR + 1])
        rank = near.index(seams[i]) / max(1, len(near) - 1) if i and near else 0.0
        side = "down" if down > up * 1.5 + 0.01 else "up" if up > down * 1.5 + 0.01 else "even"
        marks.append(
            [
                f"words up:{size_class(up, _SHARES)}",
                f"words down:{size_class(down, _SHARES)}",
                f"words more {side}",
                f"seam:{size_class(seams[i], _SHARES)}",
                f"seam rank:{round(rank * 4)}",
            ]
        )
    return marks


def said_elsewhere(lines: list[Line]) -> list[bool]:
    """Tell for each line whether what stands across the line end above it (two characters a side) is said nearby.

    A name cut by a column break (圣地亚 / 哥城) often stands whole a few lines further on.
    """
    found = [False] * len(lines)
    for i, (above, below) in enumerate(pairwise(lines), 1):
        if not above.closed and len(below.text) > 1:
            across = above.text[-2:] + below.text[:2]
            near = lines[max(0, i - _NEARBY) : i + _NEARBY]
            found[i] = any(across in line.text[:REACH] for line in near)
    return found


def cut_words(lines: list[Line]) -> list[bool]:
    """Tell for each line whether a word that began at the end of the line above goes on in it."""
    return [False, *(_word_runs_over(above, below) for above, below in pairwise(lines))]


def _seam(words: list[dict[str, float]], i: int) -> float:
    """How much the lines above `i` and those from `i` on have in common, 0 to 1."""
    if i == 0:
        return 0.0
    above, below = _together(words[max(0, i - _WINDOW) : i]), _together(words[i : i + _WINDOW])
    common = sum(weight for word, weight in above.items() if word in below)
    least = min(sum(above.values()), sum(below.values()))
    return common / least if least else 0.0


def _together(words: list[dict[str, float]]) -> dict[str, float]:
    found: dict[str, float] = {}
    for line in words:
        found |= line
    return found


def _words(text: str) -> dict[str, float]:
    """The words of a line that say what it is about, each with its weight: common ones none, rare ones much."""
    seen = text if len(text) <= REACH else text[: REACH // 2] + " " + text[-REACH // 2 :]
    return {t: weight for t in set(search_terms(seen)) if len(t) > 1 and (weight := rarity(t) - _COMMON) > 0}


def _word_runs_over(above: Line, below: Line) -> bool:
    """Does a word begin at the end of one line and go on in the next? Then the lines are one sentence."""
    if above.closed:
        return False
    left, right = above.text[-_JUNCTION:], below.text[:_JUNCTION]
    return any(word.start < len(left) < word.end for word in tagged_words(left + right))
