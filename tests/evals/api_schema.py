"""The API against its own document, at length: schemathesis with all its phases over a real socket. Run by hand:

    python -m tests.evals.api_schema [--examples 500]

Out: schemathesis' own report; exit status 1 where an answer is a 5xx, undocumented, or of another form than documented.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from bot.bot import Bot
from ingest.archive import Archive
from ingest.encoder import load_encoder
from ingest.ingester import Ingester
from tests.api_house import behind_the_door
from tests.callers import listening
from tests.test_api_schema import KEY, LEFT_OUT, REFUSED


def main(examples: Annotated[int, typer.Option(help="Requests made up for each route and phase.")] = 500) -> None:
    """Try the API by its own document."""
    encoder = load_encoder("builtin")
    with tempfile.TemporaryDirectory() as folder:
        root, config = Path(folder) / "data", Path(folder) / "schemathesis.toml"
        config.write_text(f"[checks.negative_data_rejection]\nexpected-statuses = {REFUSED}\n", "utf-8")
        Ingester(root, encoder).load_sample()
        with Archive(root, encoder) as archive, listening(behind_the_door(Bot(archive, encoder))) as url:
            headers = [f"--header={name}: {value}" for name, value in KEY.items()]
            left_out = ",".join(check.__name__ for check in LEFT_OUT)
            command = [sys.executable, "-m", "schemathesis.cli", f"--config-file={config}", "run"]
            command += [f"{url}/api/openapi.json", *headers, f"--max-examples={examples}", "--continue-on-failure"]
            done = subprocess.run([*command, f"--exclude-checks={left_out}", "--seed=7"], check=False)
    raise typer.Exit(done.returncode)


if __name__ == "__main__":
    typer.run(main)
