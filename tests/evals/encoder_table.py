"""How well an encoder finds the passage that answers a question, beside words alone and both together. Run by hand:

    python tests/evals/encoder_table.py ../shared/data [ENCODER ...]

Question sets, none of them trained on: CMRC 2018 trial and DRCD dev (people's questions, encyclopaedia; DRCD in
traditional characters), each within its own passages; one-sentence descriptions and headlines of 679 news events, each
to be found among the chunks of these and 10,000 more articles. An article stands where its best chunk stands.
"""

from __future__ import annotations

import json
import lzma
import math
import os
import platform
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np

from ingest.chunks import cut_chunks
from ingest.encoder import load_encoder
from ingest.models import Article
from ingest.terms import search_terms

POOL = 10_000  # news articles beside those that are asked for
K1, B = 1.2, 0.75  # BM25, as lab.md measured it
COSINE = 0.5  # weight of a cosine beside a BM25 score divided by the best one


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """`passages` with the document each belongs to (`owner`), and questions with the document that answers."""

    name: str
    passages: list[str]
    owner: np.ndarray
    questions: list[str]
    answered_by: list[int]


class Words:
    """BM25 over all passages, exact."""

    def __init__(self, passages: list[str]) -> None:
        places: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        lengths = np.zeros(len(passages))
        for number, passage in enumerate(passages):
            terms = Counter(search_terms(passage))
            lengths[number] = terms.total()
            for term, count in terms.items():
                places[term].append((number, count))
        self._size = K1 * (1 - B + B * lengths / lengths.mean())
        self._places = {term: np.array(found) for term, found in places.items()}

    def scores(self, question: str) -> np.ndarray:
        scores = np.zeros(len(self._size))
        for term in search_terms(question):
            if term in self._places:
                at, count = self._places[term].T
                rarity = math.log(1 + (len(scores) - len(at) + 0.5) / (len(at) + 0.5))
                scores[at] += rarity * count * (K1 + 1) / (count + self._size[at])
        return scores


def read(path: Path) -> list[dict]:
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def encyclopaedia(data: Path, name: str) -> QuestionSet:
    rows = read(data / f"{name}.jsonl.xz")
    asked = [(q["question"], number) for number, row in enumerate(rows) for q in row["questions"]]
    passages = [row["context"] for row in rows]
    return QuestionSet(name, passages, np.arange(len(rows)), [q for q, _ in asked], [number for _, number in asked])


def events(data: Path, field: str) -> QuestionSet:
    rows = read(data / "events_dev.jsonl.xz")
    texts = [row["text"] for row in [*rows, *read(data / "news.jsonl.xz")[:POOL]]]
    passages, owner = [], []
    for number, text in enumerate(texts):
        paragraphs = tuple(line for line in text.split("\n") if line.strip())
        for chunk in cut_chunks(Article(title=None, paragraphs=paragraphs, start=0, end=len(text))):
            passages.append(chunk.text)
            owner.append(number)
    return QuestionSet(
        f"events by {field}", passages, np.array(owner), [r[field] for r in rows], list(range(len(rows)))
    )


def figures(ranks: list[int]) -> str:
    found = np.array(ranks)
    shares = [f"{(found <= k).mean():.3f}" for k in (1, 5, 10)]
    return " | ".join([*shares, f"{(1 / found).mean():.3f}"])


def rank(scores: np.ndarray, owner: np.ndarray, right: int) -> int:
    """From 1, in documents: how many have a chunk that scores as well as the right one's best."""
    best = scores[owner == right].max()
    return max(1, len(np.unique(owner[scores >= best])))


def measure(questions: QuestionSet, encoders: list[str]) -> None:
    words = Words(questions.passages)
    by_words = [words.scores(question) for question in questions.questions]
    ranks = [rank(s, questions.owner, a) for s, a in zip(by_words, questions.answered_by, strict=True)]
    print(f"| {questions.name} | words (BM25) | {figures(ranks)} | |")
    for name in encoders:
        encoder = load_encoder(name)
        began = time.perf_counter()
        table = encoder.encode_documents(questions.passages)
        speed = len(table) / (time.perf_counter() - began)
        alone, both = [], []
        for question, scores, answer in zip(questions.questions, by_words, questions.answered_by, strict=True):
            cosines = table @ encoder.encode_query(question)
            alone.append(rank(cosines, questions.owner, answer))
            both.append(rank(scores / max(scores.max(), 1e-9) + COSINE * cosines, questions.owner, answer))
        print(f"| | {name} | {figures(alone)} | {speed:,.0f} |")
        print(f"| | words + {COSINE} × {name} | {figures(both)} | |", flush=True)


def main(data: Path, encoders: list[str]) -> None:
    versions = ", ".join(f"{name} {version(name)}" for name in ("numpy", "tokenizers", "rjieba"))
    machine = f"{os.cpu_count()} cores ({platform.machine()}), Python {platform.python_version()}"
    print(f"{time.strftime('%Y-%m-%d')}, {machine}, {versions}\n")
    print("| questions | found by | hit@1 | hit@5 | hit@10 | MRR | passages/s |\n|---|---|---|---|---|---|---|")
    for questions in (encyclopaedia(data, "cmrc_trial"), encyclopaedia(data, "drcd_dev")):
        measure(questions, encoders)
    for field in ("question", "title"):
        measure(events(data, field), encoders)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: python tests/evals/encoder_table.py DATA [ENCODER ...]")
    main(Path(sys.argv[1]), sys.argv[2:] or ["builtin"])
