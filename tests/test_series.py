"""What a number tells from others of its kind is that one and no other: the C929 is not the C919."""

import pytest

from bot.evidence import gather
from bot.extractive import choose
from bot.pieces import squeeze
from bot.question import read_question
from bot.refusal import doubt
from bot.series import Told, numbered_in, told_of
from tests.passages_of_ours import article, passage


@pytest.mark.parametrize(
    ("text", "kind", "number"),
    [
        ("青鸟9型之外还有HK-29客机", "hk", "29"),
        ("手机 Lumo 27 多少钱", "lumo", "27"),
        ("海燕九号什么时候出海", "海燕", "9"),
        ("海燕十五号已经靠港", "海燕", "15"),
        ("地铁7号线什么时候开通", "号线", "7"),
        ("第十二届龙舟大会", "龙舟", "12"),
        ("第12届夏季龙舟大会", "龙舟", "12"),
        ("鹞-20首飞", "鹞", "20"),
    ],
)
def test_what_is_told_apart_by_a_number_is_read_however_the_number_is_written(text, kind, number):
    assert (kind, number) in {(one.kind, one.number) for one in numbered_in(squeeze(text))}


@pytest.mark.parametrize(
    "text",
    [
        "PM2.5是多少",
        "7月5号有什么新闻",
        "2023年第5号台风",
        "路灯花了437万元",
        "第21届中国龙舟大会",
        "渡轮停三天",
        "3号楼",
    ],
)
def test_amounts_days_and_what_is_told_by_more_than_a_number_are_none(text):
    assert list(numbered_in(squeeze(text))) == []


def test_a_text_with_others_of_the_kind_alone_does_not_hold_what_is_asked_for():
    wanted = list(numbered_in(squeeze("HK929和地铁7号线什么时候试飞？")))
    assert told_of(wanted, squeeze("HK919去年试飞，地铁七号线今年开通。")).others == ("hk929",)
    assert told_of(wanted, squeeze("渡轮停三天。")).others == ()
    assert told_of(wanted, squeeze("地铁七号线今年开通。")).held
    assert not told_of(wanted, squeeze("地铁9号线今年开通。")).held
    assert told_of([], squeeze("地铁9号线今年开通。")) == Told()


def test_of_two_that_are_compared_one_will_do():
    assert told_of(list(numbered_in("海燕九号和海燕十号哪艘大？")), "海燕九号能载六十人。").others == ()


NINTH = article("海燕九号渡轮3月2日首航，能载六十二人。船票每张五元。", title="海燕九号首航")
TENTH = article("海燕十号渡轮4月8日首航，能载九十人。船票每张六元。海燕九号仍跑夜班。", title="海燕十号首航", name="a2")


def told(builtin, question: str, *articles):
    asked = read_question(question)
    evidence = gather(asked, [passage(a) for a in articles], builtin)
    return asked, evidence


def test_only_sentences_of_the_one_that_is_asked_for_answer_where_some_article_has_it(builtin):
    _, evidence = told(builtin, "海燕九号渡轮哪天首航？", NINTH, TENTH)
    assert "3月2日" in evidence[0].text
    assert not [one for one in evidence if "海燕十号" in one.text]


def test_a_sentence_of_the_one_that_is_asked_for_may_name_another_beside_it(builtin):
    new = article(
        "海燕九号渡轮今天备好了缆绳。3月2日上午从柳桥镇的码头首航，在江心与海燕八号换班。", title="海燕九号首航"
    )
    _, evidence = told(builtin, "海燕九号渡轮哪天首航？", new, TENTH)
    assert [one for one in evidence if "海燕八号" in one.text]


def test_where_only_others_of_the_kind_are_told_of_it_is_missing(builtin):
    asked, evidence = told(builtin, "海燕十一号渡轮哪天首航？", NINTH)
    doubted = doubt(asked, evidence, choose(asked, evidence))
    assert doubted.reason == "near_miss"
    assert "海燕十一号" in doubted.missing
    asked, evidence = told(builtin, "海燕九号渡轮哪天首航？", NINTH)
    assert doubt(asked, evidence, choose(asked, evidence)) is None
