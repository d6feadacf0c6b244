"""A small YAML file that somebody writes by hand, read node by node: the one room of pyyaml.

In: a path, how long it may be. Out: its root as a Node, from which a reader takes what it expects and refuses the rest,
naming the line. No value of YAML's own is ever made, so an alias costs nothing and a date stays text.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml

from ingest.errors import WenBaoError

_INT, _NULL = "tag:yaml.org,2002:int", "tag:yaml.org,2002:null"


class Node:
    """A place in the file. What is not as it should be is raised as `error`, with file and line."""

    def __init__(self, node: yaml.Node, path: Path, error: type[WenBaoError]) -> None:
        self._node, self._path, self._error = node, path, error

    @property
    def place(self) -> str:
        """File and line."""
        return f"{str(self._path)!r} line {self._node.start_mark.line + 1}"

    @property
    def is_text(self) -> bool:
        """Whether it is one value, no list and no mapping."""
        return isinstance(self._node, yaml.ScalarNode)

    @property
    def is_number(self) -> bool:
        """Whether it is written as a whole number: 12 is one, "12" is not."""
        return bool(self._node.tag == _INT)

    def wrong(self, what: str) -> WenBaoError:
        """The error that says `what` of this place."""
        return self._error(f"{self.place}: {what}")

    def text(self, what: str) -> str:
        """Its text in one line; `what` names it where it has none."""
        said = " ".join(self._node.value.split()) if isinstance(self._node, yaml.ScalarNode) else ""
        if not said or "\0" in said or self._node.tag == _NULL:
            raise self.wrong(f"{what} needs a value")
        return said

    def items(self) -> list[Node] | None:
        """The nodes of a list, None where it is none."""
        if not isinstance(self._node, yaml.SequenceNode):
            return None
        return [Node(each, self._path, self._error) for each in self._node.value]

    def pairs(self, known: tuple[str, ...] | None, what: str) -> Iterator[tuple[str, Node]]:
        """The keys of a mapping, each once, with their values; `known` may be there, of None all; `what` names them."""
        if not isinstance(self._node, yaml.MappingNode):
            raise self.wrong(f"here go keys with values ({', '.join(known or (what,))})")
        seen: set[str] = set()
        for key, value in self._node.value:
            named = Node(key, self._path, self._error)
            name = named.text("a key")
            if known is not None and name not in known:
                near = difflib.get_close_matches(name, known, n=1, cutoff=0)
                raise named.wrong(f"unknown key {name[:40]!r}; did you mean {near[0]!r}?")
            if name in seen:
                raise named.wrong(f"{name[:40]!r} is said twice")
            seen.add(name)
            yield name, Node(value, self._path, self._error)


def read_yaml(path: Path, longest: int, error: type[WenBaoError]) -> Node | None:
    """The root of a file; None where it says nothing. Raises `error`, and FileNotFoundError where there is none."""
    try:
        with path.open("rb") as file:
            data = file.read(longest + 1)
    except (FileNotFoundError, NotADirectoryError):
        raise
    except OSError as e:
        raise error(f"{str(path)!r} cannot be read: {e.strerror}") from e
    if len(data) > longest:
        raise error(f"{str(path)!r} is longer than {longest:,} bytes; one that says so much is none of ours")
    try:
        root = yaml.compose(data.decode("utf-8-sig"), Loader=yaml.SafeLoader)
    except UnicodeDecodeError as e:
        raise error(f"{str(path)!r} is not UTF-8; save it as UTF-8") from e
    except yaml.MarkedYAMLError as e:
        line = e.problem_mark.line + 1 if e.problem_mark else 1
        raise error(f"{str(path)!r} line {line}: no YAML ({e.problem})") from e
    except (yaml.YAMLError, RecursionError) as e:
        raise error(f"{str(path)!r}: no YAML ({' '.join(str(e).split())[:200]})") from e
    return Node(root, path, error) if root is not None else None


def yaml_text(said: Mapping[str, str]) -> str:
    """Texts by their names, as a file that is read back to the same, whatever they look like."""
    return str(yaml.safe_dump(dict(said), default_style='"', allow_unicode=True, sort_keys=False, width=1 << 30))
