"""Limits for what is packed, so that a small file cannot become an endless one.

In: what an archive says of its members, streams. Out: nothing, or UnreadablePage. Sizes that an archive gives may be
lies; so whoever unpacks counts as well.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from typing import IO

from ingest.errors import UnreadablePage

MOST_MEMBERS = 100_000
MOST_UNPACKED = 4_000_000_000  # bytes of all members together
MOST_RATIO = 200  # times that a member may grow; text shrinks to a fifth, a bomb to a thousandth
SMALL = 10_000_000  # bytes that are unpacked whatever the ratio: repeated lines shrink well
_BLOCK = 1 << 20


def within_ratio(unpacked: int, packed: int) -> bool:
    """Whether so much may well come out of so little."""
    return unpacked <= max(SMALL, MOST_RATIO * packed)


def check_sizes(members: Sequence[zipfile.ZipInfo], name: str) -> None:
    """Raise UnreadablePage for a zip file that says of itself that it is too much."""
    if len(members) > MOST_MEMBERS:
        raise UnreadablePage(f"{name!r} holds {len(members):,} files, {MOST_MEMBERS:,} at most are read; cut it up")
    total = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if total > MOST_UNPACKED or not within_ratio(total, packed):
        raise UnreadablePage(f"{name!r} would unpack to {total / 1e6:,.0f} MB; it is no archive of pages")


def blocks_of(stream: IO[bytes], name: str, packed: int, longest: int) -> Iterator[bytes]:
    """What a stream unpacks to, in blocks.

    Raises UnreadablePage when it is more than `longest`, or out of proportion to the `packed` bytes that it comes from.
    """
    total = 0
    while block := stream.read(_BLOCK):
        total += len(block)
        if total > longest:
            raise UnreadablePage(f"{name!r} unpacks to more than {longest / 1e6:,.0f} MB; cut it up")
        if not within_ratio(total, packed):
            raise UnreadablePage(
                f"{name!r} unpacks to more than {MOST_RATIO} times its size; it is no archive of pages"
            )
        yield block
