"""Every format that newspapers come in is read by `add` and `articles` alike: what it says of itself, and its articles.

The files are made here, by the libraries that write them or by hand, with invented news.
"""

from __future__ import annotations

import gzip
import json
import lzma
import tarfile
import zipfile
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar

import docx
import pytest

from ingest.models import Article
from ingest.readers.facts import Reading
from ingest.sources import Failure, Known, find_sources, read_pages, read_sources
from tests.newspaper_pdf import FERRY, GRANARY, SCHOOL, three_column_page
from tests.sources import read_source

TEXT = "柳桥夜校开讲第一课\n\n" + "\n\n".join(SCHOOL) + "\n"


def read(path: Path, **known: object) -> tuple[list[Article], list[str]]:
    """The articles of a file, and the reasons for what is not read."""
    found = list(read_source(path, Known(**known)))
    articles = [article for each in found if not isinstance(each, Failure) for article in each]
    return articles, [each.reason for each in found if isinstance(each, Failure)]


def good(path: Path, **known: object) -> list[Article]:
    articles, reasons = read(path, **known)
    assert reasons == []
    return articles


def written(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding)
    return path


def paragraphs(lines: list[str]) -> str:
    return "".join(f"<p>{line}</p>\n" for line in lines)


# -- Markdown --------------------------------------------------------------------------------------------------------


def test_top_headings_of_markdown_are_articles_and_lower_ones_sub_heads(tmp_path):
    text = f"# 云溪渡轮又开航了\n\n{FERRY[0]}\n\n## 船票仍是两元\n\n**{FERRY[1]}**\n\n"
    text += f"旧粮仓变图书馆\n===\n\n- {GRANARY[0]}\n"
    ferry, granary = good(written(tmp_path / "a.md", text))
    assert (ferry.title, granary.title) == ("云溪渡轮又开航了", "旧粮仓变图书馆")
    assert ferry.paragraphs == tuple(FERRY[:2])
    assert [(s.text, s.paragraph) for s in ferry.subheads] == [("船票仍是两元", 1)]
    assert granary.paragraphs == (GRANARY[0],)


def test_the_header_of_markdown_says_paper_day_and_author_and_markup_is_not_text(tmp_path):
    header = "---\ntitle: 旧粮仓变图书馆\ndate: 2023-05-11\npaper: 石门日报\nauthor: 沈越\n---\n"
    text = f"{header}![屋顶](roof.jpg) 藏书[六千册](https://example.org/6000)，*本月*起开放。<br>`不收钱`。\n"
    (article,) = good(written(tmp_path / "a.md", text))
    assert (article.title, article.paper, article.byline) == ("旧粮仓变图书馆", "石门日报", "沈越")
    assert article.issued == date(2023, 5, 11)
    assert article.text == "藏书六千册，本月起开放。不收钱。"


def test_a_heading_that_only_names_the_page_is_no_article(tmp_path):
    text = f"# 石门日报 2023年5月11日 第3版\n\n## 云溪渡轮又开航了\n\n{FERRY[0]}\n\n## 旧粮仓变图书馆\n\n{GRANARY[0]}\n"
    found = good(written(tmp_path / "a.md", text))
    assert [(a.title, a.page, a.issued) for a in found] == [
        ("云溪渡轮又开航了", "3", date(2023, 5, 11)),
        ("旧粮仓变图书馆", "3", date(2023, 5, 11)),
    ]


# -- HTML ------------------------------------------------------------------------------------------------------------

HEAD = (
    '<meta property="og:site_name" content="石门新闻网"><meta name="author" content="林晓">'
    '<meta property="article:published_time" content="2023-05-11T08:00:00+08:00">'
    '<link rel="canonical" href="https://news.example.org/2023/ferry.html">'
)
AROUND = '<nav><a href="/">首页</a> <a href="/yw">要闻</a> <a href="/sh">社会</a></nav>'


def web_page(body: str, encoding: str = "utf-8") -> str:
    head = f'<meta charset="{encoding}"><title>云溪渡轮又开航了 - 石门新闻网</title>{HEAD}'
    return (
        f"<!doctype html><html><head>{head}</head><body>{AROUND}{body}<footer>版权所有，转载必究</footer></body></html>"
    )


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_web_page_is_one_article_with_what_the_page_says_of_itself(tmp_path, encoding):
    body = f"<article><h1>云溪渡轮又开航了</h1>{paragraphs(FERRY)}</article>"
    (article,) = good(written(tmp_path / "a.html", web_page(body, encoding), encoding))
    assert (article.title, article.paper) == ("云溪渡轮又开航了", "石门新闻网")
    assert (article.issued, article.url) == (date(2023, 5, 11), "https://news.example.org/2023/ferry.html")
    assert article.paragraphs == tuple(FERRY)
    assert article.byline == "记者 林晓 通讯员 周禾"  # the paper's own line is closer than the page's tag


