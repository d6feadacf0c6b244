"""An article at an address of its own, and where it stands among others.

In: a snapshot of what may be read, an article's or a version's id. Out: a view for the template; None for what is not
there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.copies import pointer_to
from bot.web.shelf import Shelf
from ingest.contents import Brief, articles_by_id
from ingest.errors import NotFound
from ingest.models import Filter, Pointer, StoredArticle
from ingest.snapshot import Snapshot

BESIDE = 40  # articles of a page that are listed beside one; a day without pages may have hundreds


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph at `start` of the article's text, with the sub-heads that stand before it."""

    start: int
    text: str
    subheads: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Version:
    """A version of the article: `number` from 1, the oldest."""

    version_id: str
    number: int
    live: bool
    shown: bool


@dataclass(frozen=True, slots=True)
class ArticleView:
    """An article as the page shows it."""

    article: StoredArticle
    name: str
    paragraphs: tuple[Paragraph, ...]
    versions: tuple[Version, ...]
    parts: tuple[Brief, ...]
    beside: tuple[Brief, ...]
    copies: tuple[Pointer, ...]
    corrected_by: tuple[Pointer, ...]
    corrects: tuple[Pointer, ...]
    before: Brief | None
    after: Brief | None
    issue: Filter
    question: str
    source: str


def article_view(snapshot: Snapshot, shelf: Shelf, name: str, version: str) -> ArticleView | None:
    """The article of an id, as it stands now, or as it stood in the `version` that is asked for."""
    try:
        article = snapshot.article(version or name)
    except NotFound:
        return None
    if version and name not in (article.article_id, article.version_id):
        return None
    versions = snapshot.catalog.versions(article.article_id)
    page = tuple(shelf.page(snapshot, article.date, article.paper, article.page)) if article.date else ()
    at = next((i for i, brief in enumerate(page) if brief.article_id == article.article_id), None)
    parts = articles_by_id(snapshot.catalog, article.linked) if article.linked else {}
    return ArticleView(
        article=article,
        name=article.title or f"{article.text[:24].strip()}…",
        paragraphs=_paragraphs(article),
        versions=_versions(versions, article.version_id),
        parts=tuple(parts.values()),
        beside=page if 1 < len(page) <= BESIDE else (),
        copies=tuple(map(pointer_to, snapshot.catalog.copies_of(article.article_id))),
        corrected_by=article.corrected_by,
        corrects=article.corrects,
        before=page[at - 1] if at else None,
        after=page[at + 1] if at is not None and at + 1 < len(page) else None,
        issue=Filter(since=article.date, until=article.date, paper=article.paper) if article.date else Filter(),
        question=f"《{article.title}》说了什么？" if article.title else "",
        source=article.url if article.url and article.url.startswith(("http://", "https://")) else "",
    )


def _paragraphs(article: StoredArticle) -> tuple[Paragraph, ...]:
    paragraphs, start = [], 0
    for number, text in enumerate(article.text.split("\n")):
        subheads = tuple(subhead.text for subhead in article.subheads if subhead.paragraph == number)
        paragraphs.append(Paragraph(start, text, subheads))
        start += len(text) + 1
    return tuple(paragraphs)


def _versions(versions: Sequence[StoredArticle], shown: str) -> tuple[Version, ...]:
    if len(versions) < 2:
        return ()
    return tuple(
        Version(one.version_id, number, not (one.superseded_by or one.withdrawn), one.version_id == shown)
        for number, one in enumerate(versions, 1)
    )
