"""A newsroom's folder, ingested again and again: exactly what changed is touched, and the report says exactly that.

tests/bench/again.py does the same with 68,221 articles of real news.
"""

import json
from itertools import count
from pathlib import Path

import pytest

from bot.bot import Bot
from ingest.archive import Archive
from ingest.encoder import Encoder
from ingest.ingester import Ingester, Wish
from tests.newsroom import Amounts, Newsroom, fee_of, school, with_fee
from tests.stories import stories

AMOUNTS = Amounts(changed=30, removed=10, renamed=10, added=20)
WISH = Wish(prune=True, detail=True)


def live(archive: Archive) -> dict[str, str]:
    with archive.read() as snapshot:
        snapshot.check()
        return {article.source_id: article.article_id for article in snapshot.recent(10_000)}


def test_a_day_in_a_newsroom_touches_exactly_what_changed(root, tmp_path: Path, builtin: Encoder):
    ingester = Ingester(root, builtin)
    whole = tmp_path / "pages" / "all.jsonl"
    whole.parent.mkdir()
    rows = stories(300)
    whole.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    assert ingester.add([whole.parent], wish=WISH).added == 300
    again = ingester.add([whole.parent], wish=WISH)
    assert (again.unchanged, again.embedded, again.generation) == (300, 0, 1)

    room = Newsroom(whole.parent, rows)
    room.write()
    whole.unlink()
    cut = ingester.add([whole.parent], wish=WISH)  # the same articles in other files are no news
    assert (cut.added, cut.changed, cut.withdrawn, cut.unchanged, cut.embedded) == (0, 0, 0, 300, 0)

    numbers = count(1)
    step = room.step(AMOUNTS, stories(20, 1000), lambda row: with_fee(row, next(numbers), 317))
    with Archive(root, builtin) as archive:
        before = live(archive)
        report = ingester.add([whole.parent], wish=WISH)
        archive.refresh()
        after = live(archive)
    assert (report.added, report.changed, report.withdrawn, report.moved) == (20, 30, 10, 10)
    assert (report.unchanged, report.failures) == (260, ())
    touched = {what: set() for what in ("added", "changed", "withdrawn")}
    for outcome in report.outcomes:
        touched["withdrawn"].update(outcome.withdrawn)
        for what, ids in outcome.touched.items():
            touched[what].update(ids)
    assert touched == {
        "added": {after[name] for name in step.added},
        "changed": {after[name] for name in step.changed},
        "withdrawn": {before[name] for name in step.removed},
    }
    assert set(after) == room.ids
    assert report.chunks - report.embedded >= 0
    assert report.embedded <= 2 * (20 + 30), "no article is embedded that did not change"
    assert ingester.add([whole.parent], wish=WISH).generation == report.generation


@pytest.fixture
def edited(root, tmp_path: Path, builtin: Encoder):
    """An archive whose articles said one fee, and say another by now."""
    ingester = Ingester(root, builtin)
    room = Newsroom(tmp_path / "pages", stories(60))
    room.write()
    for fee in (317, 428):
        numbers = count(1)
        room.again(Amounts(8, 0, 0, 0), lambda row, fee=fee, numbers=numbers: with_fee(row, next(numbers), fee))
        ingester.add([room.folder], wish=WISH)
    with Archive(root, builtin) as archive:
        yield Bot(archive, builtin)


def test_a_question_about_a_changed_article_gets_the_new_text_and_never_the_old(edited: Bot):
    for number in range(1, 9):
        answer = edited.ask(fee_of(number))
        said = "".join(sentence.text for sentence in answer.sentences)
        assert f"{school(number)}的学费定为428元" in said
        assert "317" not in said
