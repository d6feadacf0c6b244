"""An article with all that the archive knows of it as one record, and back: what `export` writes and `add` reads.

In: stored articles, or the fields of a JSON line. Out: the fields, or the article under its old names. A record that
was changed since is refused: its version id no longer follows from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date as Date  # noqa: N812 - as in models
from typing import Any

from ingest.identity import version_id
from ingest.models import Article, ByHand, Carried, Override, Span, StoredArticle, Subhead

CARRIED = "wenbao"  # the field that only an export has
_OWN = ("title", "paper", "page", "place", "byline", "url")  # what any record may have, beside id, date and text
_HEADS = ("subtitle", "kicker", "dateline", "continued_from", "continued_to")
_SET = ("paper", "page", "place", "byline")  # what may be set by hand, beside the date
_CHANGED = f'changed since it was exported; take out the field "{CARRIED}" to add it as an article of its own'


def exported_record(article: StoredArticle, by_hand: ByHand | None = None) -> dict[str, object]:
    """The fields of a version: those of any record, and under CARRIED what else is known; what is empty is left out.

    `by_hand` is what was set for the article; its last version tells it.
    """
    carried = {
        "article_id": article.article_id,
        "version_id": article.version_id,
        "superseded_by": article.superseded_by,
        "withdrawn": article.withdrawn.isoformat() if article.withdrawn else None,
        "set": _set(by_hand) if by_hand and article.superseded_by is None else None,
        "extra": [list(pair) for pair in article.extra],
        **{name: getattr(article, name) for name in _HEADS},
        "subheads": [[each.text, each.paragraph] for each in article.subheads],
        "starts_mid": article.starts_mid,
        "file": article.file,
        "file_start": article.file_start,
        "file_end": article.file_end,
        "file_spans": [[span.start, span.source, span.length] for span in article.file_spans],
    }
    record = {
        "id": article.source_id,
        "date": article.date.isoformat() if article.date else None,
        **{name: getattr(article, name) for name in _OWN},
        "text": article.text,
    }
    return {**_without_empty(record), CARRIED: _without_empty(carried)}


def exported_article(fields: Mapping[str, Any]) -> Article:
    """The article that `exported_record` made these fields of, every character as it was. Raises ValueError."""
    carried = fields[CARRIED]
    if not isinstance(carried, dict):
        raise ValueError(f'"{CARRIED}" is no object; take it out')  # noqa: TRY004 - of a record, every fault is a ValueError
    try:
        day = _day(fields.get("date"))
        text = _text(fields["text"])
        article = Article(
            paragraphs=tuple(text.split("\n")),
            start=int(carried["file_start"]),
            end=int(carried["file_end"]),
            file_spans=_spans(carried.get("file_spans", ()), len(text)),
            date=day,
            issued=day,
            starts_mid=carried.get("starts_mid") is True,
            subheads=tuple(Subhead(_text(said), int(paragraph)) for said, paragraph in carried.get("subheads", ())),
            record_id=_optional(fields, "id"),
            extra=tuple((_text(name), _text(value)) for name, value in carried.get("extra", ())),
            **{name: _optional(fields, name) for name in _OWN},
            **{name: _optional(carried, name) for name in _HEADS},
            carried=Carried(
                _text(carried["article_id"]),
                _text(carried["version_id"]),
                _optional(carried, "superseded_by"),
                _text(carried["file"]),
                _day(carried.get("withdrawn")),
                _by_hand(carried["set"]) if carried.get("set") else None,
            ),
        )
    except (KeyError, TypeError, ValueError) as e:
        raise ValueError(_CHANGED) from e
    if not article.carried or version_id(article.carried.article_id, article) != article.carried.version_id:
        raise ValueError(_CHANGED)
    return article


def _set(by_hand: ByHand) -> dict[str, object]:
    better = by_hand.override
    day = better.date.isoformat() if better.date else None
    return _without_empty({"alias": by_hand.alias, "date": day, **{name: getattr(better, name) for name in _SET}})


def _by_hand(said: Mapping[str, Any]) -> ByHand:
    if not isinstance(said, dict):
        raise TypeError
    return ByHand(
        Override(_day(said.get("date")), **{name: _optional(said, name) for name in _SET}), _optional(said, "alias")
    )


def _day(said: str | None) -> Date | None:
    return Date.fromisoformat(said) if said else None


def _without_empty(fields: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in fields.items() if value is not None and value is not False and value != []}


def _text(value: object) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise TypeError
    value.encode("utf-8")  # half a character has no place in the catalog
    return value


def _optional(fields: Mapping[str, Any], name: str) -> str | None:
    return None if fields.get(name) is None else _text(fields[name])


def _spans(said: Any, length: int) -> tuple[Span, ...]:  # noqa: ANN401 - whatever stands in the line
    spans = tuple(Span(*map(int, each)) for each in said)
    at = 0
    for span in spans:
        if span.start < at or span.length < 0 or span.source < 0 or span.start + span.length > length:
            raise ValueError
        at = span.start + span.length
    return spans
