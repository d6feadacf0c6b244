"""Who may read which paper: to somebody who may not read one, it is as if it had never been in the archive.

Most promises are held by two archives: one with a paper that a reader may not read, and one that never had that paper.
What the one says to that reader and the other to anybody is the same, byte for byte.
"""

from __future__ import annotations

import json
import re
import statistics
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import SimpleNamespace

import gradio as gr
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from bot.access import EVERYTHING, NOTHING, Readable, Reader
from bot.bot import Bot
from bot.look import Look
from bot.models import Answer, Turn
from bot.opening import Opening
from bot.page.acts import Acts
from bot.page.events import Events
from bot.page.owner import Session
from bot.state import State
from bot.visitor import NOBODY, SCOPES, Visitor, set_visitor
from bot.web.render import Pages
from bot.web.site import SEEN, archive_routes
from ingest.archive import Archive
from ingest.errors import NotFound
from ingest.ingester import Ingester
from ingest.models import Filter
from tests.conftest import BigramEncoder
from tests.pages import ANYBODY, As, opened
from tests.printed import PAPERS, printed_rows

SECRET = "内部参考"
OPEN_PAPERS = Readable(frozenset({SECRET}), all_but=True)
OUTSIDER = Visitor(subject="outsider", papers=OPEN_PAPERS, scopes=frozenset(SCOPES), via="portal")
INSIDER = replace(OUTSIDER, subject="insider", papers=EVERYTHING, groups=frozenset({"editors"}))
READER = Reader("outsider", OPEN_PAPERS)
ZH = {"accept-language": "zh"}

BRIDGE = (
    "柳桥镇石拱桥的修缮昨天完工。镇文保站站长周大年说，修缮花了六个月，一共用去380万元，桥栏上的石狮子补齐了十二只。"
    "桥头立了一块新碑，写着历次修桥的年份，南侧的步道月底也要铺好，届时两岸的孩子上学可以少走二里路。"
)
PLANT = (
    "记者获悉，青岚化工厂的储罐昨夜发生渗漏，厂长陆知远承认瞒报三天，应急局已封存账册，下游取水口改用备用水源。"
    "附近村民说，河面上漂着一层油花，夜里能闻到刺鼻的气味，镇政府要求暂不对外发布消息，等候调查组的结论。"
)


def row(name: str, title: str, text: str, paper: str | None, day: str = "2023-05-11", **more: str) -> dict:
    made = {"id": name, "title": title, "text": text, "date": day, "page": "1", **more}
    return made | ({"paper": paper} if paper else {})


OPEN_ROWS = [
    *printed_rows(60),
    row("bridge", "柳桥镇石拱桥修缮完工", BRIDGE, PAPERS[0], place="柳桥镇"),
    row("bridge2", "石拱桥修好了", BRIDGE.replace("，桥栏上的石狮子补齐了十二只", ""), PAPERS[1], place="柳桥镇"),
    row("unnamed", "渡口添了新船", "石塘渡口昨天添了一条新船，能载四十人，过江的时间缩短到十二分钟。", None),
    row("factory", "青岚化工厂办开放日", "青岚化工厂昨天请来两百位市民参观，讲解员介绍了废水处理的流程。", PAPERS[0]),
]
SECRET_ROWS = [
    row(
        "bridge-in", "石拱桥修缮花费存疑", BRIDGE + "审计发现其中40万元去向不明。", SECRET, "2023-05-12", place="柳桥镇"
    ),
    row("device", "渗漏检测仪到货", "渗漏检测仪Zorblax昨天到货，一共三台。", SECRET),
    row("plant", "青岚化工厂储罐渗漏瞒报", PLANT, SECRET, "2023-05-13", byline="本报记者 江慕白", place="青岚县"),
    row(
        "notice",
        "更正",
        "本报5月13日1版《青岚化工厂储罐渗漏瞒报》一文中，“瞒报三天”有误，应为“瞒报五天”。",
        SECRET,
        "2023-05-14",
    ),
    *[
        row(f"more{n}", f"陆知远约谈纪要之{n}", f"第{n}次约谈，陆知远承认储罐渗漏编号戊{n:03d}。", SECRET)
        for n in range(9)
    ],
]
WORDS = (SECRET, "陆知远", "渗漏", "瞒报", "去向不明", "江慕白", "约谈", "青岚县", "审计")  # of the secret paper alone
QUESTIONS = (
    "柳桥镇石拱桥修缮花了多少钱？", "青岚化工厂发生了什么？", "青岚化工厂储罐渗漏瞒报了几天？", "陆知远承认了什么？",
    "石塘渡口的新船能载多少人？", "谁写了青岚化工厂的报道？", "云溪乡的水库怎么样了？", "恐龙为什么灭绝？",
    "柳桥镇最近有什么新闻？", "5月13日有什么报道？", "What happened at the Qinglan chemical plant?",
    "How much did the Zorblax repair of the bridge in Liuqiao cost?",
)  # fmt: skip


