"""News into the built-in encoder: `python -m ingest.encoder.train --data NEWS.jsonl.xz`.

In: news articles, the word counts of `ingest.frequencies`, the thesaurus and our own everyday questions. Out: a
sentence-transformers StaticEmbedding folder in float16 with its model card. A piece of a sentence has to find its
passage, an everyday wording what newspapers print for it, a question its article, among all others of a batch. It takes
ten minutes and 3 GB on two cores; nothing else in the package imports this room.
"""

from __future__ import annotations

import json
import lzma
import os
import platform
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from string import Template
from typing import Annotated

import numpy as np
import torch
import typer
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import StaticEmbedding
from tokenizers import Tokenizer
from torch.nn import functional

import ingest.training
from ingest.encoder import BUILTIN_FOLDER
from ingest.encoder.pairs import (
    SHORTEST,
    Corpus,
    Ids,
    Pair,
    Wordings,
    entry_pair,
    question_pair,
    read_corpus,
    read_wordings,
    sentence_pair,
)
from ingest.encoder.static import TOKENIZER
from ingest.encoder.vocabulary import build_tokenizer
from ingest.frequencies import read_frequencies
from ingest.thesaurus import read_entries
from ingest.training.wordvectors import WINDOW, company_vectors

SEED = 20230511
BATCH = 2048  # pairs: every other pair's passage is a wrong answer
QUESTIONS, ENTRIES = 400, 300  # of them: everyday questions with their articles, entries of the thesaurus
TEMPERATURE = 0.05  # cosines are divided by it
LEARNING_RATE = 5e-3  # Adam's, falling to zero in a straight line
HELD_OUT = 1000  # articles kept from training, for the figure at the end
LENGTH = 0.1  # of a first vector, for each nat of its token's inverse document frequency
LEAST_RARE = 0.1  # nats
CARD = Path(__file__).with_name("card.md")
EVERYDAY = Path(ingest.training.__file__).with_name("everyday.jsonl")


@dataclass(frozen=True, slots=True)
class Lesson:
    """All that is learned from. `questions` are everyday ones, each with the number of its article in the corpus."""

    corpus: Corpus
    wordings: Wordings
    questions: tuple[tuple[Ids, int], ...]


def read_lesson(data: Path, tokenizer: Tokenizer) -> Lesson:
    """News of `data`, the shipped thesaurus, and those everyday questions that ask for an article of this news."""
    with lzma.open(data, "rt", encoding="utf-8") as lines:
        articles = [json.loads(line) for line in lines]
    numbers = {article["id"]: number for number, article in enumerate(articles)}
    asked = [json.loads(line) for line in EVERYDAY.read_text("utf-8").splitlines()]
    questions = [
        (np.array(tokenizer.encode(one["question"], add_special_tokens=False).ids, np.int32), numbers[one["article"]])
        for one in asked
        if one["article"] in numbers
    ]
    corpus = read_corpus((article["text"] for article in articles), tokenizer)
    return Lesson(corpus, read_wordings(read_entries(), tokenizer), tuple(questions))


def first_table(corpus: Corpus, size: int, dimension: int) -> torch.nn.EmbeddingBag:
    """Like company, like direction; as long as a token's inverse document frequency; the unknown one stays zero."""
    seen = np.zeros(size)
    bounds = corpus.starts[np.searchsorted(corpus.article, np.arange(corpus.article[-1] + 2))]
    for start, end in pairwise(bounds.tolist()):
        seen[np.unique(corpus.tokens[start:end])] += 1
    rarities = np.maximum(np.log(len(bounds) / (seen + 0.5)), LEAST_RARE)
    directions = company_vectors(_spaced(corpus), size, dimension)
    alone = np.linalg.norm(directions, axis=1) < 1 / 2  # a token without company points anywhere
    directions[alone] = np.random.default_rng(SEED).standard_normal((alone.sum(), dimension)) / dimension**0.5
    weights = torch.from_numpy(directions * rarities[:, None] * LENGTH).float()
    weights[0] = 0
    return torch.nn.EmbeddingBag.from_pretrained(weights, freeze=False, mode="mean", padding_idx=0)


def _spaced(corpus: Corpus) -> NDArray[np.int32]:
    """All tokens in a row, unknown ones as -1, with a gap of WINDOW between sentences."""
    row = np.full(len(corpus.tokens) + WINDOW * len(corpus.article), -1, np.int32)
    sentence = np.repeat(np.arange(len(corpus.article)), np.diff(corpus.starts))
    row[np.arange(len(corpus.tokens)) + WINDOW * sentence] = np.where(corpus.tokens > 0, corpus.tokens, -1)
    return row


