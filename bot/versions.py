"""Articles that tell the same story otherwise: two papers that differ on a number or a day, a paper that corrects itself.

In: a question read, its evidence, the sentence that answers it best. Out: the sentences that belong together, each with
words of ours before it: which paper, which day, corrected or not. It is silent where in doubt: two stories that are
alike are no disagreement.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.evidence import Evidence
from bot.extractive import Told
from bot.pieces import squeeze
from bot.quantities import find_quantities
from bot.question import Asked, Kind
from bot.units import UNIT, unit_of
from ingest.frequencies import rarity
from ingest.models import StoredArticle
from ingest.terms import fold, tagged_words

_CORRECTS = re.compile("更正|勘误|来函照登|特此致歉")
_CORRECTED = re.compile(
    r"更正(?:如下|为|[：:]|启事|说明|公告)|[作做]出(?:如下)?更正|特此更正|勘误|误(?:为|写|植|作)|(?:此前|原)报道.{0,12}有误|"
    r"一文中.{0,40}(?:有误|应为)|(?:报|网|刊)\d{1,2}月\d{1,2}日.{0,40}(?:有误|写错|系)"
)
_RIGHT = re.compile("应为|应是|更正[为：:]|改为|实际|核实|核对|核查")
_WRONG_FIRST = re.compile(r"^.*?(?:有误|错误|写错)[^，,。]{0,4}[，,。]\s*")
_RUNNING = re.compile("截至|累计|已有|目前|共有|已经|迄今|至今|第[一二三四五六七八九十0-9]+[次批期场]")
_KINDS: tuple[Kind, ...] = ("number", "date")  # what two papers can be seen to differ on
_DAY = re.compile(r"(?:(?:\d{4}|今|明|去)年)?(\d{1,2})月(\d{1,2})[日号]")
_DATES = re.compile(r"\d{4}年|\d{1,2}月(?:\d{1,2}[日号])?|\d{1,2}[日号]")
_ASKS_DAY, _ASKS_HOUR = re.compile("哪一?天|几月|几号|几日|什么时候|何时|日期|什么时间"), re.compile("几[点时]")
_DAYS_APART = 3  # issues further apart tell of another state of things
_CORRECTED_WITHIN = 120  # days in which a paper corrects itself
_ALIKE, _SURE = 3, 5.0  # names and rare words (nats) that two articles share if they tell one story
_NEAR = 0.6  # share of what the best sentence has of the question that the other one has to have too
_SCORE = 0.15  # and of its likelihood
_REACH = 40  # characters between a word of the question and the value that it is about
_NAMES = frozenset("nr ns nt nz nrt".split())


@dataclass(frozen=True, slots=True)
class _Value:
    """What a sentence gives for what is asked: `said` compares it, `at` is its place in the squeezed sentence."""

    said: str
    unit: str
    at: int


def told_otherwise(asked: Asked, evidence: Sequence[Evidence], best: Evidence, chinese: bool) -> list[Told]:
    """The correction before what it corrects, or `best` and another paper's sentence that differs; [] mostly."""
    return _corrected(asked, evidence, best, chinese) or _differing(asked, evidence, best, chinese)


def _corrected(asked: Asked, evidence: Sequence[Evidence], best: Evidence, chinese: bool) -> list[Told]:
    corrections = [
        one
        for one in evidence
        if one.part == "text" and is_correction(one.article) and one.score >= _SCORE * best.score and _bears(one, best)
    ]
    right = max(corrections, key=lambda one: (bool(_values(asked, one.text)), bool(_RIGHT.search(one.text)), one.score), default=None)
    if right is None or not _follows(right.article, best.article):
        return []
    lead = f"已更正（{_issue(right.article)}）：" if chinese else f"Corrected ({_issue(right.article)}): "
    told = [Told(right, _right_part(asked, right.text), lead)]
    old = next((one for one in evidence if one.part == "text" and _is_older(one, right, asked) and _bears(one, best)), None)
    if old:
        before = f"更正前（{_issue(old.article)}）：" if chinese else f"Before the correction ({_issue(old.article)}): "
        told.append(Told(old, old.text, before))
    return told


def is_correction(article: StoredArticle) -> bool:
    """Whether a paper takes back there what it printed."""
    title = fold(article.title or "")
    return bool(_CORRECTED.search(fold(article.text)) and (_CORRECTS.search(title) or _CORRECTS.search(article.text)))


def _follows(correction: StoredArticle, best: StoredArticle) -> bool:
    """Whether a correction is of the best sentence's article, or holds the best sentence itself."""
    return correction.version_id == best.version_id or _same_story(correction, best, _CORRECTED_WITHIN)


def _is_older(one: Evidence, right: Evidence, asked: Asked) -> bool:
    if one.article.version_id == right.article.version_id or is_correction(one.article):
        return False
    if one.article.date and right.article.date and one.article.date > right.article.date:
        return False
    wanted = asked.kind not in _KINDS or bool(_values(asked, one.text))
    return wanted and _same_story(one.article, right.article, _CORRECTED_WITHIN)


