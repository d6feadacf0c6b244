"""One page into its articles: where each begins and ends, its headline, byline, dateline and whole paragraphs.

In: a Page. Out: its articles in order, and the furniture that belongs to none; every non-blank character of the page
lies in exactly one of them. Which line plays which part is `roles`' judgement; this room only puts the parts together.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ingest.bylines import find_byline, find_tail_byline, is_lone_name
from ingest.datelines import Dateline, dateline_day, find_dateline
from ingest.evidence import page_evidence
from ingest.folios import is_folio
from ingest.handsplit import Marked, cut_by_hand
from ingest.headlines import read_headline
from ingest.jumps import find_jumps
from ingest.lines import Line, cut_lines
from ingest.models import Article, Furniture, Page, Span, Subhead
from ingest.roles import Role, line_roles, starts_article
from ingest.sidecar import Begin
from ingest.terms import tagged_words

_OPENING = 400  # characters of the text in which the headline's words are looked for
# Parts of speech of a lone character that begins no sentence: what is left of a word, a measure, a suffix.
_PIECES = frozenset({"n", "ns", "ng", "vg", "ag", "zg", "k", "y", "q"})
_STUB = 16  # characters: a first paragraph so short that ends a sentence is the end of a lost one


@dataclass(frozen=True, slots=True)
class Split:
    """What a page holds, in the order of the page."""

    articles: tuple[Article, ...]
    furniture: tuple[Furniture, ...]


@dataclass(slots=True)
class _Draft:
    """The parts of one article as its lines come in; spans are (start, end) of the page."""

    kicker: str | None = None
    headline: list[str] = field(default_factory=list)
    bylines: list[str] = field(default_factory=list)
    paragraphs: list[list[tuple[int, int]]] = field(default_factory=list)
    subheads: list[Subhead] = field(default_factory=list)
    continued_from: str | None = None
    continued_to: str | None = None


def split_page(page: Page, begins: Sequence[Begin] = ()) -> Split:
    """Split `page` into articles and furniture: where `begins` says, or, without, where the lines' roles say.

    Raises BadMark for a mark that the page does not have.
    """
    lines = cut_lines(page.text)
    if begins:
        return _split_by_hand(page, lines, begins)
    articles: list[Article] = []
    furniture: list[Furniture] = []
    block: list[Line] = []
    edge = {id(line) for line in _edges(lines)}
    for line in lines:
        if is_folio(line.text, edge=id(line) in edge):
            furniture.append(Furniture(line.start, line.end, line.text))
            articles += _split_block(page, block)
            block = []
        else:
            block.append(line)
    articles += _split_block(page, block)
    return Split(tuple(articles), tuple(furniture))


def page_record(page: Page, split: Split) -> dict[str, object]:
    """Give the record that `ingest articles --json` prints for a page."""
    return {
        "file": page.file,
        "encoding": page.encoding,
        "paper": page.paper,
        "date": page.date.isoformat() if page.date else None,
        "page": page.page,
        "articles": [
            {
                "title": a.title,
                "subtitle": a.subtitle,
                "kicker": a.kicker,
                "byline": a.byline,
                "dateline": a.dateline,
                "place": a.place,
                "date": a.date.isoformat() if a.date else None,
                "start": a.start,
                "end": a.end,
                "continued_from": a.continued_from,
                "continued_to": a.continued_to,
                "starts_mid": a.starts_mid,
                "subheads": [s.text for s in a.subheads],
                "paragraphs": list(a.paragraphs),
            }
            for a in split.articles
        ],
        "furniture": [{"start": f.start, "end": f.end, "text": f.text} for f in split.furniture],
    }


def _edges(lines: list[Line]) -> list[Line]:
    """The lines at the top and foot of a page, where its own label stands."""
    return [*lines[:3], *lines[-3:]]


def _split_block(page: Page, lines: list[Line]) -> list[Article]:
    """Split lines between which no folio stands."""
    articles: list[Article] = []
    group: list[tuple[Line, Role]] = []
    before: Role | None = None
    for line, role in zip(lines, line_roles(page_evidence(lines)), strict=True):
        if starts_article(before, role) and group:
            articles.append(build_article(page, group))
            group = []
        group.append((line, role))
        before = role
    if group:
        articles.append(build_article(page, group))
    return articles


def _split_by_hand(page: Page, lines: list[Line], begins: Sequence[Begin]) -> Split:
    """One article from each mark to the next; what stands above the first, and folios, are furniture."""
    edge = {id(line) for line in _edges(lines)}
    above, marked = cut_by_hand(page, lines, begins)
    aside = [*above]
    articles = []
    for part in marked:
        kept = [line for line in part.lines if not is_folio(line.text, edge=id(line) in edge)]
        aside += [line for line in part.lines if line not in kept]
        if kept:
            articles.append(_marked_article(page, kept, part))
    furniture = tuple(Furniture(line.start, line.end, line.text) for line in aside)
    return Split(tuple(articles), furniture)


def _marked_article(page: Page, lines: list[Line], marked: Marked) -> Article:
    """All of `lines` as one article: what looks like another's headline is a sub-head or a paragraph of this one."""
    roles: list[Role] = []
    body = False
    for line, role in zip(lines, line_roles(page_evidence(lines)), strict=True):
        if body and role in (Role.KICKER, Role.HEADLINE, Role.MORE_HEADLINE, Role.OPENING):
            role = Role.SUBHEAD if line.short and role is not Role.OPENING else Role.PARAGRAPH
        roles.append(role)
        body = body or role in (Role.OPENING, Role.PARAGRAPH)
    if marked.headed and len(lines) > 1 and lines[0].short and roles[0] is Role.OPENING:
        roles[0] = Role.HEADLINE
    article = build_article(page, list(zip(lines, roles, strict=True)))
    return replace(article, title=marked.title) if marked.title else article


