"""How well a follow-up finds what it goes on from. Run by hand (two minutes on two cores):

    python -m tests.evals.followups --data ../shared/data [--archive DIR] [--show] [--out FILE]

Questions: those of the seed page on their page, and `followups_dev.jsonl` (written by someone who had seen no code)
among 3,000 news articles, or with --archive among all. *found*: the right article is among the passages; *cited*: the
answer quotes it; *right*: the judge's rules (`judging.py`), in at most 600 characters. Questions that begin something
new stand apart; *alone* is the share of them that are asked as if nothing had been said before. Rows: as the bot does
it; without the talk before; with all words of the last question carried over, whatever is asked. Shares in per cent;
--show lists what the bot does not get right.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.bot import Bot
from bot.conversation import followed
from bot.models import Turn
from ingest.archive import Archive
from ingest.encoder import load_encoder
from tests.bench.report import Row, tell
from tests.evals import news
from tests.evals.answers import Ablated, Lengths, Setup
from tests.evals.judging import EXPLANATION, Judging, Told, turns_before
from tests.evals.rooms import Carried, Rooms, assert_as_the_bot, read, today_in


def last_question(question: str, turns: Sequence[Turn]) -> list[str]:
    """A baseline: whatever is asked, it goes on from the last question."""
    return [turns[-1].content] if turns else []


BEGINNING = 30  # characters of a passage by which its article is known
AS_THE_BOT = "as the bot"
WAYS: dict[str, Carried] = {
    AS_THE_BOT: followed,
    "without the talk before": lambda question, turns: [],
    "all words of the last question": last_question,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """Questions, where they are asked, and the texts of the articles by the names that questions know them by."""

    name: str
    archive: Archive
    questions: Sequence[dict]
    texts: dict[str, str]
    longest: int


def on_the_seed_page(judging: Judging) -> Asked:
    """The follow-ups of the seed questions."""
    page, articles = judging.seed_page()
    rows = [row for row in judging.seed_questions() if row.get("previous")]
    named = [{**row, "article_id": row["article_index"]} for row in rows]
    return Asked("seed page", page, named, articles, EXPLANATION)


def among_news(asked: news.News) -> list[Asked]:
    """Ours: those that go on, and those that begin something new."""
    ours = news.ours(news.FOLLOWUPS)
    going_on = [row for row in ours if not row.get("new_topic")]
    new = [row for row in ours if row.get("new_topic")]
    return [
        Asked("going on", asked.archive, going_on, asked.homes, EXPLANATION),
        Asked("something new", asked.archive, new, asked.homes, EXPLANATION),
    ]


def told(judging: Judging, asked: Asked, carried: Carried) -> list[Told]:
    """Every question answered."""
    ask = Ablated(Rooms(asked.archive, judging.encoder, carried=carried), Setup(), Lengths()).ask
    if carried is followed:
        questions = [(one["question"], turns_before(one)) for one in asked.questions]
        assert_as_the_bot(ask, Bot(asked.archive, judging.encoder), questions)
    return [judging.told(ask, one, asked.longest, asked.texts, None) for one in asked.questions]


def figures(judging: Judging, asked: Asked, carried: Carried) -> Row:
    """Shares of all questions."""
    every = told(judging, asked, carried)
    found = [_found(judging, asked, one) for one in every]
    row = {"found": found, "cited": [any(one.at_home) for one in every], "right": [not one.why for one in every]}
    if asked.name == "something new":
        row["alone"] = [_alone(asked, one, carried) for one in asked.questions]
    return {name: round(100 * sum(each) / len(each), 1) for name, each in row.items()}


def _found(judging: Judging, asked: Asked, one: Told) -> bool:
    named = one.question["article_id"]
    homes = [asked.texts[name] for name in (named if isinstance(named, list) else [named])]
    flat = judging.judge.flat
    begin = [flat(passage["text"])[:BEGINNING] for passage in one.record["passages"]]
    return any(each in home for each in begin for home in homes)


def _alone(asked: Asked, question: dict, carried: Carried) -> bool:
    with asked.archive.read() as snapshot:
        ways = (carried, WAYS["without the talk before"])
        after, alone = (read(question["question"], turns_before(question), today_in(snapshot), way) for way in ways)
    return after == alone


def show(judging: Judging, sets: Sequence[Asked]) -> None:
    """Print what the bot does not get right."""
    for asked in sets:
        for one in told(judging, asked, followed):
            if one.why:
                where = "found" if _found(judging, asked, one) else "not found"
                before = " / ".join(turn.content for turn in turns_before(one.question))
                print(f"{one.question['id']} {one.why}, {where}: {before} / {one.question['question']}")
                print(f"    [{one.record['standalone']}] {one.record['answer'][:120]}")


def main() -> None:
    """Print the tables; `--out` keeps them."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--data", type=Path, required=True, help="folder of the questions and the news")
    options.add_argument("--archive", type=Path, help="ask of all news in this archive, made if there is none")
    options.add_argument("--show", action="store_true", help="list what the bot does not get right")
    options.add_argument("--out", type=Path, help="write FILE.md and FILE.json too")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder, Judging(given.data, Path(folder), load_encoder("builtin")) as judging:
        found = news.everything(judging, given.archive) if given.archive else news.pool(judging, Path(folder))
        sets = [on_the_seed_page(judging), *among_news(found)]
        if given.show:
            show(judging, sets)
        tables = {
            f"{asked.name} ({len(asked.questions)})": [
                {"": name, **figures(judging, asked, way)} for name, way in WAYS.items()
            ]
            for asked in sets
        }
    tell(tables, given.out)


if __name__ == "__main__":
    main()
