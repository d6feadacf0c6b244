"""An ingest changes exactly what its files change, and the same files change nothing."""

import json
import lzma
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from ingest.archive import Archive
from ingest.errors import ArchiveBusy, EncoderMismatch, NotEnoughDisk, NotFound
from ingest.generations import Generations
from ingest.ingester import Ingester, roll_back
from ingest.locks import only_ingest
from ingest.models import Filter
from ingest.progress import Progress
from ingest.sources import Known
from ingest.terms import search_terms
from tests.conftest import BigramEncoder
from tests.stories import stories, story

EVERYTHING = Filter()


def found(snapshot, text: str, k: int = 5, where: Filter = EVERYTHING) -> list[str]:
    """Source ids of the articles that the word search finds, best first."""
    hits = snapshot.search_words([(term, 1.0) for term in search_terms(text)], k, where)
    chunks = snapshot.chunks([hit.chunk_id for hit in hits])
    articles = snapshot.articles({chunk.article_id for chunk in chunks.values()})
    return [articles[chunks[hit.chunk_id].article_id].source_id for hit in hits]


def test_the_same_file_twice_changes_nothing_and_embeds_nothing(ingester, encoder, records, root):
    path = records(*stories(30))
    first = ingester.add([path])
    encoded = encoder.encoded
    second = ingester.add([path])
    assert (first.added, first.generation) == (30, 1)
    assert (second.unchanged, second.added, second.generation) == (30, 0, 1)
    assert encoder.encoded == encoded
    assert Generations(root).numbers() == [1]


class Heard(Progress):
    """Notes what a job tells of its progress."""

    def __init__(self) -> None:
        self.expected: list[int] = []
        self.advanced: list[int] = []

    def expect(self, articles: int) -> None:
        self.expected.append(articles)

    def advance(self, articles: int) -> None:
        self.advanced.append(articles)


@pytest.mark.parametrize("dry_run", [False, True])
def test_how_many_articles_there_are_is_known_from_the_start_for_records_and_not_for_pages(
    root, encoder, records, tmp_path, dry_run
):
    plain, packed, page = records(*stories(30)), tmp_path / "more.jsonl.xz", tmp_path / "page.txt"
    packed.write_bytes(lzma.compress(plain.read_bytes().replace(b'"s', b'"t').rstrip(b"\n")))
    page.write_text(f"{story(1)['title']}\n{story(1)['text']}", "utf-8")
    for files, expected, advanced in (([plain, packed], [60], 60), ([page], [], 1)):
        heard = Heard()
        Ingester(root, encoder, progress=heard).add(files, dry_run=dry_run)
        assert (heard.expected, sum(heard.advanced)) == (expected, advanced)


def test_a_path_is_no_part_of_an_identity(ingester, records):
    ingester.add([records(*stories(5))])
    assert ingester.add([records(*stories(5), name="elsewhere.jsonl")]).unchanged == 5


def test_new_text_for_an_article_supersedes_the_old_and_keeps_it(ingester, encoder, root, records):
    old = story(3)
    ingester.add([records(old, story(4))])
    report = ingester.add([records(old | {"text": "柳桥镇的夜校改在河边开课，新校舍编号为己77777。"})])
    assert (report.changed, report.added) == (1, 0)
    with Archive(root, encoder) as archive, archive.read() as snapshot:
        live = next(a for a in snapshot.recent(10) if a.source_id == "s3")
        assert "己77777" in live.text
        versions = snapshot.catalog.versions(live.article_id)
        assert [v.superseded_by for v in versions] == [live.version_id, None]
        assert snapshot.article(versions[0].version_id).text.startswith(old["text"][:20])
        assert found(snapshot, "己77777") == ["s3"]
        assert found(snapshot, "修缮") == ["s4"]
        snapshot.check()


def test_a_text_that_comes_back_is_live_again(ingester, encoder, root, records):
    ingester.add([records(story(1))])
    ingester.add([records(story(1) | {"text": "另一种说法。"})])
    assert ingester.add([records(story(1))]).changed == 1
    with Archive(root, encoder) as archive, archive.read() as snapshot:
        assert found(snapshot, "丁00001") == ["s1"]
        assert len(snapshot.catalog.versions(snapshot.recent(1)[0].article_id)) == 2
        snapshot.check()


def test_several_states_of_an_article_in_one_file_end_with_the_last(ingester, encoder, root, records):
    rows = [story(1) | {"text": f"第{n}稿，写的是{thing}。"} for n, thing in enumerate(("木桥", "石桥", "铁桥"))]
    ingester.add([records(*rows, story(2))])
    with Archive(root, encoder) as archive, archive.read() as snapshot:
        live = next(a for a in snapshot.recent(10) if a.source_id == "s1")
        assert "铁桥" in live.text
        assert len(snapshot.catalog.versions(live.article_id)) == 3
        snapshot.check()
    assert ingester.add([records(*rows, story(2))]).generation == 1


