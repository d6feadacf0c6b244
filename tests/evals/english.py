"""How well English questions about Chinese articles are answered. Run by hand (three minutes on two cores):

    python -m tests.evals.english --data ../shared/data [--rows NAME ...] [--ids e|f] [--misses]

Questions: `english_dev.jsonl`, on the sample edition and on news articles among 3,000; those with an e in
their ids were written before the word list, those with an f after it. The judge's rules decide
(`judging.py`); found: an article of the question is among the passages. The row before asks without translation, as the
bot once did; other rows leave one thing out. Shares in per cent, and the time that a question takes in the middle.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from statistics import median
from unittest.mock import patch

from bot.bot import Bot
from bot.english import Translation, in_chinese
from bot.jsonform import answer_record
from ingest.archive import Archive
from ingest.encoder import load_encoder
from tests.evals.judging import EXPLANATION, FACT, Judging, sample_articles
from tests.question_sets import OURS, Row, read_rows

POOL = 3_000  # news articles among which those that are asked for stand
ROWS: dict[str, Callable[[str], Translation]] = {
    "before": Translation,
    "everything": in_chinese,
    "without other wordings": lambda question: replace(in_chinese(question), others={}),
    "without names by their sound": lambda question: replace(in_chinese(question), spelled=frozenset()),
    "without what was not understood": lambda question: _understood(in_chinese(question)),
}
COLUMNS = ("news right", "found", "refused", "refused rightly", "sample right", "refused", "refused rightly", "ms")


def _understood(said: Translation) -> Translation:
    kept = " ".join(word for word in said.text.split() if word not in said.unsure)
    return replace(said, text=kept, unsure={})


@dataclass(frozen=True, slots=True)
class Told:
    """A question, and what came of asking it."""

    question: Row
    answer: Row
    why: str  # it is not right; empty where it is


@dataclass(frozen=True, slots=True)
class Bench:
    """The questions on one archive."""

    judging: Judging
    archive: Archive
    questions: list[Row]
    texts: dict[str, str]  # of the articles, as the judge makes them flat, by the names that questions know them by
    longest: int

    def told(self) -> list[Told]:
        bot = Bot(self.archive, self.judging.encoder)  # a new one for each row of the table: it keeps its answers
        bot.ask("What is new?")  # reads the lists
        return [self._tell(bot, question) for question in self.questions]

    def _tell(self, bot: Bot, question: Row) -> Told:
        answer = answer_record(bot.ask(question["question"]))
        whole = "\n".join(self.texts.values())
        home = self.texts.get(question["article_id"], whole)
        judged = self.judging.judge.wrong(
            answer, question["answer_keys"], self.longest, whole.__contains__, home.__contains__
        )
        return Told(question, answer, judged if question["answer_keys"] else "")

    def found(self, one: Told) -> bool:
        flat = self.judging.judge.flat
        return any(flat(p["text"]) in self.texts[one.question["article_id"]] for p in one.answer["passages"])


def benches(judging: Judging, folder: Path, ids: str) -> tuple[Bench, Bench]:
    """Make the archives, news and the sample edition, and ask of them the questions whose ids begin with `ids`."""
    rows, flat = read_rows(OURS / "english_dev.jsonl"), judging.judge.flat
    wanted = {row["article_id"] for row in rows}
    news = read_rows(judging.data / "news.jsonl.xz")
    records = [row for row in news if row["id"] in wanted]
    records += [row for row in news if row["id"] not in wanted][: POOL - len(records)]
    pool = folder / "pool.jsonl"
    pool.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in records), "utf-8")
    texts = {row["id"]: flat(row["text"]) for row in records}
    sample = {name: flat(text) for name, text in sample_articles().items()}
    rows = [row for row in rows if row["id"].startswith(ids)]
    asked = (
        [row for row in rows if row["article_id"] != "sample"],
        [row for row in rows if row["article_id"] == "sample"],
    )
    archives = judging.archive(pool), judging.archive()
    return Bench(judging, archives[0], asked[0], texts, FACT), Bench(
        judging, archives[1], asked[1], sample, EXPLANATION
    )


def share(of: list[bool]) -> float:
    return 100 * sum(of) / max(1, len(of))


def figures(told: list[Told]) -> tuple[float, float, float]:
    """Right and refused of the answerable questions, refused of the unanswerable ones."""
    answerable = [one for one in told if one.question["answer_keys"]]
    others = [one for one in told if not one.question["answer_keys"]]
    refused = share([one.answer["refused"] for one in answerable]), share([one.answer["refused"] for one in others])
    return share([not one.why for one in answerable]), *refused


def row(news: Bench, sample: Bench, *, misses: bool) -> list[float]:
    told = news.told()
    right, refused, rightly = figures(told)
    found = share([news.found(one) for one in told if one.question["answer_keys"]])
    others = sample.told()
    if misses:
        for one in told + others:
            if one.why or not (one.question["answer_keys"] or one.answer["refused"]):
                said = one.answer["answer"][:160].replace("\n", " ")
                print(
                    f"  {one.question['id']} {one.why}: {one.question['question']} [{one.answer['standalone']}] {said}"
                )
    return [right, found, refused, rightly, *figures(others), median(one.answer["took_ms"] for one in told)]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--data", type=Path, required=True, help="folder of the questions and the news")
    options.add_argument("--rows", nargs="+", choices=ROWS, default=list(ROWS), help="only these")
    options.add_argument("--ids", default="", help="only questions whose ids begin so: e before the list, f after it")
    options.add_argument("--misses", action="store_true", help="show what was not answered right")
    options.add_argument("--json", type=Path, help="write the table there as JSON too")
    given = options.parse_args()
    packages = ("wenbao", "numpy", "chromadb", "tantivy", "rjieba")
    about = {
        "date": time.strftime("%Y-%m-%d"),
        "machine": f"{os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}",
        "versions": ", ".join(f"{name} {version(name)}" for name in packages),
        "data": f"english_dev.jsonl, {POOL:,} news articles, the sample edition",
    }
    print("; ".join(about.values()) + "\n")
    print("| | " + " | ".join(COLUMNS) + " |\n" + "|---" * (len(COLUMNS) + 1) + "|")
    table = {}
    with tempfile.TemporaryDirectory() as folder, Judging(given.data, Path(folder), load_encoder("builtin")) as judging:
        news, sample = benches(judging, Path(folder), given.ids)
        for name in given.rows:
            with patch("bot.bot.in_chinese", ROWS[name]):
                table[name] = row(news, sample, misses=given.misses)
            print(f"| {name} | " + " | ".join(f"{x:.1f}" for x in table[name]) + " |", flush=True)
    if given.json:
        given.json.write_text(json.dumps(about | {"rows": table}, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
