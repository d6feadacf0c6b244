"""An answer has the form of its question: a list, two sides, words with who said them, both of two papers that differ,
a correction first, and a line for the part that no newspaper tells.
"""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.bot import Bot
from bot.evidence import gather
from bot.extractive import choose
from bot.forms import compose, compose_told_parts
from bot.page.answer import answer_html, unmarked
from bot.page.texts import ZH
from bot.question import read_question
from ingest.archive import Archive
from ingest.ingester import Ingester
from tests.passages_of_ours import article, passage

DATA = Path(__file__).parent / "data" / "disagree_dev.jsonl"
PAIRS = [json.loads(line) for line in DATA.read_text("utf-8").splitlines()]
FERRY = (
    "柳桥镇的渡轮从周三起检修。检修分三步：先清船底，再换缆绳，最后试航。镇长周大年主持了开工仪式。"
    "石塘镇的渡轮检修花了30万元。柳桥镇的渡轮检修花了20万元。周大年说：“船比路要紧，修好了大家心里才踏实。”"
    "停航期间可以坐三种车：公交车、校车、三轮车。"
)
DAY = date(2023, 5, 10)


@pytest.fixture
def told(builtin):
    """An extract for a question from articles."""

    def tell(question, *articles):
        asked = read_question(question)
        passages = [passage(a if not isinstance(a, str) else article(a, name="f")) for a in articles]

        def weigh(part):
            return gather(part, passages, builtin)

        evidence = weigh(asked)
        return compose(asked, evidence, choose(asked, evidence), weigh)

    return tell


def test_a_list_begins_with_the_sentence_that_enumerates_and_stands_one_a_line(told):
    extract = told("渡轮停航期间可以坐哪些车？", FERRY)
    assert extract.sentences[0].text == "停航期间可以坐三种车：公交车、校车、三轮车。"
    assert len(extract.text.split("\n")) == len(extract.sentences)


def test_a_comparison_has_both_sides(told):
    extract = told("柳桥镇和石塘镇的渡轮检修费用有什么不同？", FERRY)
    first = "".join(s.text for s in extract.sentences[:2])
    assert "30万元" in first
    assert "20万元" in first
    assert not extract.missing


def test_one_sentence_that_tells_of_both_sides_is_told_once(told):
    both = "柳桥镇的渡轮检修花了20万元，石塘镇的渡轮检修花了30万元。船票照退，各位乘客请互相转告。"
    extract = told("柳桥镇和石塘镇的渡轮检修费用有什么不同？", both)
    assert [s.text for s in extract.sentences].count("柳桥镇的渡轮检修花了20万元，石塘镇的渡轮检修花了30万元。") == 1


def test_a_side_that_is_not_told_is_named_in_a_line_of_ours(told):
    extract = told("柳桥镇和梅岭关的渡轮检修费用有什么不同？", FERRY)
    assert "20万元" in extract.sentences[0].text
    assert extract.missing == ("梅岭关",)
    assert extract.text.endswith("\n没有写明：梅岭关。")
    assert not any("没有写明" in s.text for s in extract.sentences)


def test_a_persons_words_are_quoted_with_who_that_is(told):
    extract = told("周大年怎么说渡轮？", FERRY)
    assert any("“船比路要紧" in s.text for s in extract.sentences)
    assert any("镇长周大年" in s.text for s in extract.sentences)


def test_steps_stand_in_their_order(told):
    extract = told("柳桥镇的渡轮是怎么检修的？", FERRY)
    assert any("先清船底" in s.text for s in extract.sentences)


def test_two_questions_in_one_are_answered_as_far_as_they_are_told(told):
    extract = told("柳桥镇渡轮检修花了多少钱，镇长是谁？", FERRY)
    assert {"20万元", "周大年"} <= {w for w in ("20万元", "周大年") if w in extract.text}
    assert not extract.missing


def test_the_part_that_is_not_told_is_named(told):
    extract = told("柳桥镇渡轮从周几起检修，工程师是谁？", "柳桥镇的渡轮从周三起检修。检修要三天。船票照退。")
    assert "周三" in extract.text
    assert extract.missing == ("工程师是谁",)


@pytest.mark.parametrize("question", ["柳桥镇渡轮检修花了多少钱？", "没什么人坐的渡轮，检修花了多少钱？"])
def test_one_question_has_no_parts(builtin, question):
    asked = read_question(question)
    assert compose_told_parts(asked, lambda part: gather(part, [passage(article(FERRY))], builtin)) is None


