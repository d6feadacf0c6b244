"""The running app, with all its walls, as programs meet it: what curl hands in is taken in by a process that watches,
and an MCP client of the same app is answered from it.
"""

import json
import shutil
import subprocess
import time

import httpx
import pytest

from tests.conftest import missing
from tests.pace import slowness
from tests.serving import served
from tests.test_inbox import PAGE, WITHIN
from tests.test_mcp import call, post
from tests.test_watch import PATIENCE, Watching

LONGEST = 100_000


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """The app, a process that watches its inbox, and keys by what they may."""
    folder = tmp_path_factory.mktemp("house")
    data, inbox = folder / "data", folder / "inbox"
    inbox.mkdir()
    with served(data, WENBAO_INBOX=str(inbox), WENBAO_INBOX_BYTES=str(LONGEST)) as app:
        keys = {}
        for scope in ("inbox", "ask"):
            keys[scope] = json.loads(app.run("bot", "keys", "add", scope, "--scope", scope, "--json").stdout)["key"]
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("WENBAO_INBOX", str(inbox))
            watching = Watching(data, inbox)
        watching.hears("watching")
        yield app, keys, inbox
        watching.end()


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def test_a_page_handed_in_by_curl_is_what_an_mcp_client_is_answered_from(house):
    app, keys, _ = house
    if not shutil.which("curl"):
        missing("curl")
    words = ["curl", "-sS", "-F", "file=@-;filename=page.txt", "-F", "paper=青岚晚报", "-F", "date=2024-03-05"]
    words += ["-H", f"Authorization: Bearer {keys['inbox']}", f"{app.url}/api/inbox"]
    done = subprocess.run(words, input=PAGE.encode(), capture_output=True, timeout=30)
    receipt, began = json.loads(done.stdout)["receipt"], time.monotonic()
    address = f"{app.url}/api/inbox/{receipt}"
    while (told := httpx.get(address, headers=bearer(keys["inbox"]), timeout=PATIENCE).json())["status"] == "waiting":
        assert time.monotonic() - began < PATIENCE, told
        time.sleep(0.1)
    assert told["added"] == 2
    while True:
        result = call(f"{app.url}/mcp", "ask_newspaper", {"question": "渡口镇的石桥修桥花了多少钱？"}, keys["ask"])
        if "三百二十七万元" in result.structured_content["answer"]:
            break
        assert time.monotonic() - began < PATIENCE, result
        time.sleep(0.2)
    took = time.monotonic() - began
    assert took < 2 * WITHIN * slowness()
    assert result.structured_content["citations"][0]["article_id"] in {one["article_id"] for one in told["articles"]}


def test_neither_is_open_to_whoever_is_not_known_or_may_not(house):
    app, keys, _ = house
    tools = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    for key, handing, asking in (
        (None, 401, 401),
        ("wbk_none", 401, 401),
        (keys["ask"], 403, 200),
        (keys["inbox"], 202, 403),
    ):
        headers = bearer(key) if key else {}
        reply = httpx.post(f"{app.url}/api/inbox?name=a.txt", content=PAGE.encode(), headers=headers)
        assert reply.status_code == handing, reply.text
        assert post(f"{app.url}/mcp", tools, key or "").status_code == asking
    listed = post(f"{app.url}/mcp", tools, keys["ask"]).text
    assert ("ask_newspaper" in listed, "search_newspaper" in listed) == (True, False)


def test_a_file_that_is_exactly_as_long_as_may_be_goes_in_and_a_longer_one_does_not(house):
    app, keys, inbox = house
    for length, status in ((LONGEST, 202), (LONGEST + 1, 413), (10 * LONGEST, 413)):
        files = {"file": ("long.txt", b"x" * length)}
        reply = httpx.post(f"{app.url}/api/inbox", files=files, headers=bearer(keys["inbox"]))
        assert reply.status_code == status, reply.text
        assert (reply.headers["content-type"], "error" in reply.json()) == ("application/json", status == 413)
    assert not any((inbox / ".coming").iterdir())
