"""How well articles are found, beside what others do, and what each ingredient brings. Run by hand, from the checkout:

    python -m tests.evals.retrieval --data ../shared/data [--archive DIR] [--sets NAME] [--rows NAME] [--out FILE]

All sets are asked of one archive: all news, the events, the passages that come with questions. Events that are asked
for by their headline are ingested without it. A hit counts by its article: hit@10 is the share of questions whose right
article is among the first ten different ones of the best FOUND chunks; MRR counts what is not among them as 0.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from bot.bot import Bot
from bot.question import read_question
from bot.ranking import WEIGHTS
from bot.retriever import Retriever
from bot.times import read_time, today_of
from ingest.archive import Archive
from ingest.catalog_schema import SCHEMA
from ingest.encoder import Encoder, load_encoder
from ingest.generations import Generations
from ingest.ingester import Ingester
from ingest.models import Filter, Scored
from ingest.snapshot import Snapshot
from ingest.terms import search_terms
from ingest.thesaurus import Thesaurus
from ingest.told import newest_day
from tests import question_sets as sets_of
from tests.bench.report import Row, tell
from tests.evals.mute import Mute
from tests.question_sets import Material, QuestionSet, material

FOUND = 50  # chunks that each way may bring
FUSED = 60  # what is added to ranks that are fused, as everybody does

Search = Callable[[str], Iterable[str]]  # a question into ids of records, best first, each as often as it is found


@dataclass(frozen=True, slots=True)
class Opened:
    """One archive, open."""

    archive: Archive
    snapshot: Snapshot
    encoder: Encoder


def words_alone(opened: Opened) -> Search:
    """BM25 over all words of the question."""
    return lambda question: _records(opened.snapshot, _by_words(opened, question))


def vectors_alone(opened: Opened) -> Search:
    """The nearest vectors."""
    return lambda question: _records(opened.snapshot, _by_vectors(opened, question))


def rank_fusion(opened: Opened) -> Search:
    """Reciprocal ranks of both, added up."""

    def search(question: str) -> list[str]:
        scores: dict[str, float] = {}
        for found in (_by_words(opened, question), _by_vectors(opened, question)):
            for rank, one in enumerate(found, 1):
                scores[one.chunk_id] = scores.get(one.chunk_id, 0.0) + 1 / (FUSED + rank)
        best = sorted(scores, key=lambda name: -scores[name])[:FOUND]
        return _records(opened.snapshot, [Scored(name, scores[name]) for name in best])

    return search


def wenbao(opened: Opened) -> Search:
    """The product, as `python -m bot search` calls it."""
    bot = Bot(opened.archive, opened.encoder)
    return lambda question: [hit.article.source_id or "" for hit in bot.search(question, FOUND)]


def without(**left_out: object) -> Callable[[Opened], Search]:
    """The product's retriever with some of its parts exchanged, asked as the bot asks it."""

    def way(opened: Opened) -> Search:
        retriever = replace(Retriever(opened.encoder), **left_out)
        today = today_of(date.today(), newest_day(opened.snapshot.catalog))

        def search(question: str) -> list[str]:
            asked = read_question(question, when=read_time(question, (), today))
            hits = retriever.search(asked, opened.snapshot, FOUND, Filter())
            return [hit.article.source_id or "" for hit in hits]

        return search

    return way


def without_vectors(opened: Opened) -> Search:
    """No neighbours are looked for and no cosine counts."""
    return without(encoder=Mute(opened.encoder))(opened)


WENBAO = "WenBao"
WAYS: dict[str, Callable[[Opened], Search]] = {
    "words": words_alone,
    "vectors": vectors_alone,
    "rank fusion": rank_fusion,
    WENBAO: wenbao,
    "without thesaurus": without(thesaurus=Thesaurus({})),
    "without vectors": without_vectors,
    **{f"without {one.name}": without(weights=replace(WEIGHTS, **{one.name: 0.0})) for one in fields(WEIGHTS)},
}
LANGCHAIN = "LangChain"


def _by_words(opened: Opened, question: str) -> list[Scored]:
    return opened.snapshot.search_words([(term, 1.0) for term in search_terms(question)], FOUND)


def _by_vectors(opened: Opened, question: str) -> list[Scored]:
    return opened.snapshot.search_vectors(opened.encoder.encode_query(question), FOUND)


def _records(snapshot: Snapshot, found: Sequence[Scored]) -> list[str]:
    chunks = snapshot.chunks([one.chunk_id for one in found])
    articles = snapshot.articles({chunk.article_id for chunk in chunks.values()})
    return [articles[chunks[one.chunk_id].article_id].source_id or "" for one in found]


def measured(asked: QuestionSet, search: Search) -> Row:
    """The figures of one way of searching."""
    ranks, seconds = [], []
    for question in asked.questions:
        began = time.perf_counter()
        found = list(dict.fromkeys(search(question.text)))
        seconds.append(time.perf_counter() - began)
        ranks.append(next((rank for rank, name in enumerate(found, 1) if name in question.right), 0))
    hits = {f"hit@{k}": round(sum(0 < rank <= k for rank in ranks) / len(ranks), 3) for k in (1, 5, 10)}
    mrr = sum(1 / rank for rank in ranks if rank) / len(ranks)
    return {**hits, "MRR": round(mrr, 3), "p50 ms": round(statistics.median(seconds) * 1000, 1)}


