"""When not to answer, and what to say instead.

In: a question read and its evidence, best first. Out: a reason and what is missing, or None where the evidence will do;
and the words of the refusal: what was searched and which articles come nearest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date as Date  # noqa: N812 - as in models

from bot.evidence import Evidence
from bot.marks import SHARED_CHARACTER
from bot.models import Nearest, Passage, Reason
from bot.pieces import squeeze
from bot.prompts import all_prompts
from bot.question import Asked, AskedWord
from ingest.frequencies import is_listed
from ingest.models import ArchiveStats, Filter, StoredArticle
from ingest.spelling import spelled
from ingest.terms import fold, search_terms, tagged_words

# Found on tests/data/own_questions.jsonl: they refuse a third of what a story does not tell, and 2 % of what it does.
_BEARS = 0.22  # share of the question's words in and around the best sentence, below which nothing bears on it
_FITS = 0.5  # fit from which on the asked-for kind of thing stands there
_TELLING = 3.0  # rarity (nats) from which on a noun of the question is what it asks about, not how it asks
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?=年)")
_TO_COME = re.compile("明年|后年|下一?[届次期轮年]|下个?[月周]")
_HAN = re.compile("[\u3400-\u9fff]")
_RANKS = "省市县区镇乡"  # 上虞 names 上虞区 too
_STRICT = frozenset({"number", "date", "person"})  # kinds that a sentence either holds or does not
_NEAREST = 3  # articles that a refusal names
_PAPERS = 5  # newspapers that a refusal names


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why not to answer; `missing` are words of the question that the story does not hold."""

    reason: Reason
    missing: tuple[str, ...] = ()


def doubt(asked: Asked, evidence: Sequence[Evidence], chosen: Sequence[Evidence]) -> Doubt | None:
    """What speaks against answering with `chosen`, None where nothing does."""
    if not chosen:
        return Doubt("no_evidence")
    best = max(chosen, key=lambda one: one.score)
    nearest = max(one.marks.near for one in evidence)
    if nearest < _BEARS or all(map(_only_characters, chosen)):
        return Doubt("no_evidence")
    missing = _absent_places(asked, best.article) + _absent_spelled(asked, best.article)
    if asked.kind in _STRICT:
        missing += _absent_nouns(asked, best.article) if asked.kind == "person" else ()
        missing += _other_time(asked, best)
        if best.marks.fit < _FITS or _of_another(asked, best):
            return Doubt("near_miss", missing)
    return Doubt("near_miss", missing) if missing else None


def _only_characters(one: Evidence) -> bool:
    """Whether a sentence has single characters of the question and nothing more: 蓝色 is not borne out by 金蓝领."""
    return not one.marks.pairs and max(one.beside, default=0.0) <= SHARED_CHARACTER


def _absent_places(asked: Asked, article: StoredArticle) -> tuple[str, ...]:
    """Places of the question that the whole article does not name: what one town does tells nothing of another."""
    whole = _whole(article)
    return tuple(
        word.text
        for word in asked.words
        if word.place
        and word.share == 1
        and word.weight >= _TELLING
        and any(is_listed(word.text.rstrip(_RANKS) + rank) for rank in _RANKS)  # jieba takes 登山 for a place
        and word.text.rstrip(_RANKS) not in whole
        and not any(other in whole for other in word.others)
    )


def _absent_spelled(asked: Asked, article: StoredArticle) -> tuple[str, ...]:
    """Names in Latin letters that nothing in the article sounds like: it tells of someone else."""
    whole = _whole(article)
    wanted = (word.text for word in asked.words if word.spelled and word.share == 1)
    return tuple(name for name in wanted if not spelled(name).search(whole) and name not in whole)


def _absent_nouns(asked: Asked, article: StoredArticle) -> tuple[str, ...]:
    """Telling nouns of the question that stand nowhere in the article: it has no word of a leader or a coach."""
    whole = _whole(article)
    return tuple(
        word.text
        for word in asked.words
        if word.tag == "n" and word.share == 1 and word.weight >= _TELLING and not _in_part(asked, word, whole)
    )


def _in_part(asked: Asked, word: AskedWord, whole: str) -> bool:
    """Whether the word is there; where it was translated, in another wording or in part (空军基地: 横田基地)."""
    if word.text in whole or any(other in whole for other in word.others):
        return True
    return asked.translated and any(len(part) > 1 and part in whole for part in search_terms(word.text))


def _other_time(asked: Asked, best: Evidence) -> tuple[str, ...]:
    """A time to come that the article does not speak of, or a year where article and issue are of another."""
    whole, asks, day = _whole(best.article), fold(asked.text), best.article.date
    years = _YEAR.findall(asks) if day or _YEAR.search(fold(best.text)) else []
    issued = str(day.year) if day else ""
    return tuple(time for time in [*years, *_TO_COME.findall(asks)] if time not in whole + issued)


def _whole(article: StoredArticle) -> str:
    parts = (article.kicker, article.title, article.subtitle, article.byline, article.text)
    return squeeze("".join(filter(None, parts)))


def _of_another(asked: Asked, best: Evidence) -> bool:
    """Whether a place that is asked about stands not near the best sentence, which tells of another place instead."""
    known = {word.text for word in asked.words}
    if not any(w.tag == "ns" and w.text not in known for w in tagged_words(best.text)):
        return False
    beside = zip(asked.words, best.beside, strict=True)
    return any(word.place and word.share == 1 and near == 0 for word, near in beside)


def say(why: Doubt, question: str, stats: ArchiveStats, nearest: Sequence[Nearest]) -> str:
    """The refusal in the question's language: what was searched, what is missing, what comes nearest."""
    chinese = _HAN.search(question) is not None
    prompt = all_prompts()[f"{why.reason}.{'zh' if chinese else 'en'}"]
    values = {
        "searched": _searched(stats, chinese),
        "nearest": _nearest(nearest, chinese),
        "missing": _missing(why, chinese),
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
    titles = "".join(f"《{n.title}》" for n in nearest) if chinese else "; ".join(n.title for n in nearest)
    return f"最接近的报道：{titles}。" if chinese else f"Nearest: {titles}."


def _missing(why: Doubt, chinese: bool) -> str:
    if not why.missing:
        return ""
    return f"（{'、'.join(why.missing)}）" if chinese else f" ({', '.join(why.missing)})"


def nearest_articles(passages: Iterable[Passage]) -> tuple[Nearest, ...]:
    """Up to three articles of the passages, best first."""
    seen = {p.article.article_id: p.article for p in passages}
    return tuple(
        Nearest(a.article_id, a.title or a.text[:20] + "…", a.paper, a.date) for a in list(seen.values())[:_NEAREST]
    )


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
