"""What a line looks like by itself: its length, its ends, the phrases in it.

In: one line and the habits of its page. Out: named marks, and its coarse kind. Its neighbours are `evidence`'s matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.bylines import find_byline, find_tail_byline, is_lone_name
from ingest.datelines import find_dateline
from ingest.jumps import find_jumps
from ingest.lines import Habits, Line

REACH = 400  # characters of one line that are looked at, so that a line of 50 MB costs what a paragraph costs
_LENGTHS = (4, 8, 12, 16, 22, 30, 45, 80, 160)  # upper bounds of the classes of length, characters
_SHORT = 30  # characters up to which a headline is of the usual length
UNFINISHED = frozenset(
    "和与及的在是对把被向从并而但或将等以于让使给由所该这那"
)  # nothing ends with these: a sentence goes on
_NUMBERING = re.compile(
    r"^(?:0\d(?=[\u3400-\u9fff])|[（(]?[一二三四五六七八九十\d０-９]{1,3}[)）、.．]|[①-⑳●■◆▲△★☆□◇○※·•]|第[一二三四五六七八九十]{1,3}[章节条、])"
)
_CAPTION = re.compile(
    r"(?:摄|[供作制]图|绘|图片)[）)]?[。]?$|^[（(]?(?:[上下左右]?图[为片：:①②１２12]|附图|题图|资料图|照片)|[（(](?:附图|附照|图片|附表)"
)
_ON_DATE = re.compile(r"^[（(【]?[一二三四五六七八九〇○零\d０-９]{2,4}年[^，。]{1,12}日?[)）】]?$")
_SOURCE = re.compile(r"(?:来源|编辑|责编|原标题|作者|记者)[:：]|版权|转载|原载|（完）|\(完\)")
_REPORTER = re.compile(r"^[^，。：\s]{0,10}(?:记者|通讯员)[\s:：]{0,2}[\u3400-\u9fff]{2,4}")
_LATE_DATELINE = re.compile(r"(?:报|社|网|新闻|客户端)[^，。]{0,16}(?:讯|电)\s*[（(]")
_LEAD = re.compile(
    r"(?:^|[^\u3400-\u9fff])(?:近日|日前|昨日|昨天|今天|今日|近期|最近|记者|本报|当地时间|据[^，。]{2,16}?(?:报道|消息|电|讯|获悉))"
    r"|^.{0,12}?[\d一二三四五六七八九十０-９]+\s?月\s?[\d一二三四五六七八九十０-９]+\s?日|^[\d０-９一二三四五六七八九十]{1,3}日"
)
_BACKWARD = re.compile(
    r"^[“「]?(?:他|她|它|该|此|这|其|同时|据介绍|据了解|据悉|另外|随后|目前|因此|但|而|对此|之后|为此|与此|不过|然而|并|还|也|最后|接着|于是|所以|当天|当时|会上|会议|活动|报告|文章|公报|在谈到|谈到|"
    r"《?意见|《?通知|其次|第[二三四五六七八九]|[二三四五六七八九][、是]|总之|下一步|截至|如今|现在|自此|后来|以后|尽管|虽然|由于|如果|报道|发言人|声明|通知|我们|我)"
)


def own_marks(line: Line, habits: Habits) -> Iterator[str]:
    """The marks that a line bears by itself, wherever it stands."""
    text = line.text
    yield f"length:{size_class(len(text), _LENGTHS)}"
    yield f"ends:{line_ending(line)}"
    yield f"begins:{line_beginning(text)}"
    if habits.width:
        yield "wrapped:full" if line.indent + len(text) >= habits.width - 2 else "wrapped:part"
    if habits.indented > 0.3:
        yield "indented" if line.indent else "flush"
    head = text[:REACH]
    if find_dateline(head):
        yield "dateline"
    elif _LATE_DATELINE.search(text[:120]):
        yield "dateline inside"
    if find_byline(text):
        yield "byline"
    elif is_lone_name(text):
        yield "name"
    if find_tail_byline(text):
        yield "byline behind"
    for jump in find_jumps(text):
        yield "jump to" if jump.onward else "jump from"
    if text in habits.repeated:
        yield "repeated"
    if len(text) <= 12 and not re.search(r"[^\w·]", text):
        yield "plain label"
    tests = (
        ("quote left open", text.count("“", 0, REACH) > text.count("”", 0, REACH)),
        ("unfinished", text[-1] in UNFINISHED),
        ("numbered", _NUMBERING.match(head)),
        ("caption", _CAPTION.search(text[:30]) or _CAPTION.search(text[-30:])),
        ("only a date", len(text) < 24 and _ON_DATE.match(text)),
        ("source note", _SOURCE.search(text[-60:]) if len(text) < 90 else _SOURCE.search(text[:12])),
        ("lead", _LEAD.search(text[:40])),
        ("reporter first", _REPORTER.match(text)),
        ("backward", _BACKWARD.match(text)),
        ("sentence inside", re.search(r"[。！？]", text[:-1][:REACH])),
        ("comma inside", len(text) <= 45 and re.search("[，,；、]", text)),
        ("space inside", len(text) <= 45 and re.search(r"\s", text)),
        ("colon inside", len(text) <= 45 and re.search("[：:]", text)),
        ("all in brackets", len(text) < 60 and re.fullmatch(r"[（(【][^（()）】]*[)）】]", text)),
        ("dash first", text.startswith(("——", "—", "--"))),
    )
    yield from (name for name, found in tests if found)


def line_kind(line: Line, own: list[str]) -> str:
    """The coarse sort of a line, for marks that name a neighbour."""
    for name in ("jump from", "dateline", "byline", "name", "caption", "only a date"):
        if name in own:
            return name
    if line.short:
        label = "plain label" in own and len(line.text) <= 6
        return "label" if label else "headline-like" if len(line.text) <= _SHORT else "long headline-like"
    if not line.closed:
        return "open text"
    return "short text" if len(line.text) <= _SHORT else "text"


def line_ending(line: Line) -> str:
    """Name how a line ends."""
    last = line.text[-1]
    if line.closed:
        return "sentence"
    if last in "，,、；;":
        return "comma"
    if last in "：:":
        return "colon"
    if last in "”’」』）)】》〉":
        return "closer"
    return "digit" if last.isdigit() else "letter"


def line_beginning(text: str) -> str:
    """Name how a line begins."""
    first = text[0]
    if first in "，,、；;。！？：:%％”’」』）)》":
        return "inside"
    if first in "“‘「『":
        return "quote"
    if first in "（(【[《":
        return "bracket"
    return "digit" if first.isdigit() else "latin" if first.isascii() and first.isalpha() else "letter"


def size_class(value: float, bounds: tuple[float, ...]) -> str:
    """Name the class of `value` among the upper `bounds`."""
    for bound in bounds:
        if value <= bound:
            return f"{bound:g}"
    return f"{bounds[-1]:g}+"
