"""Ingests at once and askers meanwhile: no error, and each answer from one whole generation.

`python -m tests.bench.together` does the same for longer, with processes.
"""

import threading

from bot.bot import Bot
from ingest.archive import Archive
from ingest.generations import Generations
from ingest.ingester import Ingester
from tests.bench.together import QUESTION, ask_in_threads, ingests_at_once, levels, lines
from tests.conftest import BigramEncoder
from tests.stories import stories

ROUNDS, ASKERS = 2, 20


def test_twenty_askers_get_whole_answers_while_two_ingests_work(root, tmp_path):
    Ingester(root, BigramEncoder()).add([lines(tmp_path / "first.jsonl", levels(0) + stories(20))])
    stopped = threading.Event()
    wrong: list[str] = []

    def ingest() -> None:
        wrong.extend(ingests_at_once(lambda path: Ingester(root, BigramEncoder()).add([path]), tmp_path, ROUNDS))
        stopped.set()

    with Archive(root, BigramEncoder()) as archive:
        bot = Bot(archive, BigramEncoder())
        assert "1000毫米" in bot.ask(QUESTION).text
        threading.Thread(target=ingest).start()
        seen = ask_in_threads(archive, bot, ASKERS, stopped.is_set)
    assert wrong + seen.wrong == []
    assert seen.answers > ASKERS
    assert seen.refusals == 0
    assert len(seen.rounds) > 1, "they saw it change"
    assert Generations(root).current() == 1 + 2 * ROUNDS
    with Archive(root, BigramEncoder()) as archive, archive.read() as snapshot:
        snapshot.check()
        assert snapshot.stats().articles == 2 + 20 + 5 * ROUNDS
