"""LangChain in one room: the archive as a retriever, the bot as a Runnable, and the chat models that write answers.

The retriever and the Runnable are doors for chains and agents that others build; nothing in WenBao leans on them. The
chat models come in only where a setting names one (`bot.configured`).
"""

from bot.langchain.retriever import WenBaoRetriever
from bot.langchain.runnable import WenBaoRunnable

__all__ = ["WenBaoRetriever", "WenBaoRunnable"]
