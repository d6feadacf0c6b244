"""Whatever lies in a folder, each file is read or refused by name, within bounds of time and memory, and nothing else
happens: no file outside is touched or told, nothing is fetched, nothing is left behind.

Well-formed files are made here and damaged by a fixed seed; the tricks are the known ones of each format.
"""

from __future__ import annotations

import gzip
import io
import json
import lzma
import os
import random
import resource
import socket
import struct
import subprocess
import sys
import tarfile
import time
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import docx
import pytest
from PIL import Image

from ingest.readers import kinds
from ingest.readers.crew import crew
from ingest.readers.facts import Asked
from ingest.sources import Failure, Known, find_sources, read_sources
from tests.newspaper_pdf import FERRY, GRANARY, three_column_page
from tests.sources import read_source

SECRET = "只有主人知道的口令是木樨地"  # what stands in a file that none of the bad ones may tell
PER_FILE = 60.0  # seconds by the clock, on a machine that does other things as well
MEMORY = 400_000_000  # bytes by which this process may grow over all of them
DAMAGED = 14  # of each format
SEED = 20_230_511


def packed(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return out.getvalue()


def word() -> bytes:
    out = io.BytesIO()
    document = docx.Document()
    document.add_heading("云溪渡轮又开航了", 1)
    for line in FERRY:
        document.add_paragraph(line)
    document.save(out)
    return out.getvalue()


def picture(form: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (48, 24), "white").save(out, form)
    return out.getvalue()


PAGE = ("云溪渡轮又开航了\n\n" + "\n\n".join(FERRY)).encode()
HTML = f"<html><body><h1>云溪渡轮又开航了</h1>{''.join(f'<p>{p}</p>' for p in FERRY)}</body></html>".encode()
ITEM = "<item><title>t</title><description>{}</description></item>"
FEED = f"<rss version='2.0'><channel><title>t</title>{ITEM}</channel></rss>"
RSS = FEED.format(FERRY[0]).encode()
LINES = b"".join(json.dumps({"id": n, "text": p}).encode() + b"\n" for n, p in enumerate(FERRY))


def well_formed(folder: Path) -> dict[str, bytes]:
    """A good file of every format."""
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w:gz") as file:
        info = tarfile.TarInfo("a.txt")
        info.size = len(PAGE)
        file.addfile(info, io.BytesIO(PAGE))
    return {
        "txt": PAGE,
        "md": b"# " + PAGE,
        "html": HTML,
        "pdf": three_column_page(folder / "good.pdf").read_bytes(),
        "docx": word(),
        "png": picture("PNG"),
        "tiff": picture("TIFF"),
        "csv": "标题,正文\n甲,".encode() + FERRY[0].encode() + b"\n",
        "json": json.dumps([{"text": p} for p in FERRY]).encode(),
        "jsonl": LINES,
        "jsonl.xz": lzma.compress(LINES),
        "txt.gz": gzip.compress(PAGE),
        "rss": RSS,
        "zip": packed({"a.txt": PAGE, "b.html": HTML}),
        "tar.gz": tar.getvalue(),
    }


def damaged(data: bytes, chance: random.Random) -> bytes:
    """The same with a few bytes changed, a piece lost, doubled or replaced, or the end cut off."""
    out = bytearray(data)
    for _ in range(chance.randint(1, 12)):
        at = chance.randrange(max(1, len(out)))
        way = chance.randrange(5)
        if way == 0:
            out[at : at + 1] = bytes([chance.randrange(256)])
        elif way == 1:
            del out[at : at + chance.randint(1, 40)]
        elif way == 2:
            out[at:at] = out[at : at + chance.randint(1, 200)]
        elif way == 3:
            out[at : at + 8] = chance.choice([b"\xff" * 8, b"\0" * 8, b"99999999", b"\x7f\xff\xff\xff"])
        else:
            del out[chance.randrange(len(out) // 2, len(out) + 1) :]
    return bytes(out)


# -- the tricks --------------------------------------------------------------------------------------------------------


def laughs(around: str) -> bytes:
    """A document of a few hundred bytes whose entities stand for billions."""
    rows = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return (
        f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "哈哈哈哈哈哈哈哈哈哈">{rows}]>{around.format("&l9;")}'.encode()
    )


def outside(around: str, where: str) -> bytes:
    return f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "{where}">]>{around.format("&e;")}'.encode()


XHTML = "<html xmlns='http://www.w3.org/1999/xhtml'><body><p>{}</p></body></html>"
ENTRY = "<entry><title>t</title><summary>{}</summary></entry>"
ATOM = f"<feed xmlns='http://www.w3.org/2005/Atom'><title>t</title>{ENTRY}</feed>"


def word_with(part: str, data: bytes) -> bytes:
    """A Word document with one of its parts replaced."""
    with zipfile.ZipFile(io.BytesIO(word())) as file:
        members = {name: file.read(name) for name in file.namelist()}
    return packed(members | {part: data})


def pdf_of(*objects: str, root: int = 1) -> bytes:
    out = b"%PDF-1.7\n"
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode()
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    end = (
        f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer <</Size {len(objects) + 1}/Root {root} 0 R>>"
    )
    return out + f"{end}\nstartxref\n{len(out)}\n%%EOF".encode()


BIG = zlib.compress(b"BT /F1 9 Tf (x) Tj ET\n" * 100_000, 9)
WORD_XML = "<w:document xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'><w:body><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:body></w:document>"


def tricks(secret: Path, address: str) -> dict[str, bytes]:
    """The known ways to hurt whoever reads a format. `secret`: a file, `address`: a server, neither to be asked."""
    where = secret.as_uri()
    page = "/Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]"
    stream = f"<</Length {len(BIG)}/Filter/FlateDecode>>stream\n".encode() + BIG + b"\nendstream"
    pages = "<</Type/Pages/Kids[3 0 R]/Count 1>>"
    catalog = "<</Type/Catalog/Pages 2 0 R>>"
    deep = "<div>" * 200_000
    found: dict[str, bytes] = {
        "laughs.rss": laughs(FEED),
        "laughs.atom": laughs(ATOM),
        "laughs.xhtml": laughs(XHTML),
        "laughs.docx": word_with("word/document.xml", laughs(WORD_XML)),
        "outside.rss": outside(FEED, where),
        "outside.atom": outside(ATOM, where),
        "outside.html": outside(XHTML, where),
        "outside.docx": word_with("word/document.xml", outside(WORD_XML, where)),
        "asks.rss": outside(FEED, f"{address}/entity"),
        "asks16.xml": outside(FEED, f"{address}/entity").decode().encode("utf-16"),
        "asks.docx": word_with("word/document.xml", outside(WORD_XML, f"{address}/entity")),
        "asks.html": (
            f"<html><head><base href='{address}/'><link rel=stylesheet href='s.css'>"
            f"<meta http-equiv=refresh content='0;"
            f"url={address}/r'></head><body><img src='{address}/i.png'><iframe src='{address}/f'></iframe>"
            f"<script src='{address}/x.js'></script><p>{FERRY[0]}</p><p>{FERRY[1]}</p></body></html>"
        ).encode(),
        "deep.html": f"<html><body>{deep}<p>{FERRY[0]}</p>".encode(),
        "deep.rss": FEED.format("<a>" * 20_000).encode(),
        "deep.json": b"[" * 200_000,
        "deep.jsonl": b'{"text":' * 100_000 + b"\n",
        "attributes.html": b"<html><body><p " + b" ".join(b"a%d=1" % n for n in range(4_000)) + b">x</p>",
        "comment.html": b"<!--" * 300_000,
        "loop.pdf": pdf_of(catalog, "<</Type/Pages/Kids[2 0 R]/Count 1>>"),
        "loop2.pdf": pdf_of(catalog, "<</Type/Pages/Kids[3 0 R]/Count 1>>", "<</Type/Pages/Kids[2 0 R]/Count 1>>"),
        "selfform.pdf": pdf_of(
            catalog,
            pages,
            f"<<{page}/Contents 4 0 R/Resources<</XObject<</X 5 0 R>>>>>>",
            "<</Length 4>>stream\n/X Do\nendstream",
            "<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 5 0 R>>>>/Length 4>>"
            "stream\n/X Do\nendstream",
        ),
        "length.pdf": pdf_of(catalog, pages, f"<<{page}/Contents 4 0 R>>", "<</Length 4 0 R>>stream\nx\nendstream"),
        "count.pdf": pdf_of(catalog, "<</Type/Pages/Kids[3 0 R]/Count 2147483647>>", f"<<{page}>>"),
        "script.pdf": pdf_of(
            "<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(app.launchURL('" + address + "/js'))>>>>",
            pages,
            f"<<{page}/AA<</O<</S/URI/URI({address}/uri)>>>>>>",
        ),
        "bomb.pdf": pdf_of(catalog, pages, f"<<{page}/Contents 4 0 R>>", "STREAM").replace(b"STREAM", stream),
        "huge.pdf": pdf_of(catalog, pages, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9999999 9999999]>>"),
        "bomb.zip": packed({"a.txt": b"0" * 60_000_000}),
        "bomb.docx": word_with("word/document.xml", b" " * 60_000_000),
        "bomb.txt.xz": lzma.compress(b"\n" * 60_000_000, preset=1),
        "bomb.jsonl.xz": lzma.compress(b"\0" * 60_000_000, preset=1),
        "bomb.jsonl.gz": gzip.compress(b"\0" * 60_000_000, 1),
        "many.zip": packed({f"{n}.xyz": b"" for n in range(70_000)} | {"a.txt": PAGE}),
        "nested.zip": packed({"b.zip": packed({"a.txt": PAGE}), "c.txt.xz": lzma.compress(PAGE), "a.txt": PAGE}),
        "paths.zip": packed({"../../up.txt": PAGE, "/etc/up.txt": PAGE, "C:\\up.txt": PAGE, "a/../../b.txt": PAGE}),
        "names.zip": packed({"a\nb.txt": PAGE, "\x1b[31m.txt": PAGE, "x" * 5_000 + ".txt": PAGE}),
        "huge.png": b"\x89PNG\r\n\x1a\n"
        + (head := b"\0\0\0\rIHDR" + struct.pack(">II", 60_000, 60_000) + b"\x01\0\0\0\0")
        + struct.pack(">I", zlib.crc32(head[4:])),
        "nul.txt": b"\0" * 100_000,
        "nul.jsonl": b"\0" * 20_000_000,
        "nul.csv": b"text\n" + b"\0" * 1_000_000,
        "quote.csv": b'text\n"' + b"a" * 5_000_000,
        "columns.csv": b"text," + b",".join(b"c%d" % n for n in range(50_000)) + b"\n" + b"x," * 50_000 + b"\n",
        "numbers.json": b'[{"text": ' + b"9" * 100_000 + b"}]",
        "halves.json": b'[{"text": "\\ud800 \\udfff", "\\ud800": "\\udc00"}]',
        "empty.pdf": b"",
        "empty.html": b"",
        "empty.docx": b"",
        "empty.zip": b"",
        "empty.png": b"",
        "empty.rss": b" \n",
        "empty.csv": b"",
        "empty.json": b"",
        "zip.pdf": packed({"a.txt": PAGE}),
        "pdf.html": b"%PDF-1.7\n" + bytes(range(256)) * 50,
        "html.docx": HTML,
        "new\nline.txt": PAGE,
        "new\nline.html": b"\xff\xfe",
        "\x1b[2Jcolour.pdf": b"%PDF",
        "\udcff\udcfe.docx": b"PK",
    }
    return found | links(secret)


def links(secret: Path) -> dict[str, bytes]:
    """Archives whose members are links to a file outside, or devices."""
    made = {}
    for kind, name in ((tarfile.SYMTYPE, "link"), (tarfile.LNKTYPE, "hard"), (tarfile.CHRTYPE, "device")):
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w") as file:
            info = tarfile.TarInfo("a.txt")
            info.type, info.linkname = kind, str(secret)
            file.addfile(info)
        made[f"{name}.tar"] = out.getvalue()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed_file:
        info = zipfile.ZipInfo("a.txt")
        info.external_attr = 0o120777 << 16
        packed_file.writestr(info, str(secret))
    return made | {"link.zip": out.getvalue()}


# -- what must hold ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def asked() -> Iterator[tuple[str, list[bytes]]]:
    """A server's address, and what it was asked."""
    server = socket.create_server(("127.0.0.1", 0))
    heard: list[bytes] = []

    def serve() -> None:
        while True:
            try:
                peer, _ = server.accept()
            except OSError:
                return
            heard.append(peer.recv(1000))
            peer.close()

    Thread(target=serve, daemon=True).start()
    yield f"http://127.0.0.1:{server.getsockname()[1]}", heard
    server.close()


@pytest.fixture(scope="module")
def zoo(tmp_path_factory, asked) -> tuple[Path, Path]:
    """The folder with all bad files, and the secret beside it."""
    house = tmp_path_factory.mktemp("zoo")
    secret = house / "secret.txt"
    secret.write_text(SECRET, "utf-8")
    folder = house / "bad"
    folder.mkdir()
    chance = random.Random(SEED)
    for end, data in well_formed(house).items():
        for number in range(DAMAGED):
            (folder / f"damaged{number:02}.{end}").write_bytes(damaged(data, chance))
    for name, data in tricks(secret, asked[0]).items():
        Path(os.fsdecode(os.fsencode(str(folder / name)))).write_bytes(data)
    for end in ("txt", "html", "pdf", "docx", "json"):
        with (folder / f"sparse.{end}").open("wb") as file:
            file.truncate(2_000_000_000)
    (folder / "out.txt").symlink_to(secret)
    (folder / "out").symlink_to(house)
    (folder / "round.txt").symlink_to("round.txt")
    return folder, secret


def snapshot(folder: Path) -> dict[str, tuple[int, int]]:
    return {str(p): (p.lstat().st_size, p.lstat().st_mtime_ns) for p in folder.rglob("*")}


@pytest.mark.timeout(900)
def test_two_hundred_bad_files_are_each_read_or_refused_by_name_and_nothing_else_happens(
    zoo, asked, tmp_path, monkeypatch
):
    folder, _ = zoo
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    before = snapshot(folder.parent)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    sources = find_sources([folder])
    files = sorted({*sources.files, *(path for path in folder.iterdir() if path.is_file())} - {folder / "out.txt"})
    told: list[str] = []
    slow: dict[str, float] = {}
    silent: list[Path] = []
    began = time.monotonic()
    for path, found in read_sources(files, Known(), jobs=2):
        heard = list(found)
        slow[path.name] = time.monotonic() - began
        began = time.monotonic()
        if not heard:
            silent.append(path)
        for each in heard:
            if isinstance(each, Failure):
                assert "\n" not in each.reason, each.reason
                assert each.file.startswith(str(path))
                told.append(each.reason)
            else:
                told += [article.text for article in each]
                told += [str(article.title) for article in each]
    told += [failure.reason for failure in sources.failures]
    assert len(files) >= 250
    assert silent == []
    assert max(slow.values()) < PER_FILE, max(slow, key=slow.__getitem__)
    assert not any(SECRET[:8] in each for each in told)
    assert asked[1] == []
    assert snapshot(folder.parent) == before
    assert list(temporary.iterdir()) == []
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory) * 1024 < MEMORY
    assert any("leads out" in failure.reason for failure in sources.failures)


