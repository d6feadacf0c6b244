"""`python -m bot feedback export` gives every thumb with all that belongs to it, and no cell that is a formula."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from bot.cli import cli
from bot.state import State
from tests.serving import REPO
from tests.test_state import ANN, BEN, answer

HOSTILE = ("=1+1", "+1", "-1", "@SUM(A1)", "\tx", '"引号", 逗号\n换行', "＝全角")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    with closing(State.of(tmp_path)) as state:
        for owner, text in zip([ANN, BEN] * 4, HOSTILE, strict=False):
            kept = state.keep(owner, "", answer(text))
            state.judge(owner, kept.id, "down", text)
        state.keep(ANN, "", answer("没有人评价的问题"))
    return tmp_path


def export(data: Path, *options: str) -> Result:
    env = {"WENBAO_DATA": str(data)}
    return CliRunner().invoke(cli, ["feedback", "export", *options], env=env, catch_exceptions=False)


def test_a_spreadsheet_gets_every_thumb_and_no_formula(data):
    own = {k: v for k, v in os.environ.items() if not k.startswith("WENBAO_")} | {"WENBAO_DATA": str(data)}
    command = [sys.executable, "-m", "bot", "feedback", "export"]
    out = subprocess.run(command, cwd=REPO, env=own, capture_output=True, check=True, timeout=60).stdout.decode()
    assert out.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(out.removeprefix("\ufeff"), newline="")))
    assert {row["why"].removeprefix("'") for row in rows} == set(HOSTILE)
    cells = [cell for row in rows for cell in row.values()]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []
    assert {(row["verdict"], row["generation"], bool(row["articles"])) for row in rows} == {("down", "7", True)}
    assert ANN not in out


def test_json_lines_hold_the_texts_as_they_were_written(data, tmp_path):
    file = tmp_path / "out.jsonl"
    done = export(data, "--json", "--out", str(file), "--since", "2020-01-01")
    assert (done.exit_code, done.stdout_bytes) == (0, b"")
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert {row["why"] for row in rows} == set(HOSTILE)
    assert rows[0]["answer"].endswith("[1]")
    assert export(data, "--json", "--since", "2099-01-01").stdout_bytes == b""


@pytest.mark.parametrize("options", [("--since", "gestern"), ("--out", "no/such/folder/x.csv")])
def test_what_cannot_be_done_is_one_line(data, options):
    done = export(data, *options)
    assert done.exit_code == 2
    assert done.stderr.count("\n") == 1
    assert options[0] in done.stderr
