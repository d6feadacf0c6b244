"""Files handed in over the API: whole or not at all in the inbox, taken up by `ingest watch`, and their sender is told
what became of them; nobody else is.
"""

from __future__ import annotations

import io
import json
import os
import shlex
import shutil
import socket
import subprocess
import threading
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from bot import inbox as room
from bot.access import Readable
from bot.api.app import build_api
from bot.api.inbox import inbox_routes
from bot.bot import Bot
from bot.inbox import BadHandIn, Inbox, UnknownKind, read_told, safe_name
from bot.visitor import Visitor
from ingest.archive import Archive
from ingest.catalog import live_catalog
from ingest.generations import Generations
from ingest.ingester import Ingester, Wish
from ingest.readers.kinds import KINDS
from ingest.receipts import write_reports
from ingest.sidecar import Told, read_sidecar, write_sidecar
from tests.callers import Door, listening
from tests.conftest import missing
from tests.generated_docs import READMES
from tests.pace import slowness
from tests.test_watch import PATIENCE, WITHIN, Watching

LONGEST = 200_000
PAGE = """青岚晚报
2024-03-05 第03版

渡口镇的石桥修好了

本报讯 渡口镇的石桥昨日修好，镇长说修桥一共花了三百二十七万元，用了九个月。
桥上新装了四十八盏路灯，夜里过河的人不用再打手电。

柳树巷开了一家修伞铺

本报讯 柳树巷的修伞铺上周开张，店主姓麦，每天修十五把伞，每把收六元。
街坊说，旧伞修好能再用三年，比买新的划算。
"""


def key(subject: str, *scopes: str, papers: Readable | None = None) -> Visitor:
    everything = Readable(all_but=True)
    return Visitor(subject, subject, papers=papers or everything, scopes=frozenset(scopes), via="key", proof=subject)


VISITORS = {
    "editor": key("desk", "inbox"),
    "editor-too": key("desk", "inbox", "ask"),
    "rival": key("rival", "inbox"),
    "asker": key("asker", "ask", "search"),
    "narrow": key("desk", "inbox", papers=Readable(frozenset({"别的报"}))),
    "portal": Visitor("desk", "desk", scopes=frozenset({"inbox"}), via="portal"),
}
ANYBODY = Visitor(papers=Readable(all_but=True), scopes=frozenset({"ask", "search"}), via="open")


