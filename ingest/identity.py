"""Names that follow from content alone: the same article read twice, from any path, gets the same ids.

In: articles and chunks. Out: ids of 24 hex characters. No clock, no counter and no path ever enters one.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Sequence

from ingest.models import Article, Chunk

ID_BYTES = 12  # 96 bits: no two of a hundred million chunks share an id
OPENING = 60  # characters that tell an article without a headline from the others of its page
_FIELD_END = "\x1f"  # no newspaper prints it, so two fields cannot run into one


def _digest(*parts: str | None) -> str:
    marked = _FIELD_END.join("\x00" if part is None else part for part in parts)
    return hashlib.blake2b(marked.encode("utf-8", "surrogatepass"), digest_size=ID_BYTES).hexdigest()


def squeeze(text: str) -> str:
    """Full and half width made equal, white space gone: what headlines are compared by."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def article_ids(articles: Sequence[Article]) -> list[str]:
    """One id for each article of one file.

    It follows from the article's own id or url where it has one, else from paper, date, page and headline, else from
    paper, date, page and first characters. Where a page prints two articles under one headline (简讯), the
    second is told apart by its first characters, so that neither replaces the other.
    """
    ids: list[str] = []
    texts: dict[str, str] = {}
    for article in articles:
        own = article.record_id or article.url
        name = _digest("record", own) if own else _printed_id(article, with_opening=not article.title)
        if not own and texts.get(name, article.text) != article.text:
            name = _printed_id(article, with_opening=True)
        texts.setdefault(name, article.text)
        ids.append(name)
    return ids


def printed_ids(article: Article) -> tuple[str, str]:
    """The two ids that an article without one of its own may have: as usual, and as the second under its headline."""
    return _printed_id(article, with_opening=not article.title), _printed_id(article, with_opening=True)


def _printed_id(article: Article, *, with_opening: bool) -> str:
    day = article.issued or article.date
    opening = squeeze(article.text)[:OPENING] if with_opening else None
    title = squeeze(article.title) if article.title else None
    return _digest("printed", article.paper, day.isoformat() if day else None, article.page, title, opening)


def version_id(name: str, article: Article) -> str:
    """One state of the article called `name`: its text and all of it that is searched, shown or filtered by."""
    day = article.issued or article.date
    heads = (article.title, article.subtitle, article.kicker, article.byline, article.dateline, article.place)
    issue = (article.paper, day.isoformat() if day else None, article.page, article.url)
    parts = (article.continued_from, article.continued_to, *(f"{s.paragraph} {s.text}" for s in article.subheads))
    extra = (each for pair in (("extra", ""), *sorted(article.extra)) for each in pair) if article.extra else ()
    return _digest(name, article.text, *heads, *issue, *parts, *extra)


def chunk_id(version: str, chunk: Chunk) -> str:
    """A piece of one version."""
    return _digest(version, str(chunk.start), str(chunk.end))


def vector_key(fingerprint: str, embedded: str) -> str:
    """What a vector follows from: the encoder and the text that it was given."""
    return _digest(fingerprint, embedded)
