"""The same wire copy in several papers is several articles of one story: answered from once, cited with all sources."""

import random
from pathlib import Path

import pytest

from bot.bot import Bot
from bot.jsonform import answer_record
from bot.page.answer import answer_html
from bot.page.texts import EN, ZH
from ingest.archive import Archive
from ingest.ingester import Ingester
from ingest.models import Filter
from ingest.stories import Copy, one_story

WIRE = (
    "石塘水库除险加固工程今天通过验收。工程历时两年，总投资1.26亿元，加固大坝480米，新建泄洪闸三座。"
    "省水利厅总工程师何望舒说，水库的防洪标准由五十年一遇提高到一百年一遇，下游六个乡镇的九万居民从此睡得安稳。\n"
    "水库建于1958年，蓄水量2800万立方米，是全县最大的饮用水水源。施工期间，供水从未中断，"
    "工人们在夜里把临时管道一节一节地接过坝顶。水库管理处还在坝下修了一条步道，市民可以从南门免费进入。"
)
OTHER = (
    "石塘水库的除险加固工程完工，记者昨天走上大坝，听六十岁的守库人讲他和这座水库的故事。"
    "他在坝上住了三十一年，看过七次泄洪。他记得最险的一夜，水离坝顶只有半尺，全村的人都来扛沙袋。\n"
    "如今闸门由电脑控制，他在值班室里就能看见每一处水位。儿子劝他搬到城里去，他说，等验收的酒喝过了再走。"
)


def row(name: str, text: str, paper: str, day: str = "2023-05-11", **more) -> dict:
    head = {"id": name, "title": "石塘水库加固工程通过验收", "text": text}
    return head | {"paper": paper, "date": day} | more


def dated(text: str, place: str) -> str:
    return f"新华社{place}5月10日电（记者 李木子）{text}"


WHOLE = row("a", dated(WIRE, "石塘"), "江州日报", page="1")
AGAIN = row("b", "本报讯 " + WIRE.replace("，", ",").replace("1", "１"), "柳桥晚报", page="A02")
CUT = WIRE.replace("工人们在夜里把临时管道一节一节地接过坝顶。", "").replace("今天", "昨天")
SHORTER = row("c", CUT, "石塘商报", "2023-05-12")
REPORT = row("d", OTHER, "江州日报", "2023-05-12", title="守库人的三十一年")


def catalog_stories(root: Path, encoder) -> list[set[str]]:
    """The stories of an archive, each as the set of its records' own ids."""
    with Archive(root, encoder) as archive, archive.read() as snapshot:
        ids = {one.article_id: one.source_id for one in snapshot.recent(10_000)}
        stories: dict[str, set[str]] = {}
        for name, told in snapshot.catalog.stories(ids).items():
            stories.setdefault(told.story, set()).add(ids[name])
        return sorted(stories.values(), key=min)


def test_copies_with_other_datelines_widths_and_marks_and_cut_ones_are_one_story(ingester, root, encoder, records):
    ingester.add([records(WHOLE, AGAIN, SHORTER, REPORT)])
    assert catalog_stories(root, encoder) == [{"a", "b", "c"}]


def test_neither_order_nor_batches_change_a_story(tmp_path, encoder, records):
    rows = [WHOLE, AGAIN, SHORTER, REPORT]
    for at, seed in enumerate(range(4)):
        random.Random(seed).shuffle(rows)
        ingester = Ingester(tmp_path / f"{at}", encoder)
        for number, one in enumerate(rows):
            ingester.add([records(one, name=f"{number}.jsonl")])
        assert catalog_stories(tmp_path / f"{at}", encoder) == [{"a", "b", "c"}]


