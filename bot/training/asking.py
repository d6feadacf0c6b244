"""Questions made from news that nobody has asked about, for the reader to learn from before it sees real ones.

In: sentences of articles, which articles are near. Out: a question, sentences beside each other, how many of the first
answer it, and where the answer stands. A number, day, name or cause is taken out of a sentence and asked for in a few
of the words around it, as users write: words left out, everyday ones instead, a word that tells the story before.

What does not answer is chosen to be hard: sentences of the same and of near articles that share words with the
question, and the very sentence with the answer blotted out, or asked for what it does not have.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from ingest.frequencies import rarity
from ingest.terms import Word, tagged_words
from ingest.thesaurus import read_entries

CANDIDATES = 8  # sentences to a question
LONGEST = 122  # characters of a sentence
_FROM_HOME, _FROM_NEAR = 4, 3
_NONE = 0.35  # share of the questions without an answer
_WRONG_KIND = 0.35  # of these, asked for what the sentence does not have
_BLOTTED = 0.5  # share of the questions beside which stands their sentence without its answer

Sort = Literal["number", "date", "person", "place", "body", "name", "noun", "cause", "how", "what"]

_UNITS = (
    "个百分点|年(?![\\d底初末前后])|个月|平方公里|平方米|立方米|亿美元|万美元|亿元|万元|公里|千米|厘米|毫米|公斤|千克|小时|分钟|美元|"
    "欧元|日元|英镑|港元|毫安时|英寸|毫安|人次|周岁|[人名位元岁家个辆吨次天米票套件部张户亩级分场条座台架艘倍克只头款项种起处所间枚"
    "度瓦秒幅支篇卷队组批届排层集期股%]"
)
_NUMBER = re.compile(
    rf"(?P<figure>\d[\d.,]*|[三四五六七八九十百千两]+)[多余几]?(?:万亿|百万|千万|[万亿千百])?多?(?P<unit>{_UNITS})"
)
_DAY = re.compile(
    r"(?:(?:\d{4}|[今去明前])年)?\d{1,2}月(?:\d{1,2}[日号])?(?:[上下]午|晚上?|凌晨)?|\d{4}年|(?<!\d)\d{1,2}日(?:[上下]午|晚上?|凌晨)?"
)
_QUOTED = re.compile("[“《「]([^”》」,。]{2,20})[”》」]")
_CAUSE = re.compile("(?:由于|因为|因(?![此特素])|为了|源于|出于)([^,。;]{4,40})")
_BOILER = re.compile("广告声明|返回搜狐|责任编辑|原标题|查看更多|编辑:|来源:|版权|扫码|关注我们|点击")
_STOPS = ",。;:!?"
_ENDINGS = {
    "人": "多少人 人数 几人 有多少人",
    "名": "多少人 多少名 人数 几名",
    "位": "多少位 几位 多少人",
    "元": "多少钱 多少元 价格 金额 花了多少钱 是多少钱",
    "亿元": "多少钱 多少亿元 金额 是多少 规模",
    "万元": "多少钱 多少万元 金额",
    "美元": "多少美元 多少钱 金额",
    "%": "百分之多少 比例 多少 占比 是多少 增幅 涨了多少",
    "岁": "多大 几岁 多少岁 年龄 多大年纪",
    "年": "多少年 几年 多久 多长时间",
    "天": "多少天 几天 多久",
    "小时": "多久 多长时间 几小时",
    "分钟": "多久 多长时间 几分钟",
    "公里": "多远 多少公里 多长 距离",
    "米": "多高 多长 多少米 多深 高度",
    "吨": "多重 多少吨 产量",
    "级": "几级 多少级 震级",
    "分": "多少分 几分 得分 评分 比分",
}
_ASKING: dict[Sort, str] = {
    "number": "多少 是多少 有多少 数量 几个",
    "date": "什么时候 何时 哪天 几月几日 哪一天 是什么时候 时间 日期 是哪天 几号 什么时间",
    "person": "谁 是谁 哪位 谁是 哪个人 叫什么名字",
    "place": "哪里 哪儿 在哪里 什么地方 哪个地方 在哪 地点 哪个城市 哪个国家 位置",
    "body": "哪家公司 哪个机构 谁 哪家 哪个单位 什么 哪个部门",
    "name": "什么 叫什么 哪个 名称 哪部 是什么 叫什么名字",
    "noun": "什么 是什么 哪些 啥",
    "cause": "为什么 为何 原因 原因是什么 怎么会 什么原因",
    "how": "怎么 如何 怎么样 情况 怎样",
    "what": "是什么 有哪些 哪些 结果 内容 怎么回事 怎么说",
}
_VAGUE: dict[Sort, str] = {
    "number": "多 数 一些 部分",
    "date": "近日 日前 此前 随后",
    "person": "有关人士 其 当事人 有人",
    "place": "当地 现场 该地",
    "body": "有关方面 该公司 相关部门 该机构",
    "name": "相关 该",
    "noun": "其 相关",
    "cause": "",
}
_TAGS: dict[str, Sort] = {"nr": "person", "nrt": "person", "nrfg": "person", "ns": "place", "nt": "body"}
_OFTEN: dict[Sort, float] = {
    "number": 4,
    "date": 1.3,
    "person": 1.8,
    "place": 0.8,
    "body": 1.8,
    "name": 1.2,
    "noun": 0.5,
    "cause": 3,
    "how": 1.2,
    "what": 1.2,
}
_WHOLE = frozenset({"how", "what"})  # asked for by the whole sentence
_IDLE = frozenset(
    (
        "据 据悉 了 已 的 地 得 也 还 就 都 将 被 把 在 于 对 从 和 与 及 并 而 且 其 该 这 那 此 中 上 后 前 "
        "时 是 有 为 等 以 到 向 又 再 更 最 很 记者 表示 说 称 介绍 消息 "
        "报道 日电 同时 此外 其中 目前 日前 近日 已经 正在 进行 "
        "随后 一 个 it 原标题 搜狐 新华社 中新网"
    ).split()
)


@dataclass(frozen=True, slots=True)
class Span:
    """What is asked for: `start`..`end` of a sentence."""

    sort: Sort
    start: int
    end: int
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """A question and its sentences, of which the first `right` answer it, at `start`..`end` of the first if known."""

    question: str
    sentences: tuple[str, ...]
    right: int
    start: int
    end: int


def questions_on(
    sentences: Sequence[str], near: Sequence[Sequence[str]], chance: random.Random, most: int
) -> Iterator[Made]:
    """Up to `most` questions on an article; `near`: the sentences of articles that tell nearly the same."""
    story = _story(sentences)
    usable = [n for n, text in enumerate(sentences) if 12 <= len(text) <= LONGEST and not _BOILER.search(text)]
    chance.shuffle(usable)
    made = 0
    for n in usable:
        one = _question_on(n, sentences, near, story, chance) if made < most and near else None
        if one:
            made += 1
            yield one


def _question_on(
    n: int, sentences: Sequence[str], near: Sequence[Sequence[str]], story: Sequence[str], chance: random.Random
) -> Made | None:
    text = sentences[n]
    words = tagged_words(text)
    spans = _spans(text, words, chance)
    if not spans:
        return None
    none = chance.random() < _NONE
    wrong = none and chance.random() < _WRONG_KIND
    span = _not_there(text, spans, chance) if wrong else chance.choices(spans, [_OFTEN[s.sort] for s in spans])[0]
    asked = _asked(text, words, span, story, chance)
    if not asked:
        return None
    question, used = asked
    answer = text[span.start : span.end]
    if span.sort == "number" and not wrong and (figure := _NUMBER.search(text, span.start)):
        answer = figure["figure"]
    hard = [text] if wrong else []
    blot = not wrong and span.sort not in _WHOLE and chance.random() < _BLOTTED
    if blot:
        hard.append(_blotted(text, span, chance))
    return _beside_others(question, used, span, answer, n, sentences, near, hard, none, chance)


def _beside_others(
    question: str,
    used: frozenset[str],
    span: Span,
    answer: str,
    n: int,
    sentences: Sequence[str],
    near: Sequence[Sequence[str]],
    hard: Sequence[str],
    none: bool,
    chance: random.Random,
) -> Made | None:
    """The question with its sentence, others that do not answer it, and no sentence of which that is unsure."""
    whole = span.sort in _WHOLE
    need = sum(word in sentences[n] for word in used)
    right, home, far = [sentences[n]], list[tuple[float, str]](), list[tuple[float, str]]()
    for i, text in enumerate(sentences):
        share = sum(word in text for word in used)
        if i == n or not 6 <= len(text) <= LONGEST or (whole and share >= need):
            continue
        if not whole and answer in text:
            right += [text] if share >= 0.6 * need else []
        else:
            home.append((share + _jitter(chance, 0.5), text))
    for others in chance.sample(near, min(3, len(near))):
        for text in others:
            share = sum(word in text for word in used)
            unsure = share >= 0.8 * need or (not whole and len(answer) > 1 and answer in text and share >= 0.5 * need)
            if 6 <= len(text) <= LONGEST and not unsure:
                far.append((share + _jitter(chance, 0.6), text))
    from_home, from_near = ([text for _, text in sorted(each, reverse=True)] for each in (home, far))
    first = [] if none else right[:2]
    rest = CANDIDATES - len(first) - len(hard)
    fill = from_home[: min(_FROM_HOME, rest)]
    fill += from_near[: rest - len(fill)]
    if len(fill) < rest:
        return None
    start, end = (0, 0) if whole or none else (span.start, span.end)
    return Made(question, (*first, *hard, *fill), len(first), start, end)


def _jitter(chance: random.Random, hard: float) -> float:
    """Little, so that the most alike come first, or so much that any may."""
    return chance.random() * (2 if chance.random() < hard else 50)


def _spans(text: str, words: Sequence[Word], chance: random.Random) -> list[Span]:
    out = [
        Span("number", found.start(), found.end(), found["unit"])
        for found in _NUMBER.finditer(text)
        if not (found["unit"] == "年" and len(found["figure"]) == 4)
    ]
    out += [Span("date", *found.span()) for found in _DAY.finditer(text)]
    out += [Span("name", *found.span(1)) for found in _QUOTED.finditer(text)]
    out += [Span("cause", *found.span(1)) for found in _CAUSE.finditer(text)]
    long = [word for word in words if len(word.text) > 1]
    out += [Span(_TAGS[word.tag], word.start, word.end) for word in long if word.tag in _TAGS]
    nouns = [word for word in long if word.tag in ("n", "nz", "vn", "eng") and rarity(word.text) > 2.5]
    if nouns:
        noun = chance.choice(nouns)
        out.append(Span("noun", noun.start, noun.end))
    if chance.random() < 0.35:
        out.append(Span(chance.choice(("how", "what")), 0, len(text)))
    return out


def _not_there(text: str, spans: Sequence[Span], chance: random.Random) -> Span:
    """A place in the sentence that is asked for as something that the sentence does not have at all."""
    there = {span.sort for span in spans}
    kinds: list[Sort] = [sort for sort in ("number", "date", "person", "place", "cause") if sort not in there]
    at = chance.randrange(len(text))
    if not kinds:
        return chance.choice(spans)
    unit = chance.choice(sorted(_ENDINGS))
    sort = chance.choice(kinds)
    return Span(sort, at, at, unit if sort == "number" and unit not in text else "")


def _blotted(text: str, span: Span, chance: random.Random) -> str:
    """The sentence without its answer: 多人 for 12人, 近日 for 5月10日, or a clause less."""
    vague = chance.choice(_VAGUE[span.sort].split(" "))
    if chance.random() < 0.3:
        begin = max(text.rfind(stop, 0, span.start) for stop in _STOPS) + 1
        ends = [at for stop in _STOPS if (at := text.find(stop, span.end)) >= 0]
        left = text[:begin] + text[min(ends) + 1 :] if ends else text[:begin]
        if len(left) >= 12:
            return left
    return text[: span.start] + vague + span.unit + text[span.end :]


def _asked(
    text: str, words: Sequence[Word], span: Span, story: Sequence[str], chance: random.Random
) -> tuple[str, frozenset[str]] | None:
    """A user's question for `span`, and the words of the article that it uses; None where there is too little."""
    if span.sort == "number" and span.unit:
        plain = f"多少{span.unit} 多少 几{span.unit} 是多少 有多少 达到多少"
        asking = chance.choice((_ENDINGS.get(span.unit, plain) if chance.random() < 0.55 else plain).split(" "))
    else:
        asking = chance.choice(_ASKING[span.sort].split(" "))
    shape = _in_place if chance.random() < 0.45 and span.sort not in _WHOLE and span.end > span.start else _in_keywords
    said = shape(text, words, span, asking, chance)
    if not said:
        return None
    out, used = said
    most = chance.choice((0, 0, 1, 1, 2, 3)) if len(out) > 8 else chance.choice((1, 1, 2, 3))
    answer = "" if span.sort in _WHOLE else text[span.start : span.end]
    about = [word for word in story if word not in out and not (answer and (word in answer or answer in word))][:10]
    extra = chance.sample(about, min(most, len(about)))
    if extra:
        out = "".join(_said(word, chance) for word in extra) + chance.choice(("", "", "的", ",", " ")) + out
    out += chance.choice(("", "", "?", "?", "呢?"))
    return (out, frozenset((*used, *extra))) if 5 <= len(out) <= 40 else None


