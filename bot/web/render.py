"""Templates into HTML: the one room of jinja2.

In: a template's name, a visit, a value that holds all that the page shows. Out: HTML in which every character that came
from a newspaper or an asker is escaped, by the template engine itself. No template may switch that off (a test reads
them).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import jinja2

from bot.page.source import issue_line
from bot.palette import css_variables
from bot.web.links import Links
from bot.web.visit import Visit
from bot.web.wanted import marked_pieces
from ingest.models import Filter

_HERE = Path(__file__).parent
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class LookFile:
    """A file of the look, as it goes out."""

    content: bytes
    media_type: str


def render(template: str, visit: Visit, view: object) -> str:
    """The page that `template` makes of `view`."""
    page = _templates().get_template(template)
    return page.render(view=view, w=visit.words, p=visit.phrases, to=visit.links)


@cache
def look_files() -> dict[str, LookFile]:
    """The files that pages name, by name: colours before the style sheet, so that both come in one."""
    page = _HERE.parent / "page"
    files = [_HERE / "pages.css", _HERE / "pages.js", page / "narrowed.js", page / "favicon.svg"]
    contents = {file.name: file.read_bytes() for file in files}
    contents["pages.css"] = f"{css_variables()}\n".encode() + contents["pages.css"]
    return {name: LookFile(content, TYPES[Path(name).suffix]) for name, content in contents.items()}


@cache
def build() -> str:
    """A short name of templates and look: another one, and what browsers keep is out of date."""
    summed = hashlib.sha256()
    for file in sorted(_HERE.rglob("*")):
        if file.is_file() and file.suffix != ".pyc":
            summed.update(file.read_bytes())
    for look in look_files().values():
        summed.update(look.content)
    return summed.hexdigest()[:12]


@cache
def _templates() -> jinja2.Environment:
    loader = jinja2.FileSystemLoader(_HERE / "templates")
    environment = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals |= {"issue_line": issue_line, "look": _look, "marked": marked_pieces, "Filter": Filter}
    return environment


def _look(name: str, links: Links) -> str:
    """Where a file of the look is; its address changes with it, so that a browser may keep it for good."""
    return links.look(f"{name}?{build()}")
