"""The rule: a page knows its paper, day and number from what the user says, else its path, else itself.

The clock is never asked."""

import os
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from ingest.errors import NotFound, UnreadablePage
from ingest.pages import read_page

PAGES = Path(__file__).parent / "pages"


@pytest.mark.parametrize(
    ("path", "paper", "day", "number"),
    [
        ("2023-05-11.txt", None, date(2023, 5, 11), None),
        ("平江日报_20230511_03.txt", "平江日报", date(2023, 5, 11), "3"),
        ("平江日报/2023/05/11/第3版.txt", None, date(2023, 5, 11), "3"),
        ("平江日报/2023年5月11日 第十二版.txt", "平江日报", date(2023, 5, 11), "12"),
        ("2023-05-11/A03.txt", None, date(2023, 5, 11), "A03"),
        ("page_07.txt", None, None, "7"),
        ("2023.txt", None, None, None),
        ("notes.txt", None, None, None),
        ("20231345.txt", None, None, None),
    ],
)
def test_the_path_gives_paper_day_and_number(tmp_path, path, paper, day, number):
    file = tmp_path / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("老粮仓变身社区食堂\n昨天开张。", "utf-8")
    page = read_page(file)
    assert (page.paper, page.date, page.page) == (paper, day, number)


def test_the_pages_own_label_gives_what_the_path_does_not():
    page = read_page(PAGES / "county_evening.txt")
    assert (page.paper, page.date, page.page) == ("平江晚报", date(2024, 3, 6), "3")


def test_what_the_user_says_wins_over_path_and_label(tmp_path):
    file = tmp_path / "平江日报_20230511_03.txt"
    file.write_text("昨天开张。", "utf-8")
    page = read_page(file, paper="青山报", date=date(2020, 1, 2), page="第4版")
    assert (page.paper, page.date, page.page) == ("青山报", date(2020, 1, 2), "4")


def test_a_year_that_nothing_names_stays_unknown(tmp_path):
    file = tmp_path / "page.txt"
    file.write_text("本报平江5月10日电 今年以来，老粮仓一直空着。", "utf-8")
    assert read_page(file).date is None


@pytest.mark.parametrize(("name", "said"), [("gone.txt", "no file"), (".", "folder"), ("scan.pdf", "format")])
def test_what_is_no_page_is_refused_in_one_line(tmp_path, name, said):
    (tmp_path / "scan.pdf").write_bytes(b"%PDF-1.7")
    with pytest.raises((NotFound, UnreadablePage), match=said) as e:
        read_page(tmp_path / name)
    assert "\n" not in str(e.value)


def test_an_empty_file_is_refused(tmp_path):
    (tmp_path / "empty.txt").write_bytes(b"\xef\xbb\xbf \r\n\r\n")
    with pytest.raises(UnreadablePage, match="empty"):
        read_page(tmp_path / "empty.txt")


def _complaint(path: Path) -> str:
    """What reading says; root, who may read everything, reads as nobody."""
    if os.geteuid() == 0:
        os.setuid(65534)
    try:
        read_page(path)
    except UnreadablePage as e:
        return str(e)
    return "read"


def test_a_file_without_the_right_to_read_is_refused():
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        file = Path(folder, "locked.txt")
        file.write_text("昨天开张。", "utf-8")
        file.chmod(0)
        with ProcessPoolExecutor(1, mp_context=get_context("fork")) as pool:
            assert "chmod" in pool.submit(_complaint, file).result()
