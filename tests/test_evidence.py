"""Evidence is the newspaper's own sentences, whole, each with what speaks for it as an answer, best first."""

import json
from dataclasses import astuple
from pathlib import Path

import pytest

from bot.evidence import Evidence, gather
from bot.models import Passage
from bot.passages import pick_passages
from bot.pieces import LONGEST
from bot.question import read_question
from bot.retriever import Retriever
from ingest.models import Filter
from tests.passages_of_ours import article, passage

QUESTIONS = [
    json.loads(line)["question"]
    for line in (Path(__file__).parent / "data" / "sample_questions.jsonl").read_text("utf-8").splitlines()
]


@pytest.fixture
def weigh(builtin):
    """Evidence for a question from texts, each an article of its own."""

    def evidence(question: str, *texts: str | Passage) -> list[Evidence]:
        passages = [t if isinstance(t, Passage) else passage(article(t, name=f"a{n}")) for n, t in enumerate(texts)]
        return gather(read_question(question), passages, builtin)

    return evidence


def told(evidence: list[Evidence]) -> list[str]:
    return sorted((e.text for e in evidence), key=lambda text: text)


@pytest.mark.parametrize("question", QUESTIONS[::4])
def test_every_piece_stands_verbatim_in_its_part_and_is_weighed_between_0_and_1(question, snapshot, builtin):
    asked = read_question(question)
    passages = pick_passages(Retriever(builtin).search(asked, snapshot, 12, Filter()), snapshot)
    evidence = gather(asked, passages, builtin)
    assert [e.score for e in evidence] == sorted((e.score for e in evidence), reverse=True)
    for one in evidence:
        assert one.text == getattr(one.article, one.part)[one.start : one.end]
        assert len(one.text) <= LONGEST or one.part == "title"
        assert all(0 <= mark <= 1.001 for mark in (one.score, *astuple(one.marks)))
        assert len(one.beside) == len(asked.words)
    places = [(e.article.version_id, e.part, e.start) for e in evidence]
    assert len(places) == len(set(places))


def test_without_passages_there_is_no_evidence(weigh):
    assert weigh("渡轮什么时候检修？") == []


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("“先修路，再盖房。”村主任何田说。雨停了。", ["“先修路，再盖房。”村主任何田说。", "雨停了。"]),
        ("“先修路。再盖房。”村主任何田说。", ["“先修路。再盖房。”村主任何田说。"]),
        ("村主任何田说：“先修路。再盖房。”雨停了。", ["村主任何田说：“先修路。再盖房。”", "雨停了。"]),
        ("“先修路。”\n村主任何田说。", ["“先修路。”", "村主任何田说。"]),
        ("雨停了。村主任何田说。", ["雨停了。", "村主任何田说。"]),
    ],
)
def test_talk_stays_in_one_piece_with_who_said_it(weigh, text, pieces):
    assert told(weigh("谁说先修路？", text)) == sorted(pieces)


def test_long_talk_is_cut_all_the_same(weigh):
    text = "村主任何田说：“" + "先修路，再盖房，路通了什么都好办，大家都这么想。" * 20 + "”"
    pieces = weigh("谁说先修路？", text)
    assert len(pieces) > 1
    assert max(len(e.text) for e in pieces) <= LONGEST


def test_passages_that_overlap_give_each_sentence_once(weigh):
    of = article("渡轮周三检修。粮仓周四开门。戏台周五唱戏。")
    assert told(weigh("渡轮什么时候检修？", passage(of, 0, 14), passage(of, 7, 21))) == [
        "戏台周五唱戏。",
        "渡轮周三检修。",
        "粮仓周四开门。",
    ]


def test_a_sentence_is_not_used_from_outside_the_passages(weigh):
    of = article("渡轮周三检修。粮仓周四开门。戏台周五唱戏。")
    assert told(weigh("渡轮什么时候检修？", passage(of, 7, 14))) == ["粮仓周四开门。"]


def test_a_headline_is_evidence_of_its_own(weigh):
    found = weigh("渡轮什么时候检修？", passage(article("周三开始，三天做完。", title="渡轮检修")))
    assert {(e.part, e.text) for e in found} == {("title", "渡轮检修"), ("text", "周三开始，三天做完。")}


def test_a_word_in_the_sentence_before_speaks_for_the_sentence_that_refers_to_it(weigh):
    found = {e.text: e for e in weigh("渡轮什么时候检修？", "渡轮用了三十年。它从周三起检修。风很大。雨停了。")}
    refers, aside = found["它从周三起检修。"], found["雨停了。"]
    assert refers.marks.own < refers.marks.near
    assert aside.marks.near < refers.marks.near


def test_a_word_anywhere_else_in_the_article_speaks_for_a_sentence_a_little(weigh):
    far = "渡轮用了三十年。风很大。雨停了。天晴了。从周三起检修。"
    near = "风很大。雨停了。天晴了。渡轮用了三十年。从周三起检修。"
    none = "绵羊用了三十年。风很大。雨停了。天晴了。从周三起检修。"
    found = [
        next(e.marks.near for e in weigh("渡轮什么时候检修？", text) if e.text == "从周三起检修。")
        for text in (near, far, none)
    ]
    assert found[0] > found[1] > found[2] > 0


def test_the_headline_speaks_for_all_sentences_of_its_article(weigh):
    bare = weigh("渡轮什么时候检修？", "周三开始，三天做完。")[0]
    under = passage(article("周三开始，三天做完。", title="渡轮检修"))
    assert next(e for e in weigh("渡轮什么时候检修？", under) if e.part == "text").marks.near > bare.marks.near


@pytest.mark.parametrize(
    ("question", "kindred", "strange"),
    [
        ("哪些医生先放假？", "护士一律周三放假。", "轮船一律周三放假。"),
        ("地铁几时停运？", "公交周三停运。", "绵羊周三停运。"),
    ],
)
def test_a_word_of_like_company_stands_in_for_one_that_is_not_there(weigh, question, kindred, strange):
    assert weigh(question, kindred)[0].marks.near > weigh(question, strange)[0].marks.near


def test_one_town_does_not_stand_in_for_another(weigh):
    town, thing = (weigh("杭州什么时候开展？", f"{what}周三开展。")[0].marks.near for what in ("宁波", "箱子"))
    assert town == thing


@pytest.mark.parametrize(
    ("text", "held"), [("渡轮K7今天检修。", 1.0), ("渡轮K75今天检修。", 0.0), ("渡轮BK7今天检修。", 0.0)]
)
def test_a_number_or_latin_word_is_found_only_whole(weigh, text, held):
    asked = read_question("K7检修了吗？")
    number = [word.text for word in asked.words].index("k7")
    assert weigh("K7检修了吗？", text)[0].beside[number] == held


def test_what_asks_a_question_seldom_answers_one(weigh):
    says, asks = (weigh("渡轮什么时候检修？", f"大家都想知道渡轮周三检修{mark}")[0] for mark in "。？")
    assert says.score > asks.score


def test_the_article_that_was_found_better_stands_higher(weigh):
    first = passage(article("渡轮周三检修，三天做完。", name="first"), n=1, score=1.0)
    second = passage(article("渡轮周四检修，三天做完。", name="second"), n=2, score=0.2)
    best, other = weigh("渡轮什么时候检修？", first, second)
    assert best.article.article_id == "first"
    assert best.marks.found > other.marks.found
