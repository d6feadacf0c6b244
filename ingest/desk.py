"""Where one ingest works: a draft, opened when the first change comes, published or cleared away at the end.

In: the live generation and the kind of job. Out: a catalog to compare with and a draft to change. A job that fails
leaves nothing behind; one that is interrupted leaves its checkpoints to the next of its kind.
"""

from __future__ import annotations

import errno
import shutil
from types import TracebackType

from ingest.catalog import Catalog
from ingest.draft import Draft
from ingest.encoder import Encoder
from ingest.errors import NotEnoughDisk, WenBaoError
from ingest.generations import CATALOG, Generations

MARGIN = 50_000_000  # bytes that stay free on the disk whatever we write
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_FULL_WORDS = ("disk is full", "no space left", "file too large", "quota exceeded", "disk i/o error")


class Desk:
    """One job on one archive: a context for whoever holds the ingest lock."""

    def __init__(self, generations: Generations, base: int, job: str, encoder: Encoder, growth: int = 0) -> None:
        """`growth`: bytes that the archive may grow by."""
        self._generations, self._base, self._job, self._encoder = generations, base, job, encoder
        self._growth = growth
        self._draft: Draft | None = None
        self._live = Catalog.open(generations.path(base) / CATALOG) if base else Catalog.empty()

    def __enter__(self) -> Desk:
        return self

    def resume(self) -> bool:
        """Take up what an interrupted job of this kind left on the same base; sweep all other leftovers."""
        self._draft = Draft.resume(self._generations, self._base, self._job, self._encoder)
        if self._draft is None:
            self._generations.drop_partials()
        return self._draft is not None

    @property
    def catalog(self) -> Catalog:
        """What the archive holds at this point of the job."""
        return self._draft.catalog if self._draft else self._live

    @property
    def changed(self) -> bool:
        """Whether there is anything to publish."""
        return self._draft is not None

    def draft(self, *, anew: bool = False) -> Draft:
        """The draft to change, copied from the live generation (or begun `anew`) at the first call.

        Raises NotEnoughDisk.
        """
        if self._draft is None:
            self._generations.drop_partials()
            self._make_sure_of_room()
            self._draft = Draft.start(self._generations, self._base, self._job, self._encoder, anew=anew)
        return self._draft

    def publish(self) -> int:
        """Make the draft the live generation; gives its number."""
        number = self.draft().publish()
        self._draft = None
        return number

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.close()
        if self._draft:
            self._draft.abandon()
        if isinstance(error, Exception):
            self._generations.drop_partials()
            if _out_of_room(error):
                raise self._full("ran full") from error

    def _make_sure_of_room(self) -> None:
        needed = self._generations.copied_bytes(self._base) + self._growth + MARGIN
        if shutil.disk_usage(self._generations.root).free < needed:
            raise self._full(f"has less than the {needed / 1e6:,.0f} MB free that the next generation may take")

    def _full(self, what: str) -> NotEnoughDisk:
        return NotEnoughDisk(
            f"the disk of {str(self._generations.root)!r} {what}; nothing was changed: "
            "free some room, or lower WENBAO_KEEP."
        )


def _out_of_room(error: BaseException) -> bool:
    """Whether any of the libraries below means that the disk is full; each says it in its own words."""
    if isinstance(error, WenBaoError):
        return False
    said = str(error).lower()
    return getattr(error, "errno", None) in _FULL or any(words in said for words in _FULL_WORDS)