def test_unchanged_pieces_of_a_changed_article_are_not_embedded_again(ingester, encoder, records):
    long = "".join(story(n)["text"].replace("\n", "") for n in range(12))
    row = story(0) | {"text": long}
    ingester.add([records(row)])
    encoder.encoded = 0
    report = ingester.add([records(row | {"text": long + "又及：青浦里的灯塔也亮了。" * 12})])
    assert report.changed == 1
    assert 0 < encoder.encoded < report.chunks
    assert encoder.encoded == report.embedded


def test_one_text_under_two_ids_or_in_two_papers_is_two_articles(ingester, encoder, root, records):
    same = {key: story(1)[key] for key in ("title", "text", "date")}
    ingester.add([records(same | {"id": "a"}, same | {"id": "b"}, same | {"paper": "甲报"}, same | {"paper": "乙报"})])
    with Archive(root, encoder) as archive, archive.read() as snapshot:
        assert snapshot.stats().articles == 4
        assert len(found(snapshot, "丁00001", 10)) == 4
        assert len(found(snapshot, "丁00001", 10, Filter(paper="甲报"))) == 1


def test_filters_hold_in_both_searches(ingester, encoder, root, records):
    rows = stories(60)
    rows[7] |= {"place": "嘉善", "byline": "记者 张　留"}
    ingester.add([records(*rows)])
    march = Filter(since=date(2022, 3, 1), until=date(2022, 3, 31))
    with Archive(root, encoder) as archive, archive.read() as snapshot:
        vector = encoder.encode_query(story(7)["text"])
        for where, wanted in (
            (march, {n for n in range(60) if n % 12 == 2}),
            (Filter(place="嘉善"), {7}),
            (Filter(byline="张留"), {7}),
            (Filter(paper="别报"), set()),
            (Filter(paper="试报"), set(range(60))),
        ):
            sources = {f"s{n}" for n in wanted}
            assert set(found(snapshot, "昨日重新开放", 100, where)) == sources
            chunks = snapshot.chunks([s.chunk_id for s in snapshot.search_vectors(vector, 100, where)])
            assert {a.source_id for a in snapshot.articles({c.article_id for c in chunks.values()}).values()} == sources
            assert snapshot.stats(where).articles == len(wanted)


@pytest.mark.parametrize(("paper", "k"), [("远报", 2), ("近报", 8), ("远报", 8), ("远报", 300)])
def test_a_filter_gives_the_nearest_of_all_that_pass_it(root, records, paper, k):
    # Nine tenths are of one paper, so that neighbours are sifted for small k; but the ten nearest are of the other.
    encoder = BigramEncoder()
    rows = [story(n) | {"paper": "近报"} for n in range(20)]
    rows += [{"id": f"x{n}", "paper": "远报", "text": f"ABCDEFG HIJK {n} LMNOP QRST {n * n}"} for n in range(380)]
    Ingester(root, encoder).add([records(*rows)])
    with Archive(root, encoder) as archive, archive.read() as snapshot:
        question = encoder.encode_query(story(1)["text"])
        every = snapshot.search_vectors(question, 400)
        chunks = snapshot.chunks([hit.chunk_id for hit in every])
        papers = {a.article_id: a.paper for a in snapshot.recent(400)}
        wanted = [hit.score for hit in every if papers[chunks[hit.chunk_id].article_id] == paper][:k]
        hits = snapshot.search_vectors(question, k, Filter(paper=paper))
        assert {papers[chunks[hit.chunk_id].article_id] for hit in hits} == {paper}
        assert [hit.score for hit in hits] == pytest.approx(wanted, abs=0.001)


def test_removed_articles_are_gone_from_both_searches_and_the_rest_stays(ingester, encoder, root, records):
    ingester.add([records(*stories(20))])
    with Archive(root, encoder) as archive:
        with archive.read() as snapshot:
            name = next(a.article_id for a in snapshot.recent(20) if a.source_id == "s5")
        assert ingester.remove([name]).removed == 1
        archive.refresh()
        with archive.read() as snapshot:
            assert "s5" not in found(snapshot, "丁00005")
            assert snapshot.stats().articles == 19
            snapshot.check()
            with pytest.raises(NotFound):
                snapshot.article(name)


def test_removing_what_is_not_there_changes_nothing(ingester, root, records):
    ingester.add([records(story(1))])
    with pytest.raises(NotFound, match="no article 'nope'"):
        ingester.remove(["nope"])
    assert Generations(root).numbers() == [1]
    assert not Generations(root).partials()


