"""The questions to begin with come from the archive, and the archive answers every one of them."""

import pytest

from bot.bot import Bot
from ingest.archive import Archive
from ingest.ingester import Ingester

MANY = 50


def test_every_example_is_answered_from_the_article_it_was_made_of(bot):
    examples = bot.examples(MANY)
    assert examples
    for question in examples:
        topic = question.split("，是怎么回事")[0]
        answer = bot.ask(question)
        assert not answer.refused, question
        assert topic in (answer.citations[0].title or "")


@pytest.mark.parametrize("count", [1, 3, MANY])
def test_no_more_than_asked_for_and_none_twice(bot, count):
    examples = bot.examples(count)
    assert 0 < len(examples) <= count
    assert len(examples) == len(set(examples))
    assert examples == bot.examples(MANY)[: len(examples)]


def test_an_empty_archive_has_no_examples(root, builtin):
    with Archive(root, builtin) as archive:
        assert Bot(archive, builtin).examples(3) == []


TEXT = "渡轮从周三起检修，三天做完。" * 20


@pytest.mark.parametrize(
    ("title", "text", "examples"),
    [
        ("柳桥镇渡轮停航三天", TEXT, ["柳桥镇渡轮停航三天，是怎么回事？"]),
        ("周三起 柳桥镇渡轮停航三天", TEXT, ["柳桥镇渡轮停航三天，是怎么回事？"]),
        ("柳桥镇渡轮停航三天", "停三天。", []),
        ("渡轮", TEXT, []),
        ("渡轮" * 20, TEXT, []),
        (None, TEXT, []),
    ],
)
def test_an_example_is_made_of_a_telling_headline_over_a_story(
    root, encoder, ingester: Ingester, records, title, text, examples
):
    ingester.add([records({"id": "a", "text": text} | ({"title": title} if title else {}))])
    with Archive(root, encoder) as archive:
        assert Bot(archive, encoder).examples(3) == examples


def test_the_newest_comes_first(root, encoder, ingester, records):
    days = {"柳桥镇渡轮停航三天": "2023-05-10", "石塘镇粮仓换新瓦": "2023-05-12", "青浦里戏台重新开锣": "2023-05-11"}
    ingester.add([records(*({"id": t, "title": t, "text": TEXT, "date": d} for t, d in days.items()))])
    with Archive(root, encoder) as archive:
        first = [question[:2] for question in Bot(archive, encoder).examples(3)]
    assert first == ["石塘", "青浦", "柳桥"]
