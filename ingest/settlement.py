"""What is left to do when all files of a run were read: articles that no file gives any more, the ledger's new rows.

In: an Intake that has read, the ledger of the last runs. Out: what is to be withdrawn, or why nothing is; then the
rows. Who gives an article decides what becomes of it, never what it says.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ingest.catalog import Catalog
from ingest.entries import shown_name
from ingest.errors import WouldEmpty
from ingest.filestate import is_gone
from ingest.intake import Intake
from ingest.ledger import FileRow, Ledger, LedgerWriter


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a run has left to do.

    `withdrawn` are articles that no file gives any more, each with the file that gave it last; `revived` are versions
    that a file still gives and that one which is gone had superseded. `gone` are articles that stay because nobody
    prunes, by the number of the file that gave them; `dropped` are files that are gone and forgotten. `refused` says
    why nothing was pruned.
    """

    withdrawn: dict[str, str] = field(default_factory=dict)
    revived: tuple[str, ...] = ()
    gone: dict[int, list[str]] = field(default_factory=dict)
    dropped: tuple[FileRow, ...] = ()
    refused: WouldEmpty | None = None


class Settler:
    """Settles one run, against the ledger as it was before and the articles that are live by now."""

    def __init__(self, intake: Intake, catalog: Catalog) -> None:
        self._intake, self._catalog, self._ledger = intake, catalog, Ledger(catalog)
        self._rows: dict[int, FileRow] = {}

    def settle(self, *, prune: bool, prune_all: bool) -> Settlement:
        """Find what no file gives any more; `prune_all` prunes even most of all.

        What the same bytes gave before they were read otherwise (another reader, other marks, another paper) is
        replaced, whether anybody prunes or not.
        """
        replaced, lost = self._stopped()
        vacated = list(self._vacated(folders=prune))
        for row in vacated:
            self._rows[row.number] = row
            lost |= dict.fromkeys(self._ledger.articles(row), row.number)
        if prune:
            lost |= self._unpruned()
        givers = self._givers({*replaced, *lost}, {row.path for row in vacated})
        live = self._catalog.live_version_of({*replaced, *lost})
        withdrawn = self._nobodys(replaced, givers, live)
        pruned = self._nobodys(lost, givers, live)
        refused = self._refusal(len(pruned)) if prune and not prune_all else None
        if prune and not refused:
            behind = {name: given[-1] for name, given in givers.items() if name in live and live[name] not in given}
            for by_hand in self._catalog.overrides(behind):
                behind.pop(by_hand["article_id"], None)  # what was set by hand is no file's version
            return Settlement(withdrawn | pruned, tuple(behind.values()), dropped=tuple(vacated))
        gone: dict[int, list[str]] = {}
        for name in pruned:
            gone.setdefault(lost[name], []).append(name)
        emptied = tuple(row for row in vacated if row.number in self._intake.taken and row.number not in gone)
        return Settlement(withdrawn, (), gone, emptied, refused)

    def _stopped(self) -> tuple[dict[str, int], dict[str, int]]:
        """What files that were read, whole, gave before and give no more: of the same bytes, and of others."""
        replaced: dict[str, int] = {}
        lost: dict[str, int] = {}
        for read in self._intake.reads.values():
            row = read.source.row
            if row is None or read.failures:
                continue
            self._rows[row.number] = row
            left = self._ledger.articles(row)
            for name in self._intake.given.by(read.source.number):
                left.pop(name, None)
            same = row.digest == read.source.digest
            for name, held in left.items():
                (replaced if same and not held.gone else lost)[name] = row.number
        return replaced, lost

    def _vacated(self, *, folders: bool) -> Iterator[FileRow]:
        """Files that the ledger knows and that are gone: to another name, and from the `folders` that were named."""
        moved = [source.moved for source in self._intake.to_read if source.moved]
        yield from moved
        known = {*self._intake.named, *(row.path for row in moved)}
        for folder in self._intake.sources.folders if folders else ():
            for row in self._ledger.under(Path(os.path.realpath(folder))):
                if row.path not in known and is_gone(row.path):
                    known.add(row.path)
                    yield row

    def _unpruned(self) -> dict[str, int]:
        """What files that are as they were stopped giving in an earlier run, which did not prune."""
        found: dict[str, int] = {}
        for row in self._ledger.stopped():
            if self._intake.named.get(row.path):
                self._rows[row.number] = row
                held = self._ledger.articles(row)
                found |= {name: row.number for name, each in held.items() if each.gone}
        return found

    def _givers(self, ids: set[str], vacated: set[Path]) -> dict[str, list[str]]:
        """Those of `ids` that files give, with the versions that they give; those read in this run come last."""
        found: dict[str, list[str]] = {}
        read = {each.source.real for each in self._intake.reads.values() if not each.failures}
        for name, version, path in self._ledger.givers(ids):
            if path not in read and path not in vacated:
                found.setdefault(name, []).append(version)
        for name, version in self._intake.given.among(ids):
            found.setdefault(name, []).append(version)
        return found

    def _nobodys(self, names: dict[str, int], givers: dict[str, list[str]], live: dict[str, str]) -> dict[str, str]:
        """Those that are live and that no file gives, each with the file that gave it last."""
        return {name: self._rows[number].shown for name, number in names.items() if name in live and name not in givers}

    def _refusal(self, pruned: int) -> WouldEmpty | None:
        """A folder that is not mounted looks like one whose files were all deleted."""
        if 2 * pruned <= pruned + self._intake.given.count() + self._intake.unchanged_articles:
            return None
        return WouldEmpty(
            f"{pruned:,} articles, most of all that the named paths gave, would be withdrawn; none was. "
            "If a folder is not mounted, mount it; if they are to go, add --prune-all."
        )

    # -- the rows -------------------------------------------------------------------------------------------------

    def changes(self, settlement: Settlement) -> bool:
        """Whether there is anything to write."""
        if self._intake.moves or settlement.dropped or settlement.withdrawn or settlement.revived:
            return True
        for read in self._intake.reads.values():
            source, row = read.source, read.source.row
            if not read.count or not source.digest:
                continue
            if row is None or (row.digest, row.settings, row.articles) != (source.digest, source.settings, read.count):
                return True
            held = {name: each.version_id for name, each in self._ledger.articles(row).items() if not each.gone}
            if any(held.get(name) != version for name, version in self._intake.given.by(source.number).items()):
                return True
        return False

    def write(self, ledger: LedgerWriter, settlement: Settlement) -> None:
        """Bring the ledger up to what was found."""
        for path, old, source in self._intake.moves:
            ledger.move(old, source.real, shown_name(path), source.settings)
        for read in self._intake.reads.values():
            source, row = read.source, read.source.row
            if not read.count or not source.digest:
                continue  # what failed wholly is known as it was
            before = ledger.articles(row) if row else {}
            given = self._intake.given.by(source.number)
            gone: Iterable[str] = settlement.gone.get(row.number, ()) if row else ()
            if read.failures:  # what its bad lines were may be what it gave before
                given = {name: held.version_id for name, held in before.items() if not held.gone} | given
                gone = [name for name, held in before.items() if held.gone and name not in given]
            stopped = {name: before[name].version_id for name in gone}
            shown = shown_name(source.path)
            ledger.put(source.real, shown, source.digest, source.settings, read.count, given, stopped)
        for each in settlement.dropped:
            ledger.drop(each)
        ledger.forget(settlement.withdrawn)