def test_a_kill_while_stories_are_told_changes_none(root, encoder, records, monkeypatch):
    class Killed(BaseException):
        pass

    def kill(_: object) -> None:
        raise Killed

    rows = records(WHOLE, AGAIN, SHORTER, REPORT)
    for where in ("ingest.catalog_stories._find_equal", "ingest.draft.tell_corrections"):
        with monkeypatch.context() as patch:
            patch.setattr(where, kill)
            with pytest.raises(Killed):
                Ingester(root, encoder).add([rows])
    assert Ingester(root, encoder).add([rows]).generation == 1
    assert catalog_stories(root, encoder) == [{"a", "b", "c"}]


def test_the_same_words_weeks_later_are_another_story(ingester, root, encoder, records):
    ingester.add([records(WHOLE, row("e", WIRE, "柳桥晚报", "2023-06-11"))])
    assert catalog_stories(root, encoder) == []


def test_copies_that_differ_on_a_number_are_two_articles_so_that_both_are_told():
    assert one_story(Copy(WIRE), Copy(WIRE.replace("今天", "昨天")))
    assert not one_story(Copy(WIRE), Copy(WIRE.replace("480米", "460米")))


def test_a_round_up_is_not_the_story_of_its_parts():
    assert not one_story(Copy(WIRE), Copy(WIRE + OTHER + OTHER[::-1]))
    assert not one_story(Copy(WIRE), Copy(OTHER))


def test_what_changes_or_is_removed_leaves_its_story(ingester, root, encoder, records):
    ingester.add([records(WHOLE, AGAIN, SHORTER)])
    ingester.add([records(AGAIN | {"text": OTHER})])
    assert catalog_stories(root, encoder) == [{"a", "c"}]
    ingester.add([records(AGAIN)])
    assert catalog_stories(root, encoder) == [{"a", "b", "c"}]
    with Archive(root, encoder) as archive, archive.read() as snapshot:
        name = next(one.article_id for one in snapshot.recent(9) if one.source_id == "a")
    ingester.remove([name])
    assert catalog_stories(root, encoder) == [{"b", "c"}]


@pytest.fixture
def asked(root, builtin, records):
    Ingester(root, builtin).add([records(WHOLE, AGAIN, SHORTER, REPORT)])

    def ask(question: str, where: Filter = Filter()):  # noqa: B008 - frozen
        with Archive(root, builtin) as archive:
            return Bot(archive, builtin).ask(question, where=where)

    return ask


QUESTION = "石塘水库加固工程总投资多少？"


def test_a_sentence_that_three_papers_print_stands_once_with_its_three_sources(asked):
    answer = asked(QUESTION)
    assert answer.text.count("1.26亿元") + answer.text.count("１.２６亿元") == 1
    first = answer_record(answer)["citations"][0]
    papers = {first["paper"], *(one["paper"] for one in first["also"])}
    assert papers == {"江州日报", "柳桥晚报", "石塘商报"}
    assert set(first["also"][0]) == {"article_id", "title", "paper", "date", "page"}
    for words in (ZH, EN):
        assert "柳桥晚报" in answer_html(answer, words)


def test_one_story_takes_one_place_among_what_is_found(asked, root, builtin):
    with Archive(root, builtin) as archive:
        hits = Bot(archive, builtin).search(QUESTION)
    assert {hit.article.source_id for hit in hits} - {"d"} in ({"a"}, {"b"})
    assert "d" in {hit.article.source_id for hit in hits}


def test_a_filter_is_kept_by_the_sources_too(asked):
    for paper in ("江州日报", "石塘商报"):
        answer = asked(QUESTION, Filter(paper=paper))
        assert {one.paper for one in answer.citations} == {paper}
        assert not any(one.also for one in answer.citations)


def test_a_paper_that_left_the_sentence_out_is_no_source_of_it(asked):
    answer = asked("石塘水库施工期间工人们夜里做什么？")
    cited = next(one for one in answer.citations if "坝顶" in one.quote)
    assert "石塘商报" not in {one.paper for one in cited.also}


def test_a_refusal_names_a_story_once(asked):
    answer = asked("青浦里的灯塔每晚几点亮灯？")
    titles = [one.title for one in answer.nearest]
    assert answer.refused
    assert len(titles) == len(set(titles))
