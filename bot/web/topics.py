"""What a period's articles are about: the words that stand in far more of them than in the others, and in general news.

In: the beginnings of the period's articles, and of all. Out: topics, the most telling first. Nouns and names only; two
words that keep each other's company are one.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ingest.frequencies import read_frequencies
from ingest.terms import Word, tagged_words

FEWEST = 3  # articles that a topic stands in, of a period that has enough of them
ENOUGH = 30  # articles of a period from which on FEWEST is asked for; of fewer, two are enough
SHARE = 0.004  # and never fewer than this share of them: what six of 1,500 tell may be chance
COMMON = 0.06  # share of general news in which a word stands that is no topic, whatever the period: 记者, 发展, 活动
COMPANY = 0.6  # share of a word's articles in which it stands beside the same other word: 生态 is then 生态补偿
LONGEST = 9  # characters of a topic
_SORTS = ("n", "vn", "j")  # jieba's nouns and names of every kind, nouns made of verbs, short forms
_TRADE = re.compile(
    "(日报|晚报|时报|晨报|早报|商报|快报|京报|青报|周刊|新闻|记者|网|网讯|日讯|通讯社|新社|时刻|财经|媒|编辑|公告)$"
)
# What the trade says of itself, units, and words for time that jieba takes for nouns.
_NEVER = frozenset(
    "本报 本报讯 讯 记者 通讯员 摄影 报道 消息 新闻 客户端 编辑 见习 日电 电 图 视频 图片 文章 全文 来源 "
    "时间 当地 当日 近日 日前 目前 现场 情况 问题 方面 工作 有限公司 有限责任 公告 表示 集团 股份 万元 亿元 "
    "股份有限公司 网友 平方米 公里 平方公里 人士 先生 女士 同比 环比 同期 央视 新华社 北京时间 负责人 "
    "相关 有关部门 全国 全市 全省 全县 极目 智通 封面 参考消息 视觉中国 供图 热议 网传 通报 发布会 网站 景象 男子 "
    "女子 两人 市民 辖区 街道 警方 民警 通告 客服 院长 带队".split()
)


@dataclass(frozen=True, slots=True)
class Topic:
    """A word, or two that belong together, in how many of the looked-at articles it stands, and how telling it is."""

    word: str
    articles: int
    weight: float


@dataclass(frozen=True, slots=True)
class Counts:
    """In how many of `articles` texts each word, and each pair of words side by side, stands."""

    articles: int
    words: Counter[str]
    pairs: Counter[tuple[str, str]]


def count_words(texts: Iterable[str]) -> Counts:
    """The nouns and names of `texts`."""
    words: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    articles = 0
    for text in texts:
        tagged = tagged_words(text)
        words.update({word.text for word in tagged if _tells(word)})
        pairs.update({(a.text, b.text) for a, b in pairwise(tagged) if a.end == b.start and _tells(a) and _tells(b)})
        articles += 1
    return Counts(articles, words, pairs)


def topics_of(period: Counts, rest: Counts | None, most: int) -> list[Topic]:
    """The up to `most` topics of `period` as against `rest` and general news, or against the latter alone."""
    fewest = max(FEWEST if period.articles >= ENOUGH else 2, period.articles * SHARE)
    found, scale = [], _scale(period)
    for word, count in period.words.items():
        if count >= fewest and _share_in_news(word) < COMMON:
            weight = _telling(word, count, period, rest, scale)
            if weight > 0:
                found.append(Topic(word, count, weight))
    found.sort(key=lambda one: (-one.weight, one.word))
    return _told_once(_in_company(found, period), most)


def _tells(word: Word) -> bool:
    """Latin letters are left out: what jieba calls a noun there is mostly a piece of an address."""
    known = word.text in _NEVER or _TRADE.search(word.text) or word.text.isascii() or word.text[0].isdigit()
    return word.tag.startswith(_SORTS) and len(word.text) > 1 and not known


def _share_in_news(word: str) -> float:
    news = read_frequencies()
    return news.counts.get(word, 0) / news.articles


def _telling(word: str, count: int, period: Counts, rest: Counts | None, scale: float) -> float:
    """How telling a word is: as against the rest and as against general news, the geometric mean of both."""
    news = read_frequencies()
    weight = _keyness(count, period.articles, news.counts.get(word, 0) * scale, news.articles)
    if rest is None:
        return weight
    return math.sqrt(weight * _keyness(count, period.articles, rest.words[word], rest.articles))


def _scale(period: Counts) -> float:
    """How much less often a word stands in these beginnings than in the whole articles that general news counts."""
    news = read_frequencies()
    expected = sum(news.counts.get(word, 0) for word in period.words) / news.articles
    return min(1.0, sum(period.words.values()) / max(1, period.articles) / expected) if expected else 1.0


def _keyness(here: float, of_here: int, there: float, of_there: int) -> float:
    """Dunning's log-likelihood of one rate here and another there; 0 where it is not higher here."""
    if here * of_there <= there * of_here:
        return 0.0
    share = (here + there) / (of_here + of_there)
    gain = here * math.log(here / (of_here * share))
    return 2 * (gain + (there * math.log(there / (of_there * share)) if there else 0.0))


def _in_company(found: Sequence[Topic], period: Counts) -> list[Topic]:
    """`found` with words that mostly stand beside one other word replaced by the two together."""
    beside: dict[str, tuple[str, str]] = {}
    for both, count in period.pairs.most_common():
        for word in both:
            if count >= COMPANY * period.words[word] and len("".join(both)) <= LONGEST:
                beside.setdefault(word, both)
    joined = []
    for topic in found:
        pair = beside.get(topic.word)
        joined.append(Topic("".join(pair), period.pairs[pair], topic.weight) if pair else topic)
    return joined


def _told_once(found: Sequence[Topic], most: int) -> list[Topic]:
    """The first of `found`, no word in another one's."""
    told: list[Topic] = []
    for topic in found:
        if not any(topic.word in other.word or other.word in topic.word for other in told):
            told.append(topic)
        if len(told) == most:
            break
    return told
