"""A file into a Page: its text, and the paper, day and page number that options, path or the page itself give.

In: a path and what the user says about it. Out: a Page. A year that nothing names stays unknown; it is never taken from
the clock. It does not look for articles.
"""

from __future__ import annotations

import re
from datetime import date as Date  # noqa: N812 - a field is called `date`, which would shadow the type
from pathlib import Path

from ingest.decode import Decoded, decode
from ingest.errors import NotFound, UnreadablePage
from ingest.folios import FolioFacts, folio_facts, is_folio
from ingest.lines import cut_lines
from ingest.models import Page, PageFacts
from ingest.numerals import full_day, page_number

TEXT_SUFFIXES = frozenset({".txt", ".text", ""})
_PLAIN_DAY = re.compile(r"(?<!\d)((?:19|20)\d\d)([-_./年]?)(\d{1,2})[-_./月]?(\d{1,2})(?!\d)")
_TIGHT_DAY = re.compile(r"(?<!\d)((?:19|20)\d\d)(\d\d)(\d\d)(?!\d)")
_PAGE_IN_PATH = re.compile(
    r"第\s?([0-9０-９一二三四五六七八九十]{1,3})\s?版|(?<![A-Za-z0-9])([A-Za-z]\d{2})(?![A-Za-z0-9])"
    r"|(?:page|版面?|p)[-_ ]?(\d{1,3})(?!\d)|(?<=[-_])(\d{1,2})$",
    re.IGNORECASE,
)
_PAPER_IN_PATH = re.compile(r"[\u3400-\u9fff]{1,8}(?:日报|晚报|晨报|早报|时报|商报|都市报|周报|周刊|快报|导报|报)")


def read_page(
    path: Path,
    *,
    paper: str | None = None,
    date: Date | None = None,
    page: str | None = None,
    name: str | None = None,
) -> Page:
    """Read one file as a page. What is given wins over the path, the path over the page's own label.

    `name`: what the file is called where that is not its path (a member of an archive, unpacked for a moment).

    Raises NotFound for a path that is not there, UnreadablePage for all that is no readable text file.
    """
    shown = name or str(path)
    read = _read_text(path, shown)
    named, label = facts_in_path(Path(shown)), _label(read.text)
    return Page(
        file=shown,
        text=read.text,
        encoding=read.encoding,
        paper=paper or named.paper or label.paper,
        date=date or named.date or label.day,
        page=page_number(page) if page else named.page or label.page,
    )


def facts_in_path(path: Path) -> PageFacts:
    """What a path says of its page without any pattern: a day, the name of a paper, a page number in it.

    The file's own name wins over its folders, and those over the archive that it is packed in (`edition.zip!`).
    """
    packed = (part for part in reversed(path.parent.parts) if part.endswith("!"))
    paper = next(filter(None, map(_paper, (path.stem, path.parent.name, *packed))), None)
    return PageFacts(paper, _day(f"{path.parent}/{path.stem}"), _page(path.stem))


def _read_text(path: Path, name: str) -> Decoded:
    """A page of text; other formats have readers of their own (ingest/readers)."""
    if Path(name).suffix.lower() not in TEXT_SUFFIXES:
        raise UnreadablePage(f"{name!r} has a format that is not read; save the page as text (.txt), HTML, PDF or DOCX")
    try:
        data = path.read_bytes()
    except FileNotFoundError as e:
        raise NotFound(f"no file {name!r}; check the path") from e
    except IsADirectoryError as e:
        raise UnreadablePage(f"{name!r} is a folder; give a page file, or let `ingest add` walk the folder") from e
    except PermissionError as e:
        raise UnreadablePage(f"{name!r} may not be read; give yourself the right (chmod u+r)") from e
    except OSError as e:
        raise UnreadablePage(f"{name!r} cannot be read ({e.strerror}); check the path and the disk") from e
    decoded = decode(data, name)
    if not decoded.text.strip():
        raise UnreadablePage(f"{name!r} is empty; nothing to read in it")
    return decoded


def _label(text: str) -> FolioFacts:
    """What the page's own label says, at its top or foot."""
    lines = cut_lines(text[:2000])[:3] + cut_lines(text[-600:])[-3:]
    return folio_facts([line.text for line in lines if is_folio(line.text, edge=True)])


def _day(text: str) -> Date | None:
    """The last date in a path: folders first, so that the file's own name wins."""
    found = full_day(text)
    for match in [*_TIGHT_DAY.finditer(text), *_PLAIN_DAY.finditer(text)]:
        year, month, day = int(match[1]), int(match[len(match.groups()) - 1]), int(match[len(match.groups())])
        try:
            found = Date(year, month, day)
        except ValueError:
            continue
    return found


def _page(name: str) -> str | None:
    bare = _PLAIN_DAY.sub(" ", name)
    match = _PAGE_IN_PATH.search(bare.strip())
    return page_number(next(filter(None, match.groups()))) if match else None


def _paper(name: str) -> str | None:
    match = _PAPER_IN_PATH.search(name)
    return match[0] if match else None
