"""Chat models of LangChain behind our own Protocol, by the name that a setting gives: `provider:model`.

In: a name, an address, a key. Out: a `Model`, or NoModel with what to install, copy or set. Nothing is asked of the
network here; the first question is the first call. Providers other than those listed speak OpenAI's protocol at an
address of their own.
"""

from __future__ import annotations

import asyncio
import os
import re
import threading
import warnings
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from langchain.chat_models import init_chat_model
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage, SystemMessage

from bot.llm import Message, ModelFailed, Token
from ingest.encoder.on_disk import Use, find_model
from ingest.encoder.transformer import hide_progress
from ingest.errors import NoModel

# What the client says of a broken reply; the reply ends as a failed model, which is told in a line of its own.
warnings.filterwarnings("ignore", message="Pydantic serializer warnings", category=UserWarning)

LLM = Use("language model", "WENBAO_LLM", "leave WENBAO_LLM out", fetched=False)
_RETRIES = 1  # a server that is busy for a moment gets a second chance; who asks does not wait for a third
_TOKENS_ON_DISK = 1_024  # a local pipeline writes no more than this: it cannot be counted on to stop by itself
_FIXED_TEMPERATURE = re.compile(r"o\d|gpt-5")  # OpenAI's models that refuse to be told one
_ADDRESS = re.compile(r"https?://[^/\s]+")
_CUT = ("length", "max_tokens", "MAX_TOKENS")  # how providers say that a model may write no more


@dataclass(frozen=True, slots=True)
class _Provider:
    """A provider of init_chat_model: its package, whose key it wants, where it is unless told."""

    package: str
    key: str | None
    address: str
    options: Mapping[str, Any]


_PROVIDERS = {
    "openai": _Provider("langchain-openai", "OPENAI_API_KEY", "https://api.openai.com/v1", {"stream_usage": True}),
    "deepseek": _Provider("langchain-deepseek", "DEEPSEEK_API_KEY", "https://api.deepseek.com", {"stream_usage": True}),
    "ollama": _Provider("langchain-ollama", None, "http://127.0.0.1:11434", {}),
    "huggingface": _Provider("langchain-huggingface", None, "", {}),
}


class ChatModel:
    """A model behind HTTP. Ends as its stream is closed: the connection is."""

    def __init__(self, name: str, chat: BaseChatModel, address: str) -> None:
        self.name, self.address = name, address
        self._chat = chat

    async def stream(self, messages: Sequence[Message]) -> AsyncGenerator[Token, None]:
        """As `Model`."""
        ended = False
        async with aclosing(self._chat.astream(_messages(messages))) as chunks:  # type: ignore[type-var]
            async for chunk in chunks:
                token, ends = _token(chunk)
                ended = ended or ends
                yield token
        if not ended:
            raise ModelFailed("broke_off")


class PipelineModel:
    """A transformers model in this process. One answer at a time; ends at the next token after its stream is closed."""

    address = ""

    def __init__(self, name: str, chat: BaseChatModel, ends: Sequence[int]) -> None:
        self.name = name
        self._chat, self._ends = chat, list(ends)
        self._turn = asyncio.Lock()

    async def stream(self, messages: Sequence[Message]) -> AsyncGenerator[Token, None]:
        """As `Model`."""
        stop = _Stop(self._ends)
        options = {"logits_processor": [stop], "max_new_tokens": _TOKENS_ON_DISK, "do_sample": False}
        async with self._turn:
            chunks: Iterator[Any] = self._chat.stream(_messages(messages), pipeline_kwargs=options)
            try:
                while (chunk := await asyncio.to_thread(next, chunks, None)) is not None:
                    yield _token(chunk)[0]
            finally:
                stop.asked.set()


class _Stop:
    """Makes a model end what it writes as soon as that is asked for: from then on its only word is the last one."""

    def __init__(self, ends: Sequence[int]) -> None:
        self.asked, self._ends = threading.Event(), list(ends)

    def __call__(self, input_ids: Any, scores: Any) -> Any:  # noqa: ANN401 - tensors of a library that is not loaded here
        if self.asked.is_set() and self._ends:
            scores = scores.clone().fill_(float("-inf"))
            scores[:, self._ends] = 0.0
        return scores


