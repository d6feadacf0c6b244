"""A question read: which words it asks with, how much each weighs, and what kind of thing it asks for.

In: the question's text, for an English one its words in Chinese. Out: an `Asked` value. It never looks at the archive.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from bot.english import UNTRANSLATED, Translation
from bot.times import NO_TIME, AskedTime
from ingest.amounts import find_amounts
from ingest.frequencies import rarity
from ingest.terms import Word, fold, join_padded, search_terms, tagged_words

Kind = Literal["number", "date", "person", "place", "reason", "manner", "list", "name", "fact"]
KINDS: tuple[Kind, ...] = get_args(Kind)

# What each kind is asked with. The first pattern that is found decides: a question for a number may hold 什么 as well.
_KINDS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("reason", re.compile("为什么|为何|为啥|怎么会|什么原因|原因是什么|的原因|凭什么|因为什么|何以")),
    (
        "date",
        re.compile("什么时候|什么时间|何时|哪一?[天年月日]|几月|几号|几点|哪个(?:月|年|日子)|什么日子|多会儿|啥时候"),
    ),
    (
        "number",
        re.compile(
            "多少|(?<![这近前后十好哪])几[^乎何经]|多[大长久高远宽深重快]|百分之几|数量是|金额是|比例是|占比是|比重是"
        ),
    ),
    ("person", re.compile("谁|哪位|哪个人|什么人|叫什么|何人|哪些人|哪几位|哪名|啥人")),
    (
        "place",
        re.compile(
            "哪里|哪儿|在哪|何处|何地|[什啥]么?地方|哪个(?:地方|城市|省|市|县|镇|村|街道|区)|"
            "哪[一二两三四几]地|哪些地方"
        ),
    ),
    ("manner", re.compile("怎么|怎样|如何|咋|(?:什么|哪些)(?:措施|办法|做法|步骤|方式|方法)")),
    ("list", re.compile("哪些|哪几|哪[两二三四五六七八九十]|分别|列举|有什么|包括什么|都有啥|各是|各管|各有")),
)
# A question that asks with no word for asking ends in the noun that it asks for: 大桥通车时间, 决赛的比分.
_NOUNS: tuple[tuple[Kind, str], ...] = (
    ("date", "时间|日期|日子|年份|时候|生日|期限|档期|月份"),
    (
        "number",
        "人数|人次|数量|数目|总数|总量|总额|金额|数额|额度?|票房|营收|收入|利润|产值|市值|身价|估值|规模|面积|[价票售定房油粮]价|价格|费用?|"
        "造价|成本|工资|薪资|[增长涨跌降利税失][速幅率]|增长率|失业率|.率|比例|占比|比重|指数|震级|等级|级别|比分|得分|分数|总分|"
        "成绩|身高|体重|年龄|高度|长度|宽度|深度|速度|温度|气温|水位|距离|时长|长短|排名|名次|伤亡|销量|产量|次数|集数|版次|比值|多少",
    ),
    (
        "person",
        "冠军|亚军|季军|金牌|得主|获得者|获奖者|胜者|赢家|导演|主演|演员|编剧|作者|主唱|歌手|演唱者|主持人|嘉宾|发言人|总统|主席|总理|首相|"
        "部长|省长|市长|县长|区长|书记|校长|院长|局长|厅长|所长|馆长|会长|董事长|总经理|经理|总裁|首席执行官|ceo|创始人|负责人|队长|教练|"
        "候选人|继任者|接班人|凶手|嫌疑人|被告人?|扮演者|饰演者|设计师|记者|裁判|人选|名字|姓名",
    ),
    ("place", "地点|地址|举办地|举行地|产地|出生地|籍贯|总部|主办国|举办国|主办城市|位置|所在地|城市|国家|哪儿|去向"),
    (
        "name",
        "名称|口号|主题|吉祥物|代号|品牌|型号|片名|书名|题目|标语|校训|类型|名|内容|物质|语言|专业|职业|职务|身份",
    ),
    ("reason", "原因|理由|缘由|目的|动机|起因"),
    ("manner", "办法|方法|措施|步骤|流程|做法|方式|途径"),
    ("list", "名单|阵容|项目|种类|成员|要求|条件|标准|范围|特点|区别"),
)
_ENDS = re.compile(
    "(?:"
    + "|".join(f"(?P<{kind}>{nouns})" for kind, nouns in _NOUNS)
    + r")(?:都?(?:[是为有]|分别|一共|达到?|如何|怎样|怎么样|包括|指的?是?|叫)*(?:什么|谁|哪些|多少)?)"
    + r"[呢啊吗的了]*[?？。!！\s]*$"
)
# What sort of thing is asked for with 哪: 哪家公司, 哪部电影, 哪个国家.
_SORT = re.compile(
    r"(?:哪|什么|何)(?:[一两二三四几]?[个家所部支款种项座条届本位只台辆枚艘架场首份片类处])?"
    r"(?P<sort>国家|国|公司|企业|集团|银行|品牌|机构|单位|部门|协会|电影|影片|电视剧|剧|歌曲?|书|小说|作品|节目|游戏|专辑|奖项?|"
    r"球队|队伍|队|俱乐部|大学|高校|学校|学院|医院|活动|会议|法律|条例|政策|文件|计划|项目|平台|媒体|报纸|机场|车站|药|病|疾病|"
    r"技术|产品|型号|语言|比赛|赛事|省份?|市|县|城市|地区|地方|岛|山|河|湖)"
)

# Words that only ask; what is left when they are gone is what is asked about.
_ASKING = re.compile(
    "请问|请举[^,，。]*?说明|请说明|请介绍|请列举|能不能告诉我|我想知道|告诉我|指的是|是什么(?:意思|情况)?|"
    "[是叫做干]?什么(?:时候|时间|地方|原因|样|名字|人|办法|措施|方式)?|为什么|为何|为啥|怎么(?:样|回事|会)?|怎样|如何|"
    "多少(?:[个名家条项座件人位次天台辆]|钱)?|(?<![这近前后十好])几(?:[个名家条项座件人位次天年月种类段趟瓶处台辆号点]|个人|分之几)?|"
    "[是在]?哪(?:里|儿|些|几|个|位|家|一?[天年月日]|[两二三四])?|[是叫]?谁|何[时处地]|分别|各(?=管|有|是|占|为|自)|是不是|有没有|吗|呢|"
    "啥|咋|名字|多大年纪|一共|总共|到底|究竟|具体|目前|现在|多(?=[大长久高远宽深重快])"
)
# Parts of speech that carry no matter of their own: particles, pronouns, prepositions, conjunctions, adverbs, counters.
_IDLE_TAGS = frozenset("uj ul uv ud uz ug u r rr rz p c d y e o x zg q mq".split())
_IDLE_WORDS = frozenset(
    (
        "是 有 为 了 的 说 会 能 能够 可以 进行 作为 成为 属于 关于 对于 通过 以及 之后 以后 之前 时候 事情 情况 "
        "方面 东西 问题 内容 人 叫 做 让 把 被 给 去 来 到 在 上 下 里 中 多 大 小 几 一 两 这 那 "
        "介绍 表示 认为 指出 觉得 主要 打算 举行"
    ).split()
)
_NAME_TAGS = frozenset("nr ns nt nz nrt nrfg eng".split())
_IDLE_FROM = 0.5  # nats: what six of ten articles have finds everything, and takes longest to look for
_IDLE_WEIGHT = 0.5  # what the word index is asked for a word that carries no matter: beside others it may still tell
CARRIED = 0.5  # what a word of the turn before weighs beside the question's own
_RAREST = 7.5  # nats: what is rarer still is as often a wrong cut as a telling word
_NAME_WEIGHT = 1.25  # a name says more about which story is meant than its rarity in general news does

_HAN = re.compile("[\u3400-\u9fff]")

# What counts what: a way of asking, and the units that may follow the number in an answer.
_MEASURES: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(
            "(?:多少|几)[个块]?(?:钱|资金|经费|费用|投资|补偿金?|[万亿]?[美欧日港韩]?元)|[花卖].{0,3}多少|金额|额度?是多少|资金|造价|"
            "[价售]格|收入|营收|[票售定房油]价|工资|投入?.{0,4}多少|票房|总额|利润|市值|身价|估值|预算|产值|成本|费用"
        ),
        "元 万 亿 块 角",
    ),
    (re.compile("面积|占地"), "平方米 平方公里 平米 亩 公顷"),
    (re.compile("多大(?:年纪|岁数|年龄)|[多几]大了|几岁"), "岁 周岁"),
    (re.compile("多久|多长时间|多少时间"), "年 个月 月 天 日 周 小时 分钟"),
    (re.compile("多[长远高宽深厚薄]|全长|长度|高度|深度"), "公里 千米 米 里 厘米 毫米 mm cm km"),
    (re.compile("多重|重量"), "吨 公斤 千克 斤 克"),
    (re.compile("多少度|几度|气温|温度"), "度 ℃ 摄氏度"),
    (
        re.compile(
            "百分之几|几分之几|百分点|占比|比例|比重|率|增[速幅]|[涨跌]幅|同比|(?:增长|提升|下降|[涨跌])了?多少"
        ),
        "% 个百分点 成 倍",
    ),
    (re.compile("多少人|几个人|人数"), "人 名 位 口"),
    (re.compile("人次|吞吐量"), "人次 吨 标箱"),
    (re.compile("产量"), "吨 斤 公斤 辆 台 件"),
    (re.compile("震级|等级|级别"), "级 星"),
    (re.compile("排名|名次|成绩|得分|分数|总分"), "强 名 位 分 枚 秒 米"),
    (re.compile("销量|保有量|数量"), "辆 台 部 套 件 册"),
)
# Counters of one character that stand for one another: who asks for 台 may be told 辆.
_COUNTERS = (
    "名人位口 家所户 条个项份款点部 辆台部 趟次班列架回 次届回期 种类个款项 段个处站 头只匹条峰 件个起宗例桩 "
    "栋幢座个 本册部 天日 幅张件 瓶杯罐 期届批轮场 吨万"
).split()
_COUNTED = re.compile(
    "(?:多少|(?<![这近前后十好])几)(平方公里|平方米|个月|个百分点|小时|分钟|公里|公斤|"
    "[个名家条项座件份部所人位次天年月周日米吨亩岁辆台艘架栋幢户村种类批场届期]|"
    "[只头匹株枚张页倍成级路站层间处片块段篇趟班列瓶口款幅起宗例])"
)


@dataclass(frozen=True, slots=True)
class AskedWord:
    """A word that the question turns on: `weight` > 0 is its rarity in news, `tag` its part of speech as jieba says.

    `share` is 1, or less for a word carried over from the turn before. `others` may stand in its stead, each as good;
    a `spelled` word is a name in Latin letters, and stands where characters are read so.
    """

    text: str
    weight: float
    tag: str
    share: float = 1.0
    others: tuple[str, ...] = ()
    spelled: bool = False

    @property
    def name(self) -> bool:
        """Whether it names a person, place or organisation."""
        return self.tag in _NAME_TAGS

    @property
    def place(self) -> bool:
        """Whether it names a place."""
        return self.tag == "ns"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question read. `text` stands alone, carried words included; `units` may follow the number asked for.

    `when` is the time that it is about; `words`, `terms` and `searched` hold none that only points there. `terms` are
    what the word index is asked for: those of its words and, with less weight, of all else that it says. `translated`:
    it was asked in English, so that its words are less certain than those of a Chinese question.
    """

    text: str
    words: tuple[AskedWord, ...]
    terms: tuple[tuple[str, float], ...]
    kind: Kind
    sort: str | None
    units: tuple[str, ...]
    wants_several: bool
    when: AskedTime
    searched: str
    translated: bool = False

    @property
    def printed_terms(self) -> tuple[tuple[str, float], ...]:
        """`terms` without what a translation left in Latin letters, which no chunk can be wanted to have."""
        return tuple(one for one in self.terms if not (self.translated and one[0].isascii() and one[0].isalpha()))

    @property
    def weight(self) -> float:
        """The sum of the words' weights; 0 where the question has no word to search for."""
        return sum(word.weight for word in self.words)


