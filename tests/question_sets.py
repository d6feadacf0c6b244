"""The data for measuring, as values: what is searched, and questions with the records that answer them.

In: the folder of the data (news, events, encyclopaedia, news questions) and our own `tests/data`. Out: records as
`ingest add` reads them, and sets of questions. A record whose text is the same as the right one's is right as well:
nobody could tell them apart. It ingests and asks nothing.
"""

from __future__ import annotations

import json
import lzma
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

OURS = Path(__file__).with_name("data")
EVENTS, HEADLINES, CMRC, DRCD, NEWS = "events by question", "events by headline", "CMRC", "DRCD", "news questions"
BARE_EVENTS = "events by question, headlines withheld"
ONE_NAME, NO_WORD = "everyday, one name kept", "everyday, no word kept"
SETS = (EVENTS, BARE_EVENTS, HEADLINES, CMRC, DRCD, NEWS, ONE_NAME, NO_WORD)
_EVERYDAY = {ONE_NAME: "one_name", NO_WORD: "no_word"}
TELLING = 12  # characters that a sentence has at least, if sharing it is to say something
SAME = 0.6  # share of the shorter text from which on two are the same: 38 of 679 events stand in the news then
_SENTENCE_ENDS = re.compile("[。！？；\n]")

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """A question, and the ids of the records that answer it."""

    text: str
    right: frozenset[str]


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Questions of one kind."""

    name: str
    questions: tuple[Question, ...]

    @property
    def headlines_withheld(self) -> bool:
        """Whether it is asked where events have no headlines: they would be the questions, or half of the answer."""
        return self.name in (HEADLINES, BARE_EVENTS)


@dataclass(frozen=True, slots=True)
class Material:
    """What is searched by all sets at once: `records`, the events among them without headlines, and `headed` with."""

    records: tuple[Row, ...]
    headed: tuple[Row, ...]
    sets: tuple[QuestionSet, ...]


def read_rows(path: Path) -> list[Row]:
    """The objects of a file of JSON lines, packed (.xz) or not."""
    with lzma.open(path, "rt", encoding="utf-8") if path.suffix == ".xz" else path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def material(data: Path, names: Sequence[str] = SETS, pool: int | None = None, most: int | None = None) -> Material:
    """The sets called `names`, with what they are asked of: their own passages and `pool` news articles (None: all).

    `most` questions of a set at most, from all over it.
    """
    events = read_rows(data / "events_dev.jsonl.xz")
    headed = [{"id": row["id"], "title": row["title"], "text": row["text"]} for row in events]
    found: list[Row] = [{"id": row["id"], "text": row["text"]} for row in events]
    sets: list[QuestionSet] = []
    for name in names:
        passages, questions = _set(data, name, events)
        found += passages
        sets.append(QuestionSet(name, tuple(questions[:: -(-len(questions) // most) if most else 1])))
    found += _pool(data, pool, {each for one in sets for question in one.questions for each in question.right})
    return Material(tuple(found), tuple(headed), tuple(_with_alike(sets, found)))


def _set(data: Path, name: str, events: Sequence[Row]) -> tuple[list[Row], list[Question]]:
    """Passages of the set's own, and its questions."""
    if name in (EVENTS, BARE_EVENTS, HEADLINES):
        field = "title" if name == HEADLINES else "question"
        return [], [Question(row[field], frozenset([row["id"]])) for row in events]
    if name in _EVERYDAY:
        asked = [row for row in read_rows(OURS / "everyday_dev.jsonl") if row["kind"] == _EVERYDAY[name]]
        return [], [Question(row["question"], frozenset([row["article"]])) for row in asked]
    if name == NEWS:
        return _news_questions(data)
    return _encyclopaedia(data, {CMRC: "cmrc_trial", DRCD: "drcd_dev"}[name])


def _encyclopaedia(data: Path, file: str) -> tuple[list[Row], list[Question]]:
    passages, questions = [], []
    for number, row in enumerate(read_rows(data / f"{file}.jsonl.xz")):
        name = f"{file}-{number}"
        passages.append({"id": name, "text": row["context"]})
        asked = (each["question"] for each in row["questions"])
        questions += [Question(text, frozenset([name])) for text in asked if text]  # CMRC has two without words
    return passages, questions


def _news_questions(data: Path) -> tuple[list[Row], list[Question]]:
    passages, questions = [], []
    for row in read_rows(data / "news_qa_dev.jsonl.xz"):
        right = [{"id": f"rgb-{row['id']}-{n}", "text": text} for n, text in enumerate(row["positive"])]
        wrong = [{"id": f"rgb-{row['id']}-no-{n}", "text": text} for n, text in enumerate(row["negative"])]
        passages += right + wrong
        questions.append(Question(row["question"], frozenset(each["id"] for each in right)))
    return passages, questions


def _pool(data: Path, count: int | None, wanted: set[str]) -> list[Row]:
    """All news, or the wanted articles and the first so many others."""
    news = [{key: row[key] for key in ("id", "date", "text")} for row in read_rows(data / "news.jsonl.xz")]
    if count is None:
        return news
    others = [row for row in news if row["id"] not in wanted]
    return [row for row in news if row["id"] in wanted] + others[:count]


def _with_alike(sets: Sequence[QuestionSet], records: Sequence[Row]) -> Iterator[QuestionSet]:
    """The sets with what is alike the right records; for news questions people said which passages are right."""
    same = alike(records, {each for one in sets for asked in one.questions for each in asked.right})
    for one in sets:
        if one.name == NEWS:
            yield one
            continue
        right = (frozenset().union(*(same[name] for name in asked.right)) for asked in one.questions)
        yield replace(one, questions=tuple(map(Question, (asked.text for asked in one.questions), right)))


def alike(records: Sequence[Row], names: Set[str]) -> dict[str, set[str]]:
    """For each record in `names` all that are the same text: agencies' reports stand under many names and endings."""
    sentences = {record["id"]: _sentences(record["text"]) for record in records}
    homes: defaultdict[str, set[str]] = defaultdict(set)
    for name in names:
        for sentence in sentences[name]:
            homes[sentence].add(name)
    same = {name: {name} for name in names}
    for other, own in sentences.items():
        shared = Counter[str]()
        for sentence in own:
            for name in homes.get(sentence, ()):
                shared[name] += len(sentence)
        for name, length in shared.items():
            if length >= SAME * min(sum(map(len, own)), sum(map(len, sentences[name]))):
                same[name].add(other)
    return same


def _sentences(text: str) -> set[str]:
    """Those that are long enough to be nobody else's, without punctuation."""
    bare = ("".join(filter(str.isalnum, part)) for part in _SENTENCE_ENDS.split(text))
    return {sentence for sentence in bare if len(sentence) >= TELLING}
