"""A number is the same number in whatever script it is written; what only looks like one is none."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingest.amounts import find_amounts, numbers_in
from ingest.terms import fold

FIGURES = "零一二三四五六七八九"


def spell(number: int) -> str:
    """A whole number from 10 to 10**12 - 1 as Chinese writes it: 20305 → 二万零三百零五."""
    for name, unit in (("亿", 10**8), ("万", 10**4), ("千", 1000), ("百", 100), ("十", 10)):
        if number >= unit:
            above, below = divmod(number, unit)
            gap = "零" if 0 < below < unit // 10 else ""
            return f"{spell(above)}{name}{gap}{spell(below) if below else ''}"
    return FIGURES[number]


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("五百万", "5000000"),
        ("500万", "5000000"),
        ("５００万", "5000000"),
        ("5,000,000", "5000000"),
        ("５，０００，０００", "5000000"),
        ("500余万", "5000000"),
        ("五百多万", "5000000"),
        ("伍佰萬", "5000000"),
        ("5百万", "5000000"),
        ("三万五", "35000"),
        ("三万五千", "35000"),
        ("两万零八", "20008"),
        ("1亿2000万", "120000000"),
        ("一亿零三百万", "103000000"),
        ("1.2万亿", "1200000000000"),
        ("三点五亿", "350000000"),
        ("百分之五", "5%"),
        ("百分之零点五", "0.5%"),
        ("百分之3.5", "3.5%"),
        ("5％", "5%"),
        ("二〇二三", "2023"),
        ("二零二三", "2023"),
        ("12.50万", "125000"),
        ("1,234.5", "1234.5"),
        ("十二", "12"),
        ("2023", "2023"),
    ],
)
def test_every_way_of_writing_leads_to_plain_digits(written, plain):
    assert numbers_in(fold(f"共{written}。")) == {plain}


@pytest.mark.parametrize(
    "text",
    "十四五规划 几十万人 数百万人 上千人 千万别去 万一下雨 一带一路 三三两两 三五百人 一五一十 二十几个 九一八".split(),
)
def test_what_is_no_certain_number_is_left_alone(text):
    assert list(find_amounts(text)) == []


@pytest.mark.parametrize("text", ["g20峰会", "iphone15", "3千米", "800千瓦", "5个百分点", "2021,2022", "5,0000"])
def test_names_units_and_lists_keep_their_digits(text):
    assert list(find_amounts(text)) == []


def test_a_small_chinese_number_may_be_a_word():
    assert [amount.word for amount in find_amounts("二十大 五百万 四月 300万")] == [True, False, True, False]


def test_a_single_figure_counts_only_before_a_day_a_month_or_a_year():
    assert [amount.plain for amount in find_amounts("四月五日，第三届，三人")] == ["4", "5", "3"]


@given(st.integers(10, 10**12 - 1))
@example(1_000_001)
def test_any_number_spelled_in_chinese_is_read(number):
    assert numbers_in(spell(number)) == {str(number)}


@given(st.integers(1000, 10**12 - 1))
def test_any_number_in_groups_of_three_is_read(number):
    assert numbers_in(f"约{number:,}元") == {str(number)}


@given(st.text("〇一二三四五六七八九十百千万亿点多余零两分之0123456789.,% 元", max_size=40))
def test_amounts_stand_in_order_where_they_say(text):
    at = 0
    for amount in find_amounts(text):
        assert at <= amount.start < amount.end <= len(text)
        assert amount.plain.removesuffix("%").replace(".", "").isdecimal()
        at = amount.end


def test_a_row_of_figures_without_end_is_no_number():
    assert list(find_amounts("一" * 10_000)) == []