STREETS = (
    "号院的住户昨天搬进新楼，钥匙由街道统一发放，物业费减半收取，楼道里装了扶手",
    "巷口的老井昨天重新开盖，水质检测合格，取水时间改为早晚两次，井台换了青石",
    "后街的石板路昨天翻修完毕，下水管道全部更换，两侧的梧桐树保留了下来，路灯也亮了",
)


@dataclass
class House:
    """An archive with its bot and pages."""

    bot: Bot
    routes: list

    def get(self, path: str, visitor: Visitor, **headers: str):
        return self.client(visitor).get(path, headers=ZH | headers)

    def find(self, visitor: Visitor, **fields: str):
        return self.client(visitor).post("/archive/search", data=fields, headers=ZH)

    def client(self, visitor: Visitor) -> TestClient:
        return TestClient(As(Starlette(routes=self.routes), visitor), follow_redirects=False)

    def ids(self) -> dict[str, str]:
        """Article ids by the records' own."""
        with self.bot.reading() as snapshot:
            return {one.source_id: one.article_id for one in snapshot.recent(10_000)}


def house(root: Path, rows: list[dict]) -> Iterator[House]:
    root.mkdir()
    file = root / "rows.jsonl"
    file.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in rows), "utf-8")
    encoder = BigramEncoder()
    Ingester(root / "data", encoder).add([file])
    with Archive(root / "data", encoder) as archive:
        bot = Bot(archive, encoder)
        yield House(bot, [*archive_routes(Opening(opened(bot)), Pages(Look()))])


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Iterator[House]:
    """Three papers, articles of none, and a paper that is not for everybody, its articles among the others."""
    mixed = OPEN_ROWS[:30] + SECRET_ROWS[:4] + OPEN_ROWS[30:] + SECRET_ROWS[4:]
    yield from house(tmp_path_factory.mktemp("whole") / "a", mixed)


@pytest.fixture(scope="module")
def without(tmp_path_factory) -> Iterator[House]:
    """The same without that paper."""
    yield from house(tmp_path_factory.mktemp("without") / "b", OPEN_ROWS)


def said(answer: Answer) -> dict:
    """All of an answer but the time it took, and scores, into which the mean length of all chunks goes."""
    fields = asdict(answer)
    del fields["took_ms"]
    for passage in fields["passages"]:
        del passage["score"], passage["article"]["file"]
        passage["article"]["file_start"] = passage["article"]["file_end"] = 0
        passage["article"]["file_spans"] = ()
    return fields


def silent(text: str) -> None:
    assert not [word for word in WORDS if word in text]


# -- the archive itself -----------------------------------------------------------------------------------------------


def test_the_rows_are_what_they_are_meant_to_be(whole):
    """Else the tests below would hold nothing."""
    with whole.bot.reading() as snapshot:
        ids = whole.ids()
        assert snapshot.article(ids["plant"]).corrected_by
        assert {one.source_id for one in snapshot.catalog.copies_of(ids["bridge"])} == {"bridge2", "bridge-in"}
    assert not whole.bot.ask("青岚化工厂储罐渗漏瞒报了几天？").refused
    assert SECRET in whole.get("/archive", INSIDER).text


def test_to_who_may_read_all_it_is_the_same_bot_and_the_same_snapshot(whole):
    assert whole.bot.seen_by(Reader("x")) is whole.bot
    more = Readable(frozenset({"没有的报"}), all_but=True)
    with whole.bot.reading() as snapshot, whole.bot.seen_by(Reader("x", more)).reading() as seen:
        assert seen is snapshot


