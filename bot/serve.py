"""Everything that is served, put together from the settings: who may come in, what answers, what is counted.

In: Settings, a listening socket, a bot that may still be opening. Out: a served app. Whether it may be served to others
than this machine at all is decided here, before anything is opened for them.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.access import Readable
from bot.configured import identity_configured, make_bot
from bot.guard.house import House, read_house
from bot.visitor import NOBODY, Visitor
from ingest.archive import Archive
from ingest.encoder import load_encoder
from ingest.errors import BadSetting
from ingest.ingester import Ingester
from ingest.settings import Settings

if TYPE_CHECKING:
    from bot.bot import Bot
    from bot.guard.guard import Guard
    from bot.metrics import Metrics
    from bot.state import State

FORM = 64 * 1024  # bytes that a form needs beside the file in it
LOOK_AGAIN = 2.0  # seconds that it counts whether there is a key: programs need one from then on


@dataclass(frozen=True, slots=True)
class Door:
    """The house, whether it stands open by word of whoever started it, and whether people can sign in."""

    house: House
    meant: bool
    signing_in: bool

    @property
    def for_people(self) -> bool:
        """Whether somebody who is not known may open the page."""
        return self.meant or not (self.house.exposed or self.signing_in)


def read_door(settings: Settings, *, meant: bool) -> Door:
    """What the settings say of who may come in; `meant`: that it is to stand open was said. Raises BadSetting."""
    house = read_house(settings.host, settings.hosts, settings.proxies, settings.prefix, settings.origins)
    return Door(house, meant, bool(settings.portal_issuer or settings.oidc_issuer))


def check_meant(door: Door, settings: Settings, state: State) -> None:
    """Raises BadSetting where others than this machine would come in, and nobody would be asked who they are."""
    if not door.house.exposed or door.meant or identity_configured(settings, state):
        return
    what = f"WENBAO_HOSTS={settings.hosts!r}" if settings.hosts else f"WENBAO_HOST={settings.host!r}"
    raise BadSetting(
        f"{what} lets others than this machine in, and nobody is asked who they are: set WENBAO_PORTAL_ISSUER or "
        "WENBAO_OIDC_ISSUER, or make an API key (python -m bot keys add NAME), or start `python app.py --open` to "
        "mean it."
    )


def check_page(settings: Settings) -> None:
    """Raises BadSetting for a look or an admin's token that cannot be used, while nothing is open yet."""
    from bot.configured import admin_of, open_look

    open_look(settings)
    admin_of(settings)


class Anybody:
    """Who an unknown asker is. Where there is an API key, programs need one, though the page stands open."""

    def __init__(self, door: Door, any_key: Callable[[], bool | None], papers: Callable[[], Readable]) -> None:
        self._door, self._any_key, self._papers = door, any_key, papers
        self._looked, self._found = float("-inf"), True

    def __call__(self, program: bool) -> Visitor:
        """Somebody who may ask and search, or nobody."""
        if not self._door.for_people or (program and not self._door.meant and self._keys()):
            return NOBODY
        return Visitor(papers=self._papers(), scopes=frozenset({"ask", "search"}), via="open")

    def _keys(self) -> bool:
        now = time.monotonic()
        if now - self._looked >= LOOK_AGAIN:
            self._looked, self._found = now, self._any_key() is not False
        return self._found


def open_bot(settings: Settings, until: ExitStack, say: Callable[[str], None]) -> Bot:
    """The bot over the archive, which stays open `until` then; an empty one gets the sample edition first."""
    encoder = load_encoder(settings.encoder)
    Ingester(settings.data, encoder, keep=settings.keep, say=say).load_sample()
    return make_bot(settings, until.enter_context(Archive(settings.data, encoder)), encoder)


def fill_emptied(settings: Settings, say: Callable[[str], None]) -> None:
    """Load the sample edition into an archive that holds nothing any more."""
    Ingester(settings.data, load_encoder(settings.encoder), keep=settings.keep, say=say).load_sample(again=True)


def build(
    settings: Settings, door: Door, opening: Future[Bot], state: State, load_sample: Callable[[], object]
) -> Guard:
    """The app, behind its guard. Raises BadSetting, NotWritable."""
    from bot.configured import admin_of, login_party, open_identity, open_inbox, open_look, open_policy
    from bot.embed.routes import embed_routes
    from bot.guard.guard import Rules
    from bot.guard.rates import Limits
    from bot.identity import audit
    from bot.identity.login import login_routes
    from bot.metrics import Metrics
    from bot.page.server import build_app, metrics_route, programs
    from bot.web.render import Pages

    house, metrics, policy, look = door.house, Metrics(), open_policy(settings), open_look(settings)

    def papers(groups: frozenset[str], signed_in: bool) -> Readable:
        return policy.readable(groups, signed_in=signed_in)

    identity = open_identity(settings.model_copy(update={"prefix": house.prefix}), state, papers)

    def refused(visitor: Visitor, path: str, peer: str, why: str) -> None:
        audit.refused(why, peer=peer, path=path, visitor=visitor)

    rules = Rules(
        house=house,
        limits=Limits(settings.user_rate, settings.key_rate, settings.queue),
        register=identity.register,
        anybody=Anybody(door, lambda: identity_configured(settings, state), lambda: papers(frozenset(), False)),
        login=bool(settings.oidc_issuer),
        file_bytes=settings.inbox_bytes + FORM,
        seen=metrics.asked,
        waited=metrics.waited,
        refused=refused,
    )
    log_access()
    counted = measured(opening, metrics)
    parts = programs(counted, house, metrics.waited, open_inbox(settings))
    routes = [
        *identity.routes(),
        *login_routes(login_party(settings), identity.sessions, Pages(look)),
        *embed_routes(house.origins, look, signs_in=identity.portal is not None),
        metrics_route(metrics, opening),
    ]
    guard = build_app(counted, state, look, load_sample, admin_of(settings), rules, parts, routes)
    metrics.watch_queue(lambda: guard.queue)
    return guard


def measured(opening: Future[Bot], metrics: Metrics) -> Future[Bot]:
    """The bot, once it is open, with its answers counted."""
    from bot.metrics import MeasuredBot

    counted: Future[Bot] = Future()

    def go_on(opened: Future[Bot]) -> None:
        failure = opened.exception()
        if failure is not None:
            counted.set_exception(failure)
        else:
            counted.set_result(MeasuredBot.of(opened.result(), metrics))

    opening.add_done_callback(go_on)
    return counted


def log_access() -> None:
    """Let the lines of the access log appear on stderr, unless whoever runs this process has led them elsewhere."""
    from bot.guard.traces import ACCESS

    log = logging.getLogger(ACCESS)
    log.setLevel(logging.INFO)
    if not log.hasHandlers():
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
        log.addHandler(handler)
