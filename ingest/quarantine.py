"""Files that failed and have not changed since: named once, and not tripped over again.

In: files that failed, with what they failed for. Out: whether a file is one of them. It lies beside CURRENT and not
in a generation, because a run that only fails makes none. Whoever writes it holds the ingest lock.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from ingest.generations import replace_file

NAME = "quarantine.json"
MOST_REASONS = 20  # that are kept of a file; a file of records may have a bad line for each


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A file that failed, wholly or in some lines: its bytes and all else that decided it, and since when (ISO)."""

    file: str
    digest: str
    settings: str
    since: str
    reasons: tuple[str, ...]
    failures: int


class Quarantine:
    """The quarantine of the archive at `root`, by absolute path. One that cannot be read is an empty one."""

    def __init__(self, root: Path) -> None:
        self._path = root / NAME
        self._before = self._read()
        self._now = dict(self._before)

    def _read(self) -> dict[str, Quarantined]:
        try:
            rows = json.loads(self._path.read_text("utf-8"))
            return {name: Quarantined(**row | {"reasons": tuple(row["reasons"])}) for name, row in rows.items()}
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return {}

    def all(self) -> list[Quarantined]:
        """Every file in it."""
        return [self._now[name] for name in sorted(self._now)]

    def holds(self, path: Path, digest: str, settings: str) -> Quarantined | None:
        """What a file failed for, if it failed as it stands."""
        row = self._now.get(_name(path))
        return row if row and (row.digest, row.settings) == (digest, settings) else None

    def put(self, path: Path, digest: str, settings: str, since: str, reasons: Sequence[str]) -> None:
        """A file failed."""
        kept = tuple(reasons[:MOST_REASONS])
        self._now[_name(path)] = Quarantined(_name(path), digest, settings, since, kept, len(reasons))

    def release(self, path: Path) -> None:
        """A file did not fail, or is not there any more."""
        self._now.pop(_name(path), None)

    def clear(self) -> None:
        """Release all."""
        self._now.clear()

    def save(self) -> None:
        """Write it, if it has changed."""
        if self._now != self._before:
            rows = {name: asdict(row) for name, row in sorted(self._now.items())}
            replace_file(self._path, json.dumps(rows, ensure_ascii=False, indent=1) + "\n")
            self._before = dict(self._now)


def _name(path: Path) -> str:
    """A path as text: what is no UTF-8 is spelt out, so that two names stay two."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")
