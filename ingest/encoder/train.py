"""News into the built-in encoder: `python -m ingest.encoder.train --data NEWS.jsonl.xz`.

In: news articles and the word counts of `ingest.frequencies`. Out: a sentence-transformers StaticEmbedding folder in
float16 with its model card. A piece of a sentence has to find its passage among all other passages of a batch. It takes
minutes of two cores; nothing else in the package imports this room.
"""

from __future__ import annotations

import json
import lzma
import os
import platform
import shutil
import time
from collections.abc import Callable, Iterator
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

from ingest.encoder import BUILTIN_FOLDER
from ingest.encoder.pairs import SHORTEST, Corpus, Ids, make_pair, read_corpus
from ingest.encoder.static import TOKENIZER
from ingest.encoder.vocabulary import build_tokenizer
from ingest.frequencies import read_frequencies

SEED = 20230511
BATCH = 2048  # pairs: every other pair's passage is a wrong answer
TEMPERATURE = 0.05  # cosines are divided by it
LEARNING_RATE = 5e-3  # Adam's, falling to zero in a straight line
HELD_OUT = 1000  # articles kept from training, for the figure at the end
CARD = Path(__file__).with_name("card.md")


def read_texts(data: Path) -> Iterator[str]:
    """The articles' texts."""
    with lzma.open(data, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)["text"]


def first_table(corpus: Corpus, size: int, dimension: int) -> torch.nn.EmbeddingBag:
    """Random directions, each as long as its token's inverse document frequency; the unknown one is and stays zero."""
    seen = np.zeros(size)
    bounds = corpus.starts[np.searchsorted(corpus.article, np.arange(corpus.article[-1] + 2))]
    for start, end in pairwise(bounds.tolist()):
        seen[np.unique(corpus.tokens[start:end])] += 1
    rarities = np.log(len(bounds) / (seen + 0.5))
    weights = torch.randn(size, dimension) * torch.from_numpy(rarities).float()[:, None] / (10 * dimension**0.5)
    weights[0] = 0
    return torch.nn.EmbeddingBag.from_pretrained(weights, freeze=False, mode="mean", padding_idx=0)


def train(corpus: Corpus, table: torch.nn.EmbeddingBag, steps: int, say: Callable[[str], None]) -> float:
    """Train the table in place. Returns hit@1 of pieces of HELD_OUT articles, each among the passages of all."""
    random = np.random.default_rng(SEED)
    known = np.diff(corpus.starts) >= SHORTEST
    held_out = corpus.article > corpus.article[-1] - HELD_OUT
    pool = np.flatnonzero(known & ~held_out)
    optimizer = torch.optim.Adam(table.parameters(), lr=LEARNING_RATE)
    falling = torch.optim.lr_scheduler.LinearLR(optimizer, 1, 0, steps)
    order = np.concatenate([random.permutation(pool) for _ in range(1 + steps * BATCH // len(pool))])
    right = torch.arange(BATCH)
    for step in range(steps):
        scores = _cosines(table, corpus, order[step * BATCH : (step + 1) * BATCH], random) / TEMPERATURE
        loss = (functional.cross_entropy(scores, right) + functional.cross_entropy(scores.T, right)) / 2
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()
        falling.step()
        if step % 50 == 0:
            say(f"step {step} of {steps}: loss {loss.item():.3f}")
    test = np.flatnonzero(known & held_out)
    _, one_of_each = np.unique(corpus.article[test], return_index=True)
    with torch.no_grad():
        best = _cosines(table, corpus, test[one_of_each], random).argmax(1)
    return float((best == torch.arange(len(best))).float().mean())


def _cosines(
    table: torch.nn.EmbeddingBag, corpus: Corpus, sentences: NDArray[np.int64], random: np.random.Generator
) -> torch.Tensor:
    """Cosines of the sentences' pieces (rows) with their passages (columns)."""
    pairs = [make_pair(corpus, sentence, random) for sentence in sentences.tolist()]
    return _means(table, [piece for piece, _ in pairs]) @ _means(table, [passage for _, passage in pairs]).T


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
    steps: Annotated[int, typer.Option(help="Batches to train on.")] = 420,
) -> None:
    """Train the built-in encoder and write it as a sentence-transformers folder."""
    began = time.monotonic()

    def say(line: str) -> None:
        typer.echo(f"{time.monotonic() - began:6.0f} s  {line}", err=True)

    torch.manual_seed(SEED)
    tokenizer = build_tokenizer(read_frequencies().counts, vocabulary)
    corpus = read_corpus(read_texts(data), tokenizer)
    say(f"{corpus.article[-1] + 1:,} articles, {len(corpus.article):,} sentences, {len(corpus.tokens):,} tokens")
    table = first_table(corpus, tokenizer.get_vocab_size(), dimension)
    hit = train(corpus, table, steps, say)
    card = Template(CARD.read_text("utf-8")).substitute(
        articles=f"{corpus.article[-1] + 1:,}",
        sentences=f"{len(corpus.article):,}",
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
