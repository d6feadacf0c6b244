"""When not to answer, and what to say instead.

In: a question read and its evidence, best first. Out: a reason and what is missing, or None where the evidence will do;
and the words of the refusal: what was searched and which articles come nearest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from datetime import date as Date  # noqa: N812 - as in models
from pathlib import Path

from bot.compress import shortened
from bot.evidence import Evidence, asked_by_number
from bot.marks import SHARED_CHARACTER
from bot.models import Nearest, Passage, Reason
from bot.network import read_network
from bot.pieces import whole_of
from bot.prompts import all_prompts
from bot.question import KINDS, Asked, Kind, kind_inputs
from bot.series import told_of
from bot.signs import SIGNS, Signs, absent_spelled, absent_words, other_time, signs_of
from ingest.models import ArchiveStats, Filter, StoredArticle
from ingest.terms import fold

# Likelihood of an answer below which none is given. It is low, because what is asked in other words than the page's
# looks unlikely as well: higher, it refuses more of what a story does not tell, and everyday questions with it
# (`tests/evals/refusals.py` has the whole curve).
ENOUGH, ENOUGH_OF_ANOTHER = 0.1, 0.2
_ANOTHER = (
    0.3  # share of the question's names and numbers that the article lacks: from there on it may be another story
)
_STRANGE, _CHANCE = 0.6, 0.05  # share of the words that its article lacks, likelihood: one common word met by chance
_NAMED = 0.3  # likelihood of the best sentence below which a name in it answers no question for another's
_FITS = 0.5  # fit from which on the asked-for kind of thing stands there
_STRICT = frozenset({"number", "date", "person"})  # kinds that a sentence either holds or does not
_BEARS = 0.22  # share of the question's words in and around any sentence, below which nothing bears on it
REFUSALS = Path(__file__).with_name("refusals.tsv")  # made by bot/training/answers.py
REFUSAL_INPUTS = (*SIGNS, *KINDS)
_HAN = re.compile("[\u3400-\u9fff]")
# Said to somebody who answers, and asked of no newspaper, though people in it say it too.
_GREETING = re.compile(
    r"(?:(?:你们?|您|大家|早上|上午|中午|下午|晚上) ?好|好 ?(?:早上|上午|下午|晚上)|早安|晚安|嗨|hello|hi|hey"
    r"|(?:谢谢|多谢|感谢)[你您]?们?|thanks|thank you|再见|拜拜|(?:good)?bye|\W)+",
    re.IGNORECASE,
)
_NEAREST = 3  # articles that a refusal names
_BEGINNING = 40  # characters of what each of them says
_PAPERS = 5  # newspapers that a refusal names


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why not to answer; `missing` are words of the question that the story does not hold."""

    reason: Reason
    missing: tuple[str, ...] = ()


def doubt(asked: Asked, evidence: Sequence[Evidence], chosen: Sequence[Evidence]) -> Doubt | None:
    """What speaks against answering with what was `chosen` of `evidence`, None where too little does."""
    if not chosen or _GREETING.fullmatch(asked.text):
        return Doubt("no_evidence")
    best = evidence[0]
    if max(one.marks.near for one in evidence) < _BEARS or _only_characters(best):
        return Doubt("no_evidence")
    signs = signs_of(asked, evidence)
    if signs.absent >= _STRANGE and not signs.pairs and best.score < _CHANCE:  # 水 of 火星上有水吗
        return Doubt("no_evidence")
    wanting = asked.kind in _STRICT and (
        max(one.marks.fit for one in chosen) < _FITS or signs.times or signs.elsewhere  # of another year or place
    )
    # Somebody is named, but the article has no word of a coach or a director, and the sentence is no likely answer.
    wanting = wanting or (asked.kind == "person" and bool(signs.nouns) and best.score < _NAMED)
    enough = ENOUGH_OF_ANOTHER if signs.absent_names >= _ANOTHER else ENOUGH
    others = told_of(asked_by_number(asked), whole_of(best.article)).others
    if wanting or others or signs.places or likely(asked, signs) < enough:
        missing = (*others, *absent_spelled(asked, best.article), *absent_words(asked, best), *other_time(asked, best))
        return Doubt("near_miss", tuple(dict.fromkeys(missing)))
    return None


def likely(asked: Asked, signs: Signs) -> float:
    """How likely it is that what shows these signs answers `asked`, 0 to 1."""
    return read_network(REFUSALS, REFUSAL_INPUTS).likely([refusal_inputs(asked.kind, signs)])[0]


