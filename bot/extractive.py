"""Evidence into an answer made of the newspaper's own sentences, each with its citation.

In: a question read and its evidence, best first. Out: sentences and citations. It cannot invent: every word it gives
stands in the archive. Whether to answer at all is decided elsewhere (`bot.refusal`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.evidence import Evidence
from bot.models import AnswerSentence, Citation, Part
from bot.pairs import character_pairs, share_of_shorter
from bot.question import Asked
from ingest.models import StoredArticle

# Design: a fact in at most 3 sentences and 400 characters, everything else in at most 600; marks are counted in.
FEW, FEW_CHARACTERS = 3, 380
MANY, MANY_CHARACTERS = 7, 570
_WORTH, _WORTH_OF_MANY = 0.1, 0.2  # share of the best sentence's likelihood that a further one has to have
_ABOUT = 0.35  # and hold this share of the question's words that the best one holds, in it or near it
_GOES_ON = 0.2  # added to that share for the sentence after a good one where several are wanted, twice if it refers
_STEP_LIFT = 0.1  # the same for a sentence that tells steps where a way of doing is asked for
_STEPS = re.compile("首先|其次|然后|最后|随后|第[一二三四五]步|[一二三四]是|先.{1,24}[再后]|分.{1,3}步")
_REFERS = re.compile(
    "^[“‘]?(?:前者|后者|其中|其[一二三]|该|此[外后前]?|这|为此|因此|同时|经|对此|据此|随后|接着|[其再]次|反之|而)"
)
_LATIN = re.compile("[\x21-\x7e]")
_SAME = 0.6  # two sentences that share this much of the shorter one's character pairs say the same


@dataclass(frozen=True, slots=True)
class Told:
    """Evidence as an answer tells it: `text` is a piece of its sentence, `lead` words of ours before it."""

    evidence: Evidence
    text: str
    lead: str = ""


@dataclass(frozen=True, slots=True)
class Extract:
    """Chosen sentences with the citations that they point at; `listed`, `missing`, `closing` as in an Answer."""

    sentences: tuple[AnswerSentence, ...]
    citations: tuple[Citation, ...]
    listed: bool = False
    missing: tuple[str, ...] = ()
    closing: str = ""

    @property
    def text(self) -> str:
        """The answer as it is shown: each sentence after our words for it and followed by its marks."""
        told = marked(self.sentences, listed=self.listed)
        return f"{told}\n{self.closing}" if self.closing else told


def marked(sentences: Sequence[AnswerSentence], *, listed: bool = False) -> str:
    """Sentences behind one another, or each on a line; a space stands between two that are Latin."""
    out: list[str] = []
    end = ""
    for sentence in sentences:
        told = sentence.lead + sentence.text
        space = " " if _LATIN.match(end) and _LATIN.match(told) else ""
        between = "\n" if out and (listed or sentence.lead) else space
        out.append(between + told + "".join(f"[{n}]" for n in sentence.citations))
        end = sentence.text[-1:]
    return "".join(out)


def choose(asked: Asked, evidence: Sequence[Evidence]) -> list[Evidence]:
    """Pick the sentences that answer together; [] only where there is no evidence.

    A fact comes first, what else bears on it after; several sentences stand in reading order.
    """
    count, room = (MANY, MANY_CHARACTERS) if asked.wants_several else (FEW, FEW_CHARACTERS)
    chosen: list[Evidence] = []
    for one in _by_worth(asked, evidence):
        if chosen and (one.part == "title" or one.marks.torn):
            continue  # a headline can answer, after a sentence it only repeats; half a sentence adds only puzzles
        length = len(one.text) + len("[1]")
        if chosen and (length > room or any(same(one, other) for other in chosen)):
            continue
        chosen.append(one)
        room -= length
        if len(chosen) == count:
            break
    return _reading_order(chosen) if asked.wants_several else chosen


def _by_worth(asked: Asked, evidence: Sequence[Evidence]) -> list[Evidence]:
    """What is worth saying, best first. An explanation goes on in the sentence after, which so gets a lift."""
    if not evidence:
        return []
    top = evidence[0].score
    enough = top * (_WORTH_OF_MANY if asked.wants_several else _WORTH)
    good = [one for one in evidence if one.score >= enough]
    ends = {(one.article.version_id, one.end) for one in good if one.part == "text"}

    def worth(one: Evidence) -> float:
        follows = one.part == "text" and any((one.article.version_id, one.start - gap) in ends for gap in (0, 1))
        step = _STEP_LIFT * top * (asked.kind == "manner" and _STEPS.search(one.text) is not None)
        if not (follows and asked.wants_several):
            return one.score + step
        return one.score + step + _GOES_ON * top * (2 if _REFERS.match(one.text) else 1)

    about = [
        one for one in evidence if worth(one) >= _WORTH * top and one.marks.near >= _ABOUT * evidence[0].marks.near
    ]
    return sorted(about, key=lambda one: -worth(one))


def quote(told: Sequence[Evidence | Told]) -> Extract:
    """Turn what is told into sentences with citations numbered from 1 in their order; a citation quotes it whole."""
    all_told = [one if isinstance(one, Told) else Told(one, one.text) for one in told]
    sources = [one.evidence for one in all_told]
    citations = tuple(cite(n, e.article, e.part, e.start, e.end) for n, e in enumerate(sources, 1))
    sentences = tuple(
        AnswerSentence(f"《{one.text}》。" if one.evidence.part == "title" else one.text, (n,), lead=one.lead)
        for n, one in enumerate(all_told, 1)
    )
    return Extract(sentences, citations)


def cite(n: int, a: StoredArticle, part: Part, start: int, end: int) -> Citation:
    """The citation number `n`: characters `start`..`end` of one part of an article."""
    quoted = {"text": a.text, "title": a.title or "", "byline": a.byline or ""}[part][start:end]
    issue = (a.title, a.paper, a.date, a.page)
    return Citation(
        n,
        a.article_id,
        a.source_id,
        part,
        *issue,
        quoted,
        start,
        end,
        a.sample,
        a.version_id,
        corrected_by=a.corrected_by,
        changed=a.texts > 1,
    )


def _reading_order(chosen: list[Evidence]) -> list[Evidence]:
    """The article that answers best comes first; within an article the sentences stand as the newspaper has them."""
    rank: dict[str, int] = {}
    for one in chosen:
        rank.setdefault(one.article.version_id, len(rank))
    return sorted(chosen, key=lambda e: (rank[e.article.version_id], e.part == "text", e.start))


def same(one: Evidence, other: Evidence) -> bool:
    """Whether two sentences say the same in nearly the same words."""
    return share_of_shorter(character_pairs(one.text), character_pairs(other.text)) >= _SAME
