"""The archive's own pages: what they show, that they show it as text, and that nothing a reader sends breaks them."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from bot.bot import Bot
from bot.look import Look, read_look
from bot.opening import Opening
from bot.palette import DAY, NIGHT
from bot.web.links import Links
from bot.web.render import Pages
from bot.web.site import SEEN, archive_routes
from bot.web.visit import POLICY
from ingest.archive import Archive
from ingest.contents import page_order
from ingest.encoder import Encoder
from ingest.ingester import Ingester, Wish
from ingest.models import Filter
from tests.conftest import BigramEncoder
from tests.pages import As, opened
from tests.printed import PAPERS, printed_rows
from tests.test_page import HOSTILE

TEMPLATES = Path(__file__).parents[1] / "bot" / "web" / "templates"
ZH, EN = {"accept-language": "zh-CN"}, {"accept-language": "en-GB"}


class Page(HTMLParser):
    """What a browser would make of a page: its text, its links, its elements."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text, self.links, self.tags, self.attributes = "", [], [], []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, *attr) for attr in attrs]
        if tag == "a":
            self.links.append(dict(attrs)["href"])

    def handle_data(self, data):
        self.text += data


@dataclass
class Site:
    """Pages over an archive of one's own."""

    client: TestClient
    ingester: Ingester
    archive: Archive
    bot: Bot

    def get(self, path: str, status: int = 200, headers: dict | None = None) -> Page:
        reply = self.client.get(path, headers=headers or ZH)
        assert reply.status_code == status, reply.text
        return Page(reply.text)

    def find(self, status: int = 200, headers: dict | None = None, **fields: str) -> Page:
        reply = self.client.post("/archive/search", data=fields, headers=headers or ZH)
        assert reply.status_code == status, reply.text
        return Page(reply.text)

    def ids(self) -> list[str]:
        with self.bot.reading() as snapshot:
            return snapshot.catalog.live_names()


def worded(site: Site, path: str) -> Page:
    """A page with its topics, as soon as they are counted."""
    until = time.monotonic() + 30
    while ("section", "id", "later") in (page := site.get(path)).attributes:
        assert time.monotonic() < until
        time.sleep(0.05)
    return page


def over(root: Path, encoder: Encoder) -> Iterator[Site]:
    with Archive(root, encoder) as archive:
        bot = Bot(archive, encoder)
        app = Starlette(routes=[*archive_routes(Opening(opened(bot)), Pages(Look()))])
        yield Site(TestClient(As(app), follow_redirects=False), Ingester(root, encoder), archive, bot)


@pytest.fixture(scope="module")
def printed(tmp_path_factory) -> Iterator[Site]:
    """Three papers over fourteen months; whoever changes it takes another."""
    folder = tmp_path_factory.mktemp("printed")
    rows = folder / "printed.jsonl"
    rows.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in printed_rows(280)), "utf-8")
    encoder = BigramEncoder()
    Ingester(folder / "data", encoder).add([rows])
    yield from over(folder / "data", encoder)


def numbered(n: int, page: str | None, paper: str | None = "石门日报", day: str = "2024-05-04") -> dict:
    return {
        "id": f"n{n}",
        "title": f"第{n}条",
        "text": f"这是第{n}条的内容。",
        "date": day,
        "paper": paper,
        "page": page,
    }


ODD = [
    {"id": "undated", "title": "没有日期的旧闻", "text": "这一篇不知道是哪天的，但说了渡口的事。"},
    {"id": "first", "title": "错的日子", "text": "日期写错了的一篇。", "date": "0001-01-01"},
    {"id": "last", "title": "也是错的日子", "text": "日期也写错了的一篇。", "date": "9999-12-31"},
    *(numbered(1, "10"), numbered(2, "2"), numbered(3, "2"), numbered(4, "A1"), numbered(5, None)),
    *(numbered(6, "1", None), numbered(7, "1", day="2024-05-01")),
    *(
        {"id": f"m{n}", "title": f"第{n:03d}号", "text": f"第{n:03d}号的内容。", "date": "2021-05-04"}
        for n in range(130)
    ),
    {
        "id": "slash",
        "title": "斜线",
        "text": "报名里有斜线的一篇。",
        "date": "2020-05-04",
        "paper": "甲/乙报",
        "page": "1/2",
    },
    {
        "id": "w1",
        "url": "https://paper.example/1?a=b&c=d",
        "title": "老图书馆搬家",
        "text": "县图书馆花了500万元，搬进了旧粮仓。馆长张　留说，书一本没丢。",
    },
    {"id": "w2", "title": "图书节", "text": "图书节在公园开幕。"},
]


