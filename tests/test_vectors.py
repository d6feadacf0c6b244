"""Vectors by the many: the graph is written out ever more seldom while they come, and whole and quick to open after."""

import struct

import numpy as np
import pytest

from ingest import vectors as room
from ingest.vectors import VectorIndex, VectorWriter

ROWS, BATCH = 1_200, 100


@pytest.fixture
def matrix():
    rows = np.random.default_rng(5).standard_normal((ROWS, 32)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture
def small(monkeypatch):
    """Rows after which the graph is written, so few that a test has many times as many."""
    monkeypatch.setattr(room, "SYNC_ROWS", 20)
    monkeypatch.setitem(room._HNSW["hnsw"], "sync_threshold", 20)


def names(first: int, last: int) -> list[str]:
    return [f"{number:024d}" for number in range(first, last)]


def test_many_vectors_come_ever_more_rarely_to_be_written_out_and_settle_at_the_end(tmp_path, matrix, small):
    VectorIndex(tmp_path / "v", create=True).close()
    writer = VectorWriter(tmp_path / "v")
    paces = []
    for start in range(0, ROWS, BATCH):
        writer.upsert(names(start, start + BATCH), matrix[start : start + BATCH])
        paces.append(writer._sync_rows())
    assert paces == sorted(paces)
    assert paces[-1] >= 3 * paces[0], "a share of what is there"
    writer.settle()
    assert writer._sync_rows() == 20
    writer.close()
    reader = VectorIndex(tmp_path / "v")
    held = reader.get(names(0, ROWS))
    assert all(np.allclose(held[name], row, atol=1e-6) for name, row in zip(names(0, ROWS), matrix, strict=True))
    found = [reader.search(row, 1)[0].chunk_id for row in matrix[::50]]
    assert found == names(0, ROWS)[::50]
    reader.close()


def test_what_a_kill_left_unsettled_is_read_whole_and_carried_on(tmp_path, matrix, small):
    VectorIndex(tmp_path / "v", create=True).close()
    writer = VectorWriter(tmp_path / "v")
    for start in range(0, ROWS // 2, BATCH):
        writer.upsert(names(start, start + BATCH), matrix[start : start + BATCH])
    writer.close()  # never settled
    again = VectorWriter(tmp_path / "v")
    again.upsert(names(ROWS // 2, ROWS), matrix[ROWS // 2 :])
    again.settle()
    assert again.count() == ROWS
    assert [again.search(row, 1)[0].chunk_id for row in matrix[::100]] == names(0, ROWS)[::100]
    again.close()


def test_few_vectors_are_left_as_they_are(tmp_path, matrix):
    VectorIndex(tmp_path / "v", create=True).close()
    writer = VectorWriter(tmp_path / "v")
    writer.upsert(names(0, 50), matrix[:50])
    pace = writer._sync_rows()
    writer.settle()
    assert pace == writer._sync_rows() == room.SYNC_ROWS
    writer.close()


def test_nothing_of_the_processes_own_memory_stands_in_the_files(tmp_path):
    VectorIndex(tmp_path, create=True).close()
    writer = VectorWriter(tmp_path)
    vectors = np.eye(8, dtype=np.float32)
    writer.upsert([f"v{n}" for n in range(8)], vectors)
    writer.close()
    (held,) = tmp_path.rglob("data_level0.bin")
    (lengths,) = tmp_path.rglob("length.bin")
    assert not any(held.read_bytes()), "no vector is in the graph yet: all of it is room"
    assert not any(lengths.read_bytes())
    again = VectorWriter(tmp_path)
    again.upsert([f"w{n}" for n in range(3_000)], np.random.default_rng(1).random((3_000, 8), dtype=np.float32))
    again.settle()
    again.close()
    index = VectorIndex(tmp_path)
    assert index.search(vectors[3], 1)[0].chunk_id == "v3"
    assert index.count() == 3_008
    index.close()
    with held.with_name("header.bin").open("rb") as file:
        *_, most, used, size = struct.unpack("<iQQQQ", file.read(36))
    assert most > used > 0, "there is room to look at"
    assert not any(held.read_bytes()[used * size :])
