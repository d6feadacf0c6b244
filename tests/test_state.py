"""What is kept belongs to its owner alone, outlives a restart, and is gone when it is deleted."""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.models import Answer, AnswerSentence, Citation, Nearest, Passage, Usage
from bot.state import KeptPassage, State
from bot.state.database import FILE, Database
from bot.state.store import LONGEST_REASON, LONGEST_TITLE
from ingest.errors import BadSetting, NotFound, StateBroken
from tests.test_page import ARTICLE, HOSTILE, QUOTE

ANN, BEN = "a" * 64, "b" * 64


def answer(question: str = "粮仓修好了吗？", **more: object) -> Answer:
    start = ARTICLE.text.index(QUOTE)
    a = ARTICLE
    citation = Citation(
        1, a.article_id, None, "text", a.title, a.paper, a.date, a.page, QUOTE, start, start + len(QUOTE), False,
        a.version_id,
    )  # fmt: skip
    passage = Passage(1, "c" * 24, ARTICLE, 0, 10, 0.51239, ARTICLE.text[:10])
    whole = Answer(
        question,
        f"{question}（2024年）",
        QUOTE + "[1]",
        sentences=(AnswerSentence(QUOTE, (1,)), AnswerSentence("书有九万册。", (), supported=False, missing=("九万",))),
        citations=(citation,),
        passages=(passage,),
        nearest=(Nearest("x", "题", "报", date(2024, 5, 4), "说"),),
        took_ms=12.5,
        usage=Usage(1, 2, 0.5),
        generation=7,
    )
    return replace(whole, **more)


@pytest.fixture
def state(tmp_path: Path):
    with closing(State.of(tmp_path)) as state:
        yield state


def test_an_answer_comes_back_as_it_was_after_a_restart_with_its_passages_by_name_only(tmp_path):
    given = answer()
    with closing(State.of(tmp_path)) as before:
        kept = before.keep(ANN, "", given)
    with closing(State.of(tmp_path)) as after:
        (back,) = after.exchanges(ANN, kept.conversation)
        (listed,) = after.conversations(ANN)
    assert back.answer == replace(given, passages=())
    assert back.passages == (KeptPassage(1, "c" * 24, ARTICLE.article_id, ARTICLE.version_id, 0, 10, 0.5124),)
    assert (back.number, back.question) == (1, given.question)
    assert (listed.id, listed.title) == (kept.conversation, given.question)
    text = b"".join(file.read_bytes() for file in (tmp_path / "state").iterdir())
    assert "粮仓空了九年".encode() not in text


def test_ids_are_128_random_bits(state):
    first, second = state.keep(ANN, "", answer()), state.keep(ANN, "", answer())
    ids = {first.id, second.id, first.conversation, second.conversation, state.share(ANN, first.id)}
    assert len(ids) == 5
    assert all(len(one) == 32 and int(one, 16) >= 0 for one in ids)


def test_what_is_anothers_and_what_is_not_there_are_the_same_answer(state):
    mine = state.keep(ANN, "", answer())
    nowhere = "0" * 32
    ways = [
        lambda owner, talk, _: state.exchanges(owner, talk),
        lambda owner, talk, _: state.keep(owner, talk, answer()),
        lambda owner, talk, _: state.rename(owner, talk, "题"),
        lambda owner, talk, _: state.delete(owner, talk),
        lambda owner, _, one: state.exchange(owner, one),
        lambda owner, _, one: state.judge(owner, one, "up"),
        lambda owner, _, one: state.share(owner, one),
        lambda owner, _, one: state.unshare(owner, one),
        lambda owner, _, one: state.offer(owner, one, ["问？"]),
        lambda owner, _, one: state.keep(owner, "", answer(), instead_of=one),
    ]
    for way in ways:
        said = []
        for talk, one in ((mine.conversation, mine.id), (nowhere, nowhere)):
            with pytest.raises(NotFound) as told:
                way(BEN, talk, one)
            said.append(str(told.value))
        assert said[0] == said[1]
    assert state.conversations(BEN) == []
    assert state.delete_all(BEN) == 0
    assert state.exchanges(ANN, mine.conversation) == [mine]


def test_an_answer_asked_anew_takes_the_place_of_the_old_one_and_of_all_after_it(state):
    first = state.keep(ANN, "", answer("一？"))
    second = state.keep(ANN, first.conversation, answer("二？"))
    state.keep(ANN, first.conversation, answer("三？"))
    state.judge(ANN, second.id, "down", "不对")
    state.keep(ANN, first.conversation, answer("二改？"), instead_of=second.id)
    left = state.exchanges(ANN, first.conversation)
    assert [(e.number, e.question) for e in left] == [(1, "一？"), (2, "二改？")]
    assert list(state.told(judged=True)) == []
    elsewhere = state.keep(ANN, "", answer("别处？"))
    with pytest.raises(NotFound):
        state.keep(ANN, first.conversation, answer(), instead_of=elsewhere.id)
    assert len(state.exchanges(ANN, first.conversation)) == 2


def test_a_deleted_conversation_takes_its_answers_thumbs_and_shares_with_it(state, tmp_path):
    gone = state.keep(ANN, "", answer("秘密的问题？"))
    stays = state.keep(ANN, "", answer("别的问题？"))
    for one in (gone, stays):
        state.judge(ANN, one.id, "down", "一个理由")
        state.share(ANN, one.id)
    share = state.exchange(ANN, gone.id).shared
    state.delete(ANN, gone.conversation)
    with pytest.raises(NotFound):
        state.shared(share)
    assert [told.question for told in state.told(judged=True)] == ["别的问题？"]
    assert [c.id for c in state.conversations(ANN)] == [stays.conversation]
    assert state.delete_all(ANN) == 1
    state.close()
    with closing(sqlite3.connect(tmp_path / "state" / FILE)) as db:
        counts = [db.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in ("exchanges", "feedback", "shares")]
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert counts == [0, 0, 0]
    assert "秘密的问题".encode() not in (tmp_path / "state" / FILE).read_bytes()


