"""A newspaper's page as a PDF becomes its articles: by sizes of type and columns, as a reader's eye takes it.

Every page is set here, in invented news; what is read has to be what was set, paragraph by paragraph.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ingest.models import Article, PageFacts
from ingest.readers.facts import Asked, Reading
from ingest.readers.scans import read_pdf
from tests.newspaper_pdf import FERRY, GRANARY, SCHOOL, Paper, page_of_chance, three_column_page


def read(path: Path, **said: object) -> list[Reading]:
    return list(read_pdf(path, Asked(str(path), PageFacts(**said))))


def bare(paragraphs) -> list[str]:
    """Without spaces: one that falls on a line's end is not printed."""
    return ["".join(paragraph.split()) for paragraph in paragraphs]


def articles(path: Path) -> dict[str | None, Article]:
    (reading,) = read(path)
    return {article.title: article for article in reading.split.articles}


def test_a_headline_across_two_of_three_columns_has_its_own_text_and_not_the_third_column(tmp_path):
    (reading,) = read(three_column_page(tmp_path / "a.pdf"))
    found = [(a.title, a.subtitle, bare(a.paragraphs)) for a in reading.split.articles]
    assert found == [
        ("停航八个月 云溪渡轮又开了", "新船能载四十人，票价仍是两元", bare(FERRY)),
        ("旧粮仓变图书馆", None, bare(GRANARY)),
        ("柳桥夜校开讲第一课", None, bare(SCHOOL)),
    ]


def test_a_page_says_its_paper_day_and_number_itself_and_its_articles_their_datelines(tmp_path):
    (reading,) = read(three_column_page(tmp_path / "a.pdf"))
    assert (reading.page.paper, reading.page.date, reading.page.page) == ("石门日报", date(2023, 5, 11), "3")
    ferry = reading.split.articles[0]
    assert (ferry.place, ferry.date, ferry.issued) == ("云溪", date(2023, 5, 10), date(2023, 5, 11))
    assert bare([ferry.byline]) == ["记者林晓通讯员周禾"]


def test_what_the_user_says_wins_over_the_label(tmp_path):
    (reading,) = read(three_column_page(tmp_path / "a.pdf"), paper="云溪报", page="7", date=date(2024, 1, 2))
    assert (reading.page.paper, reading.page.date, reading.page.page) == ("云溪报", date(2024, 1, 2), "7")


def test_every_character_of_an_article_stands_where_it_says_in_the_text_that_was_extracted(tmp_path):
    (reading,) = read(three_column_page(tmp_path / "a.pdf"))
    text = reading.page.text
    for article in reading.split.articles:
        for span in article.file_spans:
            assert article.text[span.start : span.start + span.length] == text[span.source : span.source + span.length]
        assert sum(span.length for span in article.file_spans) == len(article.text.replace("\n", ""))
        assert text[article.start : article.end].startswith(article.title.split()[0])


def test_an_article_that_wraps_under_another_keeps_its_second_column(tmp_path):
    """The lower headline stands over the first column alone; its text goes on beside it, under the upper article."""
    paper = Paper(tmp_path / "wrap.pdf")
    paper.headline("云溪渡轮又开了", 0, 2, 50, 26)
    paper.flow(FERRY, [(0, 90, 240), (1, 90, 240)])
    paper.headline("旧粮仓变图书馆", 0, 1, 262, 18)
    paper.flow(GRANARY, [(0, 290, 350), (1, 290, 350)])
    paper.headline("夜校开讲", 2, 1, 50, 20)
    paper.flow(SCHOOL, [(2, 84, 350)])
    found = articles(paper.save())
    assert bare(found["云溪渡轮又开了"].paragraphs) == bare(FERRY)
    assert bare(found["旧粮仓变图书馆"].paragraphs) == bare(GRANARY)
    assert bare(found["夜校开讲"].paragraphs) == bare(SCHOOL)


def test_text_that_runs_on_into_a_column_without_a_headline_belongs_to_its_story(tmp_path):
    paper = Paper(tmp_path / "on.pdf")
    paper.headline("云溪渡轮又开了", 0, 2, 50, 24)
    paper.flow(FERRY, [(0, 90, 180), (1, 90, 180), (2, 50, 200)])
    (article,) = articles(paper.save()).values()
    assert bare(article.paragraphs) == bare(FERRY)


