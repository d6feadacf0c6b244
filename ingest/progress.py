"""How far a long job has come, for whoever watches: a bar on a terminal, a line every few seconds elsewhere.

In: how many articles there will be, where that is known, and how many are done. Out: text on stderr with rate and time
left. A job that is done in a moment says nothing.
"""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Task

EVERY = 5.0  # seconds between two lines where there is no terminal
_REMEMBERED = 12  # the rate is that of the last minute or so: articles that were there already go by faster


class Progress:
    """What a job tells; this one keeps it to itself."""

    def expect(self, articles: int) -> None:
        """There are `articles` more to come."""

    def advance(self, articles: int) -> None:
        """`articles` more are done."""

    def looking(self, file: int, files: int) -> None:
        """The job looks at a file, from 1, to see whether it has changed."""

    def at_file(self, file: int, files: int, unchanged: int) -> None:
        """The job is at a file, from 1, of those that it reads; `unchanged` others are as they were."""


class LineProgress(Progress):
    """Says a line now and then."""

    def __init__(self, say: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._say, self._clock = say, clock
        self._total: int | None = None
        self._done = 0
        self._files = ""
        self._looked = clock()
        self._past: deque[tuple[float, int]] = deque([(clock(), 0)], _REMEMBERED)

    def expect(self, articles: int) -> None:
        """There are `articles` more to come."""
        self._total = (self._total or self._done) + articles

    def advance(self, articles: int) -> None:
        """`articles` more are done; says so, unless it has just said something."""
        self._done += articles
        now, (then, before) = self._clock(), self._past[0]
        if now - self._past[-1][0] >= EVERY:
            self._past.append((now, self._done))
            self._say(progress_line(self._done, self._total, (self._done - before) / (now - then)) + self._files)

    def looking(self, file: int, files: int) -> None:
        """The job looks at a file, from 1, to see whether it has changed; says so now and then."""
        now = self._clock()
        if now - self._looked >= EVERY:
            self._looked = now
            self._say(_looking_line(file, files))

    def at_file(self, file: int, files: int, unchanged: int) -> None:
        """The job is at a file, from 1, of those that it reads; `unchanged` others are as they were."""
        self._files = _files_line(file, files, unchanged)


class BarProgress(Progress):
    """Draws a bar that moves; a context."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, ProgressColumn, SpinnerColumn
        from rich.progress import Progress as Bar
        from rich.text import Text

        class Line(ProgressColumn):
            def render(self, task: Task) -> Text:
                total = None if task.total is None else int(task.total)
                return Text(progress_line(int(task.completed), total, task.speed or 0.0) + task.fields["files"])

        self._bar = Bar(SpinnerColumn(), BarColumn(), Line(), console=Console(stderr=True), transient=True)
        self._task = self._bar.add_task("articles", total=None, files="")

    def __enter__(self) -> BarProgress:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def expect(self, articles: int) -> None:
        """There are `articles` more to come."""
        task = self._bar.tasks[self._task]
        self._bar.update(self._task, total=(task.total or task.completed) + articles)

    def advance(self, articles: int) -> None:
        """`articles` more are done."""
        self._bar.advance(self._task, articles)

    def looking(self, file: int, files: int) -> None:
        """The job looks at a file, from 1, to see whether it has changed."""
        self._bar.update(self._task, files=f"; {_looking_line(file, files)}")

    def at_file(self, file: int, files: int, unchanged: int) -> None:
        """The job is at a file, from 1, of those that it reads; `unchanged` others are as they were."""
        self._bar.update(self._task, files=_files_line(file, files, unchanged))


@contextmanager
def shown_progress(say: Callable[[str], None]) -> Iterator[Progress]:
    """The progress that suits stderr; without a terminal rich is not even imported."""
    if not sys.stderr.isatty():
        yield LineProgress(say)
        return
    with BarProgress() as bar:
        yield bar


def progress_line(done: int, total: int | None, rate: float) -> str:
    """Where a job stands; `rate` is in articles a second, 0 while it is unknown."""
    parts = [f"{done:,} of {total:,} articles" if total else f"{done:,} articles"]
    if rate > 0:
        parts.append(f"{rate:,.0f} a second" if rate >= 1 else f"{rate * 60:,.1f} a minute")
        if total:
            parts.append(f"{_duration(max(0, total - done) / rate)} left")
    return ", ".join(parts)


def _looking_line(file: int, files: int) -> str:
    return f"looking at file {file:,} of {files:,}"


def _files_line(file: int, files: int, unchanged: int) -> str:
    """Nothing where there is but one file."""
    at = f"; file {file:,} of {files:,}" if files > 1 else ""
    return at + (f"; {unchanged:,} files unchanged" if unchanged else "")


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
