"""Phrases for days become ranges of the calendar: counted from the day of the article, or of the one who asks.

All are read as on Thursday, 11 May 2023. The first table marks what jionlp 1.5.31 (Apache-2.0, 19 MB, 0.8 s to import,
two lines of its own on stdout) makes an error or another time of; it is why WenBao has a grammar of its own.
"""

from datetime import date

import pytest

from ingest.dayranges import DayRange, last_units, shifted
from ingest.days import find_days
from ingest.occasions import last_occasion, nearest_occasion, occasion_in, occasion_names

TODAY = date(2023, 5, 11)
ASKED = [  # phrase, first day, last day, whether jionlp reads it so
    ("昨天", "2023-05-10", "2023-05-10", True),
    ("前天", "2023-05-09", "2023-05-09", True),
    ("大前天", "2023-05-08", "2023-05-08", True),
    ("明天", "2023-05-12", "2023-05-12", True),
    ("三天前", "2023-05-08", "2023-05-08", True),
    ("上周", "2023-05-01", "2023-05-07", True),
    ("上周五", "2023-05-05", "2023-05-05", True),
    ("本周三", "2023-05-10", "2023-05-10", True),
    ("下周一", "2023-05-15", "2023-05-15", True),
    ("上周末", "2023-05-06", "2023-05-07", True),
    ("周五", "2023-05-05", "2023-05-05", False),
    ("上个月", "2023-04-01", "2023-04-30", False),
    ("上月", "2023-04-01", "2023-04-30", False),
    ("本月", "2023-05-01", "2023-05-31", False),
    ("上上个月", "2023-03-01", "2023-03-31", False),
    ("上个月底", "2023-04-21", "2023-04-30", False),
    ("今年", "2023-01-01", "2023-12-31", True),
    ("去年", "2022-01-01", "2022-12-31", True),
    ("前年", "2021-01-01", "2021-12-31", True),
    ("大前年", "2020-01-01", "2020-12-31", True),
    ("两年前", "2021-01-01", "2021-12-31", True),
    ("十年前", "2013-01-01", "2013-12-31", True),
    ("去年同期", "2022-01-01", "2022-05-11", False),
    ("今年4月", "2023-04-01", "2023-04-30", True),
    ("4月", "2023-04-01", "2023-04-30", False),
    ("4月份", "2023-04-01", "2023-04-30", False),
    ("12月", "2022-12-01", "2022-12-31", False),
    ("二〇二三年五月十日", "2023-05-10", "2023-05-10", True),
    ("２０２３年５月１０日", "2023-05-10", "2023-05-10", False),
    ("2023-05-10", "2023-05-10", "2023-05-10", True),
    ("5月10日", "2023-05-10", "2023-05-10", True),
    ("5月20日", "2023-05-20", "2023-05-20", True),
    ("11月20日", "2022-11-20", "2022-11-20", False),
    ("10日上午", "2023-05-10", "2023-05-10", True),
    ("20日", "2023-04-20", "2023-04-20", False),
    ("5月10日至12日", "2023-05-10", "2023-05-12", True),
    ("4月28日到5月3日", "2023-04-28", "2023-05-03", True),
    ("1-4月", "2023-01-01", "2023-04-30", False),
    ("1月至4月", "2023-01-01", "2023-04-30", False),
    ("今年前四个月", "2023-01-01", "2023-04-30", True),
    ("2021年至2022年", "2021-01-01", "2022-12-31", True),
    ("2022年", "2022-01-01", "2022-12-31", True),
    ("2023年夏天", "2023-06-01", "2023-08-31", False),
    ("去年冬天", "2022-12-01", "2023-02-28", False),
    ("一季度", "2023-01-01", "2023-03-31", True),
    ("去年第三季度", "2022-07-01", "2022-09-30", True),
    ("四季度", "2022-10-01", "2022-12-31", False),
    ("去年下半年", "2022-07-01", "2022-12-31", True),
    ("年底", "2023-11-01", "2023-12-31", True),
    ("去年底", "2022-11-01", "2022-12-31", True),
    ("今年年初", "2023-01-01", "2023-02-28", True),
    ("5月上旬", "2023-05-01", "2023-05-10", True),
    ("最近三天", "2023-05-09", "2023-05-11", False),
    ("近一周", "2023-05-05", "2023-05-11", False),
    ("过去的一年", "2022-05-12", "2023-05-11", True),
    ("近半年", "2022-11-12", "2023-05-11", True),
    ("今年以来", "2023-01-01", "2023-05-11", True),
    ("3月以来", "2023-03-01", "2023-05-11", False),
    ("2021年以来", "2021-01-01", "2023-05-11", True),
    ("5月以前", "2022-05-01", "2023-04-30", False),
    ("上世纪90年代", "1990-01-01", "1999-12-31", True),
    ("五一期间", "2023-05-01", "2023-05-05", False),
    ("国庆", "2022-10-01", "2022-10-07", False),
    ("去年春节", "2022-01-31", "2022-02-07", False),
    ("中秋节", "2022-09-10", "2022-09-10", False),
    ("两会期间", "2023-03-03", "2023-03-15", False),
    ("亚运会前", "2022-09-23", "2023-09-22", False),
    ("2008年奥运会", "2008-08-08", "2008-08-24", False),
    ("双十一", "2022-11-11", "2022-11-11", False),
]
TOLD = [  # what an article says, first day, last day
    ("昨日，江边的步道通了。", "2023-05-10", "2023-05-10"),
    ("步道10日上午开放。", "2023-05-10", "2023-05-10"),
    ("步道于28日完工。", "2023-04-28", "2023-04-28"),
    ("展览将于20日开幕。", "2023-05-20", "2023-05-20"),
    ("4月，镇上来了3批客人。", "2023-04-01", "2023-04-30"),
    ("比赛定在10月举行。", "2023-10-01", "2023-10-31"),
    ("去年底，桥修好了。", "2022-11-01", "2022-12-31"),
    ("上月，桥修好了。", "2023-04-01", "2023-04-30"),
    ("上个月台风来过。", "2023-04-01", "2023-04-30"),
    ("今年以来，桥上走过9万人。", "2023-01-01", "2023-05-11"),
    ("国庆期间桥上要挂灯。", "2023-10-01", "2023-10-07"),
    ("10月底前完工。", "2023-10-21", "2023-10-31"),
    ("新华社北京三日电", "2023-05-03", "2023-05-03"),
]
NOTHING = (
    "近年来 一日三餐 每周三 第3日 10日游 3.5月 3个月大 五一广场 上下班 大年 中国经济 3000年 3号线 上周期 月球 今后 "
    "本周期 0.5年 八十多人 日前 上月球 13月 2月30日 前后"
).split()


