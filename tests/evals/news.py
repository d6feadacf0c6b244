"""The news that our questions are asked of: 3,000 articles, or all of them with the passages of the news questions.

In: the folder of the data, where to build. Out: a `News`, open, with the texts that hold the answers.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.archive import Archive
from ingest.generations import Generations
from ingest.ingester import Ingester
from tests.evals.judging import Judging
from tests.question_sets import NEWS, OURS, Row, alike, material, read_rows

POOL = 3_000  # news articles among which those that are asked for stand
OWN, TOLD, UNTOLD, FOLLOWUPS = "own_questions", "told_dev", "untold_dev", "followups_dev"


@dataclass(frozen=True, slots=True)
class News:
    """An archive of news.

    same: for each article asked for the ids of all that say the same. homes: their texts, as the judge makes them flat.
    whole: everything that the archive says; None where that is too long to look quotes up in.
    """

    archive: Archive
    same: dict[str, set[str]]
    homes: dict[str, str]
    whole: str | None


def ours(name: str) -> list[Row]:
    """The questions of one of our files."""
    return read_rows(OURS / f"{name}.jsonl")


def pool(judging: Judging, folder: Path, count: int = POOL) -> News:
    """The articles that are asked for and others, `count` in all; `folder` takes the file of them."""
    wanted = _wanted()
    news = read_rows(judging.data / "news.jsonl.xz")
    rows = [row for row in news if row["id"] in wanted]
    rows += [row for row in news if row["id"] not in wanted][: count - len(rows)]
    lines = folder / "pool.jsonl"
    _write(lines, rows)
    whole = "\n".join(judging.judge.flat(row["text"]) for row in rows)
    return _news(judging, judging.archive(lines), rows, whole)


def everything(judging: Judging, root: Path) -> News:
    """All news and the passages of the news questions in the archive `root`, which is made where there is none."""
    rows = material(judging.data, (NEWS,)).records
    root.mkdir(parents=True, exist_ok=True)
    if not Generations(root).current():
        lines = root / "records.jsonl"
        _write(lines, rows)
        Ingester(root, judging.encoder, keep=1).add([lines])
        lines.unlink()
    return _news(judging, judging.open(Archive(root, judging.encoder)), rows, None)


def _wanted() -> set[str]:
    return {row["article_id"] for name in (OWN, TOLD, UNTOLD, FOLLOWUPS) for row in ours(name)}


def _write(path: Path, rows: Sequence[Row]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")


def _news(judging: Judging, archive: Archive, rows: Sequence[Row], whole: str | None) -> News:
    same = alike(rows, _wanted())
    named = set().union(*same.values())
    texts = {row["id"]: judging.judge.flat(row["text"]) for row in rows if row["id"] in named}
    homes = {name: "\n".join(texts[each] for each in named_so) for name, named_so in same.items()}
    return News(archive, same, homes, whole)