def test_nobody_reads_nothing_and_no_reader_reads_more_than_the_one_before(whole):
    for reader in (Reader("x", NOTHING), Reader("x", Readable(frozenset({"没有的报"})))):
        bot = whole.bot.seen_by(reader)
        answer = bot.ask(QUESTIONS[0])
        assert (answer.refused, answer.reason, answer.passages, bot.search("修缮")) == (True, "empty_archive", (), [])
        assert (bot.stats().articles, bot.stats().papers, bot.examples(4)) == (0, (), [])
        assert bot.seen_by(Reader()).stats().articles == 0


@pytest.mark.parametrize("names", [{SECRET}, {PAPERS[0], None}, {None}, {PAPERS[1]}, {PAPERS[0], PAPERS[1], PAPERS[2]}])
def test_every_set_of_papers_is_searched_and_counted_as_the_catalog_says(whole, names):
    bot = whole.bot.seen_by(Reader("x", Readable(frozenset(names))))
    with whole.bot.reading() as snapshot:
        allowed = {one.article_id for one in snapshot.recent(10_000) if one.paper in names}
    assert bot.stats().articles == len(allowed)
    for question in QUESTIONS:
        hits = bot.search(question, 100)
        assert {hit.article.article_id for hit in hits} <= allowed
        by = {kind for hit in hits for kind in hit.found_by}
        assert by <= {"words", "vectors"}
    everything = bot.search("的报道新闻昨天", 500)
    assert everything


# -- answers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("question", QUESTIONS)
def test_an_answer_is_that_of_an_archive_that_never_had_the_paper(whole, without, question):
    ours, theirs = whole.bot.seen_by(READER).ask(question), without.bot.ask(question)
    assert said(ours) == said(theirs)


@pytest.mark.parametrize(
    "where", [Filter(paper=SECRET), Filter(paper="没有的报"), Filter(place="青岚县"), Filter(byline="江慕白")]
)
def test_a_filter_that_only_the_paper_passes_lets_nothing_pass(whole, without, where):
    ours, theirs = whole.bot.seen_by(READER), without.bot
    assert ours.ask(QUESTIONS[1], where=where).refused
    assert said(ours.ask(QUESTIONS[1], where=where)) == said(theirs.ask(QUESTIONS[1], where=where))
    assert ours.nothing_passes(QUESTIONS[1], where) == theirs.nothing_passes(QUESTIONS[1], where) is not None


def test_a_refusal_says_of_no_filter_to_who_has_set_none_and_counts_what_may_be_read(whole, without):
    ours = whole.bot.seen_by(READER).ask("恐龙为什么灭绝？")
    assert ours.refused
    assert f"{len(OPEN_ROWS)}篇文章" in ours.text
    assert ours.text == without.bot.ask("恐龙为什么灭绝？").text


def test_a_follow_up_is_understood_and_answered_as_if_the_paper_were_not_there(whole, without):
    history = [Turn("user", "青岚化工厂怎么了？"), Turn("assistant", "讲解员介绍了废水处理的流程。")]
    ours = whole.bot.seen_by(READER).ask("那瞒报了几天？", history)
    assert said(ours) == said(without.bot.ask("那瞒报了几天？", history))


def test_no_word_weighs_more_or_less_for_standing_in_a_paper_that_may_not_be_read(whole, without):
    """Scores differ by the mean length of all chunks alone; that of a single word's chunks is in none of them."""
    ours, theirs = ([(hit.article.source_id, hit.score) for hit in bot.search("青岚化工厂 水库 渡口", 10)]
                    for bot in (whole.bot.seen_by(READER), without.bot))  # fmt: skip
    assert [name for name, _ in ours] == [name for name, _ in theirs]
    for (_, one), (_, other) in zip(ours, theirs, strict=True):
        assert one == pytest.approx(other, rel=0.03)


def test_what_is_offered_to_ask_comes_from_what_may_be_read(whole, without):
    ours, theirs = whole.bot.seen_by(READER), without.bot
    assert ours.examples(20) == theirs.examples(20)
    assert ours.follow_ups(ours.ask(QUESTIONS[0]), 5) == theirs.follow_ups(theirs.ask(QUESTIONS[0]), 5)
    answer = whole.bot.ask("青岚化工厂发生了什么？")  # while it could be read
    silent("".join(ours.follow_ups(answer, 5)))


