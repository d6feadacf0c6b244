"""An archive that nobody may write to is read all the same, through a private copy that says so in one line.

Root may write wherever a folder's rights say no, so as root the commands run without that privilege (setpriv, part of
every Debian): to them the archive is as closed as a mount that is read only.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.generations import Generations
from ingest.ingester import Ingester
from tests.conftest import CHECKOUT, missing
from tests.stories import stories, story

NO_OVERRIDE = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"]


def unprivileged() -> list[str]:
    """What to put before a command so that a folder's rights hold for it."""
    if os.geteuid():
        return []
    if not shutil.which("setpriv"):
        missing("setpriv")
    return NO_OVERRIDE


def close(root: Path) -> None:
    """Nobody may write in `root` any more."""
    for path in sorted(root.rglob("*"), reverse=True):
        path.chmod(0o555 if path.is_dir() else 0o444)
    root.chmod(0o555)


def open_again(root: Path) -> None:
    root.chmod(0o755)
    for path in sorted(root.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


@pytest.fixture(scope="module")
def closed(tmp_path_factory, builtin) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("closed")
    path = folder / "r.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in stories(30)), "utf-8")
    Ingester(folder / "data", builtin).add([path])
    close(folder / "data")
    yield folder / "data"
    open_again(folder / "data")


@pytest.fixture
def run(tmp_path):
    def call(root: Path, *words: str, cache: Path = tmp_path / "cache") -> subprocess.CompletedProcess:
        env = {**os.environ, "WENBAO_DATA": str(root), "XDG_CACHE_HOME": str(cache)}
        command = [*unprivileged(), sys.executable, *words]
        return subprocess.run(command, cwd=CHECKOUT, env=env, capture_output=True, text=True, timeout=60)

    return call


def copies(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "cache" / "wenbao").iterdir())


def test_what_opens_words_or_vectors_reads_a_copy_and_says_so_in_one_line(closed, run, tmp_path):
    name = json.loads(run(closed, "-m", "ingest", "list", "-n", "1", "--json").stdout)["article_id"]
    assert not (tmp_path / "cache").exists(), "the catalog is read as it lies"
    for words in (
        ["bot", "ask", "柳桥镇的夜校修缮一共花了多少万元？"],
        ["bot", "search", "夜校"],
        ["ingest", "check"],
    ):
        done = run(closed, "-m", *words)
        assert (done.returncode, len(done.stderr.splitlines())) == (0, 1), (words, done.stderr)
        assert "cannot be written to: read through a private copy in" in done.stderr
        assert str(closed) in done.stderr
    for words in (["show", name], ["stats"]):
        done = run(closed, "-m", "ingest", *words)
        assert (done.returncode, done.stderr) == (0, ""), words
        assert done.stdout
    assert len(copies(tmp_path)) == 1, "made once, used again"
    assert (tmp_path / "cache" / "wenbao").stat().st_mode & 0o777 == 0o700
    copied = {path.name for path in copies(tmp_path)[0].iterdir()}
    assert copied == {"lease", "ORIGIN.json", "words", "vectors"}, "what can be read as it lies is not copied"


def test_the_app_opens_it(closed, run):
    code = (
        "from contextlib import ExitStack; from bot.serve import open_bot; from ingest.settings import load_settings\n"
        "with ExitStack() as until:\n"
        "    print(open_bot(load_settings(), until, print).ask('柳桥镇的夜校花了多少万元？').text)"
    )
    done = run(closed, "-c", code)
    assert (done.returncode, "万元" in done.stdout) == (0, True), done.stderr


def test_what_would_change_it_is_refused_in_one_line(closed, run, records):
    done = run(closed, "-m", "ingest", "add", str(records(story(99))))
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), done.stderr
    assert "cannot write to" in done.stderr


def test_a_cache_that_cannot_be_made_is_named(closed, run, tmp_path):
    (tmp_path / "nowhere").mkdir(mode=0o555)
    done = run(closed, "-m", "bot", "search", "夜校", cache=tmp_path / "nowhere")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), done.stderr
    assert "XDG_CACHE_HOME" in done.stderr


def test_a_copy_is_made_again_where_the_archive_changes_and_the_old_one_goes(tmp_path, builtin, run, records):
    root = tmp_path / "data"
    ingester = Ingester(root, builtin)
    ingester.add([records(story(1))])
    close(root)
    assert "丁00001" in run(root, "-m", "bot", "search", "丁00001 夜校").stdout
    (before,) = copies(tmp_path)
    half = tmp_path / "cache" / "wenbao" / "x.partial"
    half.mkdir()
    open_again(root)
    ingester.add([records(story(2))])
    close(root)
    assert "丁00002" in run(root, "-m", "bot", "search", "丁00002 渡轮").stdout
    (after,) = copies(tmp_path)
    assert after != before
    open_again(root)
    assert Generations(root).numbers() == [1, 2]


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("unshare"), reason="mounts want root")
def test_a_mount_that_is_read_only_is_read(closed, tmp_path):
    env = {**os.environ, "WENBAO_DATA": str(closed), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    mounted = f'mount --bind "{closed}" "{closed}" && mount -o remount,ro,bind "{closed}" && exec "$0" "$@"'
    command = ["unshare", "-m", "sh", "-c", mounted, sys.executable, "-m", "bot", "search", "夜校"]
    done = subprocess.run(command, cwd=CHECKOUT, env=env, capture_output=True, text=True, timeout=60)
    if "mount" in done.stderr and done.returncode:
        pytest.skip("this machine lets nobody mount")
    assert (done.returncode, len(done.stderr.splitlines())) == (0, 1), done.stderr
    assert "夜校" in done.stdout
