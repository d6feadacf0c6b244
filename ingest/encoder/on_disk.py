"""A model's name into its folder on this machine; it never looks at the network.

In: a folder, or the name of a model in this machine's Hugging Face cache, and what it is wanted for. Out: the folder,
or NoModel with what to do about it.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.errors import NoModel

MARKS = ("modules.json", "config.json")  # a model has one of them at its top
ORGANISATION = "sentence-transformers"  # where the library itself looks for a name without one
_ON_HUB = re.compile(r"(?:[\w-][\w.-]*/)?[\w-][\w.-]*")  # organisation/model


@dataclass(frozen=True, slots=True)
class Use:
    """What a model is wanted for, as messages say it; `without` is what to do where it cannot be had."""

    noun: str
    setting: str
    without: str
    fetched: bool = True  # whether `fetch-model` brings such models


ENCODER = Use("encoder", "WENBAO_ENCODER", "set WENBAO_ENCODER=builtin")
RERANKER = Use("reranker", "WENBAO_RERANKER", "leave WENBAO_RERANKER out")
_SAYS_USE = {"SentenceTransformer": ENCODER, "CrossEncoder": RERANKER}
_SCORES = "ForSequenceClassification"  # how the classes end that give scores instead of vectors


def find_model(name: str, use: Use) -> Path:
    """The folder of the model called `name`. Raises NoModel where this machine has none."""
    folder = Path(name).expanduser()
    if folder.is_dir():
        if any((folder / mark).is_file() for mark in MARKS):
            return folder
        raise NoModel(
            f"{use.noun} {name!r}: this folder has no {' or '.join(MARKS)}, so it is no model; name one that is, or "
            f"{use.without}."
        )
    cached = _in_cache(name) or _in_cache(f"{ORGANISATION}/{name}")
    if cached:
        return cached
    fetch = (
        f"`python -m ingest fetch-model {name}` where the network allows, or "
        if use.fetched and may_be_on_hub(name)
        else ""
    )
    raise NoModel(
        f"{use.noun} {name!r} is neither a folder nor a model on this machine: {fetch}copy a model's folder here and "
        f"set {use.setting} to its path, or {use.without}."
    )


def use_of(folder: Path) -> Use:
    """What the model in `folder` is made for, by what its configuration says. An encoder where it says nothing."""
    said = _json(folder / "config_sentence_transformers.json").get("model_type")
    if said in _SAYS_USE:
        return _SAYS_USE[said]
    classes = _json(folder / "config.json").get("architectures") or []
    return RERANKER if any(str(each).endswith(_SCORES) for each in classes) else ENCODER


def may_be_on_hub(name: str) -> bool:
    """Whether a hub could have a model of this name."""
    return bool(_ON_HUB.fullmatch(name)) and ".." not in name


def cache_folder() -> str | None:
    """Where sentence-transformers is told to keep models; None for the Hugging Face cache."""
    return os.environ.get("SENTENCE_TRANSFORMERS_HOME")


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):  # the library says what is wrong with it, when it loads it
        return {}
    return found if isinstance(found, dict) else {}


def _in_cache(name: str) -> Path | None:
    """Where the Hugging Face cache keeps the model's current files, if it does."""
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    for mark in MARKS:
        try:
            found = try_to_load_from_cache(name, mark, cache_dir=cache_folder())
        except HFValidationError:  # no model can have this name
            return None
        if isinstance(found, str):
            return Path(found).parent
    return None
