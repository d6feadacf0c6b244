"""Datelines: what stands before the news (本报嘉善5月10日电, 【新华社北京三日电】, 本报讯).

In: a paragraph's text, in simplified or traditional characters. Out: the dateline as printed, its place, its day, the
byline in brackets behind it. It knows the habits of all decades and nothing of the page around.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date as Date  # noqa: N812 - a field is called `date`, which would shadow the type

from ingest.bylines import byline_in_brackets, byline_in_sentence
from ingest.numerals import DIGIT, HAN, make_date, read_number
from ingest.simplified import simplify

_DAY = rf"(?:(?:[{DIGIT}]{{4}}\s?年\s?)?[{DIGIT}]{{1,3}}\s?月\s?)?[{DIGIT}]{{1,3}}\s?日"
# A paper, an agency or a site: its name ends in one of a few words.
_NAMED = "通讯社|社|日报|晚报|晨报|早报|时报|商报|都市报|报|电台|客户端|网|新闻|之家"
_AGENCY = rf"(?:本报|本刊|本社|本网|本台|(?:[{HAN}A-Za-z]{{1,9}}?(?:{_NAMED})))"
_SAID = "(?:讯|电|消息|报道)"
_DATELINE = re.compile(
    rf"(?P<open>[【\[〔（(])?\s*(?P<line>(?:综合)?据?(?P<agency>{_AGENCY}(?:[\s·、/-]*{_AGENCY})?)\s*"
    rf"(?:(?P<place>[{HAN}·、]{{0,12}}?)\s*(?P<day>{_DAY})[夜晚晨午]?\s*(?:专|急|综合)?{_SAID}"
    rf"|(?P<where>[{HAN}·]{{0,8}}?)(?:专|综合)?{_SAID}(?=[\s（(【】\]〕）:：,，“「]|记者|通讯员|实习|据|$)"
    r"|(?:(?<=本[报网刊台])|(?<=新华社))讯))"
)
_LONGEST = 160  # characters from the start of a paragraph in which a dateline ends
_LATE = 7  # days that a dateline may lie after its page (a slip of the pen); more says the year before


@dataclass(frozen=True, slots=True)
class Dateline:
    """A dateline at the start of a paragraph: `text` as printed, `place` and `day` (as printed) where it names them.

    `byline` is the one in or behind it; `end` is where the news begins.
    """

    text: str
    place: str | None
    day: str | None
    byline: str | None
    end: int


def find_dateline(paragraph: str) -> Dateline | None:
    """Read the dateline that `paragraph` begins with, if it does."""
    head = paragraph[:_LONGEST]
    match = _DATELINE.match(simplify(head))
    if match is None:
        return None
    end, byline = match.end(), None
    if match["open"]:
        close = re.match(r"([^】\]〕）)]{0,40})[】\]〕）)]", head[end:])
        if close is None:
            return None
        byline, end = close[1].strip() or None, end + close.end()
    found = byline_in_brackets(head, end) or byline_in_sentence(head, end)
    if found:
        byline, end = found
    line, place, where, day = (head[match.start(n) : match.end(n)] for n in ("line", "place", "where", "day"))
    return Dateline(line.strip(), place or where or None, day or None, byline, end)


def dateline_day(day: str | None, issued: Date | None) -> Date | None:
    """The date of a dateline's `day` on a page of `issued`; None where the year is not known.

    A dateline lies before its page: 12月31日 on a page of 1 January is the year before, 30日 on the 1st the month
    before.
    """
    if day is None:
        return None
    parts = [read_number(p) for p in re.split(r"\s?[年月日]\s?", day) if p]
    if len(parts) == 3:
        return make_date(*parts)
    if issued is None:
        return None
    if len(parts) == 2:
        found = make_date(issued.year, *parts)
        late = found is not None and (found - issued).days > _LATE
        return make_date(issued.year - 1, *parts) if late or found is None else found
    if parts[0] is not None and parts[0] > issued.day + 1:
        year, month = (issued.year, issued.month - 1) if issued.month > 1 else (issued.year - 1, 12)
        return make_date(year, month, parts[0])
    return make_date(issued.year, issued.month, parts[0])
