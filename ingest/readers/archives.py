"""Files packed in files (zip, tar, xz, gz) into files that can be read, one at a time.

In: a path. Out: members, each unpacked into a folder of its own that only we may enter and that is gone when it was
read. No member's name is ever used as a path; what is locked, a link, nested or out of all proportion is refused by
name.
"""

from __future__ import annotations

import gzip
import lzma
import shutil
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, cast

from ingest.errors import UnreadablePage
from ingest.readers.bounds import MOST_MEMBERS, MOST_UNPACKED, blocks_of, check_sizes
from ingest.readers.facts import Refusal
from ingest.readers.kinds import ARCHIVE, PACKED, Kind, kind_of

Wanted = Callable[[str, frozenset[str]], bool]  # whether a name is a page's, among the names beside it
_UTF8_NAME = 0x800  # flag of a zip member whose name is UTF-8; others are in the code page of whoever made it
_LOCKED = 0x1
_LONGEST_NAME = 500  # characters
# What damaged headers and data lead the standard library to.
_BROKEN = (
    *(zipfile.BadZipFile, tarfile.TarError, lzma.LZMAError, zlib.error),
    *(EOFError, OSError, NotImplementedError, ValueError, OverflowError, RuntimeError),
)


@dataclass(frozen=True, slots=True)
class Member:
    """A file that was packed: where it lies for now, how it is shown. Whoever takes it calls `drop`."""

    path: Path
    name: str

    def drop(self) -> None:
        """Remove it."""
        shutil.rmtree(self.path.parent, ignore_errors=True)


def members_of(path: Path, name: str, wanted: Wanted) -> Iterator[Member | Refusal]:
    """Every member that is `wanted` by its name and the names beside it, in order of names.

    Raises UnreadablePage for an archive that is broken or too much as a whole.
    """
    try:
        if kind_of(path.name) is PACKED:
            yield _unpacked_file(path, name)
        elif path.name.lower().endswith(".zip"):
            yield from _zip_members(path, name, wanted)
        else:
            yield from _tar_members(path, name)
    except _BROKEN as e:
        why = " ".join(str(e).split())[:100] or type(e).__name__
        raise UnreadablePage(f"{name!r} cannot be unpacked ({why}); pack it again") from e


def _unpacked_file(path: Path, name: str) -> Member | Refusal:
    opened = lzma.open if path.name.lower().endswith(".xz") else gzip.open
    inner = PurePosixPath(name).stem
    kind = kind_of(inner)
    if kind is None or kind in (ARCHIVE, PACKED):
        return Refusal(f"{name!r} holds a file {inner!r}, which is not read; unpack it")
    with closing(opened(path, "rb")) as stream:
        return _kept(
            cast("IO[bytes]", stream), inner, str(PurePosixPath(name).with_suffix("")), path.stat().st_size, kind
        )


def _zip_members(path: Path, name: str, wanted: Wanted) -> Iterator[Member | Refusal]:
    with zipfile.ZipFile(path) as packed:
        members = packed.infolist()
        check_sizes(members, name)
        names = {id(member): _zip_name(member) for member in members if not member.is_dir()}
        beside = frozenset(names.values())
        for member in sorted((m for m in members if id(m) in names), key=lambda m: names[id(m)]):
            inner = names[id(member)]
            shown = f"{name}!/{inner}"
            trouble = _trouble(inner) or _zip_trouble(member)
            if trouble:
                yield Refusal(f"{shown!r} {trouble}")
                continue
            kind = kind_of(inner)
            if not wanted(inner, beside):
                continue
            if kind in (ARCHIVE, PACKED):
                yield Refusal(f"{shown!r} is an archive in an archive; unpack it")
                continue
            try:
                with packed.open(member) as stream:
                    yield _kept(stream, inner, shown, member.compress_size, kind)
            except _BROKEN as e:
                yield Refusal(f"{shown!r} cannot be unpacked ({' '.join(str(e).split())[:100]}); pack it again")
            except UnreadablePage as e:
                yield Refusal(str(e))


def _tar_members(path: Path, name: str) -> Iterator[Member | Refusal]:
    """In the order of the file: a tar can only be read from its beginning."""
    unpacked = 0
    with tarfile.open(path, "r|*") as packed:
        for count, member in enumerate(packed):
            inner = member.name.removeprefix("./")
            shown = f"{name}!/{inner}"
            unpacked += member.size
            if count >= MOST_MEMBERS or unpacked > MOST_UNPACKED:
                raise UnreadablePage(f"{name!r} holds more than is read of an archive; cut it up")
            kind = kind_of(inner)
            hidden = any(part.startswith(".") for part in PurePosixPath(inner).parts if part not in ("..", "."))
            if member.isdir() or kind is None or kind.name == "image" or hidden:
                continue
            trouble = _trouble(inner) or (None if member.isreg() else "is a link or a device; it is not followed")
            if kind in (ARCHIVE, PACKED):
                trouble = trouble or "is an archive in an archive; unpack it"
            if trouble:
                yield Refusal(f"{shown!r} {trouble}")
                continue
            stream = packed.extractfile(member)
            if stream is not None:
                try:
                    yield _kept(stream, inner, shown, max(member.size, 1), kind)
                except UnreadablePage as e:
                    yield Refusal(str(e))


def _zip_name(member: zipfile.ZipInfo) -> str:
    """The name as its maker wrote it: Chinese programs write GBK and do not say so."""
    name = member.orig_filename if member.flag_bits & _UTF8_NAME else _guessed(member.orig_filename)
    return name.replace("\\", "/")


def _guessed(name: str) -> str:
    try:
        raw = name.encode("cp437")
    except UnicodeEncodeError:
        return name
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return name


def _trouble(inner: str) -> str | None:
    parts = PurePosixPath(inner).parts
    if inner.startswith("/") or ".." in parts or (len(inner) > 1 and inner[1] == ":"):
        return "names a place outside the archive; it is not read"
    if len(inner) > _LONGEST_NAME or "\0" in inner:
        return "has a name that no file has; it is not read"
    return None


def _zip_trouble(member: zipfile.ZipInfo) -> str | None:
    if member.flag_bits & _LOCKED:
        return "is locked with a password; pack it without one"
    if (member.external_attr >> 16) & 0o170000 == 0o120000:
        return "is a link; it is not followed"
    return None


def _kept(stream: IO[bytes], inner: str, shown: str, packed: int, kind: Kind | None) -> Member:
    """Unpack into a private folder, under a name of ours with the same end. Keeps nothing where it raises."""
    folder = Path(tempfile.mkdtemp(prefix="wenbao-"))
    suffixes = "".join(PurePosixPath(inner).suffixes[-2:]).lower()
    member = Member(folder / f"member{suffixes if suffixes.isascii() and len(suffixes) < 20 else ''}", shown)
    try:
        with member.path.open("xb") as file:
            for block in blocks_of(stream, shown, packed, kind.longest if kind else MOST_UNPACKED):
                file.write(block)
    except BaseException:
        member.drop()
        raise
    return member
