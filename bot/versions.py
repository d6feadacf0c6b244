"""One story told otherwise: two papers that differ on a number or a day, a paper that corrects itself.

In: a question read, its evidence, the sentence that answers it best. Out: the sentences that belong together, each with
words of ours before it: which paper, which day, corrected or not. It is silent where in doubt: two stories that are
alike are no disagreement.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from bot.evidence import Evidence
from bot.extractive import Told
from bot.pieces import squeeze
from bot.quantities import find_quantities
from bot.question import Asked, Kind
from bot.signs import is_known_place
from bot.units import UNIT, unit_of
from ingest.corrections import is_correction
from ingest.frequencies import rarity
from ingest.models import Pointer, StoredArticle
from ingest.terms import fold, tagged_words

_RIGHT = re.compile("应为|应是|更正[为：:]|改为|实际|核实|核对|核查")
_WRONG_FIRST = re.compile(r"^.*?(?:有误|错误|写错|取消|作废|不实)[^，,。]{0,4}[，,。]\s*")
_RUNNING = re.compile("截至|累计|已有|目前|共有|已经|迄今|至今|第[一二三四五六七八九十0-9]+[次批期场]")
_KINDS: tuple[Kind, ...] = ("number", "date")  # what two papers can be seen to differ on
_DAY = re.compile(r"(?:(?:\d{4}|今|明|去)年)?(\d{1,2})月(\d{1,2})[日号]")
_DATES = re.compile(r"\d{4}年|\d{1,2}月(?:\d{1,2}[日号])?|\d{1,2}[日号]")
_ASKS_DAY, _ASKS_HOUR = re.compile("哪一?天|几月|几号|几日|什么时候|何时|日期|什么时间"), re.compile("几[点时]")
_DAYS_APART = 3  # issues further apart tell of another state of things
_CORRECTED_WITHIN = 120  # days in which a paper corrects itself
_ALIKE, _SURE = 3, 5.0  # names and rare words (nats) that two articles share if they tell one story
_NEAR = 0.6  # share of what the best sentence has of the question that the other one has to have too
_SCORE = 0.005  # and of its likelihood, which is low where the story is told in other words than the question's
_RUN = 5  # characters of the question that two articles share in one run: a name, or as good as one
_FACTOR = 3  # times that one paper's number may be another's
_OWN = 3.0  # rarity (nats) of a word that says what the question is about
_PERIOD = re.compile(
    "上半年|下半年|[一二三四]季度|[前今去明]年|同期|全年|\\d+月份|\\d{4}年|同比|环比|增长|下降|首[日周月]"
)
_REACH = 40  # characters between a word of the question and the value that it is about
_NAMES = frozenset("nr ns nt nz nrt".split())


@dataclass(frozen=True, slots=True)
class _Value:
    """What a sentence gives for what is asked: `said` compares it, `at` is its place, `amount` a number in its unit."""

    said: str
    unit: str
    at: int
    amount: Decimal | None = None


def told_otherwise(asked: Asked, evidence: Sequence[Evidence], best: Evidence, chinese: bool) -> list[Told]:
    """The correction before what it corrects, or `best` and another paper's sentence that differs; [] mostly."""
    return _corrected(asked, evidence, best, chinese) or _differing(asked, evidence, best, chinese)


def _corrected(asked: Asked, evidence: Sequence[Evidence], best: Evidence, chinese: bool) -> list[Told]:
    articles = {one.article.version_id: one.article for one in evidence}
    correcting = {name for name, article in articles.items() if _takes_back(article)}
    corrections = [
        one
        for one in evidence
        if one.part == "text"
        and one.article.version_id in correcting
        and _may_correct(asked, one)
        and _bears(one, best)
    ]
    right = max(
        corrections,
        key=lambda one: (bool(_values(asked, one.text)), bool(_RIGHT.search(one.text)), one.score),
        default=None,
    )
    if right is None or not _follows(asked, right.article, best.article):
        return []
    lead = _lead("已更正" if chinese else "Corrected", right.article, chinese=chinese)
    told = [Told(right, _right_part(asked, right.text), lead)]
    old = next(
        (one for one in evidence if one.part == "text" and _is_older(one, right, asked) and _bears(one, best)), None
    )
    if old:
        before = _lead("更正前" if chinese else "Before the correction", old.article, chinese=chinese)
        told.append(Told(old, old.text, before))
    return told