def refusal_inputs(kind: Kind, signs: Signs) -> list[float]:
    """What the network is asked about an answer: its signs, and which kind of question it is."""
    return [*astuple(signs), *kind_inputs(kind)]


def _only_characters(one: Evidence) -> bool:
    """Whether a sentence has single characters of the question and nothing more: 蓝色 is not borne out by 金蓝领."""
    return not one.marks.pairs and max(one.beside, default=0.0) <= SHARED_CHARACTER


def say(why: Doubt, question: str, stats: ArchiveStats, nearest: Sequence[Nearest]) -> str:
    """The refusal in the question's language: what was searched, what is missing, what comes nearest."""
    chinese = _HAN.search(question) is not None
    prompt = all_prompts()[f"{why.reason}.{'zh' if chinese else 'en'}"]
    values = {
        "searched": _searched(stats, chinese),
        "nearest": _nearest(nearest, chinese),
        "missing": _missing(why, nearest, chinese),
    }
    return prompt.fill(**{name: values[name] for name in prompt.variables}).strip()


def say_nothing_passes(question: str, where: Filter, stats: ArchiveStats) -> str:
    """That `where` lets no article through, in the question's language, and what the archive does hold."""
    chinese = _HAN.search(question) is not None
    names = ("报纸", "地点", "作者") if chinese else ("paper", "place", "by-line")
    days = "～".join(_day(day, chinese) if day else "" for day in (where.since, where.until))
    asked = [
        f"{name} {value}" for name, value in zip(names, (where.paper, where.place, where.byline), strict=True) if value
    ]
    prompt = all_prompts()[f"nothing_passes.{'zh' if chinese else 'en'}"]
    asked += [days] if where.since or where.until else []
    return prompt.fill(filter=("，" if chinese else ", ").join(asked), held=_searched(stats, chinese))


def _nearest(nearest: Sequence[Nearest], chinese: bool) -> str:
    if not nearest:
        return ""
    if chinese:
        return f"最接近的报道：{'；'.join(f'《{n.title}》' + (f'：“{n.says}”' if n.says else '') for n in nearest)}。"
    return f"Nearest: {'; '.join(n.title + (f' (“{n.says}”)' if n.says else '') for n in nearest)}."


def _missing(why: Doubt, nearest: Sequence[Nearest], chinese: bool) -> str:
    """The words that are missing, without those that are seen right behind, in the nearest story."""
    seen = fold("\n".join(f"{n.title}\n{n.says}" for n in nearest[:1]))
    missing = [word for word in why.missing if fold(word) not in seen]
    if not missing:
        return ""
    return f"（{'、'.join(missing)}）" if chinese else f" ({', '.join(missing)})"


def nearest_articles(
    asked: Asked, passages: Iterable[Passage], evidence: Sequence[Evidence] = ()
) -> tuple[Nearest, ...]:
    """Up to three articles of the passages, best first, each with the beginning of what it says nearest to `asked`."""
    seen = {p.article.article_id: p.article for p in passages}
    return tuple(
        Nearest(a.article_id, a.title or a.text[:20] + "…", a.paper, a.date, _says(asked, a, evidence))
        for a in list(seen.values())[:_NEAREST]
    )


def _says(asked: Asked, article: StoredArticle, evidence: Sequence[Evidence]) -> str:
    """The beginning of an article's best sentence; nothing where that is what the article is named by."""
    of_it = (one for one in evidence if one.part == "text" and one.article.version_id == article.version_id)
    best = next(of_it, None)
    if best is None or (not article.title and not best.start):
        return ""
    text = " ".join(shortened(asked, best.text).split())
    return text if len(text) <= _BEGINNING else text[: _BEGINNING - 1] + "…"


def _searched(stats: ArchiveStats, chinese: bool) -> str:
    days = "～".join(dict.fromkeys(_day(day, chinese) for day in (stats.first_date, stats.last_date) if day))
    more = len(stats.papers) > _PAPERS
    if chinese:
        papers = "".join(f"《{paper}》" for paper in stats.papers[:_PAPERS]) + ("等" if more else "")
        return f"{papers}{days}{'共' if papers or days else ''}{stats.articles}篇文章"
    papers = ", ".join(stats.papers[:_PAPERS]) + (" and others" if more else "")
    return ", ".join(filter(None, (papers, days, f"{stats.articles} articles")))


def _day(day: Date, chinese: bool) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if chinese else day.isoformat()
