"""The job: what a user names becomes the next generation of the archive, or nothing changes at all.

In: files, ids to remove, another encoder. Out: a report. One batch of articles at a time is read, compared with what
the archive holds, added and checkpointed. It prints nothing: `say` and `progress` hear what goes on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ingest.catalog import Catalog, live_catalog
from ingest.desk import Desk
from ingest.disk import disk_troubles
from ingest.encoder import Encoder
from ingest.entries import Entry, entry_again, entry_batches, read_entries
from ingest.errors import ArchiveBroken, ArchiveOutdated, NotFound, WenBaoError
from ingest.generations import CATALOG, Generations
from ingest.locks import only_ingest
from ingest.progress import Progress
from ingest.snapshot import Snapshot
from ingest.sources import Failure, Known, Sources, articles_in, find_sources

SAMPLE_FOLDER = Path(__file__).with_name("sample")


@dataclass(frozen=True, slots=True)
class Report:
    """What a job did. `generation` is the live one after it; `embedded` counts texts that had to be encoded."""

    generation: int
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    chunks: int = 0
    embedded: int = 0
    files: int = 0
    skipped: int = 0
    failures: tuple[Failure, ...] = ()


class Ingester:
    """Changes one archive. One at a time over all processes: a second one waits, or raises ArchiveBusy."""

    def __init__(
        self,
        root: Path,
        encoder: Encoder,
        *,
        keep: int = 3,
        wait: bool = True,
        say: Callable[[str], None] = lambda _: None,
        progress: Progress = Progress(),  # noqa: B008 - keeps nothing
    ) -> None:
        """`keep`: generations that stay for rollback. `progress` hears how many articles are done with."""
        self._generations = Generations(root)
        self._encoder, self._keep, self._wait, self._say, self._progress = encoder, keep, wait, say, progress

    def add(self, paths: Iterable[Path], known: Known = Known(), *, dry_run: bool = False) -> Report:  # noqa: B008 - frozen
        """Add what is new or changed. Raises ArchiveBusy, ArchiveBroken, EncoderMismatch, NotEnoughDisk."""
        sources = find_sources(paths)
        if dry_run or not sources.files:
            return self._compare(sources, known)
        with self._changing() as base:
            return self._add(base, sources, known, sample=False)

    def load_sample(self, *, again: bool = False) -> Report:
        """Fill an empty archive with the sample edition; one that holds anything stays as it is.

        An archive that was emptied stays so unless `again`.
        """
        number = self._generations.current()
        if number and not again:
            return Report(number)
        with self._changing() as base:
            if base and not (again and self._is_emptied()):
                return Report(base)
            return self._add(base, find_sources([SAMPLE_FOLDER]), Known(), sample=True)

    def _is_emptied(self) -> bool:
        with live_catalog(self._generations) as (_, catalog):
            return not catalog.live_names()

    def remove(self, names: Sequence[str]) -> Report:
        """Take articles out with all their versions. Raises NotFound, and then changes nothing."""
        with self._changing() as base, Desk(self._generations, base, "remove", self._encoder) as desk:
            ids = {desk.catalog.article(name).article_id for name in names}
            desk.draft().remove(ids)
            return Report(self._publish(desk), removed=len(ids))

    def reembed(self) -> Report:
        """Make all that is derived from articles anew, with this encoder; lifts an archive of an older schema, too."""
        with self._changing(check_encoder=False) as base:
            if not base:
                raise NotFound(
                    f"{str(self._generations.root)!r} holds no archive yet: `python -m ingest add` makes one."
                )
            tally: Counter[str] = Counter()
            with Desk(self._generations, base, "reembed", self._encoder, anew=True) as desk:
                if desk.resume():
                    self._say("carrying on where an interrupted reembed stopped")
                draft = desk.draft()
                left = draft.catalog.live_names(unlisted=True)
                self._progress.expect(len(left))
                for batch in entry_batches(map(entry_again, draft.catalog.live_articles(left))):
                    tally["chunks"] += draft.add(batch)
                    tally["changed"] += len(batch)
                    self._progress.advance(len(batch))
                embedded = draft.embedded
                return Report(self._publish(desk), changed=tally["changed"], chunks=tally["chunks"], embedded=embedded)

    # -- steps --------------------------------------------------------------------------------------------------------

    def _add(self, base: int, sources: Sources, known: Known, *, sample: bool) -> Report:
        tally: Counter[str] = Counter()
        failures = list(sources.failures)
        job, growth = "sample" if sample else "add", sum(map(_growth, sources.files))
        with Desk(self._generations, base, job, self._encoder, growth=growth) as desk:
            if desk.resume():
                self._say("carrying on where an interrupted ingest stopped")
            self._expect(sources)
            for batch in entry_batches(read_entries(sources.files, known, failures, sample=sample)):
                news = _news(batch, desk.catalog, tally)
                if news:
                    tally["chunks"] += desk.draft().add(news)
                self._progress.advance(len(batch))
            embedded = 0
            if desk.changed:
                if not sample:
                    desk.draft().remove(desk.draft().catalog.samples())
                embedded = desk.draft().embedded
                base = self._publish(desk)
        return Report(
            base,
            **tally,
            embedded=embedded,
            files=len(sources.files),
            skipped=sources.skipped,
            failures=tuple(failures),
        )

    def _expect(self, sources: Sources) -> None:
        count = articles_in(sources.files)
        if count is not None:
            self._progress.expect(count)

    def _compare(self, sources: Sources, known: Known) -> Report:
        """What `add` would do, read from the live generation alone."""
        tally: Counter[str] = Counter()
        failures = list(sources.failures)
        self._expect(sources)
        with live_catalog(self._generations) as (base, catalog):
            for batch in entry_batches(read_entries(sources.files, known, failures, sample=False)):
                _news(batch, catalog, tally)
                self._progress.advance(len(batch))
        return _report(base, tally, 0, sources, failures)

    @contextmanager
    def _changing(self, *, check_encoder: bool = True) -> Iterator[int]:
        """Hold the lock and give the live generation's number, provided that its vectors are this encoder's."""
        root = self._generations.root
        with disk_troubles(root), only_ingest(root, wait=self._wait, say=self._say):
            self._generations.begin()
            base = self._generations.current()
            try:
                if base and check_encoder:
                    catalog = Catalog.open(self._generations.path(base) / CATALOG)
                    catalog.refuse_other_encoder(self._encoder.name, self._encoder.fingerprint)
                    catalog.close()
                yield base
            except ArchiveBroken as e:
                self._check_live()
                raise ArchiveBroken(f"{e}: nothing was changed; run the same command again.") from e
            except WenBaoError:
                raise
            except Exception:
                self._check_live()
                raise

    def _check_live(self) -> None:
        """After a failure: if what we started from is damaged, that is the news. Raises ArchiveBroken."""
        lease = self._generations.lease()
        if lease:
            with suppress(ArchiveOutdated):  # that is no damage, and `reembed` starts from such ones
                snapshot = Snapshot(lease)
                try:
                    snapshot.check()
                finally:
                    snapshot.close()

    def _publish(self, desk: Desk) -> int:
        number = desk.publish()
        self._generations.sweep(self._keep)
        return number


def roll_back(generations: Generations, to: int | None, *, wait: bool, say: Callable[[str], None]) -> int:
    """Make a kept generation live again: `to`, or the one that the live one was made from. Raises NotFound."""
    with disk_troubles(generations.root), only_ingest(generations.root, wait=wait, say=say):
        number = generations.before() if to is None else to
        if number not in generations.numbers():
            kept = generations.kept()
            raise NotFound(f"{str(generations.root)!r} keeps no generation {number}; kept: {kept}.")
        generations.switch(number)
        return number


def _report(
    generation: int, tally: Counter[str], embedded: int, sources: Sources, failures: Sequence[Failure]
) -> Report:
    return Report(
        generation,
        added=tally["added"],
        changed=tally["changed"],
        unchanged=tally["unchanged"],
        chunks=tally["chunks"],
        embedded=embedded,
        files=len(sources.files),
        skipped=sources.skipped,
        failures=tuple(failures),
    )


def _growth(path: Path) -> int:
    """Bytes that a file may add to the archive: text, vectors and words; packed files hold four times as much."""
    try:
        size = path.stat().st_size
    except OSError:
        return 0
    return size * (20 if path.suffix == ".xz" else 5)


def _news(batch: Sequence[Entry], catalog: Catalog, tally: Counter[str]) -> list[Entry]:
    """Those entries that change the archive, in order; counts them as added, changed or unchanged."""
    before = catalog.live_version_of({entry.article_id for entry in batch})
    after = {entry.article_id: entry.version_id for entry in batch}
    now, news = dict(before), []
    for entry in batch:
        name, version = entry.article_id, entry.version_id
        # Several states of one article in a batch: if it ends as it was, nothing has happened.
        if now.get(name) == version or before.get(name) == after[name]:
            tally["unchanged"] += 1
            continue
        tally["changed" if name in now else "added"] += 1
        now[name] = version
        news.append(entry)
    return news
