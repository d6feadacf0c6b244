"""JSON lines become articles one by one; what a record does not know stays unknown."""

import json
import lzma
from datetime import date

import pytest

from ingest.models import Article
from ingest.records import BadRecord, read_records


def one(tmp_path, record: dict) -> Article | BadRecord:
    path = tmp_path / "one.jsonl"
    path.write_text(json.dumps(record, ensure_ascii=False), "utf-8")
    return next(read_records(path))


def test_every_field_finds_its_place(tmp_path):
    fields = {"id": 7, "title": "渡轮　开航\n", "date": "2022-05-11", "paper": "试报", "page": 3, "place": "云溪"}
    article = one(
        tmp_path, fields | {"byline": "记者 林晓", "url": "https://example.org/7", "text": "第一段。\n\n 第二段。 "}
    )
    assert article.record_id == "7"
    assert (article.title, article.paper, article.page, article.place) == ("渡轮 开航", "试报", "3", "云溪")
    assert (article.byline, article.url) == ("记者 林晓", "https://example.org/7")
    assert article.issued == article.date == date(2022, 5, 11)
    assert article.paragraphs == ("第一段。", "第二段。")


@pytest.mark.parametrize(
    "nothing", [{}, {"title": None, "date": None, "url": " ", "id": ""}, {"title": [], "page": {}}]
)
def test_what_a_record_does_not_say_stays_unknown(tmp_path, nothing):
    article = one(tmp_path, nothing | {"text": "一段。"})
    assert (article.title, article.date, article.url, article.record_id, article.page) == (None,) * 5


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("2022-05-11", date(2022, 5, 11)),
        ("2022-05-11T08:00:00+08:00", date(2022, 5, 11)),
        ("2022/5/1", date(2022, 5, 1)),
        ("20220511", date(2022, 5, 11)),
        (20220511, date(2022, 5, 11)),
        ("2022年5月11日", date(2022, 5, 11)),
        ("2022.05.11 12:30", date(2022, 5, 11)),
    ],
)
def test_a_day_is_read_in_every_usual_writing(tmp_path, said, day):
    assert one(tmp_path, {"text": "一段。", "date": said}).date == day


@pytest.mark.parametrize("said", ["前天", "2022-02-30", "11.5.2022", "2022"])
def test_what_is_no_day_is_not_guessed(tmp_path, said):
    bad = one(tmp_path, {"text": "一段。", "date": said})
    assert isinstance(bad, BadRecord)
    assert said in bad.reason


def test_a_packed_file_reads_like_the_plain_one_and_positions_count_its_characters(tmp_path):
    text = "".join(json.dumps({"text": f"第{n}篇。"}, ensure_ascii=False) + "\n\n" for n in range(3))
    (tmp_path / "a.jsonl").write_text(text, "utf-8")
    with lzma.open(tmp_path / "b.jsonl.xz", "wt", encoding="utf-8") as file:
        file.write(text)
    plain, packed = (list(read_records(tmp_path / name)) for name in ("a.jsonl", "b.jsonl.xz"))
    assert plain == packed
    assert [json.loads(text[article.start : article.end])["text"] for article in plain] == [a.text for a in plain]


def test_half_a_character_in_a_record_does_not_stop_the_rest(tmp_path):
    article = one(tmp_path, {"text": "好"}).text
    assert article == "好"
    path = tmp_path / "half.jsonl"
    path.write_text('{"text": "渡轮\\ud83d开航", "title": "\\udc00"}\n', "utf-8")
    (article,) = read_records(path)
    article.text.encode("utf-8")
    article.title.encode("utf-8")
