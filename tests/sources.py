"""What one file gives."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ingest.models import Article
from ingest.sources import Failure, Known, read_sources


def read_source(path: Path, known: Known) -> Iterator[list[Article] | Failure]:
    """The articles of a file: a page's all at once, records one by one, and what cannot be used."""
    for _, found in read_sources([path], known):
        yield from found
