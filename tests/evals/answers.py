"""How right the answers are, and what each ingredient brings. Run by hand (five minutes on two cores):

    python -m tests.evals.answers --data ../shared/data [--rows NAME ...] [--json FILE]

Questions: `own_questions.jsonl` among 3,000 news articles, `sample_questions.jsonl` on the sample edition, the seed
questions on their page, the questions of `news_qa_dev` with five passages each, a share of them noise. The judge's
rules decide (`judging.py`). A row leaves one thing out; the plain row takes, of what words alone find, the three
sentences that share most character pairs with the question, and never refuses. Shares in per cent.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

from bot.bot import HITS, Bot
from bot.bylines import answer_from_bylines
from bot.conversation import followed, topic_of
from bot.english import in_chinese
from bot.evidence import Evidence, gather
from bot.extractive import Extract, choose, quote
from bot.models import Answer, Passage, Turn
from bot.passages import pick_passages
from bot.question import Asked, read_question
from bot.refusal import doubt
from bot.retriever import Retriever
from ingest.archive import Archive
from ingest.encoder import Encoder, load_encoder
from ingest.models import Filter
from tests.evals.judging import EXPLANATION, FACT, Ask, Figures, Judging, sample_articles
from tests.evals.mute import Mute
from tests.question_sets import OURS, read_rows

POOL = 3_000  # news articles among which those that are asked for stand
FEATURES = ("own", "near", "fit", "pairs", "standing")


@dataclass(frozen=True, slots=True)
class Setup:
    """A way of answering: everything, but for what is named here."""

    feature: str | None = None  # of bot.evidence.Evidence: it has no say in which sentences are chosen
    kin: bool = True  # words of like company stand in for each other
    by_words: bool = True
    by_vectors: bool = True
    one_sentence: bool = False
    plain: bool = False  # the baseline


ROWS: dict[str, Setup] = {
    "everything": Setup(),
    **{f"without {feature}": Setup(feature=feature) for feature in FEATURES},
    "without word vectors": Setup(kin=False),
    "found by words alone": Setup(by_vectors=False),
    "found by vectors alone": Setup(by_words=False),
    "one sentence only": Setup(one_sentence=True),
    "plain: most pairs": Setup(by_vectors=False, plain=True),
}
COLUMNS = {
    "own_right": "own right",
    "own_refused_wrongly": "refused wrongly",
    "own_refused_rightly": "refused rightly",
    "sample_right": "sample right",
    "sample_refused_rightly": "refused rightly",
    "seed_right": "seed right",
    "seed_refused_rightly": "refused rightly",
    "noise_0": "noise 0",
    "noise_4": "0.4",
    "noise_8": "0.8",
}


@dataclass(frozen=True, slots=True)
class Ablated:
    """`bot.bot` put together anew from the same rooms, with one of them left out."""

    archive: Archive
    encoder: Encoder
    setup: Setup

    def ask(self, question: str, history: Sequence[Turn], where: Filter) -> Answer:
        said = in_chinese(question)
        asked = read_question(said.text, topic_of(said.text, followed(said.text, history)), said=said)
        retriever = Retriever(self.encoder if self.setup.by_vectors else Mute(self.encoder))
        with self.archive.read() as snapshot:
            wanted = asked if self.setup.by_words else replace(asked, words=())
            passages = pick_passages(retriever.search(wanted, snapshot, HITS, where), snapshot)
        extract = self._extract(asked, passages)
        if extract is None:
            return Answer(question, asked.text, "", refused=True, passages=tuple(passages))
        cited = {"sentences": extract.sentences, "citations": extract.citations}
        return Answer(question, asked.text, extract.text, passages=tuple(passages), **cited)

    def _extract(self, asked: Asked, passages: Sequence[Passage]) -> Extract | None:
        """None where the answer is a refusal."""
        evidence = self._gather(asked, passages)
        if self.setup.plain:
            return quote(sorted(evidence, key=lambda one: -one.pairs)[:3])
        by_writers = answer_from_bylines(asked, passages)
        if by_writers:
            return by_writers
        chosen = self._choose(asked, evidence)
        if doubt(asked, evidence, chosen):
            return None
        return quote(chosen[:1] if self.setup.one_sentence else chosen)

    def _gather(self, asked: Asked, passages: Sequence[Passage]) -> list[Evidence]:
        if not self.setup.kin:  # a name has no stand-in, so that all words are taken for names here
            words = (word if word.name else replace(word, tag="nz") for word in asked.words)
            asked = replace(asked, words=tuple(words))
        return gather(asked, passages)

    def _choose(self, asked: Asked, evidence: Sequence[Evidence]) -> list[Evidence]:
        """Choose as if one feature were 0 everywhere; the evidence itself, for doubt, keeps it."""
        blind = {self.setup.feature: 0.0} if self.setup.feature else {}
        whole = {replace(one, **blind): one for one in evidence}
        ranked = sorted(whole, key=lambda one: (-one.score, one.article.article_id, one.start))
        chosen = choose(asked, ranked)
        if self.setup.one_sentence:
            chosen.sort(key=lambda one: -one.score)
        return [whole[one] for one in chosen]


@dataclass(frozen=True, slots=True)
class Bench:
    """All questions, and the archives that they are asked of."""

    judging: Judging
    own: Archive
    own_texts: dict[str, str]
    sample_texts: dict[str, str]

    def row(self, setup: Setup) -> dict[str, float]:
        def maker(archive: Archive) -> Ask:
            return Ablated(archive, self.judging.encoder, setup).ask

        own = self._figures("own_questions.jsonl", maker(self.own), FACT, self.own_texts)
        sample = self._figures("sample_questions.jsonl", maker(self.judging.archive()), EXPLANATION, self.sample_texts)
        seed = self.judging.seed(maker, self.judging.data / "seed_questions_dev.jsonl")
        shares = (own.right, own.refused_wrongly, own.refused_rightly, sample.right, sample.refused_rightly)
        return dict(zip(COLUMNS, (*shares, *seed, *self.judging.noise(maker)), strict=True))

    def _figures(self, name: str, ask: Ask, longest: int, texts: dict[str, str]) -> Figures:
        return self.judging.figures(ask, read_rows(OURS / name), longest, texts)

    def assert_assembled_as_the_bot(self) -> None:
        """What is measured here has to be what users get."""
        ours, theirs = Ablated(self.own, self.judging.encoder, Setup()), Bot(self.own, self.judging.encoder)
        for question in read_rows(OURS / "own_questions.jsonl")[:40]:
            mine, real = (who.ask(question["question"], (), Filter()) for who in (ours, theirs))
            if (mine.refused, mine.citations) != (real.refused, real.citations):
                sys.exit(f"this script no longer puts the rooms together as bot.bot does: {question['question']}")


def bench(data: Path, folder: Path) -> Bench:
    """Make the archives."""
    encoder = load_encoder("builtin")
    judging = Judging(data, folder, encoder)
    flat = judging.judge.flat
    wanted = {question["article_id"] for question in read_rows(OURS / "own_questions.jsonl")}
    news = read_rows(data / "news.jsonl.xz")
    rows = [row for row in news if row["id"] in wanted]
    rows += [row for row in news if row["id"] not in wanted][: POOL - len(rows)]
    pool = folder / "pool.jsonl"
    pool.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    sample = {name: flat(text) for name, text in sample_articles().items()}
    return Bench(judging, judging.archive(pool), {row["id"]: flat(row["text"]) for row in rows}, sample)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--data", type=Path, required=True, help="folder of the questions and the news")
    options.add_argument("--rows", nargs="+", choices=ROWS, default=list(ROWS), help="only these")
    options.add_argument("--json", type=Path, help="write the table there as JSON too")
    given = options.parse_args()
    packages = ("wenbao", "numpy", "chromadb", "tantivy", "rjieba")
    about = {
        "date": time.strftime("%Y-%m-%d"),
        "machine": f"{os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}",
        "versions": ", ".join(f"{name} {version(name)}" for name in packages),
        "data": f"{POOL:,} news articles; own, sample, seed and news questions",
    }
    print("; ".join(about.values()) + "\n")
    print("| | " + " | ".join(COLUMNS.values()) + " |\n" + "|---" * (len(COLUMNS) + 1) + "|")
    table = {}
    with tempfile.TemporaryDirectory() as folder:
        made = bench(given.data, Path(folder))
        with made.judging:
            made.assert_assembled_as_the_bot()
            for name in given.rows:
                table[name] = made.row(ROWS[name])
                print(f"| {name} | " + " | ".join(f"{100 * x:.1f}" for x in table[name].values()) + " |", flush=True)
    if given.json:
        given.json.write_text(json.dumps(about | {"rows": table}, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
