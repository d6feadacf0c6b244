"""The database behind the state: a SQLite file, or a PostgreSQL that several copies of the app share.

In: a folder or an address. Out: transactions. Nothing is opened before the first of them, so a database that cannot be
reached costs the memory of what was asked and never an answer.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import event, exc
from sqlalchemy.schema import CreateIndex, CreateTable

from bot.state.tables import GROWN, SCHEMA, meta, metadata
from ingest.errors import BadSetting, StateBroken

FILE = "state.sqlite"
WAIT = 5.0  # seconds for another writer of a SQLite file, or for a server that does not answer
_TRIES = 5  # several copies of the app may make the tables at the same moment
_SQLITE = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",  # a power cut may lose the last question, never the file
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",  # what somebody deletes is gone from the file too
)


class Database:
    """Transactions on one database; safe from several threads."""

    def __init__(self, engine: sa.Engine, name: str, folder: Path | None = None) -> None:
        self._engine, self._name, self._folder = engine, name, folder
        self._opening = threading.Lock()
        self._open = False

    @classmethod
    def of(cls, data: Path, url: str) -> Database:
        """The database at `url`, or, where that is empty, a file in the archive's folder. Raises BadSetting."""
        if not url:
            folder = data / "state"
            engine = sa.create_engine(f"sqlite:///{folder / FILE}", connect_args={"timeout": WAIT})
            event.listen(engine, "connect", _prepare)
            return cls(engine, str(folder / FILE), folder)
        try:
            address = sa.make_url(url)
            shown = address.render_as_string(hide_password=True)
            if address.get_backend_name() != "postgresql":
                raise BadSetting(
                    f"WENBAO_STATE_URL {shown} is no PostgreSQL: write postgresql://USER:PASSWORD@HOST/NAME."
                )
            return cls(sa.create_engine(address, pool_pre_ping=True, pool_timeout=WAIT), shown)
        except ImportError as e:
            raise BadSetting(
                f"WENBAO_STATE_URL needs the package {e.name}, which is missing: `pip install {e.name}`, or leave "
                "the setting out to keep the state in a file."
            ) from e
        except exc.SQLAlchemyError as e:
            raise BadSetting(
                "WENBAO_STATE_URL cannot be read as an address: write postgresql://USER:PASSWORD@HOST/NAME."
            ) from e

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """All or nothing of what the block does. Raises StateBroken where the database cannot be used."""
        try:
            self._make_ready()
            with self._engine.begin() as connection:
                yield connection
        except (exc.SQLAlchemyError, OSError) as e:
            raise StateBroken(f"the state in {self._name} cannot be used ({_plainly(e)}): nothing is kept.") from e

    def settle(self) -> None:
        """Have what was written so far outlast a power cut, too. Raises StateBroken."""
        if self._folder:
            with self.transaction() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)")  # it syncs the log before it reads it

    def close(self) -> None:
        """Let go of every connection."""
        self._engine.dispose()

    def _make_ready(self) -> None:
        with self._opening:
            if self._open:
                return
            if self._folder:
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for tries_left in reversed(range(_TRIES)):
                try:
                    self._make_tables()
                    break
                except (exc.OperationalError, exc.ProgrammingError, exc.IntegrityError):
                    if not tries_left:
                        raise
                    time.sleep(0.02)  # another copy of the app made them at the same moment
            self._open = True

    def _make_tables(self) -> None:
        """Make what is missing; a database of an earlier schema becomes one of this. Raises StateBroken for a later."""
        with self._engine.begin() as connection:
            known = sa.inspect(connection).has_table(meta.name)
            found = connection.scalar(_FOUND) if known else None
            if found not in {None, str(SCHEMA), *GROWN}:
                raise StateBroken(
                    f"the state in {self._name} has schema {found}, this WenBao reads {SCHEMA}: nothing is kept."
                )
            if found == str(SCHEMA):
                return
            for table in metadata.sorted_tables:
                connection.execute(CreateTable(table, if_not_exists=True))
                for index in sorted(table.indexes, key=lambda index: str(index.name)):
                    connection.execute(CreateIndex(index, if_not_exists=True))
            if found is None:
                connection.execute(meta.insert().values(key="schema", value=str(SCHEMA)))
            else:
                connection.execute(sa.update(meta).where(meta.c.key == "schema").values(value=str(SCHEMA)))


_FOUND = sa.select(meta.c.value).where(meta.c.key == "schema")


def _prepare(connection: object, _record: object) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]  # a sqlite3.Connection, as SQLAlchemy hands it over
    for line in _SQLITE:
        cursor.execute(line)
    cursor.close()


def _plainly(error: Exception) -> str:
    """The database's own first line, without the statement and its values: those hold what people asked."""
    said = getattr(error, "orig", None) or error
    return " ".join(str(said).split("\n")[0].split())[:200]
