"""A model's folder into its fingerprint.

In: a sentence-transformers folder. Out: a hash of the files that decide what its vectors are. Paths, dates and model
cards are no part of it: the same model elsewhere has the same fingerprint.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path, PurePath

DIGEST = 16  # bytes: names a Chroma collection, and no two models of one archive will ever meet in 128 bits
_SAFE, _PICKLED = ".safetensors", ".bin"  # weights; where a folder has both, the library reads the first
_CONTENT = {".json", _SAFE, _PICKLED, ".txt", ".model"}  # weights, tokenizers, configurations
_OTHER_BACKENDS = {"onnx", "openvino"}  # the same model once more, never loaded here


def content_files(inside: Iterable[PurePath]) -> list[PurePath]:
    """Those files, by their paths in a model's folder, that have a say in what its vectors are, in order."""
    known = [path for path in inside if path.suffix in _CONTENT and path.parts[0] not in _OTHER_BACKENDS]
    safe = {path.parent for path in known if path.suffix == _SAFE}
    return sorted(path for path in known if path.suffix != _PICKLED or path.parent not in safe)


def fingerprint_of(folder: Path) -> str:
    """32 hex digits (blake2b) over names and content of the folder's model files; 1 GB takes about a second."""
    digest = hashlib.blake2b(digest_size=DIGEST)
    for inside in content_files(path.relative_to(folder) for path in folder.rglob("*") if path.is_file()):
        with (folder / inside).open("rb") as stream:
            content = hashlib.file_digest(stream, lambda: hashlib.blake2b(digest_size=DIGEST))
        digest.update(inside.as_posix().encode() + b"\0" + content.digest())
    return digest.hexdigest()
