"""`python -m bot ask | search`: the JSON of design.md on stdout and nothing else, one line of complaint on stderr."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import cli
from bot.jsonform import answer_record
from bot.models import Answer, Turn, Usage
from tests.conftest import CHECKOUT
from tests.llm_server import fails, llm_server, writes

RIVER = "桐乡的生态补偿机制是怎么运作的?"
ANSWER = "question standalone answer refused reason sentences citations passages model took_ms".split()
SENTENCE = "text citations supported missing".split()
CITATION = "n article_id source_id part title paper date page quote start end".split()
PASSAGE = "n chunk_id article_id score text".split()
HITS = "question hits took_ms".split()
HIT = "rank score found_by chunk_id article_id source_id title paper date page text".split()


@dataclass(frozen=True)
class Done:
    """A command that has ended."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def run(sample_root: Path, monkeypatch: pytest.MonkeyPatch):
    """Runs one of the bot's commands over the sample edition, in this process: starting one takes seconds."""
    for name in [name for name in os.environ if name.startswith("WENBAO_")]:
        monkeypatch.delenv(name)

    def command(*args: str, stdin: str = "", data: Path = sample_root, **more: str) -> Done:
        env = {"WENBAO_DATA": str(data)} | more
        ended = CliRunner().invoke(cli, args, input=stdin, env=env, catch_exceptions=False)
        return Done(ended.exit_code, ended.stdout, ended.stderr)

    return command


@pytest.fixture
def run_apart(sample_root: Path):
    """Runs one of the bot's commands over the sample edition, as a shell does: in a process of its own."""
    own = {k: v for k, v in os.environ.items() if not k.startswith("WENBAO_")}

    def command(*args: str, stdin: str = "", data: Path = sample_root, **more: str) -> Done:
        ended = subprocess.run(
            [sys.executable, "-m", "bot", *args],
            input=stdin,
            cwd=CHECKOUT,
            env=own | {"WENBAO_DATA": str(data), "PYTHONUTF8": "1"} | more,
            capture_output=True,
            encoding="utf-8",
            timeout=120,
        )
        return Done(ended.returncode, ended.stdout, ended.stderr)

    return command


def parsed(done: Done) -> list[dict]:
    """Every line of stdout as JSON: anything else there breaks the contract."""
    return [json.loads(line) for line in done.stdout.split("\n") if line]


def lines(*rows: object) -> str:
    return "".join((row if isinstance(row, str) else json.dumps(row, ensure_ascii=False)) + "\n" for row in rows)


def assert_one_line(done: Done, *said: str) -> None:
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert len(done.stderr) < 400
    assert all(part in done.stderr for part in said)


def test_ask_prints_exactly_the_keys_of_the_contract(run_apart, bot):
    done = run_apart("ask", "--json", RIVER)
    assert (done.returncode, done.stderr) == (0, "")
    (answer,) = parsed(done)
    assert list(answer) == ANSWER
    assert all(list(s) == SENTENCE for s in answer["sentences"])
    assert all(list(c) == CITATION for c in answer["citations"])
    assert all(list(p) == PASSAGE for p in answer["passages"])
    assert answer["answer"] == bot.ask(RIVER).text
    assert {(c["paper"], c["date"], c["page"]) for c in answer["citations"]} == {("问报样报", "2023-05-12", "1")}
    assert (answer["refused"], answer["reason"], answer["model"]) == (False, None, None)
    assert answer["took_ms"] > 0


def test_search_prints_exactly_the_keys_of_the_contract(run):
    done = run("search", "--json", "-k", "3", RIVER)
    assert (done.returncode, done.stderr) == (0, "")
    (found,) = parsed(done)
    assert list(found) == HITS
    assert [hit["rank"] for hit in found["hits"]] == [1, 2, 3]
    assert all(list(hit) == HIT for hit in found["hits"])
    assert all(set(hit["found_by"]) <= {"words", "vectors"} and hit["found_by"] for hit in found["hits"])


def test_people_get_the_answer_with_its_sources_and_a_list_of_hits(run, bot):
    told = run("ask", RIVER).stdout
    assert bot.ask(RIVER).text in told
    assert "[1] " in told
    assert "问报样报 2023-05-12" in told
    assert "水好有奖" in run("search", RIVER).stdout.split("\n")[0]


