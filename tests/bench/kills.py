"""kill -9 at random moments of a big change, the same commands again each time: the archive ends as without kills.

`python -m tests.bench.kills` (50 kills of a small change) or, as it is judged, with `--full`: of 5,000 articles 1,000
changed, 100 removed, 100 files renamed and 500 articles added at once, taken in by `add {news} --prune` or by whatever
`--commands FILE` lists, one command a line, `{news}` being the folder that changed. Each round begins with a copy of
the same archive, kills the commands at a moment drawn from their whole length, runs them again and compares `export`
with that of an archive that nobody killed, byte for byte, and what is known of each file with what that one knows. Some
kills come in pairs: the second falls on the run that carries on. What is withdrawn carries the day, so a run across
midnight ends otherwise.
"""

from __future__ import annotations

import argparse
import os
import random
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.catalog import live_catalog
from ingest.export import export_lines
from ingest.generations import Generations
from ingest.snapshot import Snapshot
from tests.bench.growth import articles
from tests.bench.report import circumstances
from tests.conftest import CHECKOUT
from tests.newsroom import Amounts, Newsroom, Row

COMMANDS = ("add {news} --prune",)
TWICE = 0.3  # of the rounds are killed a second time


@dataclass(frozen=True, slots=True)
class Change:
    """How much is there and how much of it changes."""

    before: int
    amounts: Amounts


SMALL, FULL = Change(600, Amounts(100, 10, 10, 50)), Change(5_000, Amounts(1_000, 100, 100, 500))


@dataclass
class Kills:
    """What came of all the kills."""

    rounds: int = 0
    kills: int = 0
    resumed: int = 0
    published: int = 0
    wrong: int = 0


def made(count: int, first: int = 0) -> list[Row]:
    """Articles of our own."""
    return [{name: str(value) for name, value in row.items()} for row in articles(count, 300, first=first)]


def with_new_text(row: Row) -> Row:
    """A changed article."""
    return row | {"text": f"更正后的说法。{row['text']}"}


def start(root: Path, words: Sequence[str]) -> subprocess.Popen[str]:
    """A command of `python -m ingest` on its own."""
    env = {**os.environ, "WENBAO_DATA": str(root)}
    command = [sys.executable, "-m", "ingest", *words]
    piped = subprocess.PIPE
    return subprocess.Popen(command, cwd=CHECKOUT, env=env, stdout=piped, stderr=piped, text=True)


def run(root: Path, commands: Sequence[Sequence[str]]) -> str:
    """All commands, one after the other, to their ends; gives what they said on stderr."""
    said = ""
    for words in commands:
        process = start(root, words)
        _, err = process.communicate()
        if process.returncode:
            raise RuntimeError(err)
        said += err
    return said


def run_and_kill(root: Path, commands: Sequence[Sequence[str]], after: float) -> bool:
    """All commands, killed after so many seconds; tells whether the kill came in time."""
    until = time.monotonic() + after
    for words in commands:
        process = start(root, words)
        try:
            process.communicate(timeout=max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.communicate()
            return True
    return False


def export(root: Path) -> bytes:
    """What `export` gives: the whole archive as bytes that say nothing of how it came to be. It is whole, too."""
    lease = Generations(root).lease()
    assert lease
    snapshot = Snapshot(lease)
    try:
        snapshot.check()
        return b"".join(export_lines(snapshot.catalog))
    finally:
        snapshot.close()


def known_files(root: Path) -> list[tuple[Any, ...]]:
    """What the archive knows of every file: its bytes, and the version of each article that it gave."""
    with live_catalog(Generations(root)) as (_, catalog):
        rows = catalog.rows(
            "SELECT path, shown, digest, settings, articles, article_id, version_id, gone"
            " FROM files LEFT JOIN file_articles ON file = number ORDER BY path, article_id"
        )
        return [tuple(row) for row in rows]


def kill_again_and_again(
    folder: Path, kills: int, change: Change, commands: Sequence[str] = COMMANDS, seed: int = 1
) -> Kills:
    """The rounds of kills, in an empty folder."""
    before, calm, news = folder / "before", folder / "calm", folder / "news"
    room = Newsroom(news, made(change.before))
    room.write()
    run(before, [["add", str(news)]])
    room.step(change.amounts, made(change.amounts.added, first=change.before), with_new_text)
    split = [shlex.split(line.format(news=shlex.quote(str(news)))) for line in commands]
    shutil.copytree(before, calm)
    began = time.monotonic()
    run(calm, split)
    length = time.monotonic() - began
    wanted, unchanged, files = export(calm), export(before), known_files(calm)
    if wanted == unchanged:
        raise RuntimeError("the commands change nothing")
    rng, done = random.Random(seed), Kills()
    while done.kills < kills:
        root = folder / "killed"
        shutil.copytree(before, root)
        for _ in range(2 if rng.random() < TWICE else 1):
            done.kills += run_and_kill(root, split, rng.uniform(0.0, length))
            now = export(root)
            done.published += now == wanted
            done.wrong += len(split) == 1 and now not in (wanted, unchanged)  # all of a command or nothing
        done.resumed += "carrying on" in run(root, split)
        done.wrong += (export(root), known_files(root)) != (wanted, files)
        done.rounds += 1
        print(done, file=sys.stderr, flush=True)
        shutil.rmtree(root)
    return done


def main() -> int:
    """Kill and say what came of it; exit status 1 where one archive ended otherwise."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--full", action="store_true", help="as it is judged: of 5,000 articles 1,000 change")
    parser.add_argument("--commands", type=Path, help="file of commands, one a line, without `python -m ingest`")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    commands = args.commands.read_text("utf-8").splitlines() if args.commands else COMMANDS
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        done = kill_again_and_again(Path(folder), args.kills, FULL if args.full else SMALL, commands, args.seed)
    print(
        f"{done.kills} kills in {done.rounds} rounds: {done.resumed} carried on, {done.published} came after the switch"
        f", {done.wrong} wrong; {time.monotonic() - began:.0f} s; {circumstances()}"
    )
    return bool(done.wrong)


if __name__ == "__main__":
    sys.exit(main())
