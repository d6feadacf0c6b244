"""Files that are handed in over the API, until `ingest watch` takes them up, and what their receipts are told.

In: a file's bytes as they come, what its sender says of it. Out: a folder of its own in the inbox, there at once and
whole, and a receipt for whoever handed it in. It never writes to the archive, and removes nothing that is whole.
"""

from __future__ import annotations

import errno
import json
import os
import re
import secrets
import shutil
import string
import time
import unicodedata
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date as Date  # noqa: N812 - as in models
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from ingest.disk import MARGIN
from ingest.errors import NotEnoughDisk, NotWritable, WenBaoError
from ingest.generations import fsync, fsync_tree, replace_file
from ingest.readers.kinds import KINDS, READ, Kind, kind_of
from ingest.readers.pick import looks_like_page, named_like_page
from ingest.receipts import HandedReport, read_report, receipt_path
from ingest.sidecar import Told, write_sidecar

COMING = ".coming"  # where files lie that are not whole yet; no walk through the inbox enters it
AT_REST = 1.0  # seconds before its coming that a file was last written: who watches then knows that it grows no more
ABANDONED = 3_600.0  # seconds after which what lies there is a dead process's
ENVELOPE = 10_000  # bytes that a request may have beside its file
LONGEST_NAME = 120  # bytes; a file system takes 255, and a reader less
LONGEST_FACT = 60  # characters of a paper's name or a page's
# 26^28 is more than 2^128. No digits: a path is looked through for days.
_RANDOM, _LETTERS = 28, string.ascii_lowercase
_TIME = 9  # letters that count milliseconds until 2142: inboxes are read in the order in which files came
_RECEIPT = re.compile(f"[a-z]{{{_TIME + _RANDOM}}}")
_FULL = (errno.ENOSPC, errno.EDQUOT)


class BadHandIn(WenBaoError):
    """What is handed in, or what is said of it, cannot be used."""


class UnknownKind(WenBaoError):
    """A file of a format that is not read."""


