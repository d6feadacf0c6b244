"""Who somebody is: keys and sessions are secrets kept as hashes, stop within seconds, and leave a line in the audit."""

from __future__ import annotations

import json
import logging
import re
import shutil
import sqlite3
import statistics
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import event
from starlette.applications import Starlette
from starlette.testclient import TestClient
from typer.testing import CliRunner

from bot import configured
from bot.access import EVERYTHING, NOTHING, Readable
from bot.cli import cli
from bot.identity import audit, register
from bot.identity.cookies import LOGIN, PLAIN_LOGIN, PORTAL, cookie_of, drop_cookie, set_cookie
from bot.identity.keys import add_key, revoke_key
from bot.identity.register import StateRegister
from bot.identity.routes import INSTEAD
from bot.identity.secrets import KEY, SESSION, hash_of, is_secret, new_secret
from bot.identity.sessions import Person, Sessions, revoke_sessions, subject_of
from bot.state import State
from bot.state.database import FILE, Database
from bot.state.proofs import KEPT, OneTime, Proofs, UsedUp
from bot.state.tables import SCHEMA
from bot.visitor import NOBODY, Register, Visitor
from ingest.errors import BadKey, BadSetting, NotFound, StateBroken
from ingest.settings import Settings
from tests.test_docs import README, fences
from tests.test_state import ANN
from tests.test_state import answer as an_answer
from tests.test_tokens import AUDIENCE, ISSUER, SECRET, claims, hs

PAPERS = Readable(frozenset({"青川日报"}))
WANG = Person(subject_of(ISSUER, "wang"), "王小明", frozenset({"编辑部"}))
LI = Person(subject_of(ISSUER, "li"), "李红", frozenset({"编辑部"}))


def readable(groups: frozenset[str], signed_in: bool) -> Readable:
    """The editors read one paper, everybody else nothing."""
    assert signed_in
    return PAPERS if "编辑部" in groups else NOTHING


@pytest.fixture
def state(tmp_path: Path):
    with closing(State.of(tmp_path)) as state:
        yield state


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture):
    """What the audit has said so far, each line read as JSON."""
    caplog.set_level(logging.INFO, "wenbao.audit")

    def said() -> list[dict]:
        return [json.loads(r.getMessage()) for r in caplog.records if r.name == "wenbao.audit"]

    return said


def kept(root: Path) -> bytes:
    """Every byte of the state on disk."""
    return b"".join(file.read_bytes() for file in (root / "state").iterdir())


# --- keys ---


def test_a_key_has_256_random_bits_and_is_kept_as_a_hash_alone(state, tmp_path, lines):
    key, secret = add_key(state.proofs, "门户首页", ["search", "ask"], ["编辑部"])
    assert re.fullmatch(r"wbk_[A-Za-z0-9_-]{43}", secret)
    assert len({add_key(state.proofs, f"k{n}", ["ask"])[1] for n in range(20)} | {secret}) == 21
    assert hash_of(secret).encode() in kept(tmp_path)
    assert secret[4:].encode() not in kept(tmp_path)
    assert secret not in repr((key, state.proofs.keys(), lines()))


def test_the_register_tells_whose_a_key_is_and_what_it_opens(state):
    key, secret = add_key(state.proofs, "脚本", ["search", "ask"], ["编辑部"])
    book: Register = StateRegister(state.proofs, readable)
    visitor = book.of_key(secret)
    assert visitor is not None
    assert (visitor.name, visitor.groups, visitor.papers) == ("脚本", {"编辑部"}, PAPERS)
    assert (visitor.scopes, visitor.via, visitor.proof) == ({"ask", "search"}, "key", f"key:{key.id}")
    other, theirs = add_key(state.proofs, "别的", ["inbox"])
    stranger = book.of_key(theirs)
    assert stranger is not None
    assert (stranger.papers, stranger.scopes) == (NOTHING, {"inbox"})
    assert len({visitor.subject, stranger.subject, other.id, key.id}) == 4


@pytest.mark.parametrize(
    "guess",
    ["", "wbk_", "wbk_' OR '1'='1", "wbk_" + "A" * 43, "wbs_" + "A" * 43, "wbk_" + "A" * 10**6, "wbk_" + "é" * 43,
     "wbk_" + "A" * 42 + "\n", "WBK_" + "A" * 43, "\ud800", "wbk_" + "A" * 42 + "\0"],
)  # fmt: skip
def test_what_is_no_key_opens_nothing(state, guess):
    add_key(state.proofs, "a", ["ask"])
    book = StateRegister(state.proofs, readable)
    assert book.of_key(guess) is None
    assert book.of_session(guess) is None


