"""The checker: what a language model wrote, sentence by sentence, held against the passages that it cites.

In: the model's text, the passages it was given. Out: its sentences, each borne out or with what is missing, and exact
citations. A wrong or missing citation is repaired where another passage bears the sentence out. It asks no model again
and never changes a sentence's words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date as Date  # noqa: N812 - as in models

from bot.bearing import bears, missing_claims
from bot.claims import Claim, Reading, is_chinese, read_claims
from bot.extractive import cite, marked
from bot.grounds import Ground, Place, read_ground
from bot.models import AnswerSentence, Citation, Passage
from bot.pairs import character_pairs
from bot.written import Written, read_written

_ABOUT = 0.25  # share of a sentence's character pairs that a passage must have at least to bear it out
_UNCITED = 0.5  # the same where the sentence itself cites nothing and holds nothing that can be looked up
_MOST_QUOTES = 2  # sentences of one passage that one sentence is shown to stand on
_WORDS = 3  # words that stand for what is missing where the whole sentence is
_TALK = re.compile(
    "(?:资料|段落|报道|文章|原文|材料|信息|新闻|报纸).{0,12}(?:没有|未|并未|无|不)|(?:没有|未|无法).{0,12}(?:提到|提及|找到|涉及|确定|回答|说明)"
    "|passages?.{0,30}(?:not|no )|(?:not|no).{0,30}passages?|^(?:综上|总之|总的来说|具体如下|情况如下|如下|以下|以上)",
    re.IGNORECASE,
)
_BESIDE = 2  # passages tried beside those that a sentence cites
_SHORT = 8  # characters up to which a sentence without anything to look up joins others and states nothing


@dataclass(frozen=True, slots=True)
class Checked:
    """An answer checked: sentences without marks, with the numbers of `citations` and what no cited passage has."""

    sentences: tuple[AnswerSentence, ...]
    citations: tuple[Citation, ...]

    @property
    def text(self) -> str:
        """The answer as it is shown: each sentence followed by its marks."""
        return marked(self.sentences)

    @property
    def failed(self) -> int:
        """How many sentences are not borne out."""
        return sum(not sentence.supported for sentence in self.sentences)

    def findings(self) -> tuple[str, ...]:
        """A line for each sentence that is not borne out, for the model's second try, in the language of the answer."""
        chinese = is_chinese("".join(sentence.text for sentence in self.sentences))
        return tuple(_finding(one, chinese=chinese) for one in self.sentences if not one.supported)


def check_answer(written: str, passages: Sequence[Passage]) -> Checked:
    """Check every sentence of a model's answer; passages are named by their `n`."""
    grounds = {passage.n: read_ground(passage) for passage in passages}
    citing = _Citing()
    return citing.checked([citing.sentence(one, _verdict(one, grounds)) for one in read_written(written)])


def without_failed(checked: Checked) -> Checked:
    """The answer without the sentences that are not borne out, its citations numbered anew."""
    kept = [sentence for sentence in checked.sentences if sentence.supported]
    order = list(dict.fromkeys(n for sentence in kept for n in sentence.citations))
    new = {old: n for n, old in enumerate(order, 1)}
    by_number = {citation.n: citation for citation in checked.citations}
    return Checked(
        tuple(replace(sentence, citations=tuple(new[n] for n in sentence.citations)) for sentence in kept),
        tuple(replace(by_number[old], n=n) for old, n in new.items()),
    )


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What was found of a sentence: the grounds it stands on, its reading, what is missing (None: nothing)."""

    reading: Reading
    grounds: tuple[Ground, ...]
    missing: tuple[str, ...] | None


class _Sentence:
    """A sentence being judged; it is read once for each day of issue that its passages have."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.chinese = is_chinese(text)
        self._readings: dict[Date | None, Reading] = {}
        # Figures are left out: newspapers write the same number otherwise.
        beside = self.reading(()).masked.split("#")
        self.pairs = frozenset().union(*(character_pairs(piece) for piece in beside))

    def reading(self, grounds: Sequence[Ground]) -> Reading:
        today = next((ground.passage.article.date for ground in grounds), None)
        if today not in self._readings:
            self._readings[today] = read_claims(self.text, today)
        return self._readings[today]

    def needed(self) -> bool:
        """Whether it says anything that can be looked up."""
        return any(claim.needed for claim in self.reading(()).claims)

    def share_in(self, grounds: Sequence[Ground]) -> float:
        """The share of its pairs of characters that the grounds have; an English sentence is not measured so."""
        if not self.chinese or not self.pairs:
            return 1.0
        return len(self.pairs & frozenset().union(*(ground.pairs for ground in grounds))) / len(self.pairs)

    def stands_on(self, grounds: Sequence[Ground], least: float) -> bool:
        """Whether grounds that share at least so much of it bear it out."""
        return self.share_in(grounds) >= least and not missing_claims(self.reading(grounds), grounds)

    def judged(self, grounds: Sequence[Ground]) -> _Verdict:
        """What is missing on these grounds, or that nothing is."""
        reading = self.reading(grounds)
        missing = tuple(claim.text for claim in missing_claims(reading, grounds))
        if grounds and not missing and self.share_in(grounds) >= _ABOUT:
            return _Verdict(reading, tuple(grounds), None)
        return _Verdict(reading, tuple(grounds), missing or self._unknown(reading, grounds))

    def _unknown(self, reading: Reading, grounds: Sequence[Ground]) -> tuple[str, ...]:
        """What stands for a sentence that is about something else: its claims, or words that stand nowhere there."""
        claims = [claim.text for claim in reading.claims if claim.needed]
        whole = "".join(ground.whole for ground in grounds)
        words = [word.text for word in reading.words if len(word.text) > 1 and word.text not in whole]
        return tuple(dict.fromkeys([*claims, *words]))[:_WORDS]


