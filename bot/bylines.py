"""Who wrote what: questions that a by-line answers, and the answer made of headlines and by-lines.

In: a question read and passages. Out: an extract, or None where the question is no such question or no by-line fits.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.extractive import Extract, cite
from bot.models import AnswerSentence, Citation, Part, Passage
from bot.pieces import squeeze
from bot.question import Asked
from ingest.models import StoredArticle
from ingest.sentences import sentence_spans
from ingest.spelling import spelled
from ingest.terms import fold, join_padded

_WROTE = "采写|撰写|撰稿|写的?|报道的?|采访的?|署名|发的?稿"
_ASKS_WHO = re.compile(
    rf"(?:谁|哪位记者|哪[些几]?[位名]?(?:记者|通讯员)).{{0,6}}(?:{_WROTE})|(?:记者|作者|通讯员|撰稿人)(?:是|叫|有|都|分别|为).{{0,4}}"
    r"(?:谁|什么|哪)|由?谁(?:采写|撰写|报道)"
)
_ASKS_WHAT = re.compile(
    rf"(?:{_WROTE}|参与).{{0,8}}(?:哪|什么|几|多少)|(?:哪|什么|几|多少).{{0,6}}(?:报道|稿|文章|新闻|消息)"
)
_WRITER = re.compile("记者|通讯员|作者|写|报道|采访|稿|署名")
_BETWEEN_NAMES = re.compile(r"[\s·、,()]+")
_LEAD = 40  # characters that stand in for a headline, at least: a dateline and a quip do not say what it is about
_MOST = 5  # articles named in one answer


def answer_from_bylines(asked: Asked, passages: Sequence[Passage]) -> Extract | None:
    """Headlines with by-lines for "what did X report" and "who reported this"; None where neither is asked."""
    folded = fold(asked.text)
    articles = list({p.article.version_id: p.article for p in passages if p.article.byline}.values())
    if _ASKS_WHAT.search(folded) and _WRITER.search(folded):
        written = [a for a in articles if _names_one(asked, a)]
        return _told(written[:_MOST]) if written else None
    if _ASKS_WHO.search(folded) and passages and passages[0].article.byline:
        return _told([passages[0].article])
    return None


def _names_one(asked: Asked, article: StoredArticle) -> bool:
    asks = squeeze(asked.text)
    by_sound = [spelled(word.text) for word in asked.words if word.spelled]
    names = _BETWEEN_NAMES.split(join_padded(fold(article.byline or "")))
    named = [name for name in names if len(name) > 1 and not _WRITER.search(name)]
    return any(name in asks or any(sound.fullmatch(name) for sound in by_sound) for name in named)


def _told(articles: Sequence[StoredArticle]) -> Extract:
    sentences: list[AnswerSentence] = []
    citations: list[Citation] = []
    for article in articles:
        headline = cite(len(citations) + 1, article, *_heading(article))
        byline = cite(headline.n + 1, article, "byline", 0, len(article.byline or ""))
        citations += [headline, byline]
        title = f"《{headline.quote}》" if headline.part == "title" else headline.quote
        sentences.append(AnswerSentence(f"{title} {byline.quote}。", (headline.n, byline.n)))
    return Extract(tuple(sentences), tuple(citations))


def _heading(article: StoredArticle) -> tuple[Part, int, int]:
    """The headline, or where the page gave none, the first sentences."""
    if article.title:
        return "title", 0, len(article.title)
    spans = sentence_spans(article.text)
    return "text", spans[0][0], next((end for _, end in spans if end - spans[0][0] >= _LEAD), spans[-1][1])