def test_neither_a_keys_hash_nor_its_id_nor_a_session_is_a_key(state):
    key, secret = add_key(state.proofs, "a", ["ask"])
    session = Sessions(state.proofs, 10).begin(WANG, "portal").bearer
    book = StateRegister(state.proofs, readable)
    for wrong in (
        hash_of(secret),
        key.id,
        KEY + hash_of(secret)[:43],
        session,
        KEY + session[4:],
        secret[:-1],
        secret + "A",
    ):
        assert book.of_key(wrong) is None
    assert book.of_session(secret) is None
    assert book.of_session(SESSION + secret[4:]) is None


@pytest.mark.parametrize(
    ("name", "scopes", "groups", "says"),
    [
        ("", ["ask"], [], "no name"),
        ("a\nb", ["ask"], [], "no name"),
        ("x" * 65, ["ask"], [], "no name"),
        (" a", ["ask"], [], "no name"),
        ("a ", ["ask"], [], "no name"),
        ("a", [], [], "opens nothing"),
        ("a", ["admin"], [], "no scope 'admin'"),
        ("a", ["ask"], [""], "group"),
        ("a", ["ask"], ["a\u202eb"], "group"),
    ],
)
def test_a_key_that_makes_no_sense_is_not_made(state, name, scopes, groups, says):
    with pytest.raises(BadKey, match=says) as told:
        add_key(state.proofs, name, scopes, groups)
    assert "\n" not in str(told.value)
    assert state.proofs.keys() == []


def test_a_name_is_used_once_even_after_its_key_was_revoked(state):
    add_key(state.proofs, "a", ["ask"])
    with pytest.raises(BadKey, match="'a'"):
        add_key(state.proofs, "a", ["search"])
    revoke_key(state.proofs, "a")
    with pytest.raises(BadKey, match="'a'"):
        add_key(state.proofs, "a", ["ask"])
    for name in ("a", "b"):
        with pytest.raises(NotFound, match="keys list"):
            revoke_key(state.proofs, name)


def test_what_is_revoked_in_another_process_stops_within_five_seconds(state, tmp_path):
    _, secret = add_key(state.proofs, "a", ["ask"], ["编辑部"])
    bearer = Sessions(state.proofs, 10).begin(WANG, "portal").bearer
    book = StateRegister(state.proofs, readable)
    by_key, by_session = book.of_key(secret), book.of_session(bearer)
    assert by_key
    assert by_session
    assert book.still_stands(by_key)
    assert book.still_stands(by_session)
    with closing(State.of(tmp_path)) as elsewhere:
        revoke_key(elsewhere.proofs, "a")
        revoke_sessions(elsewhere.proofs, [], ["王小明"])
    began = time.monotonic()
    while book.of_key(secret) or book.of_session(bearer) or book.still_stands(by_key) or book.still_stands(by_session):
        assert time.monotonic() - began < 5
        time.sleep(0.1)


def test_a_revocation_outlasts_a_power_cut(state, tmp_path):
    """It stands in the database's file itself, which is synced, not only in the log beside it."""
    add_key(state.proofs, "a", ["ask"])
    Sessions(state.proofs, 10).begin(WANG, "portal")
    revoke_key(state.proofs, "a")
    revoke_sessions(state.proofs, [WANG.subject], [])
    alone = shutil.copy(tmp_path / "state" / FILE, tmp_path / "alone.sqlite")
    with closing(sqlite3.connect(alone)) as db:
        assert db.execute("SELECT count(*) FROM api_keys WHERE revoked IS NULL").fetchone() == (0,)
        assert db.execute("SELECT count(*) FROM sign_ins WHERE ended IS NULL").fetchone() == (0,)


def test_the_state_is_asked_once_in_two_seconds_and_a_key_noted_as_used_once_a_minute(state, monkeypatch):
    _, secret = add_key(state.proofs, "a", ["ask"])
    now = [1_000.0]
    book = StateRegister(state.proofs, readable, lambda: now[0])
    asked, noted = [], []
    key, use = state.proofs.key, state.proofs.use_key
    monkeypatch.setattr(state.proofs, "key", lambda **by: asked.append(now[0]) or key(**by))
    monkeypatch.setattr(state.proofs, "use_key", lambda one: noted.append(now[0]) or use(one))
    for _ in range(700):
        assert book.of_key(secret)
        now[0] += 0.1
    assert 30 <= len(asked) <= 40
    assert len(noted) == 2
    assert state.proofs.keys()[0].used


