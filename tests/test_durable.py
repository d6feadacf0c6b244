"""A power cut takes whatever was not yet on the disk: at any moment it leaves the old state or the new one, whole.

The calls that make things lasting are recorded as they come (fsync of files and folders, renames), and the disk is
rebuilt as it would be after a cut at each of them: of a file what its last fsync found, of a folder the names that its
last fsync found. That is the worst that a file system may do.
"""

import os
import random
import shutil
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ingest.archive import Archive
from ingest.backup import back_up
from ingest.catalog import Catalog
from ingest.export import export_lines, write_whole
from ingest.generations import CATALOG, Generations
from ingest.ingester import Ingester, roll_back
from tests.conftest import BigramEncoder
from tests.stories import stories, story


@dataclass
class Disk:
    """What would be left of the folder `top` after a cut: inodes with their last synced bytes or names."""

    top: Path
    cuts: list[Path] = field(default_factory=list)  # what a cut after each call would leave, one folder each
    order: list[str] = field(default_factory=list)  # the calls
    bytes_of: dict[int, bytes] = field(default_factory=dict)
    names_of: dict[int, dict[str, int]] = field(default_factory=dict)
    folders: set[int] = field(default_factory=set)

    def synced(self, handle: int) -> None:
        inode, path = os.fstat(handle).st_ino, Path(f"/proc/self/fd/{handle}").resolve()
        if path.is_dir():
            self.names_of[inode] = {each.name: each.stat().st_ino for each in path.iterdir()}
        else:
            self.bytes_of[inode] = path.read_bytes()
        self._called(f"fsync {path.relative_to(self.top)}" if path.is_relative_to(self.top) else "fsync elsewhere")

    def renamed(self, target: Path) -> None:
        self._called(f"rename to {target.name}")

    def _called(self, what: str) -> None:
        self.order.append(what)
        self.folders |= {path.stat().st_ino for path in self.top.rglob("*") if path.is_dir()}
        self.cuts.append(self.top.with_name(f"cut{len(self.cuts):03d}"))
        self._rebuild(self.top.stat().st_ino, self.cuts[-1])

    def _rebuild(self, inode: int, target: Path) -> None:
        target.mkdir()
        for name, child in self.names_of.get(inode, {}).items():
            if child in self.folders:
                self._rebuild(child, target / name)
            else:
                (target / name).write_bytes(self.bytes_of.get(child, b""))


@pytest.fixture
def disk(tmp_path, monkeypatch) -> Disk:
    """Watches all that the test does in `tmp_path/top`."""
    disk = Disk(tmp_path / "top")
    disk.top.mkdir()
    sync = os.fsync

    def synced(handle: int) -> None:
        sync(handle)
        disk.synced(handle)

    def watched(call):
        def do(source, target, **more) -> None:
            call(source, target, **more)
            disk.renamed(Path(target))

        return do

    for name in ("rename", "replace", "link"):
        monkeypatch.setattr(os, name, watched(getattr(os, name)))
    monkeypatch.setattr(os, "fsync", synced)
    return disk


def held(root: Path) -> int:
    """Articles of an archive that opens, answers and is whole."""
    with Archive(root, BigramEncoder()) as archive, archive.read() as snapshot:
        snapshot.check()
        return snapshot.stats().articles


def test_a_power_cut_at_any_moment_leaves_the_old_state_or_the_new_one_whole(disk, tmp_path, records):
    root = tmp_path / "top" / "data"
    ingester = Ingester(root, BigramEncoder())
    ingester.add([records(*stories(6))])
    first = len(disk.cuts)
    ingester.add([records(*stories(9))])
    roll_back(Generations(root), 1, wait=False, say=print)
    seen = [held(cut / "data") if (cut / "data").is_dir() else 0 for cut in disk.cuts]
    changes = [count for count, before in zip(seen, [None, *seen], strict=False) if count != before]
    assert changes == [0, 6, 9, 6]
    assert (seen[0], seen[first - 1], seen[-1]) == (0, 6, 6), "what a command has said is done, is lasting"


