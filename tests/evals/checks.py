"""What the checker marks, and what it marks wrongly. Run by hand (a minute or two):

    python -m tests.evals.checks --data ../shared/data [--seeds 1 2 3] [--each 100] [--json FILE] [--show KIND]

Sentences of news articles as a model might write them (`changed.py`): honest ones, and the same with one number, day
or name changed, each citing its own passage of 400 characters among five. A changed sentence has to be marked, an
honest one not. `summaries`: sentences that another model wrote of whole articles (events_dev); they are meant to be
true, and not all are. The plain row: every number's digits stand in the cited passage as they are.
"""

from __future__ import annotations

import argparse
import json
import lzma
import platform
import re
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path
from random import Random

from bot.checks import check_answer
from tests.evals.changed import CHANGED, HONEST, Case, gather_names, make_cases
from tests.passages_of_ours import article, passage

SEEDS = (1, 2, 3)
EACH = 100
ARTICLES = 6_000  # drawn for each seed
SUMMARIES = "summaries of another model"

Marks = Callable[[Case], bool]


def checker(case: Case) -> bool:
    """Whether the product marks the sentence."""
    return check_answer(case.written, case.passages).failed > 0


def plain(case: Case) -> bool:
    """Whether a number of the sentence stands in its passage in no such digits."""
    (n,) = re.findall(r"\[(\d+)\]", case.written)
    text = case.passages[int(n) - 1].text
    return any(number not in text for number in re.findall(r"\d+(?:[.,]\d+)*%?", case.written.replace(f"[{n}]", "")))


ROWS: dict[str, Marks] = {"checker": checker, "plain: digits stand there": plain}


def read_news(data: Path) -> list[dict]:
    with lzma.open(data / "news.jsonl.xz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def draw(rows: Sequence[dict], seed: int, each: int) -> list[Case]:
    """The cases of one seed."""
    chance = Random(seed)
    drawn = chance.sample(list(rows), ARTICLES)
    return make_cases(drawn, gather_names([row["text"] for row in drawn]), chance, each)


def summaries(data: Path) -> list[Case]:
    """Sentences of machine-written summaries, each with its whole article as the one passage."""
    with lzma.open(data / "events_dev.jsonl.xz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    out = []
    for i, row in enumerate(rows):
        day = date.fromisoformat(row["date"]) if row["date"] else None
        whole = passage(article(row["text"], row["title"], f"e{i}", date=day))
        sentences = re.findall("[^。]+。", row["summary"] or "")
        out += [Case(SUMMARIES, f"{sentence[:-1]}[1]。", sentence, (whole,)) for sentence in sentences]
    return out


def shares(cases: Sequence[Case], marks: Marks) -> dict[str, tuple[int, int]]:
    """Of each kind how many are marked, of how many."""
    out: dict[str, list[bool]] = defaultdict(list)
    for case in cases:
        out[case.kind].append(marks(case))
    return {kind: (sum(marked), len(marked)) for kind, marked in out.items()}


def main() -> None:
    """Print the table; `--json` keeps it."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--data", type=Path, required=True, help="The folder that holds news.jsonl.xz.")
    options.add_argument("--seeds", type=int, nargs="+", default=SEEDS)
    options.add_argument("--each", type=int, default=EACH, help="Cases of each kind for each seed.")
    options.add_argument("--json", type=Path, help="Keep the table here.")
    options.add_argument("--show", help="Print the cases of this kind that the checker gets wrong.")
    given = options.parse_args()
    news = read_news(given.data)
    cases = [case for seed in given.seeds for case in draw(news, seed, given.each)]
    cases += summaries(given.data)
    del news
    if given.show:
        _show(cases, given.show)
        return
    began = time.perf_counter()
    table = {name: shares(cases, marks) for name, marks in ROWS.items()}
    took = time.perf_counter() - began
    _print(table, f"{len(cases):,} sentences, seeds {given.seeds}, {took:.0f} s")
    if given.json:
        about = {"date": str(date.today()), "machine": platform.platform(), "seeds": list(given.seeds)}
        given.json.write_text(json.dumps(about | {"marked": table}, ensure_ascii=False, indent=1), "utf-8")


def _print(table: dict[str, dict[str, tuple[int, int]]], about: str) -> None:
    libraries = ", ".join(f"{name} {version(name)}" for name in ("rjieba", "numpy"))
    sys.stdout.write(
        f"{date.today()}, Python {platform.python_version()}, {libraries}, {platform.machine()}; {about}\n"
    )
    kinds = [*CHANGED, "CHANGED", *HONEST, "HONEST", SUMMARIES]
    sys.stdout.write(f"{'marked, per cent':30}{'of':>6}" + "".join(f"{name:>28}" for name in table) + "\n")
    for kind in kinds:
        groups = {"CHANGED": CHANGED, "HONEST": HONEST}.get(kind, (kind,))
        sums = [[sum(row.get(k, (0, 0))[i] for k in groups) for i in (0, 1)] for row in table.values()]
        figures = "".join(f"{100 * marked / max(1, of):28.2f}" for marked, of in sums)
        sys.stdout.write(f"{kind:30}{sums[0][1]:6}{figures}\n")


def _show(cases: Sequence[Case], kind: str) -> None:
    for case in cases:
        if case.kind == kind or (kind == "honest" and case.honest) or (kind == "changed" and case.kind in CHANGED):
            checked = check_answer(case.written, case.passages)
            if bool(checked.failed) == (case.kind not in CHANGED):
                sys.stdout.write(f"{case.kind} | {case.written}\n   {case.source}\n   {checked.findings()}\n")


if __name__ == "__main__":
    main()
