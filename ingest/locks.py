"""Who may write and what may be swept: advisory locks of the operating system, gone with the process that held them.

In: paths. Out: an exclusive lock for the one ingest, a shared lease for each reader of a generation. It never waits in
silence and never believes a stale note: what counts is the lock, the note only says whose it is.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from ingest.errors import ArchiveBusy

POLL = 0.1  # seconds between two tries for the lock
LEASE = "lease"  # file in a generation that its readers lock


@contextmanager
def only_ingest(root: Path, *, wait: bool, say: Callable[[str], None]) -> Iterator[None]:
    """Be the only ingest of the archive at `root`. `say` hears once whom we wait for; ArchiveBusy when not waiting."""
    root.mkdir(parents=True, exist_ok=True)
    # Opened for appending: a note must not be wiped before the lock is ours.
    with (root / "ingest.lock").open("a+", encoding="utf-8") as file:
        told = False
        while not _locked(file.fileno(), fcntl.LOCK_EX):
            holder = _note(root / "ingest.lock")
            if not wait:
                raise ArchiveBusy(f"another ingest works on {root}: {holder}. Try again later, or leave out --no-wait.")
            if not told:
                say(f"waiting for another ingest on {root}: {holder}")
                told = True
            time.sleep(POLL)
        file.truncate(0)
        since = datetime.now().astimezone().isoformat(timespec="seconds")
        json.dump({"pid": os.getpid(), "host": socket.gethostname(), "since": since}, file)
        file.flush()
        yield


def _note(path: Path) -> str:
    try:
        note = json.loads(path.read_text("utf-8"))
        return f"process {note['pid']} on {note['host']} since {note['since']}"
    except (ValueError, KeyError):
        return "a process that has only just begun"


def _locked(handle: int, kind: int) -> bool:
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


class Lease:
    """A reader's hold on a generation: while it lasts, nobody sweeps the folder."""

    def __init__(self, number: int, folder: Path) -> None:
        """Raises FileNotFoundError when the generation is swept already."""
        self.number, self.folder = number, folder
        self._handle = os.open(folder / LEASE, os.O_RDONLY)
        # Between opening and locking the sweeper may have come: then the path leads elsewhere or nowhere.
        if not _locked(self._handle, fcntl.LOCK_SH) or not self._still_at(folder / LEASE):
            self.release()
            raise FileNotFoundError(folder)

    def __enter__(self) -> Lease:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def _still_at(self, path: Path) -> bool:
        try:
            return os.path.samestat(os.fstat(self._handle), path.stat())
        except FileNotFoundError:
            return False

    def release(self) -> None:
        """Let the generation go."""
        os.close(self._handle)


@contextmanager
def unread(generation: Path) -> Iterator[bool]:
    """Whether no reader holds the generation; if so none can take hold inside the block."""
    try:
        handle = os.open(generation / LEASE, os.O_RDONLY)
    except FileNotFoundError:
        yield True
        return
    try:
        yield _locked(handle, fcntl.LOCK_EX)
    finally:
        os.close(handle)
