"""An export is the archive: read back it makes the same one, and the same export again, byte for byte."""

import json
import lzma
import sqlite3

import pytest
from typer.testing import CliRunner

from ingest.archive import Archive
from ingest.catalog_schema import TABLES
from ingest.cli import cli
from ingest.exported import CARRIED
from ingest.ingester import Ingester
from tests.stories import stories, story

FRONT = """第1版
柳桥镇把夜校办到了河边
——旧粮仓里点起了灯

本报柳桥5月10日电（记者 林 晓）入夜，旧粮仓里，夜校的第一课开讲。来听课的有六十三人，最年长的七十一岁。

镇里说，夜校一周开三个晚上，教的是算账、电工和急救，不收学费。（下转第3版）

云溪乡的渡轮又开航了

本报云溪5月10日电（记者 周 禾）停了八个月的渡轮昨天重新开航。船能载四十人。
"""
BACK = """柳桥镇把夜校办到了河边

（上接第1版）夜校的桌椅是镇中学换下来的，电费由村里出。今年4月报名时，头一天就满了。
"""


@pytest.fixture
def run(root, monkeypatch):
    monkeypatch.setenv("WENBAO_DATA", str(root))

    def call(*words: object, data=root):
        monkeypatch.setenv("WENBAO_DATA", str(data))
        return CliRunner().invoke(cli, [str(word) for word in words], catch_exceptions=False)

    return call


@pytest.fixture
def filled(root, ingester, records, tmp_path):
    """Pages that go on, records, an article that changed twice and back again, odd characters."""
    pages = tmp_path / "试报 pages"
    pages.mkdir()
    (pages / "试报_2022-05-11_第1版.txt").write_text(FRONT, "utf-8")
    (pages / "试报_2022-05-11_第3版.txt").write_text(BACK, "utf-8")
    odd = {
        "text": "行首　全角\u2028行分隔\x85下一行\x0b竖制表。\n第二段。",
        "title": "张　三\u3000说",
        "url": "http://试报/1",
    }
    ingester.add([pages, records(*stories(12), odd)])
    for text in ("改了一回的柳桥夜校。", "又改一回的柳桥夜校。", "改了一回的柳桥夜校。", "最后的柳桥夜校。"):
        ingester.add([records(story(3) | {"text": text})])
    return root


def test_read_back_it_makes_the_same_archive_with_the_same_names(filled, encoder, tmp_path, run):
    first = run("export").stdout_bytes
    path = tmp_path / "news.jsonl"
    path.write_bytes(first)
    other = tmp_path / "other"
    report = Ingester(other, encoder).add([path])
    assert (report.failures, report.changed, report.history) == ((), 0, 3)
    assert run("export", data=other).stdout_bytes == first
    with Archive(filled, encoder) as one, Archive(other, encoder) as two, one.read() as old, two.read() as new:
        new.check()
        assert new.stats().chunks == old.stats().chunks
        for article in old.recent(100):
            again = new.article(article.article_id)
            assert again == article
            assert new.chunks_of(article.article_id) == old.chunks_of(article.article_id)
            versions = [each.version_id for each in old.catalog.versions(article.article_id)]
            assert [each.version_id for each in new.catalog.versions(article.article_id)] == versions
        assert any(article.linked for article in new.recent(100))


def test_read_into_the_archive_that_it_came_from_it_changes_nothing(filled, encoder, tmp_path, run):
    path = tmp_path / "news.jsonl"
    path.write_bytes(run("export").stdout_bytes)
    embedded = encoder.encoded
    report = Ingester(filled, encoder).add([path])
    assert (report.added, report.changed, report.history, encoder.encoded) == (0, 0, 0, embedded)


def test_it_is_sorted_and_says_nothing_of_times_generations_or_encoders(filled, run):
    lines = [json.loads(line) for line in run("export").stdout_bytes.splitlines()]
    names = [line[CARRIED]["article_id"] for line in lines]
    assert names == sorted(names)
    assert {key for line in lines for key in (*line, *line[CARRIED])} <= {
        *("id", "title", "date", "paper", "page", "place", "byline", "url", "text", CARRIED),
        *("article_id", "version_id", "superseded_by", "subtitle", "kicker", "dateline", "continued_from"),
        *("continued_to", "subheads", "starts_mid", "file", "file_start", "file_end", "file_spans", "extra"),
        *("withdrawn", "set"),
    }


