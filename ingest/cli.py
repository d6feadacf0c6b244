"""The commands of `python -m ingest`: parse, call, print. Results on stdout, progress and complaints on stderr.

In: paths, ids, options. Out: text for people, or the JSON of design.md (show.py). What a command does is in
ingester.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date as Date  # noqa: N812 - as in models
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
    json_line,
    listing,
    purged_record,
    purged_text,
    report_record,
    report_text,
    stats_record,
    stats_text,
    versions_diff,
    visible,
)

if TYPE_CHECKING:
    from ingest.ingester import Ingester
    from ingest.sources import Failure

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
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Wait = Annotated[bool, typer.Option(help="Wait for another ingest to end, or give up at once.")]

EXAMPLES = 5  # articles that a trial of `set` names


@cli.command()
def add(
    paths: Paths,
    paper: Paper = None,
    date: Day = None,
    page: PageNumber = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be added; change nothing.")] = False,
    as_json: AsJson = False,
    wait: Wait = True,
) -> None:
    """Add pages and records. What the archive has already stays as it is; new text of an article is a new version."""
    from ingest.sources import Known

    with _one_line_errors():
        known = Known(_given(paper, "--paper"), _day(date, "--date"), _given(page, "--page"))
        files = _files(paths)
        with _ingester(wait=wait) as ingester:
            report = ingester.add(files, known, dry_run=dry_run)
        _complain(report.failures)
        typer.echo(json_line(report_record(report)) if as_json else report_text(report, dry_run=dry_run))
        if report.failures:
            raise typer.Exit(1 if report.added + report.changed + report.unchanged else 2)


@cli.command()
def articles(
    files: Pages, paper: Paper = None, date: Day = None, page: PageNumber = None, as_json: AsJson = False
) -> None:
    """Show how pages split into articles; store nothing."""
    from ingest.articles import page_record, split_page
    from ingest.sources import Failure, Known, find_sources, load_page

    with _one_line_errors():
        known = Known(_given(paper, "--paper"), _day(date, "--date"), _given(page, "--page"))
        sources = find_sources(_files(files))
        failures = list(sources.failures)
        for file in sources.files:
            try:
                read = load_page(file, known)
            except WenBaoError as e:
                failures.append(Failure(str(file), str(e)))
                continue
            split = split_page(read)
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


@cli.command()
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


@cli.command("set")
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
        from ingest.overrides import Override
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
            _tell(f"{len(meant):,} articles are meant. This was a trial: nothing was changed.")
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
    for failure in failures:
        _say(failure.reason)


def _say(line: str) -> None:
    typer.echo(visible(" ".join(line.splitlines())).encode("utf-8", "backslashreplace"), err=True)


def _tell(text: str) -> None:
    typer.echo(visible(text).encode("utf-8", "backslashreplace"))


def _files(paths: list[str]) -> list[Path]:
    """What was named. Raises NotFound for an empty name: as a path it would be the folder that we stand in."""
    if "" in paths:
        raise NotFound("an empty path names no file; is a variable unset?")
    return [Path(path) for path in paths]


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
