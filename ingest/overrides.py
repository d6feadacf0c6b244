"""What a newsroom knows better than its files: a paper, a day, a page, a place, a by-line, set by hand for an article.

In: entries as their files give them, and what was set. Out: the same entries with what was set, under the article's own
name: it keeps the identity that its source gave it, so that neither the unchanged file nor a corrected one makes a
second article of it. What is set lives in the catalog, and so a rollback undoes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, replace
from datetime import date as Date  # noqa: N812 - as in models

from ingest.catalog import Catalog
from ingest.catalog_rows import day_of
from ingest.catalog_writer import CatalogWriter
from ingest.entries import Entry
from ingest.identity import printed_ids, version_id
from ingest.models import Article


@dataclass(frozen=True, slots=True)
class Override:
    """What is set; None is left as the source has it."""

    date: Date | None = None
    paper: str | None = None
    page: str | None = None
    place: str | None = None
    byline: str | None = None

    def __bool__(self) -> bool:
        return any(value is not None for value in astuple(self))

    def over(self, article: Article) -> Article:
        """`article` with what is set."""
        day = self.date or article.issued
        return replace(
            article,
            issued=day,
            date=self.date or article.date,
            paper=self.paper or article.paper,
            page=self.page or article.page,
            place=self.place or article.place,
            byline=self.byline or article.byline,
        )


@dataclass(frozen=True, slots=True)
class _Known:
    """An override as it is kept; `alias` is the name that a corrected source would give the article."""

    article_id: str
    alias: str | None
    override: Override


def with_overrides(entries: Sequence[Entry], catalog: Catalog) -> list[Entry]:
    """`entries` with what was set for them, those that a corrected source gives under the name of the old one."""
    names = {entry.article_id for entry in entries}
    known = _known(catalog, names)
    if not known:
        return list(entries)
    by_name = {one.alias: one for one in known if one.alias} | {one.article_id: one for one in known}
    return [_overridden(entry, by_name.get(entry.article_id)) for entry in entries]


def override(entry: Entry, better: Override, catalog: CatalogWriter) -> Entry:
    """A stored article with `better`, which is kept for whenever it comes in again."""
    before = next((one for one in _known(catalog, [entry.article_id]) if one.article_id == entry.article_id), None)
    merged = (
        Override(*(new or old for new, old in zip(astuple(better), astuple(before.override), strict=True)))
        if before
        else better
    )
    article = better.over(entry.article)
    alias = _alias(entry, article, before.alias if before else None)
    if alias and catalog.live_version_of([alias]):
        alias = None  # that article is here under its own name
    day = merged.date.isoformat() if merged.date else None
    row = (entry.article_id, alias, day, merged.paper, merged.page, merged.place, merged.byline)
    catalog.change("INSERT OR REPLACE INTO overrides VALUES (?, ?, ?, ?, ?, ?, ?)", [row])
    return replace(entry, article=article, version_id=version_id(entry.article_id, article))


def _alias(entry: Entry, article: Article, before: str | None) -> str | None:
    """The name that a source with what was set gives the article, where its own follows from what is set."""
    current = before or entry.article_id
    for old, new in zip(printed_ids(entry.article), printed_ids(article), strict=True):
        if old == current:
            return None if new == entry.article_id else new
    return None


def _overridden(entry: Entry, known: _Known | None) -> Entry:
    if known is None or not entry.live:  # history stays as it was
        return entry
    article = known.override.over(entry.article)
    name = known.article_id
    return replace(entry, article_id=name, article=article, version_id=version_id(name, article))


def _known(catalog: Catalog, names: Iterable[str]) -> list[_Known]:
    return [
        _Known(row["article_id"], row["alias"], Override(day_of(row["day"]), *tuple(row)[3:]))
        for row in catalog.overrides(names)
    ]
