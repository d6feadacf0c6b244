"""What a user names into articles: files and folders, pages and records, in every format that is read.

In: paths, and what the user knows better than the files (paper, date, page). Out: articles file by file, and every file
or line that could not be used, with the reason. Which reader takes which file stands in readers/kinds.py. It stores
nothing.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date as Date  # noqa: N812 - as in models
from pathlib import Path

from ingest.fields import LONGEST_TEXT
from ingest.models import Article
from ingest.numerals import page_number
from ingest.pages import path_facts
from ingest.readers.ahead import Task, read_ahead
from ingest.readers.facts import Asked, Facts, Reading, Refusal
from ingest.readers.kinds import READ
from ingest.readers.pick import looks_like_page
from ingest.records import BadRecord, count_lines, is_records

_ASTRAY = "{!r} is a link that leads out of the folder; name the file itself if it is to be read"


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
    """Walk folders in sorted order, past all that is hidden; a file that is named twice counts once.

    A walk stays in its folder: links to folders are not followed, links to files only where they lead to one inside.
    """
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
            beside = _names_by_folder(inside)
            pages = sorted(p for p in inside if looks_like_page(p, beside[p.parent]))
            skipped += len(inside) - len(pages)
            astray = [page for page in pages if page.is_symlink() and not _leads_into(page, path)]
            files.update(dict.fromkeys(page for page in pages if page not in set(astray)))
            failures += [Failure(str(page), _ASTRAY.format(str(page))) for page in astray]
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


def _leads_into(link: Path, folder: Path) -> bool:
    try:
        return link.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):
        return True  # leads nowhere; whoever reads it says so


def _names_by_folder(files: Iterable[Path]) -> dict[Path, frozenset[str]]:
    names: dict[Path, set[str]] = {}
    for file in files:
        names.setdefault(file.parent, set()).add(file.name)
    return {folder: frozenset(inside) for folder, inside in names.items()}


def articles_in(files: Sequence[Path]) -> int | None:
    """How many articles there are in `files` at most; None where one is a page, because only splitting it tells."""
    return sum(map(count_lines, files)) if all(map(is_records, files)) else None


def read_source(path: Path, known: Known) -> Iterator[list[Article] | Failure]:
    """The articles of a file: a page's all at once, records one by one, and what cannot be used."""
    for _, found in read_sources([path], known):
        yield from found


def read_sources(
    files: Iterable[Path], known: Known | Callable[[Path], Known], *, jobs: int = 1
) -> Iterator[tuple[Path, Iterator[list[Article] | Failure]]]:
    """Every file with what is in it, in order, while `jobs` processes read ahead. `known`: of all files, or of each.

    What comes out does not depend on how many they are. What a file gives has to be taken before the next is asked for.
    """
    for path, found in read_pages(files, known, jobs=jobs):
        yield path, _articles(found)


def read_pages(
    files: Iterable[Path], known: Known | Callable[[Path], Known], *, jobs: int = 1
) -> Iterator[tuple[Path, Iterator[Reading | Article | Failure]]]:
    """The same as pages, each with how it was split, and records."""
    knowing = known if callable(known) else lambda _: known
    for path, found in read_ahead(files, lambda path, name: _asked(name, knowing(path)), jobs):
        yield path, _named(path, found, knowing(path))


def _asked(name: str, known: Known) -> Asked:
    told = path_facts(name)
    said = Facts(known.paper, known.date, page_number(known.page) if known.page else None)
    return Asked(name, said, Facts(told.paper, told.day, told.page))


def _named(path: Path, found: Iterator[Task], known: Known) -> Iterator[Reading | Article | Failure]:
    """What the readers found, told by the names that the user knows."""
    for name, each in found:
        member = None if name == str(path) else name
        if isinstance(each, Refusal):
            yield Failure(name, each.reason)
        elif isinstance(each, BadRecord):
            yield Failure(name, f"{name!r} line {each.line}: {each.reason}")
        elif isinstance(each, Article):
            yield replace(_overridden(each, known), member=member)
        elif member is None:
            yield each
        else:
            articles = tuple(replace(article, member=member) for article in each.split.articles)
            yield replace(each, split=replace(each.split, articles=articles))


def _articles(found: Iterator[Reading | Article | Failure]) -> Iterator[list[Article] | Failure]:
    for each in found:
        if isinstance(each, Failure):
            yield each
        elif isinstance(each, Article):
            yield [each]
        else:
            yield from _page_articles(each)


def _page_articles(reading: Reading) -> Iterator[list[Article] | Failure]:
    name, split = reading.page.file, reading.split.articles
    for article in split:
        if len(article.text) > LONGEST_TEXT:
            line = reading.page.text.count("\n", 0, article.start) + 1
            length = f"{len(article.text):,} characters long, an article has {LONGEST_TEXT:,} at most"
            yield Failure(name, f"{name!r} line {line}: what begins here is {length}; cut it into articles")
    articles = [article for article in split if len(article.text) <= LONGEST_TEXT]
    if articles:
        yield articles
    elif not split:
        yield Failure(name, f"{name!r} holds no article")


def _overridden(article: Article, known: Known) -> Article:
    day = known.date or article.issued
    return replace(article, paper=known.paper or article.paper, page=known.page or article.page, issued=day, date=day)
