"""Small networks learned from examples, for `bot.network` to read.

In: groups of rows, each row with how right it is. Out: a `Network`. Seeds are fixed: the same examples make the same
network on the same machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from bot.network import Matrix, Network

UNITS, EPOCHS, RATE = 16, 200, 0.02
SMALL_DIRECT, SMALL_HIDDEN = 1e-3, 1e-3  # what large weights cost
FIRST = 0.2  # spread of the hidden weights to begin with


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that stand beside each other (n × inputs), and how right each is, 0 to 1 (n)."""

    rows: Matrix
    right: Matrix


def learn(groups: Sequence[Group], *, rivals: bool, units: int = UNITS, epochs: int = EPOCHS) -> Network:
    """A network that says of each row how right it is; `rivals`: above all which of its group is the most right."""
    torch.manual_seed(0)
    inputs = torch.tensor(np.concatenate([group.rows for group in groups]), dtype=torch.float32)
    right = torch.tensor(np.concatenate([group.right for group in groups]), dtype=torch.float32)
    of = torch.tensor(np.concatenate([[i] * len(group.rows) for i, group in enumerate(groups)]))
    width = inputs.shape[1]
    parts = [torch.zeros(width), torch.zeros(1), FIRST * torch.randn(width, units), torch.zeros(units)]
    parts.append(torch.zeros(units))
    for part in parts:
        part.requires_grad_()
    direct, bias, hidden, hidden_bias, out = parts
    steps = torch.optim.Adam(parts, lr=RATE)
    for _ in range(epochs):
        score = inputs @ direct + bias + torch.tanh(inputs @ hidden + hidden_bias) @ out
        loss = binary_cross_entropy_with_logits(score, right)
        loss += SMALL_DIRECT * (direct**2).sum() + SMALL_HIDDEN * sum((part**2).sum() for part in parts[2:])
        if rivals:
            loss += _lost_to_rivals(score, right, of, len(groups))
        steps.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch says no types here
        steps.step()
    made = [part.detach().numpy().astype(float) for part in parts]
    return Network(made[0], made[2], float(made[1][0]), made[3], made[4])


def _lost_to_rivals(score: torch.Tensor, right: torch.Tensor, of: torch.Tensor, groups: int) -> torch.Tensor:
    """How little of a group's score, all scores of it together being 1, its right rows have."""
    best = torch.full((groups,), -torch.inf).scatter_reduce(0, of, score.detach(), "amax")
    share = torch.exp(score - best[of])
    most = torch.zeros(groups).scatter_reduce(0, of, right, "amax")[of]
    won = torch.zeros(groups).index_add(0, of, share * right / (most + 1e-9))
    return -torch.log(won / torch.zeros(groups).index_add(0, of, share) + 1e-9).mean()