@dataclass(frozen=True)
class Desk:
    """An API with an inbox, and whoever talks to it."""

    url: str
    folder: Path

    def hand_in(self, data: bytes | str, name: str, who: str = "editor", **said: str) -> httpx.Response:
        body = data.encode() if isinstance(data, str) else data
        files = {"file": (name, body)}
        return httpx.post(f"{self.url}/api/inbox", headers=bearer(who), files=files, data=said, timeout=PATIENCE)

    def tell(self, receipt: str, who: str = "editor") -> httpx.Response:
        return httpx.get(f"{self.url}/api/inbox/{receipt}", headers=bearer(who), timeout=PATIENCE)

    def became(self, receipt: str) -> dict:
        """The report, once there is one."""
        until = time.monotonic() + PATIENCE
        while (told := self.tell(receipt).json())["status"] == "waiting":
            assert time.monotonic() < until, told
            time.sleep(0.05)
        return told

    def left(self) -> set[str]:
        """All files below the inbox."""
        return {path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*") if path.is_file()}


def bearer(who: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {who}"} if who else {}


def behind_the_door(folder: Path) -> Door:
    return Door(build_api(Future(), more=[inbox_routes(Inbox(folder, LONGEST))]), VISITORS, ANYBODY)


@contextmanager
def serving(folder: Path) -> Iterator[Desk]:
    with listening(behind_the_door(folder)) as url:
        yield Desk(url, folder)


@pytest.fixture(scope="module")
def desk(tmp_path_factory) -> Iterator[Desk]:
    """One whose inbox nobody watches."""
    with serving(tmp_path_factory.mktemp("handed") / "inbox") as desk:
        yield desk


@pytest.fixture(scope="module")
def watched(tmp_path_factory) -> Iterator[tuple[Desk, Path]]:
    """One whose inbox a process of its own takes in, and the archive into which it does."""
    folder = tmp_path_factory.mktemp("watched") / "inbox"
    with serving(folder) as desk, pytest.MonkeyPatch.context() as patch:
        patch.setenv("WENBAO_INBOX", str(folder))
        process = Watching(folder.parent / "data", folder, "--settle", "0.3")
        process.hears("watching")
        yield desk, process.root
        assert process.end() == 0


def test_a_page_that_curl_hands_in_is_answered_from_within_seconds(watched, builtin):
    desk, root = watched
    if not shutil.which("curl"):
        missing("curl")
    words = ["curl", "-sS", "-F", "file=@-;filename=page.txt", "-F", "paper=青岚晚报", "-F", "date=2024-03-05"]
    words += ["-F", "page=3", "-H", "Authorization: Bearer editor", f"{desk.url}/api/inbox"]
    done = subprocess.run(words, input=PAGE.encode(), capture_output=True, timeout=30)
    began = time.monotonic()
    given = json.loads(done.stdout)
    assert (given["file"], given["paper"], given["date"], given["page"]) == (
        "page.txt",
        "青岚晚报",
        "2024-03-05",
        "3",
    )
    told = desk.became(given["receipt"])
    took = time.monotonic() - began
    assert took < WITHIN * slowness()
    assert (told["status"], told["added"], told["problems"]) == ("read", 2, [])
    assert [(one["what"], one["title"], one["paper"]) for one in told["articles"]] == [
        ("added", "渡口镇的石桥修好了", "青岚晚报"),
        ("added", "柳树巷开了一家修伞铺", "青岚晚报"),
    ]
    with Archive(root, builtin) as archive:
        answer = Bot(archive, builtin).ask("渡口镇的石桥修桥花了多少钱？")
    assert "三百二十七万元" in answer.text
    assert answer.citations[0].article_id in {one["article_id"] for one in told["articles"]}


def test_the_same_file_again_changes_nothing_and_a_corrected_one_is_a_new_version(watched):
    desk, _ = watched
    said = {"paper": "柳浪日报", "date": "2024-04-01", "page": "1"}
    text = "渔市搬到了北岸\n\n本报讯 渔市昨日搬到北岸，共有六十二个摊位。摊主们说，新市场有冰库，鱼能多放一天。\n"
    first = desk.became(desk.hand_in(text, "fish.txt", **said).json()["receipt"])
    again = desk.became(desk.hand_in(text, "fish.txt", **said).json()["receipt"])
    better = desk.became(desk.hand_in(text.replace("六十二", "六十四"), "fish.txt", **said).json()["receipt"])
    assert [one["what"] for one in (*first["articles"], *again["articles"], *better["articles"])] == [
        "added",
        "unchanged",
        "changed",
    ]
    assert len({one["articles"][0]["article_id"] for one in (first, again, better)}) == 1


def test_what_cannot_be_read_is_told_with_its_reason_and_no_path_of_the_server(watched):
    desk, _ = watched
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("pages.txt", b"0" * 30_000_000)
    receipts = {
        "bomb.zip": desk.hand_in(bomb.getvalue(), "bomb.zip").json()["receipt"],
        "torn.pdf": desk.hand_in(b"%PDF-1.7 and nothing more", "torn.pdf").json()["receipt"],
        "bytes.txt": desk.hand_in(bytes(range(256)) * 40, "bytes.txt").json()["receipt"],
    }
    for name, receipt in receipts.items():
        told = desk.became(receipt)
        assert (told["status"], told["articles"]) == ("refused", [])
        assert told["problems"]
        assert all(name in line for line in told["problems"]), told["problems"]
        assert str(desk.folder.parent) not in json.dumps(told, ensure_ascii=False)
        assert receipt not in "".join(told["problems"])


def test_what_of_a_file_is_bad_is_told_beside_what_is_good(watched):
    desk, _ = watched
    row = {"title": "磨坊改成了书店", "text": "磨坊昨日改成书店，架上有一万两千册书，门票两元。", "date": "2024-05-02"}
    text = json.dumps(row, ensure_ascii=False) + "\n{broken\n"
    told = desk.became(desk.hand_in(text, "rows.jsonl", paper="磨坊报").json()["receipt"])
    assert (told["status"], told["added"]) == ("read", 1)
    assert told["articles"][0]["paper"] == "磨坊报"
    assert "line 2" in told["problems"][0]


def test_a_key_hears_nothing_of_papers_that_it_may_not_read(watched):
    desk, _ = watched
    receipt = desk.hand_in(PAGE.replace("石桥", "木桥"), "narrow.txt", paper="秘密报").json()["receipt"]
    became = desk.became(receipt)
    assert became["added"] == 2, became
    told = desk.tell(receipt, "narrow").json()
    assert (told["status"], told["added"], told["articles"]) == ("read", 0, [])


def test_what_a_run_took_in_that_ended_before_it_said_so_is_told_as_taken_in_by_the_next(tmp_path, root, encoder):
    folder = tmp_path / "inbox"
    with serving(folder) as desk:
        first = desk.hand_in(PAGE, "page.txt").json()["receipt"]
        again = desk.hand_in(PAGE, "page.txt").json()["receipt"]
        taken = [folder / receipt for receipt in (first, again)]
        Ingester(root, encoder).add(taken)  # and it is killed before a word of it is written
        for _ in range(2):
            write_reports(folder, root, Ingester(root, encoder).add(taken, wish=Wish(detail=True)))
            told = [desk.tell(receipt).json() for receipt in (first, again)]
            assert [(each["added"], each["unchanged"]) for each in told] == [(2, 0), (0, 2)]


def test_a_receipt_is_another_holders_as_one_that_does_not_exist(desk):
    receipt = desk.hand_in(PAGE, "own.txt").json()["receipt"]
    assert len(receipt) == 37
    assert desk.tell(receipt, "editor-too").json()["file"] == "own.txt", "another key of the same holder"
    absent = desk.tell("a" * 37)
    assert absent.status_code == 404
    for who, name in (
        ("rival", receipt),
        ("rival", receipt.upper()),
        ("editor", "a.b"),
        ("editor", "a" * 5),
    ):
        reply = desk.tell(name, who)
        assert (reply.status_code, reply.content) == (absent.status_code, absent.content)


@pytest.mark.parametrize(("who", "status"), [("", 403), ("unknown", 401), ("asker", 403), ("portal", 403)])
def test_nobody_hands_in_without_a_key_that_may(desk, who, status):
    before = desk.left()
    for reply in (desk.hand_in(PAGE, "page.txt", who), desk.tell("a" * 37, who)):
        assert reply.status_code == status
        assert reply.json()["error"]["message"]
    assert desk.left() == before


def test_a_body_that_is_the_file_itself_will_do(desk):
    said = {"name": "raw.txt", "paper": "青岚晚报", "date": "2024-03-06"}
    reply = httpx.post(f"{desk.url}/api/inbox", params=said, content=PAGE.encode(), headers=bearer("editor"))
    assert reply.status_code == 202
    assert reply.headers["location"] == f"inbox/{reply.json()['receipt']}"
    folder = desk.folder / reply.json()["receipt"]
    assert (folder / "raw.txt").read_text("utf-8") == PAGE
    sidecar = read_sidecar(folder)
    assert sidecar
    assert sidecar.all == Told("青岚晚报", read_told(None, "2024-03-06", None).date)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("../../x.txt", "x.txt"),
        ("/etc/passwd.txt", "passwd.txt"),
        ("C:\\secret\\b.txt", "b.txt"),
        ("a\0b.txt", "ab.txt"),
        (".hidden.txt", "hidden.txt"),
        ("版" * 300 + ".tar.gz", "版" * 37 + ".tar.gz"),
        ("a\u202e\n\u200b.txt", "a.txt"),
        ("人民日报 2023-05-11 第3版.PDF", "人民日报 2023-05-11 第3版.PDF"),
    ],
)
def test_a_file_has_a_name_of_its_own_and_never_a_path(said, kept):
    assert safe_name(said) == kept


