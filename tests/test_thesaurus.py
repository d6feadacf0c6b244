"""The thesaurus knows what newspapers print for what people say, every line of it is well formed, and a wording counts
only where it is meant: as whole words, and not inside a longer wording.
"""

import re
from collections import Counter
from itertools import pairwise

import pytest

from ingest.frequencies import rarity
from ingest.terms import fold, plain_terms
from ingest.thesaurus import EVERYDAY_WEIGHT, PRINTED_WEIGHT, TABLE, Thesaurus, read_thesaurus

LINES = TABLE.read_text("utf-8").splitlines()
ENTRIES = [line for line in LINES if line and not line.startswith("#")]
COLONS = [line.split(": ") for line in ENTRIES if ":" in line]
EQUATIONS = [line.split(" = ") for line in ENTRIES if ":" not in line]
MOST_EVERYDAY, MOST_PRINTED, MOST_NAMES = 6, 10, 5  # words on one side of a colon, names in an equation
LONGEST_LINE, LONGEST_EVERYDAY, LONGEST_PRINTED, LONGEST_NAME = 120, 8, 20, 30  # characters
TOO_COMMON, COMMON_IN_PRINT = 2.5, 1.5  # rarity: a word below says nothing of what is asked, or finds everything

OURS = Thesaurus(
    {
        "涨价": ["涨价 变贵: 提价 价格上调"],
        "变贵": ["涨价 变贵: 提价 价格上调"],
        "大涨价": ["大涨价: 价格飙升"],
        "亚运": ["亚运 = 亚洲运动会", "亚运: 杭州"],
        "亚洲运动会": ["亚运 = 亚洲运动会"],
        "发大水": ["发大水: 洪涝灾害"],
        "水": ["水: 江河"],
        "大水": ["大水: 洪水"],
    }
)


def found(thesaurus: Thesaurus, question: str) -> list[str]:
    return [wording.text for wording in thesaurus.wordings(question)]


def weights(thesaurus: Thesaurus, wording: str) -> dict[str, float]:
    return {alternative.text: alternative.weight for alternative in thesaurus.alternatives(wording)}


def test_the_thesaurus_has_thousands_of_entries_under_topics():
    assert len(ENTRIES) > 10_000
    topics = [line for before, line in pairwise(LINES) if not before and line.startswith("# ")]
    assert len(topics) > 30
    assert len(set(topics)) == len(topics)


def test_every_line_is_an_entry_a_topic_or_empty():
    word = r"[^\s:=#]+"
    entry = re.compile(rf"{word}(?: {word})*: {word}(?: {word})*|{word}(?: = {word})+")
    assert [
        line for line in LINES if line and not line.startswith("# ") and line != "#" and not entry.fullmatch(line)
    ] == []


def test_no_line_is_longer_than_a_reader_likes():
    assert [line for line in LINES if len(line) > LONGEST_LINE] == []
    assert [left for left, _ in COLONS if len(left.split()) > MOST_EVERYDAY] == []
    assert [left for left, right in COLONS if len(right.split()) > MOST_PRINTED] == []
    assert [names for names in EQUATIONS if len(names) > MOST_NAMES] == []


def test_no_word_is_longer_than_one_is():
    everyday = [word for left, _ in COLONS for word in left.split()]
    printed = [word for _, right in COLONS for word in right.split()]
    assert [word for word in everyday if len(word) > LONGEST_EVERYDAY] == []
    assert [word for word in printed if len(word) > LONGEST_PRINTED] == []
    assert [name for names in EQUATIONS for name in names if len(name) > LONGEST_NAME] == []


def test_every_word_can_be_searched_for():
    words = {word for line in ENTRIES for word in re.split(r"[:=\s]+", line)}
    assert [word for word in words if not re.search(r"[\u3400-\u9fffa-z0-9]", word)] == []
    assert [word for word in words if not plain_terms(word)] == []


def test_words_stand_as_a_folded_question_has_them():
    assert [line for line in ENTRIES if fold(line) != line] == []