@pytest.fixture(scope="module")
def odd(tmp_path_factory) -> Iterator[Site]:
    """An archive of exceptions."""
    folder = tmp_path_factory.mktemp("odd")
    rows = folder / "odd.jsonl"
    rows.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ODD), "utf-8")
    encoder = BigramEncoder()
    Ingester(folder / "data", encoder).add([rows])
    yield from over(folder / "data", encoder)


@pytest.fixture
def site(root: Path, encoder: BigramEncoder) -> Iterator[Site]:
    """Pages over an archive that a test fills itself."""
    yield from over(root, encoder)


@pytest.fixture
def fill(site: Site, records) -> Callable[..., None]:
    def add(*rows: dict, name: str = "records.jsonl") -> None:
        site.ingester.add([records(*rows, name=name)])
        site.archive.refresh()

    return add


# -- what there is at a glance ----------------------------------------------------------------------------------------


def test_the_front_page_tells_what_there_is_by_time_day_paper_and_place(printed):
    page = printed.get("/archive")
    assert "280 篇报道 · 2022年3月7日 — 2022年7月4日" in page.text
    assert "archive/2022-03-07" in page.links
    assert {"archive/2022-05", "./#paper=%E7%9F%B3%E9%97%A8%E6%97%A5%E6%8A%A5"} <= set(page.links)
    assert all(paper in page.text for paper in PAPERS)
    assert "./#place=%E6%9F%B3%E6%A1%A5%E9%95%87" in page.links
    assert page.tags.count("table") == 5 + 1  # months from March to July, papers


def test_an_empty_archive_says_so_and_how_to_fill_it(site):
    page = site.get("/archive")
    assert "库里还没有报纸" in page.text
    assert "python -m ingest add" in page.text


def test_articles_without_a_day_are_counted_and_found(odd):
    assert "没有日期：3 篇" in odd.get("/archive").text
    assert "没有日期的旧闻" in odd.find(words="渡口").text


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_day_that_nobody_can_have_meant_does_no_harm(odd, day):
    for path in ("/archive", f"/archive/{day}", f"/archive/{day[:7]}", f"/archive/{day[:4]}", "/archive/2024-05"):
        odd.get(path)


def test_topics_are_names_and_nouns_that_the_period_has_and_others_have_not(site, fill):
    rows = [
        {"id": f"{month}-{n}", "title": f"{what}第{n}天", "text": f"{what}的消息，记者在现场看到了很多人。",
         "date": f"2023-0{month}-{n % 27 + 1:02d}"}
        for what, month, count in (("台风登陆", 8, 12), ("夜校招生", 3, 40))
        for n in range(count)
    ]  # fmt: skip
    fill(*rows)
    august, march = (worded(site, f"/archive/2023-{month}") for month in ("08", "03"))
    named = {value for page in (august,) for tag, name, value in page.attributes if (tag, name) == ("button", "value")}
    assert any("台风" in word for word in named)
    assert not any("夜校" in word or "记者" in word for word in named)
    assert "台风" not in {value for tag, name, value in march.attributes if (tag, name) == ("button", "value")}


