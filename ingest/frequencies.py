"""How rare a search term is in general news.

In: a search term as `ingest.terms.search_terms` cuts it. Out: its inverse document frequency, from a table that ships
in the package and is read on first use. `python -m ingest.frequencies NEWS.jsonl.xz` makes it anew (half a minute);
that is needed when terms come to be cut in another way. It never counts the archive itself.
"""

from __future__ import annotations

import json
import lzma
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated

import typer

from ingest.terms import search_terms

TABLE = Path(__file__).with_name("frequencies.txt.xz")
SEEN_AT_LEAST = 5  # articles: rarer terms are mostly typing errors and wrong cuts, and would triple the table
UNLISTED = 1  # articles: what a term that the table does not list is taken to stand in


@dataclass(frozen=True, slots=True)
class Frequencies:
    """In how many of `articles` articles each term stands, most frequent first; none below SEEN_AT_LEAST."""

    articles: int
    counts: Mapping[str, int]


def rarity(term: str) -> float:
    """Inverse document frequency ln((N + 1) / (n + 0.5)): from 0 (in all N articles) to 10.7 (not in the table)."""
    frequencies = read_frequencies()
    return math.log((frequencies.articles + 1) / (frequencies.counts.get(term, UNLISTED) + 0.5))


def is_listed(term: str) -> bool:
    """Whether the table knows the term: what it does not know is as often a wrong cut as a rare word."""
    return term in read_frequencies().counts


@cache
def read_frequencies() -> Frequencies:
    """The shipped table: a line with the number of articles, then for each count a line `count<TAB>term term …`."""
    articles, *lines = lzma.decompress(TABLE.read_bytes()).decode().split("\n")
    counts: dict[str, int] = {}
    for line in lines:
        count, _, terms = line.partition("\t")
        counts.update(dict.fromkeys(terms.split(" "), int(count)))
    return Frequencies(int(articles), counts)


def count_terms(texts: Iterable[str]) -> Frequencies:
    """In how many of `texts` each search term stands."""
    counts: Counter[str] = Counter()
    articles = 0
    for text in texts:
        counts.update(set(search_terms(text)))
        articles += 1
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return Frequencies(articles, {term: count for term, count in ranked if count >= SEEN_AT_LEAST})


def main(data: Annotated[Path, typer.Argument(help="JSON lines, xz, each with a `text`: one article a line.")]) -> None:
    """Count search terms over news and write the table into the package."""
    with lzma.open(data, "rt", encoding="utf-8") as lines:
        frequencies = count_terms(json.loads(line)["text"] for line in lines)
    by_count: dict[int, list[str]] = {}
    for term, count in frequencies.counts.items():
        by_count.setdefault(count, []).append(term)
    rows = [str(frequencies.articles), *(f"{count}\t{' '.join(terms)}" for count, terms in by_count.items())]
    TABLE.write_bytes(lzma.compress("\n".join(rows).encode(), preset=9 | lzma.PRESET_EXTREME))
    typer.echo(f"{TABLE.name}: {len(frequencies.counts):,} terms of {frequencies.articles:,} articles")


if __name__ == "__main__":
    typer.run(main)
