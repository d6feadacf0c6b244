"""An article as the source side shows it: escaped HTML with the quoted characters marked.

In: a StoredArticle and the places quoted from it, the first the one that was asked for. Out: HTML. Every character that
came from a newspaper is escaped here, because Gradio puts HTML into the page as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import pairwise
from urllib.parse import quote

from bot.bot import NOTHING_AROUND, Around
from bot.models import Citation, Nearest, Part
from bot.page.references import Reference
from bot.page.texts import Words
from ingest.contents import Brief
from ingest.models import ArchiveStats, Pointer, StoredArticle

_BESIDE = 40  # articles of a page that are listed: a page has ten; a file without pages may have thousands


def article_html(
    article: StoredArticle, quoted: Sequence[Reference], words: Words, around: Around = NOTHING_AROUND
) -> str:
    """The whole article; the first place of `quoted` is marked strongly, the others lightly; then what is around it."""
    title = marked(article.title, "title", quoted) or escape(words.untitled)
    head = [
        _line("sample", words.sample) if article.sample else "",
        _line("note", words.older) if article.superseded_by else "",
        _line("note", words.withdrawn.format(words.day(article.withdrawn))) if article.withdrawn else "",
        *(_pointed_html("corrected", words.corrected_by, one, words) for one in article.corrected_by),
        *(_pointed_html("note", words.corrects, one, words) for one in article.corrects),
        _line("issue", issue_line(article, words)),
        _line("kicker", article.kicker),
        f"<h2>{title}</h2>",
        _line("subtitle", article.subtitle),
        f'<p class="wb-byline">{marked(article.byline, "byline", quoted)}</p>' if article.byline else "",
        _line("note", words.continued_from.format(article.continued_from)) if article.continued_from else "",
        _line("note", words.starts_mid) if article.starts_mid and not article.continued_from else "",
    ]
    tail = [
        _line("note", words.continued_to.format(article.continued_to)) if article.continued_to else "",
        *(f'<p class="wb-note"><a href="{Reference(i).href}">{escape(words.linked)}</a></p>' for i in article.linked),
        *(_pointed_html("note", words.also_in, one, words) for one in around.copies),
        *(_version_html(one, number, words) for number, one in enumerate(around.versions, 1)),
        _own(article, quoted, words),
    ]
    return (
        f'<a class="wb-back" href="#wb-back">{escape(words.back)}</a>'
        f'<article class="wb-article" lang="zh" tabindex="-1" aria-label="{escape(words.source)}">'
        f"<header>{''.join(head)}</header>{_body(article, quoted)}{''.join(tail)}</article>"
        f"{_beside_html(around.beside, words)}"
    )


def _pointed_html(name: str, line: str, one: Pointer, words: Words) -> str:
    """A line on another article that leads there."""
    told = line.format(pointer_line(one, words))
    return f'<p class="wb-{name}"><a href="{Reference(one.article_id).href}">{escape(told)}</a></p>'


def _version_html(version: StoredArticle, number: int, words: Words) -> str:
    told = words.earlier.format(number) if version.superseded_by else words.newest
    return f'<p class="wb-note"><a href="{Reference(version.version_id).href}">{escape(told)}</a></p>'


def hint_html(words: Words) -> str:
    """What stands on the source side before anything was opened."""
    return f'<div class="wb-hint"><p>{escape(words.source_hint)}</p><p>{escape(words.source_help)}</p></div>'


def note_html(text: str, words: Words) -> str:
    """One calm line instead of an article."""
    back = f'<a class="wb-back" href="#wb-back">{escape(words.back)}</a>'
    return f'{back}<div class="wb-hint" role="status"><p>{escape(text)}</p></div>'


def holdings_line(stats: ArchiveStats, words: Words) -> str:
    """What the archive holds, in one plain line (not escaped)."""
    if not stats.articles:
        return words.holdings_empty
    if stats.sample:
        return words.holdings_sample.format(articles=stats.articles)
    papers = [words.paper.format(p) for p in stats.papers[:1]]
    if len(stats.papers) > 1:
        papers = [words.more_papers.format(first=papers[0], count=len(stats.papers))]
    days = " — ".join(dict.fromkeys(words.day(d) for d in (stats.first_date, stats.last_date) if d))
    line = words.holdings.format(articles=stats.articles, papers="".join(papers), days=days)
    return " · ".join(part for part in line.split(" · ") if part)


def pointer_line(one: Pointer, words: Words) -> str:
    """Another article in one plain line (not escaped): where it stands and its headline."""
    return " · ".join(filter(None, (issue_line(one, words), one.title)))


def issue_line(article: StoredArticle | Citation | Nearest | Pointer, words: Words) -> str:
    """Paper, date and page as far as they are known, in one plain line (not escaped)."""
    page = None if isinstance(article, Nearest) else article.page
    parts = [
        words.paper.format(article.paper) if article.paper else "",
        words.day(article.date) if article.date else "",
        words.page.format(page) if page else "",
    ]
    return " · ".join(part for part in parts if part)


def marked(text: str | None, part: Part, quoted: Sequence[Reference], offset: int = 0) -> str:
    """Escape `text`, which stands at `offset` of the article's `part`, and mark what is quoted of it."""
    text = text or ""
    here = [(i, r.start - offset, r.end - offset) for i, r in enumerate(quoted) if r.part == part and r.start < r.end]
    edges = sorted({0, len(text), *(min(max(e, 0), len(text)) for _, *ends in here for e in ends)})
    pieces: list[str] = []
    for start, end in pairwise(edges):
        by = [i for i, s, e in here if s <= start and end <= e]
        piece = escape(text[start:end])
        pieces.append(f'<mark class="{"wb-asked" if 0 in by else "wb-also"}">{piece}</mark>' if by else piece)
    return "".join(pieces)


def _body(article: StoredArticle, quoted: Sequence[Reference]) -> str:
    pieces: list[str] = []
    offset = 0
    for number, paragraph in enumerate(article.text.split("\n")):
        pieces += [f"<h3>{escape(s.text)}</h3>" for s in article.subheads if s.paragraph == number]
        pieces.append(f"<p>{marked(paragraph, 'text', quoted, offset)}</p>")
        offset += len(paragraph) + 1
    return "".join(pieces)


def _own(article: StoredArticle, quoted: Sequence[Reference], words: Words) -> str:
    """A link to the article's own address, to the place that was asked for."""
    place = f"#{quoted[0].part}.{quoted[0].start}.{quoted[0].end}" if quoted and quoted[0].end else ""
    name = quote(article.version_id if article.superseded_by else article.article_id, safe="")
    link = f'<a href="article/{name}{place}" target="_blank" rel="noopener">{escape(words.own_page)}</a>'
    return f'<p class="wb-note">{link}</p>'


def _beside_html(beside: Sequence[Brief], words: Words) -> str:
    """The other articles of the page, as links that open them here."""
    if not beside:
        return ""
    items = "".join(
        f'<li><a href="{Reference(b.article_id).href}">{escape(b.title or b.lead)}</a></li>' for b in beside[:_BESIDE]
    )
    title = escape(words.same_page)
    return f'<nav class="wb-beside" aria-label="{title}"><h3>{title}</h3><ul lang="zh">{items}</ul></nav>'


def _line(name: str, text: str | None) -> str:
    return f'<p class="wb-{name}">{escape(text)}</p>' if text else ""
