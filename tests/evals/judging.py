"""The judge's rules over answers that are made in this process: asking in many ways need not start the product anew.

In: the folder of the judge's data, a maker of answers. Out: the judge's figures. The rules stay where they are, in
`judge_dev.py` beside the data; it reaches the product through its functions `run` and `batch`, which are given here.
"""

from __future__ import annotations

import hashlib
import io
import json
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
    refused_wrongly: float
    refused_rightly: float


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

    def noise(self, maker: Maker) -> list[float]:
        """Of the questions on news events: right where none, two and four of five passages are noise."""
        self._maker = maker
        with redirect_stdout(io.StringIO()):
            return self.judge.noise(read_rows(self.data / "news_qa_dev.jsonl.xz"))

    def figures(self, ask: Ask, questions: Sequence[dict], longest: int, homes: dict[str, str]) -> Figures:
        """Of our own questions; `homes` holds every article's text by name, as `judge.flat` makes it."""
        told = [(q, answer_record(ask(q["question"], turns_before(q), Filter()))) for q in questions]
        whole = "\n".join(homes.values())
        right = [not self._wrong(q, record, longest, homes, whole) for q, record in told if q["answer_keys"]]
        refused = [bool(record["refused"]) for q, record in told if q["answer_keys"]]
        unanswerable = [bool(record["refused"]) for q, record in told if not q["answer_keys"]]
        return Figures(*(sum(each) / len(each) for each in (right, refused, unanswerable)))

    def _wrong(self, question: dict, record: Record, longest: int, homes: dict[str, str], whole: str) -> str:
        named = question.get("article_id") or question["article"]
        texts = [homes[name] for name in (named if isinstance(named, list) else [named])]
        home = lambda quote: any(quote in text for text in texts)  # noqa: E731 - what the judge wants to be given
        return self.judge.wrong(record, question["answer_keys"], longest, whole.__contains__, home)

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


def turns_before(question: dict) -> list[Turn]:
    """The conversation before a question of our files."""
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
