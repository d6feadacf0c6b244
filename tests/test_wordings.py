"""What the word index is asked: the question's own terms, and for everyday wordings what newspapers print instead."""

import pytest

from bot.question import read_question
from bot.wordings import OTHER_WEIGHT, word_query
from ingest.thesaurus import Thesaurus

OURS = Thesaurus({"看病": ["看病: 就诊 价格上调"], "人社局": ["人社局 = 人力资源和社会保障局"]})


def query(question):
    return word_query(read_question(question), OURS)


def test_a_wording_brings_its_other_wordings_each_for_less_than_itself():
    (way,) = query("看病").ways
    assert way.own == [("看病", 1.0)]
    assert way.others[0] == [("就诊", pytest.approx(OTHER_WEIGHT))]


def test_a_wording_of_several_terms_weighs_a_little_more_than_one_of_one_not_twice():
    (way,) = query("看病").ways
    one, two = (sum(weight for _, weight in terms) for terms in way.others)
    assert one < two < 1.5 * one


def test_no_term_is_asked_for_twice():
    whole = query("桐乡的看病")
    assert whole.ways
    own = [term for way in whole.ways for term, _ in way.own]
    assert set(own).isdisjoint(term for term, _ in whole.terms)
    assert "桐乡" in dict(whole.terms)


def test_what_the_question_says_itself_is_no_other_wording():
    (way,) = query("看病，就诊").ways
    assert "就诊" not in [term for terms in way.others for term, _ in terms]


def test_without_a_known_wording_the_words_are_asked_as_they_stand():
    asked = read_question("桐乡的渡轮")
    assert word_query(asked, OURS).terms == list(asked.terms)
    assert word_query(asked, OURS).ways == ()
