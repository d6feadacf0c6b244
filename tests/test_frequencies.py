"""Rarity: the rarer a search term is in general news, the more a question that names it means it."""

import math

import pytest

from ingest.frequencies import SEEN_AT_LEAST, count_terms, rarity, read_frequencies
from ingest.terms import search_terms


@pytest.mark.parametrize(("common", "rare"), [("的", "中国"), ("中国", "补偿"), ("补偿", "德清")])
def test_what_stands_in_more_news_is_less_rare(common, rare):
    assert rarity(common) < rarity(rare)


def test_a_term_that_no_news_has_is_the_rarest():
    rarest = rarity("无此词条也")
    counts = read_frequencies().counts
    assert all(rarity(term) < rarest for term in counts)


def test_the_unit_is_inverse_document_frequency_in_natural_logarithm():
    frequencies = read_frequencies()
    seen = frequencies.counts["补偿"]
    assert rarity("补偿") == pytest.approx(math.log((frequencies.articles + 1) / (seen + 0.5)))
    assert all(rarity(term) >= 0 for term in frequencies.counts)


def test_the_table_lists_terms_as_questions_are_cut():
    terms = search_terms("上游地区的水质变好了，下游的县每年给多少补偿资金？")
    assert {"上游", "地区", "水质", "下游", "补偿", "资金"} <= set(terms) & set(read_frequencies().counts)


def test_articles_are_counted_once_each_and_chance_terms_are_left_out():
    texts = ["水库放水，水库又放水"] * SEEN_AT_LEAST + ["水库见底"]
    frequencies = count_terms(texts)
    assert frequencies.articles == SEEN_AT_LEAST + 1
    assert frequencies.counts["水库"] == SEEN_AT_LEAST + 1
    assert "见底" not in frequencies.counts
