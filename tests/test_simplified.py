"""Both scripts are one: a question in traditional characters meets a text in simplified ones and the other way about,
and what is quoted stays in the characters it was printed in.
"""

import json
import lzma
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.bot import Bot
from bot.question import read_question
from ingest.archive import Archive
from ingest.bylines import find_byline, find_tail_byline
from ingest.datelines import find_dateline
from ingest.ingester import Ingester
from ingest.simplified import simplify
from ingest.terms import fold, search_terms

HARBOUR = {
    "id": "harbour",
    "title": "鹽浦渡輪下月復航",
    "byline": "記者 陳 寧",
    "date": "2023-06-02",
    "paper": "試報",
    "text": "鹽浦至東嶼的渡輪將於下月一日復航。船務處負責人說，停航是因為碼頭遭颱風損毀，修復共花了三百五十萬元。\n"
    "復航後每天開八班，頭班船早上六點發出，票價維持十二元不變。",
}


@pytest.mark.parametrize(
    ("traditional", "simplified"),
    [
        ("為什麼時候", "为什么时候"),
        ("後面裡邊臺灣", "后面里边台湾"),
        ("說脫稅", "说脱税"),
        ("説脱税", "说脱税"),
        ("乾淨的餅乾", "干净的饼干"),
        ("乾隆", "乾隆"),
        ("瞭解與瞭望", "了解与瞭望"),
        ("答覆，覆蓋", "答复，覆盖"),
        ("沈默的沈先生", "沉默的沈先生"),
    ],
)
def test_a_character_goes_the_way_of_its_word(traditional, simplified):
    assert simplify(traditional) == simplified


@pytest.mark.parametrize("text", ["打坏了", "乾隆年间", "狼藉", "著名", "哪吒闹海", "下沉", "皇后", "人云亦云"])
def test_simplified_text_stays_as_it_is(text):
    assert simplify(text) == text


@given(st.text("乾隆坤淨瞭解望反覆蓋沈默憑藉口徵羽後裡臺a1，", max_size=30))
def test_simplifying_keeps_the_length_and_is_done_at_once(text):
    assert len(simplify(text)) == len(text)
    assert simplify(simplify(text)) == simplify(text)


@pytest.mark.parametrize(
    ("line", "byline"), [("本報記者 張 寧", "本報記者 張 寧"), ("（通訊員 陳樂 記者 劉華）", "通訊員 陳樂 記者 劉華")]
)
def test_a_byline_in_traditional_characters_is_read_as_printed(line, byline):
    assert find_byline(line) == byline


def test_a_byline_at_the_end_of_a_traditional_article_is_read():
    assert find_tail_byline("船隻已經返航。（本報記者 張寧）") == "本報記者 張寧"
    assert find_tail_byline("船隻已經返航。（陳 樂）") == "陳 樂"


@pytest.mark.parametrize(
    ("paragraph", "dateline", "place", "day", "byline"),
    [
        ("本報訊（記者 張寧）渡輪復航", "本報訊", None, None, "記者 張寧"),
        ("新華社臺北5月10日電 渡輪復航", "新華社臺北5月10日電", "臺北", "5月10日", None),
        ("本報訊 記者張寧報道：渡輪復航", "本報訊", None, None, "記者張寧"),
        ("【新華社廣州三日電】渡輪復航", "新華社廣州三日電", "廣州", "三日", None),
    ],
)
def test_a_dateline_in_traditional_characters_is_read_as_printed(paragraph, dateline, place, day, byline):
    found = find_dateline(paragraph)
    assert found
    assert (found.text, found.place, found.day, found.byline) == (dateline, place, day, byline)


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("渡輪什麼時候復航？", "date"),
        ("修復花了多少錢？", "number"),
        ("為什麼停航？", "reason"),
        ("誰主持了會議？", "person"),
        ("碼頭在哪裡？", "place"),
        ("票是怎麼賣的？", "manner"),
    ],
)
def test_what_a_traditional_question_asks_for_is_understood(question, kind):
    assert read_question(question).kind == kind


def test_a_traditional_question_asks_with_the_words_of_the_simplified_one():
    assert read_question("鹽浦的渡輪什麼時候復航？").words == read_question("盐浦的渡轮什么时候复航？").words


def test_the_vectors_of_both_scripts_are_one(builtin):
    both = builtin.encode_documents(["臺風損毀了碼頭", "台风损毁了码头"])
    assert both[0] == pytest.approx(both[1])
    assert both[0].any()


@pytest.fixture(scope="module")
def harbour(tmp_path_factory, builtin):
    root = tmp_path_factory.mktemp("harbour")
    page = root / "page.jsonl"
    page.write_text(json.dumps(HARBOUR, ensure_ascii=False) + "\n", "utf-8")
    Ingester(root / "archive", builtin).add([page])
    with Archive(root / "archive", builtin) as archive:
        yield Bot(archive, builtin)


@pytest.mark.parametrize("question", ["盐浦的渡轮为什么停航？", "鹽浦的渡輪為什麼停航？"])
def test_a_quote_stays_in_the_script_it_was_printed_in(harbour, question):
    answer = harbour.ask(question)
    assert not answer.refused
    assert any("颱風損毀" in citation.quote for citation in answer.citations)
    for citation in answer.citations:
        assert citation.quote in HARBOUR["text"] + HARBOUR["title"] + HARBOUR["byline"]


@pytest.mark.parametrize("sum_", ["350万", "三百五十万", "3,500,000", "350余万"])
def test_a_sum_in_the_question_finds_the_sum_however_it_was_printed(harbour, sum_):
    answer = harbour.ask(f"{sum_}元花在了什么上面？")
    assert any("三百五十萬元" in citation.quote for citation in answer.citations)


@pytest.mark.shared
@pytest.mark.parametrize("asked_in", ["simplified", "traditional"])
def test_people_find_their_passage_across_the_scripts(shared, asked_in):
    """Questions over an encyclopaedia in traditional characters: .78 in the first five when scripts do not meet."""
    with lzma.open(shared / "drcd_dev.jsonl.xz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines][:400]
    questions, passages = [row["questions"][0]["question"] for row in rows], [row["context"] for row in rows]
    if asked_in == "simplified":
        questions = [simplify(question) for question in questions]
    else:
        passages = [simplify(passage) for passage in passages]
    held = [set(search_terms(passage)) for passage in passages]
    seen = Counter(term for terms in held for term in terms)
    found = 0
    for i, question in enumerate(questions):
        terms = set(search_terms(question))
        scores = [sum(1 / seen[term] for term in terms & other) for other in held]
        found += sum(score > scores[i] for score in scores) < 5
    assert found / len(rows) >= 0.95


def test_folding_is_simplifying_in_half_width():
    assert fold("ＡＢＣ記者") == "abc记者"
