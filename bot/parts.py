"""A question of several parts: two questions in one (多少……，谁……), or one of several things (A和B各……).

In: a question read, a way to weigh the passages for another question. Out: its parts, each with the sentence that tells
it, or none where the passages do not. A question of one part has no parts here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.evidence import Evidence
from bot.extractive import choose
from bot.pieces import squeeze
from bot.question import Asked, content_words, read_question
from bot.refusal import doubt
from bot.signs import absent_nouns, absent_places, other_time
from ingest.terms import fold

Weigh = Callable[[Asked], Sequence[Evidence]]

_ASK = (
    "什么时候|什么时间|什么地方|何时|何地|几月几[日号]|哪一?[天年月日]|哪[些个家位里儿]|多少|(?:[有是了共周]|第|星期)几|几[点岁号]|由?谁|在哪|"
    "为什么|为何|怎么|怎样|如何|(?<!没)(?<!没有)什么|多[大长久高远宽深重快]"
)
_ASKS = re.compile(_ASK)
_CLAUSE = re.compile(r"[，,；;？?。\n]+")
_TWO_ASKS = re.compile(rf"(?P<one>在?(?:{_ASK}))(?:、|和|与|及|以及|跟)(?P<other>[在由]?(?:{_ASK}))")
_COMPARES = re.compile(
    "不同|不一样|区别|差别|差异|异同|相比|比较|谁更|谁的?.{0,4}[更高低大小多少快慢早晚长短贵]|哪[个家座条边].{0,3}更|"
    "各(?:[自有是占为]|多少|几|花|用|投|建|卖|收)?|分别"
)
_NAME = r"[^，,。；;？?、\s]{1,14}?"
_SIDES = re.compile(
    rf"(?:^|[，,\s])(?P<names>{_NAME}(?:、{_NAME}){{0,3}}(?:和|与|跟|以及|及|、){_NAME})"
    r"(?=的|在|相比|比较|各|分别|有什么|有何|有哪|谁|哪|之间|两|[，,]|都|到底|究竟|怎么|如何|是)"
)
_JOINTS = re.compile("、|以及|和|与|跟|及")
_ENDS = re.compile("(?:相?比|比较|之间)$")
_STRICT = frozenset({"number", "date", "person"})
_FITS = 0.3  # a number with another unit may still be it: a part is called missing only where no number stands
_LIKELIEST = 8  # sentences that may tell a part though they hold little of its words
_ABOUT = 0.6  # share of the best sentence's words of the question that one has to have to speak of the same


@dataclass(frozen=True, slots=True)
class QuestionPart:
    """`label` is the part in the asker's words; `told` is the sentence that tells it, None where none does.

    `sure`: asked alone, it would be answered.
    """

    label: str
    told: Evidence | None
    sure: bool = True


def sides_of(asked: Asked, evidence: Sequence[Evidence], weigh: Weigh) -> list[QuestionPart]:
    """The things that a question compares or asks about one by one, each with its best sentence; [] for others."""
    if asked.translated or not _COMPARES.search(fold(asked.text)):
        return []
    found = _SIDES.search(asked.text)
    names = [_ENDS.sub("", name) for name in _JOINTS.split(found["names"])] if found else []
    own = [_own_words(name, [other for other in names if other != name]) for name in names]
    if not found or len(set(names)) < 2 or not all(own):
        return []
    before, after = asked.text[: found.start("names")], asked.text[found.end("names") :]
    weighed = [weigh(read_question(before + name + after, when=asked.when)) for name in names]
    best = list(filter(None, map(_best_for, own, weighed)))
    best.sort(key=lambda one: -sum(_is_named(words, one) for words in own))  # one sentence may tell of both
    told = [next((one for one in best if _is_named(words, one)), None) for words in own]
    return [QuestionPart(name, one) for name, one in zip(names, told, strict=True)] if any(told) else []


def parts_of(asked: Asked, weigh: Weigh) -> list[QuestionPart]:
    """The questions in a question, each with its best sentence; [] where it is only one, or nothing of it is told."""
    texts = [] if asked.translated else _questions(asked.text)
    if len(texts) < 2:
        return []
    topic = " ".join(word.text for word in content_words(texts[0]))
    reads = [read_question(text, topic if i else "", asked.when) for i, text in enumerate(texts)]
    parts = [_part(text, one, weigh(one)) for text, one in zip(texts, reads, strict=True)]
    return parts if any(part.told for part in parts) else []


def _questions(text: str) -> list[str]:
    """The single questions of a text: its clauses that ask, or one for each of two words that ask in one clause."""
    clauses = [clause.strip() for clause in _CLAUSE.split(text) if clause.strip()]
    asking = [i for i, clause in enumerate(clauses) if _ASKS.search(clause)]
    if len(asking) >= 2:
        before = "，".join(clauses[: asking[0]])  # what stands before the first that asks belongs to it
        first = f"{before}，{clauses[asking[0]]}" if before else clauses[asking[0]]
        return [first, *(clauses[i] for i in asking[1:])]
    both = _TWO_ASKS.search(text)
    if not both:
        return []
    whole = text.rstrip("？?。 ")
    head, tail = whole[: both.start()], whole[both.end() :]
    return [f"{head}{both['one']}{tail}", f"{head}{both['other']}{tail}"]


def _part(label: str, asked: Asked, evidence: Sequence[Evidence]) -> QuestionPart:
    """A part with the sentence that tells it; with none only where what it asks for plainly does not stand there."""
    chosen = choose(asked, evidence)
    why = doubt(asked, evidence, chosen)
    if not chosen or _is_wanting(asked, evidence, doubted=why is not None):
        return QuestionPart(label, None)
    told = max(chosen, key=lambda one: (_fits(asked, one), _own_share(asked, one) + one.score))
    return QuestionPart(label, told, why is None)


def _fits(asked: Asked, one: Evidence) -> bool:
    return asked.kind not in _STRICT or one.marks.fit >= _FITS


def _own_share(asked: Asked, one: Evidence) -> float:
    """The share of a part's own words, without those of the part before, that stand in a sentence."""
    own = [(word.weight, near) for word, near in zip(asked.words, one.beside, strict=True) if word.share == 1]
    return sum(weight for weight, near in own if near == 1) / (sum(weight for weight, _ in own) or 1.0)


def _is_wanting(asked: Asked, evidence: Sequence[Evidence], *, doubted: bool) -> bool:
    best = evidence[0]
    about = _ABOUT * max(one.marks.near for one in evidence)
    fits = max(one.marks.fit for i, one in enumerate(evidence) if i < _LIKELIEST or one.marks.near >= about)
    absent = (*absent_nouns(asked, best.article), *absent_places(asked, best.article), *other_time(asked, best))
    return (asked.kind in _STRICT and fits < _FITS) or (doubted and bool(absent))


def _own_words(name: str, others: Sequence[str]) -> list[str]:
    words = [word.text for word in content_words(name)]
    shared = "".join(others)
    return [word for word in words if word not in shared]


def _best_for(words: Sequence[str], evidence: Sequence[Evidence]) -> Evidence | None:
    """The best sentence that names a side, None where none does."""
    named = [one for one in evidence if one.part == "text" and _is_named(words, one)]
    return max(named, key=lambda one: one.score, default=None)


def _is_named(words: Sequence[str], one: Evidence) -> bool:
    text = squeeze(one.text)
    return any(word in text for word in words)
