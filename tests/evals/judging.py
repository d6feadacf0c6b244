"""The judge's rules over answers that are made in this process: asking in many ways need not start the product anew.

In: the folder of the judge's data, a maker of answers. Out: the judge's figures. The rules stay where they are, in
`judge_dev.py` beside the data; it reaches the product through its functions `run` and `batch`, which are given here.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
from collections.abc import Callable, Sequence
from contextlib import ExitStack, redirect_stdout
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import ModuleType, TracebackType

from bot.jsonform import answer_record, read_batch_line
from bot.models import Answer, Turn
from ingest.archive import Archive
from ingest.encoder import Encoder
from ingest.errors import BadQuestion
from ingest.ingester import Ingester
from ingest.models import Filter
from ingest.sources import Known
from tests.question_sets import OURS, read_rows

FACT, EXPLANATION = 400, 600  # characters: design.md's longest answers, as the judge counts them for news and for seed
FEW = 3  # sentences of an answer to a question for a fact
_EXPLAINED = ("why", "how", "said", "list", "compare", "comparison")  # types of our questions

SEED_PAGE = Known("浙江日报", date(2023, 5, 11))

Ask = Callable[[str, Sequence[Turn], Filter], Answer]
Maker = Callable[[Archive], Ask]
Record = dict[str, object]


def load_judge(data: Path) -> ModuleType:
    """A fresh judge, from the folder `tools` beside `data`."""
    path = data.parent / "tools" / "judge_dev.py"
    judge = ModuleType("judge_dev")
    judge.__file__ = str(path)
    exec(compile(path.read_text("utf-8"), str(path), "exec"), judge.__dict__)
    return judge


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares, 0 to 1: of the answerable questions answered right or refused, of the unanswerable ones refused."""

    right: float
    right_in_few: float  # and in no more than FEW sentences
    right_anywhere: float  # or in what another article says
    refused_wrongly: float
    refused_rightly: float
    cited_rightly: float  # of all quotes in answers to answerable questions those from the right article


@dataclass(frozen=True, slots=True)
class Told:
    """A question of ours and what came of asking it.

    why: it is not right; empty where it is. anywhere: it is right, whichever article it quotes. at_home: for each
    citation whether it is from the right article.
    """

    question: dict
    record: Record
    why: str
    anywhere: bool
    at_home: tuple[bool, ...]


