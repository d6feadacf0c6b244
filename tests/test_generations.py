"""Generations: a switch is whole or not at all, a copy leaves its original alone, a number is never used twice."""

import shutil

import pytest

from ingest.archive import Archive
from ingest.errors import ArchiveBroken, NotFound
from ingest.generations import PARTIAL, RECORD, Generations
from tests.stories import stories, story


def contents(folder) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_next_generation_leaves_the_one_before_as_it_was_byte_for_byte(root, ingester, records):
    ingester.add([records(*stories(40))])
    before = contents(root / "generations" / "0001")
    ingester.add([records(*stories(40, first=30), story(1) | {"text": "又一种说法。"})])
    assert contents(root / "generations" / "0001") == before


def test_going_back_is_not_advised_where_nothing_is_kept(root, ingester, records):
    ingester.add([records(story(1))])
    shutil.rmtree(root / "generations" / "0001")
    with pytest.raises(ArchiveBroken, match="no generation is kept") as said:
        Generations(root).current()
    assert "rollback" not in str(said.value)


def test_word_segments_are_linked_and_not_copied(root, ingester, records):
    ingester.add([records(*stories(40))])
    ingester.add([records(story(99))])
    first, second = (root / "generations" / name / "words" for name in ("0001", "0002"))
    kept = [path for path in first.iterdir() if path.suffix not in (".json", ".lock") and (second / path.name).exists()]
    assert kept
    assert all(path.samefile(second / path.name) for path in kept)


def test_a_kill_between_the_two_last_renames_leaves_the_old_state_live_and_its_number_used(root, ingester, records):
    ingester.add([records(story(1))])
    ingester.add([records(story(2))])
    generations = Generations(root)
    generations.switch(1)  # as if the second rename had never come
    assert generations.current() == 1
    assert ingester.add([records(story(2), story(3))]).generation == 3
    assert generations.line(3) == [3, 1]
    assert generations.before() == 1
    assert generations.numbers() == [1, 2, 3]


def test_a_kill_before_the_very_first_switch_leaves_an_archive_that_is_whole(root, ingester, records):
    ingester.add([records(story(1))])
    generations = Generations(root)
    generations.switch(0)  # as if the second rename had never come
    assert generations.current() == 1
    assert ingester.add([records(story(2))]).generation == 2


def test_a_current_that_denies_all_generations_is_refused_and_not_taken_for_an_empty_archive(root, ingester, records):
    ingester.add([records(story(1))])
    ingester.add([records(story(2))])
    Generations(root).switch(0)
    with pytest.raises(ArchiveBroken, match=r"CURRENT says 0.*rollback --to N.*kept: 1, 2"):
        ingester.add([records(story(3))])
    assert Generations(root).numbers() == [1, 2]


def test_a_copy_that_was_not_finished_is_swept_and_not_carried_on(root, ingester, records):
    ingester.add([records(story(1))])
    half = root / "generations" / f"0002{PARTIAL}"
    half.mkdir()
    (half / "catalog.sqlite").write_bytes(b"half")
    assert ingester.add([records(story(2))]).generation == 2
    assert not Generations(root).partials()


def test_another_jobs_leftovers_are_swept(root, ingester, records):
    ingester.add([records(story(1))])
    generations = Generations(root)
    record = generations.record(generations.path(1))
    half = root / "generations" / f"0002{PARTIAL}"
    half.mkdir()
    generations.write_record(half, record)
    assert (half / RECORD).exists()
    assert ingester.add([records(story(2))]).generation == 2


def test_a_generation_that_is_read_outlives_the_sweep_and_goes_with_the_next(root, encoder, records):
    from ingest.ingester import Ingester

    ingester = Ingester(root, encoder, keep=1)
    ingester.add([records(story(1))])
    lease = Generations(root).lease()
    ingester.add([records(story(2))])
    assert Generations(root).numbers() == [1, 2]
    lease.release()
    ingester.add([records(story(3))])
    assert Generations(root).numbers() == [3]
    with pytest.raises(NotFound, match="nothing to go back to"):
        Generations(root).before()


def test_an_archive_being_read_can_be_copied(root, encoder, ingester, records):
    ingester.add([records(*stories(30))])
    with Archive(root, encoder) as archive, archive.read() as snapshot:
        for number in range(40, 44):
            ingester.add([records(story(number))])
            assert len(snapshot.search_vectors(encoder.encode_query(story(3)["text"]), 99)) == 30
    with Archive(root, encoder) as archive, archive.read() as snapshot:
        assert snapshot.stats().articles == 34
        snapshot.check()


def test_a_journal_that_comes_and_goes_beside_an_ingest_does_not_disturb_it(root, ingester, records, monkeypatch):
    """A reader that opens chromadb makes one for a moment; seen on a machine with twenty askers."""
    ingester.add([records(story(1))])
    journal = root / "generations" / "0001" / "vectors" / "chroma.sqlite3-journal"
    journal.touch()
    is_file = type(journal).is_file

    def goes(path):
        there = is_file(path)
        if path == journal:
            path.unlink(missing_ok=True)
        return there

    monkeypatch.setattr(type(journal), "is_file", goes)
    assert ingester.add([records(story(2))]).generation == 2
    assert not journal.exists()
