"""The commands `keys` and `sessions`: parse, call, print. A secret is printed once, when its key is made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from bot.configured import open_state
from bot.options import one_line_errors
from bot.visitor import SCOPES
from ingest.errors import BadKey
from ingest.settings import load_settings
from ingest.show import json_line, visible

if TYPE_CHECKING:
    from bot.state import Key, Proofs, SignIn

keys = typer.Typer(help="Keys with which programs use the API.", no_args_is_help=True)
sessions = typer.Typer(help="People who are signed in.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The key's name, for lists and the audit.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Scopes = Annotated[
    list[str] | None, typer.Option(help=f"What it opens, once or more: {', '.join(SCOPES)}.", show_default=False)
]
Groups = Annotated[
    list[str] | None, typer.Option(help="A group whose papers it may read, once or more.", show_default=False)
]


@keys.command("add")
def add(name: Name, scope: Scopes = None, group: Groups = None, as_json: AsJson = False) -> None:
    """Make a key and show it, this once: only its hash is kept."""
    with _proofs() as proofs:
        from bot.identity.keys import add_key

        key, secret = add_key(proofs, name, scope or (), group or ())
    typer.echo(json_line({"key": secret, **_key_record(key)}) if as_json else secret)


@keys.command("list")
def list_keys(as_json: AsJson = False) -> None:
    """List keys, one a line, the revoked too; nobody can see a key again."""
    with _proofs() as proofs:
        known = proofs.keys()
    for key in known:
        typer.echo(json_line(_key_record(key)) if as_json else visible(_told_key(key)))


@keys.command()
def revoke(name: Name) -> None:
    """End a key for good; what it has open ends within five seconds."""
    with _proofs() as proofs:
        from bot.identity.keys import revoke_key

        revoke_key(proofs, name)


Subjects = Annotated[
    list[str] | None, typer.Option("--subject", help="Whose, as `sessions list` writes it.", show_default=False)
]
Names = Annotated[list[str] | None, typer.Option("--name", help="Whose, by name.", show_default=False)]


@sessions.command("list")
def list_sessions(as_json: AsJson = False) -> None:
    """List who is signed in, one session a line."""
    with _proofs() as proofs:
        known = proofs.sign_ins()
    for one in known:
        typer.echo(json_line(_session_record(one)) if as_json else visible(_told_session(one)))


@sessions.command("revoke")
def revoke_sessions(subject: Subjects = None, name: Names = None) -> None:
    """Sign people out everywhere; what they have open ends within five seconds."""
    with _proofs() as proofs:
        from bot.identity.sessions import revoke_sessions

        if not subject and not name:
            raise BadKey("say whose: --name NAME or --subject HASH, as `python -m bot sessions list` writes them.")
        ended = revoke_sessions(proofs, subject or (), name or ())
    typer.echo(f"{len(ended)} sessions ended.", err=True)


@contextmanager
def _proofs() -> Iterator[Proofs]:
    with one_line_errors():
        settings = load_settings()
        from bot.identity import audit  # this loads a database's library

        audit.to_stderr()
        with closing(open_state(settings)) as state:
            yield state.proofs


def _key_record(key: Key) -> dict[str, object]:
    return {
        "name": key.name,
        "id": key.id,
        "scopes": [scope for scope in SCOPES if scope in key.scopes],
        "groups": sorted(key.groups),
        "created": key.created,
        "used": key.used,
        "revoked": key.revoked,
    }


def _session_record(one: SignIn) -> dict[str, object]:
    return {
        "name": one.name,
        "subject": one.subject,
        "id": one.id,
        "via": one.via,
        "groups": sorted(one.groups),
        "created": one.created,
        "until": one.until,
    }


def _told_key(key: Key) -> str:
    may = ", ".join(scope for scope in SCOPES if scope in key.scopes)
    groups = f"  groups {', '.join(sorted(key.groups))}" if key.groups else ""
    lives = f"revoked {key.revoked}" if key.revoked else f"last used {key.used}" if key.used else "never used"
    return f"{key.name}  {key.id[:8]}  {may}{groups}  made {key.created}  {lives}"


def _told_session(one: SignIn) -> str:
    groups = f"  groups {', '.join(sorted(one.groups))}" if one.groups else ""
    return f"{one.name}  {one.subject}  {one.id[:8]}  by {one.via}{groups}  since {one.created}"
