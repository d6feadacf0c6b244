"""Whether a sentence holds what is asked for is told by its form: a number in the right unit, a day, a name.

It is a fit from 0 to 1 and looks at nothing but the question and the sentence.
"""

import pytest

from bot.kinds import fit
from bot.question import read_question
from ingest.terms import fold, tagged_words

NUMBER, DATE, PERSON, PLACE = "修桥花了多少钱？", "大桥什么时候通车？", "会议由谁主持？", "书展在哪里办？"
REASON, MANNER, LIST, FACT = "车站为什么要搬？", "旧衣服是怎么回收的？", "参加的有哪些单位？", "会上通过了什么决议？"


def fits(question: str, sentence: str) -> float:
    folded = "".join(fold(sentence).split())
    return fit(read_question(question), folded, tagged_words(sentence))


@pytest.mark.parametrize(
    ("question", "holds"),
    [
        (NUMBER, "工程投了2000万元。"),
        (NUMBER, "村里凑了三十多元。"),
        (NUMBER, "全部花费４５．６亿元。"),
        ("开来了多少辆车？", "一共开来30台。"),
        ("粮价的涨幅是多少？", "涨了3.5%。"),
        ("渡口挪了几米？", "往北挪了 60 米。"),
        ("新桥有旧桥几分之几重？", "重量只有旧桥的1/5。"),
        ("他这是第几次来？", "这是他来的第18届庙会。"),
        (DATE, "6月8日通车。"),
        (DATE, "去年年底就通了。"),
        (DATE, "凌晨开的闸。"),
        (PERSON, "主持会议的是主任王建国。"),
        (REASON, "因为河床太软，桥墩要重打。"),
        (REASON, "为了给新路让出地方，站台北移。"),
    ],
)
def test_a_sentence_that_holds_the_asked_for_thing_fits_wholly(question, holds):
    assert fits(question, holds) == 1


@pytest.mark.parametrize(
    ("question", "lacks"),
    [
        (NUMBER, "工程款由县里出。"),
        (DATE, "大桥连着两个镇。"),
        (PERSON, "会议开得很热闹。"),
        (PLACE, "展出的书很旧。"),
    ],
)
def test_a_sentence_without_anything_of_the_kind_does_not_fit_at_all(question, lacks):
    assert fits(question, lacks) == 0


@pytest.mark.parametrize(
    ("question", "better", "worse"),
    [
        (NUMBER, "投了2000万元。", "打了20根桥墩。"),
        (NUMBER, "打了20根桥墩。", "桥墩打得很深。"),
        (PERSON, "主任李国强宣布开会。", "主任宣布开会。"),
        (PLACE, "书展设在杭州。", "书展设在旧仓库。"),
        (REASON, "由于河床太软，桥墩重打。", "桥墩打得很深。"),
        (MANNER, "通过街边的箱子收集，然后用于再生。", "箱子是绿的。"),
        (LIST, "来的有粮站、茶厂、船队和学校。", "来的单位很多。"),
    ],
)
def test_what_holds_more_of_it_fits_better(question, better, worse):
    assert fits(question, better) > fits(question, worse)


def test_the_name_that_the_question_gives_is_no_answer_to_who():
    assert fits("王建国的搭档是谁？", "王建国到得很早。") < fits("王建国的搭档是谁？", "李国强到得很早。")


def test_a_question_for_no_kind_in_particular_is_fitted_by_all_sentences_alike():
    assert fits(FACT, "投了2000万元。") == fits(FACT, "箱子是绿的。") == 0.5


@pytest.mark.parametrize("question", [NUMBER, DATE, PERSON, PLACE, REASON, MANNER, LIST, FACT])
@pytest.mark.parametrize("sentence", ["", "。", "、；" * 50, "通过采取建立推动" * 30, "1" * 500, "张三说李四说" * 40])
def test_a_fit_lies_between_0_and_1(question, sentence):
    assert 0 <= fits(question, sentence) <= 1
