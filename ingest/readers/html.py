"""Web pages into articles: the text without what surrounds it, and what the page says of itself.

In: a path, or a fragment of HTML. Out: one article of a page, with title, day, author, site and address; several where
the page is a newspaper's, with several articles on it; a refusal where it is a list of links. Nothing is fetched.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date as Date  # noqa: N812 - as in models
from pathlib import Path

import lxml.html
import trafilatura
from lxml.etree import ParserError
from trafilatura.settings import Document

from ingest.articles import Split, build_article, split_page
from ingest.bylines import find_byline
from ingest.datelines import find_dateline
from ingest.decode import Decoded, decode
from ingest.errors import UnreadablePage
from ingest.fields import day_in
from ingest.lines import Line
from ingest.models import Page
from ingest.readers.facts import Asked, Reading, Refusal
from ingest.roles import Role

_CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*([\w-]+)""", re.IGNORECASE)
_HEAD = 4_000  # bytes in which a page names its encoding
_BLOCKS = frozenset(
    "address article aside blockquote body center dd div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6"
    " header hr li main nav ol p pre section table tbody td tfoot th thead tr ul".split()
)
_LEFT_OUT = frozenset("script style noscript template iframe object svg head select button textarea".split())
_HEADINGS = ("h1", "h2", "h3", "h4")
_SECTION = 60  # characters that a section of a page has at least to be an article
_LINKED = 0.6  # share of a page's text inside links from which on it is a list
_LIST_TEXT = 200  # characters outside links that make it an article all the same


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a page as it would be printed: its text, how much of it is links, the heading that it is."""

    text: str
    linked: int
    heading: str | None


def read_html(path: Path, asked: Asked) -> Iterator[Reading | Refusal]:
    """Read one web page."""
    logging.disable(logging.CRITICAL)  # trafilatura reports each page that holds nothing
    decoded = _decoded(path.read_bytes(), asked.name)
    if not decoded.text.strip():
        raise UnreadablePage(f"{asked.name!r} is empty; nothing to read in it")
    try:
        tree = lxml.html.document_fromstring(_without_declaration(decoded.text))
    except (ParserError, ValueError) as e:
        raise UnreadablePage(f"{asked.name!r} holds no HTML; save the page again") from e
    lines = list(_lines(tree))
    if _is_list(lines):
        yield Refusal(f"{asked.name!r} is a list of links (a page list?); no article in it, passed over")
    elif _has_several(tree, lines):
        yield _as_page(lines, decoded, asked)
    else:
        yield _as_article(lines, decoded, asked)


def paragraphs_of(fragment: str) -> tuple[str, ...]:
    """The text of a fragment of HTML (a feed's entry), a line for each paragraph."""
    try:
        tree = lxml.html.document_fromstring(f"<div>{_without_declaration(fragment)}</div>")
    except (ParserError, ValueError):
        return ()
    return tuple(line.text for line in _lines(tree))


# -- one article ---------------------------------------------------------------------------------------------------


def _as_article(lines: list[_Line], decoded: Decoded, asked: Asked) -> Reading | Refusal:
    found = trafilatura.bare_extraction(
        decoded.text,
        with_metadata=True,
        include_comments=False,
        include_tables=True,
        date_extraction_params={"extensive_search": False, "original_date": True},
    )
    said = found.as_dict() if isinstance(found, Document) else {}
    title = _clean(said.get("title"))
    paragraphs = [bare for line in (said.get("text") or "").splitlines() if (bare := _clean(line))]
    if not paragraphs:  # a page of a few lines is too short for it
        paragraphs = [line.text for line in lines if not line.heading and 2 * line.linked < len(line.text)]
        title = title or next((line.text for line in lines if line.heading), None)
    if not paragraphs:
        return Refusal(f"{asked.name!r} holds no article")
    headings = {line.text for line in lines if line.heading}
    if paragraphs[0] == title:
        del paragraphs[0]
    page = Page(
        file=asked.name,
        text="",
        encoding=decoded.encoding,
        paper=asked.said.paper or _clean(said.get("sitename")) or asked.path.paper,
        date=asked.said.date or _day(said.get("date")) or asked.path.date,
        page=asked.said.page or asked.path.page,
    )
    text, group = "", []
    begun = False
    for n, paragraph in enumerate([*([title] if title else []), *paragraphs]):
        if n == 0 and title:
            role = Role.HEADLINE
        elif not begun and find_byline(paragraph):
            role = Role.BYLINE
        elif begun and paragraph in headings and n < len(paragraphs):
            role = Role.SUBHEAD
        else:
            role, begun = (Role.PARAGRAPH if begun or title else Role.OPENING), True
        group.append((Line(paragraph, len(text), len(text) + len(paragraph), 0, 0), role))
        text += paragraph + "\n"
    whole = replace(page, text=text)
    article = build_article(whole, group)
    article = replace(
        article,
        title=title,
        subtitle=None,
        byline=article.byline or _clean(said.get("author")),
        url=_address(said.get("url")),
    )
    return Reading(whole, Split((article,), ()))


def _day(said: object) -> Date | None:
    try:
        return day_in(str(said)) if said else None
    except ValueError:
        return None


def _address(said: object) -> str | None:
    return said if isinstance(said, str) and re.match(r"https?://\S+$", said) else None


# -- several articles ------------------------------------------------------------------------------------------------


def _has_several(tree: lxml.html.HtmlElement, lines: list[_Line]) -> bool:
    """Whether more than one article stands on a page: each marked as one, or each opening as one does."""
    marked = [each for each in tree.iter("article") if not any(True for _ in each.iterancestors("article"))]
    if sum(len(_text(each)) >= _SECTION for each in marked) > 1:
        return True
    opened = 0
    heading = False
    for line in lines:
        if line.heading:
            heading = True
        elif heading and find_dateline(line.text):
            opened += 1
            heading = False
    return opened > 1


def _as_page(lines: list[_Line], decoded: Decoded, asked: Asked) -> Reading:
    """A newspaper's page: its lines, with headings set apart, are split as those of a page of text are."""
    kept = [line for line in lines if line.heading or 2 * line.linked < len(line.text)]
    text = "".join(f"\n{line.text}\n\n" if line.heading else f"{line.text}\n" for line in kept)
    outer = asked.outer
    page = Page(asked.name, text, decoded.encoding, outer.paper, outer.date, outer.page)
    return Reading(page, split_page(page))


def _is_list(lines: list[_Line]) -> bool:
    total, linked = sum(len(line.text) for line in lines), sum(line.linked for line in lines)
    return total > 0 and linked >= _LINKED * total and total - linked < _LIST_TEXT


# -- from markup to lines --------------------------------------------------------------------------------------------


def _lines(tree: lxml.html.HtmlElement) -> Iterator[_Line]:
    """The lines of a page, in the order of the markup."""
    parts: list[tuple[str, bool]] = []
    heading: str | None = None

    def line() -> Iterator[_Line]:
        text = _clean("".join(part for part, _ in parts))
        if text:
            linked = sum(len("".join(part.split())) for part, inside in parts if inside)
            yield _Line(text, min(linked, len(text)), heading)
        parts.clear()

    for event, element in _walk(tree):
        tag = element.tag
        if event == "start":
            if tag in _BLOCKS or tag == "br":
                yield from line()
                heading = tag if tag in _HEADINGS else heading
            if element.text:
                parts.append((element.text, _in_link(element)))
        else:
            if tag in _BLOCKS:
                yield from line()
                heading = None if tag in _HEADINGS else heading
            if element.tail:
                parent = element.getparent()
                parts.append((element.tail, parent is not None and _in_link(parent)))
    yield from line()


def _walk(tree: lxml.html.HtmlElement) -> Iterator[tuple[str, lxml.html.HtmlElement]]:
    """Start and end of every element; of what is not shown the end alone. No recursion: some pages nest without end."""
    stack: list[tuple[str, lxml.html.HtmlElement]] = [("start", tree)]
    while stack:
        event, element = stack.pop()
        shown = isinstance(element.tag, str) and element.tag not in _LEFT_OUT
        if event == "end" or shown:
            yield event, element
        if event == "start":
            stack.append(("end", element))
            stack += [("start", child) for child in reversed(element)] if shown else []


def _in_link(element: lxml.html.HtmlElement) -> bool:
    return element.tag == "a" or any(True for _ in element.iterancestors("a"))


def _text(element: lxml.html.HtmlElement) -> str:
    return _clean(str(element.text_content())) or ""


def _clean(said: object) -> str | None:
    return " ".join(str(said).split()) or None if said else None


def _decoded(data: bytes, name: str) -> Decoded:
    """By content like any text; where that leaves it open, by the encoding that the page names."""
    try:
        return decode(data, name)
    except UnreadablePage:
        named = _CHARSET.search(data[:_HEAD])
        if named is None or b"\0" in data:
            raise
        try:
            encoding = named[1].decode("ascii").lower()
            return Decoded(data.decode(encoding, "replace"), encoding)
        except LookupError:
            raise UnreadablePage(f"{name!r} names an encoding that is unknown; save the page as UTF-8") from None


def _without_declaration(text: str) -> str:
    """Lxml takes no text that says in which bytes it was once written."""
    return re.sub(r"^\s*<\?xml[^>]{0,200}\?>", "", text)
