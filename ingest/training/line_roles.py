"""Learns the weights of `ingest.roles` (`roles.tsv`) from composed pages.

    python -m ingest.training.line_roles NEWS.jsonl.xz EVENTS.jsonl.xz [PAGES]

In: articles (JSON lines with `text`, `title` where known). Out: `ingest/roles.tsv`. A linear-chain conditional random
field: the likelihood of the true roles of whole pages, with a penalty on large weights, raised by gradient steps.
"""

from __future__ import annotations

import json
import lzma
import random
import re
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import torch

from ingest.evidence import page_evidence
from ingest.frequencies import rarity
from ingest.lines import cut_lines
from ingest.roles import WEIGHTS, Role, forbidden_first, forbidden_steps
from ingest.terms import search_terms
from ingest.training.composed_pages import ComposedPage, Piece, compose_page

Table = tuple[list[str], np.ndarray, np.ndarray]

_SEED = 20230511
_LEAST = 12  # a mark seen on fewer lines says nothing that can be trusted
_PENALTY = 5e-6  # on the square of every weight, per line
_STEPS = 900
_RATE = 0.06
_BATCH = 24  # pages in a gradient step
_DRAWS = 4  # tables that the mean is taken of
_PAGES = 2500  # composed for each of them; more gave nothing more
_SHORTEST = 80  # characters of an article that is worth composing
_TELLING = 3.5  # rarity of a word that makes two articles kindred
_LEAST_KINDRED = 4  # articles
_TITLE = re.compile(r"原标题[：:]\s*([^）)(（\n]{6,40})[）)]")


def read_pieces(path: Path) -> list[Piece]:
    """Read articles; a web article often names its headline at its end (原标题：…)."""
    pieces = []
    with lzma.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            record = json.loads(line)
            named = _TITLE.search(record["text"])
            title = record.get("title") or (named[1] if named and not re.search(r"讯|电$", named[1]) else "")
            pieces.append(Piece(title, record["text"]))
    return pieces


def compose_pages(pieces: list[Piece], count: int, rng: random.Random) -> list[ComposedPage]:
    """Compose `count` pages, most of their articles with a headline, half the pages of kindred articles.

    The articles of a real page often are of one town or one matter: shared words must not be taken for one article.
    """
    titled = [p for p in pieces if p.title and len(p.text) > _SHORTEST]
    plain = [p for p in pieces if not p.title and len(p.text) > _SHORTEST]
    kindred = _kindred(titled)
    pages = []
    for _ in range(count):
        size = rng.choice((1, 3, 4, 5, 6, 8))
        pool = rng.choice(kindred) if kindred and rng.random() < 0.5 else titled
        chosen = rng.sample(pool, min(size, len(pool)))
        chosen = [rng.choice(plain) if plain and rng.random() < 0.08 else piece for piece in chosen]
        pages.append(compose_page(chosen, rng))
    return pages


def _kindred(pieces: list[Piece]) -> list[list[Piece]]:
    """Groups of articles that have a telling word in common."""
    groups: dict[str, list[Piece]] = {}
    for piece in pieces:
        for term in sorted(set(search_terms(piece.title + piece.text[:100]))):
            if len(term) > 1 and rarity(term) > _TELLING:
                groups.setdefault(term, []).append(piece)
    return [group for group in groups.values() if len(group) >= _LEAST_KINDRED]


