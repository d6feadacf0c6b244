"""What readers thought of answers, as a file for whoever runs the bot.

In: what the state tells of judged answers. Out: CSV that a spreadsheet opens as it is, or JSON lines. It names no
reader: an owner is nobody's business here.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import asdict

from bot.state import Told

COLUMNS = (
    *("judged", "verdict", "why", "asked", "question", "standalone", "answer", "refused", "reason", "model", "note"),
    *("generation", "took_ms", "articles", "chunks"),
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet takes a cell that begins so for a formula
_BOM = "\ufeff"  # without it Excel takes UTF-8 for something else


def as_csv(told: Iterable[Told]) -> str:
    """A table with a head; no cell is a formula."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(COLUMNS)
    for one in told:
        record = _record(one)
        rows.writerow([_cell(record[column]) for column in COLUMNS])
    return _BOM + out.getvalue()


def as_json_lines(told: Iterable[Told]) -> str:
    """A line of JSON for each."""
    return "".join(json.dumps(_record(one), ensure_ascii=False) + "\n" for one in told)


def _record(one: Told) -> dict[str, object]:
    fields = asdict(one)
    return {
        **{name: fields[name] for name in COLUMNS if name in fields},
        "asked": one.created,
        "took_ms": round(one.took_ms, 1),
        "articles": list(dict.fromkeys(p.article_id for p in one.passages)),
        "chunks": [p.chunk_id for p in one.passages],
    }


def _cell(value: object) -> str:
    text = " ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