def _verdict(written: Written, grounds: dict[int, Ground]) -> _Verdict:
    """Judge a sentence on what it cites, then on what it might have cited."""
    sentence = _Sentence(written.text)
    cited = [grounds[n] for n in written.marks if n in grounds]
    free = not sentence.needed() and (
        written.heading
        or written.text.endswith(("：", ":"))
        or (len(written.text) <= _SHORT and not written.marks)  # one that cites states something, however short
        or _TALK.search(written.text) is not None
    )
    if not written.marks and free:
        return _Verdict(sentence.reading(()), (), None)
    first = sentence.judged(cited) if cited else None
    if first and first.missing is None:
        return first
    least = _ABOUT if sentence.needed() else _UNCITED
    if sentence.chinese or sentence.needed():
        for others in _repairs(sentence, cited, grounds):
            if sentence.stands_on(others, least):
                return _Verdict(sentence.reading(others), others, None)
    if free:
        return _Verdict(sentence.reading(cited), tuple(cited), None)
    return first or sentence.judged(_nearest(sentence, grounds))


def _repairs(sentence: _Sentence, cited: Sequence[Ground], grounds: dict[int, Ground]) -> list[tuple[Ground, ...]]:
    """What else may bear a sentence out, the likeliest first: another passage, or one beside those it cites."""
    others = sorted((g for g in grounds.values() if g not in cited), key=lambda g: -sentence.share_in([g]))
    return [*((other,) for other in others), *((*cited, other) for other in others[:_BESIDE] if cited)]


def _nearest(sentence: _Sentence, grounds: dict[int, Ground]) -> list[Ground]:
    return sorted(grounds.values(), key=lambda ground: -sentence.share_in([ground]))[:1]


class _Citing:
    """Numbers citations from 1 in the order of their first use; the same place has one number."""

    def __init__(self) -> None:
        self._citations: dict[tuple[str, str, int, int], Citation] = {}

    def sentence(self, written: Written, verdict: _Verdict) -> AnswerSentence:
        shown = verdict.grounds if written.marks or verdict.missing is None else ()
        numbers = [self._number(g, place) for g in shown for place in _quoted(verdict.reading, g)]
        supported = verdict.missing is None
        return AnswerSentence(written.text, tuple(dict.fromkeys(numbers)), supported, verdict.missing or ())

    def checked(self, sentences: Sequence[AnswerSentence]) -> Checked:
        return Checked(tuple(sentences), tuple(self._citations.values()))

    def _number(self, ground: Ground, place: Place) -> int:
        article = ground.passage.article
        key = (article.version_id, place.part, place.start, place.end)
        if key not in self._citations:
            self._citations[key] = cite(len(self._citations) + 1, article, place.part, place.start, place.end)
        return self._citations[key].n


def _quoted(reading: Reading, ground: Ground) -> list[Place]:
    """The sentence of a passage that bears a sentence out best, and a second one where that has what is wanting."""
    wanted = [claim for claim in reading.claims if claim.needed]
    pairs = character_pairs(reading.text)
    out: list[Place] = []
    for _ in range(_MOST_QUOTES):
        worth = _worth(wanted, pairs)
        best = max((place for place in ground.places if place not in out), key=worth, default=None)
        if best is None or (out and not any(bears(best, claim) for claim in wanted)):
            break
        out.append(best)
        wanted = [claim for claim in wanted if not bears(best, claim)]
    return sorted(out, key=lambda place: (place.part != "text", place.start))


def _worth(wanted: Sequence[Claim], pairs: frozenset[str]) -> Callable[[Place], float]:
    def worth(place: Place) -> float:
        borne = sum(bears(place, claim) for claim in wanted)
        return borne / max(1, len(wanted)) + len(pairs & place.pairs) / max(1, len(pairs))

    return worth


def _finding(sentence: AnswerSentence, *, chinese: bool) -> str:
    if chinese:
        lacking = "、".join(sentence.missing) or "这句话"
        return f"“{sentence.text}”：所引段落中没有：{lacking}"
    return f'"{sentence.text}": not in any cited passage: {", ".join(sentence.missing) or "the sentence"}'
