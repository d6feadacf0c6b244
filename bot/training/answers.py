"""Learn which sentence answers, and when none does: `bot/answers.tsv` and `bot/refusals.tsv`.

One command, four minutes on two cores:

    python -m bot.training.answers ARCHIVE

ARCHIVE is a folder as WENBAO_DATA names it that holds all of news.jsonl (Apache-2.0), as `python -m ingest add` reads
it. The questions are ours (`questions.jsonl`). Each is answered several times: from what the retriever finds, from what
it finds when the article is not there, and from five short windows of what was found, with the right one or without.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from pydantic import BaseModel

from bot.bot import HITS
from bot.evidence import ANSWER_INPUTS, ANSWERS, Evidence, answer_inputs, gather
from bot.models import Hit, Passage
from bot.network import read_network, write_network
from bot.pairs import character_pairs
from bot.passages import pick_passages
from bot.pieces import squeeze
from bot.question import Asked, read_question
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


def _group(asked: Asked, evidence: Sequence[Evidence], keys: Sequence[Sequence[str]]) -> Group | None:
    """The sentences of an answerable question; where none holds all of the answer, those that hold part of it."""
    held = np.array([_held(keys, one.text) for one in evidence], dtype=float)
    whole = held.all(axis=1).astype(float)
    right = whole if whole.any() else held.mean(axis=1)
    rows = np.array([answer_inputs(asked.kind, one.marks) for one in evidence])
    return Group(rows, right) if right.any() else None


def main(archive: Annotated[Path, typer.Argument(help="Archive of all of news.jsonl.")]) -> None:
    """Learn both networks and write them into the package."""
    encoder = load_encoder("builtin")
    asked = [case for case in cases(archive, encoder) if case.passages]
    doubts: list[Group] = []
    # What a network says of the questions that it has seen is too good: each half is looked at by that of the other.
    for half in (0, 1):
        _learn_answers([case for case in asked if _half(case) != half], encoder)
        doubts += [_sign(case, gather(case.asked, case.passages, encoder)) for case in asked if _half(case) == half]
    about = f"learned from {len(doubts)} settings of {QUESTIONS.name} by bot/training/answers.py"
    network = learn(doubts, rivals=False, units=REFUSAL_UNITS, epochs=REFUSAL_EPOCHS)
    write_network(REFUSALS, REFUSAL_INPUTS, network, about)
    _learn_answers(asked, encoder)


def _half(case: Case) -> int:
    return len(case.asked.text) % 2


def _learn_answers(asked: Sequence[Case], encoder: Encoder) -> None:
    groups = [
        group
        for case in asked
        if case.keys and (group := _group(case.asked, gather(case.asked, case.passages, encoder), case.keys))
    ]
    about = f"learned from {len(groups)} settings of {QUESTIONS.name} by bot/training/answers.py"
    write_network(ANSWERS, ANSWER_INPUTS, learn(groups, rivals=True), about)
    read_network.cache_clear()
    typer.echo(f"{ANSWERS.name}: {about}")


def _sign(case: Case, evidence: Sequence[Evidence]) -> Group:
    held = bool(case.keys) and any(all(_held(case.keys, one.text)) for one in evidence)
    row = refusal_inputs(case.asked.kind, signs_of(case.asked, evidence))
    return Group(np.array([row]), np.array([float(held)]))


if __name__ == "__main__":
    typer.run(main)
