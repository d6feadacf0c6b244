"""The word search: BM25 over weighted terms, headlines at half weight, filters that do not touch the score."""

from datetime import date

import pytest

from ingest.models import Filter
from ingest.words import Ways, WordIndex, WordRow, WordWriter

EVERYTHING = Filter()


def row(name: str, body: str, context: str = "", paper: str | None = "试报", day: date | None = date(2022, 5, 11)):
    return WordRow(name, f"v{name}", paper, day, body.split(), context.split())


@pytest.fixture
def index(tmp_path):
    def build(*rows: WordRow, dropped: tuple[str, ...] = ()) -> WordIndex:
        writer = WordWriter(tmp_path / "words", create=not (tmp_path / "words").exists())
        writer.upsert(rows)
        writer.delete(dropped)
        writer.commit()
        writer.close()
        return WordIndex(tmp_path / "words")

    return build


def names(index: WordIndex, *terms: tuple[str, float], k: int = 10, where: Filter = EVERYTHING) -> list[str]:
    return [found.chunk_id for found in index.search(terms, k, where)]


def test_the_chunk_with_more_of_the_weight_comes_first(index):
    words = index(row("a", "渡轮 开航 票价"), row("b", "夜校 开课 票价"), row("c", "茶园 采摘 季节"))
    assert names(words, ("渡轮", 1.0), ("票价", 1.0)) == ["a", "b"]
    assert names(words, ("渡轮", 0.1), ("夜校", 1.0))[0] == "b"
    assert names(words, ("灯塔", 1.0)) == []
    assert names(words) == []


def test_a_word_of_the_text_counts_more_than_the_same_word_of_the_headline(index):
    words = index(row("head", "开航 的 消息", "渡轮 票价"), row("text", "渡轮 的 消息", "开航 票价"))
    assert names(words, ("渡轮", 1.0)) == ["text", "head"]


def test_filters_let_through_without_changing_the_score(index):
    words = index(
        row("a", "渡轮 开航"), row("b", "渡轮 开航", paper="晚报"), row("c", "渡轮 开航", day=date(2023, 1, 1)),
        row("d", "渡轮 开航", paper=None, day=None),
    )  # fmt: skip
    plain = {found.chunk_id: found.score for found in words.search([("渡轮", 1.0)], 10, EVERYTHING)}
    for where, wanted in (
        (Filter(paper="晚报"), {"b"}),
        (Filter(since=date(2022, 5, 12)), {"c"}),
        (Filter(until=date(2022, 5, 11)), {"a", "b"}),
        (Filter(since=date(2022, 5, 11), until=date(2022, 5, 11), paper="试报"), {"a"}),
        (Filter(paper="无此报"), set()),
    ):
        found = words.search([("渡轮", 1.0)], 10, where)
        assert {each.chunk_id: each.score for each in found} == {name: plain[name] for name in wanted}
    assert [each.chunk_id for each in words.search([("渡轮", 1.0)], 10, EVERYTHING, ["vc", "vx"])] == ["c"]


def test_the_same_chunk_twice_is_one_and_a_dropped_one_is_gone(index):
    index(row("a", "渡轮 开航"), row("b", "夜校 开课"))
    words = index(row("a", "茶园 采摘"), dropped=("b", "never"))
    assert words.count() == 1
    assert words.ids() == {"a"}
    assert names(words, ("茶园", 1.0)) == ["a"]
    assert names(words, ("渡轮", 1.0), ("夜校", 1.0)) == []


def test_a_chunk_is_found_however_many_are_like_it(index):
    words = index(*[row(f"c{n:03d}", "水库 照常 供水") for n in range(300)])
    assert all(words.finds(f"c{n:03d}", ["供水"]) for n in range(300))
    assert not words.finds("c000", ["渡轮"])


def test_a_term_that_a_pattern_fits_is_as_good_as_a_rare_one(index):
    words = index(row("a", "许望禾 领 成绩单"), row("b", "王芳 成绩单"), row("c", "许诺"))
    by_sound = Ways([("xuwanghe", 1.0)], (), [("[许徐][望忘][禾和]", 1.0)])
    assert [one.chunk_id for one in words.search([], 5, EVERYTHING, ways=[by_sound])] == ["a"]
    assert [one.chunk_id for one in words.search([("成绩单", 1.0)], 5, EVERYTHING, ways=[by_sound])] == ["a", "b"]


def test_of_the_ways_to_say_one_thing_a_chunk_s_best_counts(index):
    words = index(row("asked", "看病 便宜"), row("other", "就诊 便宜"), row("both", "看病 就诊"), row("none", "渡轮"))
    ways = [Ways([("看病", 1.0)], ([("就诊", 0.7)], [("求医", 0.7)]))]
    found = {hit.chunk_id: hit.score for hit in words.search([], 10, EVERYTHING, ways=ways)}
    alone = {hit.chunk_id: hit.score for hit in words.search([("看病", 1.0)], 10, EVERYTHING)}
    assert set(found) == {"asked", "other", "both"}
    assert found["asked"] == pytest.approx(alone["asked"])
    assert found["both"] == pytest.approx(alone["both"])
    assert 0 < found["other"] < found["asked"]


def test_several_other_wordings_speak_for_the_same_thing_a_little_more_than_one(index):
    words = index(row("one", "就诊 费用"), row("two", "就诊 求医"), row("else", "求医 费用"))
    ways = [Ways([("看病", 1.0)], ([("就诊", 0.7)], [("求医", 0.7)]))]
    found = {hit.chunk_id: hit.score for hit in words.search([], 10, EVERYTHING, ways=ways)}
    assert found["one"] < found["two"] < 2 * found["one"]


def test_a_wording_that_stands_nowhere_finds_nothing_and_spoils_nothing(index):
    words = index(row("a", "渡轮 开航"))
    assert words.search([], 5, EVERYTHING, ways=[Ways([], ([("就诊", 0.7)],))]) == []
    assert words.search([("渡轮", 1.0)], 5, EVERYTHING, ways=[Ways([], ([("就诊", 0.7)],))])


def test_no_chunk_scores_more_than_the_full_score_and_one_that_says_nothing_else_comes_near(index):
    words = index(row("all", "渡轮 票价 " * 40), row("some", "渡轮 开航 夜校 开课"), row("none", "茶园 采摘"))
    asked = [("渡轮", 1.0), ("票价", 0.5)]
    found = {hit.chunk_id: hit.score for hit in words.search(asked, 5, EVERYTHING)}
    full = words.full_score(asked)
    assert full > found["all"] > 0.9 * full > found["some"]
    assert words.full_score([*asked, ("灯塔", 1.0)]) > full
