"""The page's look: the house's colours and type as Gradio takes them, and the files that go with them."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

from bot.look import Look
from bot.palette import MONO, SANS

_HERE = Path(__file__).parent
CSS = _HERE / "page.css"
FAVICON = _HERE / "favicon.svg"


def page_theme(look: Look) -> gr.themes.Base:
    """Gradio's plainest theme in our colours, light and dark; every pair of text and ground is over 4.5:1."""
    day, night = look.day, look.night
    return gr.themes.Base(font=[*SANS], font_mono=[*MONO]).set(
        body_background_fill=day.paper,
        body_background_fill_dark=night.paper,
        body_text_color=day.ink,
        body_text_color_dark=night.ink,
        body_text_color_subdued=day.faint,
        body_text_color_subdued_dark=night.faint,
        background_fill_primary=day.paper,
        background_fill_primary_dark=night.paper,
        background_fill_secondary=day.sheet,
        background_fill_secondary_dark=night.sheet,
        block_background_fill="transparent",
        block_background_fill_dark="transparent",
        border_color_primary=day.rule,
        border_color_primary_dark=night.rule,
        color_accent=day.red,
        color_accent_soft=day.sheet,
        color_accent_soft_dark=night.sheet,
        border_color_accent=day.red,
        border_color_accent_dark=night.red,
        link_text_color=day.red,
        link_text_color_dark=night.red,
        link_text_color_hover=day.ink,
        link_text_color_hover_dark=night.ink,
        input_background_fill=day.sheet,
        input_background_fill_dark=night.sheet,
        input_border_color=day.rule,
        input_border_color_dark=night.rule,
        input_border_color_focus=day.red,
        input_border_color_focus_dark=night.red,
        input_placeholder_color=day.faint,
        input_placeholder_color_dark=night.faint,
        button_secondary_background_fill="transparent",
        button_secondary_background_fill_dark="transparent",
        button_secondary_text_color=day.ink,
        button_secondary_text_color_dark=night.ink,
        button_secondary_border_color=day.rule,
        button_secondary_border_color_dark=night.rule,
    )
