"""The processes that read: started when there is something to read, kept for the next file, replaced when they die.

In: files. Out: what was read of each, or one line that says why nothing was. Whatever a file does to its reader ends
there: a reader that crashes, hangs or eats too much memory costs that one file.
"""

from __future__ import annotations

import atexit
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from pathlib import Path

from ingest.readers.facts import Asked, Reading, Refusal
from ingest.readers.kinds import MOST_JOBS, Kind
from ingest.readers.wire import asked_line, found_of

PATIENCE = 4.0  # times that a page may take longer by the clock than it may compute: others use the machine, too
LONGEST_LINE = 64_000_000  # bytes of a page as a line of JSON
_BLOCK = 1 << 20
_HOUSE = str(Path(__file__).parents[2])  # where the package lies, wherever the command was started


class _Lost(Exception):
    """The reader is gone, or must go; says in which way."""


class _Child:
    """One process that reads, from one thread."""

    def __init__(self) -> None:
        paths = os.pathsep.join(filter(None, (_HOUSE, os.environ.get("PYTHONPATH"))))
        threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "ingest.readers.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | threads | {"PYTHONPATH": paths},
            cwd="/",
        )
        self._rest = b""

    def read(self, path: Path, kind: Kind, asked: Asked, seconds: float) -> Iterator[Reading | Refusal]:
        """Every page of a file, each within `seconds`. Raises _Lost."""
        stdin = self._process.stdin
        assert stdin is not None  # noqa: S101 - it is a pipe
        try:
            stdin.write(asked_line(str(path.absolute()), kind.name, asked))
            stdin.flush()
        except OSError as e:
            raise _Lost("its reader died") from e
        while (found := found_of(self._line(seconds))) is not None:
            yield found

    def _line(self, seconds: float) -> bytes:
        stdout = self._process.stdout
        assert stdout is not None  # noqa: S101 - it is a pipe
        parts, size, end = [self._rest], len(self._rest), time.monotonic() + seconds
        while b"\n" not in parts[-1]:
            ready = select.select([stdout], [], [], max(0.0, end - time.monotonic()))[0]
            if not ready:
                raise _Lost(f"reading a page of it took more than {seconds:,.0f} seconds")
            block = os.read(stdout.fileno(), _BLOCK)
            size += len(block)
            if not block:
                raise _Lost(self._death())
            if size > LONGEST_LINE:
                raise _Lost("a page of it holds too much")
            parts.append(block)
        line, _, self._rest = b"".join(parts).partition(b"\n")
        return line

    def _death(self) -> str:
        code = self._process.wait()
        if code == -24:  # SIGXCPU
            return "reading a page of it takes too long"
        return "its reader ran out of memory or crashed" if code else "its reader died"

    def lives(self) -> bool:
        """Whether it is still there."""
        return self._process.poll() is None

    def end(self) -> None:
        """Kill it."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                with suppress(OSError):  # what it never took is lost with it
                    pipe.close()


class Crew:
    """Children for whoever asks, at most MOST_JOBS at work at a time."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(MOST_JOBS, thread_name_prefix="reader")
        self._idle: list[_Child] = []
        self._all: set[_Child] = set()
        self._lock = threading.Lock()

    def read(self, path: Path, kind: Kind, asked: Asked, seconds: float | None = None) -> list[Reading | Refusal]:
        """Everything in a file."""
        found: list[Reading | Refusal] = []
        child = self._take()
        try:
            found += child.read(path, kind, asked, PATIENCE * kind.seconds if seconds is None else seconds)
        except _Lost as e:
            found.append(Refusal(f"{asked.name!r} cannot be read ({e}); check the file"))
            self._bury(child)
        except BaseException:
            self._bury(child)
            raise
        else:
            with self._lock:
                self._idle.append(child)
        return found

    def begin(self, path: Path, kind: Kind, asked: Asked) -> Future[list[Reading | Refusal]]:
        """The same, meanwhile."""
        return self._pool.submit(self.read, path, kind, asked)

    def stop(self) -> None:
        """End all that is under way; whoever asks next gets new children."""
        with self._lock:
            children = list(self._all)
        for child in children:
            self._bury(child)

    def _take(self) -> _Child:
        with self._lock:
            while self._idle:
                child = self._idle.pop()
                if child.lives():
                    return child
                self._all.discard(child)  # killed from outside while it waited
            child = _Child()
            self._all.add(child)
            return child

    def _bury(self, child: _Child) -> None:
        with self._lock:
            self._all.discard(child)
            if child in self._idle:
                self._idle.remove(child)
        child.end()


@cache
def crew() -> Crew:
    """The one of this process; it goes home when the process ends."""
    made = Crew()
    atexit.register(made.stop)
    return made
