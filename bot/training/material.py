"""What the reader learns from, as two files that need neither archive nor database: `news.txt.xz`, `cases.jsonl.xz`.

    python -m bot.training.material ARCHIVE NEWS.jsonl.xz FOLDER

ARCHIVE as for `bot.training.answers`, whose settings of our questions are the cases; NEWS is what the archive holds.
"""

from __future__ import annotations

import json
import lzma
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from bot.evidence import Evidence, look_over
from bot.pieces import squeeze
from bot.training.answers import Case, cases, half_of, right_of
from ingest.encoder import load_encoder

NEWS, CASES = "news.txt.xz", "cases.jsonl.xz"
BEST, RIGHT = 24, 4  # sentences of a case: the likeliest by marks, and right ones that are not among them


def main(
    archive: Annotated[Path, typer.Argument(help="Archive of all of news.jsonl.")],
    news: Annotated[Path, typer.Argument(help="news.jsonl.xz")],
    folder: Annotated[Path, typer.Argument(help="Where both files go.")],
) -> None:
    """Write both files."""
    folder.mkdir(parents=True, exist_ok=True)
    encoder = load_encoder("builtin")
    with lzma.open(folder / CASES, "wt", encoding="utf-8") as out:
        for case in cases(archive, encoder):
            out.write(json.dumps(_line(case, look_over(case.asked, case.passages, encoder)), ensure_ascii=False) + "\n")
    begins: set[str] = set()  # agencies' news stand there many times
    with lzma.open(news, "rt", encoding="utf-8") as lines, lzma.open(folder / NEWS, "wt", encoding="utf-8") as out:
        for line in lines:
            text = " ".join(json.loads(line)["text"].split())
            if text[:200] not in begins:
                begins.add(text[:200])
                out.write(text + "\n")


def _line(case: Case, evidence: Sequence[Evidence]) -> dict[str, object]:
    right = right_of(case.keys, evidence)
    picked = [n for n in range(len(evidence)) if n < BEST]
    picked += [n for n in range(BEST, len(evidence)) if right[n] == 1][:RIGHT]
    return {
        "half": half_of(case),
        "question": squeeze(case.asked.text),
        "sentences": [squeeze(evidence[n].text) for n in picked],
        "right": [int(right[n] == 1) for n in picked],
    }


if __name__ == "__main__":
    typer.run(main)
