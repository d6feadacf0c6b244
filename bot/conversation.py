"""A follow-up into a question that stands alone, with no model: the words it leaves out come from the turns before.

In: a question and the conversation so far, oldest first. Out: the questions that it goes on from, and their words to
carry over. It keeps nothing: the history comes from the caller, so any copy of the app can answer any turn.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.models import Turn
from bot.question import content_words
from ingest.terms import fold

TURNS_BACK = 3  # turns of the user looked back: further up the talk has moved on
_POINTING = re.compile(
    r"^(?:那|那么|还有|另外|其中|然后|后来)|它|他们|她们|(?<!其)他(?!们|国|乡|山)|她|该(?=[^如怎不])|这[个些家次项里篇件位]|那[个些家次项里篇件位]|"
    r"此[次事前后外]|当时|其(?![他它实中])|呢[?？]?$|^(?:为什么|什么时候|多少|谁|在哪)[^,，]{0,4}[?？]?$"
)


def followed(question: str, history: Sequence[Turn]) -> list[str]:
    """The user's questions that `question` goes on from, oldest first; none where it begins something new."""
    before = [turn.content for turn in history if turn.role == "user"][-TURNS_BACK:]
    if not before:
        return []
    own = content_words(question)
    if any(word.name for word in own) and not _POINTING.search(fold(question)):
        return []
    kept: list[str] = []
    for asked in reversed(before):
        kept.insert(0, asked)
        if any(word.name for word in content_words(asked)):
            break
    return kept


def topic_of(question: str, before: Sequence[str]) -> str:
    """Words, joined by spaces, that `question` leaves out and the questions that it goes on from hold."""
    if not before:
        return ""
    kept: list[str] = []
    for asked in reversed(before):
        kept = [word.text for word in content_words(asked) if word.text not in kept] + kept
    known = {word.text for word in content_words(question)}
    return " ".join(word for word in kept if word not in known)
