"""The ingest commands: exact JSON on stdout, one line per complaint on stderr, and bad input changes nothing."""

import json
import os
import re
import resource
import shutil
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ingest.archive import Archive
from ingest.cli import cli
from ingest.encoder import load_encoder
from ingest.locks import only_ingest
from ingest.terms import search_terms
from tests.conftest import CHECKOUT
from tests.pace import slowness
from tests.stories import stories, story

PAGE = """柳桥镇把夜校办到了河边

本报柳桥5月10日电（记者 林 晓）入夜，旧粮仓里，夜校的第一课开讲。来听课的有六十三人，最年长的七十一岁。

镇里说，夜校一周开三个晚上，教的是算账、电工和急救，不收学费。

云溪乡的渡轮又开航了

本报云溪5月10日电（记者 周 禾）停了八个月的渡轮昨天重新开航。船能载四十人。乡里补贴了二十二万元，票价仍是两元。
"""
KEYS = [
    *("article_id", "version_id", "source_id", "title", "subtitle", "kicker", "byline", "dateline", "place", "paper"),
    *("date", "page", "sample", "superseded_by", "withdrawn", "text", "starts_mid", "continued_from", "continued_to"),
    *("url", "file", "file_start", "file_end", "subheads", "extra", "linked", "same_story", "versions"),
    *("corrected_by", "corrects", "file_spans"),
]


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "page.txt"
    path.write_text(PAGE, "utf-8")
    return path


def held(root: Path) -> list[str]:
    """Every file of the archive's finished state."""
    return sorted(str(path) for path in root.rglob("*") if path.name not in ("ingest.lock", "quarantine.json"))


def test_a_page_goes_in_and_comes_out_with_every_character_traced_to_its_file(run, page):
    assert run("add", page, "--paper", "试报", "--date", "2022-05-11", "--page", "3").exit_code == 0
    listed = [json.loads(line) for line in run("list", "--json").stdout.splitlines()]
    assert {row["title"] for row in listed} == {"柳桥镇把夜校办到了河边", "云溪乡的渡轮又开航了"}
    for row in listed:
        shown = json.loads(run("show", row["article_id"], "--json").stdout)
        assert list(shown) == KEYS
        assert (shown["paper"], shown["date"], shown["page"]) == ("试报", "2022-05-11", "3")
        traced = 0
        for start, source, length in shown["file_spans"]:
            assert shown["text"][start : start + length] == PAGE[source : source + length]
            traced += length
        assert traced >= len(shown["text"].replace("\n", ""))
        assert shown["text"] in run("show", row["version_id"]).stdout


def test_add_says_in_json_what_it_did(run, page):
    said = json.loads(run("add", page, "--json").stdout)
    assert said == said | {"generation": 1, "added": 2, "changed": 0, "unchanged": 0, "files": 1, "failures": []}
    again = json.loads(run("add", page, "--json").stdout)
    assert again == again | {"generation": 1, "added": 0, "unchanged": 2, "embedded": 0}


def test_a_trial_changes_nothing(run, page, root):
    said = run("add", page, "--dry-run")
    assert (said.exit_code, "2 articles added" in said.stdout, root.exists()) == (0, True, False)


def test_a_folder_is_walked_and_what_is_no_page_is_counted(run, page, records):
    records(*stories(3))
    (page.parent / "photo.jpg").write_bytes(b"\xff\xd8\xff")
    said = json.loads(run("add", page.parent, "--json").stdout)
    assert (said["added"], said["files"], said["skipped"], said["failures"]) == (5, 2, 1, [])


def test_articles_shows_how_pages_split_and_stores_nothing(run, page, root):
    said = run("articles", page, "--json", "--date", "2022-05-11")
    (line,) = said.stdout.splitlines()
    record = json.loads(line)
    assert [article["title"] for article in record["articles"]] == ["柳桥镇把夜校办到了河边", "云溪乡的渡轮又开航了"]
    assert (record["file"], record["date"]) == (str(page), "2022-05-11")
    assert not root.exists()


