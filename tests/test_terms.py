"""Terms: the same word is the same term however it is typed, and offsets always lead back to the text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.terms import fold, search_terms, tagged_words


@pytest.mark.parametrize(
    ("typed", "plain"),
    [("ＧＤＰ", "gdp"), ("２０２３年", "2023年"), ("Covid", "covid"), ("ｉＰｈｏｎｅ１５", "iphone15")],
)
def test_width_and_case_make_no_difference(typed, plain):
    assert search_terms(typed) == search_terms(plain)


def test_a_compound_is_found_by_its_parts():
    assert {"新兴", "产业", "新兴产业"} <= set(search_terms("新兴产业"))


def test_a_padded_name_is_one_name():
    assert "王芳" in search_terms("本报记者 王 芳")


def test_punctuation_and_white_space_are_no_terms():
    assert search_terms("，。 \u3000“”\n") == []


@given(st.text(max_size=80))
def test_folding_keeps_every_offset_and_words_stand_where_they_say(text):
    assert len(fold(text)) == len(text)
    for word in tagged_words(text):
        assert fold(text)[word.start : word.end] == word.text


@given(st.text(max_size=80))
def test_no_term_holds_white_space(text):
    assert all(term.split() == [term] for term in search_terms(text))
