"""Tables of contents: what stands in a catalog by day, paper, page and place, and articles as a list shows them.

In: a Catalog, a filter, a day. Out: counts, and articles as briefs, whose texts stay where they are. It searches
nothing by words and holds nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date as Date  # noqa: N812 - as in models
from typing import Any, Literal

from ingest.batches import batched
from ingest.catalog import SQL_VARIABLES, Catalog
from ingest.catalog_rows import condition, day_of
from ingest.models import Filter

Order = Literal["newest", "oldest"]

LEAD = 90  # characters of an article's beginning that a list shows
OPENING = 200  # characters of an article's beginning that its topics are taken from: what news is about, it says first
EVERYTHING = Filter()
_BREAK = re.compile(r"(?<=[^\x00-\xff])\n")
_FIELDS = "a.seq, a.article_id, a.title, a.kicker, a.byline, a.paper, a.day, a.page, a.place, a.sample"
_BRIEF = f"SELECT {_FIELDS}, substr(a.text, 1, {LEAD + 1}) FROM articles a WHERE "  # noqa: S608 - all of it is ours


@dataclass(frozen=True, slots=True)
class IssueCount:
    """How many live articles one paper has of one day; either may be unknown."""

    day: Date | None
    paper: str | None
    articles: int


@dataclass(frozen=True, slots=True)
class PlaceCount:
    """How many live articles of one paper come from a place."""

    place: str
    paper: str | None
    articles: int


@dataclass(frozen=True, slots=True)
class Brief:
    """A live article as a list shows it. `number` grows in the order in which articles came in."""

    number: int
    article_id: str
    title: str | None
    kicker: str | None
    byline: str | None
    paper: str | None
    date: Date | None
    page: str | None
    place: str | None
    sample: bool
    lead: str


def issue_counts(catalog: Catalog) -> list[IssueCount]:
    """Every day and paper that there are articles of, by day, those without a day first."""
    sql = "SELECT day, paper, count(*) FROM articles a WHERE live = 1 GROUP BY day, paper ORDER BY day, paper"
    return [IssueCount(day_of(row[0]), row[1], row[2]) for row in catalog.rows(sql)]


def place_counts(catalog: Catalog) -> list[PlaceCount]:
    """Every place that articles come from, by paper, those that most come from first."""
    sql = (
        "SELECT place, paper, count(*) AS many FROM articles a WHERE live = 1 AND place NOT NULL"
        " GROUP BY place, paper ORDER BY many DESC, place, paper"
    )
    return [PlaceCount(row[0], row[1], row[2]) for row in catalog.rows(sql)]


def count_articles(catalog: Catalog, where: Filter = EVERYTHING) -> int:
    """How many live articles pass `where`."""
    test, values = condition(where)
    return int(catalog.rows(f"SELECT count(*) FROM articles a WHERE {test}", values)[0][0])  # noqa: S608 - `test` is ours


def list_articles(
    catalog: Catalog,
    where: Filter = EVERYTHING,
    order: Order = "newest",
    limit: int = 50,
    offset: int = 0,
) -> list[Brief]:
    """Live articles by day, those without one last, each day's as they came in."""
    test, values = condition(where)
    way = "DESC" if order == "newest" else "ASC"
    # The index has all that this needs; with the texts' rows, a far page would take 200 ms instead of 20.
    sql = f"SELECT a.seq FROM articles a WHERE {test} ORDER BY a.day {way} NULLS LAST, a.seq LIMIT ? OFFSET ?"  # noqa: S608
    numbers = [row[0] for row in catalog.rows(sql, (*values, limit, offset))]
    found = catalog.rows(f"{_BRIEF}a.seq IN ({','.join('?' * len(numbers))})", numbers)
    return sorted(map(_brief, found), key=lambda one: numbers.index(one.number))


def articles_of_day(catalog: Catalog, day: Date) -> list[Brief]:
    """A day's live articles: by paper, by page, and on a page as they are printed."""
    sql = _BRIEF + "a.live = 1 AND a.day = ? ORDER BY a.file, a.file_start, a.seq"
    return _printed(catalog.rows(sql, (day.isoformat(),)))