def test_a_newspapers_web_page_with_several_articles_is_split(tmp_path):
    parts = (("云溪渡轮又开航了", FERRY), ("旧粮仓变图书馆", GRANARY), ("柳桥夜校开讲第一课", SCHOOL))
    body = "".join(f"<h2>{title}</h2>{paragraphs(text)}" for title, text in parts)
    found = good(written(tmp_path / "石门日报_2023-05-11_第3版.html", f"<html><body>{body}</body></html>"))
    assert [(a.title, list(a.paragraphs)) for a in found] == [(title, text) for title, text in parts]
    assert {(a.paper, a.issued, a.page) for a in found} == {("石门日报", date(2023, 5, 11), "3")}


def test_a_page_list_is_passed_over_and_said(tmp_path):
    rows = "".join(f'<li><a href="c{n}.html">第{n}条：乡里的新闻标题写在这里</a></li>' for n in range(20))
    articles, (reason,) = read(written(tmp_path / "node_3.html", f"<html><body><h1>第3版：综合</h1><ul>{rows}</ul>"))
    assert articles == []
    assert "list of links" in reason


# -- Word ------------------------------------------------------------------------------------------------------------


def word(path: Path, *parts: tuple[str, list[str]]) -> Path:
    document = docx.Document()
    for title, text in parts:
        if title:
            document.add_heading(title, 1)
        for line in text:
            document.add_paragraph(line)
    document.save(str(path))
    return path


def test_top_headings_of_a_word_document_are_articles_and_rows_of_its_tables_paragraphs(tmp_path):
    path = word(tmp_path / "a.docx", ("云溪渡轮又开航了", ["本报记者 林晓", *FERRY[1:]]), ("旧粮仓变图书馆", GRANARY))
    document = docx.Document(str(path))
    document.add_heading("账目", 2)
    table = document.add_table(2, 2)
    for cell, text in zip(
        (c for row in table.rows for c in row.cells), ("书", "六千册", "屋顶", "四十万元"), strict=True
    ):
        cell.text = text
    document.save(str(path))
    ferry, granary = good(path, paper="石门日报")
    assert (ferry.title, ferry.byline, ferry.paper) == ("云溪渡轮又开航了", "本报记者 林晓", "石门日报")
    assert ferry.paragraphs == tuple(FERRY[1:])
    assert granary.paragraphs == (*GRANARY, "书　六千册", "屋顶　四十万元")
    assert [s.text for s in granary.subheads] == ["账目"]


def test_a_word_document_without_headings_is_split_as_text_is(tmp_path):
    lines = ["云溪渡轮又开航了", *FERRY, "旧粮仓变图书馆", *GRANARY]
    found = good(word(tmp_path / "a.docx", ("", lines)))
    assert [(a.title, list(a.paragraphs)) for a in found] == [("云溪渡轮又开航了", FERRY), ("旧粮仓变图书馆", GRANARY)]


# -- tables and lists ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "encoding"), [("a.csv", "utf-8-sig"), ("a.csv", "gb18030"), ("a.tsv", "utf-8")])
def test_columns_with_chinese_names_find_their_places_and_others_are_kept(tmp_path, name, encoding):
    comma = "\t" if name.endswith("tsv") else ","
    rows = (
        ("编号", "标题", "正文", "日期", "报纸", "版面", "作者", "链接", "栏目"),
        ("17", "云溪渡轮又开航了", '"' + "\n".join(FERRY) + '"', "2023年5月11日", "石门日报", "3", "林晓", "", "城事"),
        ("18", "空的", "", "", "", "", "", "", ""),
    )
    text = "\r\n".join(comma.join(row) for row in rows)
    (article,), (reason,) = read(written(tmp_path / name, text, encoding))
    assert (article.record_id, article.title, article.paper, article.page) == (
        "17",
        "云溪渡轮又开航了",
        "石门日报",
        "3",
    )
    assert (article.byline, article.issued, article.extra) == ("林晓", date(2023, 5, 11), (("栏目", "城事"),))
    assert article.paragraphs == tuple(FERRY)
    assert "line 3" in reason


