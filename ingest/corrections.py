"""更正 and 勘误: whether an article takes something back, what it names, and which article that is.

In: a notice, the articles of the issue that it names. Out: the one that it corrects, or None: it links only where that
is clear. It knows no catalog (catalog_corrections.py does) and writes no answer (bot/versions.py does).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date as Date  # noqa: N812 - as in models
from typing import TypeVar

from ingest.days import find_days
from ingest.frequencies import rarity
from ingest.identity import squeeze
from ingest.numerals import page_number
from ingest.terms import fold, tagged_words

_WORDS = ("更正", "勘误", "来函照登", "特此致歉")
_CORRECTS = re.compile("|".join(_WORDS))
_CORRECTED = re.compile(
    r"更正(?:如下|为|[：:]|启事|说明|公告)|[作做]出(?:如下)?更正|特此更正|勘误|误(?:为|写|植|作)|(?:此前|原)报道.{0,12}有误|"
    r"一文中.{0,40}(?:有误|应为)|(?:报|网|刊)\d{1,2}月\d{1,2}日.{0,40}(?:有误|写错|系)"
)
_HEADLINE = re.compile("(?:更正|勘误)(?:启事|声明|说明|公告|表|与?说明|[与及和并]?致歉)?|致歉(?:声明|启事)?")
_SENTENCE = re.compile("[^。；;！!\n]+")
_TITLE = re.compile("《([^《》]{2,60})》")
_PAGE = re.compile("第?\\s*([A-Za-zＡ-Ｚａ-ｚ]?[0-9０-９〇零一二三四五六七八九十]{1,3})\\s*版")
_PAPER = re.compile("[报刊网]")
_QUOTED = re.compile("[“「『]([^“”「」『』]{2,40})[”」』]")
# Likeness of a headline to the one that is cited: newspapers shorten what they cite. Where no day is named, many
# headlines are looked through.
_LIKE, _LIKE_OF_MANY = 0.6, 0.9
_AHEAD = 0.15  # that the best headline is ahead of the next
_PART = 4  # characters of a headline that is a piece of the other
_QUOTE_WORTH = 3  # shared words that one quotation from the article is as good as
_SURE, _TIMES = 2, 2  # shared words of an article that nobody names by its headline, times those of the next
_RARE = 5.0  # rarity (nats) from which on a word tells one article from another

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Named:
    """What a notice says of the article that it corrects, as far as it does."""

    day: Date | None
    page: str | None
    title: str | None


@dataclass(frozen=True, slots=True)
class Suspect:
    """An article that may be the one."""

    article_id: str
    title: str | None
    page: str | None
    text: str


def is_correction(title: str | None, text: str) -> bool:
    """Whether a paper takes back here what it printed."""
    if title and _HEADLINE.fullmatch(squeeze(title)):
        return True
    if not (any(word in text for word in _WORDS) or (title and _CORRECTS.search(fold(title)))):
        return False
    return _CORRECTED.search(fold(text)) is not None


def named_in(text: str, issued: Date | None) -> list[Named]:
    """Every article that a notice of the day `issued` names, by day, page or headline; 昨日 and years are resolved."""
    titled: list[Named] = []
    placed: list[Named] = []
    for sentence in _SENTENCE.finditer(text):
        said = sentence[0]
        days = _days(said, issued)
        pages = [(one.start(), page_number(one[1])) for one in _PAGE.finditer(said)]
        for title in _TITLE.finditer(said):
            day, page = _nearest(days, title.start()), _nearest(pages, title.start())
            if titled and not (days or pages):  # 同日…《…》: what the sentence before said goes on
                day, page = titled[-1].day, titled[-1].page
            titled.append(Named(day, page, title[1]))
        if days and (pages or _PAPER.search(said)):
            placed.append(Named(days[0][1], pages[0][1] if pages else None, None))
    return list(dict.fromkeys(titled or placed))


def _days(said: str, issued: Date | None) -> list[tuple[int, Date]]:
    """The single days that a sentence tells of, each with its place."""
    found = find_days(said, issued, asks=True) if issued else []
    return [(one.start, one.days.first) for one in found if one.days.days == 1]


def _nearest(marks: Sequence[tuple[int, T]], at: int) -> T | None:
    """What stands last before `at`, else first after it."""
    before = [value for place, value in marks if place < at]
    return before[-1] if before else next((value for _, value in marks), None)


def corrected(named: Named, notice: str, suspects: Sequence[Suspect]) -> str | None:
    """The id of the one of `suspects`, articles of the day that is named, that a notice's text corrects."""
    if named.title:
        return _by_title(named, suspects)
    here = [one for one in suspects if named.page and one.page and page_number(one.page) == named.page]
    return _by_names(notice, here or ([] if named.page else suspects), alone=bool(here))


def title_likeness(one: str, other: str) -> float:
    """How likely two headlines are one, 0 to 1: cited headlines are cut and lose their punctuation."""
    short, long = sorted(("".join(c for c in squeeze(text) if c.isalnum()) for text in (one, other)), key=len)
    if short == long:
        return 1.0
    if len(short) >= _PART and short in long:
        return 0.9
    pairs, others = ({text[i : i + 2] for i in range(len(text) - 1)} for text in (short, long))
    return 0.9 * len(pairs & others) / max(1, len(pairs))


def _by_title(named: Named, suspects: Sequence[Suspect]) -> str | None:
    title = named.title or ""
    scored = sorted(((title_likeness(title, one.title or ""), one) for one in suspects), key=lambda pair: -pair[0])
    if not scored or scored[0][0] < (_LIKE if named.day else _LIKE_OF_MANY):
        return None
    near = [one for score, one in scored if score > scored[0][0] - _AHEAD]
    if len(near) > 1 and named.page:
        near = [one for one in near if one.page and page_number(one.page) == named.page]
    return near[0].article_id if len(near) == 1 else None


def _by_names(notice: str, suspects: Sequence[Suspect], *, alone: bool) -> str | None:
    """The suspect that clearly shares most rare words with the notice, or holds the words that it quotes."""
    names, quoted = _telling(notice), {squeeze(one) for one in _QUOTED.findall(notice)}

    def shared(one: Suspect) -> int:
        text = squeeze((one.title or "") + one.text)
        return sum(name in text for name in names) + _QUOTE_WORTH * sum(each in text for each in quoted)

    scored = sorted(((shared(one), one.article_id) for one in suspects), reverse=True)
    if not scored:
        return None
    best, rest = scored[0], [score for score, _ in scored[1:]]
    enough = 1 if alone and not rest else _SURE
    return best[1] if best[0] >= enough and best[0] >= _TIMES * max(rest, default=0) else None


def _telling(text: str) -> frozenset[str]:
    """Rare words, names among them."""
    words = {word.text for word in tagged_words(squeeze(text)) if len(word.text) > 1}
    return frozenset(word for word in words if rarity(word) >= _RARE)
