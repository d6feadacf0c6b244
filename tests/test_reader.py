"""The reader: a question and a sentence read together."""

import time

import numpy as np
import pytest
import torch

from bot.reader import QUESTION, SENTENCE, UNREAD, paired, read_reader, runs_in_common
from bot.training.transformer import pairs, texts_of

QUESTION_ASKED = "青石镇的渡口哪天停运?"
TELLS = "青石镇渡口将于6月3日起停运,镇里说,新桥当天通车。"
OTHERS = ("渡口建于上世纪五十年代。", "当地的豆腐远近闻名,每天卖出三百多斤。", "记者看到,桥上的路灯已经亮了。")
ENOUGH = 0.1  # seconds for eight sentences: far more than a quiet machine needs


@pytest.fixture(scope="module")
def reader():
    return read_reader()


def test_the_sentence_that_tells_is_read_above_those_that_do_not(reader):
    tells, *others = reader.read(QUESTION_ASKED, (TELLS, *OTHERS))
    assert tells.alone > max(other.alone for other in others)
    assert tells.share > 0.5


def test_what_is_asked_for_counts_not_only_the_words(reader):
    told, blotted = reader.read(QUESTION_ASKED, (TELLS, "青石镇渡口将停运,镇里说,新桥同时通车。"))
    assert told.alone > blotted.alone


def test_a_reading_is_the_same_each_time_and_lies_between_0_and_1(reader):
    once, again = (reader.read(QUESTION_ASKED, (TELLS, *OTHERS)) for _ in range(2))
    assert once == again
    assert all(0 <= value <= 1 for one in once for value in (one.alone, one.share, one.level))


def test_a_sentence_is_read_nearly_alike_whatever_stands_beside_it(reader):
    alone, beside = reader.read(QUESTION_ASKED, [TELLS])[0], reader.read(QUESTION_ASKED, (TELLS, *OTHERS))[0]
    assert beside.level == pytest.approx(alone.level, abs=0.05)


@pytest.mark.parametrize("question", ["", "?", "𠮷", "a" * 3_000, "青" * 3_000])
def test_any_question_and_any_sentence_can_be_read(reader, question):
    assert len(reader.read(question, ["", "。", "𠮷野家" * 500])) == 3


def test_nothing_is_read_where_there_is_nothing(reader):
    assert reader.read(QUESTION_ASKED, []) == []
    assert (UNREAD.alone, UNREAD.share, UNREAD.level) == (0, 0, 0)


def test_runs_that_both_sides_have_are_counted_up_to_three_and_unknown_characters_are_never_alike():
    left, right = runs_in_common([10, 11, 12, 13, 1], [9, 10, 11, 12, 1, 13])
    assert left.tolist() == [3, 3, 3, 1, 0]
    assert right.tolist() == [0, 3, 3, 3, 0, 1]


def test_the_transformer_learns_from_pairs_that_are_made_as_they_are_read():
    chance = np.random.default_rng(0)
    for length in (1, 7, QUESTION):
        question = chance.integers(4, 12, length).tolist()
        sentences = [chance.integers(4, 12, size).tolist() for size in (1, 2, 30, SENTENCE)]
        read = paired(question, sentences)
        asked = texts_of(torch.tensor(question), torch.tensor([length]))
        told = texts_of(
            torch.tensor([n for one in sentences for n in one]), torch.tensor([len(one) for one in sentences])
        )
        made = pairs(asked, torch.zeros(4, dtype=torch.long), told, torch.arange(4), read["ids"].shape[1])
        for name, values in zip(("ids", "positions", "match", "keep"), made, strict=True):
            assert (read[name] == values.numpy()).all(), name


def test_eight_sentences_are_read_in_no_time(reader):
    took = []
    for _ in range(9):
        begun = time.process_time()
        reader.read(QUESTION_ASKED, [TELLS * 3] * 8)
        took.append(time.process_time() - begun)
    assert min(took) < ENOUGH
