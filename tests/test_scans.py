"""Scanned pages are read like printed ones: characters recognised, columns and headlines by their places and sizes.

The scans are made here from pages that the tests set; that needs a Chinese font on this machine.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont
from reportlab.pdfgen.canvas import Canvas

from bot.bot import Bot
from ingest.archive import Archive
from ingest.catalog import live_catalog
from ingest.generations import Generations
from ingest.ingester import Ingester
from ingest.models import Article
from ingest.readers.crew import crew
from ingest.readers.pdf import open_pdf, picture_of
from ingest.sources import Failure, Known
from tests.conftest import missing
from tests.newspaper_pdf import FERRY, GRANARY, SCHOOL, three_column_page
from tests.sources import read_source


@pytest.fixture(scope="module")
def font() -> Path:
    found = next(Path("/usr/share/fonts").rglob("wqy-zenhei.ttc"), None)
    return found or missing("the font wqy-zenhei")


@pytest.fixture(scope="module")
def scan(tmp_path_factory, font) -> Path:
    """The page with a headline across two of its three columns, as a picture."""
    folder = tmp_path_factory.mktemp("scan")
    with open_pdf(three_column_page(folder / "a.pdf"), "a.pdf") as document:
        picture = picture_of(document, 1)
    path = folder / "page.png"
    Image.fromarray(picture[:1260, :, ::-1]).save(path)
    return path


@pytest.fixture(scope="module")
def small(tmp_path_factory, font) -> Path:
    """A cutting: a headline and two lines."""
    picture = Image.new("L", (700, 220), 255)
    draw = ImageDraw.Draw(picture)
    draw.text((20, 20), "旧粮仓变图书馆", 0, ImageFont.truetype(str(font), 56))
    for n, line in enumerate(("旧粮仓改成了图书馆，藏书六千册，", "镇里花了四十万元修屋顶。")):
        draw.text((20, 110 + 45 * n), line, 0, ImageFont.truetype(str(font), 30))
    path = tmp_path_factory.mktemp("small") / "A01.webp"
    picture.save(path, lossless=True)
    return path


def read(path: Path) -> list[Article]:
    found = list(read_source(path, Known()))
    assert not [each for each in found if isinstance(each, Failure)]
    return [article for articles in found for article in articles]


def squeezed(text: str) -> str:
    """As it is read: spaces and the width of brackets are nobody's matter."""
    return "".join(text.split()).replace("(", "（").replace(")", "）")


def test_a_scan_has_the_articles_of_the_page_and_answers_a_question_about_it(scan, root, builtin):
    Ingester(root, builtin).add([scan])
    with live_catalog(Generations(root)) as (_, catalog):
        found = {squeezed(a.title): a for a in catalog.live_articles()}
    set_as = {"停航八个月云溪渡轮又开了": FERRY, "旧粮仓变图书馆": GRANARY, "柳桥夜校开讲第一课": SCHOOL}
    assert {title: squeezed(a.text) for title, a in found.items()} == {
        t: squeezed("".join(p)) for t, p in set_as.items()
    }
    assert [len(a.text.split("\n")) for a in found.values()] == [len(FERRY), len(GRANARY), len(SCHOOL)]
    assert {(a.paper, a.date, a.page) for a in found.values()} == {("石门日报", date(2023, 5, 11), "3")}
    with Archive(root, builtin) as archive:
        answer = Bot(archive, builtin).ask("云溪的新渡轮能载多少人？")
    assert "四十人" in answer.text
    assert "渡轮" in answer.citations[0].title


def test_a_pdf_of_a_scan_is_recognised_and_a_picture_of_any_kind_is_read(small, tmp_path):
    canvas = Canvas(str(tmp_path / "scan.pdf"), pagesize=(252, 79))
    with Image.open(small) as picture:
        canvas.drawInlineImage(picture.convert("RGB"), 0, 0, 252, 79)
    canvas.save()
    (printed,), (pictured,) = read(tmp_path / "scan.pdf"), read(small)
    assert (pictured.title, printed.title) == ("旧粮仓变图书馆",) * 2
    assert (pictured.page, pictured.text) == ("A01", "旧粮仓改成了图书馆，藏书六千册，镇里花了四十万元修屋顶。")


def test_without_the_extra_a_scan_gets_a_line_that_says_how_to_install_it(small, tmp_path, monkeypatch):
    (tmp_path / "rapidocr.py").write_text("raise ImportError('not installed')\n", "utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    crew().stop()
    try:
        (failure,) = read_source(small, Known())
    finally:
        crew().stop()
    assert "pip install 'wenbao[ocr]'" in failure.reason
    assert str(small) in failure.reason


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_unpacked(tmp_path):
    Image.new("1", (20_000, 20_000)).save(tmp_path / "huge.png")
    (failure,) = read_source(tmp_path / "huge.png", Known())
    assert "million pixels" in failure.reason
