"""Pictures of pages into pieces of lines, by recognising characters (the extra `wenbao[ocr]`).

In: a picture. Out: pieces, as glyphs.py makes them of a text layer: the height of a line's box stands for its size of
type. The models are those that rapidocr's package brings; nothing is ever fetched.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.errors import MissingExtra, UnreadablePage
from ingest.readers.glyphs import Piece

MOST_PIXELS = 100_000_000  # a broadsheet at 300 dpi has 70 million
_LONGEST_SIDE = 4_000  # pixels to which a larger picture is brought down before lines are looked for
_SURE = 0.5  # how sure a line must be read to be kept
_BOX = 0.92  # of a box's height that the type in it has: boxes are drawn with room around
_UPRIGHT = 1.5  # times that a box is higher than wide whose line runs downwards
_FRAMES = 50  # pages of one TIFF
_DETECTION, _RECOGNITION, _TURNED = (
    "PP-OCRv6_det_small.onnx",
    "PP-OCRv6_rec_small.onnx",
    "ch_ppocr_mobile_v2.0_cls_mobile.onnx",
)


def read_picture(picture: NDArray[np.uint8], name: str) -> list[Piece]:
    """The lines of a picture with three colours (blue, green, red)."""
    try:
        engine = _engine()
    except ImportError:
        raise _missing(name) from None
    found = engine(picture)
    if found.boxes is None or found.txts is None:
        return []
    pieces: list[Piece] = []
    for box, text, score in zip(found.boxes, found.txts, found.scores, strict=True):
        line = " ".join(str(text).split())
        if not line or score < _SURE:
            continue
        pieces += _pieces(line, *box.min(axis=0).tolist(), *box.max(axis=0).tolist())
    return pieces


def _pieces(line: str, x0: float, top: float, x1: float, bottom: float) -> Iterator[Piece]:
    """A line; one that runs downwards as its characters, each a piece, as glyphs.py gives it.

    Its size follows from the height of its box or, where that is less, from the room that each character has: the box
    of a short line is drawn too high, a headline's characters stand apart.
    """
    width, height = max(1.0, x1 - x0), max(1.0, bottom - top)
    if len(line) > 1 and height > _UPRIGHT * width:
        step = height / len(line)
        for n, character in enumerate(line):
            yield Piece(character, x0, top + n * step, x1, top + (n + 1) * step, min(_BOX * width, step))
        return
    ems = sum(0.55 if character.isascii() else 1.0 for character in line)
    yield Piece(line, x0, top, x1, bottom, min(_BOX * height, width / ems))


def pictures_in(path: Path, name: str) -> list[NDArray[np.uint8]]:
    """The pictures of an image file (a TIFF may hold several pages), in three colours. Raises UnreadablePage."""
    try:
        from PIL import Image, ImageOps, ImageSequence
    except ImportError:
        raise _missing(name) from None
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        with Image.open(path, formats=("PNG", "JPEG", "TIFF", "WEBP", "BMP")) as image:
            pictures: list[NDArray[np.uint8]] = []
            for frame in ImageSequence.Iterator(image):
                if len(pictures) == _FRAMES:
                    break
                upright = ImageOps.exif_transpose(frame).convert("RGB")
                pictures.append(np.asarray(upright)[:, :, ::-1].copy())
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as e:
        raise UnreadablePage(f"{name!r} has more than {MOST_PIXELS / 1e6:.0f} million pixels; save it smaller") from e
    except (OSError, ValueError, SyntaxError, EOFError) as e:
        raise UnreadablePage(f"{name!r} is no picture that can be read; save it again as PNG or JPEG") from e
    return pictures


@cache
def _engine() -> Any:  # noqa: ANN401 - rapidocr has no types
    """The models, loaded once a process. Raises ImportError where the extra is not installed."""
    import rapidocr

    logging.disable(logging.CRITICAL)
    models = Path(rapidocr.__file__).with_name("models")
    return rapidocr.RapidOCR(
        params={
            "Global.max_side_len": _LONGEST_SIDE,
            "Global.text_score": _SURE,
            "Global.use_cls": False,  # upside-down lines: newspapers have none
            "Det.model_path": str(models / _DETECTION),
            "Rec.model_path": str(models / _RECOGNITION),
            "Cls.model_path": str(models / _TURNED),
            "Det.limit_side_len": _LONGEST_SIDE,
            "Det.limit_type": "max",
        }
    )


def _missing(name: str) -> MissingExtra:
    return MissingExtra(
        f"{name!r} is a scan, a picture of its text; to have that recognised: pip install 'wenbao[ocr]'"
    )
