"""Serve the chat page: read the settings, see who may come in, assemble, serve. Exit status: 0 stopped, 2 could not."""

from __future__ import annotations

import argparse
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress

from bot.configured import open_state
from bot.page.address import listen, url_of
from bot.serve import build, check_meant, check_page, fill_emptied, open_bot, read_door
from ingest.errors import WenBaoError
from ingest.settings import load_settings


def say(line: str) -> None:
    """Tell whoever started the app."""
    sys.stderr.write(line + "\n")


def main(args: list[str]) -> int:
    """Serve until SIGINT or SIGTERM."""
    asking = argparse.ArgumentParser(prog="app.py", description="Serve the newspaper that answers.")
    asking.add_argument("--open", action="store_true", help="let everybody in who can reach it, known or not")
    meant = bool(asking.parse_args(args).open)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        settings = load_settings()
        door = read_door(settings, meant=meant)
        check_page(settings)
        with suppress(KeyboardInterrupt), ExitStack() as until, ThreadPoolExecutor(1) as aside:
            listening = until.enter_context(listen(settings.host, settings.port))
            state = until.enter_context(closing(open_state(settings)))
            check_meant(door, settings, state)
            opening = aside.submit(open_bot, settings, until, say)
            from bot.page.server import serve  # takes seconds: meanwhile the archive opens

            app = build(settings, door, opening, state, lambda: fill_emptied(settings, say))
            serve(app, listening, opening, lambda: say(f"问报 WenBao: {url_of(listening)} (Ctrl+C stops it)"))
    except WenBaoError as e:
        say(str(e))
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
