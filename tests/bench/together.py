"""Two ingests at once, and an ingest while many ask: no error, no wrong answer, each answer from one whole generation.

`python -m tests.bench.together --rounds 40 --processes 4 --threads 5` makes an archive in which two articles always
tell the same round's number and changes both, round after round, while another ingest adds stories and all the askers
(threads of several processes, each with an archive and a bot of its own) ask for both. An answer that has numbers of
two rounds, or a passage of another round than its answer, or an asker that sees a round after a later one, is an error.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from bot.bot import Bot
from ingest.archive import Archive
from ingest.encoder import load_encoder
from ingest.ingester import Ingester
from tests.bench.report import circumstances
from tests.conftest import CHECKOUT
from tests.stories import stories

QUESTION = "柳桥镇水文站和云溪乡水文站测到的水位是多少毫米？"
_ROUND = re.compile(r"水位(?:是|为)(\d+)毫米")
FIRST = 1000  # a round's number is told as millimetres of water


def levels(number: int) -> list[dict[str, str]]:
    """Two articles of round `number`."""
    return [
        {
            "id": place,
            "title": f"{place}水文站公布水位",
            "date": "2023-05-11",
            "paper": "试报",
            "text": f"{place}水文站今天公布，测到的水位是{FIRST + number}毫米。站长说，{place}水文站一天测两回。",
        }
        for place in ("柳桥镇", "云溪乡")
    ]


@dataclass
class Seen:
    """What the askers of one process have seen."""

    answers: int = 0
    refusals: int = 0
    rounds: set[int] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


def ask_until(bot: Bot, stop: Callable[[], bool], seen: Seen) -> None:
    """Ask again and again, and hold every answer to its promise."""
    last = 0
    while not stop():
        try:
            answer = bot.ask(QUESTION)
        except Exception as e:  # noqa: BLE001 - that is what is looked for
            with seen.lock:
                seen.wrong.append(repr(e))
            continue
        told = {int(number) for number in _ROUND.findall(answer.text)}
        held = {int(number) for passage in answer.passages for number in _ROUND.findall(passage.text)}
        with seen.lock:
            seen.answers += 1
            seen.refusals += answer.refused
            seen.rounds |= told
            if len(held) != 1 or not told <= held:
                seen.wrong.append(f"an answer of {sorted(told)} from passages of {sorted(held)}")
            elif max(held) < last:
                seen.wrong.append(f"round {max(held)} after {last}")
            last = max(held, default=last)


def ask_in_threads(archive: Archive, bot: Bot, threads: int, stop: Callable[[], bool]) -> Seen:
    """So many askers over one bot."""
    seen = Seen()
    askers = [threading.Thread(target=ask_until, args=(bot, stop, seen)) for _ in range(threads)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    return seen


def lines(path: Path, rows: list[dict]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return path


def ingests_at_once(add: Callable[[Path], None], folder: Path, rounds: int) -> list[str]:
    """One changes the two articles, one adds stories, both all the time. Gives what went wrong."""
    wrong: list[str] = []

    def run(name: str, rows: Callable[[int], list[dict]]) -> None:
        for number in range(1, rounds + 1):
            try:
                add(lines(folder / f"{name}.jsonl", rows(number)))
            except Exception as e:  # noqa: BLE001 - that is what is looked for
                wrong.append(repr(e))

    both = [
        threading.Thread(target=run, args=("levels", levels)),
        threading.Thread(target=run, args=("stories", lambda number: stories(5, first=100 * number))),
    ]
    for one in both:
        one.start()
    for one in both:
        one.join()
    return wrong


def _child(root: Path, threads: int) -> None:
    """One process of askers; it says "ready" and stops when its standard input ends."""
    encoder = load_encoder("builtin")
    stopped = threading.Event()
    with Archive(root, encoder) as archive:
        bot = Bot(archive, encoder)
        bot.ask(QUESTION)
        print("ready", flush=True)
        threading.Thread(target=lambda: (sys.stdin.read(), stopped.set()), daemon=True).start()
        seen = ask_in_threads(archive, bot, threads, stopped.is_set)
    record = {"answers": seen.answers, "refusals": seen.refusals, "rounds": len(seen.rounds), "wrong": seen.wrong[:5]}
    print(json.dumps(record, ensure_ascii=False), flush=True)


def main() -> int:
    """Run it and print what was seen; exit status 1 if anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--threads", type=int, default=5, help="askers in each process")
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        _child(args.child, args.threads)
        return 0
    with tempfile.TemporaryDirectory() as temporary, ExitStack() as until:
        folder, root = Path(temporary), Path(temporary) / "data"
        Ingester(root, load_encoder("builtin")).add([lines(folder / "first.jsonl", levels(0) + stories(200))])
        command = [sys.executable, "-m", "tests.bench.together", "--child", str(root), "--threads", str(args.threads)]
        children = []
        for _ in range(args.processes):
            child = subprocess.Popen(command, cwd=CHECKOUT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            until.callback(child.wait)
            children.append(child)
        for child in children:
            assert child.stdout
            assert child.stdout.readline() == "ready\n"
        env = {**os.environ, "WENBAO_DATA": str(root)}

        def add(path: Path) -> None:
            ingest = [sys.executable, "-m", "ingest", "add", str(path)]
            done = subprocess.run(ingest, cwd=CHECKOUT, env=env, capture_output=True, text=True)
            if done.returncode:
                raise RuntimeError(done.stderr)

        began = time.monotonic()
        wrong = ingests_at_once(add, folder, args.rounds)
        took = time.monotonic() - began
        said = [json.loads(child.communicate()[0]) for child in children]
    wrong += [each for one in said for each in one["wrong"]]
    total = {name: sum(one[name] for one in said) for name in ("answers", "refusals")}
    print(
        f"{2 * args.rounds} ingests, two at once, in {took:.0f} s; {total['answers']:,} answers to"
        f" {args.processes * args.threads} askers ({total['refusals']} refused), of up to"
        f" {max(one['rounds'] for one in said)} rounds each; wrong: {len(wrong)}; {circumstances()}"
    )
    for each in wrong[:20]:
        print(each)
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