def test_a_version_is_superseded_by_the_same_one_as_before_however_often_it_came_back(filled, run):
    lines = [json.loads(line) for line in run("export").stdout_bytes.splitlines() if b'"s3"' in line]
    assert [line["text"] for line in lines][1:] == ["又改一回的柳桥夜校。", "改了一回的柳桥夜校。", "最后的柳桥夜校。"]
    live = run("export", "--no-history").stdout_bytes
    assert [json.loads(line)["text"] for line in live.splitlines() if b'"s3"' in line] == ["最后的柳桥夜校。"]


@pytest.mark.parametrize(
    "tamper",
    [
        lambda line: line | {"text": line["text"] + "添了一句。"},
        lambda line: line | {"date": "2021-01-01"},
        lambda line: line | {CARRIED: line[CARRIED] | {"article_id": "0" * 24}},
        lambda line: line | {CARRIED: line[CARRIED] | {"file_spans": [[0, 0, 99_999]]}},
        lambda line: line | {CARRIED: {}},
        lambda line: line | {CARRIED: "x"},
        lambda line: line | {CARRIED: line[CARRIED] | {"file": None}},
        lambda line: line | {CARRIED: line[CARRIED] | {"set": "试报"}},
        lambda line: line | {CARRIED: line[CARRIED] | {"set": {"date": "May"}}},
        lambda line: line | {"text": "\ud800"},
    ],
)
def test_a_line_that_was_changed_is_refused_and_the_others_go_in(filled, run, tmp_path, encoder, tamper):
    lines = [json.loads(line) for line in run("export", "--no-history").stdout_bytes.splitlines()]
    lines[4] = tamper(lines[4])
    path = tmp_path / "changed.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    report = Ingester(tmp_path / "other", encoder).add([path])
    assert report.added == len(lines) - 1
    (failure,) = report.failures
    assert "line 5" in failure.reason
    assert CARRIED in failure.reason


def test_a_changed_line_without_its_names_is_an_article_of_its_own(filled, run, tmp_path, encoder):
    line = json.loads(run("export", "--no-history").stdout_bytes.splitlines()[0])
    del line[CARRIED]
    path = tmp_path / "own.jsonl"
    path.write_text(json.dumps(line | {"text": "添了一句。"}) + "\n")
    assert Ingester(tmp_path / "other", encoder).add([path]).added == 1


def test_a_file_is_packed_by_its_name_and_there_whole_or_not_at_all(filled, run, tmp_path, monkeypatch):
    out = tmp_path / "news.jsonl.xz"
    assert "written to" in run("export", "--out", out).stdout
    assert lzma.decompress(out.read_bytes()) == run("export").stdout_bytes
    before = out.read_bytes()

    def fails(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ingest.export.exported_record", fails)
    said = run("export", "--out", out)
    assert (said.exit_code, "ran full" in said.stderr) == (2, True)
    assert out.read_bytes() == before
    assert not list(tmp_path.glob(".news*"))


def test_every_column_of_an_article_is_exported_or_known_to_follow_from_others():
    """Whoever adds a column has to say here whether an export carries it."""
    db = sqlite3.connect(":memory:")
    db.executescript(TABLES)
    columns = {row[1] for row in db.execute("PRAGMA table_info(articles)")}
    carried = {
        *("version_id", "article_id", "superseded_by", "source_id", "title", "subtitle", "kicker", "byline"),
        *("dateline", "place", "paper", "day", "page", "text", "subheads", "starts_mid", "continued_from"),
        *("continued_to", "url", "file", "file_start", "file_end", "file_spans", "extra", "withdrawn"),
    }
    follows = {"seq", "live", "sample"}  # order; from superseded_by; what was exported is no sample
    assert columns == carried | follows
    set_by_hand = {row[1] for row in db.execute("PRAGMA table_info(overrides)")}
    assert set_by_hand == {"article_id", "alias", "day", "paper", "page", "place", "byline"}
