"""How a portal lets the bot look: its name, logo, greeting, questions to begin with, and one colour, by settings.

In: plain values. Out: a Look, checked: what cannot be shown, or not be read by everybody, is refused in one line.
Nothing here is escaped; whoever shows it does that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

from bot.palette import DAY, NIGHT, Colours
from ingest.errors import BadSetting

BIGGEST_LOGO = 200_000  # bytes
LONGEST_NAME, LONGEST_GREETING = 30, 200  # characters
MOST_EXAMPLES = 6
ENOUGH = 4.5  # contrast of text and ground, as WCAG's AA asks
_HEATS = (0.1, 0.25, 0.5)  # how much of the colour is in the grounds of a calendar's days, at most
_PNG = b"\x89PNG\r\n\x1a\n"
_SVG = re.compile(
    rb"\A(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*(?:<!DOCTYPE[^>\[]*>\s*)?<svg[\s>]", re.S
)


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture and what it is to a browser."""

    data: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Look:
    """What a portal may set; "" and () stand for our own words in the reader's language."""

    name: str = ""
    logo: Logo | None = None
    greeting: str = ""
    examples: tuple[str, ...] = ()
    day: Colours = DAY
    night: Colours = NIGHT


def read_look(name: str, logo: str, colour: str, greeting: str, examples: str) -> Look:
    """The look that these settings describe. Raises BadSetting."""
    day, night = _colours(colour.strip())
    questions = tuple(filter(None, (line.strip() for line in re.split(r"[|\n]", examples))))
    if len(questions) > MOST_EXAMPLES:
        raise BadSetting(f"WENBAO_EXAMPLES holds {len(questions)} questions, at most {MOST_EXAMPLES} have room.")
    return Look(
        _short("WENBAO_NAME", name, LONGEST_NAME),
        _logo(logo) if logo else None,
        _short("WENBAO_GREETING", greeting, LONGEST_GREETING),
        questions,
        day,
        night,
    )


def contrast(one: str, other: str) -> float:
    """How well one colour is read on another, 1 to 21, by WCAG's formula."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _short(setting: str, text: str, longest: int) -> str:
    line = " ".join(text.split())
    if len(line) > longest:
        raise BadSetting(f"{setting} has {len(line)} characters, at most {longest} have room.")
    return line


def _logo(path: str) -> Logo:
    file = Path(path)
    try:
        size = file.stat().st_size
        data = file.read_bytes() if size <= BIGGEST_LOGO else b""
    except OSError as e:
        raise BadSetting(f"WENBAO_LOGO {path!r} cannot be read ({e.strerror}): name an SVG or PNG file.") from e
    if size > BIGGEST_LOGO:
        raise BadSetting(f"WENBAO_LOGO {path!r} has {size:,} bytes, at most {BIGGEST_LOGO:,}: make it smaller.")
    if data.startswith(_PNG):
        return Logo(data, "image/png")
    if _SVG.match(data):
        return Logo(data, "image/svg+xml")
    raise BadSetting(f"WENBAO_LOGO {path!r} is neither SVG nor PNG.")


def _colours(colour: str) -> tuple[Colours, Colours]:
    """Both lights with `colour` for the red; by night as much lighter as it takes to be read."""
    if not colour:
        return DAY, NIGHT
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
        raise BadSetting(f"WENBAO_COLOUR {colour!r} is no colour: write it like #a3281b.")
    found = min(contrast(colour, ground) for ground in (DAY.paper, DAY.sheet))
    if found < ENOUGH:
        raise BadSetting(
            f"WENBAO_COLOUR {colour} has a contrast of {found:.1f} on the page, {ENOUGH} is needed to be read by "
            "everybody: choose a darker one."
        )
    by_night = colour
    while min(contrast(by_night, ground) for ground in (NIGHT.paper, NIGHT.sheet)) < ENOUGH + 1:
        by_night = _lighter(by_night)
    return _with_red(DAY, colour.lower(), DAY.sheet), _with_red(NIGHT, by_night, NIGHT.paper)


def _with_red(colours: Colours, red: str, on_red: str) -> Colours:
    """These colours with `red` for the red, and a calendar's days in its shades."""
    heat1, heat2, heat3 = (_shade(colours, red, share) for share in _HEATS)
    return replace(colours, red=red, heat1=heat1, heat2=heat2, heat3=heat3, heat4=red, heat4_ink=on_red)


def _shade(colours: Colours, red: str, share: float) -> str:
    """The paper with so much of the red in it as leaves the ink readable, at most `share`."""
    while contrast(colours.ink, mixed := _mixed(colours.paper, red, share)) < ENOUGH:
        share *= 0.9
    return mixed


def _mixed(paper: str, red: str, share: float) -> str:
    both = zip(_parts(paper), _parts(red), strict=True)
    return "#" + "".join(f"{round(one + (other - one) * share):02x}" for one, other in both)


def _lighter(colour: str) -> str:
    return "#" + "".join(f"{min(255, value + 1 + (255 - value) // 12):02x}" for value in _parts(colour))


def _parts(colour: str) -> list[int]:
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


def _luminance(colour: str) -> float:
    shares = [value / 255 for value in _parts(colour)]
    red, green, blue = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
