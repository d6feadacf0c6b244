"""A follow-up into a question that stands alone, with no model: the words it leaves out come from the turns before.

In: a question and the conversation so far, oldest first. Out: the topic words to carry over, "" for a new topic.
It keeps nothing: the history comes from the caller, so any copy of the app can answer any turn.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.models import Turn
from bot.question import content_words
from ingest.terms import fold

_BACK = 3  # turns of the user looked back: further up the talk has moved on
_POINTING = re.compile(
    r"^(?:那|那么|还有|另外|其中|然后|后来)|它|他们|她们|(?<!其)他(?!们|国|乡|山)|她|该(?=[^如怎不])|这[个些家次项里篇件位]|那[个些家次项里篇件位]|"
    r"此[次事前后外]|当时|其(?![他它实中])|呢[?？]?$|^(?:为什么|什么时候|多少|谁|在哪)[^,，]{0,4}[?？]?$"
)


def topic_of(question: str, history: Sequence[Turn]) -> str:
    """Words, joined by spaces, that `question` leaves out and the turns before it hold."""
    before = [turn.content for turn in history if turn.role == "user"][-_BACK:]
    own = content_words(question)
    if not before or (any(word.name for word in own) and not _POINTING.search(fold(question))):
        return ""
    kept: list[str] = []
    for asked in reversed(before):
        words = content_words(asked)
        kept = [word.text for word in words if word.text not in kept] + kept
        if any(word.name for word in words):
            break
    known = {word.text for word in own}
    return " ".join(word for word in kept if word not in known)