def test_what_is_new_is_told_on_the_next_day_of_a_visit_and_kept_until_it_is_over(site, fill):
    fill({"id": "1", "title": "旧闻一则", "text": "昨天就有的一篇。", "date": "2023-05-12"})
    first = site.client.get("/archive", headers=ZH)
    assert "上次来访" not in first.text
    seen = first.cookies[SEEN]
    site.client.cookies.set(SEEN, re.sub(r"[^.]+$", "2020-01-01", seen))
    fill({"id": "2", "title": "新闻一则", "text": "今天才有的一篇。", "date": "2023-05-13"}, name="more.jsonl")
    second = site.client.get("/archive", headers=ZH)
    assert "上次来访之后新到 1 篇" in second.text
    assert "新到 1 篇" in site.client.get("/archive", headers=ZH).text  # the same day: still new


@pytest.mark.parametrize(
    "cookie", ["", "x", "1.2", "9" * 50 + ".1.2020-01-01", "1.1.1.1", "-1.-1.x", "１.１.2020-01-01"]
)
def test_a_cookie_that_is_none_of_ours_counts_for_nothing(printed, cookie):
    assert "上次来访" not in printed.client.get("/archive", headers=ZH | {"cookie": f"{SEEN}={cookie}".encode()}).text


# -- days, pages ------------------------------------------------------------------------------------------------------


def test_a_day_is_in_the_order_of_print_and_knows_its_neighbours(odd):
    page = odd.get("/archive/2024-05-04")
    assert re.findall("第[0-9]条(?!的)", page.text) == ["第2条", "第3条", "第1条", "第4条", "第5条", "第6条"]
    assert "../archive/2024-05-01" in page.links
    one = odd.get("/archive/2024-05-04/石门日报/2")
    assert re.findall("第[0-9]条(?!的)", one.text) == ["第2条", "第3条"]
    assert "../../../archive/2024-05-04/%E7%9F%B3%E9%97%A8%E6%97%A5%E6%8A%A5/10" in one.links
    assert re.findall("第[0-9]条(?!的)", odd.get("/archive/2024-05-04/-/1").text) == ["第6条"]


def test_pages_are_counted_as_a_reader_counts_them():
    assert sorted(["10", "B2", "2", None, "A10", "A2", "特1"], key=page_order) == [
        "2",
        "10",
        "A2",
        "A10",
        "B2",
        "特1",
        None,
    ]


def test_a_day_with_more_articles_than_a_page_holds_goes_on(odd):
    assert "第 1 / 2 页" in odd.get("/archive/2021-05-04").text
    assert "第129号" in odd.get("/archive/2021-05-04?part=2").text
    odd.get("/archive/2021-05-04?part=3", 404)


def test_a_paper_whose_name_holds_a_slash_has_its_pages(odd):
    day = odd.get("/archive/2020-05-04")
    (link,) = {link for link in day.links if link.count("/") == 4}
    assert link == "../archive/2020-05-04/%E7%94%B2%2F%E4%B9%99%E6%8A%A5/1%2F2"
    for path in (link.removeprefix(".."), "/archive/2020-05-04/甲/乙报/1/2"):  # a proxy may undo what a link spells
        assert "../../../article/" in " ".join(odd.get(path).links)


@pytest.mark.parametrize(
    "path",
    ["2023-02-31", "2022-13", "2022-00", "9999", "0000", "0000-00-00", "1", "x", "2022-08-01", "２０２２",
     "2022-03-07/无此报", "2022-03-07/石门日报/99", "2022-03-07/石门日报/1/1", "2022-03-07?part=0",
     "2022-03-07?part=-1", "2022-03-07?part=x", "2022-03-07?part=99999999999999999999", "2022-03-07?part=²", "%00",
     "2022-03-07/%00", "%FF%FE", "2022-03-07/%FF",
     "2022-03-07/" + "a" * 5_000, "'; DROP TABLE articles; --", "2022-03-07/%2e%2e", "2022-W10", "20220307"],
)  # fmt: skip
def test_a_day_or_page_that_is_not_there_is_a_calm_page(printed, path):
    page = printed.get(f"/archive/{path}", 404)
    assert "没有这一页" in page.text


# -- an article -------------------------------------------------------------------------------------------------------


