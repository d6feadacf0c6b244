"""A portal's token lets its user in once, while it holds; whatever is wrong with it, nobody comes in.

Tokens are forged here by hand, as an attacker would: a library refuses to make most of them.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from bot.identity import jwks
from bot.identity.jwks import Address, NoKeys, published_at
from bot.identity.portal import LONGEST, MOST_GROUPS, Portal, read_portal
from bot.identity.sessions import Sessions, subject_of
from bot.identity.tokens import LONGEST as LONGEST_TOKEN
from bot.identity.tokens import PublicKeys, TokenRefused, Verifier, read_jwks
from bot.state import State
from bot.state.proofs import UsedUp
from ingest.errors import BadSetting

REPO = Path(__file__).parents[1]
ISSUER, AUDIENCE, SKEW = "https://portal.example.org", "wenbao", 30
SECRET = "a-secret-that-portal-and-bot-share"
NOW = 1_800_000_000

Claims = dict[str, object]


def claims(**more: object) -> Claims:
    """What a good token says; a claim of None is left out."""
    said = {"iss": ISSUER, "aud": AUDIENCE, "sub": "wang", "jti": "1", "iat": NOW, "nbf": NOW, "exp": NOW + 60}
    said |= {"groups": ["编辑部"], "name": "王小明"}
    return {name: value for name, value in (said | more).items() if value is not None}


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def raw(header: object, payload: object, sign: Callable[[bytes], bytes]) -> str:
    """A token of any header and any payload (text as it stands, else JSON)."""
    parts = [part if isinstance(part, str) else json.dumps(part) for part in (header, payload)]
    body = ".".join(b64(part.encode()) for part in parts)
    return f"{body}.{b64(sign(body.encode()))}"


def by_secret(secret: str | bytes = SECRET, name: str = "sha256") -> Callable[[bytes], bytes]:
    key = secret if isinstance(secret, bytes) else secret.encode()
    return lambda body: hmac.new(key, body, name).digest()


def by_key(key: rsa.RSAPrivateKey) -> Callable[[bytes], bytes]:
    return lambda body: key.sign(body, padding.PKCS1v15(), SHA256())


def hs(said: Claims | None = None, **header: object) -> str:
    return raw({"alg": "HS256", "typ": "JWT"} | header, claims() if said is None else said, by_secret())


def portal(now: float = NOW, **more: object) -> Portal:
    given = {"issuer": ISSUER, "audience": AUDIENCE, "secret": SECRET, "jwks": "", "groups": "groups", "skew": SKEW}
    made = read_portal(**(given | more), clock=lambda: now)
    assert made is not None
    return made


def refused(token: str, by: Portal | None = None) -> str:
    """Why a token is refused."""
    with pytest.raises(TokenRefused) as told:
        (by or portal()).person(token)
    assert SECRET not in str(told.value)
    return str(told.value)


@pytest.fixture(scope="module")
def ours() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture(scope="module")
def theirs() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def public_jwk(key: rsa.RSAPrivateKey, kid: str | None = "k1", **more: object) -> Claims:
    made = jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return {**made, **({"kid": kid} if kid else {}), **more}


def jwks_text(*keys: Claims) -> str:
    return json.dumps({"keys": keys})


@pytest.fixture
def file(tmp_path, ours) -> Path:
    path = tmp_path / "jwks.json"
    path.write_text(jwks_text(public_jwk(ours)))
    return path


@pytest.fixture
def by_file(file) -> Portal:
    return portal(secret="", jwks=str(file))


def rs(key: rsa.RSAPrivateKey, said: Claims | None = None, **header: object) -> str:
    return raw({"alg": "RS256", "kid": "k1"} | header, claims() if said is None else said, by_key(key))


# --- what holds ---


def test_a_token_by_secret_says_who_comes_and_that_it_counts_once():
    person, once = portal().person(hs())
    assert (person.subject, person.name, person.groups) == (subject_of(ISSUER, "wang"), "王小明", {"编辑部"})
    assert once.until == NOW + 60 + SKEW
    assert portal().person(hs(claims(jti="2")))[1].token != once.token
    assert portal(issuer="https://other.example").person(hs(claims(iss="https://other.example")))[1].token != once.token


def test_a_token_by_a_public_key_says_the_same(by_file, ours):
    assert by_file.person(rs(ours)) == portal().person(hs())


def test_a_library_that_portals_use_makes_such_tokens(by_file, ours):
    assert portal().person(jwt.encode(claims(), SECRET, "HS256")) == portal().person(hs())
    assert by_file.person(jwt.encode(claims(), ours, "RS256", {"kid": "k1"}))[0].name == "王小明"


def test_no_groups_are_no_groups_and_no_name_is_the_subject():
    person, _ = portal().person(hs(claims(groups=None, name=None)))
    assert (person.groups, person.name) == (frozenset(), "wang")
    assert portal().person(hs(claims(aud=["other", AUDIENCE])))[0].name == "王小明"
    assert portal(groups="roles").person(hs(claims(roles=["a"])))[0].groups == {"a"}


# --- what does not ---


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"iss": "https://evil.example"}, "another issuer"),
        ({"iss": [ISSUER]}, "another issuer"),
        ({"iss": ISSUER + "/"}, "another issuer"),
        ({"aud": "another"}, "another audience"),
        ({"aud": ["another"]}, "another audience"),
        ({"aud": []}, "another audience"),
        ({"aud": {AUDIENCE: 1}}, "another audience"),
        ({"aud": "wenbao2"}, "another audience"),
        ({"exp": NOW - SKEW}, "expired"),
        ({"exp": NOW - 10**6, "iat": NOW - 10**6 - 1}, "expired"),
        ({"nbf": NOW + SKEW + 1}, "not valid yet"),
        ({"iat": NOW + SKEW + 1, "exp": NOW + SKEW + 2}, "not valid yet"),
        ({"exp": NOW + LONGEST + 1}, "good for more"),
        ({"iat": NOW - 86_400, "exp": NOW + 60}, "good for more"),
        ({"iat": NOW + SKEW, "exp": NOW + SKEW + LONGEST + 1}, "good for more"),
        *[({name: None}, f"no {name}") for name in ("iss", "aud", "sub", "jti", "iat", "exp")],
        *[({"exp": no}, "exp is no time") for no in ("1800000060", True, [], {}, 10**400, -1, 0, "x")],
        *[({"nbf": no}, "nbf is no time") for no in ("1", False, {}, 10**20)],
        *[({"sub": no}, "sub is no text") for no in ("", 7, ["wang"], "x" * 256, "a\0b", "\ud800", {}, True)],
        *[({"jti": no}, "jti is no text") for no in ("", 7, "x" * 256, "\udfff", [])],
        *[({"groups": no}, "groups") for no in ("编辑部", {"编辑部": 1}, [1], [""], [None], ["x" * 256], [["a"]], 7)],
        ({"groups": ["g"] * (MOST_GROUPS + 1)}, "groups"),
        ({"groups": ["\ud83d"]}, "groups"),
    ],
)
def test_a_claim_that_is_wrong_or_missing_lets_nobody_in(wrong, why):
    assert why in refused(hs(claims(**wrong)))


def test_null_is_no_list_of_groups():
    assert "groups" in refused(hs({**claims(), "groups": None}))


@pytest.mark.parametrize("infinite", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_a_time_beyond_all_times_is_none(infinite):
    text = json.dumps(claims()).replace(str(NOW + 60), infinite)
    assert "exp is no time" in refused(raw({"alg": "HS256"}, text, by_secret()))


@pytest.mark.parametrize(
    ("says", "at", "holds"),
    [
        ({"exp": NOW, "iat": NOW - 60}, NOW + SKEW - 1, True),
        ({"exp": NOW, "iat": NOW - 60}, NOW + SKEW, False),
        ({"nbf": NOW}, NOW - SKEW, True),
        ({"nbf": NOW, "iat": NOW - SKEW - 9}, NOW - SKEW - 1, False),
        ({"iat": NOW, "nbf": None}, NOW - SKEW, True),
        ({"iat": NOW, "nbf": None}, NOW - SKEW - 1, False),
        ({"exp": NOW + LONGEST}, NOW - SKEW, True),
        ({"exp": NOW + 59.5, "iat": NOW - 0.5}, NOW + 60 + SKEW - 1, True),
    ],
)
def test_clocks_may_be_apart_by_the_skew_and_no_more(says, at, holds):
    by = portal(at)
    if holds:
        by.person(hs(claims(**says)))
    else:
        refused(hs(claims(**says)), by)
    assert portal(NOW, skew=0).person(hs()), "without a skew the clock alone counts"
    refused(hs(claims(nbf=NOW + 1)), portal(NOW, skew=0))


def test_it_is_remembered_for_as_long_as_it_could_be_used():
    says = claims(exp=NOW + 59.5)
    _, once = portal().person(hs(says))
    refused(hs(says), portal(once.until))


@pytest.mark.parametrize(
    "alg", ["none", "None", "nOnE", "NONE", "", None, "HS384", "HS512", "RS256", "ES256", 7, ["HS256"], {}]
)
def test_no_other_algorithm_counts_whatever_the_token_says(alg, by_file):
    for sign in (lambda _: b"", by_secret(), by_secret(name="sha512")):
        token = raw({"alg": alg}, claims(), sign)
        refused(token)
        refused(token.rpartition(".")[0] + ".")
    refused(raw({"alg": alg, "kid": "k1"}, claims(), by_secret()), by_file)
    refused(raw({"typ": "JWT"}, claims(), by_secret()))


def test_an_unsigned_or_altered_token_lets_nobody_in(by_file, ours, theirs):
    good = hs()
    head, body, signature = good.split(".")
    other = b64(json.dumps(claims(sub="boss")).encode())
    for token in (f"{head}.{body}.", f"{head}.{other}.{signature}", f"{head}.{body}.{signature[:-4]}", good + "A"):
        refused(token)
    refused(raw({"alg": "HS256"}, claims(), by_secret("another-secret-of-thirty-two-chars")))
    assert "signature" in refused(rs(theirs), by_file)
    refused(raw({"alg": "PS256", "kid": "k1"}, claims(), by_key(ours)), by_file)


def test_a_public_key_is_no_secret(by_file, file, ours):
    """RS256 turned into HS256: the one key that everybody knows would sign everything."""
    public = ours.public_key()
    known = [
        public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo),
        public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.PKCS1),
        public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo),
        json.dumps(public_jwk(ours)).encode(),
        file.read_bytes(),
    ]
    for key in known:
        for name in ("HS256", "hs256", "RS256"):
            for text in (key, key.strip()):
                refused(raw({"alg": name, "kid": "k1"}, claims(), by_secret(text)), by_file)


@pytest.mark.parametrize(
    "text", ["-----BEGIN PUBLIC KEY-----\nMIIB", '{"kty": "RSA", "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmb"}']
)
def test_a_public_key_set_as_secret_is_refused_at_start(text):
    with pytest.raises(BadSetting, match="JWKS"):
        portal(secret=text.ljust(64, "A"))


@pytest.mark.parametrize(
    "kid",
    ["../../dev/null", "/dev/null", "k1' OR '1'='1", "k1\0", "K1", " k1", "", "x" * 5_000, "k1; DROP TABLE api_keys",
     "*", "http://127.0.0.1/k1", 7, None, ["k1"], {"kid": "k1"}, True],
)  # fmt: skip
def test_a_kid_chooses_among_our_keys_and_does_nothing_else(kid, by_file, ours, theirs):
    refused(rs(theirs, kid=kid), by_file)
    refused(rs(ours, kid=kid), by_file)
    refused(raw({"alg": "HS256", "kid": kid}, claims(), by_secret(b"")))
    refused(raw({"alg": "HS256", "kid": kid}, claims(), by_secret(b"\0")))


def test_without_a_kid_the_only_key_counts_and_among_several_none(file, ours, theirs):
    bare = raw({"alg": "RS256"}, claims(), by_key(ours))
    assert portal(secret="", jwks=str(file)).person(bare)
    file.write_text(jwks_text(public_jwk(ours), public_jwk(theirs, "k2")))
    refused(bare, portal(secret="", jwks=str(file)))
    file.write_text(jwks_text(public_jwk(ours), public_jwk(theirs)))
    refused(rs(ours), portal(secret="", jwks=str(file)))


class Site:
    """A real server on loopback that publishes a text and counts who asks."""

    def __init__(self, url: str) -> None:
        self.url, self.text, self.status, self.asked = url, "{}", 200, 0


@contextmanager
def a_site() -> Iterator[Site]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked += 1
            self.send_response(site.status)
            self.send_header("Location", "/elsewhere")
            self.end_headers()
            self.wfile.write(site.text.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site = Site(f"http://127.0.0.1:{server.server_port}/jwks.json")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_where_a_token_says_that_its_key_lies_nobody_looks(by_file, ours, theirs):
    with a_site() as evil:
        evil.text = jwks_text(public_jwk(theirs))
        jwk = public_jwk(theirs)
        tricks: list[Claims] = [
            *[{name: evil.url} for name in ("jku", "x5u", "JKU")],
            *[{"jwk": key} for key in (jwk, public_jwk(ours), {"kty": "oct", "k": b64(b"x" * 32)})],
            *[{"x5c": ["MIIB"]}, {"zip": "DEF"}],
            *[{"crit": ["exp"]}, {"crit": ["b64"], "b64": False}, {"crit": []}, {"b64": False}],
            *[{"typ": "at+jwt"}, {"typ": "dpop+jwt"}, {"typ": ["JWT"]}, {"typ": None}],
        ]
        for trick in tricks:
            refused(rs(theirs, **trick), by_file)
            refused(raw({"alg": "HS256", **trick}, claims(), by_secret(b"x" * 32)))
            if "JKU" not in trick:  # which says nothing to anybody
                refused(rs(ours, **trick), by_file)
                refused(hs(**trick))
        assert evil.asked == 0


@pytest.mark.parametrize(
    "token",
    [
        "", ".", "..", "...", "a.b.c", "a.b", hs() + ".x", " " + hs(), hs() + "\n", "é" + hs(),
        "=" * 100, "ey" * 4_000, "." * 3_000, "\ud800.a.b",
        raw("[" * 3_000, claims(), by_secret()),
        raw('{"alg":' * 800, claims(), by_secret()),
        raw({"alg": "HS256"}, "[" * 3_000, by_secret()),
        raw({"alg": "HS256"}, "{" + '"a":{' * 900, by_secret()),
        raw({"alg": "HS256"}, '"a text"', by_secret()),
        raw({"alg": "HS256"}, "[]", by_secret()),
        raw({"alg": "HS256"}, '{"exp": ' + "9" * 5_000 + "}", by_secret()),
        raw("null", claims(), by_secret()),
        raw("[]", claims(), by_secret()),
        raw('"HS256"', claims(), by_secret()),
        hs(claims(name="x" * LONGEST_TOKEN)),
    ],
)  # fmt: skip
def test_what_is_no_token_or_a_giant_one_is_refused_without_a_traceback(token):
    refused(token)


def test_a_giant_token_is_not_even_read(by_file):
    with_clock = Verifier(ISSUER, AUDIENCE, _Asked(), ("HS256",), SKEW)
    with pytest.raises(TokenRefused, match="too long"):
        with_clock.verify(hs(claims(name="x" * 10**6)))


class _Asked:
    def key_for(self, kid: str | None):
        raise AssertionError(kid)


@pytest.mark.parametrize(
    "name", ["王\n{\"event\": \"signin.ok\"}", "\x1b[31m红", "‮倒", "x" * 500, 7, "\ud800", ["王"], " "]
)  # fmt: skip
def test_a_name_is_a_short_line_that_can_be_printed(name):
    person, _ = portal().person(hs(claims(name=name)))
    assert 0 < len(person.name) <= 80
    assert person.name.isprintable()
    person.name.encode()


# --- once ---


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    with closing(State.of(tmp_path)) as state:
        yield state


def test_a_token_counts_once_however_many_bring_it_at_once(state):
    person, once = portal().person(hs())
    sessions = Sessions(state.proofs, 10)
    barrier = threading.Barrier(12)

    def enter(_: int) -> str:
        barrier.wait()
        try:
            sessions.begin(person, "portal", once=once)
        except UsedUp:
            return "refused"
        return "in"

    with ThreadPoolExecutor(12) as crowd:
        assert Counter(crowd.map(enter, range(12))) == {"in": 1, "refused": 11}
    assert len(state.proofs.sign_ins()) == 1


ENTER = """
import sys, time
from contextlib import closing
from pathlib import Path
from bot.identity.sessions import Person, Sessions
from bot.state import State
from bot.state.proofs import OneTime, UsedUp
root = Path(sys.argv[1])
with closing(State.of(root)) as state:
    (root / f"ready{sys.argv[2]}").touch()
    while len(list(root.glob("ready*"))) < 2:
        time.sleep(0.001)
    for n in range(20):
        try:
            once = OneTime(f"{n:064}", int(time.time()) + 60)
            Sessions(state.proofs, 10).begin(Person("0" * 64, "x", frozenset()), "portal", once=once)
            print(n)
        except UsedUp:
            pass
