"""What a question asks for is read from its wording alone: the kind of thing, the unit it is counted in, and which of
its words carry its matter. Asking words carry none.
"""

from datetime import date

import pytest

from bot.question import content_words, read_question
from bot.times import NO_TIME, read_time

KINDS = {
    "number": [
        "修这座桥花了多少钱？",
        "新学校有几层楼？",
        "河面有多宽？",
        "地铁六号线全长多少公里？",
        "来看展的有几个人",
        "粮食产量提高了百分之几？",
        "这笔贷款的金额是",
        "运河一共挖了多久？",
    ],
    "date": [
        "大桥什么时候通车？",
        "书展哪天开幕？",
        "新办法是几月几号施行的？",
        "工厂何时搬走",
        "老戏台是哪一年修的？",
        "早班渡轮几点开？",
    ],
    "person": ["会议由谁主持？", "新校长是哪位？", "得冠军的选手叫什么？", "救人的是什么人？", "哪些人参加了评审？"],
    "place": ["书展在哪里办？", "新校区设在什么地方？", "决赛在哪个城市打？", "渡口在何处", "专家先去了哪儿？"],
    "reason": ["车站为什么要搬？", "停水的原因是什么？", "早市为何提前收摊", "他怎么会迟到？", "为啥要改票价？"],
    "manner": ["旧衣服是怎么回收的？", "补贴如何申领？", "镇里采取了哪些措施？", "渡轮怎样检修？", "这事咋办的？"],
    "list": ["参加的有哪些单位？", "三个窗口分别办什么？", "套餐里都有啥？", "哪两家企业签了约？"],
    "fact": ["会上通过了什么决议？", "老粮仓还在用吗？", "What did the harbour master announce?", "灯塔"],
}


@pytest.mark.parametrize(("kind", "question"), [(kind, q) for kind, asked in KINDS.items() for q in asked])
def test_a_wording_asks_for_one_kind_of_thing(kind, question):
    assert read_question(question).kind == kind


@pytest.mark.parametrize("question", ["这几天渡轮停航吗？", "老粮仓几乎空了吗？", "前几年的旱情严重吗？"])
def test_a_few_of_something_is_not_asked_for_a_number(question):
    assert read_question(question).kind == "fact"


@pytest.mark.parametrize(
    ("question", "units"),
    [
        ("修这座桥花了多少钱？", {"元", "万"}),
        ("新学校有几层楼？", {"层"}),
        ("仓库占地多大面积，有多大？", {"亩", "平方米"}),
        ("开来了多少辆车？", {"辆", "台"}),
        ("水库有多深？", {"米"}),
        ("灯塔修了多久？", {"天", "个月"}),
        ("粮价的涨幅是多少？", {"%"}),
        ("老人多大年纪了？", {"岁"}),
        ("这批粮有多重？", {"吨", "公斤"}),
        ("多少人报了名？", {"人", "名"}),
    ],
)
def test_a_number_is_asked_for_in_the_units_it_may_be_told_in(question, units):
    assert units <= set(read_question(question).units)


@pytest.mark.parametrize("question", ["大桥什么时候通车？", "会议由谁主持？", "旧衣服是怎么回收的？"])
def test_only_a_number_has_units(question):
    assert read_question(question).units == ()


@pytest.mark.parametrize(
    ("question", "several"),
    [
        ("修这座桥花了多少钱？", False),
        ("大桥什么时候通车？", False),
        ("会议由谁主持？", False),
        ("旧衣服是怎么回收的？", True),
        ("车站为什么要搬？", True),
        ("参加的有哪些单位？", True),
        ("两种票价有什么不同？", True),
        ("请介绍一下老戏台", True),
    ],
)
def test_an_explanation_a_list_and_a_comparison_want_several_sentences(question, several):
    assert read_question(question).wants_several is several


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("请问渡轮什么时候检修？", ["渡轮", "检修"]),
        ("渡轮是怎么检修的？", ["渡轮", "检修"]),
        ("到底为什么检修渡轮呢？", ["检修", "渡轮"]),
        ("谁？", []),
        ("？！……", []),
    ],
)
def test_words_that_only_ask_are_no_words_to_search_for(question, words):
    assert [word.text for word in content_words(question)] == words


def test_every_word_counts_once_and_the_rarer_one_more():
    asked = read_question("灯塔和公司，灯塔和公司")
    weights = {word.text: word.weight for word in asked.words}
    assert list(weights) == ["灯塔", "公司"]
    assert weights["灯塔"] > weights["公司"] > 0
    assert asked.weight == pytest.approx(sum(weights.values()))


def test_full_and_half_width_are_one_word():
    assert read_question("ＧＤＰ增长了多少？").words == read_question("gdp增长了多少？").words


def test_carried_words_stand_before_the_question_and_weigh_less_than_its_own():
    asked, alone = read_question("它什么时候检修？", "渡轮"), read_question("渡轮什么时候检修？")
    assert asked.text == "渡轮 它什么时候检修？"
    carried, own = ({w.text: w.weight for w in a.words}["渡轮"] for a in (asked, alone))
    assert 0 < carried < own
    assert {w.text: w.share for w in asked.words}["检修"] == 1


def test_a_word_that_is_both_carried_and_asked_weighs_as_its_own():
    asked = read_question("渡轮什么时候检修？", "渡轮")
    assert {w.text: w.share for w in asked.words}["渡轮"] == 1


def test_words_that_only_point_in_time_are_not_asked_with():
    question = "昨天的渡轮检修"
    asked = read_question(question, "柳桥镇", read_time(question, [], date(2023, 5, 11)))
    assert asked.text == "柳桥镇 昨天的渡轮检修"
    assert "昨天" not in asked.searched
    assert {"柳桥", "镇", "渡轮", "检修"} == {word.text for word in asked.words}
    assert asked.when.taken[0].words == "昨天"
    alone = read_question("昨天？", when=read_time("昨天？", [], date(2023, 5, 11)))
    assert alone.words == ()
    assert read_question("渡轮").when == NO_TIME
