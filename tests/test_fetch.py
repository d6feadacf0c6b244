"""`fetch-model` is the only command that uses the network: it brings what a model is loaded from and nothing else, half
a model never counts as one, and where there is no hub it says so in a line and at once.
"""

import os
import shutil
import socket
import subprocess
import sys
import time

import pytest

from ingest.encoder import load_encoder
from ingest.encoder.on_disk import ENCODER, find_model
from ingest.errors import NoModel
from tests.conftest import CHECKOUT
from tests.hub import hub

AT_ONCE = 40  # seconds until it is said that no hub answers; without patience of our own it would be 70 and more
WEIGHTS = "model.safetensors"


@pytest.fixture
def models(tiny_models, tmp_path):
    """What the hub has: a model as makers publish it, with the same weights for others beside, and a reranker."""
    folder = tmp_path / "hub" / "our"
    shutil.copytree(tiny_models / "reranker", folder / "reranker")
    encoder = shutil.copytree(tiny_models / "encoder", folder / "encoder")
    (encoder / "onnx").mkdir()
    for name in ("onnx/config.json", "pytorch_model.bin", "photo.jpg", "tf_model.h5"):
        (encoder / name).write_bytes(b"not needed")
    return tmp_path / "hub"


@pytest.fixture
def cache(tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    monkeypatch.setenv("SENTENCE_TRANSFORMERS_HOME", str(folder))
    return folder


def fetch(url: str, name: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "ingest", "fetch-model", name]
    env = {**os.environ, "HF_ENDPOINT": url}
    return subprocess.run(command, cwd=CHECKOUT, env=env, capture_output=True, text=True, timeout=60)


def test_a_fetched_model_is_found_by_its_name_and_the_setting_is_named(models, cache, tiny_models):
    with hub(models) as server:
        done = fetch(server.url, "our/encoder")
    assert done.returncode == 0, done.stderr
    assert "set WENBAO_ENCODER=our/encoder" in done.stdout
    assert "python -m ingest reembed" in done.stdout
    assert server.given[-2:] == ["config.json", "modules.json"], "what a model is known by comes last"
    assert not {"pytorch_model.bin", "photo.jpg", "tf_model.h5", "onnx/config.json"} & set(server.given)
    assert all(f" {name}, " in done.stderr for name in server.given)
    found = load_encoder("our/encoder")
    assert found.fingerprint == load_encoder(str(tiny_models / "encoder")).fingerprint
    assert (found.encode_query("夜校") == load_encoder(str(tiny_models / "encoder")).encode_query("夜校")).all()


def test_a_reranker_is_told_from_an_encoder_and_what_is_here_is_not_fetched_again(models, cache):
    with hub(models) as server:
        assert "set WENBAO_RERANKER=our/reranker" in fetch(server.url, "our/reranker").stdout
        count = len(server.given)
        assert fetch(server.url, "our/reranker").returncode == 0
    assert len(server.given) == count


def test_half_a_model_is_none_and_the_next_fetch_completes_it(models, cache):
    with hub(models) as server:
        server.closed = {WEIGHTS}
        broken = fetch(server.url, "our/encoder")
        assert (broken.returncode, broken.stdout) == (2, "")
        assert "could not be fetched" in broken.stderr.splitlines()[-1]
        with pytest.raises(NoModel, match="python -m ingest fetch-model our/encoder"):
            find_model("our/encoder", ENCODER)
        server.closed = set()
        before = len(server.given)
        assert fetch(server.url, "our/encoder").returncode == 0
    assert find_model("our/encoder", ENCODER)
    assert len(server.given) == len(set(server.given)), "what had come already came again"
    assert before


@pytest.mark.parametrize("name", ["our/nothing", "../encoder", "our/a b", "https://example.org/model"])
def test_a_name_that_the_hub_does_not_have_is_refused_in_a_line(models, cache, name):
    with hub(models) as server:
        done = fetch(server.url, name)
    assert (done.returncode, done.stdout, server.given) == (2, "", [])
    (line,) = done.stderr.splitlines()
    assert repr(name) in line


@pytest.mark.parametrize("hub_is", ["closed", "silent"])
def test_no_hub_is_said_in_a_line_and_at_once(hub_is, cache):
    began = time.monotonic()
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        if hub_is == "silent":
            silent.listen()
        done = fetch(f"http://127.0.0.1:{silent.getsockname()[1]}", "our/encoder")
    assert time.monotonic() - began < AT_ONCE
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert "copy its folder here" in line
