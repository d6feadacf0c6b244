"""News articles into newspaper pages whose every line has a known role: what the line roles are learned from.

In: articles (headline, text) and a source of chance. Out: pages in the styles of many papers and decades, with all
that happens to a page: kickers, shoulders, sub-heads, column breaks, missing beginnings, poems, captions.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ingest.datelines import find_dateline
from ingest.looks import UNFINISHED
from ingest.roles import Role
from ingest.sentences import sentence_spans
from ingest.training.styles import (
    KICKERS,
    Style,
    draw_byline,
    draw_dateline,
    draw_jump,
    draw_name,
    draw_style,
    draw_tail,
)

_HEAD = (Role.HEADLINE, Role.MORE_HEADLINE, Role.KICKER, Role.BYLINE, Role.SUBHEAD)
_BODY = (Role.PARAGRAPH, Role.OPENING, Role.CONTINUATION)
# A web page cut the paragraph, for no sentence ends there.
_BROKEN = re.compile(r"(?<=[^\n]{25})(?<=[\u4e00-\u9fff，、])\n+(?=\S)")
_LEAST_BROKEN = 30  # characters of a paragraph that a column break may cut
_MOST_PARAGRAPHS = (3, 5, 8, 14, 30, 30)

Lines = list[tuple[Role, str]]


@dataclass(frozen=True, slots=True)
class Piece:
    """A news article to compose from; `title` may be empty."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class ComposedPage:
    """A page: `text`, the role of every non-blank line in order, and where its articles start (character offsets)."""

    text: str
    roles: tuple[Role, ...]
    starts: tuple[int, ...]


def compose_page(pieces: list[Piece], rng: random.Random) -> ComposedPage:
    """Print `pieces` as one page in a style drawn by chance."""
    style = draw_style(rng)
    text, roles, starts = "", [], []
    for piece in pieces:
        lines = [(role, said) for role, line in _article(piece, style, rng) if (said := style.print(line).strip())]
        for n, (role, line) in enumerate(lines):
            blanks = _blanks(n, lines, style, rng)
            indent = style.head_indent if role in _HEAD else "" if role is Role.CONTINUATION else style.indent
            for m, row in enumerate(_rows(role, line, indent, style)):
                text += ("\n" * (1 if m else blanks + 1) if text else "") + ("" if m else indent)
                if n == m == 0:
                    starts.append(len(text))
                text += row
                roles.append(Role.CONTINUATION if m else role)
    return ComposedPage(text, tuple(roles), tuple(starts))


def _blanks(n: int, lines: Lines, style: Style, rng: random.Random) -> int:
    """How many blank lines stand above line `n` of an article."""
    if n == 0:
        return style.inside if style.happens("odd gap", rng) else style.between
    if lines[n][0] is Role.CONTINUATION:
        return style.at_break
    if lines[n - 1][0] is Role.JUMP and rng.random() < 0.5:
        return 0
    return 1 - style.inside if style.happens("odd gap", rng) and rng.random() < 0.1 else style.inside


def _rows(role: Role, line: str, indent: str, style: Style) -> Iterator[str]:
    """A line as it is, or cut to the page's width where it has one."""
    if not style.width or role not in _BODY:
        yield line
        return
    first = style.width - len(indent)
    yield line[:first]
    for at in range(first, len(line), style.width):
        yield line[at : at + style.width]