class Archives:
    """Archives of one material in `folder`: what is there already and fits is taken as it is."""

    def __init__(self, folder: Path, asked: Material, encoder: Encoder) -> None:
        records = json.dumps([asked.records, asked.headed], ensure_ascii=False)
        made_of = f"{encoder.fingerprint} {SCHEMA} {records}"
        self._folder = folder / hashlib.sha256(made_of.encode()).hexdigest()[:12]
        self._asked, self._encoder = asked, encoder

    def build(self) -> Row | None:
        """Make what is not there; what ingesting everything took, None where it had been done."""
        self._folder.mkdir(parents=True, exist_ok=True)
        plain, whole, row = self.root(headlines_withheld=True), self.root(headlines_withheld=False), None
        if not Generations(plain).current():
            row = _clocked(lambda: self._add(plain, self._asked.records), len(self._asked.records))
        if Generations(whole).current() <= Generations(plain).current():
            shutil.rmtree(whole, ignore_errors=True)
            shutil.copytree(plain, whole)
            self._add(whole, self._asked.headed)
        return row

    def root(self, *, headlines_withheld: bool) -> Path:
        """The archive with or without the events' headlines."""
        return self._folder / ("withheld" if headlines_withheld else "whole")

    def _add(self, root: Path, records: Sequence[sets_of.Row]) -> int:
        lines = self._folder / "records.jsonl"
        lines.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), "utf-8")
        chunks = Ingester(root, self._encoder, keep=1).add([lines]).chunks
        lines.unlink()
        return chunks


def _clocked(ingest: Callable[[], int], records: int) -> Row:
    began, worked = time.perf_counter(), time.process_time()
    pieces = ingest()
    took, cost = time.perf_counter() - began, time.process_time() - worked
    return {"articles and passages": records, "pieces": pieces, "ingest s": round(took), "CPU s": round(cost)}


def compare(folder: Path, asked: Material, encoder: Encoder, names: Sequence[str]) -> dict[str, list[Row]]:
    """A table for each set with a row for each way, and one of what ingesting took."""
    tables: dict[str, list[Row]] = {one.name: [] for one in asked.sets}
    built: list[Row] = []
    ours = [name for name in names if name in WAYS]
    if ours:
        archives = Archives(folder, asked, encoder)
        if made := archives.build():
            built.append({"into": WENBAO, **made})
        for withheld in (True, False):
            with Archive(archives.root(headlines_withheld=withheld), encoder) as archive, archive.read() as snapshot:
                opened = Opened(archive, snapshot, encoder)
                _assert_asked_as_the_bot_asks(opened, asked)
                for name in ours:
                    _fill(tables, asked, withheld, name, WAYS[name](opened))
    if LANGCHAIN in names:
        built.append(_rival(tables, asked, encoder))
    return tables | ({"ingesting": built} if built else {})


def _assert_asked_as_the_bot_asks(opened: Opened, asked: Material) -> None:
    """The rows without something have to be the product but for that."""
    ours, theirs = without()(opened), wenbao(opened)
    for question in (question for one in asked.sets for question in one.questions[:5]):
        if ours(question.text) != theirs(question.text):
            sys.exit(f"this script no longer puts the rooms together as bot.bot does: {question.text}")


def _fill(tables: dict[str, list[Row]], asked: Material, withheld: bool, name: str, search: Search) -> None:
    for one in asked.sets:
        if one.headlines_withheld == withheld:
            tables[one.name].append({"found by": name, **measured(one, search)})


def _rival(tables: dict[str, list[Row]], asked: Material, encoder: Encoder) -> Row:
    from tests.evals.langchain_recipe import NAME, LangChainRecipe

    with tempfile.TemporaryDirectory() as folder:
        recipe = LangChainRecipe(Path(folder), encoder)
        row = _clocked(lambda: recipe.put(asked.records), len(asked.records))
        for withheld in (True, False):
            _fill(tables, asked, withheld, NAME, lambda question: recipe.search(question, FOUND))
            recipe.put(asked.headed)
    return {"into": NAME, **row}


def main(
    data: Annotated[Path, typer.Option(help="Folder of the news and the question sets.")],
    archive: Annotated[Path | None, typer.Option(help="Folder in which archives stay for the next run.")] = None,
    sets: Annotated[list[str] | None, typer.Option(help=f"Only these: {', '.join(sets_of.SETS)}.")] = None,
    rows: Annotated[list[str] | None, typer.Option(help=f"Only these: {', '.join([*WAYS, LANGCHAIN])}.")] = None,
    pool: Annotated[int | None, typer.Option(help="News articles beside those asked for; all without it.")] = None,
    most: Annotated[int | None, typer.Option(help="Questions of each set; all without it.")] = None,
    encoder: Annotated[str, typer.Option(help="As WENBAO_ENCODER names it.")] = "builtin",
    out: Annotated[Path | None, typer.Option(help="Write FILE.md and FILE.json too.")] = None,
) -> None:
    """Measure how well articles are found."""
    asked, model = material(data, sets_of.SETS, pool, most), load_encoder(encoder)
    wanted = tuple(one for one in asked.sets if not sets or one.name in sets)
    asked = replace(asked, sets=wanted)  # what is searched stays the same, and with it the archive of an earlier run
    with tempfile.TemporaryDirectory() as folder:
        tables = compare(archive or Path(folder), asked, model, rows or [*WAYS, LANGCHAIN])
    about: Row = {"articles and passages": len(asked.records), "encoder": model.name, "fingerprint": model.fingerprint}
    named = {f"{one.name} ({len(one.questions):,} questions)": tables.pop(one.name) for one in asked.sets}
    tell({"what is searched": [about], **named, **tables}, out)


if __name__ == "__main__":
    typer.run(main)
