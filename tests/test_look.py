"""A portal's own look: what everybody can read is taken, anything else is one line that names the setting."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.look import BIGGEST_LOGO, ENOUGH, Look, contrast, read_look
from bot.palette import DAY, NIGHT
from ingest.errors import BadSetting

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


@pytest.fixture
def file(tmp_path: Path):
    def write(data: bytes, name: str = "logo") -> str:
        (tmp_path / name).write_bytes(data)
        return str(tmp_path / name)

    return write


def test_nothing_set_is_our_own_look():
    assert read_look("", "", "", "", "") == Look()


def test_what_is_set_is_taken_as_text(file):
    look = read_look(" 早报 \n 问答 ", file(PNG), "#0B5A8A", "<b>您好</b>", "一？| 二？ |\n|三？")
    assert look.name == "早报 问答"
    assert look.logo.media_type == "image/png"
    assert look.greeting == "<b>您好</b>"
    assert look.examples == ("一？", "二？", "三？")
    assert look.day.red == "#0b5a8a"


@pytest.mark.parametrize("colour", ["#a3281b", "#000000", "#0b5a8a", "#5b2a86", "#00695c"])
def test_a_colour_is_read_by_everybody_by_day_and_by_night(colour):
    look = read_look("", "", colour, "", "")
    assert min(contrast(look.day.red, ground) for ground in (DAY.paper, DAY.sheet)) >= ENOUGH
    assert min(contrast(look.night.red, ground) for ground in (NIGHT.paper, NIGHT.sheet)) >= ENOUGH


@pytest.mark.parametrize("colour", ["#000000", "#0b5a8a", "#5b2a86", "#00695c"])
def test_a_calendars_days_are_in_shades_of_the_portals_colour_and_can_be_read(colour):
    look = read_look("", "", colour, "", "")
    for mine, ours in ((look.day, DAY), (look.night, NIGHT)):
        grounds = [mine.heat1, mine.heat2, mine.heat3]
        assert mine.heat4 == mine.red
        assert len({*grounds, mine.heat4, ours.paper}) == 5
        assert not {*grounds, mine.heat4} & {ours.heat1, ours.heat2, ours.heat3, ours.heat4}
        assert min(contrast(mine.ink, ground) for ground in grounds) >= ENOUGH
        assert contrast(mine.heat4_ink, mine.heat4) >= ENOUGH


def test_contrast_is_counted_as_wcag_counts_it():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize(
    "start", [b"<svg>", b'<?xml version="1.0"?>\n<!-- drawn -->\n<svg xmlns="x">', b"\xef\xbb\xbf <svg "]
)
def test_an_svg_is_known_by_its_beginning(file, start):
    assert read_look("", file(start + b"</svg>"), "", "", "").logo.media_type == "image/svg+xml"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"colour": "#ffcc00"}, "WENBAO_COLOUR"),
        ({"colour": "red"}, "WENBAO_COLOUR"),
        ({"colour": "#a3281b; } body { display: none"}, "WENBAO_COLOUR"),
        ({"name": "报" * 31}, "WENBAO_NAME"),
        ({"greeting": "好" * 201}, "WENBAO_GREETING"),
        ({"examples": "|".join("一二三四五六七")}, "WENBAO_EXAMPLES"),
        ({"logo": "no/such/file.svg"}, "WENBAO_LOGO"),
    ],
)
def test_what_cannot_be_used_is_one_line_that_names_the_setting(given, says):
    with pytest.raises(BadSetting) as told:
        read_look(**({"name": "", "logo": "", "colour": "", "greeting": "", "examples": ""} | given))
    assert says in str(told.value)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("data", [b"GIF89a", b"<html><svg></svg>", b"", PNG + b"0" * BIGGEST_LOGO])
def test_what_is_no_small_picture_is_no_logo(file, data):
    with pytest.raises(BadSetting, match="WENBAO_LOGO"):
        read_look("", file(data), "", "", "")
