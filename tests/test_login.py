"""Signing in at an OpenID Connect provider: whoever it vouches for gets a session of their own, and nobody else does.

The provider is a real one, in a thread on loopback (tests/oidc_provider.py).
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from bot.identity.cookies import PLAIN_LOGIN as COOKIE
from bot.identity.discovery import AGAIN, KEPT, Discovery, Unreachable
from bot.identity.idtoken import Expected, id_token_claims
from bot.identity.login import MOST_STEPS, STEP_COOKIE, login_routes
from bot.identity.oidc import Begun, Party, read_party
from bot.identity.onward import onward_of, sign_in_address
from bot.identity.sessions import Sessions, subject_of
from bot.identity.tokens import TokenRefused, read_jwks
from bot.identity.transactions import SECONDS, Transaction, Transactions
from bot.look import Look
from bot.state import State
from bot.web.render import Pages
from ingest.errors import BadSetting
from tests.oidc_provider import CLIENT, SECRET, OidcProvider, oidc_provider
from tests.pace import slowness
from tests.serving import free_port

PAGES = Pages(Look())
HOME = "http://127.0.0.1:7860"
AT_HOME = httpx2.Client()  # the browser's other tab, at the provider
PAGE = {"accept": "text/html", "accept-language": "zh", "sec-fetch-mode": "navigate"}


@pytest.fixture
def provider() -> Iterator[OidcProvider]:
    with oidc_provider() as provider:
        yield provider


@pytest.fixture(scope="module")
def sessions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sessions]:
    state = State.of(tmp_path_factory.mktemp("login") / "kept")
    yield Sessions(state.proofs, minutes=480)
    state.close()


class Clock:
    """The time, which a test may move."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


@dataclass
class House:
    """Our side, and one browser in front of it."""

    provider: OidcProvider
    sessions: Sessions
    app: Starlette
    browser: TestClient
    clock: Clock
    root: str = ""

    def begin(self, onward: str = "", **headers: str) -> dict[str, str]:
        """Click on sign in; what the provider is then asked."""
        path = f"{self.root}/login"
        reply = self.browser.get(f"{path}?next={quote(onward)}" if onward else path, headers=headers)
        assert reply.status_code == 303, reply.text
        return {name: values[0] for name, values in parse_qs(urlsplit(reply.headers["location"]).query).items()}

    def at_provider(self, asked: dict[str, str], user: str = "lin", **fields: str) -> str:
        """Fill in the provider's form; the address that it sends the browser back to."""
        form = asked | {"user": user, "password": self.provider.accounts[user].password} | fields
        reply = AT_HOME.post(f"{self.provider.issuer}/authorize", data=form)
        assert reply.status_code == 302, reply.text
        return reply.headers["location"]

    def back(self, address: str, browser: TestClient | None = None):
        """Come back from the provider."""
        parts = urlsplit(address)
        return (browser or self.browser).get(f"{parts.path}?{parts.query}", headers=PAGE)

    def sign_in(self, onward: str = "", user: str = "lin", **fields: str):
        return self.back(self.at_provider(self.begin(onward), user, **fields))

    def who(self):
        """Whose session this browser has."""
        return self.sessions.find(self.browser.cookies.get(COOKIE, ""))

    def another_browser(self) -> TestClient:
        return TestClient(self.app, str(self.browser.base_url), follow_redirects=False)


def house_of(
    provider: OidcProvider, sessions: Sessions, url: str = "http://127.0.0.1:7860", *, root="", seconds=8.0
) -> House:
    party = Party(provider.issuer, CLIENT, provider.secret)
    clock = Clock()
    routes = login_routes(party, sessions, PAGES, seconds, clock)
    app = Starlette(routes=[*routes])
    browser = TestClient(app, url, root_path=root, follow_redirects=False, headers={"accept-language": "zh"})
    return House(provider, sessions, app, browser, clock, root)


@pytest.fixture
def house(provider: OidcProvider, sessions: Sessions) -> House:
    return house_of(provider, sessions)


@pytest.fixture
def audited(caplog: pytest.LogCaptureFixture):
    """The audit's lines until now."""
    caplog.set_level(logging.INFO, logger="wenbao.audit")
    return lambda: [json.loads(r.getMessage()) for r in caplog.records if r.name == "wenbao.audit"]


# The way in


