"""Parts of one article on two pages of an issue find each other, whichever came first, and never wrongly."""

from itertools import permutations
from pathlib import Path

import pytest

from ingest.archive import Archive
from ingest.catalog_writer import Part
from ingest.links import link_parts
from ingest.sources import Known

FERRY = "云溪乡的渡轮停了八个月，昨天重新开航，船工换上了新的发动机，渡口也修了石阶。"
FERRY_ON = "渡轮的票价仍是两元，云溪乡补贴二十二万元；船工说，新的发动机一次能载四十人过渡口。"
BARN = "石塘镇的粮仓改成了图书角，旧门板做了书架，孩子们放学以后在这里写作业。"
BARN_ON = "图书角的书是各家捐的，粮仓的旧门板还留着编号，孩子们写完作业才肯回家。"


def part(name: str, page: str, text: str, *, came: str | None = None, goes: str | None = None) -> Part:
    return Part(name, page, came, goes, None, text)


@pytest.mark.parametrize(
    ("parts", "pairs"),
    [
        ([part("a", "1", FERRY, goes="3"), part("b", "3", FERRY_ON, came="1")], [("a", "b")]),
        ([part("a", "第01版", FERRY, goes="3"), part("b", "３", FERRY_ON, came="1")], [("a", "b")]),
        # Only one side names the other, or another page is named.
        ([part("a", "1", FERRY, goes="3"), part("b", "3", FERRY_ON)], []),
        ([part("a", "1", FERRY, goes="3"), part("b", "4", FERRY_ON, came="1")], []),
        ([part("a", "1", FERRY, goes="3"), part("b", "3", FERRY_ON, came="2")], []),
        ([part("a", "A1", FERRY, goes="3"), part("b", "3", FERRY_ON, came="1")], []),
        # Two articles take the same way: their words tell them apart.
        (
            [
                part("a", "1", FERRY, goes="3"),
                part("b", "1", BARN, goes="3"),
                part("c", "3", BARN_ON, came="1"),
                part("d", "3", FERRY_ON, came="1"),
            ],
            [("a", "d"), ("b", "c")],
        ),
        # One front and two backs, of which one is plainly a stranger's.
        (
            [part("a", "1", FERRY, goes="3"), part("c", "3", BARN_ON, came="1"), part("d", "3", FERRY_ON, came="1")],
            [("a", "d")],
        ),
        # Nothing tells the two apart: better no link than a wrong one.
        (
            [part("a", "1", FERRY, goes="3"), part("c", "3", FERRY_ON, came="1"), part("d", "3", FERRY_ON, came="1")],
            [],
        ),
        # A front part may be on a page of its own and come from another in turn.
        (
            [
                part("a", "1", FERRY, goes="2"),
                part("b", "2", FERRY_ON, came="1", goes="3"),
                part("c", "3", FERRY, came="2"),
            ],
            [("a", "b"), ("b", "c")],
        ),
    ],
)
def test_parts_are_paired_by_pages_both_ways_and_by_words_where_pages_leave_a_choice(parts, pairs):
    for order in permutations(parts):
        assert link_parts(order) == pairs


PAGES = {
    "1": f"云溪乡的渡轮重新开航\n\n　　本报云溪5月10日电（记者 林晓）{FERRY}\n（下转第3版）\n",
    "3": f"（上接第1版）{FERRY_ON}\n\n石塘镇的粮仓成了图书角\n\n　　本报石塘5月10日电（记者 周禾）{BARN}\n",
}


@pytest.mark.parametrize("order", [("1", "3"), ("3", "1")])
def test_two_pages_are_linked_whichever_came_in_first(ingester, encoder, root, tmp_path: Path, order):
    for page in order:
        path = tmp_path / f"page{page}.txt"
        path.write_text(PAGES[page], "utf-8")
        assert ingester.add([path], Known("试报", None, page)).failures == ()
    with Archive(root, encoder) as archive, archive.read() as snapshot:
        assert all(not article.linked for article in snapshot.recent(10))  # without a date it is nobody's issue
    from datetime import date

    for page in order:
        ingester.add([tmp_path / f"page{page}.txt"], Known("试报", date(2022, 5, 11), page))
    with Archive(root, encoder) as archive, archive.read() as snapshot:
        dated = [article for article in snapshot.recent(10) if article.date]
        front = next(article for article in dated if article.continued_to)
        back = next(article for article in dated if article.continued_from)
        assert front.linked == (back.article_id,)
        assert back.linked == (front.article_id,)
        assert sum(bool(article.linked) for article in dated) == 2