def learn(pages: list[ComposedPage]) -> Table:
    """Give the names of the marks, their weights over roles, and those of each role over the next."""
    evidence = [page_evidence(cut_lines(page.text)) for page in pages]
    seen = Counter(name for page in evidence for names in page for name in set(names))
    marks = sorted(name for name, times in seen.items() if times >= _LEAST)
    number = {name: i for i, name in enumerate(marks)}
    torch.set_num_threads(1)  # the steps are many and small: threads only wait for each other
    own = torch.zeros(len(marks), len(Role), requires_grad=True)
    steps = torch.zeros(len(Role), len(Role), requires_grad=True)
    illegal, first = torch.tensor(forbidden_steps()), torch.tensor(forbidden_first())
    numbered = [[[number[m] for m in names if m in number] for names in page] for page in evidence]
    optimiser = torch.optim.Adam([own, steps], lr=_RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, _STEPS)
    order = random.Random(_SEED)  # noqa: S311 - a repeatable draw, no secret
    for step in range(_STEPS):
        batch = order.sample(range(len(pages)), min(_BATCH, len(pages)))
        loss = _loss([numbered[b] for b in batch], [pages[b].roles for b in batch], own, steps + illegal, first)
        loss = loss + _PENALTY * ((own**2).sum() + (steps**2).sum())
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_([own, steps], 1.0)
        optimiser.step()
        schedule.step()
        if step % 40 == 0:
            sys.stderr.write(f"step {step}: {loss.item():.4f} a line\n")
    return marks, own.detach().numpy(), steps.detach().numpy()


def _loss(
    batch: list[list[list[int]]],
    roles: list[tuple[Role, ...]],
    own: torch.Tensor,
    steps: torch.Tensor,
    first: torch.Tensor,
) -> torch.Tensor:
    """Minus the logarithm of the likelihood of the true roles, a line."""
    flat = torch.tensor([m for page in batch for names in page for m in names])
    offsets = np.cumsum([0, *(len(names) for page in batch for names in page)])[:-1]
    scores = torch.nn.functional.embedding_bag(flat, own, torch.tensor(offsets), mode="sum")
    lengths = [len(page) for page in batch]
    padded = torch.nn.utils.rnn.pad_sequence(list(torch.split(scores, lengths)), batch_first=True)
    true = torch.nn.utils.rnn.pad_sequence([torch.tensor(r) for r in roles], batch_first=True)
    live = torch.arange(padded.shape[1])[None] < torch.tensor(lengths)[:, None]
    gold = (padded.gather(2, true[..., None])[..., 0] * live).sum()
    gold = gold + (steps[true[:, :-1], true[:, 1:]] * live[:, 1:]).sum()
    alpha = padded[:, 0] + first
    for i in range(1, padded.shape[1]):
        on = torch.logsumexp(alpha[:, :, None] + steps[None], 1) + padded[:, i]
        alpha = torch.where(live[:, i, None], on, alpha)
    return (torch.logsumexp(alpha, 1).sum() - gold) / sum(lengths)


def mean_of(tables: list[Table]) -> Table:
    """The mean of several tables; a mark that one of them does not know weighs nothing there.

    What one draw of pages teaches by chance about rare marks, the next does not: the mean errs less than any of them.
    """
    marks = sorted({mark for names, _, _ in tables for mark in names})
    own = np.zeros((len(marks), len(Role)), np.float32)
    place = {mark: n for n, mark in enumerate(marks)}
    for names, weights, _ in tables:
        own[[place[name] for name in names]] += weights / len(tables)
    return marks, own, np.mean([steps for _, _, steps in tables], axis=0)


def write_weights(path: Path, marks: list[str], own: np.ndarray, steps: np.ndarray) -> None:
    """Write the table: a header, a row a mark, a row a role it steps from."""
    rows = ["mark\t" + "\t".join(role.name.lower() for role in Role)]
    for name, row in [*zip(marks, own, strict=True), *((f"from {role.name}", steps[role]) for role in Role)]:
        rows.append(name + "\t" + "\t".join(f"{value:.2f}" for value in row))
    path.write_text("\n".join(rows) + "\n", "utf-8")


if __name__ == "__main__":
    news, events, *rest = sys.argv[1:]
    material = read_pieces(Path(news)) + read_pieces(Path(events))
    tables = []
    for draw in range(_DRAWS):
        chance = random.Random(_SEED + draw)  # noqa: S311 - a repeatable draw, no secret
        tables.append(learn(compose_pages(material, int(rest[0]) if rest else _PAGES, chance)))
    write_weights(WEIGHTS, *mean_of(tables))
