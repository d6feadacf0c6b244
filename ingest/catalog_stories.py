"""The stories of a generation in the making: who is compared with whom, and what is kept of it.

In: a catalog whose articles are all in, some of them never compared. Out: its `sketches`, `alike`, `stories` and
`notices`. It reads the sketches of a few days at a time, and again only texts of pairs that may be one story.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby

import numpy as np

from ingest.batches import batched
from ingest.catalog_rows import day_of
from ingest.catalog_writer import CatalogWriter
from ingest.corrections import is_correction
from ingest.sketches import letters_of, sketch_of, whole_of
from ingest.stories import DAYS, LETTERS, Copy, Sketched, candidates, one_story, stories_of

TEXTS = 2_000  # texts that are sketched at once
ROWS = 20_000  # fresh articles that are compared at once, or those of one day
COPIES = 4_000  # texts, ready to be compared, that are kept: 6 kB each


def tell_stories(catalog: CatalogWriter) -> None:
    """Compare what has not been compared, and tell which articles are one story."""
    if _sketch(catalog):
        _find_equal(catalog)
        for first, last in list(_runs(catalog)):
            _find_alike(catalog, first, last)
        catalog.change("UPDATE sketches SET compared = 1 WHERE compared = 0", [()])
    catalog.change("DELETE FROM stories", [()])
    pairs = ((row[0], row[1]) for row in catalog.rows("SELECT one, other FROM alike"))
    catalog.change("INSERT INTO stories VALUES (?, ?)", stories_of(pairs).items())


def _sketch(catalog: CatalogWriter) -> bool:
    """Sketch the live articles that have no sketch, and note which may take something back. Whether any is fresh."""
    bare = (
        "SELECT article_id FROM articles a WHERE live"
        " AND NOT EXISTS (SELECT 1 FROM sketches WHERE article_id = a.article_id)"
    )
    for names in batched([row[0] for row in catalog.rows(bare)], TEXTS):
        marks = ",".join("?" * len(names))
        sql = f"SELECT article_id, title, day, text FROM articles WHERE live AND article_id IN ({marks})"  # noqa: S608 - `marks` are ours
        for name, title, day, text in catalog.rows(sql, names):
            issued, letters = day_of(day), letters_of(text)
            known = len(letters) >= LETTERS
            row = (name, issued and issued.toordinal(), whole_of(letters) if known else None)
            sketch = sketch_of(letters).tobytes() if known else b""
            catalog.change("INSERT INTO sketches VALUES (?, ?, ?, ?, 0)", [(*row, sketch)])
            if is_correction(title, text):
                catalog.change("INSERT OR IGNORE INTO notices VALUES (?)", [(name,)])
        catalog.commit()
    return bool(catalog.rows("SELECT 1 FROM sketches WHERE compared = 0 LIMIT 1"))


def _find_equal(catalog: CatalogWriter) -> None:
    """Texts that are the same to the last letter; where a day is not known, whenever they were printed."""
    catalog.change(
        "INSERT OR IGNORE INTO alike SELECT min(a.article_id, b.article_id), max(a.article_id, b.article_id)"
        " FROM sketches a JOIN sketches b ON b.whole = a.whole AND b.article_id != a.article_id"
        " WHERE a.compared = 0 AND a.whole NOT NULL AND (a.day IS NULL OR b.day IS NULL OR abs(a.day - b.day) <= ?)",
        [(DAYS,)],
    )


def _runs(catalog: CatalogWriter) -> Iterator[tuple[int, int]]:
    """First and last day of each stretch of days that has fresh articles; a long one in parts."""
    sql = "SELECT day, count(*) FROM sketches WHERE compared = 0 AND day NOT NULL GROUP BY day ORDER BY day"
    days = [(row[0], row[1]) for row in catalog.rows(sql)]
    stretches = groupby(enumerate(days), key=lambda pair: pair[1][0] - pair[0])
    for _, stretch in stretches:
        first, rows = 0, 0
        for _, (day, count) in stretch:
            first = first or day
            rows += count
            last = day
            if rows >= ROWS:
                yield first, last
                first, rows = 0, 0
        if first:
            yield first, last


def _find_alike(catalog: CatalogWriter, first: int, last: int) -> None:
    """Pairs of an article of these days that has not been compared and one of the days around."""
    sql = "SELECT article_id, day, sketch, compared FROM sketches WHERE compared IN (0, 1) AND day BETWEEN ? AND ?"
    around = [
        Sketched(row[0], row[1], np.frombuffer(row[2], np.uint64), not row[3] and first <= row[1] <= last)
        for row in catalog.rows(sql, (first - DAYS, last + DAYS))
    ]

    @lru_cache(COPIES)
    def copy(name: str) -> Copy:
        return Copy(catalog.rows("SELECT text FROM articles WHERE article_id = ? AND live", (name,))[0][0])

    same = (sorted(pair) for pair in candidates(around) if one_story(copy(pair[0]), copy(pair[1])))
    catalog.change("INSERT OR IGNORE INTO alike VALUES (?, ?)", same)
