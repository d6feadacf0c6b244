"""A small transformer of ours that reads a question and a sentence together, to see whether the answer stands there.

In: a question, sentences. Out: a `Reading` of each. It knows no article and chooses nothing. Its weights are one file,
`reader.onnx`, made by `bot/training/reader.py`; the characters that it knows stand in the file.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bot.pieces import squeeze

if TYPE_CHECKING:
    import onnxruntime

READER = Path(__file__).with_name("reader.onnx")
QUESTION, SENTENCE = 38, 124  # characters that are read of each
POSITIONS = QUESTION + SENTENCE + 3
PAD, UNKNOWN, START, STOP, MASK, FIRST = range(6)  # what the numbers of characters begin with
_THREADS = 2  # sentences that are read at a time, each alone: together they cost a third more
_LOWEST, _SPAN = -8.0, 16.0  # between these lies what the transformer says; level is 0 to 1 there
_RUN = 3  # characters that stand in both, from which on a longer run says nothing new

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading said of a sentence, each from 0 to 1.

    alone: how likely it holds the answer. share: the same where exactly one of those read together holds it, or none.
    level: how strongly it speaks, from hardly to fully.
    """

    alone: float
    share: float
    level: float


READINGS = tuple(field.name for field in fields(Reading))
UNREAD = Reading(0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Reader:
    """A transformer that was read from its file."""

    session: onnxruntime.InferenceSession
    numbers: dict[str, int]
    threads: ThreadPoolExecutor

    def read(self, question: str, sentences: Sequence[str]) -> list[Reading]:
        """Read each sentence with the question."""
        if not sentences:
            return []
        asked = self.numbered(question)[:QUESTION]

        def score(sentence: str) -> float:
            told = self.numbered(sentence)[:SENTENCE]
            return float(self.session.run(None, paired(asked, [told]))[0][0])

        said = np.array(list(self.threads.map(score, sentences)))
        share = np.exp(said - np.log1p(np.exp(said).sum()))
        alone, level = 1 / (1 + np.exp(-said)), np.clip((said - _LOWEST) / _SPAN, 0.0, 1.0)
        return [Reading(*map(float, one)) for one in zip(alone, share, level, strict=True)]

    def numbered(self, text: str) -> list[int]:
        """The number of each character as the transformer knows it."""
        return [self.numbers.get(character, UNKNOWN) for character in squeeze(text)]


@cache
def read_reader(path: Path = READER) -> Reader:
    """The reader of a file, with a thread for each of two cores."""
    import onnxruntime  # late: it kills a process with an argument of 50,000 characters, and such are refused first

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    characters = session.get_modelmeta().custom_metadata_map["characters"]
    numbers = {character: n for n, character in enumerate(characters, FIRST)}
    return Reader(session, numbers, ThreadPoolExecutor(_THREADS, "reader"))


def paired(question: Sequence[int], sentences: Sequence[Sequence[int]]) -> dict[str, NDArray[np.generic]]:
    """The question before each sentence, and for each character its position and what it has in common.

    match: 0, or how long a run of characters, up to three, both sides have there. keep: 1 where an answer may stand.
    """
    asked, length = len(question), len(question) + 3 + max(map(len, sentences))
    ids: Ints = np.full((len(sentences), length), PAD, dtype=np.int64)
    positions: Ints = np.zeros_like(ids)
    match: Ints = np.zeros_like(ids)
    keep = np.zeros(ids.shape, dtype=np.float32)
    for row, sentence in enumerate(sentences):
        begin, end = asked + 2, asked + 2 + len(sentence)
        ids[row, : end + 1] = [START, *question, STOP, *sentence, STOP]
        positions[row, : end + 1] = [*range(asked + 1), QUESTION + 1, *_behind(len(sentence)), QUESTION + 2]
        match[row, 1 : asked + 1], match[row, begin:end] = runs_in_common(question, sentence)
        keep[row, begin:end] = keep[row, 0] = 1
    return {"ids": ids, "positions": positions, "match": match, "keep": keep}


def _behind(length: int) -> range:
    return range(QUESTION + 3, QUESTION + 3 + length)


def runs_in_common(one: Sequence[int], other: Sequence[int]) -> tuple[Ints, Ints]:
    """For each character of both how long a run both have there, at most three; unknown ones are never alike."""
    left, right = np.array(one, dtype=np.int64), np.array(other, dtype=np.int64)
    alike = (left[:, None] == right[None]) & (left >= FIRST)[:, None]
    out: tuple[Ints, Ints] = np.zeros(len(left), dtype=np.int64), np.zeros(len(right), dtype=np.int64)
    for run in range(1, _RUN + 1):
        for axis in (0, 1):
            at = np.flatnonzero(alike.any(axis=1 - axis))
            for step in range(run):
                out[axis][at + step] = run
        alike = alike[:-1, :-1] & (left[run:, None] == right[None, run:]) & (left[run:] >= FIRST)[:, None]
    return out
