"""Long runs of things in lists of a size that memory and SQLite bear.

In: any iterable. Out: lists. It never looks at what is in them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """`items` in lists of at most `size`, in order."""
    left = iter(items)
    while part := list(islice(left, size)):
        yield part
