"""The checker's promises: what a model wrote is borne out by the passages it cites, repaired, or marked.

Passages are of our own writing.
"""

from datetime import date

import pytest

from bot.checks import Checked, check_answer, without_failed
from tests.passages_of_ours import article, passage

RIVERS = article(
    "昨日，记者从市水务局获悉，濮院镇今年投入1200万元整治河道，比去年增长百分之三十。局长李明介绍，5月10日起，全镇32"
    "条河道分三批清淤，首批12条，"
    "总长5公里，涉及560余人。“河水清了，鱼也回来了。”居民王芳说。浙江大学教授周建国认为，《河湖长制条例》起了作用，三"
    "成河段水质好转。",
    "濮院河道清淤分三批推进",
    "a1",
    date=date(2023, 5, 11),
    byline="记者 陈立文",
    paper="禾城日报",
    page="3",
)
GAMES = article(
    "嘉兴学院12日举行运动会，来自8个学院的480名学生参加了21个项目的比赛。男子组由张伟夺冠，女子组由赵敏夺冠。校队以3"
    "：2战胜来访的湖州师范学院队。",
    "嘉兴学院办运动会",
    "b1",
    date=date(2023, 5, 12),
)
PASSAGES = (passage(RIVERS, n=1), passage(GAMES, n=2))


def check(written: str) -> Checked:
    return check_answer(written, PASSAGES)


def only(written: str):
    (sentence,) = check(written).sentences
    return sentence


@pytest.mark.parametrize(
    "said",
    [
        "濮院镇今年投入1200万元整治河道",
        "濮院镇今年投入12,000,000元整治河道",
        "濮院镇今年投入一千二百万元整治河道",
        "濮院镇今年投入约０.１２亿元整治河道",
        "投入比去年增长30%",
        "投入比去年增长３０％",
        "全镇三十二条河道分3批清淤",
        "首批河道总长5千米",
        "涉及五百六十多人",
        "30%的河段水质好转",
        "2023年5月10日起，全镇河道清淤",
        "10日起，全镇河道清淤",
        "5月10日，记者从市水务局获悉此事",
        "与2022年相比，投入增长30%",
        "2023年，濮院镇投入1200万元整治河道",
        "李局长介绍，河道分三批清淤",
        "浙大教授周建国认为条例起了作用",
        "濮院的河道分三批清淤",
        "居民王芳说：“河水清了，鱼也回来了。”",
        "陈立文采写了濮院河道清淤的报道",
        "禾城日报第3版报道了濮院河道清淤",
    ],
)
def test_what_the_passage_says_in_other_spelling_is_borne_out(said):
    sentence = only(f"{said}[1]。")
    assert (sentence.supported, sentence.missing) == (True, ())
    assert sentence.citations


@pytest.mark.parametrize(
    ("said", "missing"),
    [
        ("濮院镇今年投入1300万元整治河道", "1300万元"),
        ("濮院镇今年投入1200亿元整治河道", "1200亿元"),
        ("濮院镇今年投入1200万美元整治河道", "1200万美元"),
        ("投入比去年增长30个百分点", "30个百分点"),
        ("首批河道总长5米", "5米"),
        ("涉及560余户", "560余户"),
        ("全镇12条河道分三批清淤", "12条"),
        ("5月16日起，全镇32条河道分三批清淤", "5月16日"),
        ("2022年5月10日起，全镇河道清淤", "2022年5月10日"),
        ("局长李鸣介绍，河道分三批清淤", "李鸣"),
        ("孙局长介绍，河道分三批清淤", "孙局长"),
        ("大连的河道分三批清淤", "大连"),
        ("南京大学教授周建国认为条例起了作用", "南京大学"),
        ("居民王芳说：“河水清了，虾也回来了”", "河水清了,虾也回来了"),
        ("《河湖长制办法》起了作用", "河湖长制办法"),
        ("濮院镇今年投入1200万元整治河道，比去年下降百分之三十", "下降"),
        ("居民王芳说，河里的鱼没有回来了", "没有回来了"),
    ],
)
def test_one_changed_number_day_or_name_is_marked_and_named(said, missing):
    sentence = only(f"{said}[1]。")
    assert not sentence.supported
    assert missing in sentence.missing


