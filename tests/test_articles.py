"""The rule: a page comes apart into its articles, whole and exact; every non-blank character is in one of them or in
the furniture, and every character of an article's text leads back to the file."""

import json
import time
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.articles import Split, page_record, split_page
from ingest.bylines import find_byline, find_tail_byline
from ingest.datelines import dateline_day, find_dateline
from ingest.folios import is_folio
from ingest.headlines import read_headline
from ingest.jumps import find_jumps
from ingest.models import Page
from ingest.pages import read_page

PAGES = Path(__file__).parent / "pages"
SAMPLE = Path(__file__).parents[1] / "ingest" / "sample"
OWN = sorted(PAGES.glob("*.txt")) + sorted(SAMPLE.glob("*.txt"))


def page_of(text: str, issued: date | None = None) -> Page:
    return Page(file="page.txt", text=text, encoding="utf-8", date=issued)


def assert_whole_and_exact(page: Page, split: Split) -> None:
    areas = sorted([(a.start, a.end) for a in split.articles] + [(f.start, f.end) for f in split.furniture])
    assert all(left[1] <= right[0] for left, right in pairwise(areas)), "areas overlap"
    inside = 0
    for start, end in areas:
        assert page.text[inside:start].strip() == "", "something is in no article and in no furniture"
        inside = end
    assert page.text[inside:].strip() == ""
    assert [a.start for a in split.articles] == sorted(a.start for a in split.articles)
    for article in split.articles:
        covered = set()
        for span in article.file_spans:
            quoted = article.text[span.start : span.start + span.length]
            assert quoted == page.text[span.source : span.source + span.length]
            assert article.start <= span.source <= span.source + span.length <= article.end
            covered.update(range(span.start, span.start + span.length))
        assert all(n in covered or c == "\n" for n, c in enumerate(article.text))
        assert article.paragraphs
        assert all(p and p == p.strip() for p in article.paragraphs)


@pytest.mark.parametrize("file", OWN, ids=lambda file: file.stem)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_our_own_pages_come_apart_whole_and_exact_with_any_line_end(file, end):
    page = page_of(file.read_text("utf-8").replace("\n", end))
    split = split_page(page)
    assert_whole_and_exact(page, split)
    assert [a.paragraphs for a in split.articles] == [a.paragraphs for a in split_page(read_page(file)).articles]


PIECES = st.sampled_from(
    [
        "城北公交换新颜",
        "要闻",
        "（上接第一版）",
        "本报讯（记者 周明）从昨天起，十二条线路换上电动车。",
        "食堂的菜价由居民代表和街道一起商",
        "定，荤菜六元，素菜三元。",
        "王　平",
        "平江晚报 2024年3月6日 星期三 第3版",
        "——一条河的账本",
        "”",
        "（下转第5版）",
        "\u3000\u3000新车车门低，轮椅可以直接推上去。",
        "\u00a0",
        "a",
    ]
)
TEXTS = st.lists(PIECES | st.text(max_size=30), max_size=25).flatmap(
    lambda parts: st.sampled_from(["\n", "\n\n", "\r\n", "\n\u3000\u3000", "\u2028"]).map(lambda end: end.join(parts))
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TEXTS)
def test_any_text_comes_apart_whole_and_exact(text):
    page = page_of(text, date(2024, 3, 6))
    assert_whole_and_exact(page, split_page(page))


def test_a_modern_page_gives_up_its_parts():
    first, second, third = split_page(read_page(PAGES / "county_evening.txt")).articles
    assert (first.kicker, first.title, first.subtitle) == ("要闻", "老粮仓变身社区食堂", "六十岁以上老人一顿午饭八元")
    assert (first.byline, first.dateline, first.place) == ("记者 李 青 通讯员 赵小满", "本报平江3月5日电", "平江")
    assert (first.date, first.issued) == (date(2024, 3, 5), date(2024, 3, 6))
    assert [(s.text, s.paragraph) for s in first.subheads] == [("账怎么算得平", 2)]
    assert "一起商定,荤菜" in first.paragraphs[1]
    assert first.paragraphs[1].endswith("一小时就卖光了。")
    assert (second.title, second.date) == ("城北公交换新颜", date(2024, 3, 6))
    assert (third.continued_from, third.continued_to, third.starts_mid) == ("1", "5", True)
    assert third.paragraphs[0].startswith("种下去的")
    assert third.paragraphs[-1].endswith("而且")