def test_a_table_without_a_column_of_text_says_what_it_needs(tmp_path):
    assert "no column text" in read(written(tmp_path / "a.csv", "标题,摘要\n甲,乙\n"))[1][0]
    refused = read(written(tmp_path / "a.csv", f"标题,正文\n甲,{FERRY[0]}\n乙,\n"))[1]
    assert [line.split("' ")[1] for line in refused] == ["line 3: nothing in the column text (or 正文)"]


def test_a_json_file_with_a_list_of_records_reads_like_json_lines(tmp_path):
    rows = [{"id": n, "title": f"第{n}篇", "text": FERRY[n], "tags": ["渡轮"], "score": 0.5} for n in range(3)]
    as_list = good(written(tmp_path / "a.json", json.dumps({"articles": rows}, ensure_ascii=False)))
    as_lines = good(written(tmp_path / "a.jsonl", "".join(json.dumps(row) + "\n" for row in rows)))
    assert [(a.record_id, a.text, a.extra) for a in as_list] == [(a.record_id, a.text, a.extra) for a in as_lines]
    assert as_list[0].extra == (("tags", '["渡轮"]'), ("score", "0.5"))


# -- feeds -----------------------------------------------------------------------------------------------------------

RSS = f"""<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>石门日报</title>
<item><title>云溪渡轮又开航了</title><link>https://news.example.org/1</link><guid isPermaLink="false">ferry-1</guid>
<pubDate>Thu, 11 May 2023 06:00:00 +0800</pubDate><author>林晓</author><description>停了八个月。</description>
<content:encoded><![CDATA[{paragraphs(FERRY)}<img src="https://news.example.org/ferry.jpg">]]></content:encoded></item>
<item><title>旧粮仓变图书馆</title><link>https://news.example.org/2</link>
<description>&lt;p&gt;{GRANARY[0]}&lt;/p&gt;</description></item></channel></rss>"""
ATOM = f"""<feed xmlns="http://www.w3.org/2005/Atom"><title>石门日报</title><entry><id>tag:example.org,2023:9</id>
<title>柳桥夜校开讲第一课</title><updated>2023-05-11T00:30:00+08:00</updated><link href="https://news.example.org/9"/>
<summary>{SCHOOL[0]}</summary></entry></feed>"""


@pytest.mark.parametrize("name", ["feed.rss", "feed.xml"])
def test_an_entry_of_a_feed_is_an_article_known_by_its_id_or_link(tmp_path, name):
    ferry, granary = good(written(tmp_path / name, RSS))
    assert (ferry.record_id, ferry.url, ferry.issued) == ("ferry-1", "https://news.example.org/1", date(2023, 5, 11))
    assert (ferry.paper, ferry.byline, ferry.paragraphs) == ("石门日报", "林晓", tuple(FERRY))
    assert (granary.url, granary.paragraphs) == ("https://news.example.org/2", (GRANARY[0],))


def test_the_day_of_an_atom_entry_is_the_one_that_it_prints(tmp_path):
    (article,) = good(written(tmp_path / "feed.atom", ATOM))
    assert (article.record_id, article.issued) == ("tag:example.org,2023:9", date(2023, 5, 11))
    assert article.text == SCHOOL[0]


# -- archives --------------------------------------------------------------------------------------------------------


def test_members_of_a_zip_are_read_under_their_own_names_in_order(tmp_path):
    path = tmp_path / "石门日报2023-05-11.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("B02.txt", "旧粮仓变图书馆\n\n" + "\n\n".join(GRANARY))
        packed.write(three_column_page(tmp_path / "a.pdf"), "A03.pdf")
        packed.writestr("notes.jsonl", json.dumps({"text": FERRY[0]}) + "\n")
        packed.writestr(".hidden/x.txt", "不读")
        packed.writestr("photo.jpg", b"\xff\xd8\xff")
    found = good(path)
    assert [(a.member.removeprefix(str(path)), a.paper, a.page) for a in found] == [
        *[("!/A03.pdf", "石门日报", "A03")] * 3,
        ("!/B02.txt", "石门日报", "B02"),
        ("!/notes.jsonl", None, None),
    ]
    assert found[0].issued == date(2023, 5, 11)


