"""Stand-in until branch `checks` is merged."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.extractive import cite
from bot.models import AnswerSentence, Citation, Passage

_NUMBER = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Checked:
    """An answer of a model, checked."""

    sentences: tuple[AnswerSentence, ...]
    citations: tuple[Citation, ...]

    @property
    def text(self) -> str:
        """With marks."""
        return "".join(s.text + "".join(f"[{n}]" for n in s.citations) for s in self.sentences)

    @property
    def failed(self) -> int:
        """Sentences not borne out."""
        return sum(not s.supported for s in self.sentences)

    def findings(self) -> tuple[str, ...]:
        """What is wrong."""
        return tuple(f"“{s.text}”：{'、'.join(s.missing) or '没有依据'}" for s in self.sentences if not s.supported)


def check_answer(written: str, passages: Sequence[Passage]) -> Checked:
    """Stand-in."""
    by_n = {p.n: p for p in passages}
    sentences: list[AnswerSentence] = []
    used: dict[int, Citation] = {}
    for m in re.finditer(r"([^\[\]]+?)((?:\[\d+\])+|$)", written):
        marks = [int(n) for n in re.findall(r"\d+", m[2])]
        good = [n for n in marks if n in by_n]
        said = _NUMBER.findall(m[1])
        texts = "".join(by_n[n].text for n in good)
        missing = tuple(n for n in said if n not in texts)
        for n in good:
            used.setdefault(n, cite(len(used) + 1, by_n[n].article, "text", by_n[n].start, by_n[n].end))
        numbers = tuple(used[n].n for n in good)
        sentences.append(AnswerSentence(m[1].strip(), numbers, bool(good) and not missing, missing))
    return Checked(tuple(sentences), tuple(used.values()))


def without_failed(checked: Checked) -> Checked:
    """Stand-in."""
    kept = tuple(s for s in checked.sentences if s.supported)
    used = {n for s in kept for n in s.citations}
    return Checked(kept, tuple(c for c in checked.citations if c.n in used))
