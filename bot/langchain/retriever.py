"""The archive as a LangChain retriever.

In: a Bot. Out: LangChain Documents, best first, each a chunk verbatim with where it stands in the newspaper.
"""

from __future__ import annotations

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import Field, InstanceOf

from bot.bot import Bot
from bot.models import Hit
from ingest.models import Filter


class WenBaoRetriever(BaseRetriever):
    """Finds the chunks that bear on a question: `invoke`, and `ainvoke`, which runs the same search in a thread.

    A Document's text stands at `start`..`end` of the text of the article `article_id`. Raises BadQuestion for an empty
    or over-long question.
    """

    bot: InstanceOf[Bot] = Field(description="Whose archive is searched; whoever opened it closes it.")
    k: int = Field(10, ge=1, description="Documents at most.")
    where: Filter = Field(default_factory=Filter, description="Which articles may be found.")

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        return [_document(hit) for hit in self.bot.search(query, self.k, self.where)]


def _document(hit: Hit) -> Document:
    chunk, article = hit.chunk, hit.article
    return Document(
        id=chunk.chunk_id,
        page_content=chunk.text,
        metadata={
            "article_id": article.article_id,
            "chunk_id": chunk.chunk_id,
            "title": article.title,
            "paper": article.paper,
            "date": article.date.isoformat() if article.date else None,
            "page": article.page,
            "start": chunk.start,
            "end": chunk.end,
            "score": hit.score,
        },
    )