def test_a_short_headline_in_the_middle_of_four_narrow_columns_covers_them_all(tmp_path):
    paper = Paper(tmp_path / "four.pdf", columns=4, gutter=12)
    paper.headline("旧粮仓变图书馆", 0, 4, 50, 22)
    paper.flow(GRANARY, [(n, 90, 150) for n in range(4)])
    paper.headline("渡轮开航", 0, 4, 170, 30)
    paper.flow(FERRY, [(n, 210, 360) for n in range(4)])
    found = articles(paper.save())
    assert bare(found["旧粮仓变图书馆"].paragraphs) == bare(GRANARY)
    assert bare(found["渡轮开航"].paragraphs) == bare(FERRY)


def test_an_upright_headline_stands_beside_its_text(tmp_path):
    paper = Paper(tmp_path / "upright.pdf")
    paper.upright("云溪渡轮又开了", paper.left(1) - 34, 50, 26)
    paper.flow(FERRY, [(1, 50, 230), (2, 50, 230)])
    (article,) = articles(paper.save()).values()
    assert (article.title, bare(article.paragraphs)) == ("云溪渡轮又开了", bare(FERRY))


def test_shoulder_main_line_and_sub_headline_are_told_apart_by_their_sizes(tmp_path):
    paper = Paper(tmp_path / "head.pdf")
    paper.headline("停航八个月，乡里补贴二十二万元", 0, 3, 50, 14)
    paper.headline("云溪渡轮又开了", 0, 3, 70, 30)
    paper.headline("新船能载四十人", 0, 3, 106, 16)
    paper.flow(FERRY, [(0, 136, 250), (1, 136, 250), (2, 136, 250)])
    (article,) = articles(paper.save()).values()
    assert article.title == "停航八个月，乡里补贴二十二万元 云溪渡轮又开了"
    assert article.subtitle == "新船能载四十人"
    assert bare(article.paragraphs) == bare(FERRY)


def test_a_byline_across_the_columns_is_the_authors_and_a_jump_leads_to_its_page(tmp_path):
    paper = Paper(tmp_path / "byline.pdf")
    paper.headline("云溪渡轮又开了", 0, 2, 50, 24)
    paper.headline("本报记者 林晓", 0, 2, 84, 10)
    body = [FERRY[0].removeprefix("本报云溪5月10日电（记者 林晓 通讯员 周禾）"), *FERRY[1:]]
    paper.flow([*body, "（下转第4版）"], [(0, 104, 250), (1, 104, 250)])
    (article,) = articles(paper.save()).values()
    assert (article.byline, article.continued_to) == ("本报记者 林晓", "4")
    assert bare(article.paragraphs) == bare(body)


@pytest.mark.parametrize("size", [10, 12, 14])
def test_a_sub_head_inside_a_column_is_no_new_article(tmp_path, size):
    paper = Paper(tmp_path / "sub.pdf")
    paper.headline("云溪渡轮又开了", 0, 2, 50, 28)
    paper.flow(FERRY[:2], [(0, 90, 240)])
    paper.line("船票仍是两元", paper.left(1) + 40, 90, size)
    paper.flow(FERRY[2:], [(1, 112, 300)])
    (article,) = articles(paper.save()).values()
    assert bare(article.paragraphs) == bare(FERRY)
    assert [(s.text, s.paragraph) for s in article.subheads] == [("船票仍是两元", 2)]


def test_briefs_under_small_headlines_are_articles_of_their_own(tmp_path):
    paper = Paper(tmp_path / "briefs.pdf")
    paper.headline("云溪渡轮又开了", 0, 2, 50, 28)
    paper.flow(FERRY, [(0, 90, 250), (1, 90, 250)])
    paper.headline("旧粮仓变图书馆", 2, 1, 50, 14)
    paper.flow(GRANARY, [(2, 74, 200)])
    paper.headline("夜校开讲", 2, 1, 210, 14)
    paper.flow(SCHOOL, [(2, 234, 420)])
    found = articles(paper.save())
    assert {title: bare(a.paragraphs) for title, a in found.items()} == {
        "云溪渡轮又开了": bare(FERRY),
        "旧粮仓变图书馆": bare(GRANARY),
        "夜校开讲": bare(SCHOOL),
    }


