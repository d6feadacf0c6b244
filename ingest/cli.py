"""The commands of `python -m ingest`: parse, call, print. Results on stdout, progress and complaints on stderr.

In: paths, ids, options. Out: text for people, or the JSON of design.md (show.py). What a command does is in
ingester.py.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date as Date  # noqa: N812 - as in models
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ingest.catalog import live_catalog
from ingest.errors import BadSetting, NotFound, WenBaoError
from ingest.generations import Generations
from ingest.models import Filter
from ingest.progress import shown_progress
from ingest.settings import Settings, load_settings
from ingest.show import (
    article_record,
    article_text,
    complaints,
    json_line,
    listing,
    quarantine_record,
    quarantine_text,
    quarantined_line,
    report_record,
    report_text,
    stats_record,
    stats_text,
    visible,
)

if TYPE_CHECKING:
    from ingest.ingester import Ingester
    from ingest.pattern import PathPattern
    from ingest.sources import Failure, Known

cli = typer.Typer(
    help="Put newspapers into the archive and look after it. "
    "Exit status: 0 all done, 1 some files failed (named), 2 nothing could be done.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Paths = Annotated[list[str], typer.Argument(help="Files and folders: *.txt pages, *.jsonl and *.jsonl.xz records.")]
Pages = Annotated[list[str], typer.Argument(help="Page files (*.txt), and folders that hold no other.")]
Ids = Annotated[list[str], typer.Argument(help="Article ids, as `list` shows them.")]
Paper = Annotated[str | None, typer.Option(help="Name of the newspaper, whatever the files say.")]
Day = Annotated[str | None, typer.Option(help="Day of the issue (YYYY-MM-DD), whatever the files say.")]
PageNumber = Annotated[str | None, typer.Option(help="Number or name of the page, whatever the files say.")]
Pattern = Annotated[str | None, typer.Option(help="What the ends of paths say, as {paper}/{date:%Y-%m-%d}/{page}.txt.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Wait = Annotated[bool, typer.Option(help="Wait for another ingest to end, or give up at once.")]


@cli.command()
def add(
    paths: Paths,
    paper: Paper = None,
    date: Day = None,
    page: PageNumber = None,
    pattern: Pattern = None,
    prune: Annotated[
        bool, typer.Option("--prune", help="Withdraw articles that the named files and folders give no more.")
    ] = False,
    prune_all: Annotated[
        bool, typer.Option("--prune-all", help="Prune even if most of what they gave is to be withdrawn.")
    ] = False,
    retry: Annotated[bool, typer.Option("--retry", help="Read files again that are in quarantine.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be added; change nothing.")] = False,
    report_file: Annotated[
        str | None, typer.Option("--report", help="Write what happened to each file into this file (JSON).")
    ] = None,
    as_json: AsJson = False,
    wait: Wait = True,
) -> None:
    """Add pages and records. What the archive has already stays as it is; new text of an article is a new version."""
    from ingest.ingester import Wish
    from ingest.runreport import make_sure_of_report, write_report

    with _one_line_errors():
        known = _known(paper, date, page)
        files, into = _files(paths), _given(report_file, "--report")
        if into:
            make_sure_of_report(Path(into))
        wish = Wish(known, _pattern(pattern), prune or prune_all, prune_all, retry, detail=bool(into))
        with _ingester(wait=wait) as ingester:
            report = ingester.add(files, wish=wish, dry_run=dry_run)
        _complain(report.failures)
        if report.quarantined:
            _say(quarantined_line(report.quarantined))
        typer.echo(json_line(report_record(report)) if as_json else report_text(report, dry_run=dry_run))
        if into:
            write_report(Path(into), report, dry_run=dry_run)
        if report.failures:
            raise typer.Exit(1 if report.done else 2)


@cli.command()
def watch(
    folders: Annotated[list[str], typer.Argument(help="Folders whose new and changed files are added as they come.")],
    paper: Paper = None,
    date: Day = None,
    page: PageNumber = None,
    pattern: Pattern = None,
    settle: Annotated[
        float, typer.Option(min=0.1, max=3600, help="Seconds that a file must not have grown, to be complete.")
    ] = 2.0,
    poll: Annotated[
        bool, typer.Option("--poll", help="Look for changes every second; for network drives, which tell of none.")
    ] = False,
) -> None:
    """Add what is in folders, and then what comes into them, until it is stopped (Ctrl-C, SIGTERM: exit status 0)."""
    from ingest.encoder import load_encoder
    from ingest.ingester import Ingester, Wish
    from ingest.watch import Watcher

    with _one_line_errors():
        wish = Wish(_known(paper, date, page), _pattern(pattern))
        named = _folders(folders)
        settings = load_settings()
        encoder = load_encoder(settings.encoder)
        _end_on_signals()

        def take(paths: Sequence[Path]) -> None:
            with shown_progress(_say) as progress:
                ingester = Ingester(settings.data, encoder, keep=settings.keep, say=_say, progress=progress)
                report = ingester.add(paths, wish=wish)
            _complain(report.failures)
            if report.generation != report.before:
                typer.echo(f"{datetime.now():%Y-%m-%d %H:%M:%S} {report_text(report)}")

        _say(f"watching {', '.join(map(str, named))}; Ctrl-C ends it")
        Watcher(named, take, _say, settle=settle, poll=poll).run()


@cli.command()
def articles(
    files: Pages,
    paper: Paper = None,
    date: Day = None,
    page: PageNumber = None,
    pattern: Pattern = None,
    marks: Annotated[
        bool, typer.Option("--marks", help="Print where they begin as a section of a meta.yaml, to be corrected.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show how pages split into articles; store nothing."""
    from ingest.articles import page_record, split_page
    from ingest.filestate import real_path
    from ingest.handsplit import marks_of
    from ingest.provenance import Provenance
    from ingest.sources import Failure, find_sources, load_page

    with _one_line_errors():
        provenance = Provenance(_known(paper, date, page), _pattern(pattern))
        sources = find_sources(_files(files))
        failures = list(sources.failures)
        if marks:
            _tell("files:")
        for file in sources.files:
            try:
                known = provenance.known(real_path(file))
                read = load_page(file, known)
                split = split_page(read, known.begins)
            except WenBaoError as e:
                failures.append(Failure(str(file), str(e)))
                continue
            if marks:
                for line in marks_of(read, split.articles):
                    _tell(line)
                continue
            if as_json:
                typer.echo(json_line(page_record(read, split)))
                continue
            _tell(f"{read.file} ({read.encoding}): {len(split.articles)} articles")
            for article in split.articles:
                _tell(f"  {article.start:>7} {article.title or '(no headline)'}  {article.byline or ''}".rstrip())
        _complain(failures)
        if failures:
            raise typer.Exit(1 if len(failures) < len(sources.files) + len(sources.failures) else 2)


