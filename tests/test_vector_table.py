"""The table of vectors: the same cosines as the encoder's own, whatever was added, changed and removed before."""

import numpy as np
import pytest

from ingest.archive import Archive
from ingest.draft import embedded_text
from ingest.errors import ArchiveBroken
from ingest.generations import TABLE, Generations
from ingest.ingester import Ingester
from ingest.models import Chunk, Scored
from ingest.vector_table import ARTICLES, BLOCK, VECTORS, VectorTable, VectorTableWriter
from tests.conftest import BigramEncoder
from tests.stories import stories, story

DIMENSION = 16


def unit_rows(count: int) -> np.ndarray:
    rows = np.random.default_rng(11).standard_normal((count, DIMENSION)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture
def table(tmp_path):
    """Writes batches (chunk numbers, article numbers, vectors) and opens what they make, cut to `rows` where given."""

    def build(*batches, rows: int | None = None) -> VectorTable:
        writer = VectorTableWriter(tmp_path / "table", DIMENSION)
        for batch in batches:
            writer.write(*batch)
        if rows:
            writer.cut(rows)
        writer.close()
        return VectorTable(tmp_path / "table")

    return build


def test_cosines_are_those_of_the_vectors_to_four_digits_in_any_order(table):
    vectors = unit_rows(BLOCK + 100)
    written = table((range(1, len(vectors) + 1), [1] * len(vectors), vectors))
    for numbers in ([3, 1, 2], range(len(vectors), 0, -1), []):
        wanted = vectors[np.array(numbers, dtype=int) - 1] @ vectors[0]
        assert written.cosines(vectors[0], numbers) == pytest.approx(wanted, abs=0.0001)


def test_a_row_that_nobody_filled_belongs_to_no_article(table):
    written = table(([2, 5], [7, 8], unit_rows(2)))
    assert len(written) == 6
    assert written.articles().tolist() == [0, 0, 7, 0, 0, 8]
    assert written.rows_of(np.array([0, 8, 99])).tolist() == [5]


def test_what_an_interrupted_batch_left_is_written_over_and_the_rest_cut_off(table):
    vectors = unit_rows(6)
    written = table(
        ([1, 2], [1, 1], vectors[:2]), ([3, 4, 5], [2, 2, 2], vectors[2:5]), ([3], [3], vectors[5:]), rows=4
    )
    assert written.articles().tolist() == [0, 1, 1, 3]
    assert written.cosines(vectors[5], [3]) == pytest.approx([1], abs=0.0001)


@pytest.mark.parametrize("name", [VECTORS, ARTICLES])
def test_files_that_do_not_belong_together_are_refused(table, tmp_path, name):
    table((range(1, 9), [1] * 8, unit_rows(8)))
    with (tmp_path / "table" / name).open("ab") as file:
        file.write(b"\0\0")
    with pytest.raises(ArchiveBroken, match="cannot be read"):
        VectorTable(tmp_path / "table")


def found(snapshot, ids) -> list[Scored]:
    """The listed ones of these chunks, as a search would bring them."""
    return [Scored(name, 1.0, number) for name, number in snapshot.catalog.chunk_numbers(ids).items()]


def told_cosines(root, encoder) -> int:
    """Compare the archive's cosine of every chunk with the encoder's; gives how many there are."""
    question = encoder.encode_query(story(3)["text"])
    with Archive(root, encoder) as archive, archive.read() as snapshot:
        snapshot.check()
        articles = snapshot.recent(1000)
        chunks = {c.chunk_id: (c, article) for article in articles for c in snapshot.chunks_of(article.article_id)}
        cosines = snapshot.cosines(question, found(snapshot, [*chunks, "gone"]))
        assert cosines.keys() == chunks.keys()
        for name, (chunk, article) in chunks.items():
            day = article.date
            context = f"{article.title}\n{day.year}年{day.month}月{day.day}日"
            text = embedded_text(Chunk(chunk.start, chunk.end, chunk.text, context))
            assert cosines[name] == pytest.approx(float(encoder.encode_query(text) @ question), abs=0.0001)
        return len(chunks)


def test_cosines_stay_right_through_all_that_can_happen_to_an_archive(root, records):
    encoder = BigramEncoder()
    ingester = Ingester(root, encoder)

    def names(*sources: str) -> list[str]:
        with Archive(root, encoder) as archive, archive.read() as snapshot:
            return [a.article_id for a in snapshot.recent(1000) if a.source_id in sources]

    changed = story(2) | {"text": story(2)["text"] + "又及：青浦里的灯塔也亮了。" * 60}
    ingester.add([records(*stories(30))])
    assert told_cosines(root, encoder) == 30
    ingester.add([records(changed, story(40), story(2), changed)])  # several states of one article in a batch
    assert told_cosines(root, encoder) == 33
    ingester.remove(names("s40", "s5"))  # the newest, whose numbers are given again, and one among the others
    assert told_cosines(root, encoder) == 31
    ingester.add([records(story(41), story(2), story(5))])
    assert told_cosines(root, encoder) == 31
    ingester.reembed()
    assert told_cosines(root, encoder) == 31
    other = BigramEncoder(32, "others")
    Ingester(root, other).reembed()
    assert told_cosines(root, other) == 31


def test_the_table_of_a_reader_does_not_change_while_the_next_generation_is_made(root, encoder, ingester, records):
    ingester.add([records(*stories(20))])
    question = encoder.encode_query(story(3)["text"])
    with Archive(root, encoder) as archive, archive.read() as snapshot:
        ids = [chunk.chunk_id for a in snapshot.recent(20) for chunk in snapshot.chunks_of(a.article_id)]
        chunks = found(snapshot, ids)
        before = snapshot.cosines(question, chunks)
        ingester.remove([snapshot.recent(1)[0].article_id])
        ingester.add([records(*stories(25))])
        assert snapshot.cosines(question, chunks) == before


@pytest.mark.parametrize("name", [VECTORS, ARTICLES])
def test_check_finds_a_table_whose_rows_were_lost(root, encoder, ingester, records, name):
    ingester.add([records(*stories(20))])
    path = Generations(root).path(1) / TABLE / name
    path.write_bytes(bytes(path.stat().st_size))
    with (
        Archive(root, encoder) as archive,
        archive.read() as snapshot,
        pytest.raises(ArchiveBroken, match="where the cosine search looks"),
    ):
        snapshot.check()
