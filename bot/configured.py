"""What the entry points make alike from the settings: the writer, where they name a language model.

In: Settings. Out: a Writer, or None. With none configured nothing of a model's library is imported: asking from a cold
start stays quick, and nothing can leave the machine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.llm import Limits
from bot.prompts import all_prompts
from ingest.settings import Settings

if TYPE_CHECKING:
    from bot.writer import Writer


def open_writer(settings: Settings) -> Writer | None:
    """The writer that the settings name; None where they name none. Raises NoModel, BadPrompt."""
    if not settings.llm:
        return None
    from bot.langchain.chat import load_model  # takes seconds
    from bot.writer import Writer

    all_prompts()  # a wrong file is named at start, not at the first question
    key = settings.llm_api_key.get_secret_value()
    model = load_model(settings.llm, settings.llm_base_url, key, settings.llm_seconds)
    limits = Limits(settings.llm_first_seconds, settings.llm_stall_seconds, settings.llm_seconds)
    return Writer(model, limits, settings.unsupported)
