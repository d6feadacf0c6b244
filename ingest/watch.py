"""Folders that are watched: what comes into them is handed on once it is whole.

In: folders. Out: calls with what is to be added: a folder whole when it is first seen or comes back, then files as they
come. It reads no file and outlives whatever goes wrong with the archive, which it says and tries again.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from watchfiles import Change, watch

from ingest.errors import WenBaoError
from ingest.readers.pick import looks_like_page
from ingest.settling import Settling
from ingest.sidecar import NAME as SIDECAR

TICK = 0.25  # seconds between two looks at what is growing
SWEEP = (
    600.0  # seconds between two walks through the folders, for what the system did not tell (too much, or a network)
)
SLACK = 60.0  # seconds by which a file server's clock may be behind
POLL = 1000  # milliseconds between two looks where the system tells nothing
FIRST_WAIT, LONGEST_WAIT = 2.0, 60.0  # seconds after which what failed is tried again; doubled each time
_HALF = (".part", ".partial", ".tmp", ".temp", ".crdownload", ".filepart", ".swp", "~")

Take = Callable[[Sequence[Path]], None]
Identity = tuple[int, int] | None


class Watcher:
    """Watches folders until the process ends."""

    def __init__(
        self, folders: Sequence[Path], take: Take, say: Callable[[str], None], *, settle: float, poll: bool
    ) -> None:
        """`take` adds files and folders and may raise WenBaoError; `settle` is in seconds."""
        self._folders, self._take, self._say, self._poll = folders, take, say, poll
        self._settling = Settling(settle)
        self._todo: dict[Path, None] = {}
        self._there: dict[Path, Identity] = dict.fromkeys(folders)
        self._again, self._wait = 0.0, FIRST_WAIT
        self._swept = time.time()

    def run(self) -> None:
        """Never returns."""
        while True:
            there = {folder: identity for folder in self._folders if (identity := _identity(folder))}
            for folder in self._folders:
                if there.get(folder) != self._there[folder]:
                    self._came_or_went(folder, there.get(folder))
            if not there:
                time.sleep(TICK)
                continue
            for changed in self._changes(list(there)):
                self._note(changed)
                self._work()
                if any(_identity(folder) != self._there[folder] for folder in self._folders):
                    break

    def _came_or_went(self, folder: Path, identity: Identity) -> None:
        if identity is None:
            self._say(f"{str(folder)!r} is gone; waiting for it to come back")
            self._todo.pop(folder, None)
        else:
            self._todo[folder] = None
        self._there[folder] = identity

    def _changes(self, folders: Sequence[Path]) -> Iterator[set[tuple[Change, str]]]:
        """What the system tells, at every tick; where it cannot, what polling finds."""
        tick = int(TICK * 1000)
        while True:
            try:
                yield from watch(
                    *folders,
                    watch_filter=None,
                    debounce=tick,
                    rust_timeout=tick,
                    yield_on_timeout=True,
                    force_polling=self._poll or None,
                    poll_delay_ms=POLL,
                    ignore_permission_denied=True,
                )
            except FileNotFoundError:
                return  # one of them went this very moment
            except (OSError, RuntimeError) as e:
                if self._poll:
                    raise
                self._say(
                    f"the system does not tell of changes ({' '.join(str(e).split())}); looking every second instead"
                )
                self._poll = True

    def _note(self, changed: Iterable[tuple[Change, str]]) -> None:
        for change, name in changed:
            path = Path(name)
            if change is not Change.deleted:
                self._see(path)
        if time.time() - self._swept >= SWEEP:
            since, self._swept = self._swept - SLACK, time.time()
            for folder in self._folders:
                for path in _changed_since(folder, since):
                    self._see(path)

    def _see(self, path: Path) -> None:
        if self._hidden(path):
            return
        if path.name == SIDECAR:
            self._settling.seen(path)
        elif not path.name.lower().endswith(_HALF):
            if path.is_dir():  # moved here with all that is in it
                for inside in _changed_since(path, 0):
                    self._see(inside)
            elif _is_page(path):
                self._settling.seen(path)

    def _hidden(self, path: Path) -> bool:
        """Whether a folder's walk would pass it over."""
        inside = next((path.relative_to(top) for top in self._folders if path.is_relative_to(top)), path)
        return any(part.startswith(".") for part in inside.parts)

    def _work(self) -> None:
        """Hand on what is whole; keep what could not be taken for another time."""
        for path in self._settling.whole():
            # What a sidecar says concerns the other files of its folder.
            beside = [path] if path.name != SIDECAR else [p for p in path.parent.glob("*") if _is_page(p)]
            self._todo.update(dict.fromkeys(beside))
        if not self._todo or time.monotonic() < self._again:
            return
        batch = [path for path in self._todo if path.exists()]
        try:
            if batch:
                self._take(batch)
        except WenBaoError as e:
            self._say(f"{e} Trying again in {self._wait:.0f} seconds.")
            self._again = time.monotonic() + self._wait
            self._wait = min(LONGEST_WAIT, self._wait * 2)
            return
        self._todo.clear()
        self._wait = FIRST_WAIT


def _identity(folder: Path) -> Identity:
    """What tells a folder from another of its name, as a network drive that is mounted there; None where it is gone."""
    try:
        status = folder.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _is_page(path: Path) -> bool:
    try:
        beside = frozenset(each.name for each in path.parent.iterdir())
    except OSError:
        return False  # the folder is gone again
    return looks_like_page(path, beside)


def _changed_since(folder: Path, since: float) -> Iterator[Path]:
    for top, _, names in os.walk(folder):
        for name in names:
            path = Path(top) / name
            try:
                if path.stat().st_ctime >= since:
                    yield path
            except OSError:
                continue
