"""How right the answers are, and what each ingredient brings. Run by hand (ten minutes on two cores):

    python -m tests.evals.answers --data ../shared/data [--archive DIR] [--rows NAME ...] [--out FILE]

Questions: our own, and those that people wrote who had seen nothing of the code (told, untold), among 3,000 news
articles; `sample_questions.jsonl` on the sample edition; the seed questions on their page; those of `news_qa_dev` with
five passages each, a share of them noise. With --archive own, told, untold and news questions are asked of all the news
instead (72,000 articles and passages; made in DIR where there is none). The judge's rules decide (`judging.py`).

A row leaves one thing out: a group of marks is 0 for the network that weighs sentences, while rules for choosing and
refusing still see them; *linear only* has no hidden units (those that are left were not learned to do alone). The plain
row takes, of what words alone find, the three sentences that share most pairs of characters with the question, and
never refuses. *right*: in at most 400 characters or three sentences for a fact, 600 for what is to be explained, listed
or compared; *in 3*: and in at most three sentences. *cited*: of all quotes in answers to our answerable questions the
share from the right article; *from anywhere*: right, were every article the right one. *sentences*, *characters*: of
an answer, on average. Shares in per cent.
"""

from __future__ import annotations

import argparse
import math
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from statistics import mean

from bot.bot import Bot
from bot.bylines import answer_from_bylines
from bot.evidence import ANSWER_INPUTS, ANSWERS, Evidence, answer_inputs, gather
from bot.extractive import Extract, choose, quote
from bot.forms import compose, compose_told_parts
from bot.jsonform import answer_record
from bot.models import Answer, Turn
from bot.network import read_network
from bot.pairs import character_pairs
from bot.question import Asked
from bot.refusal import doubt
from ingest.archive import Archive
from ingest.encoder import load_encoder
from ingest.models import Filter
from tests.bench.report import Row, tell
from tests.evals import news
from tests.evals.judging import EXPLANATION, FACT, FEW, Figures, Judging, sample_articles, turns_before
from tests.evals.mute import Mute
from tests.evals.rooms import NO_FILTER, Ask, Looked, Rooms, assert_as_the_bot
from tests.question_sets import OURS, read_rows

GROUPS = {
    "words": "own beside near telling kin names head",
    "kind": "fit close",
    "characters": "pairs run",
    "vectors": "cosine",
    "standing": "found best",
    "agreement": "agree",
    "years": "year other_year",
    "look": "opening early length short title asks torn listing",
    "reading": "alone share level",
}

OTHERS = ("sample right", "sample refused rightly", "seed right", "seed refused rightly")
OTHERS += ("noise 0", "noise .4", "noise .8")


@dataclass(frozen=True, slots=True)
class Setup:
    """A way of answering: everything, but for what is named here."""

    blank: frozenset[str] = frozenset()  # marks that the network does not see
    linear: bool = False
    by_vectors: bool = True
    most: int | None = None  # sentences: the best so many of those that are chosen
    plain: bool = False  # the baseline


ROWS: dict[str, Setup] = {
    "everything": Setup(),
    **{f"without {name}": Setup(blank=frozenset(marks.split())) for name, marks in GROUPS.items()},
    "linear only": Setup(linear=True),
    "found by words alone": Setup(by_vectors=False),
    "three sentences at most": Setup(most=FEW),
    "one sentence only": Setup(most=1),
    "plain: most pairs": Setup(by_vectors=False, plain=True),
}


@dataclass(slots=True)
class Lengths:
    """Of the answers given: sentences and characters."""

    sentences: list[int] = field(default_factory=list)
    characters: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Ablated:
    """`bot.bot` put together anew, with something left out."""

    rooms: Rooms
    setup: Setup
    lengths: Lengths

    def ask(self, question: str, history: Sequence[Turn], where: Filter) -> Answer:
        looked = self.rooms.look(question, history, where)
        extract = self._extract(looked)
        if extract is None:
            return Answer(question, looked.asked.text, "", refused=True, passages=tuple(looked.passages))
        self.lengths.sentences.append(len(extract.sentences))
        self.lengths.characters.append(sum(len(one.text) for one in extract.sentences))
        cited = {"sentences": extract.sentences, "citations": extract.citations}
        return Answer(question, looked.asked.text, extract.text, passages=tuple(looked.passages), **cited)

    def _extract(self, looked: Looked) -> Extract | None:
        """None where the answer is a refusal."""
        asked = looked.asked
        if self.setup.plain:
            pairs = character_pairs(asked.text)
            ranked = sorted(looked.evidence, key=lambda one: -len(pairs & character_pairs(one.text)))
            return quote(ranked[:FEW]) if ranked else None
        by_writers = answer_from_bylines(asked, looked.passages)
        if by_writers:
            return by_writers
        evidence = self._weighed(asked, looked.evidence)
        chosen = choose(asked, evidence)

        def weigh(part: Asked) -> list[Evidence]:
            return self._weighed(part, gather(part, looked.passages, self.rooms.encoder))

        if doubt(asked, evidence, chosen):
            return compose_told_parts(asked, weigh)
        if self.setup.most is None:
            return compose(asked, evidence, chosen, weigh)
        best = sorted(chosen, key=lambda one: -one.score)[: self.setup.most]
        return quote([one for one in chosen if one in best])

    def _weighed(self, asked: Asked, evidence: Sequence[Evidence]) -> list[Evidence]:
        """Scores of a network that sees less, or has less."""
        if not evidence or not (self.setup.blank or self.setup.linear):
            return list(evidence)
        network = read_network(ANSWERS, ANSWER_INPUTS)
        if self.setup.linear:
            network = replace(network, out=0 * network.out)
        shown = [name not in self.setup.blank for name in ANSWER_INPUTS]
        rows = [[x * s for x, s in zip(answer_inputs(asked.kind, one), shown, strict=True)] for one in evidence]
        scored = [replace(one, score=score) for one, score in zip(evidence, network.likely(rows), strict=True)]
        return sorted(scored, key=lambda one: (-one.score, one.article.article_id, one.start))


