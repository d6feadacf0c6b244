"""What became of files that were handed in over the API: a report for each receipt.

In: the inbox's folder, what a run came to. Out: a small file beside the receipt, whole or not at all, and what it says.
It takes in no file, and names no path but a file's own name.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Literal

from ingest.catalog import Catalog, live_catalog
from ingest.errors import NotFound, NotWritable
from ingest.generations import Generations, replace_file
from ingest.ledger import FileRow, Ledger
from ingest.outcomes import FileOutcome, Report

RECEIPTS = ".receipts"  # hidden, so that no walk through the inbox takes what is in it for pages
MOST_ARTICLES = 1_000  # that a report lists; it counts them all
MOST_FAILURES = 20  # that it tells
_UNTOLD = "the file cannot be read; `python -m ingest quarantine` tells whoever runs the archive why"

Became = Literal["added", "changed", "unchanged"]


@dataclass(frozen=True, slots=True)
class Taken:
    """An article of a file, and what became of it."""

    article_id: str
    what: Became
    title: str | None
    paper: str | None


@dataclass(frozen=True, slots=True)
class HandedReport:
    """What became of a file when it was read: its articles, and what of it could not be used (`failed` counts it).

    `ended` is when (ISO). A file that gave no article was refused.
    """

    ended: str
    added: int
    changed: int
    unchanged: int
    failed: int
    articles: tuple[Taken, ...]
    failures: tuple[str, ...]

    @property
    def refused(self) -> bool:
        """Whether nothing of the file could be used."""
        return not (self.added or self.changed or self.unchanged)


def receipt_path(inbox: Path, receipt: str) -> Path:
    """Where a receipt is kept."""
    return inbox / RECEIPTS / f"{receipt}.json"


def read_report(inbox: Path, receipt: str) -> HandedReport | None:
    """What became of a file; None as long as nobody has read it."""
    try:
        record = json.loads(_report_path(inbox, receipt).read_text("utf-8"))
        articles = tuple(Taken(**each) for each in record["articles"])
        return HandedReport(**record | {"articles": articles, "failures": tuple(record["failures"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def write_reports(inbox: Path, data: Path, report: Report) -> None:
    """Write for each handed-in file of a run what became of it. What a file came to when it was first read stays said.

    Raises NotWritable.
    """
    handed = list(_handed(inbox, report.outcomes))
    if not handed:
        return
    with live_catalog(Generations(data)) as (_, catalog):
        for receipt, outcome in handed:
            record = asdict(_report(outcome, catalog))
            try:
                replace_file(_report_path(inbox, receipt), json.dumps(record, ensure_ascii=False, indent=1) + "\n")
            except OSError as e:
                raise NotWritable(f"no report can be written into {str(inbox / RECEIPTS)!r} ({e.strerror}).") from e


def _handed(inbox: Path, outcomes: Sequence[FileOutcome]) -> Iterator[tuple[str, FileOutcome]]:
    """Files that came with a receipt, unless nothing new is to be said of them."""
    before = f"{inbox}/"
    for outcome in outcomes:
        receipt, _, name = outcome.file.removeprefix(before).partition("/")
        if not (outcome.file.startswith(before) and name) or not receipt_path(inbox, receipt).is_file():
            continue
        if outcome.what in ("unchanged", "quarantined", "gone") and _report_path(inbox, receipt).exists():
            continue
        yield receipt, outcome


def _report(outcome: FileOutcome, catalog: Catalog) -> HandedReport:
    ledger = Ledger(catalog)
    row = ledger.row(Path(outcome.file))
    given = {name: held.version_id for name, held in ledger.articles(row).items() if not held.gone} if row else {}
    became: dict[str, Became] = dict.fromkeys(outcome.touched.get("added", ()), "added")
    became |= dict.fromkeys(outcome.touched.get("changed", ()), "changed")
    # What no file gave before, an earlier run took in that ended before it could say so.
    untouched = {name: version for name, version in given.items() if name not in became}
    for name in _first_given(row, untouched, ledger) if row else ():
        became[name] = "changed" if len(catalog.versions(name)) > 1 else "added"
    counts = Counter(became.get(name, "unchanged") for name in given)
    return HandedReport(
        datetime.now().astimezone().isoformat(timespec="seconds"),
        counts["added"],
        counts["changed"],
        counts["unchanged"],
        len(outcome.failures),
        _taken(dict(islice(given.items(), MOST_ARTICLES)), became, catalog),
        tuple(_without_folders(said, outcome.file) for said in outcome.failures[:MOST_FAILURES]),
    )


def _first_given(row: FileRow, given: Mapping[str, str], ledger: Ledger) -> Set[str]:
    """Those articles of a file whose versions no file of before it gives."""
    givers = [(name, path) for name, version, path in ledger.givers(given) if given[name] == version]
    rows = map(ledger.row, {path for _, path in givers})
    before = {each.path for each in rows if each and each.number < row.number}
    return given.keys() - {name for name, path in givers if path in before}


def _taken(given: Mapping[str, str], became: Mapping[str, Became], catalog: Catalog) -> tuple[Taken, ...]:
    """Articles by their versions, in the order in which they stand in their file."""
    found: list[tuple[str, int, Taken]] = []
    for name, version in given.items():
        with suppress(NotFound):  # one that has been removed since
            article = catalog.article(version)
            taken = Taken(name, became.get(name, "unchanged"), article.title, article.paper)
            found.append((article.file, article.file_start, taken))
    return tuple(taken for _, _, taken in sorted(found, key=lambda one: one[:2]))


def _without_folders(reason: str, file: str) -> str:
    """A reason with the file's own name in place of its path; none of it where the path stands there otherwise."""
    folder = file.rpartition("/")[0]
    for said in (folder, repr(folder)[1:-1]):
        reason = reason.replace(f"{said}/", "")
    return _UNTOLD if folder.rpartition("/")[0] in reason else reason


def _report_path(inbox: Path, receipt: str) -> Path:
    return inbox / RECEIPTS / f"{receipt}.report.json"
