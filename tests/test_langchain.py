"""A chain that others build gets what the archive holds: chunks verbatim, with where they stand in the newspaper."""

import asyncio
import json
from pathlib import Path

import pytest
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.runnables import RunnableLambda

from bot.bot import Bot
from bot.langchain import WenBaoRetriever, WenBaoRunnable
from bot.langchain.chat import load_model
from bot.llm import Limits
from bot.models import Answer
from bot.writer import Writer
from ingest.archive import Archive
from ingest.encoder import load_encoder
from ingest.errors import BadQuestion
from ingest.ingester import Ingester
from ingest.models import Filter
from tests.llm_server import llm_server, writes

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


WRITTEN = "桐乡给每条河道定的补偿额度是一个月20万元。[1]全市一共划定22个地表水交接断面。[1]"


class Noting(BaseCallbackHandler):
    """Keeps what a tracer is told: which run began under which."""

    def __init__(self):
        self.began: dict[str, tuple[str, object, object]] = {}
        self.ended: list[object] = []
        self.tokens = ""

    def on_chain_start(self, serialized, inputs, *, run_id, parent_run_id=None, **more):
        self.began[more.get("name") or "?"] = ("chain", run_id, parent_run_id)

    def on_chain_end(self, outputs, *, run_id, **more):
        self.ended.append(outputs)

    def on_chat_model_start(self, serialized, messages, *, run_id, parent_run_id=None, **more):
        self.began["model"] = ("model", run_id, parent_run_id)

    def on_llm_new_token(self, token, **more):
        self.tokens += token

    def on_llm_end(self, response, *, run_id, **more):
        self.ended.append("model")


@pytest.fixture(scope="module")
def writing(bot):
    """The same bot with a model that writes WRITTEN."""
    with llm_server() as server:
        server.behaves(writes(WRITTEN))
        model = load_model("openai:scripted", server.url)
        yield Bot(bot._archive, load_encoder("builtin"), writer=Writer(model, Limits(5, 5, 20)))


def test_the_whole_bot_is_a_runnable_that_composes_batches_and_takes_a_history(bot):
    runnable = WenBaoRunnable(bot)
    assert runnable.invoke(QUESTION).text == bot.ask(QUESTION).text
    assert (runnable | RunnableLambda(lambda answer: answer.text)).invoke(QUESTION) == bot.ask(QUESTION).text
    asked = {"question": "那是多少钱？", "history": [{"role": "user", "content": QUESTION}]}
    one, other = runnable.batch([QUESTION, asked])
    assert one.text == bot.ask(QUESTION).text
    assert other.standalone != "那是多少钱？"
    assert WenBaoRunnable(bot, Filter(paper="别的报")).invoke(QUESTION).refused


def test_a_runnable_streams_answers_that_grow_sync_and_async(bot):
    shown = list(WenBaoRunnable(bot).stream(QUESTION))
    assert len(shown) > 1
    assert all(isinstance(answer, Answer) for answer in shown)
    assert shown[-1].text.startswith(shown[0].text)

    async def collected():
        return [answer async for answer in WenBaoRunnable(bot).astream(QUESTION)]

    assert [answer.text for answer in asyncio.run(collected())] == [answer.text for answer in shown]
    assert asyncio.run(WenBaoRunnable(bot).ainvoke(QUESTION)).text == shown[-1].text


def test_callbacks_see_the_run_and_the_models_calls_under_it(writing):
    noting = Noting()
    answer = WenBaoRunnable(writing).invoke(QUESTION, {"callbacks": [noting]})
    assert answer.model == "openai:scripted"
    kind, run, parent = noting.began["WenBao"]
    assert (kind, parent) == ("chain", None)
    assert noting.began["model"][2] == run
    assert noting.tokens == WRITTEN
    assert noting.ended[0] == "model"
    assert noting.ended[-1].text == answer.text
    assert WenBaoRunnable(writing, write=False).invoke(QUESTION).model is None


@pytest.mark.parametrize("odd", [{}, {"question": QUESTION, "history": ["x"]}, {"question": " "}, " "])
def test_what_is_no_question_is_refused_in_one_line(bot, odd):
    with pytest.raises(BadQuestion) as told:
        WenBaoRunnable(bot).invoke(odd)
    assert "\n" not in str(told.value)