def correction_note(articles: Iterable[StoredArticle], shown: Collection[str], *, chinese: bool) -> str:
    """A line of ours on the notices that correct these articles, but for those that are `shown` (article ids)."""
    notices = {one.article_id: (article, one) for article in articles for one in article.corrected_by}
    said = [(_named(article), _named(notice)) for name, (article, notice) in notices.items() if name not in shown]
    if chinese:
        return "".join(f"{article}后有更正：{notice}。" for article, notice in said)
    return " ".join(f"{article} was corrected: {notice}." for article, notice in said)


def _named(one: StoredArticle | Pointer) -> str:
    """An article by its headline, day and paper, as far as they are known."""
    day = one.date.isoformat() if one.date else ""
    issue = f"{day}{f'《{one.paper}》' if one.paper else ''}"
    title = f"《{one.title}》" if one.title else ""
    return f"{title}（{issue}）" if title and issue else title or issue or "…"


def _takes_back(article: StoredArticle) -> bool:
    return bool(article.corrects) or is_correction(article.title, article.text)


def _may_correct(asked: Asked, one: Evidence) -> bool:
    """Whether a sentence of a correction gives what is asked for, and not only what else was wrong."""
    return bool(_values(asked, one.text)) if asked.kind in _KINDS else bool(_RIGHT.search(one.text))


def _follows(asked: Asked, correction: StoredArticle, best: StoredArticle) -> bool:
    """Whether a correction is of the best sentence's article, or holds the best sentence itself.

    What it was linked with when it came in decides; words do only for one without a link.
    """
    if correction.corrects and correction.version_id != best.version_id:
        return best.article_id in {one.article_id for one in correction.corrects}
    if correction.version_id == best.version_id or (best.title and f"《{best.title}》" in correction.text):
        return True
    return correction.paper == best.paper and _same_story(asked, correction, best, _CORRECTED_WITHIN)


def _is_older(one: Evidence, right: Evidence, asked: Asked) -> bool:
    if one.article.version_id == right.article.version_id or _takes_back(one.article):
        return False
    if one.article.date and right.article.date and one.article.date > right.article.date:
        return False
    wanted = asked.kind not in _KINDS or bool(_values(asked, one.text))
    return wanted and _follows(asked, right.article, one.article)


def _right_part(asked: Asked, text: str) -> str:
    """A correction's sentence without its beginning that repeats the mistake."""
    wrong = _WRONG_FIRST.match(text)
    rest = text[wrong.end() :] if wrong else ""
    right = _values(asked, rest) if asked.kind in _KINDS else _RIGHT.search(rest)
    return rest if right else text


def _differing(asked: Asked, evidence: Sequence[Evidence], best: Evidence, chinese: bool) -> list[Told]:
    if asked.kind not in _KINDS:
        return []
    best = next((one for one in evidence if one.part == "text" and _values(asked, one.text)), best)
    mine = _nearest_value(asked, best.text)
    if mine is None or _RUNNING.search(best.text) or best.score < _SCORE * evidence[0].score:
        return []
    for other in evidence:
        if (
            other.part == "text"
            and _bears(other, best)
            and other.score >= _SCORE * best.score
            and _differs(asked, mine, best, other)
        ):
            first, second = ("一报道", "另一报道") if chinese else ("One report", "Another report")
            return [
                Told(best, best.text, _lead(first, best.article, chinese=chinese)),
                Told(other, other.text, _lead(second, other.article, chinese=chinese)),
            ]
    return []