def test_whoever_the_provider_vouches_for_is_signed_in_and_sees_the_page_that_was_asked_for(house, audited):
    reply = house.sign_in("/archive/2023-05-12")
    assert (reply.status_code, reply.headers["location"]) == (303, "../archive/2023-05-12")
    who = house.who()
    assert (who.name, who.groups, who.via) == ("林一鸣", {"editors", "archive"}, "oidc")
    assert who.subject == subject_of(house.provider.issuer, "248289761001")
    assert [(line["event"], line["via"], line["name"]) for line in audited()] == [("signin.ok", "oidc", "林一鸣")]


def test_nothing_is_asked_of_the_provider_before_somebody_signs_in(house):
    assert house.provider.asked == []
    house.begin()
    assert house.provider.asked == ["/.well-known/openid-configuration"]


def test_the_provider_is_told_no_more_than_it_must(house):
    asked = house.begin("/article/a1?version=2")
    assert asked.pop("kept") == "1", "what the provider's own address says stays"
    assert asked.pop("redirect_uri") == "http://127.0.0.1:7860/login/callback"
    assert (asked.pop("client_id"), asked.pop("response_type"), asked.pop("scope")) == (
        CLIENT, "code", "openid profile groups",
    )  # fmt: skip
    assert asked.pop("code_challenge_method") == "S256"
    assert all(len(asked.pop(name)) >= 43 for name in ("state", "nonce", "code_challenge"))
    assert asked == {}


def test_addresses_and_keys_are_fetched_once_for_many_sign_ins(house):
    for _ in range(3):
        assert house.sign_in().status_code == 303
    assert sorted(set(house.provider.asked)) == [
        *sorted(["/.well-known/openid-configuration", "/authorize", "/jwks", "/token"])
    ]
    assert [house.provider.asked.count(path) for path in ("/.well-known/openid-configuration", "/jwks")] == [1, 1]


@pytest.mark.parametrize("methods", [("client_secret_basic",), ("client_secret_post",)])
def test_we_say_who_we_are_in_the_way_that_the_provider_takes(sessions, methods):
    with oidc_provider(auth_methods=methods) as provider:
        assert house_of(provider, sessions).sign_in().status_code == 303


def test_a_client_without_a_secret_signs_people_in_by_pkce_alone(sessions):
    with oidc_provider(secret="", auth_methods=("none",)) as provider:
        assert house_of(provider, sessions).sign_in().status_code == 303


@pytest.mark.parametrize("kind", ["RSA", "EC"])
def test_a_provider_may_change_its_keys(house, kind):
    house.sign_in()
    house.provider.rotate(kind)
    time.sleep(0)
    again = house_of(house.provider, house.sessions)
    assert again.sign_in().status_code == 303
    assert again.who().name == "林一鸣"


def test_a_key_that_is_not_known_yet_is_looked_for_but_not_at_every_token(provider):
    clock = Clock()

    async def try_it() -> list[int]:
        known, counts = Discovery(provider.issuer, clock=clock), []
        await known.keys()
        provider.rotate()
        for ahead in (0.0, AGAIN + 1, AGAIN + 1, AGAIN + 1.5, 2 * AGAIN + 2, 2 * KEPT):
            clock.ahead = ahead
            await known.keys(newer=True)
            counts.append(provider.asked.count("/jwks"))
        return counts

    assert asyncio.run(try_it()) == [1, 2, 2, 2, 3, 4]


@pytest.mark.parametrize(
    ("claims", "groups", "name"),
    [({"groups": "editors"}, {"editors"}, "林一鸣"), ({"groups": None}, set(), "林一鸣"),
     ({"groups": []}, set(), "林一鸣"), ({"groups": ["a", "", "x" * 300]}, {"a"}, "林一鸣"),
     ({"name": None, "preferred_username": "lin"}, {"editors", "archive"}, "lin"),
     ({"name": " 林\n一鸣\u202e ", "groups": ["编辑部"]}, {"编辑部"}, "林 一鸣"),
     ({"name": 7}, {"editors", "archive"}, "")],
)  # fmt: skip
def test_groups_and_name_are_read_as_providers_write_them(house, claims, groups, name):
    house.provider.claims = claims
    assert house.sign_in().status_code == 303
    assert (house.who().groups, house.who().name) == (groups, name)


