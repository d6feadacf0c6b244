"""Makes the table of `ingest.spelling` from pypinyin: `python -m ingest.training.readings FOLDER`.

In: a folder that pypinyin (MIT) is installed into (`pip install --target FOLDER pypinyin==0.55.0`). Out: lines
`syllable<TAB>characters`, without tones, for the characters of GB2312, each under all of its readings. Five seconds.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from ingest.spelling import TABLE

_HEAD = "# How characters are read, without tones: from pypinyin (MIT) by ingest/training/readings.py."


def readings(folder: Path) -> dict[str, list[str]]:
    """The characters of GB2312 by syllable; ü is written u, as accents are not typed."""
    sys.path.insert(0, str(folder))
    pinyin = import_module("pypinyin")
    found: defaultdict[str, list[str]] = defaultdict(list)
    for code in range(0x4E00, 0xA000):
        character = chr(code)
        if character.encode("gb2312", "ignore"):
            for syllable in pinyin.pinyin(character, style=pinyin.Style.NORMAL, heteronym=True)[0]:
                plain = syllable.replace("ü", "u").replace("v", "u").replace("ê", "e")
                if plain.isascii() and plain.isalpha() and set(plain) & set("aeiou") and character not in found[plain]:
                    found[plain].append(character)
    return dict(sorted(found.items()))


def main(folder: Annotated[Path, typer.Argument(help="Folder that pypinyin is installed into.")]) -> None:
    """Write the table into the package."""
    lines = [_HEAD, *(f"{syllable}\t{''.join(characters)}" for syllable, characters in readings(folder).items())]
    TABLE.write_text("\n".join(lines) + "\n", "utf-8")
    typer.echo(f"{TABLE.name}: {len(lines) - 1} syllables")


if __name__ == "__main__":
    typer.run(main)
