"""What a question's words for time bring to the search. Run by hand (two minutes, and what the archive takes to make):

    WENBAO_DATA=FOLDER python -m ingest add ../shared/data/news.jsonl.xz ../shared/data/events_dev.jsonl.xz
    python tests/evals/times.py --archive FOLDER --data ../shared/data [--json FILE]

Descriptions of events are asked for: whole, as they are; and cut to their first words behind 昨天, 上周 or 上个月, on
the day, in the week or in the month after. Rows: those words searched for like any others, and understood. An article
with the very text of the right one counts as right.
"""

from __future__ import annotations

import argparse
import json
import lzma
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from bot.models import Hit
from bot.question import read_question
from bot.retriever import Retriever
from bot.times import NO_TIME, read_time
from ingest.archive import Archive
from ingest.encoder import load_encoder
from ingest.models import Filter
from ingest.told import newest_day

WORDS = 14  # characters of a description behind the word for time: what people type
DEEP = 30  # chunks looked at
_DATED = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日[，,]?")
LATER: dict[str, Callable[[date], date]] = {
    "昨天": lambda day: day + timedelta(days=1),
    "上周": lambda day: day + timedelta(days=7),
    "上个月": lambda day: day.replace(day=1) + timedelta(days=45),
}


@dataclass(frozen=True, slots=True)
class Case:
    """A question asked on a day, and the article that it is about."""

    question: str
    today: date
    right: str
    text: str


def main() -> None:
    """Print the table; `--json` keeps it."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--archive", type=Path, required=True, help="An archive that holds news and events_dev.")
    options.add_argument("--data", type=Path, required=True, help="The folder that holds events_dev.jsonl.xz.")
    options.add_argument("--json", type=Path, help="Keep the table here.")
    given = options.parse_args()
    with lzma.open(given.data / "events_dev.jsonl.xz", "rt", encoding="utf-8") as lines:
        events = [json.loads(line) for line in lines]
    encoder = load_encoder("builtin")
    rows: dict[str, list[float]] = {}
    with Archive(given.archive, encoder) as archive, archive.read() as snapshot:
        retriever, newest = Retriever(encoder), newest_day(snapshot.catalog) or date.min
        whole = [Case(one["question"], newest, one["id"], one["text"]) for one in events]
        sets = {"whole": whole} | {word: _cut(events, word) for word in LATER}
        for name, cases in sets.items():
            for understood in (False, True):
                ranks = []
                for case in cases:
                    when = read_time(case.question, (), case.today) if understood else NO_TIME
                    asked = read_question(case.question, when=when)
                    ranks.append(_rank(retriever.search(asked, snapshot, DEEP, Filter()), case))
                row = f"{name} ({len(cases)}), {'understood' if understood else 'as words'}"
                rows[row] = _figures(ranks)
                sys.stdout.write(f"{row:30}" + "".join(f"{figure:8.3f}" for figure in rows[row]) + "\n")
    if given.json:
        given.json.write_text(
            json.dumps({"columns": "hit@1 hit@5 hit@10 MRR".split(), "rows": rows}, indent=1), "utf-8"
        )


def _cut(events: Sequence[dict[str, str]], word: str) -> list[Case]:
    """The events that were reported with a day, each behind `word`, asked so much later."""
    cases = []
    for one in events:
        dated = _DATED.match(one["question"])
        if dated and one.get("date"):
            day = date(*map(int, dated.groups()))
            question = word + one["question"][dated.end() : dated.end() + WORDS]
            cases.append(Case(question, LATER[word](day), one["id"], one["text"]))
    return cases


def _rank(hits: Sequence[Hit], case: Case) -> int | None:
    """The place of the right article among the articles found, from 1."""
    articles = {hit.article.article_id: hit.article for hit in hits}
    for place, article in enumerate(articles.values(), 1):
        if article.source_id == case.right or article.text == case.text:
            return place
    return None


def _figures(ranks: Sequence[int | None]) -> list[float]:
    found = [rank for rank in ranks if rank]
    shares = [sum(rank <= deep for rank in found) / len(ranks) for deep in (1, 5, 10)]
    return [*shares, sum(1 / rank for rank in found) / len(ranks)]


if __name__ == "__main__":
    main()
