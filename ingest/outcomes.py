"""What a run came to, in all and file by file.

In: nothing. Out: the nouns of a report. Nothing here reads, decides or prints.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ingest.provenance import Facts
from ingest.sources import Failure
from ingest.traces import Look

What = Literal["added", "changed", "unchanged", "moved", "gone", "failed", "quarantined"]


@dataclass(frozen=True, slots=True)
class FileOutcome:
    """What happened to a file: `what` to itself, the counts to its articles.

    `added`: it was new; `changed`: it was read again; `gone`: it is not there any more. `touched` holds the ids of
    articles that were added and changed.
    """

    file: str
    what: What
    moved_from: str | None = None
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    history: int = 0
    touched: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    withdrawn: tuple[str, ...] = ()
    facts: Facts | None = None
    seconds: float = 0.0
    failures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """What a job did. `generation` is the live one after it; `embedded` counts texts that had to be encoded.

    `moved` and `quarantined` count files, `withdrawn` articles, `history` versions that came superseded, with an
    export. `before` is the generation that was live before.
    """

    generation: int
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    withdrawn: int = 0
    history: int = 0
    chunks: int = 0
    embedded: int = 0
    files: int = 0
    unchanged_files: int = 0
    moved: int = 0
    quarantined: int = 0
    skipped: int = 0
    failures: tuple[Failure, ...] = ()
    before: int = 0
    seconds: float = 0.0
    outcomes: tuple[FileOutcome, ...] = ()

    @property
    def done(self) -> bool:
        """Whether anything at all was done, or found done already."""
        found = self.added + self.changed + self.unchanged + self.removed + self.withdrawn + self.history
        return bool(found + self.moved + self.quarantined)


@dataclass(frozen=True, slots=True)
class Purged:
    """What was forgotten: the live generation after it, article ids, generations that went, what was looked for."""

    generation: int
    articles: tuple[str, ...]
    swept: tuple[int, ...]
    traces: int
    look: Look