class TooLong(WenBaoError):
    """A file that is longer than may be handed in, or than is read of its format."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """A file that was handed in: by whom (`subject`), when (ISO), and what was said of it."""

    receipt: str
    subject: str
    file: str
    size: int
    received: str
    paper: str | None = None
    date: str | None = None
    page: str | None = None


@dataclass(frozen=True, slots=True)
class Handed:
    """A receipt, and what became of its file; None while it waits to be read."""

    receipt: Receipt
    report: HandedReport | None


class Inbox:
    """The folder. Several processes may share it."""

    def __init__(self, folder: Path, longest: int) -> None:
        """`longest`: bytes that a file may have. Raises NotWritable."""
        self.longest = longest
        self._folder = Path(os.path.realpath(folder))
        try:
            for each in (self._folder / COMING, receipt_path(self._folder, "").parent):
                each.mkdir(parents=True, exist_ok=True)
        except OSError as e:
            raise NotWritable(
                f"the inbox {str(folder)!r} cannot be written to ({e.strerror}): check WENBAO_INBOX and its rights."
            ) from e

    def begin(self, subject: str, size: int | None) -> Coming:
        """A file begins to come; `size` are the bytes of its request, if that is known.

        Raises TooLong, NotEnoughDisk, NotWritable.
        """
        if size is not None and size > self.longest + ENVELOPE:
            raise _too_long(self.longest)
        if shutil.disk_usage(self._folder).free < MARGIN + (self.longest if size is None else size):
            raise _full()
        self._sweep()
        return Coming(self._folder, subject, self.longest)

    def find(self, receipt: str, subject: str) -> Handed | None:
        """What the receipt of this subject says; None for one that is another's, as for one that does not exist."""
        if not _RECEIPT.fullmatch(receipt):
            return None
        try:
            found = Receipt(**json.loads(receipt_path(self._folder, receipt).read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return None
        if found.subject != subject:
            return None
        return Handed(found, read_report(self._folder, receipt))

    def _sweep(self) -> None:
        """Clear away what processes left that were killed."""
        for folder in (self._folder / COMING).iterdir():
            with suppress(OSError):
                if time.time() - folder.stat().st_mtime > ABANDONED:
                    shutil.rmtree(folder)


class Coming:
    """A file on its way. Either `finish` or `drop` ends it; until then nobody but us knows of it."""

    def __init__(self, inbox: Path, subject: str, longest: int) -> None:
        self._inbox, self._subject, self._longest = inbox, subject, longest
        self._receipt = _new_receipt()
        self._folder = inbox / COMING / self._receipt
        self._path: Path | None = None
        self._file: BinaryIO | None = None
        self._size = 0

    def name(self, said: str) -> None:
        """What the file is called. Raises UnknownKind, BadHandIn, NotEnoughDisk, NotWritable."""
        if self._path:
            raise BadHandIn("hand in one file at a time.")
        name = safe_name(said)
        self._longest = min(self._longest, known_kind(name).longest)
        try:
            self._folder.mkdir()
            self._path = self._folder / name
            self._file = self._path.open("xb")
        except OSError as e:
            raise _trouble(e) from e

    def write(self, data: bytes) -> None:
        """The next bytes. Raises TooLong, BadHandIn, NotEnoughDisk, NotWritable."""
        if not self._file:
            raise BadHandIn("the file has no name.")
        self._size += len(data)
        if self._size > self._longest:
            raise _too_long(self._longest)
        try:
            self._file.write(data)
        except OSError as e:
            raise _trouble(e) from e

    def finish(self, told: Told) -> Receipt:
        """It is whole: from now on it is in the inbox, whatever happens. Raises as `write` does, and UnknownKind."""
        if not (self._path and self._file):
            raise BadHandIn("no file is handed in.")
        if not self._size:
            raise BadHandIn(f"the file {self._path.name!r} is empty.")
        day, now = told.date.isoformat() if told.date else None, datetime.now().astimezone()
        receipt = Receipt(
            self._receipt,
            self._subject,
            self._path.name,
            self._size,
            now.isoformat(timespec="seconds"),
            told.paper,
            day,
            told.page,
        )
        try:
            self._file.close()
            if not looks_like_page(self._path, frozenset({self._path.name})):
                name = repr(self._path.name)
                raise UnknownKind(f"the file {name} is not read: JSON has to be a list, XML an RSS or Atom feed.")
            write_sidecar(self._folder, told)
            for path in self._folder.iterdir():
                os.utime(path, (time.time() - AT_REST,) * 2)
            fsync_tree(self._folder)
            record = json.dumps(asdict(receipt), ensure_ascii=False)
            replace_file(receipt_path(self._inbox, self._receipt), record + "\n")
            # One step for file and sidecar: nobody sees the one without the other.
            self._folder.rename(self._inbox / self._receipt)
            fsync(self._inbox)
        except OSError as e:
            raise _trouble(e) from e
        return receipt

    def drop(self) -> None:
        """Leave nothing of a file that is not finished; a finished one stays as it is."""
        if self._file:
            with suppress(OSError):  # what could not be written when it is closed
                self._file.close()
        with suppress(OSError):
            shutil.rmtree(self._folder, ignore_errors=True)
            if not (self._inbox / self._receipt).exists():
                receipt_path(self._inbox, self._receipt).unlink(missing_ok=True)


def read_told(paper: str | None, date: str | None, page: str | None) -> Told:
    """What a sender says of a file. Raises BadHandIn."""
    day = None
    if date and date.strip():
        with suppress(ValueError):
            day = Date.fromisoformat(date.strip())
        if day is None or day.isoformat() != date.strip():
            raise BadHandIn(f"date {date[:40]!r} is not a day; write it as 2023-05-11.")
    return Told(_fact("paper", paper), day, _fact("page", page))


def _fact(name: str, said: str | None) -> str | None:
    if said is None or not said.strip():
        return None
    fact = " ".join(said.split())
    if not fact.isprintable():
        raise BadHandIn(f"{name} holds characters that cannot be printed.")
    if len(fact) > LONGEST_FACT:
        raise BadHandIn(f"{name} has {len(fact):,} characters; {LONGEST_FACT} are the most.")
    return fact


def safe_name(said: str) -> str:
    """A file's own name, whatever path it was given with: printable, not hidden, short, of a format that is read.

    Raises UnknownKind.
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", said))[-1]
    kept = "".join(c for c in last if c.isprintable() and c not in '<>:"|?*')
    name = " ".join(kept.split()).strip(". ")
    kind = known_kind(name)
    suffix = max((each for each in kind.suffixes if name.lower().endswith(each)), key=len)
    stem = name[: -len(suffix)].encode()[: LONGEST_NAME - len(suffix)].decode(errors="ignore")
    return f"{stem.rstrip('. ')}{name[-len(suffix) :]}"


def known_kind(name: str) -> Kind:
    """The format of a file of this name. Raises UnknownKind for one that a walk through a folder would pass over."""
    kind = kind_of(name)
    if kind is None or not named_like_page(name, frozenset({name})):
        known = " ".join(suffix for each in KINDS for suffix in each.suffixes if suffix)
        raise UnknownKind(f"a file called {name[:80]!r} is not read; {READ} are, by these endings: {known}.")
    return kind


def _new_receipt() -> str:
    milliseconds, counted = time.time_ns() // 1_000_000, ""
    for _ in range(_TIME):
        milliseconds, digit = divmod(milliseconds, len(_LETTERS))
        counted = _LETTERS[digit] + counted
    return counted + "".join(secrets.choice(_LETTERS) for _ in range(_RANDOM))


def _too_long(longest: int) -> TooLong:
    return TooLong(f"the file is longer than the {longest:,} bytes that may be handed in; cut it into several.")


def _full() -> NotEnoughDisk:
    return NotEnoughDisk("there is no room for the file just now: try again later, and tell whoever runs the archive.")


def _trouble(e: OSError) -> WenBaoError:
    """The disk's trouble without its paths."""
    if e.errno in _FULL:
        return _full()
    return NotWritable(f"the inbox cannot be written to ({e.strerror}): tell whoever runs the archive.")
