"""What a language model wrote, taken apart: sentences without marks and markdown, each with the passages it names.

In: the model's text, with marks as models write them ([1], 【1】, ［1, 2］, [1][2]), before or after the full stop.
Out: its sentences in order. It does not know whether there are such passages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ingest.sentences import sentence_spans

# 〔2023〕 is part of a document's number.
_MARK = re.compile(r"\s*[\[【［]\s*\^?(\d{1,3}(?:\s*[,，、;；\s–-]\s*\^?\d{1,3})*)\s*[\]】］]")
_SIGN = "\ue000"  # stands for the marks of one place while sentences are cut
_AFTER_STOP = re.compile(
    rf"((?:[。！？!?…]+|(?<!\d)\.|(?<=\d)\.(?=\s*{_SIGN}))[”’」』）)】》〉\"']*)((?:\s*{_SIGN}\d+;)+)"
)
_SIGNS = re.compile(rf"\s*{_SIGN}(\d+);")
# English ends at a full stop with a capital behind it, but not behind a title, an initial or a short word of the kind.
_ENGLISH_END = re.compile(
    r"(?<=[a-z\d%)\"”’;])(?<!\bMr)(?<!\bMs)(?<!\bDr)(?<!\bNo)(?<!\bSt)(?<!\bvs)[.](?=\s+[\"“(]?[A-Z\d])"
)
_HEADING = re.compile(r"^\s{0,3}#{1,6}\s+|\s#+\s*$")
_BULLET = re.compile(r"^\s*(?:[-*+•·●]\s+|>\s?|\(?\d{1,2}[.)、．](?!\d)\s*|[（(]\d{1,2}[）)]\s*)+")
_EMPHASIS = re.compile(r"(\*\*\*|\*\*|__|~~|`+)(?=\S)(.+?)(?<=\S)\1|(?<!\*)\*(?=[^\s*])([^*]+)(?<=[^\s*])\*(?!\*)")
_LINK = re.compile(r"!?\[([^\]]+)\]\([^)\s]*\)")
_RULE = re.compile(r"\s*(?:\|?\s*:?-{2,}:?\s*\|?)+\s*|\s*[*_=-]{3,}\s*|\s*```.*")
_STOPPED = re.compile(r"[。！？!?…：:；;，,.、][”’」』）)】》〉\"']*$")
_LATIN_END = re.compile(r"[\x21-\x7e]$")


@dataclass(frozen=True, slots=True)
class Written:
    """One sentence: its text, and the numbers of the passages that it names, each once.

    `heading`: a heading, or the head of a table: it names things and states nothing.
    """

    text: str
    marks: tuple[int, ...]
    heading: bool = False


def read_written(written: str) -> list[Written]:
    """The sentences of a model's answer; [] where there is nothing but marks and markdown."""
    out: list[Written] = []
    for line, heading in _lines(written):
        for one in _sentences(line, heading=heading):
            if one.text:
                out.append(one)
            elif out:  # marks alone belong to what stands before them
                out[-1] = replace(out[-1], marks=tuple(dict.fromkeys(out[-1].marks + one.marks)))
    return out


def _lines(written: str) -> Iterator[tuple[str, bool]]:
    """Lines as plain text, and whether each is a heading."""
    lines = written.splitlines()
    for i, line in enumerate(lines):
        if not line.strip() or _RULE.fullmatch(line):
            continue
        heading = _HEADING.match(line) is not None
        if line.count("|") > 1 and line.strip().startswith("|"):
            heading = i + 1 < len(lines) and "-" in lines[i + 1] and _RULE.fullmatch(lines[i + 1]) is not None
            line = "，".join(cell.strip() for cell in line.strip().strip("|").split("|"))
        yield _plain(line), heading


def _plain(line: str) -> str:
    line = _BULLET.sub("", _HEADING.sub("", line))
    line = _LINK.sub(lambda m: m[0] if m[1].strip().isdecimal() else m[1], line)
    return _EMPHASIS.sub(lambda m: m[2] or m[3], line).strip()


def _sentences(line: str, *, heading: bool) -> Iterator[Written]:
    marks: list[tuple[int, ...]] = []

    def sign(found: re.Match[str]) -> str:
        marks.append(_numbers(found[1]))
        return f"{_SIGN}{len(marks) - 1};"

    signed = _AFTER_STOP.sub(r"\2\1", _MARK.sub(sign, line))
    for start, end in _spans(signed):
        piece = signed[start:end]
        named = [n for found in _SIGNS.finditer(piece) for n in marks[int(found[1])]]
        text = _SIGNS.sub("", piece).strip()
        bare = not re.search(r"\w", text)
        yield Written("" if bare else _stopped(text), tuple(dict.fromkeys(named)), heading)


def _numbers(inside: str) -> tuple[int, ...]:
    """1,2 and 1、2 are two marks, 1-3 three."""
    out: list[int] = []
    for part in re.split(r"\s*[,，、;；]\s*|\s+(?![–-])(?<![–-]\s)", inside):
        first, *rest = (int(n) for n in re.findall(r"\d+", part))
        out += range(first, rest[-1] + 1) if rest and first < rest[-1] else [first, *rest]
    return tuple(out)


def _spans(signed: str) -> Iterator[tuple[int, int]]:
    for start, end in sentence_spans(signed):
        for found in _ENGLISH_END.finditer(signed, start, end):
            yield start, found.end()
            start = found.end()
        if start < end:
            yield start, end


def _stopped(text: str) -> str:
    """With a full stop where a line of a list has none: the sentences of an answer stand behind one another."""
    if _STOPPED.search(text):
        return text
    return text + ("." if _LATIN_END.search(text) and not re.search("[\u3400-\u9fff]", text) else "。")
