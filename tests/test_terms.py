"""Terms: the same word is the same term however it is typed, and offsets always lead back to the text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.question import read_question
from ingest.frequencies import rarity
from ingest.terms import fold, join_padded, search_terms, tagged_words


def asked(question: str) -> set[str]:
    """The terms that a question asks the word index for."""
    return {term for word in read_question(question).words for term in search_terms(word.text)}


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("ＧＤＰ", "gdp"),
        ("２０２３年", "2023年"),
        ("Covid", "covid"),
        ("ｉＰｈｏｎｅ１５", "iphone15"),
        ("Café Émile", "cafe emile"),
        ("Ａ股５％", "a股5%"),
        ("補償協議", "补偿协议"),
        ("二〇二三年", "2023年"),
    ],
)
def test_width_case_accents_and_script_make_no_difference(typed, plain):
    assert search_terms(typed) == search_terms(plain)


def test_accents_belong_to_latin_letters_only():
    assert fold("がぎ é й") == "がぎ e й"


def test_a_compound_is_found_by_its_parts():
    assert {"新兴", "产业", "新兴产业"} <= set(search_terms("新兴产业"))


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("桐乡的账本", "桐乡市公布账本"),
        ("桐乡市的账本", "桐乡公布账本"),
        ("浙江的账本", "浙江省公布账本"),
        ("崇福的账本", "崇福镇公布账本"),
        ("崇福镇的账本", "崇福公布账本"),
        ("拱墅的账本", "拱墅区公布账本"),
        ("掇刀区的账本", "掇刀公布账本"),
    ],
)
def test_a_place_is_found_with_and_without_its_rank(question, text):
    assert (asked(question) - {"账本"}) & set(search_terms(text))


@pytest.mark.parametrize("text", ["小城市", "连锁超市", "广西壮族自治区", "贫困地区", "生活小区"])
def test_what_is_no_place_gives_up_no_rank(text):
    assert text[:-1] not in search_terms(text)


@pytest.mark.parametrize("printed", ["本报记者 王 芳", "本报记者 王\u3000芳 报道", "记者 王\n芳报道", "记者\n王 芳"])
def test_a_name_that_is_padded_or_torn_by_a_line_end_is_one_name(printed):
    assert "王芳" in search_terms(printed)
    assert "王芳" in asked("王 芳写了什么？")


def test_a_word_torn_by_a_line_end_is_found_with_its_parts():
    assert {"桐乡", "桐乡市"} <= set(search_terms("昨天在桐\n乡市举行"))


def test_two_words_on_two_lines_stay_two():
    assert set(search_terms("要闻\n桐乡")) == {"要闻", "桐乡"}


@pytest.mark.parametrize("asks", ["五百万元", "500万元", "５００萬元", "5,000,000元", "500余万元", "五百多万元"])
@pytest.mark.parametrize("prints", ["五百万元", "500万元", "5,000,000元", "500余万元", "伍佰万元"])
def test_a_sum_meets_itself_however_both_sides_write_it(asks, prints):
    assert "5000000" in asked(f"谁得到了{asks}？") & set(search_terms(f"得到{prints}补偿"))


@pytest.mark.parametrize("asks", ["百分之五", "5%", "5％", "５％"])
def test_a_percentage_meets_itself_however_it_is_written(asks):
    assert asked(f"谁提高了{asks}？") & set(search_terms("提高百分之五")) & set(search_terms("提高5％")) >= {"5%"}


@pytest.mark.parametrize(("asks", "prints"), [("4月", "14月"), ("500万", "1500万"), ("5%", "15%"), ("五百万", "500")])
def test_a_number_does_not_meet_another_that_holds_it(asks, prints):
    numbers = {term for term in search_terms(asks) if term[0].isdigit()}
    assert numbers
    assert not numbers & set(search_terms(prints))


def test_a_number_is_not_cut_to_pieces():
    assert search_terms("5,000,000") == search_terms("500万") == ["5000000"]
    assert asked("谁得到了500万？") & {"500", "000", "5", "万"} == set()


def test_a_word_made_with_a_number_stays_a_word():
    assert {"二十大", "20"} <= set(search_terms("党的二十大"))
    assert {"十四五", "规划"} <= set(search_terms("十四五规划"))


def test_numbers_are_as_rare_as_news_makes_them():
    assert rarity("1000000") < rarity("1370000")
    assert rarity("5%") < rarity("5.37%")
    million = next(word.weight for word in read_question("一百万是谁给的？").words if word.text == "一百万")
    assert million == rarity("1000000")


def test_punctuation_and_white_space_are_no_terms():
    assert search_terms("，。 \u3000“”\n") == []


def test_a_number_is_one_word():
    assert [word.text for word in tagged_words("共５００余万元和1,200人")] == ["共", "500余万元", "和", "1,200", "人"]


@given(st.text(max_size=80))
def test_folding_keeps_every_offset_and_words_stand_where_they_say(text):
    assert len(fold(text)) == len(text)
    assert fold(text) == fold(fold(text))
    for word in tagged_words(text):
        assert fold(text)[word.start : word.end] == word.text


@given(st.text("一二十百千万亿〇0123456789.,%余多个元在年\n ", max_size=60))
def test_words_of_numbers_stand_in_order_and_cover_what_they_say(text):
    at = 0
    for word in tagged_words(text):
        assert word.start >= at
        assert fold(text)[word.start : word.end] == word.text
        at = word.end


@given(st.text(max_size=80))
def test_no_term_holds_white_space(text):
    assert all(term.split() == [term] for term in search_terms(text))


@pytest.mark.parametrize(
    ("printed", "joined"),
    [
        ("张 留 写了 一篇", "张留 写了 一篇"),
        ("王 芳写了一篇", "王芳写了一篇"),
        ("文 王芳 图 李明", "文 王芳 图 李明"),
        ("摄 王芳", "摄 王芳"),
    ],
)
def test_a_padded_name_is_joined_and_its_neighbours_are_not(printed, joined):
    assert join_padded(printed) == joined