def _differs(asked: Asked, mine: _Value, best: Evidence, other: Evidence) -> bool:
    """Whether `other`, of another article on the same story, gives another value of the same unit for what is asked."""
    if other.article.article_id == best.article.article_id or _RUNNING.search(other.text):
        return False
    theirs = _nearest_value(asked, other.text, mine.unit)
    if theirs is None or theirs.said == mine.said or not _comparable(mine, theirs):
        return False
    if _of_another(asked, best, other.article) or _other_period(best.text, other.text):
        return False
    if mine.said in {v.said for v in _values(asked, other.article.text)}:
        return False
    if theirs.said in {v.said for v in _values(asked, best.article.text)}:
        return False
    dated = bool(best.article.date and other.article.date)  # without days nobody could tell which holds
    return dated and _same_story(asked, best.article, other.article, _DAYS_APART)


def _comparable(mine: _Value, theirs: _Value) -> bool:
    """Whether two values may be told of one thing: papers seldom differ by more than this on a number."""
    if not mine.amount or not theirs.amount:
        return True
    return max(mine.amount, theirs.amount) <= _FACTOR * min(mine.amount, theirs.amount)


def _of_another(asked: Asked, best: Evidence, other: StoredArticle) -> bool:
    """Whether a name of the question stands in no article, or in the best sentence and never in the other article."""
    here, theirs = squeeze(best.text), squeeze((other.title or "") + other.text)
    mine = squeeze((best.article.title or "") + best.article.text)
    named = (word for word in asked.words if word.name and word.weight >= _OWN)
    names = [word.text for word in named if not word.place or is_known_place(word.text)]
    return any(name not in mine or (name in here and name not in theirs) for name in names)


def _other_period(one: str, other: str) -> bool:
    """Whether both sentences name a time or a way of counting, and not the same: half a year and a quarter."""
    mine, theirs = (set(_PERIOD.findall(fold(text))) for text in (one, other))
    return bool(mine and theirs and mine != theirs)


def _bears(one: Evidence, best: Evidence) -> bool:
    return one.marks.near >= _NEAR * best.marks.near


def _same_story(asked: Asked, one: StoredArticle, other: StoredArticle, days: int) -> bool:
    """Whether two articles, printed not far apart, share names and rare words, or a long run of the question."""
    if one.date and other.date and abs((one.date - other.date).days) > days:
        return False
    asks, texts = squeeze(asked.text), [squeeze((a.title or "") + a.text) for a in (one, other)]
    runs = (asks[i : i + _RUN] for i in range(len(asks) - _RUN + 1))
    named = any(all(run in text for text in texts) for run in runs)
    return len(_telling(one) & _telling(other)) + 2 * named >= _ALIKE


@lru_cache(maxsize=64)  # one article is held against each of the others
def _telling(article: StoredArticle) -> frozenset[str]:
    """Names and rare words of an article."""
    words = tagged_words(squeeze((article.title or "") + "。" + article.text[:3_000]))
    return frozenset(
        word.text
        for word in words
        if len(word.text) > 1
        and not any(c.isdigit() for c in word.text)
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
        _Value(f"{one.value}{one.unit}", one.unit, one.start, one.value)
        for one in find_quantities(folded, tagged_words(folded), days)
        if isinstance(one.value, Decimal)
        and one.unit
        and one.unit not in ("code", "clock")
        and not one.unit.startswith("第")
        and (not wanted or one.unit in wanted)
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


def _lead(what: str, article: StoredArticle, *, chinese: bool) -> str:
    """Our words before a sentence: what it is, in which paper of which day."""
    issue = _issue(article)
    if chinese:
        return f"{what}（{issue}）：" if issue else f"{what}："
    return f"{what} ({issue}): " if issue else f"{what}: "


def _issue(article: StoredArticle) -> str:
    """The day and the paper, as far as they are known, or else the headline."""
    day = article.date.isoformat() if article.date else ""
    return f"{day}{f'《{article.paper}》' if article.paper else ''}" or (
        f"《{article.title}》" if article.title else ""
    )