def _right_part(asked: Asked, text: str) -> str:
    """A correction's sentence without its beginning that repeats the mistake."""
    wrong = _WRONG_FIRST.match(text)
    rest = text[wrong.end() :] if wrong else ""
    return rest if rest and (asked.kind not in _KINDS or _values(asked, rest)) else text


def _differing(asked: Asked, evidence: Sequence[Evidence], best: Evidence, chinese: bool) -> list[Told]:
    if asked.kind not in _KINDS or best.part != "text":
        return []
    mine = _nearest_value(asked, best.text)
    if mine is None or _RUNNING.search(best.text):
        return []
    for other in evidence:
        if other.part == "text" and _bears(other, best) and other.score >= _SCORE * best.score and _differs(asked, mine, best, other):
            if chinese:
                leads = (f"{_issue(best.article)}：", f"另一报道（{_issue(other.article)}）：")
            else:
                leads = (f"{_issue(best.article)}: ", f"Another report ({_issue(other.article)}): ")
            return [Told(best, best.text, leads[0]), Told(other, other.text, leads[1])]
    return []


def _differs(asked: Asked, mine: _Value, best: Evidence, other: Evidence) -> bool:
    """Whether `other`, of another article on the same story, gives another value of the same unit for what is asked."""
    if other.article.article_id == best.article.article_id or _RUNNING.search(other.text):
        return False
    theirs = _nearest_value(asked, other.text, mine.unit)
    if theirs is None or theirs.said == mine.said:
        return False
    if mine.said in {v.said for v in _values(asked, other.article.text)}:
        return False
    if theirs.said in {v.said for v in _values(asked, best.article.text)}:
        return False
    return _same_story(best.article, other.article, _DAYS_APART)


def _bears(one: Evidence, best: Evidence) -> bool:
    return one.marks.near >= _NEAR * best.marks.near


def _same_story(one: StoredArticle, other: StoredArticle, days: int) -> bool:
    if one.date and other.date and abs((one.date - other.date).days) > days:
        return False
    return len(_telling(one) & _telling(other)) >= _ALIKE


def _telling(article: StoredArticle) -> frozenset[str]:
    """Names and rare words of an article."""
    words = tagged_words(squeeze((article.title or "") + "。" + article.text[:3_000]))
    return frozenset(
        word.text
        for word in words
        if len(word.text) > 1 and not any(c.isdigit() for c in word.text)
        and ((word.tag in _NAMES or word.tag.startswith("n")) and rarity(word.text) >= _SURE)
    )


def _nearest_value(asked: Asked, text: str, unit: str | None = None) -> _Value | None:
    """The value that stands nearest to the question's words; None where none is near, or two are as near."""
    folded = squeeze(text)
    values = [v for v in _values(asked, text) if unit is None or v.unit == unit]
    at = [found.start() for word in asked.words for found in re.finditer(re.escape(word.text), folded)]
    if not values:
        return None
    if len({v.said for v in values}) == 1:
        return values[0]
    gaps = sorted(((min((abs(v.at - a) for a in at), default=_REACH), v) for v in values), key=lambda pair: pair[0])
    return gaps[0][1] if gaps[0][0] < _REACH else None


def _values(asked: Asked, text: str) -> list[_Value]:
    folded = squeeze(text)
    if asked.kind == "date":
        return _moments(asked, folded)
    if asked.kind != "number":
        return []
    wanted = _units(asked)
    days = [found.span() for found in _DATES.finditer(folded)]
    return [
        _Value(f"{one.value}{one.unit}", one.unit, one.start)
        for one in find_quantities(folded, tagged_words(folded), days)
        if one.unit and one.unit not in ("code", "clock") and not one.unit.startswith("第") and (not wanted or one.unit in wanted)
    ]


def _moments(asked: Asked, folded: str) -> list[_Value]:
    asks = fold(asked.text)
    if _ASKS_HOUR.search(asks):
        clocks = (one for one in find_quantities(folded, tagged_words(folded)) if one.unit == "clock")
        loose = re.finditer(r"(?<!\d)(\d{1,2})[时点](?!\d)", folded)
        return [_Value(f"{one.value}", "clock", one.start) for one in clocks] or [
            _Value(f"{int(one[1]) * 60}", "clock", one.start()) for one in loose
        ]
    if not _ASKS_DAY.search(asks):
        return []
    return [_Value(f"{int(one[1])}-{int(one[2])}", "day", one.start()) for one in _DAY.finditer(folded)]


def _units(asked: Asked) -> frozenset[str]:
    if re.search("几个人|多少人|几人", asked.text):
        return frozenset({unit_of("人")[0]})
    return frozenset(unit_of(unit)[0] for unit in asked.units if UNIT.fullmatch(unit))


def _issue(article: StoredArticle) -> str:
    """The day and the paper, as far as they are known."""
    day = article.date.isoformat() if article.date else ""
    return f"{day}{f'《{article.paper}》' if article.paper else ''}" or (article.title or article.article_id)
