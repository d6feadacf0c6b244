"""What a run tells: the summary, the report file, the quarantine, the exit status; every number is exact."""

import json
from pathlib import Path

import pytest

from ingest.progress import LineProgress
from tests.stories import stories, story


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "pages"
    made.mkdir()
    write(made / "a.jsonl", stories(5))
    write(made / "b.jsonl", stories(5, 5))
    write(made / "c.jsonl", stories(2, 10))
    write(made / "d.jsonl", [story(20)])
    return made


def write(path: Path, rows: list[dict]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return path


def changed(folder: Path) -> None:
    """A morning's changes: one article changed, one removed, one added, a file renamed, one gone, one broken."""
    write(folder / "a.jsonl", [story(0) | {"text": "柳桥镇的夜校改在河边开课。"}, *stories(3, 1), story(30)])
    (folder / "b.jsonl").rename(folder / "b2.jsonl")
    (folder / "d.jsonl").unlink()
    (folder / "e.jsonl").write_text('{"text": 7}\n', "utf-8")


def test_the_report_says_exactly_what_happened_to_each_file(run, folder, tmp_path):
    run("add", folder)
    changed(folder)
    said = run("add", folder, "--prune", "--report", tmp_path / "report.json")
    assert said.exit_code == 1
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    files = {Path(each["file"]).name: each for each in report["files"]}
    assert {name: each["what"] for name, each in files.items()} == {
        "a.jsonl": "changed",
        "b2.jsonl": "moved",
        "c.jsonl": "unchanged",
        "d.jsonl": "gone",
        "e.jsonl": "failed",
    }
    counts = {
        name: tuple(each[n] for n in ("added", "changed", "unchanged", "withdrawn")) for name, each in files.items()
    }
    assert counts == {
        "a.jsonl": (1, 1, 3, 1),
        "b2.jsonl": (0, 0, 5, 0),
        "c.jsonl": (0, 0, 2, 0),
        "d.jsonl": (0, 0, 0, 1),
        "e.jsonl": (0, 0, 0, 0),
    }
    totals = report["totals"]
    assert {
        name: sum(each[i] for each in counts.values()) for i, name in enumerate(("added", "changed", "unchanged"))
    } == {name: totals[name] for name in ("added", "changed", "unchanged")}
    assert (totals["withdrawn"], totals["moved"], totals["unchanged_files"], totals["files"]) == (2, 1, 1, 4)
    assert (report["generation_before"], report["generation"]) == (1, 2)
    (gone,) = files["d.jsonl"]["articles"]["withdrawn"]
    assert "withdrawn on 20" in run("show", gone).stdout
    assert json.loads(run("show", gone, "--json").stdout)["withdrawn"]
    assert json.loads(run("show", *files["a.jsonl"]["articles"]["added"], "--json").stdout)["source_id"] == "s30"
    assert files["b2.jsonl"]["moved_from"].endswith("b.jsonl")
    assert files["a.jsonl"]["provenance"]["paper"] == {"value": "试报", "from": "record"}
    assert "line 1" in files["e.jsonl"]["failures"][0]
    assert report["versions"]["schema"] >= 3


def test_a_trial_reports_what_the_run_then_does(run, folder, tmp_path):
    run("add", folder)
    changed(folder)
    reports = []
    for options in (["--dry-run"], []):
        run("add", folder, "--prune", *options, "--report", tmp_path / "report.json")
        report = json.loads((tmp_path / "report.json").read_text("utf-8"))
        assert report["dry_run"] == bool(options)
        counts = ("file", "what", "added", "changed", "unchanged", "withdrawn", "articles")
        reports.append([{name: each[name] for name in counts} for each in report["files"]])
    assert reports[0] == reports[1]


def test_the_summary_is_one_line_with_all_that_matters(run, folder):
    assert run("add", folder).stdout == "13 articles added, from 4 files. Generation 1 is live.\n"
    changed(folder)
    assert run("add", folder, "--prune").stdout == (
        "1 article added, 1 article changed, 2 articles withdrawn, 10 unchanged, "
        "from 4 files (1 unchanged, 1 moved), 1 failed. Generation 2 is live.\n"
    )
    assert run("add", folder, "--prune").stdout == (
        "12 unchanged, from 4 files (3 unchanged), 1 in quarantine. Generation 2 is live.\n"
    )


@pytest.mark.parametrize("where", ["missing/report.json", "."])
def test_a_report_that_cannot_be_written_is_said_before_anything_is_done(run, folder, root, tmp_path, where):
    said = run("add", folder, "--report", tmp_path / where)
    assert (said.exit_code, len(said.stderr.splitlines())) == (2, 1)
    assert not root.exists()


# -- quarantine ----------------------------------------------------------------------------------------------------


def test_a_bad_file_is_named_once_and_then_passed_over_until_it_changes(run, folder):
    (folder / "bad.jsonl").write_text("{broken\n", "utf-8")
    first = run("add", folder)
    assert (first.exit_code, len(first.stderr.splitlines())) == (1, 1)
    second = run("add", folder)
    assert second.exit_code == 0
    assert second.stderr == (
        "1 file that failed before and has not changed since: "
        "`python -m ingest quarantine` lists, `add --retry` tries again.\n"
    )
    assert run("add", folder, "--retry").exit_code == 1
    (folder / "bad.jsonl").write_text("{still broken\n", "utf-8")
    assert run("add", folder).exit_code == 1
    write(folder / "bad.jsonl", [story(40)])
    third = run("add", folder)
    assert (third.exit_code, third.stderr) == (0, "")
    assert run("quarantine").stdout == "No file is in quarantine.\n"


def test_quarantine_lists_what_failed_with_the_reason_and_forgets_it_when_told(run, folder):
    (folder / "bad.jsonl").write_text("{broken\n" * 30, "utf-8")
    run("add", folder)
    row = json.loads(run("quarantine", "--json").stdout)
    assert row["file"].endswith("bad.jsonl")
    assert (row["failures"], len(row["reasons"])) == (30, 20)
    assert "and 10 more" in run("quarantine").stdout
    assert run("quarantine", "--clear").stdout == "1 released.\n"
    assert run("quarantine").stdout == "No file is in quarantine.\n"
    assert run("add", folder).exit_code == 1


def test_a_file_with_some_bad_lines_gives_its_good_ones_and_is_then_as_it_was(run, folder):
    with (folder / "a.jsonl").open("a", encoding="utf-8") as file:
        file.write("{broken\n")
    assert run("add", folder).exit_code == 1
    again = run("add", folder, "--json")
    assert again.exit_code == 0
    said = json.loads(again.stdout)
    assert (said["unchanged"], said["unchanged_files"], said["quarantined"], said["generation"]) == (13, 4, 1, 1)


def test_a_file_that_is_gone_leaves_the_quarantine(run, folder):
    (folder / "bad.jsonl").write_text("{broken\n", "utf-8")
    run("add", folder)
    (folder / "bad.jsonl").unlink()
    run("add", folder)
    assert run("quarantine").stdout == "No file is in quarantine.\n"


def test_a_damaged_quarantine_is_an_empty_one(run, folder, root):
    run("add", folder)
    for text in ("garbage", "[]", '{"x": 1}', '{"x": {"file": 1}}'):
        (root / "quarantine.json").write_text(text, "utf-8")
        assert run("quarantine").exit_code == 0
        assert run("add", folder).exit_code == 0


def test_a_readers_own_mistake_fails_one_file_and_no_other(run, folder, monkeypatch):
    import ingest.readers.ahead

    real = ingest.readers.ahead.read_records

    def mistaken(path, name):
        if path.name == "b.jsonl":
            raise ZeroDivisionError("of ours")
        return real(path, name)

    monkeypatch.setattr(ingest.readers.ahead, "read_records", mistaken)
    said = run("add", folder)
    assert said.exit_code == 1
    assert "b.jsonl' cannot be read: ZeroDivisionError: of ours" in said.stderr
    assert "8 articles added" in said.stdout


# -- options and settings --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["option", "setting"])
def test_a_malformed_pattern_is_one_line_and_changes_nothing(run, folder, root, monkeypatch, how):
    if how == "setting":
        monkeypatch.setenv("WENBAO_PATH_PATTERN", "{papr}")
    for command in ("add", "articles"):
        said = run(command, folder, *(["--pattern", "{papr}"] if how == "option" else []))
        assert (said.exit_code, len(said.stderr.splitlines())) == (2, 1)
        assert "did you mean 'paper'" in said.stderr
    assert not root.exists()


def test_watching_what_is_no_folder_is_refused(run, folder):
    said = run("watch", folder / "a.jsonl")
    assert (said.exit_code, len(said.stderr.splitlines())) == (2, 1)
    assert "no folder" in said.stderr


def test_progress_tells_at_which_file_a_run_is_and_how_many_were_as_they_were():
    said: list[str] = []
    now = [0.0]
    progress = LineProgress(said.append, lambda: now[0])
    progress.at_file(3, 10, 200)
    now[0] = 10.0
    progress.advance(50)
    assert said == ["50 articles, 5 a second; file 3 of 10; 200 files unchanged"]