def test_an_article_has_an_address_with_all_that_is_printed_and_its_neighbours(sample_root, builtin):
    for site in over(sample_root, builtin):
        day = site.get("/archive/2023-05-12")
        link = next(link for link in day.links if "/article/" in link)
        page = site.get(link.removeprefix(".."))
        assert "桐乡用一份补偿协议管住一条河" in page.text
        assert "《问报样报》 · 2023年5月12日 · 第1版" in page.text
        assert "样报：随软件附带的示例文章，不是真实新闻" in page.text
        assert "德清关停合并七十多个政务应用" in page.text  # the next one, and the others of the page
        assert "../#since=2023-05-12&until=2023-05-12&paper=" in " ".join(page.links) or "q=" in " ".join(page.links)
        starts = [value for tag, name, value in page.attributes if name == "data-start" and tag == "p"]
        article = site.bot.article(link.rpartition("/")[2])
        paragraphs = article.text.split("\n")
        assert [article.text[int(start) :].startswith(p) for start, p in zip(starts, paragraphs, strict=True)]


def test_where_a_record_came_from_is_a_link_that_tells_nobody_anything(odd):
    found = next(link for link in odd.find(words="图书馆 粮仓").links if "article/" in link)
    page = odd.get(found.removeprefix(".."))
    assert "https://paper.example/1?a=b&c=d" in page.links
    assert ("a", "rel", "noopener noreferrer nofollow external") in page.attributes


def test_an_older_version_is_shown_as_what_it_is_and_no_other_articles_version_under_its_name(site, fill):
    row = {"id": "1", "title": "修桥", "text": "石桥修了三个月。", "date": "2023-05-12", "paper": "石门日报"}
    other = {"id": "2", "title": "修路", "text": "石路修了两个月。", "date": "2023-05-12", "paper": "石门日报"}
    fill(row, other)
    fill(row | {"text": "石桥修了四个月。"}, other, name="again.jsonl")
    with site.bot.reading() as snapshot:
        both = [snapshot.catalog.versions(name) for name in snapshot.catalog.live_names()]
    (foreign,), (old, new) = ([one.version_id for one in versions] for versions in sorted(both, key=len))
    with site.bot.reading() as snapshot:
        name = snapshot.article(old).article_id
    page = site.get(f"/article/{name}?version={old}")
    assert "石桥修了三个月。" in page.text
    assert "这是旧版本" in page.text
    assert f"../article/{name}" in page.links
    assert "石桥修了四个月。" in site.get(f"/article/{name}").text
    assert "这是旧版本" in site.get(f"/article/{old}").text  # what a citation links to
    assert "石桥修了四个月。" in site.get(f"/article/{new}").text
    site.get(f"/article/{name}?version={foreign}", 404)
    site.get(f"/article/{name}?version=none", 404)


BRIDGE = {
    "id": "bridge",
    "title": "柳桥镇石拱桥修缮完工",
    "text": "柳桥镇的石拱桥修缮完工，昨天重新通行。镇文保站站长周大年说，修缮花了六个月，一共用去380万元。"
    "桥栏上的石狮子补齐了十二只，都是按老照片雕的。桥头立了一块新碑，写着历次修桥的年份。",
    "paper": "柳桥晚报",
    "date": "2023-05-10",
    "page": "3",
}
NOTICE = {
    "id": "notice",
    "title": "更正",
    "text": "本报5月10日3版《柳桥镇石拱桥修缮完工》一文中，修缮费用“380万元”有误，"
    "应为“280万元”。特此更正，并向读者致歉。",
    "paper": "柳桥晚报",
    "date": "2023-05-12",
    "page": "2",
}


def named(site: Site) -> dict[str, str]:
    """The address of each article, by the id that its record has."""
    with site.bot.reading() as snapshot:
        return {one.source_id: f"/article/{one.article_id}" for one in snapshot.recent(50)}


