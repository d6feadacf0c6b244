"""What a library says when it cannot write becomes one line about the disk: full, closed or no longer sound."""

import errno

import pytest

from ingest import disk
from ingest.disk import disk_troubles, library_writes, reading
from ingest.errors import ArchiveBroken, NotEnoughDisk, NotWritable

NO_DISK_HAS = 1 << 60  # bytes


def _a_thread_dies():
    raise ValueError("An error occurred in a thread: 'Worker thread failed..'")


def test_a_writer_that_dies_without_a_reason_died_of_a_full_disk_where_it_is_full(tmp_path, monkeypatch):
    monkeypatch.setattr(disk, "MARGIN", NO_DISK_HAS)
    said = pytest.raises(NotEnoughDisk, match=r"ran full; nothing was changed")
    with said, disk_troubles(tmp_path), library_writes(tmp_path, ValueError):
        _a_thread_dies()


def test_a_writer_that_dies_where_there_is_room_points_to_the_disk_itself(tmp_path, monkeypatch):
    monkeypatch.setattr(disk, "MARGIN", 0)
    said = pytest.raises(NotWritable, match=r"check the disk")
    with said, disk_troubles(tmp_path), library_writes(tmp_path, ValueError):
        _a_thread_dies()


def test_an_error_of_another_kind_is_not_the_disks(tmp_path):
    with pytest.raises(KeyError), disk_troubles(tmp_path), library_writes(tmp_path, ValueError):
        raise KeyError(errno.ENOSPC)


def test_what_cannot_be_read_on_a_full_disk_is_no_damage(tmp_path, monkeypatch):
    monkeypatch.setattr(disk, "READING", NO_DISK_HAS)
    generation = tmp_path / "0002"
    with pytest.raises(NotEnoughDisk, match="the disk is full") as said, reading(generation):
        raise ArchiveBroken(f"{generation} cannot be read")
    assert "rollback" not in str(said.value)
