"""A follow-up borrows the words that it leaves out from the user's turns before it; a new topic borrows nothing."""

import pytest

from bot.conversation import followed
from bot.conversation import topic_of as words_of
from bot.models import Turn
from bot.question import read_question

FERRY = "柳桥镇的渡轮什么时候检修？"


def topic_of(question: str, history: list[Turn]) -> str:
    return words_of(question, followed(question, history))


def talk(*questions: str) -> list[Turn]:
    return [turn for q in questions for turn in (Turn("user", q), Turn("assistant", "灯塔的事报纸没有写。"))]


@pytest.mark.parametrize(
    "question",
    [
        "要多久？",
        "那票价呢？",
        "为什么？",
        "它有多长？",
        "这艘船是谁造的？",
        "谁出的钱？",
        "那杭州呢？",
        "后来怎么样了？",
    ],
)
def test_a_question_that_leaves_its_subject_out_takes_it_from_the_turn_before(question):
    assert "渡轮" in topic_of(question, talk(FERRY)).split()


@pytest.mark.parametrize(
    "question", ["杭州的书展在哪里办？", "绍兴为什么要招技工？", "How long is the Hangzhou Bay bridge?"]
)
def test_a_question_that_names_its_own_subject_is_a_new_topic(question):
    assert topic_of(question, talk(FERRY)) == ""


@pytest.mark.parametrize("question", ["要多久？", "它有多长？", "灯塔"])
def test_the_first_question_stands_alone(question):
    assert topic_of(question, []) == ""


def test_the_topic_holds_no_word_twice_and_none_that_the_question_has_itself():
    topic = topic_of("那渡轮的票价呢？", talk(FERRY, "渡轮要修多久？")).split()
    assert "渡轮" not in topic
    assert len(topic) == len(set(topic))


def test_a_chain_of_follow_ups_leads_back_to_the_name():
    assert "柳桥" in topic_of("谁出的钱？", talk(FERRY, "要修多久？"))


def test_what_was_said_before_the_last_name_is_left_behind():
    assert "粮仓" not in topic_of("要修多久？", talk("石塘镇的粮仓怎么了？", FERRY)).split()


def test_answers_of_the_bot_are_no_topic():
    assert "灯塔" not in topic_of("要修多久？", talk(FERRY)).split()


def test_the_standalone_question_is_topic_and_question():
    question = "要修多久？"
    topic = topic_of(question, talk(FERRY))
    assert read_question(question, topic).text == f"{topic} {question}"


def test_a_talk_without_any_subject_gives_none():
    assert topic_of("为什么？", talk("谁？", "？")) == ""