def test_guesses_take_no_memory_and_push_nobody_out(state):
    _, secret = add_key(state.proofs, "a", ["ask"])
    book = StateRegister(state.proofs, readable, lambda: 1_000.0)
    assert book.of_key(secret)
    for _ in range(200):
        assert book.of_key(new_secret(KEY)) is None
    assert list(book._known) == [hash_of(secret)]


def test_known_visitors_are_bounded(state, monkeypatch):
    monkeypatch.setattr(register, "MOST", 3)
    book = StateRegister(state.proofs, readable)
    for n in range(8):
        assert book.of_key(add_key(state.proofs, f"k{n}", ["ask"])[1])
    assert len(book._known) == len(book._noted) == 3


def test_a_near_miss_takes_as_long_as_any_other_guess(state):
    """A key is looked up by its hash, so no comparison stops at the first letter that is wrong."""
    _, secret = add_key(state.proofs, "a", ["ask"])
    book = StateRegister(state.proofs, readable)
    near, far = [], []
    for n in range(300):
        last = "AB"[secret[-2] == "A"]
        for guess, took in ((f"{secret[:-2]}{last}{'AEIM'[n % 4]}", near), (new_secret(KEY), far)):
            began = time.perf_counter()
            assert book.of_key(guess) is None
            took.append(time.perf_counter() - began)
    assert 0.5 < statistics.median(near) / statistics.median(far) < 2


# --- sessions ---


def test_a_session_is_kept_as_a_hash_and_says_who_it_is(state, tmp_path):
    opened = Sessions(state.proofs, 10).begin(WANG, "oidc")
    assert is_secret(opened.bearer, SESSION)
    assert opened.bearer[4:].encode() not in kept(tmp_path)
    visitor = StateRegister(state.proofs, readable).of_session(opened.bearer)
    proof = f"session:{opened.who.id}"
    assert visitor == Visitor(WANG.subject, "王小明", WANG.groups, PAPERS, frozenset({"ask", "search"}), "oidc", proof)


def test_a_session_is_over_when_its_time_is_up_and_forgotten_later(tmp_path):
    now = [1_800_000_000.0]
    proofs = Proofs(Database.of(tmp_path, ""), lambda: now[0])
    sessions = Sessions(proofs, 1, lambda: now[0])
    book = StateRegister(proofs, readable, lambda: now[0])
    bearer = sessions.begin(WANG, "portal", once=OneTime("t" * 64, int(now[0]) + 30)).bearer
    now[0] += 59
    visitor = book.of_session(bearer)
    assert visitor
    assert sessions.find(bearer)
    now[0] += 1.01
    assert book.of_session(bearer) is None, "although it was looked up a second ago"
    assert not book.still_stands(visitor)
    assert (sessions.find(bearer), proofs.sign_ins()) == (None, [])
    now[0] += KEPT + 1
    sessions.begin(LI, "portal", once=OneTime("t" * 64, int(now[0]) + 30))
    with closing(sqlite3.connect(tmp_path / "state" / FILE)) as db:
        assert db.execute("SELECT name FROM sign_ins").fetchall() == [("李红",)]
        assert db.execute("SELECT count(*) FROM used_tokens").fetchone() == (1,)
    with pytest.raises(UsedUp):
        sessions.begin(LI, "portal", once=OneTime("t" * 64, int(now[0]) + 30))


def test_a_token_counts_once_though_another_process_has_a_fast_clock(tmp_path):
    now = 1_800_000_000.0
    here = Sessions(Proofs(Database.of(tmp_path, ""), lambda: now), 1, lambda: now)
    ahead = Sessions(Proofs(Database.of(tmp_path, ""), lambda: now + 600), 1, lambda: now + 600)
    once = OneTime("t" * 64, int(now) + 330)
    here.begin(WANG, "portal", once=once)
    ahead.begin(LI, "portal", once=OneTime("u" * 64, int(now) + 930))  # which clears away what is over
    with pytest.raises(UsedUp):
        here.begin(WANG, "portal", once=once)


