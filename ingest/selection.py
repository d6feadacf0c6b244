"""Which articles `ingest set` is to change: `paper=柳桥晚报`, `since=2023-05-01`, `file=2023-05/*.txt`.

In: conditions as they are typed, all of which have to hold. Out: a test in SQL with its values. It asks no catalog.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date as Date  # noqa: N812 - as in models

from ingest.errors import BadSetting

Values = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Selection:
    """A test on `articles a` and its values; only live articles pass."""

    test: str
    values: Values


def read_selection(said: Sequence[str]) -> Selection:
    """All conditions together. Raises BadSetting for what is none, or where there is none at all."""
    if not said:
        raise BadSetting(f"say which articles are meant: --where with {_known()}; several --where all have to hold.")
    tests = ["a.live = 1"]
    values: list[str] = []
    for condition in said:
        name, equals, value = condition.partition("=")
        if not equals or name.strip() not in _CONDITIONS:
            raise BadSetting(f"--where {condition!r} is no condition; there are {_known()}.")
        test, given = _CONDITIONS[name.strip()](value.strip())
        tests.append(test)
        values += given
    return Selection(" AND ".join(tests), tuple(values))


def _same(column: str) -> Callable[[str], tuple[str, Values]]:
    """A column that holds just this; with nothing behind the =, one that holds nothing."""
    return lambda value: (f"a.{column} = ?", (value,)) if value else (f"a.{column} IS NULL", ())


def _on_day(test: str) -> Callable[[str], tuple[str, Values]]:
    def condition(value: str) -> tuple[str, Values]:
        if not value:
            return "a.day IS NULL", ()
        try:
            return test, (Date.fromisoformat(value).isoformat(),)
        except ValueError:
            raise BadSetting(f"--where: {value!r} is not a day; write it as 2023-05-11.") from None

    return condition


def _in_file(value: str) -> tuple[str, Values]:
    return "(a.file GLOB ? OR a.file GLOB ?)", (value, f"*/{value}")


def _by(value: str) -> tuple[str, Values]:
    return "instr(replace(replace(a.byline, ' ', ''), '\u3000', ''), ?)", ("".join(value.split()),)


def _known() -> str:
    return ", ".join(f"{name}=…" for name in _CONDITIONS)


_CONDITIONS: dict[str, Callable[[str], tuple[str, Values]]] = {
    "paper": _same("paper"),
    "date": _on_day("a.day = ?"),
    "since": _on_day("a.day >= ?"),
    "until": _on_day("a.day <= ?"),
    "page": _same("page"),
    "place": _same("place"),
    "byline": _by,
    "file": _in_file,
    "id": lambda value: ("(a.article_id = ? OR a.version_id = ? OR a.source_id = ?)", (value, value, value)),
}