def test_an_article_of_the_paper_is_not_found_as_one_that_does_not_exist(whole):
    bot, ids = whole.bot.seen_by(READER), whole.ids()
    version = whole.bot.article(ids["plant"]).version_id
    for name in (ids["plant"], version):
        with pytest.raises(NotFound) as forbidden:
            bot.article(name)
        with pytest.raises(NotFound) as absent:
            bot.article("0" * len(name))
        assert str(forbidden.value).replace(name, "") == str(absent.value).replace("0" * len(name), "")


def test_the_other_papers_of_a_story_are_those_that_may_be_read(whole, without):
    ids = whole.ids()
    around = whole.bot.seen_by(READER).around(whole.bot.article(ids["bridge"]))
    assert {one.paper for one in around.copies} == {PAPERS[1]}
    answer = whole.bot.seen_by(READER).ask("柳桥镇石拱桥的石狮子补齐了几只？")
    assert {one.paper for c in answer.citations for one in c.also} <= {PAPERS[1]}


def test_two_articles_that_only_a_third_makes_one_story_are_two_where_that_one_may_not_be_read(tmp_path):
    yard, well, lane = ("".join(f"{words}{n}。" for n in "甲乙丙丁戊己庚辛") for words in STREETS)
    rows = [
        row("a", "搬家", yard + well, "甲报"),
        row("b", "老井", well + lane, "乙报"),
        row("c", "街巷", yard + well + lane, SECRET),
    ]
    for made in house(tmp_path / "x", rows):
        with made.bot.reading() as snapshot, made.bot.seen_by(READER).reading() as seen:
            names = made.ids().values()
            assert len(snapshot.catalog.stories(names)) == 3
            assert len({one.story for one in snapshot.catalog.stories(names).values()}) == 1
            assert seen.catalog.stories(names) == {}


def test_a_version_that_was_filed_under_another_paper_is_not_shown_either(tmp_path):
    def rows(paper: str) -> list[dict]:
        return [row("moved", "青岚化工厂储罐渗漏瞒报", PLANT, paper), *OPEN_ROWS[60:]]

    for made in house(tmp_path / "x", rows(PAPERS[0])):
        name = made.ids()["moved"]
        old = made.bot.article(name).version_id
        assert made.bot.seen_by(READER).article(name).paper == PAPERS[0]
        file = tmp_path / "moved.jsonl"
        file.write_text(json.dumps(rows(SECRET)[0], ensure_ascii=False), "utf-8")
        archive = made.bot._archive
        Ingester(tmp_path / "x" / "data", BigramEncoder()).add([file])
        archive.refresh()
        for gone in (name, old):
            with pytest.raises(NotFound):
                made.bot.seen_by(READER).article(gone)
        assert made.bot.article(old).superseded_by


# -- the archive's pages ----------------------------------------------------------------------------------------------


def paths(house: House) -> list[str]:
    with house.bot.reading() as snapshot:
        days = {str(one.date) for one in snapshot.recent(10_000)}
        names = snapshot.catalog.live_names()
    periods = {day[:4] for day in days} | {day[:7] for day in days}
    issues = [f"/archive/2023-05-11/{paper}" for paper in (*PAPERS, "-")] + [f"/archive/2023-05-11/{PAPERS[0]}/1"]
    browsing = [f"/archive/search?part={n}" for n in (1, 2, 4)] + [
        "/archive/search?place=柳桥镇", "/archive/search?order=oldest", f"/archive/search?paper={SECRET}",
    ]  # fmt: skip
    return ["/archive", *(f"/archive/{one}" for one in sorted(periods | days)), *issues, *browsing] + [
        f"/article/{name}" for name in names
    ]


def settled(house: House, path: str, visitor: Visitor):
    """A page with its topics counted."""
    until = time.monotonic() + 20
    while 'id="later"' in (reply := house.get(path, visitor)).text:
        assert time.monotonic() < until
        time.sleep(0.02)
    return reply


def plain(reply) -> tuple[int, str, dict]:
    """Status, body and headers, without the day; an ETag without the generation's number."""
    headers = {name: value for name, value in reply.headers.items() if name not in ("etag", "set-cookie")}
    headers["etag"] = re.sub(r"^(\S+?)-[0-9]+-", r"\1-", reply.headers.get("etag", ""))
    headers["seen"] = re.sub(r"-[^;]*", "", reply.headers.get("set-cookie", ""))
    return reply.status_code, reply.text, headers


