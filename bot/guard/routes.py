"""Every address that is answered at all, and what of: whatever is not in this list is not there.

In: a method and a path. Out: a Rule. The rest of Gradio's routes (uploads, files, proxies, deep links, monitoring, its
own API pages) is reached by nobody.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from bot.guard.refused import Form, Refused, absent
from bot.visitor import Scope

Kind = Literal["public", "embed", "login", "page", "gradio", "admin", "api", "v1", "mcp", "metrics"]
Body = Literal["none", "json", "form", "free", "file"]
Gradio = Literal["", "join", "run", "call", "event", "data", "beat", "cancel", "reset"]

API_KINDS: frozenset[Kind] = frozenset({"api", "v1", "mcp", "metrics"})


@dataclass(frozen=True, slots=True)
class Rule:
    """What of one address: `query` names the parameters that pass (None: all), `scopes` what a key needs one of.

    `question`: it costs a question or a search. `stream`: it may last. `keyed`: people's page, open to API keys too.
    `signs_in`: somebody proves who they are.
    """

    kind: Kind
    methods: tuple[str, ...]
    pattern: re.Pattern[str]
    body: Body = "none"
    query: frozenset[str] | None = None
    scopes: tuple[Scope, ...] = ()
    question: bool = False
    stream: bool = False
    keyed: bool = False
    gradio: Gradio = ""
    signs_in: bool = False

    @property
    def form(self) -> Form:
        """In what form its asker reads a refusal."""
        if self.kind == "v1":
            return "openai"
        return "page" if self.kind in ("page", "login", "admin") else "api"


def _rule(
    kind: Kind,
    methods: str,
    pattern: str,
    body: Body = "none",
    query: str | None = None,
    scopes: tuple[Scope, ...] = (),
    gradio: Gradio = "",
    *,
    question: bool = False,
    stream: bool = False,
    keyed: bool = False,
    signs_in: bool = False,
) -> Rule:
    allowed = None if query is None else frozenset(query.split())
    named, compiled = tuple(methods.split()), re.compile(pattern)
    return Rule(kind, named, compiled, body, allowed, scopes, question, stream, keyed, gradio, signs_in)


_ID = r"(?P<id>[A-Za-z0-9_-]{1,64})"  # of a session, an event, a share: no log repeats it
_FILE = r"(?:[A-Za-z0-9_@.,~+-]+/)*[A-Za-z0-9_@.,~+-]+"
_ASK: tuple[Scope, ...] = ("ask",)
_SEARCH: tuple[Scope, ...] = ("search",)
_ANY: tuple[Scope, ...] = ("ask", "search", "inbox")
_OPEN: tuple[Scope, ...] = ("ask", "search")

RULES = (
    _rule("public", "GET HEAD", r"/(?:healthz|readyz|favicon\.ico|logo|theme\.css|robots\.txt)"),
    _rule("public", "GET HEAD", rf"/(?:assets|static)/{_FILE}", query=""),
    _rule("public", "GET HEAD", rf"/look/{_FILE}"),
    _rule("metrics", "GET", r"/metrics", scopes=("metrics",)),
    _rule("page", "GET HEAD", r"/", query=""),
    _rule("page", "GET HEAD", rf"/share/{_ID}", query=""),
    _rule("page", "GET HEAD", r"/archive(?:/.*)?"),
    _rule("page", "POST", r"/archive/search", "form", question=True),
    _rule("page", "GET HEAD", r"/article/.+"),
    _rule("admin", "GET HEAD", r"/admin(?:/[a-z]+)*"),
    _rule("admin", "POST", r"/admin(?:/[a-z]+)*", "form"),
    _rule("login", "GET HEAD", r"/login(?:/callback)?", signs_in=True),
    _rule("login", "GET HEAD", r"/logout"),
    _rule("login", "POST", r"/logout", "form"),
    _rule("embed", "GET HEAD", r"/widget\.js|/embed|/embed/[a-z]+\.(?:js|css)"),
    _rule("embed", "POST", r"/embed/session", "free", signs_in=True),
    _rule("embed", "GET DELETE", r"/embed/session", "free"),
    # Of Gradio, what its page and its own client ask for.
    _rule("gradio", "GET", r"/config", query="", keyed=True),
    _rule("gradio", "GET", r"/gradio_api/info", query="", keyed=True),
    _rule("gradio", "GET", r"/gradio_api/(?:app_id|startup-events)", query="", keyed=True),
    _rule("gradio", "POST", r"/gradio_api/queue/join", "json", "", gradio="join", keyed=True),
    _rule("gradio", "POST", r"/gradio_api/run/predict", "json", "", gradio="run"),
    _rule("gradio", "GET", r"/gradio_api/queue/data", query="session_hash", gradio="data", stream=True, keyed=True),
    _rule("gradio", "GET", rf"/gradio_api/heartbeat/{_ID}", query="", gradio="beat", stream=True, keyed=True),
    _rule("gradio", "POST", r"/gradio_api/cancel", "json", "", gradio="cancel", keyed=True),
    _rule("gradio", "POST", r"/gradio_api/reset", "json", "", gradio="reset", keyed=True),
    _rule("gradio", "POST", r"/gradio_api/call/chat", "json", "", gradio="call", keyed=True),
    _rule("gradio", "GET", rf"/gradio_api/call/chat/{_ID}", query="", gradio="event", stream=True, keyed=True),
    # What programs ask for.
    _rule("api", "POST", r"/api/ask", "json", scopes=_ASK, question=True, stream=True),
    _rule("api", "POST", r"/api/search", "json", scopes=_SEARCH, question=True),
    _rule("api", "GET", r"/api/articles/.+", scopes=_OPEN),  # who may ask may open what they were quoted
    _rule("api", "POST", r"/api/inbox", "file", scopes=("inbox",)),
    _rule("api", "GET", rf"/api/inbox/{_ID}", scopes=("inbox",)),
    _rule("api", "GET", r"/api/openapi\.json", scopes=_ANY),
    _rule("v1", "POST", r"/v1/chat/completions", "json", scopes=_ASK, question=True, stream=True),
    _rule("v1", "GET", r"/v1/models(?:/.+)?", scopes=_OPEN),
    _rule("mcp", "POST", r"/mcp/?", "json", scopes=_OPEN, question=True, stream=True),
    _rule("mcp", "GET DELETE", r"/mcp/?", scopes=_OPEN, stream=True),
)


def rule_of(method: str, path: str) -> Rule:
    """The rule of an address. Raises Refused: 404, or for programs 405 where another method is answered."""
    found = [rule for rule in RULES if rule.pattern.fullmatch(path)]
    for rule in found:
        if method in rule.methods:
            return rule
    if found and found[0].kind in API_KINDS:
        allowed = ", ".join(sorted({each for rule in found for each in rule.methods}))
        raise Refused(405, f"Only {allowed} is answered here.", {"Allow": allowed}, why="method")
    raise absent()


def form_of(path: str) -> Form:
    """In what form whoever asks for an address that no rule is for reads a refusal."""
    return "openai" if path.startswith("/v1/") else "api"


def methods_of(path: str) -> list[str]:
    """The methods that programs may use on an address."""
    found = [rule for rule in RULES if rule.kind in API_KINDS and rule.pattern.fullmatch(path)]
    return sorted({each for rule in found for each in rule.methods})


def without_ids(path: str) -> str:
    """A path as a log may keep it."""
    for rule in RULES:
        found = rule.pattern.fullmatch(path)
        if found and "id" in rule.pattern.groupindex:
            return path[: found.start("id")] + "*" + path[found.end("id") :]
    return path
