"""Two words are alike in the company they keep; a word that the table does not know is like none."""

import json
import lzma
import random

import numpy as np
import pytest

from ingest.training.wordvectors import DIMENSION, company_vectors, numbered, sentences
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


COMPANY = {
    "医生 护士 大夫": "医院 病人 手术 药品 病房 检查",
    "渡轮 轮船 客船": "码头 航行 船长 江面 靠岸 缆绳",
    "小麦 水稻 玉米": "农田 收割 播种 产量 农民 肥料",
}


def test_training_puts_words_of_the_same_company_together(tmp_path):
    """News in which doctors keep company with wards and ships with quays; commonness has to tell them apart."""
    chance = random.Random(1)
    texts = []
    for _ in range(400):
        who, where = chance.choice(list(COMPANY.items()))
        words = [chance.choice(who.split()), *chance.sample(where.split(), 3)]
        chance.shuffle(words)
        texts.append("，".join([*words, "今天", "记者"]) + "。")
    news = tmp_path / "news.jsonl.xz"
    rows = (json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in texts)
    news.write_bytes(lzma.compress("".join(rows).encode()))

    known, row = numbered(sentences(news))
    vectors = company_vectors(row, len(known), DIMENSION)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-3)
    at = {word: vectors[number] for number, word in enumerate(known)}
    for group in COMPANY:
        first, second, third = (at[word] for word in group.split())
        others = [at[word] for other in COMPANY if other != group for word in other.split()]
        assert min(first @ second, first @ third) > max(first @ other for other in others) + 0.2
