"""Which of the files that changed are complete: no longer growing, or renamed into place.

In: paths that something happened to. Out: those that are whole, together where they came together. It opens no file; it
looks at their sizes and times.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

TOGETHER = 1.0  # seconds that a whole file waits for others that are still growing
_AT_ONCE = (
    10_000_000  # nanoseconds: writing sets both times of a file alike, a rename or its writer's last touch only one
)


@dataclass(slots=True)
class _Growing:
    size: int
    written: int
    since: float


class Settling:
    """Files on their way to being whole."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        """A file is whole that has had its size and time for so many seconds."""
        self._seconds, self._clock = seconds, clock
        self._files: dict[Path, _Growing] = {}
        self._whole: dict[Path, float] = {}

    def __bool__(self) -> bool:
        return bool(self._files or self._whole)

    def seen(self, path: Path) -> None:
        """Something happened to a file."""
        self._files.setdefault(path, _Growing(-1, -1, self._clock()))
        self._whole.pop(path, None)

    def whole(self) -> list[Path]:
        """The files that are whole by now, each told once; none while others are about to be."""
        now = self._clock()
        for path, growing in list(self._files.items()):
            try:
                status = path.stat()
            except OSError:
                del self._files[path]
                continue
            if (status.st_size, status.st_mtime_ns) != (growing.size, growing.written):
                growing.size, growing.written, growing.since = status.st_size, status.st_mtime_ns, now
            renamed = status.st_size > 0 and status.st_ctime_ns - status.st_mtime_ns > _AT_ONCE
            if renamed or now - growing.since >= self._seconds:
                del self._files[path]
                self._whole[path] = now
        if not self._whole or (self._files and now - min(self._whole.values()) < TOGETHER):
            return []
        found = sorted(self._whole)
        self._whole.clear()
        return found
