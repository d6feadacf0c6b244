"""`python -m ingest`: the commands of cli.py, and what Ctrl-C means to them at any moment."""

from __future__ import annotations

import os
import signal
import sys

INTERRUPTED = 130  # exit status after Ctrl-C, as shells have it
SHOW_CURSOR = "\x1b[?25h"  # the progress bar hides it


def _interrupted(*_: object) -> None:
    """End at once, as a kill would: an exception might come up inside a library that keeps it to itself."""
    cursor = SHOW_CURSOR if sys.stderr.isatty() else ""
    os.write(2, f"{cursor}interrupted; an unfinished ingest changes nothing, and the next one carries it on\n".encode())
    os._exit(INTERRUPTED)


if __name__ == "__main__":
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # not where Ctrl-C is to be ignored (nohup)
        signal.signal(signal.SIGINT, _interrupted)
    from ingest.cli import cli

    cli(prog_name="python -m ingest")
