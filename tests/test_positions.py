"""Whatever the archive quotes stands where it says: chunk in article, article in file."""

import json
import lzma
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.archive import Archive
from ingest.ingester import Ingester
from ingest.pages import read_page
from tests.conftest import BigramEncoder

SHARED_PAGES = 20  # of the composed pages: every kind of untidiness occurs among them


def assert_all_quotes_stand(root: Path, encoder: BigramEncoder) -> int:
    """Every chunk is a stretch of its article, every article of its file; gives the number of articles."""
    with Archive(root, encoder) as archive, archive.read() as snapshot:
        articles = snapshot.recent(100_000)
        for article in articles:
            chunks = snapshot.chunks_of(article.article_id)
            assert all(chunk.text == article.text[chunk.start : chunk.end] for chunk in chunks)
            covered = {at for chunk in chunks for at in range(chunk.start, chunk.end)}
            assert all(at in covered or article.text[at].isspace() for at in range(len(article.text)))
            if Path(article.file).suffix == ".txt":
                assert_text_stands_in_file(article)
        return len(articles)


def assert_text_stands_in_file(article) -> None:
    page = read_page(Path(article.file)).text
    reached = 0
    for span in article.file_spans:
        assert article.file_start <= span.source < span.source + span.length <= article.file_end
        assert article.text[span.start : span.start + span.length] == page[span.source : span.source + span.length]
        assert article.text[reached : span.start].strip() == ""
        reached = span.start + span.length
    assert article.text[reached:].strip() == ""


def test_every_quote_of_the_sample_edition_stands_in_its_file(root, encoder, ingester):
    ingester.load_sample()
    assert assert_all_quotes_stand(root, encoder)


@pytest.mark.shared
def test_every_quote_of_real_and_composed_pages_stands_in_its_file(root, encoder, ingester, shared, tmp_path):
    folder = tmp_path / "pages"
    folder.mkdir()
    with lzma.open(shared / "pages_dev.jsonl.xz", "rt", encoding="utf-8") as lines:
        for number, line in zip(range(SHARED_PAGES), lines, strict=False):
            (folder / f"{number:02d}.txt").write_text(json.loads(line)["text"], "utf-8", newline="")
    assert not ingester.add([folder, shared / "seed_page.txt"]).failures
    assert assert_all_quotes_stand(root, encoder) > SHARED_PAGES


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(min_size=1, max_size=900).filter(str.strip), min_size=1, max_size=8))
def test_any_text_at_all_can_be_stored_and_quoted(tmp_path_factory, texts):
    folder = tmp_path_factory.mktemp("any")
    encoder = BigramEncoder()
    path = folder / "any.jsonl"
    path.write_text("".join(json.dumps({"id": n, "text": text}) + "\n" for n, text in enumerate(texts)), "utf-8")
    report = Ingester(folder / "data", encoder).add([path])
    assert report.added + len(report.failures) == len(texts)
    if report.added:
        assert assert_all_quotes_stand(folder / "data", encoder) == report.added