@pytest.mark.parametrize(
    ("claims", "userinfo", "groups"),
    [({"groups": None}, {"groups": ["editors"]}, {"editors"}), ({"groups": None}, {"groups": "readers"}, {"readers"}),
     ({"groups": None}, {"name": "周小满"}, set()), ({"groups": None}, "e30.e30.c2ln", set()),
     ({"groups": []}, {"groups": ["editors"]}, set()),
     ({}, {"groups": ["leaders"]}, {"editors", "archive"})],
)  # fmt: skip
def test_groups_that_the_id_token_is_silent_about_are_asked_for(house, claims, userinfo, groups):
    house.provider.claims, house.provider.userinfo = claims, userinfo
    assert house.sign_in().status_code == 303
    assert (house.who().groups, house.who().name) == (groups, "林一鸣")
    assert house.provider.asked.count("/userinfo") == ("groups" in claims and claims["groups"] is None)


def test_groups_of_somebody_else_are_nobodys(house, audited):
    house.provider.claims, house.provider.userinfo = {"groups": None}, {"sub": "99", "groups": ["leaders"]}
    assert house.sign_in().status_code == 403
    assert house.who() is None
    assert audited()[-1]["reason"] == "its userinfo is about somebody else"


@pytest.mark.parametrize("path", ["", "/nothing"])
def test_where_nothing_more_is_told_of_somebody_they_are_in_no_group(sessions, path):
    with oidc_provider(claims={"groups": None}) as provider:
        provider.more_metadata = {"userinfo_endpoint": path and provider.issuer + path}
        house = house_of(provider, sessions)
        assert house.sign_in().status_code == 303
        assert house.who().groups == frozenset()


# Cookies, prefix, proxy


def test_cookies_are_for_this_browser_this_folder_and_nothing_else(provider, sessions):
    house = house_of(provider, sessions, "https://news.example.org", root="/news")
    asked = house.begin("/archive")
    assert asked["redirect_uri"] == "https://news.example.org/news/login/callback"
    reply = house.back(house.at_provider(asked))
    assert reply.headers["location"] == "../archive"
    step, session = sorted(reply.headers.get_list("set-cookie"), key=lambda line: "wenbao_login" in line)
    assert step.startswith(f"__Secure-{STEP_COOKIE}_")
    assert "Max-Age=0" in step
    assert session.startswith("__Secure-wenbao_login=wbs_")
    for line in (step, session):
        said = {part.strip().lower() for part in line.split(";")}
        assert {"httponly", "secure", "samesite=lax"} <= said
        assert said & {"path=/news", "path=/news/"}
        assert not any(part.startswith("domain") for part in said)
    assert "Max-Age=28800" in session
    assert reply.headers["cache-control"] == "no-store"


def test_over_plain_http_nobody_signs_in_but_on_this_machine(provider, sessions, caplog):
    reply = house_of(provider, sessions, "http://news.example.org").browser.get("/login")
    assert (reply.status_code, "https" in reply.text) == (503, True)
    assert "WENBAO_PROXIES" in caplog.text
    assert provider.asked == []
    assert house_of(provider, sessions, "http://localhost:7860").begin()


def test_what_the_browser_keeps_of_a_sign_in_can_be_neither_read_nor_made():
    clock = Clock()
    step = Transaction(Begun("state", "nonce", "verifier", "https://a.example/login/callback"), "/archive")
    ours, same, other = Transactions("s", clock), Transactions("s", clock), Transactions("t", clock)
    sealed = ours.seal(step)
    assert ours.open(sealed) == same.open(sealed) == step
    assert other.open(sealed) is None
    assert Transactions("", clock).open(Transactions("", clock).seal(step)) is None
    for wrong in ("", "x", sealed[:-1], sealed[:-2] + "AA", sealed.swapcase(), "é" * 40, "gAAAA"):
        assert ours.open(wrong) is None
    clock.ahead = SECONDS + 2
    assert ours.open(sealed) is None


def test_a_browser_keeps_a_few_sign_ins_under_way_and_two_tabs_do_not_mix_theirs_up(house):
    first, second = house.begin("/archive/2022"), house.begin("/archive/2023")
    assert house.back(house.at_provider(first)).headers["location"] == "../archive/2022"
    assert house.back(house.at_provider(second)).headers["location"] == "../archive/2023"
    for _ in range(3 * MOST_STEPS):
        house.begin()
    assert 0 < len([name for name in house.browser.cookies if name.startswith(STEP_COOKIE)]) <= MOST_STEPS


# Attacks on the way