@pytest.mark.parametrize("name", ["meta.yaml", "page.exe", "x", "..", "", "a.txt/", ".txt", "README.md", "x.txt.part"])
def test_formats_that_are_not_read_are_refused_with_those_that_are(desk, name):
    with pytest.raises(UnknownKind):
        safe_name(name)
    reply = httpx.post(f"{desk.url}/api/inbox", params={"name": name}, content=b"x", headers=bearer("editor"))
    assert reply.status_code == 415
    message = reply.json()["error"]["message"]
    assert all(suffix in message for kind in KINDS for suffix in kind.suffixes)


@pytest.mark.parametrize(
    "words", ['报": x', "报\nfiles:\n  a.txt: {}", "!!python/object:os.system", "&a *a", "~", "# x", "😀报"]
)
def test_what_is_said_of_a_file_is_kept_as_words_whatever_it_looks_like(desk, words):
    reply = desk.hand_in(PAGE, "page.txt", paper=words, page=words)
    assert reply.status_code == 202
    sidecar = read_sidecar(desk.folder / reply.json()["receipt"])
    plain = " ".join(words.split())
    assert sidecar
    assert (sidecar.all, sidecar.files) == (Told(plain, None, plain), {})


@pytest.mark.parametrize("date", ["2023-02-30", "20230511", "2023-W19-4", "yesterday", "2023-5-1", "二〇二三年"])
def test_a_wrong_day_is_refused_and_nothing_is_left(desk, date):
    before = desk.left()
    reply = desk.hand_in(PAGE, "page.txt", date=date)
    assert reply.status_code == 400
    assert date in reply.json()["error"]["message"]
    assert desk.left() == before


