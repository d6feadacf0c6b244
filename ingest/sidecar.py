"""`meta.yaml` beside pages: what an editor says of the files of a folder, and where articles begin in them.

In: a folder. Out: paper, day, page and marks for each of its files. Unknown keys, wrong values and bad YAML are refused
with their line. Nothing is built from the YAML but text and lists: it is read as a tree of nodes.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date as Date  # noqa: N812 - as in models
from pathlib import Path

import yaml

from ingest.errors import BadSidecar

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
    path = folder / NAME
    try:
        with path.open("rb") as file:
            data = file.read(LONGEST + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as e:
        raise BadSidecar(f"{str(path)!r} cannot be read: {e.strerror}") from e
    if len(data) > LONGEST:
        raise BadSidecar(f"{str(path)!r} is longer than {LONGEST:,} bytes; one that says so much is none of ours")
    try:
        root = yaml.compose(data.decode("utf-8-sig"), Loader=yaml.SafeLoader)
    except UnicodeDecodeError as e:
        raise BadSidecar(f"{str(path)!r} is not UTF-8; save it as UTF-8") from e
    except yaml.MarkedYAMLError as e:
        line = e.problem_mark.line + 1 if e.problem_mark else 1
        raise BadSidecar(f"{str(path)!r} line {line}: no YAML ({e.problem})") from e
    except (yaml.YAMLError, RecursionError) as e:
        raise BadSidecar(f"{str(path)!r}: no YAML ({' '.join(str(e).split())[:200]})") from e
    return _Reader(path).sidecar(root) if root is not None else Sidecar()


def write_sidecar(folder: Path, told: Told) -> None:
    """Say the same of all files of a folder; nothing where there is nothing to say."""
    facts = {"paper": told.paper, "date": told.date.isoformat() if told.date else None, "page": told.page}
    said = {key: value for key, value in facts.items() if value}
    if said:
        text = yaml.safe_dump(said, default_style='"', allow_unicode=True, sort_keys=False, width=LONGEST)
        (folder / NAME).write_text(text, "utf-8")


class _Reader:
    """Walks the nodes of one sidecar, no deeper than its form goes."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def sidecar(self, root: yaml.Node) -> Sidecar:
        files: dict[str, Told] = {}
        wrong: dict[str, str] = {}
        told = Told()
        for key, value in self._pairs(root, (*_FACTS, "files")):
            if key != "files":
                told = self._with(told, key, value)
                continue
            for name, section in self._pairs(value, None):
                try:
                    files[name] = self._file(section)
                except BadSidecar as e:
                    wrong[name] = str(e)
        return Sidecar(told, files, wrong)

    def _file(self, section: yaml.Node) -> Told:
        told = Told()
        begins: tuple[Begin, ...] = ()
        for key, value in self._pairs(section, (*_FACTS, "begins")):
            if key == "begins":
                begins = tuple(self._begins(value))
            else:
                told = self._with(told, key, value)
        return Told(told.paper, told.date, told.page, begins)

    def _with(self, told: Told, key: str, value: yaml.Node) -> Told:
        said = self._text(value, key)
        facts = {"paper": told.paper, "date": told.date, "page": told.page}
        if key == "date":
            try:
                facts["date"] = Date.fromisoformat(said)
            except ValueError:
                raise self._wrong(value, f"date {said[:40]!r} is not a day; write it as 2023-05-11") from None
        else:
            facts[key] = said
        return Told(**facts)  # type: ignore[arg-type]  # each under its own name

    def _begins(self, node: yaml.Node) -> Iterator[Begin]:
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            raise self._wrong(node, "'begins' is a list of line numbers or first words of headlines")
        for each in node.value:
            said = f"{str(self._path)!r} line {each.start_mark.line + 1}"
            if isinstance(each, yaml.ScalarNode):
                yield Begin(self._at(each), None, said)
                continue
            pairs = dict(self._pairs(each, ("at", "title")))
            if "at" not in pairs:
                raise self._wrong(each, "a mark needs 'at': a line number, or the first words of the headline")
            title = self._text(pairs["title"], "title") if "title" in pairs else None
            yield Begin(self._at(pairs["at"]), title, said)

    def _at(self, node: yaml.Node) -> int | str:
        said = self._text(node, "a mark")
        if node.tag != "tag:yaml.org,2002:int":  # 12 is a line, "12" are words
            return said
        if not said.isdecimal() or not int(said):
            raise self._wrong(node, f"{said[:40]!r} is no line number; lines count from 1")
        return int(said)

    def _pairs(self, node: yaml.Node, known: tuple[str, ...] | None) -> Iterator[tuple[str, yaml.Node]]:
        """The keys of a mapping, each once, with their values; `known` are those that may be there."""
        if not isinstance(node, yaml.MappingNode):
            raise self._wrong(node, f"here go keys with values ({', '.join(known or ('names of files',))})")
        seen: set[str] = set()
        for key, value in node.value:
            name = self._text(key, "a key")
            if known is not None and name not in known:
                near = difflib.get_close_matches(name, known, n=1, cutoff=0)
                raise self._wrong(key, f"unknown key {name[:40]!r}; did you mean {near[0]!r}?")
            if name in seen:
                raise self._wrong(key, f"{name[:40]!r} is said twice")
            seen.add(name)
            yield name, value

    def _text(self, node: yaml.Node, what: str) -> str:
        said = " ".join(node.value.split()) if isinstance(node, yaml.ScalarNode) else ""
        if not said or "\0" in said or node.tag == "tag:yaml.org,2002:null":
            raise self._wrong(node, f"{what} needs a value")
        return said

    def _wrong(self, node: yaml.Node, what: str) -> BadSidecar:
        return BadSidecar(f"{str(self._path)!r} line {node.start_mark.line + 1}: {what}")
