"""`remove --purge` forgets an article in every file of the archive, and says what it looked through to know it."""

import json
import sqlite3
import threading
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

import ingest.generations
from ingest.archive import Archive
from ingest.cli import cli
from ingest.errors import ArchiveBusy, NotFound
from ingest.generations import Generations
from ingest.ingester import Ingester
from ingest.traces import PIECE, traces_of
from tests.conftest import BigramEncoder
from tests.stories import stories

SECRET = {
    "id": "secret",
    "title": "白马渡的旧案另有隐情",
    "text": "白马渡的翁姓老人说，三十年前的那笔汇款从没有到过他手里。\n他把存根缝在棉袄里，直到去年冬天才拿出来。"
    "镇上的邮电所早已拆了，账本却在县里的库房找到，上面盖着一个谁也认不出的私章。",
    "paper": "试报",
    "date": "2022-05-11",
}
OTHER = {
    "id": "lamp",
    "text": "白马渡的灯又亮了。镇上派人换了灯泡，渡口夜里也能过人。",
    "paper": "试报",
    "date": "2022-05-09",
}
OLD = SECRET | {"text": "白马渡一位老人来信说，多年前的一笔汇款不知去向，盼知情的人同编辑部联系，电话尾号是四四七九。"}


def bytes_of(root: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


def pieces(text: str) -> list[bytes]:
    """Every run of eight characters; not one may be left."""
    return [text[at : at + PIECE].encode() for at in range(len(text) - PIECE) if "\n" not in text[at : at + PIECE]]


def id_of(root: Path, encoder, source: str) -> str:
    with Archive(root, encoder) as archive, archive.read() as snapshot:
        return next(one.article_id for one in snapshot.recent(1000) if one.source_id == source)


@pytest.fixture
def filled(root, encoder, ingester, records) -> str:
    """An archive of three generations, the article in the last two of them in two versions; gives its id."""
    ingester.add([records(*stories(40), OTHER)])
    ingester.add([records(*stories(40), OTHER | {"text": "白马渡的老人说，渡口的灯坏了三天，没有人来修。"}, OLD)])
    ingester.add([records(SECRET)])
    return id_of(root, encoder, "secret")


def assert_forgotten(root: Path, name: str) -> None:
    needles = [name.encode(), SECRET["title"].encode(), *pieces(SECRET["text"]), *pieces(OLD["text"])]
    for path, held in bytes_of(root).items():
        assert not any(needle in held for needle in needles), path


def test_not_one_byte_of_it_is_left_and_the_rest_is_whole(filled, root, encoder, ingester):
    assert any(pieces(OLD["text"])[0] in held for held in bytes_of(root).values()), "it is there to be found"
    encoder.encoded = 0
    done = ingester.purge([filled])
    assert_forgotten(root, filled)
    assert done.look.holding == ()
    assert done.articles == (filled,)
    assert done.traces > 40
    assert encoder.encoded == 0, "vectors are taken from where they are"
    with Archive(root, encoder) as archive, archive.read() as snapshot:
        assert snapshot.stats().articles == 41
        snapshot.check()


def test_generations_that_never_held_it_stay_and_can_be_gone_back_to(filled, root, ingester):
    done = ingester.purge([filled])
    assert Generations(root).numbers() == [1, done.generation]
    assert set(done.swept) == {2, 3, 4}


def test_what_was_removed_before_is_purged_from_what_is_kept(filled, root, ingester, encoder):
    ingester.remove([filled])
    assert Ingester(root, encoder).purge([filled]).look.holding == ()
    assert_forgotten(root, filled)
    with pytest.raises(NotFound):
        ingester.purge([filled])


def test_neither_its_vectors_nor_its_chunks_are_left(filled, root, encoder, ingester):
    with Archive(root, encoder) as archive, archive.read() as snapshot:
        chunks = snapshot.chunks_of(filled)
    vector = encoder.encode_documents([chunks[0].text])[0]
    ingester.purge([filled])
    held = bytes_of(root).values()
    assert not any(chunks[0].chunk_id.encode() in one or vector.tobytes()[:64] in one for one in held)


def test_words_that_another_article_prints_too_are_no_traces(filled, root, encoder, ingester, records):
    ingester.add([records(SECRET | {"id": "copy", "paper": "晚报"})])
    with Archive(root, encoder) as archive, archive.read() as snapshot:
        versions = [one for one in snapshot.catalog.versions(filled) if one.superseded_by is None]
    done = ingester.purge([filled])
    assert done.look.holding == ()
    with Archive(root, encoder) as archive, archive.read() as snapshot:
        assert traces_of(versions, snapshot.catalog).words == frozenset()
        assert snapshot.stats().articles == 42


def test_the_only_article_can_be_purged(root, encoder, ingester, records):
    ingester.add([records(SECRET)])
    assert ingester.purge([id_of(root, encoder, "secret")]).look.holding == ()
    with Archive(root, encoder) as archive, archive.read() as snapshot:
        assert snapshot.stats().articles == 0
    assert ingester.add([records(*stories(3))]).added == 3


def test_what_was_set_by_hand_goes_with_it(filled, root, ingester, monkeypatch, encoder):
    monkeypatch.setenv("WENBAO_DATA", str(root))
    catalog = sqlite3.connect(Generations(root).path(3) / "catalog.sqlite")
    catalog.execute("INSERT INTO overrides (article_id, paper) VALUES (?, '改报')", (filled,))
    catalog.commit()
    catalog.close()
    ingester.purge([filled])
    assert_forgotten(root, filled)


def test_rows_of_the_state_that_name_it_go_and_the_others_stay(filled, root, ingester):
    (root / "state").mkdir()
    db = sqlite3.connect(root / "state" / "talks.sqlite")
    db.execute("CREATE TABLE turns (said TEXT, article TEXT)")
    rows = [("问：汇款去哪了？", filled), ("答：" + SECRET["text"][:40], None), ("问：渡轮开了吗？", "another")]
    db.executemany("INSERT INTO turns VALUES (?, ?)", rows)
    db.commit()
    db.close()
    assert ingester.purge([filled]).look.holding == ()
    db = sqlite3.connect(root / "state" / "talks.sqlite")
    assert db.execute("SELECT * FROM turns").fetchall() == [rows[2]]
    db.close()
    assert_forgotten(root, filled)


def test_what_cannot_be_forgotten_is_named_and_the_exit_status_says_so(root, records, monkeypatch, builtin):
    monkeypatch.setenv("WENBAO_DATA", str(root))
    Ingester(root, builtin).add([records(SECRET, *stories(3))])
    notes = root / "notes.txt"
    notes.write_text("抄一段：" + SECRET["text"], "utf-8")
    done = CliRunner().invoke(cli, ["remove", "--purge", id_of(root, builtin, "secret"), "--json"])
    told = json.loads(done.stdout)
    assert done.exit_code == 2
    assert told["found"] == [str(notes)]
    Ingester(root, builtin).add([records(SECRET)])
    notes.unlink()
    done = CliRunner().invoke(cli, ["remove", "--purge", id_of(root, builtin, "secret")])
    assert done.exit_code == 0
    assert "nothing of it is left" in done.stdout


def test_a_reader_is_waited_for_and_who_does_not_let_go_is_named(filled, root, ingester, monkeypatch):
    lease = Generations(root).lease(2)
    assert lease
    monkeypatch.setattr(ingest.generations, "PATIENCE", 0.3)
    with pytest.raises(ArchiveBusy, match="generation 2 is still being read"):
        ingester.purge([filled])
    monkeypatch.setattr(ingest.generations, "PATIENCE", 30.0)
    threading.Thread(target=lambda: (time.sleep(0.5), lease.release())).start()
    assert ingester.purge([filled]).look.holding == ()
    assert_forgotten(root, filled)


def test_an_app_that_reads_goes_over_to_the_purged_generation_by_itself(filled, root, ingester, encoder):
    with Archive(root, encoder) as archive:
        ingester.purge([filled])
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with archive.read() as snapshot:
                if snapshot.number == Generations(root).current():
                    break
            time.sleep(0.05)
        with archive.read() as snapshot, pytest.raises(NotFound):
            snapshot.article(filled)


def test_a_name_that_nobody_knows_changes_nothing(filled, root, ingester):
    with pytest.raises(NotFound, match="nor in a generation"):
        ingester.purge(["0" * 24, filled])
    assert Generations(root).current() == 3


def test_a_purge_that_was_killed_is_carried_on(filled, root, encoder, ingester, monkeypatch):
    class Killed(BaseException):
        pass

    def kill(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("ingest.ingester.Ingester._sweep_remains", kill)
        with pytest.raises(Killed):
            ingester.purge([filled])
    assert Ingester(root, BigramEncoder()).purge([filled]).look.holding == ()
    assert_forgotten(root, filled)
