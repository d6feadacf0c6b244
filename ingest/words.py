"""The words of one generation: the only room that knows tantivy.

In: chunks as search terms, weighted terms to look for. Out: chunks by BM25 (k1 1.2, b 0.75), higher is better. It keeps
terms, ids, paper and day, no text to read, and never cuts words itself (terms.py does).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date as Date  # noqa: N812 - as in models
from pathlib import Path

import tantivy

from ingest.disk import library_writes
from ingest.errors import ArchiveBroken
from ingest.models import Filter, Scored

HEAP = 64_000_000  # bytes that the writer may fill before it writes a segment
CONTEXT_BOOST = 0.5  # a word of the headline counts half: every chunk of an article has it
# A word that stands in more than half of all contexts (年, 月) tells nothing and would be most of a query's work, once
# there are so many chunks that it matters.
COMMON, MANY = 0.5, 10_000
_NO_SCORE = 0.0  # a filter lets through or not; it must not add to the score

Query, Occur = tantivy.Query, tantivy.Occur


@dataclass(frozen=True, slots=True)
class WordRow:
    """A chunk as the word index takes it."""

    chunk_id: str
    version_id: str
    paper: str | None
    day: Date | None
    body: Sequence[str]
    context: Sequence[str]


def _schema() -> tantivy.Schema:
    fields = tantivy.SchemaBuilder()
    fields.add_text_field("chunk", stored=True, tokenizer_name="raw", index_option="basic")
    fields.add_text_field("version", tokenizer_name="raw", index_option="basic")
    fields.add_text_field("paper", tokenizer_name="raw", index_option="basic")
    fields.add_integer_field("day", indexed=True, fast=True)
    for name in ("body", "context"):
        fields.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
    return fields.build()


class WordIndex:
    """Reads one folder of words."""

    def __init__(self, folder: Path) -> None:
        try:
            self._index = tantivy.Index.open(str(folder))
        except ValueError as e:
            raise ArchiveBroken(f"{folder} cannot be read ({e})") from e
        self._schema = self._index.schema
        self._searcher = self._index.searcher()
        self._common = max(MANY, COMMON * self._searcher.num_docs)

    def count(self) -> int:
        """How many chunks there are."""
        return int(self._searcher.num_docs)

    def search(
        self, terms: Sequence[tuple[str, float]], k: int, where: Filter, versions: Sequence[str] | None = None
    ) -> list[Scored]:
        """The `k` best chunks for weighted `terms`, of `where`'s paper and days, of `versions` only where given."""
        if k < 1 or not terms:
            return []
        tests = [(Occur.Must, Query.const_score_query(test, _NO_SCORE)) for test in self._tests(where, versions)]
        query = self._wanted(terms)
        if tests:
            query = Query.boolean_query([(Occur.Must, query), *tests])
        found = self._searcher.search(query, k, count=False)
        return [Scored(self._searcher.doc(address)["chunk"][0], score) for score, address in found.hits]

    def scores(self, terms: Sequence[tuple[str, float]], chunk_ids: Sequence[str]) -> dict[str, float]:
        """What `search` gives those of these chunks that hold any of `terms`, by id: 3 ms for 50 chunks."""
        if not terms or not chunk_ids:
            return {}
        these = Query.const_score_query(Query.term_set_query(self._schema, "chunk", chunk_ids), _NO_SCORE)
        query = Query.boolean_query([(Occur.Must, these), (Occur.Must, self._wanted(terms))])
        found = self._searcher.search(query, len(chunk_ids), count=False)
        return {self._searcher.doc(address)["chunk"][0]: score for score, address in found.hits}

    def finds(self, chunk_id: str, terms: Sequence[str]) -> bool:
        """Whether a search for `terms` comes upon this chunk, however far down."""
        it = Query.term_query(self._schema, "chunk", chunk_id, index_option="basic")
        wanted = self._wanted([(term, 1.0) for term in terms])
        return bool(self._searcher.search(Query.boolean_query([(Occur.Must, it), (Occur.Must, wanted)]), 1).hits)

    def ids(self) -> set[str]:
        """Every chunk id that is there."""
        found = self._searcher.search(Query.all_query(), max(1, self.count()), count=False)
        return {self._searcher.doc(address)["chunk"][0] for _, address in found.hits}

    def _wanted(self, terms: Sequence[tuple[str, float]]) -> tantivy.Query:
        weights: dict[str, float] = {}
        for term, weight in terms:
            weights[term] = max(weight, weights.get(term, 0.0))
        # One flat list: tantivy walks it as one union, in half the time that a union of pairs takes.
        parts = [self._boosted("body", term, weight) for term, weight in weights.items()]
        parts += [
            self._boosted("context", term, weight * CONTEXT_BOOST)
            for term, weight in weights.items()
            if 0 < self._searcher.doc_freq("context", term) <= self._common
        ]
        return Query.boolean_query([(Occur.Should, part) for part in parts])

    def _boosted(self, name: str, term: str, boost: float) -> tantivy.Query:
        return Query.boost_query(Query.term_query(self._schema, name, term, index_option="freq"), boost)

    def _tests(self, where: Filter, versions: Sequence[str] | None) -> Iterable[tantivy.Query]:
        if versions is not None:
            yield Query.term_set_query(self._schema, "version", versions)
        if where.paper:
            yield Query.term_query(self._schema, "paper", where.paper, index_option="basic")
        if where.since or where.until:
            low, high = where.since or Date.min, where.until or Date.max
            kind = tantivy.FieldType.Integer
            yield Query.range_query(self._schema, "day", kind, low.toordinal(), high.toordinal())


class WordWriter:
    """Writes one folder of words, from one thread. Nothing counts before `commit`."""

    def __init__(self, folder: Path, *, create: bool = False) -> None:
        folder.mkdir(exist_ok=True)
        self._folder, self._open = folder, True
        with self._writing():
            self._index = tantivy.Index(_schema(), path=str(folder)) if create else tantivy.Index.open(str(folder))
            self._writer = self._index.writer(HEAP, 1)

    def _writing(self) -> AbstractContextManager[None]:
        """Whatever happens, and be it in its threads, tantivy says ValueError."""
        return library_writes(self._folder, ValueError)

    def upsert(self, rows: Iterable[WordRow]) -> None:
        """Add chunks, or replace those of the same ids."""
        for row in rows:
            self._writer.delete_documents_by_term("chunk", row.chunk_id)
            document = tantivy.Document()
            document.add_text("chunk", row.chunk_id)
            document.add_text("version", row.version_id)
            document.add_text("body", " ".join(row.body))
            document.add_text("context", " ".join(row.context))
            if row.paper:
                document.add_text("paper", row.paper)
            if row.day:
                document.add_integer("day", row.day.toordinal())
            with self._writing():
                self._writer.add_document(document)

    def delete(self, ids: Iterable[str]) -> None:
        """Take chunks out; ids that are not there do not matter."""
        for each in ids:
            self._writer.delete_documents_by_term("chunk", each)

    def commit(self) -> None:
        """Make all that was written since the last commit lasting."""
        with self._writing():
            self._writer.commit()

    def close(self) -> None:
        """Wait for the segments to be merged and let go of the folder; what was not committed is dropped."""
        if self._open:
            self._open = False
            with self._writing():
                self._writer.wait_merging_threads()
