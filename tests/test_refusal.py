"""Where the newspaper does not say it, the bot says so, and says what it searched, what is missing, what comes nearest.

A refusal is a value, not an error. It answers in the language of the question.
"""

from dataclasses import replace
from datetime import date

import pytest

from bot.evidence import gather
from bot.extractive import choose
from bot.models import Nearest
from bot.question import read_question
from bot.refusal import Doubt, doubt, nearest_articles, say
from ingest.models import ArchiveStats
from tests.passages_of_ours import article, passage

FERRY = article(
    "柳桥镇的渡轮从周三起检修。检修分三步：先清船底，再换缆绳，最后试航。船老大们说，船票钱照退。",
    title="柳桥镇渡轮停三天",
)
STATS = ArchiveStats(1, 14, 16, ("试报", "晚报"), date(2023, 5, 11), date(2023, 5, 12), sample=False)
ASKED = read_question("渡轮什么时候检修？")
NEAREST = (Nearest("a1", "渡轮停三天", "试报", date(2023, 5, 12)),)


@pytest.fixture
def doubted(builtin):
    def doubt_about(question: str, *articles):
        asked = read_question(question)
        evidence = gather(asked, [passage(a) for a in articles], builtin)
        return doubt(asked, evidence, choose(asked, evidence))

    return doubt_about


@pytest.mark.parametrize("question", ["渡轮什么时候检修？", "渡轮是怎么检修的？", "柳桥镇的渡轮怎么了？"])
def test_what_the_story_tells_is_not_doubted(doubted, question):
    assert doubted(question, FERRY) is None


@pytest.mark.parametrize(
    "question", ["红烧肉要炖多久？", "奥斯卡最佳影片是哪部？", "How deep is the trench on Europa?", "阿斯加德"]
)
def test_what_nothing_bears_on_is_refused_for_want_of_evidence(doubted, question):
    assert doubted(question, FERRY).reason == "no_evidence"


@pytest.mark.parametrize("said", ["你好", "您好！", "谢谢你们。", "再见～", "Hello!", "Good morning", "Thank you"])
def test_a_greeting_is_no_question_though_people_in_the_paper_greet(doubted, said):
    greeted = article(
        "船老大在码头上招手：“你好！”乘客答道：“谢谢你们，再见！”Hello，外地游客也这样说。", title="你好，柳桥镇"
    )
    assert doubted(said, greeted).reason == "no_evidence"


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        ("柳桥镇渡轮检修一共花了多少钱？", ()),
        ("柳桥镇渡轮的下任船长是谁？", ("船长",)),
        ("柳桥镇渡轮检修的工程师叫什么？", ("工程师",)),
    ],
)
def test_a_story_that_is_there_without_what_is_asked_is_a_near_miss_that_says_what_is_missing(
    doubted, question, missing
):
    found = doubted(question, FERRY)
    assert found.reason == "near_miss"
    assert set(missing) <= set(found.missing)


def test_the_same_thing_elsewhere_is_no_answer(doubted):
    hangzhou = article("杭州的渡轮检修花了20万元。渡轮检修分三步。", title="渡轮检修")
    assert doubted("杭州的渡轮检修花了多少钱？", hangzhou) is None
    found = doubted("宁波的渡轮检修花了多少钱？", hangzhou)
    assert (found.reason, found.missing) == ("near_miss", ("宁波",))


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        ("柳桥镇渡轮明年检修几天？", ("明年",)),
        ("柳桥镇渡轮下一次检修花多少钱？", ("下一次",)),
        ("柳桥镇渡轮2019年检修花了多少钱？", ("2019",)),
        ("柳桥镇渡轮2023年检修花了多少钱？", ()),
        ("柳桥镇渡轮2024年检修花了多少钱？", ()),
    ],
)
def test_another_time_than_the_story_tells_of_is_missing(doubted, question, missing):
    text = "2024年，柳桥镇的渡轮检修3天，花了20万元。"
    found = doubted(question, article(text, title="柳桥镇渡轮检修", date=date(2023, 5, 12)))
    assert (found.missing if found else ()) == missing


def test_without_any_evidence_there_is_no_answer(doubted):
    assert doubted("渡轮什么时候检修？") == Doubt("no_evidence")


