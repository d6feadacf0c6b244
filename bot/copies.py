"""One story in several papers: found once, answered from once, cited with all its sources.

In: ranked chunks, citations, passages, the snapshot that they came from, the filter. Out: the same with one article of
each story, with the other articles that print a cited sentence, with the notices that take something back. It neither
ranks nor weighs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from bot.models import Citation, Passage
from bot.pairs import character_pairs, share_of_shorter
from ingest.identity import squeeze
from ingest.models import Filter, Pointer, Scored, StoredArticle, StoredChunk
from ingest.sentences import sentence_spans
from ingest.snapshot import Snapshot

_TIE = 0.02  # of the best score: copies nearer than this to one another are equally good
_TWIN = 0.8  # share of the shorter sentence's pairs of characters that a retouched one still has
_FIGURES = re.compile(r"[0-9０-９]+")
_NOTICE = 600  # characters of a notice that are read: what it takes back stands at its beginning


def one_of_each_story(order: Sequence[Scored], chunks: Mapping[str, StoredChunk], snapshot: Snapshot) -> list[Scored]:
    """`order` without the chunks of articles whose story another one stands for.

    A corrected one stands for its story, so that nobody is told the mistake of another copy, else the one that was
    found best, and of equally good ones the longest, then the newest.
    """
    owner = {one.chunk_id: chunks[one.chunk_id].article_id for one in order}
    told = snapshot.catalog.stories(set(owner.values()))
    best: dict[str, Scored] = {}
    for one in order:
        if owner[one.chunk_id] in told:
            best.setdefault(owner[one.chunk_id], one)
    near = _TIE * max((one.score for one in order), default=0.0)
    top: dict[str, float] = {}
    for name, one in best.items():
        top.setdefault(told[name].story, one.score)

    def worth(name: str) -> tuple[object, ...]:
        story, day = told[name], chunks[best[name].chunk_id].date
        tied = top[story.story] - best[name].score <= near
        return story.corrected, tied, story.length, day.toordinal() if day else 0, name

    spokesmen: dict[str, str] = {}
    for name in sorted(best, key=worth):
        spokesmen[told[name].story] = name
    silent = best.keys() - set(spokesmen.values())
    return [one for one in order if owner[one.chunk_id] not in silent]


def with_copies(citations: Sequence[Citation], snapshot: Snapshot, where: Filter) -> tuple[Citation, ...]:
    """Each citation with the other articles of its story, let through by `where`, that print the same or nearly so."""
    copies = snapshot.catalog.stories({one.article_id for one in citations})
    if not copies:
        return tuple(citations)
    told = snapshot.catalog.of_stories({copy.story for copy in copies.values()}, where)
    members = {story: [_Printed(article) for article in articles] for story, articles in told.items()}

    def also(one: Citation) -> tuple[Pointer, ...]:
        copy = copies.get(one.article_id)
        others = members.get(copy.story, []) if copy else []
        found = [each.article for each in others if each.article.article_id != one.article_id and each.has(one)]
        return tuple(map(pointer_to, found))

    return tuple(replace(one, also=also(one)) for one in citations)


class _Printed:
    """An article that may print what is cited of its copy; what it takes to see that is made once."""

    def __init__(self, article: StoredArticle) -> None:
        self.article = article

    @cached_property
    def text(self) -> str:
        return squeeze(self.article.text)

    @cached_property
    def sentences(self) -> list[tuple[frozenset[str], set[str]]]:
        """The pairs of characters and the figures of each sentence."""
        own = self.article.text
        sentences = [own[start:end] for start, end in sentence_spans(own)]
        return [(character_pairs(one), set(_FIGURES.findall(one))) for one in sentences]

    def has(self, citation: Citation) -> bool:
        """Whether it has the cited words, or the cited sentence retouched."""
        quoted = squeeze(citation.quote)
        if citation.part != "text":
            return quoted in squeeze((self.article.title if citation.part == "title" else self.article.byline) or "")
        if quoted in self.text:
            return True
        pairs, figures = character_pairs(citation.quote), set(_FIGURES.findall(citation.quote))
        return any(
            len(theirs) >= len(pairs) / 2 and share_of_shorter(theirs, pairs) >= _TWIN and figures <= numbers
            for theirs, numbers in self.sentences
        )


def pointer_to(article: StoredArticle) -> Pointer:
    """An article by what a reader knows it."""
    return Pointer(article.article_id, article.title, article.paper, article.date, article.page)


def with_notices(passages: Sequence[Passage], snapshot: Snapshot, where: Filter) -> list[Passage]:
    """`passages`, and behind them the notices that take something of their articles back, if `where` lets them."""
    held = {one.article.article_id for one in passages}
    due = {one.article_id: p.score for p in reversed(passages) for one in p.article.corrected_by}
    notices = snapshot.catalog.passing(due.keys() - held, where)
    more = list(passages)
    for article in sorted(notices, key=lambda one: one.article_id):
        chunk = snapshot.chunks_of(article.article_id)[0]
        text = article.text[:_NOTICE]
        more.append(Passage(len(more) + 1, chunk.chunk_id, article, 0, len(text), due[article.article_id], text))
    return more
