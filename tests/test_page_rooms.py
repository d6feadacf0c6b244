"""The page's rooms without a browser: whose a request is, what is read of a post, what is seen of a shared answer."""

from __future__ import annotations

import json
from concurrent.futures import Future
from contextlib import closing
from dataclasses import replace
from types import SimpleNamespace

import pytest

from bot.access import EVERYTHING, NOTHING, Reader
from bot.followups import follow_ups
from bot.identity.cookies import OWNER
from bot.models import Answer, AnswerSentence, Nearest
from bot.opening import Opening
from bot.page.desk import Desk, before, turns
from bot.page.document import our_document
from bot.page.owner import LANGUAGE_COOKIE, Session, chosen_language, new_cookie, owner_cookie, owner_of
from bot.page.posted import Posted, read_posted
from bot.page.seen import as_seen_by
from bot.page.talks import exchange_messages, follow_ups_html, talks_html
from bot.page.texts import EN, ZH
from bot.state import Conversation, Exchange, KeptPassage, State
from bot.state.database import FILE
from bot.visitor import Visitor, set_visitor
from ingest.errors import NotFound
from ingest.models import Pointer
from tests.pages import ANYBODY as EVERYBODY
from tests.test_page import ARTICLE, HOSTILE, QUOTE, _Shown, answer, cited

TOKEN = "0123456789abcdef" * 2
ANYBODY = Reader("a" * 64)


def request(visitor: Visitor = EVERYBODY, **headers: str) -> SimpleNamespace:
    scope: dict = {}
    set_visitor(scope, visitor)
    return SimpleNamespace(headers=headers, request=SimpleNamespace(scope=scope))


def test_an_owner_is_known_by_the_cookie_alone_and_never_by_what_it_says():
    first, again = (
        owner_of(request(cookie=f'a={{"b": 1}}; {OWNER}={TOKEN}'), Session()),
        owner_of(request(cookie=f"{OWNER}={TOKEN}"), Session(token="f" * 32)),
    )
    assert first == again
    assert TOKEN not in first.id
    assert len(first.id) == 64


@pytest.mark.parametrize(
    "cookie",
    [
        "",
        f"{OWNER}=",
        f"{OWNER}=x",
        f"{OWNER}={TOKEN}0",
        f"{OWNER}={TOKEN.upper()}",
        "=;;=",
        f"{OWNER}={TOKEN}; {OWNER}={'f' * 32}",  # somebody else may have planted either
    ],
)
def test_without_a_good_cookie_an_owner_lasts_as_long_as_the_session(cookie):
    one, other = Session(), Session()
    assert owner_of(request(cookie=cookie), one) == owner_of(request(), one)
    assert owner_of(request(cookie=cookie), one) != owner_of(request(cookie=cookie), other)


def test_the_cookie_holds_128_random_bits_that_no_script_reads():
    line = new_cookie("/news/", secure=True)
    assert owner_cookie(line.split(";")[0])
    assert owner_cookie(line.split(";")[0]) != owner_cookie(new_cookie("/", secure=False).split(";")[0])
    for part in ("HttpOnly", "SameSite=Lax", "Secure", "Path=/news/"):
        assert part in line
    assert "Secure" not in new_cookie("/", secure=False)


@pytest.mark.parametrize(
    ("headers", "language"),
    [
        ({"accept-language": "en"}, "en"),
        ({"accept-language": "en", "cookie": f"{LANGUAGE_COOKIE}=zh"}, "zh"),
        ({"accept-language": "zh", "cookie": f"{LANGUAGE_COOKIE}=en"}, "en"),
        ({"accept-language": "en", "cookie": f"{LANGUAGE_COOKIE}=<b>"}, "en"),
        ({}, "zh"),
    ],
)
def test_a_chosen_language_goes_before_the_browsers(headers, language):
    assert chosen_language(headers) == language


@pytest.mark.parametrize(
    "posted",
    [None, 7, "", "x", "[]", "null", "[" * 100_000, '{"question": ' + '"' + "长" * 300_000 + '"}',
     '{"question": {"a": 1}, "conversation": ["x"], "number": "1", "share": "../x", "id": 7, "language": "fr"}'],
)  # fmt: skip
def test_what_is_no_post_is_an_empty_one(posted):
    assert read_posted(posted) == Posted()


