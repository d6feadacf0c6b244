"""What the entry points make alike from the settings: bot, writer, look, what is kept, admin page, who may read what.

In: Settings. Out: a Bot, a Writer or None, a State, a Look, an Admin, an Identity, a Policy. With no model configured
nothing of a model's library is imported: asking from a cold start stays quick, and nothing can leave the machine.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bot.bot import Bot
from bot.inbox import Inbox
from bot.llm import Limits
from bot.look import Look, read_look
from bot.policy import Policy
from bot.prompts import all_prompts
from bot.reranker import load_reranker
from bot.web.gate import Admin, read_admin
from ingest.archive import Archive
from ingest.encoder import Encoder
from ingest.errors import StateBroken
from ingest.settings import Settings

if TYPE_CHECKING:
    from bot.identity.identity import Identity
    from bot.identity.oidc import Party
    from bot.identity.register import ReadableFor
    from bot.state import State
    from bot.writer import Writer


def make_bot(settings: Settings, archive: Archive, encoder: Encoder, *, write: bool = True) -> Bot:
    """The bot over an archive; without `write` no language model is even loaded. Raises NoModel, BadPrompt."""
    reranker = load_reranker(settings.reranker, settings.reranker_seconds)
    return Bot(archive, encoder, reranker, open_writer(settings) if write else None)


def open_writer(settings: Settings) -> Writer | None:
    """The writer that the settings name; None where they name none. Raises NoModel, BadPrompt."""
    if not settings.llm:
        return None
    from bot.langchain.chat import load_model  # takes seconds
    from bot.writer import Writer

    all_prompts()  # a wrong file is named at start, not at the first question
    key = settings.llm_api_key.get_secret_value()
    model = load_model(settings.llm, settings.llm_base_url, key, settings.llm_seconds)
    limits = Limits(settings.llm_first_seconds, settings.llm_stall_seconds, settings.llm_seconds)
    return Writer(model, limits, settings.unsupported)


def open_state(settings: Settings) -> State:
    """What people ask, where the settings say that it is kept. Raises BadSetting."""
    from bot.state import State  # takes a third of a second

    return State.of(settings.data, settings.state_url.get_secret_value(), settings.state_days)


def open_identity(settings: Settings, state: State, readable: ReadableFor) -> Identity:
    """Who can be told from others, and how; `readable` says what each may read. Raises BadSetting."""
    from bot.identity import audit  # what these need takes a third of a second
    from bot.identity.identity import Identity
    from bot.identity.portal import read_portal
    from bot.identity.register import StateRegister
    from bot.identity.sessions import Sessions

    portal = read_portal(
        settings.portal_issuer,
        settings.portal_audience,
        settings.portal_secret.get_secret_value(),
        settings.portal_jwks,
        settings.portal_groups,
        settings.token_skew,
    )
    audit.to_stderr()
    register = StateRegister(state.proofs, readable)
    return Identity(register, Sessions(state.proofs, settings.session_minutes), portal, settings.prefix)


def login_party(settings: Settings) -> Party | None:
    """Who we are to the provider at which people sign in; None where they do not. Raises BadSetting."""
    from bot.identity.oidc import read_party

    return read_party(
        settings.oidc_issuer,
        settings.oidc_client,
        settings.oidc_secret.get_secret_value(),
        settings.oidc_groups,
        settings.token_skew,
    )


def identity_configured(settings: Settings, state: State) -> bool | None:
    """Whether anybody can prove who they are; None where the state, which would know of keys, cannot be read.

    Whoever asks takes None for whatever lets nobody in: no start on a foreign address, no API without a key.
    """
    if settings.portal_issuer or settings.oidc_issuer:
        return True
    try:
        return state.proofs.any_key()
    except StateBroken:
        return None


def open_look(settings: Settings) -> Look:
    """How the settings let the page look. Raises BadSetting."""
    return read_look(settings.name, settings.logo, settings.colour, settings.greeting, settings.examples)


def admin_of(settings: Settings) -> Admin:
    """What the admin page needs to know. Raises BadSetting."""
    return read_admin(settings.data, settings.admin_token.get_secret_value())


def open_policy(settings: Settings) -> Policy:
    """Who may read which paper. Raises BadSetting."""
    return Policy(settings.access)


def open_inbox(settings: Settings) -> Inbox | None:
    """Where files are handed in; None where none may be. Raises NotWritable."""
    return Inbox(Path(settings.inbox), settings.inbox_bytes) if settings.inbox else None