def test_after_a_power_cut_the_next_ingest_carries_on(disk, tmp_path, records):
    root = tmp_path / "top" / "data"
    Ingester(root, BigramEncoder()).add([records(*stories(6))])
    for cut in disk.cuts[:: max(1, len(disk.cuts) // 6)]:
        Ingester(cut / "data", BigramEncoder()).add([records(*stories(6))])
        assert held(cut / "data") == 6


def test_files_come_before_folders_folders_before_the_rename_and_the_rename_before_current(disk, tmp_path, records):
    Ingester(tmp_path / "top" / "data", BigramEncoder()).add([records(story(1))])
    order = [each for each in disk.order if "generations/0001/" not in each]
    renamed = order.index("rename to 0001")
    files = [n for n, each in enumerate(order[:renamed]) if each.startswith("fsync data/generations/0001.partial/")]
    kinds = [(tmp_path / "top" / order[n].removeprefix("fsync ").replace(".partial", "")).is_dir() for n in files]
    last_file = max(n for n, is_folder in zip(files, kinds, strict=True) if not is_folder)
    folders = [n for n, is_folder in zip(files, kinds, strict=True) if is_folder]
    assert folders
    assert all(n > last_file for n in folders)
    assert order[renamed - 1] == "fsync data/generations/0001.partial"
    assert order[renamed + 1 :] == [
        "fsync data/generations",
        "fsync data/CURRENT.new",
        "rename to CURRENT",
        "fsync data",
    ]


@pytest.mark.parametrize("name", ["safe", "safe.tar"])
def test_a_backup_that_was_told_to_be_made_is_lasting(disk, tmp_path, records, name):
    root, target = tmp_path / "top" / "data", tmp_path / "top" / name
    Ingester(root, BigramEncoder()).add([records(*stories(4))])
    back_up(Generations(root), target)
    left = disk.cuts[-1] / name
    if name.endswith(".tar"):
        assert left.read_bytes() == target.read_bytes()
    else:
        assert held(left) == 4
    for cut in disk.cuts:
        if (cut / name).is_dir():
            assert held(cut / name) == 4, "never half a backup under its name"
        elif (cut / name).exists():
            assert (cut / name).read_bytes() == target.read_bytes()


def test_an_export_that_was_told_to_be_written_is_lasting(disk, tmp_path):
    out = tmp_path / "top" / "news.jsonl"
    write_whole([b"{}\n"] * 3, out)
    assert (disk.cuts[-1] / "news.jsonl").read_bytes() == out.read_bytes()
    assert {(cut / "news.jsonl").read_bytes() for cut in disk.cuts if (cut / "news.jsonl").exists()} == {
        out.read_bytes()
    }


def test_a_clock_that_jumps_changes_nothing(tmp_path, records, monkeypatch):
    """Ids, locks, leases, sweeps and the choice of the live state follow from content and numbers alone."""
    calm, jumping = tmp_path / "calm", tmp_path / "jumping"
    for root in (calm, jumping):
        if root is jumping:
            rng, really = random.Random(7), time.time

            def jumps(rng=rng, really=really) -> float:
                return max(0.0, really() + rng.uniform(-3e8, 3e8))

            class Jumping(datetime):
                @classmethod
                def now(cls, tz=None):
                    return datetime.fromtimestamp(jumps(), tz or UTC)

            monkeypatch.setattr(time, "time", jumps)
            monkeypatch.setattr("ingest.locks.datetime", Jumping)
        ingester = Ingester(root, BigramEncoder(), keep=2)
        for number in range(4):
            ingester.add([records(*stories(5), story(3) | {"text": f"第{number}回改过的柳桥夜校。"})])
            for path in root.rglob("*"):
                os.utime(path, (jumps(), jumps())) if root is jumping else None
    assert Generations(jumping).numbers() == Generations(calm).numbers() == [3, 4]
    assert exported(jumping) == exported(calm)
    assert held(jumping) == 5
    shutil.rmtree(calm)


def exported(root: Path) -> bytes:
    generations = Generations(root)
    catalog = Catalog.open(generations.path(generations.current()) / CATALOG)
    return b"".join(export_lines(catalog))
