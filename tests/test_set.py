"""`ingest set` corrects what is known of articles, in bulk; it holds whatever their files say when they come again."""

import json
from pathlib import Path

import pytest

from ingest.archive import Archive
from ingest.encoder import load_encoder
from ingest.generations import Generations
from ingest.models import Filter
from tests.stories import stories
from tests.test_ingester import found

PAGE = """柳桥镇把夜校办到了河边

本报柳桥5月10日电（记者 林 晓）入夜，旧粮仓里，夜校的第一课开讲。来听课的有六十三人，最年长的七十一岁。

云溪乡的渡轮又开航了

本报云溪5月10日电（记者 周 禾）停了八个月的渡轮昨天重新开航。船能载四十人。乡里补贴了二十二万元，票价仍是两元。
"""


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.txt"
    path.write_text(PAGE, "utf-8")
    return path


def listed(run) -> list[dict]:
    return [json.loads(line) for line in run("list", "--json").stdout.splitlines()]


WRONG = ("--paper", "错报", "--date", "2022-05-11", "--page", "3")


def test_a_wrong_paper_is_corrected_and_found_under_the_right_one_without_embedding_anew(run, page, root):
    run("add", page, *WRONG)
    before = {row["article_id"] for row in listed(run)}
    report = json.loads(run("set", "--paper", "柳桥晚报", "--where", "paper=错报", "--json").stdout)
    assert (report["changed"], report["embedded"], report["generation"]) == (2, 0, 2)
    rows = listed(run)
    assert {row["paper"] for row in rows} == {"柳桥晚报"}
    assert {row["article_id"] for row in rows} == before
    with Archive(root, load_encoder("builtin")) as archive, archive.read() as snapshot:
        assert len(found(snapshot, "渡轮 夜校", where=Filter(paper="柳桥晚报"))) == 2
        assert found(snapshot, "渡轮 夜校", where=Filter(paper="错报")) == []
        snapshot.check()


def test_neither_the_unchanged_file_nor_the_corrected_one_makes_a_second_article(run, page):
    run("add", page, *WRONG)
    run("set", "--paper", "柳桥晚报", "--date", "2022-05-12", "--where", "paper=错报")
    for known in (WRONG, ("--paper", "柳桥晚报", "--date", "2022-05-12", "--page", "3")):
        report = json.loads(run("add", page, *known, "--json").stdout)
        assert (report["added"], report["changed"]) == (0, 0)
    assert {(row["paper"], row["date"]) for row in listed(run)} == {("柳桥晚报", "2022-05-12")}
    assert len(listed(run)) == 2


def test_what_was_set_holds_when_the_text_changes(run, page):
    run("add", page, *WRONG)
    run("set", "--paper", "柳桥晚报", "--where", "paper=错报")
    page.write_text(PAGE.replace("六十三人", "六十五人"), "utf-8")
    report = json.loads(run("add", page, *WRONG, "--json").stdout)
    assert (report["added"], report["changed"]) == (0, 1)
    shown = [json.loads(run("show", row["article_id"], "--json").stdout) for row in listed(run)]
    assert {one["paper"] for one in shown} == {"柳桥晚报"}
    assert any("六十五人" in one["text"] for one in shown)


def test_what_is_set_later_goes_over_what_was_set_and_keeps_the_rest(run, page):
    run("add", page, *WRONG)
    run("set", "--paper", "再错报", "--page", "A02", "--where", "paper=错报")
    run("set", "--paper", "柳桥晚报", "--where", "paper=再错报")
    assert {(row["paper"], row["page"]) for row in listed(run)} == {("柳桥晚报", "A02")}
    for paper, page_number, added in (("错报", "3", 0), ("柳桥晚报", "A02", 0), ("再错报", "A02", 2)):
        done = run("add", page, "--paper", paper, "--date", "2022-05-11", "--page", page_number, "--json")
        assert json.loads(done.stdout)["added"] == added, paper


def test_an_article_that_is_there_under_the_right_paper_stays_one_of_its_own(run, page):
    right = page.with_name("right.txt")
    right.write_text(PAGE, "utf-8")
    run("add", page, *WRONG)
    run("add", right, "--paper", "柳桥晚报", "--date", "2022-05-11", "--page", "3")
    run("set", "--paper", "柳桥晚报", "--where", "paper=错报")
    assert len(listed(run)) == 4
    assert "2 unchanged" in run("add", page, *WRONG).stdout
    assert "2 unchanged" in run("add", right, "--paper", "柳桥晚报", "--date", "2022-05-11", "--page", "3").stdout
    assert len(listed(run)) == 4


def test_rollback_undoes_it(run, page, root):
    run("add", page, *WRONG)
    run("set", "--paper", "柳桥晚报", "--where", "paper=错报")
    run("rollback")
    assert {row["paper"] for row in listed(run)} == {"错报"}
    run("add", page, *WRONG)
    assert Generations(root).current() == 1


