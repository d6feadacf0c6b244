"""What a newsroom knows better than its files: a paper, a day, a page, a place, a by-line, set by hand for an article.

In: entries as their files give them, and what was set, here or where an export comes from. Out: the same entries with
what was set, under the article's own name: it keeps the identity that its source gave it, so that neither the unchanged
file nor a corrected one makes a second article of it. What is set lives in the catalog, and so a rollback undoes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, replace

from ingest.catalog import Catalog
from ingest.catalog_rows import day_of
from ingest.catalog_writer import CatalogWriter
from ingest.entries import Entry
from ingest.identity import printed_ids, version_id
from ingest.models import Article, ByHand, Override


def by_hand(catalog: Catalog, names: Iterable[str]) -> dict[str, ByHand]:
    """What was set for articles of these ids, or for such as a corrected source would call so, by article id."""
    return {
        row["article_id"]: ByHand(Override(day_of(row["day"]), *tuple(row)[3:]), row["alias"])
        for row in catalog.overrides(names)
    }


def with_overrides(entries: Sequence[Entry], catalog: Catalog) -> list[Entry]:
    """`entries` with what was set for them, those that a corrected source gives under the name of the old one.

    What was set here goes over what came with an export.
    """
    known = _carried(entries) | by_hand(catalog, {entry.article_id for entry in entries})
    if not known:
        return list(entries)
    names = {one.alias: name for name, one in known.items() if one.alias} | {name: name for name in known}
    return [_overridden(entry, names, known) for entry in entries]


def only_carried(entries: Sequence[Entry], catalog: Catalog) -> dict[str, ByHand]:
    """What came with articles of an export for which nothing was set here, by article id."""
    carried = _carried(entries)
    here = by_hand(catalog, carried)
    return {name: one for name, one in carried.items() if name not in here}


def keep(carried: Mapping[str, ByHand], catalog: CatalogWriter) -> None:
    """Keep what came with articles of an export for whenever they come in again."""
    here = catalog.live_version_of([one.alias for one in carried.values() if one.alias])
    for name, one in carried.items():
        _put(name, replace(one, alias=None) if one.alias in here else one, catalog)


def override(entry: Entry, better: Override, catalog: CatalogWriter) -> Entry:
    """A stored article with `better`, which is kept for whenever it comes in again."""
    before = by_hand(catalog, [entry.article_id]).get(entry.article_id)
    merged = (
        Override(*(new or old for new, old in zip(astuple(better), astuple(before.override), strict=True)))
        if before
        else better
    )
    article = better.over(entry.article)
    alias = _alias(entry, article, before.alias if before else None)
    if alias and catalog.live_version_of([alias]):
        alias = None  # that article is here under its own name
    _put(entry.article_id, ByHand(merged, alias), catalog)
    return replace(entry, article=article, version_id=version_id(entry.article_id, article))


def _alias(entry: Entry, article: Article, before: str | None) -> str | None:
    """The name that a source with what was set gives the article, where its own follows from what is set."""
    current = before or entry.article_id
    for old, new in zip(printed_ids(entry.article), printed_ids(article), strict=True):
        if old == current:
            return None if new == entry.article_id else new
    return None


def _overridden(entry: Entry, names: Mapping[str, str], known: Mapping[str, ByHand]) -> Entry:
    name = names.get(entry.article_id)
    if name is None or not entry.live:  # history stays as it was
        return entry
    article = known[name].override.over(entry.article)
    return replace(entry, article_id=name, article=article, version_id=version_id(name, article))


def _carried(entries: Iterable[Entry]) -> dict[str, ByHand]:
    carried = {entry.article_id: entry.article.carried for entry in entries}
    return {name: one.by_hand for name, one in carried.items() if one and one.by_hand}


def _put(name: str, known: ByHand, catalog: CatalogWriter) -> None:
    better = known.override
    day = better.date.isoformat() if better.date else None
    row = (name, known.alias, day, better.paper, better.page, better.place, better.byline)
    catalog.change("INSERT OR REPLACE INTO overrides VALUES (?, ?, ?, ?, ?, ?, ?)", [row])