def test_every_page_is_that_of_an_archive_that_never_had_the_paper(whole, without):
    for path in paths(without):
        ours, theirs = settled(whole, path, OUTSIDER), settled(without, path, ANYBODY)
        assert plain(ours) == plain(theirs), path
        silent(ours.text.replace(SECRET, "") if "paper=" in path else ours.text)  # what is looked for is said again


def test_every_page_of_the_paper_is_the_page_of_what_does_not_exist(whole, without):
    ids = whole.ids()
    for path in (
        f"/article/{ids['plant']}", f"/article/{whole.bot.article(ids['plant']).version_id}",
        f"/article/{ids['bridge']}?version={whole.bot.article(ids['plant']).version_id}",
        "/archive/2023-05-13", f"/archive/2023-05-11/{SECRET}", f"/archive/2023-05-11/{SECRET}/1",
    ):  # fmt: skip
        ours, theirs = whole.get(path, OUTSIDER), without.get(path, ANYBODY)
        assert ours.status_code == 404, path
        assert (plain(ours), ours.headers.get("etag")) == (plain(theirs), None)


@pytest.mark.parametrize("words", ["陆知远", "渗漏", "石拱桥", "青岚 化工厂", "约谈纪要", "修缮 万元"])
@pytest.mark.parametrize("order", ["rank", "newest"])
def test_a_search_finds_and_counts_what_it_would_without_the_paper(whole, without, words, order):
    ours, theirs = whole.find(OUTSIDER, words=words, order=order), without.find(ANYBODY, words=words, order=order)
    assert plain(ours) == plain(theirs)


def test_whoever_comes_after_another_gets_nothing_that_was_kept_for_that_one(whole):
    """Whatever is kept between two requests is kept for those who may read the same."""
    for path in ("/archive", "/archive/2023-05", "/archive/2023-05-11", "/archive/search"):
        before = settled(whole, path, OUTSIDER)
        all_of_it = settled(whole, path, INSIDER)
        assert all_of_it.text != before.text
        assert all_of_it.headers["etag"] != before.headers["etag"]
        assert settled(whole, path, OUTSIDER).text == before.text
        again = whole.get(path, OUTSIDER, **{"if-none-match": all_of_it.headers["etag"]})
        assert again.status_code == 200
        for reply in (before, all_of_it):
            assert "private" in reply.headers["cache-control"]
            assert {"Cookie", "Authorization"} <= set(reply.headers["vary"].split(", "))
    for _ in range(2):
        assert "陆知远" in whole.find(INSIDER, words="陆知远").text.split("</form>")[1]
        assert "约谈" not in whole.find(OUTSIDER, words="陆知远").text


def test_the_cookie_of_what_was_seen_counts_what_may_be_read(whole, without):
    ours, theirs = (one.get("/archive", who).cookies[SEEN] for one, who in ((whole, OUTSIDER), (without, ANYBODY)))
    assert ours == theirs
    assert ours.split(".")[1] == str(len(OPEN_ROWS))


def test_a_request_that_no_guard_has_seen_reads_nothing(whole):
    naked = TestClient(Starlette(routes=whole.routes), follow_redirects=False)
    assert naked.get(f"/article/{whole.ids()['bridge']}", headers=ZH).status_code == 404
    for reply in (naked.get("/archive", headers=ZH), naked.post("/archive/search", data={"words": "桥"}, headers=ZH)):
        silent(reply.text)
        assert "柳桥镇" not in reply.text


def test_forbidden_takes_the_time_of_absent(whole):
    ids = whole.ids()
    bot = whole.bot.seen_by(READER)

    def seconds(name: str) -> float:
        began = time.perf_counter()
        with pytest.raises(NotFound):
            bot.article(name)
        return time.perf_counter() - began

    names = {"forbidden": ids["plant"], "absent": "0" * len(ids["plant"])}
    times = [{kind: seconds(name) for kind, name in names.items()} for _ in range(300)]  # by turns: both of one moment
    took = {kind: statistics.median(each[kind] for each in times) for kind in names}
    assert took["forbidden"] < 2 * took["absent"] + 0.0002
    assert took["absent"] < 2 * took["forbidden"] + 0.0002


