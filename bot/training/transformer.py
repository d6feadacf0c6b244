"""The reader (`bot.reader`) as torch learns it: the same characters, positions and runs, the same score in the end.

In: questions and sentences as numbers, many at once and on any device. Out: a score of each pair. How it is taught
stands in `bot/training/reader.py`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from bot.reader import FIRST, PAD, POSITIONS, QUESTION, SENTENCE, START, STOP

WIDTH, LAYERS, HEADS = 256, 4, 4
DROPOUT, HIDDEN = 0.1, -1e4


class Block(nn.Module):
    """Attention and a layer of four times the width."""

    def __init__(self) -> None:
        """All weights small."""
        super().__init__()
        self.norm, self.mix, self.out = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.then, self.up, self.down = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, x: Tensor, hidden: Tensor) -> Tensor:
        """`hidden`: what is added to what each looks at, 0 or a large negative number."""
        rows, length, _ = x.shape
        parts = self.mix(self.norm(x)).view(rows, length, 3, HEADS, WIDTH // HEADS)
        query, key, value = (parts[:, :, n].transpose(1, 2) for n in range(3))
        if torch.onnx.is_in_onnx_export():
            looked = torch.softmax(query @ key.transpose(2, 3) * (WIDTH // HEADS) ** -0.5 + hidden, -1) @ value
        else:
            looked = functional.scaled_dot_product_attention(query, key, value, attn_mask=hidden.to(query.dtype))
        x = x + self.drop(self.out(looked.transpose(1, 2).reshape(rows, length, WIDTH)))
        return x + self.drop(self.down(functional.gelu(self.up(self.then(x)), approximate="tanh")))

    def drop(self, x: Tensor) -> Tensor:
        """Leave some out, while learning."""
        return functional.dropout(x, DROPOUT, self.training)


class Transformer(nn.Module):
    """Characters, positions and what both sides have in common, into a score of each character as (in) the answer."""

    def __init__(self, characters: int) -> None:
        """`characters`: how many numbers there are."""
        super().__init__()
        self.character, self.position = nn.Embedding(characters, WIDTH), nn.Embedding(POSITIONS, WIDTH)
        self.match, self.first, self.last = nn.Embedding(4, WIDTH), nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.blocks = nn.ModuleList(Block() for _ in range(LAYERS))
        self.guess, self.bias = nn.Linear(WIDTH, WIDTH), nn.Parameter(torch.zeros(characters))
        self.score = nn.Linear(WIDTH, 1)
        for weight in self.parameters():
            if weight.dim() > 1:
                nn.init.normal_(weight, 0, 0.02)
        for name, weight in self.named_parameters():
            if name.endswith(("out.weight", "down.weight")):
                nn.init.normal_(weight, 0, 0.02 / math.sqrt(2 * LAYERS))
        nn.init.zeros_(self.match.weight)
        nn.init.zeros_(self.score.weight)
        nn.init.constant_(self.score.bias, -5.0)  # hardly any sentence answers

    def states(self, ids: Tensor, positions: Tensor, match: Tensor) -> Tensor:
        """A vector for each character."""
        x = self.first(self.character(ids) + self.position(positions) + self.match(match))
        hidden = ((ids == PAD).float() * HIDDEN)[:, None, None, :]
        for block in self.blocks:
            x = block(x, hidden)
        told: Tensor = self.last(x)
        return told

    def forward(self, ids: Tensor, positions: Tensor, match: Tensor, keep: Tensor) -> Tensor:
        """One score for each pair: all places where an answer may stand together."""
        return torch.logsumexp(self.places(ids, positions, match, keep), 1)

    def places(self, ids: Tensor, positions: Tensor, match: Tensor, keep: Tensor) -> Tensor:
        """The score of each place."""
        score: Tensor = self.score(self.states(ids, positions, match)).squeeze(-1).float()
        return score + (keep - 1) * -HIDDEN

    def guesses(self, states: Tensor) -> Tensor:
        """Which character stands there."""
        return functional.linear(functional.gelu(self.guess(states)), self.character.weight, self.bias)


@dataclass(frozen=True, slots=True)
class Texts:
    """Many texts behind one another: text n is `flat[start[n]:start[n] + length[n]]`."""

    flat: Tensor
    start: Tensor
    length: Tensor


def pairs(questions: Texts, asked: Tensor, sentences: Texts, told: Tensor, length: int) -> tuple[Tensor, ...]:
    """As `bot.reader.paired`, for many questions at once and without leaving the device."""
    at = torch.arange(length, device=asked.device)[None]
    q = questions.length[asked].clamp(max=QUESTION)[:, None]
    s = torch.minimum(sentences.length[told].clamp(max=SENTENCE)[:, None], length - 3 - q)
    in_question, in_sentence = (at >= 1) & (at <= q), (at >= q + 2) & (at < q + 2 + s)
    stops = (at == q + 1) | (at == q + 2 + s)
    ids = torch.zeros(len(asked), length, dtype=torch.long, device=asked.device)
    for inside, texts, which, shift in ((in_question, questions, asked, 1), (in_sentence, sentences, told, q + 2)):
        where = (texts.start[which][:, None] + at - shift).clamp(0, len(texts.flat) - 1)
        ids = torch.where(inside, texts.flat[where].long(), ids)
    ids = ids.masked_fill(stops, STOP)
    ids[:, 0] = START
    positions = torch.where(in_question, at, torch.where(in_sentence, at - q - 2 + QUESTION + 3, 0))
    positions = torch.where(at == q + 1, QUESTION + 1, torch.where(at == q + 2 + s, QUESTION + 2, positions))
    keep = in_sentence.float()
    keep[:, 0] = 1
    return ids, positions, _in_common(ids, in_question, in_sentence), keep


def _in_common(ids: Tensor, one: Tensor, other: Tensor) -> Tensor:
    """For each character how long a run of them, up to three, stands on the other side as well."""
    across = (one[:, :, None] & other[:, None, :]) | (other[:, :, None] & one[:, None, :])
    alike = (ids[:, :, None] == ids[:, None, :]) & across & (ids >= FIRST)[:, :, None]
    out = alike.any(2).long()
    for run in (2, 3):
        alike = alike[:, :-1, :-1] & _shifted(ids, across, run)
        begins = alike.any(2)
        for step in range(run):
            out[:, step : step + begins.shape[1]][begins] = run
    return out


def _shifted(ids: Tensor, across: Tensor, run: int) -> Tensor:
    """Whether the characters `run` - 1 further on are alike on both sides."""
    later, same_side = ids[:, run - 1 :], across[:, run - 1 :, run - 1 :]
    return (later[:, :, None] == later[:, None, :]) & same_side & (later >= FIRST)[:, :, None]


def texts_of(flat: Tensor, length: Tensor) -> Texts:
    """Texts that stand behind one another."""
    return Texts(flat, length.cumsum(0) - length, length)
