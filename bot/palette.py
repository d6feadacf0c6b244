"""The colours and fonts of everything that a reader sees, by day and by night: ink on warm paper, one red.

In: nothing. Out: values, and the same as CSS variables for pages that are our own HTML. Each pair of text and ground is
over 4.5:1. Fonts are those that the reader's own system has (macOS, Windows, Linux, in this order): nothing is fetched.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

SANS = ("PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "WenQuanYi Zen Hei", "system-ui", "sans-serif")
MONO = ("ui-monospace", "monospace")


@dataclass(frozen=True, slots=True)
class Colours:
    """One light: `heat1` to `heat4` are the grounds of a calendar's days, `heat4_ink` is what stands on the last."""

    paper: str
    sheet: str
    ink: str
    faint: str
    rule: str
    red: str
    asked: str
    also: str
    heat1: str
    heat2: str
    heat3: str
    heat4: str
    heat4_ink: str


DAY = Colours(
    paper="#faf8f2",
    sheet="#ffffff",
    ink="#1f1d1a",
    faint="#6a645a",
    rule="#ddd7c9",
    red="#a3281b",
    asked="#ffdf70",
    also="#fbf1cf",
    heat1="#f4e6de",
    heat2="#e9c9bd",
    heat3="#d99f8f",
    heat4="#a3281b",
    heat4_ink="#ffffff",
)
NIGHT = Colours(
    paper="#171513",
    sheet="#1f1c19",
    ink="#e9e4d9",
    faint="#a69e90",
    rule="#3a352e",
    red="#f0907f",
    asked="#6d5310",
    also="#37301d",
    heat1="#2f2320",
    heat2="#4a2e28",
    heat3="#703c32",
    heat4="#f0907f",
    heat4_ink="#171513",
)


def css_variables(day: Colours = DAY, night: Colours = NIGHT) -> str:
    """Both lights as variables (`--paper`, `--heat4-ink`, …), the night's where the reader's system asks for it."""
    by_day, by_night = f":root{{color-scheme:light dark;{_declared(day)}}}", f":root{{{_declared(night)}}}"
    return f"{by_day}@media(prefers-color-scheme:dark){{{by_night}}}"


def _declared(colours: Colours) -> str:
    return ";".join(f"--{field.name.replace('_', '-')}:{getattr(colours, field.name)}" for field in fields(colours))
