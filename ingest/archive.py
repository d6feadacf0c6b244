"""The archive as a reader sees it: always one whole generation, always the live one, without a restart.

In: the archive's folder and the encoder that questions are asked with. Out: leases of snapshots. A new generation is
opened beside the old one, warmed and swapped in; the old one closes with its last lease. It never writes.
"""

from __future__ import annotations

import ctypes
import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

import numpy as np

from ingest.encoder import Encoder
from ingest.errors import WenBaoError
from ingest.generations import Generations
from ingest.snapshot import EmptySnapshot, Snapshot

POLL = 0.2  # seconds between two looks at CURRENT: a page is to be answerable within 3 s of being added

log = logging.getLogger(__name__)


class _Held:
    """A snapshot and how many are reading it."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.readers = 0
        self.retired = False


class Archive:
    """Leases snapshots of the live generation. Safe from several threads; several processes may each have one."""

    def __init__(self, root: Path, encoder: Encoder, generation: int | None = None) -> None:
        """`generation` is a kept one that is read instead of the live one; what is added meanwhile is not seen."""
        self._generation = generation
        self._generations = Generations(root)
        self._encoder = encoder
        self._lock = threading.Lock()  # held for moments: who reads what
        self._refreshing = threading.Lock()  # held while a generation is opened
        self._stop = threading.Event()
        self._held: _Held | None = None
        self._thread: threading.Thread | None = None
        self._refused: int | None = None

    def start(self) -> None:
        """Open the live generation and keep looking for newer ones.

        Raises ArchiveBroken or EncoderMismatch, or NotFound for a generation that is not kept.
        """
        if self._held is None:
            self._held = _Held(self._open())
            self._stop.clear()
            if self._generation is not None:
                return
            self._thread = threading.Thread(target=self._watch, name="archive", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Stop looking and close; a snapshot still leased closes with its lease."""
        self._stop.set()
        if self._thread:
            self._thread.join()
        with self._lock:
            held, self._held = self._held, None
        if held:
            self._retire(held)

    def __enter__(self) -> Archive:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def read(self) -> Iterator[Snapshot]:
        """Lease the live snapshot: it stays whole and open until the block ends, whatever is added meanwhile."""
        with self._lock:
            held = self._held
            if held is None:
                raise RuntimeError("the archive is not started, or closed already")
            held.readers += 1
        try:
            yield held.snapshot
        finally:
            with self._lock:
                held.readers -= 1
                last = held.retired and not held.readers
            if last:
                held.snapshot.close()

    def refresh(self) -> None:
        """Swap the live generation in, unless it is open already. Raises ArchiveBroken or EncoderMismatch."""
        with self._refreshing:
            held = self._held
            number = self._generations.current()
            if held is None or number in (held.snapshot.number, self._refused):
                return
            try:
                fresh = self._open()
            except Exception:
                self._refused = number  # it will not get better by being looked at five times a second
                raise
            self._refused = None
            with self._lock:
                self._held = _Held(fresh)
            self._retire(held)

    def _retire(self, held: _Held) -> None:
        with self._lock:
            held.retired = True
            idle = not held.readers
        if idle:
            held.snapshot.close()
        _give_memory_back()

    def _watch(self) -> None:
        said = ""
        while not self._stop.wait(POLL):
            try:
                self.refresh()
                said = ""
            except Exception as e:
                if str(e) != said:  # once is enough for what is looked at five times a second
                    said = str(e)
                    trace = None if isinstance(e, WenBaoError) else e
                    log.warning("answering from the archive's old state: %s", said, exc_info=trace)

    def _open(self) -> Snapshot:
        lease = self._generations.lease(self._generation)
        if lease is None:
            return EmptySnapshot()
        snapshot = Snapshot(lease)
        try:
            self._welcome(snapshot)
        except BaseException:
            snapshot.close()
            raise
        return snapshot

    def _welcome(self, snapshot: Snapshot) -> None:
        """Refuse another encoder's archive, and let the first question find everything loaded."""
        snapshot.catalog.refuse_other_encoder(self._encoder.name, self._encoder.fingerprint)
        probe = np.zeros(self._encoder.dimension, dtype=np.float32)
        probe[0] = 1.0
        snapshot.warm(probe)


def _give_memory_back() -> None:
    """Without this, glibc keeps what closed generations used."""
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim:
            trim(0)
