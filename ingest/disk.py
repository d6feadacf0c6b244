"""The disk under an archive: whether there is room, and what it means when a library says in its own words that not.

In: a folder. Out: nothing, or NotEnoughDisk or NotWritable. It never writes.
"""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ingest.errors import NotEnoughDisk, NotWritable, WenBaoError

MARGIN = 50_000_000  # bytes that stay free on the disk whatever we write
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
    except WenBaoError:
        raise
    except Exception as e:
        said, number = str(e).lower(), getattr(e, "errno", None)
        if number in _FULL or any(words in said for words in _FULL_WORDS):
            raise _full(root, "ran full") from e
        if number in _CLOSED:
            raise NotWritable(
                f"cannot write to {str(root)!r} ({e}): check the disk, WENBAO_DATA and its rights."
            ) from e
        raise


def _full(root: Path, what: str) -> NotEnoughDisk:
    advice = "nothing was changed: free some room, or lower WENBAO_KEEP."
    return NotEnoughDisk(f"the disk of {str(root)!r} {what}; {advice}")
