"""Headings and paragraphs, as a document marks them, into articles.

In: a document's blocks in order. Out: a page with its articles. Several headings of the highest level are several
articles; lower ones are sub-heads. A document without headings is split as a page of text is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ingest.articles import Split, build_article, split_page
from ingest.bylines import find_byline
from ingest.folios import folio_facts, is_folio
from ingest.lines import Line
from ingest.models import Furniture, Page, PageFacts
from ingest.readers.facts import Reading
from ingest.roles import Role


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, or a heading of `level` 1 (the highest) and more; 0 is the title of the whole."""

    text: str
    level: int | None = None


@dataclass(frozen=True, slots=True)
class _Section:
    """A heading, and the blocks up to the next of its level or a higher one."""

    heading: str | None
    blocks: tuple[Block, ...]


def read_outline(name: str, form: str, blocks: Sequence[Block], outer: PageFacts) -> Reading:
    """Make a page of a document's blocks. `outer` wins over what the document's own label says."""
    blocks = [block for block in blocks if block.text]
    labels = [block for block in (*blocks[:3], *blocks[-2:]) if is_folio(block.text, edge=True)]
    label = folio_facts([block.text for block in labels])
    page = Page(
        file=name,
        text="",
        encoding=form,
        paper=outer.paper or label.paper,
        date=outer.date or label.day,
        page=outer.page or label.page,
    )
    rest = [block for block in blocks if block not in labels]
    if all(block.level is None for block in rest):
        whole = replace(page, text="\n".join(block.text for block in blocks))
        return Reading(whole, split_page(whole))
    return _written(page, [block.text for block in labels], list(_sections(rest)))


def _sections(blocks: Sequence[Block]) -> Iterator[_Section]:
    level = _article_level(blocks)
    heading: str | None = None
    inside: list[Block] = []
    for block in blocks:
        if block.level is not None and block.level <= level:
            if inside or (heading and block.level == level):
                yield _Section(heading, tuple(inside))
            heading, inside = block.text, []
        else:
            inside.append(block)
    if heading or inside:
        yield _Section(heading, tuple(inside))


def _article_level(blocks: Sequence[Block]) -> int:
    """The level whose headings begin articles: the highest, but for one that only names the whole.

    That is a lone heading with another under it at once, which is not alone: the name of a page over its articles.
    """
    levels = [block.level for block in blocks if block.level is not None]
    highest = min(levels)
    lower = [level for level in levels if level > highest]
    if levels.count(highest) > 1 or not lower:
        return highest
    place = next(n for n, block in enumerate(blocks) if block.level == highest)
    at_once = place + 1 < len(blocks) and blocks[place + 1].level is not None
    return min(lower) if at_once and lower.count(min(lower)) > 1 else highest


def _written(page: Page, labels: Sequence[str], sections: Sequence[_Section]) -> Reading:
    text = ""
    furniture: list[Furniture] = []
    groups: list[tuple[_Section, list[tuple[Line, Role]]]] = []
    for label in labels:
        furniture.append(Furniture(len(text), len(text) + len(label), label))
        text += label + "\n"
    for section in sections:
        text += "\n"
        group: list[tuple[Line, Role]] = []
        for line, role in _roles(section):
            group.append((Line(line, len(text), len(text) + len(line), 0, 0), role))
            text += line + "\n"
        groups.append((section, group))
    whole = replace(page, text=text)
    articles = tuple(
        replace(build_article(whole, group), title=section.heading, subtitle=None) for section, group in groups if group
    )
    return Reading(whole, Split(articles, tuple(furniture)))


def _roles(section: _Section) -> Iterator[tuple[str, Role]]:
    if section.heading:
        yield section.heading, Role.HEADLINE
    begun = False
    for n, block in enumerate(section.blocks):
        more = any(later.level is None for later in section.blocks[n + 1 :])
        if block.level is not None and more:
            yield block.text, Role.SUBHEAD
            continue
        if not begun and section.heading and find_byline(block.text):
            yield block.text, Role.BYLINE
            continue
        yield block.text, Role.PARAGRAPH if begun or section.heading else Role.OPENING
        begun = True
