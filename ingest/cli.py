"""The commands of `python -m ingest`: parse, call, print. Results on stdout, progress and complaints on stderr.

In: paths, ids, options. Out: text for people, or the JSON of design.md (show.py). What a command does is in
ingester.py.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date as Date  # noqa: N812 - as in models
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ingest.catalog import live_catalog
from ingest.disk import disk_troubles
from ingest.errors import BadSetting, BadSidecar, NotFound, NotWritable, WenBaoError
from ingest.generations import Generations
from ingest.models import Filter
from ingest.progress import shown_progress
from ingest.readers.kinds import MOST_JOBS
from ingest.settings import Settings, load_settings
from ingest.show import (
    article_record,
    article_text,
    complaints,
    counted,
    findings_record,
    findings_text,
    json_line,
    listing,
    meant_text,
    migrated_text,
    purged_record,
    purged_text,
    quarantine_record,
    quarantine_text,
    quarantined_line,
    report_record,
    report_text,
    stats_record,
    stats_text,
    versions_diff,
    visible,
)

if TYPE_CHECKING:
    from ingest.articles import Split
    from ingest.findings import Findings
    from ingest.ingester import Ingester
    from ingest.locks import Lease
    from ingest.models import Article, Page
    from ingest.pattern import PathPattern
    from ingest.readers.facts import Reading
    from ingest.sources import Failure, Known

cli = typer.Typer(
    help="Put newspapers into the archive and look after it. "
    "Exit status: 0 all done, 1 some files failed (named), 2 nothing could be done.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Paths = Annotated[
    list[str],
    typer.Argument(
        help="Files, folders and http(s) addresses: text, Markdown, HTML, PDF, DOCX, pictures of pages, JSON lines, "
        "JSON, CSV, RSS and Atom feeds, and zip, tar, xz and gz archives of these."
    ),
]
Ids = Annotated[list[str], typer.Argument(help="Article ids, as `list` shows them.")]
Paper = Annotated[str | None, typer.Option(help="Name of the newspaper, whatever the files say.")]
Day = Annotated[str | None, typer.Option(help="Day of the issue (YYYY-MM-DD), whatever the files say.")]
PageNumber = Annotated[str | None, typer.Option(help="Number or name of the page, whatever the files say.")]
Pattern = Annotated[str | None, typer.Option(help="What the ends of paths say, as {paper}/{date:%Y-%m-%d}/{page}.txt.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Wait = Annotated[bool, typer.Option(help="Wait for another ingest to end, or give up at once.")]

EXAMPLES = 5  # articles that a trial of `set` names


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
    jobs: Annotated[int, typer.Option(min=1, max=MOST_JOBS, help="How many processes read files ahead.")] = 1,
    as_json: AsJson = False,
    wait: Wait = True,
) -> None:
    """Add pages and records. What the archive has already stays as it is; new text of an article is a new version."""
    from ingest.ingester import Wish
    from ingest.runreport import make_sure_of_report, write_report

    with _one_line_errors():
        known = _known(paper, date, page)
        into = _given(report_file, "--report")
        if into:
            make_sure_of_report(Path(into))
        wish = Wish(known, _pattern(pattern), prune or prune_all, prune_all, retry, detail=bool(into), jobs=jobs)
        with _files(paths) as (files, unfetched), _ingester(wait=wait) as ingester:
            report = ingester.add(files, wish=wish, dry_run=dry_run)
        report = replace(report, failures=(*unfetched, *report.failures))
        _complain(report.failures)
        if report.quarantined:
            _say(quarantined_line(report.quarantined))
        typer.echo(json_line(report_record(report)) if as_json else report_text(report, dry_run=dry_run))
        if into:
            write_report(Path(into), report, dry_run=dry_run)
        if report.failures:
            raise typer.Exit(1 if report.done else 2)


@cli.command(short_help="Add what is in folders, then what comes into them.")
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
    from ingest.receipts import write_reports
    from ingest.watch import Watcher

    with _one_line_errors():
        named = _folders(folders)
        settings = load_settings()
        inbox = Path(os.path.realpath(settings.inbox)) if settings.inbox else None
        inbox = inbox if inbox and any(inbox.is_relative_to(each) for each in named) else None
        wish = Wish(_known(paper, date, page), _pattern(pattern), detail=inbox is not None)
        encoder = load_encoder(settings.encoder)
        _end_on_signals()

        def take(paths: Sequence[Path]) -> None:
            with shown_progress(_say) as progress:
                ingester = Ingester(settings.data, encoder, keep=settings.keep, say=_say, progress=progress)
                report = ingester.add(paths, wish=wish)
            if inbox:
                write_reports(inbox, settings.data, report)
            _complain(report.failures)
            if report.generation != report.before:
                typer.echo(f"{datetime.now():%Y-%m-%d %H:%M:%S} {report_text(report)}")

        _say(f"watching {', '.join(map(str, named))}; Ctrl-C ends it")
        Watcher(named, take, _say, settle=settle, poll=poll).run()


@cli.command()
def articles(
    files: Paths,
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
    from ingest.articles import page_record
    from ingest.filestate import real_path
    from ingest.handsplit import marks_of
    from ingest.provenance import Provenance
    from ingest.sources import Failure, find_sources, read_pages

    with _one_line_errors():
        provenance = Provenance(_known(paper, date, page), _pattern(pattern))
        good = False
        with _files(files) as (named, unfetched):
            sources = find_sources(named)
            failures = [*unfetched, *sources.failures]
            if marks:
                _tell("files:")
            known = {}
            for path in sources.files:
                try:
                    known[path] = provenance.known(real_path(path))
                except BadSidecar as e:
                    failures.append(Failure(str(path), str(e)))
            for path, found in read_pages(known, known.__getitem__):
                for each in found:
                    if isinstance(each, Failure):
                        failures.append(each)
                        continue
                    good = True
                    read, split = _as_page(path, each)
                    if as_json:
                        typer.echo(json_line(page_record(read, split)))
                        continue
                    for line in marks_of(read, split.articles) if marks else _outline(read, split):
                        _tell(line)
        _complain(failures)
        if failures:
            raise typer.Exit(1 if good else 2)


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
            nothing = True
            for article in catalog.recent(limit, where):
                nothing = False
                if as_json:
                    typer.echo(json_line(article_record(article)))
                else:
                    _tell(listing(article))
        if nothing and where:
            _say("no article is there to be listed: `python -m ingest stats` says what the archive holds.")


@cli.command()
def show(
    article: Annotated[str, typer.Argument(help="An article id, or the id of one of its versions.")],
    as_json: AsJson = False,
    diff: Annotated[bool, typer.Option("--diff", help="Show what its versions say differently, by sentences.")] = False,
) -> None:
    """Show an article with all that is known of it."""
    with _one_line_errors(), live_catalog(Generations(load_settings().data)) as (_, catalog):
        found = catalog.article(article)
        versions = catalog.versions(found.article_id)
        copies = catalog.copies_of(found.article_id)
        if diff:
            _tell(versions_diff(versions))
        elif as_json:
            typer.echo(json_line(article_record(found, versions, copies)))
        else:
            _tell(article_text(found, versions, copies))


@cli.command(short_help="Take articles out; with --purge out of every file.")
def remove(
    ids: Ids,
    purge: Annotated[
        bool, typer.Option("--purge", help="Forget them everywhere, kept generations too, and look whether it is so.")
    ] = False,
    as_json: AsJson = False,
    wait: Wait = True,
) -> None:
    """Take articles out of the archive; earlier generations keep them until they are swept, unless --purge."""
    with _one_line_errors(), _ingester(wait=wait) as ingester:
        if purge:
            purged = ingester.purge(ids)
            typer.echo(json_line(purged_record(purged)) if as_json else purged_text(purged))
            if purged.look.holding:
                raise typer.Exit(2)
            return
        report = ingester.remove(ids)
        typer.echo(json_line(report_record(report)) if as_json else report_text(report))


@cli.command("set", short_help="Correct paper, day, page, place or by-line in bulk.")
def set_known(
    where: Annotated[
        list[str] | None,
        typer.Option(help="Which articles: paper=…, date=…, since=…, file=… and others; all have to hold."),
    ] = None,
    paper: Annotated[str | None, typer.Option(help="The newspaper that they are of.")] = None,
    date: Annotated[str | None, typer.Option(help="The day of their issue (YYYY-MM-DD).")] = None,
    page: Annotated[str | None, typer.Option(help="The page that they stand on.")] = None,
    place: Annotated[str | None, typer.Option(help="The place that they are from.")] = None,
    byline: Annotated[str | None, typer.Option(help="Who wrote them.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say which articles are meant; change nothing.")] = False,
    as_json: AsJson = False,
    wait: Wait = True,
) -> None:
    """Correct paper, day, page, place or by-line of many articles; it holds, whatever their files say when they return.

    `rollback` undoes it.
    """
    with _one_line_errors():
        from ingest.models import Override
        from ingest.selection import read_selection

        given = {"--paper": paper, "--page": page, "--place": place, "--byline": byline}
        names = {option.removeprefix("--"): _given(said, option) for option, said in given.items()}
        better, chosen = Override(_day(date, "--date"), **names), read_selection(where or [])
        if not better:
            raise BadSetting("say what is to be set: --paper, --date, --page, --place or --byline.")
        if dry_run:
            with live_catalog(Generations(load_settings().data)) as (_, catalog):
                meant = catalog.selected(chosen)
                for one in catalog.live_articles(meant[:EXAMPLES]):
                    _tell(listing(one))
            _tell(meant_text(len(meant)))
            return
        with _ingester(wait=wait) as ingester:
            report = ingester.set(chosen, better)
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


@cli.command(short_help="Look the archive through; say what is wrong.")
def check(
    quick: Annotated[bool, typer.Option("--quick", help="Only whether the parts agree; a second or two.")] = False,
    as_json: AsJson = False,
) -> None:
    """Look the live generation through, article by article, and say all that is wrong and what to do about it.

    Exit status: 0 whole, 1 something is wrong (named), 2 it could not be looked at.
    """
    from ingest.findings import Findings, advice

    with _one_line_errors():
        generations = Generations(load_settings().data)
        lease = generations.lease()
        found, lines = Findings(), list[str]()
        if lease is None:
            _say(f"{str(generations.root)!r} holds no archive yet: is WENBAO_DATA right?")
        elif quick:
            found = _quick_look(lease)
        else:
            from ingest.verify import Check, other_generations

            with lease, shown_progress(_say) as progress:
                found = Check(lease, progress).run()
                earlier = other_generations(generations, lease.number, found)
            lines = advice(found, earlier, lease.number)
        typer.echo(json_line(findings_record(found, lines))) if as_json else _tell(findings_text(found, lines))
        if found.troubles:
            raise typer.Exit(1)


@cli.command(short_help="Write every article as a line of JSON.")
def export(
    out: Annotated[
        Path | None, typer.Option(help="File to write, packed where its name ends in .xz; else standard output.")
    ] = None,
    history: Annotated[bool, typer.Option(help="With the earlier versions of articles, or live ones only.")] = True,
) -> None:
    """Write every article as a line of JSON, sorted by id: `add` makes the same archive of it again."""
    from ingest.export import export_lines, write_whole

    with _one_line_errors(), live_catalog(Generations(load_settings().data)) as (_, catalog):
        if out is not None and not out.absolute().parent.is_dir():
            raise NotWritable(f"{str(out.absolute().parent)!r} is no folder: make it, or give another name.")
        lines = export_lines(catalog, history=history)
        if out is None:
            typer.get_binary_stream("stdout").writelines(lines)
            return
        with disk_troubles(out.absolute().parent):
            _tell(f"{write_whole(lines, out):,} versions of articles written to {out}")


@cli.command(short_help="Copy the live state; overwrites nothing.")
def backup(
    target: Annotated[Path, typer.Argument(help="A folder to make, or a file to make (.tar, .tar.xz, .tar.gz).")],
) -> None:
    """Copy the live state, whoever reads or writes meanwhile, into an archive of its own; overwrites nothing.

    To go back to it: `restore`, or set WENBAO_DATA to the folder.
    """
    from ingest.backup import back_up

    with _one_line_errors():
        number = back_up(Generations(load_settings().data), target)
        _tell(f"generation {number} is backed up in {target}, and whole there.")


@cli.command(short_help="Make the state of a backup live.")
def restore(
    backup: Annotated[Path, typer.Argument(help="What `backup` made, a folder or a file.")], wait: Wait = True
) -> None:
    """Make the state of a backup live; what was live stays kept for `rollback`."""
    from ingest.backup import restore as bring_back

    with _one_line_errors():
        number = bring_back(Generations(load_settings().data), backup, wait=wait, say=_say)
        _tell(f"generation {number} is live: {backup}.")


@cli.command(short_help="List the files that failed and have not changed.")
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


@cli.command(short_help="Make chunks, words and vectors anew.")
def reembed(wait: Wait = True) -> None:
    """Make chunks, words and vectors anew from the stored articles: for another encoder, or after an upgrade.

    The old state answers until the new one is whole. What a kill interrupts, the next run carries on.
    """
    with _one_line_errors(), _ingester(wait=wait) as ingester:
        typer.echo(report_text(ingester.reembed()))


@cli.command(short_help="Lift an archive that an earlier WenBao made.")
def migrate(wait: Wait = True) -> None:
    """Lift an archive that an earlier WenBao made, with all that it holds; nothing is embedded unless it must be.

    The old state answers until the new one is whole. What a kill interrupts, the next run carries on.
    """
    with _one_line_errors(), _ingester(wait=wait) as ingester:
        before = Generations(load_settings().data).current()
        report = ingester.migrate()
        done = report.generation != before
        typer.echo(report_text(report) if report.changed else migrated_text(report, done=done))


@cli.command("fetch-model", short_help="Download an encoder or a reranker.")
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


@cli.command(short_help="Load the sample edition into an empty archive.")
def sample(wait: Wait = True) -> None:
    """Load the sample edition into an archive that is empty; the first real `add` takes it out again."""
    with _one_line_errors(), _ingester(wait=wait) as ingester:
        report = ingester.load_sample(again=True)
        typer.echo(report_text(report))
        if not report.added:
            _say("the archive is not empty, and the sample is for one that is: set WENBAO_DATA to another folder.")


def _end_on_signals() -> None:
    """End at once, as a kill would, which no ingest minds: a library might keep an exception to itself."""

    def ended(*_: object) -> None:
        os.write(2, b"stopped; what was under way changes nothing, and the next ingest carries it on\n")
        os._exit(0)

    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, ended)


def _as_page(path: Path, found: Reading | Article) -> tuple[Page, Split]:
    """What a file gave as a page with its articles; a record is a page of its own."""
    from ingest.articles import Split
    from ingest.models import Article, Page

    if not isinstance(found, Article):
        return found.page, found.split
    page = Page(found.member or str(path), found.text, "utf-8", found.paper, found.issued, found.page)
    return page, Split((found,), ())


def _outline(page: Page, split: Split) -> Iterator[str]:
    yield f"{page.file} ({page.encoding}): {counted(len(split.articles), 'article')}"
    for article in split.articles:
        yield f"  {article.start:>7} {article.title or '(no headline)'}  {article.byline or ''}".rstrip()


@contextmanager
def _one_line_errors() -> Iterator[None]:
    """A WenBaoError is the user's to cure and takes one line; any other keeps its traceback."""
    try:
        yield
    except WenBaoError as e:
        _say(str(e))
        raise typer.Exit(2) from None


