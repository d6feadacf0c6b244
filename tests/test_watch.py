"""A folder that is watched: what comes into it is in the archive within seconds of being whole, and never before."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from ingest.catalog import live_catalog
from ingest.errors import NotEnoughDisk
from ingest.generations import Generations
from ingest.locks import only_ingest
from ingest.settling import TOGETHER, Settling
from ingest.watch import Watcher
from tests.conftest import CHECKOUT
from tests.pace import slowness
from tests.stories import stories, story

WITHIN = 5.0  # seconds from a file's being whole to its articles' being there
PATIENCE = 60.0  # seconds until a line that was waited for is given up
SETTLE = 1.0


def lines(rows: list[dict]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


class Watching:
    """`python -m ingest watch` in a process of its own, and what it said so far."""

    def __init__(self, root: Path, folder: Path, *options: str) -> None:
        self.root, self.folder = root, folder
        self.said: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "-m", "ingest", "watch", str(folder), "--settle", str(SETTLE), *options],
            cwd=CHECKOUT,
            env={**os.environ, "WENBAO_DATA": str(root)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.said.append(line)

    def hears(self, words: str) -> float:
        """Wait for a line with these words that nobody has waited for yet; gives the seconds that it took."""
        began = time.monotonic()
        while (line := next((line for line in self.said if words in line), None)) is None:
            assert time.monotonic() - began < PATIENCE, (words, self.said)
            assert self.process.poll() is None, self.said
            time.sleep(0.05)
        self.said.remove(line)
        return time.monotonic() - began

    def live(self) -> set[str]:
        with live_catalog(Generations(self.root)) as (_, catalog):
            return {str(article.source_id) for article in catalog.live_articles()}

    def generation(self) -> int:
        return Generations(self.root).current()

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        return self.process.wait(PATIENCE)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "inbox").mkdir()
    return tmp_path / "inbox"


@pytest.fixture(scope="module")
def watching(tmp_path_factory) -> Iterator[Watching]:
    """One process for all who share it: starting one takes seconds."""
    root, folder = tmp_path_factory.mktemp("archive") / "data", tmp_path_factory.mktemp("inbox")
    (folder / "before.jsonl").write_text(lines(stories(2)), "utf-8")
    process = Watching(root, folder)
    process.hears("2 articles added")
    yield process
    assert process.end() == 0


def test_a_file_written_in_pieces_goes_in_whole_and_not_before(watching):
    for attempt in range(5):
        first = 100 + 40 * attempt
        text, ids = lines(stories(40, first)).encode(), {f"s{n}" for n in range(first, first + 40)}
        before = watching.generation()
        written = [time.monotonic()]
        with (watching.folder / f"slow{attempt}.jsonl").open("wb") as file:
            for at in range(0, len(text), len(text) // 5):
                file.write(text[at : at + len(text) // 5])
                file.flush()
                written.append(time.monotonic())
                time.sleep(SETTLE / 2)
        if steadily := max(after - one for one, after in pairwise(written)) < 0.9 * SETTLE:
            break
        while not watching.live() >= ids:  # this process had to rest for so long that the file could be taken for whole
            time.sleep(0.1)
        watching.said.clear()
    assert steadily
    watching.hears("40 articles added")
    assert watching.generation() == before + 1
    assert watching.live() >= {"s0", "s1", *ids}
    assert not [line for line in watching.said if "line" in line], "no half line was read"


def test_files_that_come_together_are_one_generation_and_renamed_ones_go_in_at_once(watching):
    before = watching.generation()
    for number in range(10, 15):
        (watching.folder / f"{number}.jsonl").write_text(lines([story(number)]), "utf-8")
    watching.hears("5 articles added, from 5 files")
    half, hidden = watching.folder / "new.jsonl.part", watching.folder / ".coming"
    half.write_text(lines([story(20)]), "utf-8")
    hidden.mkdir()
    (hidden / "page.jsonl").write_text(lines([story(21)]), "utf-8")
    (hidden / "meta.yaml").write_text("paper: 青岚晚报\n", "utf-8")  # what a sidecar says concerns no hidden file
    time.sleep(1.5)
    assert watching.generation() == before + 1
    half.rename(watching.folder / "new.jsonl")
    took = watching.hears("1 article added")
    assert took < WITHIN * slowness()
    assert watching.generation() == before + 2


def test_a_bad_file_an_absent_folder_and_another_ingest_are_outlived(watching):
    folder = watching.folder
    (folder / "bad.jsonl").write_text("{broken\n", "utf-8")
    watching.hears("line 1: not JSON")
    with only_ingest(watching.root, wait=True, say=print):
        (folder / "c.jsonl").write_text(lines([story(30)]), "utf-8")
        watching.hears("waiting for another ingest")
    watching.hears("1 article added")
    away = folder.with_name("away")
    folder.rename(away)
    watching.hears("is gone")
    (away / "d.jsonl").write_text(lines(stories(3, 40)), "utf-8")
    away.rename(folder)
    watching.hears("3 articles added")
    (folder / "deep").mkdir()
    (folder / "deep" / "e.jsonl").write_text(lines(stories(4, 50)), "utf-8")
    watching.hears("4 articles added")
    assert not [line for line in watching.said if "not JSON" in line], "the bad file was named once"


def test_it_ends_at_once_when_asked_to_in_the_middle_of_an_ingest(root, folder):
    (folder / "many.jsonl").write_text(lines(stories(20_000)), "utf-8")
    process = Watching(root, folder)
    while not (root / "ingest.lock").exists():
        time.sleep(0.05)
    time.sleep(0.5)
    began = time.monotonic()
    assert process.end(signal.SIGTERM) == 0
    took = time.monotonic() - began
    assert took < WITHIN * slowness()
    assert process.generation() == 0


def test_polling_finds_what_no_system_tells(root, folder):
    process = Watching(root, folder, "--poll")
    process.hears("watching")
    time.sleep(1)
    (folder / "a.jsonl").write_text(lines(stories(6)), "utf-8")
    process.hears("6 articles added")
    assert process.end(signal.SIGINT) == 0


# -- without a process ---------------------------------------------------------------------------------------------


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_file_is_whole_when_it_has_stopped_growing_and_waits_for_its_fellows_a_moment_only(tmp_path):
    clock = Clock()
    settling = Settling(2.0, clock)
    done, growing = tmp_path / "a.txt", tmp_path / "b.txt"
    for path in (done, growing):
        path.write_text("一", "utf-8")
        settling.seen(path)
    assert settling.whole() == []
    for _ in range(4):
        clock.now += 0.6
        with growing.open("a", encoding="utf-8") as file:
            file.write("又一行\n")
        assert settling.whole() == [], "the one is whole by now, the other may be in a moment"
    clock.now += TOGETHER
    with growing.open("a", encoding="utf-8") as file:
        file.write("又一行\n")
    assert settling.whole() == [done]
    clock.now += 2.0
    assert settling.whole() == [growing]
    assert not settling


def test_a_file_that_goes_while_it_grows_is_forgotten(tmp_path):
    settling = Settling(2.0)
    settling.seen(tmp_path / "gone.txt")
    assert settling.whole() == []
    assert not settling


def test_what_could_not_be_taken_is_tried_again_and_said_once_each_time(tmp_path, monkeypatch):
    monkeypatch.setattr("ingest.watch.FIRST_WAIT", 0.1)
    (tmp_path / "page.txt").write_text("渡轮停三天。", "utf-8")
    said, taken = [], []

    class Enough(Exception):
        pass

    def take(paths):
        taken.append(list(paths))
        if len(taken) < 3:
            raise NotEnoughDisk("the disk ran full; nothing was changed.")
        raise Enough

    watcher = Watcher([tmp_path], take, said.append, settle=0.1, poll=False)
    watcher._wait = 0.1
    with pytest.raises(Enough):
        watcher.run()
    assert taken == [[tmp_path]] * 3
    assert [line.split(". ")[0] for line in said] == ["the disk ran full; nothing was changed"] * 2


def test_an_empty_folder_is_where_a_watch_begins_and_nothing_to_complain_of(tmp_path):
    (tmp_path / "inbox").mkdir()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "page.txt").write_text("渡轮停三天。", "utf-8")

    class Enough(Exception):
        pass

    def take(paths):
        raise Enough(*paths)

    folders = [tmp_path / "inbox", tmp_path / "full"]
    with pytest.raises(Enough) as taken:
        Watcher(folders, take, print, settle=0.1, poll=False).run()
    assert taken.value.args == (tmp_path / "full",)