def test_a_wording_stands_left_of_one_colon_and_in_one_equation():
    everyday = Counter(word for left, _ in COLONS for word in left.split())
    names = Counter(name for names in EQUATIONS for name in names)
    assert [word for counted in (everyday, names) for word, count in counted.items() if count > 1] == []


def test_no_word_stands_twice_in_a_line():
    lines = [[*left.split(), *right.split()] for left, right in COLONS]
    assert [line for line in lines if len(set(line)) < len(line)] == []


def test_no_wording_is_too_common_to_mean_anything():
    assert [word for left, _ in COLONS for word in left.split() if rarity(word) < TOO_COMMON] == []


def test_no_printed_word_is_so_common_that_it_finds_everything():
    assert [word for _, right in COLONS for word in right.split() if rarity(word) < COMMON_IN_PRINT] == []


@pytest.mark.parametrize(
    ("question", "wording", "printed"),
    [
        ("南方发大水淹了多少地", "发大水", "洪涝灾害"),
        ("在外地看病怎么报销", "看病", "就诊"),
        ("鸡蛋为什么涨价", "涨价", "价格上调"),
        ("打工的什么时候领到钱", "打工的", "务工人员"),
        ("亚运哪天开幕", "亚运", "亚洲运动会"),
        ("人社部门怎么说", "人社部门", "人力资源和社会保障局"),
        ("哪个大老虎被双开了", "双开", "开除党籍和公职"),
        ("发改委管不管电价", "发改委", "发展和改革委员会"),
        ("魔都下周降温吗", "魔都", "上海"),
        ("沪指今天收在哪", "沪指", "上证综指"),
        ("小区着火了怎么办", "着火", "火灾"),
        ("今年高考谁出题，GDP又是多少", "gdp", "国内生产总值"),
        ("非遗怎么传下去", "非遗", "非物质文化遗产"),
        ("新農合要交多少錢", "新农合", "新型农村合作医疗"),
    ],
)
def test_what_people_say_leads_to_what_is_printed(question, wording, printed):
    alternatives = {w.text: [a.text for a in w.alternatives] for w in read_thesaurus().wordings(question)}
    assert printed in alternatives[wording]


def test_printed_words_and_other_names_weigh_more_than_other_everyday_wordings():
    assert weights(OURS, "涨价") == {"提价": PRINTED_WEIGHT, "价格上调": PRINTED_WEIGHT, "变贵": EVERYDAY_WEIGHT}
    assert weights(OURS, "亚运") == {"亚洲运动会": PRINTED_WEIGHT, "杭州": PRINTED_WEIGHT}
    assert 0 < EVERYDAY_WEIGHT < PRINTED_WEIGHT


def test_printed_words_lead_nowhere():
    assert weights(OURS, "提价") == {}
    assert weights(OURS, "亚洲运动会") == {"亚运": PRINTED_WEIGHT}


def test_a_wording_inside_a_longer_one_is_not_meant():
    assert found(OURS, "又大涨价了") == ["大涨价"]
    assert found(OURS, "亚洲运动会和亚运") == ["亚洲运动会", "亚运"]


def test_a_short_wording_is_meant_only_as_whole_words():
    assert found(OURS, "井里没有水") == ["水"]
    assert found(OURS, "水平不高") == []
    assert found(OURS, "放大水平标尺") == [], "大水 runs across 放大 and 水平"


def test_a_longer_wording_is_meant_wherever_it_stands():
    assert found(OURS, "南方发大水了") == ["发大水"]


def test_a_wording_says_where_it_stands_in_the_question():
    question = "聽說今年 亞運 涨价"
    assert [question[w.start : w.end] for w in OURS.wordings(question)] == ["亞運", "涨价"]
    assert found(OURS, question) == ["亚运", "涨价"]


def test_a_question_without_wordings_has_none():
    assert read_thesaurus().wordings("") == []
    assert read_thesaurus().wordings("？！") == []


@pytest.mark.parametrize(
    ("text", "terms"), [("负责人", ["负责人"]), ("价格上调", ["价格", "上调"]), ("三千万元", ["30000000", "万元"])]
)
def test_an_alternative_is_cut_into_terms_that_do_not_overlap(text, terms):
    assert plain_terms(text) == terms
