"""What an ingest costs must follow from what it adds and not from what is there already."""

import sqlite3
from pathlib import Path

from ingest.catalog_writer import CatalogWriter, Issue
from ingest.generations import CATALOG, Generations
from ingest.ingester import Ingester
from tests.bench.growth import add, articles, write
from tests.conftest import BigramEncoder
from tests.stories import stories


def steps_to_link(root: Path) -> int:
    """What linking one more issue costs, in steps of SQLite's machine."""
    generations = Generations(root)
    db = sqlite3.connect(generations.path(generations.current()) / CATALOG)
    catalog, steps = CatalogWriter(db), 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    db.set_progress_handler(count, 10)
    catalog.link(Issue(*catalog.rows("SELECT paper, day FROM articles WHERE live LIMIT 1")[0]), [])
    catalog.close()
    return steps


def test_linking_the_parts_of_an_issue_does_not_walk_through_the_archive(tmp_path, records):
    costs = []
    for count in (20, 600):
        root = tmp_path / f"data{count}"
        Ingester(root, BigramEncoder()).add([records(*stories(count))])
        costs.append(steps_to_link(root))
    assert costs[1] < 3 * costs[0] + 30  # an issue of 600 stories holds twice as many as one of 20


def test_an_issue_without_parts_is_not_looked_at_again(root, ingester, records):
    ingester.add([records(*stories(20))])
    catalog = CatalogWriter(sqlite3.connect(Generations(root).path(1) / CATALOG))
    assert catalog.issues_since(0) == []
    catalog.close()


def test_the_bench_of_growth_measures_an_add_that_it_made_itself(tmp_path):
    write(tmp_path / "some.jsonl", articles(40, 200))
    seconds, peak_mb, report = add(tmp_path / "data", tmp_path / "some.jsonl")
    assert (report["added"], report["failures"]) == (40, [])
    assert seconds > 0
    assert 50 < peak_mb < 2_000