def articles_of_page(catalog: Catalog, day: Date, paper: str | None, page: str | None) -> list[Brief]:
    """The live articles of one page of one issue, as they are printed."""
    sql = _BRIEF + "a.live = 1 AND a.day = ? AND a.paper IS ? AND a.page IS ? ORDER BY a.file, a.file_start, a.seq"
    return _printed(catalog.rows(sql, (day.isoformat(), paper, page)))


def articles_by_id(catalog: Catalog, ids: Iterable[str]) -> dict[str, Brief]:
    """The live ones among the article ids `ids`, by id."""
    found: dict[str, Brief] = {}
    for part in batched(ids, SQL_VARIABLES):
        # Not `a.live = 1`: SQLite would take the index of days for it, and walk all of it.
        sql = f"{_BRIEF}a.live AND a.article_id IN ({','.join('?' * len(part))})"
        found |= {brief.article_id: brief for brief in map(_brief, catalog.rows(sql, part))}
    return found


def count_versions(catalog: Catalog) -> int:
    """How many versions of articles have come in, by now and of what is still kept."""
    return int(catalog.rows("SELECT count(*) FROM articles")[0][0])


def newcomers(catalog: Catalog, came: int, limit: int) -> tuple[int, list[Brief]]:
    """How many live articles have come in since there were `came` versions, and the last `limit` of them."""
    # Counted, not numbered: numbers would tell how much came in between that is not to be read.
    since = count_versions(catalog) - came
    if since <= 0:
        return 0, []
    first = catalog.rows("SELECT seq FROM articles ORDER BY seq DESC LIMIT 1 OFFSET ?", (since - 1,))[0][0]
    count = catalog.rows("SELECT count(*) FROM articles a WHERE a.live AND a.seq >= ?", (first,))[0][0]
    sql = f"{_BRIEF}a.live AND a.seq >= ? ORDER BY a.day DESC NULLS LAST, a.seq DESC LIMIT ?"
    return int(count), [_brief(row) for row in catalog.rows(sql, (first, limit))]


def openings(catalog: Catalog, where: Filter, most: int) -> list[str]:
    """Headline and first words of the live articles that pass `where`; of more than `most`, that many spread evenly."""
    test, values = condition(where)
    numbers = [row[0] for row in catalog.rows(f"SELECT a.seq FROM articles a WHERE {test} ORDER BY a.seq", values)]  # noqa: S608
    step = max(1.0, len(numbers) / most)
    chosen = [numbers[int(i * step)] for i in range(min(most, len(numbers)))]
    sql = f"SELECT coalesce(title, ''), substr(text, 1, {OPENING}) FROM articles WHERE seq IN "  # noqa: S608
    found: list[Any] = []
    for part in batched(chosen, SQL_VARIABLES):
        found += catalog.rows(f"{sql}({','.join('?' * len(part))}) ORDER BY seq", part)
    return [f"{title}\n{text}" for title, text in found]


def page_order(page: str | None) -> tuple[bool, int, str]:
    """Pages as a reader counts them: 2 before 10, A1 behind all that are figures alone, none at the end."""
    figures = "".join(c for c in page or "" if c.isdigit() and c.isascii())
    letters = (page or "").removesuffix(figures)
    return page is None, int(figures[:9] or 0) if not letters else 10**9, f"{letters}{figures:0>9}"


def one_line(text: str) -> str:
    """Paragraphs behind one another, with a blank between them only where Latin letters need one."""
    return _BREAK.sub("", text).replace("\n", " ").strip()


def _printed(rows: Sequence[Any]) -> list[Brief]:
    return sorted(map(_brief, rows), key=lambda one: (one.paper is None, one.paper or "", page_order(one.page)))


def _brief(row: Any) -> Brief:  # noqa: ANN401 - a row of the database
    number, article_id, title, kicker, byline, paper, day, page, place, sample, text = row
    lead = one_line(text[:LEAD]) + ("…" if len(text) > LEAD else "")
    return Brief(number, article_id, title, kicker, byline, paper, day_of(day), page, place, bool(sample), lead)
