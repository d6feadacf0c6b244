"""What callers of `/api` post, checked field by field before anything is looked for.

In: JSON. Out: a question with its filter and the turns before it. A field that is unknown, of another kind or too long
is refused by name.
"""

from __future__ import annotations

import re
from datetime import date as Date  # noqa: N812 - as in models
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from bot.bot import LONGEST_QUESTION
from bot.models import Turn
from ingest.models import Filter

MOST_HITS = 100
MOST_TURNS, LONGEST_TURN = 50, 4_000  # turns before a question; characters of one
_LONGEST_NAME = 200
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def sound(text: str) -> str:
    """Text that any store and stream takes. Raises ValueError."""
    if "\x00" in text or any("\ud800" <= c <= "\udfff" for c in text):
        raise ValueError("it holds a NUL or half a character: send text in UTF-8")
    return text


def _day(value: object) -> object:
    if isinstance(value, str):
        try:
            return Date.fromisoformat(value) if _DAY.fullmatch(value) else value
        except ValueError as e:
            raise ValueError("no such day: write it as 2023-05-11") from e
    return value


Text = Annotated[str, AfterValidator(sound)]
Day = Annotated[Date, BeforeValidator(_day, json_schema_input_type=Date)]
Name = Annotated[Text, Field(max_length=_LONGEST_NAME)]


class _Posted(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class TurnPosted(_Posted):
    """One message of the conversation so far."""

    role: Literal["user", "assistant"]
    content: Text = Field(max_length=LONGEST_TURN)


class _Asked(_Posted):
    """A question, and the articles that it may be answered from."""

    question: Text = Field(
        min_length=1, max_length=LONGEST_QUESTION, description="In Chinese or English.",
        examples=["桐乡一年涉及多少补偿资金？"],
    )  # fmt: skip
    since: Day | None = Field(None, description="First day, as `2023-05-01`.")
    until: Day | None = Field(None, description="Last day, itself included.")
    paper: Name | None = Field(None, description="Name of a newspaper.")
    place: Name | None = Field(None, description="A place that the dateline names.")
    byline: Name | None = Field(None, description="A name that the by-line holds.")

    @property
    def where(self) -> Filter:
        """The filter; an empty field is none."""
        return Filter(self.since, self.until, self.paper or None, self.place or None, self.byline or None)


class AskPosted(_Asked):
    """A question to be answered."""

    history: list[TurnPosted] = Field(
        [], max_length=MOST_TURNS, description="The conversation before it, the oldest first; nothing of it is kept."
    )
    stream: bool = Field(False, description="Answer as server-sent events; `Accept: text/event-stream` does the same.")
    write: bool = Field(True, description="Whether a language model may write the answer, where one is configured.")

    @property
    def turns(self) -> tuple[Turn, ...]:
        """The conversation as the bot reads it."""
        return tuple(turn_of(turn.role, turn.content) for turn in self.history)


class SearchPosted(_Asked):
    """A question whose passages are looked for."""

    k: int = Field(10, ge=1, le=MOST_HITS, description="How many passages.")


def turn_of(role: Literal["user", "assistant"], content: str) -> Turn:
    """A turn, no longer than is ever read of one."""
    return Turn(role, content[: LONGEST_QUESTION if role == "user" else LONGEST_TURN])
