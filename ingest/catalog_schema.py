"""The catalog's tables, and the number of their shape.

In: nothing. Out: SQL. `open_batch` and `stale` are empty in a finished generation.
"""

SCHEMA = 3  # raised whenever a table, or what terms.py makes of a text, changes; another's archive is refused

TABLES = """
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
CREATE INDEX articles_by_id ON articles (article_id);
CREATE INDEX articles_by_issue ON articles (paper, day) WHERE live;
-- Holds all that filters and counts look at, so that neither has to page through the texts.
CREATE INDEX articles_by_day ON articles (live, day, seq, paper, place, byline, sample);
CREATE TABLE chunks (
    seq INTEGER PRIMARY KEY,
    chunk_id TEXT NOT NULL UNIQUE,
    article INTEGER NOT NULL REFERENCES articles (seq),
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    vector_key TEXT NOT NULL
);
CREATE INDEX chunks_by_article ON chunks (article);
CREATE INDEX chunks_by_vector ON chunks (vector_key);
-- Days that a chunk tells of (told.py), as day numbers of the calendar, both ends included.
CREATE TABLE told (
    chunk INTEGER NOT NULL REFERENCES chunks (seq),
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (chunk, first, last)
) WITHOUT ROWID;
-- A number may be given again to another chunk.
CREATE TRIGGER told_goes_with_its_chunk AFTER DELETE ON chunks BEGIN DELETE FROM told WHERE chunk = old.seq; END;
CREATE TABLE links (article_id TEXT NOT NULL, part_id TEXT NOT NULL, PRIMARY KEY (article_id, part_id)) WITHOUT ROWID;
CREATE TABLE open_batch (chunk_id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE stale (chunk_id TEXT PRIMARY KEY) WITHOUT ROWID;
"""
