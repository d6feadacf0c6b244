"""`check` looks an archive through from end to end: whatever is damaged is named, with where and what to do."""

import json
import shutil
import sqlite3
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from ingest import verify
from ingest.catalog import Catalog
from ingest.cli import cli
from ingest.findings import MOST
from ingest.generations import CATALOG, TABLE, Generations
from ingest.ingester import Ingester
from ingest.vector_table import ARTICLES, VECTORS
from ingest.vectors import SYNC_ROWS, VectorIndex
from ingest.verify import opening
from ingest.words import WordWriter
from tests.conftest import BigramEncoder
from tests.stories import stories, story
from tests.test_export import BACK, FRONT


@pytest.fixture(scope="module")
def sound(tmp_path_factory) -> Path:
    """An archive of pages and records in two generations; whoever damages it takes a copy."""
    folder = tmp_path_factory.mktemp("sound")
    (folder / "试报_2022-05-11_第1版.txt").write_text(FRONT, "utf-8")
    (folder / "试报_2022-05-11_第3版.txt").write_text(BACK, "utf-8")
    (folder / "r.jsonl").write_text("".join(json.dumps(row) + "\n" for row in stories(40)), "utf-8")
    ingester = Ingester(folder / "data", BigramEncoder())
    ingester.add([folder])
    (folder / "r.jsonl").write_text(json.dumps(story(5) | {"text": "柳桥镇的夜校昨日改了钟点。"}) + "\n", "utf-8")
    ingester.add([folder / "r.jsonl"])
    return folder / "data"


@pytest.fixture
def damaged(sound, root) -> Path:
    """A copy of the sound archive's folder, to be damaged; gives its live generation."""
    shutil.copytree(sound, root)
    return Generations(root).path(2)


@pytest.fixture
def check(root, monkeypatch):
    monkeypatch.setenv("WENBAO_DATA", str(root))

    def call(*options: str):
        done = CliRunner().invoke(cli, ["check", "--json", *options], catch_exceptions=False)
        return done.exit_code, json.loads(done.stdout) if done.stdout else {"said": done.stderr}

    return call


def test_a_sound_archive_is_whole_and_its_pages_are_seen_to_stand_in_their_files(sound, check, monkeypatch):
    monkeypatch.setenv("WENBAO_DATA", str(sound))
    status, found = check()
    assert (status, found["whole"], found["troubles"]) == (0, True, [])
    assert (found["articles"], found["quoted"], found["moved"]) == (43, 3, 40)
    assert check("--quick")[0] == 0


def test_an_empty_archive_is_whole(check):
    assert check()[0] == 0


def rows(generation: Path, sql: str) -> None:
    db = sqlite3.connect(generation / CATALOG)
    db.execute(sql)
    db.commit()
    db.close()


def flip(path: Path, at: int, count: int = 1) -> None:
    data = bytearray(path.read_bytes())
    for index in range(at, at + count):
        data[index] ^= 0x55
    path.write_bytes(data)


def a_byte_of_a_vector(generation: Path) -> None:
    """Of the newest vectors, which chromadb has not written into its graph yet."""
    db = sqlite3.connect(generation / "vectors" / "chroma.sqlite3")
    seq, vector = db.execute("SELECT seq_id, vector FROM embeddings_queue WHERE vector NOT NULL LIMIT 1").fetchone()
    byte = next(at for at in range(3, len(vector), 4) if vector[at])  # the high byte of a number that is not 0
    changed = vector[:byte] + bytes([vector[byte] ^ 0x02]) + vector[byte + 1 :]
    db.execute("UPDATE embeddings_queue SET vector = ? WHERE seq_id = ?", (changed, seq))
    db.commit()
    db.close()


def a_vector_lost(generation: Path) -> None:
    vectors = VectorIndex(generation / "vectors")
    vectors.delete([min(vectors.ids())])
    vectors.close()


def a_vector_too_many(generation: Path) -> None:
    vectors = VectorIndex(generation / "vectors")
    vectors.upsert(["0" * 24], np.eye(64, dtype=np.float32)[:1])
    vectors.close()


def a_vector_twice_as_long(generation: Path) -> None:
    vectors = VectorIndex(generation / "vectors")
    name = min(vectors.ids())
    vectors.upsert([name], 2 * vectors.get([name])[name][None])
    vectors.close()


def chroma_gone(generation: Path) -> None:
    (generation / "vectors" / "chroma.sqlite3").write_bytes(bytes(range(256)) * 12)