def test_stats_check_remove_rollback_and_reembed_go_through(run, page):
    assert "empty" in run("stats").stdout
    run("add", page)
    assert json.loads(run("stats", "--json").stdout)["articles"] == 2
    assert "generation 1 is whole: 2 articles" in run("check").stdout
    name = run("list").stdout.split()[0]
    assert "1 article removed" in run("remove", name).stdout
    assert run("show", name).exit_code == 2
    assert run("rollback").stdout == "generation 1 is live.\n"
    assert run("show", name).exit_code == 0
    assert "2 articles changed" in run("reembed").stdout


def test_what_is_not_there_is_said_and_what_to_do_about_it(run, page, root, tmp_path):
    nothing = run("check")
    assert (nothing.exit_code, repr(str(root)) in nothing.stderr) == (0, True), "it may be a slip in WENBAO_DATA"
    run("add", page)
    none = run("list", "--paper", "没有的报")
    assert (none.exit_code, none.stdout, len(none.stderr.splitlines())) == (0, "", 1)
    assert run("list").stderr == ""
    out = tmp_path / "nowhere" / "news.jsonl"
    lost = run("export", "--out", out)
    assert (lost.exit_code, lost.stdout) == (2, "")
    assert lost.stderr.startswith(f"{str(out.parent)!r} is no folder")


def test_the_sample_edition_fills_any_empty_archive_and_says_why_it_fills_no_other(run, page):
    run("add", page)
    refused = run("sample")
    assert (refused.exit_code, "nothing added" in refused.stdout, "not empty" in refused.stderr) == (0, True, True)
    run("remove", *(line.split()[0] for line in run("list").stdout.splitlines()))
    filled = run("sample")
    assert (filled.exit_code, "articles added" in filled.stdout, filled.stderr) == (0, True, "")


def test_a_second_ingest_that_must_not_wait_says_who_is_at_work(run, page, root):
    with only_ingest(root, wait=False, say=print):
        said = run("add", page, "--no-wait")
    assert (said.exit_code, said.stdout) == (2, "")
    assert f"process {os.getpid()}" in said.stderr


