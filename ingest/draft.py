"""The next generation while it is being made: a changed copy of the live one, seen by nobody until it is published.

In: entries (articles with their names) to add, articles to remove. Out: a finished generation, its three parts
agreeing. A kill at any moment leaves a partial folder that `Draft.resume` carries on from its last checkpoint. It reads
no newspaper and decides nothing about what is new.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date as Date  # noqa: N812 - as in models
from pathlib import Path

import numpy as np

from ingest.catalog_carry import carry_articles
from ingest.catalog_corrections import tell_corrections
from ingest.catalog_schema import SCHEMA
from ingest.catalog_steps import lift
from ingest.catalog_stories import tell_stories
from ingest.catalog_writer import CatalogWriter, ChunkRow
from ingest.chunks import cut_chunks
from ingest.encoder import Encoder
from ingest.entries import Entry
from ingest.generations import CATALOG, TABLE, VECTORS, WORDS, Generations, IngestRecord
from ingest.identity import chunk_id, vector_key
from ingest.integrity import check_parts
from ingest.links import link_parts
from ingest.models import Chunk
from ingest.terms import search_terms
from ingest.told import told_days
from ingest.vector_table import VectorTable, VectorTableWriter
from ingest.vectors import VectorIndex, VectorWriter
from ingest.vectors import Vectors as Matrix
from ingest.words import WordIndex, WordRow, WordWriter


@dataclass(frozen=True, slots=True)
class _Piece:
    """A chunk of an entry with its names."""

    entry: Entry
    chunk: Chunk
    row: ChunkRow

    @property
    def embedded(self) -> str:
        return embedded_text(self.chunk)


def embedded_text(chunk: Chunk) -> str:
    """What the encoder is given for a chunk."""
    return f"{chunk.context}\n{chunk.text}" if chunk.context else chunk.text


class Draft:
    """One partial generation, written by one thread of the one process that holds the ingest lock."""

    def __init__(self, generations: Generations, folder: Path, record: IngestRecord, encoder: Encoder) -> None:
        """Open a folder that `start` has filled, or that a killed process left behind."""
        self._generations, self._folder, self._record, self._encoder = generations, folder, record, encoder
        self.embedded = 0
        self.catalog = CatalogWriter.open(folder / CATALOG, frozen=False)
        self._vectors = VectorWriter(folder / VECTORS)
        self._table = VectorTableWriter(folder / TABLE, encoder.dimension)
        self._words = WordWriter(folder / WORDS)
        self._drop(self.catalog.opened())
        self.catalog.close_batch()

    @classmethod
    def start(cls, generations: Generations, base: int, job: str, encoder: Encoder, *, anew: bool = False) -> Draft:
        """A copy of generation `base`, of this schema now, or an empty one for 0.

        `anew`: only its articles, whatever its schema; all that is derived from them is to be made, by this encoder.
        """
        folder = generations.new_partial()
        if base and not anew:
            generations.copy(base, folder)
            lift(folder / CATALOG)
        else:
            CatalogWriter.create(folder / CATALOG)
        if base and anew:
            carry_articles(generations.path(base) / CATALOG, folder / CATALOG)
        catalog = CatalogWriter.open(folder / CATALOG, frozen=False)
        if anew or not base:
            catalog.clear_chunks(encoder.name, encoder.fingerprint)
            VectorIndex(folder / VECTORS, create=True).close()
            WordWriter(folder / WORDS, create=True).close()
        last = 0 if anew else catalog.last_article()
        catalog.commit()
        catalog.close()
        # Written last: a folder without it is not a whole copy.
        record = IngestRecord(base, job, SCHEMA, encoder.fingerprint, last, last)
        generations.write_record(folder, record)
        return cls(generations, folder, record, encoder)

    @classmethod
    def resume(cls, generations: Generations, base: int, job: str, encoder: Encoder) -> Draft | None:
        """What a killed ingest of the same kind left on the same base; None where there is nothing of use."""
        for folder in generations.partials():
            record = generations.record(folder)
            wanted = (base, job, SCHEMA, encoder.fingerprint)
            if record and (record.base, record.job, record.schema, record.fingerprint) == wanted:
                return cls(generations, folder, record, encoder)
        return None

    @property
    def taken_in(self) -> int:
        """Versions of articles that it has taken in since it was started, by whichever process."""
        return self.catalog.last_article() - self._record.base_articles

    def add(self, entries: Sequence[Entry]) -> int:
        """Make these versions live, or keep them as history, and checkpoint. Gives the number of their chunks."""
        live = [entry for entry in entries if entry.live]
        newest = {entry.article_id: entry.version_id for entry in live}
        pieces = {entry.version_id: self._cut(entry) for entry in live if newest[entry.article_id] == entry.version_id}
        flat = [piece for cut in pieces.values() for piece in cut]
        matrix = self._vectors_for(flat)
        self.catalog.open_batch(piece.row.chunk_id for piece in flat)
        self._vectors.upsert([piece.row.chunk_id for piece in flat], matrix)
        self._words.upsert(_word_row(piece) for piece in flat)
        self._words.commit()
        for entry in entries:
            if entry.live:
                self.catalog.add(entry, [piece.row for piece in pieces.get(entry.version_id, [])])
            else:
                self.catalog.keep(entry)
        self._tabulate(flat, matrix)
        self.catalog.close_batch()
        self._record = replace(self._record, checkpoint=self.catalog.last_article())
        self._generations.write_record(self._folder, self._record)
        return len(flat)

    def remove(self, names: Iterable[str]) -> None:
        """Take articles out with all their versions."""
        for name in names:
            self.catalog.remove(name)

    def withdraw(self, names: Iterable[str], day: Date) -> None:
        """Take articles out of search and keep their versions."""
        for name in names:
            self.catalog.withdraw(name, day)

    def forget(self, names: Iterable[str]) -> None:
        """Take articles out with all that is known of them, what was set by hand included."""
        for name in names:
            self.catalog.remove(name)
            self.catalog.forget(name)

    def publish(self) -> int:
        """Finish, check, close, and make this the live generation. Gives its number. Raises ArchiveBroken."""
        for issue in self.catalog.issues_since(self._record.base_articles):
            self.catalog.link(issue, link_parts(self.catalog.parts(issue)))
        tell_stories(self.catalog)
        tell_corrections(self.catalog)
        self.catalog.commit()
        self._drop(self.catalog.stale())
        self.catalog.forget_stale()
        self._vectors.settle()
        self._words.close()
        self._table.cut(self.catalog.last_chunk() + 1)
        self._table.close()
        table, words = VectorTable(self._folder / TABLE), WordIndex(self._folder / WORDS)
        check_parts(self.catalog, self._vectors, table, words)
        self.catalog.close()
        self._vectors.close()
        return self._generations.publish(self._folder)

    def abandon(self) -> None:
        """Close without publishing; the folder stays for `resume` or for the sweeper."""
        with suppress(OSError):  # what could not be written is not wanted any more
            self._words.close()
            self._table.close()
        self._vectors.close()
        self.catalog.close()

    def _tabulate(self, pieces: Sequence[_Piece], matrix: Matrix) -> None:
        """Write the vectors of an open batch, whose chunks the catalog has just numbered, into the table."""
        if pieces:
            places = self.catalog.places(piece.row.chunk_id for piece in pieces)
            chunks, articles = zip(*(places[piece.row.chunk_id] for piece in pieces), strict=True)
            self._table.write(chunks, articles, matrix)

    def _drop(self, ids: Sequence[str]) -> None:
        self._vectors.delete(ids)
        self._words.delete(ids)
        self._words.commit()

    def _cut(self, entry: Entry) -> list[_Piece]:
        pieces, chunks = [], cut_chunks(entry.article)
        for chunk, told in zip(chunks, told_days(entry.article, chunks), strict=True):
            key = vector_key(self._encoder.fingerprint, embedded_text(chunk))
            row = ChunkRow(chunk_id(entry.version_id, chunk), chunk.start, chunk.end, key, told)
            pieces.append(_Piece(entry, chunk, row))
        return pieces

    def _vectors_for(self, pieces: Sequence[_Piece]) -> Matrix:
        """A row for each piece; what the archive holds, or the batch holds twice, is not encoded again."""
        holders = self.catalog.vector_holders({piece.row.vector_key for piece in pieces})
        held = self._vectors.get(holders.values())
        known = {key: held[holder] for key, holder in holders.items() if holder in held}
        new = {piece.row.vector_key: piece.embedded for piece in pieces if piece.row.vector_key not in known}
        if new:
            known.update(zip(new, self._encoder.encode_documents(list(new.values())), strict=True))
            self.embedded += len(new)
        rows = [known[piece.row.vector_key] for piece in pieces]
        return np.stack(rows) if rows else np.zeros((0, self._encoder.dimension), dtype=np.float32)


def _word_row(piece: _Piece) -> WordRow:
    article = piece.entry.article
    return WordRow(
        chunk_id=piece.row.chunk_id,
        version_id=piece.entry.version_id,
        paper=article.paper,
        day=article.issued or article.date,
        body=search_terms(piece.chunk.text),
        context=search_terms(piece.chunk.context),
    )
