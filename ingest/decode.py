"""Bytes of a file into text, by content alone.

In: bytes. Out: the text and the name of its encoding; a BOM is gone, line ends stay as they are. It never replaces a
character it cannot read, never believes a file name, never opens a file.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from ingest.errors import UnreadablePage

# Longest first: the UTF-32 mark begins with the UTF-16 one.
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LEGACY = (("gb18030", "gb18030"), ("big5hkscs", "big5"))  # codec, and the name that people know
_JUDGED = 50_000  # characters: enough for a stable share, quick on a 50 MB file
_STRAY = 0.001  # of a file's bytes may be broken before it is no text: a bad sector, not a bad guess
_CHINESE = 0.1  # of the characters beyond ASCII are common ones in any Chinese text; 0.3 and more is usual
_CONTROLS = frozenset(map(chr, range(32))) - set("\t\n\r\f\v\x1a\x1b")
# What every Chinese text is full of, simplified and traditional alike; read in the wrong encoding it all but vanishes.
_COMMON = frozenset(
    "的一是在不了有和人中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经十三之进着等部度家"
    "电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原"
    "月報記者為個國來時們對會發動過說產種麼進著電裡實體點業應開還後經與關數學這從當無問間長東車書樣題門見華聞區縣萬億該並於讓給請將據導員"
    "，。、：；！？（）《》“”「」『』—…０１２３４５６７８９　,.:;!?() \n"
)


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text of a file without its BOM, line ends untranslated, and the name of the encoding."""

    text: str
    encoding: str


def decode(data: bytes, name: str) -> Decoded:
    """Read `data` as Unicode, GB18030 or Big5, whichever its content is; `name` is for the message only.

    A character that a crude copy cut off at the very end of the file is dropped. Raises UnreadablePage for a binary
    file, for broken bytes elsewhere and for an encoding that is none of these.
    """
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return Decoded(_strictly(data[len(bom) :], encoding, name), encoding)
    if b"\0" in data:
        raise UnreadablePage(f"{name!r} is not a text file (it holds NUL bytes); give a text file, or save it as UTF-8")
    text = _read(data, "utf-8")
    if text is not None:
        return Decoded(_clean(text, name), "utf-8")
    if _mostly_utf8(data):
        return Decoded(_strictly(data, "utf-8", name), "utf-8")
    readings = [Decoded(t, known) for codec, known in _LEGACY if (t := _read(data, codec)) is not None]
    if not readings:
        raise UnreadablePage(f"{name!r} is neither UTF-8 nor GB18030 nor Big5, or is broken; save it as UTF-8 again")
    best = max(readings, key=lambda reading: _commonness(reading.text))
    if _commonness(best.text) < _CHINESE:
        raise UnreadablePage(f"{name!r} is no Chinese text in UTF-8, GB18030 or Big5; save it as UTF-8 again")
    return Decoded(_clean(best.text, name), best.encoding)


def _read(data: bytes, encoding: str) -> str | None:
    """Decode, forgiving one unfinished character at the very end."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        text = decoder.decode(data)
    except UnicodeDecodeError:
        return None
    return text


def _strictly(data: bytes, encoding: str, name: str) -> str:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        return _clean(decoder.decode(data), name)
    except UnicodeDecodeError as e:
        line = data.count(b"\n", 0, e.start) + 1
        raise UnreadablePage(
            f"{name!r} has bytes that are not {encoding} at byte {e.start} (line {line}); save it as UTF-8 again"
        ) from e


def _mostly_utf8(data: bytes) -> bool:
    """Does a file with a few broken bytes still say that it is UTF-8? GB18030 and Big5 break at nearly every one."""
    sample = data[:_JUDGED]
    broken = sample.decode("utf-8", errors="replace").count("\ufffd")
    wide = sum(byte >= 0xE0 for byte in sample)
    return wide > 0 and broken <= max(3, _STRAY * len(sample)) and broken * 10 < wide


def _commonness(text: str) -> float:
    sample = text[:_JUDGED]
    judged = [c for c in sample if c >= "\x80"]
    return sum(c in _COMMON for c in judged) / max(1, len(judged))


def _clean(text: str, name: str) -> str:
    """`text`, if it is text: control characters say that the bytes were a picture or a program."""
    sample = text[:_JUDGED]
    if sum(c in _CONTROLS for c in sample) > _STRAY * len(sample):
        raise UnreadablePage(f"{name!r} is not a text file (it is full of control characters); give a text file")
    return text