def refused(reply, status: int, audited) -> str:
    """That nobody was signed in, that the page is a calm one, and the audit's reason."""
    assert reply.status_code == status, reply.text
    assert not [line for line in reply.headers.get_list("set-cookie") if COOKIE in line]
    assert "<h1>" in reply.text
    assert "Traceback" not in reply.text
    line = audited()[-1]
    assert (line["event"], line["outcome"], line["via"]) == ("signin.refused", "refused", "oidc")
    assert "?" not in line["path"]
    return line["reason"]


def test_nobody_is_signed_in_as_somebody_else_by_a_link(house, audited):
    """Login CSRF: the attacker's own sign-in, finished in another's browser."""
    address = house.at_provider(house.begin(), "zhou")
    reply = house.back(address, house.another_browser())
    assert refused(reply, 400, audited) == "no sign-in of this browser has this state"
    assert "重新登录" in reply.text


def test_a_code_from_another_browser_is_worth_nothing(house, audited):
    """The attacker's code with the victim's state, or the other way round; twice walled."""
    stolen = parse_qs(urlsplit(house.at_provider(house.begin(), "zhou")).query)["code"][0]
    victim = house_of(house.provider, house.sessions)
    mine = victim.begin()
    address = f"http://127.0.0.1:7860/login/callback?{urlencode({'state': mine['state'], 'code': stolen})}"
    assert "invalid_grant" in refused(victim.back(address), 403, audited)
    house.provider.wrong = "no look at PKCE"
    mine = victim.begin()
    address = f"http://127.0.0.1:7860/login/callback?{urlencode({'state': mine['state'], 'code': stolen})}"
    assert "nonce" in refused(victim.back(address), 403, audited)


def test_a_callback_counts_once(house, audited):
    asked = house.begin()
    address = house.at_provider(asked)
    kept = dict(house.browser.cookies)
    assert house.back(address).status_code == 303
    assert refused(house.back(address), 400, audited) == "no sign-in of this browser has this state"
    house.browser.cookies.clear()
    for name, value in kept.items():
        house.browser.cookies.set(name, value)
    assert "invalid_grant" in refused(house.back(address), 403, audited)


def test_a_callback_counts_once_even_where_the_provider_does_not_care(house, audited):
    address = house.at_provider(house.begin())
    kept = dict(house.browser.cookies)
    house.provider.wrong = "codes count twice"
    assert house.back(address).status_code == 303
    thief = house.another_browser()
    for name, value in kept.items():
        thief.cookies.set(name, value)
    assert refused(house.back(address, thief), 400, audited) == "this sign-in was used before"


def test_a_sign_in_that_was_left_lying_is_begun_anew(house, audited):
    address = house.at_provider(house.begin())
    house.clock.ahead = SECONDS + 2
    refused(house.back(address), 400, audited)


@pytest.mark.parametrize(
    "query", ["", "state=", "state=x&code=y", "code=y", "state=%00&code=%ff", "error=access_denied"]
)
def test_a_callback_that_nobody_began_is_refused(house, audited, query):
    house.begin()
    refused(house.back(f"http://127.0.0.1/login/callback?{query}"), 400, audited)


def test_who_cancels_is_not_signed_in_and_can_try_again(house, audited):
    reply = house.sign_in("/archive/2023?part=2", cancel="1")
    assert refused(reply, 403, audited) == "the provider says access_denied"
    assert 'href="../login?next=/archive/2023%3Fpart%3D2"' in reply.text
    english = house.browser.get("/login/callback?language=en&said=cancelled")
    assert (english.status_code, "Sign in again" in english.text) == (403, True)


@pytest.mark.parametrize(
    ("error", "status"),
    [("server_error", 503), ("temporarily_unavailable", 503), ("<script>\n", 403), ("x" * 999, 403)],
)
def test_what_a_provider_says_went_wrong_reaches_no_page(house, audited, error, status):
    state = house.begin()["state"]
    address = (
        f"http://127.0.0.1/login/callback?{urlencode({'state': state, 'error': error, 'error_description': '<b>!'})}"
    )
    reply = house.back(address)
    assert len(refused(reply, status, audited)) < 80
    assert "<b>" not in reply.text
    assert "x" * 20 not in reply.text


