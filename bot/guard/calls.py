"""Calls of Gradio's functions: which there are, what of a call gets through, and whose session it speaks of.

In: a body, a rule, an owner. Out: the body anew, of the known fields alone. What the page does not call is not there,
and another's session or event is as absent as one that never was.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from bot.guard.body import read_json
from bot.guard.owned import Owned, sane
from bot.guard.refused import Refused, absent
from bot.guard.routes import Rule

_FIELDS = {
    "join": ("data", "fn_index", "session_hash", "trigger_id", "event_data"),
    "run": ("data", "fn_index", "session_hash", "trigger_id", "event_data"),
    "call": ("data",),
    "reset": ("event_id",),
    "cancel": ("session_hash", "event_id", "fn_index"),
}


@dataclass(frozen=True, slots=True)
class Functions:
    """The functions of the page by their numbers: queued ones, others, those that answer questions, the public ones.

    `inputs` is how many values each takes. `waiting` is how many questions are under way or wait there; `busy` whether
    anything of a session's is under way.
    """

    queued: frozenset[int] = frozenset()
    direct: frozenset[int] = frozenset()
    questions: frozenset[int] = frozenset()
    public: frozenset[int] = frozenset()
    inputs: Mapping[int, int] = field(default_factory=dict)
    waiting: Callable[[], int] = lambda: 0
    busy: Callable[[str], bool] = lambda _: False


NO_FUNCTIONS = Functions()


@dataclass(frozen=True, slots=True)
class Call:
    """What a request is to Gradio: its body as Gradio gets it, its session, and whether it asks a question."""

    body: bytes | None = None
    session: str = ""
    question: bool = False


def check_stream(rule: Rule, ids: dict[str, str], query: bytes, owner: str, owned: Owned) -> Call:
    """What gets through of a request for one of Gradio's streams. Raises Refused."""
    match rule.gradio:
        case "data":
            given = [value for name, value in parse_qsl(query.decode("latin-1")) if name == "session_hash"]
            return Call(session=_claimed(given[0] if len(given) == 1 else None, owner, owned))
        case "beat":
            return Call(session=_claimed(ids["id"], owner, owned))
        case "event":
            if not owned.has(f"event {ids['id']}", owner):
                raise absent()
            return Call(session=ids["id"])
        case _:
            return Call()


def check_posted(rule: Rule, body: bytes, owner: str, owned: Owned, functions: Functions, *, public: bool) -> Call:
    """What gets through of a posted call; `public`: of the public functions alone. Raises Refused."""
    said = read_json(body)
    kept = {name: said[name] for name in _FIELDS[rule.gradio] if name in said}
    if rule.gradio == "call":
        _check_data(kept, {functions.inputs[each] for each in functions.public if each in functions.inputs})
        return Call(_written(kept), question=True)
    if rule.gradio == "reset":  # which Gradio's page says before it cancels, and which does nothing
        event = kept.get("event_id")
        if not sane(event) or not owned.has(f"event {event}", owner):
            raise absent()
        return Call(_written(kept))
    number = kept.get("fn_index")
    if not isinstance(number, int) or isinstance(number, bool):
        raise absent()
    if rule.gradio == "cancel":
        event = kept.get("event_id")
        if not sane(event) or not owned.has(f"event {event}", owner):
            raise absent()
        return Call(_written(kept), _claimed(kept.get("session_hash"), owner, owned))
    if number not in (functions.queued if rule.gradio == "join" else functions.direct):
        raise absent()
    if public and number not in functions.public:
        raise Refused(403, "This is not for API keys.", why="scope")
    session = _claimed(kept.get("session_hash"), owner, owned)
    _check_data(kept, {functions.inputs[number]} if number in functions.inputs else set())
    return Call(_written(kept), session, number in functions.questions)


def own_event(answer: bytes, owner: str, owned: Owned) -> str:
    """Note whose the event is that an answer of Gradio's names, and give it; "" where it names none."""
    try:
        event = json.loads(answer).get("event_id")
    except (ValueError, AttributeError):
        return ""
    return str(event) if sane(event) and owned.claim(f"event {event}", owner) else ""


def _claimed(session: object, owner: str, owned: Owned) -> str:
    if not sane(session) or not owned.claim(f"session {session}", owner):
        raise absent()
    return str(session)


def _check_data(kept: dict[str, Any], lengths: set[int]) -> None:
    """What Gradio would write into the log, values and all, because it does not fit, is refused here."""
    data, trigger, told = kept.get("data"), kept.get("trigger_id"), kept.get("event_data")
    if not isinstance(data, list) or (lengths and len(data) not in lengths):
        raise Refused(400, "The body needs a list `data`, with a value for each input.", why="body")
    if not (trigger is None or isinstance(trigger, int)) or isinstance(told, list):
        raise Refused(400, "`trigger_id` is a number, `event_data` no list, or neither is there.", why="body")


def _written(kept: dict[str, Any]) -> bytes:
    return json.dumps(kept).encode()
