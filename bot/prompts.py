"""The files of `prompts/`: every longer text that the bot says or sends, with a header that declares its variables.

In: a name. Out: a `Prompt` that can be filled. All are read and checked together, so a wrong file is found at start.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Formatter

from ingest.errors import BadPrompt

_HEADER = re.compile(r"---\npurpose: (?P<purpose>.+)\nvariables:(?P<variables>.*)\nversion: (?P<version>\d+)\n---\n")


@dataclass(frozen=True, slots=True)
class Prompt:
    """One file of `prompts/`: `text` with `{variables}`, each declared in the header."""

    name: str
    purpose: str
    variables: frozenset[str]
    version: int
    text: str

    def fill(self, **values: str) -> str:
        """The text with its variables replaced; raises BadPrompt unless exactly the declared ones are given."""
        if set(values) != self.variables:
            raise BadPrompt(f"prompts/{self.name}.md wants {sorted(self.variables)}, was given {sorted(values)}.")
        return self.text.format_map(values)


@cache
def all_prompts() -> dict[str, Prompt]:
    """Every prompt by name. Raises BadPrompt, naming file and variable, where a header and its text disagree."""
    found = (f for f in files("prompts").iterdir() if f.name.endswith(".md"))
    return {p.name: p for p in (parse(f.name.removesuffix(".md"), f.read_text("utf-8")) for f in found)}


def parse(name: str, content: str) -> Prompt:
    """Read a prompt file's content. Raises BadPrompt."""
    header = _HEADER.match(content)
    if not header:
        raise BadPrompt(f"prompts/{name}.md has no header: it begins with ---, purpose:, variables:, version:, ---.")
    declared = frozenset(header["variables"].replace(",", " ").split())
    text = content[header.end() :].strip()
    used = {field for _, field, _, _ in Formatter().parse(text) if field is not None}
    if used != declared:
        odd = ", ".join(sorted(used ^ declared))
        raise BadPrompt(f"prompts/{name}.md: declared and used variables differ: {odd}.")
    return Prompt(name, header["purpose"], declared, int(header["version"]), text)
