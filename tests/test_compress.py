"""A told sentence loses what only leads up to it or trails behind, no character inside, nothing that was asked for."""

import pytest

from bot.compress import shortened
from bot.question import read_question

WHO, WHEN, HOW_MANY, WHERE = "谁修好了渡轮？", "渡轮什么时候检修？", "渡轮检修花了多少钱？", "渡轮在哪里检修？"
COST = "渡轮检修花了20万元。"


@pytest.mark.parametrize(
    "lead",
    [
        "据了解，",
        "据悉，",
        "据介绍，",
        "另据了解，",
        "记者从县交通局获悉，",
        "本报讯（记者 周大年）",
        "本报柳桥镇5月10日电（记者 周大年 通讯员 吴小满）",
        "本报讯 记者从县交通局获悉，",
        "（记者 周大年）",
        "【柳桥新闻报道】",
    ],
)
def test_what_only_leads_up_to_a_sentence_is_left_out(lead):
    assert shortened(read_question(HOW_MANY), lead + COST) == COST


@pytest.mark.parametrize("trail", ["（编辑：吴小满）", "（完）", "(记者 周大年)", " 责任编辑：吴小满"])
def test_what_trails_behind_is_left_out(trail):
    assert shortened(read_question(HOW_MANY), COST + trail) == COST


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        (WHEN, "本报5月10日讯 渡轮的检修昨日开始。"),
        (WHERE, "本报柳桥镇5月10日电（记者 周大年）渡轮的检修昨日开始。"),
        ("渡轮检修是哪位记者报道的？", "本报讯（记者 周大年）渡轮的检修昨日开始。"),
        (WHO, "记者从县船厂获悉，渡轮修好了，周三开航。"),
        ("县船厂说渡轮花了多少钱？", "记者从县船厂获悉，渡轮检修花了20万元。"),
    ],
)
def test_what_is_asked_for_stays(question, sentence):
    assert shortened(read_question(question), sentence) == sentence


@pytest.mark.parametrize(
    "sentence",
    ["据了解，花钱。", "据了解，的确是这样的一条船。", COST, "周大年说，据了解，渡轮检修花了20万元。", "本报讯", ""],
)
def test_what_would_leave_no_whole_clause_stays(sentence):
    assert shortened(read_question(HOW_MANY), sentence) == sentence


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("“渡轮检修花了20万元。", "渡轮检修花了20万元。"),
        ("渡轮检修花了20万元。”", "渡轮检修花了20万元。"),
        ("“渡轮检修花了20万元。”", "“渡轮检修花了20万元。”"),
        ("《柳桥渡》一文说渡轮花了20万元）", "《柳桥渡》一文说渡轮花了20万元"),
    ],
)
def test_half_a_pair_of_marks_at_an_end_is_left_out(sentence, told):
    assert shortened(read_question(HOW_MANY), sentence) == told


def test_a_shortened_sentence_is_one_unbroken_piece_of_the_whole():
    whole = "本报讯（记者 周大年）据了解，渡轮检修花了20万元，两周做完。（编辑：吴小满）"
    told = shortened(read_question(HOW_MANY), whole)
    assert told in whole
    assert told == "渡轮检修花了20万元，两周做完。"
