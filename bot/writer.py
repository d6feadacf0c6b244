"""An answer written by a language model from numbered passages, checked sentence by sentence before anybody sees it.

In: a question read, passages, the conversation. Out: drafts that grow by whole, checked sentences, the last one final;
or ModelFailed, and then the answer has to come from elsewhere. It searches nothing and knows no model's library.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date as Date  # noqa: N812 - as in models
from typing import Literal

from bot.checks import Checked, check_answer, without_failed
from bot.draft import GARBAGE, Room, is_thought, whole_sentences
from bot.extractive import marked
from bot.fences import draw_fence, fenced_passages, harmless, orders_in, texts_of, without_orders
from bot.hearing import BEAT, hear
from bot.llm import Limits, Message, Model, ModelFailed
from bot.models import AnswerSentence, Passage, Turn, Usage
from bot.pairs import character_pairs
from bot.prompts import all_prompts
from bot.question import Asked, has_chinese

Unsupported = Literal["mark", "cut"]

NOTHING = Checked((), ())
NONE = "NO_ANSWER"  # what a model writes where the passages do not say it
# Design: a fact in at most 3 sentences and 400 characters, everything else in at most 600.
_FACT, _MORE = Room(3, 400), Room(12, 600)
_IN_WORDS = {
    _FACT: "最多三句话，连标号不超过 400 个字符，越短越好。",
    _MORE: "连标号不超过 600 个字符，先说最要紧的。",
}
_OBEYS = 0.6  # share of a sentence's pairs of characters that an order in a page has, from which on it repeats it
_RAMBLING = 2_000  # characters without the end of a sentence, thoughts not counted: no answer begins like that
_ENDLESS = 60_000  # characters in all, thoughts included
_REMEMBERED, _REMEMBERED_CHARACTERS = 6, 500  # turns that a follow-up is read with, and how much of each
_LONGEST_QUESTION = 200  # characters of a question made to be searched: one that is longer is something else


@dataclass(frozen=True, slots=True)
class Draft:
    """What is written so far and borne out, None for nothing yet; at last None says that the passages do not say it."""

    checked: Checked | None = None
    final: bool = False


class Writer:
    """Writes with one model. Safe from several threads.

    `unsupported` says what happens to a sentence that the passages do not bear out: it is marked, or cut.
    """

    def __init__(self, model: Model, limits: Limits, unsupported: Unsupported = "mark") -> None:
        self.model, self.limits, self.unsupported = model, limits, unsupported

    def begin(self) -> WriterAtWork:
        """Begin with one answer: its time runs from now."""
        return WriterAtWork(self.model, self.limits, self.unsupported)


class WriterAtWork:
    """A writer at one answer; keeps count of time and tokens for it."""

    def __init__(self, model: Model, limits: Limits, unsupported: Unsupported) -> None:
        self._model, self._limits, self._unsupported = model, limits, unsupported
        self._deadline = time.monotonic() + limits.whole
        self._read: int | None = None
        self._wrote: int | None = None
        self._seconds = 0.0

    @property
    def usage(self) -> Usage:
        """What it took so far."""
        return Usage(self._read, self._wrote, round(self._seconds, 3))

    def restate(self, question: str, history: Sequence[Turn], today: Date) -> Generator[None, None, str | None]:
        """One Chinese question that stands alone; None where the model writes something else. Raises ModelFailed."""
        heard, beat = _Heard(""), _Beat()
        with closing(self._hear(_restating(question, history, today))) as hearing:
            for heard in hearing:
                if beat.is_due():
                    yield
                if len(heard.text) > _ENDLESS:
                    break
        lines = whole_sentences(heard.text, done=True)[0]
        return lines[0] if len(lines) == 1 and _is_question(lines[0]) else None

    def write(self, asked: Asked, question: str, passages: Sequence[Passage]) -> Iterator[Draft]:
        """Drafts that answer `question`, which was read as `asked`; the last one is final. Raises ModelFailed."""
        room = _MORE if asked.wants_several else _FACT
        messages = _writing(question, passages, room)
        checked = yield from self._listen(messages, room, passages)
        if checked and _mostly_failed(checked):
            checked = yield from self._listen([*messages, *_again(checked)], room, passages)
        if checked and _mostly_failed(checked):
            raise ModelFailed("unfounded")
        yield Draft(without_failed(checked) if checked and self._unsupported == "cut" else checked, final=True)

    def _listen(
        self, messages: Sequence[Message], room: Room, passages: Sequence[Passage]
    ) -> Generator[Draft, None, Checked | None]:
        """Drafts of what the passages bear out; at last all that was written, None for "they do not say it"."""
        grounds = without_orders(passages)
        orders = orders_in(passages, grounds)
        sentences: tuple[str, ...] = ()
        whole: tuple[str, ...] = ()
        kept, rest, beat = NOTHING, "", _Beat()
        with closing(self._hear(messages)) as hearing:
            for heard in hearing:
                if is_thought(heard.text):
                    rest = ""
                else:
                    whole, rest = whole_sentences(heard.text, done=heard.done)
                _must_be_sound(whole, rest, heard.text)
                if any(NONE in sentence for sentence in whole):
                    return None
                if whole != sentences:
                    sentences = whole
                    checked = _without_obedience(check_answer(joined(whole), grounds), grounds, orders)
                    kept = _fitting(checked, room)
                    yield Draft(without_failed(kept))
                    if len(kept.sentences) < len(checked.sentences):
                        break  # it goes on beyond what an answer may be: enough of it
                elif beat.is_due():
                    yield Draft(without_failed(kept))
        if not kept.sentences:
            raise ModelFailed("long" if sentences or rest.strip() else "empty")
        return kept

    def _hear(self, messages: Sequence[Message]) -> Generator[_Heard, None, None]:
        """All that the model has written so far, again and again; counts what it takes."""
        began, text, pieces, cut = time.monotonic(), "", 0, False
        read: int | None = None
        wrote: int | None = None
        try:
            with closing(hear(self._model, messages, self._limits, self._deadline)) as tokens:
                for token in tokens:
                    if token is not None:
                        text, pieces = text + token.text, pieces + bool(token.text)
                        read, wrote = token.input_tokens or read, token.output_tokens or wrote
                        cut = cut or token.cut
                    yield _Heard(text, done=False)
            yield _Heard(text, done=not cut)
        finally:
            self._seconds += time.monotonic() - began
            self._read = _sum(self._read, read)
            self._wrote = _sum(self._wrote, wrote if wrote is not None else pieces)


class _Beat:
    """Says when who waits has waited long enough to be let in for a moment."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def is_due(self) -> bool:
        if time.monotonic() - self._last < BEAT:
            return False
        self._last = time.monotonic()
        return True


