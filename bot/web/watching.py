"""How the bot is doing, for whoever runs it: what was asked, what was refused, what the archive is made of.

In: the state, the archive's folder, a snapshot. Out: a view for the template. It names no asker, and what it cannot
read it leaves out.
"""

from __future__ import annotations

import json
import os
import re
import statistics
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from datetime import date as Date  # noqa: N812 - as in models
from pathlib import Path
from typing import Any

from bot.state import State, Told
from ingest.catalog import Catalog
from ingest.contents import count_articles
from ingest.errors import StateBroken, WenBaoError
from ingest.generations import CATALOG, Generations
from ingest.models import ArchiveStats
from ingest.snapshot import Snapshot

DAYS = 30  # that questions are looked back at
LISTED = 40  # questions of each kind that are listed
REPORTS = 10  # of the last ingests
FILES = 20  # in quarantine, and failures of a report, that are listed
BIGGEST = 20_000_000  # bytes of a report or a quarantine that is read: one of 100,000 files
REPORTS_FOLDER, QUARANTINE = "reports", "quarantine.json"
_BEGAN = time.time()


@dataclass(frozen=True, slots=True)
class DayLine:
    """What was asked on a day, and how it went."""

    day: Date
    asked: int
    answered: int
    refused: int
    without_model: int
    seconds: float


@dataclass(frozen=True, slots=True)
class GenerationLine:
    """A kept generation; `articles` is None where it cannot be read."""

    number: int
    live: bool
    made: datetime
    articles: int | None
    base: int | None


@dataclass(frozen=True, slots=True)
class ReportLine:
    """The report of one ingest."""

    name: str
    ended: str
    generation: str
    totals: tuple[tuple[str, str], ...]
    failures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class QuarantineLine:
    """A file that failed and has not changed since."""

    file: str
    since: str
    why: str


@dataclass(frozen=True, slots=True)
class AdminView:
    """The page for whoever runs the bot."""

    days: tuple[DayLine, ...]
    most: int
    asked: int
    reasons: tuple[tuple[str, int], ...]
    nothing: tuple[Told, ...]
    ups: int
    downs: int
    judged: tuple[Told, ...]
    stats: ArchiveStats
    age: int | None
    generations: tuple[GenerationLine, ...]
    reports: tuple[ReportLine, ...]
    quarantine: tuple[QuarantineLine, ...]
    quarantined: int
    problem: str  # why nothing is known of what was asked
    up_for: timedelta
    memory: int | None


def admin_view(state: State, root: Path, snapshot: Snapshot, today: Date) -> AdminView:
    """All of it, as of now."""
    since = today - timedelta(days=DAYS - 1)
    told, judged, problem = _told(state, since)
    days = _days(told, since, today)
    stats = snapshot.stats()
    quarantine = _quarantine(root)
    return AdminView(
        days=tuple(days),
        most=max((day.asked for day in days), default=0),
        asked=len(told),
        reasons=tuple(Counter(one.reason or "" for one in told if one.refused).most_common()),
        nothing=tuple([one for one in reversed(told) if one.refused][:LISTED]),
        ups=sum(one.verdict == "up" for one in judged),
        downs=sum(one.verdict == "down" for one in judged),
        judged=tuple(sorted(judged, key=lambda one: (one.verdict != "down", -_when(one)))[:LISTED]),
        stats=stats,
        age=(today - stats.last_date).days if stats.last_date else None,
        generations=tuple(_generations(Generations(root), snapshot.number)),
        reports=tuple(_reports(root / REPORTS_FOLDER)),
        quarantine=tuple(quarantine[:FILES]),
        quarantined=len(quarantine),
        problem=problem,
        up_for=timedelta(seconds=int(time.time() - _BEGAN)),
        memory=_memory(),
    )


def _told(state: State, since: Date) -> tuple[list[Told], list[Told], str]:
    """What was asked, what was judged, and why neither is known, where it is not."""
    try:
        return list(state.told(since.isoformat())), list(state.told(since.isoformat(), judged=True)), ""
    except StateBroken as e:
        return [], [], str(e)


