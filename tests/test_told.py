"""What an article tells of its days is kept beside its chunks: 昨日 and 4月 count from the day it was written on."""

import sqlite3
from datetime import date
from pathlib import Path

import pytest

from ingest.catalog import Catalog, live_catalog
from ingest.chunks import cut_chunks
from ingest.dayranges import DayRange
from ingest.errors import ArchiveOutdated
from ingest.generations import CATALOG, Generations
from ingest.ingester import Ingester
from ingest.models import Article
from ingest.told import MOST, days_of_chunks, newest_day, told_days
from tests.stories import stories, story

MAY = date(2023, 5, 11)


def told(*paragraphs: str, **more) -> list[DayRange]:
    article = Article(**({"title": None, "start": 0, "end": 0, "issued": MAY} | more), paragraphs=paragraphs)
    (only,) = told_days(article, cut_chunks(article))
    return list(only)


def day(text: str) -> DayRange:
    return DayRange(date.fromisoformat(text), date.fromisoformat(text))


def test_days_count_from_the_dateline_where_there_is_one_and_else_from_the_issue():
    assert told("昨日，步道通了。") == [day("2023-05-10")]
    assert told("昨日，步道通了。", dateline="本报石门5月9日电") == [day("2023-05-08")]
    assert told("昨日，步道通了。", dateline="本报讯") == [day("2023-05-10")]


def test_a_headline_tells_for_every_chunk_of_its_article():
    article = Article(
        title="4月客流翻番", paragraphs=("步道上人多了。" * 40, "渡口上人也多了。" * 40), start=0, end=0, issued=MAY
    )
    chunks = told_days(article, cut_chunks(article))
    assert len(chunks) == 2
    assert set(chunks) == {(DayRange(date(2023, 4, 1), date(2023, 4, 30)),)}


def test_an_article_without_a_day_tells_only_what_it_says_in_figures():
    text = "昨日，步道通了；2021年8月动工，9月停过。去年的事。5月的事。"
    assert told(text, issued=None) == [
        DayRange(date(2021, 9, 1), date(2021, 9, 30)),
        DayRange(date(2021, 8, 1), date(2021, 8, 31)),
    ]


def test_the_finest_ranges_are_kept_and_what_spans_more_than_ten_years_is_none():
    dates = "，".join(f"{month}月{number}日" for month in (3, 4) for number in range(1, 16))
    found = told(f"今年{dates}，去年，1990年至2020年。")
    assert len(found) == MOST
    assert {one.days for one in found} == {1}
    assert told("1990年至2020年。") == []


def chunk_days(root: Path) -> dict[str, tuple[date | None, tuple[DayRange, ...]]]:
    """Issue and told days of every live chunk, by the headline of its article."""
    with live_catalog(Generations(root)) as (_, catalog):
        chunks = {chunk.chunk_id: chunk for chunk in catalog.sample_chunks(1_000)}
        found = days_of_chunks(catalog, [*chunks, "nowhere"])
        assert set(found) == set(chunks)
        titles = {a.article_id: a.title or "" for a in catalog.live_articles()}
        return {titles[chunks[name].article_id]: (one.issued, one.told) for name, one in found.items()}


def test_ingested_articles_tell_of_their_days_and_a_new_version_of_its_own(root, ingester, records):
    ingester.add([records(*stories(3))])
    found = chunk_days(root)
    for number in range(3):
        one = story(number)
        issued = date.fromisoformat(one["date"])
        before, after = day(one["date"]), DayRange(date(2023, 1, 1), date(2023, 12, 31))
        yesterday = DayRange(*[date.fromordinal(before.first.toordinal() - 1)] * 2)
        assert found[one["title"]] == (issued, (yesterday, after))  # 昨日 and 明年
    ingester.add([records(story(1) | {"text": "渡口今日关了。"})])
    assert chunk_days(root)[story(1)["title"]][1] == (day(story(1)["date"]),)
    with live_catalog(Generations(root)) as (_, catalog):
        assert newest_day(catalog) == max(date.fromisoformat(story(n)["date"]) for n in range(3))
        kept = catalog.rows("SELECT count(*) FROM told WHERE chunk NOT IN (SELECT seq FROM chunks)")[0][0]
        assert kept == 0


def test_a_removed_article_leaves_no_day_behind(root, ingester, records):
    ingester.add([records(*stories(2))])
    with live_catalog(Generations(root)) as (_, catalog):
        ids = [a.article_id for a in catalog.live_articles()]
    ingester.remove(ids[:1])
    with live_catalog(Generations(root)) as (_, catalog):
        assert catalog.rows("SELECT count(*) FROM told")[0][0] == 2


def test_chunks_cut_anew_from_stored_articles_tell_of_the_same_days(root, ingester, encoder, records):
    ingester.add([records(*stories(3))])
    before = chunk_days(root)
    Ingester(root, encoder).reembed()
    assert chunk_days(root) == before


def test_an_archive_of_other_tables_is_refused_with_what_to_do(root, ingester, records):
    ingester.add([records(story(1))])
    generations = Generations(root)
    path = generations.path(generations.current()) / CATALOG
    with sqlite3.connect(path) as db:
        db.execute("UPDATE meta SET value = '1' WHERE key = 'schema'")
    db.close()
    with pytest.raises(ArchiveOutdated, match=r"schema 1.*python -m ingest migrate"):
        Catalog.open(path)


def test_an_empty_archive_has_no_newest_day():
    catalog = Catalog.empty()
    assert newest_day(catalog) is None
    assert days_of_chunks(catalog, ["nowhere"]) == {}
    catalog.close()