def test_names_that_cannot_be_printed_or_are_too_long_are_refused():
    for words in ("a\0b", "a\x1bb", "报" * 61, "\u200b"):
        with pytest.raises(BadHandIn):
            read_told(words, None, None)
    assert read_told("  ", "", None) == Told()


def part(disposition: str, said: str) -> str:
    return f"--x\r\nContent-Disposition: form-data; {disposition}\r\n\r\n{said}"


FORM = "multipart/form-data; boundary=x"
FILE = 'name="file"; filename="a.txt"'


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("", FORM),
        ("--x\r\n", FORM),
        ("no form at all", FORM),
        ("--x--\r\n", "multipart/form-data"),
        ("--x--\r\n", "multipart/form-data; boundary=" + "x" * 5000),
        (part(FILE, "half"), FORM),
        (part('name="paper"', "A\r\n--x--\r\n"), FORM),
        (part('name="papr"', "A\r\n") + part(FILE, "whole\r\n--x--\r\n"), FORM),
        (part('name="paper"', "A" * 3000 + "\r\n") + part(FILE, "whole\r\n--x--\r\n"), FORM),
        (part(FILE, "\r\n--x--\r\n"), FORM),
        (PAGE, "text/plain"),
    ],
)
def test_what_is_no_form_with_a_file_is_refused_and_nothing_is_left(desk, body, content_type):
    before = desk.left()
    headers = {**bearer("editor"), "Content-Type": content_type}
    reply = httpx.post(f"{desk.url}/api/inbox", content=body.encode(), headers=headers)
    assert (reply.status_code, reply.json()["error"]["code"]) == (400, "bad_request")
    assert desk.left() == before


def test_one_file_at_a_time(desk):
    before = desk.left()
    files = [("file", ("a.txt", b"a")), ("file", ("b.txt", b"b"))]
    reply = httpx.post(f"{desk.url}/api/inbox", headers=bearer("editor"), files=files)
    assert reply.status_code == 400
    assert desk.left() == before


@pytest.mark.parametrize(("name", "said"), [("a.json", b'{"a": 1}'), ("a.xml", b"<note>hello</note>")])
def test_a_file_that_no_walk_would_take_for_a_page_is_not_left_to_wait(desk, name, said):
    before = desk.left()
    assert desk.hand_in(said, name).status_code == 415
    assert desk.left() == before


def test_a_file_that_is_too_long_is_refused_whether_it_says_so_or_not(desk):
    before = desk.left()
    url, headers = f"{desk.url}/api/inbox?name=a.txt", bearer("editor")
    pieces = (b"x" * 50_000 for _ in range(10))
    for content in (b"x" * 500_000, pieces):
        reply = httpx.post(url, content=content, headers=headers)
        assert (reply.status_code, reply.json()["error"]["code"]) == (413, "too_large")
    assert desk.left() == before
    assert httpx.post(url, content=b"x" * LONGEST, headers=headers).status_code == 202


HALF = (
    b"POST /api/inbox?name=half.txt HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer editor\r\nContent-Length: 1000\r\n\r\n"
    + b"x" * 500
)


def test_a_file_that_breaks_off_half_way_leaves_nothing(desk):
    before = desk.left()
    host, port = desk.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as line:
        line.sendall(HALF)
        coming = desk.folder / room.COMING
        until = time.monotonic() + PATIENCE
        while not any(coming.iterdir()):
            assert time.monotonic() < until
            time.sleep(0.01)
    while any(coming.iterdir()):
        assert time.monotonic() < until
        time.sleep(0.01)
    assert desk.left() == before


def test_a_file_that_stops_coming_is_given_up(desk, monkeypatch):
    monkeypatch.setattr("bot.api.inbox.SILENCE", 0.3)
    before = desk.left()
    host, port = desk.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as line:
        line.sendall(HALF)
        assert b" 408 " in line.recv(100)
    assert desk.left() == before