def test_a_correction_and_what_it_corrects_name_each_other(site, fill):
    fill(BRIDGE, NOTICE)
    at = named(site)
    bridge, notice = site.get(at["bridge"]), site.get(at["notice"], headers=EN)
    assert "报纸后来作了更正：《柳桥晚报》 · 2023年5月12日 · 第2版 · 更正" in bridge.text
    assert bridge.text.index("报纸后来作了更正") < bridge.text.index("镇文保站站长周大年说")
    assert f"..{at['notice']}" in bridge.links
    assert "What this corrects:" in notice.text
    assert f"..{at['bridge']}" in notice.links


def test_the_other_papers_that_print_a_wire_story_are_named_beside_it(site, fill):
    other = BRIDGE | {"id": "copy", "paper": "江州日报", "page": "7", "text": f"本报讯 {BRIDGE['text']}"}
    fill(BRIDGE, other, NOTICE)
    at = named(site)
    page = site.get(at["bridge"])
    assert "同一篇稿件也见于：《江州日报》 · 2023年5月10日 · 第7版 · 柳桥镇石拱桥修缮完工" in page.text
    assert f"..{at['copy']}" in page.links
    assert "同一篇稿件也见于：《柳桥晚报》" in site.get(at["copy"]).text
    assert "同一篇稿件" not in site.get(at["notice"]).text


@pytest.mark.parametrize("field", ["title", "paper", "page"])
def test_copies_and_corrections_with_hostile_names_are_shown_as_text(site, fill, field):
    hostile = "<img src=x onerror=alert(1)> ${1+1} ![](http://evil.example/x.png)"
    fill(BRIDGE, BRIDGE | {"id": "copy", "paper": "江州日报", "text": f"本报讯 {BRIDGE['text']}", field: hostile})
    page = site.get(named(site)["bridge"])
    harmless(page)
    assert hostile in page.text.partition("同一篇稿件也见于")[2]


def test_an_article_that_was_withdrawn_says_so_where_it_was_quoted_and_is_in_no_list(site, records):
    both = records(BRIDGE, NOTICE)
    site.ingester.add([both])
    site.archive.refresh()
    path = named(site)["bridge"]
    assert "撤下" not in site.get(path).text
    records(NOTICE)  # the same file, without it
    site.ingester.add([both], wish=Wish(prune=True))
    site.archive.refresh()
    assert set(named(site)) == {"notice"}
    today = date.today()
    page = site.get(path)
    assert f"这篇报道已于{today.year}年{today.month}月{today.day}日撤下" in page.text
    assert "镇文保站站长周大年说" in page.text
    assert "This article was withdrawn on" in site.get(path, headers=EN).text
    site.get("/archive/2023-05-10", 404)


def test_a_portals_name_and_colour_are_on_every_page(printed):
    look = read_look("石门<报>", "", "#0b5a8a", "", "")
    portal = TestClient(As(Starlette(routes=[*archive_routes(Opening(opened(printed.bot)), Pages(look))])))
    page = Page(portal.get("/archive", headers=ZH).text)
    assert "石门<报>" in page.text
    (sheet,) = (value for tag, name, value in page.attributes if tag == "link" and "pages.css" in (value or ""))
    ours, theirs = printed.client.get("/look/pages.css").text, portal.get(f"/{sheet.removeprefix('./')}").text
    for colour in (DAY.red, DAY.heat3, NIGHT.red, NIGHT.heat3):
        assert colour in ours
        assert colour not in theirs
    assert look.day.red in theirs
    assert look.night.heat3 in theirs


@pytest.mark.parametrize(
    "name", ["x", "%00", "%FF", "a/b", "..%2F..%2Fetc%2Fpasswd", "a" * 10_000, "' OR 1=1 --", "🙂"]
)
def test_an_unknown_article_is_a_calm_page_in_the_readers_language(printed, name):
    assert "There is no such page" in printed.get(f"/article/{name}", 404, EN).text


# -- search without a question ----------------------------------------------------------------------------------------


