"""The folder of an archive: numbered generations, and CURRENT, which names the live one.

In: a root folder. Out: paths, the live number, a copy to change, a switch that every reader sees whole or not at all.
It knows nothing of what stands in a generation except how its files may be copied.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from ingest.errors import ArchiveBroken, ArchiveBusy, NotFound
from ingest.locks import LEASE, POLL, Lease, unread

CURRENT = "CURRENT"
PARTIAL = ".partial"
DEAD = ".dead"  # a generation on its way out: no reader looks there
RECORD = "INGEST.json"
WORDS, VECTORS, TABLE, CATALOG = "words", "vectors", "vector_table", "catalog.sqlite"
STATE = "state"  # beside the generations: what the bot keeps
_WRITTEN_ONCE = WORDS  # tantivy never changes a file that it has written, but for its two lists
PATIENCE = 60.0  # seconds that a generation which has to go may still be read
LEASE_TRIES = 5  # a generation may be swept between reading its number and taking hold of it
_LISTS = (".json", ".lock")
PASSING = ("-wal", "-shm", "-journal")  # SQLite's, there while somebody writes


@dataclass(frozen=True, slots=True)
class IngestRecord:
    """What a generation was made from, and how far its making has come."""

    base: int
    job: str
    schema: int
    fingerprint: str
    base_articles: int
    checkpoint: int


class Generations:
    """The generations under one root. Whoever calls a method that changes something holds the ingest lock."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / "generations"
        self._current = root / CURRENT

    def path(self, number: int) -> Path:
        """Where the generation of this number lives."""
        return self.folder / f"{number:04d}"

    def current(self) -> int:
        """Number of the live generation, 0 for an archive that nobody has filled yet. Raises ArchiveBroken."""
        try:
            said = self._current.read_text("ascii").strip()
        except FileNotFoundError:
            if self.numbers():
                raise self._broken("is missing") from None
            return 0
        except UnicodeDecodeError:
            raise self._broken("is not a number") from None
        except OSError as e:
            raise ArchiveBroken(f"{self._current} cannot be read ({e.strerror}): check WENBAO_DATA and rights.") from e
        if said.isdigit() and not int(said) and self.numbers():
            return self._first()
        if not said.isdigit() or (int(said) and not self.path(int(said)).is_dir()):
            raise self._broken(f"says {said[:40]!r}, which is no generation here")
        return int(said)

    def _first(self) -> int:
        """The live one where CURRENT says that there is none: a kill came before the first switch, or CURRENT lies."""
        number = self.numbers()[0]
        record = self.record(self.path(number))
        if self.numbers() == [number] and record and not record.base:
            return number
        raise self._broken("says 0, and there are generations")

    def numbers(self) -> list[int]:
        """Numbers of all finished generations, in order."""
        return sorted(int(p.name) for p in self.folder.glob("*") if p.name.isdigit() and p.is_dir())

    def newest(self) -> int:
        """The live one, or where CURRENT is broken the newest that is kept; 0 where there is none."""
        try:
            return self.current()
        except ArchiveBroken:
            return max(self.numbers(), default=0)

    def lease(self, generation: int | None = None) -> Lease | None:
        """Take hold of the live generation, or of a kept one; None for an archive that nobody has filled yet.

        Raises ArchiveBroken, or NotFound for a generation that is not kept.
        """
        if generation is not None:
            return self._lease_kept(generation)
        for _ in range(LEASE_TRIES):
            number = self.current()
            try:
                return Lease(number, self.path(number)) if number else None
            except FileNotFoundError:
                continue
            except OSError as e:
                raise ArchiveBroken(f"{self.path(number)} cannot be read ({e.strerror}): check its rights.") from e
        raise self._broken(f"says {number}, which is swept or has no file {LEASE!r}")

    def _lease_kept(self, number: int) -> Lease:
        try:
            return Lease(number, self.path(number))
        except OSError as e:
            raise NotFound(f"{str(self.root)!r} keeps no generation {number}; kept: {self.kept()}.") from e

    def record(self, folder: Path) -> IngestRecord | None:
        """What a generation, finished or partial, says of its making; None where it does not say."""
        try:
            return IngestRecord(**json.loads((folder / RECORD).read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def write_record(self, folder: Path, record: IngestRecord) -> None:
        """Replace what a partial generation says of its making."""
        replace_file(folder / RECORD, json.dumps(asdict(record)))

    # -- making the next one --------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Make root and folders; from now on CURRENT exists."""
        self.folder.mkdir(parents=True, exist_ok=True)
        fsync(self.root.parent)
        if not self._current.exists() and not self.numbers():
            replace_file(self._current, "0000\n")

    def partials(self) -> list[Path]:
        """Generations that were begun and never finished."""
        return sorted(self.folder.glob("*" + PARTIAL))

    def drop_partials(self) -> None:
        """Sweep what was begun and never finished, and what was half swept."""
        for each in [*self.partials(), *self.folder.glob("*" + DEAD)]:
            shutil.rmtree(each)

    def new_partial(self) -> Path:
        """An empty folder with a number that no generation has had."""
        folder = self.folder / f"{max([*self.numbers(), 0]) + 1:04d}{PARTIAL}"
        folder.mkdir()
        return folder

    def copy(self, number: int, target: Path, *, link: bool = True) -> None:
        """Fill `target` from a finished generation; readers may have it open meanwhile.

        Without `link` no file is shared: what spoils the one does not spoil the other.
        """
        source = self.path(number)
        for path in sorted(source.rglob("*")):
            inside = path.relative_to(source)
            if path.is_dir():
                (target / inside).mkdir(exist_ok=True)
            elif path.name in (RECORD, LEASE) or path.suffix == ".lock":
                continue
            elif path.suffix == ".sqlite3":  # chromadb writes to it even when it only reads; to the catalog nobody does
                copy_database(path, target / inside)
            elif link and inside.parts[0] == _WRITTEN_ONCE and path.suffix not in _LISTS:
                os.link(path, target / inside)
            elif not path.name.endswith(PASSING):
                copy_bytes(path, target / inside)

    def copied_bytes(self, number: int) -> int:
        """Bytes that a copy of this generation takes at most; hard links take none."""
        if not number:
            return 0
        return bytes_in(self.path(number), but=_WRITTEN_ONCE)

    def publish(self, partial: Path) -> int:
        """Make a partial generation, whose files are closed, the live one. The last rename is the switch."""
        (partial / LEASE).touch()
        for path in partial.rglob("*"):
            # tantivy and chromadb keep some files to their owner; a reader may be another user.
            path.chmod(path.stat().st_mode | (0o755 if path.is_dir() else 0o644))
        fsync_tree(partial)
        number = int(partial.name.removesuffix(PARTIAL))
        partial.rename(self.path(number))
        fsync(self.folder)
        self.switch(number)
        return number

    def switch(self, number: int) -> None:
        """Name the live generation."""
        replace_file(self._current, f"{number:04d}\n")

    def line(self, number: int) -> list[int]:
        """The generation, the one that it was made from, the one before that, as far as they are kept."""
        found: list[int] = []
        while number in self.numbers():
            found.append(number)
            record = self.record(self.path(number))
            number = record.base if record else 0
        return found

    def sweep(self, keep: int) -> None:
        """Remove all but `keep` generations; what somebody reads stays until later.

        Kept are the live one, the one that it was made from, and then the newest, be they ever rolled back from.
        """
        mine = self.line(self.current())[:2]
        kept = [*mine, *sorted(set(self.numbers()) - set(mine), reverse=True)][:keep]
        for number in self.numbers():
            if number in kept:
                continue
            with unread(self.path(number)) as free:
                if free:
                    dead = self.path(number).with_suffix(DEAD)
                    self.path(number).rename(dead)
                    shutil.rmtree(dead)

    def remove(self, number: int, say: Callable[[str], None]) -> None:
        """Remove a generation for good, as soon as nobody reads it. Raises ArchiveBusy when that takes too long."""
        folder, until, told = self.path(number), time.monotonic() + PATIENCE, False
        while True:
            with unread(folder) as free:
                if free:
                    dead = folder.with_suffix(DEAD)
                    folder.rename(dead)
                    shutil.rmtree(dead)
                    return
            if time.monotonic() > until:
                raise ArchiveBusy(
                    f"generation {number} is still being read: end what reads it, then run the same command again."
                )
            if not told:
                say(f"waiting for whoever reads generation {number}")
                told = True
            time.sleep(POLL)

    def before(self) -> int:
        """The generation that the live one was made from. Raises NotFound when it is not kept."""
        line = self.line(self.current())
        if len(line) < 2:
            raise NotFound(f"{self.root} keeps no generation before the live one: there is nothing to go back to.")
        return line[1]

    def kept(self) -> str:
        """The numbers of all finished generations, for a message."""
        return ", ".join(map(str, self.numbers())) or "none"

    def _broken(self, what: str) -> ArchiveBroken:
        advice = f"`python -m ingest rollback --to N` names a kept generation (kept: {self.kept()})"
        if not self.numbers():
            advice = "no generation is kept; move the archive away and add its pages again"
        return ArchiveBroken(f"{self._current} {what}: {advice}.")


def replace_file(path: Path, text: str) -> None:
    """Write a small file so that a reader, and a machine that loses power, sees the old text or the new."""
    new = path.with_name(path.name + ".new")
    with new.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    fsync(path.parent)


def bytes_in(folder: Path, *, but: str = "") -> int:
    """Bytes of all files in a folder except in its part `but`; what goes away while we count does not count."""
    total = 0
    for path in folder.rglob("*"):
        if path.relative_to(folder).parts[0] != but:
            with suppress(FileNotFoundError):  # a reader's chromadb makes and removes its journal
                total += path.stat().st_size if path.is_file() else 0
    return total


def fsync_tree(folder: Path) -> None:
    """Make a folder lasting with all that is in it: files first, then the folders that name them."""
    inside = list(folder.rglob("*"))
    for path in [*(p for p in inside if p.is_file()), *reversed([p for p in inside if p.is_dir()]), folder]:
        fsync(path)


def fsync(path: Path) -> None:
    """Make a file, or the names in a folder, outlast a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def copy_database(source: Path, target: Path) -> None:
    """Copy an SQLite file that others may be using."""
    origin, copy = sqlite3.connect(source.absolute().as_uri() + "?mode=ro", uri=True), sqlite3.connect(target)
    try:
        origin.backup(copy)
    finally:
        copy.close()
        origin.close()


def copy_bytes(source: Path, target: Path) -> None:
    """Copy a file; on file systems that can (btrfs, xfs) the kernel shares the blocks instead."""
    if not hasattr(os, "copy_file_range"):
        shutil.copyfile(source, target)
        return
    with source.open("rb") as old, target.open("wb") as new:
        while os.copy_file_range(old.fileno(), new.fileno(), 1 << 30):
            pass
