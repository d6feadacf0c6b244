"""A model's folder into its fingerprint.

In: a sentence-transformers folder. Out: a hash of the files that decide what its vectors are. Paths, dates and model
cards are no part of it: the same model elsewhere has the same fingerprint.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

DIGEST = 16  # bytes: names a Chroma collection, and no two models of one archive will ever meet in 128 bits
_CONTENT = {".json", ".safetensors", ".bin", ".txt", ".model"}  # weights, tokenizers, configurations
_OTHER_BACKENDS = {"onnx", "openvino"}  # the same model once more, never loaded here


def fingerprint_of(folder: Path) -> str:
    """32 hex digits (blake2b) over names and content of the folder's model files; 1 GB takes about a second."""
    digest = hashlib.blake2b(digest_size=DIGEST)
    for path in sorted(p for p in folder.rglob("*") if p.suffix in _CONTENT and p.is_file()):
        inside = path.relative_to(folder)
        if inside.parts[0] in _OTHER_BACKENDS:
            continue
        with path.open("rb") as stream:
            content = hashlib.file_digest(stream, lambda: hashlib.blake2b(digest_size=DIGEST))
        digest.update(inside.as_posix().encode() + b"\0" + content.digest())
    return digest.hexdigest()
