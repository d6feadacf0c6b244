"""What is known of a file before it is read, and what a reader makes of it.

In: nothing. Out: the nouns between the readers and those who ask them. A reader gives pages, each with the articles in
it; `Article.start`, `.end` and `.file_spans` then count characters of `Page.text`, the text that the reader extracted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date as Date  # noqa: N812 - as in models

from ingest.articles import Split
from ingest.models import Page


@dataclass(frozen=True, slots=True)
class Facts:
    """Paper, day and page number of a file, each None where nobody knows."""

    paper: str | None = None
    date: Date | None = None
    page: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A file to be read.

    `name` is how it is shown. `said` wins over what the file says itself. `path` yields to it where the file says it in
    so many words (a field, a meta tag), and wins over the label that a page prints.
    """

    name: str
    said: Facts = Facts()
    path: Facts = Facts()

    @property
    def outer(self) -> Facts:
        """What options say, else the path."""
        return Facts(
            self.said.paper or self.path.paper, self.said.date or self.path.date, self.said.page or self.path.page
        )


@dataclass(frozen=True, slots=True)
class Reading:
    """A page that was read, with its articles and furniture."""

    page: Page
    split: Split


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a file, or a page of it, gives no article; a whole line for the user."""

    reason: str