def test_another_person_in_the_same_browser_ends_the_session_before(state, lines):
    sessions = Sessions(state.proofs, 10)
    first = sessions.begin(WANG, "portal")
    same = sessions.begin(WANG, "portal", instead_of=first.bearer)
    assert sessions.find(first.bearer), "the same person again: what is open goes on"
    other = sessions.begin(LI, "portal", instead_of=same.bearer)
    assert sessions.find(same.bearer) is None
    assert sessions.find(other.bearer)
    assert sessions.find(first.bearer)
    assert [(line["event"], line["name"]) for line in lines()] == [("session.ended", "王小明")]
    for wrong in ("", "wbs_", "x" * 10**5, new_secret(SESSION), other.bearer[:-1]):
        sessions.begin(WANG, "portal", instead_of=wrong)
    assert sessions.find(other.bearer)


def test_a_group_that_was_withdrawn_ends_every_session_that_still_had_it(state):
    sessions = Sessions(state.proofs, 10)
    book = StateRegister(state.proofs, readable)
    desk, phone = sessions.begin(WANG, "portal").bearer, sessions.begin(WANG, "portal").bearer
    visitor = book.of_session(desk)
    assert visitor
    assert visitor.papers == PAPERS
    fresh = sessions.begin(Person(WANG.subject, WANG.name, frozenset()), "portal").bearer
    assert [sessions.find(one) for one in (desk, phone)] == [None, None]
    later = StateRegister(state.proofs, readable)
    assert not later.still_stands(visitor)
    now = later.of_session(fresh)
    assert now
    assert now.papers == NOTHING


def test_a_visitor_whose_papers_became_others_does_not_stand_any_more(state):
    _, secret = add_key(state.proofs, "a", ["ask"])
    papers, now = [EVERYTHING], [1_000.0]
    book = StateRegister(state.proofs, lambda groups, signed_in: papers[0], lambda: now[0])
    visitor = book.of_key(secret)
    assert visitor
    assert book.still_stands(visitor)
    papers[0] = PAPERS
    now[0] += register.FRESH
    assert not book.still_stands(visitor)
    assert book.still_stands(NOBODY), "who came with no proof has none to lose"


def test_signing_out_ends_this_session_alone(state, lines):
    sessions = Sessions(state.proofs, 10)
    one, two = sessions.begin(WANG, "portal"), sessions.begin(WANG, "portal")
    for bearer in (one.bearer, one.bearer, "", "wbs_nonsense", new_secret(SESSION)):
        sessions.end(bearer, "192.0.2.7", "/embed/session")
    assert (sessions.find(one.bearer), sessions.find(two.bearer)) == (None, two.who)
    (line,) = lines()
    assert (line["event"], line["peer"], line["proof"]) == ("signout", "192.0.2.7", f"session:{one.who.id[:8]}")


# --- cookies ---


def test_cookies_have_what_the_contract_says():
    assert set_cookie(PORTAL, "b", "/news", 60) == (
        "__Secure-wenbao_portal=b; Path=/news; Max-Age=60; HttpOnly; Secure; SameSite=None; Partitioned"
    )
    assert (
        set_cookie(LOGIN, "b", "", 60) == "__Secure-wenbao_login=b; Path=/; Max-Age=60; HttpOnly; Secure; SameSite=Lax"
    )
    assert drop_cookie(PLAIN_LOGIN, "") == "wenbao_login=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"


@pytest.mark.parametrize(
    ("header", "value"),
    [
        (f"{PORTAL}=a", "a"),
        (f"x=1;{PORTAL}=a; y={PORTAL}=b", "a"),
        (f"{PORTAL}=a; {PORTAL}=a", "a"),
        (f"{PORTAL}=a; {PORTAL}=planted", ""),
        (f"x{PORTAL}=a", ""),
        ("", ""),
        (f"{PORTAL}", ""),
        (";;=;", ""),
    ],
)
def test_a_cookie_that_somebody_planted_beside_the_real_one_makes_both_nothing(header, value):
    assert cookie_of([header], PORTAL) == value


# --- /embed/session ---


def settings(tmp_path: Path, **more: object) -> Settings:
    given = {"portal_issuer": ISSUER, "portal_secret": SECRET, "portal_audience": AUDIENCE} | more
    return Settings(_env_file=None, data=tmp_path, **given)


def token(**more: object) -> str:
    now = int(time.time())
    return hs(claims(**({"iat": now, "nbf": now, "exp": now + 60} | more)))