def days(first: str, last: str) -> DayRange:
    return DayRange(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(("phrase", "first", "last", "library"), ASKED, ids=[row[0] for row in ASKED])
def test_a_phrase_in_a_question_is_one_range_of_days(phrase, first, last, library):
    question = f"{phrase}，镇上有哪些活动？"
    (found,) = find_days(question, TODAY, asks=True)
    assert (question[found.start : found.end].rstrip("上午"), found.days) == (phrase.rstrip("上午"), days(first, last))


def test_the_library_would_leave_out_more_than_a_quarter_of_the_table():
    assert sum(not library for *_, library in ASKED) > len(ASKED) / 4


@pytest.mark.parametrize(("text", "first", "last"), TOLD, ids=[row[0] for row in TOLD])
def test_a_phrase_in_an_article_is_counted_from_the_articles_day(text, first, last):
    assert [one.days for one in find_days(text, TODAY)] == [days(first, last)]


@pytest.mark.parametrize("text", NOTHING)
def test_what_only_looks_like_a_phrase_tells_of_no_day(text):
    assert find_days(text, TODAY) == find_days(text, TODAY, asks=True) == []


def test_an_article_that_compares_with_the_year_before_does_not_tell_of_it():
    (found,) = find_days("4月出口增长，高于去年同期。", TODAY)
    assert found.days == days("2023-04-01", "2023-04-30")


def test_a_year_and_a_month_hold_to_the_end_of_their_sentence():
    text = "桥去年3月开工，9月完工，10日通车。5月起免费。"
    assert [one.days for one in find_days(text, TODAY)] == [
        days("2022-03-01", "2022-03-31"),
        days("2022-09-01", "2022-09-30"),
        days("2022-09-10", "2022-09-10"),
        days("2023-05-01", "2023-05-31"),
    ]


def test_the_turn_of_the_year_lies_between_a_month_and_its_article():
    assert find_days("12月的雪", date(2023, 1, 9))[0].days == days("2022-12-01", "2022-12-31")
    assert find_days("1月5日开馆", date(2022, 12, 20))[0].days == days("2023-01-05", "2023-01-05")
    assert find_days("1月的销量", date(2022, 12, 20))[0].days == days("2022-01-01", "2022-01-31")
    assert find_days("昨天", date(2024, 3, 1))[0].days == days("2024-02-29", "2024-02-29")
    assert find_days("上个月", date(2024, 1, 31))[0].days == days("2023-12-01", "2023-12-31")


def test_what_is_found_stands_where_it_says():
    text = "桥去年。\n5月 10日通了，花了3年，今年国庆挂灯"
    assert [text[one.start : one.end] for one in find_days(text, TODAY)] == ["去年", "5月 10日", "今年国庆"]


@pytest.mark.parametrize("today", [date.min, date.max, date(2024, 2, 29)])
def test_the_ends_of_the_calendar_and_the_leap_day_break_nothing(today):
    for phrase, *_ in ASKED:
        for asks in (True, False):
            assert len(find_days(phrase, today, asks=asks)) <= 1


def test_a_year_earlier_a_month_stays_whole_and_a_leap_day_falls_on_the_28th():
    assert shifted(days("2024-02-01", "2024-02-29"), "year", -1) == days("2023-02-01", "2023-02-28")
    assert shifted(days("2023-02-01", "2023-02-28"), "year", 1) == days("2024-02-01", "2024-02-29")
    assert shifted(days("2024-02-29", "2024-02-29"), "year", -1) == days("2023-02-28", "2023-02-28")
    assert last_units(date(2023, 3, 31), "month", 1) == days("2023-03-01", "2023-03-31")


def test_every_occasion_has_days_that_follow_one_another():
    for name in occasion_names():
        found = nearest_occasion(name, TODAY)
        assert found
        assert found.first <= found.last
        assert last_occasion(name, date(2040, 1, 1))


def test_an_occasion_is_the_last_one_asked_for_and_the_nearest_one_told():
    assert last_occasion("国庆", TODAY) == days("2022-10-01", "2022-10-07")
    assert nearest_occasion("国庆", TODAY) == days("2023-10-01", "2023-10-07")
    assert last_occasion("亚运会", TODAY) == days("2023-09-23", "2023-10-08")
    assert last_occasion("亚运会", date(2024, 5, 1)) == days("2023-09-23", "2023-10-08")
    assert occasion_in("亚运会", 2022) is None
