"""The filter of the page: what a browser posts of it, checked, and the line that says what is filtered.

In: posted values. Out: a `Filter`, or one line of the page's words that says what is wrong with them; escaped HTML.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date as Date  # noqa: N812 - as in models
from html import escape

from bot.page.texts import Words
from ingest.errors import WenBaoError
from ingest.models import Filter

LONGEST = 60  # characters of a paper's, place's or person's name that are read


class BadFilter(WenBaoError):
    """A filter that says no days or no name; the message is in the page's language."""


def read_filter(posted: Sequence[object], words: Words) -> Filter:
    """First day, last day, paper, place, by-line as posted, "" or None for any. Raises BadFilter."""
    since, until, paper, place, byline = (_plain(value) for value in posted)
    where = Filter(_day(since, words), _day(until, words), paper, place, byline)
    if where.since and where.until and where.since > where.until:
        raise BadFilter(words.days_swapped)
    return where


def filter_html(where: Filter, words: Words) -> str:
    """What is filtered, in one line; nothing for an empty filter."""
    if not where:
        return ""
    names = (where.paper, words.paper), (where.place, words.only_place), (where.byline, words.only_byline)
    parts = [_days(where, words), *(text.format(name) for name, text in names if name)]
    return f"<p>{escape(words.filtered.format(' · '.join(filter(None, parts))))}</p>"


def problem_html(problem: BadFilter) -> str:
    """What is wrong, where the line of the filter stands."""
    return f'<p role="alert">{escape(str(problem))}</p>'


def _days(where: Filter, words: Words) -> str:
    if where.since and where.until:
        return " — ".join(dict.fromkeys(words.day(day) for day in (where.since, where.until)))
    if where.since:
        return words.only_since.format(words.day(where.since))
    return words.only_until.format(words.day(where.until)) if where.until else ""


def _plain(posted: object) -> str | None:
    """Posted text without what no text can carry; None where there is nothing in it."""
    if not isinstance(posted, str):
        return None
    return posted[:LONGEST].encode("utf-8", "ignore").decode("utf-8").strip() or None


def _day(text: str | None, words: Words) -> Date | None:
    try:
        return Date.fromisoformat(text) if text else None
    except ValueError as e:
        raise BadFilter(words.bad_day.format(day=text)) from e
