"""What an archive costs as it grows: time, memory, disk, and then opening and searching. Run by hand:

    python -m tests.bench.ingest_speed --data ../shared/data [--size 1000 --size 10000 ...] [--keep FOLDER] [--out FILE]

Each size is a run of `python -m ingest add` of its own over the first so many articles of news.jsonl, as JSON lines,
into an empty archive. With --keep the archives stay (FOLDER/SIZE), for search_speed.py.
"""

from __future__ import annotations

import cProfile
import os
import pstats
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from bot.bot import Bot
from ingest.archive import Archive
from ingest.encoder import load_encoder
from ingest.generations import Generations
from ingest.ingester import Ingester
from tests.bench.report import Row, news_lines, spread, tell
from tests.bench.search_speed import at_once, open_seconds, questions, searches
from tests.conftest import CHECKOUT

SIZES = [1_000, 10_000, 68_221]  # articles; the last is all that news.jsonl has
FAR = 10_000_000  # articles that the last row reckons with
PROFILED = 4_000  # articles that are ingested under the profiler: two batches
DEAREST = 12  # calls of the profile that are shown


def ingested(lines: Path, archive: Path) -> dict[str, int | float]:
    """Run the command; what it took, as the system counts it."""
    command, env = [sys.executable, "-m", "ingest", "add", str(lines)], os.environ | {"WENBAO_DATA": str(archive)}
    began = time.perf_counter()
    child = subprocess.Popen(command, cwd=CHECKOUT, env=env, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    if status:
        sys.exit("the ingest failed")
    peak = used.ru_maxrss // (1024 if sys.platform == "linux" else 1024**2)
    took = time.perf_counter() - began
    return {"ingest s": round(took, 1), "CPU s": round(used.ru_utime + used.ru_stime, 1), "peak MB": peak}


def disk(archive: Path) -> dict[str, int | float]:
    """Megabytes of the live generation, in all and by part."""
    generations = Generations(archive)
    folder = generations.path(generations.current())
    sizes: dict[str, int] = {}
    for path in filter(Path.is_file, folder.rglob("*")):
        part = path.relative_to(folder).parts[0].split(".")[0]
        sizes[part] = sizes.get(part, 0) + path.stat().st_size
    parts = {f"{part} MB": round(size / 1e6, 1) for part, size in sorted(sizes.items()) if size > 1000}
    return {"disk MB": round(sum(sizes.values()) / 1e6), **parts}


def searched(archive: Path, asked: Sequence[str]) -> dict[str, int | float]:
    """Opening and searching, alone and by many."""
    encoder, opens = load_encoder("builtin"), open_seconds(archive)
    with Archive(archive, encoder) as opened:
        bot = Bot(opened, encoder)
        p50, p95 = spread(searches(bot, asked))
        many = at_once(bot, asked)
    cost, memory = float(many["CPU ms a search"]), int(many["memory MB"])
    return {"opens s": round(opens, 2), "p50 ms": p50, "p95 ms": p95, "CPU ms a search": cost, "memory MB": memory}


def far(rows: Sequence[dict[str, int | float]]) -> dict[str, int | float]:
    """Each figure at FAR articles, if every further article adds as much as those of the last step did on average."""
    before, last = rows[-2:]
    steps = (FAR - last["articles"]) / (last["articles"] - before["articles"])
    return {name: round(value + (value - before[name]) * steps) for name, value in last.items()}


def profile(lines: Path, archive: Path) -> list[Row]:
    """The calls that most of an ingest's time is spent in, without what they call in turn."""
    encoder, profiler = load_encoder("builtin"), cProfile.Profile()
    with profiler:
        Ingester(archive, encoder).add([lines])
    stats = pstats.Stats(profiler)
    own = sorted(((times[2], times[0], call) for call, times in stats.stats.items()), reverse=True)  # type: ignore[attr-defined]
    total = sum(seconds for seconds, _, _ in own)
    return [
        {
            "call": pstats.func_std_string(call),
            "calls": count,
            "s": round(seconds, 1),
            "share": f"{seconds / total:.0%}",
        }
        for seconds, count, call in own[:DEAREST]
    ]


def main(
    data: Annotated[Path, typer.Option(help="Folder of the news and the question sets.")],
    size: Annotated[list[int] | None, typer.Option(help="How many articles; once for each archive.")] = None,
    keep: Annotated[Path | None, typer.Option(help="Folder that the archives stay in.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write FILE.md and FILE.json too.")] = None,
) -> None:
    """Measure what archives of several sizes cost."""
    asked, rows = questions(data), []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for count in size or SIZES:
            archive = (keep or folder) / str(count)
            took = ingested(news_lines(data, count, folder), archive)
            rows.append({"articles": count, **took, **disk(archive), **searched(archive, asked)})
        dearest = profile(news_lines(data, PROFILED, folder), folder / "profiled")
    reckoned = [{**far(rows), "articles": f"{FAR:,} (reckoned)"}] if len(rows) > 1 else []
    tables: dict[str, Sequence[Row]] = {"what an archive costs": [*rows, *reckoned]}
    tell(tables | {f"where an ingest's time goes ({PROFILED:,} articles)": dearest}, out)


if __name__ == "__main__":
    typer.run(main)
