"""Any sentence-transformers model: texts into vectors, or question and text into a score. No other room imports it.

In: a model's folder. Out: vectors or scores. Importing the library takes 6 to 9 seconds, so it happens on the first
load and after the model was found. It never looks at the network.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.encoder.fingerprint import fingerprint_of
from ingest.encoder.on_disk import ENCODER, RERANKER, Use, use_of
from ingest.errors import NoModel

BATCH = 64  # texts: what a processor keeps busy with
PAIRS = 16  # pairs of question and text: more only pads them to the longest
LONGEST_PAIR = 512  # tokens: question and passage fit; a model that takes 8,192 would set aside room for them
# Words that a model wants before a question and that neither its files nor the library say. From the cards of the
# Chinese BGE models before M3, all three sizes; texts get none.
_INSTRUCTIONS = {r"bge-(small|base|large)-zh(-v1\.5)?": "为这个句子生成表示以用于检索相关文章："}


class TransformerEncoder:
    """A sentence-transformers model from a folder, with the prompts for questions and texts that it brings."""

    def __init__(self, folder: Path, name: str) -> None:
        """Load the model. Raises NoModel where the folder does not hold a whole one."""
        from sentence_transformers import SentenceTransformer

        self.name = name
        self._folder = folder
        with _loading(folder, name, ENCODER):
            self._model = SentenceTransformer(str(folder), local_files_only=True).float()
        dimension = self._model.get_embedding_dimension()
        if dimension is None:
            raise NoModel(f"encoder {name!r} does not say how long its vectors are: choose another model.")
        self.dimension = dimension
        self._model.prompts["query"] = self._model.prompts.get("query") or _instruction(name)

    @cached_property
    def fingerprint(self) -> str:
        """Hash of the model's files."""
        return fingerprint_of(self._folder)

    def encode_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row of length one for each text (n × dimension), a zero row for a text without any letter or digit."""
        rows = np.zeros((len(texts), self.dimension), np.float32)
        told = [i for i, text in enumerate(texts) if any(map(str.isalnum, text))]
        if told:
            rows[told] = self._model.encode_document(
                [texts[i] for i in told], batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False
            )
        return rows

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """The vector of one question (dimension,)."""
        if not any(map(str.isalnum, text)):
            return np.zeros(self.dimension, np.float32)
        row = self._model.encode_query(text, normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(row, np.float32)


class CrossScorer:
    """A sentence-transformers CrossEncoder from a folder, with the prompt that it brings."""

    def __init__(self, folder: Path, name: str) -> None:
        """Load the model. Raises NoModel where the folder does not hold a whole one that gives one score."""
        from sentence_transformers import CrossEncoder

        self.name = name
        with _loading(folder, name, RERANKER):
            self._model = CrossEncoder(str(folder), local_files_only=True).float()
            labels, longest = self._model.num_labels, self._model.max_seq_length
        if labels != 1:
            raise NoModel(
                f"reranker {name!r} gives {labels} numbers for a pair, not one score: choose a model made for "
                "reranking, or leave WENBAO_RERANKER out."
            )
        self._model.max_seq_length = min(longest or LONGEST_PAIR, LONGEST_PAIR)

    def scores(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """A number for each text (n,), higher is better."""
        pairs = [(question, text) for text in texts]
        found = self._model.predict(pairs, batch_size=PAIRS, show_progress_bar=False)
        return np.asarray(found, np.float32)


def hide_progress() -> None:
    """Half a second of loading a model needs no bar on stderr."""
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]


@contextmanager
def _loading(folder: Path, name: str, use: Use) -> Iterator[None]:
    made_for = use_of(folder)
    if made_for != use:  # it would load, with weights made up for what is missing
        raise NoModel(f"{use.noun} {name!r}: this model is for {made_for.setting}; name it there, or {use.without}.")
    hide_progress()
    try:
        yield
    except Exception as e:  # four libraries below, and each has its own way to say that a file is missing or foreign
        first_line = str(e).strip().partition("\n")[0]
        raise NoModel(
            f"{use.noun} {name!r}: {str(folder)!r} does not load as a sentence-transformers model "
            f"({first_line}): fetch it again, or {use.without}."
        ) from e


def _instruction(name: str) -> str:
    """What the model called `name` (a folder, or a name on the hub) wants before a question."""
    last = Path(name).name
    return next((words for model, words in _INSTRUCTIONS.items() if re.fullmatch(model, last, re.IGNORECASE)), "")