def test_two_ingests_at_once_both_go_in_one_after_the_other(run, records, root):
    env = {**os.environ, "WENBAO_DATA": str(root)}
    both = []
    for n in range(2):
        command = [sys.executable, "-m", "ingest", "add", records(*stories(200, first=200 * n), name=f"{n}.jsonl")]
        both.append(subprocess.Popen([*command, "--json"], cwd=CHECKOUT, env=env, stdout=subprocess.PIPE))
    reports = [json.loads(process.communicate(timeout=60)[0]) for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert sorted(report["generation"] for report in reports) == [1, 2]
    assert "whole: 400 articles" in run("check").stdout


def test_a_new_page_is_answerable_in_an_open_reader_within_three_seconds_of_being_taken_in(run, page, root, records):
    run("add", records(*stories(100)))
    env = {**os.environ, "WENBAO_DATA": str(root)}
    with Archive(root, load_encoder("builtin")) as archive:
        subprocess.run([sys.executable, "-m", "ingest", "add", page], cwd=CHECKOUT, env=env, check=True)
        began = time.monotonic()
        while not _says(archive, "渡轮重新开航", "渡轮"):
            assert time.monotonic() - began < 60
            time.sleep(0.01)
        took = time.monotonic() - began
    assert took < 3 * slowness()


def _says(archive: Archive, question: str, word: str) -> bool:
    with archive.read() as snapshot:
        hits = snapshot.search_words([(term, 1.0) for term in search_terms(question)], 1)
        return any(word in chunk.text for chunk in snapshot.chunks(hit.chunk_id for hit in hits).values())


@pytest.mark.parametrize(
    "command", ["", *sorted(command.name or command.callback.__name__ for command in cli.registered_commands)]
)
def test_every_option_has_help(command):
    said = CliRunner().invoke(cli, [*command.split(), "--help"])
    assert said.exit_code == 0
    options = [line for line in said.stdout.splitlines() if line.strip().startswith("-")]
    assert options
    assert all(len(line.split("  ")[-1].strip()) > 10 or line.startswith(" " * 20) for line in options), said.stdout


def test_the_list_of_commands_says_of_each_in_a_whole_sentence_what_it_does():
    said = CliRunner().invoke(cli, ["--help"], env={"COLUMNS": "80"}).stdout
    listed = said[said.index("Commands:") :].splitlines()[1:]
    assert len(listed) == len(cli.registered_commands)
    assert all(line.endswith(".") and not line.endswith("...") for line in listed), said


# -- bad input: one clear line, exit status 2, nothing changed ------------------------------------------


def _missing(folder: Path) -> Path:
    return folder / "nowhere.txt"


def _no_pages(folder: Path) -> Path:
    (folder / "songs").mkdir()
    (folder / "songs" / "a.mp3").write_bytes(b"ID3")
    return folder / "songs"


def _file(name: str, data: bytes):
    def make(folder: Path) -> Path:
        (folder / name).write_bytes(data)
        return folder / name

    return make


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (_missing, "no file"),
        (_no_pages, "holds no page"),
        (_file("empty.txt", b""), "empty"),
        (_file("blank.txt", b" \n\n\t\n"), "empty"),
        (_file("binary.txt", bytes(range(256)) * 40), "not a text file"),
        (_file("song.mp3", b"ID3" + bytes(2000)), "format"),
        (_file("picture.png", b"\x89PNG\r\n\x1a\n" + bytes(2000)), "no picture"),
        (_file("broken.txt", "渡轮开航".encode() * 40 + b"\xff\xfe\x80\xff" + "夜校开课".encode() * 40), "UTF-8"),
        (_file("line.txt", "长".encode() * (50_000_000 // 3)), "long"),
        (_file("empty.jsonl", b""), "empty"),
        (_file("list.jsonl", b"[1, 2]\n"), "line 1"),
        (_file("huge.jsonl", b'{"text": "' + b"a" * 9_000_000 + b'"}\n'), "line 1: longer than"),
        (_file("broken.jsonl.xz", b"\xfd7zXZ\x00 and then nothing"), "cannot be read"),
        (_file("nul.jsonl", b'{"text": "a\\u0000b"}\n'), "line 1: a NUL character"),
        (_file("bytes.jsonl", b"\xff\xfe\n"), "line 1: not UTF-8"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_bad_input_gets_one_line_and_changes_nothing(run, records, root, tmp_path, make, said):
    run("add", records(story(1)))
    before = held(root)
    result = run("add", make(tmp_path))
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1), result.stderr
    assert said in result.stderr
    assert held(root) == before


def test_good_files_go_in_although_one_is_bad(run, page, tmp_path):
    result = run("add", _missing(tmp_path), page)
    assert result.exit_code == 1
    assert "nowhere.txt" in result.stderr
    assert "2 articles added" in result.stdout


def _pipe(folder: Path) -> Path:
    os.mkfifo(folder / "pipe.txt")
    return folder / "pipe.txt"


def _device(_: Path) -> Path:
    return Path("/dev/zero")


@pytest.mark.parametrize("make", [_pipe, _device])
def test_what_is_no_regular_file_is_refused_and_not_waited_for(run, root, tmp_path, make):
    result = run("add", make(tmp_path))
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1)
    assert "is no regular file" in result.stderr
    assert not root.exists()


def test_pipes_and_hidden_files_in_a_folder_are_passed_over(run, page, tmp_path):
    _pipe(tmp_path)
    (tmp_path / ".venv").mkdir()
    for hidden in (tmp_path / ".draft.txt", tmp_path / ".venv" / "readme.txt"):
        hidden.write_text(PAGE, "utf-8")
    said = json.loads(run("add", page.parent, "--json").stdout)
    assert (said["files"], said["skipped"], said["failures"]) == (1, 2, [])


@pytest.mark.parametrize("words", [("",), ("PAGE", "--date", ""), ("PAGE", "--paper", " "), ("PAGE", "--page", "")])
@pytest.mark.parametrize("command", ["add", "articles"])
def test_an_empty_path_or_option_is_an_unset_variable_and_is_refused(run, page, root, command, words):
    result = run(command, *[page if word == "PAGE" else word for word in words])
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1)
    assert "empty" in result.stderr
    assert not root.exists()


def test_an_article_as_long_as_a_book_is_refused_and_the_rest_of_its_page_goes_in(run, page, records):
    book = "\n\n又一本书\n\n本报柳桥5月10日电（记者 林 晓）" + "船到了桥下。灯亮着。" * 31_000 + "\n"
    page.write_text(PAGE + book, "utf-8")
    result = run("add", page, records(story(1), story(2) | {"text": "船到了桥下。" * 50_001}, story(3)))
    refused = result.stderr.splitlines()
    assert result.exit_code == 1
    assert "4 articles added" in result.stdout
    assert len(refused) == 2
    assert re.search(r"page.txt' line \d+: .* 310,0\d\d characters long, .* 300,000 at most", refused[0])
    assert re.search(r"records.jsonl' line 2: .* 300,006 characters long, .* 300,000 at most", refused[1])


def test_a_file_name_that_is_not_utf8_is_no_obstacle(run, tmp_path):
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.txt"))
    path.write_text(PAGE, "utf-8")
    assert json.loads(run("articles", path, "--json").stdout)["articles"]
    assert run("add", path).exit_code == 0
    assert json.loads(run("show", run("list").stdout.split()[0], "--json").stdout)["file"].endswith(".txt")
    assert run("add", path.with_name(os.fsdecode(b"\xfe.txt"))).exit_code == 2


def test_a_file_that_may_not_be_read_is_named(run, page, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text(PAGE, "utf-8")
    secret.chmod(0)
    if os.access(secret, os.R_OK):
        # Root may read everything, so the right has to be taken away in another way: a path through a file.
        secret = page / "secret.txt"
    result = run("add", secret)
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1)
    assert "secret.txt" in result.stderr


@pytest.mark.parametrize("day", ["yesterday", "2022-13-01", "11.5.2022"])
def test_a_wrong_date_is_named(run, page, root, day):
    result = run("add", page, "--date", day)
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1)
    assert repr(day) in result.stderr
    assert not root.exists()


@pytest.mark.parametrize("command", [("list",), ("stats",), ("check",), ("add", "PAGE"), ("add", "PAGE", "--dry-run")])
def test_a_corrupt_current_is_one_line_for_every_command(run, page, root, command):
    run("add", page)
    (root / "CURRENT").write_text("garbage\n")
    result = run(*[page if word == "PAGE" else word for word in command])
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1)
    assert "rollback --to N" in result.stderr
    assert run("rollback", "--to", "1").exit_code == 0
    assert run("check").exit_code == 0