"""


def test_a_token_counts_once_among_several_processes(tmp_path):
    """They even make the database together."""
    running = [
        subprocess.Popen(
            [sys.executable, "-c", ENTER, str(tmp_path), str(n)], cwd=REPO, stdout=subprocess.PIPE, text=True
        )
        for n in range(2)
    ]
    entered = [line for each in running for line in each.communicate(timeout=60)[0].split()]
    assert [each.returncode for each in running] == [0, 0]
    assert Counter(entered) == {str(n): 1 for n in range(20)}


# --- keys that are published ---


def test_a_file_of_keys_that_changes_is_read_again(file, by_file, ours, theirs):
    assert by_file.person(rs(ours))
    refused(rs(theirs, kid="k2"), by_file)
    file.write_text(jwks_text(public_jwk(theirs, "k2")))
    assert by_file.person(rs(theirs, kid="k2"))
    refused(rs(ours), by_file)
    file.write_text("half a fi")
    assert by_file.person(rs(theirs, kid="k2")), "a file that is being written leaves the last one in its place"
    file.unlink()
    assert "cannot be read" in refused(rs(theirs, kid="k2"), by_file)


def test_keys_at_an_address_are_kept_and_fetched_again_for_an_unknown_one_at_most_once_a_minute(ours, theirs):
    now = [0.0]
    with a_site() as site:
        site.text = jwks_text(public_jwk(ours))
        by = Portal(
            Verifier(
                ISSUER, AUDIENCE, PublicKeys(Address(site.url, lambda: now[0])), ("RS256",), SKEW, clock=lambda: NOW
            ),
            "groups",
        )
        for _ in range(5):
            by.person(rs(ours))
        assert site.asked == 1
        site.text = jwks_text(public_jwk(theirs, "k2"))
        refused(rs(theirs, kid="k2"), by)
        assert site.asked == 1, "the first fetch was this minute"
        now[0] = jwks.AGAIN
        assert by.person(rs(theirs, kid="k2"))
        refused(rs(ours), by)
        for n in range(50):
            refused(rs(ours, kid=f"guess{n}"), by)
        assert site.asked == 2
        now[0] += jwks.FRESH
        by.person(rs(theirs, kid="k2"))
        assert site.asked == 3, "even a known key is asked after now and then: it may have been withdrawn"


@pytest.mark.parametrize(
    ("status", "text"), [(500, "{}"), (302, ""), (200, "no json"), (200, "x" * 300_000), (404, "")]
)
def test_an_address_that_fails_leaves_the_last_keys_for_a_while_and_then_none(ours, status, text):
    now = [0.0]
    with a_site() as site:
        site.text = jwks_text(public_jwk(ours))
        keys = PublicKeys(Address(site.url, lambda: now[0]))
        assert keys.key_for("k1")
        site.status, site.text = status, text
        now[0] = jwks.FRESH + 1
        assert keys.key_for("k1")
        if text != "no json":
            now[0] = jwks.STALE + 1
            with pytest.raises(TokenRefused, match="cannot be read"):
                keys.key_for("k1")


def test_an_address_where_nobody_listens_is_a_refusal():
    with a_site() as site:
        url = site.url
    with pytest.raises(NoKeys):
        Address(url).text()


@pytest.mark.parametrize(
    "place",
    [
        "http://portal.example.org/jwks",
        "ftp://portal.example.org/jwks",
        "file:///etc/keys",
        "http://127.0.0.1.evil.example/",
    ],
)
def test_keys_are_not_taken_from_where_anybody_could_put_others(place):
    with pytest.raises(BadSetting, match="https"):
        published_at(place, "WENBAO_PORTAL_JWKS")


def test_a_set_of_keys_gives_those_for_signatures_alone(ours):
    elliptic = jwt.algorithms.ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256R1()).public_key(), as_dict=True)
    others = [
        {"kty": "oct", "k": b64(b"x" * 32), "kid": "s"}, {"kty": "OKP", "crv": "Ed25519", "x": "AA"},
        public_jwk(ours, "e", use="enc"), public_jwk(ours, "p", alg="PS256"), {"kty": ["RSA"]}, 7, None,
    ]  # fmt: skip
    found = read_jwks(
        json.dumps({"keys": [*others, public_jwk(ours, alg="RS256", use="sig"), elliptic | {"kid": "c"}]})
    )
    assert [(key.kid, key.algorithm) for key in found] == [("k1", "RS256"), ("c", "ES256")]


def test_a_set_with_a_private_or_weak_or_no_key_is_refused(ours):
    private = jwt.algorithms.RSAAlgorithm.to_jwk(ours, as_dict=True)
    weak = public_jwk(rsa.generate_private_key(65537, 1024))
    for key, why in ((private, "private"), (weak, "bits"), ({"kty": "RSA", "n": "!", "e": "AQAB"}, "cannot be read")):
        with pytest.raises(ValueError, match=why):
            read_jwks(jwks_text(key))
    for text in ("", "[]", "{}", '{"keys": 7}', '{"keys": []}', "[" * 100_000, '{"keys": [{"kty": "oct", "k": "AA"}]}'):
        with pytest.raises(ValueError, match=r"JWKS|no key"):
            read_jwks(text)


def test_a_key_for_one_algorithm_serves_no_other(ours):
    """An elliptic key under the kid, RS256 in the header."""
    key = ec.generate_private_key(ec.SECP256R1())
    entry = jwt.algorithms.ECAlgorithm.to_jwk(key.public_key(), as_dict=True) | {"kid": "k1"}

    class Fixed:
        def text(self, *, again: bool = False) -> str:
            return jwks_text(entry)

    by = Verifier(ISSUER, AUDIENCE, PublicKeys(Fixed()), ("RS256", "ES256"), SKEW, clock=lambda: NOW)
    assert by.verify(jwt.encode(claims(), key, "ES256", {"kid": "k1"})).subject == "wang"
    with pytest.raises(TokenRefused, match="not its key's"):
        by.verify(rs(ours))


# --- settings ---


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"issuer": ""}, "WENBAO_PORTAL_ISSUER"),
        ({"issuer": "", "secret": "", "jwks": "keys.json"}, "WENBAO_PORTAL_ISSUER"),
        ({"secret": ""}, "neither is set"),
        ({"jwks": "keys.json"}, "both are set"),
        ({"secret": "x" * 31}, "31 characters"),
        ({"secret": "", "jwks": "no/such/file.json"}, "No such file"),
        ({"secret": "", "jwks": "http://portal.example.org/keys"}, "https"),
        ({"secret": "", "jwks": str(REPO / "README.md")}, "no JWKS"),
        ({"secret": "", "jwks": str(REPO)}, "cannot be read"),
    ],
)
def test_a_portal_that_is_described_by_halves_is_one_line_at_start(given, says):
    with pytest.raises(BadSetting, match=says) as told:
        portal(**given)
    assert "\n" not in str(told.value)
    assert SECRET not in str(told.value)


def test_without_any_of_it_there_is_no_portal():
    assert read_portal("", AUDIENCE, "", "", "groups", SKEW) is None


def test_the_hash_of_a_person_tells_issuers_apart():
    assert subject_of("a", "b") != subject_of("a", "c")
    assert subject_of("ab", "c") != subject_of("a", "bc")
    assert len(subject_of("a", "b")) == hashlib.sha256().digest_size * 2
