"""The JSON of the commands, exactly as design.md fixes it: answers and hits out, batch lines in.

In: answers, hits, a line of a batch. Out: plain values for `json`, or a `BatchLine`. It knows no file and no stream.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from bot.models import Answer, AnswerSentence, Citation, Hit, Passage, Turn
from ingest.errors import BadQuestion
from ingest.models import Filter, Pointer

Text = Annotated[str, StringConstraints(strict=True)]


class _Turn(BaseModel):
    role: str = Field(pattern="^(user|assistant)$")
    content: Text


class _Line(BaseModel):
    """One line of a batch. Other fields are let through: callers keep notes of their own beside a question."""

    model_config = ConfigDict(extra="ignore")
    id: str | int | None = None
    question: Text
    history: list[_Turn] = []
    since: date | None = None
    until: date | None = None
    paper: Text | None = None
    place: Text | None = None
    byline: Text | None = None


@dataclass(frozen=True, slots=True)
class BatchLine:
    """A question of a batch, with the conversation before it and its own filter."""

    question: str
    history: tuple[Turn, ...]
    where: Filter


def line_id(line: bytes) -> object:
    """The `id` of a line that may be broken otherwise; None where there is none."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value.get("id") if isinstance(value, dict) else None


def read_batch_line(line: bytes, default: Filter) -> BatchLine:
    """Read one JSON line; filters that it leaves out come from `default`. Raises BadQuestion, saying what is wrong."""
    try:
        one = _Line.model_validate_json(line)
    except ValidationError as e:
        first = e.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the line"
        raise BadQuestion(f"{where}: {first['msg']}.") from e
    return BatchLine(
        one.question,
        tuple(Turn("user" if t.role == "user" else "assistant", t.content) for t in one.history),
        Filter(
            one.since or default.since,
            one.until or default.until,
            one.paper or default.paper,
            one.place or default.place,
            one.byline or default.byline,
        ),
    )


def answer_record(answer: Answer) -> dict[str, object]:
    """What `bot ask --json` prints."""
    return {
        "question": answer.question,
        "standalone": answer.standalone,
        "answer": answer.text,
        "refused": answer.refused,
        "reason": answer.reason,
        "sentences": [_sentence(s) for s in answer.sentences],
        "citations": [_citation(c) for c in answer.citations],
        "passages": [_passage(p) for p in answer.passages],
        "model": answer.model,
        "took_ms": round(answer.took_ms, 1),
        **_of_model(answer),
        **_of_form(answer),
    }


def hits_record(question: str, hits: Sequence[Hit], took_ms: float) -> dict[str, object]:
    """What `bot search --json` prints."""
    return {"question": question, "hits": [_hit(hit) for hit in hits], "took_ms": round(took_ms, 1)}


def _of_model(answer: Answer) -> dict[str, object]:
    """What is said only where a model was asked: what it took, and why it failed."""
    told: dict[str, object] = {"note": answer.note} if answer.note else {}
    if answer.usage:
        told["usage"] = asdict(answer.usage)
    return told


def _of_form(answer: Answer) -> dict[str, object]:
    """What is said only where there is something to say: parts that are not told, what the nearest articles tell."""
    told: dict[str, object] = {"missing": list(answer.missing)} if answer.missing else {}
    if answer.nearest:
        told["nearest"] = [
            {"article_id": n.article_id, "title": n.title, "paper": n.paper, "date": _day(n.date), "says": n.says}
            for n in answer.nearest
        ]
    return told


def _sentence(s: AnswerSentence) -> dict[str, object]:
    lead = {"lead": s.lead} if s.lead else {}
    told = {"text": s.text, "citations": list(s.citations), "supported": s.supported, "missing": list(s.missing)}
    return {**told, **lead}


def _citation(c: Citation) -> dict[str, object]:
    return {
        "n": c.n,
        "article_id": c.article_id,
        "source_id": c.source_id,
        "part": c.part,
        "title": c.title,
        "paper": c.paper,
        "date": _day(c.date),
        "page": c.page,
        "quote": c.quote,
        "start": c.start,
        "end": c.end,
        **_of_story(c),
    }


def _of_story(c: Citation) -> dict[str, object]:
    """What is said only where there is something to say: other papers with the same, corrections, an earlier text."""
    told: dict[str, object] = {"also": [_pointer(one) for one in c.also]} if c.also else {}
    if c.corrected_by:
        told["corrected_by"] = [_pointer(one) for one in c.corrected_by]
    if c.changed:
        told["changed"] = True
    return told


def _pointer(one: Pointer) -> dict[str, object]:
    return {
        "article_id": one.article_id,
        "title": one.title,
        "paper": one.paper,
        "date": _day(one.date),
        "page": one.page,
    }


def _passage(p: Passage) -> dict[str, object]:
    return {
        "n": p.n,
        "chunk_id": p.chunk_id,
        "article_id": p.article.article_id,
        "score": round(p.score, 4),
        "text": p.text,
    }


def _hit(hit: Hit) -> dict[str, object]:
    a = hit.article
    read = {} if hit.reranked is None else {"reranked": round(hit.reranked, 4)}
    return {
        "rank": hit.rank,
        "score": round(hit.score, 4),
        "found_by": list(hit.found_by),
        "chunk_id": hit.chunk.chunk_id,
        "article_id": a.article_id,
        "source_id": a.source_id,
        "title": a.title,
        "paper": a.paper,
        "date": _day(a.date),
        "page": a.page,
        "text": hit.chunk.text,
        **read,
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