def test_every_word_must_stand_there_in_whatever_script_and_width(odd):
    for words in ("图书馆 粮仓", "圖書館", "５００万元", "張留", "张 留"):
        page = odd.find(words=words)
        assert "老图书馆搬家" in page.text, words
        assert "图书节在" not in page.text
        assert ("mark" in page.tags) is (words != "張留"), "a name that is padded in print is found, though not marked"


def test_where_no_article_has_every_word_the_nearest_are_named_as_such(printed):
    page = printed.find(words="柳桥镇 恐龙")
    assert "没有一篇同时有这些词" in page.text
    assert "柳桥镇" in page.text
    assert printed.find(words="???").text.count("没有找到") == 1


def test_results_can_be_ordered_bounded_and_paged_without_a_script(printed):
    newest, oldest = printed.find(words="夜校", order="newest"), printed.find(words="夜校", order="oldest")
    days = [re.findall(r"2022年\d+月\d+日", page.text) for page in (newest, oldest)]
    keys = [[tuple(map(int, re.findall(r"\d+", day))) for day in found] for found in days]
    assert keys[0] == sorted(keys[0], reverse=True)
    assert keys[1] == sorted(keys[1])
    assert "第 1 / 2 页" in newest.text
    second = printed.find(words="夜校", order="newest", part="2")
    assert "第 2 / 2 页" in second.text
    assert not {link for link in second.links if "article" in link} & {
        link for link in newest.links if "article" in link
    }
    bounded = printed.find(words="夜校", paper="东山农民报", since="2022-04-01", until="2022-04-30")
    assert set(re.findall("《(.+?)》", bounded.text)) == {"东山农民报"}


def test_without_words_the_archive_is_browsed_at_an_address(printed):
    page = printed.get("/archive/search?paper=白鹭晚报&order=oldest")
    assert "80 篇报道" in page.text
    assert "../archive/search?paper=%E7%99%BD%E9%B9%AD%E6%99%9A%E6%8A%A5&order=oldest&part=2" in page.links
    assert set(re.findall("《(.+?)》", page.text)) == {"白鹭晚报"}


def test_an_article_without_a_headline_is_browsed_by_its_beginning_and_that_stands_once(site, fill):
    fill({"id": "bare", "text": "云溪乡的渡轮停了八个月，昨天重新开航，船能载四十人，票价仍是两元。"})
    assert site.get("/archive/search").text.count("云溪乡的渡轮停了八个月") == 1
    assert "票价仍是两元" in site.get("/archive/search").text


def test_words_in_an_address_are_not_looked_for_nor_shown(printed):
    """What is asked stands in no address that a server logs: not by our own links, and not by anybody else's."""
    page = printed.get("/archive/search?words=夜校")
    assert "280 篇报道" in page.text
    assert all("words" not in link for link in page.links)


@pytest.mark.parametrize(
    ("fields", "status"),
    [({"since": "2023-02-31"}, 400), ({"since": "2023-05-12", "until": "2023-05-11"}, 400),
     ({"words": "长" * 121}, 413),
     ({"words": "字" * 40_000}, 413), ({"words": "a\x00b"}, 200), ({"part": "-1"}, 200), ({"part": "999999"}, 200),
     ({"order": "<script>"}, 200), ({"words": "夜校", "part": "4999"}, 200), ({f"f{n}": "1" for n in range(99)}, 400),
     ({"words": "' OR 1=1 --"}, 200), ({"paper": "%_'\""}, 200), ({"words": "(夜校 AND [*"}, 200)],
)  # fmt: skip
def test_a_form_that_makes_no_sense_is_no_fault_of_ours(printed, fields, status):
    printed.find(status, **fields)


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [("text/plain", b"words=x", 415), ("multipart/form-data", b"x", 415), ("application/json", b"{}", 415),
     ("application/x-www-form-urlencoded", b"\xff\xfe=%ff&words=%ff", 200)],
)  # fmt: skip
def test_a_body_that_is_no_form_is_refused(printed, kind, body, status):
    assert printed.client.post("/archive/search", content=body, headers={"content-type": kind}).status_code == status