def test_a_chinese_name_in_gbk_is_read_as_its_maker_wrote_it(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("XXXXXXXX_2023-05-11_XX3XX.txt", TEXT)
    name = "石门日报_2023-05-11_第3版.txt".encode("gb18030")
    path.write_bytes(path.read_bytes().replace(b"XXXXXXXX_2023-05-11_XX3XX.txt", name))
    (article,) = good(path)
    assert article.member == f"{path}!/石门日报_2023-05-11_第3版.txt"
    assert (article.paper, article.page) == ("石门日报", "3")


@pytest.mark.parametrize("mode", ["w:gz", "w:xz", "w"])
def test_a_tar_is_read_like_a_zip(tmp_path, mode):
    path = tmp_path / {"w:gz": "a.tar.gz", "w:xz": "a.txz", "w": "a.tar"}[mode]
    with tarfile.open(path, mode) as packed:
        packed.add(written(tmp_path / "A01.txt", TEXT), "2023-05-11/A01.txt")
    (article,) = good(path)
    assert (article.member, article.page, article.issued) == (f"{path}!/2023-05-11/A01.txt", "A01", date(2023, 5, 11))


@pytest.mark.parametrize(("opened", "end"), [(gzip.open, "gz"), (lzma.open, "xz")])
def test_a_single_packed_file_reads_like_the_plain_one(tmp_path, opened, end):
    plain = written(tmp_path / "石门日报_2023-05-11_第3版.txt", TEXT)
    packed = tmp_path / f"{plain.name}.{end}"
    with opened(packed, "wt", encoding="utf-8") as file:
        file.write(TEXT)
    (one,), (other,) = good(plain), good(packed)
    assert (one.text, one.title, one.paper, one.page) == (other.text, other.title, other.paper, other.page)
    lines = tmp_path / f"a.jsonl.{end}"
    with opened(lines, "wt", encoding="utf-8") as file:
        file.write(json.dumps({"text": FERRY[0]}) + "\n")
    assert good(lines)[0].text == FERRY[0]


# -- folders and jobs ------------------------------------------------------------------------------------------------


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A folder as a newsroom has it: pages in many formats, and what is none."""
    folder = tmp_path / "desk"
    written(folder / "a.txt", TEXT)
    written(folder / "b.html", web_page(f"<article><h1>云溪渡轮又开航了</h1>{paragraphs(FERRY)}</article>"))
    three_column_page(folder / "c.pdf")
    word(folder / "d.docx", ("旧粮仓变图书馆", GRANARY))
    written(folder / "e.xml", RSS)
    written(folder / "f.html", "<html><body><ul><li><a href='x'>只有一个链接</a></li></ul>")
    written(folder / "page.csv", f"text\n{FERRY[0]}\n")
    written(folder / "settings.json", '{"paper": "石门日报"}')
    written(folder / "pom.xml", "<project/>")
    written(folder / "README.md", "# 说明\n\n不是新闻。")
    (folder / "photo.jpg").write_bytes(b"\xff\xd8\xff")
    return folder


def test_a_folder_is_walked_and_what_is_no_page_is_counted(desk):
    sources = find_sources([desk])
    assert [path.name for path in sources.files] == [
        *("a.txt", "b.html", "c.pdf", "d.docx", "e.xml", "f.html", "page.csv")
    ]
    assert (sources.skipped, sources.failures) == (4, ())


def test_pictures_alone_in_a_folder_are_scans_and_beside_pages_they_are_not(tmp_path):
    (tmp_path / "scans").mkdir()
    (tmp_path / "scans" / "A01.png").write_bytes(b"\x89PNG")
    assert [path.name for path in find_sources([tmp_path]).files] == ["A01.png"]
    written(tmp_path / "scans" / "A01.txt", TEXT)
    assert [path.name for path in find_sources([tmp_path]).files] == ["A01.txt"]


def test_links_that_lead_out_of_a_walked_folder_are_not_followed_but_named(tmp_path):
    outside = written(tmp_path / "outside" / "secret.txt", TEXT)
    walked = tmp_path / "walked"
    walked.mkdir()
    (walked / "folder").symlink_to(outside.parent)
    written(walked / "a.txt", TEXT)
    (walked / "b.txt").symlink_to(walked / "a.txt")
    (walked / "c.txt").symlink_to(outside)
    sources = find_sources([walked])
    assert [path.name for path in sources.files] == ["a.txt", "b.txt"]
    (failure,) = sources.failures
    assert failure.file.endswith("c.txt")
    assert "leads out" in failure.reason


@pytest.mark.parametrize("jobs", [2, 3])
def test_what_is_read_does_not_depend_on_how_many_read_it(desk, jobs):
    files = find_sources([desk]).files

    def everything(jobs: int) -> list[tuple[Path, list[list[Article] | Failure]]]:
        return [(path, list(found)) for path, found in read_sources(files, Known(), jobs=jobs)]

    assert everything(jobs) == everything(1)


def test_every_article_stands_where_it_says_in_the_text_that_its_reader_extracted(desk):
    read = 0
    for _, found in read_pages(find_sources([desk]).files, Known()):
        for reading in found:
            if not isinstance(reading, Reading):
                continue
            for article in reading.split.articles:
                for span in article.file_spans:
                    quoted = reading.page.text[span.source : span.source + span.length]
                    assert quoted == article.text[span.start : span.start + span.length]
                    assert article.start <= span.source <= span.source + span.length <= article.end
                read += 1
    assert read == 8


# -- the commands ----------------------------------------------------------------------------------------------------


def test_add_reads_a_folder_of_all_formats_and_says_what_it_passed_over(run, desk):
    said = run("add", desk, "--jobs", "2", "--json")
    report = json.loads(said.stdout)
    assert (said.exit_code, report["added"], report["files"], report["skipped"]) == (1, 9, 7, 4)
    (failure,) = report["failures"]
    assert failure["file"].endswith("f.html")
    again = json.loads(run("add", desk, "--json").stdout)
    assert (again["added"], again["changed"], again["unchanged"]) == (0, 0, 9)


def test_articles_shows_every_page_of_every_format(run, desk):
    said = run("articles", desk / "c.pdf", desk / "e.xml", desk / "page.csv", "--json")
    records = [json.loads(line) for line in said.stdout.splitlines()]
    assert [record["file"].rsplit("/", 1)[-1] for record in records] == ["c.pdf", "e.xml", "e.xml", "page.csv"]
    assert [len(record["articles"]) for record in records] == [3, 1, 1, 1]
    assert (records[0]["encoding"], records[0]["paper"], records[0]["page"]) == ("pdf", "石门日报", "3")


def test_what_else_a_record_says_is_shown_and_none_changes_no_version(run, tmp_path):
    written(tmp_path / "a.jsonl", json.dumps({"id": "1", "text": FERRY[0]}) + "\n")
    run("add", tmp_path / "a.jsonl")
    (first,) = (json.loads(line) for line in run("list", "--json").stdout.splitlines())
    assert json.loads(run("show", first["article_id"], "--json").stdout)["extra"] == {}
    written(tmp_path / "a.jsonl", json.dumps({"id": "1", "text": FERRY[0], "栏目": "城事", "words": 61}) + "\n")
    assert json.loads(run("add", tmp_path / "a.jsonl", "--json").stdout)["changed"] == 1
    assert json.loads(run("show", first["article_id"], "--json").stdout)["extra"] == {"栏目": "城事", "words": "61"}


# -- addresses -------------------------------------------------------------------------------------------------------


class _Site(BaseHTTPRequestHandler):
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.asked.append(self.path)
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/feed")
            self.end_headers()
            return
        if self.path == "/round":
            self.send_response(302)
            self.send_header("Location", "/round")
            self.end_headers()
            return
        body = RSS.encode() if self.path == "/feed" else b""
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "application/rss+xml")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    _Site.asked.clear()
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_an_address_is_fetched_and_nothing_that_it_links_to(run, site):
    said = run("add", f"{site}/moved", "--json")
    assert (said.exit_code, json.loads(said.stdout)["added"]) == (0, 2)
    assert _Site.asked == ["/moved", "/feed"]
    (name, _) = (json.loads(line)["article_id"] for line in run("list", "--json").stdout.splitlines())
    assert json.loads(run("show", name, "--json").stdout)["file"] == f"{site}/moved"


def test_an_address_that_gives_nothing_is_named_and_the_rest_goes_on(run, site, tmp_path):
    page = written(tmp_path / "a.txt", TEXT)
    said = run("add", f"{site}/gone", f"{site}/round", "http://127.0.0.1:9/", page, "--json")
    report = json.loads(said.stdout)
    assert (said.exit_code, report["added"]) == (1, 1)
    assert [failure["file"] for failure in report["failures"]] == [
        f"{site}/gone",
        f"{site}/round",
        "http://127.0.0.1:9/",
    ]
    assert "404" in report["failures"][0]["error"]
