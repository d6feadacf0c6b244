"""The nouns of the archive, each a frozen value: page, article, chunk, filter.

Offsets count characters (Python `str` indices), start inclusive, end exclusive.
Nothing in this room reads, writes or decides.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass, replace
from datetime import date as Date  # noqa: N812 - a field is called `date`, which would shadow the type

Papers = frozenset[str | None]  # None among them stands for articles of which nothing names the paper


@dataclass(frozen=True, slots=True)
class Span:
    """`length` characters that stand at `start` of an article's text and at `source` of the decoded file."""

    start: int
    source: int
    length: int


@dataclass(frozen=True, slots=True)
class Subhead:
    """A sub-headline inside an article: it stands before paragraph number `paragraph` (from 0)."""

    text: str
    paragraph: int


@dataclass(frozen=True, slots=True)
class Furniture:
    """Text of a page that belongs to no article (folio line, printer's notice)."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class PageFacts:
    """Where a page belongs: paper, day and page number, each None where nobody knows."""

    paper: str | None = None
    date: Date | None = None
    page: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One raw source, decoded: newlines untranslated, BOM gone. `page` is the page's number or name as a string."""

    file: str
    text: str
    encoding: str
    paper: str | None = None
    date: Date | None = None
    page: str | None = None


@dataclass(frozen=True, slots=True)
class Carried:
    """The names that an article had in the archive that it was exported from, and the file it had come in.

    `superseded_by` is the version that had replaced it there, `withdrawn` the day on which it was taken out of search;
    both are None for the live one. `by_hand` is what had been set there, whatever its file says.
    """

    article_id: str
    version_id: str
    superseded_by: str | None
    file: str
    withdrawn: Date | None = None
    by_hand: ByHand | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """One article. `start`/`end` bound it in the decoded file, kicker and headline included.

    `date` is the dateline's day where there is one, else the page's. `issued` is the page's (or record's) date.
    `continued_from`/`continued_to` are page numbers in digits. `paragraphs` have their column breaks joined and hold
    neither headline nor sub-heads; `file_spans` lead from `text` back to the file. Where the file is not text (PDF,
    HTML, a scan), `start`, `end` and `file_spans` count characters of the text that its reader extracted. `record_id`
    and `url` come from a record (a JSON line, a feed's entry) or from what a web page says of itself. `extra` holds
    what else a record says, as (name, value). `member` is the file's name as shown where it is not the path that was
    read: `edition.zip!/A01.txt`, an address. `carried` are the names of an article that comes from an export.
    """

    title: str | None
    paragraphs: tuple[str, ...]
    start: int
    end: int
    file_spans: tuple[Span, ...] = ()
    subtitle: str | None = None
    kicker: str | None = None
    byline: str | None = None
    dateline: str | None = None
    place: str | None = None
    date: Date | None = None
    issued: Date | None = None
    paper: str | None = None
    page: str | None = None
    continued_from: str | None = None
    continued_to: str | None = None
    starts_mid: bool = False
    subheads: tuple[Subhead, ...] = ()
    record_id: str | None = None
    url: str | None = None
    extra: tuple[tuple[str, str], ...] = ()
    member: str | None = None
    carried: Carried | None = None

    @property
    def text(self) -> str:
        """The paragraphs, one a line: what chunks, quotes and `ingest show` count in."""
        return "\n".join(self.paragraphs)


@dataclass(frozen=True, slots=True)
class Override:
    """What is set by hand of an article; None is left as the source has it."""

    date: Date | None = None
    paper: str | None = None
    page: str | None = None
    place: str | None = None
    byline: str | None = None

    def __bool__(self) -> bool:
        return any(value is not None for value in astuple(self))

    def over(self, article: Article) -> Article:
        """`article` with what is set."""
        day = self.date or article.issued
        return replace(
            article,
            issued=day,
            date=self.date or article.date,
            paper=self.paper or article.paper,
            page=self.page or article.page,
            place=self.place or article.place,
            byline=self.byline or article.byline,
        )


@dataclass(frozen=True, slots=True)
class ByHand:
    """What is set for an article, and the name that a source corrected so would give it where that is another."""

    override: Override
    alias: str | None = None


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of an article's text, cut at sentence ends: what both searches find.

    `context` (headline, sub-head, date) is searched with the text but never quoted as text.
    """

    start: int
    end: int
    text: str
    context: str


@dataclass(frozen=True, slots=True)
class Filter:
    """Which articles may be found; an empty filter lets all through. Both dates are inclusive."""

    since: Date | None = None
    until: Date | None = None
    paper: str | None = None
    place: str | None = None
    byline: str | None = None

    def __bool__(self) -> bool:
        return any((self.since, self.until, self.paper, self.place, self.byline))


@dataclass(frozen=True, slots=True)
class Pointer:
    """Another live article, by what a reader knows it."""

    article_id: str
    title: str | None
    paper: str | None
    date: Date | None
    page: str | None


@dataclass(frozen=True, slots=True)
class InStory:
    """What an article is in a story that others tell too: the story's name, its own length, whether it is corrected."""

    story: str
    length: int
    corrected: bool


@dataclass(frozen=True, slots=True)
class StoredArticle:
    """An article as the archive keeps it. `text` is what `start`/`end` of chunks and citations count in.

    `date` is the day it was issued (the dateline's day where the issue's is unknown).
    `superseded_by` is the version that replaced this one, None for the live one. `withdrawn` is the day on which the
    article was taken out of search because its file does not give it any more.
    `sample` marks the built-in sample edition. `linked` are article ids of the same story's parts on other pages.
    `corrected_by` and `corrects` are the notices that take something of it back, and what it takes back itself.
    `texts` counts the different texts that its versions have: more than one, and the article was changed.
    """

    article_id: str
    version_id: str
    source_id: str | None
    title: str | None
    subtitle: str | None
    kicker: str | None
    byline: str | None
    dateline: str | None
    place: str | None
    paper: str | None
    date: Date | None
    page: str | None
    text: str
    subheads: tuple[Subhead, ...]
    starts_mid: bool
    continued_from: str | None
    continued_to: str | None
    url: str | None
    file: str
    file_start: int
    file_end: int
    file_spans: tuple[Span, ...]
    linked: tuple[str, ...]
    sample: bool
    superseded_by: str | None
    corrected_by: tuple[Pointer, ...] = ()
    corrects: tuple[Pointer, ...] = ()
    texts: int = 1
    withdrawn: Date | None = None
    extra: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """The live version of an article, and where it stands in the file that it was last read from."""

    version_id: str
    file: str
    file_start: int
    file_end: int
    sample: bool


@dataclass(frozen=True, slots=True)
class StoredChunk:
    """A chunk of a live article: `text` stands at `start`..`end` of that article's text."""

    chunk_id: str
    article_id: str
    version_id: str
    start: int
    end: int
    text: str
    title: str | None = None
    date: Date | None = None


@dataclass(frozen=True, slots=True)
class Scored:
    """A chunk that one of the two searches found; higher is better.

    `number` is the catalog's of a listed chunk, 0 where nobody has looked it up.
    """

    chunk_id: str
    score: float
    number: int = 0


@dataclass(frozen=True, slots=True)
class ArchiveStats:
    """What an archive holds, live articles only."""

    generation: int
    articles: int
    chunks: int
    papers: tuple[str, ...]
    first_date: Date | None
    last_date: Date | None
    sample: bool
