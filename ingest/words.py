"""The words of one generation: the only room that knows tantivy.

In: chunks as search terms, weighted terms to look for. Out: chunks by BM25 (k1 1.2, b 0.75), higher is better. It keeps
terms, ids, paper and day, no text to read, and never cuts words itself (terms.py does).
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import date as Date  # noqa: N812 - as in models
from functools import lru_cache, partial
from pathlib import Path

import tantivy

from ingest.disk import library_writes
from ingest.errors import ArchiveBroken
from ingest.models import Filter, Papers, Scored

HEAP = 64_000_000  # bytes that the writer may fill before it writes a segment
K1 = 1.2  # tantivy's, of BM25: a term that stands often in a chunk counts up to K1 + 1 times its rarity
CONTEXT_BOOST = 0.5  # a word of the headline counts half: every chunk of an article has it
_NO_SCORE = 0.0  # a filter lets through or not; it must not add to the score

# Of a wording's other wordings the best counts, and this share of the rest: several of them speak for the same matter.
OTHERS_SHARE = 0.3
# Shares of all chunks, and chunks below which none is too many. Looking for a term walks its postings, and the most
# common terms, which tell next to nothing, have most of them: without those above a fifth a search takes two thirds of
# the time, and all of its first 30 chunks stay. Another wording has to have a term below TELLING, or it would find
# everything, and is known by its rare ones (公务员 of 国家公务员).
WALKED, WALKED_OF_OTHERS, TELLING, FEW = 0.2, 0.02, 0.01, 1_000
REMEMBERED = 50_000  # terms of which it is remembered how many chunks have them: the same are asked about again

# Chunks that have a term up to which those of some papers are counted one by one; of a more common term their share is
# taken for that of all, which tells nobody anything of a single paper and costs nothing.
COUNTED = 5_000

_WORDS = ("body", "context")  # the fields that hold words: a chunk's own, and those above it
Query, Occur = tantivy.Query, tantivy.Occur
Test = tuple[tantivy.Occur, tantivy.Query]
Terms = Sequence[tuple[str, float]]  # terms, each with its weight


@dataclass(frozen=True, slots=True)
class WordRow:
    """A chunk as the word index takes it."""

    chunk_id: str
    version_id: str
    paper: str | None
    day: Date | None
    body: Sequence[str]
    context: Sequence[str]


@dataclass(frozen=True, slots=True)
class Ways:
    """Ways to say one thing: with the asker's own terms, or those of another wording. A chunk's best way counts.

    `alike` are patterns of whole terms, each with its weight: any term that one fits is as good as a rare one.
    """

    own: Terms
    others: tuple[Terms, ...]
    alike: Terms = ()


def _schema() -> tantivy.Schema:
    fields = tantivy.SchemaBuilder()
    fields.add_text_field("chunk", stored=True, tokenizer_name="raw", index_option="basic")
    fields.add_text_field("version", tokenizer_name="raw", index_option="basic")
    fields.add_text_field("paper", tokenizer_name="raw", index_option="basic")
    fields.add_integer_field("day", indexed=True, fast=True)
    for name in _WORDS:
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
        self._standing: list[Test] = []  # what every search is of; nothing where it is of all papers
        self._counts()

    def only(self, papers: Papers, others: Papers) -> WordIndex:
        """The same index as if it had nothing but `papers`; `others` are all those that it has besides.

        BM25 weighs a term by how many chunks have it, so here it is weighed anew: else a score would tell whether a
        word stands in a paper that is not to be read.
        """
        named = [self._of_paper(paper) for paper in sorted(filter(None, papers))]
        index = copy.copy(self)
        if None in papers:
            index._standing = [(Occur.MustNot, self._of_paper(paper)) for paper in sorted(filter(None, others))]
        else:
            index._standing = [(Occur.Must, Query.boolean_query([(Occur.Should, one) for one in named]))]
        index._counts()
        return index

    def _counts(self) -> None:
        """How many chunks there are, from how many on a term is too common, and how many have one: remembered."""
        self._chunks = int(self._searcher.num_docs)
        if self._standing:
            self._chunks = _count(self._searcher, [*self._standing, (Occur.Must, Query.all_query())])
        self._walked, self._walked_of_others, self._telling = (
            max(FEW, share * self._chunks) for share in (WALKED, WALKED_OF_OTHERS, TELLING)
        )
        often = partial(_often, self._searcher, self._schema, self._standing, self._chunks)
        self._often_in = lru_cache(REMEMBERED)(often)  # of functions, not methods: nothing here is to hold itself

    def _often(self, term: str) -> int:
        return self._often_in("body", term)

    def _weight(self, name: str, term: str) -> float:
        """How many times more a term tells here than tantivy thinks, which counts the chunks of all papers."""
        if not self._standing:
            return 1.0
        of_all = _rarity(self._searcher.doc_freq(name, term), self._searcher.num_docs)
        return _rarity(self._often_in(name, term), self._chunks) / of_all if of_all else 1.0

    def _of_paper(self, paper: str) -> tantivy.Query:
        return Query.term_query(self._schema, "paper", paper, index_option="basic")

    def count(self) -> int:
        """How many chunks there are."""
        return int(self._searcher.num_docs)

    def search(
        self,
        terms: Terms,
        k: int,
        where: Filter,
        versions: Sequence[str] | None = None,
        ways: Sequence[Ways] = (),
    ) -> list[Scored]:
        """The `k` best chunks for `terms` and `ways`, of `where`'s paper and days, of `versions` only where given."""
        if k < 1 or not (terms or ways):
            return []
        tests = [(Occur.Must, Query.const_score_query(test, _NO_SCORE)) for test in self._tests(where, versions)]
        tests += [(occur, Query.const_score_query(test, _NO_SCORE)) for occur, test in self._standing]
        parts = [*self._each(self._walkable(terms)), *self._best([self._walkable_ways(one) for one in ways])]
        query = Query.boolean_query([(Occur.Should, part) for part in parts])
        if tests:
            query = Query.boolean_query([(Occur.Must, query), *tests])
        found = self._searcher.search(query, k, count=False)
        return [Scored(self._searcher.doc(address)["chunk"][0], score) for score, address in found.hits]

    def holds(self, term: str) -> bool:
        """Whether any chunk has a term, in itself or above it."""
        return any(self._often_in(name, term) for name in _WORDS)

    def full_score(self, terms: Terms) -> float:
        """What a chunk would score that had all of `terms` that are looked for, each as often as one could wish."""
        often = ((self._often(term), weight) for term, weight in self._walkable(terms))
        return sum(weight * (K1 + 1) * _rarity(n, self._chunks) for n, weight in often)

    def finds(self, chunk_id: str, terms: Sequence[str]) -> bool:
        """Whether a search for `terms` comes upon this chunk, however far down."""
        it = Query.term_query(self._schema, "chunk", chunk_id, index_option="basic")
        wanted = self._any([(term, 1.0) for term in terms])
        return bool(self._searcher.search(Query.boolean_query([(Occur.Must, it), (Occur.Must, wanted)]), 1).hits)

    def ids(self) -> set[str]:
        """Every chunk id that is there."""
        found = self._searcher.search(Query.all_query(), max(1, self.count()), count=False)
        return {self._searcher.doc(address)["chunk"][0] for _, address in found.hits}

    def _any(self, terms: Terms) -> tantivy.Query:
        return Query.boolean_query([(Occur.Should, part) for part in self._each(terms)])

    def _each(self, terms: Terms) -> list[tantivy.Query]:
        """A query for each term in the text and, unless it tells nothing there, in the context."""
        weights: dict[str, float] = {}
        for term, weight in terms:
            weights[term] = max(weight, weights.get(term, 0.0))
        # One flat list: tantivy walks it as one union, in half the time that a union of pairs takes.
        parts = [self._boosted("body", term, weight) for term, weight in weights.items()]
        parts += [
            self._boosted("context", term, weight * CONTEXT_BOOST)
            for term, weight in weights.items()
            if 0 < self._often_in("context", term) <= self._walked
        ]
        return parts

    def _walkable(self, terms: Terms) -> Terms:
        """Those of `terms` that are not too common to be looked for; all where all are."""
        return self._rarer(terms, self._walked) or terms

    def _walkable_ways(self, ways: Ways) -> Ways:
        telling = (self._rarer(terms, self._walked_of_others) for terms in ways.others if self._tells(terms))
        return replace(ways, own=self._rarer(ways.own, self._walked), others=tuple(telling))

    def _rarer(self, terms: Terms, than: float) -> Terms:
        return [(term, weight) for term, weight in terms if self._often(term) <= than]

    def _best(self, ways: Sequence[Ways]) -> Iterator[tantivy.Query]:
        for one in ways:
            others = [self._text_query(terms) for terms in one.others]
            others += [self._alike_query(pattern, weight) for pattern, weight in one.alike]
            if not others:
                yield from self._each(one.own)
                continue
            other = Query.disjunction_max_query(others, OTHERS_SHARE)
            yield Query.disjunction_max_query([self._any(one.own), other], 0.0) if one.own else other

    def _text_query(self, terms: Terms) -> tantivy.Query:
        """Another wording, looked for in the text alone: what a headline has of it, its text has nearly always too."""
        parts = [self._boosted("body", term, weight) for term, weight in terms]
        return parts[0] if len(parts) == 1 else Query.boolean_query([(Occur.Should, part) for part in parts])

    def _alike_query(self, pattern: str, weight: float) -> tantivy.Query:
        """Every term that fits, scored as one that a single chunk has: how often each stands is not looked up."""
        fits = Query.regex_query(self._schema, "body", pattern)
        return Query.const_score_query(fits, weight * math.log1p(self._chunks))

    def _tells(self, terms: Terms) -> bool:
        often = min(self._often(term) for term, _ in terms)
        return 0 < often <= self._telling

    def _boosted(self, name: str, term: str, boost: float) -> tantivy.Query:
        query = Query.term_query(self._schema, name, term, index_option="freq")
        return Query.boost_query(query, boost * self._weight(name, term))

    def _tests(self, where: Filter, versions: Sequence[str] | None) -> Iterable[tantivy.Query]:
        if versions is not None:
            yield Query.term_set_query(self._schema, "version", versions)
        if where.paper:
            yield self._of_paper(where.paper)
        if where.since or where.until:
            low, high = where.since or Date.min, where.until or Date.max
            kind = tantivy.FieldType.Integer
            yield Query.range_query(self._schema, "day", kind, low.toordinal(), high.toordinal())


def _often(
    searcher: tantivy.Searcher, schema: tantivy.Schema, standing: Sequence[Test], chunks: int, name: str, term: str
) -> int:
    """In how many of the `chunks` that pass `standing` a term stands."""
    often = int(searcher.doc_freq(name, term))
    if not standing or not often:
        return often
    if often > COUNTED:
        return round(often * chunks / max(1, searcher.num_docs))
    has_it = Query.term_query(schema, name, term, index_option="freq")
    return _count(searcher, [(Occur.Must, has_it), *standing])


def _count(searcher: tantivy.Searcher, tests: Sequence[Test]) -> int:
    """How many chunks pass; in the order of their days, which is as good as any, so that nothing is scored."""
    found = searcher.search(Query.boolean_query(list(tests)), 1, count=True, order_by_field="day")
    return int(found.count)  # type: ignore[attr-defined]  # its stub lacks it


def _rarity(often: int, chunks: int) -> float:
    """How much it tells that a chunk has a term which `often` of `chunks` have: BM25's weight of it."""
    return math.log1p((chunks - often + 0.5) / (often + 0.5))


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
