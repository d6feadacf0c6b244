"""Text into sentences and clauses, as spans of it.

In: text. Out: (start, end) pairs that hold every non-blank character, in order. It never changes a character.
"""

from __future__ import annotations

import re

_CLOSERS = "”’」』）)】》〉\"'"  # they belong to the sentence that they close
_SENTENCE = re.compile(rf"[^。！？!?…\n]*(?:[。！？!?…]+[{_CLOSERS}]*|\n|$)")
_CLAUSE = re.compile(r"[^；;]*(?:[；;]+|$)")
_COMMA = re.compile(r"[^，,、：:]*(?:[，,、：:]+|$)")

Spans = list[tuple[int, int]]


def sentence_spans(text: str) -> Spans:
    """Cut at 。！？… with the quotes and brackets that close there, and at line ends."""
    return _pieces(_SENTENCE, text, 0, len(text))


def short_spans(text: str, longest: int) -> Spans:
    """Sentences, those over `longest` characters cut at semicolons, then commas, then anywhere."""
    out: Spans = []
    for span in sentence_spans(text):
        out.extend(_shortened(text, span, longest, (_CLAUSE, _COMMA)))
    return out


def _shortened(text: str, span: tuple[int, int], longest: int, cuts: tuple[re.Pattern[str], ...]) -> Spans:
    start, end = span
    if end - start <= longest:
        return [span]
    if not cuts:
        return [(at, min(at + longest, end)) for at in range(start, end, longest)]
    finer = [p for piece in _pieces(cuts[0], text, start, end) for p in _shortened(text, piece, longest, cuts[1:])]
    packed: Spans = []
    for s, e in finer:
        if packed and e - packed[-1][0] <= longest:
            packed[-1] = (packed[-1][0], e)
        else:
            packed.append((s, e))
    return packed


def _pieces(pattern: re.Pattern[str], text: str, start: int, end: int) -> Spans:
    out: Spans = []
    for match in pattern.finditer(text, start, end):
        s, e = match.span()
        while s < e and text[s].isspace():
            s += 1
        while e > s and text[e - 1].isspace():
            e -= 1
        if s < e:
            out.append((s, e))
    return out
