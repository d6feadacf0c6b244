"""The whole way from a question to a cited answer, over the sample edition with the encoder that ships."""

import json
import re
import threading
import time
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from bot.bot import LONGEST_QUESTION, Bot
from bot.models import Answer, Turn
from bot.question import read_question
from ingest.archive import Archive
from ingest.errors import BadQuestion, NotFound
from ingest.ingester import Ingester
from ingest.models import Filter
from tests.pace import slowness
from tests.stories import story

RIVER = "桐乡的生态补偿机制是怎么运作的?"
SOON = 3.0  # seconds in which an added page has to be answerable
SAMPLE = [
    json.loads(line)
    for line in (Path(__file__).parent / "data" / "sample_questions.jsonl").read_text("utf-8").splitlines()
]
NONSENSE = [
    "红烧肉要炖多久？",
    "奥斯卡最佳影片是哪部？",
    "土星的光环是由什么组成的？",
    "唐朝的都城在哪里？",
    "比特币现在多少钱一个？",
    "世界杯冠军是哪个国家？",
    "如何用微波炉做蛋糕？",
    "为什么天空是蓝色的？",
    "哈哈哈哈",
    "asdf qwer zxcv",
    "How deep is the ocean trench on Europa?",
]


def test_how_the_river_compensation_works_is_told_in_several_cited_sentences(bot):
    answer = bot.ask(RIVER)
    assert not answer.refused
    assert 3 <= len(answer.sentences) <= 7
    assert "下游给上游发补偿" in answer.text  # the rule
    assert "20万元" in answer.text  # the sum
    assert {c.title for c in answer.citations} == {"水好有奖 水差要赔 桐乡用一份补偿协议管住一条河"}
    assert answer.model is None
    assert answer.reason is None


@pytest.mark.parametrize("question", SAMPLE, ids=lambda q: q["id"])
def test_every_answer_is_cited_bounded_and_free_of_repetition(bot, question):
    answer = bot.ask(question["question"], _before(question))
    if answer.refused:
        assert answer.sentences == answer.citations == ()
        assert answer.reason in ("no_evidence", "near_miss")
        return
    several = read_question(question["question"]).wants_several
    assert len(answer.text) <= (600 if several else 400)
    assert [c.n for c in answer.citations] == list(range(1, len(answer.citations) + 1))
    assert {n for s in answer.sentences for n in s.citations} == {c.n for c in answer.citations}
    assert all(s.citations and s.supported and not s.missing for s in answer.sentences)
    assert len({s.text for s in answer.sentences}) == len(answer.sentences)
    marked = "".join(s.lead + s.text + "".join(f"[{n}]" for n in s.citations) for s in answer.sentences)
    assert answer.text.replace("\n", "") == marked + answer.closing
    assert all(
        s.text in {c.quote, f"《{c.quote}》。"} or s.text in c.quote or len(s.citations) > 1
        for s in answer.sentences
        for c in answer.citations
        if c.n == s.citations[0]
    )


@pytest.mark.parametrize("question", NONSENSE)
def test_what_no_newspaper_here_tells_is_refused_with_what_was_searched_and_the_nearest(bot, question):
    answer = bot.ask(question)
    assert answer.refused
    assert answer.reason in ("no_evidence", "near_miss")
    articles = bot.stats().articles
    assert re.search(f"共{articles}篇文章|{articles} articles", answer.text)
    assert "问报样报" in answer.text
    assert 0 < len(answer.nearest) <= 3
    assert all(n.title in answer.text for n in answer.nearest)


@pytest.mark.parametrize(
    "question", ["图书馆的馆长叫什么？", "桐乡明年要补偿多少条河道？", "莲花桥港最深的地方有几米？"]
)
def test_what_the_story_leaves_out_is_refused(bot, question):
    assert bot.ask(question).refused


@pytest.mark.parametrize("question", [RIVER, "图书馆晚上几点关门？", "红烧肉要炖多久？"])
def test_a_streamed_answer_grows_sentence_by_sentence_into_what_ask_gives(bot, question):
    states = list(bot.stream(question))
    final = bot.ask(question)
    assert _same(states[-1], final)
    for state, later in pairwise(states):
        assert len(later.sentences) == len(state.sentences) + 1
        assert later.text.startswith(state.text)
        assert all(n in {c.n for c in state.citations} for s in state.sentences for n in s.citations)
    assert len(states) == max(1, len(final.sentences))


def test_a_follow_up_is_asked_with_its_topic(bot):
    before = [Turn("user", "梅溪路公交站往哪个方向挪了多少米？"), Turn("assistant", "往北挪了60米。")]
    answer = bot.ask("要修多久？", before)
    assert "三个月" in answer.text
    assert "梅溪路" in answer.standalone
    assert answer.question == "要修多久？"


def test_an_empty_archive_says_how_to_fill_it(root, builtin):
    with Archive(root, builtin) as archive:
        bot = Bot(archive, builtin)
        answer = bot.ask(RIVER)
        assert (answer.refused, answer.reason, answer.passages) == (True, "empty_archive", ())
        assert "python -m ingest add" in answer.text
        assert bot.search(RIVER) == []
        assert bot.stats().articles == 0
    assert not root.exists()


