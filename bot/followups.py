"""Questions to go on with, taken from the passages of an answer, each one that gets an answer of its own.

In: an answer with its passages, a way to ask. Out: a few questions: what somebody said in the article that was quoted,
what stands under its sub-headlines, what other articles near to the question tell. One is offered only where the bot
answers it from that very article, with a sentence that was not read yet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

from bot.examples import question_about
from bot.models import Answer
from ingest.models import StoredArticle
from ingest.terms import tagged_words

TRIED = 5  # questions that are tried: each costs as much as an answer
NEAR = 0.5  # share of the best passage's score from which on another article has to do with the question
_SHORTEST, _LONGEST = 4, 20  # characters of a sub-headline that makes a question
_SAYS = ("说", "表示", "介绍", "认为", "坦言", "透露", "指出", "回忆")
_WRITES = ("记者", "通讯员", "作者", "编辑", "摄影")


def follow_ups(answer: Answer, ask: Callable[[str], Answer], most: int) -> list[str]:
    """Up to `most` questions, those about the article that was quoted first."""
    known = {sentence.text for sentence in answer.sentences}
    told: list[str] = []
    tried: set[str] = {answer.question}
    for question, article_id in _candidates(answer):
        if len(told) == most or len(tried) > TRIED:
            break
        if question in tried:
            continue
        tried.add(question)
        reply = ask(question)
        new = {s.text for s in reply.sentences} - known
        if not reply.refused and new and any(c.article_id == article_id for c in reply.citations):
            told.append(question)
            known |= new
    return told


def _candidates(answer: Answer) -> Iterator[tuple[str, str]]:
    """Questions with the article that each is about; none after a refusal, which names the nearest articles itself."""
    if answer.refused:
        return
    articles = {p.article.article_id: p.article for p in answer.passages}
    quoted = dict.fromkeys(c.article_id for c in answer.citations)
    said = "".join(sentence.text for sentence in answer.sentences)
    for article_id in quoted:
        article = articles.get(article_id)
        if article:
            yield from ((f"{name}说了什么？", article_id) for name in _speakers(article) if name not in said)
            heads = (" ".join(head.text.split()) for head in article.subheads)
            yield from ((f"{head}，是怎么回事？", article_id) for head in heads if _SHORTEST <= len(head) <= _LONGEST)
            whole = question_about(article)
            if whole:
                yield whole, article_id
    best = max((p.score for p in answer.passages), default=0.0)
    for passage in answer.passages:
        question = question_about(passage.article)
        if question and passage.article.article_id not in quoted and passage.score >= NEAR * best:
            yield question, passage.article.article_id


def _speakers(article: StoredArticle) -> list[str]:
    """Who says something in an article, whoever wrote it not counted."""
    names: dict[str, None] = {}
    for (before, name), (_, verb) in pairwise(pairwise(tagged_words(article.text))):
        speaks = name.tag.startswith("nr") and len(name.text) > 1 and verb.text.startswith(_SAYS)
        if speaks and not before.text.endswith(_WRITES) and name.text not in (article.byline or ""):
            names.setdefault(name.text)
    return list(names)
