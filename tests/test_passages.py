"""Passages are what an answer may use: chunks that touch are joined, and all together keep a budget of characters."""

import json
from itertools import pairwise

import pytest

from bot.models import Hit
from bot.passages import BUDGET, pick_passages
from bot.question import read_question
from bot.retriever import Retriever
from ingest.archive import Archive
from ingest.ingester import Ingester
from ingest.models import Filter
from tests.stories import stories

PARAGRAPHS = [
    f"渡轮第{n}次检修时，船匠们换下了第{n}号缆绳。" + f"那一年雨水多，{n}号码头淹了三回。" * 6 for n in range(40)
]


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory, builtin):
    """One long article among short ones, leased."""
    folder = tmp_path_factory.mktemp("long")
    rows = [{"id": "long", "title": "渡轮检修四十年", "text": "\n".join(PARAGRAPHS), "paper": "试报"}, *stories(12)]
    (folder / "r.jsonl").write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    Ingester(folder / "data", builtin).add([folder / "r.jsonl"])
    with Archive(folder / "data", builtin) as archive, archive.read() as snapshot:
        yield snapshot


@pytest.fixture
def hits(snapshot, builtin):
    """Finds chunks, best first."""

    def find(question: str, k: int = 12) -> list[Hit]:
        return Retriever(builtin).search(read_question(question), snapshot, k, Filter())

    return find


@pytest.fixture
def chunks(snapshot, hits):
    """The long article's chunks in its order, and a hit that names one of them."""
    article = next(hit.article for hit in hits("渡轮检修四十年") if hit.article.source_id == "long")
    every = snapshot.chunks_of(article.article_id)
    return every, lambda at, rank: Hit(rank, 1 / rank, ("words",), every[at], article)


@pytest.mark.parametrize("question", ["渡轮检修时换下了什么？", "柳桥镇的夜校花了多少钱？", "码头淹了几回？"])
@pytest.mark.parametrize("budget", [1, 300, 1_000, BUDGET])
def test_passages_stand_verbatim_in_their_article_apart_and_within_the_budget(hits, snapshot, question, budget):
    passages = pick_passages(hits(question), snapshot, budget)
    assert [p.n for p in passages] == list(range(1, len(passages) + 1))
    first = hits(question)[0].chunk
    assert sum(len(p.text) for p in passages) <= max(budget, len(first.text)) + len(passages) * 12  # line ends between
    for one in passages:
        assert one.text == one.article.text[one.start : one.end]
    places = sorted((p.article.version_id, p.start, p.end) for p in passages)
    assert all(a[0] != b[0] or a[2] <= b[1] for a, b in pairwise(places))


def test_the_best_hit_is_in_however_small_the_budget(hits, snapshot):
    best = hits("渡轮检修时换下了什么？")[0]
    (passage,) = pick_passages([best], snapshot, 1)
    assert (passage.start, passage.end, passage.score) == (best.chunk.start, best.chunk.end, best.score)


def test_the_best_hits_bring_the_chunks_beside_them(chunks, snapshot):
    every, hit = chunks
    (passage,) = pick_passages([hit(4, 1)], snapshot)
    assert (passage.start, passage.end) == (every[3].start, every[5].end)


def test_a_hit_far_down_stands_alone(chunks, snapshot):
    every, hit = chunks
    (passage,) = pick_passages([hit(4, 9)], snapshot)
    assert (passage.start, passage.end) == (every[4].start, every[4].end)


def test_chunks_that_touch_become_one_passage_and_others_stay_apart(chunks, snapshot):
    every, hit = chunks
    far = len(every) - 1
    joined, apart = pick_passages([hit(far, 4), hit(1, 5), hit(2, 6)], snapshot)
    assert (joined.start, joined.end) == (every[far].start, every[far].end)
    assert (apart.start, apart.end) == (every[1].start, every[2].end)


def test_a_joined_passage_ranks_as_its_best_hit(chunks, snapshot):
    _, hit = chunks
    (passage,) = pick_passages([hit(2, 5), hit(1, 7)], snapshot)
    assert passage.score == hit(2, 5).score


def test_the_first_and_last_chunk_have_one_neighbour_only(chunks, snapshot):
    every, hit = chunks
    (first,) = pick_passages([hit(0, 1)], snapshot)
    (last,) = pick_passages([hit(len(every) - 1, 1)], snapshot)
    assert (first.start, first.end) == (every[0].start, every[1].end)
    assert (last.start, last.end) == (every[-2].start, every[-1].end)


def test_where_nothing_was_found_there_are_no_passages(snapshot):
    assert pick_passages([], snapshot) == []
