"""The page's look: the house's colours and type as Gradio takes them, and the files that go with them."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

from bot.palette import DAY, MONO, NIGHT, SANS

_HERE = Path(__file__).parent
CSS = _HERE / "page.css"
FAVICON = _HERE / "favicon.svg"


def page_theme() -> gr.themes.Base:
    """Gradio's plainest theme in our colours, light and dark; every pair of text and ground is over 4.5:1."""
    return gr.themes.Base(font=[*SANS], font_mono=[*MONO]).set(
        body_background_fill=DAY.paper,
        body_background_fill_dark=NIGHT.paper,
        body_text_color=DAY.ink,
        body_text_color_dark=NIGHT.ink,
        body_text_color_subdued=DAY.faint,
        body_text_color_subdued_dark=NIGHT.faint,
        background_fill_primary=DAY.paper,
        background_fill_primary_dark=NIGHT.paper,
        background_fill_secondary=DAY.sheet,
        background_fill_secondary_dark=NIGHT.sheet,
        block_background_fill="transparent",
        block_background_fill_dark="transparent",
        border_color_primary=DAY.rule,
        border_color_primary_dark=NIGHT.rule,
        color_accent=DAY.red,
        color_accent_soft=DAY.sheet,
        color_accent_soft_dark=NIGHT.sheet,
        border_color_accent=DAY.red,
        border_color_accent_dark=NIGHT.red,
        link_text_color=DAY.red,
        link_text_color_dark=NIGHT.red,
        link_text_color_hover=DAY.ink,
        link_text_color_hover_dark=NIGHT.ink,
        input_background_fill=DAY.sheet,
        input_background_fill_dark=NIGHT.sheet,
        input_border_color=DAY.rule,
        input_border_color_dark=NIGHT.rule,
        input_border_color_focus=DAY.red,
        input_border_color_focus_dark=NIGHT.red,
        input_placeholder_color=DAY.faint,
        input_placeholder_color_dark=NIGHT.faint,
        button_secondary_background_fill="transparent",
        button_secondary_background_fill_dark="transparent",
        button_secondary_text_color=DAY.ink,
        button_secondary_text_color_dark=NIGHT.ink,
        button_secondary_border_color=DAY.rule,
        button_secondary_border_color_dark=NIGHT.rule,
    )