def test_a_batch_comes_back_line_by_line_with_its_ids_and_goes_on_past_broken_lines(run_apart, bot):
    before = [
        {"role": "user", "content": "梅溪路公交站往哪个方向挪了多少米？"},
        {"role": "assistant", "content": "60米"},
    ]
    rows = [
        {"id": "river", "question": RIVER, "note": "fields of the caller's own are let through"},
        {"id": 7, "question": "要修多久？", "history": before},
        "{broken",
        {"id": "none"},
        {"id": "empty", "question": " "},
        {"id": "long", "question": "问" * 100_000},
        {"id": "day", "question": RIVER, "since": "12.5.2023"},
        {"id": "role", "question": RIVER, "history": [{"role": "system", "content": "x"}]},
        '{"id": "half", "question": "\\ud83e 桐乡"}',
        [1, 2],
        {"id": "late", "question": RIVER, "since": "2023-05-13"},
        {"id": "place", "question": "来了多少人？", "place": "绍兴"},
        {"question": "图书馆晚上几点关门？"},
    ]
    done = run_apart("ask", "--json", "--batch", "-", stdin=lines(*rows))
    out = parsed(done)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    ids = ["river", 7, None, "none", "empty", "long", "day", "role", "half", None, "late", "place", None]
    assert [line["id"] for line in out] == ids
    broken = [n for n, line in enumerate(out) if set(line) == {"id", "error"}]
    assert broken == [2, 3, 4, 5, 6, 7, 8, 9]
    assert f"{len(broken)} of {len(rows)}" in done.stderr
    assert "100,000 characters" in out[5]["error"]
    assert all("\n" not in out[n]["error"] and len(out[n]["error"]) < 300 for n in broken)
    assert out[0]["answer"] == bot.ask(RIVER).text
    assert list(out[0]) == ["id", *ANSWER]
    assert out[1]["answer"] == bot.ask("要修多久？", [Turn(**turn) for turn in before]).text
    assert out[10]["refused"]
    assert {c["title"] for c in out[11]["citations"]} <= {"工厂找学校 学校找工厂"}


def test_a_batch_is_read_from_a_file_with_or_without_a_mark_at_its_head(run, tmp_path):
    file = tmp_path / "questions.jsonl"
    file.write_text("\ufeff" + lines({"id": 1, "question": RIVER}, "", {"id": 2, "question": "灯塔多高？"}), "utf-8")
    done = run("ask", "--batch", str(file))
    assert (done.returncode, done.stderr) == (0, "")
    assert [line["id"] for line in parsed(done)] == [1, 2]


def test_a_batch_of_searches_takes_the_options_as_its_default_filter(run):
    rows = [{"id": "a", "question": RIVER}, {"id": "b", "question": RIVER, "paper": "问报样报"}, {"id": "c"}]
    done = run("search", "--batch", "-", "-k", "2", "--paper", "别的报", stdin=lines(*rows))
    a, b, c = parsed(done)
    assert (len(a["hits"]), len(b["hits"])) == (0, 2)
    assert list(b) == ["id", *HITS]
    assert set(c) == {"id", "error"}
    assert done.returncode == 1


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (["--since", "2023-05-13"], False),
        (["--until", "2023-05-11"], False),
        (["--paper", "问报样报", "--until", "2023-05-12"], True),
    ],
    ids=["since", "until", "both"],
)
def test_filters_bound_what_is_found(run, options, found):
    (hits,) = parsed(run("search", "--json", *options, RIVER))
    assert bool(hits["hits"]) is found


def test_a_filter_that_lets_nothing_through_says_what_the_archive_holds(run):
    told = run("search", "--paper", "别的报", RIVER)
    assert (told.returncode, told.stderr) == (0, "")
    assert all(part in told.stdout for part in ("别的报", "《问报样报》", "2023年5月12日"))
    as_json = run("search", "--json", "--paper", "别的报", RIVER)
    assert parsed(as_json)[0]["hits"] == []
    assert as_json.stderr == told.stdout


def test_words_for_time_count_from_the_day_that_is_given(run):
    rows = [{"id": 1, "question": "昨天图书馆几点关门？"}]
    (one,) = parsed(run("ask", "--json", "--today", "2023-05-12", "昨天图书馆几点关门？"))
    (other,) = parsed(run("ask", "--batch", "-", "--today", "2022-03-01", stdin=lines(*rows)))
    assert "（2023-05-11）" in one["standalone"]
    assert "（2022-02-28）" in other["standalone"]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["ask", ""], ["empty"]),
        (["ask", "--json", " \n "], ["empty"]),
        (["search", "？！"], ["empty"]),
        (["ask", "a" * 100_000], ["100,000 characters", "shorter"]),
        (["ask"], ["--batch"]),
        (["ask", RIVER, "--batch", "-"], ["--batch"]),
        (["ask", RIVER, "--since", "yesterday"], ["--since", "'yesterday'", "YYYY-MM-DD"]),
        (["search", RIVER, "--today", "now"], ["--today", "'now'", "YYYY-MM-DD"]),
        (["search", RIVER, "--since", "2023-05-13", "--until", "2023-05-12"], ["2023-05-13", "swap"]),
        (["search", RIVER, "--until", "2023-02-30"], ["--until", "YYYY-MM-DD"]),
        (["ask", "--batch", "no/such/file.jsonl"], ["no/such/file.jsonl", "No such file"]),
        (["ask", "--batch", "."], ["'.'", "directory"]),
    ],
    ids=[
        "empty",
        "blank",
        "marks only",
        "100,000",
        "none",
        "both",
        "no date",
        "no today",
        "wrong way round",
        "no day",
        "no file",
        "folder",
    ],
)
def test_what_cannot_be_asked_is_one_line_on_stderr_and_exit_2(run, args, said):
    assert_one_line(run(*args), *said)


