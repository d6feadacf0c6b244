"""The page's look: colours, type and the files that go with them. A newspaper: ink on warm paper, one red."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

_HERE = Path(__file__).parent
CSS = _HERE / "page.css"
FAVICON = _HERE / "favicon.svg"

# Fonts that the reader's own system has; nothing is fetched. macOS, Windows, Linux, in this order.
_SANS = ["PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "WenQuanYi Zen Hei", "system-ui", "sans-serif"]
_MONO = ["ui-monospace", "monospace"]

_PAPER, _SHEET, _INK, _FAINT, _RULE, _RED = "#faf8f2", "#ffffff", "#1f1d1a", "#6a645a", "#ddd7c9", "#a3281b"
_NIGHT, _NIGHT_SHEET, _CHALK, _NIGHT_FAINT, _NIGHT_RULE, _NIGHT_RED = (
    "#171513", "#1f1c19", "#e9e4d9", "#a69e90", "#3a352e", "#f0907f",
)  # fmt: skip


def page_theme() -> gr.themes.Base:
    """Gradio's plainest theme in our colours, light and dark; every pair of text and ground is over 4.5:1."""
    return gr.themes.Base(font=_SANS, font_mono=_MONO).set(
        body_background_fill=_PAPER,
        body_background_fill_dark=_NIGHT,
        body_text_color=_INK,
        body_text_color_dark=_CHALK,
        body_text_color_subdued=_FAINT,
        body_text_color_subdued_dark=_NIGHT_FAINT,
        background_fill_primary=_PAPER,
        background_fill_primary_dark=_NIGHT,
        background_fill_secondary=_SHEET,
        background_fill_secondary_dark=_NIGHT_SHEET,
        block_background_fill="transparent",
        block_background_fill_dark="transparent",
        border_color_primary=_RULE,
        border_color_primary_dark=_NIGHT_RULE,
        color_accent=_RED,
        color_accent_soft=_SHEET,
        color_accent_soft_dark=_NIGHT_SHEET,
        border_color_accent=_RED,
        border_color_accent_dark=_NIGHT_RED,
        link_text_color=_RED,
        link_text_color_dark=_NIGHT_RED,
        link_text_color_hover=_INK,
        link_text_color_hover_dark=_CHALK,
        input_background_fill=_SHEET,
        input_background_fill_dark=_NIGHT_SHEET,
        input_border_color=_RULE,
        input_border_color_dark=_NIGHT_RULE,
        input_border_color_focus=_RED,
        input_border_color_focus_dark=_NIGHT_RED,
        input_placeholder_color=_FAINT,
        input_placeholder_color_dark=_NIGHT_FAINT,
        button_secondary_background_fill="transparent",
        button_secondary_background_fill_dark="transparent",
        button_secondary_text_color=_INK,
        button_secondary_text_color_dark=_CHALK,
        button_secondary_border_color=_RULE,
        button_secondary_border_color_dark=_NIGHT_RULE,
    )