def _data_is_a_file(root: Path) -> Path:
    root.write_text("not a folder")
    return root


def _current_is_a_folder(root: Path) -> Path:
    (root / "CURRENT").mkdir(parents=True)
    return root


def _data_in_proc(_: Path) -> Path:
    return Path("/proc/x")


@pytest.mark.parametrize("make", [_data_is_a_file, _current_is_a_folder, _data_in_proc])
@pytest.mark.parametrize("command", [("list",), ("add", "PAGE")])
def test_a_place_where_no_archive_can_be_is_named(run, page, root, monkeypatch, command, make):
    monkeypatch.setenv("WENBAO_DATA", str(make(root)))
    result = run(*[page if word == "PAGE" else word for word in command])
    if make is _data_in_proc and command == ("list",):  # an archive that is not there is empty
        assert (result.exit_code, result.output) == (0, "")
    else:
        assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1)
        assert "WENBAO_DATA" in result.stderr


def test_an_empty_setting_is_refused(run, monkeypatch):
    monkeypatch.setenv("WENBAO_DATA", "")
    result = run("stats")
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1)
    assert "WENBAO_DATA='' cannot be used" in result.stderr


def test_a_dotenv_that_is_not_utf8_is_one_line(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_bytes("WENBAO_KEEP=3 # 保留".encode("gbk"))
    result = run("stats")
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1)
    assert ".env" in result.stderr