def test_a_verdict_can_be_given_changed_and_taken_back(state):
    one = state.keep(ANN, "", answer())
    state.judge(ANN, one.id, "up")
    assert state.exchange(ANN, one.id).verdict == "up"
    state.judge(ANN, one.id, "down", "理" * 5_000)
    (told,) = state.told(judged=True)
    assert (told.verdict, len(told.why), told.generation) == ("down", LONGEST_REASON, 7)
    assert told.passages[0].article_id == ARTICLE.article_id
    state.judge(ANN, one.id, None)
    assert state.exchange(ANN, one.id).verdict is None
    assert list(state.told(judged=True)) == []
    assert [each.question for each in state.told()] == [one.question]
    assert list(state.told(since="9999")) == []


def test_a_share_shows_one_exchange_to_whoever_has_its_id_until_it_is_taken_back(state):
    one = state.keep(ANN, "", answer())
    share = state.share(ANN, one.id)
    assert state.share(ANN, one.id) == share
    assert state.shared(share).exchange.answer == one.answer
    state.unshare(ANN, one.id)
    for id_ in (share, "", "0" * 32):
        with pytest.raises(NotFound):
            state.shared(id_)


@pytest.mark.parametrize("text", [*HOSTILE, "\x00零", "'; DROP TABLE exchanges; --", "😀" * 50])
def test_titles_questions_and_reasons_come_back_as_text(state, text):
    one = state.keep(ANN, "", answer(text))
    state.rename(ANN, one.conversation, text)
    state.judge(ANN, one.id, "up", text)
    (told,) = state.told(judged=True)
    assert told.why == text.replace("\x00", "")
    title = state.conversations(ANN)[0].title
    assert title.rstrip("…") in " ".join(text.replace("\x00", "").split())
    assert len(title) <= LONGEST_TITLE


def test_an_empty_title_changes_nothing(state):
    one = state.keep(ANN, "", answer("题目？"))
    state.rename(ANN, one.conversation, " \n ")
    assert state.conversations(ANN)[0].title == "题目？"


def test_many_tabs_may_add_to_one_conversation_at_once(state):
    first = state.keep(ANN, "", answer("零？"))
    failures = []

    def add(n: int) -> None:
        try:
            state.keep(ANN, first.conversation, answer(f"{n}？"))
        except StateBroken as e:
            failures.append(e)

    threads = [threading.Thread(target=add, args=(n,)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert [e.number for e in state.exchanges(ANN, first.conversation)] == list(range(1, 14))


def test_what_was_not_touched_for_too_long_is_forgotten(tmp_path):
    with closing(State.of(tmp_path, days=30)) as state:
        old, new = state.keep(ANN, "", answer("旧？")), state.keep(ANN, "", answer("新？"))
    with closing(sqlite3.connect(tmp_path / "state" / FILE)) as db, db:
        past = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 31 * 86_400))
        db.execute("UPDATE conversations SET updated = ? WHERE id = ?", (past, old.conversation))
    with closing(State.of(tmp_path, days=0)) as for_good:
        for_good.keep(BEN, "", answer())
        assert len(for_good.conversations(ANN)) == 2
    with closing(State.of(tmp_path, days=30)) as state:
        state.keep(BEN, "", answer())
        assert [c.id for c in state.conversations(ANN)] == [new.conversation]


def test_a_database_that_cannot_be_used_is_one_line_without_what_was_asked(tmp_path):
    (tmp_path / "state").write_text("a file where the folder should be")
    with pytest.raises(StateBroken) as told:
        State.of(tmp_path).keep(ANN, "", answer("秘密？"))
    assert "\n" not in str(told.value)
    assert "秘密" not in str(told.value)
    with closing(State.of(tmp_path / "other")) as state:
        state.keep(ANN, "", answer())
    with closing(sqlite3.connect(tmp_path / "other" / "state" / FILE)) as db, db:
        db.execute("UPDATE wenbao_meta SET value = '99'")
    with pytest.raises(StateBroken, match="schema 99"):
        State.of(tmp_path / "other").conversations(ANN)


def test_a_full_disk_is_said_and_what_was_kept_can_still_be_read(tmp_path):
    database = Database.of(tmp_path, "")
    with closing(State(database)) as state:
        kept = state.keep(ANN, "", answer())
        with database.transaction() as db:
            pages = db.exec_driver_sql("PRAGMA page_count").scalar()
        from sqlalchemy import event

        event.listen(database._engine, "checkout", lambda c, *_: c.execute(f"PRAGMA max_page_count = {pages}").close())

        def fill() -> None:
            for n in range(50):
                state.keep(ANN, kept.conversation, answer(f"{n}" * 500))

        with pytest.raises(StateBroken, match="full"):
            fill()
        assert state.exchanges(ANN, kept.conversation)[0] == kept


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("postgresql+pg8000://a:geheim@localhost/x", "pg8000"),
        ("mysql://a:geheim@localhost/x", "postgresql://"),
        ("no address", "postgresql://"),
    ],
)
def test_an_address_that_cannot_be_used_is_one_line_that_keeps_the_password(tmp_path, url, says):
    with pytest.raises(BadSetting) as told:
        State.of(tmp_path, url)
    assert says in str(told.value)
    assert "geheim" not in str(told.value)
    assert "\n" not in str(told.value)
