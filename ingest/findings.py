"""What a check of the archive found: each trouble with the part that it is in, and what to do about all of them.

In: troubles, one after the other. Out: a bounded list of them, how many there are, one advice. It looks at nothing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import Enum

MOST = 10  # troubles of one part that are told one by one; the others are counted


class Where(Enum):
    """The part of an archive that a trouble is in."""

    CATALOG = "catalog"
    CHUNKS = "chunks"
    VECTORS = "vectors"
    TABLE = "vector table"
    WORDS = "words"
    SOURCES = "source files"
    KEPT = "kept generations"


DERIVED = frozenset({Where.CHUNKS, Where.VECTORS, Where.TABLE, Where.WORDS})  # made anew from the articles


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is wrong, `at` an article, a chunk, a file or a generation."""

    where: Where
    at: str
    what: str


@dataclass(slots=True)
class Findings:
    """All that a check has found so far."""

    generation: int = 0
    articles: int = 0
    chunks: int = 0
    quoted: int = 0  # articles seen to stand in their source files
    moved: int = 0  # articles whose source file is gone, changed or no page
    repeated: int = 0  # articles that more than ten others begin like
    troubles: list[Trouble] = field(default_factory=list)
    counts: Counter[Where] = field(default_factory=Counter)

    def add(self, where: Where, at: str, what: str) -> None:
        """Note a trouble; one too many of its part is only counted."""
        self.counts[where] += 1
        if self.counts[where] <= MOST:
            self.troubles.append(Trouble(where, at, what))

    def has(self, where: Where) -> bool:
        """Whether anything is wrong there."""
        return bool(self.counts[where])


def advice(found: Findings, earlier: int | None, own: int) -> list[str]:
    """What to do, line by line; `earlier` is the newest other generation that is whole, `own` the live one."""
    lines: list[str] = []
    if found.has(Where.CATALOG):
        back = (
            f"`python -m ingest rollback --to {earlier}` makes generation {earlier} live, which is whole"
            if earlier
            else ""
        )
        lines.append((f"{back}; or " if back else "") + "`python -m ingest restore BACKUP` brings a backup back")
    elif any(found.has(where) for where in DERIVED):
        lines.append(
            "`python -m ingest reembed` makes chunks, words and vectors anew from the articles, which are sound"
        )
        if earlier:
            lines.append(
                f"or `python -m ingest rollback --to {earlier}` makes generation {earlier} live, which is whole"
            )
    if found.has(Where.SOURCES):
        lines.append("`python -m ingest add FILE` reads a file again that was changed since")
    if found.has(Where.KEPT):
        lines.append(
            f"do not go back to the kept generations named: {own} does not need them, later ingests sweep them"
        )
    return lines
