"""A file as it lies there: its one true path, what tells its bytes from others, what else decides what it gives.

In: a path, what is known about it from outside. Out: names and digests. It opens files only to hash them, and decides
nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
from functools import lru_cache
from pathlib import Path

from ingest.pattern import FIELDS
from ingest.readers.address import is_address, name_of
from ingest.readers.kinds import IMAGE, PDF, holds_records, kind_of
from ingest.readers.ocr import is_installed
from ingest.sources import Known

READERS = 1  # raised whenever the same file would give other articles than before, so that all files are read again
BLOCK = 1 << 20  # bytes that are hashed at a time
HASHED = 1_000_000_000  # bytes of a file that is still hashed; a longer one is told by its size and its last change
_PARENTS = 10_000  # folders whose real paths are kept


def real_path(path: Path) -> Path:
    """A file's path from the root, the same from whichever folder it is named; a link at its end keeps its name."""
    if is_address(name_of(path)):
        return Path(name_of(path))
    if path.name in ("", ".."):
        return Path(os.path.realpath(path))
    return _real_parent(path.parent.absolute()) / path.name


@lru_cache(_PARENTS)
def _real_parent(parent: Path) -> Path:
    return Path(os.path.realpath(parent))


def file_digest(path: Path) -> str:
    """What tells a file's bytes from others; empty for one that cannot be read, as reading it will say."""
    digest = hashlib.blake2b(digest_size=16)
    try:
        status = path.stat()
        if status.st_size > HASHED:
            return f"{status.st_size} bytes, {status.st_mtime_ns}"
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                digest.update(block)
    except OSError:
        return ""
    return digest.hexdigest()


def settings_of(path: Path, known: Known) -> str:
    """Everything but its bytes that decides what a file gives."""
    facts = {"paper": known.paper, "date": known.date.isoformat() if known.date else None, "page": known.page}
    record: dict[str, object] = {"readers": READERS, "kind": path.suffix.lower(), **facts}
    if holds_records(path.name):
        record["insists"] = [
            name for name, origin in zip(FIELDS, known.origins, strict=True) if origin == "option" and facts[name]
        ]
    if kind_of(path.name) in (IMAGE, PDF):
        record["ocr"] = is_installed()  # what was refused for want of it is read once it is there
    if known.begins:
        record["begins"] = [[begin.at, begin.title] for begin in known.begins]
    return json.dumps(record, ensure_ascii=False, sort_keys=True)


def says_no_other(new: str, old: str) -> bool:
    """Whether a file gives under its new name what it gave under the old; what the name leaves out is still known."""
    after, before = json.loads(new), json.loads(old)
    return all(after[name] in (None, before[name]) for name in FIELDS) and all(
        after.get(name) == before.get(name) for name in {*after, *before} - {*FIELDS, "insists"}
    )


def is_gone(path: Path) -> bool:
    """Whether there surely is no such file; one that may not be looked at is not gone."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False