def test_what_is_posted_is_read_as_text_and_ids():
    line = json.dumps({"question": " 问\ud800？ ", "conversation": TOKEN, "number": 3, "language": "en", "more": 1})
    assert read_posted(line) == Posted(question="问？", conversation=TOKEN, number=3, language="en")


@pytest.mark.parametrize("text", HOSTILE)
def test_titles_questions_and_follow_ups_are_shown_as_text(text):
    line = text.replace("\n", " ")
    listed = _Shown(talks_html([Conversation("1" * 32, line, "2026-11-26T00:00:00Z", "2026-11-26T00:00:00Z")], ZH))
    assert line in listed.text
    assert set(listed.tags) <= {"ul", "li", "button", "span", "p"}
    offered = _Shown(follow_ups_html([line], EN))
    assert line in offered.text
    exchange = Exchange("1" * 32, "2" * 32, 1, Answer(text, text, text, sentences=(AnswerSentence(text, ()),)))
    shown = [_Shown(message["content"]) for message in exchange_messages([exchange], ZH)]
    assert shown[0].text == text
    assert set(shown[1].tags) <= {"div", "p", "button", "br"}
    assert shown[1].links == []


def quoting() -> Answer:
    first = replace(cited(), version_id="v1")
    other = replace(cited("6000册书", n=2), article_id="other", version_id="v2")
    doubtful = AnswerSentence("没有。", (), supported=False)
    told = (AnswerSentence(QUOTE, (1,)), AnswerSentence("有6000册书。", (1, 2)), doubtful)
    return answer(*told, citations=(first, other), closing="没有说到：谷仓", missing=("谷仓",))


class Without:
    """A bot that has every article but these."""

    sees_everything = True

    def __init__(self, *gone: str) -> None:
        self._gone = gone

    def article(self, article_id: str):
        if article_id in self._gone:
            raise NotFound("gone")
        return replace(ARTICLE, article_id=article_id)

    def said_again(self, answer: Answer) -> Answer:
        return replace(answer, text="没有。", nearest=())


def kept(answer: Answer, *read: str) -> Exchange:
    passages = tuple(KeptPassage(n, f"c{n}", f"a{n}", name, 0, 9, 1.0) for n, name in enumerate(read, 1))
    return Exchange("1" * 32, "2" * 32, 1, answer, passages)


def test_a_shared_answer_shows_whole_to_who_may_read_all_of_it():
    assert as_seen_by(Without(), kept(quoting())) == (quoting(), 0)


def test_what_rests_on_an_article_that_is_gone_goes_with_all_that_may_name_it():
    left, gone = as_seen_by(Without("v2"), kept(quoting()))
    assert (left.text, gone) == (QUOTE + "[1]", 2)
    assert [c.n for c in left.citations] == [1]
    assert (left.closing, left.missing) == ("", ())
    assert as_seen_by(Without("v1", "v2"), kept(quoting()))[0] is None


def test_a_model_that_read_what_is_gone_is_believed_only_where_it_was_borne_out():
    written = replace(quoting(), model="m", citations=(replace(cited(), version_id="v1"),))
    written = replace(written, sentences=(written.sentences[0], AnswerSentence("别处也有。", (1,), supported=False)))
    assert as_seen_by(Without("v2"), kept(written, "v1")) == (written, 0)
    left, gone = as_seen_by(Without("v2"), kept(written, "v1", "v2"))
    assert (left.text, gone) == (QUOTE + "[1]", 1)


def test_no_pointer_leads_to_what_is_gone():
    pointed = replace(cited(), also=(Pointer("v2", "甲", None, None, None), Pointer("v3", "乙", None, None, None)))
    told = answer(AnswerSentence(QUOTE, (1,)), citations=(pointed,))
    left, _ = as_seen_by(Without("v2"), kept(told))
    assert [one.article_id for one in left.citations[0].also] == ["v3"]


def test_a_refusal_that_names_what_is_gone_is_said_anew():
    refusal = Answer("问", "问", "没有。最接近：《甲》。", refused=True, nearest=(Nearest("v2", "甲", None, None),))
    assert as_seen_by(Without(), kept(refusal)) == (refusal, 0)
    left, _ = as_seen_by(Without("v2"), kept(refusal))
    assert (left.text, left.nearest) == ("没有。", ())


