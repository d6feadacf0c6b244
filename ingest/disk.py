"""The disk under an archive: whether there is room, and what it means when a library says in its own words that not.

In: a folder. Out: nothing, or NotEnoughDisk, NotWritable or ArchiveBroken, in one line. It never writes.
"""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ingest.errors import ArchiveBroken, NotEnoughDisk, NotWritable, WenBaoError

MARGIN = 50_000_000  # bytes that stay free on the disk whatever we write
READING = 1_000_000  # bytes that chromadb and tantivy may write at opening
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_CLOSED = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.EIO)
# What SQLite, chromadb and tantivy say; their errors carry no errno.
_FULL_WORDS = ("disk is full", "no space left", "file too large", "quota exceeded", "disk i/o error")


def make_sure_of_room(root: Path, size: int) -> None:
    """Raise NotEnoughDisk unless `size` more bytes leave the disk of `root` its margin."""
    needed = size + MARGIN
    if shutil.disk_usage(root).free < needed:
        raise _full(root, f"has less than the {needed / 1e6:,.0f} MB free that the next generation may take")


@contextmanager
def disk_troubles(root: Path) -> Iterator[None]:
    """Say in one line what a full, closed or failing disk means; every other error passes as it is."""
    try:
        yield
    except Exception as e:
        if isinstance(e, WenBaoError) and not isinstance(e, ArchiveBroken):
            raise
        said, number = str(e).lower(), getattr(e, "errno", None)
        if number in _FULL or any(words in said for words in _FULL_WORDS):
            raise _full(root, "ran full") from e
        if number in _CLOSED:
            raise NotWritable(
                f"cannot write to {str(root)!r} ({e}): check the disk, WENBAO_DATA and its rights."
            ) from e
        raise


@contextmanager
def library_writes(folder: Path, *kinds: type[Exception]) -> Iterator[None]:
    """Errors of these kinds, of a library that writes into `folder`, are the disk's: full, or no longer sound.

    Raises OSError. Whether there is room is looked up at once, because what is cleared away later makes room again.
    """
    try:
        yield
    except kinds as e:
        full = shutil.disk_usage(folder).free < MARGIN
        raise OSError(errno.ENOSPC if full else errno.EIO, str(e)) from e


@contextmanager
def reading(generation: Path) -> Iterator[None]:
    """Say in one line why a finished generation cannot be read, and what would help; its own parts say ArchiveBroken.

    chromadb and tantivy write a little even when they only read, so that a full or closed disk is no damage.
    """
    try:
        yield
    except (ArchiveBroken, sqlite3.Error) as e:
        said = " ".join(str(e).split())
        what = said if str(generation) in said else f"{generation} cannot be read ({said})"
        if shutil.disk_usage(generation.parent).free < READING:
            raise NotEnoughDisk(f"{what}: the disk is full, and even reading takes a little; free some room.") from e
        folders = [generation, *(path for path in generation.glob("*") if path.is_dir())]
        closed = [
            folder for folder in folders if folder.exists() and not os.access(folder, os.R_OK | os.W_OK | os.X_OK)
        ]
        if closed:
            raise NotWritable(f"{what}: even reading needs the right to write in {str(closed[0])!r}.") from e
        raise ArchiveBroken(f"{what}: {_way_back(generation)}.") from e


def _way_back(generation: Path) -> str:
    others = [path.name for path in generation.parent.glob("*") if path.name.isdigit() and path != generation]
    if any(name < generation.name for name in others):
        return "go back with `python -m ingest rollback`"
    return "no earlier generation is kept; move the archive away and add its pages again"


def _full(root: Path, what: str) -> NotEnoughDisk:
    advice = "nothing was changed: free some room, or lower WENBAO_KEEP."
    return NotEnoughDisk(f"the disk of {str(root)!r} {what}; {advice}")
