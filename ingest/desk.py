"""Where one ingest works: a draft, opened when the first change comes, published or cleared away at the end.

In: the live generation and the kind of job. Out: a catalog to compare with and a draft to change. A job that fails
leaves nothing behind; one that is interrupted leaves its checkpoints to the next of its kind.
"""

from __future__ import annotations

from types import TracebackType

from ingest.catalog import Catalog
from ingest.disk import make_sure_of_room
from ingest.draft import Draft
from ingest.encoder import Encoder
from ingest.generations import CATALOG, Generations


class Desk:
    """One job on one archive: a context for whoever holds the ingest lock."""

    def __init__(
        self,
        generations: Generations,
        base: int,
        job: str,
        encoder: Encoder,
        *,
        growth: int = 0,
        anew: bool = False,
        older: bool = False,
    ) -> None:
        """`growth`: bytes that the archive may grow by. `anew`: nothing but articles is taken over from `base`.

        `older`: `base` is of an older schema, so that only the draft can be read.
        """
        self._generations, self._base, self._job, self._encoder = generations, base, job, encoder
        self.growth, self._anew = growth, anew
        self._draft: Draft | None = None
        self._live = Catalog.open(generations.path(base) / CATALOG) if base and not (anew or older) else Catalog.empty()

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

    def draft(self) -> Draft:
        """The draft to change, made from the live generation at the first call. Raises NotEnoughDisk."""
        if self._draft is None:
            self._generations.drop_partials()
            make_sure_of_room(self._generations.root, self._generations.copied_bytes(self._base) + self.growth)
            self._draft = Draft.start(self._generations, self._base, self._job, self._encoder, anew=self._anew)
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
