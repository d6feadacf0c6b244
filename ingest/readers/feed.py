"""Files of feeds (RSS, Atom) into articles: an entry is one, with its full text or, where it has none, its summary.

In: a path. Out: a page for each entry. An entry is known by its id, else by its link. No link is followed.
"""

from __future__ import annotations

import io
import re
import time
from collections.abc import Iterator
from datetime import date as Date  # noqa: N812 - as in models
from pathlib import Path
from typing import Any

import feedparser

from ingest.articles import Split
from ingest.errors import UnreadablePage
from ingest.fields import LONGEST_TEXT
from ingest.models import Article, Page, Span
from ingest.readers.facts import Asked, Reading, Refusal
from ingest.readers.html import paragraphs_of

MOST_ENTRIES = 20_000
_TRAILER = re.compile(r"^(?:阅读全文|查看全文|Continue reading|Read more)\W*$", re.IGNORECASE)


def read_feed(path: Path, asked: Asked) -> Iterator[Reading | Refusal]:
    """Read one feed."""
    data = path.read_bytes()
    if not data.strip():
        raise UnreadablePage(f"{asked.name!r} is empty; nothing to read in it")
    if any("<!ENTITY".encode(width) in data for width in ("ascii", "utf-16-le", "utf-16-be")):
        raise UnreadablePage(f"{asked.name!r} declares entities of its own, which no feed needs; it is not read")
    feed = feedparser.parse(io.BytesIO(data), resolve_relative_uris=False, sanitize_html=False)
    if not feed.version:
        raise UnreadablePage(f"{asked.name!r} is no feed (RSS or Atom); save what it lists as HTML, PDF or text")
    if not feed.entries:
        yield Refusal(f"{asked.name!r} is a feed without entries")
    site = _said(feed.feed.get("title"))
    for entry in feed.entries[:MOST_ENTRIES]:
        yield _entry(entry, site, asked)
    if len(feed.entries) > MOST_ENTRIES:
        yield Refusal(f"{asked.name!r} has {len(feed.entries):,} entries; the first {MOST_ENTRIES:,} were read")


def _entry(entry: Any, site: str | None, asked: Asked) -> Reading | Refusal:  # noqa: ANN401 - feedparser has no types
    title = _said(entry.get("title"))
    bodies = [each.get("value") or "" for each in entry.get("content", ())] + [entry.get("summary") or ""]
    texts = [paragraphs_of(body) for body in bodies if body]
    paragraphs = tuple(line for line in max(texts, key=_length, default=()) if not _TRAILER.match(line))
    link = entry.get("link")
    url = link if isinstance(link, str) and re.match(r"https?://\S+$", link) else None
    shown = title or url or "an entry without a title"
    if not paragraphs and title:
        paragraphs = (title,)  # a headline and nothing more is still news
    if not paragraphs:
        return Refusal(f"{asked.name!r}: {shown[:80]!r} has neither text nor title")
    if _length(paragraphs) > LONGEST_TEXT:
        return Refusal(f"{asked.name!r}: {shown[:80]!r} is too long for an article")
    source = _said((entry.get("source") or {}).get("title"))
    day = asked.said.date or _day(entry) or asked.path.date
    paper = asked.said.paper or source or site or asked.path.paper
    head = f"{title}\n" if title else ""
    text = head + "\n".join(paragraphs)
    article = Article(
        title=title,
        paragraphs=paragraphs,
        start=0,
        end=len(text),
        file_spans=(Span(0, len(head), len(text) - len(head)),),
        byline=_said(entry.get("author")),
        date=day,
        issued=day,
        paper=paper,
        page=asked.said.page,
        record_id=_said(entry.get("id")),
        url=url,
    )
    page = Page(asked.name, text, "feed", paper, day, asked.said.page)
    return Reading(page, Split((article,), ()))


def _length(paragraphs: tuple[str, ...]) -> int:
    return sum(map(len, paragraphs))


def _said(value: object) -> str | None:
    if not isinstance(value, str):
        return None
    return " ".join(" ".join(paragraphs_of(value)).split()) or None


def _day(entry: Any) -> Date | None:  # noqa: ANN401 - feedparser has no types
    """The day as the feed prints it, not as it is in Greenwich: what is printed with +0800 is a day in China."""
    for name in ("published", "updated", "created"):
        printed = re.match(r"\s*(\d{4})-(\d\d)-(\d\d)", entry.get(name) or "")
        if printed:
            try:
                return Date(*map(int, printed.groups()))
            except ValueError:
                continue
        found = re.search(r"(\d{1,2}) (\w{3})\w* (\d{4})", entry.get(name) or "")
        if found:
            try:
                parsed = time.strptime(" ".join(found.groups()), "%d %b %Y")
                return Date(parsed.tm_year, parsed.tm_mon, parsed.tm_mday)
            except ValueError:
                continue
        moment = entry.get(f"{name}_parsed")
        if moment:
            return Date(moment.tm_year, moment.tm_mon, moment.tm_mday)
    return None
