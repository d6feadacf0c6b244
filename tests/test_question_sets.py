"""The sets that retrieval is measured with: what is right, what is withheld, what a slice keeps, how it is counted."""

import json
import lzma

import pytest

from tests.evals.retrieval import measured
from tests.question_sets import EVENTS, HEADLINES, NEWS, Question, QuestionSet, material, read_rows

REPORT = "镇里把河边的旧粮仓修好以后办起了夜校。夜校从今年春天起教算账和急救两门课。来上课的人比大家想的还要多一些。"
OTHER = "渡口的老渡轮大修用了三个月的时间才完工。村里人过河再也不用绕到上游的石桥。"


@pytest.fixture
def data(tmp_path):
    """A folder with one event, which also stands among the news under another ending, and a news question."""

    def write(name, *lines):
        with lzma.open(tmp_path / f"{name}.jsonl.xz", "wt", encoding="utf-8") as file:
            file.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)

    again = f"本报讯 {REPORT}编辑：某某"
    write("events_dev", {"id": "e", "title": "旧粮仓成了夜校", "text": REPORT, "question": "镇里办起了夜校"})
    write(
        "news", *({"id": id_, "date": None, "text": text} for id_, text in [("same", again), ("o", OTHER), ("p", "短")])
    )
    write("news_qa_dev", {"id": 7, "question": "夜校教什么？", "positive": [REPORT, "算账。"], "negative": [OTHER]})
    return tmp_path


def test_the_same_text_under_another_name_and_ending_is_right_as_well(data):
    (events,) = material(data, [EVENTS]).sets
    assert [question.right for question in events.questions] == [{"e", "same"}]


def test_of_a_news_question_only_what_people_called_right_is(data):
    (news,) = material(data, [NEWS]).sets
    assert [question.right for question in news.questions] == [{"rgb-7-0", "rgb-7-1"}]


def test_a_headline_is_a_question_only_where_it_is_not_ingested(data):
    asked = material(data, [EVENTS, HEADLINES])
    assert [one.headlines_withheld for one in asked.sets] == [False, True]
    assert [record.get("title") for record in asked.records if record["id"] == "e"] == [None]
    assert [record["title"] for record in asked.headed] == ["旧粮仓成了夜校"]


def test_a_slice_keeps_so_many_articles_and_questions(data):
    write = [{"id": str(n), "date": None, "text": f"第{n}篇"} for n in range(10)]
    with lzma.open(data / "news.jsonl.xz", "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(line) + "\n" for line in write)
    assert [record["id"] for record in material(data, [EVENTS], pool=3).records] == ["e", "0", "1", "2"]


@pytest.mark.shared
def test_questions_are_taken_from_all_over_a_set(shared):
    (few,) = material(shared, [EVENTS], pool=0, most=100).sets
    every = [row["question"] for row in read_rows(shared / "events_dev.jsonl.xz")]
    assert [question.text for question in few.questions] == every[::7]


def test_an_article_that_is_found_twice_takes_one_rank_and_what_is_not_found_counts_nothing():
    found = {"first": ["a", "a", "b", "c"], "second": ["a", "b", "a", "c"], "third": ["a"]}
    right = {"first": "a", "second": "c", "third": "z"}
    asked = QuestionSet("three", tuple(Question(name, frozenset([right[name]])) for name in found))
    figures = measured(asked, lambda question: found[question])
    assert (figures["hit@1"], figures["hit@5"]) == (0.333, 0.667)
    assert figures["MRR"] == round((1 + 1 / 3 + 0) / 3, 3)
