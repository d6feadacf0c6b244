"""Everyday wordings and what newspapers print for them (看病: 就诊), from `thesaurus.txt`.

In: a question. Out: the wordings in it that the thesaurus knows, each with its alternatives and what they weigh. It
never changes the question, and does not know how it is searched for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ingest.terms import fold, tagged_words

TABLE = Path(__file__).with_name("thesaurus.txt")
PRINTED_WEIGHT = 1.0  # of what newspapers print, and of another name of the same thing
EVERYDAY_WEIGHT = 0.5  # of another everyday wording: about the same meaning, and seldom printed
_LONGEST = 16  # characters: longer pieces of a question are not looked up; longer official names only come out
_CLEAR = 3  # characters: a wording so long is meant even where jieba cuts through it; 发大|水 is hardly chance
_EQUALS = " = "


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another way to say a wording: `text`, folded; `weight` from 0 to 1, 1 for as good as the wording itself."""

    text: str
    weight: float


@dataclass(frozen=True, slots=True)
class Wording:
    """A wording that the thesaurus knows: `text` stands at `start`..`end` of the question, folded."""

    start: int
    end: int
    text: str
    alternatives: tuple[Alternative, ...]


class Thesaurus:
    """All entries, by the wordings that lead to them."""

    def __init__(self, entries: Mapping[str, Sequence[str]]) -> None:
        """Take, for each wording, the lines that it may be asked by (see `thesaurus.txt`)."""
        self._entries = entries

    def wordings(self, text: str) -> list[Wording]:
        """The known wordings of `text`, in their order; of two of which one holds the other, the longer alone.

        One character must be a word of its own, two must begin and end where words do; more may stand anywhere. Two
        wordings may overlap.
        """
        folded = fold(text)
        words = tagged_words(folded)
        starts, ends = {word.start for word in words}, {word.end for word in words}
        whole = {(word.start, word.end) for word in words}
        found: list[Wording] = []
        for start in range(len(folded)):
            for end in range(min(len(folded), start + _LONGEST), start, -1):
                if found and end <= found[-1].end:
                    break  # what ends within the wording before begins within it as well
                if end - start < _CLEAR and not (start in starts and end in ends):
                    continue
                if end - start == 1 and (start, end) not in whole:
                    continue
                wording = folded[start:end]
                if wording in self._entries:
                    found.append(Wording(start, end, wording, self.alternatives(wording)))
                    break
        return found

    def alternatives(self, wording: str) -> tuple[Alternative, ...]:
        """What else the thesaurus has for a wording, folded, the weightier first; none where it does not know it."""
        weights: dict[str, float] = {}
        for line in self._entries.get(wording, ()):
            for text, weight in _weighted(line):
                if text != wording:
                    weights[text] = max(weight, weights.get(text, 0))
        ranked = sorted(weights.items(), key=lambda item: -item[1])
        return tuple(Alternative(text, weight) for text, weight in ranked)


def read_entries() -> Iterator[tuple[list[str], list[str]]]:
    """Every entry: its everyday wordings, and what newspapers print; names of one thing are both."""
    for line in _lines():
        everyday, colon, printed = line.partition(":")
        names = line.split(_EQUALS)
        yield (everyday.split(), printed.split()) if colon else (names, names)


def _lines() -> Iterator[str]:
    return (line for line in TABLE.read_text("utf-8").splitlines() if line and line[0] != "#")


def _weighted(line: str) -> Iterator[tuple[str, float]]:
    """The words of an entry, each with what it weighs for a wording of the entry."""
    everyday, colon, printed = line.partition(":")
    if not colon:
        yield from ((name, PRINTED_WEIGHT) for name in line.split(_EQUALS))
        return
    yield from ((word, PRINTED_WEIGHT) for word in printed.split())
    yield from ((word, EVERYDAY_WEIGHT) for word in everyday.split())


@cache
def read_thesaurus() -> Thesaurus:
    """The shipped thesaurus. A line is taken apart when it is asked for: all 13,000 at once would be felt."""
    entries: dict[str, list[str]] = {}
    for line in _lines():
        everyday, colon, _ = line.partition(":")
        for wording in everyday.split() if colon else line.split(_EQUALS):
            entries.setdefault(wording, []).append(line)
    return Thesaurus(entries)