def test_two_gigabytes_of_nothing_are_refused_at_once(zoo):
    folder, _ = zoo
    for path in sorted(folder.glob("sparse.*")):
        began = time.process_time()
        (failure,) = read_source(path, Known())
        assert "too long" in failure.reason
        assert time.process_time() - began < 1


def test_a_sparse_file_of_json_lines_streams_and_is_one_bad_line(tmp_path):
    path = tmp_path / "sparse.jsonl"
    with path.open("wb") as file:
        file.truncate(300_000_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    (failure,) = read_source(path, Known())
    assert "line 1: longer than" in failure.reason
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 < 100_000_000


def test_a_reader_that_overruns_is_ended_and_the_next_file_is_read(tmp_path):
    path = tmp_path / "a.html"
    path.write_bytes(HTML)
    (refusal,) = crew().read(path, kinds.HTML, Asked(str(path)), seconds=0.0)
    assert "seconds" in refusal.reason
    (articles,) = read_source(path, Known())
    assert articles[0].title == "云溪渡轮又开航了"


def test_a_reader_that_was_killed_while_it_waited_is_replaced(tmp_path):
    path = tmp_path / "a.html"
    path.write_bytes(HTML)
    assert list(read_source(path, Known()))
    for child in crew()._idle:
        child._process.kill()
        child._process.wait()
    (articles,) = read_source(path, Known())
    assert articles[0].title == "云溪渡轮又开航了"


@pytest.mark.parametrize(
    "deed",
    [
        "import socket; socket.create_connection(('127.0.0.1', 9))",
        "import socket; socket.getaddrinfo('news.invalid', 80)",
        "import subprocess; subprocess.run(['true'])",
        "open('touched', 'w')",
        "import os; os.remove('kept')",
        "bytearray(3 << 30)",
    ],
)
def test_a_reader_has_no_network_starts_no_program_changes_no_file_and_has_only_so_much_memory(deed, tmp_path):
    (tmp_path / "kept").write_text("x", "utf-8")
    lines = ["from ingest.readers.confinement import bound, shut_in", "shut_in(2 << 30)", "bound(1 << 30, 20)"]
    code = "\n".join([*lines, "try:", f"    {deed}", "except (PermissionError, MemoryError) as e:", "    print('no')"])
    env = os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60
    )
    assert done.stdout == "no\n", done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_a_locked_member_is_named_and_the_others_are_read(tmp_path):
    data = bytearray(packed({"a.txt": PAGE, "b.txt": "\n\n".join(GRANARY).encode()}))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + place] |= 1
    (tmp_path / "a.zip").write_bytes(data)
    failure, articles = read_source(tmp_path / "a.zip", Known())
    assert "a.txt' is locked" in failure.reason
    assert articles[0].member.endswith("a.zip!/b.txt")
