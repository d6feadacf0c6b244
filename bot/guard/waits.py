"""How long questions stood in Gradio's queue: from when one was posted until its session hears that it is begun.

In: ids of events, parts of a stream. Out: seconds. For one thread; what is never begun is forgotten.
"""

from __future__ import annotations

import json
import time
from collections import OrderedDict
from collections.abc import Callable

MOST = 2_000  # questions that are waited for
_BEGUN = b"process_starts"
_OF_ONE = (b"event: generating", b"event: complete")  # what the stream of a single event says of it


class Waits:
    """The questions that wait."""

    def __init__(self, waited: Callable[[float], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._waited, self._clock = waited, clock
        self._since: OrderedDict[str, float] = OrderedDict()

    def posted(self, event: str) -> None:
        """A question was posted."""
        self._since[event] = self._clock()
        if len(self._since) > MOST:
            self._since.popitem(last=False)

    def heard(self, part: bytes, event: str = "") -> None:
        """A part of a stream went out, that of one `event` or a session's."""
        if not self._since:
            return
        if event:
            if any(said in part for said in _OF_ONE):
                self._begun(event)
        elif _BEGUN in part:
            for line in part.split(b"\n"):
                self._read(line)

    def _read(self, line: bytes) -> None:
        try:
            said = json.loads(line.removeprefix(b"data:"))
        except ValueError:
            return
        if isinstance(said, dict) and said.get("msg") == _BEGUN.decode():
            self._begun(str(said.get("event_id", "")))

    def _begun(self, event: str) -> None:
        since = self._since.pop(event, None)
        if since is not None:
            self._waited(self._clock() - since)
