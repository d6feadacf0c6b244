"""The search page: articles by words, by day, paper and place, without a question.

In: what a form or an address says, a snapshot of what may be read. Out: a view for the template.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, cast, get_args

from bot.page.filters import BadFilter, read_filter
from bot.page.texts import Words
from bot.web.shelf import Shelf
from bot.web.visit import plain
from bot.web.wanted import Found, Near, Piece, excerpt
from ingest.contents import Brief, articles_by_id, count_articles, list_articles
from ingest.models import Filter
from ingest.snapshot import Snapshot

Order = Literal["rank", "newest", "oldest"]

PART = 20  # articles that one page of results lists
LONGEST = 120  # characters of words that are looked for
FARTHEST = 5_000  # parts that can be asked for


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for. `problem` is what is wrong with it, in the reader's language."""

    words: str = ""
    where: Filter = Filter()  # noqa: RUF009 - frozen
    order: Order = "newest"
    part: int = 1
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """An article that was found, and what of it shows why."""

    brief: Brief
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class SearchView:
    """The search page."""

    wanted: Wanted
    papers: tuple[str, ...]
    results: tuple[Result, ...]
    count: int
    near: bool
    more: bool
    parts: int


def read_wanted(fields: Mapping[str, str], words: Words, *, with_words: bool) -> Wanted:
    """What the fields of a form say. Raises Unreadable for what is far too long, or no part at all."""
    looked_for = " ".join(plain(fields.get("words"), LONGEST).split()) if with_words else ""
    order = fields.get("order", "")
    known = order in get_args(Order) and (order != "rank" or looked_for)
    part = fields.get("part", "1")
    number = int(part) if part.isascii() and part.isdigit() and len(part) < 6 else 1
    wanted = Wanted(
        looked_for,
        order=cast("Order", order) if known else "rank" if looked_for else "newest",
        part=min(max(1, number), FARTHEST),
    )
    try:
        where = read_filter([fields.get(name) for name in ("since", "until", "paper", "place", "byline")], words)
    except BadFilter as e:
        return replace(wanted, problem=str(e))
    return replace(wanted, where=where)


def search_view(snapshot: Snapshot, shelf: Shelf, wanted: Wanted, near: Near) -> SearchView:
    """What is found of what is wanted: the part of it that is asked for."""
    papers = tuple(line.paper for line in shelf.glance.papers if line.paper)
    if wanted.problem:
        return SearchView(wanted, papers, (), 0, near=False, more=False, parts=0)
    if not wanted.words:
        count = count_articles(snapshot.catalog, wanted.where)
        order: Literal["newest", "oldest"] = "oldest" if wanted.order == "oldest" else "newest"
        briefs = list_articles(snapshot.catalog, wanted.where, order, PART, (wanted.part - 1) * PART)
        results = tuple(Result(one, (Piece(one.lead, wanted=False),)) for one in briefs)
        return SearchView(wanted, papers, results, count, near=False, more=False, parts=_parts(count))
    found = shelf.find(snapshot, wanted.words, wanted.where, near)
    briefs = _sorted(snapshot, found, wanted.order)
    shown = briefs[(wanted.part - 1) * PART : wanted.part * PART]
    articles = snapshot.articles(brief.article_id for brief in shown)
    results = tuple(
        Result(brief, tuple(excerpt(articles[brief.article_id].text, wanted.words)))
        for brief in shown
        if brief.article_id in articles
    )
    return SearchView(wanted, papers, results, len(briefs), near=found.near, more=found.more, parts=_parts(len(briefs)))


def _sorted(snapshot: Snapshot, found: Found, order: Order) -> list[Brief]:
    by_id = articles_by_id(snapshot.catalog, found.ids)
    briefs: Sequence[Brief] = [by_id[one] for one in found.ids if one in by_id]
    if order == "rank":
        return list(briefs)
    dated = sorted((brief for brief in briefs if brief.date), key=lambda one: str(one.date), reverse=order == "newest")
    return [*dated, *(brief for brief in briefs if not brief.date)]


def _parts(count: int) -> int:
    return min(FARTHEST, (count + PART - 1) // PART)
