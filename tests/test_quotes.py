"""Every quote of every answer stands verbatim where its citation says, and leads from there to the newspaper's file."""

import json
import lzma
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.bot import Bot
from bot.jsonform import answer_record
from bot.models import Turn
from ingest.archive import Archive
from ingest.encoder import Encoder
from ingest.ingester import Ingester
from ingest.pages import read_page
from ingest.show import article_record
from ingest.sources import Known
from tests.conftest import CHECKOUT

PAGES = 8  # of the composed pages: every kind of untidiness occurs among them
RIVER = "桐乡的生态补偿机制是怎么运作的?"


class Shown:
    """What `ingest show --json` prints for an article, and the text of the file that it came from."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._files: dict[str, str] = {}

    def article(self, article_id: str) -> dict:
        article = self._bot.article(article_id)
        return json.loads(json.dumps(article_record(article, [article]), ensure_ascii=False))

    def file(self, name: str) -> str:
        if name not in self._files:
            self._files[name] = read_page(Path(name)).text
        return self._files[name]


def assert_quotes_stand(answer: dict, shown: Shown) -> int:
    """Check all citations of an answer as `bot ask --json` prints it; gives their number."""
    for citation in answer["citations"]:
        article = shown.article(citation["article_id"])
        start, end, quote = citation["start"], citation["end"], citation["quote"]
        assert quote
        assert article[citation["part"]][start:end] == quote
        if citation["part"] == "text":
            assert_leads_to_file(article, start, end, shown.file(article["file"]))
    return len(answer["citations"])


def assert_leads_to_file(article: dict, start: int, end: int, file: str) -> None:
    """Each character of the quote is the file's at the place that `file_spans` gives; only line ends have none."""
    led = {
        at: source + at - first
        for first, source, length in article["file_spans"]
        for at in range(first, first + length)
    }
    text = article["text"]
    for at in range(start, end):
        if at in led:
            assert file[led[at]] == text[at]
        else:
            assert text[at].isspace()
    places = [led[at] for at in range(start, end) if at in led]
    assert places
    assert places == sorted(places)
    assert article["file_start"] <= places[0] <= places[-1] < article["file_end"]


def ask(bot: Bot, questions: list[dict]) -> list[dict]:
    """Answers as the command prints them, to questions as the question files hold them."""
    answers = []
    for question in questions:
        before = question.get("previous")
        turns = [Turn("user", before["question"]), Turn("assistant", str(before["answer"]))] if before else []
        answers.append(json.loads(json.dumps(answer_record(bot.ask(question["question"], turns)), ensure_ascii=False)))
    return answers


def read(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_every_quote_from_the_sample_edition_stands_in_its_article_and_in_its_file(bot):
    questions = read(Path(__file__).parent / "data" / "sample_questions.jsonl")
    questions += [{"question": question} for question in bot.examples(20)]
    shown = Shown(bot)
    cited = [assert_quotes_stand(answer, shown) for answer in ask(bot, questions)]
    assert sum(map(bool, cited)) > len(questions) / 2


@pytest.fixture(scope="module")
def pages(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The real page and some composed ones, as files."""
    folder = tmp_path_factory.mktemp("pages")
    with lzma.open(shared / "pages_dev.jsonl.xz", "rt", encoding="utf-8") as lines:
        for number, line in zip(range(PAGES), lines, strict=False):
            (folder / f"{number:02d}.txt").write_text(json.loads(line)["text"], "utf-8", newline="")
    return [shared / "seed_page.txt", folder]


@pytest.mark.shared
def test_every_quote_from_real_and_composed_pages_stands_in_its_article_and_in_its_file(
    shared: Path, pages: list[Path], builtin: Encoder, root: Path
):
    Ingester(root, builtin).add(pages, Known(paper="浙江日报"))
    with Archive(root, builtin) as archive:
        bot = Bot(archive, builtin)
        with archive.read() as snapshot:
            titles = [article.title for article in snapshot.recent(1_000) if article.title]
        questions = read(shared / "seed_questions_dev.jsonl")
        questions += [{"question": f"{title[:60]}，是怎么回事？"} for title in titles]
        shown = Shown(bot)
        cited = [assert_quotes_stand(answer, shown) for answer in ask(bot, questions)]
    assert len(titles) > PAGES
    assert sum(map(bool, cited)) > len(questions) / 2


def test_the_commands_print_what_was_checked(bot, sample_root):
    env = {k: v for k, v in os.environ.items() if not k.startswith("WENBAO_")} | {"WENBAO_DATA": str(sample_root)}

    def printed(*command: str) -> dict:
        run = [sys.executable, "-m", *command, "--json"]
        return json.loads(
            subprocess.run(run, cwd=CHECKOUT, env=env, check=True, capture_output=True, timeout=120).stdout
        )

    answer, (expected,) = printed("bot", "ask", RIVER), ask(bot, [{"question": RIVER}])
    assert answer["citations"] == expected["citations"]
    article = printed("ingest", "show", answer["citations"][0]["article_id"])
    assert article == Shown(bot).article(article["article_id"])
