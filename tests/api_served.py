"""The API over an archive in a process of its own: `python -m tests.api_served ARCHIVE PORT`."""

import sys
from pathlib import Path

import uvicorn

from bot.bot import Bot
from ingest.archive import Archive
from ingest.encoder import load_encoder
from tests.api_house import behind_the_door

if __name__ == "__main__":
    encoder = load_encoder("builtin")
    with Archive(Path(sys.argv[1]), encoder) as archive:
        app = behind_the_door(Bot(archive, encoder))
        uvicorn.run(app, port=int(sys.argv[2]), log_level="warning", access_log=False, lifespan="off")
