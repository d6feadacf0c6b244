"""How fast each format is read, and what more processes bring. Run by hand:

    python -m tests.bench.format_speed [--pages 24] [--out FILE]

The files are made here, in invented news: sheets of a PDF as full as a newspaper's, web pages, Word documents, text;
one sheet as a scan where this machine has a Chinese font and the extra `ocr`.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import docx
import typer

from ingest.readers.crew import crew
from ingest.sources import Failure, Known, read_sources
from tests.bench.report import Row, tell
from tests.newspaper_pdf import FERRY, GRANARY, SCHOOL, Paper

STORIES = (("云溪渡轮又开航了", FERRY), ("旧粮仓变图书馆", GRANARY), ("柳桥夜校开讲第一课", SCHOOL))


def full_sheet(path: Path) -> Path:
    """A sheet of some 2,300 characters: four rows of three stories."""
    paper = Paper(path, columns=6, gutter=12)
    paper.line("石门日报　2023年5月11日　星期四　第3版", 40, 20, 9)
    for row in range(4):
        for column in range(3):
            title, text = STORIES[(row + column) % 3]
            top = 40 + 200 * row
            paper.headline(title[:7], 2 * column, 2, top, 18)
            paper.flow(text, [(2 * column, top + 28, top + 195), (2 * column + 1, top + 28, top + 195)], 6, 8.5)
    return paper.save()


def made(folder: Path, pages: int) -> dict[str, list[Path]]:
    """Files of each format."""
    files: dict[str, list[Path]] = {"text": [], "HTML": [], "Word": [], "PDF": []}
    for number in range(pages):
        text = folder / f"{number}.txt"
        text.write_text("\n\n".join("\n\n".join((title, *body)) for title, body in STORIES * 4), "utf-8")
        page = folder / f"{number}.html"
        body = "".join(f"<p>{line}</p>" for _, lines in STORIES * 4 for line in lines)
        page.write_text(f"<html><head><title>渡轮</title></head><body><h1>渡轮</h1>{body}</body></html>", "utf-8")
        document = docx.Document()
        for title, lines in STORIES * 4:
            document.add_heading(title, 1)
            for line in lines:
                document.add_paragraph(line)
        document.save(str(folder / f"{number}.docx"))
        files["text"].append(text)
        files["HTML"].append(page)
        files["Word"].append(folder / f"{number}.docx")
        files["PDF"].append(full_sheet(folder / f"{number}.pdf"))
    return files


def scan_of(sheet: Path) -> list[Path]:
    """The sheet as a picture of 200 dots per inch."""
    if not any(Path("/usr/share/fonts").rglob("wqy-zenhei.ttc")):
        return []
    from PIL import Image

    from ingest.readers.pdf import open_pdf, picture_of

    with open_pdf(sheet, sheet.name) as document:
        Image.fromarray(picture_of(document, 1)[:, :, ::-1]).save(sheet.with_suffix(".png"))
    return [sheet.with_suffix(".png")]


def seconds(files: Sequence[Path], jobs: int) -> tuple[float, int]:
    """What reading took, processes started anew, and how many articles there were."""
    crew().stop()
    began, articles = time.perf_counter(), 0
    for _, found in read_sources(files, Known(), jobs=jobs):
        for each in found:
            if isinstance(each, Failure):
                raise SystemExit(each.reason)
            articles += len(each)
    return time.perf_counter() - began, articles


def main(pages: Annotated[int, typer.Option()] = 24, out: Annotated[Path | None, typer.Option()] = None) -> None:
    """Measure."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as name:
        files = made(Path(name), pages)
        files["scan"] = scan_of(files["PDF"][0])
        for form, paths in files.items():
            if not paths:
                continue
            one, articles = seconds(paths, 1)
            two, _ = seconds(paths, 2)
            each = {"s/file": round(one / len(paths), 3), "s/file, 2 jobs": round(two / len(paths), 3)}
            rows.append({"format": form, "files": len(paths), "articles": articles, **each})
    tell({"Reading, by format": rows}, out)


if __name__ == "__main__":
    typer.run(main)