def test_a_page_without_a_blank_line_comes_apart_too():
    articles = split_page(read_page(PAGES / "old_daily.txt")).articles
    assert [a.title for a in articles] == [
        "人民的河堤",
        "三月份煤炭增产",
        "邮局代办订阅书报",
        "让座",
        "东京举行群众集会",
    ]
    assert (articles[0].subtitle, articles[3].byline) == ("三县民工并肩修筑清溪大堤", "王　平")
    assert (articles[1].dateline, articles[1].place) == ("新华社太原二日电", "太原")


def test_a_scraped_article_stays_one_article():
    (article,) = split_page(read_page(PAGES / "web_article.txt")).articles
    assert article.title == "图书馆把自习室开到了菜市场楼上"
    assert len(article.paragraphs) == 3


def test_a_page_label_is_furniture_and_not_an_article():
    split = split_page(read_page(PAGES / "county_evening.txt"))
    assert [f.text for f in split.furniture] == ["平江晚报 2024年3月6日 星期三 第3版"]


def test_the_record_is_what_design_says():
    page = read_page(PAGES / "web_article.txt", paper="平江日报", date=date(2024, 3, 6), page="5")
    record = json.loads(json.dumps(page_record(page, split_page(page))))
    assert list(record) == ["file", "encoding", "paper", "date", "page", "articles", "furniture"]
    assert (record["paper"], record["date"], record["page"]) == ("平江日报", "2024-03-06", "5")
    assert list(record["articles"][0]) == (
        "title subtitle kicker byline dateline place date start end continued_from continued_to starts_mid subheads "
        "paragraphs"
    ).split(" ")


@pytest.mark.parametrize(
    "opening",
    ["，有望达到一百万元。", "的地方越来越少，厂房只好往上盖。", "业的工人也住进了新楼。", "造新的优势。"],
)
def test_an_article_whose_beginning_is_missing_is_kept_and_marked(opening):
    (article,) = split_page(page_of(f"{opening}\n\n三年里，城南盖了十二座工业楼，住进了八十家工厂。")).articles
    assert article.starts_mid
    assert article.paragraphs[0] == opening


@pytest.mark.parametrize("text", ["", "\n\n", "\u3000\r\n"])
def test_a_page_of_nothing_holds_nothing(text):
    assert split_page(page_of(text)) == Split((), ())


def test_a_headline_with_nothing_under_it_is_kept():
    (article,) = split_page(page_of("城北公交换新颜")).articles
    assert article.text == "城北公交换新颜"


@pytest.mark.parametrize(
    ("line", "dateline", "place", "day", "byline"),
    [
        ("本报平江5月10日电(记者 王 清)开张", "本报平江5月10日电", "平江", "5月10日", "记者 王 清"),
        (
            "新华社北京8月15日电（记者 甲乙丙、丁戊）十四届",
            "新华社北京8月15日电",
            "北京",
            "8月15日",
            "记者 甲乙丙、丁戊",
        ),
        ("中新网7月27日电(李明 王小华)开张", "中新网7月27日电", None, "7月27日", "李明 王小华"),
        ("【新华社北京三日电】开张", "新华社北京三日电", "北京", "三日", None),
        ("【本报讯】开张", "本报讯", None, None, None),
        ("本报讯 记者李明报道：开张", "本报讯", None, None, "记者李明"),
        ("据新华社电 开张", "据新华社电", None, None, None),
        ("平江日报讯（通讯员 李明）开张", "平江日报讯", None, None, "通讯员 李明"),
        ("新华社北京１２月３１日电（记者李明）开张", "新华社北京１２月３１日电", "北京", "１２月３１日", "记者李明"),
    ],
)
def test_a_dateline_is_read_with_its_place_day_and_byline(line, dateline, place, day, byline):
    found = find_dateline(line)
    assert found
    assert (found.text, found.place, found.day, found.byline) == (dateline, place, day, byline)


@pytest.mark.parametrize("line", ["本报记者 张 留", "电子商务走进乡村", "社会各界人士齐聚一堂", "中国电信公司昨天说"])
def test_what_only_looks_like_a_dateline_is_none(line):
    assert find_dateline(line) is None


