"""Numbers with their units: one value, however it is written; none where a figure counts nothing."""

from decimal import Decimal

import pytest

from bot.pieces import squeeze
from bot.quantities import find_quantities
from ingest.terms import tagged_words


def quantities(text: str):
    squeezed = squeeze(text)
    return find_quantities(squeezed, tagged_words(squeezed))


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("投入500万元", 5_000_000, "元"),
        ("投入500余万元", 5_000_000, "元"),
        ("投入5,000,000元", 5_000_000, "元"),
        ("投入五百万元", 5_000_000, "元"),
        ("投入1.2亿元", 120_000_000, "元"),
        ("投入12000万元", 120_000_000, "元"),
        ("spent $3 million", 3_000_000, "美元"),
        ("占百分之三十", 30, "%"),
        ("占30%", 30, "%"),
        ("占３０％", 30, "%"),
        ("占三成", 30, "%"),
        ("占一半", 50, "%"),
        ("up 30 percent", 30, "%"),
        ("上升2个百分点", 2, "百分点"),
        ("历时半年", 6, "月"),
        ("历时6个月", 6, "月"),
        ("长5公里", 5_000, "米"),
        ("长5km", 5_000, "米"),
        ("共20余家", 20, "家"),
        ("共三家企业", 3, "家"),
        ("第三届", 3, "第届"),
        ("上午9时30分", 570, "clock"),
        ("15:30到场", 210, "clock"),
        ("下午三点半", 210, "clock"),
    ],
)
def test_a_number_has_one_value_in_its_unit(text, value, unit):
    (one,) = quantities(text)
    assert (one.value, one.unit) == (Decimal(value), unit)


@pytest.mark.parametrize("code", ["3:2", "0573-88112233", "xess1.2", "1.2.0.13", "f-35", "i5"])
@pytest.mark.parametrize("before", ["，", "与", " "])
def test_a_code_is_its_own_value(code, before):
    assert [one.value for one in quantities(f"称{before}{code}系列")] == [code]


@pytest.mark.parametrize("text", ["3至5万元", "3万至5万元", "３—５万元", "三万元到五万元"])
def test_both_ends_of_a_range_have_its_unit_and_scale(text):
    assert [(one.value, one.unit) for one in quantities(text)] == [(30_000, "元"), (50_000, "元")]


def test_a_number_of_millions_stands_before_latin_letters():
    assert [one.value for one in quantities("完成196,000,000TEU")] == [Decimal(196_000_000)]


@pytest.mark.parametrize("text", ["十分重要", "一些人一起来", "千万别去", "三三两两", "四川省三门峡"])
def test_a_figure_within_a_word_counts_nothing(text):
    assert not [one for one in quantities(text) if one.needed]


@pytest.mark.parametrize("text", ["一个人", "三个方面", "两者之间", "以下三点：其一"])
def test_what_a_writer_counts_himself_need_not_be_borne_out(text):
    assert not any(one.needed for one in quantities(text))