def a_byte_of_the_table(generation: Path) -> None:
    flip(generation / TABLE / VECTORS, 128 * 7 + 1)


def a_row_of_another_article(generation: Path) -> None:
    flip(generation / TABLE / ARTICLES, 4 * 7)


def a_table_cut_short(generation: Path) -> None:
    for name, size in ((VECTORS, 128), (ARTICLES, 4)):
        path = generation / TABLE / name
        path.write_bytes(path.read_bytes()[: 20 * size])


def a_segment_lost(generation: Path) -> None:
    max((generation / "words").glob("*.term"), key=lambda path: path.stat().st_size).unlink()


def words_of_a_chunk_lost(generation: Path) -> None:
    catalog = Catalog.open(generation / CATALOG)
    words = WordWriter(generation / "words")
    words.delete([catalog.sample_chunks(1)[0].chunk_id])
    words.commit()
    words.close()


SETTLE = {  # how to damage, the part that must be named, what must be said of it, what to do
    "a byte of a vector": (a_byte_of_a_vector, "vectors|vector table", "vector", "reembed"),
    "a vector lost": (a_vector_lost, "vectors", "no vector", "reembed"),
    "a vector too many": (a_vector_too_many, "vectors", "does not list", "reembed"),
    "a vector twice as long": (a_vector_twice_as_long, "vectors", "length 2.000", "reembed"),
    "chromadb's database": (chroma_gone, "vectors", "cannot be read", "reembed"),
    "a byte of the table": (a_byte_of_the_table, "vector table", "another one than chromadb's", "reembed"),
    "a row of the table": (a_row_of_another_article, "vector table", "another article's", "reembed"),
    "a table cut short": (a_table_cut_short, "vector table", "no row", "reembed"),
    "a segment of the words": (a_segment_lost, "words", "", "reembed"),
    "a chunk of the words": (words_of_a_chunk_lost, "words", "missing", "reembed"),
    "a text changed": (
        "UPDATE articles SET text = text || '。' WHERE seq = 9",
        "catalog",
        "version id",
        "rollback --to 1",
    ),
    "a title changed": ("UPDATE articles SET title = '别的' WHERE seq = 9", "catalog", "version id", "rollback --to 1"),
    "a page's place changed": (
        "UPDATE articles SET file_spans = '[[0, 5, 10]]' WHERE title LIKE '云溪乡的渡轮又%'",
        *("source files", "does not stand where it should", "add FILE"),
    ),
    "a place that cannot be": (
        "UPDATE articles SET file_spans = '[[0, 5, 9999]]' WHERE seq = 9",
        *("catalog", "do not fit its text", "restore BACKUP"),
    ),
    "a chunk's place changed": ("UPDATE chunks SET end = end - 1 WHERE seq = 9", "chunks", "does not quote", "reembed"),
    "a chunk's row deleted": ("DELETE FROM chunks WHERE seq = 9", "chunks", "without chunks", "reembed"),
    "an article's row deleted": ("DELETE FROM articles WHERE seq = 9", "chunks", "of no live article", "reembed"),
    "two live versions": ("UPDATE articles SET live = 1", "catalog", "two versions are live", "rollback --to 1"),
    "a link to nowhere": ("INSERT INTO links VALUES ('x', 'y')", "catalog", "not here", "rollback --to 1"),
    "a superseding version lost": (
        "UPDATE articles SET superseded_by = 'nobody' WHERE NOT live",
        *("catalog", "superseded by a version that is not here", "rollback --to 1"),
    ),
    "an open batch": ("INSERT INTO open_batch VALUES ('x')", "catalog", "left over", "rollback --to 1"),
    "days of no chunk": ("INSERT INTO told VALUES (9999, 1, 1)", "chunks", "days of a chunk", "reembed"),
    "no fingerprint": ("DELETE FROM meta WHERE key = 'fingerprint'", "catalog", "which encoder", "rollback --to 1"),
}


@pytest.mark.parametrize("name", SETTLE)
def test_each_damage_is_named_with_where_and_what_to_do(damaged, check, name):
    damage, part, what, do = SETTLE[name]
    if isinstance(damage, str):
        rows(damaged, damage)
    else:
        damage(damaged)
    status, found = check()
    assert status == 1
    assert any(each["part"] in part.split("|") and what in each["what"] and each["at"] for each in found["troubles"]), (
        found["troubles"]
    )
    assert any(do in line for line in found["advice"]), found["advice"]


