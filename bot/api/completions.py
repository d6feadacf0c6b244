"""The routes of `/v1`: the newspaper as a model of OpenAI's chat protocol.

In: a conversation. Out: the answer as text with its sources as footnotes, whole or streamed, and everything else that
is known of it in the field `wenbao`: of the message, or of the stream's last piece.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncGenerator
from concurrent.futures import Future
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response

from bot.api import examples
from bot.api.bodies import BoundedRoute
from bot.api.chat import MODELS, WRITTEN, ChatPosted, asked_in
from bot.api.errors import ApiError, documented, error_body, error_of
from bot.api.footnotes import Telling, borne_out, foot
from bot.api.streams import WAITING, CallerGone, EventStream, event, events_of, said, unsaid, whole
from bot.api.told import CompletionTold, ModelsTold, ModelTold
from bot.api.who import bot_for, caller
from bot.api.work import Question, State, Work
from bot.bot import NO_FILTER, Bot, check_question
from bot.jsonform import answer_record
from bot.models import Answer

DONE = b"data: [DONE]\n\n"
_CHATTING = (400, 401, 403, 404, 413, 415, 421, 429, 500, 503)
_LISTING = (401, 403, 421, 429, 500, 503)
_ELSEWHERE = ("question", "answer", "passages", "usage")  # what OpenAI's fields say, and what is long
_ANSWERED: dict[str, Any] = {
    "model": CompletionTold,
    "description": "The answer with footnotes; with `stream`, its pieces, the last of which has the field `wenbao`.",
    "content": {
        "application/json": {"example": examples.COMPLETION},
        "text/event-stream": {"itemSchema": events_of(), "example": examples.CHUNKS},
    },
}


def completion_routes(opening: Future[Bot], work: Work) -> APIRouter:
    """The routes over a bot that may still be opening."""
    router = APIRouter(prefix="/v1", tags=["OpenAI-compatible"], route_class=BoundedRoute)
    body = {"requestBody": {"content": {"application/json": {"example": examples.CHAT}}}}

    @router.post(
        "/chat/completions",
        responses={200: _ANSWERED, **documented(*_CHATTING, openai=True)},
        response_model=None,
        openapi_extra=body,
    )
    async def chat_completions(request: Request, posted: ChatPosted) -> Response:
        """Answer the last message of the user."""
        bot = bot_for(opening, caller(request, "ask").reader)
        question, turns = asked_in(posted)
        check_question(question)
        states = work.answer(bot, Question(question, turns, NO_FILTER, posted.model == WRITTEN))
        head = _Head(f"chatcmpl-{secrets.token_hex(6)}", int(time.time()), posted.model)
        if posted.stream:
            return EventStream(_chunks(states, head, with_usage=posted.with_usage))
        try:
            return said(_completion(head, await whole(states, request)))
        except CallerGone:
            return unsaid()

    @router.get("/models", responses=_responses(ModelsTold, *_LISTING), response_model=None)
    async def models(request: Request) -> Response:
        """Who answers: `wenbao` as it is configured, `wenbao-extractive` without any language model."""
        caller(request, "ask")
        return said({"object": "list", "data": [_model(name) for name in MODELS]})

    @router.get("/models/{model}", responses=_responses(ModelTold, 404, *_LISTING), response_model=None)
    async def model(request: Request, model: str) -> Response:
        """One of them."""
        caller(request, "ask")
        if model not in MODELS:
            raise ApiError(404, f"model: there are {' and '.join(MODELS)}, no other.", code="model_not_found")
        return said(_model(model))

    return router


def _responses(told: type[ModelsTold | ModelTold], *errors: int) -> dict[int | str, dict[str, Any]]:
    return {200: {"model": told}, **documented(*errors, openai=True)}


def _model(name: str) -> dict[str, object]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "wenbao"}


@dataclass(frozen=True, slots=True)
class _Head:
    """What every piece of an answer begins with."""

    id: str
    created: int
    model: str

    def record(self, kind: str) -> dict[str, object]:
        return {"id": self.id, "object": kind, "created": self.created, "model": self.model}

    def chunk(self, delta: dict[str, str], finish: str | None = None, **more: object) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return event(self.record("chat.completion.chunk") | {"choices": [choice]} | more)


def _completion(head: _Head, answer: Answer) -> dict[str, object]:
    answer = borne_out(answer)
    message = {"role": "assistant", "content": answer.text + foot(answer), "wenbao": _ours(answer)}
    choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
    return head.record("chat.completion") | {"choices": [choice], "usage": _usage(answer)}


async def _chunks(
    states: AsyncGenerator[State | None, None], head: _Head, *, with_usage: bool
) -> AsyncGenerator[bytes, None]:
    telling, blank = Telling(), {"usage": None} if with_usage else {}
    async with aclosing(states):
        try:
            yield head.chunk({"role": "assistant", "content": ""}, **blank)
            async for state in states:
                if state is None:
                    yield WAITING
                    continue
                answer = borne_out(state.answer)
                more = telling.last(answer) if state.final else telling.more(answer)
                if more:
                    yield head.chunk({"content": more}, **blank)
                if state.final:
                    notes = foot(answer)
                    if notes:
                        yield head.chunk({"content": notes}, **blank)
                    yield head.chunk({}, "stop", wenbao=_ours(answer), **blank)
                    if with_usage:
                        yield event(head.record("chat.completion.chunk") | {"choices": [], "usage": _usage(answer)})
            yield DONE
        except Exception as e:  # noqa: BLE001 - the response has begun: it is told as a piece, and logged there
            told = error_of(e, openai=True)
            yield event(error_body(told.status_code, told.code, told.detail, openai=True))


def _ours(answer: Answer) -> dict[str, object]:
    """Everything known of the answer but what OpenAI's own fields say."""
    return {name: value for name, value in answer_record(answer).items() if name not in _ELSEWHERE}


def _usage(answer: Answer) -> dict[str, int]:
    """The model's tokens; zeros where none wrote, or where it counts none."""
    read = (answer.usage.input_tokens if answer.usage else None) or 0
    wrote = (answer.usage.output_tokens if answer.usage else None) or 0
    return {"prompt_tokens": read, "completion_tokens": wrote, "total_tokens": read + wrote}
