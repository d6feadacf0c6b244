"""All the news again and again, and a day's changes to it: what each run costs, and whether its numbers are exact.

    python -m tests.bench.again --data ../shared/data [--size 68221] [--keep FOLDER] [--out FILE]

The news goes in three times as one packed file; then the file is cut into thousands, which is no news; then 1,000
articles change, 100 are removed, 100 files are renamed and 500 articles added at once; then some change again and are
asked about. Each run is `python -m ingest add` of its own. Ends with status 1 where a number is not what was done.
"""

from __future__ import annotations

import json
import lzma
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from itertools import count
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.bot import Bot
from ingest.archive import Archive
from ingest.catalog import live_catalog
from ingest.encoder import load_encoder
from ingest.generations import Generations
from tests.bench.report import Row, tell
from tests.conftest import CHECKOUT
from tests.newsroom import Amounts, Newsroom, fee_of, school, with_fee
from tests.stories import stories

EVERYTHING = 68_221  # articles
ASKED = 50  # questions about changed articles
FIRST_ASKED = 4_001  # number of the first school that is asked about; the day's changes take those from 1
OLD_FEE, NEW_FEE = 317, 428


class Run:
    """Runs the command and notes what it came to."""

    def __init__(self, archive: Path, folder: Path) -> None:
        self.archive, self._folder = archive, folder
        self.rows: list[Row] = []
        self.wrong: list[str] = []

    def __call__(self, what: str, *options: str, **wanted: int) -> dict[str, Any]:
        """One run; `wanted` are totals of its report that must be exactly so."""
        report = self.archive.parent / "report.json"
        command = [sys.executable, "-m", "ingest", "add", str(self._folder), "--report", str(report), *options]
        began = time.perf_counter()
        done = subprocess.run(
            command, cwd=CHECKOUT, env=os.environ | {"WENBAO_DATA": str(self.archive)}, stdout=subprocess.DEVNULL
        )
        took = time.perf_counter() - began
        self.expect(f"{what}: exit status", done.returncode, 0)
        record = json.loads(report.read_text("utf-8"))
        totals = record["totals"]
        for name, number in wanted.items():
            self.expect(f"{what}: {name}", totals[name], number)
        names = ("added", "changed", "withdrawn", "moved", "unchanged", "embedded", "files", "unchanged_files")
        new = record["generation"] - record["generation_before"]
        self.rows.append({"run": what, "s": round(took, 1), **{n: totals[n] for n in names}, "generations": new})
        return record

    def expect(self, what: str, found: object, wanted: object) -> None:
        """Note where what was found is not what was wanted."""
        if found != wanted:
            self.wrong.append(f"{what}: {str(found)[:200]}, wanted {str(wanted)[:200]}")

    def live(self) -> dict[str, str]:
        """Article id of every live article, by its record's id."""
        with live_catalog(Generations(self.archive)) as (_, catalog):
            return {row[0]: row[1] for row in catalog.rows("SELECT source_id, article_id FROM articles WHERE live")}


def touched(record: dict[str, Any]) -> dict[str, set[str]]:
    """Ids of the articles that a report names, by what happened to them."""
    kinds = ("added", "changed", "withdrawn")
    return {what: {name for file in record["files"] for name in file["articles"][what]} for what in kinds}


def asked(archive: Path, numbers: Iterable[int]) -> tuple[int, int, int]:
    """How many questions were asked, answered with the new fee, and answered with the old one anywhere."""
    encoder, new, old, total = load_encoder("builtin"), 0, 0, 0
    with Archive(archive, encoder) as opened:
        bot = Bot(opened, encoder)
        for number in numbers:
            answer = bot.ask(fee_of(number))
            said = "".join(sentence.text for sentence in answer.sentences)
            total += 1
            new += f"{school(number)}的学费定为{NEW_FEE}元" in said
            old += f"{school(number)}的学费定为{OLD_FEE}元" in said
    return total, new, old


def main(
    data: Annotated[Path, typer.Option(help="Folder of the news.")],
    size: Annotated[int, typer.Option(help="How many articles.")] = EVERYTHING,
    keep: Annotated[Path | None, typer.Option(help="Folder that archive and files stay in.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write FILE.md and FILE.json too.")] = None,
) -> None:
    """Ingest the news again and again."""
    with lzma.open(data / "news.jsonl.xz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for _, line in zip(range(size), lines, strict=False)]
    size = len(rows)
    amounts = (
        Amounts(1000, 100, 100, 500) if size >= 20_000 else Amounts(size // 60, size // 600, size // 600, size // 120)
    )
    with tempfile.TemporaryDirectory() as name:
        place = keep or Path(name)
        pages = place / "pages"
        pages.mkdir(parents=True, exist_ok=True)
        run = Run(place / "archive", pages)
        packed = pages / "news.jsonl.xz"
        if size == EVERYTHING:
            shutil.copyfile(data / packed.name, packed)
        else:
            with lzma.open(packed, "wt", encoding="utf-8", preset=0) as file:
                file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        known = len(run.live()) if run.archive.exists() else 0
        run("all of it", added=0 if known else size)
        for turn in ("a second time", "a third time"):
            run(turn, added=0, changed=0, unchanged=size, embedded=0, unchanged_files=1)

        room = Newsroom(pages, rows)
        packed.unlink()
        room.write()
        same = {"added": 0, "changed": 0, "withdrawn": 0, "embedded": 0, "unchanged": size}
        run("cut into files", "--prune", **same)
        run("the files again", "--prune", **same)

        numbers, before = count(1), run.live()
        step = room.step(amounts, stories(amounts.added, 50_000), lambda row: with_fee(row, next(numbers), OLD_FEE))
        record = run(
            "a day's changes",
            "--prune",
            added=amounts.added,
            changed=amounts.changed,
            withdrawn=amounts.removed,
            moved=amounts.renamed,
            unchanged=size - amounts.changed - amounts.removed,
        )
        after = run.live()
        ids = {
            "added": {after.get(name) for name in step.added},
            "changed": {after.get(name) for name in step.changed},
            "withdrawn": {before[name] for name in step.removed},
        }
        run.expect("articles that the report names", touched(record), ids)
        run.expect("live articles", set(after), room.ids)
        run("the same again", "--prune", added=0, changed=0, withdrawn=0, embedded=0)

        fewer = Amounts(min(200, amounts.changed), 0, 0, 0)
        for fee in (OLD_FEE, NEW_FEE):
            told = count(FIRST_ASKED)
            room.again(fewer, lambda row, told=told, fee=fee: with_fee(row, next(told), fee))  # type: ignore[misc]
            run(f"{fewer.changed} changed, fee {fee}", "--prune", changed=fewer.changed, added=0, withdrawn=0)
        total, new, old = asked(run.archive, range(FIRST_ASKED, FIRST_ASKED + min(ASKED, fewer.changed)))
        run.expect("questions answered with the new text", new, total)
        run.expect("questions answered with the old text", old, 0)
    told_of = [{"questions": total, "answered with the new text": new, "with the old": old}]
    tell({f"the news again ({size:,} articles)": run.rows, "asked about changed articles": told_of}, out)
    if run.wrong:
        sys.exit("\n".join(["not exact:", *run.wrong]))


if __name__ == "__main__":
    typer.run(main)
