"""A small network of one hidden layer, kept as a table that can be read, so that no library for learning is needed.

In: rows of named inputs. Out: how likely each row is what the network was taught to know, 0 to 1. Its file has a row
for each input: first what it weighs by itself, then what it weighs in each hidden unit; row `bias` is what all start
from, row `out` what each unit weighs. `bot/training/` makes the files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

_BIAS, _OUT = "bias", "out"

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Network:
    """`direct` (n) and `hidden` (n × units) for n inputs, a bias for each of both, and `out` (units)."""

    direct: Matrix
    hidden: Matrix
    direct_bias: float
    hidden_bias: Matrix
    out: Matrix

    def likely(self, rows: Sequence[Sequence[float]]) -> list[float]:
        """For each row of n inputs how likely, 0 to 1."""
        if not rows:
            return []
        inputs = np.array(rows)
        units = np.tanh(inputs @ self.hidden + self.hidden_bias)
        found: list[float] = (1 / (1 + np.exp(-(inputs @ self.direct + self.direct_bias + units @ self.out)))).tolist()
        return found


@cache
def read_network(path: Path, inputs: tuple[str, ...]) -> Network:
    """The network of a file, its inputs in the order in which `inputs` names them."""
    lines = [line.split("\t") for line in path.read_text("utf-8").splitlines() if line and line[0] != "#"]
    rows = {name: list(map(float, values)) for name, *values in lines}
    table = np.array([rows[name] for name in (*inputs, _BIAS, _OUT)])
    weights, bias, out = table[:-2], table[-2], table[-1]
    return Network(weights[:, 0], weights[:, 1:], float(bias[0]), bias[1:], out[1:])


def write_network(path: Path, inputs: tuple[str, ...], network: Network, about: str) -> None:
    """Put `network` into a file; `about` says in a line how it was made."""
    weights = np.column_stack([network.direct, network.hidden])
    table = np.vstack([weights, [network.direct_bias, *network.hidden_bias], [0.0, *network.out]])
    names = (*inputs, _BIAS, _OUT)
    lines = ["\t".join([name, *(f"{value:.4g}" for value in row)]) for name, row in zip(names, table, strict=True)]
    path.write_text("\n".join([f"# {about}", *lines]) + "\n", "utf-8")
