"""Where an editor says that articles begin, they begin; the marks survive every further ingest."""

import json
from pathlib import Path

import pytest

from ingest.articles import split_page
from ingest.errors import BadMark
from ingest.models import Page
from ingest.sidecar import Begin

PAGE = """2022年5月11日 星期三 第3版 柳桥日报
柳桥镇把夜校办到了河边
　　本报柳桥5月10日电（记者 林 晓）入夜，旧粮仓里，夜校的第一课开讲。来听课的有六十三人，最年长的七十一岁。
　　镇里说，夜校一周开三个晚上，教的是算账、电工和急救，不收学费。
云溪乡的渡轮又开航了
　　本报云溪5月10日电（记者 周 禾）停了八个月的渡轮昨天重新开航。船能载四十人。
渡口新添了候船的棚子
　　乡里补贴了二十二万元，票价仍是两元。棚子是今年春天搭的，能坐三十个人。
"""


def page(text: str = PAGE) -> Page:
    return Page("A01.txt", text, "utf-8", paper="柳桥日报", page="3")


def marks(*at: int | str) -> list[Begin]:
    return [Begin(each, None, f"mark {number}") for number, each in enumerate(at, 1)]


def test_articles_begin_at_the_marks_and_nowhere_else_and_no_character_is_lost():
    split = split_page(page(), marks(2, "云溪乡的渡轮"))
    first, second = split.articles
    assert (first.title, second.title) == ("柳桥镇把夜校办到了河边", "云溪乡的渡轮又开航了")
    assert [subhead.text for subhead in second.subheads] == ["渡口新添了候船的棚子"]
    assert "三十个人" in second.text
    covered = {at for piece in (*split.articles, *split.furniture) for at in range(piece.start, piece.end)}
    assert all(at in covered for at, each in enumerate(PAGE) if each.strip())


def test_a_mark_may_split_what_the_splitter_would_join_and_give_a_title():
    three = split_page(page(), [Begin(2), Begin("云溪乡"), Begin(7, "渡口有了棚子")])
    assert [article.title for article in three.articles][2] == "渡口有了棚子"
    assert len(three.articles) == 3


def test_a_mark_in_the_middle_of_a_story_begins_an_article_without_a_headline():
    split = split_page(page(), marks(2, 4))
    assert split.articles[1].text.startswith("镇里说")


def test_lines_count_as_editors_count_them_blank_ones_and_all():
    spaced = PAGE.replace("\n", "\r\n\r\n")
    split = split_page(page(spaced), marks(3, 9))
    assert [article.title for article in split.articles] == ["柳桥镇把夜校办到了河边", "云溪乡的渡轮又开航了"]
    assert split_page(page(spaced), marks(2, 9)).articles[0].title == "柳桥镇把夜校办到了河边", (
        "the next line that is none"
    )


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ((2, "白马渡"), "mark 2: 'A01.txt' has no line that begins with '白马渡' below the mark before"),
        ((99,), "mark 1: 'A01.txt' has no line 99"),
        ((5, 2), "mark 2: 'A01.txt' has no line 2 below"),
        ((5, 5), "mark 2: "),
    ],
)
def test_a_mark_that_is_not_there_is_refused_by_its_name(at, said):
    with pytest.raises(BadMark) as refused:
        split_page(page(), marks(*at))
    assert said in str(refused.value)


def titles(run) -> set[str]:
    return {json.loads(line)["title"] for line in run("list", "--json").stdout.splitlines()}


def test_a_wrong_split_is_corrected_by_hand_and_stays_so(run, tmp_path: Path):
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "A01.txt").write_text(PAGE, "utf-8")
    run("add", folder)
    printed = run("articles", folder / "A01.txt", "--marks").stdout
    assert '"A01.txt":' in printed
    (folder / "meta.yaml").write_text(printed, "utf-8")
    same = json.loads(run("add", folder, "--json").stdout)
    assert (same["added"], same["changed"], same["withdrawn"]) == (0, 0, 0), "what is printed says what is"
    (folder / "meta.yaml").write_text("files:\n  A01.txt:\n    begins: [2, 云溪乡的渡轮又开航了, 渡口新添]\n", "utf-8")
    run("add", folder)
    by_hand = {"柳桥镇把夜校办到了河边", "云溪乡的渡轮又开航了", "渡口新添了候船的棚子"}
    assert titles(run) == by_hand
    shown = json.loads(run("articles", folder / "A01.txt", "--json").stdout)
    assert {article["title"] for article in shown["articles"]} == by_hand
    (folder / "A01.txt").write_text(PAGE.replace("六十三人", "六十四人"), "utf-8")
    assert json.loads(run("add", folder, "--json").stdout)["changed"] == 1
    assert titles(run) == by_hand
    (folder / "A01.txt").write_text(PAGE.replace("渡口新添", "码头新添"), "utf-8")
    failed = run("add", folder)
    assert failed.exit_code == 2
    assert "meta.yaml' line 3: " in failed.stderr
    assert "渡口新添" in failed.stderr
    assert titles(run) == by_hand
