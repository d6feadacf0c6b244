"""Serve the chat page: assemble settings, encoder, archive, bot and page. Exit status: 0 stopped, 2 could not start."""

from __future__ import annotations

import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress

from bot.bot import Bot
from bot.configured import admin_of, make_bot, open_look, open_state
from bot.page.address import listen, url_of
from ingest.archive import Archive
from ingest.encoder import load_encoder
from ingest.errors import WenBaoError
from ingest.ingester import Ingester
from ingest.settings import Settings, load_settings


def open_bot(settings: Settings, until: ExitStack) -> Bot:
    """The bot over the archive, which stays open `until` then; an empty one gets the sample edition first."""
    encoder = load_encoder(settings.encoder)
    Ingester(settings.data, encoder, keep=settings.keep, say=say).load_sample()
    return make_bot(settings, until.enter_context(Archive(settings.data, encoder)), encoder)


def fill_emptied(settings: Settings) -> None:
    """Load the sample edition into an archive that holds nothing any more."""
    Ingester(settings.data, load_encoder(settings.encoder), keep=settings.keep, say=say).load_sample(again=True)


def say(line: str) -> None:
    """Tell whoever started the app."""
    sys.stderr.write(line + "\n")


def main() -> int:
    """Serve until SIGINT or SIGTERM."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        settings = load_settings()
        look, admin = open_look(settings), admin_of(settings)
        with suppress(KeyboardInterrupt), ExitStack() as until, ThreadPoolExecutor(1) as aside:
            listening = until.enter_context(listen(settings.host, settings.port))
            opening = aside.submit(open_bot, settings, until)
            kept = until.enter_context(closing(open_state(settings)))
            from bot.page.server import build_app, serve  # takes seconds: meanwhile the archive opens

            app = build_app(opening, kept, look, lambda: fill_emptied(settings), admin)
            serve(app, listening, opening, lambda: say(f"问报 WenBao: {url_of(listening)} (Ctrl+C stops it)"))
    except WenBaoError as e:
        say(str(e))
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