@pytest.mark.parametrize(
    ("day", "issued", "expected"),
    [
        ("12月31日", date(2024, 1, 1), date(2023, 12, 31)),
        ("1月1日", date(2024, 1, 1), date(2024, 1, 1)),
        ("30日", date(2024, 5, 1), date(2024, 4, 30)),
        ("三十一日", date(1956, 1, 1), date(1955, 12, 31)),
        ("二日", date(1956, 1, 3), date(1956, 1, 2)),
        ("2月29日", date(2023, 3, 1), None),
        ("2022年3月4日", None, date(2022, 3, 4)),
        ("3月4日", None, None),
    ],
)
def test_a_datelines_day_takes_its_year_from_the_page_and_never_from_the_clock(day, issued, expected):
    assert dateline_day(day, issued) == expected


@pytest.mark.parametrize(
    ("line", "onward", "page"),
    [
        ("（上接第一版）", False, "1"),
        ("(上接第１版)", False, "1"),
        ("【紧接A03版】", False, "A03"),
        ("上接第二版", False, "2"),
        ("一亩桃树抵得上三亩稻子（下转第十二版）", True, "12"),
        ("（下转5版）", True, "5"),
        ("（上接第3版）种下去的是树苗", False, "3"),
        ("（转第四版）", True, "4"),
    ],
)
def test_jump_lines_are_read_in_all_spellings(line, onward, page):
    assert [(j.onward, j.page) for j in find_jumps(line)] == [(onward, page)]


def test_a_page_that_is_only_spoken_of_is_no_jump():
    assert find_jumps("他翻到第三版，又接着看第四版的小说。") == []


@pytest.mark.parametrize("line", ["本报记者 张 留", "新华社记者　李 明", "（本报通讯员 王小平）", "本报评论员"])
def test_an_authors_line_is_a_byline(line):
    assert find_byline(line)


@pytest.mark.parametrize(
    ("text", "byline"), [("开张了。（本报记者 李明）", "本报记者 李明"), ("开张了。（罗 希）", "罗 希")]
)
def test_a_byline_in_brackets_at_the_end_is_read(text, byline):
    assert find_tail_byline(text) == byline


@pytest.mark.parametrize("text", ["开张了。（完）", "开张了。（见图）", "他说（记者在场）没有意见。"])
def test_other_brackets_are_no_byline(text):
    assert find_tail_byline(text) is None


@pytest.mark.parametrize(
    ("parts", "title", "subtitle"),
    [
        ([], None, None),
        (["甲 乙"], "甲 乙", None),
        (["平江城里的老粮仓闲置多年之后", "变身食堂"], "平江城里的老粮仓闲置多年之后 变身食堂", None),
        (["粮仓变食堂", "——平江旧城更新见闻"], "粮仓变食堂", "——平江旧城更新见闻"),
        (["旧城里的新事", "粮仓变食堂", "午饭八元"], "旧城里的新事 粮仓变食堂", "午饭八元"),
    ],
)
def test_shoulder_and_main_headline_are_the_title_and_the_rest_stands_under_it(parts, title, subtitle):
    assert read_headline(parts, "平江的粮仓变食堂了。") == (title, subtitle)


@pytest.mark.parametrize(
    "line", ["平江日报 2024年3月6日 星期三 第3版", "第3版", "A05版 要闻 2024年3月6日", "2024年3月6日 星期三"]
)
def test_page_labels_are_folios(line):
    assert is_folio(line.replace(" 要闻", ""), edge=False)


@pytest.mark.parametrize("line", ["2024年3月6日，食堂开张。", "3月6日", "城北公交换新颜", "（上接第一版）种下去"])
def test_what_an_article_says_is_no_folio(line):
    assert not is_folio(line, edge=False)


def test_a_long_page_takes_time_in_step_with_its_length():
    text = (PAGES / "old_daily.txt").read_text("utf-8")

    def seconds(times: int) -> float:
        began = time.process_time()
        split_page(page_of(text * times))
        return time.process_time() - began

    seconds(5)
    assert seconds(400) < 25 * seconds(40)


def test_a_line_of_fifty_megabytes_is_split_within_seconds():
    page = page_of("老粮仓变身社区食堂\n" + "空了十多年的老粮仓重新飘出饭香。" * 1_000_000)
    began = time.process_time()
    split = split_page(page)
    assert time.process_time() - began < 10
    assert split.articles[-1].end == len(page.text)
