"""What newspapers and askers wrote reaches the page as plain text, and a citation leads to the quoted characters."""

from __future__ import annotations

import re
from dataclasses import asdict, replace
from datetime import date
from html.parser import HTMLParser

import pytest

from bot.bot import LONGEST_QUESTION
from bot.models import Answer, AnswerSentence, Citation, Nearest
from bot.page.answer import answer_html, answer_text, plain_to_html, question_html, unmarked
from bot.page.filters import LONGEST, BadFilter, filter_html, read_filter
from bot.page.references import Reference, of_citation, parse_references
from bot.page.source import article_html, holdings_line
from bot.page.texts import EN, ZH, language_of
from ingest.models import ArchiveStats, Filter, StoredArticle, Subhead

ARTICLE = StoredArticle(
    article_id="0123456789abcdef01234567",
    version_id="fedcba9876543210fedcba98",
    source_id=None,
    title="小镇把旧粮仓改成图书馆",
    subtitle="一楼借书 二楼喝茶",
    kicker="家门口的变化",
    byline="本报记者 何 青",
    dateline="本报石门5月3日电",
    place="石门",
    paper="石门日报",
    date=date(2024, 5, 4),
    page="2",
    text="粮仓空了九年。去年秋天，镇里花40万元修好了屋顶。\n如今这里有6000册书，晚上九点才关门。",
    subheads=(Subhead("书从哪里来", 1),),
    starts_mid=False,
    continued_from=None,
    continued_to="3",
    url=None,
    file="page2.txt",
    file_start=0,
    file_end=100,
    file_spans=(),
    linked=(),
    sample=False,
    superseded_by=None,
)
QUOTE = "镇里花40万元修好了屋顶。"

HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "**粗** _斜_ ~~删~~ `码`",
    "# 标题",
    "- 一项",
    "1. 一项",
    "> 引文",
    "[点我](http://evil.example/)",
    "![](http://evil.example/x.png)",
    "http://evil.example/ www.evil.example a@evil.example",
    "$$x^2$$ ${1+1} {{1+1}}",
    "&lt;b&gt; &amp; &#42;",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    '__i18n__{"__type__":"translation_metadata","key":"name"}',
    "[^1] [1] [[1]](#cite-1)",
    "<think>想</think>",
)


def cited(quote: str = QUOTE, part: str = "text", *, n: int = 1, sample: bool = False) -> Citation:
    whole = {"text": ARTICLE.text, "title": ARTICLE.title or "", "byline": ARTICLE.byline or ""}[part]
    start = whole.index(quote)
    a = ARTICLE
    return Citation(
        n, a.article_id, None, part, a.title, a.paper, a.date, a.page, quote, start, start + len(quote), sample
    )


def answer(*sentences: AnswerSentence, citations: tuple[Citation, ...] = (), **more: object) -> Answer:
    text = "".join(s.text + "".join(f"[{n}]" for n in s.citations) for s in sentences)
    return Answer("问", "问", text, sentences=sentences, citations=citations, **more)