@pytest.fixture
def opened(state, tmp_path):
    return configured.open_identity(settings(tmp_path, prefix="/news"), state, readable)


@pytest.fixture
def client(opened):
    with TestClient(Starlette(routes=opened.routes()), "https://bot.example", client=("192.0.2.7", 5)) as client:
        client.cookies.jar = _NoJar()
        yield client


class _NoJar(type(TestClient(Starlette()).cookies.jar)):  # type: ignore[misc]
    """Keeps nothing: each request says for itself what it brings."""

    def extract_cookies(self, *_: object) -> None:
        pass


def bearer(value: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {value}"}


def test_a_token_becomes_a_session_by_cookie_and_by_bearer(client, opened, lines):
    answer = client.post("/embed/session", headers=bearer(token()))
    said = answer.json()
    assert (answer.status_code, list(said), said["name"]) == (200, ["session", "until", "name"], "王小明")
    assert abs(said["until"] - time.time() - 480 * 60) < 60
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["set-cookie"] == set_cookie(PORTAL, said["session"], "/news", 480 * 60)
    visitor = opened.register.of_session(said["session"])
    assert visitor
    assert (visitor.via, visitor.groups, visitor.papers) == ("portal", {"编辑部"}, PAPERS)
    for proof in (bearer(said["session"]), {"Cookie": f"a=b; {PORTAL}={said['session']}"}):
        told = client.get("/embed/session", headers=proof)
        assert (told.status_code, told.json()) == (200, {"until": said["until"], "name": "王小明"})
        assert told.headers["cache-control"] == "no-store"
    (line,) = lines()
    assert {k: line[k] for k in ("event", "outcome", "via", "name", "peer", "path")} == {
        "event": "signin.ok", "outcome": "ok", "via": "portal", "name": "王小明", "peer": "192.0.2.7",
        "path": "/embed/session",
    }  # fmt: skip
    assert said["session"] not in json.dumps(lines())


def test_over_plain_http_there_is_no_cookie(opened):
    with TestClient(Starlette(routes=opened.routes()), "http://127.0.0.1") as client:
        answer = client.post("/embed/session", headers=bearer(token()))
        assert answer.status_code == 200
        assert "set-cookie" not in answer.headers
        gone = client.delete("/embed/session", headers=bearer(answer.json()["session"]))
        assert (gone.status_code, "set-cookie" in gone.headers) == (204, False)


def test_whatever_is_wrong_with_a_token_the_outside_hears_the_same(client, lines):
    good = token(jti="once")
    assert client.post("/embed/session", headers=bearer(good)).status_code == 200
    wrong = [
        bearer(good),
        bearer(token(exp=1)),
        bearer(token(iss="https://evil.example")),
        bearer(token(aud="another")),
        bearer(token(groups="编辑部")),
        bearer(token(sub=None)),
        bearer(token()[:-3]),
        bearer("x" * 20_000),
        bearer("wbs_" + "A" * 43),
        bearer(""),
        {"Authorization": f"Basic {token()}"},
        {"Authorization": token()},
        {},
        [("Authorization", f"Bearer {token(jti='a')}"), ("Authorization", f"Bearer {token(jti='b')}")],
    ]
    answers = [client.post("/embed/session", headers=one) for one in wrong]
    assert {(a.status_code, a.text, str(sorted(a.headers.items()))) for a in answers} == {
        (401, answers[0].text, str(sorted(answers[0].headers.items())))
    }
    assert answers[0].json()["error"]["code"] == "unauthorized"
    assert answers[0].headers["cache-control"] == "no-store"
    assert "set-cookie" not in answers[0].headers
    told = lines()
    assert [line["event"] for line in told] == ["signin.ok"] + ["signin.refused"] * len(wrong)
    assert len({line["reason"] for line in told[1:]}) > 6, "the audit knows what was wrong"
    assert all(part not in json.dumps(told) for one in (good, SECRET) for part in one.split("."))


def test_a_token_stands_nowhere_but_in_the_header(client):
    for answer in (
        client.post(f"/embed/session?token={token()}", headers={}),
        client.post("/embed/session", json={"token": token()}),
        client.post("/embed/session", headers={"Cookie": f"{PORTAL}={token()}"}),
        client.get("/embed/session", headers=bearer(token())),
    ):
        assert answer.status_code == 401
    for method in ("PUT", "PATCH"):
        assert client.request(method, "/embed/session").status_code == 405


def test_without_a_session_nobody_is_signed_in(client):
    for proof in ({}, bearer("wbs_x"), bearer(new_secret(SESSION)), {"Cookie": f"{PORTAL}={new_secret(SESSION)}"}):
        assert client.get("/embed/session", headers=proof).status_code == 401
        assert client.delete("/embed/session", headers=proof).status_code == 204


@pytest.mark.parametrize("way", ["cookie", "bearer"])
def test_user_b_on_as_browser_drops_as_session(client, way):
    first = client.post("/embed/session", headers=bearer(token(jti="a"))).json()["session"]
    old = {"Cookie": f"{PORTAL}={first}"} if way == "cookie" else {INSTEAD: first}
    second = client.post("/embed/session", headers=bearer(token(jti="b", sub="li", name="李红")) | old).json()
    assert second["name"] == "李红"
    assert client.get("/embed/session", headers=bearer(first)).status_code == 401
    assert client.get("/embed/session", headers=bearer(second["session"])).json()["name"] == "李红"


def test_signing_out_takes_session_and_cookie_back(client, lines):
    said = client.post("/embed/session", headers=bearer(token())).json()
    gone = client.delete("/embed/session", headers={"Cookie": f"{PORTAL}={said['session']}"})
    assert (gone.status_code, gone.content) == (204, b"")
    assert gone.headers["set-cookie"] == drop_cookie(PORTAL, "/news")
    assert client.get("/embed/session", headers=bearer(said["session"])).status_code == 401
    assert [line["event"] for line in lines()] == ["signin.ok", "signout"]


def test_a_token_brought_by_many_at_once_lets_one_in(client):
    one, got = token(jti="race"), []
    barrier = threading.Barrier(6)

    def enter() -> None:
        barrier.wait()
        got.append(client.post("/embed/session", headers=bearer(one)).status_code)

    crowd = [threading.Thread(target=enter) for _ in range(6)]
    for each in crowd:
        each.start()
    for each in crowd:
        each.join()
    assert sorted(got) == [200] + [401] * 5


def test_without_a_portal_nobody_comes_in_by_a_token(state, tmp_path):
    none = configured.open_identity(settings(tmp_path, portal_issuer="", portal_secret=""), state, readable)
    with TestClient(Starlette(routes=none.routes()), "https://bot.example") as client:
        assert client.post("/embed/session", headers=bearer(token())).status_code == 401


def test_the_portals_code_in_the_readme_makes_such_tokens(client):
    (code,) = (code for code in fences(README["en"], "python") if "import jwt" in code)
    portals: dict = {}
    exec(code, portals)
    for _ in range(2):
        made = portals["token_for"]("wang", "王小明", ["编辑部"], SECRET)
        assert client.post("/embed/session", headers=bearer(made)).json()["name"] == "王小明"


# --- a state that cannot be used ---


@pytest.fixture
def broken(tmp_path):
    """A state whose folder is a file."""
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "state").write_text("no folder")
    with closing(State.of(tmp_path / "bad")) as state:
        yield state


