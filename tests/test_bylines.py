"""Who wrote what is answered by headlines and by-lines, both cited verbatim."""

import pytest

from bot.bylines import answer_from_bylines
from bot.question import read_question
from tests.passages_of_ours import article, passage

FERRY = article("渡轮从周三起检修。", "渡轮停三天", "ferry", byline="记者 苏 荷 通讯员 江小渡")
BARN = article("粮仓的屋顶在修。瓦是从邻县运来的，工匠有二十多位。", None, "barn", byline="本报记者 苏 荷")
STAGE = article("戏台周五唱戏。", "戏台又响", "stage", byline="记者 叶 舟")
TOWER = article("灯塔周六点灯。", "灯塔亮了", "tower")
ALL = [FERRY, BARN, STAGE, TOWER]


def answer(question: str, *articles):
    return answer_from_bylines(read_question(question), [passage(a) for a in articles or ALL])


@pytest.mark.parametrize(
    ("question", "articles"),
    [
        ("记者苏荷写了哪些报道？", ["ferry", "barn"]),
        ("叶舟采写了什么文章？", ["stage"]),
        ("通讯员江小渡参与了哪篇报道？", ["ferry"]),
        ("苏荷这天一共写了几篇稿子？", ["ferry", "barn"]),
        ("渡轮停航的报道是谁写的？", ["ferry"]),
        ("渡轮检修这条消息的记者是谁？", ["ferry"]),
        ("这篇渡轮的稿子由谁采写？", ["ferry"]),
    ],
)
def test_a_question_for_writers_or_their_work_is_answered_by_bylines(question, articles):
    assert list(dict.fromkeys(c.article_id for c in answer(question).citations)) == articles


@pytest.mark.parametrize(
    "question",
    [
        "渡轮什么时候检修？",
        "谁出钱修粮仓？",
        "苏荷是什么人？",
        "记者苏荷在哪里看到渡轮？",
        "报道说渡轮修几天？",
        "戏台唱什么戏？",
    ],
)
def test_other_questions_are_left_to_the_text(question):
    assert answer(question) is None


def test_a_writer_whom_no_byline_names_is_not_made_up():
    assert answer("记者周远山写了哪些报道？") is None
    assert answer("灯塔的报道是谁写的？", TOWER, FERRY) is None


@pytest.mark.parametrize("question", ["记者苏荷写了哪些报道？", "渡轮停航的报道是谁写的？"])
def test_headline_and_byline_are_cited_verbatim_in_pairs(question):
    extract = answer(question)
    by_id = {a.article_id: a for a in ALL}
    assert [c.n for c in extract.citations] == list(range(1, len(extract.citations) + 1))
    for citation in extract.citations:
        assert getattr(by_id[citation.article_id], citation.part)[citation.start : citation.end] == citation.quote
        assert citation.quote
    for sentence in extract.sentences:
        heading, byline = (extract.citations[n - 1] for n in sentence.citations)
        assert byline.part == "byline"
        assert heading.article_id == byline.article_id
        assert heading.quote in sentence.text
        assert byline.quote in sentence.text


def test_an_article_without_a_headline_is_told_by_its_first_sentences():
    heading = answer("记者苏荷写了哪些报道？", BARN).citations[0]
    assert (heading.part, heading.start) == ("text", 0)
    assert heading.quote.endswith("。")


def test_at_most_five_articles_are_named():
    many = [article(f"渡轮{n}号停航。", f"渡轮{n}号停航", f"a{n}", byline="记者 苏 荷") for n in range(9)]
    assert len(answer("记者苏荷写了哪些报道？", *many).sentences) == 5


def test_on_the_sample_a_reporter_is_asked_for_by_story_and_a_story_by_reporter(bot):
    wrote = bot.ask("记者宋禾写了哪几篇报道？")
    assert {c.title for c in wrote.citations} == {"德清关停合并七十多个政务应用", "外国人办事，上虞有了专门的地方"}
    who = bot.ask("丽水经贸团的报道是谁写的？")
    assert "林 见" in who.text
    assert [c.part for c in who.citations] == ["title", "byline"]