def test_rollback_makes_the_generation_before_live_again_and_numbers_are_never_used_twice(ingester, root, records):
    generations = Generations(root)
    for number in (1, 2, 3):
        ingester.add([records(story(number))])
    assert roll_back(generations, None, wait=False, say=print) == 2
    assert ingester.add([records(story(9))]).generation == 4
    # 3 was gone back from, so what came before 4 is 2; 3 is kept because it is newer than 1.
    assert roll_back(generations, None, wait=False, say=print) == 2
    assert generations.numbers() == [2, 3, 4]
    assert roll_back(generations, 4, wait=False, say=print) == 4


def test_only_so_many_generations_are_kept(root, encoder, records):
    ingester = Ingester(root, encoder, keep=2)
    for number in range(4):
        ingester.add([records(story(number))])
    assert Generations(root).numbers() == [3, 4]
    with pytest.raises(NotFound, match="keeps no generation 1"):
        roll_back(Generations(root), 1, wait=False, say=print)


def test_another_encoders_archive_is_refused_until_it_is_embedded_anew(ingester, root, records):
    ingester.add([records(*stories(10))])
    other = BigramEncoder(32, "others")
    with pytest.raises(EncoderMismatch, match="python -m ingest reembed"):
        Ingester(root, other).add([records(story(11))])
    with pytest.raises(EncoderMismatch, match=r"'bigrams'.*'others'"), Archive(root, other):
        pass
    report = Ingester(root, other).reembed()
    assert (report.changed, report.generation) == (10, 2)
    with Archive(root, other) as archive, archive.read() as snapshot:
        snapshot.check()
        assert found(snapshot, "丁00004")[0] == "s4"
        best = snapshot.search_vectors(other.encode_query(story(4)["text"]), 1)
        assert len(best) == 1


def test_a_second_ingest_waits_or_says_who_is_at_work(ingester, root, encoder, records):
    path = records(story(1))
    with only_ingest(root, wait=False, say=print), pytest.raises(ArchiveBusy, match=r"process \d+ on .* since 20"):
        Ingester(root, encoder, wait=False).add([path])
    assert ingester.add([path]).added == 1


def test_the_sample_edition_fills_an_empty_archive_and_leaves_with_the_first_real_article(
    ingester, encoder, root, records
):
    assert ingester.load_sample().added > 0
    assert ingester.load_sample().added == 0
    with Archive(root, encoder) as archive:
        with archive.read() as snapshot:
            assert snapshot.stats().sample
            assert all(article.sample for article in snapshot.recent(100))
        assert ingester.add([records(story(1))]).generation == 2
        archive.refresh()
        with archive.read() as snapshot:
            assert [article.source_id for article in snapshot.recent(100)] == ["s1"]
            assert not snapshot.stats().sample
            snapshot.check()


def test_too_little_room_is_said_before_anything_is_written(ingester, root, records, monkeypatch):
    ingester.add([records(story(1))])
    monkeypatch.setattr("ingest.disk.MARGIN", 1 << 60)
    with pytest.raises(NotEnoughDisk, match="nothing was changed"):
        ingester.add([records(story(2))])
    assert Generations(root).numbers() == [1]
    assert not Generations(root).partials()


def test_what_is_known_overrides_what_the_records_say(ingester, encoder, root, records):
    ingester.add([records(story(1))], Known(paper="晚报", date=date(2021, 1, 2), page="7"))
    with Archive(root, encoder) as archive, archive.read() as snapshot:
        article = snapshot.recent(1)[0]
        assert (article.paper, article.date, article.page) == ("晚报", date(2021, 1, 2), "7")


def test_two_articles_under_one_headline_on_one_page_are_both_kept():
    from ingest.identity import article_ids
    from ingest.models import Article

    one = Article("简讯", ("白马渡的茶园开始采摘。",), 0, 20, paper="试报", page="3")
    other = replace(one, paragraphs=("石塘镇的水库开闸。",))
    assert len(set(article_ids([one, other]))) == 2
    assert article_ids([one, other])[0] == article_ids([one])[0]
    assert len(set(article_ids([one, one]))) == 1


def test_an_article_that_says_the_same_hundreds_of_times_is_kept_whole(ingester, encoder, root, records):
    ingester.add([records(story(1) | {"text": "水库照常供水，茶园照常采摘。" * 10_000})])
    with Archive(root, encoder) as archive, archive.read() as snapshot:
        assert snapshot.stats().chunks > 300
        snapshot.check()


def test_a_broken_line_is_named_and_the_rest_goes_on(ingester, records, tmp_path: Path):
    path = records(story(1))
    bad = ["{", '{"id": "x"}', '{"text": "  "}', '{"text": "好", "date": "前天"}', "[1]"]
    path.write_text("\n".join([json.dumps(story(1)), *bad, "", json.dumps(story(2))]), "utf-8")
    report = ingester.add([path])
    assert report.added == 2
    assert [f"line {n}:" in failure.reason for n, failure in zip(range(2, 7), report.failures, strict=True)] == [
        True
    ] * 5