# -- the chat: its events, what is kept, what is shared ---------------------------------------------------------------


class Page:
    """The chat's events over a house, asked without a browser."""

    def __init__(self, house: House, state: State) -> None:
        opening = Opening(opened(house.bot))
        self.events = Events(opening, state, Look())
        self.acts = Acts(opening, self.events.desk, lambda: None)

    def ask(self, visitor: Visitor, question: str, session: Session | None = None, **posted: str) -> tuple[str, dict]:
        """The last chat and what the scripts are told."""
        post = json.dumps({"question": question, "number": 1, **posted})
        steps = self.events.ask(post, session or Session(), "", "", "", "", "", False, request(visitor))
        *_, (chat, told) = steps
        return shown(chat), json.loads(told)

    def greet(self, visitor: Visitor, session: Session | None = None, **posted: str) -> str:
        return shown(self.events.greet(json.dumps(posted), session or Session(), request(visitor)))

    def act(self, visitor: Visitor, verb: str, name: str) -> dict:
        _, line, _ = self.acts.act(json.dumps({"verb": verb, "id": name}), Session(), request(visitor))
        return {key: value for key, value in json.loads(line).items() if key != "at"}


def request(visitor: Visitor) -> SimpleNamespace:
    scope: dict = {}
    set_visitor(scope, visitor)
    return SimpleNamespace(headers=ZH, request=SimpleNamespace(scope=scope))