def test_a_session_that_changes_hands_forgets_what_was_asked_in_it():
    session = Session(language="en")
    mine = owner_of(request(Visitor(subject="a", papers=EVERYTHING)), session)
    session.unkept, session.unkept_of = [kept(quoting())], "c"
    assert owner_of(request(Visitor(subject="a", papers=NOTHING)), session) == replace(mine, papers=NOTHING)
    assert session.unkept
    theirs = owner_of(request(Visitor(subject="b", papers=EVERYTHING)), session)
    assert theirs.id != mine.id
    assert (session.unkept, session.unkept_of, session.language) == ([], "", "en")


def test_somebody_who_has_signed_in_is_known_by_that_and_not_by_the_browser():
    cookie = f"{OWNER}={TOKEN}"
    signed_in = owner_of(request(Visitor(subject="a"), cookie=cookie), Session())
    assert signed_in == owner_of(request(Visitor(subject="a")), Session())
    assert signed_in.id != owner_of(request(cookie=cookie), Session()).id
    assert owner_of(request(Visitor(subject=TOKEN)), Session()).id != owner_of(request(cookie=cookie), Session()).id


def test_answers_that_could_not_be_kept_are_kept_as_soon_as_the_state_can_be_used(tmp_path):
    session = Session()
    (tmp_path / "state").write_text("in the way")
    with closing(State.of(tmp_path)) as state:
        desk = Desk(state, Opening(Future()))
        first = desk.keep(ANYBODY, "", "", Answer("一？", "一？", "甲"), session)
        assert first.id == ""
        assert desk.talks(ANYBODY) is None
        assert [e.question for e in desk.exchanges(ANYBODY, "", session)] == ["一？"]
        (tmp_path / "state").unlink()
        second = desk.keep(ANYBODY, "", "", Answer("二？", "二？", "乙"), session)
        assert [(e.number, e.question) for e in desk.exchanges(ANYBODY, second.conversation, session)] == [
            (1, "一？"),
            (2, "二？"),
        ]
        assert (tmp_path / "state" / FILE).exists()
        assert desk.exchanges(Reader("b" * 64), second.conversation, Session()) == []


def test_a_conversation_that_is_anothers_begins_a_new_one(tmp_path):
    with closing(State.of(tmp_path)) as state:
        desk = Desk(state, Opening(Future()))
        mine = desk.keep(ANYBODY, "", "", Answer("一？", "一？", "甲"), Session())
        theirs = desk.keep(Reader("b" * 64), mine.conversation, mine.id, Answer("二？", "二？", "乙"), Session())
        assert theirs.conversation != mine.conversation
        assert len(desk.exchanges(ANYBODY, mine.conversation, Session())) == 1


def test_a_question_asked_anew_is_understood_from_what_came_before_it():
    said = [Exchange(str(n), "c", n, Answer(f"{n}？", f"{n}？", f"答{n}。[1]")) for n in (1, 2, 3)]
    assert [turn.content for turn in turns(before(said, "2"))] == ["1？", "答1。"]
    assert before(said, "") == before(said, "9") == said


def test_follow_ups_are_questions_that_the_bot_answers_from_the_article_that_they_are_about(bot):
    given = bot.ask("桐乡的生态补偿机制是怎么运作的？")
    offered = bot.follow_ups(given, 3)
    assert offered
    known = {sentence.text for sentence in given.sentences}
    for question in offered:
        reply = bot.ask(question)
        assert not reply.refused
        assert {sentence.text for sentence in reply.sentences} - known
    refusing = follow_ups(given, lambda question: Answer(question, question, "没有。", refused=True), 3)
    assert refusing == []


DOCUMENT = (
    b'<!doctype html><html\n\tlang="en"\n><head><base href="./" />'
    b'<meta property="og:image" content="https://raw.example/x.jpg"/></head></html>'
)


@pytest.mark.parametrize(("language", "code"), [("zh", b'lang="zh-CN"'), ("en", b'lang="en"')])
def test_the_document_is_in_its_readers_language_names_no_other_host_and_runs_our_script_first(language, code):
    from bot.look import Look

    ours = our_document(DOCUMENT, language, Look(name="</script><b>"))
    assert code in ours
    assert b"<base" not in ours
    assert b"raw.example" not in ours
    assert ours.index(b"<script>window.wenbao") < ours.index(b"</head>")
    assert b"</script><b>" not in ours