@pytest.mark.parametrize("together", [False, True])
def test_it_goes_with_an_export_so_that_neither_file_is_news_there(run, page, tmp_path, monkeypatch, together):
    run("add", page, *WRONG)
    run("set", "--paper", "柳桥晚报", "--date", "2022-05-12", "--where", "paper=错报")
    out = tmp_path / "news.jsonl"
    out.write_bytes(run("export").stdout_bytes)
    monkeypatch.setenv("WENBAO_DATA", str(tmp_path / "other"))
    files = (page, out, *WRONG) if together else (out,)
    report = json.loads(run("add", *files, "--json").stdout)
    assert (report["added"], report["changed"]) == (2, 0)
    assert run("export").stdout_bytes == out.read_bytes()
    for known in (WRONG, ("--paper", "柳桥晚报", "--date", "2022-05-12", "--page", "3")):
        report = json.loads(run("add", page, *known, "--json").stdout)
        assert (report["added"], report["changed"]) == (0, 0)
    assert run("export").stdout_bytes == out.read_bytes()


def test_it_goes_with_an_article_that_was_withdrawn_and_holds_when_that_comes_back(run, page, tmp_path, monkeypatch):
    run("add", page, *WRONG)
    run("set", "--byline", "周禾", "--where", "byline=周 禾")
    whole = page.read_text("utf-8")
    page.write_text(whole[: whole.index("云溪乡的渡轮")], "utf-8")
    run("add", page, *WRONG, "--prune")
    out = tmp_path / "news.jsonl"
    out.write_bytes(run("export").stdout_bytes)
    monkeypatch.setenv("WENBAO_DATA", str(tmp_path / "other"))
    run("add", out)
    assert run("export").stdout_bytes == out.read_bytes()
    page.write_text(whole, "utf-8")
    assert json.loads(run("add", page, *WRONG, "--json").stdout)["added"] == 1
    assert {row["byline"] for row in listed(run)} == {"记者 林 晓", "周禾"}


def test_what_is_set_here_holds_against_what_an_export_carries(run, page, tmp_path, monkeypatch):
    run("add", page, *WRONG)
    run("set", "--paper", "柳桥晚报", "--where", "paper=错报")
    out = tmp_path / "news.jsonl"
    out.write_bytes(run("export").stdout_bytes)
    monkeypatch.setenv("WENBAO_DATA", str(tmp_path / "other"))
    run("add", page, *WRONG)
    run("set", "--paper", "柳桥日报", "--where", "paper=错报")
    run("add", out)
    assert {row["paper"] for row in listed(run)} == {"柳桥日报"}


def test_it_outlives_a_reembed(run, page):
    run("add", page, *WRONG)
    run("set", "--paper", "柳桥晚报", "--where", "paper=错报")
    assert run("reembed").exit_code == 0
    assert "2 unchanged" in run("add", page, *WRONG).stdout
    assert {row["paper"] for row in listed(run)} == {"柳桥晚报"}


def test_a_trial_counts_and_the_difference_between_versions_names_what_was_set(run, page):
    run("add", page, *WRONG)
    (one, _) = (row["article_id"] for row in listed(run))
    assert "1 article is meant." in run("set", "--page", "A01", "--where", f"id={one}", "--dry-run").stdout
    run("set", "--page", "A01", "--where", f"id={one}")
    changes = run("show", one, "--diff").stdout.splitlines()[1:]
    assert changes == ["- page: 3", "+ page: A01"]


def test_conditions_all_have_to_hold(run, records):
    run("add", records(*stories(40)))
    meant = run("set", "--page", "7", "--where", "since=2022-03-01", "--where", "until=2022-04-30", "--dry-run")
    days = [row["date"] for row in listed(run) if "2022-03-01" <= row["date"] <= "2022-04-30"]
    assert f"{len(days)} articles are meant" in meant.stdout
    assert len(meant.stdout.splitlines()) == min(len(days), 5) + 1
    assert "1 article changed" in run("set", "--place", "青浦里", "--where", "id=s7").stdout
    assert "40 articles changed" in run("set", "--byline", "林晓", "--where", "file=records.*").stdout
    assert "40 articles are meant" in run("set", "--page", "7", "--where", "page=", "--dry-run").stdout
    assert "40 unchanged" in run("set", "--byline", "林晓", "--where", "byline=林 晓").stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--paper", "试报"), "--where"),
        (("--where", "paper=试报"), "what is to be set"),
        (("--paper", "甲报", "--where", "colour=red"), "paper=…"),
        (("--paper", "甲报", "--where", "date=May"), "2023-05-11"),
        (("--paper", "甲报", "--where", "paper=无此报"), "no article"),
        (("--date", "May", "--where", "paper=试报"), "2023-05-11"),
        (("--paper", " ", "--where", "paper=试报"), "--paper is empty"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_line_and_changes_nothing(run, records, root, words, said):
    run("add", records(*stories(3)))
    done = run("set", *words)
    assert done.exit_code == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert Generations(root).numbers() == [1]
