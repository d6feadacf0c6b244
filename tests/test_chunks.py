"""Chunks: cut at sentence ends, exact, complete; the headline is searched but never quoted."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.chunks import TARGET, cut_chunks
from ingest.models import Article, Subhead
from ingest.sentences import sentence_spans, short_spans


def article(*paragraphs, **more):
    return Article(**{"title": "水库开闸", "paragraphs": paragraphs, "start": 0, "end": 0, **more})


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("水清了。鱼回来了！真的？真的。", ["水清了。", "鱼回来了！", "真的？", "真的。"]),
        ("“水清了。”他说。", ["“水清了。”", "他说。"]),
        ("河长3.5公里,宽20米。", ["河长3.5公里,宽20米。"]),
        ("真好!!“是啊……”\n第二段没有句号\n", ["真好!!", "“是啊……”", "第二段没有句号"]),
    ],
)
def test_a_sentence_ends_with_its_stop_and_the_quotes_that_close_there(text, sentences):
    assert [text[s:e] for s, e in sentence_spans(text)] == sentences


TEXTS = st.text(alphabet="水库开闸放了三天，。！？；”“、\n abc1", max_size=900)


@given(TEXTS, st.integers(5, 400))
def test_short_spans_hold_every_character_in_order_and_are_short(text, longest):
    spans = short_spans(text, longest)
    assert "".join("".join(text[s:e].split()) for s, e in spans) == "".join(text.split())
    assert all(0 < e - s <= longest for s, e in spans)
    assert all(a[1] <= b[0] for a, b in pairwise(spans))


@given(TEXTS)
def test_chunks_quote_the_article_exactly_and_hold_all_of_it(text):
    one = article(*text.split("\n"))
    chunks = cut_chunks(one)
    assert all(c.text == one.text[c.start : c.end] and len(c.text) < 1.5 * TARGET for c in chunks)
    assert "".join("".join(c.text.split()) for c in chunks) == "".join(text.split())


def test_chunks_break_between_sentences():
    sentences = [f"第{i}天水位下降了{i}厘米，下游的三个镇都收到了通知。" for i in range(60)]
    chunks = cut_chunks(article("".join(sentences)))
    assert len(chunks) > 1
    assert all(c.text.endswith("。") and c.text.startswith("第") for c in chunks)


def test_headline_byline_subhead_and_date_are_context_not_text():
    one = article(
        "甲。" * 150, "乙。" * 150, byline="记者 王芳", issued=date(2023, 5, 12), subheads=(Subhead("怎么放", 1),)
    )
    first, *_, last = cut_chunks(one)
    assert "水库开闸" in first.context
    assert "王芳" in first.context
    assert "2023年5月12日" in first.context
    assert "怎么放" not in first.context
    assert "怎么放" in last.context
    assert "水库" not in first.text + last.text


def test_an_article_that_is_only_a_headline_can_still_be_found():
    (only,) = cut_chunks(article())
    assert only.text == ""
    assert "水库开闸" in only.context
