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
class Reader:
    """Whoever reads: an id, "" where nobody is told from anybody else."""

    id: str = ""


ANYBODY = Reader()


def may_read(reader: Reader, article: _Printed) -> bool:
    """Whether `reader` may know that this exists. There are no groups yet: everybody may read everything."""
    return True
