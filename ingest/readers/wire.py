"""What a reader found, as lines of JSON between two processes.

In: readings, refusals, or lines of them. Out: the other of the two. JSON and not pickle, because the process that
writes has read bytes of strangers.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date as Date  # noqa: N812 - as in models
from typing import Any

from ingest.articles import Split
from ingest.models import Article, Furniture, Page, PageFacts, Span, Subhead
from ingest.readers.facts import Asked, Reading, Refusal


def asked_line(path: str, kind: str, asked: Asked) -> bytes:
    """A wish: read the file at `path`."""
    return _line({"path": path, "kind": kind, "asked": asdict(asked)})


def asked_of(line: bytes) -> tuple[str, str, Asked]:
    """Path, kind and what is known of it."""
    said = json.loads(line)
    asked = said["asked"]
    return said["path"], said["kind"], Asked(asked["name"], _facts(asked["said"]), _facts(asked["path"]))


def found_line(found: Reading | Refusal) -> bytes:
    """A page that was read, or why it was not."""
    if isinstance(found, Refusal):
        return _line({"refusal": found.reason})
    return _line({"page": asdict(found.page), "split": asdict(found.split)})


def found_of(line: bytes) -> Reading | Refusal | None:
    """A page, a refusal, or None for the end of the file."""
    said = json.loads(line)
    if "refusal" in said:
        return Refusal(str(said["refusal"]))
    if "page" not in said:
        return None
    page = Page(**said["page"] | {"date": _day(said["page"]["date"])})
    furniture = tuple(Furniture(**each) for each in said["split"]["furniture"])
    return Reading(page, Split(tuple(map(_article, said["split"]["articles"])), furniture))


def end_line() -> bytes:
    """The end of a file."""
    return _line({})


def _line(record: dict[str, Any]) -> bytes:
    # Escapes for half characters: a file name need not be UTF-8.
    return json.dumps(record, default=str).encode("ascii") + b"\n"


def _article(fields: dict[str, Any]) -> Article:
    days = {"date": _day(fields["date"]), "issued": _day(fields["issued"])}
    rows = {
        "paragraphs": tuple(fields["paragraphs"]),
        "file_spans": tuple(Span(**each) for each in fields["file_spans"]),
        "subheads": tuple(Subhead(**each) for each in fields["subheads"]),
        "extra": tuple((name, value) for name, value in fields["extra"]),
    }
    return Article(**fields | days | rows)


def _facts(fields: dict[str, Any]) -> PageFacts:
    return PageFacts(**fields | {"date": _day(fields["date"])})


def _day(said: str | None) -> Date | None:
    return Date.fromisoformat(said) if said else None
