"""How the bot's weights were made; the product never imports it."""
