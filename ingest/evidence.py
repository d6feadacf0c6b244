"""What the look of a line says about its part in the page: a list of named marks for every line.

In: the lines of a page. Out: for each line the names of the marks it bears (`dateline`, `short`, `gap:rare`, …). Which
mark speaks for which part is not known here: `roles` weighs them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from ingest.bylines import find_byline, find_tail_byline, is_lone_name
from ingest.datelines import find_dateline
from ingest.frequencies import rarity
from ingest.jumps import find_jumps
from ingest.lines import Habits, Line, page_habits
from ingest.terms import search_terms, tagged_words

_WINDOW = 5  # lines on either side that are compared for their words
_NEAR = 6  # seams on either side among which one is ranked
_COMMON = 2.0  # rarity up to which a word says nothing about the matter
_REACH = 400  # characters of one line that are looked at, so that a line of 50 MB costs what a paragraph costs
_LENGTHS = (4, 8, 12, 16, 22, 30, 45, 80, 160)  # upper bounds of the classes of length, characters
_SHARES = (0.001, 0.03, 0.06, 0.1, 0.15, 0.22, 0.3, 0.45)  # upper bounds of the classes of shared words
_MIXED = 0.42  # share of unusual gaps from which on nothing is usual
_JUNCTION = 6  # characters on either side of a line end in which a word may have been cut

_OPENING = dict(zip("”’」』）)】》", "“‘「『（(【《", strict=True))
_NUMBERING = re.compile(
    r"^(?:[（(]?[一二三四五六七八九十\d０-９]{1,3}[)）、.．]|[①-⑳●■◆▲△★☆□◇○※·•]|第[一二三四五六七八九十]{1,3}[章节条、])"
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


def page_evidence(lines: list[Line]) -> list[list[str]]:
    """Give the marks of every line, in order."""
    if not lines:
        return []
    habits = page_habits(lines)
    own = [list(_own_marks(line, habits)) for line in lines]
    marks = [["bias", *names] for names in own]
    joined = [False, *(_word_runs_over(a, b) for a, b in pairwise(lines))]
    shared = _shared_words(lines)
    for i, line in enumerate(lines):
        gap = _gap(line, habits) if i else "first"
        before = "start" if i == 0 else _kind(lines[i - 1], own[i - 1])
        after = "end" if i + 1 == len(lines) else _kind(lines[i + 1], own[i + 1])
        next_gap = "last" if i + 1 == len(lines) else _gap(lines[i + 1], habits)
        kind = _kind(line, own[i])
        marks[i] += [f"gap:{gap}", f"before:{before}", f"after:{after}", f"is:{kind}", f"gap:{gap} next:{next_gap}"]
        marks[i] += [f"gap:{gap} before:{before}", f"is:{kind} before:{before}", f"is:{kind} after:{after}"]
        marks[i] += [f"is:{kind} gap:{gap} next:{next_gap}", f"is:{kind} gap:{gap} before:{before}"]
        marks[i] += shared[i]
        marks[i] += [f"is:{kind} {name}" for name in shared[i]]
        if joined[i]:
            marks[i] += ["word from before", f"is:{kind} word from before"]
        if i + 1 < len(lines) and joined[i + 1]:
            marks[i] += ["word goes on", f"is:{kind} word goes on"]
        if i:
            marks[i] += _junction_marks(lines[i - 1], line)
        if i + 1 < len(lines):
            marks[i] += [f"{way}then:{name}" for name in own[i + 1] if name in _TELLING for way in ("", f"is:{kind} ")]
        if i > 1 and _kind(lines[i - 2], own[i - 2]) in ("headline-like", "long headline-like"):
            marks[i].append(f"is:{kind} two under a headline")
    return marks


_TELLING = frozenset(
    {
        "dateline",
        "byline",
        "lead",
        "jump from",
        "name",
        "backward",
        "begins:inside",
        "reporter first",
        "dateline inside",
    }
)


def _own_marks(line: Line, habits: Habits) -> Iterator[str]:
    """The marks that a line bears by itself, wherever it stands."""
    text = line.text
    yield f"length:{_class(len(text), _LENGTHS)}"
    yield f"ends:{_ending(line)}"
    yield f"begins:{_beginning(text)}"
    if habits.width:
        yield "wrapped:full" if line.indent + len(text) >= habits.width - 2 else "wrapped:part"
    if habits.indented > 0.3:
        yield "indented" if line.indent else "flush"
    head = text[:_REACH]
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
        ("numbered", _NUMBERING.match(head)),
        ("caption", _CAPTION.search(text[:30]) or _CAPTION.search(text[-30:])),
        ("only a date", len(text) < 24 and _ON_DATE.match(text)),
        ("source note", _SOURCE.search(text[-60:]) if len(text) < 90 else _SOURCE.search(text[:12])),
        ("lead", _LEAD.search(text[:40])),
        ("reporter first", _REPORTER.match(text)),
        ("backward", _BACKWARD.match(text)),
        ("sentence inside", re.search(r"[。！？]", text[:-1][:_REACH])),
        ("comma inside", len(text) <= 45 and re.search("[，,；、]", text)),
        ("space inside", len(text) <= 45 and re.search(r"\s", text)),
        ("colon inside", len(text) <= 45 and re.search("[：:]", text)),
        ("dash first", text.startswith(("——", "—", "--"))),
    )
    yield from (name for name, found in tests if found)


def _junction_marks(above: Line, line: Line) -> Iterator[str]:
    """What the end of one line and the beginning of the next say about their belonging together."""
    left, right = above.text[-1], line.text[0]
    ends, begins = _ending(above), _beginning(line.text)
    yield f"junction:{ends}>{begins}"
    if left.isascii() and left.isalnum() and right.isascii() and right.isalnum():
        yield "junction:number or name cut"
    if _closes_quote_of(above.text[-_REACH:], line.text[:_REACH]):
        yield "junction:quote closes"


def _kind(line: Line, own: list[str]) -> str:
    """The coarse sort of a line, for marks that name a neighbour."""
    for name in ("jump from", "dateline", "byline", "name", "caption", "only a date"):
        if name in own:
            return name
    if line.short:
        label = "plain label" in own and len(line.text) <= 6
        return "label" if label else "headline-like" if len(line.text) <= 30 else "long headline-like"
    if not line.closed:
        return "open text"
    return "short text" if len(line.text) <= 30 else "text"


def _gap(line: Line, habits: Habits) -> str:
    """The white space above a line, against what is usual on the page."""
    blanks = min(line.blanks, 3)
    sort = "mixed" if habits.rare > _MIXED else "usual" if blanks == habits.blank else "rare"
    return f"{sort} {'blank' if blanks > 1 and blanks == habits.blank else ('none', 'blank', 'wide', 'wide')[blanks]}"


def _ending(line: Line) -> str:
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


def _beginning(text: str) -> str:
    first = text[0]
    if first in "，,、；;。！？：:%％”’」』）)》":
        return "inside"
    if first in "“‘「『":
        return "quote"
    if first in "（(【[《":
        return "bracket"
    return "digit" if first.isdigit() else "latin" if first.isascii() and first.isalpha() else "letter"


def _closes_quote_of(above: str, below: str) -> bool:
    """Tell whether a quote or bracket is left open above and the first one below closes it."""
    for c in below:
        if c in _OPENING:
            opener = _OPENING[c]
            return above.count(opener) > above.count(c)
        if c in "“‘「『（(【《":
            return False
    return False


def _word_runs_over(above: Line, below: Line) -> bool:
    """Does a word begin at the end of one line and go on in the next? Then the lines are one sentence."""
    if above.closed:
        return False
    left, right = above.text[-_JUNCTION:], below.text[:_JUNCTION]
    return any(word.start < len(left) < word.end for word in tagged_words(left + right))


def _shared_words(lines: list[Line]) -> list[list[str]]:
    """How many of its words, rare ones counting more, a line shares with the lines above and below."""
    words = [_words(line.text) for line in lines]
    seams = [_seam(words, i) for i in range(len(lines))]
    marks: list[list[str]] = []
    for i, found in enumerate(words):
        total = sum(found.values()) or 1.0
        above, below = _together(words[max(0, i - _WINDOW) : i]), _together(words[i + 1 : i + 1 + _WINDOW])
        up = sum(weight for word, weight in found.items() if word in above) / total
        down = sum(weight for word, weight in found.items() if word in below) / total
        near = sorted(seams[max(1, i - _NEAR) : i + _NEAR + 1])
        rank = near.index(seams[i]) / max(1, len(near) - 1) if i and near else 0.0
        side = "down" if down > up * 1.5 + 0.01 else "up" if up > down * 1.5 + 0.01 else "even"
        marks.append(
            [
                f"words up:{_class(up, _SHARES)}",
                f"words down:{_class(down, _SHARES)}",
                f"words more {side}",
                f"seam:{_class(seams[i], _SHARES)}",
                f"seam rank:{round(rank * 4)}",
            ]
        )
    return marks


def _seam(words: list[dict[str, float]], i: int) -> float:
    """How much the lines above `i` and those from `i` on have in common, 0 to 1."""
    if i == 0:
        return 0.0
    above, below = _together(words[max(0, i - _WINDOW) : i]), _together(words[i : i + _WINDOW])
    common = sum(weight for word, weight in above.items() if word in below)
    least = min(sum(above.values()), sum(below.values()))
    return common / least if least else 0.0


def _together(words: list[dict[str, float]]) -> dict[str, float]:
    found: dict[str, float] = {}
    for line in words:
        found |= line
    return found


def _words(text: str) -> dict[str, float]:
    """The words of a line that say what it is about, each with its weight: common ones none, rare ones much."""
    seen = text if len(text) <= _REACH else text[: _REACH // 2] + " " + text[-_REACH // 2 :]
    return {t: weight for t in set(search_terms(seen)) if len(t) > 1 and (weight := rarity(t) - _COMMON) > 0}


def _class(value: float, bounds: tuple[float, ...]) -> str:
    for bound in bounds:
        if value <= bound:
            return f"{bound:g}"
    return f"{bounds[-1]:g}+"