@pytest.mark.parametrize("said", ["校队以2：3战胜湖州师范学院队", "校队以3：1战胜湖州师范学院队"])
def test_a_score_is_that_score_or_another(said):
    assert not only(f"{said}[2]。").supported
    assert only("校队以3:2战胜湖州师范学院队[2]。").supported


@pytest.mark.parametrize(
    "said",
    [
        "一方面，濮院镇投入1200万元整治河道",
        "濮院镇投入1200万元整治河道，这一点十分重要",
        "河道清淤主要分以下三个方面",
        "一些居民说河水清了，鱼也一起回来了",
        "有一位居民说鱼也回来了",
    ],
)
def test_words_that_only_look_like_numbers_claim_nothing(said):
    assert only(f"{said}[1]。").supported


def test_a_number_that_stands_in_a_sentence_about_something_else_does_not_bear_it_out():
    assert not only("首批总长12公里[1]。").supported
    assert not only("嘉兴学院的21名学生参加了480个项目的比赛[2]。").supported


@pytest.mark.parametrize("mark", ["[1]", "【1】", "［1］", "[ 1 ]"])
def test_a_mark_may_have_any_brackets_and_stand_on_either_side_of_the_full_stop(mark):
    for written in (f"濮院镇投入1200万元{mark}。", f"濮院镇投入1200万元。{mark}", f"濮院镇投入1200万元 {mark} 。"):
        sentence = only(written)
        assert (sentence.text.replace(" ", ""), sentence.citations) == ("濮院镇投入1200万元。", (1,))


@pytest.mark.parametrize("marks", ["[1,2]", "[1][2]", "[1、2]", "[1，2]", "[1-2]"])
def test_several_marks_at_once_stand_for_several_passages(marks):
    checked = check(f"濮院镇清淤32条河道，嘉兴学院480名学生参加比赛{marks}。")
    assert checked.failed == 0
    assert {citation.article_id for citation in checked.citations} == {"a1", "b1"}


def test_a_quote_stands_word_for_word_where_its_citation_says():
    checked = check("濮院镇投入1200万元[1]。嘉兴学院480名学生参加比赛[2]。记者陈立文报道了此事[1]。")
    parts = {
        "a1": {"text": RIVERS.text, "title": RIVERS.title, "byline": RIVERS.byline},
        "b1": {"text": GAMES.text, "title": GAMES.title},
    }
    for number, one in enumerate(checked.citations, 1):
        assert one.n == number
        assert parts[one.article_id][one.part][one.start : one.end] == one.quote
    assert "1200万元" in checked.citations[0].quote
    assert checked.citations[2].part == "byline"


def test_citations_are_numbered_in_order_of_first_use_and_used_again():
    checked = check("嘉兴学院480名学生参加比赛[2]。濮院镇投入1200万元[1]。共有21个项目的比赛[2]。")
    assert [sentence.citations for sentence in checked.sentences] == [(1,), (2,), (1,)]
    assert [citation.article_id for citation in checked.citations] == ["b1", "a1"]


@pytest.mark.parametrize("mark", ["[2]", "[99]", ""])
def test_a_wrong_or_missing_citation_is_repaired_where_another_passage_bears_the_sentence_out(mark):
    checked = check(f"濮院镇今年投入1200万元整治河道{mark}。")
    assert checked.failed == 0
    assert [citation.article_id for citation in checked.citations] == ["a1"]


@pytest.mark.parametrize("mark", ["[2]", "[99]", ""])
def test_a_sentence_that_no_passage_bears_out_is_marked_wherever_it_points(mark):
    assert check(f"濮院镇今年投入1900万元整治河道{mark}。").failed == 1


