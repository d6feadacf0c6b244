"""A backup is an archive of its own, made while others read and write, and whole before it has its name."""

import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from ingest.archive import Archive
from ingest.backup import back_up, restore
from ingest.errors import ArchiveBroken, NotEnoughDisk, NotFound, NotWritable
from ingest.generations import CATALOG, Generations
from ingest.ingester import Ingester
from tests.conftest import CHECKOUT
from tests.stories import stories, story


def brought_back(root, backup) -> int:
    return restore(Generations(root), backup, wait=False, say=print)


def count(root, encoder) -> int:
    with Archive(root, encoder) as archive, archive.read() as snapshot:
        snapshot.check()
        return snapshot.stats().articles


def test_a_backup_is_an_archive_that_shares_no_file_with_its_original(root, encoder, ingester, records, tmp_path):
    ingester.add([records(*stories(40))])
    ingester.add([records(story(50))])
    assert back_up(Generations(root), tmp_path / "safe") == 2
    assert count(tmp_path / "safe", encoder) == 41
    assert Generations(tmp_path / "safe").numbers() == [2], "the live state alone"
    mine = {path.stat().st_ino for path in root.rglob("*") if path.is_file()}
    assert not mine & {path.stat().st_ino for path in (tmp_path / "safe").rglob("*") if path.is_file()}
    Ingester(tmp_path / "safe", encoder).add([records(story(60))])
    assert count(root, encoder) == 41


def test_a_backup_beside_an_ingest_and_a_reader_is_of_one_whole_state(root, encoder, ingester, records, tmp_path):
    ingester.add([records(*stories(20))])
    stop = threading.Event()

    def keep_adding():
        number = 100
        while not stop.is_set():
            ingester.add([records(story(number), name="more.jsonl")])
            number += 1

    with Archive(root, encoder) as archive:
        adding = threading.Thread(target=keep_adding)
        adding.start()
        try:
            for number in range(6):
                with archive.read() as snapshot:
                    assert snapshot.stats().articles >= 20
                generation = back_up(Generations(root), tmp_path / f"safe{number}")
                assert count(tmp_path / f"safe{number}", encoder) == 19 + generation
        finally:
            stop.set()
            adding.join()


@pytest.mark.parametrize("name", ["safe.zip", "safe.tgz", "safe.tar.bz2", "SAFE.7Z"])
def test_a_backup_under_the_name_of_a_file_that_it_cannot_be_is_refused_in_a_line(run, records, tmp_path, name):
    run("add", records(story(1)))
    said = run("backup", tmp_path / name)
    assert (said.exit_code, said.stdout, len(said.stderr.splitlines())) == (2, "", 1)
    assert ".tar.gz" in said.stderr
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize("name", ["safe", "safe.tar", "safe.tar.xz"])
def test_a_backup_comes_back_as_the_next_generation_and_what_was_live_is_kept(
    run, root, encoder, records, tmp_path, name
):
    ingester = Ingester(root, encoder)
    ingester.add([records(*stories(5))])
    assert "is backed up in" in run("backup", tmp_path / name).stdout
    ingester.remove([_an_article(root)])
    assert count(root, encoder) == 4
    assert "generation 3 is live" in run("restore", tmp_path / name).stdout
    assert count(root, encoder) == 5
    assert "generation 2 is live" in run("rollback").stdout
    assert count(root, encoder) == 4


def _an_article(root) -> str:
    from ingest.catalog import live_catalog
    from ingest.models import Filter

    with live_catalog(Generations(root)) as (_, catalog):
        return catalog.recent(1, Filter())[0].article_id


def test_a_backup_comes_back_where_nothing_is_or_current_is_lost(root, encoder, ingester, records, tmp_path):
    ingester.add([records(*stories(5))])
    back_up(Generations(root), tmp_path / "safe")
    assert brought_back(tmp_path / "new", tmp_path / "safe") == 1
    assert count(tmp_path / "new", encoder) == 5
    (root / "CURRENT").write_text("garbage")
    assert brought_back(root, tmp_path / "safe") == 2
    assert count(root, encoder) == 5


def _full_disk(root, _, monkeypatch) -> type:
    monkeypatch.setattr("ingest.disk.MARGIN", 1 << 60)
    return NotEnoughDisk


def _target_there(_, target: Path, __) -> type:
    target.write_text("mine")
    return NotWritable


def _no_such_folder(root, target: Path, monkeypatch) -> type:
    target.parent.rmdir()
    return NotWritable


def _damaged(root, _, __) -> type:
    db = sqlite3.connect(Generations(root).path(1) / CATALOG)
    db.execute("DELETE FROM chunks WHERE seq = 1")
    db.commit()
    return ArchiveBroken


@pytest.mark.parametrize("spoil", [_full_disk, _target_there, _no_such_folder, _damaged])
def test_a_backup_that_cannot_be_leaves_nothing_and_overwrites_nothing(
    root, ingester, records, tmp_path, monkeypatch, spoil
):
    ingester.add([records(*stories(5))])
    folder = tmp_path / "backups"
    folder.mkdir()
    error = spoil(root, folder / "safe", monkeypatch)
    before = sorted(folder.rglob("*"))
    with pytest.raises(error):
        back_up(Generations(root), folder / "safe")
    assert sorted(folder.rglob("*")) == before
    if spoil is _target_there:
        assert (folder / "safe").read_text() == "mine"


def test_nothing_is_no_backup_and_no_archive(root, ingester, records, tmp_path):
    with pytest.raises(NotFound, match="nothing to back up"):
        back_up(Generations(root), tmp_path / "safe")
    ingester.add([records(story(1))])
    for path, error in ((tmp_path / "none", NotFound), (records(story(1)), ArchiveBroken), (tmp_path, NotFound)):
        with pytest.raises(error):
            brought_back(root, path)
    assert Generations(root).current() == 1
    assert not Generations(root).partials()


def test_a_damaged_backup_changes_nothing(root, encoder, ingester, records, tmp_path):
    ingester.add([records(*stories(5))])
    back_up(Generations(root), tmp_path / "safe")
    _damaged(tmp_path / "safe", None, None)
    with pytest.raises(ArchiveBroken):
        brought_back(root, tmp_path / "safe")
    assert Generations(root).numbers() == [1]
    assert not Generations(root).partials()
    assert count(root, encoder) == 5


def test_a_kill_while_backing_up_leaves_no_backup_under_its_name(root, builtin, records, tmp_path):
    Ingester(root, builtin).add([records(*stories(30))])
    command = [sys.executable, "-c", "import os, ingest.backup as b\nb.look_through = lambda _: os._exit(9)\n"]
    command[-1] += "from ingest.generations import Generations as G\nfrom pathlib import Path as P\n"
    command[-1] += f"b.back_up(G(P({str(root)!r})), P({str(tmp_path / 'safe')!r}))"
    assert subprocess.run(command, cwd=CHECKOUT, env={**os.environ}).returncode == 9
    assert not (tmp_path / "safe").exists()
    assert back_up(Generations(root), tmp_path / "safe") == 1
    assert not list(tmp_path.glob(".*.partial")), "what the kill left is swept"
