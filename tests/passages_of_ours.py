"""Passages of our own writing, for the rooms between search and answer: no archive is needed to weigh a sentence."""

from bot.models import Passage
from ingest.models import StoredArticle

UNKNOWN = (
    "source_id subtitle kicker byline dateline place paper date page continued_from continued_to url superseded_by"
)


def article(text: str, title: str | None = None, name: str = "a1", **parts: object) -> StoredArticle:
    """An article of which only what the test is about is known."""
    known = (
        dict.fromkeys(UNKNOWN.split())
        | {"article_id": name, "version_id": f"{name}-1", "title": title, "text": text}
        | parts
    )
    return StoredArticle(
        **known,
        subheads=(),
        starts_mid=False,
        file="ours.txt",
        file_start=0,
        file_end=len(text),
        file_spans=(),
        linked=(),
        sample=False,
    )


def passage(of: StoredArticle, start: int = 0, end: int | None = None, n: int = 1, score: float = 1.0) -> Passage:
    """`of.text[start:end]` as a passage that was found."""
    end = len(of.text) if end is None else end
    return Passage(n, f"{of.article_id}-{start}", of, start, end, score, of.text[start:end])
