"""Calendars and bars: every article is counted once, and no archive is too long, too short or too odd to be drawn."""

from __future__ import annotations

import time
from datetime import date, timedelta

import pytest

from bot.web.glance import glance_at, sized
from bot.web.months import HEATS, HEIGHT, WIDTH, heat_steps, last_tables, month_table, timeline, year_tables
from ingest.contents import IssueCount, PlaceCount


def issues(first: date, days: int, step: int = 1, papers: tuple[str | None, ...] = ("甲报",)) -> list[IssueCount]:
    """One count for each paper of each `step`-th day, of as many articles as the day's number says."""
    every = (first + timedelta(number) for number in range(0, days, step))
    return [IssueCount(day, paper, day.day) for day in every for paper in papers]


@pytest.mark.parametrize(
    ("days", "bars", "link"),
    [(1, 1, "2023-01-01"), (40, 40, "2023-01-01"), (70, 11, "2023-01"), (420, 61, "2023-01"), (3_650, 120, "2023-01"),
     (20_000, 55, "2023")],
)  # fmt: skip
def test_time_is_drawn_in_days_weeks_months_or_years_and_every_article_once(days, bars, link):
    counts = issues(date(2023, 1, 1), days, papers=("甲报", "乙报", None))
    drawn = timeline(counts)
    assert len(drawn) == bars
    assert drawn[0].link == link
    assert sum(bar.articles for bar in drawn) == sum(count.articles for count in counts)
    assert all(0 <= bar.x < bar.x + bar.width <= WIDTH for bar in drawn)
    assert all(0 <= piece.y <= piece.y + piece.height <= HEIGHT + 1 for bar in drawn for piece in bar.pieces)


def test_a_year_that_somebody_mistyped_draws_no_thousand_empty_months():
    counts = [IssueCount(date(203, 5, 12), "甲报", 1), *issues(date(2023, 1, 1), 700)]
    assert [bar.link for bar in timeline(counts)] == ["0203", "2023", "2024"]
    assert last_tables({count.day: count.articles for count in counts})[0].name == "2023-12"


def test_a_month_has_every_day_once_from_monday_on():
    table = month_table(date(2024, 2, 1), {date(2024, 2, 29): 7}, [1, 2, 3])
    cells = [cell for week in table.weeks for cell in week]
    assert len(table.weeks) == 5
    assert [cell.day.day for cell in cells if cell] == list(range(1, 30))
    assert cells.index(None) == 0, "1 February 2024 was a Thursday"
    assert [cell.heat for cell in cells if cell and cell.articles] == [HEATS]
    assert table.articles == 7


def test_days_that_are_all_alike_are_all_pale_and_those_that_differ_are_told_apart():
    alike = {date(2023, 5, day): 8 for day in range(1, 20)}
    differing = {date(2023, 5, day): day for day in range(1, 21)}
    heats = [
        {
            cell.heat
            for table in year_tables(2023, days)
            for week in table.weeks
            for cell in week
            if cell and cell.articles
        }
        for days in (alike, differing)
    ]
    assert heats == [{1}, {1, 2, 3, 4}]
    assert heat_steps({}) == []


def test_a_glance_counts_what_has_no_day_and_a_place_once_for_all_papers():
    counts = [*issues(date(2023, 1, 1), 30, papers=("甲报", "乙报")), IssueCount(None, None, 5)]
    places = [PlaceCount("石门", "甲报", 3), PlaceCount("石门", "乙报", 4), PlaceCount("桐山", "乙报", 9)]
    glance = glance_at(counts, places)
    assert (glance.articles, glance.undated) == (2 * sum(range(1, 31)) + 5, 5)
    assert [(place.name, place.articles) for place in glance.places] == [("桐山", 9), ("石门", 7)]
    assert glance_at([], []).articles == 0


def test_ten_years_of_twenty_papers_are_counted_in_a_moment():
    counts = issues(date(2014, 1, 1), 3_650, papers=tuple(f"报{n}" for n in range(20)))
    began = time.process_time()
    glance_at(counts, [])
    assert time.process_time() - began < 2


def test_sizes_go_from_the_smallest_to_the_largest():
    assert [one.size for one in sized([("多", 100), ("中", 25), ("少", 1)])] == [5, 3, 1]
    assert [one.size for one in sized([("一样", 3), ("同样", 3)])] == [2, 2]
    assert sized([]) == ()
