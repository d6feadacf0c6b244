"""What a model has written so far becomes whole sentences with whole marks; everything else is held back or cleaned."""

import pytest

from bot.draft import Room, joined_halves, whole_sentences

TEXT = "协议有22份。[1][2]一年5280万元[3]。他说：“都签了。”[1] 此外，水质考核“优秀”！[2]\n还有 3.5 万人参加。[4]"


def whole(text: str, *, done: bool = False) -> tuple[str, ...]:
    return whole_sentences(text, done=done)[0]


def test_a_finished_text_comes_apart_into_its_sentences_with_their_marks():
    assert whole(TEXT, done=True) == (
        "协议有22份。[1][2]",
        "一年5280万元[3]。",
        "他说：“都签了。”[1]",
        "此外，水质考核“优秀”！[2]",
        "还有 3.5 万人参加。[4]",
    )


def test_however_a_stream_is_cut_nothing_shown_is_taken_back_or_ends_within_a_mark():
    final, before = whole(TEXT, done=True), ()
    for end in range(len(TEXT) + 1):
        now = whole(TEXT[:end])
        assert now[: len(before)] == before
        assert now == final[: len(now)]
        before = now
    assert len(before) == len(final) - 1


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("甲市有三座桥。【1】", ("甲市有三座桥。[1]",)),
        ("甲市有三座桥。［1，2］", ("甲市有三座桥。[1][2]",)),
        ("甲市有三座桥。[段落3]", ("甲市有三座桥。[3]",)),
        ("甲市有三座桥[^1]。", ("甲市有三座桥[1]。",)),
        ("**甲市**有`三`座桥。[1]", ("甲市有三座桥。[1]",)),
        ("- 第一座在东。[1]\n- 第二座在西。[2]", ("第一座在东。[1]", "第二座在西。[2]")),
        ("## 桥\n1. 第一座在东。[1]", ("桥", "第一座在东。[1]")),
        ("1.5亿元建桥。[1]", ("1.5亿元建桥。[1]",)),
        ("<think>先想想。[1]</think>有三座桥。[1]", ("有三座桥。[1]",)),
        ("先想想。</think>有三座桥。[1]", ("有三座桥。[1]",)),
        ("<think>想不完", ()),
        ("有三座桥。[1]有三座桥。[1]", ("有三座桥。[1]",)),
        ("有三座桥。[1", ("有三座桥。",)),
        ("[1][2]", ()),
        ("有\x00三\x1b座桥。[1]", ("有三座桥。[1]",)),
        ("Mr. Shen paid 3.5 million. [1] It was 2023. [2]", ("Mr. Shen paid 3.5 million. [1]", "It was 2023. [2]")),
        ("The town paid [1]. The river is clean [2].", ("The town paid [1].", "The river is clean [2].")),
    ],
)
def test_marks_and_markdown_of_every_kind_are_read(written, read):
    assert whole(written, done=True) == read


def test_what_is_not_whole_is_left_and_a_done_text_leaves_nothing_out():
    assert whole_sentences("有三座桥。[1]还有一", done=False) == (("有三座桥。[1]",), "还有一")
    assert whole("有三座桥。[1]还有一", done=True) == ("有三座桥。[1]", "还有一")


def test_halves_of_a_character_are_joined_and_lone_ones_go():
    assert joined_halves("好\ud83d\ude00好\ud83d") == "好😀好"
    assert whole("好\ud83d", done=True) == ("好",)


def test_room_is_counted_from_the_first_sentence_on():
    assert Room(3, 10).for_first_of(["一二三四五", "一二三四五", "一"]) == 2
    assert Room(1, 10).for_first_of(["一", "二"]) == 1
    assert Room(3, 10).for_first_of(["一" * 11]) == 0
