"""A reader always sees one whole generation, and the newest one soon after it is published."""

import threading
import time

import pytest

from ingest.archive import POLL, Archive
from ingest.errors import ArchiveBroken
from ingest.generations import Generations
from ingest.ingester import Ingester, roll_back
from ingest.models import Filter
from ingest.terms import search_terms
from tests.pace import slowness
from tests.stories import stories, story

SOON = 3.0  # seconds in which an added page has to be answerable


def eventually(test) -> bool:
    end = time.monotonic() + SOON * slowness()
    while not test():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def count(archive: Archive) -> int:
    with archive.read() as snapshot:
        return snapshot.stats().articles


def test_an_archive_that_is_not_there_is_read_as_empty_and_not_made(root, encoder):
    with Archive(root, encoder) as archive, archive.read() as snapshot:
        assert snapshot.number == 0
        assert snapshot.stats().articles == 0
        assert snapshot.search_words([("夜校", 1.0)], 5) == []
        assert snapshot.search_vectors(encoder.encode_query("夜校"), 5, Filter(paper="试报")) == []
        assert snapshot.recent(5) == []
    assert not root.exists()


def test_the_first_and_every_later_generation_is_swapped_into_an_open_reader(root, encoder, ingester, records):
    with Archive(root, encoder) as archive:
        for number in (1, 2, 3):
            ingester.add([records(story(number))])
            assert eventually(lambda wanted=number: count(archive) == wanted)
        roll_back(Generations(root), None, wait=False, say=print)
        assert eventually(lambda: count(archive) == 2)


def test_a_lease_keeps_its_generation_whole_while_others_come_and_go(root, encoder, records):
    ingester = Ingester(root, encoder, keep=1)
    ingester.add([records(*stories(5))])
    with Archive(root, encoder) as archive:
        with archive.read() as old:
            for number in (10, 11):
                ingester.add([records(story(number))])
            assert eventually(lambda: count(archive) == 7)
            assert old.stats().articles == 5
            assert len(old.search_vectors(encoder.encode_query(story(1)["text"]), 50)) == 5
            assert old.search_words([(term, 1.0) for term in search_terms("丁00001")], 1)
            assert 1 in Generations(root).numbers()
        ingester.add([records(story(12))])
        assert 1 not in Generations(root).numbers()


def test_readers_in_many_threads_never_see_a_half_and_never_fail(root, encoder, ingester, records):
    ingester.add([records(*stories(20))])
    stop, seen, failures = threading.Event(), set(), []

    def read(archive: Archive) -> None:
        vector = encoder.encode_query(story(3)["text"])
        while not stop.is_set():
            try:
                with archive.read() as snapshot:
                    articles = snapshot.stats().articles
                    hits = snapshot.search_vectors(vector, 200)
                    words = snapshot.search_words([("开放", 1.0)], 200)
                    assert len(hits) == len(words) == articles == len(snapshot.chunks([h.chunk_id for h in hits]))
                    seen.add(articles)
            except Exception as e:  # noqa: BLE001 - whatever it is, the test has to say so
                failures.append(e)
                return

    with Archive(root, encoder) as archive:
        threads = [threading.Thread(target=read, args=(archive,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for number in range(5):
            ingester.add([records(story(100 + number))])
        assert eventually(lambda: 25 in seen)
        stop.set()
        for thread in threads:
            thread.join()
    assert not failures
    assert seen <= set(range(20, 26))


def test_two_archives_can_read_one_generation(root, encoder, ingester, records):
    ingester.add([records(*stories(5))])
    with Archive(root, encoder) as one, Archive(root, encoder) as other:
        assert count(one) == count(other) == 5
        ingester.add([records(story(9))])
        assert eventually(lambda: count(one) == count(other) == 6)


@pytest.mark.parametrize("said", ["", "0099\n", "two\n", "\N{SNOWMAN}", "../1\n"])
def test_a_broken_current_is_named_with_what_to_do(root, encoder, ingester, records, said):
    ingester.add([records(story(1))])
    (root / "CURRENT").write_text(said, "utf-8")
    with pytest.raises(ArchiveBroken, match=r"CURRENT .*rollback --to N.*kept: 1"), Archive(root, encoder):
        pass
    assert roll_back(Generations(root), 1, wait=False, say=print) == 1
    with Archive(root, encoder) as archive:
        assert count(archive) == 1


def test_a_lost_current_is_not_taken_for_an_empty_archive(root, encoder, ingester, records):
    ingester.add([records(story(1))])
    (root / "CURRENT").unlink()
    with pytest.raises(ArchiveBroken, match="is missing"):
        ingester.add([records(story(2))])
    assert Generations(root).numbers() == [1]


def test_an_open_reader_goes_on_with_the_old_state_when_the_new_one_is_broken(root, encoder, ingester, records):
    ingester.add([records(story(1))])
    ingester.add([records(story(2))])
    roll_back(Generations(root), 1, wait=False, say=print)
    with Archive(root, encoder) as archive:
        (root / "generations" / "0002" / "catalog.sqlite").write_bytes(b"no database")
        Generations(root).switch(2)
        with pytest.raises(ArchiveBroken, match="rollback"):
            archive.refresh()
        assert count(archive) == 1
        roll_back(Generations(root), 1, wait=False, say=print)
        ingester.add([records(story(3))])
        assert eventually(lambda: count(archive) == 2)


def test_what_is_wrong_with_a_new_state_is_said_once(root, encoder, ingester, records, caplog):
    ingester.add([records(story(1))])
    with Archive(root, encoder) as archive:
        (root / "CURRENT").write_text("garbage")
        assert eventually(lambda: caplog.records)
        time.sleep(5 * POLL)
        assert [record.getMessage().count("rollback --to N") for record in caplog.records] == [1]
        assert count(archive) == 1


def test_check_finds_a_part_that_lost_a_chunk(root, encoder, ingester, records):
    from ingest.vectors import VectorIndex

    ingester.add([records(*stories(5))])
    vectors = VectorIndex(root / "generations" / "0001" / "vectors")
    vectors.delete([min(vectors.ids())])
    vectors.close()
    with Archive(root, encoder) as archive, archive.read() as snapshot, pytest.raises(ArchiveBroken, match="disagree"):
        snapshot.check()
