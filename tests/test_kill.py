"""A kill at any moment leaves the archive as it was before, and the next ingest as if nothing had happened."""

import json
import os
import random
import signal
import subprocess
import sys
import time

import pytest

from ingest.archive import Archive
from ingest.encoder import load_encoder
from ingest.generations import Generations
from ingest.terms import search_terms
from tests.bench.kills import Change, kill_again_and_again
from tests.conftest import CHECKOUT
from tests.newsroom import Amounts
from tests.stories import stories, story

KILLS = 3  # and one more at a checkpoint; `python -m tests.bench.kills` makes fifty
ARTICLES = 1_200  # four checkpoints, so that kills fall before, between and after them
BEFORE = 50  # articles that are live all the while
MOMENTS = (  # opening, cutting, encoding, writing words, writing rows, and the last one before all of it counts
    "ingest.desk:Desk.draft",
    "ingest.chunks:cut_chunks",
    "ingest.encoder.static:StaticEncoder.encode_documents",
    "ingest.words:WordWriter.commit",
    "ingest.generations:Generations.publish",
)
STOPPED_AT = """
import importlib, os, runpy, signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell that starts the tests aside has it ignored
place, name = sys.argv.pop(1).split(":")
owner = importlib.import_module(place)
*owners, name = name.split(".")
for each in owners:
    owner = getattr(owner, each)

def stop(*args, **more):
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(60)

setattr(owner, name, stop)
runpy.run_module("ingest", run_name="__main__", alter_sys=True)
"""
KILLED_AT_CHECKPOINT = """
import os, runpy, signal
from ingest.generations import Generations
write = Generations.write_record

def noted(generations, folder, record):
    write(generations, folder, record)
    if record.checkpoint:
        os.kill(os.getpid(), signal.SIGKILL)

Generations.write_record = noted
runpy.run_module("ingest", run_name="__main__", alter_sys=True)
"""


def add(root, path, *options: str) -> subprocess.Popen:
    env = {**os.environ, "WENBAO_DATA": str(root)}
    command = [sys.executable, "-m", "ingest", "add", str(path), *options]
    return subprocess.Popen(command, cwd=CHECKOUT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def done(process: subprocess.Popen) -> str:
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return out


@pytest.fixture(scope="module")
def encoder():
    return load_encoder("builtin")


def state(root, encoder) -> tuple[int, int]:
    """Articles and chunks of an archive that opens, answers and is whole."""
    with Archive(root, encoder) as archive, archive.read() as snapshot:
        snapshot.check()
        hits = snapshot.search_words([(term, 1.0) for term in search_terms(story(7)["title"])], 1)
        assert snapshot.article(next(iter(snapshot.chunks([hits[0].chunk_id]).values())).article_id).source_id == "s7"
        assert snapshot.search_vectors(encoder.encode_query(story(7)["text"]), 1)
        stats = snapshot.stats()
        return stats.articles, stats.chunks


def test_kills_leave_an_archive_that_answers_and_takes_the_next_ingest(tmp_path, records, encoder):
    root, first, more = tmp_path / "data", records(*stories(BEFORE), name="a.jsonl"), tmp_path / "b.jsonl"
    records(*stories(ARTICLES, first=BEFORE), name="b.jsonl")
    done(add(root, first))
    before = state(root, encoder)

    clean = tmp_path / "clean"
    done(add(clean, first))
    began = time.monotonic()
    done(add(clean, more))
    length = time.monotonic() - began
    whole = state(clean, encoder)

    rng = random.Random(20230511)
    for kill in range(KILLS):
        process = add(root, more)
        # Spread over the whole run, a little jitter each; a run that resumes is shorter, so some come too late.
        time.sleep(length * (kill + rng.random()) / KILLS)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        now = state(root, encoder)
        if now != before:
            assert now == whole  # all of it or nothing
            roll_back_to(root, 1)
    out = done(add(root, more))
    assert state(root, encoder) == whole, out
    roll_back_to(root, 1)
    killed_at_its_first_checkpoint(root, more)
    out, err = add(root, more).communicate(timeout=120)
    assert "carrying on" in err
    assert state(root, encoder) == whole, out
    assert not Generations(root).partials()


def test_after_a_kill_only_what_came_after_the_last_checkpoint_is_done_again(tmp_path, records):
    root, path = tmp_path / "data", records(*stories(2 * ARTICLES))
    killed_at_its_first_checkpoint(root, path)
    at_checkpoint = kept(Generations(root))
    process = add(root, path, "--json")
    out, err = process.communicate(timeout=120)
    report = json.loads(out)
    assert 0 < at_checkpoint < 2 * ARTICLES
    assert (report["unchanged"], report["added"]) == (at_checkpoint, 2 * ARTICLES - at_checkpoint)
    assert f"had taken in {at_checkpoint:,} new or changed articles, counted as unchanged" in err
    assert report["embedded"] <= report["chunks"] == 2 * ARTICLES - at_checkpoint


def test_an_export_after_kills_is_the_one_without_kills_byte_for_byte(tmp_path):
    """A few kills of a small change; `python -m tests.bench.kills --full` is the whole of it."""
    done = kill_again_and_again(tmp_path, 3, Change(60, Amounts(changed=20, removed=4, renamed=4, added=20)))
    assert (done.kills >= 3, done.wrong) == (True, 0)


def killed_at_its_first_checkpoint(root, path) -> None:
    env = {**os.environ, "WENBAO_DATA": str(root)}
    command = [sys.executable, "-c", KILLED_AT_CHECKPOINT, "add", str(path)]
    ended = subprocess.run(command, cwd=CHECKOUT, env=env, capture_output=True, text=True, timeout=120)
    assert ended.returncode == -signal.SIGKILL, ended.stderr


def kept(generations: Generations) -> int:
    """Articles up to the last checkpoint of the ingest under way."""
    records = [generations.record(folder) for folder in generations.partials()]
    return max((record.checkpoint for record in records if record), default=0)


def test_ctrl_c_at_any_moment_says_one_line_and_changes_nothing(tmp_path, records):
    root, more = tmp_path / "data", records(*stories(300), name="b.jsonl")
    for moment in MOMENTS:
        command = [sys.executable, "-c", STOPPED_AT, moment, "add", str(more)]
        env = {**os.environ, "WENBAO_DATA": str(root)}
        ended = subprocess.run(command, cwd=CHECKOUT, env=env, capture_output=True, text=True, timeout=120)
        assert (ended.returncode, ended.stdout) == (130, ""), (moment, ended.stderr)
        assert [line for line in ended.stderr.splitlines() if "carrying on" not in line] == [
            "interrupted; an unfinished ingest changes nothing, and the next one carries it on"
        ], moment
        assert not Generations(root).numbers()


def roll_back_to(root, number: int) -> None:
    env = {**os.environ, "WENBAO_DATA": str(root)}
    command = [sys.executable, "-m", "ingest", "rollback", "--to", str(number)]
    subprocess.run(command, cwd=CHECKOUT, env=env, check=True, capture_output=True)