def test_an_answer_quotes_the_whole_sentence_that_it_shortens(told):
    (sentence, *_), (citation, *_) = (
        getattr(told("柳桥镇渡轮检修花了多少钱？", "据了解，柳桥镇的渡轮检修花了20万元。"), part)
        for part in ("sentences", "citations")
    )
    assert (sentence.text, citation.quote) == (
        "柳桥镇的渡轮检修花了20万元。",
        "据了解，柳桥镇的渡轮检修花了20万元。",
    )


def _issue(text, name, paper, day=DAY, title="柳桥镇渡轮检修"):
    return article(text, title, name, paper=paper, date=day)


ONE = _issue("柳桥镇船厂的渡轮检修花了20万元，龙骨和舵叶都换了新的。", "a", "甲报")


@pytest.mark.parametrize(
    "other",
    [
        _issue("柳桥镇船厂的渡轮检修花了20万元，龙骨和舵叶都换了新的，乡亲叫好。", "b", "乙报"),  # the same
        _issue("柳桥镇船厂的渡轮检修用了15天，龙骨和舵叶都换了新的。", "b", "乙报"),  # another unit
        _issue(
            "石塘镇船厂的渡轮检修花了30万元，龙骨和舵叶都换了新的。", "b", "乙报", title="石塘镇渡轮"
        ),  # another town
        _issue("柳桥镇船厂的渡轮检修花了30万元，龙骨和舵叶都换了新的。", "b", "乙报", date(2021, 5, 10)),  # other times
        _issue("截至昨天，柳桥镇船厂的渡轮检修累计花了30万元，龙骨和舵叶都换了。", "b", "乙报"),  # a running count
        _issue("柳桥镇船厂的渡轮检修花了30万元，龙骨和舵叶都换了新的。", "b", "乙报", None),  # of no known day
        _issue("柳桥镇船厂的渡轮检修花了900万元，龙骨和舵叶都换了新的。", "b", "乙报"),  # hardly the same thing
    ],
)
def test_what_is_alike_is_no_disagreement(told, other):
    assert not any(s.lead for s in told("柳桥镇渡轮检修花了多少钱？", ONE, other).sentences)


def test_two_papers_that_differ_are_both_shown_with_paper_and_day(told):
    other = _issue("柳桥镇船厂的渡轮检修花了30万元，龙骨和舵叶都换了新的。", "b", "乙报")
    extract = told("柳桥镇渡轮检修花了多少钱？", ONE, other)
    assert {s.lead for s in extract.sentences} == {
        "一报道（2023-05-10《甲报》）：",
        "另一报道（2023-05-10《乙报》）：",
    } or {s.lead for s in extract.sentences} == {"一报道（2023-05-10《乙报》）：", "另一报道（2023-05-10《甲报》）："}
    assert "20万元" in extract.text
    assert "30万元" in extract.text


@pytest.fixture(scope="module")
def papers(tmp_path_factory, builtin):
    root = tmp_path_factory.mktemp("papers")
    rows = [json.dumps(row, ensure_ascii=False) for pair in PAIRS for row in pair["articles"]]
    (root / "rows.jsonl").write_text("\n".join(rows), "utf-8")
    Ingester(root / "data", builtin).add([root / "rows.jsonl"])
    with Archive(root / "data", builtin) as archive:
        yield Bot(archive, builtin)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair["id"])
def test_papers_that_differ_are_both_told_and_a_correction_comes_first(papers, pair):
    answer = papers.ask(pair["question"])
    assert len(answer.text) <= 400
    if "right" in pair:
        wrong = next(value for value in pair["values"] if value != pair["right"])
        assert answer.text.startswith("已更正")
        assert pair["right"] in answer.sentences[0].text
        assert wrong not in answer.sentences[0].text
    else:
        assert all(value in answer.text for value in pair["values"])
        assert all(each["paper"] in answer.text and each["date"] in answer.text for each in pair["articles"])
    assert all(s.text in c.quote for s, c in zip(answer.sentences, answer.citations, strict=True))


def test_the_page_shows_our_words_apart_and_the_next_turn_is_not_told_them(papers):
    answer = papers.ask(PAIRS[6]["question"])
    html = answer_html(answer, ZH)
    assert html.count('<span class="wb-lead">') == 2
    assert "更正前" not in unmarked(answer)
    listed = answer_html(replace(answer, listed=True, closing="没有写明：甲。"), ZH)
    assert listed.count("<li>") >= 2
    assert "没有写明" in listed
