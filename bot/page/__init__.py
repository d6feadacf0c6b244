"""The chat page: the one room that knows gradio."""
