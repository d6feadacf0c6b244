"""One run over files: which are as they were, which have moved, which must be read; and what their articles then are.

In: the files that were named, the ledger of the last runs. Out: entries of what must be read; at the end which articles
no file gives any more, and the ledger's new rows. It changes nothing itself before `write`.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from ingest.entries import Entry, shown_name
from ingest.errors import BadSidecar, WouldEmpty
from ingest.given import Given
from ingest.identity import article_ids, version_id
from ingest.ledger import FileRow, Ledger, LedgerWriter
from ingest.models import Article
from ingest.outcomes import FileOutcome, What
from ingest.pattern import FIELDS
from ingest.provenance import Provenance, facts_used
from ingest.quarantine import Quarantine
from ingest.records import is_records
from ingest.sources import Failure, Known, Sources, read_source

READERS = 1  # raised whenever the same file would give other articles than before, so that all files are read again
BLOCK = 1 << 20  # bytes that are hashed at a time
HASHED = 1_000_000_000  # bytes of a file that is still hashed; a longer one is told by its size and its last change
_PARENTS = 10_000  # folders whose real paths are kept


@dataclass(frozen=True, slots=True)
class Looked:
    """A file that must be read, as it was found: `row` is what the ledger knew of it, `moved` of the name it had."""

    number: int
    path: Path
    real: Path
    digest: str
    settings: str
    known: Known
    row: FileRow | None
    moved: FileRow | None


@dataclass(slots=True)
class _Read:
    """What reading a file came to."""

    source: Looked
    count: int = 0
    seconds: float = 0.0
    first: Article | None = None
    failures: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    touched: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Settlement:
    """What is left to do when all files were read. `withdrawn` are articles that no file gives any more.

    `gone` are those of them that stay because nobody prunes, by number of the file that gave them; `dropped` are files
    that are gone and forgotten.
    """

    withdrawn: dict[str, str]
    gone: dict[int, list[str]]
    dropped: list[FileRow]
    refused: WouldEmpty | None


class Intake:
    """One run. First `look`, then `entries`, then `settle`, then, unless it is a trial, `write`."""

    def __init__(
        self,
        sources: Sources,
        provenance: Provenance,
        quarantine: Quarantine,
        given: Given,
        *,
        retry: bool = False,
        detail: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`retry` reads what is in quarantine again; `detail` keeps an outcome for every file."""
        self._sources, self._provenance, self._quarantine, self._given = sources, provenance, quarantine, given
        self._retry, self._detail, self._clock = retry, detail, clock
        self.failures = list(sources.failures)
        self.unchanged_articles = 0
        self.moved_files = self.unchanged_files = self.quarantined_files = 0
        self.to_read: list[Looked] = []
        self._reads: dict[int, _Read] = {}
        self._moves: list[tuple[Path, FileRow, Looked]] = []
        self._outcomes: list[FileOutcome] = [
            FileOutcome(failure.file, "failed", failures=(failure.reason,)) for failure in sources.failures
        ]
        self._named: dict[Path, bool] = {}  # every file of the run, and whether its row in the ledger still holds
        self._taken: set[int] = set()

    # -- before reading -------------------------------------------------------------------------------------------

    def look(self, ledger: Ledger) -> None:
        """Hash every file and compare it with the ledger."""
        found = []
        for path in self._sources.files:
            real = real_path(path)
            if real not in self._named:
                self._named[real] = False
                found.append((path, real))
        for number, (path, real) in enumerate(found, 1):
            self._look_at(number, path, real, ledger)

    def _look_at(self, number: int, path: Path, real: Path, ledger: Ledger) -> None:
        began = self._clock()
        digest = file_digest(real)
        try:
            known, refused = self._provenance.known(real), None
            settings = settings_of(real, known)
        except BadSidecar as e:
            known, refused, settings = Known(), str(e), f"refused: {e}"
        held = None if self._retry or not digest else self._quarantine.holds(real, digest, settings)
        row = ledger.row(real)
        same = row is not None and (row.digest, row.settings) == (digest, settings)
        if same and row and not (self._retry and self._quarantine.holds(real, digest, settings)):
            self._named[real] = True
            self.unchanged_files += 1
            self.unchanged_articles += row.articles
            if held:
                self.quarantined_files += 1
            self._note(path, "unchanged", self._clock() - began, unchanged=row.articles)
        elif held:
            self._named[real] = True
            self.quarantined_files += 1
            self._note(path, "quarantined", self._clock() - began, failures=held.reasons)
        elif refused:
            self._named[real] = True
            self.failures.append(Failure(str(path), refused))
            self._quarantine_it(real, digest, settings, [refused])
            self._note(path, "failed", self._clock() - began, failures=(refused,))
        else:
            self._found(Looked(number, path, real, digest, settings, known, row, None), ledger, began)

    def _found(self, source: Looked, ledger: Ledger, began: float) -> None:
        """A file that is new or not as it was: it may have had another name."""
        moved = None
        if source.row is None and source.digest:
            vacated = (
                row for row in ledger.same_bytes(source.digest) if row.number not in self._taken and _is_gone(row.path)
            )
            moved = next(vacated, None)
        if moved is None:
            self.to_read.append(source)
            return
        self._taken.add(moved.number)
        self.moved_files += 1
        if _says_no_other(source.settings, moved.settings):
            self._named[source.real] = self._named[moved.path] = True
            self._moves.append((source.path, moved, source))
            self.unchanged_articles += moved.articles
            self._note(source.path, "moved", self._clock() - began, unchanged=moved.articles, moved_from=moved.shown)
        else:
            self.to_read.append(replace(source, moved=moved))

    def take_all(self) -> None:
        """Read every file as it is, and keep no ledger of it."""
        numbered = enumerate(self._sources.files, 1)
        self.to_read = [Looked(number, path, path, "", "", Known(), None, None) for number, path in numbered]

    # -- reading --------------------------------------------------------------------------------------------------

    def entries(self, *, sample: bool = False) -> Iterator[Entry]:
        """The articles of all files that must be read, in order."""
        for source in self.to_read:
            read = self._reads[source.number] = _Read(source)
            file, began = shown_name(source.path), self._clock()
            for found in _read(source):
                if isinstance(found, Failure):
                    read.failures.append(found.reason)
                    self.failures.append(found)
                    continue
                read.first = read.first or found[0]
                read.count += len(found)
                names = article_ids(found)
                self._given.add(source.number, names)
                read.seconds += self._clock() - began
                for name, article in zip(names, found, strict=True):
                    yield Entry(name, version_id(name, article), article, file, sample, source.number)
                began = self._clock()
            read.seconds += self._clock() - began

    @property
    def files_begun(self) -> int:
        """How many of the files that must be read are read, or being read."""
        return len(self._reads)

    def heard(self, entry: Entry, what: str) -> None:
        """An entry was added, changed or unchanged."""
        read = self._reads[entry.source]
        read.counts[what] += 1
        if self._detail and what != "unchanged":
            read.touched.setdefault(what, []).append(entry.article_id)

    def worked(self, batch: Sequence[Entry], seconds: float) -> None:
        """A batch took so long: each of its files its share."""
        for number, count in Counter(entry.source for entry in batch).items():
            self._reads[number].seconds += seconds * count / len(batch)

    # -- after reading --------------------------------------------------------------------------------------------

    def settle(
        self, ledger: Ledger, live: Callable[[Iterable[str]], Iterable[str]], *, prune: bool, prune_all: bool
    ) -> Settlement:
        """Find the articles that no file gives any more; `prune_all` prunes even most of all.

        What the same bytes gave before they were read otherwise (another reader, other marks, another paper) is
        replaced, pruned or not. `live` says which of some articles are live.
        """
        replaced: dict[str, int] = {}
        lost: dict[str, int] = {}
        rows: dict[int, FileRow] = {}
        for read in self._reads.values():
            source = read.source
            if source.row and not read.failures:
                left = ledger.articles(source.row)
                for name in self._given.by(source.number):
                    left.pop(name, None)
                same = source.row.digest == source.digest
                for name, was_gone in left.items():
                    (replaced if same and not was_gone else lost)[name] = source.row.number
                rows[source.row.number] = source.row
        vacated = list(self._vacated(ledger, folders=prune))
        for row in vacated:
            lost |= dict.fromkeys(ledger.articles(row), row.number)
            rows[row.number] = row
        if prune:
            lost |= self._unpruned(ledger, rows)
        free = self._free(ledger, {*replaced, *lost}, {row.path for row in vacated})
        at_stake = [name for name in lost if name in free]
        withdrawn = {name: rows[number].shown for name, number in replaced.items() if name in free}
        still = set(live([*at_stake, *withdrawn]))
        withdrawn = {name: file for name, file in withdrawn.items() if name in still}
        pruned = {name: rows[lost[name]].shown for name in at_stake if name in still}
        refused = None
        if prune and not prune_all and 2 * len(pruned) > len(pruned) + self._given.count() + self.unchanged_articles:
            refused = WouldEmpty(
                f"{len(pruned):,} articles, most of all that the named paths gave, would be withdrawn; none was. "
                "If a folder is not mounted, mount it; if they are to go, add --prune-all."
            )
        if prune and not refused:
            return Settlement(withdrawn | pruned, {}, vacated, None)
        gone: dict[int, list[str]] = {}
        for name in at_stake:
            gone.setdefault(lost[name], []).append(name)
        emptied = [row for row in vacated if row.number in self._taken and row.number not in gone]
        return Settlement(withdrawn, gone, emptied, refused)

    def _vacated(self, ledger: Ledger, *, folders: bool) -> Iterator[FileRow]:
        """Files that the ledger knows and that are gone: to another name, and from the `folders` that were named."""
        yield from (source.moved for source in self.to_read if source.moved)
        known = {*self._named, *(source.moved.path for source in self.to_read if source.moved)}
        for folder in self._sources.folders if folders else ():
            for row in ledger.under(Path(os.path.realpath(folder))):
                if row.path not in known and _is_gone(row.path):
                    known.add(row.path)
                    yield row

    def _unpruned(self, ledger: Ledger, rows: dict[int, FileRow]) -> dict[str, int]:
        """What files that are as they were stopped giving in an earlier run, which did not prune."""
        found: dict[str, int] = {}
        for real, holds in self._named.items():
            row = ledger.row(real) if holds else None
            if row:
                rows[row.number] = row
                found |= dict.fromkeys(ledger.gone_from(row), row.number)
        return found

    def _free(self, ledger: Ledger, ids: set[str], vacated: set[Path]) -> set[str]:
        """Those of `ids` that no file gives."""
        free = ids - self._given.among(ids)
        read = {each.source.real for each in self._reads.values() if not each.failures}
        return free - {name for name, path in ledger.givers(free) if path not in read and path not in vacated}

    def changes_ledger(self, ledger: Ledger, settlement: Settlement) -> bool:
        """Whether there is anything to write."""
        if self._moves or settlement.dropped or settlement.withdrawn:
            return True
        for read in self._reads.values():
            source, row = read.source, read.source.row
            if not read.count or not source.digest:
                continue
            if row is None or (row.digest, row.settings, row.articles) != (source.digest, source.settings, read.count):
                return True
            given, held = set(self._given.by(source.number)), ledger.articles(row)
            if given - {name for name, gone in held.items() if not gone}:
                return True
        return False

    def write(self, ledger: LedgerWriter, settlement: Settlement) -> None:
        """Bring the ledger up to what was found."""
        for path, row, source in self._moves:
            ledger.move(row, source.real, shown_name(path), source.settings)
        for read in self._reads.values():
            source = read.source
            if not read.count or not source.digest:
                continue  # what failed wholly is known as it was
            gone = settlement.gone.get(source.row.number, []) if source.row else []
            given: list[str] = list(self._given.by(source.number))
            if read.failures and source.row:  # what its bad lines were may be what it gave before
                before = ledger.articles(source.row)
                given += [name for name, was_gone in before.items() if not was_gone]
                gone = [name for name, was_gone in before.items() if was_gone]
            shown = shown_name(source.path)
            ledger.put(source.real, shown, source.digest, source.settings, read.count, given, gone)
        for row in settlement.dropped:
            ledger.drop(row)
        ledger.forget(settlement.withdrawn)

    def remember_failures(self, since: str) -> None:
        """Put into quarantine what failed, and release what did not."""
        for read in self._reads.values():
            self._quarantine_it(read.source.real, read.source.digest, read.source.settings, read.failures, since)
        for row in self._quarantine.all():
            if _is_gone(Path(row.file)):
                self._quarantine.release(Path(row.file))
        self._quarantine.save()

    def _quarantine_it(
        self, real: Path, digest: str, settings: str, reasons: Sequence[str], since: str | None = None
    ) -> None:
        if reasons and digest:
            self._quarantine.put(real, digest, settings, since or time.strftime("%Y-%m-%dT%H:%M:%S"), reasons)
        else:
            self._quarantine.release(real)

    # -- what is told of it ---------------------------------------------------------------------------------------

    def outcomes(self, settlement: Settlement) -> tuple[FileOutcome, ...]:
        """What happened to each file."""
        if not self._detail:
            return ()
        withdrawn: dict[str, list[str]] = {}
        for name, file in settlement.withdrawn.items():
            withdrawn.setdefault(file, []).append(name)
        found = list(self._outcomes)
        for read in self._reads.values():
            source = read.source
            what: What = "added" if source.row is None else "changed"
            what = "moved" if source.moved else what
            found.append(
                FileOutcome(
                    shown_name(source.path),
                    what if read.count else "failed",
                    moved_from=source.moved.shown if source.moved else None,
                    added=read.counts["added"],
                    changed=read.counts["changed"],
                    unchanged=read.counts["unchanged"],
                    touched={kind: tuple(ids) for kind, ids in read.touched.items()},
                    withdrawn=tuple(withdrawn.pop(source.row.shown if source.row else "", [])),
                    facts=facts_used(source.real, source.known, read.first),
                    seconds=read.seconds,
                    failures=tuple(read.failures),
                )
            )
        found = [_with_withdrawn(each, withdrawn) for each in found]
        found += [FileOutcome(file, "gone", withdrawn=tuple(ids)) for file, ids in withdrawn.items()]
        return tuple(found)

    def _note(
        self,
        path: Path,
        what: What,
        seconds: float,
        *,
        unchanged: int = 0,
        moved_from: str | None = None,
        failures: Sequence[str] = (),
    ) -> None:
        if self._detail:
            outcome = FileOutcome(
                shown_name(path),
                what,
                moved_from=moved_from,
                unchanged=unchanged,
                seconds=seconds,
                failures=tuple(failures),
            )
            self._outcomes.append(outcome)


