"""The report of a run as a JSON file: per file what happened, counts, seconds, generations.

In: a Report. Out: a file, whole or not at all. What a person reads is made in show.py.
"""

from __future__ import annotations

import json
import os
import platform
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from ingest.catalog_schema import SCHEMA
from ingest.errors import NotWritable
from ingest.filestate import READERS
from ingest.generations import replace_file
from ingest.outcomes import FileOutcome, Report
from ingest.provenance import Fact
from ingest.show import report_record


def make_sure_of_report(path: Path) -> None:
    """Raise NotWritable for a place where no report can be written: better said before an hour's work than after."""
    if not path.parent.is_dir() or path.is_dir() or not os.access(path.parent, os.W_OK):
        raise NotWritable(f"no report can be written to {str(path)!r}: name a file in a folder that may be written to.")


def write_report(path: Path, report: Report, *, dry_run: bool) -> None:
    """Write it. Raises NotWritable."""
    try:
        replace_file(path, json.dumps(run_record(report, dry_run=dry_run), ensure_ascii=False, indent=1) + "\n")
    except OSError as e:
        raise NotWritable(f"the report {str(path)!r} cannot be written ({e.strerror}); all else is done.") from e


def run_record(report: Report, *, dry_run: bool) -> dict[str, object]:
    """All that is known of a run."""
    totals = report_record(report)
    generation, failures = totals.pop("generation"), totals.pop("failures")
    return {
        "ended": datetime.now().astimezone().isoformat(timespec="seconds"),
        "seconds": round(report.seconds, 3),
        "dry_run": dry_run,
        "generation_before": report.before,
        "generation": generation,
        "versions": {"wenbao": _version(), "readers": READERS, "schema": SCHEMA, "python": platform.python_version()},
        "totals": totals,
        "failures": failures,
        "files": [_file_record(each) for each in report.outcomes],
    }


def _file_record(outcome: FileOutcome) -> dict[str, object]:
    record: dict[str, object] = {"file": outcome.file, "what": outcome.what, "moved_from": outcome.moved_from}
    record |= {name: getattr(outcome, name) for name in ("added", "changed", "unchanged", "history")}
    record["withdrawn"] = len(outcome.withdrawn)
    touched = {"withdrawn": outcome.withdrawn, **outcome.touched}
    record["articles"] = {what: list(touched.get(what, ())) for what in ("added", "changed", "withdrawn")}
    facts = outcome.facts
    record["provenance"] = (
        {"paper": _fact(facts.paper), "date": _fact(facts.date), "page": _fact(facts.page)} if facts else None
    )
    return record | {"seconds": round(outcome.seconds, 3), "failures": list(outcome.failures)}


def _fact(fact: Fact) -> dict[str, str | None]:
    return {"value": fact.value, "from": fact.origin}


def _version() -> str | None:
    try:
        return version("wenbao")
    except PackageNotFoundError:  # run from a checkout that nobody installed
        return None
