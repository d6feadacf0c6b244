"""An answer is sentences of the newspaper, each said once and with its mark, within the lengths of design.md."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from bot.english import in_chinese
from bot.evidence import gather
from bot.extractive import choose, quote
from bot.models import Passage, Turn
from bot.question import read_question
from tests.passages_of_ours import article, passage

LONGEST = {False: 400, True: 600}  # characters, by whether several sentences are wanted
QUESTIONS = [
    json.loads(line)
    for line in (Path(__file__).parent / "data" / "sample_questions.jsonl").read_text("utf-8").splitlines()
]
LONG = (  # three sentences together are longer than a fact may be told, each shorter than evidence may be
    "渡轮检修先要把船拖上岸，由镇里的机修厂派人拆下舵叶、锚链、缆桩和两台旧发动机，逐件编号登记，再用高压水枪冲掉船底的藤壶和淤泥，"
    "还要换掉木甲板，新板用的是邻县运来的杉木，刨平、浸油、晾晒各要一晚，老木匠带着四个徒弟在灯下一块一块地钉，到天亮才歇手，镇上的人夜里都听得见锤子响，却没有一个人抱怨。",
    "渡轮检修时乘客怎么走也想好了，公交公司加开从柳桥镇绕石塘镇过江的班车，早晚各八趟，学生和老人凭证坐车不要钱，"
    "钱来自三处，县交通局补一半，镇财政出三成，余下的由船票里提留的公积金支付，账目贴在候船室的墙上，谁有疑问都可以去翻，翻过的人都在本子上留了名字和意见。",
    "渡轮检修最后由船级社验收，验船师爬进机舱看油路、电线和救生筏，量过吃水线，在江心掉头、倒车、急停各试一遍才肯签字，"
    "签字那天照老规矩在船头放一挂鞭炮，请头一位过江的客人喝一碗姜茶，船老大们说这比什么仪式都热闹，年年盼着这一回，连隔壁镇的小孩也要划着小船赶来看。",
)
FERRY = "渡轮从周三起检修。检修分三步：先清船底，再换缆绳，最后试航。船票钱照退。粮仓在修屋顶。戏台周五唱戏。"


@pytest.fixture
def chosen(builtin):
    """What is chosen for a question from texts or passages."""

    def choose_from(question: str, *texts: str | Passage):
        passages = [t if isinstance(t, Passage) else passage(article(t, name=f"a{n}")) for n, t in enumerate(texts)]
        asked = read_question(question)
        return choose(asked, gather(asked, passages, builtin))

    return choose_from


def test_half_a_sentence_at_the_torn_beginning_of_an_article_joins_no_other(chosen):
    text = "的渡轮这几天都在检修，靠在岸边。渡轮检修分三步：先清船底，再换缆绳，最后试航。"
    whole = article(text)
    torn = passage(replace(whole, starts_mid=True))
    assert [one.start for one in chosen("渡轮是怎么检修的？", passage(whole))].count(0) == 1
    assert [one.start for one in chosen("渡轮是怎么检修的？", torn)].count(0) == 0


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q["id"])
def test_an_answer_keeps_within_the_length_for_its_kind_of_question(bot, question):
    before = [Turn("user", question["previous"]["question"])] if "previous" in question else []
    answer = bot.ask(question["question"], before)
    several = read_question(in_chinese(question["question"]).text).wants_several
    if answer.refused:
        return
    assert len(answer.text) <= LONGEST[several]
    if not several and answer.citations[0].part == "text":
        assert len(answer.sentences) <= 3


@pytest.mark.parametrize("question", ["渡轮什么时候检修？", "渡轮是怎么检修的？"])
def test_long_sentences_do_not_make_a_long_answer(chosen, question):
    extract = quote(chosen(question, *LONG))
    assert 0 < len(extract.text) <= LONGEST[read_question(question).wants_several]


def test_a_fact_comes_first(chosen):
    assert chosen("渡轮什么时候检修？", FERRY)[0].text == "渡轮从周三起检修。"


def test_an_explanation_has_several_sentences_in_the_order_of_the_newspaper(chosen):
    pieces = chosen("渡轮是怎么检修的？", FERRY)
    assert len(pieces) > 1
    assert [p.start for p in pieces] == sorted(p.start for p in pieces)
    assert any("最后试航" in p.text for p in pieces)


@pytest.mark.parametrize("question", ["渡轮什么时候检修？", "渡轮是怎么检修的？"])
def test_what_two_papers_say_alike_is_said_once(chosen, question):
    pieces = chosen(question, FERRY, FERRY, FERRY.replace("渡轮从", "渡轮将从"))
    texts = [p.text for p in pieces]
    assert sum("周三起检修" in text for text in texts) == 1
    assert len(texts) == len(set(texts))


def test_what_has_little_to_do_with_the_question_is_not_said(chosen):
    assert not any("戏台" in p.text or "粮仓" in p.text for p in chosen("渡轮什么时候检修？", FERRY))


def test_from_no_evidence_nothing_is_chosen(chosen):
    assert chosen("渡轮什么时候检修？") == []
    assert quote([]).text == ""


def test_every_sentence_carries_the_mark_of_its_own_citation(chosen):
    extract = quote(chosen("渡轮是怎么检修的？", FERRY))
    assert [c.n for c in extract.citations] == list(range(1, len(extract.citations) + 1))
    assert [s.citations for s in extract.sentences] == [(c.n,) for c in extract.citations]
    assert [s.text for s in extract.sentences] == [c.quote for c in extract.citations]
    assert extract.text == "".join(f"{c.quote}[{c.n}]" for c in extract.citations)
    assert not any(re.search(r"\[\d+\]", s.text) for s in extract.sentences)


def test_a_citation_names_article_issue_and_place(chosen):
    told = passage(article(FERRY, title="渡轮停三天", name="ferry", paper="试报", page="3", source_id="r7"))
    citation = quote(chosen("船票钱退吗？", told)).citations[0]
    named = (citation.article_id, citation.source_id, citation.title, citation.paper, citation.page)
    assert named == ("ferry", "r7", "渡轮停三天", "试报", "3")
    assert FERRY[citation.start : citation.end] == citation.quote