def test_a_code_of_another_provider_is_not_sent_to_ours(house, audited):
    """Mix-up: who gave the code says so (RFC 9207), and then it must be ours."""
    address = house.at_provider(house.begin())
    house.provider.asked.clear()
    assert "another provider" in refused(house.back(f"{address}&iss=https%3A%2F%2Fevil.example"), 403, audited)
    assert "/token" not in house.provider.asked
    house.provider.more_metadata = {"authorization_response_iss_parameter_supported": True}
    strict = house_of(house.provider, house.sessions)
    assert "another provider" in refused(strict.sign_in(), 403, audited)
    address = strict.at_provider(strict.begin())
    assert strict.back(f"{address}&iss={quote(house.provider.issuer)}").status_code == 303


@pytest.mark.parametrize(
    "wrong",
    ["alg none", "hs256 with the public key", "a stranger's key", "a key of its own", "a key from elsewhere", "rs384",
     "changed afterwards", "no id token"],
)  # fmt: skip
def test_an_id_token_that_is_not_signed_as_it_must_be_says_nothing(house, audited, wrong):
    house.provider.wrong = wrong
    reason = refused(house.sign_in(), 403, audited)
    assert "id token" in reason
    assert not {"/jwks-of-evil", "/evil"} & set(house.provider.asked), "no key is fetched from where a token says"


NOW = int(time.time())


@pytest.mark.parametrize(
    "claims",
    [{"iss": "https://evil.example"}, {"iss": None}, {"aud": "another"}, {"aud": None}, {"aud": []},
     {"aud": ["another", CLIENT], "azp": "another"}, {"aud": ["another", CLIENT]}, {"azp": "another"},
     {"exp": NOW - 3600}, {"exp": None}, {"exp": "soon"}, {"nbf": NOW + 3600}, {"iat": NOW + 3600}, {"iat": None},
     {"iat": NOW - 7200}, {"nonce": "another"}, {"nonce": None}, {"at_hash": "AAAA"}, {"at_hash": 5}, {"sub": None},
     {"sub": ""}, {"sub": ["248289761001"]}, {"sub": "x" * 256}, {"groups": {"editors": True}},
     {"groups": [["editors"]]}, {"groups": 7}, {"groups": [str(n) for n in range(501)]}],
    ids=lambda claims: next(iter(claims)),  # each process that collects the tests has a clock of its own
)  # fmt: skip
def test_an_id_token_that_says_something_else_says_nothing(house, audited, claims):
    house.provider.claims = claims
    refused(house.sign_in(), 403, audited)


@pytest.mark.parametrize("claims", [{"aud": [CLIENT]}, {"aud": ["another", CLIENT], "azp": CLIENT}])
def test_what_the_specification_lets_a_token_say_is_right(house, claims):
    house.provider.claims = claims
    assert house.sign_in().status_code == 303


@pytest.mark.parametrize(
    ("skew", "seconds", "right"), [(30, -20, True), (30, -40, False), (0, -3, False), (0, 60, True)]
)
def test_the_clocks_may_differ_by_as_much_as_is_set_and_no_more(provider, skew, seconds, right):
    provider.code("lin", {"redirect_uri": "", "nonce": "n"})
    provider.claims = {"exp": NOW + seconds, "iat": NOW - 100}
    token = provider.id_token(next(iter(provider.grants.values())), "access")
    expected = Expected(provider.issuer, CLIENT, "n", "access", skew)
    keys = listed(provider.keys[0].as_dict(private=False))
    if right:
        assert id_token_claims(token, keys, expected, lambda: NOW)["name"] == "林一鸣"
    else:
        with pytest.raises(TokenRefused, match="expired"):
            id_token_claims(token, keys, expected, lambda: NOW)


def listed(*keys: dict):
    return read_jwks(json.dumps({"keys": keys}))


def test_only_keys_that_the_provider_lists_for_signing_count(provider):
    provider.code("lin", {"redirect_uri": "", "nonce": "n"})
    token = provider.id_token(next(iter(provider.grants.values())), "access")
    expected = Expected(provider.issuer, CLIENT, "n", "access")
    ours = provider.keys[0].as_dict(private=False)
    another = ours | {"kid": "another"}
    assert id_token_claims(token, listed({"kty": "OKP"}, ours, another), expected)["name"] == "林一鸣"
    for keys in ((), listed(another), listed(another, ours | {"use": "enc"}), listed(ours, ours)):
        with pytest.raises(TokenRefused, match="key"):
            id_token_claims(token, keys, expected)
    with pytest.raises(TokenRefused, match="too long"):
        id_token_claims(token + "x" * 40_000, listed(ours), expected)