def test_a_kicker_names_the_column_and_a_drop_cap_begins_its_paragraph(tmp_path):
    paper = Paper(tmp_path / "kicker.pdf")
    paper.line("城事短波", paper.left(0), 50, 10)
    paper.headline("云溪渡轮又开了", 0, 2, 64, 26)
    first = "停了八个月的云溪渡轮昨天重新开航。船是新造的，能载四十人，比旧船多出一倍，乡里补贴了二十二万元。"
    paper.line("停", paper.left(0), 100, 28)
    paper.line(first[1:14], paper.left(0) + 32, 102)
    paper.line(first[14:27], paper.left(0) + 32, 117)
    paper.line(first[27:43], paper.left(0), 132)
    paper.line(first[43:], paper.left(0), 147)
    paper.flow(FERRY[1:], [(1, 100, 320)])
    (article,) = articles(paper.save()).values()
    assert (article.kicker, article.title) == ("城事短波", "云溪渡轮又开了")
    assert bare(article.paragraphs) == bare([first, *FERRY[1:]])


def test_captions_do_not_tear_the_text_apart(tmp_path):
    paper = Paper(tmp_path / "caption.pdf")
    paper.headline("云溪渡轮又开了", 0, 2, 50, 26)
    paper.flow(FERRY[:2], [(0, 90, 230), (1, 90, 120)])
    paper.line("渡轮靠岸。林晓摄", paper.left(1) + 20, 210, 8)
    paper.flow(FERRY[2:], [(1, 230, 400)])
    (article,) = articles(paper.save()).values()
    assert bare(article.paragraphs) == bare([*FERRY, "渡轮靠岸。林晓摄"])


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_page_that_is_stored_turned_reads_like_any_other(tmp_path, degrees):
    upright = articles(three_column_page(tmp_path / "a.pdf"))
    turned = articles(three_column_page(tmp_path / "b.pdf", rotation=degrees))
    assert {t: a.paragraphs for t, a in turned.items()} == {t: a.paragraphs for t, a in upright.items()}


def test_each_sheet_of_a_file_is_a_page_with_its_own_number(tmp_path):
    paper = Paper(tmp_path / "石门日报_2023-05-11.pdf")
    for title, text in (("云溪渡轮又开了", FERRY), ("旧粮仓变图书馆", GRANARY)):
        paper.headline(title, 0, 3, 50, 26)
        paper.flow(text, [(0, 90, 200), (1, 90, 200), (2, 90, 200)])
        paper.next_sheet()
    first, second = read(paper.save())
    assert (first.page.page, second.page.page) == ("1", "2")
    assert [a.title for each in (first, second) for a in each.split.articles] == ["云溪渡轮又开了", "旧粮仓变图书馆"]


def test_a_typed_page_without_larger_type_is_split_as_text_is(tmp_path):
    paper = Paper(tmp_path / "typed.pdf", columns=1)
    at = 50.0
    for title, text in (("云溪渡轮又开了", FERRY), ("旧粮仓变图书馆", GRANARY)):
        paper.line(title, paper.left(0), at)
        bottom = at + 15 * (1 + sum(-(-len(p) // 48) for p in text)) + 30
        paper.flow(text, [(0, at + 15, bottom)])
        at = bottom + 10
    found = articles(paper.save())
    assert bare(found["云溪渡轮又开了"].paragraphs) == bare(FERRY)
    assert bare(found["旧粮仓变图书馆"].paragraphs) == bare(GRANARY)


def test_pages_of_chance_come_apart_as_they_were_put_together(tmp_path):
    """Columns, sizes, gutters, widths and places of headlines by chance: every article is whole, to the character."""
    for seed in range(30):
        told = page_of_chance(tmp_path / "chance.pdf", seed)
        found = articles(tmp_path / "chance.pdf")
        assert {t: bare(a.paragraphs) for t, a in found.items()} == {t: bare(p) for t, p in told.items()}, seed
