"""How a catalog of an older schema becomes one of this schema: steps, each from one schema to the next.

In: a copy of a catalog, in a generation that nobody sees yet. Out: the same file with this schema's tables, all that it
held still in it. Steps only add; a schema for which there is none has to be made anew from its articles.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from ingest.catalog_schema import SCHEMA, TABLES
from ingest.errors import ArchiveBroken

Step = Callable[[sqlite3.Connection], None]


@dataclass(frozen=True, slots=True)
class Made:
    """What a catalog says of its making."""

    schema: int
    encoder: str | None
    fingerprint: str | None


def made_by(catalog: Path) -> Made:
    """What made this catalog, whatever its schema. Raises ArchiveBroken."""
    try:
        with closing(sqlite3.connect(catalog.absolute().as_uri() + "?mode=ro&immutable=1", uri=True)) as db:
            said = dict(db.execute("SELECT key, value FROM meta"))
            return Made(int(said["schema"]), said.get("encoder"), said.get("fingerprint"))
    except (sqlite3.Error, KeyError, ValueError) as e:
        raise ArchiveBroken(f"{catalog} cannot be read ({e})") from e


def add_what_is_new(db: sqlite3.Connection) -> None:
    """Tables, columns, indexes and triggers that this schema has and the file has not; a column gets its default."""
    with closing(sqlite3.connect(":memory:")) as wanted:
        wanted.executescript(TABLES)
        for table, sql in _parts(wanted, "table"):
            if table not in dict(_parts(db, "table")):
                db.execute(sql)
                continue
            held = {column for column, _ in _columns(db, table)}
            for column, declared in _columns(wanted, table):
                if column not in held:
                    db.execute(f'ALTER TABLE "{table}" ADD COLUMN {declared}')
        for kind in ("index", "trigger"):
            held_parts = dict(_parts(db, kind))
            for name, sql in _parts(wanted, kind):
                if held_parts.get(name) != sql:
                    db.execute(f'DROP {kind} IF EXISTS "{name}"')
                    db.execute(sql)


# From each schema to the next, in this order. What only adds tables and columns is `add_what_is_new`; a step that also
# has to fill them is a function of its own behind it.
STEPS: Mapping[int, tuple[Step, ...]] = {
    2: (add_what_is_new,),
}


def can_lift(schema: int) -> bool:
    """Whether steps lead from this schema to ours."""
    return schema <= SCHEMA and all(each in STEPS for each in range(schema, SCHEMA))


def lift(catalog: Path) -> None:
    """Take every step from the schema of `catalog` to ours: all of them or, where one fails, none."""
    with closing(sqlite3.connect(catalog.absolute().as_uri() + "?mode=rw", uri=True, isolation_level=None)) as db:
        schema = int(db.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone()[0])
        if schema == SCHEMA:
            return
        db.execute("BEGIN")
        for each in range(schema, SCHEMA):
            for step in STEPS[each]:
                step(db)
        db.execute("UPDATE meta SET value = ? WHERE key = 'schema'", (str(SCHEMA),))
        db.execute("COMMIT")


def _parts(db: sqlite3.Connection, kind: str) -> list[tuple[str, str]]:
    sql = "SELECT name, sql FROM sqlite_master WHERE type = ? AND sql NOT NULL AND name NOT LIKE 'sqlite_%'"
    return list(db.execute(sql, (kind,)))


def _columns(db: sqlite3.Connection, table: str) -> Iterator[tuple[str, str]]:
    """The columns of a table, each with what declares it."""
    sql = 'SELECT name, type, "notnull", dflt_value FROM pragma_table_info(?)'
    for name, kind, required, default in db.execute(sql, (table,)):
        declared = f'"{name}" {kind}' + (" NOT NULL" if required else "")
        yield name, declared if default is None else f"{declared} DEFAULT {default}"
