"""One run over files: which are as they were, which have moved, which must be read; and what became of each.

In: the files that were named, the ledger of the last runs. Out: entries of what must be read, outcomes, quarantine. It
changes nothing in the archive.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ingest.entries import Entry, entry_of, shown_name
from ingest.errors import BadSidecar
from ingest.filestate import file_digest, is_gone, real_path, says_no_other, settings_of
from ingest.given import Given
from ingest.identity import article_ids
from ingest.ledger import FileRow, Ledger
from ingest.outcomes import FileOutcome, What
from ingest.provenance import Facts, Provenance, facts_used
from ingest.quarantine import Quarantine
from ingest.readers.address import name_of
from ingest.sources import Failure, Known, Sources, read_sources


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
class Read:
    """What reading a file came to. `last` are the versions that it gave when it was last read, while it is at hand."""

    source: Looked
    count: int = 0
    seconds: float = 0.0
    facts: Facts | None = None
    failures: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    touched: dict[str, list[str]] = field(default_factory=dict)
    last: dict[str, str] = field(default_factory=dict)


class Intake:
    """One run. First `look`, then `entries`; what is left to do then is settlement.py's.

    `named` are the true paths of all files, and whether the ledger's row of each still holds; `moves` are files that
    only have another name; `taken` are the numbers of rows that files with other names have taken over.
    """

    def __init__(
        self,
        sources: Sources,
        provenance: Provenance,
        quarantine: Quarantine,
        given: Given,
        *,
        retry: bool = False,
        detail: bool = False,
        jobs: int = 1,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`retry` reads what is in quarantine again; `detail` keeps an outcome for every file; `jobs` read ahead."""
        self.sources, self._provenance, self._quarantine, self.given = sources, provenance, quarantine, given
        self._retry, self._detail, self._jobs, self._clock = retry, detail, jobs, clock
        self.failures = list(sources.failures)
        self.unchanged_articles = 0
        self.moved_files = self.unchanged_files = self.quarantined_files = 0
        self.to_read: list[Looked] = []
        self.reads: dict[int, Read] = {}
        self.moves: list[tuple[Path, FileRow, Looked]] = []
        self._outcomes: list[FileOutcome] = [
            FileOutcome(failure.file, "failed", failures=(failure.reason,)) for failure in sources.failures
        ]
        self.named: dict[Path, bool] = {}  # every file of the run, and whether its row in the ledger still holds
        self.taken: set[int] = set()
        self._at: Read | None = None
        self._refused: list[tuple[Path, str, str, str]] = []

    # -- before reading -------------------------------------------------------------------------------------------

    def look(self, ledger: Ledger, looking: Callable[[int, int], None] = lambda _, __: None) -> None:
        """Hash every file and compare it with the ledger; `looking` hears which of how many is at hand."""
        found = []
        for path in self.sources.files:
            real = real_path(path)
            if real not in self.named:
                self.named[real] = False
                found.append((path, real))
        for number, (path, real) in enumerate(found, 1):
            looking(number, len(found))
            self._look_at(number, path, real, ledger)

    def _look_at(self, number: int, path: Path, real: Path, ledger: Ledger) -> None:
        began = self._clock()
        digest = file_digest(path)
        try:
            known, refused = self._provenance.known(real), None
            settings = settings_of(real, known)
        except BadSidecar as e:
            known, refused, settings = Known(), str(e), f"refused: {e}"
        held = None if self._retry or not digest else self._quarantine.holds(real, digest, settings)
        row = ledger.row(real)
        same = row is not None and (row.digest, row.settings) == (digest, settings)
        if same and row and not (self._retry and self._quarantine.holds(real, digest, settings)):
            self.named[real] = True
            self.unchanged_files += 1
            self.unchanged_articles += row.articles
            if held:
                self.quarantined_files += 1
            self._note(path, "unchanged", self._clock() - began, unchanged=row.articles)
        elif held:
            self.named[real] = True
            self.quarantined_files += 1
            self._note(path, "quarantined", self._clock() - began, failures=held.reasons)
        elif refused:
            self.named[real] = True
            self.failures.append(Failure(str(path), refused))
            self._refused.append((real, digest, settings, refused))
            self._note(path, "failed", self._clock() - began, failures=(refused,))
        else:
            self._found(Looked(number, path, real, digest, settings, known, row, None), ledger, began)

    def _found(self, source: Looked, ledger: Ledger, began: float) -> None:
        """A file that is new or not as it was: it may have had another name."""
        moved = None
        if source.row is None and source.digest:
            vacated = (
                row for row in ledger.same_bytes(source.digest) if row.number not in self.taken and is_gone(row.path)
            )
            moved = next(vacated, None)
        if moved is None:
            self.to_read.append(source)
            return
        self.taken.add(moved.number)
        self.moved_files += 1
        if says_no_other(source.settings, moved.settings):
            self.named[source.real] = self.named[moved.path] = True
            self.moves.append((source.path, moved, source))
            self.unchanged_articles += moved.articles
            self._note(source.path, "moved", self._clock() - began, unchanged=moved.articles, moved_from=moved.shown)
        else:
            self.to_read.append(replace(source, moved=moved))

    def take_all(self) -> None:
        """Read every file as it is, and keep no ledger of it."""
        numbered = enumerate(self.sources.files, 1)
        self.to_read = [Looked(number, path, path, "", "", Known(), None, None) for number, path in numbered]

    # -- reading --------------------------------------------------------------------------------------------------

    def entries(self, ledger: Ledger, *, sample: bool = False) -> Iterator[Entry]:
        """The articles of all files that must be read, in order."""
        known = {source.path: source.known for source in self.to_read}
        files = read_sources(known, known.__getitem__, jobs=self._jobs)
        for source, (_, in_file) in zip(self.to_read, files, strict=True):
            read = self.reads[source.number] = Read(source)
            if source.row:
                held = ledger.articles(source.row)
                read.last = {name: each.version_id for name, each in held.items() if not each.gone}
            file, began = shown_name(name_of(source.path)), self._clock()
            for found in in_file:
                if isinstance(found, Failure):
                    read.failures.append(found.reason)
                    self.failures.append(found)
                    continue
                if self._detail and not read.count:
                    read.facts = facts_used(source.real, source.known, found[0])
                read.count += len(found)
                read.seconds += self._clock() - began
                for name, article in zip(article_ids(found), found, strict=True):
                    where = shown_name(article.member) if article.member else file
                    yield entry_of(article, name, where, sample=sample, source=source.number)
                began = self._clock()
            read.seconds += self._clock() - began

    def gives(self, entry: Entry) -> bool:
        """Note, in order, what a file gives; tells whether it gave this very version when it was last read."""
        read = self.reads[entry.source]
        if self._at is not read:
            if self._at:
                self._at.last = {}
            self._at = read
        self.given.add(entry.source, entry.article_id, entry.version_id)
        if read.last.get(entry.article_id) == entry.version_id:
            return True
        read.last.pop(entry.article_id, None)  # should the old state follow further down, that is news
        return False

    @property
    def files_begun(self) -> int:
        """How many of the files that must be read are read, or being read."""
        return len(self.reads)

    def heard(self, entry: Entry, what: str) -> None:
        """An entry was added, changed or unchanged."""
        read = self.reads[entry.source]
        read.counts[what] += 1
        if self._detail and what != "unchanged":
            read.touched.setdefault(what, []).append(entry.article_id)

    def worked(self, batch: Sequence[Entry], seconds: float) -> None:
        """A batch took so long: each of its files its share."""
        for number, count in Counter(entry.source for entry in batch).items():
            self.reads[number].seconds += seconds * count / len(batch)

    def remember_failures(self, since: str) -> None:
        """Put into quarantine what failed, and release what did not."""
        for real, digest, settings, reason in self._refused:
            self._quarantine_it(real, digest, settings, since, [reason])
        for read in self.reads.values():
            source = read.source
            self._quarantine_it(source.real, source.digest, source.settings, since, read.failures)
        for row in self._quarantine.all():
            if is_gone(Path(row.file)):
                self._quarantine.release(Path(row.file))
        self._quarantine.save()

    def _quarantine_it(self, real: Path, digest: str, settings: str, since: str, reasons: Sequence[str]) -> None:
        if reasons and digest:
            self._quarantine.put(real, digest, settings, since, reasons)
        else:
            self._quarantine.release(real)

    # -- what is told of it ---------------------------------------------------------------------------------------

    def outcomes(self, taken_out: Mapping[str, str]) -> tuple[FileOutcome, ...]:
        """What happened to each file; `taken_out` are articles that were withdrawn, with the file that gave each."""
        if not self._detail:
            return ()
        withdrawn: dict[str, list[str]] = {}
        for name, file in taken_out.items():
            withdrawn.setdefault(file, []).append(name)
        found = list(self._outcomes)
        for read in self.reads.values():
            source = read.source
            what: What = "added" if source.row is None else "changed"
            what = "moved" if source.moved else what
            found.append(
                FileOutcome(
                    shown_name(name_of(source.path)),
                    what if read.count else "failed",
                    moved_from=source.moved.shown if source.moved else None,
                    added=read.counts["added"],
                    changed=read.counts["changed"],
                    unchanged=read.counts["unchanged"],
                    history=read.counts["history"],
                    touched={kind: tuple(ids) for kind, ids in read.touched.items()},
                    withdrawn=tuple(withdrawn.pop(source.row.shown if source.row else "", [])),
                    facts=read.facts,
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
                shown_name(name_of(path)),
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