def train(lesson: Lesson, table: torch.nn.EmbeddingBag, steps: int, say: Callable[[str], None]) -> float:
    """Train the table in place. Returns hit@1 of pieces of HELD_OUT articles, each among the passages of all."""
    random = np.random.default_rng(SEED)
    corpus = lesson.corpus
    known = np.diff(corpus.starts) >= SHORTEST
    held_out = corpus.article > corpus.article[-1] - HELD_OUT
    pool = np.flatnonzero(known & ~held_out)
    optimizer = torch.optim.Adam(table.parameters(), lr=LEARNING_RATE)
    falling = torch.optim.lr_scheduler.LinearLR(optimizer, 1, 0, steps)
    for step in range(steps):
        pairs = _batch(lesson, pool, random)
        scores, right = _cosines(table, pairs) / TEMPERATURE, torch.arange(len(pairs))
        loss = (functional.cross_entropy(scores, right) + functional.cross_entropy(scores.T, right)) / 2
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()
        falling.step()
        if step % 50 == 0:
            say(f"step {step} of {steps}: loss {loss.item():.3f}")
    test = np.flatnonzero(known & held_out)
    _, one_of_each = np.unique(corpus.article[test], return_index=True)
    plain = Wordings((), {})
    with torch.no_grad():
        best = _cosines(table, [sentence_pair(corpus, each, plain, random) for each in test[one_of_each]]).argmax(1)
    return float((best == torch.arange(len(best))).float().mean())


def _batch(lesson: Lesson, pool: NDArray[np.int64], random: np.random.Generator) -> list[Pair]:
    """BATCH pairs: questions, entries of the thesaurus, and for the rest pieces of the sentences of `pool`."""
    asked = [lesson.questions[each] for each in random.permutation(len(lesson.questions))[:QUESTIONS]]
    pairs = [question_pair(lesson.corpus, question, article, random) for question, article in asked]
    entries = random.permutation(len(lesson.wordings.entries))[:ENTRIES]
    pairs += [entry_pair(lesson.wordings, each, random) for each in entries]
    sentences = random.choice(pool, BATCH - len(pairs), replace=False)
    return pairs + [sentence_pair(lesson.corpus, each, lesson.wordings, random) for each in sentences.tolist()]


def _cosines(table: torch.nn.EmbeddingBag, pairs: Sequence[Pair]) -> torch.Tensor:
    """Cosines of the first of each pair (rows) with the second of each (columns)."""
    return _means(table, [one for one, _ in pairs]) @ _means(table, [other for _, other in pairs]).T


def _means(table: torch.nn.EmbeddingBag, texts: list[Ids]) -> torch.Tensor:
    starts = np.cumsum([0, *map(len, texts[:-1])])
    return functional.normalize(table(torch.from_numpy(np.concatenate(texts)).long(), torch.from_numpy(starts)))


def save(tokenizer: Tokenizer, weights: torch.Tensor, card: str, out: Path) -> None:
    """Write the folder: float16, with its card, readable by every user."""
    model = SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_weights=weights.half())])
    shutil.rmtree(out, ignore_errors=True)
    model.save(str(out), create_model_card=False)
    tokenizer.save(str(out / TOKENIZER), pretty=False)  # half the size
    (out / "README.md").write_text(card, encoding="utf-8")
    for path in out.iterdir():
        path.chmod(0o644)  # safetensors writes 0600, which a container's user could not read


def main(
    data: Annotated[Path, typer.Option(help="News: JSON lines, xz, each with a `text`.")],
    out: Annotated[Path, typer.Option(help="Folder to write; replaced if it is there.")] = BUILTIN_FOLDER,
    dimension: Annotated[int, typer.Option(help="Numbers in a vector.")] = 256,
    vocabulary: Annotated[int, typer.Option(help="Pieces of the tokenizer, the unknown one included.")] = 36_000,
    steps: Annotated[int, typer.Option(help="Batches to train on.")] = 900,
) -> None:
    """Train the built-in encoder and write it as a sentence-transformers folder."""
    began = time.monotonic()

    def say(line: str) -> None:
        typer.echo(f"{time.monotonic() - began:6.0f} s  {line}", err=True)

    torch.manual_seed(SEED)
    tokenizer = build_tokenizer(read_frequencies().counts, vocabulary)
    lesson = read_lesson(data, tokenizer)
    corpus = lesson.corpus
    say(f"{corpus.article[-1] + 1:,} articles, {len(corpus.article):,} sentences, {len(corpus.tokens):,} tokens")
    table = first_table(corpus, tokenizer.get_vocab_size(), dimension)
    hit = train(lesson, table, steps, say)
    card = Template(CARD.read_text("utf-8")).substitute(
        articles=f"{corpus.article[-1] + 1:,}",
        sentences=f"{len(corpus.article):,}",
        entries=f"{len(lesson.wordings.entries):,}",
        questions=f"{len(lesson.questions):,}",
        vocabulary=f"{tokenizer.get_vocab_size():,}",
        dimension=dimension,
        steps=steps,
        batch=f"{BATCH:,}",
        temperature=TEMPERATURE,
        rate=LEARNING_RATE,
        seed=SEED,
        held_out=f"{HELD_OUT:,}",
        hit=f"{hit:.3f}",
        minutes=f"{(time.monotonic() - began) / 60:.0f}",
        cores=os.cpu_count(),
        machine=platform.machine(),
        day=time.strftime("%Y-%m-%d"),
        python=platform.python_version(),
        torch=version("torch"),
        transformers=version("sentence-transformers"),
        tokenizers=version("tokenizers"),
    )
    save(tokenizer, table.weight.detach(), card, out)
    typer.echo(card)


if __name__ == "__main__":
    typer.run(main)
