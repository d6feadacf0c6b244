"""A chosen sentence without what only leads up to it or trails behind: 据了解, a dateline, (编辑：…), half a quotation.

In: a question read, a sentence of a newspaper. Out: one unbroken piece of that sentence, the whole of it where nothing
can go. It never changes a character inside, and never drops what the question asks for.
"""

from __future__ import annotations

import re

from bot.question import Asked
from ingest.terms import fold, tagged_words

_HEARSAY = (
    "(?:另|又|还)?据(?:了解|悉|介绍|记者了解)|记者了解到|记者获悉|"
    "(?:(?:昨|今)[天日]|日前|近日)?[,，]?(?:本报)?记者(?:(?:昨|今)[天日]|日前|近日)?从[^。，,；;]{2,24}(?:获悉|了解到|得知|处获悉)"
)
_DAY = r"(?:\d{4}年)?\d{1,2}月\d{1,2}日"
_BRACKET = r"(?:\s*[（(][^（）()。，,]{2,40}[）)])"  # who wrote it, after the dateline
_DATELINE = (
    rf"(?:{_DAY})?(?:本报|本网|新华社|新华网|中新社|中新网|人民网|中国网|央视网)[^。，,；;：:（()）]{{0,24}}?(?:讯|电|消息)(?!话|视|影|报|员){_BRACKET}?"
    rf"|(?:本报|本网)?{_DAY}(?:讯|电|消息){_BRACKET}?"
    rf"|[（(](?:本报|本网)?(?:见习|实习|特约)?(?:记者|通讯员)[^（）()]{{1,40}}[）)]"
    r"|【[^【】]{0,20}(?:讯|电|记者|报道)[^【】]{0,20}】"
)
_LEADS = re.compile(rf"\s*(?:(?P<hearsay>{_HEARSAY})\s*[，,：:]|(?P<dateline>{_DATELINE})\s*[，,：:]?)\s*")
_TRAILS = re.compile(
    r"\s*[（(](?:(?:责任编辑|责编|编辑|校对|来源|作者|作者单位|(?:本报)?记者|通讯员|编译|摄影|供稿)[^（）()]{0,40}|完|本报综合)[）)]"
    r"\s*[。.]?\s*$|(?<=[。！？!?”])\s*(?:责任编辑|责编|编辑|校对|来源|作者)[：:]\s*[^。！？]{1,20}$"
)
_WRITERS = re.compile("记者|通讯员|作者|写|报道|采访|稿|署名|编辑|来源|哪家|媒体|谁说|消息")
_TIMES = re.compile(r"\d{1,2}[月日]|[昨今明][天日]|日前|近日|\d{4}年")
_MOVABLE = {"number", "reason", "manner", "list"}  # kinds whose answer cannot be a source or a place before the clause
_PAIRS = tuple((pair[0], pair[1]) for pair in ("“”", "‘’", "《》", "（）", "()", "「」", "『』", "【】"))
_NO_BEGINNING = frozenset("，。、；：,.;:!?！？）)”’》」』】的了着得地过们")
_CLAUSE = 8  # characters that a clause has at least


def shortened(asked: Asked, sentence: str) -> str:
    """`sentence` without what only leads up to it or trails behind, for who asks `asked`."""
    text = sentence.strip()
    for _ in range(3):  # a dateline may stand before 据了解, and a by-line before both
        found = _LEADS.match(text)
        if not found or not found[0] or not _may_go(asked, found) or not _is_clause(text[found.end() :]):
            break
        text = text[found.end() :]
    trail = _TRAILS.search(text)
    if trail and not _WRITERS.search(fold(asked.text)) and _is_clause(text[: trail.start()]):
        text = text[: trail.start()]
    return _balanced(text) or sentence


def _may_go(asked: Asked, found: re.Match[str]) -> bool:
    """Whether what leads up to the sentence neither is what is asked for nor holds words of the question."""
    lead, asks = found[0], fold(asked.text)
    if asked.kind == "date" and _TIMES.search(lead):
        return False
    if _WRITERS.search(asks) and re.search("记者|通讯员|本报|新华|中新|人民", lead):
        return False
    if found["hearsay"] and "从" in lead and asked.kind not in _MOVABLE:
        return False  # an office that is named there may be what is asked for
    if found["dateline"] and asked.kind == "place":
        return False
    folded, rest = fold(lead), fold(found.string[found.end() :])
    return not any(word.text in folded and word.text not in rest for word in asked.words if len(word.text) > 1)


def _is_clause(text: str) -> bool:
    """Whether what remains can stand by itself."""
    if len(text) < _CLAUSE or text[0] in _NO_BEGINNING:
        return False
    return any(word.tag.startswith(("v", "a")) or word.text.isdecimal() for word in tagged_words(text))


def _balanced(text: str) -> str:
    """Without a mark at either end whose partner was left behind; one inside stays, for nothing is changed there."""
    for opening, closing in _PAIRS:
        if text.startswith(opening) and text.count(opening) > text.count(closing):
            text = text[1:]
        if text.endswith(closing) and text.count(closing) > text.count(opening):
            text = text[:-1]
    return text
