"""Sentences of newspapers as a model might write them: honest ones, and the same with one number, day or name changed.

In: articles, chance. Out: cases, each a sentence that cites its own passage among five, and whether it is still true.
What is changed is found by patterns and lists of this room, not by the checker's own reading.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from random import Random

from bot.models import Passage
from ingest.models import StoredArticle
from ingest.sentences import sentence_spans
from ingest.terms import fold
from tests.passages_of_ours import article, passage

WINDOW = 400  # characters of a passage
SHORTEST, LONGEST = 18, 160  # characters of a sentence that is taken
OTHERS = 4  # passages beside its own
HONEST = ("verbatim", "figures otherwise", "day told in full", "clause dropped", "two merged", "source dropped")
CHANGED = (
    "digit",
    "scale or unit",
    "number of the same passage",
    "day",
    "day of the same passage",
    "person",
    "one character of a person",
    "place",
    "organisation",
)
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭"
    "陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
_TITLE = (
    "记者|通讯员|局长|主任|书记|教授|董事长|总经理|市长|县长|院长|校长|主席|总裁|部长|研究员|律师|医生|主任医师|CEO|"
    "创始人|负责人|分析师|民警|演员|导演"
)
_PERSON = re.compile(
    rf"(?:(?:{_TITLE})([{_SURNAMES}][\u4e00-\u9fff]{{1,2}})(?=介绍|说|表示|告诉|认为|指出|称|透露|坦言|）|等|、))"
    rf"|(?<![\u4e00-\u9fff])([{_SURNAMES}][\u4e00-\u9fff]{{1,2}})(?=介绍|说[：，]|表示|告诉|认为|指出|透露|坦言)"
)
_PLACES = (
    "北京 上海 天津 重庆 河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 海南 四川 贵州 "
    "云南 陕西 甘肃 青海 "
    "内蒙古 广西 西藏 宁夏 新疆 香港 澳门 台湾 广州 深圳 杭州 南京 武汉 成都 西安 郑州 长沙 济南 青岛 大连 沈阳 "
    "哈尔滨 长春 石家庄 太原 合肥 "
    "南昌 福州 厦门 南宁 海口 贵阳 昆明 拉萨 兰州 西宁 银川 乌鲁木齐 苏州 无锡 宁波 温州 嘉兴 绍兴 金华 东莞 佛山 "
    "珠海 烟台 洛阳 桂林 三亚 "
    "美国 英国 法国 德国 日本 韩国 俄罗斯 印度 巴西 澳大利亚 加拿大 意大利 西班牙 乌克兰 以色列 埃及 伊朗 泰国 越南 "
    "新加坡 马来西亚 印度尼西亚"
).split()
_PLACE = re.compile("|".join(sorted(_PLACES, key=len, reverse=True)))
_BODIES = (
    "北京大学 清华大学 复旦大学 浙江大学 武汉大学 中山大学 南京大学 四川大学 同济大学 中国科学院 中国社会科学院 "
    "中国工商银行 中国农业银行 中国建设银行 招商银行 "
    "平安银行 网商银行 华为公司 阿里巴巴集团 腾讯公司 比亚迪公司 小米公司 万科集团 恒大集团 微软公司 苹果公司 "
    "谷歌公司 特斯拉公司 美国商务部 俄罗斯国防部 "
    "教育部 商务部 外交部 国防部 财政部 公安部 工信部 国家发改委 国家统计局 中国人民银行 自然资源部 生态环境部 "
    "交通运输部 住建部 水利部 农业农村部 文化和旅游部 "
    "国家卫健委 应急管理部 中国气象局 国家药监局 国家能源局 中国红十字会 上海交易所 深圳交易所 北京协和医院 "
    "上海瑞金医院 湖北省博物馆 陕西省公安厅 青岛市公安局"
).split()
_ORGANISATION = re.compile(
    rf"(?:{'|'.join(sorted(_BODIES, key=len, reverse=True))})"
    rf"|(?<![\u4e00-\u9fff])(?:{_PLACE.pattern})[\u4e00-\u9fff]{{0,4}}(?:大学|学院|集团|公司|医院|银行|研究院|协会|"
    rf"委员会|法院|公安局)(?!长)"
)
# What the patterns take for a name or a part of one and is none.
_NO_NAME = re.compile(
    "[的是在为被与向了等有各其该某一没而据限这那每本我他她们以及从对将还也并就都曾已女士众称]|^(?:部分|多家|所有|"
    "推进|建议|受|纳入)"
)
_NUMBER = re.compile(r"(?<!^)(?<![\dA-Za-z.:/-])\d+(?:\.\d+)?(?![\d:/A-Za-z-]|\.\d)(?!\s?[年月日号版时])")
_DAY = re.compile(
    r"(?:(?:\d{4}年)?\d{1,2}月)?\d{1,2}日(?!内|均|本)|\d{4}年\d{1,2}月|(?<!\d)\d{4}年(?!\d)|(?<![\d-])\d{1,2}月(?!\d)"
)
_SOURCE = re.compile("^据[^，。]{2,20}(?:介绍|报道|消息|了解|悉|统计)，")
_UNITS = (
    ("万", "亿"),
    ("亿", "万"),
    ("公里", "米"),
    ("美元", "元"),
    ("元", "美元"),
    ("人", "户"),
    ("%", "个百分点"),
    ("平方米", "亩"),
    ("吨", "公斤"),
    ("小时", "天"),
    ("岁", "年"),
)
_FIGURES = "〇一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class Case:
    """A written sentence, with the passages it is held against; `kind` is one of HONEST or CHANGED."""

    kind: str
    written: str
    source: str
    passages: tuple[Passage, ...]

    @property
    def honest(self) -> bool:
        """Whether it is still true."""
        return self.kind in HONEST


@dataclass(frozen=True, slots=True)
class Seen:
    """A sentence in its passage; `after`: the next one of it."""

    text: str
    after: str
    passage: Passage


@dataclass(frozen=True, slots=True)
class Names:
    """Names of other articles to put in place of a name."""

    persons: tuple[str, ...]
    organisations: tuple[str, ...]


def gather_names(texts: Sequence[str]) -> Names:
    """The names that patterns find."""
    persons = {a or b for text in texts for a, b in _PERSON.findall(text)}
    found = {name for text in texts for name in _ORGANISATION.findall(text) if not _NO_NAME.search(name)}
    return Names(tuple(sorted(p for p in persons if not _NO_NAME.search(p))), tuple(sorted(found)))


def make_cases(rows: Sequence[dict], names: Names, chance: Random, each: int) -> list[Case]:
    """Up to `each` cases of every kind; no two of one kind from one article."""
    articles = [_article(row, i) for i, row in enumerate(rows)]
    chance.shuffle(articles)
    counts: dict[str, int] = defaultdict(int)
    out: list[Case] = []
    for own in articles:
        seen = [
            one
            for one in _sentences(own)
            if re.search(r"\d", one.text) or _PERSON.search(one.text) or _PLACE.search(one.text)
        ]
        chance.shuffle(seen)
        done: set[str] = set()
        for one in seen[:4]:
            others = [_window(chance.choice(articles), 0, 2 + i) for i in range(OTHERS)]
            passages = [one.passage, *others]
            chance.shuffle(passages)
            numbered = tuple(
                Passage(n, p.chunk_id, p.article, p.start, p.end, p.score, p.text) for n, p in enumerate(passages, 1)
            )
            mark = f"[{passages.index(one.passage) + 1}]"
            for kind, written in _versions(one, names, chance):
                if kind in done or counts[kind] >= each:
                    continue
                done.add(kind)
                counts[kind] += 1
                out.append(Case(kind, _marked(written, mark), one.text, numbered))
        if all(counts[kind] >= each for kind in (*HONEST, *CHANGED)):
            break
    return out


def _marked(written: str, mark: str) -> str:
    return written[:-1] + mark + written[-1] if written[-1] in "。！？" else written + mark


def _article(row: dict, i: int) -> StoredArticle:
    day = row.get("date")
    return article(row["text"], row.get("title") or None, f"n{i}", date=date.fromisoformat(day) if day else None)


def _window(of: StoredArticle, at: int, n: int) -> Passage:
    """Whole sentences around `at`, as many as fit."""
    spans = sentence_spans(of.text)
    i = next(i for i, (_, end) in enumerate(spans) if end > at)
    first = last = i
    while last + 1 < len(spans) and spans[last + 1][1] - spans[first][0] <= WINDOW:
        last += 1
    while first and spans[last][1] - spans[first - 1][0] <= WINDOW:
        first -= 1
    return passage(of, spans[first][0], spans[last][1], n)


def _sentences(own: StoredArticle) -> Iterator[Seen]:
    spans = sentence_spans(own.text)
    for i, (start, end) in enumerate(spans):
        text = own.text[start:end]
        whole = text[-1] in "。！" and text.count("“") == text.count("”") and "\n" not in text
        if SHORTEST <= end - start <= LONGEST and whole:
            window = _window(own, start, 1)
            after = own.text[slice(*spans[i + 1])] if i + 1 < len(spans) and spans[i + 1][1] <= window.end else ""
            yield Seen(text, after, window)


def _versions(one: Seen, names: Names, chance: Random) -> Iterator[tuple[str, str]]:
    honest = {kind: text for kind in HONEST if (text := _HONEST[kind](one, chance))}
    yield from honest.items()
    for kind in CHANGED:
        base = chance.choice([one.text, one.text, *honest.values()])  # half of them as they are, half lightly reworded
        changed = _CHANGES[kind](base, one, names, chance)
        if changed and fold(changed) != fold(base):
            yield kind, changed


# What leaves a sentence true.


def _figures_otherwise(one: Seen, chance: Random) -> str | None:
    def other(found: re.Match[str]) -> str:
        number, unit = found[1], found[2]
        if unit == "%":
            return f"百分之{_han(number)}" if "." not in number and int(number) < 100 else f"{number}％"
        if unit in ("万", "亿"):
            value = float(number) * (10**4 if unit == "万" else 10**8)
            return f"{value:,.0f}" if value.is_integer() else found[0]
        if "." not in number and 1 < int(number) < 100:
            return _han(number) + unit
        return found[0].translate(str.maketrans("0123456789", "０１２３４５６７８９"))

    changed = re.sub(
        r"(?<![\dA-Za-z.:/,-])(\d+(?:\.\d+)?)(万(?!亿)|亿|%|人|名|家|个|项|次|辆|户|套|岁)(?![多余])", other, one.text
    )
    return changed if changed != one.text else None


def _han(number: str) -> str:
    tens, ones = divmod(int(number), 10)
    return (_FIGURES[tens] if tens > 1 else "") + ("十" if tens else "") + (_FIGURES[ones] if ones or not tens else "")


def _day_in_full(one: Seen, chance: Random) -> str | None:
    day = one.passage.article.date
    found = re.search(r"(?:(?<=^)|(?<=[，、]))(\d{1,2})日(?=[，上下凌早晚])", one.text)
    if not day or not found or not 1 <= int(found[1]) <= day.day or re.search(r"月|年", one.text[: found.start()]):
        return None
    return f"{one.text[: found.start()]}{day.year}年{day.month}月{found[0]}{one.text[found.end() :]}"


def _clause_dropped(one: Seen, chance: Random) -> str | None:
    clauses = one.text.split("，")
    if len(clauses) < 3 or "“" in one.text:
        return None
    del clauses[chance.randrange(len(clauses) - 1)]
    return "，".join(clauses)


def _merged(one: Seen, chance: Random) -> str | None:
    if (
        not one.after
        or len(one.after) > LONGEST
        or one.after.count("“") != one.after.count("”")
        or one.after[-1] not in "。！"
    ):
        return None
    return one.text[:-1] + "，" + one.after if one.text[-1] in "。！" else None


def _source_dropped(one: Seen, chance: Random) -> str | None:
    found = _SOURCE.match(one.text)
    return one.text[found.end() :] if found else None


_HONEST: dict[str, Callable[[Seen, Random], str | None]] = {
    "verbatim": lambda one, _: one.text,
    "figures otherwise": _figures_otherwise,
    "day told in full": _day_in_full,
    "clause dropped": _clause_dropped,
    "two merged": _merged,
    "source dropped": _source_dropped,
}


# What makes it false.


def _put(text: str, found: re.Match[str], new: str, group: int = 0) -> str:
    return text[: found.start(group)] + new + text[found.end(group) :]


def _pick(pattern: re.Pattern[str], text: str, chance: Random) -> re.Match[str] | None:
    found = list(pattern.finditer(text))
    return chance.choice(found) if found else None


def _digit(base: str, one: Seen, names: Names, chance: Random) -> str | None:
    found = _pick(_NUMBER, base, chance)
    if not found:
        return None
    at = chance.choice([i for i, c in enumerate(found[0]) if c.isdigit()])
    old = found[0][at]
    new = chance.choice([d for d in "123456789" if d != old])
    return _put(base, found, found[0][:at] + new + found[0][at + 1 :])


def _unit(base: str, one: Seen, names: Names, chance: Random) -> str | None:
    options = [
        (found, other)
        for unit, other in _UNITS
        for found in re.finditer(rf"(?<=\d){re.escape(unit)}(?![次民多万亿元])", base)
    ]
    if not options:
        return None
    found, other = chance.choice(options)
    return _put(base, found, other)


def _number_of_passage(base: str, one: Seen, names: Names, chance: Random) -> str | None:
    found = _pick(_NUMBER, base, chance)
    others = sorted({n for n in _NUMBER.findall(one.passage.text) if found and float(n) != float(found[0])})
    return _put(base, found, chance.choice(others)) if found and others else None


def _other_day(base: str, one: Seen, names: Names, chance: Random) -> str | None:
    found = _pick(_DAY, base, chance)
    if not found:
        return None
    part = _pick(re.compile(r"\d+(?=[年月日])"), found[0], chance)
    most = {"年": 0, "月": 12, "日": 28}[found[0][part.end()]]
    options = range(1, most + 1) if most else range(int(part[0]) - 4, int(part[0]) + 4)
    new = chance.choice([n for n in options if n != int(part[0])])
    return _put(base, found, _put(found[0], part, str(new)))


def _day_of_passage(base: str, one: Seen, names: Names, chance: Random) -> str | None:
    found = _pick(_DAY, base, chance)
    if not found:
        return None
    shape = re.sub(r"\d+", "#", found[0])
    own = [int(n) for n in re.findall(r"\d+", found[0])]
    same_shape = {d for d in _DAY.findall(one.passage.text) if re.sub(r"\d+", "#", d) == shape}
    others = sorted(d for d in same_shape if [int(n) for n in re.findall(r"\d+", d)] != own)
    return _put(base, found, chance.choice(others)) if others else None


def _person(base: str, one: Seen, names: Names, chance: Random) -> str | None:
    found = _pick(_PERSON, base, chance)
    new = chance.choice(names.persons)
    if not found or new in one.passage.text or _NO_NAME.search(found[1] or found[2]):
        return None
    return _put(base, found, new, 1 if found[1] else 2)


def _one_character(base: str, one: Seen, names: Names, chance: Random) -> str | None:
    found = _pick(_PERSON, base, chance)
    if not found or _NO_NAME.search(found[1] or found[2]):
        return None
    group = 1 if found[1] else 2
    other = chance.choice(names.persons)[-1]
    new = found[group][:-1] + other
    return None if new in one.passage.text else _put(base, found, new, group)


def _place(base: str, one: Seen, names: Names, chance: Random) -> str | None:
    found = _pick(_PLACE, base, chance)
    others = [place for place in _PLACES if place not in one.passage.text]
    return _put(base, found, chance.choice(others)) if found else None


def _organisation(base: str, one: Seen, names: Names, chance: Random) -> str | None:
    found = _pick(_ORGANISATION, base, chance)
    new = chance.choice(names.organisations)
    if not found or _NO_NAME.search(found[0]) or new in one.passage.text:
        return None
    return _put(base, found, new)


_CHANGES: dict[str, Callable[[str, Seen, Names, Random], str | None]] = {
    "digit": _digit,
    "scale or unit": _unit,
    "number of the same passage": _number_of_passage,
    "day": _other_day,
    "day of the same passage": _day_of_passage,
    "person": _person,
    "one character of a person": _one_character,
    "place": _place,
    "organisation": _organisation,
}
