"""The rule: bytes become text by what they are, exactly, or are refused in one line; nothing is guessed silently."""

import codecs
import time

import pytest

from ingest.decode import decode
from ingest.errors import UnreadablePage

SIMPLIFIED = "平江的老粮仓昨天重新飘出饭香，街道把它改成了社区食堂。"
TRADITIONAL = "平江的老糧倉昨天重新飄出飯香，街道把它改成了社區食堂。"


@pytest.mark.parametrize(
    ("text", "codec", "bom", "known"),
    [
        (SIMPLIFIED, "utf-8", b"", "utf-8"),
        (SIMPLIFIED, "utf-8", codecs.BOM_UTF8, "utf-8"),
        (SIMPLIFIED, "utf-16-le", codecs.BOM_UTF16_LE, "utf-16-le"),
        (SIMPLIFIED, "utf-16-be", codecs.BOM_UTF16_BE, "utf-16-be"),
        (SIMPLIFIED, "gb18030", b"", "gb18030"),
        (SIMPLIFIED, "gbk", b"", "gb18030"),
        (TRADITIONAL, "gb18030", b"", "gb18030"),
        (TRADITIONAL, "big5", b"", "big5"),
        ("老粮仓开饭了", "gbk", b"", "gb18030"),
        ("老糧倉開飯了", "big5", b"", "big5"),
        ("plain ascii 2024", "ascii", b"", "utf-8"),
    ],
)
def test_each_encoding_is_told_by_content(text, codec, bom, known):
    read = decode(bom + text.encode(codec), "page.txt")
    assert (read.text, read.encoding) == (text, known)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\u2028"])
@pytest.mark.parametrize("codec", ["utf-8", "gb18030"])
def test_line_ends_stay_as_they_are(end, codec):
    text = f"第一行{end}第二行{end}{end}第三行，到这里就完了。"
    assert decode(text.encode(codec), "page.txt").text == text


@pytest.mark.parametrize("codec", ["utf-8", "gb18030", "big5"])
def test_a_last_character_cut_off_by_a_crude_copy_is_dropped(codec):
    text = "街道把它改成了食堂，一天三百份"
    assert decode(text.encode(codec)[:-1], "page.txt").text == text[:-1]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not a text file"),
        (SIMPLIFIED.encode() + b"\0" + SIMPLIFIED.encode(), "NUL"),
        (SIMPLIFIED.encode() * 4 + b"\xff\xfe" + SIMPLIFIED.encode() * 4, "byte 324"),
        (bytes(range(1, 32)) * 40, "control characters"),
        (b"\xff\xff\xff\xff\xfe\xfe", "save it as UTF-8"),
        ("déjà vu, élève, forêt, garçon, où, là-bas, très, après".encode("latin-1") * 3, "save it as UTF-8"),
    ],
    ids=["picture", "NUL bytes", "UTF-8 broken in the middle", "control characters", "noise", "French"],
)
def test_what_is_no_text_is_refused_in_one_line_that_names_the_file(data, said):
    with pytest.raises(UnreadablePage) as e:
        decode(data, "page.txt")
    assert said in str(e.value)
    assert "'page.txt'" in str(e.value)
    assert "\n" not in str(e.value)


def test_an_empty_file_is_an_empty_text():
    assert decode(b"", "page.txt").text == ""


@pytest.mark.parametrize("codec", ["utf-8", "gb18030"])
def test_fifty_megabytes_in_one_line_are_read_within_seconds(codec):
    data = ("平江的老粮仓重新飘出饭香" * 2_200_000)[: 50_000_000 // (3 if codec == "utf-8" else 2)].encode(codec)
    began = time.process_time()
    assert len(decode(data, "page.txt").text) > 10_000_000
    assert time.process_time() - began < 10