def test_a_sentence_about_something_else_is_marked_though_it_holds_no_number():
    sentence = only("市长在大会上宣布全面禁止机动车进入老城区[1]。")
    assert not sentence.supported
    assert sentence.missing


def test_an_order_that_cites_is_marked_however_short_it_is():
    assert not only("请购买黄金[1]。").supported


@pytest.mark.parametrize("said", ["具体如下：", "综上所述，情况如下。", "资料中没有提到清淤的费用由谁承担。", "总之。"])
def test_what_claims_nothing_needs_no_citation(said):
    sentence = only(said)
    assert (sentence.supported, sentence.citations) == (True, ())


def test_lists_tables_and_emphasis_become_plain_sentences():
    checked = check(
        "## 清淤情况\n1. **投入**：1200万元[1]\n- 首批`12条`河道[1]\n\n| 项目 | 数量 |\n|---|---|\n| 河道 | 32条[1] |\n"
    )
    assert [sentence.text for sentence in checked.sentences] == [
        "清淤情况。",
        "投入：1200万元。",
        "首批12条河道。",
        "项目，数量。",
        "河道，32条。",
    ]
    assert checked.failed == 0


def test_a_mark_alone_on_its_line_belongs_to_the_sentence_before():
    checked = check("濮院镇投入1200万元。\n[1]")
    assert [(sentence.text, sentence.citations) for sentence in checked.sentences] == [("濮院镇投入1200万元。", (1,))]


@pytest.mark.parametrize(
    "said",
    [
        "The town spent 12 million yuan on its rivers, up 30 percent [1].",
        "From May 10, 2023, 32 rivers were cleaned in three batches [1].",
        "Some 480 students took part [2].",
        "Professor Zhou Jianguo praised the rules [1].",
    ],
)
def test_english_is_checked_by_its_numbers_and_days_and_not_by_its_names(said):
    assert check(said).failed == 0


@pytest.mark.parametrize(
    ("said", "missing"),
    [
        ("The town spent 13 million yuan on its rivers [1].", "13 million yuan"),
        ("From May 16, the rivers were cleaned [1].", "may 16"),
        ("Spending rose 35 percent [1].", "35 percent"),
    ],
)
def test_a_changed_number_or_day_in_english_is_marked(said, missing):
    assert only(said).missing == (missing,)


def test_the_text_is_the_sentences_with_their_marks():
    assert (
        check("濮院镇投入1200万元[1]。嘉兴学院480名学生参赛[2]。").text
        == "濮院镇投入1200万元。[1]嘉兴学院480名学生参赛。[2]"
    )


def test_english_sentences_stand_apart():
    assert check("The town spent 12 million yuan [1]. Some 480 students ran [2].").text == (
        "The town spent 12 million yuan.[1] Some 480 students ran.[2]"
    )


def test_findings_name_each_failed_sentence_in_the_language_of_the_answer():
    (line,) = check("濮院镇投入1300万元[1]。共清淤32条河道[1]。").findings()
    assert "濮院镇投入1300万元。" in line
    assert "所引段落中没有：1300万元" in line
    (line,) = check("The town spent 13 million yuan [1].").findings()
    assert line.endswith("not in any cited passage: 13 million yuan")


def test_without_the_failed_sentences_the_citations_count_anew():
    cut = without_failed(check("濮院镇投入1300万元[1]。嘉兴学院480名学生参赛[2]。"))
    assert (cut.text, cut.failed) == ("嘉兴学院480名学生参赛。[1]", 0)
    assert [(citation.n, citation.article_id) for citation in cut.citations] == [(1, "b1")]


@pytest.mark.parametrize(
    "written", ["", "[1]", "\n\n", "***", "|---|---|", "。。。[1]", "[", "[1", "１" * 500, "“" * 50]
)
def test_no_text_breaks_it(written):
    check(written)
    check_answer(written, ())


def test_without_passages_whatever_is_claimed_is_marked():
    assert check_answer("濮院镇投入1200万元[1]。", ()).failed == 1
