"""Web addresses that a user names, fetched into files that are read like any other.

In: addresses. Out: files in a private folder that is gone afterwards, each knowing where it came from. It asks for what
was named and for nothing that stands in it; only http and https, within limits of size, time and redirections.
"""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PosixPath
from urllib.parse import unquote, urlsplit

import httpx

from ingest.errors import NotFetched
from ingest.readers.kinds import kind_of

LONGEST = 200_000_000  # bytes
SECONDS = 120.0  # for one address in all
PATIENCE = 20.0  # seconds without a byte
REDIRECTIONS = 5
_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_TYPES = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "application/rss+xml": ".rss",
    "application/atom+xml": ".atom",
    "application/rdf+xml": ".rdf",
    "application/xml": ".xml",
    "text/xml": ".xml",
    "application/pdf": ".pdf",
    "application/json": ".json",
    "application/x-ndjson": ".jsonl",
    "text/csv": ".csv",
    "text/markdown": ".md",
    "text/plain": ".txt",
    "application/zip": ".zip",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "image/tiff": ".tiff",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
}


class Fetched(PosixPath):
    """A file that was fetched: a path like any other, with the address that it is shown under."""

    address: str = ""


def is_address(said: str) -> bool:
    """Whether a word is a web address and no path."""
    return bool(_ADDRESS.match(said))


def name_of(path: Path) -> str:
    """How a file is shown: by its address where it was fetched, else by its path."""
    return path.address if isinstance(path, Fetched) else str(path)


@contextmanager
def fetched(addresses: Sequence[str]) -> Iterator[dict[str, Fetched | NotFetched]]:
    """Each address with its file, or with what went wrong. The files are there for the block."""
    if not addresses:
        yield {}
        return
    with (
        tempfile.TemporaryDirectory(prefix="wenbao-") as folder,
        httpx.Client(
            follow_redirects=True, max_redirects=REDIRECTIONS, timeout=PATIENCE, headers={"user-agent": "WenBao"}
        ) as client,
    ):
        found: dict[str, Fetched | NotFetched] = {}
        for number, address in enumerate(dict.fromkeys(addresses)):
            try:
                found[address] = _fetch(client, address, Path(folder), number)
            except NotFetched as e:
                found[address] = e
            except (httpx.HTTPError, httpx.InvalidURL, ValueError) as e:
                why = " ".join(str(e).split())[:120] or type(e).__name__
                found[address] = NotFetched(f"{address!r} could not be fetched ({why}); try it in a browser")
        yield found


def _fetch(client: httpx.Client, address: str, folder: Path, number: int) -> Fetched:
    end = time.monotonic() + SECONDS
    with client.stream("GET", address) as reply:
        if reply.status_code != httpx.codes.OK:
            raise NotFetched(f"{address!r} answers {reply.status_code} {reply.reason_phrase}; try it in a browser")
        path = Fetched(folder / f"{number}{_ending(address, reply.headers.get('content-type', ''))}")
        path.address = address
        size = 0
        with path.open("xb") as file:
            for block in reply.iter_bytes():
                size += len(block)
                if size > LONGEST:
                    raise NotFetched(f"{address!r} is longer than {LONGEST / 1e6:.0f} MB; fetch it by hand")
                if time.monotonic() > end:
                    raise NotFetched(f"{address!r} takes longer than {SECONDS:.0f} seconds; fetch it by hand")
                file.write(block)
    return path


def _ending(address: str, said: str) -> str:
    """The end of a name that says what it is: by the address where that does, else by what the server says."""
    last = unquote(urlsplit(address).path).rsplit("/", 1)[-1]
    kind = kind_of(last) if "." in last else None
    if kind is not None:
        return next(suffix for suffix in kind.suffixes if suffix and last.lower().endswith(suffix))
    return _TYPES.get(said.split(";")[0].strip().lower(), ".html")
