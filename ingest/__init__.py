"""Newspaper files into a searchable archive. Knows nothing of `bot`; needs no gradio and no model key."""