@pytest.mark.parametrize(("header", "status"), [({"x5t": "q80", "typ": "JWT"}, 303), ({"typ": "at+jwt"}, 403)])
def test_a_header_may_name_a_thumbprint_as_some_providers_do_and_no_other_type(house, header, status):
    house.provider.header = header
    assert house.sign_in().status_code == status


# Where one goes


@pytest.mark.parametrize(
    "wanted",
    ["//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example", "evil.example",
     "javascript:alert(1)", "/%2F/evil.example", "/%2fevil.example", "/%5Cevil.example", "/%252Fevil.example",
     "/%25252525252Fevil", "/\t/evil.example", "/%09/evil.example", "\n//evil.example", "/archive\r\nSet-Cookie: a=b",
     "/%0d%0aSet-Cookie:a=b", "/../evil", "/archive/../../evil", "/archive/%2e%2e/%2E%2E/evil", "/.%2e/evil",
     "/..;/evil", "/@evil.example\\", "/login", "/login?next=/login", "/login/callback?code=1", "/logout", "", "?q=1",
     "#/x", "///", "/" + "a" * 600],
)  # fmt: skip
def test_no_sign_in_leads_away(house, wanted):
    assert onward_of(wanted) == "/"
    assert house.sign_in(wanted).headers["location"] == "../"


@pytest.mark.parametrize(
    ("wanted", "onward"),
    [("/", "/"), ("/archive", "/archive"), ("/archive/2023-05-12/%E7%9F%B3%E9%97%A8%E6%97%A5%E6%8A%A5/1",) * 2,
     ("/article/http%3A%2F%2Fa.example%2F1?version=2",) * 2, ("/share/abc123", "/share/abc123"),
     ("/archive/search?words=%E5%A4%9C%E6%A0%A1&since=2023-01-01&q=1", "/archive/search?since=2023-01-01"),
     ("/?q=%E8%B0%81&language=en#q=1", "/"), ("/archive/search?paper=%E7%9F%B3", "/archive/search?paper=%E7%9F%B3"),
     ("/archive?paper=" + "x" * 600, "/archive"), ("/logbook", "/logbook")],
)  # fmt: skip
def test_a_sign_in_leads_to_the_page_that_was_wanted_without_what_was_asked(wanted, onward):
    assert onward_of(wanted) == onward


# The provider's bad days


@pytest.mark.parametrize(
    ("path", "what"),
    [(path, what) for path in ("/.well-known/openid-configuration", "/jwks", "/token")
     for what in ("500", "slow", "huge", "packed", "loop", "html", "list", "cut")] + [("/token", "invalid_client")]
    + [("/userinfo", what) for what in ("500", "loop", "html", "list")],
)  # fmt: skip
def test_a_provider_that_misbehaves_costs_a_calm_line_and_a_retry(provider, sessions, caplog, what, path):
    house, address = house_of(provider, sessions, seconds=1.0 if what == "slow" else 8.0), ""
    if path != "/.well-known/openid-configuration":
        address = house.at_provider(house.begin("/archive"))
    house.provider.wrong = f"{what} at {path}"
    house.provider.claims = {"groups": None} if path == "/userinfo" else {}
    began = time.monotonic()
    reply = house.back(address) if address else house.browser.get("/login?next=/archive", headers=PAGE)
    took = time.monotonic() - began
    assert took < 7 * slowness()
    assert reply.status_code == 503, reply.text
    assert reply.headers["retry-after"] == "10"
    assert "暂时无法登录" in reply.text
    assert f'href="{"../" if address else ""}login?next=/archive">重试' in reply.text
    assert "Traceback" not in reply.text + caplog.text
    assert "nobody can sign in" in caplog.text


def test_a_provider_that_was_down_at_the_start_is_found_when_it_is_up(sessions, monkeypatch):
    port = int(free_port())
    monkeypatch.setattr("bot.identity.discovery.AGAIN", 0.0)
    house = house_of(OidcProvider(port=port), sessions)
    zh, en = (house.browser.get("/login", headers=PAGE | {"accept-language": one}) for one in ("zh", "en"))
    assert [(reply.status_code, word in reply.text) for reply, word in ((zh, "重试"), (en, "Retry"))] == [
        (503, True)
    ] * 2
    with oidc_provider(port=port) as house.provider:
        assert house.sign_in().status_code == 303