def test_a_state_that_cannot_be_used_lets_nobody_in_and_says_so_in_one_line(broken, tmp_path, caplog, lines):
    opened = configured.open_identity(settings(tmp_path), broken, readable)
    for _ in range(3):
        assert opened.register.of_key(new_secret(KEY)) is None
        assert opened.register.of_session(new_secret(SESSION)) is None
    assert not opened.register.still_stands(Visitor(proof="key:1", via="key"))
    assert [r.getMessage().count("\n") for r in caplog.records if r.name == "wenbao.identity"] == [0]
    with TestClient(Starlette(routes=opened.routes()), "https://bot.example") as client:
        answer = client.post("/embed/session", headers=bearer(token()))
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "unavailable")
        assert "retry-after" in answer.headers
        assert str(tmp_path) not in answer.text
        assert client.get("/embed/session", headers=bearer(new_secret(SESSION))).status_code == 503
    assert [line["reason"] for line in lines()] == ["the state cannot be used"]


def test_a_state_that_breaks_in_between_ends_what_was_open_within_seconds(tmp_path):
    now = [1_000.0]
    with closing(State.of(tmp_path)) as state:
        _, secret = add_key(state.proofs, "a", ["ask"])
        book = StateRegister(state.proofs, readable, lambda: now[0])
        visitor = book.of_key(secret)
        assert visitor
        assert book.still_stands(visitor)
        state.close()
        for file in (tmp_path / "state").iterdir():
            file.write_bytes(b"no database" * 1_000)
        now[0] += register.FRESH
        assert book.of_key(secret) is None
        assert not book.still_stands(visitor)


