"""What can be done beside asking: rate an answer, share it, rename and delete conversations, load the sample edition.

In: a verb, an id and a text that a browser posts. Out: the chat, the list of conversations, and one line for the page's
scripts. Whose a thing is, the state checks: another's is as if it were not there.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import gradio as gr

from bot.access import Reader
from bot.opening import Opening
from bot.page import talks
from bot.page.desk import Desk
from bot.page.events import REMEMBERED
from bot.page.owner import Session, owner_of, words_for
from bot.page.posted import Posted, read_posted
from bot.page.texts import Words
from bot.state import State
from ingest.errors import NotFound, StateBroken, WenBaoError

SEEN = 15.0  # seconds that a filled archive is waited for: it is looked for several times a second

Told = dict[str, object]


class Acts:
    """Everything that a button of the page does; `load_sample` fills an empty archive."""

    def __init__(self, opening: Opening, desk: Desk, load_sample: Callable[[], object]) -> None:
        self._opening, self._desk, self._load_sample = opening, desk, load_sample
        self._verbs: dict[str, Callable[[State, Reader, Posted, Words], Told]] = {
            "up": _judge,
            "down": _judge,
            "reason": _give_reason,
            "share": lambda state, owner, one, _: {"link": state.share(owner.id, one.id)},
            "unshare": _unshare,
            "rename": _rename,
            "delete": _delete,
            "clear": _delete_all,
            "sample": self._sample,
        }

    def act(self, posted: str, session: Session, request: gr.Request) -> tuple[Any, ...]:
        """Do what was posted: chat, what the page's scripts are told, the list of conversations."""
        one = read_posted(posted)
        words, owner = words_for(request, session), owner_of(request, session)
        told: Told
        try:
            verb = self._verbs.get(one.verb)
            told = verb(self._desk.state, owner, one, words) if verb else {}
        except NotFound:
            told = {"said": words.gone_already}
        except (StateBroken, WenBaoError):
            told = {"said": words.failed_act}
        # What scripts are told must differ each time, or nobody notices that it came.
        line = json.dumps(told | {"at": time.time_ns()})
        listed = talks.talks_html(self._desk.talks(owner), words)
        if one.verb not in ("up", "down", "reason") or not one.conversation:
            return gr.skip(), line, listed
        exchanges = self._desk.exchanges(owner, one.conversation, session)[-REMEMBERED:]
        return talks.exchange_messages(exchanges, words), line, listed

    def _sample(self, state: State, owner: Reader, one: Posted, words: Words) -> Told:
        bot = self._opening.whole()  # whoever sees nothing is told no more than where there is nothing
        if not bot.stats().articles:
            self._load_sample()
            until = time.monotonic() + SEEN
            while not bot.stats().articles and time.monotonic() < until:
                time.sleep(0.1)
        return {"anew": True}


def _judge(state: State, owner: Reader, one: Posted, words: Words) -> Told:
    """A thumb; the same one again takes it back."""
    verdict = "up" if one.verb == "up" else "down"
    given = state.exchange(owner.id, one.id).verdict == verdict
    state.judge(owner.id, one.id, None if given else verdict)  # type: ignore[arg-type]
    return {} if given else {"said": words.thanks}


def _give_reason(state: State, owner: Reader, one: Posted, words: Words) -> Told:
    verdict = state.exchange(owner.id, one.id).verdict
    if verdict:
        state.judge(owner.id, one.id, verdict, one.text)
    return {"said": words.thanks}


def _unshare(state: State, owner: Reader, one: Posted, words: Words) -> Told:
    state.unshare(owner.id, one.id)
    return {"said": words.unshared}


def _rename(state: State, owner: Reader, one: Posted, words: Words) -> Told:
    state.rename(owner.id, one.id, one.text)
    return {}


def _delete(state: State, owner: Reader, one: Posted, words: Words) -> Told:
    state.delete(owner.id, one.id)
    return {"gone": True} if one.id == one.conversation else {}


def _delete_all(state: State, owner: Reader, one: Posted, words: Words) -> Told:
    state.delete_all(owner.id)
    return {"gone": True}
