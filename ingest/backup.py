"""A copy of the live state that stands on its own, and the way back from it.

In: an archive, whoever reads it or writes to it meanwhile. Out: a folder, or a tar file, that is an archive of one
generation: whole, looked through and on the disk before it has its name. It shares no file with what it was copied
from. It never overwrites anything.
"""

from __future__ import annotations

import os
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ingest.disk import MARGIN, disk_troubles, make_sure_of_room
from ingest.errors import ArchiveBroken, NotFound, NotWritable
from ingest.generations import CURRENT, Generations, IngestRecord, bytes_in, fsync, fsync_tree
from ingest.locks import LEASE, Lease, only_ingest, unread
from ingest.snapshot import Snapshot

PACKED = {".tar": "w", ".tar.xz": "w:xz", ".tar.gz": "w:gz"}
_NOT_MADE = (".zip", ".7z", ".rar", ".tgz", ".txz", ".gz", ".xz", ".bz2", ".zst")
HIDDEN, PARTIAL = ".wenbao-backup.", ".partial"


def back_up(generations: Generations, target: Path) -> int:
    """Copy the live generation to `target`; gives its number.

    Where the target's name ends in .tar, .tar.xz or .tar.gz it becomes one file, else a folder. Raises NotFound,
    NotWritable, NotEnoughDisk, ArchiveBroken.
    """
    target = target.absolute()
    if os.path.lexists(target):
        raise NotWritable(f"{str(target)!r} is there already, and a backup overwrites nothing: give another name.")
    if not _packing(target) and target.name.lower().endswith(_NOT_MADE):
        raise NotWritable(
            f"{str(target)!r} is no kind of backup: end its name in .tar, .tar.xz or .tar.gz, or name a folder."
        )
    if not target.parent.is_dir():
        raise NotWritable(f"{str(target.parent)!r} is no folder: make it, or give another name.")
    lease = generations.lease()
    if lease is None:
        raise NotFound(f"{str(generations.root)!r} holds no archive yet: there is nothing to back up.")
    with lease, disk_troubles(target.parent), _room_beside(target) as made:
        make_sure_of_room(target.parent, bytes_in(lease.folder))
        copy = Generations(made / "archive")
        copy.begin()
        _copy(generations, lease.number, copy)
        (copy.root / CURRENT).write_text(f"{lease.number:04d}\n", "ascii")
        look_through(copy)
        if _packing(target):
            _pack(copy.root, made / "archive.tar", _packing(target))
            os.link(made / "archive.tar", target)  # fails where somebody has just taken the name
        else:
            fsync_tree(copy.root)
            copy.root.rename(target)
        fsync(target.parent)
    return lease.number


def restore(generations: Generations, backup: Path, *, wait: bool, say: Callable[[str], None]) -> int:
    """Make the live state of `backup` the next generation here, and live; gives its number. What was live is kept.

    Raises NotFound, ArchiveBroken, NotEnoughDisk.
    """
    root = generations.root
    with disk_troubles(root), only_ingest(root, wait=wait, say=say), _opened(backup, root) as archive:
        lease = archive.lease()
        if lease is None:
            raise NotFound(f"{str(backup)!r} holds no archive: name a backup.")
        with lease:
            make_sure_of_room(root, bytes_in(lease.folder))
            generations.begin()
            generations.drop_partials()
            partial = generations.new_partial()
            archive.copy(lease.number, partial, link=False)
            made = archive.record(lease.folder)
            base = generations.newest()
            (partial / LEASE).touch()
        snapshot = Snapshot(Lease(lease.number, partial))
        try:
            snapshot.check()
        except BaseException:
            generations.drop_partials()
            raise
        finally:
            snapshot.close()
        if made:
            generations.write_record(partial, IngestRecord(base, "restore", made.schema, made.fingerprint, 0, 0))
        return generations.publish(partial)


def look_through(archive: Generations) -> None:
    """The quick check of an archive that nobody else knows yet. Raises ArchiveBroken."""
    lease = archive.lease()
    if lease is None:
        raise ArchiveBroken(f"{archive.root} holds no generation: nothing was backed up; try again.")
    snapshot = Snapshot(lease)
    try:
        snapshot.check()
    finally:
        snapshot.close()


def _copy(source: Generations, number: int, copy: Generations) -> None:
    folder = copy.path(number)
    folder.mkdir()
    source.copy(number, folder, link=False)
    record = source.record(source.path(number))
    if record:  # what it was made from is not in the backup
        copy.write_record(folder, IngestRecord(0, record.job, record.schema, record.fingerprint, 0, 0))
    (folder / LEASE).touch()


def _packing(target: Path) -> str:
    return next((mode for suffix, mode in PACKED.items() if target.name.lower().endswith(suffix)), "")


def _pack(folder: Path, file: Path, mode: str) -> None:
    with tarfile.open(file, mode) as packed:  # type: ignore[call-overload]  # the mode is one of PACKED
        for path in sorted(folder.rglob("*")):
            packed.add(path, path.relative_to(folder).as_posix(), recursive=False)
    fsync(file)


@contextmanager
def _room_beside(target: Path) -> Iterator[Path]:
    """A folder on the target's disk, gone at the end with all that was not renamed out of it."""
    for left in target.parent.glob(f"{HIDDEN}*{PARTIAL}"):
        with unread(left) as free:
            if free:  # a kill has left it
                shutil.rmtree(left, ignore_errors=True)
    made = Path(tempfile.mkdtemp(prefix=HIDDEN, suffix=PARTIAL, dir=target.parent))
    (made / LEASE).touch()
    try:
        with Lease(0, made):
            yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


@contextmanager
def _opened(backup: Path, root: Path) -> Iterator[Generations]:
    """The archive that a folder is, or that a tar file holds."""
    if backup.is_dir():
        yield Generations(backup)
        return
    if not backup.is_file():
        raise NotFound(f"no backup {str(backup)!r}: check the path.")
    with _room_beside(root / "backup") as made:
        try:
            with tarfile.open(backup) as packed:
                make_sure_of_room(root, 2 * backup.stat().st_size + MARGIN)
                packed.extractall(made / "archive", filter="data")
        except tarfile.TarError as e:
            raise ArchiveBroken(f"{str(backup)!r} is no whole backup ({e}): take another.") from e
        yield Generations(made / "archive")
