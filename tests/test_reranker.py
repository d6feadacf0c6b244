"""A reranker reorders what was found and changes nothing else; one that is too slow for its time on this machine reads
fewer hits and says so; what is no reranker is refused at once.
"""

import json
import logging
import threading
import time
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from typer.testing import CliRunner

from bot.bot import Bot
from bot.cli import cli
from bot.models import Hit
from bot.reranker import CANDIDATES, ModelReranker, load_reranker
from ingest.encoder import load_encoder, load_pair_scorer
from ingest.errors import NoModel
from tests.pace import AT_ONCE
from tests.tiny_models import tiny_reranker

QUESTION = "桐乡的生态补偿机制是怎么运作的?"
TIME = 1.0  # seconds for a question


class Clock:
    """A clock that moves only when somebody works."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class ShortestFirst:
    """A small real scorer: the shorter, the better; each text takes `seconds` of the clock."""

    name = "shortest"

    def __init__(self, clock: Clock, seconds: float) -> None:
        self.clock, self.seconds = clock, seconds
        self.read = 0

    def scores(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        self.clock.now += self.seconds * len(texts)
        self.read = len(texts)
        return np.array([-len(text) for text in texts], dtype=np.float32)


@pytest.fixture
def hits(bot) -> list[Hit]:
    found = bot.search(QUESTION, 20)
    assert len(found) > 8
    return found


def ids(hits: Sequence[Hit]) -> list[str]:
    return [hit.chunk.chunk_id for hit in hits]


def timed(seconds: float) -> tuple[ModelReranker, ShortestFirst]:
    clock = Clock()
    model = ShortestFirst(clock, seconds)
    return ModelReranker(model, TIME, clock), model


def test_a_cross_encoder_puts_all_hits_in_its_order(hits, tiny_models):
    model = load_pair_scorer(str(tiny_models / "reranker"))
    after = ModelReranker(model, 60.0).reorder(QUESTION, hits)
    thought = [hit.reranked for hit in after]
    assert thought == sorted(thought, reverse=True)
    assert len(set(thought)) > 1
    alone = model.scores(QUESTION, [f"{after[0].article.title}\n{after[0].chunk.text}"])[0]
    assert thought[0] == pytest.approx(float(alone), abs=1e-5), "a text's score does not hang on its company"
    assert sorted(ids(after)) == sorted(ids(hits))
    assert [hit.rank for hit in after] == list(range(1, len(hits) + 1))
    assert [hit.score for hit in after] == [hit.score for hit in hits], "scores go with the places"
    assert all(hit.reranked is None for hit in hits)


@pytest.mark.parametrize(("seconds", "read"), [(0.01, 20), (0.1, 10), (0.3, 3), (0.5, 2)])
def test_as_many_hits_are_read_as_the_time_allows_and_the_others_keep_their_places(hits, seconds, read):
    reranker, model = timed(seconds)
    read = min(read, len(hits))
    after = reranker.reorder(QUESTION, hits)
    assert model.read == read
    lengths = [len(hit.chunk.text) + len(hit.article.title or "") for hit in after[:read]]
    assert lengths == sorted(lengths)
    assert sorted(ids(after[:read])) == sorted(ids(hits[:read]))
    assert after[read:] == hits[read:]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.01, None), (0.1, "only the best 10 hits are put in order"), (0.7, "hits stay as they were found")],
)
def test_a_slow_model_is_said_to_be_slow_once(hits, caplog, seconds, said):
    with caplog.at_level(logging.WARNING):
        reranker, _ = timed(seconds)
        for _ in range(5):
            reranker.reorder(QUESTION, hits)
    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) == (said is not None)
    assert all(said in line and "'shortest'" in line and "WENBAO_RERANKER_SECONDS=1" in line for line in lines)


def test_a_model_too_slow_for_two_changes_nothing(hits):
    reranker, model = timed(0.7)
    model.read = 0
    assert reranker.reorder(QUESTION, hits) == hits
    assert not model.read


def test_the_pace_is_measured_anew_at_every_question(hits, caplog):
    reranker, model = timed(0.01)
    model.seconds = 0.2  # the machine has found other work
    for _ in range(6):
        reranker.reorder(QUESTION, hits)
    assert model.read < 8
    assert [record.getMessage() for record in caplog.records if "put in order" in record.getMessage()]
    model.seconds = 0.01
    for _ in range(6):
        reranker.reorder(QUESTION, hits)
    assert model.read == len(hits)


def test_a_question_does_not_wait_for_another_longer_than_its_time(hits):
    began, done = threading.Event(), threading.Event()

    class Stuck(ShortestFirst):
        def scores(self, question, texts):
            if len(texts) > 1:
                began.set()
                assert done.wait(30)
            return super().scores(question, texts)

    reranker = ModelReranker(Stuck(Clock(), 0.0), 0.2)
    first = threading.Thread(target=reranker.reorder, args=(QUESTION, hits))
    first.start()
    try:
        assert began.wait(10)
        before = time.monotonic()
        assert reranker.reorder(QUESTION, hits) == hits
        assert time.monotonic() - before < 5
    finally:
        done.set()
        first.join()


def test_nothing_found_is_nothing_reordered(tiny_models):
    assert ModelReranker(load_pair_scorer(str(tiny_models / "reranker")), TIME).reorder(QUESTION, []) == []


def test_the_bot_lets_the_reranker_choose_among_more_than_it_gives(sample_archive, builtin, bot):
    reranker, model = timed(0.001)
    chosen = Bot(sample_archive, builtin, reranker).search(QUESTION, 3)
    found = bot.search(QUESTION, CANDIDATES)
    assert model.read == len(found)
    assert len(chosen) == 3
    best = min(len(hit.chunk.text) + len(hit.article.title or "") for hit in found)
    assert len(chosen[0].chunk.text) + len(chosen[0].article.title or "") == best
    assert Bot(sample_archive, builtin, reranker).ask(QUESTION).passages[0].article == chosen[0].article


def test_the_command_takes_the_setting_and_shows_what_was_reranked(sample_root, tiny_models, monkeypatch):
    monkeypatch.setenv("WENBAO_DATA", str(sample_root))
    before = json.loads(CliRunner().invoke(cli, ["search", "--json", QUESTION]).stdout)["hits"]
    assert all("reranked" not in hit for hit in before)
    monkeypatch.setenv("WENBAO_RERANKER", str(tiny_models / "reranker"))
    monkeypatch.setenv("WENBAO_RERANKER_SECONDS", "60")
    after = json.loads(CliRunner().invoke(cli, ["search", "--json", QUESTION]).stdout)["hits"]
    assert [{key for key in hit if key != "reranked"} for hit in after] == [set(hit) for hit in before]
    thought = [hit["reranked"] for hit in after]
    assert thought == sorted(thought, reverse=True)
    assert "reranked" in CliRunner().invoke(cli, ["search", QUESTION]).stdout


def test_no_name_is_no_reranker():
    assert load_reranker("", TIME) is None


@pytest.mark.parametrize("name", ["BAAI/bge-reranker-v2-m3-that-is-not-here", "./no/folder", "not a name: *"])
def test_a_reranker_that_is_not_here_is_refused_at_once_in_one_line(name, tmp_path, monkeypatch):
    monkeypatch.setenv("SENTENCE_TRANSFORMERS_HOME", str(tmp_path))
    began = time.monotonic()
    with pytest.raises(NoModel) as refusal:
        load_reranker(name, TIME)
    assert time.monotonic() - began < AT_ONCE
    said = str(refusal.value)
    assert repr(name) in said
    assert "\n" not in said
    assert ("python -m ingest fetch-model " + name in said) == name.startswith("BAAI/")


def test_a_model_of_the_other_kind_is_refused_instead_of_being_loaded_with_weights_made_up(tiny_models):
    with pytest.raises(NoModel, match="this model is for WENBAO_ENCODER"):
        load_reranker(str(tiny_models / "encoder"), TIME)
    with pytest.raises(NoModel, match="this model is for WENBAO_RERANKER"):
        load_encoder(str(tiny_models / "reranker"))


def test_a_classifier_of_several_classes_is_no_reranker(tmp_path):
    with pytest.raises(NoModel, match="gives 3 numbers"):
        load_reranker(str(tiny_reranker(tmp_path / "classes", labels=3)), TIME)
