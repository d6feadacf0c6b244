"""Every way in which WenBao says no: one base error, each child one plain fact.

A message says what happened, to what, and what to do next, in one line. Entry points print it and exit;
any other exception keeps its traceback, because it is our mistake and not the user's.
"""

from __future__ import annotations


class WenBaoError(Exception):
    """Something a user can put right; its text is one line that says how."""


class UnreadablePage(WenBaoError):
    """A file that cannot be read as a newspaper page or as records."""


class BadSetting(WenBaoError):
    """A setting that is unknown or has a value that cannot be used."""


class NoModel(WenBaoError):
    """The encoder, reranker or language model that is asked for is not on this machine, or is none."""


class NotFetched(WenBaoError):
    """A model that could not be downloaded."""


class EncoderMismatch(WenBaoError):
    """The archive was made by another encoder than the one configured."""


class ArchiveBusy(WenBaoError):
    """Another ingest holds the archive's lock."""


class ArchiveBroken(WenBaoError):
    """The archive on disk does not hold together."""


class ArchiveOutdated(WenBaoError):
    """The archive was made by a WenBao that keeps other tables."""


class NotEnoughDisk(WenBaoError):
    """The disk has too little room for the next generation."""


class NotWritable(WenBaoError):
    """The archive's folder cannot be written to."""


class StateBroken(WenBaoError):
    """What people asked cannot be kept, or not be read: the database beside the archive cannot be used."""


class NotFound(WenBaoError):
    """No article, generation or file of this name."""


class BadQuestion(WenBaoError):
    """A question that is empty, too long or not a question at all."""


class BadKey(WenBaoError):
    """An API key that cannot be made, or a sign-in that cannot be named."""


class BadPrompt(WenBaoError):
    """A file of `prompts/` whose header and text disagree."""


class BadSidecar(WenBaoError):
    """A `meta.yaml` that cannot be used."""


class BadMark(WenBaoError):
    """A mark where an article is to begin that its page does not have."""


class WouldEmpty(WenBaoError):
    """A pruning that would take out most of what the named paths gave."""


class MissingExtra(WenBaoError):
    """Something that an optional package does, which is not installed."""