def test_what_would_steer_a_terminal_is_printed_visibly_and_kept_exactly(run, records):
    title = "\x1b]0;hacked\x07\x1b[31m红\u202e字"
    run("add", records(story(1) | {"title": title}))
    listed, shown = run("list").stdout, run("show", run("list").stdout.split()[0]).stdout
    for said in (listed, shown):
        assert r"\x1b]0;hacked\x07\x1b[31m红\u202e字" in said
        assert not set(said) & set("\x1b\x07\u202e")
    assert json.loads(run("list", "--json").stdout)["title"] == title


def test_a_first_add_that_fails_says_that_nothing_was_added(run, tmp_path):
    said = run("add", _file("empty.txt", b"")(tmp_path))
    assert said.stdout == "nothing added, from 1 file, 1 failed. The archive is still empty.\n"


def _remove_words(generation: Path) -> None:
    shutil.rmtree(generation / "words")


def _remove_the_list_of_words(generation: Path) -> None:
    (generation / "words" / "meta.json").unlink()


def _empty_the_stores(generation: Path) -> None:
    for path in (generation / "words").glob("*.store"):
        path.write_bytes(b"")


def _garbage_for_vectors(generation: Path) -> None:
    (generation / "vectors" / "chroma.sqlite3").write_bytes(bytes(range(256)) * 12)


def _garbage_in_the_catalog(generation: Path) -> None:
    with (generation / "catalog.sqlite").open("r+b") as file:
        file.seek(4096)
        file.write(bytes(range(256)) * 100)


@pytest.mark.parametrize(
    "damage",
    [_remove_words, _remove_the_list_of_words, _empty_the_stores, _garbage_for_vectors, _garbage_in_the_catalog],
)
@pytest.mark.parametrize("earlier", [False, True])
def test_a_damaged_generation_is_named_and_going_back_advised_only_where_one_can(
    run, page, records, root, damage, earlier
):
    live = root / "generations" / ("0002" if earlier else "0001")
    if earlier:
        run("add", records(*stories(50)))
        run("remove", run("list").stdout.split()[0])
    else:
        run("add", records(*stories(50)))
    damage(live)
    for command in (("add", page), ("check", "--quick")):
        result = run(*command)
        assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1), result.stderr
        assert str(live) in result.stderr
        assert ".partial" not in result.stderr
        assert ("`python -m ingest rollback`" in result.stderr) == earlier
    result = run("check")
    assert (result.exit_code, str(live) in result.stdout or "catalog.sqlite" in result.stdout) == (1, True)
    # Segments of words are linked: what spoils one spoils the earlier generation, too, and `check` looks there.
    assert ("rollback --to 1" in result.stdout) == (earlier and damage is not _empty_the_stores)


@pytest.mark.parametrize("size", [100_000, 1_500_000, 3_000_000])
def test_a_disk_that_runs_full_at_any_point_changes_nothing(run, records, root, size):
    run("add", records(*stories(5)))
    before = held(root)
    result = subprocess.run(
        [sys.executable, "-m", "ingest", "add", records(*stories(4000, first=10))],
        cwd=CHECKOUT,
        env={**os.environ, "WENBAO_DATA": str(root)},
        # No file may grow beyond this: to every library below it is a disk that is full.
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
        capture_output=True,
        text=True,
    )
    assert (result.returncode, len(result.stderr.splitlines())) == (2, 1), result.stderr
    assert re.search(r"the disk of .* ran full|cannot write to .*: check the disk", result.stderr)
    assert held(root) == before
    assert "whole: 5 articles" in run("check").stdout


def test_a_published_generation_may_be_read_by_another_user(run, page, root):
    run("add", page)
    for path in (root / "generations" / "0001").rglob("*"):
        assert path.stat().st_mode & stat.S_IROTH, path
