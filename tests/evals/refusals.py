"""When not to answer: how well what is answerable is told from what is not. Run by hand (four minutes on two cores):

    python -m tests.evals.refusals --data ../shared/data [--archive DIR] [--out FILE]

Sets of questions that have an answer in what is searched, and of such as have none: *near misses*: news_qa_dev with
five passages, none of which says it, against 0, 40 and 80 % of noise; *untold*: the same story without the fact that is
asked for, against told (both written by people who had seen no code); *own*; *taken out*: own and told once more, the
article and all that say the same left out of what is found. Among 3,000 news articles, or with --archive among all.

A row is a score: AUC is the share of pairs in which the answerable question has the higher one (ties count half); the
other columns say how many unanswerable questions are below the score under which so many per cent of the answerable
ones are. *network*: `bot.refusal.likely`; *best sentence*: its likelihood; *word cover*: the most that any sentence has
of the question's words in and near it, as before anything was learned. The rule that ships is one point, no curve.
"""

from __future__ import annotations

import argparse
import math
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.bylines import answer_from_bylines
from bot.extractive import choose
from bot.models import Answer, Turn
from bot.refusal import doubt, likely
from bot.signs import signs_of
from ingest.archive import Archive
from ingest.encoder import load_encoder
from ingest.models import Filter
from tests.bench.report import Row, tell
from tests.evals import news
from tests.evals.judging import Judging
from tests.evals.rooms import Ask, Looked, Rooms

WRONGLY = (2, 5, 10)  # per cent of answerable questions that are refused
RULE = "the rule that ships"

Score = Callable[[Looked], float]


def network(looked: Looked) -> float:
    return likely(looked.asked, signs_of(looked.asked, looked.evidence))


def best_sentence(looked: Looked) -> float:
    return looked.evidence[0].score


def word_cover(looked: Looked) -> float:
    return max(one.marks.near for one in looked.evidence)


SCORES: dict[str, Score] = {"network": network, "best sentence": best_sentence, "word cover": word_cover}


@dataclass(frozen=True, slots=True)
class Pair:
    """What is looked at for questions that have an answer, and for such as have none."""

    name: str
    answerable: Sequence[Looked]
    unanswerable: Sequence[Looked]


def refused(looked: Looked) -> bool:
    """Whether the bot refuses."""
    if not looked.evidence:
        return True
    if answer_from_bylines(looked.asked, looked.passages):
        return False
    return doubt(looked.asked, looked.evidence, choose(looked.asked, looked.evidence)) is not None


def scored(every: Iterable[Looked], score: Score) -> list[float]:
    """Higher where an answer is likelier; questions for writers are answered by other rules, and always."""
    found = []
    for one in every:
        if not one.evidence:
            found.append(-math.inf)
        else:
            found.append(math.inf if answer_from_bylines(one.asked, one.passages) else score(one))
    return found


def area(right: Sequence[float], wrong: Sequence[float]) -> float:
    """The area under the curve of both kinds of error."""
    return sum((r > w) + (r == w) / 2 for r in right for w in wrong) / (len(right) * len(wrong))


def share_refused(right: Sequence[float], wrong: Sequence[float], wrongly: float) -> float:
    """Share of `wrong` below the score below which at most the share `wrongly` of `right` is."""
    enough = sorted(right)[int(wrongly * len(right))]
    return sum(one < enough for one in wrong) / len(wrong)


def share(of: Sequence[bool]) -> float:
    return round(100 * sum(of) / len(of), 1)


def rows(pair: Pair) -> list[Row]:
    """A row for each score and one for the rule."""
    out: list[Row] = []
    for name, score in SCORES.items():
        right, wrong = scored(pair.answerable, score), scored(pair.unanswerable, score)
        shares = {f"{p} % wrongly": round(100 * share_refused(right, wrong, p / 100), 1) for p in WRONGLY}
        out.append({"refused by": name, "AUC": round(area(right, wrong), 3), **shares, "rightly": "", "wrongly": ""})
    rightly, wrongly = ([refused(one) for one in each] for each in (pair.unanswerable, pair.answerable))
    blank = {"AUC": "", **{f"{p} % wrongly": "" for p in WRONGLY}}
    point = {"rightly": share(rightly), "wrongly": share(wrongly)}
    return [*out, {"refused by": RULE, **blank, **point}]


def of_news(asked: news.News, judging: Judging) -> list[Pair]:
    """Told against untold, our own, and the same with their articles taken out."""
    rooms = Rooms(asked.archive, judging.encoder)
    own, told, untold = news.ours(news.OWN), news.ours(news.TOLD), news.ours(news.UNTOLD)
    answerable = [one for one in own if one["answer_keys"]]

    def look(questions: Sequence[Row]) -> list[Looked]:
        return [rooms.look(one["question"]) for one in questions]

    def without(questions: Sequence[Row]) -> list[Looked]:
        return [rooms.look(one["question"], taken_out=asked.same[one["article_id"]]) for one in questions]

    both = [*answerable, *told]
    return [
        Pair("untold", look(told), look(untold)),
        Pair("own", look(answerable), look([one for one in own if not one["answer_keys"]])),
        Pair("taken out", look(both), without(both)),
    ]


def near_misses(judging: Judging) -> Pair:
    """The news questions as the judge asks them, with passages that answer, and with none that does."""
    seen: dict[str, Looked] = {}

    def maker(archive: Archive) -> Ask:
        rooms = Rooms(archive, judging.encoder)

        def ask(question: str, history: Sequence[Turn], where: Filter) -> Answer:
            seen[where.paper or ""] = rooms.look(question, (), where)
            return Answer(question, question, "", refused=True)

        return ask

    judging.noise(maker)
    barren = [looked for paper, looked in seen.items() if paper.endswith("n1.0")]
    return Pair("near misses", [looked for paper, looked in seen.items() if not paper.endswith("n1.0")], barren)


def main() -> None:
    """Print the tables; `--out` keeps them."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--data", type=Path, required=True, help="folder of the questions and the news")
    options.add_argument("--archive", type=Path, help="ask of all news in this archive, made if there is none")
    options.add_argument("--out", type=Path, help="write FILE.md and FILE.json too")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder, Judging(given.data, Path(folder), load_encoder("builtin")) as judging:
        asked = news.everything(judging, given.archive) if given.archive else news.pool(judging, Path(folder))
        pairs = of_news(asked, judging)
        if not given.archive:
            pairs.insert(0, near_misses(judging))
        tables = {f"{p.name} ({len(p.answerable)} answerable, {len(p.unanswerable)} not)": rows(p) for p in pairs}
    tell(tables, given.out)


if __name__ == "__main__":
    main()