# -- everything is text -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def hostile(tmp_path_factory) -> Iterator[Site]:
    """An article for each of the texts that are not to be believed, which stands in every field of it."""
    folder = tmp_path_factory.mktemp("hostile")
    rows = [
        {"id": f"h{n}", "text": f"{text} 第一段\n{text}", "date": "2023-05-12", "url": f"javascript:alert({n})",
         **dict.fromkeys(("title", "paper", "page", "place", "byline"), text)}
        for n, text in enumerate(HOSTILE)
    ]  # fmt: skip
    file = folder / "<img src=x onerror=alert(1)>.jsonl"
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    encoder = BigramEncoder()
    Ingester(folder / "data", encoder).add([file])
    yield from over(folder / "data", encoder)


def harmless(page: Page) -> None:
    """No element, address or handler but our own."""
    assert set(page.tags) <= {
        *(
            "html",
            "head",
            "meta",
            "title",
            "link",
            "script",
            "body",
            "a",
            "header",
            "nav",
            "main",
            "div",
            "h1",
            "h2",
            "h3",
        ),
        *("p", "form", "label", "input", "button", "section", "ul", "ol", "li", "table", "caption", "thead", "tbody"),
        *(
            "tr",
            "th",
            "td",
            "span",
            "svg",
            "rect",
            "code",
            "details",
            "summary",
            "datalist",
            "option",
            "article",
            "mark",
        ),
    }
    assert page.tags.count("script") == 1
    for tag, name, value in page.attributes:
        assert not name.startswith("on")
        assert name != "style"
        if name in ("href", "src", "action"):
            assert re.match(r"(\.\./)*(archive|article|look|admin)\b|(\.\./)+(#|$)|\./(#|$)|[#?]", value or ""), (
                tag,
                name,
                value,
            )


@pytest.mark.parametrize(
    "path", ["/archive", "/archive/2023-05-12", "/archive/2023-05", "/archive/2023", "/archive/search"]
)
def test_lists_show_hostile_text_as_text(hostile, path):
    page = hostile.get(path)
    harmless(page)
    if path not in ("/archive/2023-05", "/archive/2023"):
        assert "<script>alert(1)</script>" in page.text


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_an_article_shows_hostile_text_as_text_in_every_place(hostile, number):
    name = hostile.ids()[number]
    article = hostile.bot.article(name)
    page = hostile.get(f"/article/{name}")
    harmless(page)
    squeezed = re.sub(r"\s+", " ", page.text)
    assert squeezed.count(" ".join(HOSTILE[number].split())) >= 5
    assert article.text.split("\n")[1] in page.text
    issue = next((link for link in page.links if link.count("/") == 4), "")
    if issue and "/." not in issue:
        harmless(hostile.get(issue.removeprefix("..")))


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_reader_types_comes_back_as_text(hostile, text):
    page = hostile.find(words=text[:60], paper=text[:60], place=text[:60])
    harmless(page)
    typed = [value for tag, name, value in page.attributes if (tag, name) == ("input", "value")]
    assert " ".join(text[:60].split()) in typed


def test_no_template_lets_markup_through():
    for file in TEMPLATES.iterdir():
        text = file.read_text("utf-8")
        assert not re.search(r"\|\s*safe|autoescape|Markup|style=|\son\w+=|javascript:", text), file.name
        assert not re.search(r"\s[\w-]+=\{[{%]", text), f"{file.name} has an attribute without quotes"
        assert len(re.findall("<script", text)) == (file.name == "base.html")


# -- headers, languages, what browsers keep ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/archive", "/archive/2022-03-07", "/article/x", "/archive/search", "/look/pages.js", "/look/x"]
)
def test_every_page_goes_out_under_the_strict_policy(printed, path):
    headers = printed.client.get(path).headers
    assert headers["content-security-policy"] == POLICY
    assert "unsafe" not in POLICY
    assert {"object-src 'none'", "base-uri 'none'", "form-action 'self'"} < set(POLICY.split("; "))
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


