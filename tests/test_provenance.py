"""Paper, day and page come from options, path, sidecar and text, in that order; a malformed one has its line named."""

import json
from datetime import date
from pathlib import Path

import pytest

from ingest.errors import BadSetting, BadSidecar
from ingest.ingester import Ingester, Wish
from ingest.outcomes import FileOutcome
from ingest.pattern import PageFacts, PathPattern
from ingest.sidecar import Begin, read_sidecar
from ingest.sources import Known
from tests.stories import story

PATTERN = PathPattern("{paper}/{date:%Y-%m-%d}/{page}.txt")
LABEL = "2021年3月4日 星期四 第5版 石塘晚报\n\n"
BODY = f"{story(1)['title']}\n\n本报讯 {story(1)['text']}\n"

# -- the pattern -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "path", "facts"),
    [
        (
            "{paper}/{date:%Y-%m-%d}/{page}.txt",
            "/srv/柳桥日报/2022-05-11/A01.txt",
            ("柳桥日报", date(2022, 5, 11), "A01"),
        ),
        ("{date:%Y%m%d}_{page}.txt", "20220511_3.txt", (None, date(2022, 5, 11), "3")),
        ("{paper}/{date:%y.%m.%d}/*.jsonl", "/a/柳桥日报/22.5.1/x.jsonl", ("柳桥日报", date(2022, 5, 1), None)),
        ("/{paper}/*/{page}.txt", "/a/柳桥日报/任意/7.txt", ("柳桥日报", None, "7")),
        ("{date:%d%%%m%%%Y}/{page}.txt", "/a/11%05%2022/1.txt", (None, date(2022, 5, 11), "1")),
    ],
)
def test_a_path_that_fits_says_what_the_pattern_names(pattern, path, facts):
    assert PathPattern(pattern).facts(Path(path)) == PageFacts(*facts)


@pytest.mark.parametrize(
    "path",
    ["/srv/柳桥日报/2022-05-11/A01.text", "/srv/2022-05-11/A01.txt.bak", "/x/柳桥日报/2022-13-11/A01.txt", "A01.txt"],
)
def test_a_path_that_does_not_fit_says_nothing(path):
    assert PATTERN.facts(Path(path)) is None


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("{paper/{page}.txt", "brace"),
        ("{page}}.txt", "brace"),
        ("{papr}/{page}.txt", "did you mean 'paper'"),
        ("pages/*.txt", "no field"),
        ("{page}/{page}.txt", "twice"),
        ("{date:%Y-%m}.txt", "one year, one month and one day"),
        ("{date:%Y-%B-%d}.txt", "not '%B'"),
        ("{paper:x}.txt", "takes no format"),
    ],
)
def test_a_malformed_pattern_is_one_line_that_shows_a_good_one(pattern, why):
    with pytest.raises(BadSetting) as refused:
        PathPattern(pattern)
    assert why in str(refused.value)
    assert "{paper}/{date:%Y-%m-%d}/{page}.txt" in str(refused.value)
    assert "\n" not in str(refused.value)


# -- the sidecar -----------------------------------------------------------------------------------------------------


def sidecar(folder: Path, text: str) -> Path:
    (folder / "meta.yaml").write_text(text, "utf-8")
    return folder


def test_a_sidecar_speaks_for_its_folder_and_for_single_files(tmp_path):
    sidecar(
        tmp_path,
        "paper: NO\ndate: 2022-05-11\nfiles:\n  A01.txt: {page: 03, begins: [3, 渡轮, {at: 9, title: 茶园}]}\n",
    )
    read = read_sidecar(tmp_path)
    told = read.about("A01.txt")
    assert (told.paper, told.date, told.page) == ("NO", date(2022, 5, 11), "03")
    assert [(begin.at, begin.title) for begin in told.begins] == [(3, None), ("渡轮", None), (9, "茶园")]
    assert read.about("A02.txt").page is None
    assert read_sidecar(tmp_path / "elsewhere") is None


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        ("papr: 柳桥日报\n", 1, "did you mean 'paper'"),
        ("paper: 柳桥日报\ndate: yesterday\n", 2, "not a day"),
        ("paper: [a, b]\n", 1, "needs a value"),
        ("paper:\n", 1, "needs a value"),
        ("- paper\n", 1, "keys with values"),
        ("paper: a\npaper: b\n", 2, "twice"),
        ("paper: 'a\n", 2, "no YAML"),
        ("files:\n\tA01.txt: 1\n", 2, "no YAML"),
        ("paper: !!python/object/apply:os.system [ls]\n", 1, "needs a value"),
    ],
)
def test_a_malformed_sidecar_is_refused_with_its_line(tmp_path, text, line, why):
    with pytest.raises(BadSidecar) as refused:
        read_sidecar(sidecar(tmp_path, text))
    assert why in str(refused.value)
    assert f"meta.yaml' line {line}: " in str(refused.value)


