"""The whole archive as JSON lines, from which `add` makes the same archive again.

In: a catalog. Out: a line for each version of each article, sorted by article id, those of one article in the order in
which they were live. It says nothing of times, generations or encoders: the same articles give the same bytes. One
page of articles at a time is in memory.
"""

from __future__ import annotations

import lzma
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from ingest.batches import batched
from ingest.catalog import ARTICLES_AT_ONCE, Catalog
from ingest.exported import exported_record
from ingest.generations import fsync
from ingest.overrides import by_hand
from ingest.show import json_line

PACKED = ".xz"
_PRESET = 2  # of xz: a sixth larger than the best, at ten times its speed


def export_lines(catalog: Catalog, *, history: bool = True) -> Iterator[bytes]:
    """Every line; without `history` only of live versions."""
    for articles in batched(catalog.every_version(), ARTICLES_AT_ONCE):
        known = by_hand(catalog, {article.article_id for article in articles})
        for article in articles:
            if history or (article.superseded_by is None and article.withdrawn is None):
                yield json_line(exported_record(article, known.get(article.article_id))).encode() + b"\n"


def write_whole(lines: Iterable[bytes], out: Path) -> int:
    """Write lines into a file, packed where its name ends in .xz; gives how many. It is there whole or not at all."""
    count = 0
    with _replacing(out) as file:
        for line in lines:
            file.write(line)
            count += 1
    return count


@contextmanager
def _replacing(out: Path) -> Iterator[IO[bytes]]:
    """A file that takes the place of `out` when the block has ended well."""
    new = out.with_name(f".{out.name}.{os.getpid()}.partial")
    try:
        with new.open("wb") as raw:
            if out.name.lower().endswith(PACKED):
                with lzma.open(raw, "wb", preset=_PRESET) as packed:
                    yield packed
            else:
                yield raw
            raw.flush()
            os.fsync(raw.fileno())
        new.replace(out)
    finally:
        new.unlink(missing_ok=True)
    fsync(out.parent)
