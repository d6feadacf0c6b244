"""Text and Markdown files into pages.

In: a path, what is known of it. Out: the page with its articles. The only readers that are wholly ours: they need no
process of their own, and get one only to work beside each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from ingest.articles import split_page
from ingest.decode import decode
from ingest.errors import UnreadablePage
from ingest.fields import day_in
from ingest.models import PageFacts
from ingest.pages import read_page
from ingest.readers.facts import Asked, Reading, Refusal
from ingest.readers.kinds import MARKDOWN, kind_of
from ingest.readers.markdown import blocks_of, header_of
from ingest.readers.outline import read_outline


def read_plain(path: Path, asked: Asked) -> Iterator[Reading | Refusal]:
    """Read one file."""
    if kind_of(path.name) is MARKDOWN:
        yield _markdown(path, asked)
        return
    outer = asked.outer
    page = read_page(path, paper=outer.paper, date=outer.date, page=outer.page, name=asked.name)
    yield Reading(page, split_page(page))


def _markdown(path: Path, asked: Asked) -> Reading:
    decoded = decode(path.read_bytes(), asked.name)
    if not decoded.text.strip():
        raise UnreadablePage(f"{asked.name!r} is empty; nothing to read in it")
    fields, start = header_of(decoded.text)

    def said(*names: str) -> str | None:
        return next((fields[name] for name in names if fields.get(name)), None)

    try:
        day = day_in(said("date", "日期"))
    except ValueError:
        day = None
    outer = PageFacts(
        asked.said.paper or said("paper", "报纸") or asked.path.paper,
        asked.said.date or day or asked.path.date,
        asked.said.page or said("page", "版面") or asked.path.page,
    )
    reading = read_outline(asked.name, decoded.encoding, list(blocks_of(decoded.text[start:])), outer)
    articles = reading.split.articles
    if len(articles) != 1:
        return reading
    (only,) = articles
    only = replace(
        only,
        title=only.title or said("title", "标题"),
        byline=only.byline or said("author", "byline", "作者"),
        url=said("url", "链接"),
    )
    return replace(reading, split=replace(reading.split, articles=(only,)))