@dataclass(frozen=True, slots=True)
class Bench:
    """All questions, and the archives that they are asked of."""

    judging: Judging
    news: news.News
    whole: bool  # all news are there
    rooms: dict[object, Rooms] = field(default_factory=dict)

    def row(self, setup: Setup) -> Row:
        """The figures of one way of answering."""
        lengths = Lengths()
        maker = partial(self._maker, setup, lengths)
        figures = self._end_to_end(maker) if self.whole else self._one_by_one(maker)
        shares = {name: round(100 * share, 1) for name, share in figures.items() if not math.isnan(share)}
        return {**shares, "sentences": round(mean(lengths.sentences), 2), "characters": round(mean(lengths.characters))}

    def _one_by_one(self, maker: Callable[[Archive], Ask]) -> dict[str, float]:
        ask = maker(self.news.archive)
        sample = self._sample(maker(self.judging.archive()))
        right, refused = self.judging.seed(maker, self.judging.data / "seed_questions_dev.jsonl")
        noise = dict(zip(("noise 0", "noise .4", "noise .8"), self.judging.noise(maker), strict=True))
        return {
            **self._ours(ask),
            "sample right": sample.right,
            "sample refused rightly": sample.refused_rightly,
            "seed right": right,
            "seed refused rightly": refused,
            **noise,
        }

    def _end_to_end(self, maker: Callable[[Archive], Ask]) -> dict[str, float]:
        ask = maker(self.news.archive)
        return {**self._ours(ask), f"news right in {FEW} sentences": self._news_questions(ask)}

    def _ours(self, ask: Ask) -> dict[str, float]:
        own, told, untold = (self._figures(ask, name) for name in (news.OWN, news.TOLD, news.UNTOLD))
        return {
            "own right": own.right,
            f"own in {FEW}": own.right_in_few,
            **({"own from anywhere": own.right_anywhere} if self.whole else {}),
            "own cited": own.cited_rightly,
            "own refused wrongly": own.refused_wrongly,
            "own refused rightly": own.refused_rightly,
            "told right": told.right,
            f"told in {FEW}": told.right_in_few,
            **({"told from anywhere": told.right_anywhere} if self.whole else {}),
            "told cited": told.cited_rightly,
            "told refused wrongly": told.refused_wrongly,
            "untold refused rightly": untold.refused_rightly,
        }

    def _figures(self, ask: Ask, name: str) -> Figures:
        return self.judging.figures(ask, news.ours(name), None, self.news.homes, self.news.whole)

    def _sample(self, ask: Ask) -> Figures:
        homes = {name: self.judging.judge.flat(text) for name, text in sample_articles().items()}
        questions = read_rows(OURS / "sample_questions.jsonl")
        return self.judging.figures(ask, questions, EXPLANATION, homes, "\n".join(homes.values()))

    def _news_questions(self, ask: Ask) -> float:
        """Of the questions of news_qa_dev, asked of everything: an answer is right wherever it comes from."""
        right = []
        for one in read_rows(self.judging.data / "news_qa_dev.jsonl.xz"):
            record = answer_record(ask(one["question"], (), NO_FILTER))
            wrong = self.judging.judge.wrong(record, one["answers"], FACT, bool)
            right.append(not wrong and len(record["sentences"]) <= FEW)
        return mean(right)

    def _maker(self, setup: Setup, lengths: Lengths, archive: Archive) -> Ask:
        key = (id(archive), setup.by_vectors)
        if key not in self.rooms:
            encoder = self.judging.encoder
            self.rooms[key] = Rooms(archive, encoder, encoder if setup.by_vectors else Mute(encoder))
        return Ablated(self.rooms[key], setup, lengths).ask

    def assert_assembled_as_the_bot(self) -> None:
        """The row with everything is the product."""
        asked = [*news.ours(news.OWN)[:40], *news.ours(news.TOLD)[:20], *news.ours(news.FOLLOWUPS)[:10]]
        ask = self._maker(Setup(), Lengths(), self.news.archive)
        questions = [(one["question"], turns_before(one)) for one in asked]
        assert_as_the_bot(ask, Bot(self.news.archive, self.judging.encoder), questions)


def main() -> None:
    """Print the table; `--out` keeps it."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--data", type=Path, required=True, help="folder of the questions and the news")
    options.add_argument("--archive", type=Path, help="ask of all news in this archive, made if there is none")
    options.add_argument("--rows", nargs="+", choices=ROWS, default=list(ROWS), help="only these")
    options.add_argument("--out", type=Path, help="write FILE.md and FILE.json too")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder, Judging(given.data, Path(folder), load_encoder("builtin")) as judging:
        asked = news.everything(judging, given.archive) if given.archive else news.pool(judging, Path(folder))
        bench = Bench(judging, asked, whole=bool(given.archive))
        bench.assert_assembled_as_the_bot()
        rows = [{"": name, **bench.row(ROWS[name])} for name in given.rows]
    tables = {"our questions": [{name: x for name, x in row.items() if name not in OTHERS} for row in rows]}
    if not given.archive:
        tables["the sample edition, the seed page, news"] = [
            {name: row[name] for name in ("", *OTHERS)} for row in rows
        ]
    tell(tables, given.out)


if __name__ == "__main__":
    main()
