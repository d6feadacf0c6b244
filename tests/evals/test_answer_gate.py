"""The gate of answers: floors a little under what was measured on 2026-11-26; pin them anew, upwards.

In under a minute: the seed questions, our own about the sample edition, news questions of which two of five passages
are noise, follow-ups and questions written blind among 1,000 news articles. `answers.py`, `refusals.py` and
`followups.py` make the whole tables.
"""

import json

import pytest

from bot.bot import Bot
from tests.evals import news
from tests.evals.judging import EXPLANATION, Judging, sample_articles
from tests.question_sets import OURS, read_rows

SEED_RIGHT, SEED_REFUSED = 0.9, 5 / 6
SAMPLE_RIGHT, SAMPLE_REFUSED = 0.78, 0.4  # of 55 answerable, English ones included, and of 10 unanswerable
NOISE, NOISE_RIGHT = 30, 0.86  # news questions, and how many are right at noise .4
POOL = 1_000  # news articles
GOING_ON_RIGHT = 0.66  # of 36
BLIND = 50  # questions of each kind
TOLD_RIGHT, UNTOLD_REFUSED, TOLD_REFUSED = 0.88, 0.28, 0.05


@pytest.fixture(scope="module")
def judging(shared, builtin, tmp_path_factory):
    with Judging(shared, tmp_path_factory.mktemp("judging"), builtin) as judging:
        yield judging


@pytest.fixture(scope="module")
def pool(judging, tmp_path_factory):
    return news.pool(judging, tmp_path_factory.mktemp("pool"), POOL)


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


@pytest.fixture
def figures(judging, pool, answer):
    """Shares of questions asked among the news."""
    return lambda questions, longest=None: judging.figures(
        answer(pool.archive), questions, longest, pool.homes, pool.whole
    )


@pytest.mark.shared
def test_seed_questions_are_answered_right_or_refused_as_they_should_be(judging, answer, shared):
    right, refused = judging.seed(answer, shared / "seed_questions_dev.jsonl")
    assert right >= SEED_RIGHT
    assert refused >= SEED_REFUSED


@pytest.mark.shared
def test_all_follow_ups_on_the_seed_page_are_answered_right(judging, answer, seed):
    path, count = seed(lambda kind: kind == "follow-up")
    right, _ = judging.seed(answer, path)
    assert (round(right * count), count) == (3, 3)


@pytest.mark.shared
def test_news_questions_are_answered_right_though_two_of_five_passages_are_noise(judging, answer):
    _, right, _ = judging.noise(answer, NOISE)
    assert right >= NOISE_RIGHT


@pytest.mark.shared
def test_follow_ups_that_go_on_are_answered_right(figures):
    going_on = [row for row in news.ours(news.FOLLOWUPS) if not row.get("new_topic")]
    assert figures(going_on, EXPLANATION).right >= GOING_ON_RIGHT


@pytest.mark.shared
def test_questions_written_blind_are_answered_and_what_their_stories_do_not_tell_is_refused(figures):
    blind = figures([*news.ours(news.TOLD)[:BLIND], *news.ours(news.UNTOLD)[:BLIND]])
    assert blind.right >= TOLD_RIGHT
    assert blind.refused_wrongly <= TOLD_REFUSED
    assert blind.refused_rightly >= UNTOLD_REFUSED


@pytest.mark.shared
def test_the_sample_edition_answers_our_own_questions(judging, bot):
    homes = {name: judging.judge.flat(text) for name, text in sample_articles().items()}
    questions = read_rows(OURS / "sample_questions.jsonl")
    sample = judging.figures(bot.ask, questions, EXPLANATION, homes, "\n".join(homes.values()))
    assert sample.right >= SAMPLE_RIGHT
    assert sample.refused_rightly >= SAMPLE_REFUSED
