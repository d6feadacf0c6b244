"""The job: what a user names becomes the next generation of the archive, or nothing changes at all.

In: files, ids to remove, another encoder. Out: a report. One batch of articles at a time is read, compared with what
the archive holds, added and checkpointed. It prints nothing: `say` and `progress` hear what goes on.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from ingest.catalog import Catalog, kept_catalog, live_catalog
from ingest.catalog_schema import SCHEMA
from ingest.catalog_steps import can_lift, made_by
from ingest.desk import Desk
from ingest.disk import disk_troubles
from ingest.encoder import Encoder
from ingest.entries import Entry, entry_again, entry_batches
from ingest.errors import ArchiveBroken, ArchiveOutdated, NotFound, WenBaoError
from ingest.generations import CATALOG, STATE, Generations
from ingest.given import Given
from ingest.identity import vector_key
from ingest.intake import Intake
from ingest.ledger import Ledger, LedgerWriter
from ingest.locks import only_ingest
from ingest.models import Override, Place, StoredArticle
from ingest.outcomes import Purged, Report
from ingest.overrides import keep, only_carried, override, with_overrides
from ingest.pattern import PathPattern
from ingest.progress import Progress
from ingest.provenance import Provenance
from ingest.quarantine import Quarantine
from ingest.remembered import remembering
from ingest.selection import Selection
from ingest.settlement import Settlement, Settler
from ingest.snapshot import Snapshot
from ingest.sources import Failure, Known, Sources, articles_in, find_sources
from ingest.traces import Traces, forget_in_databases, look_through, traces_of

SAMPLE_FOLDER = Path(__file__).with_name("sample")


@dataclass(frozen=True, slots=True)
class Wish:
    """How files are to be added.

    `known` and `pattern` say where pages come from; `prune` withdraws what no named file gives any more, `prune_all`
    even if that is most of it; `retry` reads what is in quarantine again; `detail` reports every file; `jobs`
    processes read ahead.
    """

    known: Known = field(default_factory=Known)
    pattern: PathPattern | None = None
    prune: bool = False
    prune_all: bool = False
    retry: bool = False
    detail: bool = False
    jobs: int = 1


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

    def add(
        self,
        paths: Iterable[Path],
        known: Known = Known(),  # noqa: B008 - frozen
        *,
        wish: Wish | None = None,
        dry_run: bool = False,
    ) -> Report:
        """Add what is new or changed; what files gave when they were last read is not read again.

        `wish` says more than `known` does. Raises ArchiveBusy, ArchiveBroken, EncoderMismatch, NotEnoughDisk.
        """
        began = time.monotonic()
        sources, wish = find_sources(paths), wish or Wish(known)
        if dry_run or not (sources.files or (wish.prune and sources.folders)):
            report = self._compare(sources, wish)
        else:
            with self._changing() as base:
                report = self._add(base, sources, wish)
        return replace(report, seconds=time.monotonic() - began)

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
            return self._add(base, find_sources([SAMPLE_FOLDER]), Wish(), sample=True)

    def _is_emptied(self) -> bool:
        with live_catalog(self._generations) as (_, catalog):
            return not catalog.live_names()

    def remove(self, names: Sequence[str]) -> Report:
        """Take articles out with all their versions. Raises NotFound, and then changes nothing."""
        with self._changing() as base, Desk(self._generations, base, "remove", self._encoder) as desk:
            ids = {desk.catalog.article(name).article_id for name in names}
            desk.draft().remove(ids)
            return Report(self._publish(desk), removed=len(ids))

    def set(self, chosen: Selection, better: Override) -> Report:
        """Correct what is known of the chosen articles, in a new generation. Raises NotFound where none is chosen."""
        with self._changing() as base, Desk(self._generations, base, "set", self._encoder) as desk:
            names = desk.catalog.selected(chosen)
            if not names:
                raise NotFound("no article is meant by that --where: `python -m ingest list` shows what there is.")
            tally: Counter[str] = Counter()
            draft = desk.draft()
            self._progress.expect(len(names))
            for batch in entry_batches(map(entry_again, draft.catalog.live_articles(names))):
                after = [override(entry, better, draft.catalog) for entry in batch]
                news = [new for new, old in zip(after, batch, strict=True) if new.version_id != old.version_id]
                tally["changed"] += len(news)
                tally["unchanged"] += len(batch) - len(news)
                tally["chunks"] += draft.add(news)
                self._progress.advance(len(batch))
            embedded = draft.embedded
            if not tally["changed"]:
                return Report(base, unchanged=tally["unchanged"])
            return Report(
                self._publish(desk),
                changed=tally["changed"],
                unchanged=tally["unchanged"],
                chunks=tally["chunks"],
                embedded=embedded,
            )

    def reembed(self) -> Report:
        """Make all that is derived from articles anew, with this encoder; lifts an archive of an older schema, too."""
        with self._changing(check_encoder=False) as base:
            self._refuse_no_archive(base)
            report = self._rebuild(base, "reembed", self._encoder)
            self._generations.sweep(self._keep)
            return report

    def migrate(self) -> Report:
        """Lift an archive of an older schema; one of this schema stays as it is. Raises NotFound, ArchiveOutdated.

        Where the steps lead here and the encoder is the same, nothing is embedded; else all is made anew.
        """
        with self._changing(check_encoder=False) as base:
            self._refuse_no_archive(base)
            made = made_by(self._generations.path(base) / CATALOG)
            if made.schema == SCHEMA:
                return Report(base)
            if not can_lift(made.schema) or made.fingerprint != self._encoder.fingerprint:
                report = self._rebuild(base, "migrate", self._encoder)
                self._generations.sweep(self._keep)
                return report
            with Desk(self._generations, base, "migrate", self._encoder, older=True) as desk:
                if desk.resume():
                    self._say("carrying on where an interrupted migrate stopped")
                desk.draft()
                return Report(self._publish(desk))

    def purge(self, names: Sequence[str]) -> Purged:
        """Forget articles: in the live generation, in every kept one, in `state/`; then look whether anything is left.

        They are out of every answer after seconds; the live generation is then made anew without them, with the
        vectors that it has, and all generations go that held them or may hold remains. Raises NotFound, ArchiveBusy.
        """
        with self._changing() as base:
            versions = self._versions_anywhere(names)
            ids = sorted({version.article_id for version in versions})
            job = f"purge {vector_key('purge', ' '.join(ids))}"
            with Desk(self._generations, base, "remove", self._encoder) as desk:
                listed = [name for name in ids if desk.catalog.versions(name)]
                if listed:
                    desk.draft().forget(ids)
                    base = desk.publish()
            made = self._generations.record(self._generations.path(base))
            if made is None or made.job != job:
                with remembering(self._encoder, self._generations.path(base)) as encoder:
                    base = self._rebuild(base, job, encoder).generation
            with live_catalog(self._generations) as (_, catalog):
                traces = traces_of(versions, catalog)
            self._generations.drop_partials()
            swept = self._sweep_remains(base, ids, traces)
            root = self._generations.root
            forget_in_databases(root / STATE, traces)
            self._generations.sweep(self._keep)
            return Purged(base, tuple(ids), tuple(swept), len(traces.needles), look_through(root, traces))

    # -- steps --------------------------------------------------------------------------------------------------------

    def _rebuild(self, base: int, job: str, encoder: Encoder) -> Report:
        """Make all that is derived from the articles of `base` anew, and live; nothing is swept."""
        tally: Counter[str] = Counter()
        with Desk(self._generations, base, job, encoder, anew=True) as desk:
            if desk.resume():
                self._say(f"carrying on where an interrupted {job.split()[0]} stopped")
            draft = desk.draft()
            left = draft.catalog.live_names(unlisted=True)
            self._progress.expect(len(left))
            for batch in entry_batches(map(entry_again, draft.catalog.live_articles(left))):
                tally["chunks"] += draft.add(batch)
                tally["changed"] += len(batch)
                self._progress.advance(len(batch))
            embedded = draft.embedded
            return Report(desk.publish(), changed=tally["changed"], chunks=tally["chunks"], embedded=embedded)

    def _versions_anywhere(self, names: Sequence[str]) -> list[StoredArticle]:
        """Every version of the articles, of whatever kept generation. Raises NotFound for a name that none knows."""
        found: dict[str, dict[str, StoredArticle]] = {name: {} for name in names}
        for number in reversed(self._generations.numbers()):
            with kept_catalog(self._generations.path(number)) as catalog:
                for name in names:
                    if catalog is None:
                        break
                    with suppress(NotFound):
                        versions = catalog.versions(catalog.article(name).article_id)
                        found[name] |= {version.version_id: version for version in versions}
        for name, known in found.items():
            if not known:
                raise NotFound(f"no article {name!r} in this archive, nor in a generation that it keeps.")
        return [version for known in found.values() for version in known.values()]

    def _sweep_remains(self, base: int, ids: Sequence[str], traces: Traces) -> list[int]:
        """Remove every generation but `base` that holds these articles or was made after one that does."""
        suspects = [number for number in self._generations.numbers() if number != base]
        holding = [number for number in suspects if self._may_hold(number, ids, traces)]
        gone = [number for number in suspects if holding and number >= min(holding)]
        for number in gone:
            self._generations.remove(number, self._say)
        return gone

    def _may_hold(self, number: int, ids: Sequence[str], traces: Traces) -> bool:
        folder = self._generations.path(number)
        with kept_catalog(folder) as catalog:
            if catalog is None or any(catalog.versions(name) for name in ids):
                return True
        return bool(look_through(folder, traces).holding)

    def _refuse_no_archive(self, base: int) -> None:
        if not base:
            raise NotFound(f"{str(self._generations.root)!r} holds no archive yet: `python -m ingest add` makes one.")

    def _add(self, base: int, sources: Sources, wish: Wish, *, sample: bool = False) -> Report:
        tally: Counter[str] = Counter()
        job, before = "sample" if sample else "add", base
        with Desk(self._generations, base, job, self._encoder) as desk, Given() as given:
            if desk.resume():
                taken_in = f"{desk.draft().taken_in:,} new or changed articles, counted as unchanged"
                self._say(f"carrying on where an interrupted ingest stopped, which had taken in {taken_in}")
            intake = self._intake(sources, wish, given)
            if sample:
                intake.take_all()
            else:
                intake.look(Ledger(desk.catalog), self._progress.looking)
            desk.growth = sum(_growth(source.path) for source in intake.to_read)
            samples = [] if sample else desk.catalog.samples()
            for batch in self._batches(intake, Ledger(desk.catalog), sample=sample):
                if samples:  # the first real article takes them out
                    desk.draft().remove(samples)
                    samples = []
                named = with_overrides(batch, desk.catalog)
                carried = only_carried(named, desk.catalog)
                if carried:
                    keep(carried, desk.draft().catalog)
                news, misplaced = _news(named, desk.catalog, intake, tally)
                if news:
                    tally["chunks"] += desk.draft().add(news)
                if misplaced:
                    desk.draft().catalog.place(misplaced)
            settler = Settler(intake, desk.catalog)
            settlement = settler.settle(prune=wish.prune, prune_all=wish.prune_all)
            if not sample and settler.changes(settlement):
                draft = desk.draft()
                draft.withdraw(settlement.withdrawn, datetime.now().astimezone().date())
                back = map(draft.catalog.article, settlement.revived)
                for batch in entry_batches(map(entry_again, back)):
                    tally["chunks"] += draft.add(batch)
                    tally["changed"] += len(batch)
                settler.write(LedgerWriter(draft.catalog), settlement)
            intake.remember_failures(datetime.now().astimezone().isoformat(timespec="seconds"))
            embedded = 0
            if desk.changed:
                embedded = desk.draft().embedded
                base = self._publish(desk)
            return _report(base, before, tally, embedded, sources, intake, settlement)

    def _compare(self, sources: Sources, wish: Wish) -> Report:
        """What `add` would do, read from the live generation alone."""
        tally: Counter[str] = Counter()
        seen: dict[str, str] = {}
        with live_catalog(self._generations) as (base, catalog), Given() as given:
            intake, ledger = self._intake(sources, wish, given), Ledger(catalog)
            intake.look(ledger, self._progress.looking)
            for batch in self._batches(intake, ledger):
                news, _ = _news(with_overrides(batch, catalog), catalog, intake, tally, seen)
                seen |= {entry.article_id: entry.version_id for entry in news}
            settlement = Settler(intake, catalog).settle(prune=wish.prune, prune_all=wish.prune_all)
            tally["changed"] += len(settlement.revived)
            return _report(base, base, tally, 0, sources, intake, settlement)

    def _intake(self, sources: Sources, wish: Wish, given: Given) -> Intake:
        quarantine = Quarantine(self._generations.root)
        provenance = Provenance(wish.known, wish.pattern)
        return Intake(sources, provenance, quarantine, given, retry=wish.retry, detail=wish.detail, jobs=wish.jobs)

    def _batches(self, intake: Intake, ledger: Ledger, *, sample: bool = False) -> Iterator[list[Entry]]:
        """What must be read, in batches; tells how far it is, and each file how long its articles took."""
        count = articles_in([source.path for source in intake.to_read])
        if count is not None:
            self._progress.expect(count)
        for batch in entry_batches(intake.entries(ledger, sample=sample)):
            self._progress.at_file(intake.files_begun, len(intake.to_read), intake.unchanged_files)
            began = time.monotonic()
            yield batch
            intake.worked(batch, time.monotonic() - began)
            self._progress.advance(len(batch))

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
    generation: int,
    before: int,
    tally: Counter[str],
    embedded: int,
    sources: Sources,
    intake: Intake,
    settlement: Settlement,
) -> Report:
    refused = settlement.refused
    folders = ", ".join(map(str, sources.folders))
    return Report(
        generation,
        added=tally["added"],
        changed=tally["changed"],
        unchanged=tally["unchanged"] + intake.unchanged_articles,
        withdrawn=len(settlement.withdrawn),
        history=tally["history"],
        chunks=tally["chunks"],
        embedded=embedded,
        files=len(sources.files),
        unchanged_files=intake.unchanged_files,
        moved=intake.moved_files,
        quarantined=intake.quarantined_files,
        skipped=sources.skipped,
        failures=(*intake.failures, *([Failure(folders, str(refused))] if refused else [])),
        before=before,
        outcomes=intake.outcomes(settlement.withdrawn),
    )


def _growth(path: Path) -> int:
    """Bytes that a file may add to the archive: text, vectors and words; packed files hold four times as much."""
    try:
        size = path.stat().st_size
    except OSError:
        return 0
    return size * (20 if path.suffix == ".xz" else 5)


def _news(
    batch: Sequence[Entry], catalog: Catalog, intake: Intake, tally: Counter[str], seen: Mapping[str, str] | None = None
) -> tuple[list[Entry], list[Entry]]:
    """Those entries that change the archive, in order, and those that only stand elsewhere; counts them all.

    `seen` are versions that a trial would have made live by now.
    """
    after = {entry.article_id: entry for entry in batch if entry.live}
    kept = catalog.known_versions({entry.version_id for entry in batch if not entry.live})
    samples = batch[0].sample  # to any other run the sample edition is not there
    places = {name: place for name, place in catalog.live_places(after).items() if samples or not place.sample}
    before = {name: place.version_id for name, place in places.items()}
    if seen:
        before |= {name: seen[name] for name in after if name in seen}
    now, news = dict(before), []
    for entry in batch:
        name, version = entry.article_id, entry.version_id
        if not entry.live:
            what = "unchanged" if version in kept else "history"
            tally[what] += 1
            intake.heard(entry, what)
            if version not in kept:
                kept.add(version)
                news.append(entry)
            continue
        # Several states of one article in a batch: if it ends as it was, nothing has happened.
        # What its file gave before is no news, whichever file has since given a newer state.
        old = intake.gives(entry) and name in now
        if old or now.get(name) == version or before.get(name) == after[name].version_id:
            what = "unchanged"
        else:
            what = "changed" if name in now else "added"
            now[name] = version
            news.append(entry)
        tally[what] += 1
        intake.heard(entry, what)
    misplaced = [
        entry
        for name, entry in after.items()
        if name in places and before[name] == entry.version_id and not _stands_there(entry, places[name])
    ]
    return news, misplaced


def _stands_there(entry: Entry, place: Place) -> bool:
    return (place.file, place.file_start, place.file_end) == (entry.file, entry.article.start, entry.article.end)
