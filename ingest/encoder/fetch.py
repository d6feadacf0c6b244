"""A model from a hub into this machine's Hugging Face cache; the only room that uses the network, and only when called.

In: a model's name. Out: its folder, where on_disk.py will find it by that name. Only the files that decide what its
vectors or scores are come along, and the ones by which a model is known come last: half a model is none.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePosixPath

import httpx
from huggingface_hub import ModelInfo, constants, hf_hub_download, model_info
from huggingface_hub.errors import GatedRepoError, HFValidationError, RepositoryNotFoundError

from ingest.encoder.fingerprint import content_files
from ingest.encoder.on_disk import MARKS, cache_folder, may_be_on_hub
from ingest.errors import NotFetched

PATIENCE = 5.0  # seconds for the hub's first answer: no hub is to be said before anybody thinks that it hangs
_REASON = 200  # characters of what a library says went wrong


def fetch_model(name: str, say: Callable[[str], None]) -> Path:
    """Download the model called `name` on the hub and give its folder; `say` hears each file. Raises NotFetched.

    What an interrupted download left is carried on.
    """
    if not may_be_on_hub(name):
        raise NotFetched(f"{name!r} cannot be a model's name on a hub: write it as organisation/model.")
    try:
        info = model_info(name, timeout=PATIENCE, files_metadata=True)
        sizes = _needed(info)
        if not sizes:
            raise NotFetched(f"{name!r} holds no model that sentence-transformers could load: choose another.")
        say(f"{name}: {len(sizes)} files, {_megabytes(sum(sizes.values()))}")
        place = ""
        for number, (file, size) in enumerate(sizes.items(), 1):
            say(f"  {number}/{len(sizes)} {file}, {_megabytes(size)}")
            place = hf_hub_download(name, file, cache_dir=cache_folder())
    except GatedRepoError as e:
        raise NotFetched(f"{name!r} wants its conditions accepted on the hub's page, then HF_TOKEN set.") from e
    except (RepositoryNotFoundError, HFValidationError) as e:
        raise NotFetched(f"{_hub()} has no model {name!r}: check its name (organisation/model).") from e
    except (httpx.HTTPError, OSError) as e:  # no hub, a hub that refuses, a disk that is full
        reason = " ".join(str(e).split())[:_REASON] or type(e).__name__
        raise NotFetched(
            f"{name!r} could not be fetched from {_hub()} ({reason}): fetch it on a machine that can, copy its folder "
            "here, and set WENBAO_ENCODER or WENBAO_RERANKER to that folder."
        ) from e
    return Path(place).parent


def _needed(info: ModelInfo) -> dict[str, int]:
    """Files that a model is loaded from, with their bytes; those by which it is known at the end."""
    sizes = {PurePosixPath(each.rfilename): each.size or 0 for each in info.siblings or ()}
    content = sorted(content_files(sizes), key=lambda path: path.as_posix() in MARKS)
    return {str(path): sizes[PurePosixPath(path)] for path in content} if set(map(str, content)) & set(MARKS) else {}


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"


def _hub() -> str:
    return str(constants.ENDPOINT)
