"""`python -m bot`: see `bot.cli`."""

from bot.cli import cli

cli(prog_name="python -m bot")
