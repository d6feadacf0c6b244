"""Texts into vectors with any sentence-transformers model; the only room that imports that library.

In: a folder, or the name of a model in this machine's Hugging Face cache. Out: its vectors. Importing takes 6 to 9
seconds, so it happens on the first load and after the model was found. It never looks at the network.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.encoder.fingerprint import fingerprint_of
from ingest.errors import NoEncoder

BATCH = 64  # texts: what a processor keeps busy with
MARKS = ("modules.json", "config.json")  # a sentence-transformers model has one of them at its top
ORGANISATION = "sentence-transformers"  # where the library itself looks for a name without one
_ON_HUB = re.compile(r"[\w-][\w.-]*/[\w.-]+")  # organisation/model


class TransformerEncoder:
    """A sentence-transformers model from a folder, with the prompts for questions and texts that it brings."""

    def __init__(self, folder: Path, name: str) -> None:
        """Load the model. Raises NoEncoder where the folder does not hold a whole one."""
        from sentence_transformers import SentenceTransformer

        self.name = name
        self._folder = folder
        try:
            self._model = SentenceTransformer(str(folder), local_files_only=True).float()
        except (
            Exception
        ) as e:  # four libraries below, and each has its own way to say that a file is missing, cut or foreign
            first_line = str(e).strip().partition("\n")[0]
            raise NoEncoder(
                f"encoder {name!r}: {str(folder)!r} does not load as a sentence-transformers model "
                f"({first_line}): fetch it again, or set WENBAO_ENCODER=builtin."
            ) from e
        dimension = self._model.get_embedding_dimension()
        if dimension is None:
            raise NoEncoder(f"encoder {name!r} does not say how long its vectors are: choose another model.")
        self.dimension = dimension

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


def find_model(name: str) -> Path:
    """The folder of the model called `name`. Raises NoEncoder where this machine has none."""
    folder = Path(name).expanduser()
    if folder.is_dir():
        if any((folder / mark).is_file() for mark in MARKS):
            return folder
        raise NoEncoder(
            f"encoder {name!r}: this folder has no {' or '.join(MARKS)}, so it is no model; name one that is."
        )
    cached = _in_cache(name) or _in_cache(f"{ORGANISATION}/{name}")
    if cached:
        return cached
    fetch = f"`hf download {name}` where the network allows, or " if _ON_HUB.fullmatch(name) else ""
    raise NoEncoder(
        f"encoder {name!r} is neither a folder nor a model on this machine: {fetch}copy a model's folder here and set "
        "WENBAO_ENCODER to its path, or to builtin."
    )


def _in_cache(name: str) -> Path | None:
    """Where the Hugging Face cache keeps the model's current files, if it does."""
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    for mark in MARKS:
        try:
            found = try_to_load_from_cache(name, mark, cache_dir=os.environ.get("SENTENCE_TRANSFORMERS_HOME"))
        except HFValidationError:  # no model can have this name
            return None
        if isinstance(found, str):
            return Path(found).parent
    return None
