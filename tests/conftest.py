"""What all tests share: where the data lies, an archive of one's own, and an encoder that needs no weights."""

import json
import os
import sys
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from typer.testing import CliRunner

from bot.bot import Bot
from ingest.archive import Archive
from ingest.cli import cli
from ingest.encoder import Encoder, load_encoder
from ingest.ingester import Ingester
from ingest.snapshot import Snapshot
from tests.tiny_models import tiny_encoder, tiny_reranker

CHECKOUT = Path(__file__).parents[1]
# Some two hundred processes are started: each would compile the whole house anew.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# What takes long begins first, so that at the end nobody waits for one long file; the rest comes as it is collected.
# What waits (for a browser, a process, a clock) stands beside what keeps a core busy: three wait seldom at once.
LONG = (
    *("test_page_browser.py", "evals/test_answer_gate.py", "test_kill.py"),
    *("test_embed.py", "evals/test_retrieval_gate.py", "test_page_talks.py"),
    *("test_fetch.py", "test_docs.py", "test_page_beginning.py"),
    *("test_deployment.py", "test_bot_cli.py", "test_web_browser.py"),
    *("test_watch.py", "test_app.py", "test_page_writer.py"),
    *("test_inbox.py", "test_verify.py", "evals/"),
    *("test_page_everyone.py", "test_durable.py", "test_ingest_cli.py"),
    *("test_guard_live.py", "test_read_only.py", "test_encoder.py"),
    *("test_portal_readers.py", "test_reembed.py", "test_quotes.py"),
    *("test_login_browser.py", "test_bad_files.py", "test_scans.py"),
    *("test_programs.py", "test_history.py", "test_api_schema_app.py"),
    *("test_offline.py", "test_api_app.py", "test_mcp.py"),
    *("test_llm.py", "test_access.py", "test_writer.py", "test_login.py", "test_api_clients.py", "test_purge.py"),
    *("test_api_schema.py", "test_ingester.py", "test_page_", "test_newspaper_pdf.py", "test_handsplit.py"),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put long files first; inside a file the order stays."""

    def turn(item: pytest.Item) -> int:
        within = item.path.relative_to(CHECKOUT / "tests").as_posix()
        return next((n for n, name in enumerate(LONG) if within.startswith(name)), len(LONG))

    items.sort(key=turn)


def missing(what: str):
    """Skip a test whose means are not here; under CI that is a failure, so that nothing is skipped unseen."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} is missing, and CI must not skip")
    pytest.skip(f"{what} is missing")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The data for developing and measuring, in the folder beside the checkout."""
    folder = CHECKOUT.parent / "shared" / "data"
    if not folder.is_dir():
        missing(f"{folder.parent.name}/{folder.name} beside the checkout")
    return folder


class BigramEncoder:
    """A small real encoder: counts of character pairs, hashed, so that likeness means something."""

    def __init__(self, dimension: int = 64, name: str = "bigrams"):
        self.name, self.dimension = name, dimension
        self.fingerprint = f"{name}-{dimension}"
        self.encoded = 0

    def encode_documents(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.encoded += len(texts)
        rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for i in range(len(text) - 1):
                row[zlib.crc32(text[i : i + 2].encode()) % self.dimension] += 1
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        return rows / np.where(lengths, lengths, 1)

    def encode_query(self, text: str) -> NDArray[np.float32]:
        return self.encode_documents([text])[0]


@pytest.fixture
def encoder() -> BigramEncoder:
    return BigramEncoder()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Where a test's archive will be; nothing is there yet."""
    return tmp_path / "data"


@pytest.fixture
def run(root: Path, monkeypatch: pytest.MonkeyPatch):
    """Calls `python -m ingest` with some words, in this process, on the test's archive."""
    monkeypatch.setenv("WENBAO_DATA", str(root))

    def call(*words: object):
        return CliRunner().invoke(cli, [str(word) for word in words], catch_exceptions=False)

    return call


@pytest.fixture
def ingester(root: Path, encoder: BigramEncoder) -> Ingester:
    return Ingester(root, encoder)


@pytest.fixture
def records(tmp_path: Path):
    """Writes JSON lines into a file and gives its path."""

    def write(*rows: dict, name: str = "records.jsonl") -> Path:
        path = tmp_path / name
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
        return path

    return write


@pytest.fixture(scope="session")
def builtin() -> Encoder:
    """The encoder that ships."""
    return load_encoder("builtin")


@pytest.fixture(scope="session")
def tiny_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Small real models in the folders `encoder` and `reranker`; importing what makes them takes seconds."""
    folder = tmp_path_factory.mktemp("models")
    tiny_encoder(folder / "encoder")
    tiny_reranker(folder / "reranker")
    return folder


@pytest.fixture(scope="session")
def sample_root(tmp_path_factory: pytest.TempPathFactory, builtin: Encoder) -> Path:
    """An archive of the sample edition; whoever changes it takes another."""
    root = tmp_path_factory.mktemp("sample") / "data"
    Ingester(root, builtin).load_sample()
    return root


@pytest.fixture(scope="session")
def sample_archive(sample_root: Path, builtin: Encoder) -> Iterator[Archive]:
    with Archive(sample_root, builtin) as archive:
        yield archive


@pytest.fixture(scope="session")
def bot(sample_archive: Archive, builtin: Encoder) -> Bot:
    """The bot over the sample edition."""
    return Bot(sample_archive, builtin)


@pytest.fixture
def snapshot(sample_archive: Archive) -> Iterator[Snapshot]:
    """The sample edition, leased."""
    with sample_archive.read() as snapshot:
        yield snapshot
