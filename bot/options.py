"""The options that `ask` and `search` share: which articles may be found, and which day 今天 is.

In: a command that takes a `Scope`. Out: the same command with the options in its place. It opens no archive.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date as Date  # noqa: N812 - as in models
from typing import Annotated, Any, cast

import typer

from ingest.errors import BadQuestion, WenBaoError
from ingest.models import Filter

_SINCE = typer.Option(help="Only articles from this day on (YYYY-MM-DD).", show_default=False)
_UNTIL = typer.Option(help="Only articles up to this day (YYYY-MM-DD).", show_default=False)
_PAPER = typer.Option(help="Only articles of this newspaper.", show_default=False)
_PLACE = typer.Option(help="Only articles from this place.", show_default=False)
_BYLINE = typer.Option(help="Only articles with this name in the by-line.", show_default=False)
_TODAY = typer.Option(
    help="The day that 今天 and 上个月 count from (YYYY-MM-DD); the real one, or the last of a closed archive.",
    show_default=False,
)

_GENERATION = typer.Option(help="Ask a kept earlier state of the archive, by its number.", show_default=False)


@dataclass(frozen=True, slots=True)
class Scope:
    """Which articles a command may find, and the day that words for time count from, None for the usual one.

    `generation` is the kept state of the archive that is asked, None for the live one.
    """

    where: Filter
    today: Date | None
    generation: int | None = None


def scoped(command: Callable[..., None]) -> Callable[..., None]:
    """`command` with the shared options in place of its parameter `scope`; what a user can cure is one line, exit 2."""
    own, shared = inspect.signature(command, eval_str=True), inspect.signature(_scope, eval_str=True)

    @functools.wraps(command)
    def run(**given: object) -> None:
        with one_line_errors():
            scope = _scope(**{name: cast("Any", given.pop(name)) for name in shared.parameters})
            command(**given, scope=scope)

    kept = [each for name, each in own.parameters.items() if name != "scope"]
    vars(run)["__signature__"] = own.replace(parameters=[*kept, *shared.parameters.values()])
    return run


def _scope(
    since: Annotated[str | None, _SINCE] = None,
    until: Annotated[str | None, _UNTIL] = None,
    paper: Annotated[str | None, _PAPER] = None,
    place: Annotated[str | None, _PLACE] = None,
    byline: Annotated[str | None, _BYLINE] = None,
    today: Annotated[str | None, _TODAY] = None,
    generation: Annotated[int | None, _GENERATION] = None,
) -> Scope:
    where = Filter(day_of(since, "--since"), day_of(until, "--until"), paper, place, byline)
    return Scope(where, day_of(today, "--today"), generation)


def day_of(text: str | None, option: str) -> Date | None:
    """The day that an option names, None for none. Raises BadQuestion."""
    try:
        return Date.fromisoformat(text) if text else None
    except ValueError as e:
        raise BadQuestion(f"{option} {text!r} is no date: write it as YYYY-MM-DD.") from e


@contextmanager
def one_line_errors() -> Iterator[None]:
    """What a user can cure is one line and exit status 2."""
    try:
        yield
    except WenBaoError as e:
        typer.echo(str(e), err=True)
        raise typer.Exit(2) from e
