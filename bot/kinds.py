"""Whether a sentence holds the kind of thing that a question asks for: a number with its unit, a date, a person, ...

In: a question read and a sentence (folded text and its words). Out: a fit from 0 to 1. It knows nothing of the story.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from bot.question import Asked, Kind
from ingest.terms import Word

_DIGITS = r"(?:\d[\d,，.]*|[零〇一二两三四五六七八九十百千半]+)"
_SCALE = r"[余多来几]?[万亿千百]{0,2}[余多]?"
_NUMBER = re.compile(_DIGITS + _SCALE)
_FRACTION = re.compile(r"\d/\d|分之|一半")
_DATE = re.compile(
    r"\d{4}年|\d{1,2}月|\d{1,2}[日号]|[一二三四五六七八九十]{1,3}月|星期|周[一二三四五六日]|[昨今明前当]天|[昨今明]日|去年|今年|明年|前年|"
    r"近日|日前|上午|下午|晚上|凌晨|[一二三四]季度|年底|年初|上半年|下半年|\d+[时点]"
)
_REASON = re.compile(
    r"因为|由于|因此|所以|因(?!素|特网)|原因|原来|为了|旨在|导致|使得|致使|出于|目的|受.{1,20}影响|为.{2,24}[,，]|方便|有利于|之所以|考虑到"
)
_MANNER = re.compile(
    "通过|采取|采用|实行|实施|建立|出台|推出|开展|推动|推进|按照|根据|依托|利用|首先|其次|然后|如果|反之|则|对.{1,16}进行|"
    "将.{1,16}|把|用于|经过|签订|签下|成立|设立|加强|要求|规定|规矩|规则|约定|协议|每[月年天周]|按[月年]|达标|标准"
)
_LIST = re.compile(r"[、;；]")
_PLACE_TAGS = frozenset({"ns"})
_PLACE = re.compile(
    r"位于|坐落|地处|设在|在.{2,16}(?:举行|举办|召开|成立|揭牌|开幕|启动)|[省市县区镇乡村街路道号楼馆园]"
)
_PERSON_TAGS = frozenset({"nr", "nrt", "nrfg"})
_OTHER_NAME_TAGS = frozenset({"eng", "nz", "nt"})
_TITLED = re.compile(
    "记者|主任|书记|负责人|主席|总?经理|教授|[局市县区镇乡村厂校会站院所队处科部省州团馆社董事]长|说|介绍|表示|先生|女士"
)
_QUOTED = re.compile("[“《「][^”》」。]{2,20}[”》」]")
_SPOKE = re.compile(
    "(?:负责人|工作人员|发言人|人士|专家|代表|居民|市民|民警|医生|老师|老板)[^。,，]{0,6}(?:说|表示|介绍|告诉|指出)"
)
_TITLE_MARKS = re.compile("《[^》]{1,30}》")
# Sorts of things that are asked for with 哪, the parts of speech of their names, what else gives one away.
_SORTS: tuple[tuple[frozenset[str], frozenset[str], re.Pattern[str] | None], ...] = (
    (frozenset("国家 国 省份 省 市 县 城市 地区 地方 岛 山 河 湖".split()), frozenset({"ns"}), None),
    (
        frozenset("公司 企业 集团 银行 品牌 机构 单位 部门 协会 平台 媒体 报纸 医院 大学 高校 学校 学院".split()),
        frozenset({"nt"}),
        re.compile(
            "(?:公司|集团|银行|企业|股份|大学|学院|医院|中心|协会|委员会|研究院|研究所|[^全干内外一]部|[^结布格]局|报社?|网)"
        ),
    ),
    (frozenset("球队 队伍 队 俱乐部".split()), frozenset({"nt"}), re.compile("[^军部排团领带入归]队|俱乐部")),
    (
        frozenset("电影 影片 电视剧 剧 歌 歌曲 书 小说 作品 节目 游戏 专辑 法律 条例 政策 文件 计划 活动".split()),
        frozenset(),
        _TITLE_MARKS,
    ),
)
_DAYS = re.compile(
    r"(?:(?:\d{4}|[今去明前]|当)年)?\d{1,2}月(?:\d{1,2}[日号])?(?:[上下]午|晚上?|凌晨)?(?:\d{1,2}[时点:]\d{0,2})?|\d{4}年|\d{1,2}[日号]|"
    + _DATE.pattern
)
_ANSWER_FORMS: dict[Kind, re.Pattern[str]] = {"date": _DAYS, "name": _QUOTED}
_ANSWER_TAGS: dict[Kind, frozenset[str]] = {
    "person": _PERSON_TAGS | _OTHER_NAME_TAGS | _PLACE_TAGS,
    "place": _PLACE_TAGS,
}
_BYLINE = re.compile(r"[^。,，]{0,24}[(（][^)）]{0,60}(?:记者|通讯员|作者|文)[^)）]{0,60}[)）]")
_ASKS_WRITER = re.compile("记者|通讯员|作者|报道|写")
_BARE = 0.35  # fit of a number with another unit than the one asked for: 30 % hardly answers "how many towns"


def fit(asked: Asked, folded: str, words: Sequence[Word]) -> float:
    """How far the sentence holds what `asked` asks for, 0 to 1; 0.5 where it asks for no kind in particular."""
    return _FITS[asked.kind](asked, folded, words)


def answers(asked: Asked, folded: str, words: Sequence[Word]) -> list[Word]:
    """What in the sentence may be the answer: its numbers, days, names, as the question's kind has them.

    `words` are those of `folded`; so are their offsets.
    """
    known = {word.text for word in asked.words}
    if asked.kind == "number":
        units = "|".join(map(re.escape, asked.units))
        return _spans(re.compile(rf"{_DIGITS}{_SCALE}个?(?:{units})"), folded) or _spans(_NUMBER, folded)
    if asked.kind in _ANSWER_FORMS:
        return [span for span in _spans(_ANSWER_FORMS[asked.kind], folded) if span.text not in known]
    tags = _ANSWER_TAGS.get(asked.kind, _PERSON_TAGS | _OTHER_NAME_TAGS | _PLACE_TAGS)
    return [word for word in _new_names(asked, folded, words) if word.tag in tags]


def _new_names(asked: Asked, folded: str, words: Sequence[Word]) -> list[Word]:
    """Words that the question does not have, without those of a by-line, unless it asks for who wrote it."""
    known = {word.text for word in asked.words}
    byline = None if _ASKS_WRITER.search(asked.text) else _BYLINE.match(folded)
    first = byline.end() if byline else 0
    return [word for word in words if word.start >= first and len(word.text) > 1 and word.text not in known]


def _spans(pattern: re.Pattern[str], folded: str) -> list[Word]:
    return [Word(found[0], found.start(), found.end(), "") for found in pattern.finditer(folded)]


def _number(asked: Asked, folded: str, _words: Sequence[Word]) -> float:
    if not _NUMBER.search(folded):
        return 0.0
    if not asked.units:
        return 1.0 if re.search(r"\d", folded) else 0.7
    if "%" in asked.units and _FRACTION.search(folded):
        return 1.0
    units = "|".join(map(re.escape, asked.units))
    return 1.0 if re.search(rf"{_DIGITS}{_SCALE}个?(?:{units})", folded) else _BARE


def _date(_asked: Asked, folded: str, _words: Sequence[Word]) -> float:
    return 1.0 if _DATE.search(folded) else 0.0


def _person(asked: Asked, folded: str, words: Sequence[Word]) -> float:
    new = {word.tag for word in _new_names(asked, folded, words)}
    if new & _PERSON_TAGS:
        return 1.0 if _TITLED.search(folded) else 0.8
    if new & _OTHER_NAME_TAGS or _QUOTED.search(folded):  # 叫什么 asks for the name of a thing as well
        return 0.6
    if "ns" in new:  # a winner may be a team that is called by its town
        return 0.5
    if _SPOKE.search(folded):  # papers leave some people unnamed: a spokesman, a leading official
        return 0.6
    return 0.3 if _TITLED.search(folded) else 0.0


def _place(asked: Asked, folded: str, words: Sequence[Word]) -> float:
    known = {word.text for word in asked.words}
    named = any(word.tag in _PLACE_TAGS and word.text not in known for word in words)
    return 0.5 * named + 0.5 * bool(_PLACE.search(folded))


def _reason(_asked: Asked, folded: str, _words: Sequence[Word]) -> float:
    return 1.0 if _REASON.search(folded) else 0.3


def _manner(_asked: Asked, folded: str, _words: Sequence[Word]) -> float:
    return min(1.0, 0.3 + 0.25 * len(_MANNER.findall(folded)))


def _list(_asked: Asked, folded: str, _words: Sequence[Word]) -> float:
    return min(1.0, 0.2 + 0.3 * len(_LIST.findall(folded)))


def _name(asked: Asked, folded: str, words: Sequence[Word]) -> float:
    if _QUOTED.search(folded):
        return 1.0
    known = {word.text for word in asked.words}
    return 0.6 if any(word.tag in _OTHER_NAME_TAGS and word.text not in known for word in words) else 0.3


def _fact(asked: Asked, folded: str, words: Sequence[Word]) -> float:
    """Where a sort of thing is asked for, whether a new one of that sort stands there."""
    if not asked.sort:
        return 0.5
    known = {word.text for word in asked.words}
    tags, pattern = next(((t, p) for sorts, t, p in _SORTS if asked.sort in sorts), (frozenset[str](), None))
    new = [word for word in words if word.text not in known]
    if any(word.tag in tags for word in new) or (pattern and pattern.search(folded)):
        return 1.0
    return 0.6 if any(word.text.endswith(asked.sort[-1]) and len(word.text) > 1 for word in new) else 0.3


_FITS: dict[Kind, Callable[[Asked, str, Sequence[Word]], float]] = {
    "number": _number,
    "date": _date,
    "person": _person,
    "place": _place,
    "reason": _reason,
    "manner": _manner,
    "list": _list,
    "name": _name,
    "fact": _fact,
}
