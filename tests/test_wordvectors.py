"""Two words are alike in the company they keep; a word that the table does not know is like none."""

import numpy as np
import pytest

from ingest.wordvectors import SCALE, read_word_vectors


@pytest.fixture(scope="module")
def table():
    return read_word_vectors()


@pytest.mark.parametrize(
    ("word", "kindred", "strange"),
    [
        ("学校", "院校", "轮船"),
        ("工厂", "厂房", "歌手"),
        ("医生", "护士", "股票"),
        ("地铁", "公交", "选举"),
        ("暴雨", "降雨", "演员"),
        ("价格", "售价", "球员"),
        ("警察", "民警", "降雨"),
        ("大学", "高校", "台风"),
    ],
)
def test_words_of_one_field_are_more_alike_than_words_of_two(table, word, kindred, strange):
    near, far = table.likeness([word], [kindred, strange])[0]
    assert near > far + 0.2


def test_a_word_is_like_itself_and_likeness_is_mutual(table):
    words = ["学校", "院校", "工厂", "厂房"]
    likeness = table.likeness(words, words)
    assert np.diag(likeness) == pytest.approx(1, abs=0.02)
    assert likeness == pytest.approx(likeness.T)


def test_an_unknown_word_is_like_none_not_even_itself(table):
    assert not table.likeness(["", "没有这个词"], ["学校", "", "没有这个词"]).any()


@pytest.mark.parametrize(("words", "others"), [([], ["学校"]), (["学校"], []), ([], [])])
def test_no_words_give_no_cosines(table, words, others):
    assert table.likeness(words, others).shape == (len(words), len(others))


def test_the_table_has_a_row_of_unit_length_for_every_word(table):
    assert len(table.rows) == len(table.vectors)
    lengths = np.linalg.norm(table.vectors[::100].astype(np.float32) / SCALE, axis=1)
    assert lengths == pytest.approx(1, abs=0.03)