class Judging:
    """Archives that are made once for all ways of answering, and the judge that asks them."""

    def __init__(self, data: Path, folder: Path, encoder: Encoder) -> None:
        """`folder`: empty, for archives."""
        self.data, self.encoder, self._folder = data, encoder, folder
        self.judge = load_judge(data)
        self.judge.run, self.judge.batch = self._run, self._batch
        self._archives: dict[str, Archive] = {}
        self._open = ExitStack()
        self._store: Archive | None = None
        self._maker: Maker | None = None

    def __enter__(self) -> Judging:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._open.close()

    def archive(self, path: Path | None = None, known: Known = Known()) -> Archive:  # noqa: B008 - frozen
        """The archive of a file, or of the sample edition."""
        name = hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path else "sample"
        if name not in self._archives:
            ingester = Ingester(self._folder / name, self.encoder)
            if path:
                ingester.add([path], known)
            else:
                ingester.load_sample()
            self._archives[name] = self._open.enter_context(Archive(self._folder / name, self.encoder))
        return self._archives[name]

    def seed(self, maker: Maker, questions: Path) -> tuple[float, float]:
        """Of the questions on the seed page: the answerable ones right, the unanswerable ones refused."""
        self._maker = maker
        with redirect_stdout(io.StringIO()):
            return self.judge.seed(questions)

    def seed_page(self) -> tuple[Archive, dict[int, str]]:
        """The archive of the seed page, and its articles' texts as the judge makes them flat."""
        file = self.data / "seed_page.txt"
        with file.open(encoding="utf-8", newline="") as opened:
            page = opened.read()
        gold = json.loads((self.data / "seed_page_gold.json").read_text("utf-8"))["articles"]
        texts = {one["index"]: self.judge.flat(page[one["start_char"] : one["end_char"]]) for one in gold}
        return self.archive(file, SEED_PAGE), texts

    def seed_questions(self) -> list[dict]:
        """The questions on the seed page."""
        return read_rows(self.data / "seed_questions_dev.jsonl")

    def noise(self, maker: Maker, most: int | None = None) -> list[float]:
        """Of the first `most` questions on news events: right where none, two and four of five passages are noise."""
        self._maker = maker
        with redirect_stdout(io.StringIO()):
            return self.judge.noise(read_rows(self.data / "news_qa_dev.jsonl.xz")[:most])

    def open(self, archive: Archive) -> Archive:
        """An archive of somebody else's, open until the judging is over."""
        return self._open.enter_context(archive)

    def figures(
        self, ask: Ask, questions: Sequence[dict], longest: int | None, homes: dict[str, str], whole: str | None
    ) -> Figures:
        """Of our own questions; `homes` holds every article's text by name, as `judge.flat` makes it.

        An answer has at most `longest` characters, None for what its type may have. Quotes are looked up in `whole`,
        if it is given.
        """
        told = [self.told(ask, one, longest or longest_of(one), homes, whole) for one in questions]
        answerable = [one for one in told if one.question["answer_keys"]]
        cited = [held for one in answerable for held in one.at_home]
        return Figures(
            right=_share([not one.why for one in answerable]),
            right_in_few=_share([not one.why and len(one.record["sentences"]) <= FEW for one in answerable]),
            right_anywhere=_share([one.anywhere for one in answerable]),
            refused_wrongly=_share([bool(one.record["refused"]) for one in answerable]),
            refused_rightly=_share([bool(one.record["refused"]) for one in told if not one.question["answer_keys"]]),
            cited_rightly=_share(cited),
        )

    def told(self, ask: Ask, question: dict, longest: int, homes: dict[str, str], whole: str | None) -> Told:
        """What one question brings, judged if it has an answer."""
        record = answer_record(ask(question["question"], turns_before(question), Filter()))
        named = question["article_id"] if "article_id" in question else question["article"]
        texts = [homes[name] for name in (named if isinstance(named, list) else [named])]
        home = lambda quote: any(quote in text for text in texts)  # noqa: E731 - what the judge wants to be given
        known = bool if whole is None else whole.__contains__
        keys = question["answer_keys"]
        why, elsewhere = (self.judge.wrong(record, keys, longest, known, at) if keys else "" for at in (home, bool))
        at_home = tuple(home(self.judge.flat(one["quote"])) for one in record["citations"])
        return Told(question, record, why, not elsewhere, at_home)

    def _run(self, args: Sequence[object], store: object, **_: object) -> None:
        """What the judge calls to put a file into a fresh store."""
        verb, path, *options = args[1:]
        given = dict(zip(options[::2], options[1::2], strict=True))
        day = given.get("--date")
        assert (args[0], verb) == ("ingest", "add")
        self._store = self.archive(Path(str(path)), Known(given.get("--paper"), day and date.fromisoformat(day)))

    def _batch(self, kind: str, store: object, rows: Sequence[Record], *_: str) -> dict[object, Record]:
        """What the judge calls to have questions answered from that store."""
        assert kind == "ask"
        ask, told = self._maker(self._store), {}
        for row in rows:
            try:
                one = read_batch_line(json.dumps(row), Filter())
                told[row["id"]] = answer_record(ask(one.question, one.history, one.where))
            except BadQuestion as e:
                told[row["id"]] = {"error": str(e)}
        return told


def _share(of: Sequence[bool]) -> float:
    return sum(of) / len(of) if of else math.nan


def longest_of(question: dict) -> int:
    """Characters that an answer may have, by the type that its writer gave the question."""
    return EXPLANATION if question["type"] in _EXPLAINED else FACT


def turns_before(question: dict) -> list[Turn]:
    """The conversation before a question of our files."""
    if "history" in question:
        return [Turn(**turn) for turn in question["history"]]
    before = question.get("previous")
    return [Turn("user", before["question"]), Turn("assistant", str(before["answer"]))] if before else []


def sample_articles() -> dict[str, str]:
    """Everything that each article of the sample edition says, by the name that questions know it by."""
    homes: dict[str, str] = {}
    pages = json.loads((OURS / "sample_gold.json").read_text("utf-8"))
    linked = next(a for page in pages for a in page["articles"] if a["continued_to"])
    for page in pages:
        for article in page["articles"]:
            known = linked if article["continued_from"] else article
            name = known["title"] or known["kicker"]
            parts = [
                article["kicker"],
                article["title"],
                article["subtitle"],
                article["byline"],
                *article["paragraphs"],
            ]
            homes[name] = "\n".join([homes.get(name, ""), *filter(None, parts)])
    return homes