def test_a_page_is_asked_for_again_and_sent_again_only_when_it_is_another(site, fill):
    fill({"id": "1", "title": "旧闻", "text": "旧的一篇。", "date": "2023-05-12"})
    first = site.client.get("/archive/2023-05-12", headers=ZH)
    tag = {"if-none-match": first.headers["etag"]}
    again = site.client.get("/archive/2023-05-12", headers=ZH | tag)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["content-security-policy"] == POLICY
    assert site.client.get("/archive/2023-05-12", headers=EN | tag).status_code == 200
    fill({"id": "2", "title": "新闻", "text": "新的一篇。", "date": "2023-05-12"}, name="more.jsonl")
    assert site.client.get("/archive/2023-05-12", headers=ZH | tag).status_code == 200


def test_a_language_once_chosen_stays(printed):
    chosen = printed.client.get("/archive?language=en", headers=ZH)
    assert 'lang="en"' in chosen.text
    assert 'lang="en"' in printed.client.get("/archive/2022-03-07", headers=ZH).text
    printed.client.cookies.clear()
    assert 'lang="zh-CN"' in printed.client.get("/archive/2022-03-07", headers=ZH).text
    assert 'lang="zh-CN"' in printed.client.get("/archive?language=../../x", headers=ZH).text


@pytest.mark.parametrize("root", ["", "/news", "/a/b"])
def test_links_are_right_under_any_prefix(printed, root):
    client = TestClient(printed.client.app, root_path=root)
    for path in ("/archive", "/archive/2022-03-07", "/archive/2022-03-07/石门日报/1", f"/article/{printed.ids()[0]}"):
        reply = client.get(f"{root}{path}", headers=ZH)
        assert reply.status_code == 200
        for link in Page(reply.text).links:
            target = reply.url.join(link)
            assert str(target.path).startswith(f"{root}/")
            if "/archive" in target.path or "/article" in target.path:
                assert client.get(str(target), headers=ZH).status_code == 200, link


def test_the_other_language_keeps_the_place_and_not_what_was_looked_for(printed):
    browsed = printed.get("/archive/search?paper=白鹭晚报&part=2&words=夜校")
    assert "?language=en&paper=%E7%99%BD%E9%B9%AD%E6%99%9A%E6%8A%A5&part=2" in browsed.links
    assert "?language=en&version=ab" in printed.get("/article/x?version=ab", 404).links


def test_cookies_keep_to_the_prefix_and_to_tls(printed):
    client = TestClient(printed.client.app, "https://bot.example", root_path="/news")
    for cookie in client.get("/news/archive?language=en").headers.get_list("set-cookie"):
        assert "path=/news/;" in cookie.lower()
        assert cookie.lower().endswith("secure")
        assert ("httponly" in cookie.lower()) is cookie.startswith(SEEN)


def test_the_slash_too_many_leads_to_the_archive(printed):
    reply = printed.client.get("/archive/")
    assert (reply.status_code, reply.headers["location"]) == (303, "../archive")


def test_a_fault_of_ours_is_a_calm_page_and_a_line_in_the_log(printed, monkeypatch, caplog):
    monkeypatch.setattr("bot.web.site.day_view", lambda *_: 1 / 0)
    page = printed.get("/archive/2022-03-07", 500)
    assert "出了点问题" in page.text
    assert "ZeroDivisionError" in caplog.text
    assert "ZeroDivisionError" not in page.text


def test_links_to_the_chat_say_everything_behind_the_hash():
    where = Filter(since=date(2023, 5, 12), until=date(2023, 5, 12), paper="甲&乙#报", place="a b")
    link = Links("../").chat(where, "怎么 & 为何?")
    assert link.startswith("../#q=%E6%80%8E")
    assert "?" not in link
    assert link.endswith("&since=2023-05-12&until=2023-05-12&paper=%E7%94%B2%26%E4%B9%99%23%E6%8A%A5&place=a%20b")