@pytest.mark.parametrize(
    "section", ["{pgae: 1}", "{begins: 3}", "{begins: []}", "{begins: [0]}", "{begins: [{title: x}]}", "7"]
)
def test_what_is_wrong_with_one_file_concerns_no_other(tmp_path, section):
    read = read_sidecar(sidecar(tmp_path, f"paper: 柳桥日报\nfiles:\n  A01.txt: {section}\n  A02.txt: {{page: 2}}\n"))
    assert read.about("A02.txt").page == "2"
    with pytest.raises(BadSidecar, match=r"meta.yaml' line 3: "):
        read.about("A01.txt")


@pytest.mark.parametrize("text", ["a: " * 20_000, "[" * 50_000, "x: &a [*a]\n", "p: " + "x" * 2_000_000])
def test_a_sidecar_meant_to_do_harm_is_refused_in_a_moment(tmp_path, text):
    with pytest.raises(BadSidecar):
        read_sidecar(sidecar(tmp_path, text))


# -- all of them -----------------------------------------------------------------------------------------------------


def outcome(root, encoder, path: Path, wish: Wish) -> FileOutcome:
    (found,) = Ingester(root, encoder).add([path], wish=wish).outcomes
    return found


def used(found: FileOutcome) -> dict[str, tuple[str | None, str | None]]:
    return {
        name: (getattr(found.facts, name).value, getattr(found.facts, name).origin)
        for name in ("paper", "date", "page")
    }


def test_the_first_that_says_it_counts_and_the_report_says_which(root, encoder, tmp_path):
    folder = tmp_path / "x" / "2022-05-11"
    folder.mkdir(parents=True)
    page = folder / "0311.txt"
    page.write_text(LABEL + BODY, "utf-8")
    steps = [used(outcome(root, encoder, page, Wish(detail=True)))]
    sidecar(folder, "paper: 旁注报\ndate: 2022-06-01\npage: 8\n")
    steps.append(used(outcome(root, encoder, page, Wish(detail=True))))
    steps.append(used(outcome(root, encoder, page, Wish(pattern=PATTERN, detail=True))))
    steps.append(used(outcome(root, encoder, page, Wish(Known(paper="选报"), PATTERN, detail=True))))
    assert steps == [
        {"paper": ("石塘晚报", "text"), "date": ("2022-05-11", "path"), "page": ("5", "text")},
        {"paper": ("旁注报", "sidecar"), "date": ("2022-06-01", "sidecar"), "page": ("8", "sidecar")},
        {"paper": ("x", "pattern"), "date": ("2022-05-11", "pattern"), "page": ("311", "pattern")},
        {"paper": ("选报", "option"), "date": ("2022-05-11", "pattern"), "page": ("311", "pattern")},
    ]


def test_a_records_own_fields_give_way_to_options_alone(root, encoder, tmp_path):
    folder = tmp_path / "柳桥日报" / "2022-05-11"
    folder.mkdir(parents=True)
    path = folder / "3.jsonl"
    path.write_text(json.dumps(story(1), ensure_ascii=False), "utf-8")
    pattern = PathPattern("{paper}/{date}/{page}.jsonl")
    found = used(outcome(root, encoder, path, Wish(pattern=pattern, detail=True)))
    assert found == {"paper": ("试报", "record"), "date": (story(1)["date"], "record"), "page": ("3", "pattern")}
    found = used(outcome(root, encoder, path, Wish(Known(paper="选报"), pattern, detail=True)))
    assert found["paper"] == ("选报", "option")


def test_a_sidecar_that_changes_has_the_files_concerned_read_again_and_no_other(root, encoder, tmp_path):
    for name in ("A01.txt", "A02.txt"):
        (tmp_path / name).write_text(name + BODY, "utf-8")
    sidecar(tmp_path, "files: {A01.txt: {paper: 甲报}}")
    ingester = Ingester(root, encoder)
    ingester.add([tmp_path])
    sidecar(tmp_path, "files: {A01.txt: {paper: 乙报}}")
    report = ingester.add([tmp_path])
    assert (report.unchanged_files, report.added, report.withdrawn) == (1, 1, 1)


def test_a_malformed_sidecar_fails_the_files_of_its_folder_and_changes_nothing_of_them(root, encoder, tmp_path):
    (tmp_path / "A01.txt").write_text(BODY, "utf-8")
    ingester = Ingester(root, encoder)
    ingester.add([tmp_path])
    sidecar(tmp_path, "papr: 甲报\n")
    report = ingester.add([tmp_path], wish=Wish(prune=True))
    assert (len(report.failures), report.generation, report.withdrawn) == (1, 1, 0)
    again = ingester.add([tmp_path])
    assert (again.failures, again.quarantined) == ((), 1)
    sidecar(tmp_path, "paper: 甲报\n")
    assert ingester.add([tmp_path]).added == 1


def test_marks_keep_the_place_where_they_stand_in_the_sidecar(tmp_path):
    sidecar(tmp_path, "files:\n  A01.txt:\n    begins:\n      - 7\n")
    assert read_sidecar(tmp_path).about("A01.txt").begins == (Begin(7, None, f"'{tmp_path}/meta.yaml' line 4"),)