@cli.command("list")
def list_articles(
    since: Annotated[str | None, typer.Option(help="Only from this day on (YYYY-MM-DD).")] = None,
    until: Annotated[str | None, typer.Option(help="Only up to this day (YYYY-MM-DD).")] = None,
    paper: Annotated[str | None, typer.Option(help="Only of this newspaper.")] = None,
    limit: Annotated[int, typer.Option("-n", "--limit", min=1, help="How many articles at most.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List live articles, the newest issue first."""
    with _one_line_errors():
        where = Filter(_day(since, "--since"), _day(until, "--until"), _given(paper, "--paper"))
        with live_catalog(Generations(load_settings().data)) as (_, catalog):
            for article in catalog.recent(limit, where):
                if as_json:
                    typer.echo(json_line(article_record(article)))
                else:
                    _tell(listing(article))


@cli.command()
def show(
    article: Annotated[str, typer.Argument(help="An article id, or the id of one of its versions.")],
    as_json: AsJson = False,
) -> None:
    """Show an article with all that is known of it."""
    with _one_line_errors(), live_catalog(Generations(load_settings().data)) as (_, catalog):
        found = catalog.article(article)
        versions = catalog.versions(found.article_id)
        if as_json:
            typer.echo(json_line(article_record(found, versions)))
        else:
            _tell(article_text(found, versions))


@cli.command()
def remove(ids: Ids, as_json: AsJson = False, wait: Wait = True) -> None:
    """Take articles out of the archive; earlier generations keep them until they are swept."""
    with _one_line_errors(), _ingester(wait=wait) as ingester:
        report = ingester.remove(ids)
        typer.echo(json_line(report_record(report)) if as_json else report_text(report))


@cli.command()
def stats(as_json: AsJson = False) -> None:
    """Say what the archive holds."""
    with _one_line_errors():
        generations = Generations(load_settings().data)
        with live_catalog(generations) as (number, catalog):
            found, encoder = catalog.stats(number, Filter()), catalog.meta("encoder")
        kept = generations.numbers()
        if as_json:
            typer.echo(json_line(stats_record(found, encoder, kept)))
        else:
            _tell(stats_text(found, encoder, kept))


@cli.command()
def check() -> None:
    """See whether the live generation is whole: every chunk listed, in vectors and words, and found by both."""
    from ingest.snapshot import EmptySnapshot, Snapshot

    with _one_line_errors():
        lease = Generations(load_settings().data).lease()
        snapshot = Snapshot(lease) if lease else EmptySnapshot()
        try:
            snapshot.check()
            found = snapshot.stats()
        finally:
            snapshot.close()
        typer.echo(f"generation {found.generation} is whole: {found.articles} articles, {found.chunks} chunks.")


@cli.command()
def quarantine(
    clear: Annotated[
        bool, typer.Option("--clear", help="Forget them all, so that the next add reads them again.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List the files that failed and have not changed since; `add` passes them over."""
    from ingest.locks import only_ingest
    from ingest.quarantine import Quarantine

    with _one_line_errors():
        root = load_settings().data
        rows = Quarantine(root).all()
        if clear and rows:
            with only_ingest(root, wait=True, say=_say):
                held = Quarantine(root)
                rows = held.all()
                held.clear()
                held.save()
        for row in rows if as_json else ():
            typer.echo(json_line(quarantine_record(row)))
        if not as_json:
            _tell(f"{len(rows):,} released." if clear else quarantine_text(rows))


@cli.command()
def rollback(
    to: Annotated[int | None, typer.Option(help="Number of a kept generation; without it, the one before.")] = None,
    wait: Wait = True,
) -> None:
    """Make an earlier generation live again."""
    with _one_line_errors():
        from ingest.ingester import roll_back

        number = roll_back(Generations(load_settings().data), to, wait=wait, say=_say)
        typer.echo(f"generation {number} is live.")


@cli.command()
def reembed(wait: Wait = True) -> None:
    """Make chunks, words and vectors anew from the stored articles: for another encoder, or after an upgrade.

    The old state answers until the new one is whole. What a kill interrupts, the next run carries on.
    """
    with _one_line_errors(), _ingester(wait=wait) as ingester:
        typer.echo(report_text(ingester.reembed()))


@cli.command("fetch-model")
def fetch(
    name: Annotated[str, typer.Argument(help="A model's name on the hub, such as BAAI/bge-small-zh-v1.5.")],
) -> None:
    """Download an encoder or a reranker, and say which setting makes use of it. Nothing else uses the network."""
    with _one_line_errors():
        from ingest.encoder.fetch import fetch_model
        from ingest.encoder.on_disk import ENCODER, use_of

        folder = fetch_model(name, _say)
        use = use_of(folder)
        _tell(f"{name} is in {folder}; to use it, set {use.setting}={name}")
        if use == ENCODER:
            _tell("then run `python -m ingest reembed`")


@cli.command()
def sample(wait: Wait = True) -> None:
    """Load the sample edition into an archive that is empty; the first real `add` takes it out again."""
    with _one_line_errors(), _ingester(wait=wait) as ingester:
        typer.echo(report_text(ingester.load_sample()))


def _end_on_signals() -> None:
    """End at once, as a kill would, which no ingest minds: a library might keep an exception to itself."""

    def ended(*_: object) -> None:
        os.write(2, b"stopped; what was under way changes nothing, and the next ingest carries it on\n")
        os._exit(0)

    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, ended)


@contextmanager
def _one_line_errors() -> Iterator[None]:
    """A WenBaoError is the user's to cure and takes one line; any other keeps its traceback."""
    try:
        yield
    except WenBaoError as e:
        _say(str(e))
        raise typer.Exit(2) from None


@contextmanager
def _ingester(*, wait: bool) -> Iterator[Ingester]:
    from ingest.encoder import load_encoder
    from ingest.ingester import Ingester

    settings: Settings = load_settings()
    encoder = load_encoder(settings.encoder)
    with shown_progress(_say) as progress:
        yield Ingester(settings.data, encoder, keep=settings.keep, wait=wait, say=_say, progress=progress)


def _complain(failures: list[Failure] | tuple[Failure, ...]) -> None:
    for line in complaints(failures):
        _say(line)


def _say(line: str) -> None:
    typer.echo(visible(" ".join(line.splitlines())).encode("utf-8", "backslashreplace"), err=True)


def _tell(text: str) -> None:
    typer.echo(visible(text).encode("utf-8", "backslashreplace"))


def _files(paths: list[str]) -> list[Path]:
    """What was named. Raises NotFound for an empty name: as a path it would be the folder that we stand in."""
    if "" in paths:
        raise NotFound("an empty path names no file; is a variable unset?")
    return [Path(path) for path in paths]


def _folders(paths: list[str]) -> list[Path]:
    """The folders that were named. Raises NotFound for what is none: a slip, or a drive that is not mounted yet."""
    folders = _files(paths)
    for each in folders:
        if not each.is_dir():
            raise NotFound(f"no folder {str(each)!r}; name a folder that is there")
    return [Path(os.path.realpath(each)) for each in folders]


def _known(paper: str | None, date: str | None, page: str | None) -> Known:
    from ingest.sources import Known

    return Known(_given(paper, "--paper"), _day(date, "--date"), _given(page, "--page"))


def _pattern(said: str | None) -> PathPattern | None:
    """The option's pattern, or else the setting's."""
    from ingest.pattern import PathPattern

    pattern = _given(said, "--pattern") or load_settings().path_pattern
    return PathPattern(pattern) if pattern else None


def _given(said: str | None, option: str) -> str | None:
    if said is not None and not said.strip():
        raise BadSetting(f"{option} is empty; give it a value, or leave it out.")
    return said


def _day(said: str | None, option: str) -> Date | None:
    given = _given(said, option)
    try:
        return Date.fromisoformat(given) if given else None
    except ValueError:
        raise BadSetting(f"{option} {said!r} is not a day; write it as 2023-05-11.") from None