def _days(told: Sequence[Told], first: Date, last: Date) -> list[DayLine]:
    by_day: dict[str, list[Told]] = {}
    for one in told:
        by_day.setdefault(one.created[:10], []).append(one)
    lines = []
    for number in range((last - first).days + 1):
        day = first + timedelta(number)
        asked = by_day.get(day.isoformat(), [])
        refused = sum(one.refused for one in asked)
        failed = sum(one.reason == "model_failed" for one in asked)
        seconds = statistics.median(one.took_ms for one in asked) / 1000 if asked else 0.0
        lines.append(DayLine(day, len(asked), len(asked) - refused, refused, failed, seconds))
    return lines


def _when(told: Told) -> float:
    """When an answer was judged, as a number to sort by."""
    return float("".join(re.findall(r"\d", told.judged or told.created))[:14] or 0)


def _generations(generations: Generations, live: int) -> list[GenerationLine]:
    lines = []
    for number in reversed(generations.numbers()):
        folder = generations.path(number)
        record = generations.record(folder)
        with suppress(OSError):  # swept in the meantime
            made = datetime.fromtimestamp((folder / CATALOG).stat().st_mtime, UTC)
            base = record.base if record else None
            lines.append(GenerationLine(number, number == live, made, _articles(folder / CATALOG), base))
    return lines


def _articles(catalog: Path) -> int | None:
    try:
        opened = Catalog.open(catalog)
    except WenBaoError:  # of an older schema, or swept
        return None
    try:
        return count_articles(opened)
    finally:
        opened.close()


def _reports(folder: Path) -> list[ReportLine]:
    """The newest reports that `ingest add --report` left in the folder for them."""
    with suppress(OSError):
        files = sorted(folder.glob("*.json"), key=lambda file: file.stat().st_mtime, reverse=True)
        return [line for file in files[:REPORTS] if (line := _report(file))]
    return []


def _report(file: Path) -> ReportLine | None:
    said = _json(file)
    if not isinstance(said, dict):
        return None
    totals = said.get("totals")
    failures = said.get("failures")
    return ReportLine(
        file.name,
        str(said.get("ended", ""))[:19].replace("T", " "),
        f"{said.get('generation_before', '?')} → {said.get('generation', '?')}",
        tuple((str(name), str(value)) for name, value in totals.items() if value) if isinstance(totals, dict) else (),
        tuple(_failure(one) for one in failures[:FILES]) if isinstance(failures, list) else (),
    )


def _failure(said: object) -> str:
    """What failed and why, in one line; the reason alone where it names the file already."""
    if isinstance(said, dict) and str(said.get("file")) in str(said.get("error")):
        return str(said["error"])
    return _plainly(said)


def _quarantine(root: Path) -> list[QuarantineLine]:
    said = _json(root / QUARANTINE)
    rows = [row for row in said.values() if isinstance(row, dict)] if isinstance(said, dict) else []
    return [
        QuarantineLine(
            str(row.get("file", "")), str(row.get("since", ""))[:19].replace("T", " "), _plainly(row.get("reasons"))
        )
        for row in rows
    ]


def _plainly(value: object) -> str:
    """A value of a JSON file in one line."""
    if isinstance(value, list):
        return "; ".join(map(_plainly, value))
    if isinstance(value, dict):
        return ": ".join(str(part) for part in value.values())
    return "" if value is None else str(value)


def _json(file: Path) -> Any:  # noqa: ANN401 - whatever a file holds
    try:
        return json.loads(file.read_text("utf-8")) if file.stat().st_size <= BIGGEST else None
    except (OSError, ValueError, RecursionError):
        return None


def _memory() -> int | None:
    """Megabytes of this process, where the system tells."""
    if not sys.platform.startswith("linux"):
        return None
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 2**20
