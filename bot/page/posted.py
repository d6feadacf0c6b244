"""What the page's scripts post beside a component's value, read as far as it is what it should be.

In: JSON from a browser, or anything. Out: texts that are none but ours: ids, verbs, a question without what no text
can carry.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

_ID = re.compile(r"[0-9a-f]{32}")
_LONGEST = 200_000  # characters of a post that are read
_MOST_ASKED = 1_000_000


@dataclass(frozen=True, slots=True)
class Posted:
    """Every field is "" or 0 where it was not posted, or was no such thing."""

    question: str = ""
    conversation: str = ""
    instead: str = ""
    number: int = 0
    share: str = ""
    language: str = ""
    verb: str = ""
    id: str = ""
    text: str = ""


def read_posted(posted: object) -> Posted:
    """What was posted; an empty one for what cannot be read."""
    try:
        said = json.loads(posted) if isinstance(posted, str) and len(posted) <= _LONGEST else None
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        return Posted()
    number = said.get("number")
    return Posted(
        question=plain(said.get("question")),
        conversation=_id(said.get("conversation")),
        instead=_id(said.get("instead")),
        number=number if isinstance(number, int) and 0 <= number <= _MOST_ASKED else 0,
        share=_id(said.get("share")),
        language=said["language"] if said.get("language") in ("zh", "en") else "",
        verb=plain(said.get("verb"))[:20],
        id=_id(said.get("id")),
        text=plain(said.get("text")),
    )


def plain(posted: object) -> str:
    """Posted text, without the halves of characters that JSON can carry and nothing else can."""
    return posted.encode("utf-8", "ignore").decode("utf-8").strip() if isinstance(posted, str) else ""


def _id(posted: object) -> str:
    return posted if isinstance(posted, str) and _ID.fullmatch(posted) else ""
