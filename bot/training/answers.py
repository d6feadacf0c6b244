"""Learn which sentence answers, and when none does: `bot/worth.tsv`, `bot/answers.tsv` and `bot/refusals.tsv`.

One command, five minutes on two cores:

    python -m bot.training.answers ARCHIVE READERS

ARCHIVE is a folder as WENBAO_DATA names it that holds all of news.jsonl (Apache-2.0), as `python -m ingest add` reads
it; READERS one that `bot.training.reader` filled: what a reader says of the questions that it has seen is too good, so
each half is read by the one that has not. The questions are ours (`questions.jsonl`). Each is answered several times:
from what the retriever finds, from what it finds when the article is not there, and from five short windows of what was
found, with the right one or without.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from pydantic import BaseModel

from bot.bot import HITS
from bot.evidence import (
    ANSWER_INPUTS,
    ANSWERS,
    WORTH,
    WORTH_INPUTS,
    Evidence,
    answer_inputs,
    look_over,
    read_best,
    worth_inputs,
)
from bot.models import Hit, Passage
from bot.network import Network, write_network
from bot.pairs import character_pairs
from bot.passages import pick_passages
from bot.pieces import squeeze
from bot.question import Asked, Kind, read_question
from bot.reader import read_reader
from bot.refusal import REFUSAL_INPUTS, REFUSALS, refusal_inputs
from bot.retriever import Retriever
from bot.signs import signs_of
from bot.times import read_time, today_of
from bot.training.networks import Group, learn
from ingest.archive import Archive
from ingest.encoder import Encoder, load_encoder
from ingest.models import Filter, StoredArticle
from ingest.sentences import sentence_spans
from ingest.snapshot import Snapshot
from ingest.told import newest_day

QUESTIONS = Path(__file__).with_name("questions.jsonl")
SPARE = 10  # hits beyond those that are used: what is left when an article is taken out
WINDOW, WINDOWS, NEAREST = 190, 5, 10  # characters, windows at a time, from the so many that share most with a question
REFUSAL_UNITS, REFUSAL_EPOCHS = 8, 150
SEED = 5


class _Question(BaseModel):
    article_id: str
    question: str
    answer_keys: list[str | list[str]]


@dataclass(frozen=True, slots=True)
class Case:
    """A question, passages, and what an answer holds: `keys`, none where there is no answer to be had anywhere."""

    asked: Asked
    passages: Sequence[Passage]
    keys: Sequence[Sequence[str]]


def cases(archive: Path, encoder: Encoder) -> Iterator[Case]:
    """Every question in its several settings."""
    retriever, chance = Retriever(encoder), random.Random(SEED)  # noqa: S311 - no secret
    with Archive(archive, encoder) as opened, opened.read() as snapshot:
        today = today_of(date.today(), newest_day(snapshot.catalog))
        for line in QUESTIONS.read_text("utf-8").splitlines():
            one = _Question.model_validate_json(line)
            asked = read_question(one.question, when=read_time(one.question, (), today))
            keys = [[key] if isinstance(key, str) else key for key in one.answer_keys]
            hits = retriever.search(asked, snapshot, HITS + SPARE, Filter())
            yield Case(asked, pick_passages(hits[:HITS], snapshot), keys)
            if keys:
                yield Case(asked, _without(one.article_id, hits, snapshot), keys)
                yield from _windows(asked, keys, one.article_id, hits, chance)


def _without(source_id: str, hits: Sequence[Hit], snapshot: Snapshot) -> list[Passage]:
    others = [hit for hit in hits if hit.article.source_id != source_id][:HITS]
    return pick_passages([replace(hit, rank=rank) for rank, hit in enumerate(others, 1)], snapshot)


def _windows(
    asked: Asked, keys: Sequence[Sequence[str]], home: str, hits: Sequence[Hit], chance: random.Random
) -> Iterator[Case]:
    """Five windows with the right one among them, and five without it; none where there are too few."""
    articles = {hit.article.article_id: hit.article for hit in hits}.values()
    right = [w for a in articles if a.source_id == home for w in _cut(a.text) if all(_held(keys, w))]
    wrong = [w for a in articles for w in _cut(a.text) if not any(_held(keys, w))]
    pairs = character_pairs(asked.text)
    wrong = sorted(wrong, key=lambda window: -len(pairs & character_pairs(window)))[:NEAREST]
    if not right or len(wrong) < WINDOWS:
        return
    for mixed in (
        [chance.choice(right), *chance.sample(wrong, WINDOWS - 1)],
        chance.sample(wrong, WINDOWS),
    ):
        shared = {window: len(pairs & character_pairs(window)) / max(1, len(pairs)) for window in mixed}
        ranked = sorted(shared, key=lambda window: -shared[window])
        yield Case(asked, [_passage(n, window, 1 + shared[window]) for n, window in enumerate(ranked, 1)], keys)


def _cut(text: str) -> Iterator[str]:
    start = 0
    for _, end in sentence_spans(text):
        if end - start > WINDOW:
            yield text[start:end]
            start = end
    if start < len(text):
        yield text[start:]


def _passage(n: int, text: str, score: float) -> Passage:
    """A window as a passage of an article of its own, of which nothing else is known."""
    article = StoredArticle(
        article_id=f"w{n}",
        version_id=f"w{n}",
        source_id=None,
        title=None,
        subtitle=None,
        kicker=None,
        byline=None,
        dateline=None,
        place=None,
        paper=None,
        date=None,
        page=None,
        continued_from=None,
        continued_to=None,
        starts_mid=False,
        subheads=(),
        url=None,
        text=text,
        file="",
        file_start=0,
        file_end=len(text),
        file_spans=(),
        superseded_by=None,
        linked=(),
        sample=False,
    )
    return Passage(n, f"w{n}", article, 0, len(text), score, text)


def _held(keys: Sequence[Sequence[str]], text: str) -> list[bool]:
    """For each key whether the text holds it, in one of its forms; a number must not be a piece of a longer one."""
    squeezed = squeeze(text)
    return [any(_stands_whole(squeeze(form), squeezed) for form in forms) for forms in keys]


def _stands_whole(key: str, text: str) -> bool:
    at = text.find(key)
    while at >= 0:
        before, behind = text[at - 1 : at] if at else "", text[at + len(key) : at + len(key) + 1]
        if not (key[0].isdigit() and before.isdigit()) and not (key[-1].isdigit() and behind.isdigit()):
            return True
        at = text.find(key, at + 1)
    return False


def right_of(keys: Sequence[Sequence[str]], evidence: Sequence[Evidence]) -> NDArray[np.float64]:
    """For each sentence 1 where it holds the answer; where none holds all of it, the share that it holds."""
    if not keys or not evidence:
        return np.zeros(len(evidence))
    held = np.array([_held(keys, one.text) for one in evidence], dtype=float)
    whole = held.all(axis=1).astype(float)
    return whole if whole.any() else held.mean(axis=1)


@dataclass(frozen=True, slots=True)
class Seen:
    """A case with its evidence, and how right each sentence is."""

    case: Case
    evidence: Sequence[Evidence]
    right: NDArray[np.float64]

    @property
    def answered(self) -> bool:
        """Whether one sentence says it all."""
        return bool((self.right == 1).any())

    def group(self, inputs: Callable[[Kind, Evidence], list[float]]) -> Group:
        """Its sentences as rows."""
        return Group(np.array([inputs(self.case.asked.kind, one) for one in self.evidence]), self.right)

    def weighed(self, network: Network, inputs: Callable[[Kind, Evidence], list[float]]) -> list[Evidence]:
        """The evidence as `bot.evidence` would have it, had it this network."""
        scores = network.likely([inputs(self.case.asked.kind, one) for one in self.evidence])
        scored = [replace(one, score=score) for one, score in zip(self.evidence, scores, strict=True)]
        return sorted(scored, key=lambda one: (-one.score, one.article.article_id, one.start))


def main(
    archive: Annotated[Path, typer.Argument(help="Archive of all of news.jsonl.")],
    readers: Annotated[Path, typer.Argument(help="Folder that bot.training.reader filled.")],
) -> None:
    """Learn the three networks and write them into the package."""
    encoder = load_encoder("builtin")
    asked = [case for case in cases(archive, encoder) if case.passages]
    marked: list[Seen] = []
    for case in asked:
        found = look_over(case.asked, case.passages, encoder)
        marked.append(Seen(case, found, right_of(case.keys, found)))
    worth = _learn_answers(marked, worth_inputs)
    _write(WORTH, WORTH_INPUTS, worth, len(asked))
    seen: list[Seen] = []
    for one in marked:
        reader = read_reader(readers / f"half-{half_of(one.case)}.onnx")
        read = read_best(one.case.asked, one.weighed(worth, worth_inputs), reader)
        seen.append(Seen(one.case, read, right_of(one.case.keys, read)))
    doubts: list[Group] = []
    for half in (0, 1):  # as with readers
        network = _learn_answers([one for one in seen if half_of(one.case) != half], answer_inputs)
        doubts += [_sign(one, one.weighed(network, answer_inputs)) for one in seen if half_of(one.case) == half]
    refusals = learn(doubts, rivals=False, units=REFUSAL_UNITS, epochs=REFUSAL_EPOCHS)
    _write(REFUSALS, REFUSAL_INPUTS, refusals, len(doubts))
    _write(ANSWERS, ANSWER_INPUTS, _learn_answers(seen, answer_inputs), len(seen))


def half_of(case: Case) -> int:
    """Which half of the questions it is of."""
    return len(case.asked.text) % 2


def _learn_answers(seen: Sequence[Seen], inputs: Callable[[Kind, Evidence], list[float]]) -> Network:
    return learn([one.group(inputs) for one in seen if one.right.any()], rivals=True)


def _write(path: Path, inputs: tuple[str, ...], network: Network, settings: int) -> None:
    about = f"learned from {settings} settings of {QUESTIONS.name} by bot/training/answers.py"
    write_network(path, inputs, network, about)
    typer.echo(f"{path.name}: {about}")


def _sign(one: Seen, evidence: Sequence[Evidence]) -> Group:
    row = refusal_inputs(one.case.asked.kind, signs_of(one.case.asked, evidence))
    return Group(np.array([row]), np.array([float(one.answered)]))


if __name__ == "__main__":
    typer.run(main)