def _in_place(
    text: str, words: Sequence[Word], span: Span, asking: str, chance: random.Random
) -> tuple[str, list[str]] | None:
    """The clause around what is asked for, the asking word in its place, words left out here and there."""
    begin = max(text.rfind(stop, 0, span.start) for stop in _STOPS) + 1
    end = min([at for stop in _STOPS if (at := text.find(stop, span.end)) >= 0], default=len(text))
    if end - begin < 14 and begin and chance.random() < 0.7:
        begin = max(text.rfind(stop, 0, begin - 1) for stop in _STOPS) + 1
    rate, out, put, used = chance.choice((0.0, 0.12, 0.25, 0.4)), "", False, list[str]()
    for word in words:
        if word.end <= begin or word.start >= end or not word.text.strip(_STOPS + "“”《》()、"):
            continue
        if word.end > span.start and word.start < span.end:
            out, put = out if put or span.sort == "cause" else out + asking, True
        elif chance.random() >= (rate + 0.3 if word.text in _IDLE else rate):
            used.append(word.text)
            out += _said(word.text, chance)
    if span.sort == "cause" or not put:
        out = out + asking if chance.random() < 0.5 else asking + out
    return (out, used) if len(used) > 1 else None


def _in_keywords(
    text: str, words: Sequence[Word], span: Span, asking: str, chance: random.Random
) -> tuple[str, list[str]] | None:
    """A few telling words near what is asked for, and the asking word behind, before or among them."""
    outside = [w for w in words if span.sort in _WHOLE or w.end <= span.start or w.start >= span.end]
    telling = [w for w in outside if w.tag[:1] in "nvaijl" and len(w.text) > 1 and w.text not in _IDLE]
    if len(telling) < 2:
        return None
    middle, whole = (span.start + span.end) / 2, 4 * (span.sort in _WHOLE)
    far = {w: abs((w.start + w.end) / 2 - middle) * chance.uniform(0.3, 1.5) - whole * rarity(w.text) for w in telling}
    picked = sorted(telling, key=far.__getitem__)[: chance.choice((1, 2, 2, 3, 3, 4, 5))]
    used = [word.text for word in sorted(picked, key=lambda word: word.start)]
    if chance.random() < 0.15:
        chance.shuffle(used)
    said = [_said(word, chance) for word in used]
    if span.sort in ("person", "body", "cause", "how") and chance.random() < 0.45:
        return asking + "".join(said), used
    at = len(said) if chance.random() < 0.75 else chance.randrange(len(said) + 1)
    glue = chance.choice(("", "", "", "的")) if at else ""
    return "".join(said[:at]) + glue + asking + "".join(said[at:]), used