def read_question(text: str, topic: str = "", when: AskedTime = NO_TIME, said: Translation = UNTRANSLATED) -> Asked:
    """Read `text`, which may be of any length and language; `topic` holds what the turns before were about.

    `when` is what its words for time were taken for; `said` is where an English question was translated.
    """
    folded = fold(text)
    kind = _kind(folded)
    sort = _SORT.search(folded)
    own = when.without_pointing(text)
    both = [*_words(topic, CARRIED), *_words(own)]
    words = tuple({word.text: _as_translated(word, said) for word in both}.values())
    units = (said.units or _units(folded)) if kind == "number" else ()
    several = _wants_several(folded, kind)
    whole, searched = (f"{topic} {each}".strip() for each in (text, own))
    terms, named = _terms(words, own), sort and sort["sort"]
    return Asked(whole, words, terms, kind, named, units, several, when, searched or whole, bool(said))


def has_chinese(text: str) -> bool:
    """Whether a text holds a Chinese character."""
    return _HAN.search(text) is not None


def kind_inputs(kind: Kind) -> list[float]:
    """1 for this kind among KINDS, 0 for each other: what a network is told of it."""
    return [float(kind == one) for one in KINDS]


def content_words(text: str) -> tuple[AskedWord, ...]:
    """The words of a question that carry its matter, in order, each once."""
    return tuple(_words(text))


