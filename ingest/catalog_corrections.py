"""Which article corrects which, in a generation in the making.

In: a catalog whose articles are all in. Out: its `corrections` table, made anew from all notices, so that it does not
matter which of the two came first or what was removed meanwhile.
"""

from __future__ import annotations

from datetime import date as Date  # noqa: N812 - as in models
from datetime import timedelta

from ingest.catalog_rows import day_of
from ingest.catalog_writer import CatalogWriter
from ingest.corrections import Named, Suspect, corrected, named_in

BACK = 60  # days that an article may be old that is named by its headline alone


def tell_corrections(catalog: CatalogWriter) -> None:
    """Link every notice with what it corrects, where that is in the archive and clear."""
    notices = catalog.rows(
        "SELECT a.article_id, a.paper, a.day, a.text FROM notices n JOIN articles a USING (article_id) WHERE a.live"
    )
    pairs = set()
    for name, paper, day, text in notices:
        issued = day_of(day)
        for named in named_in(text, issued):
            found = corrected(named, text, _suspects(catalog, paper, issued, named))
            if found:
                pairs.add((name, found))
    catalog.change("DELETE FROM corrections", [()])
    catalog.change("INSERT INTO corrections VALUES (?, ?)", sorted(pairs))


def _suspects(catalog: CatalogWriter, paper: str | None, issued: Date | None, named: Named) -> list[Suspect]:
    """The articles of the issue that is named, or, where only a headline is, of the weeks before; no notice is one."""
    last = named.day or issued
    if last is None or (issued and last > issued):
        return []
    first = last if named.day else last - timedelta(BACK)
    sql = (
        "SELECT article_id, title, page, text FROM articles WHERE live AND paper IS ? AND day BETWEEN ? AND ?"
        " AND article_id NOT IN (SELECT article_id FROM notices)"
    )
    return [Suspect(*row) for row in catalog.rows(sql, (paper, first.isoformat(), last.isoformat()))]
