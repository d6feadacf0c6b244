"""Articles on their way into the archive: each with its names, the file it came in, and in batches that memory bears.

In: entries, or articles that are stored already. Out: entries, batches. It compares and stores nothing.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date as Date  # noqa: N812 - as in models
from pathlib import Path

from ingest.identity import version_id
from ingest.models import Article, StoredArticle

BATCH_SECONDS = 10.0  # of work between two checkpoints, which a kill can cost
BATCH_ARTICLES = 2_000  # and no more than that, however fast the encoder is
BATCH_CHARACTERS = 4_000_000  # nor more characters, so that a batch of long articles fits in memory too
FIRST_BATCH, GROWTH = 32, 4  # articles to learn the pace from, and times that a batch may be longer than the last


@dataclass(frozen=True, slots=True)
class Entry:
    """An article with its names, the file that it came in, and whether it is a sample. `source` numbers the files.

    One that is `superseded_by` another version, or was `withdrawn`, is kept as history and never answered from.
    """

    article_id: str
    version_id: str
    article: Article
    file: str
    sample: bool = False
    source: int = 0
    superseded_by: str | None = None
    withdrawn: Date | None = None

    @property
    def live(self) -> bool:
        """Whether it is searched."""
        return self.superseded_by is None and self.withdrawn is None


def shown_name(path: str | Path) -> str:
    """A file's name as the archive keeps it; a file name need not be UTF-8, what is kept must be."""
    return os.fsencode(path).decode("utf-8", "replace")


def entry_of(article: Article, name: str, file: str, *, sample: bool, source: int) -> Entry:
    """An article that was read from `file`, under its name; one that was exported comes back under its old names."""
    old = article.carried
    if old is None:
        return Entry(name, version_id(name, article), article, file, sample, source)
    superseded, withdrawn = old.superseded_by, old.withdrawn
    return Entry(old.article_id, old.version_id, article, old.file, sample, source, superseded, withdrawn)


def entry_batches(entries: Iterable[Entry], clock: Callable[[], float] = time.monotonic) -> Iterator[list[Entry]]:
    """`entries` in lists, one for each checkpoint, as long as whoever takes them works on for BATCH_SECONDS."""
    batch: list[Entry] = []
    characters, longest = 0, FIRST_BATCH
    for entry in entries:
        batch.append(entry)
        characters += len(entry.article.text)
        if len(batch) >= longest or characters >= BATCH_CHARACTERS:
            began = clock()
            yield batch
            pace = BATCH_SECONDS / max(clock() - began, BATCH_SECONDS / GROWTH)
            longest = min(BATCH_ARTICLES, max(1, int(len(batch) * pace)))
            batch, characters = [], 0
    if batch:
        yield batch


def entry_again(stored: StoredArticle) -> Entry:
    """A stored article as it came in."""
    article = Article(
        title=stored.title,
        paragraphs=tuple(stored.text.split("\n")),
        start=stored.file_start,
        end=stored.file_end,
        subtitle=stored.subtitle,
        kicker=stored.kicker,
        byline=stored.byline,
        dateline=stored.dateline,
        place=stored.place,
        issued=stored.date,
        paper=stored.paper,
        page=stored.page,
        subheads=stored.subheads,
        extra=stored.extra,
        file_spans=stored.file_spans,
        date=stored.date,
        continued_from=stored.continued_from,
        continued_to=stored.continued_to,
        starts_mid=stored.starts_mid,
        record_id=stored.source_id,
        url=stored.url,
    )
    return Entry(stored.article_id, stored.version_id, article, stored.file, stored.sample)