def _words(text: str, share: float = 1.0) -> list[AskedWord]:
    kept: dict[str, AskedWord] = {}
    for word in tagged_words(_ASKING.sub(" ", join_padded(fold(text)))):
        if not _is_idle(word):
            weight = share * min(_rarity(word.text), _RAREST) * (_NAME_WEIGHT if word.tag in _NAME_TAGS else 1.0)
            kept.setdefault(word.text, AskedWord(word.text, weight, word.tag, share))
    return [word for word in kept.values() if word.weight > 0]


def _as_translated(word: AskedWord, said: Translation) -> AskedWord:
    if not said:
        return word
    place = word.tag == "ns" and word.text not in said.names  # a base, a park: jieba takes them for places
    return replace(
        word,
        tag="n" if place else word.tag,
        weight=word.weight * said.unsure.get(word.text, 1.0),
        share=word.share * said.unsure.get(word.text, 1.0),
        others=said.others.get(word.text, ()),
        spelled=word.text in said.spelled,
    )


def _terms(words: Sequence[AskedWord], matter: str) -> tuple[tuple[str, float], ...]:
    weights: dict[str, float] = {}
    for word in words:
        for term in search_terms(word.text):
            weights[term] = max(weights.get(term, 0.0), word.share)
    for term in search_terms(_ASKING.sub(" ", fold(matter))):
        if rarity(term) >= _IDLE_FROM:
            weights.setdefault(term, _IDLE_WEIGHT)
    return tuple(weights.items())