def test_a_catalog_whose_pages_are_garbage_is_named_and_the_way_back_too(damaged, check):
    with (damaged / CATALOG).open("r+b") as file:
        file.seek(4096)
        file.write(bytes(range(256)) * 60)
    status, found = check()
    assert (status, {each["part"] for each in found["troubles"]} >= {"catalog"}) == (1, True)
    assert "rollback --to 1" in found["advice"][0]


def test_a_byte_of_the_graph_of_vectors_is_found(root, check, records):
    encoder = BigramEncoder()
    Ingester(root, encoder).add([records(*stories(SYNC_ROWS + 100))])
    live = Generations(root).path(1)
    (path,) = (live / "vectors").glob("*/data_level0.bin")
    # A row of hnswlib: a count and 32 neighbours, 64 numbers, the row's label.
    links, row = 4 + 4 * 32, 4 + 4 * 32 + 4 * 64 + 8
    vector = path.read_bytes()[9 * row + links :][: 4 * 64]
    flip(path, 9 * row + links + next(at for at in range(3, len(vector), 4) if vector[at]))
    (trouble,) = check()[1]["troubles"]
    assert trouble["part"] in ("vectors", "vector table")


def test_what_is_advised_cures(damaged, check, root):
    a_segment_lost(damaged)
    a_vector_lost(damaged)
    assert check()[0] == 1
    Ingester(root, BigramEncoder()).reembed()
    assert {each["part"] for each in check()[1]["troubles"]} == {"kept generations"}
    Ingester(root, BigramEncoder(), keep=1).reembed()  # which sweeps those
    assert check()[1]["whole"]


def test_all_troubles_are_counted_and_a_few_of_each_kind_told(damaged, check):
    rows(damaged, "UPDATE articles SET title = '别的' WHERE live")
    a_vector_lost(damaged)
    status, found = check()
    assert (status, found["counts"]) == (1, {"vectors": 1, "catalog": 43})
    assert [each["part"] for each in found["troubles"]].count("catalog") == MOST
    text = CliRunner().invoke(cli, ["check"]).stdout
    assert "catalog: and 33 more" in text
    assert "is not whole: 44 troubles" in text
    assert "To do: `python -m ingest rollback --to 1`" in text


def test_a_kept_generation_that_does_not_open_is_named_and_not_advised(damaged, check, root):
    shutil.rmtree(Generations(root).path(1) / "words")
    status, found = check()
    assert (status, [each["part"] for each in found["troubles"]]) == (1, ["kept generations"])
    assert str(Generations(root).path(1)) in found["troubles"][0]["at"]
    rows(damaged, "UPDATE articles SET title = '别的' WHERE seq = 9")
    assert not any("rollback" in line for line in check()[1]["advice"])


def test_a_quick_check_looks_whether_the_parts_agree(damaged, check):
    a_vector_lost(damaged)
    status, said = check("--quick")
    assert (status, "disagree" in said["said"]) == (2, True)


def test_an_article_that_word_search_does_not_find_by_its_first_sentence_is_named(damaged, check, monkeypatch):
    find = verify.WordIndex.search

    def forgets(self, terms, k, where):
        """A word index that has lost the postings of one chunk: it is stored, and nothing leads to it."""
        return [hit for hit in find(self, terms, k, where) if hit.chunk_id != lost]

    catalog = Catalog.open(damaged / CATALOG)
    article = catalog.recent(1, verify.Filter())[0]
    lost = catalog.chunks_of(article.article_id)[0].chunk_id
    monkeypatch.setattr(verify.WordIndex, "search", forgets)
    (trouble,) = check()[1]["troubles"]
    assert (trouble["part"], trouble["at"]) == ("words", article.article_id)


def test_word_for_word_the_same_articles_are_found_though_only_some_come_first(root, check):
    many = [{"id": f"a{n}", "text": "广告：柳桥的茶园开门迎客，欢迎各位前来品尝新茶。"} for n in range(1200)]
    path = root.with_name("ads.jsonl")
    path.write_text("".join(json.dumps(row) + "\n" for row in many), "utf-8")
    Ingester(root, BigramEncoder()).add([path])
    assert check()[1]["whole"]


def test_a_short_first_sentence_is_taken_with_the_next():
    assert opening("好！好！柳桥镇的夜校昨日重新开放，编号为丁一，教的是算账、电工和急救。明天再来。").endswith(
        "急救。"
    )
    assert len(opening("长" * 500)) == 120
    assert opening("") == ""
