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
    withdrawn TEXT, -- the day on which the article's last version was taken out of search
    sample INTEGER NOT NULL,
    source_id TEXT, title TEXT, subtitle TEXT, kicker TEXT, byline TEXT, dateline TEXT, place TEXT,
    paper TEXT, day TEXT, page TEXT, text TEXT NOT NULL, subheads TEXT NOT NULL, starts_mid INTEGER NOT NULL,
    continued_from TEXT, continued_to TEXT, url TEXT,
    file TEXT NOT NULL, file_start INTEGER NOT NULL, file_end INTEGER NOT NULL, file_spans TEXT NOT NULL,
    extra TEXT -- a JSON object of what else the record said; NULL where it said nothing else
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
-- What live articles are compared by (sketches.py), nothing for a text that is too short. Days as in `told`.
CREATE TABLE sketches (
    article_id TEXT PRIMARY KEY, day INTEGER, whole INTEGER, sketch BLOB NOT NULL, compared INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX sketches_by_day ON sketches (compared, day);
CREATE INDEX sketches_by_whole ON sketches (whole) WHERE whole NOT NULL;
-- Pairs of one story (stories.py), and the stories that they make; an article that has none of its own is in neither.
CREATE TABLE alike (one TEXT NOT NULL, other TEXT NOT NULL, PRIMARY KEY (one, other)) WITHOUT ROWID;
CREATE INDEX alike_by_other ON alike (other);
CREATE TABLE stories (article_id TEXT PRIMARY KEY, story TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX stories_by_story ON stories (story);
-- Live articles that may take something back (corrections.py), and what they take back, made anew at publishing.
CREATE TABLE notices (article_id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE corrections (notice_id TEXT NOT NULL, article_id TEXT NOT NULL, PRIMARY KEY (article_id, notice_id))
    WITHOUT ROWID;
CREATE INDEX corrections_by_notice ON corrections (notice_id);
CREATE TRIGGER what_leaves_is_of_no_story AFTER UPDATE OF live ON articles WHEN old.live AND NOT new.live BEGIN
    DELETE FROM sketches WHERE article_id = old.article_id;
    DELETE FROM alike WHERE one = old.article_id OR other = old.article_id;
    DELETE FROM notices WHERE article_id = old.article_id;
END;
CREATE TRIGGER what_is_gone_is_of_no_story AFTER DELETE ON articles WHEN old.live BEGIN
    DELETE FROM sketches WHERE article_id = old.article_id;
    DELETE FROM alike WHERE one = old.article_id OR other = old.article_id;
    DELETE FROM notices WHERE article_id = old.article_id;
END;
-- What `ingest set` says of an article, whatever its source says (overrides.py); NULL is what the source says.
CREATE TABLE overrides (
    article_id TEXT PRIMARY KEY, alias TEXT, day TEXT, paper TEXT, page TEXT, place TEXT, byline TEXT
) WITHOUT ROWID;
CREATE INDEX overrides_by_alias ON overrides (alias) WHERE alias NOT NULL;
CREATE TABLE open_batch (chunk_id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE stale (chunk_id TEXT PRIMARY KEY) WITHOUT ROWID;
-- What each file gave when it was last read (ledger.py): the digest of its bytes, all else that decides its outcome,
-- the name that it was given by. A path is bytes: on Linux it need not be text.
CREATE TABLE files (
    number INTEGER PRIMARY KEY,
    path BLOB NOT NULL UNIQUE,
    shown TEXT NOT NULL,
    digest TEXT NOT NULL,
    settings TEXT NOT NULL,
    articles INTEGER NOT NULL
);
CREATE INDEX files_by_digest ON files (digest);
-- The version that the file gave. `gone`: it gave the article once and gives it no more, and nobody has pruned it.
CREATE TABLE file_articles (
    file INTEGER NOT NULL REFERENCES files (number),
    article_id TEXT NOT NULL,
    version_id TEXT NOT NULL,
    gone INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (file, article_id)
) WITHOUT ROWID;
CREATE INDEX file_articles_by_article ON file_articles (article_id);
CREATE INDEX file_articles_gone ON file_articles (file) WHERE gone;
"""