def _article(piece: Piece, style: Style, rng: random.Random) -> Lines:
    """The lines of one article with their roles."""
    if style.happens("caption", rng):
        return [(Role.OPENING, _caption(piece.text, rng))]
    if piece.title and style.happens("poem", rng):
        return _poem(piece, rng)
    untitled = style.happens("no title", rng)
    paragraphs = _paragraphs(
        _dated(piece.text, style, rng), style, rng, short=not untitled and style.happens("short", rng)
    )
    continued, missing = style.happens("continued", rng), style.happens("beginning missing", rng)
    if (missing or continued) and len(paragraphs[0]) > 30 and rng.random() < 0.7:
        paragraphs[0] = paragraphs[0][rng.randrange(6, len(paragraphs[0]) - 8) :]
    if missing and rng.random() < 0.3 and len(paragraphs) > 1:
        paragraphs[0] = paragraphs[0][-rng.randrange(5, 20) :]
    untitled = untitled or (missing and rng.random() < 0.8) or (continued and rng.random() < 0.6)
    head = [] if untitled or not piece.title else _head(piece, style, rng)
    if continued:
        above = len(head) == 1 and rng.random() < 0.2
        head.insert(0 if above else len(head), (Role.JUMP, draw_jump("上接", rng)))
    body = _body(paragraphs, style, rng, titled=bool(head))
    if not any(role in (Role.HEADLINE, Role.JUMP) for role, _ in head):
        body[0] = (Role.OPENING, body[0][1])
    if style.happens("kicker", rng):
        head.insert(0, (Role.KICKER, rng.choice(KICKERS)))
    return head + body


def _head(piece: Piece, style: Style, rng: random.Random) -> Lines:
    """Headline, with what may stand above and under it."""
    title = piece.title.strip()
    if style.happens("short title", rng):
        title = _clause(title + "，" + piece.text, rng, 2, 6) or title
    lines = [title]
    if " " in title and rng.random() < 0.3:
        lines = title.split()
    elif len(title) > 10 and style.happens("title in two lines", rng):
        middle = len(title) // 2 + rng.randrange(-3, 4)
        lines = [title[:middle], title[middle:]]
    if style.happens("shoulder", rng) and (clause := _clause(piece.text, rng, 6, 24)):
        lines.insert(0, clause)
    if style.happens("subtitle", rng) and (clause := _clause(piece.text, rng, 6, 24)):
        other = _clause(piece.text, rng, 5, 14)
        lines.append(rng.choice(("——" + clause, clause, f"{clause} {other}".strip())))
        if other and rng.random() < 0.25:
            lines.append(other)
    if rng.random() < 0.05:
        lines[-1] += rng.choice(("（附图片）", "（附图片1张）", "(图)"))
    head = [(Role.MORE_HEADLINE if n else Role.HEADLINE, line) for n, line in enumerate(lines)]
    if style.bylines != "none" and rng.random() < 0.6:
        head.append((Role.BYLINE, draw_byline(style, rng)))
    return head


def _body(paragraphs: list[str], style: Style, rng: random.Random, *, titled: bool) -> Lines:
    """Paragraphs with their sub-heads, column breaks and what stands at the end."""
    lines: Lines = []
    if style.happens("caption inside", rng):
        paragraphs = [*paragraphs]
        paragraphs.insert(rng.choice((0, rng.randrange(len(paragraphs)))), _caption(paragraphs[-1], rng))
    headed, numbered, count = len(paragraphs) > 3 and style.happens("subheads", rng), rng.random() < 0.3, 0
    if titled and style.happens("letter", rng):
        lines.append((Role.PARAGRAPH, rng.choice(("编辑同志：", "编者按：", "同志们：", "各位代表：", "编辑部："))))
    for n, paragraph in enumerate(paragraphs):
        if (
            headed
            and n
            and rng.random() < 0.35
            and (clause := _clause(rng.choice((paragraph, *paragraphs)), rng, 4, 14))
        ):
            lines.append((Role.SUBHEAD, ("一二三四五六七八九十"[min(count, 9)] + "、" if numbered else "") + clause))
            count += 1
        whole = paragraph.rstrip("。！？”") if style.happens("unclosed", rng) else paragraph
        broken = len(whole) > _LEAST_BROKEN and style.happens("break", rng)
        lines += _broken(whole, rng) if broken else [(Role.PARAGRAPH, whole)]
    if style.happens("goes on", rng):
        return _going_on(lines, rng)
    if style.happens("tail", rng):
        lines.append((Role.TAIL, rng.choice((draw_tail(rng), draw_tail(rng), _caption(paragraphs[-1], rng)))))
    return lines


