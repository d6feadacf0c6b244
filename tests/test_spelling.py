"""A name in Latin letters finds the characters that are read so, however they are cut, and no others."""

import pytest

from ingest.spelling import NOTHING, TABLE, beginnings, is_spelled, spelled


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("xuwanghe", "中心的许望禾领回成绩单"),
        ("wutong", "上游的梧桐街道"),
        ("puyuan", "下游的濮院镇"),
        ("chongqing", "重庆"),
        ("lvliang", ""),
        ("luliang", "吕梁"),
        ("xian", "西安"),
        ("liantang", "练塘镇"),
    ],
)
def test_a_name_stands_where_characters_are_read_so(name, text):
    assert bool(spelled(name).search(text)) is bool(text)


@pytest.mark.parametrize("name", ["xu", "tesla", "london", "", "GDP", "1234", "许望禾", "a" * 50])
def test_what_is_no_name_of_two_syllables_is_not_spelled(name):
    assert not is_spelled(name)
    assert spelled(name).pattern == NOTHING


def test_a_long_name_has_a_beginning_and_a_short_one_none():
    assert beginnings("xuwanghe").fullmatch("许望")
    assert beginnings("wutong").pattern == NOTHING


def test_every_character_stands_once_under_a_reading():
    lines = [line.split("\t") for line in TABLE.read_text("utf-8").splitlines() if not line.startswith("#")]
    assert len(lines) > 400
    assert all(len(characters) == len(set(characters)) for _, characters in lines)
    assert [syllable for syllable, _ in lines] == sorted(syllable for syllable, _ in lines)