def _quick_look(lease: Lease) -> Findings:
    """Takes the lease over. Raises ArchiveBroken for the first thing that is wrong."""
    from ingest.findings import Findings
    from ingest.snapshot import Snapshot

    snapshot = Snapshot(lease)
    try:
        snapshot.check()
        stats = snapshot.stats()
    finally:
        snapshot.close()
    return Findings(stats.generation, stats.articles, stats.chunks)


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


@contextmanager
def _files(paths: list[str]) -> Iterator[tuple[list[Path], list[Failure]]]:
    """What was named, addresses fetched for the block, and those that could not be.

    Raises NotFound for an empty name: as a path it would be the folder that we stand in.
    """
    from ingest.readers.address import fetched, is_address
    from ingest.sources import Failure

    _refuse_empty(paths)
    with fetched([path for path in paths if is_address(path)]) as found:
        files = [found.get(path, Path(path)) for path in paths]
        failures = [Failure(path, str(found[path])) for path in paths if isinstance(found.get(path), WenBaoError)]
        yield [file for file in files if isinstance(file, Path)], failures


def _refuse_empty(paths: list[str]) -> None:
    if "" in paths:
        raise NotFound("an empty path names no file; is a variable unset?")


def _folders(paths: list[str]) -> list[Path]:
    """The folders that were named. Raises NotFound for what is none: a slip, or a drive that is not mounted yet."""
    _refuse_empty(paths)
    folders = [Path(path) for path in paths]
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
