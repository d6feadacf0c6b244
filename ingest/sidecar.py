"""`meta.yaml` beside pages: what an editor says of the files of a folder, and where articles begin in them.

In: a folder. Out: paper, day, page and marks for each of its files. Unknown keys, wrong values and bad YAML are refused
with their line. Nothing is built from the YAML but text and lists: it is read as a tree of nodes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date as Date  # noqa: N812 - as in models
from pathlib import Path

from ingest.errors import BadSidecar
from ingest.yamlfile import Node, read_yaml, yaml_text

NAME = "meta.yaml"
LONGEST = 1_000_000  # bytes: a line for each of ten thousand files
_FACTS = ("paper", "date", "page")


@dataclass(frozen=True, slots=True)
class Begin:
    """Where an article begins: a line number (from 1) or the first words of a line. `said` is where the mark stands."""

    at: int | str
    title: str | None = None
    said: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What a sidecar says of a file; each None or empty where it says nothing."""

    paper: str | None = None
    date: Date | None = None
    page: str | None = None
    begins: tuple[Begin, ...] = ()


@dataclass(frozen=True, slots=True)
class Sidecar:
    """A sidecar, read: what it says of all files of its folder, of single ones, and what is wrong with single ones."""

    all: Told = Told()
    files: dict[str, Told] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)

    def about(self, name: str) -> Told:
        """What it says of the file of this name. Raises BadSidecar where that cannot be used."""
        if name in self.wrong:
            raise BadSidecar(self.wrong[name])
        one = self.files.get(name, Told())
        return Told(
            one.paper or self.all.paper, one.date or self.all.date, one.page or self.all.page, begins=one.begins
        )


def read_sidecar(folder: Path) -> Sidecar | None:
    """The sidecar of a folder, None where there is none. Raises BadSidecar for one that is malformed as a whole."""
    try:
        root = read_yaml(folder / NAME, LONGEST, BadSidecar)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return _sidecar(root) if root is not None else Sidecar()


def write_sidecar(folder: Path, told: Told) -> None:
    """Say the same of all files of a folder; nothing where there is nothing to say."""
    facts = {"paper": told.paper, "date": told.date.isoformat() if told.date else None, "page": told.page}
    said = {key: value for key, value in facts.items() if value}
    if said:
        (folder / NAME).write_text(yaml_text(said), "utf-8")


def _sidecar(root: Node) -> Sidecar:
    files: dict[str, Told] = {}
    wrong: dict[str, str] = {}
    told = Told()
    for key, value in root.pairs((*_FACTS, "files"), "facts"):
        if key != "files":
            told = _with(told, key, value)
            continue
        for name, section in value.pairs(None, "names of files"):
            try:
                files[name] = _file(section)
            except BadSidecar as e:
                wrong[name] = str(e)
    return Sidecar(told, files, wrong)


def _file(section: Node) -> Told:
    told = Told()
    begins: tuple[Begin, ...] = ()
    for key, value in section.pairs((*_FACTS, "begins"), "facts"):
        if key == "begins":
            begins = tuple(_begins(value))
        else:
            told = _with(told, key, value)
    return Told(told.paper, told.date, told.page, begins)


def _with(told: Told, key: str, value: Node) -> Told:
    said = value.text(key)
    facts = {"paper": told.paper, "date": told.date, "page": told.page}
    if key == "date":
        try:
            facts["date"] = Date.fromisoformat(said)
        except ValueError:
            raise value.wrong(f"date {said[:40]!r} is not a day; write it as 2023-05-11") from None
    else:
        facts[key] = said
    return Told(**facts)  # type: ignore[arg-type]  # each under its own name


def _begins(node: Node) -> Iterator[Begin]:
    marks = node.items()
    if not marks:
        raise node.wrong("'begins' is a list of line numbers or first words of headlines")
    for each in marks:
        if each.is_text:
            yield Begin(_at(each), None, each.place)
            continue
        pairs = dict(each.pairs(("at", "title"), "marks"))
        if "at" not in pairs:
            raise each.wrong("a mark needs 'at': a line number, or the first words of the headline")
        title = pairs["title"].text("title") if "title" in pairs else None
        yield Begin(_at(pairs["at"]), title, each.place)


def _at(node: Node) -> int | str:
    said = node.text("a mark")
    if not node.is_number:  # 12 is a line, "12" are words
        return said
    if not said.isdecimal() or not int(said):
        raise node.wrong(f"{said[:40]!r} is no line number; lines count from 1")
    return int(said)
