"""Of what two searches found, the chunk is first that words, vector, characters and place in its article speak for."""

from dataclasses import fields, replace

import pytest

from bot.ranking import WEIGHTS, Found, promising, ranked
from ingest.models import StoredChunk

QUESTION = "渡轮票价是多少？"
BELIEVED = {"another": 4.0}  # words that reach all that was asked
NOTHING = replace(WEIGHTS, **{field.name: 0.0 for field in fields(WEIGHTS)})


def chunk(name, text="茶园采摘", start=100):
    return StoredChunk(name, f"a-{name}", f"v-{name}", start, start + len(text), text)


def first(*chunks, words=None, cosines=None, weights=WEIGHTS):
    return order(chunks, words, cosines, weights=weights)[0].chunk_id


def order(chunks, words=None, cosines=None, full=4.0, weights=WEIGHTS):
    return ranked(QUESTION, list(chunks), Found(words or {}, cosines or {}, full), weights)


@pytest.mark.parametrize(
    ("weight", "found"),
    [
        ("words", {"words": {"b": 3.0, "a": 1.0}}),
        ("cosine", {"words": BELIEVED, "cosines": {"b": 0.6, "a": 0.4}}),
    ],
)
def test_the_better_score_of_a_search_comes_first_as_far_as_it_weighs(weight, found):
    assert first(chunk("a"), chunk("b"), **found) == "b"
    assert first(chunk("a"), chunk("b"), **found, weights=replace(WEIGHTS, **{weight: 0.0})) == "a"


def test_what_has_more_of_the_question_s_characters_comes_first_as_far_as_they_weigh():
    chunks = chunk("a", "渡轮今天开航。"), chunk("b", "轮渡票价是五元，渡轮照开。")
    assert first(*chunks, words=BELIEVED) == "b"
    assert first(*chunks, words=BELIEVED, weights=replace(WEIGHTS, pairs=0.0)) == "a"


def test_a_pair_that_every_candidate_has_counts_less_than_one_that_few_have():
    chunks = [chunk(f"c{n}", "渡轮开航") for n in range(8)]
    assert first(*chunks, chunk("rare", "票价不变"), words=BELIEVED) == "rare"


def test_the_opening_of_an_article_wins_among_equals():
    assert first(chunk("a"), chunk("b", start=0)) == "b"
    assert first(chunk("a"), chunk("b", start=0), weights=replace(WEIGHTS, opening=0.0)) == "a"


def test_words_that_reach_little_of_what_was_asked_give_way_to_vectors():
    found = {"words": {"a": 1.0}, "cosines": {"a": 0.2, "b": 0.5}}
    assert order([chunk("a"), chunk("b")], **found, full=1.5)[0].chunk_id == "a"
    assert order([chunk("a"), chunk("b")], **found, full=10.0)[0].chunk_id == "b"


def test_without_any_weight_all_are_equal_and_in_the_order_of_their_ids():
    found = order([chunk("b", start=0), chunk("a")], {"b": 2.0}, {"b": 0.9}, weights=NOTHING)
    assert [(one.chunk_id, one.score) for one in found] == [("a", 0.0), ("b", 0.0)]


def test_words_count_as_a_share_of_the_best_ones_whatever_the_scale():
    chunks = [chunk("a"), chunk("b")]
    small, large = order(chunks, {"a": 1.0, "b": 0.5}, full=2.0), order(chunks, {"a": 40.0, "b": 20.0}, full=80.0)
    assert small == large


def test_chunks_that_only_one_search_found_are_ranked_with_the_others():
    assert {one.chunk_id for one in order([chunk("a"), chunk("b")], {"a": 2.0}, {"b": 0.5})} == {"a", "b"}


def test_nothing_found_is_nothing_ranked():
    assert order([]) == []


def test_read_are_the_chunks_for_which_words_and_vectors_speak_most():
    found = Found({"words": 4.0, "both": 3.0, "little": 0.4}, {"both": 0.6, "vector": 0.5}, 4.0)
    assert promising(found, 2) == ["both", "words"]
    assert promising(found, 9) == ["both", "words", "vector", "little"]