def test_many_who_wait_for_a_provider_ask_it_once_and_wait_no_longer_than_one(provider):
    provider.wrong = "slow at /.well-known/openid-configuration"

    async def many(known: Discovery) -> list[object]:
        return await asyncio.gather(*(known.metadata() for _ in range(20)), return_exceptions=True)

    began = time.monotonic()
    replies = asyncio.run(many(Discovery(provider.issuer, 0.5)))
    took = time.monotonic() - began
    assert took < 5 * slowness()
    assert {type(reply) for reply in replies} == {Unreachable}
    provider.wrong = ""
    replies = asyncio.run(many(Discovery(provider.issuer)))
    assert {reply.issuer for reply in replies} == {provider.issuer}
    assert provider.asked.count("/.well-known/openid-configuration") == 2


@pytest.mark.parametrize(
    "said",
    [{"issuer": "https://evil.example"}, {"issuer": None}, {"token_endpoint": "http://news.example/token"},
     {"jwks_uri": "file:///etc/passwd"}, {"authorization_endpoint": "javascript:alert(1)"}, {"token_endpoint": "//x"},
     {"end_session_endpoint": "http://evil.example"}, {"jwks_uri": "https://[::1"}, {"jwks_uri": 5}],
    ids=str,
)  # fmt: skip
def test_addresses_that_no_provider_would_name_are_not_gone_to(house, said):
    house.provider.more_metadata = said
    assert house.browser.get("/login").status_code == 503


def test_a_secret_that_is_wrong_is_told_to_whoever_runs_this_and_to_nobody_else(provider, sessions, caplog):
    house = house_of(provider, sessions)
    address = house.at_provider(house.begin())
    provider.secret = "another"
    reply = house.back(address)
    assert (reply.status_code, "invalid_client" in reply.text) == (503, False)
    assert "look at WENBAO_OIDC_CLIENT and _SECRET" in caplog.text
    assert SECRET not in caplog.text


# Sessions


def test_a_session_is_always_a_new_one_and_the_one_before_ends(house):
    fixed = f"wbs_{'A' * 43}"
    house.browser.cookies.set(COOKIE, fixed)
    house.sign_in()
    first = house.browser.cookies.get(COOKIE, domain="127.0.0.1")
    assert house.sessions.find(fixed) is None
    assert house.sessions.find(first).name == "林一鸣"
    house.browser.cookies.delete(COOKIE, domain="127.0.0.1", path="/")
    house.browser.cookies.clear()
    house.browser.cookies.set(COOKIE, first)
    house.sign_in(user="zhou")
    assert house.sessions.find(first) is None


def test_the_same_person_in_the_same_browser_gets_a_new_session_too(house):
    house.sign_in()
    first = house.browser.cookies[COOKIE]
    house.sign_in()
    assert house.sessions.find(first) is None
    assert house.who().name == "林一鸣"


OWN = {"origin": "http://127.0.0.1:7860"}


@pytest.mark.parametrize("headers", [OWN, {"origin": "null", "sec-fetch-site": "same-origin"}])
def test_the_button_signs_out_here_and_at_the_provider(house, audited, headers):
    house.sign_in()
    bearer = house.browser.cookies[COOKIE]
    reply = house.browser.post("/logout", headers=headers)
    assert (reply.status_code, "已退出" in reply.text) == (200, True)
    assert house.sessions.find(bearer) is None
    assert COOKIE not in house.browser.cookies
    assert audited()[-1]["event"] == "signout"
    after = quote("http://127.0.0.1:7860/logout", safe="")
    there = f"{house.provider.issuer}/end?client_id={CLIENT}&amp;post_logout_redirect_uri={after}"
    assert f'content="0;url={there}"' in reply.text, "not by a redirect: the chat page's form-action would stop it"
    assert "已退出" in house.browser.get("/logout").text, "what the provider leads back to"


def test_without_a_place_to_sign_out_at_the_provider_a_page_says_so(sessions):
    with oidc_provider(ends_sessions=False) as provider:
        house = house_of(provider, sessions)
        house.sign_in()
        reply = house.browser.post("/logout", headers=OWN)
    assert ("已退出" in reply.text, "http-equiv" in reply.text) == (True, False)


