"""Whether the parts of a generation belong together.

In: catalog, vectors, their table and words of one generation. Out: nothing, or ArchiveBroken with the first thing that
is wrong. It never mends anything.
"""

from __future__ import annotations

import numpy as np

from ingest.catalog import Catalog
from ingest.errors import ArchiveBroken
from ingest.terms import search_terms
from ingest.vector_table import VectorTable
from ingest.vectors import VectorIndex
from ingest.words import WordIndex

SAMPLE = 20  # chunks that both searches must find, spread over the archive, the newest among them
NEIGHBOURS = 10  # of which a chunk's own vector must be one, or one of its equals
EQUAL = 0.999  # cosine from which two chunks say the same
# Of SAMPLE. The graph of vectors finds nearly always in news (601 of 601), but among 80,000 notices of one form (mean
# cosine 0.8) one in twenty not at all, and their archive is whole all the same. One that is gone is noticed otherwise.
MISSES = 10


def check_parts(
    catalog: Catalog, vectors: VectorIndex, table: VectorTable, words: WordIndex, *, thorough: bool = False
) -> None:
    """Compare counts and look a sample up; `thorough` also compares every id and lets SQLite check the file."""
    counts = (catalog.count_chunks(), vectors.count(), words.count())
    if len(set(counts)) > 1:
        raise ArchiveBroken(
            "the parts of the archive disagree: {} chunks in the catalog, {} vectors, {} in the word index".format(
                *counts
            )
        )
    if thorough:
        _check_every_id(catalog, vectors, table, words)
    sample = catalog.sample_chunks(SAMPLE)
    own = vectors.get(chunk.chunk_id for chunk in sample)
    numbers = catalog.chunk_numbers(own)
    unfound = 0
    for chunk in sample:
        terms = search_terms(chunk.text)
        if terms and not words.finds(chunk.chunk_id, terms):
            raise _lost(chunk.chunk_id, "word")
        if chunk.chunk_id not in own:
            raise _lost(chunk.chunk_id, "vector")
        vector, number = own[chunk.chunk_id], numbers[chunk.chunk_id]
        if number >= len(table) or (vector.any() and table.cosines(vector, [number])[0] < EQUAL):
            raise _lost(chunk.chunk_id, "cosine")
        near = vectors.search(vector, NEIGHBOURS)
        unfound += bool(near) and not any(e.chunk_id == chunk.chunk_id or e.score > EQUAL for e in near)
        if unfound > MISSES:
            raise _lost(chunk.chunk_id, "vector")


def _check_every_id(catalog: Catalog, vectors: VectorIndex, table: VectorTable, words: WordIndex) -> None:
    if catalog.rows("PRAGMA quick_check")[0][0] != "ok":
        raise ArchiveBroken("the catalog's file is damaged")
    listed = {row[0] for row in catalog.rows("SELECT chunk_id FROM chunks")}
    for part, held in (("vector", vectors.ids()), ("word", words.ids())):
        strangers = listed ^ held
        if strangers:
            raise _lost(min(strangers), part)

    places = np.array(catalog.rows("SELECT seq, article FROM chunks"), dtype=np.int64).reshape(-1, 2)
    known = places[:, 0] < len(table)
    wrong = ~known
    wrong[known] = table.articles()[places[known, 0]] != places[known, 1]
    if wrong.any():
        number = int(places[wrong, 0].min())
        raise _lost(catalog.chunk_ids([number])[number], "cosine")


def _lost(chunk: str, part: str) -> ArchiveBroken:
    return ArchiveBroken(f"chunk {chunk} is not where the {part} search looks")
