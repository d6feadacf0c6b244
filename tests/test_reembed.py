"""`reembed` makes all that is derived anew from the stored articles: with another encoder, or from an archive of an
older schema, which every other command refuses. The old state stays live until the new one is whole, and a run that was
interrupted is carried on.
"""

import json
import os
import pty
import shutil
import sqlite3
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from bot.cli import cli as bot_cli
from ingest.archive import Archive
from ingest.catalog_carry import carry_articles
from ingest.catalog_schema import SCHEMA
from ingest.catalog_writer import CatalogWriter
from ingest.cli import cli
from ingest.entries import BATCH_ARTICLES, BATCH_SECONDS, FIRST_BATCH, Entry, entry_batches
from ingest.errors import ArchiveOutdated
from ingest.generations import CATALOG, RECORD, TABLE, Generations
from ingest.ingester import Ingester
from ingest.models import Article
from ingest.progress import LineProgress, Progress, progress_line
from ingest.told import days_of_chunks
from tests.conftest import CHECKOUT, BigramEncoder
from tests.stories import stories, story

# The catalog as WenBao 0.1 made it.
SCHEMA_1 = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE articles (
    seq INTEGER PRIMARY KEY,
    version_id TEXT NOT NULL UNIQUE,
    article_id TEXT NOT NULL,
    live INTEGER NOT NULL,
    superseded_by TEXT,
    sample INTEGER NOT NULL,
    source_id TEXT, title TEXT, subtitle TEXT, kicker TEXT, byline TEXT, dateline TEXT, place TEXT,
    paper TEXT, day TEXT, page TEXT, text TEXT NOT NULL, subheads TEXT NOT NULL, starts_mid INTEGER NOT NULL,
    continued_from TEXT, continued_to TEXT, url TEXT,
    file TEXT NOT NULL, file_start INTEGER NOT NULL, file_end INTEGER NOT NULL, file_spans TEXT NOT NULL
);
CREATE TABLE chunks (
    seq INTEGER PRIMARY KEY,
    chunk_id TEXT NOT NULL UNIQUE,
    article INTEGER NOT NULL REFERENCES articles (seq),
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    vector_key TEXT NOT NULL
);
CREATE TABLE links (article_id TEXT NOT NULL, part_id TEXT NOT NULL, PRIMARY KEY (article_id, part_id)) WITHOUT ROWID;
CREATE TABLE open_batch (chunk_id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE stale (chunk_id TEXT PRIMARY KEY) WITHOUT ROWID;
"""
FRONT = """柳桥镇把夜校办到了河边

本报柳桥5月10日电（记者 林晓）入夜，旧粮仓里，夜校的第一课开讲。来听课的有六十三人，最年长的七十一岁。
（下转第3版）
"""
BACK = """柳桥镇把夜校办到了河边
（上接第1版）

夜校一周开三个晚上，教的是算账、电工和急救。镇里说，夜校不收学费，旧粮仓里还要添一间图书角。
"""


def age(folder: Path) -> None:
    """Turn a finished generation into what WenBao 0.1 would have made of the same articles."""
    old = folder / "old.sqlite"
    db = sqlite3.connect(old)
    db.executescript(SCHEMA_1)
    db.execute("ATTACH ? AS new", (str(folder / CATALOG),))
    for table in ("meta", "articles", "chunks", "links"):
        columns = ", ".join(row[1] for row in db.execute(f"PRAGMA main.table_info({table})"))
        db.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM new.{table}")
    db.execute("UPDATE main.meta SET value = '1' WHERE key = 'schema'")
    db.commit()
    db.close()
    old.replace(folder / CATALOG)
    shutil.rmtree(folder / TABLE)
    record = json.loads((folder / RECORD).read_text("utf-8"))
    (folder / RECORD).write_text(json.dumps(record | {"schema": 1}), "utf-8")


def add_two_pages(ingester: Ingester, folder: Path) -> None:
    for page, text in {"1": FRONT, "3": BACK}.items():
        (folder / f"试报_2022-05-11_第{page}版.txt").write_text(text, "utf-8")
    ingester.add([folder])


@pytest.fixture
def old_root(root, encoder, records, tmp_path) -> Path:
    """An archive of schema 1: forty stories, one of them in two versions, and a story on two pages."""
    ingester = Ingester(root, encoder, keep=1)
    pages = tmp_path / "pages"
    pages.mkdir()
    add_two_pages(ingester, pages)
    ingester.add([records(*stories(40))])
    ingester.add(
        [records(story(5) | {"text": "柳桥镇的夜校昨日改了钟点，编号为丁00005，改在七点开讲，一周三个晚上。"})]
    )
    age(Generations(root).path(Generations(root).current()))
    return root


def wenbao(root: Path, program: str, *words: str) -> Result:
    programs = {"ingest": cli, "bot": bot_cli}
    return CliRunner().invoke(programs[program], words, env={"WENBAO_DATA": str(root)}, catch_exceptions=False)


def test_an_older_archive_is_refused_in_a_line_that_names_the_way(old_root, records):
    before = sorted(str(path) for path in old_root.rglob("*"))
    for words in (["ingest", "add", str(records(story(60)))], ["ingest", "list"], ["bot", "ask", "夜校教什么？"]):
        done = wenbao(old_root, *words)
        assert (done.exit_code, done.stdout) == (2, ""), words
        (line,) = done.stderr.splitlines()
        assert "schema 1" in line
        assert "`python -m ingest migrate`" in line
    assert set(before) >= {str(path) for path in old_root.rglob("*")} - {str(old_root / "ingest.lock")}


def test_reembed_lifts_an_older_archive_with_all_that_it_holds(old_root, encoder, records):
    number = Generations(old_root).current()
    report = Ingester(old_root, encoder, keep=2).reembed()
    assert report.generation == number + 1
    assert Generations(old_root).numbers() == [number, number + 1], "the way back stays"
    with Archive(old_root, encoder) as archive, archive.read() as snapshot:
        snapshot.check()
        assert snapshot.stats().articles == report.changed
        assert snapshot.stats().articles >= 41
        changed = next(article for article in snapshot.recent(100) if article.source_id == "s5")
        assert [bool(version.superseded_by) for version in snapshot.catalog.versions(changed.article_id)] == [
            True,
            False,
        ]
        front = next(article for article in snapshot.recent(100) if article.continued_to)
        assert front.linked, "links are made anew"
        chunk = snapshot.chunks_of(changed.article_id)[0]
        told = days_of_chunks(snapshot.catalog, [chunk.chunk_id])[chunk.chunk_id].told
        assert date(2022, 6, 5) in {days.first for days in told}, "昨日 of an issue of 2022-06-06"
        best = snapshot.search_vectors(encoder.encode_query(chunk.text), 1)
        assert best[0].chunk_id == chunk.chunk_id
    assert Ingester(old_root, encoder).add([records(*stories(41))]).added == 1


def test_the_order_in_which_articles_came_in_is_kept(old_root, encoder):
    db = sqlite3.connect(Generations(old_root).path(Generations(old_root).current()) / CATALOG)
    before = [row[0] for row in db.execute("SELECT article_id FROM articles WHERE live ORDER BY seq")]
    db.close()
    Ingester(old_root, encoder).reembed()
    with Archive(old_root, encoder) as archive, archive.read() as snapshot:
        assert snapshot.catalog.live_names() == before


def test_an_archive_of_a_newer_wenbao_is_left_alone(root, encoder, records):
    ingester = Ingester(root, encoder)
    ingester.add([records(story(1))])
    db = sqlite3.connect(Generations(root).path(1) / CATALOG)
    db.execute("UPDATE meta SET value = ? WHERE key = 'schema'", (SCHEMA + 1,))
    db.commit()
    db.close()
    with pytest.raises(ArchiveOutdated, match="use the newer WenBao"):
        ingester.reembed()
    assert Generations(root).numbers() == [1]
    assert not Generations(root).partials()


def test_articles_are_carried_whole_into_a_catalog_with_other_columns(old_root, tmp_path):
    old = Generations(old_root).path(Generations(old_root).current()) / CATALOG
    CatalogWriter.create(tmp_path / "new.sqlite")
    db = sqlite3.connect(tmp_path / "new.sqlite")
    db.execute("ALTER TABLE articles ADD COLUMN later TEXT")
    db.execute("ALTER TABLE articles DROP COLUMN url")
    db.commit()
    carry_articles(old, tmp_path / "new.sqlite")
    theirs = sqlite3.connect(old).execute("SELECT seq, version_id, live, text, byline FROM articles ORDER BY seq")
    ours = db.execute("SELECT seq, version_id, live, text, byline FROM articles ORDER BY seq")
    assert ours.fetchall() == theirs.fetchall() != []
    db.close()


class Interrupted(BigramEncoder):
    """Stops at a text, as a kill or Ctrl+C would, without anything being cleared away."""

    def __init__(self, after: int) -> None:
        super().__init__(32, "others")
        self.after = after

    def encode_documents(self, texts):
        if self.encoded >= self.after:
            raise KeyboardInterrupt
        return super().encode_documents(texts)


def test_what_was_interrupted_is_carried_on_while_the_old_state_answers(root, encoder, records):
    Ingester(root, encoder).add([records(*stories(300))])
    with pytest.raises(KeyboardInterrupt):
        Ingester(root, Interrupted(after=FIRST_BATCH)).reembed()
    with Archive(root, encoder) as archive, archive.read() as snapshot:
        snapshot.check()
        assert snapshot.number == 1
    other, said = BigramEncoder(32, "others"), []
    report = Ingester(root, other, say=said.append).reembed()
    assert said == ["carrying on where an interrupted reembed stopped"]
    assert 0 < other.encoded < 300
    assert report.changed == report.embedded == other.encoded
    with Archive(root, other) as archive, archive.read() as snapshot:
        snapshot.check()
        assert snapshot.stats().articles == 300
        assert [article.source_id for article in archive_order(snapshot)] == [f"s{n}" for n in range(300)]


def archive_order(snapshot) -> list:
    return list(snapshot.catalog.live_articles())


def test_what_was_begun_for_another_encoder_is_not_carried_on(root, encoder, records):
    Ingester(root, encoder).add([records(*stories(100))])
    with pytest.raises(KeyboardInterrupt):
        Ingester(root, Interrupted(after=FIRST_BATCH)).reembed()
    third = BigramEncoder(48, "third")
    assert Ingester(root, third).reembed().embedded == 100


class Heard(Progress):
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.expected, self.done = [], []

    def expect(self, articles: int) -> None:
        self.expected.append(articles)

    def advance(self, articles: int) -> None:
        self.done.append(articles)


def test_progress_hears_how_many_there_are_and_each_batch(root, encoder, records):
    Ingester(root, encoder).add([records(*stories(100))])
    heard = Heard()
    Ingester(root, encoder, progress=heard).reembed()
    assert heard.expected == [100]
    assert sum(heard.done) == 100
    assert len(heard.done) > 1


@pytest.mark.parametrize("pace", [0.5, 20, 5_000])
def test_a_batch_is_as_long_as_ten_seconds_of_work(pace):
    """`pace` is how many articles a second are done with."""
    entries = (Entry(str(n), str(n), Article(None, ("好",), 0, 1), "") for n in range(10_000))
    worked, sizes = [], []
    for batch in entry_batches(entries, lambda: sum(worked)):
        sizes.append(len(batch))
        worked.append(len(batch) / pace)
    assert sizes[0] == FIRST_BATCH
    assert sum(sizes) == 10_000
    assert max(sizes[5:-1]) == pytest.approx(min(BATCH_ARTICLES, pace * BATCH_SECONDS), abs=1)


def test_without_a_terminal_a_line_comes_every_few_seconds_and_none_for_a_short_job():
    now, said = 0.0, []
    progress = LineProgress(said.append, lambda: now)
    progress.expect(1_000)
    for _ in range(10):
        now += 2.5
        progress.advance(100)
    assert said == [
        f"{done:,} of 1,000 articles, 40 a second, 0:{left:02} left"
        for done, left in zip(range(200, 1_001, 200), (20, 15, 10, 5, 0), strict=True)
    ]
    short = LineProgress(said.append, lambda: now)
    short.advance(5)
    assert len(said) == 5


@pytest.mark.parametrize(
    ("done", "total", "rate", "said"),
    [
        (0, None, 0.0, "0 articles"),
        (1_500, None, 12.4, "1,500 articles, 12 a second"),
        (1_500, 68_221, 250.0, "1,500 of 68,221 articles, 250 a second, 4:27 left"),
        (2, 68_221, 0.05, "2 of 68,221 articles, 3.0 a minute, 378:59:40 left"),
        (7, 5, 1.0, "7 of 5 articles, 1 a second, 0:00 left"),
    ],
)
def test_a_line_says_how_many_how_fast_and_how_long_still(done, total, rate, said):
    assert progress_line(done, total, rate) == said


def test_on_a_terminal_a_bar_moves_and_results_stay_alone_on_stdout(old_root):
    shown, terminal = pty.openpty()
    env = {**os.environ, "WENBAO_DATA": str(old_root), "TERM": "xterm", "COLUMNS": "120"}
    process = subprocess.Popen(
        [sys.executable, "-m", "ingest", "reembed"], cwd=CHECKOUT, env=env, stdout=subprocess.PIPE, stderr=terminal
    )
    os.close(terminal)
    drawn = b""
    while part := _read(shown):
        drawn += part
    os.close(shown)
    out = process.stdout.read().decode()
    assert process.wait(60) == 0, drawn.decode("utf-8", "replace")
    assert "articles changed" in out
    assert "\x1b" not in out
    assert " articles" in drawn.decode("utf-8", "replace")
    assert " of " in drawn.decode("utf-8", "replace")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # how Linux says that the other end is closed
        return b""