def _with_withdrawn(outcome: FileOutcome, withdrawn: dict[str, list[str]]) -> FileOutcome:
    ids = withdrawn.pop(outcome.file, [])
    return replace(outcome, withdrawn=outcome.withdrawn + tuple(ids)) if ids else outcome


def _read(source: Looked) -> Iterator[list[Article] | Failure]:
    """What a file gives; no file, whatever is in it, stops a run."""
    try:
        yield from read_source(source.path, source.known)
    except Exception as e:  # noqa: BLE001 - a reader's, or our own, mistake about one file must not cost all others
        said = " ".join(f"{type(e).__name__}: {e}".split())
        yield Failure(
            str(source.path), f"{str(source.path)!r} cannot be read: {said}; please report this mistake of ours"
        )


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
    if is_records(path):
        record["insists"] = [
            name for name, origin in zip(FIELDS, known.origins, strict=True) if origin == "option" and facts[name]
        ]
    if known.begins:
        record["begins"] = [[begin.at, begin.title] for begin in known.begins]
    return json.dumps(record, ensure_ascii=False, sort_keys=True)


def _says_no_other(new: str, old: str) -> bool:
    """Whether a file gives under its new name what it gave under the old; what the name leaves out is still known."""
    after, before = json.loads(new), json.loads(old)
    return all(after[name] in (None, before[name]) for name in FIELDS) and all(
        after.get(name) == before.get(name) for name in {*after, *before} - {*FIELDS, "insists"}
    )


def real_path(path: Path) -> Path:
    """A file's path from the root, the same from whichever folder it is named; a link at its end keeps its name."""
    if path.name in ("", ".."):
        return Path(os.path.realpath(path))
    return _real_parent(path.parent.absolute()) / path.name


@lru_cache(_PARENTS)
def _real_parent(parent: Path) -> Path:
    return Path(os.path.realpath(parent))


def _is_gone(path: Path) -> bool:
    """Whether there surely is no such file; one that may not be looked at is not gone."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False