def shown(value: object) -> str:
    """Every text in what Gradio is given."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return "\n".join(map(shown, value.values()))
    if isinstance(value, list | tuple):
        return "\n".join(map(shown, value))
    if hasattr(value, "get_config"):
        return shown([getattr(value, name, "") for name in ("value", "placeholder", "examples", "choices", "label")])
    return ""


@pytest.fixture
def page(whole, tmp_path) -> Iterator[Page]:
    with closing(State.of(tmp_path)) as state:
        yield Page(whole, state)


def test_the_greeting_names_counts_and_offers_what_may_be_read(page, without, tmp_path):
    ours = page.greet(OUTSIDER)
    silent(ours)
    with closing(State.of(tmp_path / "other")) as state:
        assert ours == Page(without, state).greet(replace(ANYBODY, subject="x"))
    assert SECRET in page.greet(INSIDER)


def test_an_article_opens_beside_the_chat_only_to_who_may_read_it(page, whole):
    ids = whole.ids()
    for name, missing in ((ids["plant"], "0" * 24), (whole.bot.article(ids["plant"]).version_id, "f" * 24)):
        forbidden, absent = (
            page.events.open_source(f"#cite-{one}.text.0.9", Session(), request(OUTSIDER)) for one in (name, missing)
        )
        assert forbidden == absent
    assert "陆知远" in page.events.open_source(f"#cite-{ids['plant']}.text.0.9", Session(), request(INSIDER))
    silent(page.events.open_source(f"#cite-{ids['bridge']}.text.0.9", Session(), request(OUTSIDER)))


def test_a_shared_answer_shows_of_itself_what_may_be_read(page):
    _, told = page.ask(INSIDER, "青岚化工厂储罐渗漏瞒报了几天？")
    exchange = page.events.desk.exchanges(Reader(owner(INSIDER)), told["conversation"], Session())[0]
    link = page.act(INSIDER, "share", exchange.id)["link"]
    assert "陆知远" in page.greet(INSIDER, share=link) or "瞒报" in page.greet(INSIDER, share=link)
    silent(page.greet(OUTSIDER, share=link))
    refused, told = page.ask(INSIDER, "恐龙为什么灭绝？")
    assert SECRET in refused
    exchange = page.events.desk.exchanges(Reader(owner(INSIDER)), told["conversation"], Session())[0]
    link = page.act(INSIDER, "share", exchange.id)["link"]
    seen = page.greet(OUTSIDER, share=link)
    silent(seen)
    assert f"{len(OPEN_ROWS)}篇文章" in seen


def owner(visitor: Visitor) -> str:
    from bot.page.owner import reader_id

    return reader_id(visitor.subject, "")


WITHDRAWN = replace(INSIDER, papers=OPEN_PAPERS, groups=frozenset())


def test_a_group_that_is_withdrawn_in_mid_session_takes_its_words_along(page):
    session = Session()
    chat, told = page.ask(INSIDER, "青岚化工厂出了什么事？", session)
    assert "陆知远" in chat
    page.events.offer(session, request(INSIDER))
    conversation = told["conversation"]
    asked = page.greet(WITHDRAWN, conversation=conversation)
    silent(asked)
    assert "青岚化工厂出了什么事？" in asked  # what they asked stays theirs
    source, *_ = page.events.finish(session, request(WITHDRAWN))
    silent(source)
    session.offered = False
    silent(shown(page.events.offer(session, request(WITHDRAWN))))
    more, _ = page.ask(WITHDRAWN, "他还承认了什么？", session, conversation=conversation)
    silent(more)
    assert "陆知远" in page.greet(INSIDER, conversation=conversation)  # kept as it was


def test_questions_that_were_offered_after_an_answer_go_with_what_they_were_made_from(page):
    _, told = page.ask(INSIDER, "青岚化工厂出了什么事？")
    exchange = page.events.desk.exchanges(Reader(owner(INSIDER)), told["conversation"], Session())[0]
    page.events.desk.state.offer(owner(INSIDER), exchange.id, ["陆知远说了什么？"])
    assert "陆知远说了什么？" in page.greet(INSIDER, conversation=told["conversation"])
    silent(page.greet(WITHDRAWN, conversation=told["conversation"]))


def test_what_a_model_is_told_of_the_talk_has_no_word_of_an_answer_that_may_not_be_read(page):
    from bot.page.desk import turns

    _, told = page.ask(INSIDER, "青岚化工厂储罐渗漏瞒报了几天？")
    reader = Reader(owner(INSIDER), OPEN_PAPERS)
    history = turns(page.events.desk.exchanges(reader, told["conversation"], Session()))
    assert [(turn.role, turn.content) for turn in history] == [("user", "青岚化工厂储罐渗漏瞒报了几天？")]


def test_anothers_conversation_answer_and_share_are_as_if_there_were_none(page):
    _, told = page.ask(INSIDER, QUESTIONS[0])
    exchange = page.events.desk.exchanges(Reader(owner(INSIDER)), told["conversation"], Session())[0]
    mine, none = page.greet(OUTSIDER, conversation=told["conversation"]), page.greet(OUTSIDER, conversation="0" * 32)
    assert mine == none
    for verb in ("up", "reason", "share", "unshare"):
        assert page.act(OUTSIDER, verb, exchange.id) == page.act(OUTSIDER, verb, "0" * 32)
    for verb in ("rename", "delete"):
        assert page.act(OUTSIDER, verb, told["conversation"]) == page.act(OUTSIDER, verb, "0" * 32)
    assert page.greet(OUTSIDER, share=exchange.id) == page.greet(OUTSIDER, share="0" * 32)
    assert QUESTIONS[0] in page.greet(INSIDER, conversation=told["conversation"])


def test_whoever_may_not_ask_is_told_so_and_nothing_is_kept(page):
    for visitor in (NOBODY, replace(INSIDER, scopes=frozenset({"search"}))):
        chat, told = page.ask(visitor, QUESTIONS[0])
        assert "请先登录" in chat
        assert told["failed"] == QUESTIONS[0]
        assert list(page.events.chat(QUESTIONS[0], request(visitor))) == ["请先登录，再提问。"]
    assert page.events.desk.talks(Reader(owner(INSIDER))) == []


@pytest.mark.parametrize(
    "junk", [None, 7, ["x"], {"a": 1}, True, "\ud800", "{", "[]", '{"question": []}', "9" * 300_000]
)
def test_no_event_falls_over_what_a_browser_may_post(page, junk):
    session, asked = Session(), request(OUTSIDER)
    page.events.greet(junk, session, asked)
    page.events.open_source(junk, session, asked)
    page.events.tell_filter(junk, junk, junk, junk, junk, session, asked)
    for said in (junk, {"value": junk}, {"value": {"text": junk}}):
        page.events.pick(gr.EventData(None, said))
    page.acts.act(junk, session, asked)
    list(page.events.ask(junk, session, junk, junk, junk, junk, junk, junk, asked))
    list(page.events.chat(junk, asked))
    silent(shown(page.events.settle(Session(), asked)))