@dataclass(frozen=True, slots=True)
class _Heard:
    """What a model has written; `done` where that is all it had to say."""

    text: str
    done: bool = False


def _without_obedience(checked: Checked, grounds: Sequence[Passage], orders: str) -> Checked:
    """With each sentence not borne out that repeats what a page ordered more closely than what the page tells.

    The checker passes a sentence that holds nothing to look up; one that a page ordered may be just that.
    """
    ordered, told = character_pairs(orders), character_pairs("\n".join(ground.text for ground in grounds))

    def judged(sentence: AnswerSentence) -> AnswerSentence:
        own = character_pairs(sentence.text)
        obeys = len(own & ordered) > max(_OBEYS * len(own), len(own & told))
        return replace(sentence, supported=False) if obeys else sentence

    return Checked(tuple(map(judged, checked.sentences)), checked.citations) if orders else checked


def _fitting(checked: Checked, room: Room) -> Checked:
    """As many of the sentences from the first on as an answer may have, with their citations."""
    count = room.for_first_of([marked([sentence]) for sentence in checked.sentences])
    sentences = checked.sentences[:count]
    used = {n for sentence in sentences for n in sentence.citations}
    return Checked(sentences, tuple(citation for citation in checked.citations if citation.n in used))


def joined(sentences: Sequence[str]) -> str:
    """Sentences one after the other, with a space where Latin script wants one."""
    text = ""
    for sentence in sentences:
        text += " " + sentence if text and sentence[0].isascii() and sentence[0].isalpha() else sentence
    return text


def _writing(question: str, passages: Sequence[Passage], room: Room) -> list[Message]:
    prompts = all_prompts()
    question = harmless(question)
    fence = draw_fence([question], texts_of(passages))
    language = "中文" if has_chinese(question) else "读者提问所用的语言（不是中文；报纸原话可以放在引号里保留中文）"
    system = prompts["answer"].fill(fence=fence, language=language, length=_IN_WORDS[room], none=NONE)
    user = prompts["passages"].fill(passages=fenced_passages(passages, fence), question=question, fence=fence)
    return [Message("system", system), Message("user", user)]


def _again(checked: Checked) -> list[Message]:
    findings = "\n".join(f"- {harmless(finding)}" for finding in checked.findings())
    told = all_prompts()["answer_again"].fill(findings=findings, none=NONE)
    return [Message("assistant", checked.text), Message("user", told)]


def _restating(question: str, history: Sequence[Turn], today: Date) -> list[Message]:
    who = {"user": "读者", "assistant": "机器人"}
    turns = [(turn.role, harmless(turn.content[:_REMEMBERED_CHARACTERS])) for turn in history[-_REMEMBERED:]]
    told = "\n".join(f"{who[role]}：{said}" for role, said in turns) or "（没有）"
    question = harmless(question)
    fence = draw_fence([question, told])
    text = all_prompts()["standalone"].fill(history=told, question=question, fence=fence, today=today.isoformat())
    return [Message("user", text)]


def _is_question(line: str) -> bool:
    return has_chinese(line) and len(line) <= _LONGEST_QUESTION and GARBAGE not in line and NONE not in line


def _must_be_sound(whole: Sequence[str], rest: str, text: str) -> None:
    if GARBAGE in rest or any(GARBAGE in sentence for sentence in whole):
        raise ModelFailed("garbled")
    if len(rest) > _RAMBLING or len(text) > _ENDLESS:
        raise ModelFailed("long")


def _mostly_failed(checked: Checked) -> bool:
    return checked.failed * 2 > len(checked.sentences) or not checked.sentences


def _sum(one: int | None, other: int | None) -> int | None:
    return other if one is None else one + (other or 0)
