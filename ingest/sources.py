"""What a user names into articles: files and folders, pages and records.

In: paths, and what the user knows better than the files (paper, date, page). Out: articles file by file, and every file
or line that could not be used, with the reason. It stores nothing.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date as Date  # noqa: N812 - as in models
from pathlib import Path

from ingest.articles import split_page
from ingest.errors import UnreadablePage, WenBaoError
from ingest.models import Article, Page
from ingest.pages import read_page
from ingest.records import LONGEST_TEXT, BadRecord, count_lines, is_records, read_records

PAGE_SUFFIXES = (".txt", ".text")  # of the files in a folder; a file that is named itself may end as it likes
LONGEST_PAGE = 5_000_000  # bytes: a page is 20,000 to 100,000, a whole issue a million
READ = "*.txt, *.text, *.jsonl and *.jsonl.xz"


@dataclass(frozen=True, slots=True)
class Known:
    """What the user says about all files of a run; it overrides what they say themselves."""

    paper: str | None = None
    date: Date | None = None
    page: str | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """A file, or a line of it, that could not be used; `reason` is a whole line for the user."""

    file: str
    reason: str


@dataclass(frozen=True, slots=True)
class Sources:
    """The files that a user's paths come to, in order; how many files of folders are no pages; what is not there."""

    files: tuple[Path, ...]
    skipped: int
    failures: tuple[Failure, ...]


def find_sources(paths: Iterable[Path]) -> Sources:
    """Walk folders in sorted order, past all that is hidden; a file that is named twice counts once."""
    files: dict[Path, None] = {}
    skipped, failures = 0, []
    for path in paths:
        try:
            kind = path.stat().st_mode
        except FileNotFoundError:
            failures.append(Failure(str(path), f"no file {str(path)!r}; check the path"))
            continue
        except OSError as e:
            failures.append(Failure(str(path), f"{str(path)!r} cannot be read: {e.strerror}"))
            continue
        if stat.S_ISDIR(kind):
            refused: list[OSError] = []
            inside = list(_files_inside(path, refused))
            pages = sorted(p for p in inside if _looks_like_page(p))
            skipped += len(inside) - len(pages)
            files.update(dict.fromkeys(pages))
            failures += [Failure(str(e.filename), f"{e.filename!r} cannot be read: {e.strerror}") for e in refused]
            if not pages and not refused:
                failures.append(Failure(str(path), f"{str(path)!r} holds no page; {READ} are read"))
        elif stat.S_ISREG(kind):
            files[path] = None
        else:
            failures.append(Failure(str(path), f"{str(path)!r} is no regular file; save the page as a text file"))
    return Sources(tuple(files), skipped, tuple(failures))


def _files_inside(folder: Path, refused: list[OSError]) -> Iterator[Path]:
    """Every file at any depth, but for hidden folders (.git, .venv); folders that cannot be read go to `refused`."""
    for top, folders, names in os.walk(folder, onerror=refused.append):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(top) / name for name in names)


def _looks_like_page(path: Path) -> bool:
    named = not path.name.startswith(".") and (is_records(path) or path.suffix.lower() in PAGE_SUFFIXES)
    try:
        return named and stat.S_ISREG(path.stat().st_mode)  # a pipe or a device would be waited for
    except OSError:
        return named  # whoever reads it will say why it cannot be read


def articles_in(files: Sequence[Path]) -> int | None:
    """How many articles there are in `files` at most; None where one is a page, because only splitting it tells."""
    return sum(map(count_lines, files)) if all(map(is_records, files)) else None


def read_source(path: Path, known: Known) -> Iterator[list[Article] | Failure]:
    """The articles of a file: a page's all at once, records one by one, and what cannot be used."""
    try:
        if not is_records(path):
            yield from _page_articles(path, load_page(path, known))
            return
        empty = True
        for record in read_records(path):
            empty = False
            if isinstance(record, BadRecord):
                yield Failure(str(path), f"{str(path)!r} line {record.line}: {record.reason}")
            else:
                yield [_overridden(record, known)]
        if empty:
            yield Failure(str(path), f"{str(path)!r} is empty; nothing to read in it")
    except WenBaoError as e:
        yield Failure(str(path), str(e))


def _page_articles(path: Path, page: Page) -> Iterator[list[Article] | Failure]:
    split = split_page(page).articles
    for article in split:
        if len(article.text) > LONGEST_TEXT:
            line = page.text.count("\n", 0, article.start) + 1
            length = f"{len(article.text):,} characters long, an article has {LONGEST_TEXT:,} at most"
            yield Failure(str(path), f"{str(path)!r} line {line}: what begins here is {length}; cut it into articles")
    articles = [article for article in split if len(article.text) <= LONGEST_TEXT]
    if articles:
        yield articles
    elif not split:
        yield Failure(str(path), f"{str(path)!r} holds no article")


def load_page(path: Path, known: Known) -> Page:
    """A file as a page. Raises UnreadablePage or NotFound, for what is far too long without reading it."""
    try:
        size = path.stat().st_size
    except OSError:
        size = 0  # reading says what is wrong
    if size > LONGEST_PAGE:
        raise UnreadablePage(f"{str(path)!r} is too long for a page ({size / 1e6:,.0f} MB); cut it into pages")
    return read_page(path, paper=known.paper, date=known.date, page=known.page)


def _overridden(article: Article, known: Known) -> Article:
    if article.carried:  # its names follow from what it says
        return article
    day = known.date or article.issued
    return replace(article, paper=known.paper or article.paper, page=known.page or article.page, issued=day, date=day)
