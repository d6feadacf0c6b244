"""The gate of answers: on the seed page's questions and on our own about the sample edition the floors hold.

The seed floors are the issue's. The sample's were pinned on 2026-11-22, under that day's 0.80 and 0.4 by three
questions and one; pin anew, upwards, when answers get better. `answers.py` makes the whole table.
"""

import json

import pytest

from bot.bot import Bot
from tests.evals.judging import EXPLANATION, Judging, sample_articles
from tests.question_sets import OURS, read_rows

SAMPLE_RIGHT, SAMPLE_REFUSED_RIGHTLY = (
    0.65,
    0.3,
)  # share of 55 answerable, English ones included, and of 10 unanswerable


@pytest.fixture(scope="module")
def judging(shared, builtin, tmp_path_factory):
    with Judging(shared, tmp_path_factory.mktemp("judging"), builtin) as judging:
        yield judging


@pytest.fixture
def answer(builtin):
    return lambda archive: Bot(archive, builtin).ask


@pytest.fixture
def seed(shared, tmp_path):
    """The seed questions of some types, as a file, and how many they are."""

    def select(wanted):
        chosen = [row for row in read_rows(shared / "seed_questions_dev.jsonl") if wanted(row["type"])]
        path = tmp_path / "questions.jsonl"
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in chosen), "utf-8")
        return path, len(chosen)

    return select


@pytest.mark.shared
def test_of_the_seed_questions_that_stand_alone_at_least_18_of_20_are_answered_right(judging, answer, seed):
    path, count = seed(lambda kind: kind not in ("follow-up", "English-language", "unanswerable"))
    right, _ = judging.seed(answer, path)
    assert count == 20
    assert round(right * count) >= 18


@pytest.mark.shared
def test_all_follow_ups_on_the_seed_page_are_answered_right(judging, answer, seed):
    path, count = seed(lambda kind: kind == "follow-up")
    right, _ = judging.seed(answer, path)
    assert (round(right * count), count) == (3, 3)


@pytest.mark.shared
def test_at_least_half_of_what_the_seed_page_does_not_say_is_refused(judging, answer, seed):
    path, _ = seed(lambda kind: kind)
    _, refused = judging.seed(answer, path)
    assert refused >= 3 / 6


@pytest.mark.shared
def test_the_sample_edition_answers_our_own_questions(judging, bot):
    homes = {name: judging.judge.flat(text) for name, text in sample_articles().items()}
    figures = judging.figures(bot.ask, read_rows(OURS / "sample_questions.jsonl"), EXPLANATION, homes, "\n".join(homes.values()))
    assert figures.right >= SAMPLE_RIGHT
    assert figures.refused_rightly >= SAMPLE_REFUSED_RIGHTLY