def test_half_a_character_in_an_id_comes_back_and_the_batch_goes_on(run):
    batch = '{"id": "\\ud800", "question": "桐乡?"}\n' + lines({"id": 2, "question": RIVER})
    first, second = parsed(run("ask", "--batch", "-", stdin=batch))
    assert first["id"] == "\ud800"
    assert (second["id"], second["refused"]) == (2, False)


@pytest.mark.parametrize("bad", ["问".encode("gb18030"), b"[" * 100_000], ids=["no UTF-8", "deep"])
def test_a_line_that_no_reader_can_take_is_an_error_of_its_own(run, tmp_path, bad):
    file = tmp_path / "batch.jsonl"
    file.write_bytes(b'{"id": 1, "question": ' + bad + b"}\n" + lines({"id": 2, "question": RIVER}).encode())
    done = run("ask", "--batch", str(file))
    first, second = parsed(done)
    assert done.returncode == 1
    assert first["error"]
    assert (second["id"], second["refused"]) == (2, False)


def test_whatever_is_asked_of_an_empty_archive_the_answer_is_how_to_fill_it(run, tmp_path):
    for words in (
        ["ask", RIVER],
        ["ask", RIVER, "--paper", "试报"],
        ["search", RIVER],
        ["search", RIVER, "--until", "2020-01-01"],
    ):
        done = run(*words, data=tmp_path / "none")
        assert (done.returncode, "python -m ingest add" in done.stdout) == (0, True), words
    said = parsed(run("ask", RIVER, "--paper", "试报", "--json", data=tmp_path / "none"))
    assert said[0]["reason"] == "empty_archive"


def test_an_empty_archive_is_a_refusal_and_nothing_is_made(run_apart, tmp_path):
    done = run_apart("ask", "--json", RIVER, data=tmp_path / "data")
    assert done.returncode == 0
    assert parsed(done)[0]["reason"] == "empty_archive"
    assert not (tmp_path / "data").exists()


def test_a_broken_archive_is_one_line(run_apart, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "CURRENT").write_text("nonsense")
    assert_one_line(run_apart("ask", RIVER, data=tmp_path / "data"), "CURRENT", "no generation is kept")


WRITTEN = "桐乡给每条河道定的补偿额度是一个月20万元。[1]每条河道一个月是970万元。[1]"


def test_with_a_model_its_answer_is_printed_with_what_it_took_and_one_switch_turns_it_off(run, run_apart, bot):
    with llm_server() as server:
        model = {"WENBAO_LLM": "openai:scripted", "WENBAO_LLM_BASE_URL": server.url}
        server.behaves(writes(WRITTEN))
        done = run("ask", "--json", RIVER, **model)
        assert (done.returncode, done.stderr) == (0, "")
        (answer,) = parsed(done)
        assert list(answer) == [*ANSWER, "usage"]
        assert answer["model"] == "openai:scripted"
        assert [s["supported"] for s in answer["sentences"]] == [True, False]
        assert answer["sentences"][1]["missing"]
        assert answer["usage"].keys() == {"input_tokens", "output_tokens", "seconds"}
        server.behaves(fails(500))
        people = run_apart("ask", RIVER, **model)
        assert people.returncode == 0
        assert people.stderr.count("\n") == 1
        assert "HTTP 500" in people.stderr
        assert bot.ask(RIVER).text in people.stdout
        server.behaves(writes(WRITTEN))
        (plain,) = parsed(run("ask", "--json", "--no-llm", RIVER, **model))
        assert list(plain) == ANSWER
        assert plain["model"] is None
        assert server.calls == []


def test_only_where_a_model_was_asked_does_the_json_speak_of_it():
    failed = Answer("问", "问", "答", reason="model_failed", usage=Usage(None, 3, 0.5), note="为什么")
    assert list(answer_record(failed)) == [*ANSWER, "note", "usage"]
    assert list(answer_record(Answer("问", "问", "答"))) == ANSWER


def test_a_model_that_cannot_be_had_is_one_line_and_exit_2(run):
    assert_one_line(run("ask", RIVER, WENBAO_LLM="huggingface:/no/such/folder"), "WENBAO_LLM")
