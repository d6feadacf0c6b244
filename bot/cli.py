"""The commands `ask`, `search` and `feedback`: parse, call, print. Results on stdout, complaints on stderr.

In: a question, or JSON lines of them. Out: text for people, or exactly the JSON of design.md (`bot.jsonform`).
"""

from __future__ import annotations

import codecs
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date as Date  # noqa: N812 - as in models
from pathlib import Path
from typing import Annotated

import typer

from bot.bot import Bot
from bot.configured import make_bot, open_state
from bot.identity.commands import keys, sessions
from bot.jsonform import BatchLine, answer_record, hits_record, line_id, read_batch_line
from bot.models import Answer, Citation, Hit
from bot.options import Scope, day_of, one_line_errors, scoped
from ingest.archive import Archive
from ingest.encoder import load_encoder
from ingest.errors import BadQuestion
from ingest.models import Filter, Pointer
from ingest.settings import load_settings
from ingest.show import json_line, visible

Record = dict[str, object]

cli = typer.Typer(
    help="Ask the newspaper, or search it. Exit status: 0 done, 1 some lines of a batch failed, 2 nothing done.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Question = Annotated[str | None, typer.Argument(help="The question; none with --batch.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, one line per question.")]
Batch = Annotated[
    str | None,
    typer.Option(help="Answer a file of JSON lines, one question each; - is standard input.", show_default=False),
]


NoLlm = Annotated[bool, typer.Option("--no-llm", help="Ask no language model, whatever WENBAO_LLM names.")]


@cli.command()
@scoped
def ask(
    scope: Scope, question: Question = None, as_json: AsJson = False, batch: Batch = None, no_llm: NoLlm = False
) -> None:
    """Answer a question from the newspaper, every sentence with its source."""
    lines = _batch_lines(question, batch)
    with _bot(scope, write=not no_llm) as bot:
        if question is None:
            _run(lines, scope, lambda one: answer_record(bot.ask(one.question, one.history, one.where, scope.today)))
            return
        answer = bot.ask(question, where=scope.where, today=scope.today)
    if answer.note:
        typer.echo(answer.note, err=True)
    typer.echo(json_line(answer_record(answer)) if as_json else visible(_told(answer)))


@cli.command()
@scoped
def search(
    scope: Scope,
    question: Question = None,
    k: Annotated[int, typer.Option("-k", min=1, max=1000, help="How many passages to find.")] = 10,
    as_json: AsJson = False,
    batch: Batch = None,
) -> None:
    """Find the passages that bear on a question, best first, without answering it."""
    lines = _batch_lines(question, batch)
    with _bot(scope) as bot:
        if question is None:
            _run(lines, scope, lambda one: hits_record(one.question, *_timed(bot, one.question, k, one.where, scope)))
            return
        hits, took_ms = _timed(bot, question, k, scope.where, scope)
        nothing = None if hits else bot.nothing_passes(question, scope.where)
    if as_json and nothing:
        typer.echo(nothing, err=True)
    typer.echo(json_line(hits_record(question, hits, took_ms)) if as_json else visible(nothing or _listed(hits)))


feedback = typer.Typer(help="What readers thought of answers.", no_args_is_help=True)
cli.add_typer(feedback, name="feedback")
cli.add_typer(keys, name="keys")
cli.add_typer(sessions, name="sessions")


@feedback.command()
def export(
    since: Annotated[str, typer.Option(help="Only what was judged from this day on (YYYY-MM-DD).")] = "",
    out: Annotated[Path | None, typer.Option(help="Write this file instead of standard output.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON lines instead of CSV.")] = False,
) -> None:
    """Write every thumb with its reason, question, answer, passages and generation, as CSV or as JSON lines."""
    with one_line_errors():
        day = day_of(since, "--since")
        from bot.feedback import as_csv, as_json_lines  # these load a database's library

        state = open_state(load_settings())
        with closing(state):
            told = state.told(day.isoformat() if day else "", judged=True)
            text = as_json_lines(told) if as_json else as_csv(told)
        if out is None:
            sys.stdout.buffer.write(text.encode())
        else:
            _write(out, text)


def _write(out: Path, text: str) -> None:
    try:
        out.write_bytes(text.encode())
    except OSError as e:
        raise BadQuestion(
            f"--out {str(out)!r} cannot be written ({e.strerror}): name a file in a folder of yours."
        ) from e


def _batch_lines(question: str | None, batch: str | None) -> list[bytes]:
    """The lines of the batch, none beside a single question. Raises BadQuestion unless just one of both is given."""
    if (question is None) == (batch is None):
        raise BadQuestion(
            "give either a question or --batch FILE with one JSON line per question (- is standard input), "
            f"not {'both' if batch else 'neither'}."
        )
    if question is not None:
        return []
    try:
        data = sys.stdin.buffer.read() if batch == "-" else Path(str(batch)).read_bytes()
    except OSError as e:
        raise BadQuestion(f"--batch {batch!r} cannot be read ({e.strerror}): name a file of JSON lines, or -.") from e
    return [line for line in data.removeprefix(codecs.BOM_UTF8).split(b"\n") if line.strip()]


def _run(lines: Sequence[bytes], scope: Scope, do: Callable[[BatchLine], Record]) -> None:
    """Print a line for each line; one that cannot be answered is an error of its own. Exits 1 if any was."""
    failed = 0
    for line in lines:
        record: Record
        try:
            record = do(read_batch_line(line, scope.where))
        except BadQuestion as e:
            failed += 1
            record = {"error": str(e)}
        typer.echo(json_line({"id": line_id(line), **record}))
    if failed:
        typer.echo(f"{failed} of {len(lines)} lines could not be answered.", err=True)
        raise typer.Exit(1)


@contextmanager
def _bot(scope: Scope, *, write: bool = False) -> Iterator[Bot]:
    """The bot that the settings describe; without `write` no language model is even loaded."""
    settings = load_settings()
    encoder = load_encoder(settings.encoder)
    with Archive(settings.data, encoder, scope.generation) as archive:
        yield make_bot(settings, archive, encoder, write=write)


def _timed(bot: Bot, question: str, k: int, where: Filter, scope: Scope) -> tuple[list[Hit], float]:
    began = time.perf_counter()
    hits = bot.search(question, k, where, scope.today)
    return hits, (time.perf_counter() - began) * 1000


def _told(answer: Answer) -> str:
    doubts = "\n".join(f"！ 报上没有找到依据 not borne out: {s.text}" for s in answer.sentences if not s.supported)
    sources = "\n".join(f"[{c.n}] {_source(c)}" for c in answer.citations)
    return "\n\n".join(filter(None, (answer.text, doubts, sources)))


def _source(c: Citation) -> str:
    where = " ".join(_issue(c.paper, c.date, c.page))
    sample = "（样报）" if c.sample else ""
    lines = [f"{where}《{c.title or c.quote[:20] + '…'}》{c.part} {c.start}–{c.end}  {c.article_id}{sample}"]
    lines += [f"    另见 also in {_pointed(one)}" for one in c.also]
    lines += [f"    已更正 corrected by {_pointed(one)}" for one in c.corrected_by]
    lines += ["    文章后来改过 changed since it was first added"] if c.changed else []
    return "\n".join(lines)


def _pointed(one: Pointer) -> str:
    where = " ".join(_issue(one.paper, one.date, one.page))
    return f"{where}《{one.title or '—'}》  {one.article_id}"


def _issue(paper: str | None, day: Date | None, page: str | None) -> list[str]:
    """What is known of paper, day and page."""
    parts = (paper, day.isoformat() if day else None, f"第{page}版" if page else None)
    return [part for part in parts if part]


def _listed(hits: Sequence[Hit]) -> str:
    blocks = []
    for hit in hits:
        a = hit.article
        head = " ".join([*_issue(a.paper, a.date, a.page), a.title or "—"])
        found = "+".join(hit.found_by) + ("" if hit.reranked is None else f", reranked {hit.reranked:.3f}")
        blocks.append(f"{hit.rank:>3}  {hit.score:.3f}  {head}  ({found})\n     {hit.chunk.text[:120]}")
    return "\n".join(blocks) or "没有找到。Nothing was found."
