"""Templates into HTML, in the look that a portal has set: the one room of jinja2.

In: a look; a template's name, a visit, a value that holds all that the page shows. Out: HTML in which every character
that came from a newspaper or an asker is escaped, by the template engine itself. No template may switch that off (a
test reads them).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import jinja2

from bot.look import Look
from bot.page.source import issue_line, pointer_line
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


class Pages:
    """Every page of the archive in one look. Safe from several threads."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self.files = _look_files(look)
        self.build = _build(self.files, look)
        loader = jinja2.FileSystemLoader(_HERE / "templates")
        self._templates = jinja2.Environment(
            loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )
        self._templates.globals |= {
            "issue_line": issue_line,
            "pointer_line": pointer_line,
            "marked": marked_pieces,
            "Filter": Filter,
            "look": self._address,
            "logo": look.logo is not None,
        }

    def render(self, template: str, visit: Visit, view: object) -> str:
        """The page that `template` makes of `view`."""
        page = self._templates.get_template(template)
        brand = self._look.name or visit.words.name
        return page.render(view=view, w=visit.words, p=visit.phrases, to=visit.links, switch=visit.switch, brand=brand)

    def _address(self, file: str, links: Links) -> str:
        """Where a file of the look is; its address changes with it, so that a browser may keep it for good."""
        return links.look(f"{file}?{self.build}")


def _look_files(look: Look) -> dict[str, LookFile]:
    """The files that pages name, by name: colours before the style sheet, so that both come in one."""
    files = [_HERE / "pages.css", _HERE / "pages.js", _HERE.parent / "page" / "favicon.svg"]
    contents = {file.name: file.read_bytes() for file in files}
    contents["pages.css"] = f"{css_variables(look.day, look.night)}\n".encode() + contents["pages.css"]
    return {name: LookFile(content, TYPES[Path(name).suffix]) for name, content in contents.items()}


def _build(files: dict[str, LookFile], look: Look) -> str:
    """A short name of code, templates and look: another one, and what browsers keep is out of date."""
    summed = hashlib.sha256(f"{look.name} {look.logo is not None}".encode())
    for file in sorted(_HERE.rglob("*")):
        if file.is_file() and file.suffix != ".pyc":
            summed.update(file.read_bytes())
    for content in (each.content for each in files.values()):
        summed.update(content)
    return summed.hexdigest()[:12]
