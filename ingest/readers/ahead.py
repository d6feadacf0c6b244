"""Files through their readers, some ahead of the one that is asked for, in the order of the files.

In: paths. Out: for each path, by the name that it is shown under, pages, records and refusals. Readers of foreign
formats work in processes of their own (crew.py); records stream here.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path

from ingest.errors import NotFound, UnreadablePage, WenBaoError
from ingest.models import Article
from ingest.readers.address import name_of
from ingest.readers.archives import Member, members_of
from ingest.readers.crew import crew
from ingest.readers.facts import Asked, Reading, Refusal
from ingest.readers.kinds import ARCHIVE, LIST, MARKDOWN, PACKED, RECORDS, TABLE, TEXT, Kind, kind_of
from ingest.readers.pick import named_like_page
from ingest.readers.plain import read_plain
from ingest.readers.tables import read_list, read_table
from ingest.records import BadRecord, read_records

Ask = Callable[[Path, str], Asked]  # what is known of a file: the one that a user named, and how it is shown
AHEAD = 2  # files that each process may be ahead

Found = Reading | Article | BadRecord | Refusal
Task = tuple[str, Found]  # the name of the file, or of the member of an archive, and what was found in it


@dataclass(frozen=True, slots=True)
class _Begun:
    """A file that is being read, or will be when its turn comes."""

    name: str
    work: Future[list[Reading | Refusal]] | Iterator[Found]
    member: Member | None = None

    def found(self) -> Iterator[Task]:
        """What is in it."""
        try:
            each: Found
            for each in self.work.result() if isinstance(self.work, Future) else self.work:
                yield self.name, each
        except WenBaoError as e:
            yield self.name, Refusal(str(e))
        except Exception as e:  # noqa: BLE001 - a mistake of a reader, or of ours, about one file must not cost all others
            said = " ".join(f"{type(e).__name__}: {e}".split())
            yield self.name, Refusal(f"{self.name!r} cannot be read: {said}; please report this mistake of ours")
        finally:
            self.drop()

    def drop(self) -> None:
        """Remove what was unpacked for it."""
        if self.member:
            self.member.drop()


def read_ahead(files: Iterable[Path], asked: Ask, jobs: int) -> Iterator[tuple[Path, Iterator[Task]]]:
    """Every path with what is in it. What a path gives has to be taken before the next is asked for."""
    for (_, path), group in groupby(_results(files, asked, jobs), key=lambda each: each[:2]):
        yield path, (task for *_, task in group if task is not None)


def _results(files: Iterable[Path], asked: Ask, jobs: int) -> Iterator[tuple[int, Path, Task | None]]:
    waiting: deque[tuple[int, Path, _Begun | None]] = deque()
    try:
        for number, path in enumerate(files):
            waiting.append((number, path, None))  # so that a file in which nothing is found is heard of, too
            for begun in _begin(path, name_of(path), partial(asked, path), jobs):
                waiting.append((number, path, begun))
                if sum(each is not None for *_, each in waiting) > AHEAD * (jobs - 1):
                    yield from _taken(waiting)
        while waiting:
            yield from _taken(waiting)
    except BaseException:
        if jobs > 1:
            crew().stop()
        for *_, left in waiting:
            if left:
                left.drop()
        raise


def _taken(waiting: deque[tuple[int, Path, _Begun | None]]) -> Iterator[tuple[int, Path, Task | None]]:
    """What the first in the row gives, and those before it that give nothing."""
    while waiting:
        number, path, begun = waiting.popleft()
        if begun is None:
            yield number, path, None
            continue
        for task in begun.found():
            yield number, path, task
        return


def _begin(path: Path, name: str, asked: Callable[[str], Asked], jobs: int) -> Iterator[_Begun]:
    """Set the right reader on a file; an archive's members each get their own."""
    kind = kind_of(path.name)
    try:
        _check(path, name, kind)
        if kind in (ARCHIVE, PACKED):
            empty = True
            for member in members_of(path, name, named_like_page):
                empty = False
                if isinstance(member, Refusal):
                    yield _Begun(name, iter([member]))
                else:
                    yield _begun(member.path, member.name, asked, jobs, member)
            if empty:
                yield _Begun(name, iter([Refusal(f"{name!r} holds no page")]))
            return
    except WenBaoError as e:
        yield _Begun(name, iter([Refusal(str(e))]))
        return
    yield _begun(path, name, asked, jobs)


def _begun(path: Path, name: str, asked: Callable[[str], Asked], jobs: int, member: Member | None = None) -> _Begun:
    kind = kind_of(path.name)
    if kind is not None and (kind.apart or (jobs > 1 and kind in (TEXT, MARKDOWN))):
        if jobs > 1:
            return _Begun(name, crew().begin(path, kind, asked(name)), member)
        return _Begun(name, _apart(path, kind, asked(name)), member)
    return _Begun(name, _here(path, name, kind, asked), member)


def _apart(path: Path, kind: Kind, asked: Asked) -> Iterator[Found]:
    yield from crew().read(path, kind, asked)


def _here(path: Path, name: str, kind: Kind | None, asked: Callable[[str], Asked]) -> Iterator[Found]:
    """Formats that are ours to parse."""
    if kind is RECORDS or kind is TABLE or kind is LIST:
        reader = {RECORDS.name: read_records, TABLE.name: read_table, LIST.name: read_list}[kind.name]
        try:
            empty = True
            for record in reader(path, name):
                empty = False
                yield record
            if empty:
                yield Refusal(f"{name!r} is empty; nothing to read in it")
        except OSError as e:
            raise UnreadablePage(f"{name!r} cannot be read ({e.strerror}); check the file") from e
    else:
        yield from read_plain(path, asked(name))


def _check(path: Path, name: str, kind: Kind | None) -> None:
    """Raise UnreadablePage for what is far too long, without reading it, NotFound for what is not there."""
    try:
        size = path.stat().st_size
    except FileNotFoundError as e:
        raise NotFound(f"no file {name!r}; check the path") from e
    except OSError as e:
        raise UnreadablePage(f"{name!r} cannot be read ({e.strerror}); check the file") from e
    if kind is not None and size > kind.longest:
        longest = f"{kind.longest / 1e6:,.0f} MB are read of such a file"
        raise UnreadablePage(f"{name!r} is too long for a page ({size / 1e6:,.0f} MB; {longest}); cut it into pages")
