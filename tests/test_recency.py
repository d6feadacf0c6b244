"""A chunk whose days fit the asked ones gains, the more exactly the more; of equals on a story the newer is first."""

import time
from datetime import date, timedelta

import pytest

from bot.recency import POINTED, PRINTED, Rival, newest_of_ties, time_bonus, with_time
from bot.times import NO_TIME, read_time
from ingest.dayranges import DayRange
from ingest.models import Scored
from ingest.told import ChunkDays

TODAY = date(2023, 5, 11)
YESTERDAY, APRIL = date(2023, 5, 10), DayRange(date(2023, 4, 1), date(2023, 4, 30))
BRIDGE = "石门的老桥昨日合龙，工人在桥面上铺好了最后一块石板，镇长说桥在七月通车。"
AGAIN = "石门的老桥通车了，桥面上的石板铺好以后，镇长说来往的人比七月多了一倍。"
SCHOOL = "夜校这学期开了书法和烘焙两门课，报名的人排到了门外，老师又加了一个班。"


def bonus(question: str, issued: date | None, *told: DayRange) -> float:
    return time_bonus(read_time(question, [], TODAY), ChunkDays(issued, told))


def one(day: date) -> DayRange:
    return DayRange(day, day)


def test_a_question_without_a_time_gives_nobody_a_bonus():
    assert time_bonus(NO_TIME, ChunkDays(TODAY, (APRIL,))) == 0.0


def test_the_more_exactly_a_chunk_tells_of_the_asked_days_the_more_it_gains():
    told, issued, after, month, other = (
        bonus("昨天的雨", TODAY, one(YESTERDAY)),
        bonus("昨天的雨", YESTERDAY),
        bonus("昨天的雨", TODAY),
        bonus("昨天的雨", date(2023, 5, 30), DayRange(date(2023, 5, 1), date(2023, 5, 31))),
        bonus("昨天的雨", date(2023, 4, 2), APRIL),
    )
    assert POINTED == told > issued > after > month > other == 0


def test_a_page_of_may_that_tells_of_april_fits_who_asks_for_april():
    assert bonus("今年4月的雨", TODAY, APRIL) > bonus("今年4月的雨", TODAY) == 0
    assert bonus("今年4月的雨", TODAY, one(date(2023, 4, 7))) == bonus("今年4月的雨", TODAY, APRIL)


def test_the_wider_the_asked_time_the_less_it_says():
    asked = ["前天的雨", "上周的雨", "上个月的雨", "去年的雨"]
    told = [date(2023, 5, 9), date(2023, 5, 3), date(2023, 4, 3), date(2022, 4, 3)]
    gains = [bonus(question, None, one(day)) for question, day in zip(asked, told, strict=True)]
    assert gains == sorted(gains, reverse=True)
    assert gains[-1] > 0


def test_what_is_printed_gains_less_than_what_only_points_because_words_find_it_too():
    assert bonus("5月10日的雨", TODAY, one(YESTERDAY)) == PRINTED < bonus("昨天的雨", TODAY, one(YESTERDAY))


def test_an_article_without_a_day_stands_between_one_that_fits_and_one_that_does_not():
    assert bonus("昨天的雨", YESTERDAY) > bonus("昨天的雨", None) > bonus("昨天的雨", date(2023, 3, 1))


def test_who_asks_for_the_latest_gets_the_newer():
    gains = [bonus("最近的雨", TODAY - timedelta(days=age)) for age in (0, 7, 30, 300)]
    assert gains == sorted(gains, reverse=True)
    assert gains[0] == pytest.approx(2 * gains[2])


def test_bonuses_put_the_chunk_of_the_asked_day_first_and_leave_the_others_in_their_order():
    asked = read_time("昨天的雨", [], TODAY)
    scored = [Scored("a", 1.0), Scored("b", 0.9), Scored("c", 0.8), Scored("gone", 0.7)]
    days = {
        "a": ChunkDays(date(2023, 3, 1), ()),
        "b": ChunkDays(date(2023, 4, 1), ()),
        "c": ChunkDays(TODAY, (one(YESTERDAY),)),
    }
    assert with_time(scored, days, asked) == [Scored("c", 0.8 + POINTED), *scored[:2], scored[3]]
    assert with_time(scored, days, NO_TIME) == scored


def test_of_two_equal_hits_on_one_story_the_newer_is_first():
    old, new = date(2023, 6, 1), date(2023, 8, 1)
    assert newest_of_ties([Rival(1.0, old, BRIDGE), Rival(0.99, new, AGAIN)]) == [1, 0]
    assert newest_of_ties([Rival(1.0, new, AGAIN), Rival(0.99, old, BRIDGE)]) == [0, 1]
    hits = [Rival(1.0, old, BRIDGE), Rival(0.995, None, AGAIN), Rival(0.99, new, AGAIN)]
    assert newest_of_ties(hits) == [0, 1, 2], "an article without a day neither gives way nor is overtaken"


@pytest.mark.parametrize(
    ("second", "why"),
    [
        (Rival(0.9, date(2023, 8, 1), AGAIN), "it is a better hit"),
        (Rival(0.99, date(2023, 8, 1), SCHOOL), "it is another story"),
        (Rival(0.99, None, AGAIN), "nobody knows which is newer"),
        (Rival(0.99, date(2023, 6, 1), AGAIN), "they are of the same day"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_otherwise_the_better_hit_stays_first(second, why):
    assert newest_of_ties([Rival(1.0, date(2023, 6, 1), BRIDGE), second]) == [0, 1], why


def test_nothing_has_no_order_and_a_lone_hit_stays():
    assert newest_of_ties([]) == []
    assert newest_of_ties([Rival(0.0, None, "")]) == [0]


def test_the_days_of_150_candidates_are_weighed_within_a_few_milliseconds():
    asked = read_time("上个月和昨天", [], TODAY)
    found = ChunkDays(TODAY, tuple(one(TODAY - timedelta(days=n)) for n in range(12)))

    def weigh() -> float:
        began = time.thread_time()
        for _ in range(150):
            time_bonus(asked, found)
        return time.thread_time() - began

    assert min(weigh() for _ in range(5)) < 0.02
