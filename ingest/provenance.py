"""Where a file's paper, day and page number come from: options, a pattern, a sidecar, what its path looks like.

In: a path, the options of the run. Out: what is known about the file before it is read, and where from; after it was
read, the same with what its own text added. It reads no page.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from ingest.errors import BadSidecar
from ingest.models import Article, PageFacts
from ingest.numerals import page_number
from ingest.pages import facts_in_path
from ingest.pattern import FIELDS, PathPattern
from ingest.readers.kinds import holds_records
from ingest.sidecar import Sidecar, Told, read_sidecar
from ingest.sources import Known, Origin

FOLDERS_AT_ONCE = 1_000  # sidecars that are kept in memory
Found = Literal["option", "pattern", "path", "sidecar", "record", "text"]


@dataclass(frozen=True, slots=True)
class Fact:
    """A field's value and where it was found; both None where nothing says it."""

    value: str | None
    origin: Found | None


@dataclass(frozen=True, slots=True)
class Facts:
    """What was used as a file's paper, date and page; of records, what was used for the first."""

    paper: Fact
    date: Fact
    page: Fact


class Provenance:
    """Knows options, pattern and sidecars of one run."""

    def __init__(self, options: Known, pattern: PathPattern | None) -> None:
        self._options, self._pattern = options, pattern
        self._sidecar = lru_cache(FOLDERS_AT_ONCE)(_read)

    def known(self, path: Path) -> Known:
        """What is known about a file, by its absolute path: from wherever it is named, it is the same.

        Raises BadSidecar where the sidecar of its folder cannot be used for it.
        """
        sidecar = self._sidecar(path.parent)
        if isinstance(sidecar, BadSidecar):
            raise sidecar
        told = sidecar.about(path.name) if sidecar else Told()
        fits = self._pattern.facts(path) if self._pattern else None
        # The path of a file of records is no guess at all of theirs: each has its own day.
        guessed = PageFacts() if holds_records(path.name) else facts_in_path(path)
        steps: tuple[tuple[Origin, Known | PageFacts | Told], ...] = (
            ("option", self._options),
            ("pattern", fits or PageFacts()),
            ("sidecar", told),
            ("path", guessed),
        )
        found = [next(((o, s) for o, s in steps if getattr(s, name)), ("option", self._options)) for name in FIELDS]
        paper, date, page = found
        return Known(paper[1].paper, date[1].date, page[1].page, (paper[0], date[0], page[0]), told.begins)


def _read(folder: Path) -> Sidecar | BadSidecar | None:
    """An error is kept like a sidecar, so that it is found once for all files of the folder."""
    try:
        return read_sidecar(folder)
    except BadSidecar as e:
        return e


def facts_used(path: Path, known: Known, first: Article | None) -> Facts:
    """What was used for each field, once the file's first article is there."""
    own: Found = "record" if holds_records(path.name) else "text"
    day = (first.issued or first.date) if first else None
    used = (first.paper if first else None, day.isoformat() if day else None, first.page if first else None)
    outside = (known.paper, known.date.isoformat() if known.date else None, known.page)
    paper, date, page = (
        Fact(value, origin if said and value in (said, page_number(said)) else own if value else None)
        for value, said, origin in zip(used, outside, known.origins, strict=True)
    )
    return Facts(paper, date, page)