def build_article(page: Page, group: list[tuple[Line, Role]]) -> Article:
    """Put an article together from its lines, whose parts in it are known."""
    draft = _Draft()
    for line, role in group:
        _take(draft, line, role)
    if not draft.paragraphs:  # a headline and nothing more is still news: it is its own text
        lines = [line for line, role in group if role is not Role.JUMP] or [line for line, _ in group]
        draft.paragraphs = [[(line.start, line.end)] for line in lines]
    paragraphs = tuple("".join(page.text[s:e] for s, e in spans) for spans in draft.paragraphs)
    opening = paragraphs[0] if paragraphs else ""
    dateline = find_dateline(opening)
    day = dateline_day(dateline.day, page.date) if dateline else None
    title, subtitle = read_headline(draft.headline, "\n".join(paragraphs)[:_OPENING])
    return Article(
        title=title,
        subtitle=subtitle,
        kicker=draft.kicker,
        byline=_byline(draft, dateline, paragraphs),
        dateline=dateline.text if dateline else None,
        place=dateline.place if dateline else None,
        date=day or page.date,
        issued=page.date,
        paper=page.paper,
        page=page.page,
        paragraphs=paragraphs,
        subheads=tuple(draft.subheads),
        start=group[0][0].start,
        end=group[-1][0].end,
        file_spans=_file_spans(draft.paragraphs),
        continued_from=draft.continued_from,
        continued_to=draft.continued_to,
        starts_mid=draft.continued_from is not None or (dateline is None and _starts_mid(opening, len(paragraphs))),
    )


def _take(draft: _Draft, line: Line, role: Role) -> None:
    """Put one line where it belongs in the draft."""
    start, end = _without_jumps(draft, line)
    if start == end:
        return
    text = line.text[start - line.start : end - line.start]
    if role is Role.KICKER:
        draft.kicker = text
    elif role in (Role.HEADLINE, Role.MORE_HEADLINE):
        draft.headline.append(text)
    elif role is Role.BYLINE or (role is Role.TAIL and (find_byline(text) or is_lone_name(text.strip("（()）")))):
        draft.bylines.append(text.strip("（()）【】 　"))
    elif role is Role.SUBHEAD:
        draft.subheads.append(Subhead(text, len(draft.paragraphs)))
    elif role is Role.CONTINUATION and draft.paragraphs:
        draft.paragraphs[-1].append((start, end))
    else:
        draft.paragraphs.append([(start, end)])


def _without_jumps(draft: _Draft, line: Line) -> tuple[int, int]:
    """Note the jump phrases of a line; give the place of what is left of it."""
    start, end = 0, len(line.text)
    for jump in find_jumps(line.text):
        if jump.onward:
            draft.continued_to = jump.page
        else:
            draft.continued_from = jump.page
        if jump.start == start:
            start = jump.end
        elif jump.end == end:
            end = jump.start
    bare = line.text[start:end]
    start += len(bare) - len(bare.lstrip())
    return line.start + start, line.start + start + len(bare.strip())


def _byline(draft: _Draft, dateline: Dateline | None, paragraphs: tuple[str, ...]) -> str | None:
    if draft.bylines:
        return " ".join(draft.bylines)
    if dateline and dateline.byline:
        return dateline.byline
    return find_tail_byline(paragraphs[-1]) if paragraphs else None


def _file_spans(paragraphs: list[list[tuple[int, int]]]) -> tuple[Span, ...]:
    """Where every character of the text (paragraphs, one line feed between them) stands in the file."""
    spans: list[Span] = []
    at = 0
    for parts in paragraphs:
        for start, end in parts:
            spans.append(Span(at, start, end - start))
            at += end - start
        at += 1
    return tuple(spans)


def _starts_mid(opening: str, count: int) -> bool:
    """Tell whether a text begins in the middle of a sentence: with punctuation, a piece of a word, or a short end."""
    if re.match(r"[，,、；;。！？：:%％”’」』）)》]", opening):
        return True
    first = next(iter(tagged_words(opening[:_STUB])), None)
    if first and first.start == 0 and first.end == 1 and (first.tag in _PIECES or first.tag.startswith("u")):
        return True
    return count > 1 and len(opening) <= _STUB and opening[-1:] in "。！？" and not re.search("[，,：:“]", opening)