def load_model(name: str, base_url: str = "", key: str = "", seconds: float = 60.0) -> ChatModel | PipelineModel:
    """The model called `name` (`provider:model`), at `base_url` if given; no request may take longer than `seconds`.

    Raises NoModel.
    """
    provider, _, model = name.partition(":")
    if provider not in _PROVIDERS or not model:
        raise NoModel(
            f"WENBAO_LLM={name!r} names no model: write provider:model with one of {', '.join(_PROVIDERS)}; any other "
            "that speaks OpenAI's protocol is openai:NAME with WENBAO_LLM_BASE_URL."
        )
    if provider == "huggingface":
        return _pipeline(name, model)
    if base_url and not _ADDRESS.match(base_url):
        raise NoModel(f"WENBAO_LLM_BASE_URL={base_url!r} is no address: write it like http://127.0.0.1:8000/v1.")
    options = dict(_PROVIDERS[provider].options)
    if not (provider == "openai" and _FIXED_TEMPERATURE.match(model)):
        options["temperature"] = 0.0
    if base_url:
        options["base_url"] = base_url
    if provider == "ollama":
        options["client_kwargs"] = {"timeout": seconds}
    else:
        options |= {"timeout": seconds, "max_retries": _RETRIES}
        if key or base_url:
            options |= _key(provider, key)
    chat = _made(name, provider, model, options)
    return ChatModel(name, chat, _address(chat, provider, base_url))


def _key(provider: str, key: str) -> dict[str, str]:
    """The key to use; a server of one's own often wants none, but the library insists on one."""
    own = os.environ.get(_PROVIDERS[provider].key or "")
    return {"api_key": key or "none"} if key or not own else {}


def _made(name: str, provider: str, model: str, options: Mapping[str, Any]) -> BaseChatModel:
    known = _PROVIDERS[provider]
    try:
        chat: BaseChatModel = init_chat_model(model, model_provider=provider, **options)
    except ImportError as e:
        raise NoModel(
            f"WENBAO_LLM={name!r} needs a package that is not installed: pip install {known.package} (or pip install "
            f"'wenbao[{provider}]'), with -c constraints.txt for the versions that were tested."
        ) from e
    except Exception as e:  # each library has its own errors; all of them are about what was set
        if known.key and "key" in str(e).lower():
            raise NoModel(f"WENBAO_LLM={name!r} needs a key: set WENBAO_LLM_API_KEY or {known.key}.") from e
        said = " ".join(str(e).split())[:200]
        raise NoModel(f"WENBAO_LLM={name!r} cannot be used ({said}): look at the WENBAO_LLM settings.") from e
    return chat


def _pipeline(name: str, model: str) -> PipelineModel:
    folder = find_model(model, LLM)
    hide_progress()
    options = {
        "backend": "pipeline",
        "model_kwargs": {"local_files_only": True},
        "pipeline_kwargs": {"return_full_text": False},
    }
    chat = _made(name, "huggingface", str(folder), options)
    pipeline = chat.llm.pipeline  # type: ignore[attr-defined]
    if not pipeline.tokenizer.chat_template:
        raise NoModel(
            f"WENBAO_LLM={name!r} is no chat model (its folder has no chat template): name one that is made for "
            f"instructions, or {LLM.without}."
        )
    ends = pipeline.model.generation_config.eos_token_id
    return PipelineModel(name, chat, ends if isinstance(ends, list) else [ends] if ends is not None else [])


def _address(chat: BaseChatModel, provider: str, base_url: str) -> str:
    """Where a model is, as its own client says it, without user names and keys."""
    client = getattr(chat, "root_async_client", None) or getattr(getattr(chat, "_async_client", None), "_client", None)
    url = urlsplit(str(getattr(client, "base_url", "") or base_url or _PROVIDERS[provider].address))
    return f"{url.scheme}://{url.netloc.rpartition('@')[2]}{url.path.rstrip('/')}"


def _messages(messages: Sequence[Message]) -> list[BaseMessage]:
    kinds = {"system": SystemMessage, "user": HumanMessage, "assistant": AIMessage}
    return [kinds[each.role](each.content) for each in messages]


def _token(chunk: AIMessageChunk) -> tuple[Token, bool]:
    """A chunk as a token, and whether the model says with it that it is done."""
    told = chunk.response_metadata.get("finish_reason") or chunk.response_metadata.get("done_reason")
    counts: Mapping[str, Any] = chunk.usage_metadata or {}
    token = Token(str(chunk.text), counts.get("input_tokens"), counts.get("output_tokens"), cut=told in _CUT)
    return token, bool(told)
