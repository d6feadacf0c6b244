"""Folio lines: what a page says of itself (paper, day, page number) and the printer's notice.

In: a line of the page. Out: whether it is such a line, and what it says. It never looks into articles.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date as Date  # noqa: N812 - a field is called `date`, which would shadow the type

from ingest.numerals import DIGIT, FULL_DAY, HAN, full_day, page_number

_LONGEST = 120  # characters
_PAPER = rf"[{HAN}]{{1,6}}(?:日报|晚报|晨报|早报|时报|商报|都市报)"
_PAGE = rf"(?:第\s?|(?<![{DIGIT}]))([A-Za-zＡ-Ｚ]?[{DIGIT}]{{1,3}})\s?版"
_STAFF = r"(?:责任|值班|本版)?(?:编辑|主编|校对|美编|版式|责编|组版)[:：]?.{0,12}"
_WORDS = re.compile(
    rf"{FULL_DAY}|星期[一二三四五六日天]|{_PAGE}|农历.{{2,9}}|{_STAFF}|{_PAPER}"
    r"|(?:国内统一)?(?:连续出版物|刊)号.*|CN\d\d-\d{4}|邮发代号.*|[电热]话[:：].*|E-?mail.*|[A-Z]?\d{1,2}"
)
_PRINTER = re.compile(
    r"(?:社址|地址)[:：].*(?:电话|邮编|邮政编码)|广告(?:经营)?许可证|(?:印刷|承印)[:：]|零售.{0,6}元.*(?:月价|年价|定价)"
)
_SENTENCE = re.compile(r"[，。；！？《（(]")
_AT_EDGE = re.compile(rf"^{FULL_DAY}|编辑|刊号|责编|校对|{_PAPER}$")


@dataclass(frozen=True, slots=True)
class FolioFacts:
    """What a page says of itself; each None where it does not."""

    paper: str | None
    day: Date | None
    page: str | None


def is_folio(line: str, *, edge: bool) -> bool:
    """Tell whether the whole line is the page's own label: date with weekday, page number, paper.

    At the `edge` of a page (its first and last lines) a date alone, editors and the printer's notice are furniture too;
    inside it they are an article's.
    """
    if len(line) > _LONGEST:
        return False
    if edge and _PRINTER.search(line):
        return True
    if edge and re.search(_PAGE, line) and re.search(FULL_DAY, line) and not _SENTENCE.search(line):
        return True  # whatever the paper and its section are called
    if re.search(r"[^\s\W]", _WORDS.sub("", line)):
        return False
    label = re.search(_PAGE, line) or (re.search("星期", line) and re.search("[月年版报]", line))
    return bool(label or (edge and _AT_EDGE.search(line)))


def folio_facts(lines: list[str]) -> FolioFacts:
    """Read paper, day and page number out of folio lines."""
    text = "\n".join(lines)
    paper, number = re.search(_PAPER, text), re.search(_PAGE, text)
    return FolioFacts(paper[0] if paper else None, full_day(text), page_number(number[1]) if number else None)
