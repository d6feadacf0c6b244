"""The sample edition is ours, whole and true to its key.

It tells facts of a real page in our own words (no sentence of that page may stand in the project), its gold says
where every article begins and ends, and the questions on it can be answered from where they say, or not at all.
"""

import json
import lzma
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

import ingest
from ingest.articles import split_page
from ingest.pages import read_page

SAMPLE = Path(ingest.__file__).parent / "sample"
DATA = Path(__file__).parent / "data"
# characters: a dateline with its byline mark (本报绍兴5月10日电(记者) has 13, a copied clause has more
LONGEST_SHARED_RUN = 13
STARTS_FOUND = 0.8  # F1 of article beginnings over both pages, notices of one paragraph under a bare headline included


def _pages() -> list[dict]:
    return json.loads((DATA / "sample_gold.json").read_text(encoding="utf-8"))


def _lines(name: str) -> list[dict]:
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


def _bare(text: str) -> str:
    """The text without blanks, its punctuation half-width: what two wordings are compared by."""
    return re.sub(r"\s", "", text).translate(str.maketrans("，：；？！（）", ",:;?!()"))


def _runs(text: str, length: int) -> set[str]:
    return {text[at : at + length] for at in range(len(text) - length + 1)}


def _articles() -> Iterator[tuple[str, str]]:
    """The name under which questions know an article, and all that it says."""
    linked = next(a for page in _pages() for a in page["articles"] if a["continued_to"])
    for page in _pages():
        for article in page["articles"]:
            known = linked if article["continued_from"] else article
            head = [article["title"], article["subtitle"], article["byline"]]
            yield known["title"] or known["kicker"], "\n".join(filter(None, [*head, *article["paragraphs"]]))


@pytest.mark.shared
def test_no_clause_of_the_real_page_stands_in_the_sample(shared: Path) -> None:
    real = _bare((shared / "seed_page.txt").read_text(encoding="utf-8"))
    ours = "\n".join(_bare(path.read_text(encoding="utf-8")) for path in sorted(SAMPLE.glob("*.txt")))
    assert not _runs(ours, LONGEST_SHARED_RUN + 1) & _runs(real, LONGEST_SHARED_RUN + 1)


@pytest.mark.parametrize("page", _pages(), ids=lambda page: page["file"])
def test_every_character_of_the_sample_is_in_one_article_or_in_the_furniture(page: dict) -> None:
    text = (SAMPLE / page["file"]).read_text(encoding="utf-8")
    pieces = sorted((piece["start"], piece["end"]) for piece in page["articles"] + page["furniture"])
    assert all(end <= start for (_, end), (start, _) in pairwise(pieces))
    assert " ".join(text[start:end] for start, end in pieces).split() == text.split()


@pytest.mark.parametrize("page", _pages(), ids=lambda page: page["file"])
def test_the_gold_paragraphs_are_the_words_of_the_page(page: dict) -> None:
    text = (SAMPLE / page["file"]).read_text(encoding="utf-8")
    for article in page["articles"]:
        span = _bare(text[article["start"] : article["end"]])
        for part in [
            article["title"],
            article["kicker"],
            article["byline"],
            *article["subheads"],
            *article["paragraphs"],
        ]:
            assert _bare(part or "") in span


@pytest.mark.parametrize("page", _pages(), ids=lambda page: page["file"])
def test_a_story_that_a_reporter_signs_is_split_off_under_its_own_headline_with_place_and_day(page: dict) -> None:
    found = {article.start: article for article in split_page(read_page(SAMPLE / page["file"])).articles}
    for gold in page["articles"]:
        if gold["dateline"]:
            article = found[gold["start"]]
            facts = [article.dateline, article.place, str(article.date), article.byline]
            assert facts == [gold["dateline"], gold["place"], gold["date"], gold["byline"]]
            assert _bare(article.title or "") == _bare(gold["title"])


def test_a_story_that_runs_over_two_pages_says_where_it_goes_and_whence_it_comes() -> None:
    front, back = (split_page(read_page(SAMPLE / page["file"])).articles for page in _pages())
    assert [(a.title, a.continued_to) for a in front if a.continued_to] == [("专家进山来 把脉又开方", "2")]
    assert [(a.starts_mid, a.continued_from) for a in back if a.continued_from] == [(True, "1")]


def test_most_articles_of_the_sample_begin_where_its_key_says() -> None:
    gold = {(page["file"], a["start"]) for page in _pages() for a in page["articles"]}
    found = {(p["file"], a.start) for p in _pages() for a in split_page(read_page(SAMPLE / p["file"])).articles}
    assert 2 * len(gold & found) / (len(gold) + len(found)) >= STARTS_FOUND


def test_every_question_on_the_sample_has_its_evidence_in_the_article_it_names() -> None:
    articles = list(_articles())
    for question in _lines("sample_questions.jsonl"):
        names = question["article"] if isinstance(question["article"], list) else [question["article"]]
        text = "\n".join(body for name, body in articles if name in names)
        assert text, question["id"]
        assert all(evidence in text for evidence in question["evidence"]), question["id"]
        assert all(_bare(key) in _bare(text) for key in question["answer_keys"]), question["id"]
        assert (question["type"] == "unanswerable") == (question["answer"] is None) == (not question["answer_keys"])


@pytest.mark.shared
def test_every_own_question_is_answered_by_the_news_article_it_names(shared: Path) -> None:
    questions = _lines("own_questions.jsonl")
    wanted = {question["article_id"] for question in questions}
    with lzma.open(shared / "news.jsonl.xz", "rt", encoding="utf-8") as lines:
        news = {row["id"]: row["text"] for row in map(json.loads, lines) if row["id"] in wanted}
    assert len({question["question"] for question in questions}) == len(questions)
    for question in questions:
        assert all(key in news[question["article_id"]] and len(key) <= 20 for key in question["answer_keys"])
        assert (question["type"] == "unanswerable") == (not question["answer_keys"])
