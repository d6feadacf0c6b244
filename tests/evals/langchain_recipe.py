"""LangChain's usual recipe, the rival: split by characters, embed, put into Chroma with the text, ask for the nearest.

In: records, an encoder. Out: ids of records, best first. As tutorials for Chinese do it: RecursiveCharacterTextSplitter
with Chinese separators, pieces of 500 characters of which 50 overlap, the headline in front of the text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path

from chromadb.api import CreateCollectionConfiguration
from langchain_chroma import Chroma
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_text_splitters import RecursiveCharacterTextSplitter

from ingest.batches import batched
from ingest.encoder import Encoder
from tests.question_sets import Row

SEPARATORS = ["\n\n", "\n", "。", "！", "？", "；", "，", ""]
SIZE, OVERLAP = 500, 50  # characters
BATCH = 5_000  # pieces: chromadb takes 5,461 at once
NAME = f"LangChain's recipe (langchain-chroma {version('langchain-chroma')})"


class _Embeddings(Embeddings):
    """Our encoder as LangChain wants it."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return self._encoder.encode_documents(texts).tolist()

    def embed_query(self, text: str) -> list[float]:
        return self._encoder.encode_query(text).tolist()


class LangChainRecipe:
    """A store of its own in `folder`."""

    def __init__(self, folder: Path, encoder: Encoder) -> None:
        # By cosine: by Chroma's default, distance, pieces of which the encoder knows nothing (zeros) are nearest.
        space: CreateCollectionConfiguration = {"hnsw": {"space": "cosine"}}
        self._store = Chroma(
            "articles", _Embeddings(encoder), persist_directory=str(folder), collection_configuration=space
        )
        self._splitter = RecursiveCharacterTextSplitter(
            chunk_size=SIZE, chunk_overlap=OVERLAP, separators=SEPARATORS, keep_separator="end"
        )
        self._pieces: dict[str, list[str]] = {}  # ids of the pieces of each record

    def put(self, records: Iterable[Row]) -> int:
        """Add records, or put them in place of those of the same ids; gives how many pieces there are in all."""
        for some in batched(self._split(records), BATCH):
            gone = [piece for one in some if one.metadata["n"] == 0 for piece in self._forget(one.metadata["record"])]
            if gone:
                self._store.delete(gone)
            ids = [f"{one.metadata['record']}#{one.metadata['n']}" for one in some]
            self._store.add_documents(some, ids=ids)
            for one, piece in zip(some, ids, strict=True):
                self._pieces.setdefault(one.metadata["record"], []).append(piece)
        return sum(map(len, self._pieces.values()))

    def search(self, question: str, k: int) -> Sequence[str]:
        """The records of the `k` nearest pieces, each as often as it has one among them."""
        return [found.metadata["record"] for found in self._store.similarity_search(question, k)]

    def _split(self, records: Iterable[Row]) -> Iterable[Document]:
        for record in records:
            text = f"{record['title']}\n\n{record['text']}" if record.get("title") else record["text"]
            for number, piece in enumerate(self._splitter.split_text(text)):
                yield Document(piece, metadata={"record": record["id"], "n": number})

    def _forget(self, record: str) -> list[str]:
        return self._pieces.pop(record, [])
