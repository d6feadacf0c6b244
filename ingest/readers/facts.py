"""What is known of a file before it is read, and what a reader makes of it.

In: nothing. Out: the nouns between the readers and those who ask them. A reader gives pages, each with the articles in
it; `Article.start`, `.end` and `.file_spans` then count characters of `Page.text`, the text that the reader extracted.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ingest.articles import Split
from ingest.models import Page, PageFacts


@dataclass(frozen=True, slots=True)
class Asked:
    """A file to be read.

    `name` is how it is shown. `said` wins over what the file says itself. `path` yields to it where the file says it in
    so many words (a field, a meta tag), and wins over the label that a page prints.
    """

    name: str
    said: PageFacts = field(default_factory=PageFacts)
    path: PageFacts = field(default_factory=PageFacts)

    @property
    def outer(self) -> PageFacts:
        """What options say, else the path."""
        return PageFacts(
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