def _kind(folded: str) -> Kind:
    """What is asked for: by the word that asks, or where there is none, by the noun at the end."""
    asks = next((kind for kind, pattern in _KINDS if pattern.search(folded)), None)
    if asks:
        return asks
    ends = _ENDS.search(folded)
    return next((kind for kind, _ in _NOUNS if ends[kind]), "fact") if ends else "fact"


def _rarity(word: str) -> float:
    """How rare a word is; a number, however written, as rare as its plain digits."""
    number = next((amount.plain for amount in find_amounts(word) if not amount.word), word)
    return rarity(number)


def _is_idle(word: Word) -> bool:
    if word.text in _IDLE_WORDS:
        return True
    return word.tag in _IDLE_TAGS and not word.text.isascii()


def _units(folded: str) -> tuple[str, ...]:
    counted = _COUNTED.search(folded)
    if counted and not re.match("块?钱", folded[counted.end() - 1 :]):
        alike = "".join(group for group in _COUNTERS if counted[1] in group)
        return tuple(dict.fromkeys([counted[1], *alike]))
    return next((tuple(units.split()) for pattern, units in _MEASURES if pattern.search(folded)), ())


def _wants_several(folded: str, kind: Kind) -> bool:
    """Whether one sentence is likely to be too little: a way of doing, a list, two questions in one."""
    if kind in ("manner", "list", "reason"):
        return True
    return bool(re.search(r"哪些|哪几|哪[两二三四]|分别|各|区别|不同|相比|比较|后来|经过|请举|说明|介绍", folded))