def test_a_token_is_not_taken_where_it_cannot_be_remembered(state, tmp_path, opened):
    """A database that can be read and not written: a token could be used again and again."""
    assert state.proofs.keys() == []
    event.listen(state._database._engine, "checkout", lambda c, *_: c.execute("PRAGMA query_only = ON").close())
    assert state.proofs.sign_ins() == []
    with TestClient(Starlette(routes=opened.routes()), "https://bot.example") as client:
        assert client.post("/embed/session", headers=bearer(token())).status_code == 503


def test_whether_anybody_can_prove_who_they_are(state, broken, tmp_path):
    bare = settings(tmp_path, portal_issuer="", portal_secret="")
    assert configured.identity_configured(bare, state) is False
    add_key(state.proofs, "a", ["ask"])
    assert configured.identity_configured(bare, state) is True
    revoke_key(state.proofs, "a")
    assert configured.identity_configured(bare, state) is False
    assert configured.identity_configured(bare, broken) is None
    assert configured.identity_configured(settings(tmp_path), broken) is True
    assert configured.identity_configured(bare.model_copy(update={"oidc_issuer": "https://id.example"}), state) is True


def test_half_a_portal_is_refused_at_start(state, tmp_path):
    with pytest.raises(BadSetting, match="WENBAO_PORTAL_ISSUER"):
        configured.open_identity(settings(tmp_path, portal_issuer=""), state, readable)


# --- a state of an earlier WenBao ---


@pytest.fixture
def schema_1(tmp_path):
    """A state with a conversation in it, as the WenBao before this one left it."""
    with closing(State.of(tmp_path)) as state:
        state.keep(ANN, "", an_answer("旧问题？"))
    with closing(sqlite3.connect(tmp_path / "state" / FILE)) as db, db:
        for table in ("api_keys", "sign_ins", "used_tokens"):
            db.execute(f"DROP TABLE {table}")
        db.execute("UPDATE wenbao_meta SET value = '1'")
    return tmp_path, ANN


def test_a_state_of_schema_1_becomes_one_of_schema_2_and_keeps_all_it_has(schema_1):
    root, owner = schema_1
    with closing(State.of(root)) as state:
        assert [one.title for one in state.conversations(owner)] == ["旧问题？"]
        _, secret = add_key(state.proofs, "a", ["ask"])
        assert StateRegister(state.proofs, readable).of_key(secret)
    with closing(sqlite3.connect(root / "state" / FILE)) as db:
        assert db.execute("SELECT value FROM wenbao_meta WHERE key = 'schema'").fetchall() == [(str(SCHEMA),)]
        indexes = {row[0] for row in db.execute("SELECT tbl_name FROM sqlite_master WHERE type = 'index'")}
    assert {"api_keys", "sign_ins", "used_tokens"} <= indexes
    with closing(State.of(root)) as state:
        assert state.proofs.any_key()


def test_a_state_of_a_later_schema_is_left_as_it_is(schema_1):
    root, owner = schema_1
    with closing(sqlite3.connect(root / "state" / FILE)) as db, db:
        db.execute("UPDATE wenbao_meta SET value = '3'")
    with pytest.raises(StateBroken, match="schema 3"):
        State.of(root).conversations(owner)
    with closing(sqlite3.connect(root / "state" / FILE)) as db:
        tables = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert "api_keys" not in tables


# --- the audit ---


def test_a_line_of_the_audit_cannot_be_broken_or_hidden_by_a_name_or_path(lines, caplog):
    evil = 'x\n{"event": "signin.ok"}\r\x1b[2K\u2028\u2029\x85\u202e\x00\ud800"' + "y" * 10_000
    audit.refused(
        evil, peer=evil, path=evil + "?secret=1", visitor=Visitor(name=evil, proof="key:" + "0" * 32, via="key")
    )
    (record,) = [r for r in caplog.records if r.name == "wenbao.audit"]
    text = record.getMessage()
    assert text.isprintable()
    assert text.isascii()
    assert len(text) < 5_000
    (line,) = lines()
    assert (line["event"], line["outcome"], line["proof"]) == ("access.refused", "refused", "key:00000000")
    assert line["name"].startswith('x\n{"event": "signin.ok"}\r')