def _story(sentences: Sequence[str]) -> list[str]:
    """Words that tell which story it is, the weightiest first."""
    weights: dict[str, float] = {}
    for n, text in enumerate(sentences[:6]):
        for word in tagged_words(text):
            named = word.tag in ("nr", "ns", "nt", "nz", "eng", "vn")
            tells = named or word.tag == "n" or (word.tag == "v" and not n)
            if len(word.text) < 2 or word.text in _IDLE or not tells:
                continue
            weight = (rarity(word.text) - 1.5) * (1.5 if n < 2 else 0.6) * (1.3 if named else 1.0)
            weights[word.text] = weights.get(word.text, 0.0) + weight
    return [word for word, weight in sorted(weights.items(), key=lambda each: -each[1]) if weight > 0][:14]


def _said(word: str, chance: random.Random) -> str:
    """The word as a user may say it: an everyday one, or the half of a long one."""
    everyday = _everyday().get(word)
    if everyday and chance.random() < 0.15:
        return chance.choice(everyday)
    if len(word) > 3 and chance.random() < 0.15:
        return word[:2] if chance.random() < 0.5 else word[-2:]
    return word


@cache
def _everyday() -> dict[str, list[str]]:
    """What users say for what newspapers print."""
    out: dict[str, list[str]] = {}
    for everyday, printed in read_entries():
        for word in printed[:4]:
            out.setdefault(word.split("*")[0], []).extend(each for each in everyday if len(each) > 1 and each != word)
    return {word: said for word, said in out.items() if said and len(word) > 1}
