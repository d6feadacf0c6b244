"""A quoted place as the fragment of a link, `#cite-ARTICLE.part.start.end`, and back.

The link says everything itself, so a citation of any answer of the conversation opens the right article, also after the
server was started anew. What comes back comes from a browser: anything else than such fragments is nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import cast

from bot.models import Citation, Nearest, Part

_PREFIX = "#cite-"
_MOST = 40  # places opened at once: more than any answer cites
_REFERENCE = re.compile(
    r"(?P<article>[0-9A-Za-z_-]{1,64})\.(?P<part>text|title|byline)\.(?P<start>[0-9]{1,8})\.(?P<end>[0-9]{1,8})"
)


@dataclass(frozen=True, slots=True)
class Reference:
    """Characters `start`..`end` of an article (by article or version id); empty for the article as such."""

    article_id: str
    part: Part = "text"
    start: int = 0
    end: int = 0

    @property
    def href(self) -> str:
        """The link that opens this place on the page."""
        return f"{_PREFIX}{self.article_id}.{self.part}.{self.start}.{self.end}"


def of_citation(citation: Citation) -> Reference:
    """Where a citation points: the very version that was quoted, where it is known."""
    article = citation.version_id or citation.article_id
    return Reference(article, citation.part, citation.start, citation.end)


def of_nearest(nearest: Nearest) -> Reference:
    """An article as such, nothing in it marked."""
    return Reference(nearest.article_id)


def parse_references(text: object) -> list[Reference]:
    """Read fragments with blanks between them, first the one that was clicked; what is none is left out."""
    if not isinstance(text, str):
        return []
    found = (_REFERENCE.fullmatch(one.removeprefix(_PREFIX)) for one in text[: _MOST * 128].split()[:_MOST])
    return [
        Reference(m["article"], cast("Part", m["part"]), int(m["start"]), int(m["end"])) for m in found if m is not None
    ]
