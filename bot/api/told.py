"""What the API answers, as its document describes it: the JSON of the commands, and OpenAI's with a field of ours.

Models that document; the handlers write the very records that the commands print, and a test holds the two together.
"""

from __future__ import annotations

from datetime import date as Date  # noqa: N812 - as in models
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.models import FoundBy, Part, Reason


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PointerTold(_Told):
    """Another article."""

    article_id: str
    title: str | None
    paper: str | None
    date: Date | None
    page: str | None


class SentenceTold(_Told):
    """A sentence of an answer, the numbers of its citations, and whether these bear it out."""

    text: str
    citations: list[int]
    supported: bool
    missing: list[str] = Field(description="What no cited passage has.")
    lead: str = Field("", description="Words of ours before it.")


class CitationTold(_Told):
    """Where a sentence stands: `quote` is `start`..`end` of the article's `part`, character for character."""

    n: int
    article_id: str
    source_id: str | None
    part: Part
    title: str | None
    paper: str | None
    date: Date | None
    page: str | None
    quote: str
    start: int
    end: int
    also: list[PointerTold] = Field([], description="Other papers that print it.")
    corrected_by: list[PointerTold] = Field([], description="Notices that take something of the article back.")
    changed: bool = Field(False, description="The article had another text earlier.")


class PassageTold(_Told):
    """Text that the answer was chosen from."""

    n: int
    chunk_id: str
    article_id: str
    score: float
    text: str


class NearestTold(_Told):
    """An article that a refusal names."""

    article_id: str
    title: str
    paper: str | None
    date: Date | None
    says: str


class UsageTold(_Told):
    """What a model took: null where it does not count."""

    input_tokens: int | None
    output_tokens: int | None
    seconds: float


class AnswerTold(_Told):
    """An answer, as `python -m bot ask --json` prints it; a refusal is one too."""

    question: str
    standalone: str = Field(description="The question as it was understood.")
    answer: str = Field(description="The text, with marks like [1].")
    refused: bool
    reason: Reason | None
    sentences: list[SentenceTold]
    citations: list[CitationTold]
    passages: list[PassageTold]
    model: str | None = Field(description="Who wrote it; null for the newspaper's own sentences.")
    took_ms: float
    note: str = Field("", description="Why a model failed.")
    usage: UsageTold | None = None
    missing: list[str] = Field([], description="Parts of the question that the newspaper does not tell.")
    nearest: list[NearestTold] = []


class HitTold(_Told):
    """A passage that was found; the higher the score, the better."""

    rank: int
    score: float
    found_by: list[FoundBy]
    chunk_id: str
    article_id: str
    source_id: str | None
    title: str | None
    paper: str | None
    date: Date | None
    page: str | None
    text: str
    reranked: float | None = None


class HitsTold(_Told):
    """What was found, best first, as `python -m bot search --json` prints it."""

    question: str
    hits: list[HitTold]
    took_ms: float


class SubheadTold(_Told):
    """A sub-headline before a paragraph, counted from 0."""

    text: str
    paragraph: int


class VersionTold(_Told):
    """A version of the article."""

    version_id: str
    superseded_by: str | None
    withdrawn: Date | None


class ArticleTold(_Told):
    """An article, as `python -m ingest show --json` prints it, without what belongs to the machine that keeps it."""

    article_id: str
    version_id: str
    source_id: str | None
    title: str | None
    subtitle: str | None
    kicker: str | None
    byline: str | None
    dateline: str | None
    place: str | None
    paper: str | None
    date: Date | None
    page: str | None
    sample: bool
    superseded_by: str | None
    withdrawn: Date | None
    text: str
    starts_mid: bool
    continued_from: str | None
    continued_to: str | None
    url: str | None
    subheads: list[SubheadTold]
    linked: list[str] = Field(description="Articles that are parts of it on other pages.")
    same_story: list[PointerTold]
    versions: list[VersionTold]
    corrected_by: list[PointerTold]
    corrects: list[PointerTold]


class WenBaoTold(_Told):
    """Ours in OpenAI's answer: everything that `/api/ask` says beside text, passages and tokens."""

    standalone: str
    refused: bool
    reason: Reason | None
    sentences: list[SentenceTold]
    citations: list[CitationTold]
    model: str | None
    took_ms: float
    note: str = ""
    missing: list[str] = []
    nearest: list[NearestTold] = []


class MessageTold(_Told):
    """What the bot says, its sources as footnotes."""

    role: Literal["assistant"]
    content: str
    wenbao: WenBaoTold


class ChoiceTold(_Told):
    """The one answer."""

    index: int
    message: MessageTold
    finish_reason: Literal["stop"]
    logprobs: None


class TokensTold(_Told):
    """Tokens of the language model; zeros where none wrote, or where it counts none."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class CompletionTold(_Told):
    """An answer as OpenAI's clients read it."""

    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[ChoiceTold]
    usage: TokensTold


class ModelTold(_Told):
    """Something that answers."""

    id: str
    object: Literal["model"]
    created: int
    owned_by: str


class ModelsTold(_Told):
    """All that answer."""

    object: Literal["list"]
    data: list[ModelTold]
