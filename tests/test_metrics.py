"""What the app counts of itself: each figure that an operator is promised, and nothing that names anybody."""

from __future__ import annotations

import time

from bot.metrics import Metrics
from bot.models import Answer, AnswerSentence, Usage

QUESTION = "松崖灯塔花了多少钱？"


def figures(metrics: Metrics, generation: tuple[int, float] | None = None) -> dict[str, float]:
    lines = metrics.page(generation).decode().splitlines()
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))}


def test_what_a_model_wrote_is_counted_by_sentences_tokens_and_seconds():
    metrics = Metrics()
    sentences = (AnswerSentence("花了437万元。", (1,)), AnswerSentence("很贵。", (), supported=False))
    metrics.answered(Answer(QUESTION, QUESTION, "……", sentences=sentences, usage=Usage(900, None, 1.5)), 0.2, 2.0)
    metrics.answered(Answer(QUESTION, QUESTION, "没有。", refused=True, reason="empty_archive"), 0.1, 0.1)
    told = figures(metrics)
    assert (told["wenbao_questions_total"], told['wenbao_refusals_total{reason="empty_archive"}']) == (2, 1)
    assert (told["wenbao_sentences_total"], told["wenbao_sentences_unsupported_total"]) == (2, 1)
    assert told['wenbao_model_tokens_total{direction="read"}'] == 900
    assert told['wenbao_model_tokens_total{direction="written"}'] == 0
    stages = {stage: told[f'wenbao_stage_seconds_count{{stage="{stage}"}}'] for stage in ("first", "write", "whole")}
    assert stages == {"first": 2, "write": 1, "whole": 2}
    assert QUESTION not in metrics.page(None).decode()


def test_the_archives_age_and_the_queue_are_told_as_of_now():
    metrics = Metrics()
    metrics.watch_queue(lambda: 7)
    told = figures(metrics, (12, time.time() - 100))
    assert (told["wenbao_queue"], told["wenbao_generation"]) == (7, 12)
    assert 100 <= told["wenbao_generation_age_seconds"] < 130


def test_requests_that_are_turned_away_are_counted_by_what_for():
    metrics = Metrics()
    for why in ("queue", "queue", "rate", ""):
        metrics.asked("api", 503, why)
    told = figures(metrics)
    assert told['wenbao_http_requests_total{kind="api",status="503"}'] == 4
    assert (told['wenbao_turned_away_total{reason="queue"}'], told['wenbao_turned_away_total{reason="rate"}']) == (2, 1)
