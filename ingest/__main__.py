"""`python -m ingest`: the commands of cli.py."""

from ingest.cli import cli

if __name__ == "__main__":
    cli(prog_name="python -m ingest")