@pytest.mark.parametrize(
    ("why", "question", "said"),
    [
        (
            Doubt("no_evidence"),
            "灯塔多高？",
            ["《试报》《晚报》", "2023年5月11日～2023年5月12日", "14篇", "《渡轮停三天》"],
        ),
        (Doubt("near_miss", ("船长",)), "船长是谁？", ["船长", "14篇", "《渡轮停三天》"]),
        (Doubt("near_miss"), "船长是谁？", ["没有写明", "14篇"]),
        (Doubt("no_evidence"), "How high is it?", ["试报, 晚报", "2023-05-11", "14 articles", "Nearest: 渡轮停三天"]),
        (Doubt("near_miss", ("Tower",)), "Who is it?", ["(Tower)", "14 articles"]),
        (Doubt("empty_archive"), "灯塔多高？", ["python -m ingest add"]),
        (Doubt("empty_archive"), "How high is it?", ["python -m ingest add"]),
    ],
)
def test_a_refusal_says_what_was_searched_what_is_missing_and_what_comes_nearest(why, question, said):
    text = say(why, question, STATS, NEAREST)
    assert all(part in text for part in said)
    assert "{" not in text
    assert "None" not in text


def test_what_is_missing_is_nothing_that_stands_in_the_story_that_is_named_as_the_nearest():
    about = (
        Nearest("a", "灯塔修好了", None, None, "看灯人老秦说，三天就好。"),
        Nearest("b", "渡轮的船长换了", None, None),
    )
    text = say(Doubt("near_miss", ("灯塔", "老秦", "船长")), "灯塔的船长老秦是谁？", STATS, about)
    assert "（船长）" in text, "what another story has is missing in this one"
    assert "没有写明所问的内容，" in say(Doubt("near_miss", ("灯塔",)), "灯塔多高？", STATS, about)


@pytest.mark.parametrize("question", ["灯塔多高？", "How high is it?"])
def test_a_refusal_holds_together_where_nothing_is_known(question):
    text = say(Doubt("no_evidence"), question, ArchiveStats(1, 0, 0, (), None, None, sample=False), ())
    assert "0" in text
    assert "None" not in text
    assert "《" not in text


def test_many_papers_are_not_all_listed():
    stats = ArchiveStats(1, 99, 99, tuple(f"第{n}报" for n in range(30)), None, None, sample=False)
    text = say(Doubt("no_evidence"), "灯塔多高？", stats, ())
    assert "《第0报》" in text
    assert "第29报" not in text
    assert "等" in text


def test_the_three_nearest_articles_are_named_each_once_and_best_first():
    found = [passage(article("渡轮。" * 20, f"渡轮{n}", f"a{n}"), n=i) for i, n in enumerate([2, 1, 2, 3, 4], 1)]
    assert [n.title for n in nearest_articles(ASKED, found)] == ["渡轮2", "渡轮1", "渡轮3"]


def test_an_article_without_a_headline_is_named_by_its_beginning():
    (nearest,) = nearest_articles(
        ASKED, [passage(article("渡轮从周三起检修，三天做完，船票照退，各位乘客请互相转告。"))]
    )
    assert nearest.title == "渡轮从周三起检修，三天做完，船票照退，各…"


@pytest.fixture
def nearest_to(builtin):
    """The nearest articles for a question, each with what it says."""

    def find(question: str, *articles):
        asked = read_question(question)
        passages = [passage(a) for a in articles]
        return nearest_articles(asked, passages, gather(asked, passages, builtin))

    return find


def test_the_nearest_articles_are_named_with_the_beginning_of_what_they_say(nearest_to):
    long = article("据了解，柳桥镇的渡轮从周三起检修" + "，一处一处地修" * 10 + "。", title="渡轮停航", name="long")
    short, cut = nearest_to("渡轮的船长是谁？", FERRY, long)
    assert short.says
    assert short.says in FERRY.text
    assert len(cut.says) == 40
    assert cut.says.startswith("柳桥镇的渡轮")
    assert cut.says.endswith("…")


def test_what_an_article_is_named_by_is_not_said_again(nearest_to):
    (nearest,) = nearest_to("渡轮的船长是谁？", article("渡轮从周三起检修。"))
    assert nearest.says == ""


@pytest.mark.parametrize(
    ("question", "said"),
    [("船长是谁？", "《渡轮停三天》：“渡轮停了。”。"), ("Who is it?", "Nearest: 渡轮停三天 (“渡轮停了。”).")],
)
def test_a_refusal_says_what_the_nearest_article_does_say(question, said):
    assert say(Doubt("near_miss"), question, STATS, (replace(NEAREST[0], says="渡轮停了。"),)).endswith(said)
