"""Every longer text that the bot says or sends; `bot.prompts` reads and checks these files."""