def test_a_path_is_told_without_what_was_asked(lines):
    audit.refused("unknown key", peer="192.0.2.1", path="/api/ask?q=秘密")
    (line,) = lines()
    assert (line["path"], line["peer"], line["reason"]) == ("/api/ask", "192.0.2.1", "unknown key")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", line["time"])


def test_the_audit_goes_to_stderr_unless_it_was_led_elsewhere():
    code = (
        "import logging, sys\nfrom bot.identity import audit\n"
        "if len(sys.argv) > 1: logging.basicConfig(filename=sys.argv[1], format='%(message)s')\n"
        "audit.to_stderr(); audit.to_stderr(); audit.refused('foreign origin', path='/config')"
    )
    repo = Path(__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", code], cwd=repo, capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr.count("\n")) == ("", 1)
    assert json.loads(done.stderr)["event"] == "access.refused"


# --- commands ---


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("WENBAO_DATA", str(tmp_path))

    def call(*words: str):
        return CliRunner().invoke(cli, words, catch_exceptions=False)

    return call


def test_keys_are_added_listed_and_revoked_from_the_shell(run, state, lines):
    made = run("keys", "add", "门户", "--scope", "ask", "--scope", "search", "--group", "编辑部")
    secret = made.stdout.strip()
    assert made.exit_code == 0
    assert is_secret(secret, KEY)
    record = json.loads(run("keys", "add", "收件", "--scope", "inbox", "--json").stdout)
    assert list(record) == ["key", "name", "id", "scopes", "groups", "created", "used", "revoked"]
    book = StateRegister(state.proofs, readable)
    first, second = book.of_key(secret), book.of_key(record["key"])
    assert first
    assert second
    assert (first.scopes, first.papers, second.scopes) == ({"ask", "search"}, PAPERS, {"inbox"})
    assert run("keys", "revoke", "收件").exit_code == 0
    listed = run("keys", "list").stdout
    assert listed.count("\n") == 2
    assert listed.count("revoked") == 1
    rows = [json.loads(line) for line in run("keys", "list", "--json").stdout.splitlines()]
    assert {(row["name"], row["revoked"] is None, row["used"] is None) for row in rows} == {
        ("门户", True, False),
        ("收件", False, False),
    }
    assert secret not in listed + json.dumps(rows)
    assert hash_of(secret) not in listed + json.dumps(rows)
    assert [(line["event"], line["name"]) for line in lines()] == [
        ("key.added", "门户"), ("key.added", "收件"), ("key.revoked", "收件"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "words",
    [
        ("keys", "add", "a"),
        ("keys", "add", "a", "--scope", "everything"),
        ("keys", "revoke", "nobody"),
        ("sessions", "revoke"),
    ],
)
def test_a_mistake_at_the_shell_is_one_line_and_exit_status_2(run, words):
    done = run(*words)
    assert done.exit_code == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1


def test_sessions_are_listed_and_ended_from_the_shell(run, state):
    sessions = Sessions(state.proofs, 10)
    wang, li = sessions.begin(WANG, "portal"), sessions.begin(LI, "oidc")
    third = sessions.begin(Person("3" * 64, "王小明", frozenset()), "portal")
    rows = [json.loads(line) for line in run("sessions", "list", "--json").stdout.splitlines()]
    assert sorted(row["name"] for row in rows) == ["李红", "王小明", "王小明"]
    assert list(rows[0]) == ["name", "subject", "id", "via", "groups", "created", "until"]
    assert wang.bearer not in run("sessions", "list").stdout
    assert "1 sessions" in run("sessions", "revoke", "--subject", WANG.subject).stderr
    assert [sessions.find(one.bearer) for one in (wang, li, third)] == [None, li.who, third.who]
    assert "2 sessions" in run("sessions", "revoke", "--name", "王小明", "--name", "李红").stderr
    assert run("sessions", "list").stdout == ""


def test_a_state_that_cannot_be_used_is_one_line_at_the_shell(run, tmp_path):
    (tmp_path / "state").write_text("no folder")
    for words in (("keys", "list"), ("keys", "add", "a", "--scope", "ask"), ("sessions", "list")):
        done = run(*words)
        assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (2, "", 1)
