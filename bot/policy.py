"""The access file: which groups may read which papers.

In: a YAML file that whoever runs the bot writes. Out: for the groups of somebody, what they may read. It is read again
when it changes; a version that cannot be used changes nothing and is told once. What is not said is not allowed.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.access import EVERYTHING, NOTHING, Readable
from ingest.errors import BadSetting
from ingest.yamlfile import Node, read_yaml

LONGEST = 1_000_000  # bytes
LOOK = 1.0  # seconds between two looks at the file
REST = 0.1  # seconds for which a changed file has to stay as it is: half of one may let more people in than all of it
UNNAMED = "-"  # how the file calls articles of which nothing names the paper, as addresses do

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Allowed:
    """Who may read something: `everyone`, everybody who is `signed_in`, or members of `groups`."""

    everyone: bool = False
    signed_in: bool = False
    groups: frozenset[str] = frozenset()

    def lets(self, groups: Collection[str], *, signed_in: bool) -> bool:
        """Whether somebody of these groups is among them."""
        return self.everyone or (self.signed_in and signed_in) or bool(signed_in and self.groups.intersection(groups))


@dataclass(frozen=True, slots=True)
class Rules:
    """Who may read each of `papers`, and who all `others`."""

    papers: Mapping[str | None, Allowed] = field(default_factory=dict)
    others: Allowed = Allowed()

    def readable(self, groups: Collection[str], *, signed_in: bool) -> Readable:
        """What somebody of these groups may read."""
        lets = {paper: allowed.lets(groups, signed_in=signed_in) for paper, allowed in self.papers.items()}
        others = self.others.lets(groups, signed_in=signed_in)
        readable = Readable(frozenset(paper for paper, one in lets.items() if one is not others), all_but=others)
        return {EVERYTHING: EVERYTHING, NOTHING: NOTHING}.get(readable, readable)


OPEN = Rules(others=Allowed(everyone=True))
_WORDS = {"everyone": Allowed(everyone=True), "signed-in": Allowed(signed_in=True), "nobody": Allowed()}


class Policy:
    """The rules of a file as it stands now; without one everybody may read everything. Safe from several threads."""

    def __init__(self, file: str = "", clock: Callable[[], float] = time.monotonic) -> None:
        """Raises BadSetting for a file that cannot be used."""
        self._path = Path(file) if file else None
        self._clock, self._lock = clock, threading.Lock()
        self._looked, self._stamp = clock(), self._stamped()
        self._rules = read_rules(self._path) if self._path else OPEN

    def readable(self, groups: Collection[str], *, signed_in: bool) -> Readable:
        """What somebody of these groups may read; a group counts only for somebody who has `signed_in`."""
        self._look()
        return self._rules.readable(groups, signed_in=signed_in)

    def _look(self) -> None:
        """Read the file again where it has changed; whoever comes meanwhile goes by the old rules."""
        if self._path is None or self._clock() - self._looked < LOOK or not self._lock.acquire(blocking=False):
            return
        try:
            self._looked, stamp = self._clock(), self._stamped()
            if stamp != self._stamp and self._is_at_rest(stamp):
                self._stamp = stamp
                self._rules = read_rules(self._path)
                _log.warning("who may read what was read again from %r", str(self._path))
        except BadSetting as e:
            _log.warning("who may read what stays as it was: %s", e)
        finally:
            self._lock.release()

    def _is_at_rest(self, stamp: tuple[int, int, int] | None) -> bool:
        """Whether nobody is writing it just now; if somebody is, the next look is soon enough."""
        time.sleep(REST)
        return self._stamped() == stamp

    def _stamped(self) -> tuple[int, int, int] | None:
        try:
            found = self._path.stat() if self._path else None
        except OSError:
            return None
        return (found.st_mtime_ns, found.st_size, found.st_ino) if found else None


def read_rules(path: Path) -> Rules:
    """The rules that a file states. Raises BadSetting, with file and line."""
    try:
        root = read_yaml(path, LONGEST, BadSetting)
    except (FileNotFoundError, NotADirectoryError):
        raise BadSetting(f"WENBAO_ACCESS names {str(path)!r}, which does not exist: write it, or unset it.") from None
    if root is None:
        raise BadSetting(f"{str(path)!r} says nothing: without any rule nobody could read anything.")
    papers: dict[str | None, Allowed] = {}
    others: Allowed | None = None
    for key, value in root.pairs(("papers", "others"), "rules"):
        if key == "others":
            others = _allowed(value)
            continue
        for name, who in value.pairs(None, "names of papers"):
            papers[None if name == UNNAMED else name] = _allowed(who)
    if others is None:
        raise root.wrong("it does not say who may read the `others`: everyone, signed-in, nobody or a list of groups")
    return Rules(papers, others)


def _allowed(node: Node) -> Allowed:
    groups = node.items()
    if groups is not None:
        if not groups:
            raise node.wrong("an empty list lets nobody read: write `nobody` if that is meant")
        return Allowed(groups=frozenset(_group(one) for one in groups))
    if node.is_text and (said := node.text("who may read")) in _WORDS:
        return _WORDS[said]
    raise node.wrong("who may read is `everyone`, `signed-in`, `nobody`, or a list of groups such as [editors]")


def _group(node: Node) -> str:
    if not node.is_text:
        raise node.wrong("a group is a name")
    name = node.text("a group")
    if name in _WORDS:
        raise node.wrong(f"`{name}` is no group: it stands alone, without a list around it")
    return name
