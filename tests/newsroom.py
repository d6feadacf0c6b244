"""A folder of records that changes as a newsroom's does, with what an ingest of it must then come to.

In: records, how many are to change in each way. Out: files, a third of the records each in a file of its own, the
others in files of LINES; and the ids of the records that each step changes, removes and adds.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

Row = dict[str, str]
T = TypeVar("T")
NAMES = "青岚柳云梅沙竹杏松桃枫菱荷芦桐榆槐蒲苇棠"
LINES = 500  # records in a file of many


@dataclass(frozen=True, slots=True)
class Amounts:
    """How many records change in each way; of each half by line and half by file. `renamed` counts files."""

    changed: int
    removed: int
    renamed: int
    added: int


@dataclass(frozen=True, slots=True)
class Step:
    """What a step came to: ids of records, and how many files were renamed."""

    changed: frozenset[str]
    removed: frozenset[str]
    added: frozenset[str]
    renamed: int


class Newsroom:
    """The folder. The same records and seed make the same files and the same changes."""

    def __init__(self, folder: Path, rows: Sequence[Row], seed: int = 5) -> None:
        self.folder, self._random = folder, random.Random(seed)
        self._files: dict[Path, list[Row]] = {}
        third = len(rows) // 3
        for number, row in enumerate(rows[:third]):
            self._files[folder / "single" / f"{number // 1000:03d}" / f"{number:06d}.jsonl"] = [row]
        for at in range(third, len(rows), LINES):
            self._files[folder / "many" / f"{at:06d}.jsonl"] = list(rows[at : at + LINES])

    @property
    def ids(self) -> set[str]:
        """Of all records that are there."""
        return {row["id"] for rows in self._files.values() for row in rows}

    def write(self) -> None:
        """Write every file."""
        for path in self._files:
            self._write(path)

    def step(self, amounts: Amounts, new: Sequence[Row], edit: Callable[[Row], Row]) -> Step:
        """Change the folder at once in every way; `new` are the records to add, `edit` changes one."""
        single = self._some([path for path, rows in self._files.items() if len(rows) == 1])
        lines = self._some([(path, row["id"]) for path, rows in self._files.items() if len(rows) > 1 for row in rows])
        changed, removed = set(), set()
        for _ in range(amounts.changed // 2):
            path = next(single)
            changed |= self._edit(path, self._files[path][0]["id"], edit)
        for _ in range(amounts.changed - amounts.changed // 2):
            changed |= self._edit(*next(lines), edit)
        for _ in range(amounts.removed // 2):
            path = next(single)
            removed.add(self._files.pop(path)[0]["id"])
            path.unlink()
        for _ in range(amounts.removed - amounts.removed // 2):
            path, name = next(lines)
            self._files[path] = [row for row in self._files[path] if row["id"] != name]
            removed.add(name)
            self._write(path)
        for number in range(amounts.renamed):
            path = next(single)
            moved = self.folder / "renamed" / f"{number}-{path.name}"
            moved.parent.mkdir(exist_ok=True)
            self._files[moved] = self._files.pop(path)
            path.rename(moved)
        half = amounts.added // 2
        for row in new[:half]:
            self._files[self.folder / "new" / f"{row['id']}.jsonl"] = [row]
            self._write(self.folder / "new" / f"{row['id']}.jsonl")
        for row in new[half : amounts.added]:
            path, _ = next(lines)
            self._files[path].append(row)
            self._write(path)
        added = {row["id"] for row in new[: amounts.added]}
        return Step(frozenset(changed), frozenset(removed), frozenset(added), amounts.renamed)

    def again(self, amounts: Amounts, edit: Callable[[Row], Row]) -> Step:
        """Change the same records every time that it is called."""
        self._random.seed(0)
        return self.step(amounts, [], edit)

    def _some(self, things: Sequence[T]) -> Iterator[T]:
        return iter(self._random.sample(things, len(things)))

    def _edit(self, path: Path, name: str, edit: Callable[[Row], Row]) -> set[str]:
        self._files[path] = [edit(row) if row["id"] == name else row for row in self._files[path]]
        self._write(path)
        return {name}

    def _write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in self._files[path]), "utf-8")


def school(number: int) -> str:
    """A school's name that no other number's is, nor resembles in all but a character, as numbers in a row would."""
    mixed = number * 1_234_567 % 20**5
    return "".join(NAMES[mixed // 20**place % 20] for place in range(5)) + "渡夜校"


def fee_of(number: int) -> str:
    """What a question about that school's fee is."""
    return f"{school(number)}的学费定为多少元？"


def with_fee(row: Row, number: int, fee: int) -> Row:
    """The record with a paragraph about that school's fee, instead of the one that it had."""
    text = row["text"].split("\n渡口贴出告示")[0]
    return row | {"text": f"{text}\n渡口贴出告示，{school(number)}的学费定为{fee}元，由老船工收取。"}
