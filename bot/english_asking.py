"""What an English question asks for, as a Chinese one would ask: how many villages → 多少个, since when → 什么时候.

In: an English question. Out: the question without its asking words, and the Chinese ones in their stead; where a number
is asked for, which one is settled by the words behind it once they are Chinese. It knows no archive and no word list.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

MANY, MUCH = "\ue000", "\ue001"  # stand where "how many" and "how much" stood: what is counted comes after
_POLITE = re.compile(
    r"^\W*(?:hello|hi|please|excuse me|so|well|ok(?:ay)?)?[\s,]*"
    r"(?:(?:do|does|did) (?:you|anyone|anybody) (?:happen to )?know"
    r"|(?:can|could|would|will) you (?:please )?(?:tell|let|show|say|explain)(?: (?:to )?(?:me|us))?(?: know)?"
    r"|(?:please )?(?:tell|let|show) (?:me|us)(?: know)?"
    r"|(?:i|we)(?: would|'d)? (?:want|like|need|wonder(?:ed)?|am wondering)(?: to know| to find out)?"
    r"|what do you know)\b(?: about)?",
    re.IGNORECASE,
)
_AND_NOW = re.compile(r"^\W*(?:and|but|so|then)\b", re.IGNORECASE)
_WHAT_ABOUT = re.compile(r"^\W*(?:(?:and|but|so|then)\s+)?(?:what|how) about\b", re.IGNORECASE)
_BEFORE = (
    r"(?:^\W*(?:(?:and|but|so|then|also)\s+)?|[,;?]\s*(?:and\s+)?|\band\s+|\\A)"
    r"(?:(?:in|at|on|to|for|from|by|since|until|till|of|with|about|within|during|under|into|up to|as of)\s+)?"
)
_WHICH = r"(?:which|what)"
_CITY = "city|town|county|province|district|village|township|country|state|region|prefecture"
_HELPING = r"(?:is|was|does|has)\b"
_SITE = (
    f"place|places|location|{_CITY}|hospital|school|university|stadium|venue|hotel|park|museum|port|airport|station|"
    "street|road|building|area|community|subdistrict|river|lake|sea|prison|court|base|zone|square|centre|center|library"
)
_GAUGE = (
    "number|amount|total|sum|value|price|cost|costs|fee|fare|fine|budget|population|area|size|length|height|depth|width|"
    "weight|distance|speed|temperature|rate|ratio|share|proportion|percentage|turnover|revenue|income|profit|loss|output|"
    "capacity|salary|wage|age|score|magnitude|death toll|toll|volume|quota|limit|investment|compensation|gdp|"
    "level|p value|pensions?|density|duration|period|reward|prize|deficit|surplus|market value|rent|rainfall|index"
)
# (what asks, what a Chinese question says instead). The first that is found decides.
_ASKED = (
    (r"how many (?:per\s?cent|percent)\b", "百分之几"),
    (r"how many percentage points\b", "多少个百分点"),
    (r"how many times\b", "多少次"),
    (
        rf"(?:how many|{_WHICH} number of|what is the (?:total )?number of|what was the (?:total )?number of)\b",
        MANY,
    ),
    (r"how much (?:longer|more time|time)\b", "多久"),
    (r"how much (?:does|do|did|will|would|is|was|are) .{1,60}\bweigh\b", "多重"),
    (r"how much\b", MUCH),
    (
        r"how long (?=.*\b(?:bridge|tunnel|road|railway|line|river|canal|wall|coastline|pipeline|route)\b"
        r"(?!.*\btake))",
        "全长多长",
    ),
    (r"how long\b", "多久"),
    (r"how far\b", "多远"),
    (r"how (?:high|tall)\b", "多高"),
    (r"how deep\b", "多深"),
    (r"how wide\b", "多宽"),
    (r"how thick\b", "多厚"),
    (r"how heavy\b", "多重"),
    (r"how old\b", "多大年纪"),
    (r"how (?:hot|cold|warm)\b", "气温多少度"),
    (
        r"how (?:big|large)\b(?=.*\b(?:area|park|site|land|island|lake|forest|garden|square|farm|plot|venue)\b)",
        "面积有多大",
    ),
    (r"how (?:big|large|fast|strong|often|late|early|few|little|soon|severe|serious)\b", "多少"),
    (rf"{_WHICH} (?:percentage|per\s?cent|percent|proportion|share)(?: of)?\b", "百分之几"),
    (r"what (?:do|does|did) .{1,60}\bcost\b", "多少钱"),
    (rf"{_WHICH} time\b", "几点"),
    (rf"{_WHICH} (?:day|date|weekday)\b", "哪天"),
    (rf"{_WHICH} years?\b", "哪一年"),
    (rf"{_WHICH} months?\b", "哪个月"),
    (r"when\b", "什么时候"),
    (rf"(?<=in |at |to ){_WHICH} (?:{_SITE})\b", "在哪里"),
    (rf"{_WHICH} (?:{_CITY}|place|location)\b", "哪个城市"),
    (r"where\b", "哪里"),
    (r"(?:why|how come|what for)\b", "为什么"),
    (r"what (?:caused|causes|led to|triggered|prompted)\b", "什么原因"),
    (r"what (?:is|was|are|were) the (?:main )?(?:reasons?|causes?)(?: for| of| that| behind)?\b", "什么原因"),
    (r"for what reasons?\b|what reasons?\b", "什么原因"),
    (r"(?:who|by whom) (?:wrote|authored|reported|covered)\b(?! to\b)", "谁写的"),
    (r"by whom (?:is|was|were|are) (?=.*\b(?:written|reported|authored|covered)\b)", "谁写的"),
    (
        rf"(?:who|{_WHICH}) (?:is|was|are|were) the (?:author|writer|reporter|journalist|correspondent)s?\b",
        "记者是谁",
    ),
    (
        rf"{_WHICH} (?:reporter|journalist|author|writer)s? (?:wrote|reported|covered|authored)\b(?: on)?",
        "哪位记者写的",
    ),
    (
        rf"{_WHICH} (?:(?:articles?|stor(?:y|ies)|reports?|news|pieces?) (?:did|has|have|was|were) "
        r"(?=.*\b(?:reported?|cover(?:ed)?)\b)|(?:articles?|stor(?:y|ies)|news)? ?(?:did|has|have|was|were) "
        r"(?=.*\b(?:write|written|author|authored)\b))",
        "写了什么报道",
    ),
    (r"who(?:m|se)?\b", "谁"),
    (
        rf"{_WHICH} (?:person|official|leader|expert|scientist|player|athlete|journalist|actor|actress|singer)\b",
        "哪位",
    ),
    (
        rf"{_WHICH} (?:kind of |sort of |other |new |specific |concrete |main )?"
        r"(?:measures|steps|methods|ways|means|actions|efforts)\b",
        "哪些措施",
    ),
    (r"how (?:is|was|are|were) .{1,80}\b(?:called|named)\b", "叫什么"),
    (r"what (?:is|was|are|were) (?:the )?(?:full |official )?names? (?:of|for)?\b", "叫什么名字"),
    (r"what (?:is|was|are|were) (?=.{1,80}\b(?:called|named)\b)", "叫什么"),
    (
        r"what (?:is|was|are|were|will be) "
        rf"(?=(?:the |its |their |his |her |'s )*(?:[\w-]+ ){{0,3}}?(?:{_GAUGE})\b)",
        "是多少",
    ),
    (r"what happened\b", "发生了什么"),
    (r"what (?:does|do|did) (?=.*\bmean\b)", "是什么意思"),
    (
        r"(?:what (?:is|are) the )?(?:differences? between|how (?:does|do|did) (?=.*\b(?:compare|differ)\b))",
        "有什么不同",
    ),
    (r"how\b", "如何"),
    (rf"(?:{_WHICH}|name|list) (?:the )?two\b", "哪两个"),
    (rf"(?:{_WHICH}|name|list) (?:the )?three\b", "哪三个"),
    (rf"(?:{_WHICH}|name|list) (?:the )?four\b", "哪四个"),
    (
        rf"{_WHICH} (?=(?:(?!{_HELPING})[\w-]+ ){{0,2}}?(?!{_HELPING})"
        r"(?:[\w-]{2,}(?<!s)s|people|children|men|women)\b)",
        "哪些",
    ),
    (r"(?:what|which) (?:are|were) (?!you)", "哪些"),
    (r"(?:please )?(?:list|name)\b", "哪些"),
    (r"(?:please )?(?:describe|explain|introduce|summari[sz]e)\b", "介绍"),
    (r"which\b", "哪个"),
    (r"what\b", "什么"),
)
_ANYWHERE = re.compile(r"\b(?:how many|how much|which|what|where|when|who|why|how)\b", re.IGNORECASE)
# Words that point at what was said before, as the follow-up rules of a Chinese talk know them. In small letters: Song
# He is a name.
_POINTING: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\b(?:its|it)\b(?!\s+(?:takes?|took|costs?|rains?|snows?|is|was))"), "它"),
    (re.compile(r"\b(?:they|them|their|theirs)\b"), "他们"),
    (re.compile(r"\b(?:he|him|his)\b"), "他"),
    (re.compile(r"\b(?:she|hers?)\b"), "她"),
    (
        re.compile(
            r"\b(?:this|that)\s*\W*$|\b(?:this|these|those)\s+(?!year|month|week|morning|afternoon|evening)\w+",
            re.IGNORECASE,
        ),
        "这个",
    ),
)
_NEAR = 5  # words
# The counters that an answer may have, the likeliest first, by the Chinese for what is counted.
_COUNTERS = (
    ("人次 人", "人次"),
    (
        "人 名 位 口",
        (
            "人口|人$|人们|群众|观众|游客|旅客|乘客|[者民员工生师警兵犯徒贼手迷友](?:们)?$|儿童|孩子|妇女|女性|男性|"
            "干部|专家|代表$|患者|司机|嫌疑|教授|官员|志愿者|家长|骗子|人质|受害"
        ),
    ),
    ("家 个 户", "公司|企业|店$|超市|银行|工厂|餐厅|酒店|媒体|机构|单位|厂$|商$|市场|诊所|民宿|协会|农场"),
    ("所 个 家", "学校|大学|小学|中学|院校|高校|学院|幼儿园|初中|高中|医院"),
    ("户 个", "农户|家庭|户$"),
    ("趟 列 班 次 架次", "列车|火车|班列|航班"),
    ("股", "股票|股份|股$"),
    ("辆 台 部", "汽车|车$|车辆|坦克|摩托"),
    ("架 台", "飞机|直升机|无人机|战机|战斗机|客机"),
    ("艘 条 只", "船|舰|舟|艇|航母|轮$"),
    ("张 份 票 枚", "票|照片|证$|图$"),
    ("起 宗 件 个 例 桩", "案|事故|火灾|事件|地震|袭击|病例"),
    ("头 只 匹 条 羽 尾", "猪|牛|象|羊|鸟|鸡|鸭|鹅|熊猫|狗|猫|鹤|鱼|马$"),
    ("棵 株", "树|苗"),
    ("元 万元 亿元", "钱$"),
)
# What counts all else: a translation does not tell which counter the paper took.
_OF_THINGS = tuple("个 项 条 座 件 份 场 次 届 种 类 套 处 栋 幢 本 册 篇 部 款 枚 支 块 台 口 级 层 段 间 批".split())
_UNIT = (
    "^(?:平方公里|平方米|公里|厘米|毫米|米|公顷|亩|吨|公斤|克|小时|分钟|秒|天|年|岁|届|倍|层|级|页|度|元|美元|人次|桶|"
    "千瓦时)$"
)
_OF_TIME = {"月": "多少个月", "周": "多少周", "星期": "多少周", "世纪": "多少个世纪"}
_MONEY = (
    "钱|资金|补偿|赔偿|投资|捐款|捐赠|补贴|补助|奖金|罚款|工资|收入|利润|贷款|债务|费|税|预算|融资|薪|"
    "价值|支出|成本|经费|营收|销售额|租金|押金|存款"
)
_PAYING = (
    "^(?:花费|支付|付|花|赚|捐赠|赔偿|欠|费用|缴纳|骗|诈骗|欺骗|挣|借|募资|筹款|价值|投资|损失|卖|"
    "出售|购买|买|节约|拨款|罚款)$"
)
_CHANGING = "^(?:增加|增长|上升|上涨|下降|下跌|下滑|减少|提高|降低|跌|下调|上调|翻一番|涨价|降价|扩大|超过|改善)$"
_RAIN = "雨|降水|雪$"
_LAND = "土地|耕地|农田|用地|面积|厂房|空间|绿地|森林"


@dataclass(frozen=True, slots=True)
class Request:
    """A question without what asks in it: `rest` is to be translated, `asks` stands at the end, `opens` at its head."""

    rest: str
    asks: tuple[str, ...]
    opens: str = ""


def read_request(text: str) -> Request:
    """Take the asking words out of `text`; `MANY` and `MUCH` stay in their places."""
    rest, asks, opens = _POLITE.sub(" ", text), list[str](), "那" if _AND_NOW.search(text) else ""
    about = _WHAT_ABOUT.search(rest)
    if about:
        return Request(rest[about.end() :], (*_pointing(rest), "呢"), "那")
    for pattern, says in _asked():
        found = pattern.search(rest)
        if found:
            asks.append(says)
            rest = (
                f"{rest[: found.start()]} {says if says in (MANY, MUCH) else ' '} {_kept(found)}{rest[found.end() :]}"
            )
            if len(asks) > 1:
                break
    if not asks and (found := _ANYWHERE.search(rest)):  # "Xi visited which country?"
        return read_request(f"{rest[found.start() :]} {rest[: found.start()]}")
    return Request(rest, (*(each for each in asks if each not in (MANY, MUCH)), *_pointing(text)), opens)


@cache
def _asked() -> tuple[tuple[re.Pattern[str], str], ...]:
    """What asks, as patterns: made on first use, since most questions are Chinese."""
    return tuple((re.compile(_BEFORE + rf"(?:{asks})", re.IGNORECASE), says) for asks, says in _ASKED)


def _kept(found: re.Match[str]) -> str:
    """Words between two halves of what asks (what did the bridge cost) still say what is asked about."""
    words = found[0].split()
    return f" {' '.join(words[2:])}" if len(words) > 3 else ""


def _pointing(text: str) -> list[str]:
    """A pronoun near the beginning, or of a question that names nothing: later ones point at the question itself."""
    words = text.split()
    near = text if not any(word[:1].isupper() for word in words[1:]) else " ".join(words[:_NEAR])
    return [says for pattern, says in _POINTING if pattern.search(near)][:1]


@dataclass(frozen=True, slots=True)
class Amount:
    """What asks for a number: `text`, the `units` of an answer where that names none, the word that it `takes` in."""

    text: str
    units: tuple[str, ...] = ()
    takes: str = ""


def how_many(counted: Sequence[str]) -> Amount:
    """What asks for the number of `counted`, the Chinese words behind "how many"."""
    for word in counted:
        if word in _OF_TIME:
            return Amount(_OF_TIME[word], takes=word)
        if re.search(_UNIT, word):
            return Amount(f"多少{word}", takes=word)
    for word in counted:
        for counters, pattern in _COUNTERS:
            if re.search(pattern, word):
                units = tuple(counters.split())
                return Amount(f"多少{units[0]}", units)
    return Amount("多少个", _OF_THINGS)


def how_much(behind: Sequence[str], others: Sequence[str]) -> Amount:
    """What asks for an amount: of what stands `behind` "how much", or as the `others` of the question have it."""
    for pattern, says in ((_MONEY, "多少钱"), (_LAND, "面积多少")):
        if any(re.search(pattern, word) for word in behind[:3]):
            return Amount(says)
    if any(re.search(_RAIN, word) for word in behind[:3]):
        return Amount("多少毫米", ("毫米", "厘米"))
    if any(re.search(_CHANGING, word) for word in others):
        return Amount("增长了多少")
    return Amount("多少钱" if any(re.search(_PAYING, word) for word in others) else "多少")
