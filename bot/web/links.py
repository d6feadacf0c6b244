"""Where every page of the house is, as links that are right under any path prefix.

In: how deep the page that links lies. Out: relative addresses. What an asker wrote is never part of one, except behind
the # that browsers keep to themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date as Date  # noqa: N812 - as in models
from urllib.parse import quote, urlencode

from ingest.models import Filter

UNKNOWN = "-"  # a paper or a page that nothing names


@dataclass(frozen=True, slots=True)
class Links:
    """Links of one page; `up` leads from the folder that it lies in to the root: "../" for each one."""

    up: str = ""

    def chat(self, where: Filter | None = None, question: str = "") -> str:
        """The chat, narrowed to `where`, with `question` in its box; nothing of it is sent by the link itself."""
        said = {"q": question, **_fields(where or Filter())}
        fragment = urlencode({name: value for name, value in said.items() if value}, quote_via=quote)
        return (self.up or "./") + (f"#{fragment}" if fragment else "")

    def archive(self) -> str:
        """The front page of the archive."""
        return f"{self.up}archive"

    def period(self, when: str) -> str:
        """A year (2023), a month (2023-05) or a day (2023-05-12)."""
        return f"{self.up}archive/{when}"

    def day(self, day: Date) -> str:
        """A day's articles."""
        return self.period(day.isoformat())

    def issue(self, day: Date, paper: str | None) -> str:
        """One paper's issue of a day."""
        return f"{self.day(day)}/{segment(paper)}"

    def page(self, day: Date, paper: str | None, page: str | None) -> str:
        """One page of an issue."""
        return f"{self.issue(day, paper)}/{segment(page)}"

    def search(self, where: Filter | None = None, order: str = "", part: int = 1) -> str:
        """The search page; with a filter, what passes it, part by part."""
        said = {**_fields(where or Filter()), "order": order, "part": str(part) if part > 1 else ""}
        query = urlencode({name: value for name, value in said.items() if value}, quote_via=quote)
        return f"{self.up}archive/search" + (f"?{query}" if query else "")

    def article(self, article_id: str, version: str = "", part: str = "", start: int = 0, end: int = 0) -> str:
        """An article; one of its versions; a place in it, which the page then marks."""
        query = f"?version={quote(version, safe='')}" if version else ""
        return f"{self.up}article/{quote(article_id, safe='')}{query}" + (f"#{part}.{start}.{end}" if part else "")

    def look(self, file: str) -> str:
        """A file of the pages' look."""
        return f"{self.up}look/{file}"

    def logo(self) -> str:
        """The portal's own picture."""
        return f"{self.up}logo"

    def admin(self) -> str:
        """The page for whoever runs this."""
        return f"{self.up}admin"


def segment(name: str | None) -> str:
    """A paper's or page's name as one segment of a path."""
    return UNKNOWN if name is None else quote(name, safe="")


def _fields(where: Filter) -> dict[str, str]:
    days = {"since": where.since, "until": where.until}
    names = {"paper": where.paper, "place": where.place, "byline": where.byline}
    return {name: day.isoformat() for name, day in days.items() if day} | {k: v for k, v in names.items() if v}