def test_signing_out_works_while_the_provider_is_down(provider, sessions):
    house = house_of(provider, sessions)
    house.sign_in()
    bearer = house.browser.cookies[COOKIE]
    provider.wrong = "500 at /.well-known/openid-configuration"
    late = house_of(provider, sessions)
    late.browser.cookies.set(COOKIE, bearer)
    assert "已退出" in late.browser.post("/logout", headers=OWN).text
    assert sessions.find(bearer) is None


@pytest.mark.parametrize(
    "headers",
    [{}, {"origin": "https://evil.example"}, {"origin": "null"}, {"origin": "null", "sec-fetch-site": "cross-site"},
     {"origin": "http://127.0.0.1:7861"}, {"sec-fetch-site": "same-site"}, {"origin": "http://127.0.0.1:7860.evil.example"}],
    ids=str,
)  # fmt: skip
def test_no_other_page_signs_anybody_out(house, audited, headers):
    house.sign_in()
    reply = house.browser.post("/logout", headers=headers)
    assert (reply.status_code, audited()[-1]["event"]) == (403, "access.refused")
    assert house.who() is not None


def test_an_address_signs_nobody_out(house):
    house.sign_in()
    reply = house.browser.get("/logout")
    assert 'method="post" action="logout"' in reply.text
    assert house.who() is not None


# What whoever is not signed in sees


@pytest.mark.parametrize(
    ("path", "query", "onward"),
    [("/", "", ""), ("/", "q=%E8%B0%81", ""), ("/archive", "", "?next=/archive"),
     ("/archive/2023/石门", "part=2&words=x", "?next=/archive/2023/%25E7%259F%25B3%25E9%2597%25A8%3Fpart%3D2")],
)  # fmt: skip
def test_whoever_is_not_signed_in_is_led_to_the_sign_in_and_back(house, path, query, onward):
    there = sign_in_address("", path, query)
    assert there == f"/login{onward}"
    assert sign_in_address("/news", path, query) == f"/news{there}"
    asked = dict(parse_qs(urlsplit(there).query))
    assert house.sign_in(*asked.get("next", [])).headers["location"] == f"..{onward_of(f'{path}?{query}')}"


def test_the_page_that_was_asked_for_may_be_named_with_its_prefix(provider, sessions):
    house = house_of(provider, sessions, "https://news.example.org", root="/news")
    assert house.sign_in("/news/archive").headers["location"] == "../archive"
    assert house.sign_in("/newsroom").headers["location"] == "../newsroom"


def test_without_a_provider_it_is_as_if_there_were_no_sign_in(sessions):
    app = Starlette(routes=[*login_routes(None, sessions, PAGES)])
    browser = TestClient(app, follow_redirects=False)
    for reply in (browser.get("/login"), browser.get("/login/callback?state=x"), browser.post("/logout", headers=OWN)):
        assert reply.status_code == 404


def test_every_page_of_it_is_under_the_strict_policy_and_in_no_frame(house):
    house.provider.wrong = "500 at /.well-known/openid-configuration"
    for reply in (house.browser.get("/login"), house.browser.get("/login/callback"), house.browser.get("/logout")):
        policy = reply.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert (reply.headers["cache-control"], reply.headers["referrer-policy"]) == ("no-store", "no-referrer")


# Settings


@pytest.mark.parametrize(
    ("issuer", "client", "secret", "said"),
    [("http://login.example.org", "c", "", "https"), ("login.example.org", "c", "", "https"),
     ("https://", "c", "", "https"), ("https://a.example/?x=1", "c", "", "without"),
     ("https://a.example/#x", "c", "", "without"),
     ("https://[::1", "c", "", "https"), ("https://a.example", "", "", "WENBAO_OIDC_CLIENT"),
     ("", "c", "", "WENBAO_OIDC_ISSUER"), ("", "", "s", "WENBAO_OIDC_ISSUER")],
)  # fmt: skip
def test_settings_that_cannot_be_are_refused_in_one_line(issuer, client, secret, said):
    with pytest.raises(BadSetting, match=said) as refused:
        read_party(issuer, client, secret, "groups", 30)
    assert "\n" not in str(refused.value)


def test_settings_for_a_provider_are_read_and_none_are_none():
    assert read_party("", "", "", "groups", 30) is None
    for issuer in (
        "https://login.example.org/realms/news",
        "http://127.0.0.1:9000",
        "http://[::1]:9000",
        "http://localhost",
    ):
        assert read_party(issuer, "c", "s", "roles", 10) == Party(issuer, "c", "s", "roles", 10)
