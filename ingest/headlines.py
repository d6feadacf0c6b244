"""The lines above an article into title and sub-headline.

In: the headline's lines and the opening of the article. Out: title (shoulder and main headline) and what stands
under it.
"""

from __future__ import annotations

import re

_DASH = ("——", "—", "--", "－－")
_SHOULDER_LENGTH = 1.3  # a shoulder tells the circumstances: it is longer than the main headline by at least so much


def read_headline(parts: list[str], opening: str) -> tuple[str | None, str | None]:
    """Give (title, subtitle) of the headline lines `parts`, in the order of the page."""
    if not parts:
        return None, None
    main = _main(parts, opening)
    return " ".join(parts[: main + 1]), " ".join(parts[main + 1 :]) or None


def _main(parts: list[str], opening: str) -> int:
    """Which line is the main headline; those above it are shoulders, those below sub-headlines."""
    dashed = next((n for n, part in enumerate(parts) if n and part.startswith(_DASH)), None)
    if dashed is not None:
        return dashed - 1 if dashed < 3 else 1
    if len(parts) > 2:
        return 1
    return 1 if len(parts) == 2 and _is_shoulder(parts[0], parts[1], opening) else 0


def _is_shoulder(first: str, second: str, opening: str) -> bool:
    if first.endswith(("：", ":")):
        return True
    # A sub-headline often is two halves with a space between; a main headline under a shoulder is one short line.
    if re.search(r"\s", second) or len(first) < _SHOULDER_LENGTH * len(second):
        return False
    return _told(second, opening) >= _told(first, opening)


def _told(line: str, opening: str) -> float:
    """The share of a line's character pairs that the opening has: the news itself is told again at once."""
    pairs = [line[i : i + 2] for i in range(len(line) - 1)]
    return sum(pair in opening for pair in pairs) / max(1, len(pairs))
