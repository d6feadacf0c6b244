"""The fields of a record, under their English or Chinese names, into an article.

In: one record's fields (of a JSON line, of a row of a table). Out: the article, or the reason why it is none. What has
another name is kept beside the article as `extra`. It opens no file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import date as Date  # noqa: N812 - as in models
from typing import Any

from ingest.models import Article

LONGEST_TEXT = 300_000  # characters of one article, here and on pages: a newspaper's have a few thousand
LONGEST_EXTRA = (
    2_000  # characters of a value that is kept beside an article; longer ones are some other rendering of it
)
MOST_EXTRA = 50  # such values
_NAMES = {
    "text": ("text", "正文", "内容", "全文", "文本"),
    "title": ("title", "标题", "题目", "headline"),
    "date": ("date", "日期", "发布日期", "见报日期", "出版日期", "时间"),
    "paper": ("paper", "报纸", "报名", "报刊", "来源报纸"),
    "page": ("page", "版面", "版次", "版"),
    "place": ("place", "地点"),
    "byline": ("byline", "作者", "记者", "署名", "author"),
    "url": ("url", "链接", "网址", "link"),
    "id": ("id", "编号"),
}
_FIELD = {name: field for field, names in _NAMES.items() for name in names}
_DAY = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})(?!\d)")


def has_text(names: Iterable[str]) -> bool:
    """Whether one of a table's columns is the text."""
    return any(_FIELD.get(name.strip().lower()) == "text" for name in names)


def article_of(fields: object, start: int, end: int) -> Article | str:
    """The article that `fields`, an object read at `start`..`end` of its file, tells; or why it tells none."""
    if not isinstance(fields, dict):
        return 'no object with a string "text"'
    own, others = _sorted(fields)
    text = own.get("text")
    if not isinstance(text, str):
        return 'no object with a string "text"'
    if "\0" in text:
        return 'a NUL character in "text"'
    if len(text) > LONGEST_TEXT:
        length = f"{len(text):,} characters long, an article has {LONGEST_TEXT:,} at most"
        return f'"text" is {length}; split it into records of one article each'
    paragraphs = paragraphs_in(text)
    if not paragraphs:
        return 'an empty "text"'
    try:
        day = day_in(_string(own, "date"))
    except ValueError as e:
        return f'"date" is {e}, not a day such as 2023-05-11'
    return Article(
        title=_string(own, "title"),
        paragraphs=paragraphs,
        start=start,
        end=end,
        byline=_string(own, "byline"),
        place=_string(own, "place"),
        date=day,
        issued=day,
        paper=_string(own, "paper"),
        page=_string(own, "page"),
        record_id=_string(own, "id"),
        url=_string(own, "url"),
        extra=_extra(others),
    )


def clean(text: str) -> str:
    """Half of a surrogate pair, and in a title NUL, can stand in JSON, but in no file, no SQLite text and no index."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "").strip()


def paragraphs_in(text: str) -> tuple[str, ...]:
    """The lines of `text` that hold anything."""
    return tuple(filter(None, (clean(part) for part in text.splitlines())))


def day_in(said: str | None) -> Date | None:
    """A day in any usual writing, with or without a time after it. Raises ValueError with what was said instead."""
    if said is None:
        return None
    found = _DAY.match(said)
    try:
        return Date(*map(int, found.groups())) if found else _not_a_day(said)
    except ValueError:
        return _not_a_day(said)


def _not_a_day(said: str) -> Date:
    raise ValueError(repr(said[:40]))


def _sorted(fields: Mapping[Any, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What an article has, by our names, and all else. Of two columns that mean the same, the first that says it."""
    own: dict[str, Any] = {}
    others: dict[str, Any] = {}
    for name, value in fields.items():
        field = _FIELD.get(str(name).strip().lower())
        if field is None:
            others[str(name)] = value
        elif own.get(field) in (None, ""):
            own[field] = value
    return own, others


def _string(fields: Mapping[str, Any], name: str) -> str | None:
    value = fields.get(name)
    if value is None or isinstance(value, (dict, list, bool)):
        return None
    return " ".join(clean(str(value)).split()) or None


def _extra(others: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    kept: list[tuple[str, str]] = []
    for key, value in others.items():
        said = value if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False)
        name, said = clean(key)[:100], clean(said)
        if name and said and len(said) <= LONGEST_EXTRA and len(kept) < MOST_EXTRA and name not in dict(kept):
            kept.append((name, said))
    return tuple(kept)