@pytest.mark.parametrize(
    ("question", "where", "told"),
    [
        (RIVER, Filter(paper="别的报"), ["报纸 别的报", "《问报样报》", "2023年5月12日"]),
        (RIVER, Filter(since=date(2024, 1, 1)), ["2024年1月1日～", "《问报样报》"]),
        (RIVER, Filter(byline="查无此人", until=date(2020, 1, 1)), ["作者 查无此人", "～2020年1月1日", "《问报样报》"]),
        ("When does the library close?", Filter(place="Paris"), ["place Paris", "问报样报", "2023-05-12", "holds"]),
    ],
    ids=["paper", "since", "two", "English"],
)
def test_a_filter_that_lets_nothing_through_is_a_refusal_that_says_what_there_is(bot, question, where, told):
    answer = bot.ask(question, where=where)
    assert (answer.refused, answer.reason, answer.nearest) == (True, "no_evidence", ())
    assert all(part in answer.text for part in told), answer.text
    assert str(bot.stats().articles) in answer.text
    assert bot.nothing_passes(question, where) == answer.text
    assert bot.nothing_passes(question, Filter(paper="问报样报")) is None


def test_days_the_wrong_way_round_are_said_in_one_line(bot):
    where = Filter(since=date(2023, 5, 12), until=date(2023, 5, 11))
    for door in (bot.ask, bot.search):
        with pytest.raises(BadQuestion, match="swap"):
            door(RIVER, where=where)


def test_an_answer_says_what_a_word_for_time_was_taken_for(bot):
    assert "昨天（2023-05-11）" in bot.ask("昨天图书馆几点关门？", today=date(2023, 5, 12)).standalone
    assert "昨天（2023-05-11）" in bot.ask("昨天图书馆几点关门？").standalone, "the sample is closed: its day is today"


def test_a_follow_up_keeps_the_time_that_was_spoken_of_and_words_that_only_point_are_not_carried(bot):
    before = [Turn("user", "去年桐乡的生态补偿是多少？"), Turn("assistant", "没有写。")]
    answer = bot.ask("那前一年呢？", before, today=date(2023, 5, 12))
    assert answer.standalone.endswith("那前一年（2021-01-01～2021-12-31）呢？")
    assert "桐乡" in answer.standalone
    assert "去年" not in answer.standalone


@pytest.mark.parametrize(
    "question",
    ["", "   \n", "？！……", "\ud83e", "渡轮\udcff什么时候检修？", "问" * 100_000, "a" * (LONGEST_QUESTION + 1)],
    ids=["empty", "blank", "marks only", "half a character", "lone surrogate", "100,000", "just too long"],
)
def test_what_is_no_question_is_said_in_one_line(bot, question):
    for door in (bot.ask, bot.search, lambda q: list(bot.stream(q))):
        with pytest.raises(BadQuestion) as told:
            door(question)
        assert "\n" not in str(told.value)
        assert len(str(told.value)) < 200
        str(told.value).encode()


@pytest.mark.parametrize(
    "question",
    [
        "渡轮？" * 300,
        "\x00渡轮",
        "渡轮\u202e？",
        "🛳️渡轮什么时候检修",
        "')}{\"; DROP TABLE articles; --",
        "[1][2] {x} %s 渡轮",
    ],
)
def test_odd_questions_are_answered_or_refused_like_any_other(bot, question):
    assert isinstance(bot.ask(question), Answer)


def test_two_threads_get_what_one_gets(bot):
    questions = [q["question"] for q in SAMPLE[:12]]
    alone = [bot.ask(q) for q in questions]
    together: dict[int, list[Answer]] = {}

    def ask(thread: int) -> None:
        together[thread] = [bot.ask(q) for q in questions]

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for n in range(2):
        assert all(_same(a, b) for a, b in zip(together[n], alone, strict=True))


def test_a_page_added_while_the_bot_is_open_is_answered_within_3_seconds(tmp_path, builtin, records):
    root = tmp_path / "data"
    with Archive(root, builtin) as archive:
        bot = Bot(archive, builtin)
        for number in (7, 21):
            Ingester(root, builtin).add([records(story(number))])
            until = time.monotonic() + SOON * slowness()
            question = f"{story(number)['title'][:3]}修缮花了多少钱？"
            while (answer := bot.ask(question)).refused or f"{number + 3}万元" not in answer.text:
                assert time.monotonic() < until, answer.text
                time.sleep(0.02)


def test_citations_open_their_article_and_unknown_ids_are_named(bot):
    for citation in bot.ask(RIVER).citations:
        article = bot.article(citation.article_id)
        assert getattr(article, citation.part)[citation.start : citation.end] == citation.quote
    with pytest.raises(NotFound, match="nowhere"):
        bot.article("nowhere")


def test_stats_count_what_a_filter_lets_through(bot):
    assert bot.stats().articles > 10
    assert (bot.stats().papers, bot.stats().sample) == (("问报样报",), True)
    assert bot.stats(Filter(paper="别的报")).articles == 0


def _before(question: dict) -> list[Turn]:
    if "previous" not in question:
        return []
    before = question["previous"]
    return [Turn("user", before["question"]), Turn("assistant", before["answer"])]


def _same(a: Answer, b: Answer) -> bool:
    """Equal but for the time it took."""
    return (a.text, a.refused, a.sentences, a.citations, a.passages) == (
        b.text,
        b.refused,
        b.sentences,
        b.citations,
        b.passages,
    )
