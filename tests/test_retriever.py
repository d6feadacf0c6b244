"""Words and vectors are searched side by side and ranked together; everyday wordings find printed ones."""

from datetime import date

import pytest

from bot.question import read_question
from bot.retriever import VECTORS_DEEP, WORDS_DEEP, Retriever
from ingest.models import Filter

QUESTION = "桐乡的生态补偿机制是怎么运作的?"
ALL = Filter()


@pytest.fixture
def retriever(builtin):
    return Retriever(builtin)


def test_hits_come_best_first_and_are_numbered(retriever, snapshot):
    hits = retriever.search(read_question(QUESTION), snapshot, 10, ALL)
    assert [hit.rank for hit in hits] == list(range(1, 11))
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert len({hit.chunk.chunk_id for hit in hits}) == 10
    assert "桐乡" in hits[0].article.title


def test_the_union_of_both_searches_is_found_each_by_its_name(retriever, snapshot, builtin):
    asked = read_question(QUESTION)
    deep = WORDS_DEEP + VECTORS_DEEP
    words = {one.chunk_id for one in snapshot.search_words(asked.terms, deep, ALL)}
    vectors = {one.chunk_id for one in snapshot.search_vectors(builtin.encode_query(asked.text), deep, ALL)}
    hits = retriever.search(asked, snapshot, deep, ALL)
    assert {hit.chunk.chunk_id for hit in hits} == words | vectors
    assert {hit.chunk.chunk_id for hit in hits if "words" in hit.found_by} == words
    assert {hit.chunk.chunk_id for hit in hits if "vectors" in hit.found_by} == vectors


def test_an_everyday_wording_finds_what_the_newspaper_prints_for_it(retriever, snapshot):
    asked = read_question("看书的地方")
    hits = retriever.search(asked, snapshot, 5, ALL)
    assert any("图书馆" in hit.chunk.text and "words" in hit.found_by for hit in hits)
    best = snapshot.search_words(asked.terms, 1, ALL)  # the question's own words lead elsewhere
    assert "图书馆" not in snapshot.chunks([best[0].chunk_id])[best[0].chunk_id].text


def test_a_question_without_words_to_search_for_is_found_by_vectors_alone(retriever, snapshot):
    hits = retriever.search(read_question("为什么？"), snapshot, 5, ALL)
    assert hits
    assert {hit.found_by for hit in hits} == {("vectors",)}


def test_a_question_in_a_script_that_neither_search_knows_finds_nothing(retriever, snapshot):
    unknown = "\u13a0\u13b3\u13a9"  # a script that the encoder never saw
    assert not retriever.encoder.encode_query(unknown).any()
    assert retriever.search(read_question(unknown), snapshot, 5, ALL) == []


@pytest.mark.parametrize("k", [1, 3, 100])
def test_no_more_than_k_are_found(retriever, snapshot, k):
    assert 0 < len(retriever.search(read_question(QUESTION), snapshot, k, ALL)) <= k


@pytest.mark.parametrize(
    ("where", "found"),
    [
        (Filter(paper="问报样报"), True),
        (Filter(paper="别的报"), False),
        (Filter(since=date(2023, 5, 12)), True),
        (Filter(since=date(2023, 5, 13)), False),
        (Filter(until=date(2023, 5, 12)), True),
        (Filter(until=date(2023, 5, 11)), False),
        (Filter(place="桐乡"), True),
        (Filter(byline="沈越"), True),
        (Filter(byline="查无此人"), False),
    ],
)
def test_a_filter_lets_through_only_what_it_names(retriever, snapshot, where, found):
    assert bool(retriever.search(read_question(QUESTION), snapshot, 5, where)) is found


@pytest.mark.parametrize(("where", "part"), [(Filter(place="绍兴"), "place"), (Filter(byline="宋禾"), "byline")])
def test_every_hit_is_of_an_article_that_the_filter_names(retriever, snapshot, where, part):
    hits = retriever.search(read_question(QUESTION), snapshot, 50, where)
    wanted = getattr(where, part)
    assert hits
    assert all(wanted in "".join(getattr(hit.article, part).split()) for hit in hits)


def test_words_carried_over_weigh_less_than_the_questions_own(retriever, snapshot):
    (library, police), (carried, _) = (
        retriever.search(asked, snapshot, 2, ALL)
        for asked in (read_question("图书馆 警务站"), read_question("警务站", "图书馆"))
    )
    assert ("图书馆" in library.article.title, "警务站" in police.article.title) == (True, True)
    assert carried.article == police.article