def _broken(paragraph: str, rng: random.Random) -> Lines:
    """A paragraph cut by a column break anywhere, often so near its beginning that the piece looks like a headline."""
    at = rng.randrange(8, len(paragraph) - 3) if rng.random() < 0.75 else rng.randrange(8, _LEAST_BROKEN - 3)
    rest = paragraph[at:]
    if len(rest) > _LEAST_BROKEN and rng.random() < 0.1:
        return [(Role.PARAGRAPH, paragraph[:at]), *((Role.CONTINUATION, text) for _, text in _broken(rest, rng))]
    return [(Role.PARAGRAPH, paragraph[:at]), (Role.CONTINUATION, rest)]


def _going_on(lines: Lines, rng: random.Random) -> Lines:
    """The same, broken off because it goes on on another page."""
    role, last = lines[-1]
    if len(last) > 30 and rng.random() < 0.7:
        last = last[: rng.randrange(len(last) // 2, len(last))]
    jump = draw_jump("下转", rng) if rng.random() < 0.7 else ""
    if jump and rng.random() < 0.5:
        return [*lines[:-1], (role, last), (Role.TAIL, jump)]
    return [*lines[:-1], (role, last + jump)]


def _poem(piece: Piece, rng: random.Random) -> Lines:
    verses = [v for v in re.split(r"[，。；：！？“”《》（）\s\d、]", piece.text) if 3 <= len(v) <= 12][
        : rng.randrange(4, 20)
    ]
    ends = rng.choice(((("",)), ("，", "。"), ("，", "，", "！")))
    name = draw_name(rng, padded=rng.random() < 0.5)
    head = [(Role.HEADLINE, piece.title.split()[0]), *([(Role.BYLINE, name)] if rng.random() < 0.7 else [])]
    return head + [(Role.PARAGRAPH, v + ends[n % len(ends)]) for n, v in enumerate(verses or [piece.title])]


def _caption(text: str, rng: random.Random) -> str:
    sentence = text.split("\n")[0][:80].rstrip("，。、")
    taken = rng.choice(("新华社记者 ", "新华社记者", "本报记者", "")) + draw_name(rng) + rng.choice(("摄", " 摄"))
    return rng.choice(("", "图为", "上图：")) + sentence + "。" + rng.choice((taken, f"（{taken}）"))


def _paragraphs(text: str, style: Style, rng: random.Random, *, short: bool) -> list[str]:
    """Cut an article into paragraphs of about the style's length; a short item keeps only its first sentences."""
    found: list[str] = []
    for natural in filter(None, (part.strip() for part in _BROKEN.sub("", text).split("\n"))):
        goal, paragraph = 0.0, ""
        for start, end in sentence_spans(natural):
            if paragraph and len(paragraph) + (end - start) / 2 >= goal:
                found.append(paragraph)
                paragraph = ""
            if not paragraph:
                goal = max(20.0, rng.gauss(style.paragraph, style.paragraph / 2))
            paragraph += natural[start:end]
        found.append(paragraph)
    most = rng.choice((1, 1, 2)) if short else rng.choice(_MOST_PARAGRAPHS)
    return found[:most] or [text]


def _dated(text: str, style: Style, rng: random.Random) -> str:
    """The article with the style's dateline in place of its own."""
    text = text.strip()
    own = find_dateline(text)
    if style.datelines == "keep":
        return text
    bare = text[own.end :].lstrip(" ：:，\u3000\xa0") if own else text
    bare = bare if len(bare) > 20 else text
    if style.datelines == "behind":
        return f"{bare}（新华社记者{draw_name(rng)}）" if rng.random() < 0.5 else bare
    if style.datelines == "few" and rng.random() < 0.7:
        return bare
    return draw_dateline(style, rng) + bare


def _clause(text: str, rng: random.Random, least: int, most: int) -> str:
    clauses = [
        c
        for c in re.split(r"[，。；：！？“”《》（）\s\d、]", text)
        if least <= len(c) <= most and c[-1] not in UNFINISHED
    ]
    return rng.choice(clauses) if clauses else ""
