"""Bylines: who wrote it (本报记者 张 留; (记者 甲 通讯员 乙 共享联盟·桐乡 丙); （罗 希） at the end).

In: a line or a paragraph, in simplified or traditional characters. Out: the byline as printed, without its brackets.
"""

from __future__ import annotations

import re

from ingest.numerals import HAN
from ingest.simplified import simplify

_PREFIX = r"本报|本刊|新华社|本网|见习|实习|特约|首席|全媒|驻[^\s（()）]{2,10}"
_PEOPLE = rf"(?:{_PREFIX})*(?:记者|通讯员|评论员|特派员|观察员|撰稿人?|编译|摄影|作者)"
_WORD = re.compile(rf"{_PEOPLE}|共享联盟|(?:^|\s)(?:文|图)\s?[/／|｜]|^(?:文|图|摄影|整理|编辑|责编|作者)[:：]")
_BRACKETS = re.compile(r"\s*[（(]([^（()）]{2,80})[)）]")
_SENTENCE = re.compile(rf"\s*((?:{_PEOPLE})[\s:：]*[{HAN}\s、]{{2,24}}?)\s*(?:摄影)?报道[：:，]?")
_TAIL = re.compile(rf"[（(]\s*((?:{_PEOPLE}|据新华社|新华社|原载|来源)[^（()）]{{0,60}})[)）]$")
_LONE_TAIL = re.compile(r"[。！？”][（(]([^（()）]{2,12})[)）]$")
# The hundred commonest surnames cover six people of seven; a name that is none of them is not taken for one.
_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林郑谢罗梁宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石"
    "廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐"
)
_NAMES = re.compile(rf"(?:[{HAN}]\s?[{HAN}]{{1,3}})(?:[\s、]+[{HAN}]\s?[{HAN}]{{1,3}}){{0,3}}")
_LONGEST = 60  # characters of a byline that has a line to itself


def find_byline(line: str) -> str | None:
    """Give the byline, if the whole line is one: 本报记者 张 留, 新华社记者 …, （记者 …）."""
    if len(line) > _LONGEST or re.search("[，。；！？“”电]|讯(?!员)", simplify(line)):
        return None
    bare = line.strip("（()）【】[]　 ")
    found = _WORD.search(simplify(bare))
    if found is None or found.start() > 12:
        return None
    return bare if len(bare) <= 12 or found.start() <= 2 else None


def byline_in_brackets(text: str, at: int) -> tuple[str, int] | None:
    """Give the byline in brackets that stands at `at`, and where it ends."""
    match = _BRACKETS.match(text, at)
    if match and (_WORD.search(simplify(match[1])) or _NAMES.fullmatch(match[1].strip())):
        return match[1].strip(), match.end()
    return None


def byline_in_sentence(text: str, at: int) -> tuple[str, int] | None:
    """Give the byline that stands at `at` as part of the text (记者甲、乙报道：), and where it ends."""
    match = _SENTENCE.match(simplify(text), at)
    return (text[match.start(1) : match.end(1)].strip(), match.end()) if match else None


def is_lone_name(line: str) -> bool:
    """Tell whether the whole line may be nothing but one to four names (the author's line of an older page)."""
    if len(line) > _LONGEST or simplify(line[0]) not in _SURNAMES or len(line.split()[0]) > 4:
        return False
    return _NAMES.fullmatch(line) is not None


def find_tail_byline(paragraph: str) -> str | None:
    """Give the byline in brackets at the end of a paragraph: （本报记者 …）, （罗 希）."""
    tail = paragraph[-_LONGEST - 20 :]
    match = _TAIL.search(simplify(tail))
    if match:
        return tail[match.start(1) : match.end(1)].strip()
    lone = _LONE_TAIL.search(tail)
    return lone[1].strip() if lone and is_lone_name(lone[1].strip()) else None
