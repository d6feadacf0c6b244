"""A question's words for time become days, counted from today or from what was asked before; without any: none."""

from datetime import date

import pytest

from bot.times import NO_TIME, read_time, today_of

TODAY = date(2023, 5, 11)


def days(question: str, *before: str, today: date = TODAY) -> list[tuple[str, str]]:
    taken = read_time(question, before, today).taken
    return [(one.days.first.isoformat(), one.days.last.isoformat()) for one in taken]


@pytest.mark.parametrize(
    ("question", "first", "last"),
    [
        ("昨天石门下雨了吗？", "2023-05-10", "2023-05-10"),
        ("上周五谁去了渡口？", "2023-05-05", "2023-05-05"),
        ("上个月来了多少游客？", "2023-04-01", "2023-04-30"),
        ("4月份的客流是多少？", "2023-04-01", "2023-04-30"),
        ("2023年夏天渡口开放吗？", "2023-06-01", "2023-08-31"),
        ("最近三天有什么新闻？", "2023-05-09", "2023-05-11"),
        ("亚运会前要修好哪座桥？", "2022-09-23", "2023-09-22"),
        ("五一期间来了多少人？", "2023-05-01", "2023-05-05"),
        ("国庆来了多少人？", "2022-10-01", "2022-10-07"),
        ("年底前要修好哪座桥？", "2022-11-01", "2023-10-31"),
    ],
)
def test_a_word_for_time_is_a_range_of_days(question, first, last):
    assert days(question) == [(first, last)]


@pytest.mark.parametrize(
    ("question", "before", "first", "last"),
    [
        ("那前一年呢？", ["2022年修了几座桥？"], "2021-01-01", "2021-12-31"),
        ("再前一年呢？", ["2022年修了几座桥？", "那前一年呢？"], "2020-01-01", "2020-12-31"),
        ("那去年同期呢？", ["今年4月来了多少游客？"], "2022-04-01", "2022-04-30"),
        ("第二天呢？", ["5月3日谁来了？"], "2023-05-04", "2023-05-04"),
        ("当天来了多少人？", ["5月3日谁来了？"], "2023-05-03", "2023-05-03"),
        ("那个月还有什么？", ["5月3日谁来了？"], "2023-05-01", "2023-05-31"),
        ("下一个月呢？", ["去年12月来了多少游客？"], "2023-01-01", "2023-01-31"),
        ("那5月呢？", ["2022年4月来了多少游客？"], "2022-05-01", "2022-05-31"),
        ("那昨天呢？", ["2022年4月来了多少游客？"], "2023-05-10", "2023-05-10"),
        ("花了多少钱？", ["去年修了哪座桥？"], "2022-01-01", "2022-12-31"),
    ],
)
def test_a_follow_up_counts_from_the_time_that_was_spoken_of(question, before, first, last):
    assert days(question, *before) == [(first, last)]


def test_two_times_in_one_question_are_both_asked_for():
    assert days("今年4月的客流和去年同期比呢？") == [("2023-04-01", "2023-04-30"), ("2022-04-01", "2022-04-30")]
    assert days("2022年5月修的桥，第二年怎样了？") == [("2022-05-01", "2022-05-31"), ("2023-05-01", "2023-05-31")]


@pytest.mark.parametrize(
    "question",
    [
        "渡口几点开门？",
        "亚运会有几个项目？",
        "小学三年级学什么？",
        "第二天怎么办？",
        "那一年呢？",
        "3号线通到哪里？",
        "一日三餐吃什么？",
    ],
)
def test_a_question_without_a_time_has_none(question):
    assert read_time(question, [], TODAY) == NO_TIME
    assert not NO_TIME


@pytest.mark.parametrize("question", ["最近有什么新闻？", "渡口的最新消息", "the latest news"])
def test_who_asks_for_the_latest_names_no_days(question):
    asked = read_time(question, [], TODAY)
    assert (asked.newest, asked.taken) == (TODAY, ())


@pytest.mark.parametrize(
    ("question", "searched"),
    [
        ("昨天石门下雨了吗", "  石门下雨了吗"),
        ("今年4月的客流", "  4月的客流"),
        ("国庆期间的客流", "国庆  的客流"),
        ("最近三天石门的新闻", "    石门的新闻"),
        ("石门最新的新闻", "石门  的新闻"),
        ("2022年5月10日的雨", "2022年5月10日的雨"),
    ],
)
def test_words_that_only_point_in_time_are_not_searched_for_but_figures_and_names_are(question, searched):
    assert read_time(question, [], TODAY).without_pointing(question) == searched


def test_only_words_that_no_article_of_the_day_prints_count_as_pointing():
    points = {
        question: read_time(question, [], TODAY).taken[0].points for question in ("昨天", "去年同期", "4月", "国庆期间")
    }
    assert points == {"昨天": True, "去年同期": True, "4月": False, "国庆期间": False}


def test_what_a_word_was_taken_for_can_be_said():
    asked = read_time("昨天和2022年5月各来了多少人？", [], TODAY)
    assert asked.spelled_out("昨天和2022年5月各来了多少人？") == "昨天（2023-05-10）和2022年5月各来了多少人？"
    week = read_time("上周的客流", [], TODAY)
    assert week.spelled_out("上周的客流") == "上周（2023-05-01～2023-05-07）的客流"


@pytest.mark.parametrize(
    ("real", "newest", "today"),
    [
        (date(2023, 5, 14), date(2023, 5, 11), date(2023, 5, 14)),
        (date(2023, 7, 10), date(2023, 5, 11), date(2023, 7, 10)),
        (date(2023, 7, 11), date(2023, 5, 11), date(2023, 5, 11)),
        (date(2026, 11, 22), date(2023, 5, 11), date(2023, 5, 11)),
        (date(2023, 5, 1), date(2023, 5, 11), date(2023, 5, 1)),
        (date(2023, 5, 1), None, date(2023, 5, 1)),
    ],
)
def test_today_is_the_last_day_of_an_archive_that_has_been_closed_for_two_months(real, newest, today):
    assert today_of(real, newest) == today
