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
from typing import Literal

from ingest.articles import split_page
from ingest.errors import BadMark
from ingest.fields import LONGEST_TEXT
from ingest.models import Article, PageFacts
from ingest.numerals import page_number
from ingest.pages import facts_in_path
from ingest.readers.address import name_of
from ingest.readers.ahead import Task, read_ahead
from ingest.readers.facts import Asked, Reading, Refusal
from ingest.readers.kinds import READ
from ingest.readers.pick import looks_like_page
from ingest.records import BadRecord, count_lines, is_records
from ingest.sidecar import NAME as SIDECAR
from ingest.sidecar import Begin

Origin = Literal["option", "pattern", "sidecar", "path"]
OPTIONS: tuple[Origin, Origin, Origin] = ("option", "option", "option")
_ASTRAY = "{!r} is a link that leads out of the folder; name the file itself if it is to be read"


@dataclass(frozen=True, slots=True)
class Known:
    """What is known about a file from outside; it wins over what the file says itself.

    `origins` tells where paper, date and page come from; a record's own field gives way to options alone. `begins`
    are an editor's marks where articles begin.
    """

    paper: str | None = None
    date: Date | None = None
    page: str | None = None
    origins: tuple[Origin, Origin, Origin] = OPTIONS
    begins: tuple[Begin, ...] = ()

    def of(self, *origins: Origin) -> PageFacts:
        """What comes from one of `origins`."""
        paper, date, page = (origin in origins for origin in self.origins)
        number = page_number(self.page) if self.page and page else None
        return PageFacts(self.paper if paper else None, self.date if date else None, number)


@dataclass(frozen=True, slots=True)
class Failure:
    """A file, or a line of it, that could not be used; `reason` is a whole line for the user."""

    file: str
    reason: str


@dataclass(frozen=True, slots=True)
class Sources:
    """The files that a user's paths come to, in order; how many files of folders are no pages; what is not there.

    `folders` are those that were named and are there.
    """

    files: tuple[Path, ...]
    skipped: int
    failures: tuple[Failure, ...]
    folders: tuple[Path, ...] = ()


def find_sources(paths: Iterable[Path]) -> Sources:
    """Walk folders in sorted order, past all that is hidden; a file that is named twice counts once.

    A walk stays in its folder: links to folders are not followed, links to files only where they lead to one inside.
    """
    files: dict[Path, None] = {}
    folders: list[Path] = []
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
            folders.append(path)
            refused: list[OSError] = []
            inside = list(_files_inside(path, refused))
            beside = _names_by_folder(inside)
            pages = sorted(p for p in inside if looks_like_page(p, beside[p.parent]))
            skipped += sum(p.name != SIDECAR for p in inside) - len(pages)
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
    return Sources(tuple(files), skipped, tuple(failures), tuple(folders))


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


def read_sources(
    files: Iterable[Path], known: Known | Callable[[Path], Known], *, jobs: int = 1
) -> Iterator[tuple[Path, Iterator[list[Article] | Failure]]]:
    """Every file with what is in it, in order, while `jobs` processes read ahead. `known`: of all files, or of each.

    What comes out does not depend on how many they are. What a file gives has to be taken before the next is asked for.
    No file, whatever is in it, stops a run.
    """
    for path, found in read_pages(files, known, jobs=jobs):
        yield path, _articles(found)


def read_pages(
    files: Iterable[Path], known: Known | Callable[[Path], Known], *, jobs: int = 1
) -> Iterator[tuple[Path, Iterator[Reading | Article | Failure]]]:
    """The same as pages, each with how it was split, and records."""
    knowing = known if callable(known) else lambda _: known
    for path, found in read_ahead(files, lambda path, name: _asked(path, knowing(path), name), jobs):
        told = knowing(path)
        named = _named(path, found, told)
        yield path, _by_hand(named, told) if told.begins else named


def _asked(path: Path, known: Known, name: str) -> Asked:
    """What is known of a file, or of the member `name` of an archive, before it is read."""
    path_says, inner = known.of("path"), facts_in_path(Path(name))
    first, second = (path_says, inner) if name == name_of(path) else (inner, path_says)
    guessed = PageFacts(first.paper or second.paper, first.date or second.date, first.page or second.page)
    return Asked(name, known.of("option", "pattern", "sidecar"), guessed)


def _named(path: Path, found: Iterator[Task], known: Known) -> Iterator[Reading | Article | Failure]:
    """What the readers found, told by the names that the user knows."""
    for name, each in found:
        member = None if name == str(path) else name
        if isinstance(each, Refusal):
            yield Failure(name, each.reason)
        elif isinstance(each, BadRecord):
            yield Failure(name, f"{name!r} line {each.line}: {each.reason}")
        elif isinstance(each, Article):
            yield replace(_completed(each, known), member=member)
        elif member is None:
            yield each
        else:
            articles = tuple(replace(article, member=member) for article in each.split.articles)
            yield replace(each, split=replace(each.split, articles=articles))


def _by_hand(found: Iterator[Reading | Article | Failure], known: Known) -> Iterator[Reading | Article | Failure]:
    """A file's one page, with its articles where an editor marked that they begin."""
    pages = 0
    for each in found:
        if not isinstance(each, Reading):
            yield each
            continue
        pages += 1
        name = each.page.file
        if pages > 1:
            yield Failure(name, f"{known.begins[0].said}: {name!r} has several pages; marks are for files of one page")
            return
        try:
            yield replace(each, split=split_page(each.page, known.begins))
        except BadMark as e:
            yield Failure(name, str(e))


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


def _completed(article: Article, known: Known) -> Article:
    """A record with what options say in place of its own fields, and what pattern and sidecar say where it has none."""
    if article.carried:  # its names follow from what it says
        return article
    wins, fills = known.of("option"), known.of("pattern", "sidecar")
    day = wins.date or article.issued or fills.date
    return replace(
        article,
        paper=wins.paper or article.paper or fills.paper,
        page=wins.page or article.page or fills.page,
        issued=day,
        date=day,
    )
