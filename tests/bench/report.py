"""What the measurements of speed share: the news as files, and tables as Markdown for people, as JSON for machines.

In: rows of figures. Out: tables on standard output and, where a file is named, the same as .md and .json.
"""

from __future__ import annotations

import json
import lzma
import os
import platform
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from itertools import islice
from pathlib import Path

Value = str | int | float
Row = Mapping[str, Value]

PACKAGES = ("wenbao", "chromadb", "tantivy", "gradio", "numpy")


def circumstances() -> str:
    """Day, machine, load and versions, in a line."""
    machine = f"{os.cpu_count()} cores ({platform.machine()}), load {os.getloadavg()[0]:.1f}"
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return f"{time.strftime('%Y-%m-%d')}; {machine}, Python {platform.python_version()}; {versions}"


def table(rows: Sequence[Row]) -> str:
    """A Markdown table; the keys of the first row are its columns."""
    heads = list(rows[0])
    lines = [heads, ["---"] * len(heads), *([_cell(row.get(head, "")) for head in heads] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value: Value) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:.3g}" if isinstance(value, float) else value


def tell(tables: Mapping[str, Sequence[Row]], out: Path | None) -> None:
    """Print the tables under their headings; with `out`, write them to `out`.md and `out`.json as well."""
    line = circumstances()
    text = "\n\n".join([line, *(f"**{name}**\n\n{table(rows)}" for name, rows in tables.items())])
    print(text, flush=True)
    if out:
        out.with_suffix(".md").write_text(text + "\n", "utf-8")
        record = {"circumstances": line, "tables": {name: [dict(row) for row in rows] for name, rows in tables.items()}}
        out.with_suffix(".json").write_text(json.dumps(record, ensure_ascii=False, indent=1) + "\n", "utf-8")


def spread(seconds: Sequence[float]) -> tuple[float, float]:
    """p50 and p95 in milliseconds, to a tenth."""
    p95 = statistics.quantiles(seconds, n=20)[-1]
    return round(statistics.median(seconds) * 1000, 1), round(p95 * 1000, 1)


def news_lines(data: Path, count: int, folder: Path) -> Path:
    """The first `count` articles of news.jsonl.xz as a file of JSON lines in `folder`."""
    path = folder / f"{count}.jsonl"
    with lzma.open(data / "news.jsonl.xz", "rt", encoding="utf-8") as lines:
        path.write_text("".join(islice(lines, count)), "utf-8")
    return path


def resident_mb(process: int) -> int:
    """Megabytes of memory that a process holds, mapped files that it has read included."""
    said = subprocess.run(["ps", "-o", "rss=", "-p", str(process)], capture_output=True, text=True, check=True)
    return int(said.stdout) // 1024
