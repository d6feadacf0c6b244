"""Names in a sentence: people, places, bodies, and Latin names; and which of them have to be looked up.

In: squeezed text and its tagged words. Out: spans, each with whether it is surely a name. What a tagger takes for one
and newspapers use as a common word (友谊, 努力学习) is only compared with what stands in its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.gazetteer import KNOWN_NAME
from ingest.frequencies import is_listed, rarity
from ingest.terms import Word, search_terms, tagged_words

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭"
    "陆汪范金石廖贾夏韦付方白邹孟熊秦"
    "邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关"
    "兰焦俞左柳甘祝包宁尚符舒阮柯纪梅"
    "童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳欧阳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄"
    "窦戚岑景党宫费卜冷晏席卫米柏宗"
    "瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝诸宓练"
)
# Foreign names are spelled with these.
_SPELLING = frozenset(
    "阿埃艾安奥巴白拜班保贝比彼波伯勃博布查达戴丹当德邓迪丁多恩尔法菲费夫弗福盖冈戈格古瓜哈海汉亨胡华霍基加杰捷金卡凯"
    "坎康考科克肯库奎拉莱兰朗劳勒雷黎里"
    "利莉丽列林琳隆卢鲁路伦罗洛马玛麦曼毛茂梅美蒙米密姆摩莫墨默穆拿纳娜内奈尼涅努诺欧帕潘庞佩皮珀普奇恰乔切萨塞桑瑟森"
    "沙莎珊圣施史舒斯司思苏索塔泰坦"
    "汤唐特提汀廷图托瓦万威韦维魏温翁沃乌西希锡夏肖谢辛休雅亚扬耶叶伊尤约泽扎詹兹佐登斐连基治"
)
_PEOPLE = frozenset({"nr", "nrt", "nrfg"})
_SURE_PEOPLE = "nrfg"
_PLACES_AND_BODIES = frozenset({"ns", "nt", "nz"})
_COMMON, _COMMON_FOREIGN = 5.9, 4.5  # rarity below which what is tagged as a person's name is a common word
_OFFICES = (
    "记者|通讯员|局长|主任|书记|教授|董事长|总经理|经理|[市县区省镇乡村州]长|院长|校长|园长|站长|所长|队长|行长|会长|"
    "主席|总裁|部长|处长|科长|厅长|研究员|律师|医生|医师|"
    "创始人|负责人|分析师|民警|演员|导演|教练|选手|球员|运动员|专家|发言人|秘书长|秘书|代表|总监|院士|老师|同学|学生|"
    "村民|居民|市民|作者|编辑|责编|总理|总统|首相|大使|理事长|工程师|设计师|经济学家"
)
_SAYS = (
    "介绍|说(?=[：:，,。\n]|$)|说道|表示|告诉|认为|指出|透露|坦言|强调|回忆|感慨|解释|分析|建议|提醒|呼吁|坦承|直言|"
    "宣布"
)
_NO_NAME = (
    "某们这那也还以并则都已就仅曾又再均将在是的了和与等及不没有对向从被把为所其该各另再却来去到说表介告认指透坦强分提"
    "宣称"
)
_GIVEN = f"[^\\W\\d_{_NO_NAME}a-z]"
_TITLED = re.compile(rf"(?:{_OFFICES})(?P<name>[{SURNAMES}]{_GIVEN}{{1,2}}?)(?={_SAYS}|[，,、。:：()/\s]|等|$)")
_SPEAKER = re.compile(rf"(?<![\u3400-\u9fff·])(?P<name>[{SURNAMES}]{_GIVEN}{{1,2}})(?={_SAYS})")
# 李局长: somebody whose surname is 李 has to be there.
ADDRESSED = re.compile(
    rf"(?P<surname>[{SURNAMES}])(?P<office>先生|女士|某某?|大爷|大妈|阿姨|奶奶|爷爷|师傅|同学|{_OFFICES})"
)
_ADDRESSED = re.compile(rf"(?<![\u3400-\u9fff]){ADDRESSED.pattern}")
_BODY_ENDS = (
    "大学 学院 集团 公司 医院 银行 研究院 研究所 协会 学会 委员会 法院 检察院 基金会 交易所 出版社 事务所 俱乐部 "
    "中学 小学 博物馆 局 部 厅 署 委 社"
).split()
_BODY = re.compile(rf"(?:{'|'.join(_BODY_ENDS)})$")
_LATIN = re.compile(r"(?<![a-z\d])[a-z][a-z&'.-]*[a-z](?![a-z\d])")
_NOMINAL = frozenset("n ns nt nz nr nrt nrfg j vn b ng an l".split())
_LONGEST_BODY = 16
_COUNTING = frozenset("一二两三四五六七八九十百千万0123456789")  # 七人制 is tagged like a name


@dataclass(frozen=True, slots=True)
class SaidName:
    """A name at `start`..`end`; `sure`: it is one, whatever stands around it; `person`: of somebody."""

    start: int
    end: int
    sure: bool
    person: bool = False


def find_names(squeezed: str, words: Sequence[Word], *, chinese: bool) -> list[SaidName]:
    """The names of a text. Latin ones are looked up in Chinese text only: an English sentence is made of them."""
    begins = {word.start for word in words}
    found = [SaidName(*m.span(), True) for m in KNOWN_NAME.finditer(squeezed) if m.start() in begins]
    found += [SaidName(w.start, w.end, _is_sure(w.text, w.tag), w.tag in _PEOPLE) for w in words if _may_be_name(w)]
    addressed = [m.span() for m in _ADDRESSED.finditer(squeezed) if m.end() in {word.end for word in words}]
    named = [m.span("name") for pattern in (_TITLED, _SPEAKER) for m in pattern.finditer(squeezed)]
    found += [SaidName(*span, True, person=True) for span in addressed]
    found += [SaidName(*span, True, person=True) for span in named if span[0] not in {start for start, _ in addressed}]
    found += _bodies(words)
    if chinese:
        found += [SaidName(*m.span(), True) for m in _LATIN.finditer(squeezed)]
    surest: dict[tuple[int, int], SaidName] = {}
    for one in found:
        before = surest.get((one.start, one.end))
        surest[one.start, one.end] = one if before is None or (one.sure and not before.sure) else before
    return list(surest.values())


def is_name_like(text: str) -> bool:
    """Whether text of unknown kind can be a name: nouns, or words that no newspaper knows, and nothing else."""
    return all(word.tag in _NOMINAL or not is_listed(word.text) for word in tagged_words(text))


def _may_be_name(word: Word) -> bool:
    if len(word.text) < len("桐乡") or word.text.isascii() or (word.tag == "nz" and word.text[0] in _COUNTING):
        return False
    return word.tag in _PEOPLE | _PLACES_AND_BODIES


@lru_cache(maxsize=4096)
def _is_sure(text: str, tag: str) -> bool:
    if tag == _SURE_PEOPLE:
        return True
    if _is_made_of_words(text):
        return False
    if tag in _PLACES_AND_BODIES or not is_listed(text):
        return True
    if set(text) <= _SPELLING and rarity(text) > _COMMON_FOREIGN:
        return True
    return text[0] in SURNAMES and len(text) <= len("欧阳锋") and rarity(text) > _COMMON


def _is_made_of_words(text: str) -> bool:
    """努力学习, 沿海地区: common words that follow one another, none of them a name."""
    parts = [part for part in search_terms(text) if part != text and len(part) > 1]
    if len("".join(parts)) < len(text) or len(text) < len("努力学习"):
        return False
    tags = [word.tag for part in parts for word in tagged_words(part)]
    return not set(tags) & (_PLACES_AND_BODIES | _PEOPLE)


def _bodies(words: Sequence[Word]) -> Iterator[SaidName]:
    """Runs of nouns that end as bodies are called (网商银行, 青岛市公安局); from the name in them on, where one is."""
    run: list[Word] = []
    for word in words:
        if word.tag not in _NOMINAL:
            run = []
            continue
        run = [*run, word] if run and run[-1].end == word.start else [word]
        if len("银行") < word.end - run[0].start <= _LONGEST_BODY and _BODY.search(word.text):
            named = next((w for w in run if _may_be_name(w) and _is_sure(w.text, w.tag)), None)
            yield SaidName(named.start if named else run[0].start, word.end, sure=named is not None)