def test_many_at_once_all_come_whole(desk):
    texts = {f"{number}.txt": f"第{number}号\n\n{number}" * 2_000 for number in range(6)}
    replies: dict[str, httpx.Response] = {}

    def send(name: str) -> None:
        replies[name] = desk.hand_in(texts[name], name)

    threads = [threading.Thread(target=send, args=(name,)) for name in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    receipts = {name: reply.json()["receipt"] for name, reply in replies.items()}
    assert len(set(receipts.values())) == len(texts)
    assert all((desk.folder / receipts[name] / name).read_text("utf-8") == text for name, text in texts.items())


def test_whoever_comes_to_too_many_is_told_when_to_come_again(desk, monkeypatch):
    monkeypatch.setattr("bot.api.inbox.AT_ONCE", 0)
    before = desk.left()
    reply = desk.hand_in(PAGE, "page.txt")
    assert (reply.status_code, reply.headers["retry-after"]) == (503, "10")
    assert desk.left() == before


def test_receipts_stand_in_the_order_in_which_they_were_given_and_say_no_day():
    receipts = []
    for _ in range(20):
        receipts.append(room._new_receipt())
        time.sleep(0.002)
    assert receipts == sorted(receipts)
    assert all(receipt.isalpha() for receipt in receipts)


def test_a_disk_that_is_nearly_full_takes_no_file(desk, monkeypatch):
    before = desk.left()
    monkeypatch.setattr(room, "MARGIN", 1 << 60)
    reply = desk.hand_in(PAGE, "page.txt")
    assert (reply.status_code, reply.json()["error"]["code"]) == (507, "no_room")
    assert reply.headers["retry-after"]
    assert str(desk.folder) not in reply.text
    assert desk.left() == before


def test_what_a_killed_process_left_half_is_cleared_away(tmp_path):
    inbox = Inbox(tmp_path, LONGEST)
    dead, alive = tmp_path / room.COMING / "dead", tmp_path / room.COMING / "alive"
    for folder in (dead, alive):
        folder.mkdir()
        (folder / "half.txt").write_text("x")
    os.utime(dead, (0, 0))
    inbox.begin("desk", 10).drop()
    assert (dead.exists(), alive.exists()) == (False, True)


def test_nothing_is_taken_up_before_it_is_whole(watched):
    desk, root = watched
    before = Generations(root).current()
    coming = Inbox(desk.folder, LONGEST).begin("desk", None)
    coming.name("slow.txt")
    coming.write(PAGE.replace("石桥", "竹桥").encode())
    coming._file.flush()
    write_sidecar(coming._folder, read_told("竹桥报", "2024-01-01", None))  # all of it is there, and not handed in yet
    meanwhile = desk.became(desk.hand_in(PAGE.replace("石桥", "铁桥"), "whole.txt", paper="铁桥报").json()["receipt"])
    assert (meanwhile["added"], Generations(root).current()) == (2, before + 1)
    with live_catalog(Generations(root)) as (_, catalog):
        assert "竹桥报" not in {article.paper for article in catalog.live_articles()}
    receipt = coming.finish(read_told("竹桥报", "2024-01-01", None))
    told = desk.became(receipt.receipt)
    assert told["added"] == 2


def test_what_the_readme_shows_is_so(desk, tmp_path):
    if not shutil.which("curl"):
        missing("curl")
    (tmp_path / "page-03.txt").write_text(PAGE, "utf-8")
    for readme in READMES.values():
        shown = [line[2:] for line in readme.read_text("utf-8").splitlines() if line.startswith("$ curl")]
        hand_in, tell = (
            line.replace("https://news.example.org", desk.url).replace("wbk_…", "editor")
            for line in shown
            if "inbox" in line
        )
        given = json.loads(subprocess.run(shlex.split(hand_in), cwd=tmp_path, capture_output=True, timeout=30).stdout)
        assert (given["file"], given["paper"]) == ("page-03.txt", "柳桥日报")
        *words, address = shlex.split(tell)
        address = f"{address.rpartition('/')[0]}/{given['receipt']}"
        told = json.loads(subprocess.run([*words, address], capture_output=True, timeout=30).stdout)
        assert told["status"] == "waiting"


def test_the_document_of_the_api_tells_of_both(desk):
    paths = httpx.get(f"{desk.url}/api/openapi.json", headers=bearer("editor")).json()["paths"]
    posted = paths["/api/inbox"]["post"]
    assert set(posted["responses"]) >= {"202", "400", "401", "403", "408", "413", "415", "503", "507"}
    assert "multipart/form-data" in posted["requestBody"]["content"]
    assert {each["name"] for each in posted["parameters"]} == {"name", "paper", "date", "page"}
    assert "404" in paths["/api/inbox/{receipt}"]["get"]["responses"]