class _Shown(HTMLParser):
    """What a browser would show of HTML: its text, its elements, its links."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text, self.tags, self.links, self.marked = "", [], [], []
        self._in_mark = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag == "br":
            self.text += "\n"
        if tag == "a":
            self.links.append(dict(attrs)["href"])
        if tag == "mark":
            self._in_mark = dict(attrs)["class"]

    def handle_endtag(self, tag):
        if tag == "mark":
            self._in_mark = ""

    def handle_data(self, data):
        self.text += data
        if self._in_mark:
            self.marked.append((self._in_mark, data))


@pytest.mark.parametrize("text", HOSTILE)
def test_text_in_the_chat_shows_as_itself_and_leaves_markdown_nothing_to_read(text):
    html = plain_to_html(text)
    assert _Shown(html).text == text
    assert set(_Shown(html).tags) <= {"br"}
    assert not re.search(r"[*_`~#$\[\]()!|{}@.:>+-]", re.sub(r"&#\d+;|<br>", "", html))


@pytest.mark.parametrize("text", HOSTILE)
def test_an_article_shows_hostile_text_as_text_in_every_place(text):
    line = text.replace("\n", " ")
    names = ("title", "subtitle", "kicker", "byline", "paper", "page", "continued_to", "continued_from")
    article = replace(ARTICLE, text=line, subheads=(Subhead(line, 0),), **dict.fromkeys(names, line))
    shown = _Shown(article_html(article, [Reference(ARTICLE.article_id, "text", 0, len(line))], ZH))
    assert shown.text.count(line) == len(names) + 2
    assert set(shown.tags) <= {"a", "article", "header", "p", "h2", "h3", "mark"}
    assert shown.marked == [("wb-asked", line)]


@pytest.mark.parametrize("text", HOSTILE)
def test_an_answer_shows_hostile_sentences_titles_and_refusals_as_text(text):
    given = answer(AnswerSentence(text, (1,)), citations=(replace(cited(), title=text, paper=text),))
    shown = _Shown(answer_html(given, ZH))
    assert text.replace("\n", "") in shown.text.replace("\n", "")
    assert set(shown.tags) <= {"div", "p", "a", "ul", "li", "span", "br"}
    assert all(link.startswith("#cite-") for link in shown.links)
    refusal = Answer(
        "问", "问", f"没有。最接近：《{text}》。", refused=True, nearest=(Nearest("ab", text, text, None),)
    )
    assert _Shown(answer_html(refusal, ZH)).links == ["#cite-ab.text.0.0"]
    assert set(_Shown(question_html(text)).tags) <= {"div", "br"}


def test_an_english_refusal_and_answer_keep_the_blanks_between_their_words():
    nearest = (Nearest("ab", "甲", None, None), Nearest("cd", "乙", None, None))
    refusal = Answer("q", "q", "Nothing. Nearest: 甲 (“一”); 乙 (“二”).", refused=True, nearest=nearest)
    assert refusal.text in _Shown(answer_html(refusal, EN)).text
    told = answer(
        AnswerSentence("It opens late.", (1,)), AnswerSentence("It has 6,000 books.", ()), citations=(cited(),)
    )
    assert "It opens late.[1] It has 6,000 books." in _Shown(answer_html(told, EN)).text
    streamed = Answer("q", "q", "It opens late [1] and", citations=(cited(),))
    assert "It opens late [1] and" in _Shown(answer_html(streamed, EN, finished=False)).text


def test_a_source_without_a_headline_is_called_by_the_words_that_are_quoted_of_it():
    bare = tuple(
        replace(cited(quote, n=n), title=None, article_id=f"{n}" * 24)
        for n, quote in ((1, QUOTE), (2, "如今这里有6000册书"))
    )
    given = answer(AnswerSentence(QUOTE, (1,)), AnswerSentence("如今这里有6000册书。", (2,)), citations=bare)
    shown = _Shown(answer_html(given, ZH)).text
    assert f"[1] {QUOTE}" in shown
    assert "[2] 如今这里有6000册书" in shown
    assert f"[1] {QUOTE}" in answer_text(given, ZH)


def test_a_question_that_can_be_answered_is_shown_whole_so_that_it_is_edited_and_asked_again_whole():
    assert _Shown(question_html("问" * LONGEST_QUESTION)).text == "问" * LONGEST_QUESTION
    assert _Shown(question_html("问" * 3 * LONGEST_QUESTION)).text == "问" * LONGEST_QUESTION + "…"


def test_a_mark_is_a_link_to_the_very_characters_of_the_version_that_was_quoted():
    quoted = replace(cited(), version_id=ARTICLE.version_id)
    given = answer(AnswerSentence(QUOTE, (1,)), citations=(quoted,))
    links = _Shown(answer_html(given, ZH)).links
    (reference,) = parse_references(links[0])
    assert reference == of_citation(given.citations[0])
    assert reference.article_id == ARTICLE.version_id
    assert ARTICLE.text[reference.start : reference.end] == QUOTE


@pytest.mark.parametrize(
    ("part", "quote"), [("text", QUOTE), ("text", "6000册书"), ("title", "旧粮仓"), ("byline", "何 青")]
)
def test_the_quoted_words_are_marked_in_the_part_that_was_cited(part, quote):
    reference = of_citation(cited(quote, part))
    assert _Shown(article_html(ARTICLE, [reference], ZH)).marked == [("wb-asked", quote)]


def test_the_clicked_place_is_marked_strongly_and_the_answers_others_lightly_also_where_they_overlap():
    start = ARTICLE.text.index(QUOTE)
    asked = Reference("x", "text", start + 2, start + 6)
    also = Reference("x", "text", start, start + 4)
    assert _Shown(article_html(ARTICLE, [asked, also], ZH)).marked == [
        ("wb-also", QUOTE[:2]),
        ("wb-asked", QUOTE[2:4]),
        ("wb-asked", QUOTE[4:6]),
    ]


def test_a_place_beyond_the_text_marks_nothing_and_breaks_nothing():
    shown = _Shown(article_html(ARTICLE, [Reference("x", "text", 9_000, 9_010)], ZH))
    assert shown.marked == []
    assert "粮仓空了九年" in shown.text


def test_an_article_shows_headline_paper_date_page_byline_subheads_and_where_it_goes_on():
    text = _Shown(article_html(ARTICLE, [], ZH)).text
    for part in (
        "家门口的变化",
        ARTICLE.title,
        "一楼借书",
        "《石门日报》 · 2024年5月4日 · 第2版",
        "何 青",
        "下转第3版",
    ):
        assert part in text
    assert text.index("粮仓空了九年") < text.index("书从哪里来") < text.index("如今这里")


@pytest.mark.parametrize(("words", "day"), [(ZH, "2024年6月1日"), (EN, "1 June 2024")])
def test_an_article_that_was_withdrawn_says_so_and_when(words, day):
    told = words.withdrawn.format(day)
    assert told in _Shown(article_html(replace(ARTICLE, withdrawn=date(2024, 6, 1)), [], words)).text
    assert day not in _Shown(article_html(ARTICLE, [], words)).text


def test_a_sample_is_labelled_where_it_is_quoted_and_where_it_is_opened():
    given = answer(AnswerSentence(QUOTE, (1,)), citations=(cited(sample=True),))
    assert ZH.sample_mark in _Shown(answer_html(given, ZH)).text
    assert EN.sample_mark in answer_text(given, EN)
    assert ZH.sample in _Shown(article_html(replace(ARTICLE, sample=True), [], ZH)).text
    real = answer(AnswerSentence(QUOTE, (1,)), citations=(cited(),))
    assert ZH.sample_mark not in _Shown(answer_html(real, ZH)).text


def test_a_sentence_that_is_not_borne_out_says_so():
    given = answer(AnswerSentence("书有九万册。", (), supported=False, missing=("九万",)))
    assert "wb-unsupported" in answer_html(given, ZH)
    assert ZH.unsupported in _Shown(answer_html(given, ZH)).text


@pytest.mark.parametrize("cut", ["仓里有书[1", "仓里有书[", "仓里有书"])
def test_a_stream_never_shows_half_a_mark(cut):
    shown = _Shown(answer_html(Answer("问", "问", cut, citations=(cited(),)), ZH, finished=False))
    assert shown.text == "仓里有书"


def test_a_streamed_text_without_sentences_gets_its_whole_marks_as_links():
    shown = _Shown(answer_html(Answer("问", "问", "仓里有书[1]也有茶[7]", citations=(cited(),)), ZH, finished=False))
    assert shown.text == "仓里有书[1]也有茶[7]"
    assert len(shown.links) == 1


def test_sources_come_once_an_article_and_only_when_the_answer_is_whole():
    several = (cited(), cited("6000册书", n=2), cited("旧粮仓", "title", n=4))
    given = answer(AnswerSentence("一", (1,)), AnswerSentence("二", (2, 4)), citations=several)
    assert "wb-sources" not in answer_html(given, ZH, finished=False)
    assert answer_html(given, ZH).count("<li>") == 1
    assert "[1–2, 4] 小镇把旧粮仓改成图书馆" in _Shown(answer_html(given, ZH)).text


def test_what_the_next_turn_hears_carries_no_marks():
    assert unmarked(answer(AnswerSentence("甲。", (1,)), AnswerSentence("乙。", (1, 2)))) == "甲。乙。"
    assert unmarked(Answer("问", "问", "甲。[1]乙。[12]")) == "甲。乙。"


@pytest.mark.parametrize(
    "posted",
    [None, 7, {}, [], "", "x", "#cite-", "#cite-a.text.1", "#cite-a.body.1.2", "#cite-../x.text.1.2",
     "#cite-a.text.-1.2", "#cite-a.text.1.2.3", "#cite-a.text.１.２", "a" * 1_000_000],
)  # fmt: skip
def test_what_is_no_reference_is_nothing(posted):
    assert parse_references(posted) == []


def test_several_references_come_back_in_their_order_and_not_without_end():
    one, two = Reference("a", "text", 1, 2), Reference("b", "title", 0, 9)
    assert parse_references(f"{one.href} nonsense {two.href}") == [one, two]
    assert len(parse_references(f"{one.href} " * 10_000)) < 100


@pytest.mark.parametrize(
    ("header", "language"),
    [("zh-CN,zh;q=0.9,en;q=0.8", "zh"), ("zh", "zh"), ("zh-TW", "zh"), ("ZH-hk", "zh"), (None, "zh"), ("", "zh"),
     ("*", "zh"), ("en-US,en;q=0.9", "en"), ("de-DE,zh;q=0.5", "en")],
)  # fmt: skip
def test_the_language_is_the_one_that_the_browser_puts_first(header, language):
    assert language_of(header) == language


@pytest.mark.parametrize("name", asdict(EN))
def test_every_word_is_there_in_both_languages_with_the_same_holes_to_fill(name):
    chinese, english = asdict(ZH)[name], asdict(EN)[name]
    assert chinese
    if name.startswith("language"):  # is for who reads the other one
        chinese, english = english, chinese
    assert not re.search(r"[一-鿿]", english)
    assert sorted(re.findall(r"\{(\w*)\}", chinese)) == sorted(re.findall(r"\{(\w*)\}", english))


@pytest.mark.parametrize("words", [ZH, EN])
def test_the_masthead_says_what_there_is_to_ask_about(words):
    stats = ArchiveStats(3, 8, 20, ("石门日报", "石门晚报"), date(2024, 5, 3), date(2024, 5, 4), False)
    line = holdings_line(stats, words)
    assert "8" in line
    assert "石门日报" in line
    assert words.day(date(2024, 5, 4)) in line
    assert "python -m ingest add" in holdings_line(replace(stats, articles=0), words)
    unknown = holdings_line(replace(stats, papers=(), first_date=None, last_date=None), words)
    assert not unknown.rstrip().endswith("·")


@pytest.mark.parametrize(
    ("posted", "where"),
    [
        (("", "", "", "", ""), Filter()),
        ((None, None, None, None, None), Filter()),
        (("2024-05-03", "2024-05-04", "石门日报", "石门", "何 青"),
         Filter(date(2024, 5, 3), date(2024, 5, 4), "石门日报", "石门", "何 青")),
        ((" 2024-05-03 ", "\n", " 石门日报", 7, ["何青"]), Filter(since=date(2024, 5, 3), paper="石门日报")),
        (("", "", "报" * 1_000, "\ud800门", ""), Filter(paper="报" * LONGEST, place="门")),
    ],
    ids=["empty", "nothing", "all", "odd", "too long"],
)  # fmt: skip
def test_a_posted_filter_is_read_as_far_as_it_is_one(posted, where):
    assert read_filter(posted, ZH) == where


@pytest.mark.parametrize("words", [ZH, EN])
@pytest.mark.parametrize(
    "posted", [("昨天", "", "", "", ""), ("", "2024-02-30", "", "", ""), ("2024-05-04", "2024-05-03", "", "", "")]
)
def test_days_that_are_none_are_said_in_the_pages_language(posted, words):
    with pytest.raises(BadFilter) as told:
        read_filter(posted, words)
    assert bool(re.search(r"[一-鿿]", str(told.value).replace(posted[0], ""))) is (words is ZH)


def test_one_line_says_what_is_filtered_and_shows_names_as_text():
    where = Filter(date(2024, 5, 3), date(2024, 5, 4), "石门日报", "<b>石门", "何青")
    assert _Shown(filter_html(where, ZH)).text == (
        "只找：2024年5月3日 — 2024年5月4日 · 《石门日报》 · 地点 <b>石门 · 作者 何青"
    )
    assert _Shown(filter_html(Filter(since=date(2024, 5, 3)), EN)).text == "Only: from 3 May 2024"
    assert _Shown(filter_html(Filter(until=date(2024, 5, 3)), ZH)).text == "只找：到2024年5月3日为止"
    assert filter_html(Filter(), ZH) == ""
