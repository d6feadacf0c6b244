"""Questions made of news for the reader to learn from."""

import random

import pytest

from bot.training.asking import CANDIDATES, questions_on

STORY = (
    "青石镇渡口6月3日起停运,服务两岸居民已有68年。",
    "镇长陈大河表示,新桥总投资1.2亿元,全长860米。",
    "停运后,渡船将送往县博物馆展出。",
    "由于连日暴雨,通车仪式推迟到下午举行。",
    "许多老人特地赶来乘坐最后一班渡船。",
    "据了解,新桥设计时速60公里,双向四车道。",
)
OTHERS = (
    (
        "白沙县新建的大桥昨天合龙,预计年底通车。",
        "大桥全长1300米,由省交通集团建设。",
        "县长林海说,群众出行将更加方便。",
        "沿线三个乡镇的公交线路同步调整。",
    ),
)


@pytest.fixture(scope="module")
def made():
    return [one for seed in range(60) for one in questions_on(STORY, OTHERS, random.Random(seed), 3)]


def test_each_question_stands_beside_as_many_sentences(made):
    assert len(made) > 60
    assert all(len(one.sentences) == CANDIDATES for one in made)


def test_what_is_asked_for_stands_in_the_first_sentence_and_not_in_the_question(made):
    spans = [(one, one.sentences[0][one.start : one.end]) for one in made if one.right and one.end]
    assert len(spans) > 20
    assert all(answer and answer not in one.question for one, answer in spans if len(answer) > 2)


def test_some_questions_have_no_answer_beside_them(made):
    without = sum(one.right == 0 for one in made) / len(made)
    assert 0.15 < without < 0.6


def test_a_sentence_stands_there_without_its_answer_and_is_wrong(made):
    blotted = [s for one in made for s in one.sentences[one.right :] if s not in STORY and s not in OTHERS[0]]
    assert blotted


def test_the_same_chance_makes_the_same_questions():
    once, again = (list(questions_on(STORY, OTHERS, random.Random(3), 3)) for _ in range(2))
    assert once == again
