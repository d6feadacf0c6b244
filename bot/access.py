"""Who may read which article: the one place that is asked, by the chat, the archive's pages and the API alike.

In: a reader and an article, or what is known of one. Out: yes or no. Whoever may not read it is told what everybody is
told of an article that does not exist.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class _Printed(Protocol):
    """Whatever knows its paper: an article, a brief, a count."""

    @property
    def paper(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Readable:
    """Papers that may be read: those of `names`, or with `all_but` every other one; None is an unnamed paper."""

    names: frozenset[str | None] = frozenset()
    all_but: bool = False

    def __contains__(self, paper: object) -> bool:
        return (paper in self.names) is not self.all_but


EVERYTHING = Readable(all_but=True)
NOTHING = Readable()


@dataclass(frozen=True, slots=True)
class Reader:
    """Whoever reads: an id, "" where nobody is told from anybody else, and what may be read."""

    id: str = ""
    papers: Readable = EVERYTHING


def may_read(reader: Reader, article: _Printed) -> bool:
    """Whether `reader` may know that this exists."""
    return article.paper in reader.papers
