"""An answer is made once for all who ask the same of the same state, and for nobody who may read less or more."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pytest

from bot.access import Readable, Reader
from bot.answered import Answered, Asking
from bot.bot import Bot
from bot.models import Answer
from ingest.archive import Archive
from ingest.ingester import Ingester
from ingest.models import Filter

ASKED = Asking(3, None, "渡口的灯修好了吗？", (), Filter(), date(2026, 11, 26))
QUESTION = "渡口的灯是哪天修好的？"


class Maker:
    """Makes answers, as many as are asked of it, and counts them."""

    def __init__(self) -> None:
        self.made = 0

    def __call__(self) -> Answer:
        self.made += 1
        return Answer("问", "问", str(self.made))


def test_what_is_asked_again_is_answered_again_without_being_made():
    answered, make = Answered(), Maker()
    assert answered.get(ASKED, make) is answered.get(ASKED, make)
    assert make.made == 1


@pytest.mark.parametrize(
    "other",
    [
        {"papers": frozenset({"晚报"})},
        {"papers": frozenset()},
        {"question": "渡口的灯修好了吗?"},
        {"where": Filter(paper="晚报")},
        {"today": date(2026, 11, 27)},
        {"generation": 2},
    ],
)
def test_whatever_an_answer_follows_from_makes_it_another(other):
    answered, make = Answered(), Maker()
    answered.get(ASKED, make)
    assert answered.get(replace(ASKED, **other), make).text == "2"


def test_a_new_state_and_a_rollback_forget_all_that_was_kept():
    answered, make = Answered(), Maker()
    for generation in (3, 4, 3):
        answered.get(replace(ASKED, generation=generation), make)
    assert make.made == 3


def test_only_so_many_are_kept():
    answered, make = Answered(most=2), Maker()
    for question in "甲乙丙甲":
        answered.get(replace(ASKED, question=question), make)
    assert make.made == 4


def test_those_who_ask_at_once_wait_for_one_and_a_failure_is_told_to_all_and_not_kept():
    answered, entered, go_on = Answered(), threading.Event(), threading.Event()

    def fail() -> Answer:
        entered.set()
        go_on.wait(10)
        raise RuntimeError("no")

    with ThreadPoolExecutor(4) as many:
        first = many.submit(answered.get, ASKED, fail)
        assert entered.wait(10)
        others = [many.submit(answered.get, ASKED, Maker()) for _ in range(3)]
        go_on.set()
        assert all(isinstance(one.exception(), RuntimeError) for one in (first, *others))
    assert answered.get(ASKED, Maker()).text == "1"


def test_a_bot_answers_the_same_from_what_is_kept_and_a_restricted_reader_never_from_anothers(root, encoder, records):
    lamp = {
        "text": "渡口的灯五月九日修好了。镇上派人换了灯泡，渡口夜里也能过人。",
        "paper": "晚报",
        "date": "2022-05-10",
    }
    other = {"text": "集市搬到了河的北岸。摊位有四十个，早上六点开市。", "paper": "日报", "date": "2022-05-10"}
    Ingester(root, encoder).add([records(lamp, other)])
    with Archive(root, encoder) as archive:
        bot = Bot(archive, encoder)
        today = date(2022, 5, 12)
        first = bot.ask(QUESTION, today=today)
        assert first.citations
        assert replace(bot.ask(QUESTION, today=today), took_ms=0) == replace(first, took_ms=0)
        less = bot.seen_by(Reader(papers=Readable(frozenset({"日报"})))).ask(QUESTION, today=today)
        assert not less.citations
        assert "五月九日" not in str(less)
        assert bot.ask(QUESTION, today=today).citations
