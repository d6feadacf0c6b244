"""Which files of a folder, or of an archive, are pages.

In: a file, and the names beside it. Out: yes or no. A file that a user names itself is always tried.
"""

from __future__ import annotations

import re
import stat
from pathlib import Path, PurePosixPath

from ingest.readers.kinds import FEED, IMAGE, LIST, TEXT, kind_of

_BEGINNING = 2_000  # bytes that tell a list of records or a feed from any other JSON or XML
_LIST = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*\[")
_FEED = re.compile(rb"<(?:rss|feed|rdf:RDF)[\s>]")
_SIDE = frozenset({"readme", "license", "notice", "changelog"})  # Markdown that lies in any folder


def looks_like_page(path: Path, beside: frozenset[str]) -> bool:
    """Whether a file of a walked folder is to be read."""
    if not named_like_page(path.name, beside):
        return False
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return False  # a pipe or a device would be waited for
        kind = kind_of(path.name)
        if kind is LIST or (kind is FEED and path.suffix.lower() == ".xml"):
            with path.open("rb") as file:
                beginning = file.read(_BEGINNING)
            return bool(_LIST.match(beginning) if kind is LIST else _FEED.search(beginning))
    except OSError:
        return True  # whoever reads it will say why it cannot be read
    return True


def named_like_page(name: str, beside: frozenset[str]) -> bool:
    """Whether a name is a page's among the names `beside` it.

    Pictures beside pages of another kind illustrate them; where there are only pictures, they are scans. A file without
    any ending is read only if it is named itself.
    """
    path = PurePosixPath(name)
    kind = kind_of(name)
    if kind is None or any(part.startswith(".") and part not in ("..", ".") for part in path.parts):
        return False
    if (kind is TEXT and not path.suffix) or (path.suffix.lower() == ".md" and path.stem.lower() in _SIDE):
        return False
    if kind is not IMAGE:
        return True
    folder = path.parent
    return all(kind_of(other) in (IMAGE, None) for other in beside if PurePosixPath(other).parent == folder)
