"""What a path says of a page, by a pattern that the user sets: `{paper}/{date:%Y-%m-%d}/{page}.txt`.

In: the pattern, then paths. Out: paper, day and page number, as far as the tail of a path fits the pattern. It touches
no file and guesses nothing: what does not fit says nothing.
"""

from __future__ import annotations

import difflib
import re
from datetime import date as Date  # noqa: N812 - as in models
from pathlib import Path

from ingest.errors import BadSetting
from ingest.models import PageFacts

FIELDS = ("paper", "date", "page")
_DAY_PARTS = {"Y": r"(?P<Y>\d{4})", "y": r"(?P<y>\d{2})", "m": r"(?P<m>\d{1,2})", "d": r"(?P<d>\d{1,2})", "%": "%"}
_EXAMPLE = "write it as {paper}/{date:%Y-%m-%d}/{page}.txt"


class PathPattern:
    """A pattern, read once. `*` in it stands for anything within one name."""

    def __init__(self, pattern: str) -> None:
        """Raises BadSetting for a pattern that is malformed."""
        self._named = pattern
        self._fits = re.compile(f"(?:^|/){self._expression(pattern.lstrip('/'))}$")

    def facts(self, path: Path) -> PageFacts | None:
        """What `path` says; None where its tail does not fit, or where the day in it is none."""
        found = self._fits.search(path.as_posix())
        if not found:
            return None
        said = found.groupdict()
        day = None
        if "d" in said:
            year = int(said["Y"]) if said.get("Y") else 2000 + int(said["y"])
            try:
                day = Date(year, int(said["m"]), int(said["d"]))
            except ValueError:
                return None
        return PageFacts(said.get("paper"), day, said.get("page"))

    def _expression(self, pattern: str) -> str:
        parts, named = [], []
        for literal, field in re.findall(r"([^{}]*)(\{[^{}]*\}|[{}]|$)", pattern):
            parts.append(re.escape(literal).replace(r"\*", "[^/]*"))
            if field in ("{", "}"):
                raise self._malformed("a brace in it has no partner")
            if field:
                name, _, form = field[1:-1].partition(":")
                parts.append(self._field(name, form))
                named.append(name)
        if not named:
            raise self._malformed("it names no field")
        if len(set(named)) < len(named):
            raise self._malformed("it names a field twice")
        return "".join(parts)

    def _field(self, name: str, form: str) -> str:
        if name not in FIELDS:
            near = difflib.get_close_matches(name, FIELDS, n=1, cutoff=0)
            raise self._malformed(f"it names {name!r}; did you mean {near[0]!r}?")
        if name == "date":
            return self._day(form or "%Y-%m-%d")
        if form:
            raise self._malformed(f"{name!r} takes no format")
        return f"(?P<{name}>[^/]+?)"

    def _day(self, form: str) -> str:
        said, parts = [], []
        for code, literal in re.findall(r"%(.?)|([^%]+)", form):
            if literal:
                parts.append(re.escape(literal))
            elif code not in _DAY_PARTS:
                raise self._malformed(f"of a day, %Y, %y, %m and %d are read, not '%{code}'")
            else:
                parts.append(_DAY_PARTS[code])
                said.append(code)
        if sorted(code.lower() for code in said if code != "%") != ["d", "m", "y"]:
            raise self._malformed("a day needs one year, one month and one day")
        return "".join(parts)

    def _malformed(self, what: str) -> BadSetting:
        return BadSetting(f"the path pattern {self._named!r} cannot be used: {what}; {_EXAMPLE}.")
