"""A generation that cannot be written to, read all the same: chromadb and tantivy write a little when they only open.

In: a leased generation. Out: the folder in which its `words` and `vectors` may be opened: the generation itself where
it can be written to, else a copy in the cache folder of this user, made once and used again until the generation
changes. Catalog and vector table are never copied: both are read as they lie.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import logging
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ingest.errors import NotWritable
from ingest.generations import PASSING, VECTORS, WORDS, copy_bytes, copy_database
from ingest.locks import LEASE, Lease, unread

ORIGIN = "ORIGIN.json"  # what a copy is of
PARTIAL = ".partial"
TRIES = 5  # a copy may be swept between finding it and taking hold of it
_LOCKS = ".lock"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the words and vectors of a generation may be opened, as long as it is held."""

    folder: Path
    _lease: Lease | None = None

    def release(self) -> None:
        """Nobody reads there any more."""
        if self._lease:
            self._lease.release()


def private_copy(lease: Lease) -> Place:
    """The generation itself, or the copy of it that this user may write to. Raises NotWritable."""
    if _may_write(lease.folder):
        return Place(lease.folder)
    try:
        cache = _cache()
        name, origin = _name(lease), json.dumps({"archive": str(_root(lease)), "generation": lease.number})
        for _ in range(TRIES):
            if not (cache / name).is_dir():
                _make(lease.folder, cache, name, origin)
                _sweep(cache, name, str(_root(lease)))
            try:
                held = Lease(lease.number, cache / name)
            except FileNotFoundError:
                continue
            log.warning("%s cannot be written to: read through a private copy in %s", lease.folder, cache / name)
            return Place(cache / name, held)
    except OSError as e:
        raise NotWritable(
            f"{lease.folder} cannot be written to, nor a private copy of it kept ({e}): "
            "set XDG_CACHE_HOME to a folder with room, or give the right to write."
        ) from e
    raise NotWritable(
        f"the private copy of {lease.folder} in {cache} is swept again and again: give it a cache of its own"
    )


def _root(lease: Lease) -> Path:
    return lease.folder.resolve().parent.parent


def _may_write(folder: Path) -> bool:
    """Whether chromadb and tantivy could write all that they may want to."""
    inside = [path for part in (WORDS, VECTORS) for path in (folder / part, *(folder / part).glob("*.*"))]
    changed = [path for path in inside if path.is_dir() or path.suffix in (".sqlite3", _LOCKS)]
    return all(os.access(path, os.W_OK) for path in changed if path.exists())


def _cache() -> Path:
    """The folder for copies of this user, that nobody else may look into."""
    said = os.environ.get("XDG_CACHE_HOME", "")
    folder = (Path(said) if said else Path("~/.cache").expanduser()) / "wenbao"
    folder.mkdir(parents=True, exist_ok=True)
    if folder.stat().st_uid != os.geteuid():
        raise PermissionError(f"{folder} is another user's")
    folder.chmod(0o700)
    return folder


def _name(lease: Lease) -> str:
    """Which archive, generation and files; sizes and dates of writing tell that another file was put in a place."""
    facts = [str(_root(lease)), str(lease.number)]
    for path in _files(lease.folder):
        seen = path.stat()
        facts.append(f"{path.relative_to(lease.folder)} {seen.st_size} {seen.st_mtime_ns}")
    return hashlib.blake2b("\n".join(facts).encode("utf-8", "surrogateescape"), digest_size=12).hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    for part in (WORDS, VECTORS):
        for path in sorted((folder / part).rglob("*")):
            if path.is_file() and path.suffix != _LOCKS and not path.name.endswith(PASSING):
                yield path


def _make(source: Path, cache: Path, name: str, origin: str) -> None:
    """Make the copy under another name and rename it, so that what is there under its name is whole."""
    new = Path(tempfile.mkdtemp(prefix=name, suffix=PARTIAL, dir=cache))
    (new / LEASE).touch()
    with (new / LEASE).open("rb") as making:
        fcntl.flock(making.fileno(), fcntl.LOCK_SH)  # keeps the sweeper away
        for path in _files(source):
            target = new / path.relative_to(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            if path.suffix == ".sqlite3":
                _copy_database(path, target)
            else:
                copy_bytes(path, target)
        (new / ORIGIN).write_text(origin, "utf-8")
        try:
            new.rename(cache / name)
        except OSError:  # somebody else was quicker
            shutil.rmtree(new)


def _copy_database(source: Path, target: Path) -> None:
    try:
        copy_database(source, target)
    except sqlite3.Error:  # SQLite cannot make its own locks beside it; then nobody else can change it either
        target.unlink(missing_ok=True)
        copy_bytes(source, target)


def _sweep(cache: Path, name: str, archive: str) -> None:
    """Remove other copies of this archive, those of archives that are gone, and what was never finished."""
    for path in cache.iterdir():
        if path.name == name or not path.is_dir():
            continue
        try:
            of = json.loads((path / ORIGIN).read_text("utf-8"))["archive"]
        except (OSError, ValueError, KeyError, TypeError):
            of = archive
        if of == archive or not Path(of).exists():
            with unread(path) as free:
                if free:
                    shutil.rmtree(path, ignore_errors=True)
