"""An archive that an earlier WenBao made is lifted by one command, with all that it holds, and answers.

`tests/data/archives` holds one small archive of each older schema, made by the code of its time: an article on two
pages and one in two versions, invented by us.
"""

import re
import shutil
import sqlite3
import tarfile
from pathlib import Path

import pytest

from bot.bot import Bot
from ingest.archive import Archive
from ingest.catalog import Catalog
from ingest.catalog_schema import SCHEMA, TABLES
from ingest.catalog_steps import STEPS, can_lift, lift
from ingest.errors import ArchiveOutdated
from ingest.generations import CATALOG, Generations
from ingest.ingester import Ingester
from tests.conftest import BigramEncoder

ARCHIVES = Path(__file__).parent / "data" / "archives"
OLD = sorted(int(re.sub(r"\D", "", path.name)) for path in ARCHIVES.glob("schema*.tar.xz"))


def old_archive(schema: int, root: Path) -> Path:
    with tarfile.open(ARCHIVES / f"schema{schema}.tar.xz") as packed:
        packed.extractall(root, filter="data")
    return root


def test_there_is_an_archive_of_every_schema_that_ever_was():
    assert list(range(1, SCHEMA)) == OLD


@pytest.mark.parametrize("schema", OLD)
def test_an_older_archive_is_refused_with_the_command_that_lifts_it(root, encoder, schema):
    old_archive(schema, root)
    with (
        pytest.raises(ArchiveOutdated, match=rf"schema {schema}.*`python -m ingest migrate`"),
        Archive(root, encoder),
    ):
        pass


@pytest.mark.parametrize("schema", OLD)
def test_a_lifted_archive_holds_all_that_it_held_and_answers(root, encoder, schema):
    old_archive(schema, root)
    report = Ingester(root, encoder, keep=2).migrate()
    assert report.generation == 3
    assert Generations(root).numbers() == [2, 3], "the way back stays"
    with Archive(root, encoder) as archive:
        with archive.read() as snapshot:
            snapshot.check()
            assert snapshot.stats().articles == 3
            ferry = next(article for article in snapshot.recent(9) if article.source_id == "r1")
            assert [bool(each.superseded_by) for each in snapshot.catalog.versions(ferry.article_id)] == [True, False]
            school = next(article for article in snapshot.recent(9) if article.continued_to)
            assert len(school.linked) == 1
        answer = Bot(archive, encoder).ask("云溪乡的渡轮补贴了多少万元？")
        assert "二十五万元" in answer.text
        assert "二十二万元" not in answer.text


@pytest.mark.parametrize("schema", [schema for schema in OLD if can_lift(schema)])
def test_where_steps_lead_nothing_is_embedded(root, schema):
    encoder = BigramEncoder()
    old_archive(schema, root)
    assert Ingester(root, encoder).migrate().chunks == 0
    assert encoder.encoded == 0


def test_another_encoder_makes_all_anew(root):
    encoder = BigramEncoder(32, name="other")
    old_archive(max(OLD), root)
    assert Ingester(root, encoder).migrate().changed == 3
    with Archive(root, encoder) as archive, archive.read() as snapshot:
        snapshot.check()


def test_what_is_of_this_schema_stays_as_it_is(root, ingester, records):
    ingester.add([records({"text": "柳桥镇的夜校开课了。"})])
    assert ingester.migrate().generation == 1
    assert Generations(root).numbers() == [1]


def test_the_old_state_is_live_until_the_new_one_is_whole_and_a_second_run_carries_on(root, encoder, monkeypatch):
    from ingest.draft import Draft

    old_archive(max(OLD), root)
    publish = Draft.publish

    def killed(_: Draft) -> int:
        raise KeyboardInterrupt  # like a kill it leaves the draft lying

    monkeypatch.setattr(Draft, "publish", killed)
    with pytest.raises(KeyboardInterrupt):
        Ingester(root, encoder).migrate()
    assert Generations(root).current() == 2
    monkeypatch.setattr(Draft, "publish", publish)
    said: list[str] = []
    assert Ingester(root, encoder, say=said.append).migrate().generation == 3
    assert "carrying on" in said[0]


def test_steps_give_a_catalog_the_tables_of_a_new_one(tmp_path):
    """Whatever a later schema adds has to come out of the steps as it comes out of `TABLES`."""
    old_archive(min(STEPS), tmp_path)
    shutil.copy(tmp_path / "generations" / "0002" / CATALOG, tmp_path / CATALOG)
    lift(tmp_path / CATALOG)
    Catalog.open(tmp_path / CATALOG).close()
    new = sqlite3.connect(":memory:")
    new.executescript(TABLES)
    assert shape(sqlite3.connect(tmp_path / CATALOG)) == shape(new)


def shape(db: sqlite3.Connection) -> dict[str, object]:
    """Tables with their columns in any order; indexes and triggers by what makes them."""
    parts = db.execute("SELECT type, name, sql FROM sqlite_master WHERE sql NOT NULL AND name NOT LIKE 'sqlite_%'")
    columns = 'SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_info(?)'
    return {name: set(db.execute(columns, (name,))) if kind == "table" else sql for kind, name, sql in parts.fetchall()}
