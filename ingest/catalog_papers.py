"""A catalog in which only some papers stand: whatever is asked of it is answered as if there had never been the others.

In: a connection to a finished catalog, the papers that stand. Out: the same connection, on which every table that a
question can name is a view of what belongs to those papers. So nobody who asks has to think of it, and nobody can
forget to. It changes no file.
"""

from __future__ import annotations

import sqlite3

from ingest.models import Papers
from ingest.stories import stories_of

# A paper's article shows nothing of its past where any of its versions belongs to a paper that does not stand: it had
# been filed wrongly then, and says the same.
_ARTICLES = """
CREATE TEMP VIEW articles AS SELECT * FROM main.articles AS a WHERE {stands_a} AND (
    a.live = 1
    OR NOT EXISTS (SELECT 1 FROM main.articles AS n WHERE n.article_id = a.article_id AND NOT {stands_n})
);
"""
_STANDS = "({0}.paper NOT NULL AND {0}.paper IN (SELECT paper FROM standing))"
_STANDS_OR_UNNAMED = "({0}.paper IS NULL OR {0}.paper IN (SELECT paper FROM standing))"
_OTHERS = """
CREATE TEMP VIEW chunks AS SELECT c.* FROM main.chunks AS c
    WHERE EXISTS (SELECT 1 FROM articles AS a WHERE a.seq = c.article);
CREATE TEMP VIEW links AS SELECT l.* FROM main.links AS l
    WHERE EXISTS (SELECT 1 FROM articles AS a WHERE a.article_id = l.part_id);
CREATE TEMP VIEW corrections AS SELECT c.* FROM main.corrections AS c
    WHERE EXISTS (SELECT 1 FROM articles AS a WHERE a.article_id = c.notice_id AND a.live)
    AND EXISTS (SELECT 1 FROM articles AS a WHERE a.article_id = c.article_id AND a.live);
CREATE TEMP TABLE stories (article_id TEXT PRIMARY KEY, story TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX temp.stories_by_story ON stories (story);
"""
# Two articles that only a third one makes one story are two where that third one does not stand.
_PAIRS = """
SELECT p.one, p.other FROM main.alike AS p
    WHERE EXISTS (SELECT 1 FROM articles AS a WHERE a.article_id = p.one AND a.live)
    AND EXISTS (SELECT 1 FROM articles AS a WHERE a.article_id = p.other AND a.live)
"""
_AS_THEY_ARE = ("meta", "told")  # the latter knows chunk numbers alone


def let_stand(db: sqlite3.Connection, papers: Papers) -> None:
    """Let only what belongs to `papers` stand on this connection, for as long as it is open."""
    db.execute("PRAGMA temp_store = MEMORY")  # a view is no file, and the machine may have no place for one
    tables = [row[0] for row in db.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'")]
    db.execute("CREATE TEMP TABLE standing (paper TEXT PRIMARY KEY) WITHOUT ROWID")
    db.executemany("INSERT INTO standing VALUES (?)", [(paper,) for paper in papers if paper is not None])
    stands = _STANDS_OR_UNNAMED if None in papers else _STANDS
    db.executescript(_ARTICLES.format(stands_a=stands.format("a"), stands_n=stands.format("n")) + _OTHERS)
    pairs = ((row[0], row[1]) for row in db.execute(_PAIRS))
    db.executemany("INSERT INTO stories VALUES (?, ?)", stories_of(pairs).items())
    known = {row[0] for row in db.execute("SELECT name FROM temp.sqlite_master")}
    for table in tables:  # what no view is made for is empty: better too little than too much
        if table not in known and table not in _AS_THEY_ARE and not table.startswith("sqlite_"):
            db.execute(f'CREATE TEMP VIEW "{table}" AS SELECT * FROM main."{table}" WHERE 0')  # noqa: S608 - the schema's own name
    db.commit()
