"""A chain that others build gets what the archive holds: chunks verbatim, with where they stand in the newspaper."""

import asyncio
import json
from pathlib import Path

import pytest

from bot.bot import Bot
from bot.langchain import WenBaoRetriever
from ingest.archive import Archive
from ingest.encoder import load_encoder
from ingest.errors import BadQuestion
from ingest.ingester import Ingester
from ingest.models import Filter

QUESTION = "桐乡的生态补偿机制是怎么运作的?"


@pytest.fixture(scope="module")
def bot(tmp_path_factory):
    """The bot over the sample edition, with the encoder that ships."""
    root: Path = tmp_path_factory.mktemp("sample") / "data"
    encoder = load_encoder("builtin")
    Ingester(root, encoder).load_sample()
    with Archive(root, encoder) as archive:
        yield Bot(archive, encoder)


def test_documents_are_the_hits_of_the_same_search_best_first(bot):
    found = WenBaoRetriever(bot=bot, k=5).invoke(QUESTION)
    assert [document.id for document in found] == [hit.chunk.chunk_id for hit in bot.search(QUESTION, 5)]
    scores = [document.metadata["score"] for document in found]
    assert scores == sorted(scores, reverse=True)


def test_a_document_stands_verbatim_where_its_metadata_says(bot):
    for document in WenBaoRetriever(bot=bot).invoke(QUESTION):
        says = document.metadata
        article = bot.article(says["article_id"])
        assert document.page_content == article.text[says["start"] : says["end"]]
        assert (says["title"], says["paper"], says["page"]) == (article.title, article.paper, article.page)
        assert says["date"] == article.date.isoformat()


def test_the_best_document_is_of_the_article_that_is_asked_about(bot):
    assert "桐乡" in WenBaoRetriever(bot=bot).invoke(QUESTION)[0].metadata["title"]


def test_metadata_are_plain_values_that_any_store_takes(bot):
    document = WenBaoRetriever(bot=bot, k=1).invoke(QUESTION)[0]
    assert json.loads(json.dumps(document.metadata)) == document.metadata
    assert set(document.metadata) == {
        *("article_id", "chunk_id", "title", "paper", "date", "page", "start", "end", "score")
    }


def test_sync_and_async_find_the_same(bot):
    retriever = WenBaoRetriever(bot=bot)
    assert asyncio.run(retriever.ainvoke(QUESTION)) == retriever.invoke(QUESTION)


def test_a_filter_narrows_what_is_found(bot):
    assert WenBaoRetriever(bot=bot, where=Filter(paper="问报样报")).invoke(QUESTION)
    assert WenBaoRetriever(bot=bot, where=Filter(paper="别的报")).invoke(QUESTION) == []


def test_an_empty_question_is_refused_as_everywhere(bot):
    with pytest.raises(BadQuestion):
        WenBaoRetriever(bot=bot).invoke("  ")
