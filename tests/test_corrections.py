"""A 更正 is linked with the article that it corrects, whichever comes in first, and the answer says so."""

import json
from datetime import date

import pytest
from typer.testing import CliRunner

from bot.bot import Bot
from bot.jsonform import answer_record
from bot.page.answer import answer_html
from bot.page.source import article_html
from bot.page.texts import ZH
from ingest.archive import Archive
from ingest.cli import cli
from ingest.corrections import Named, Suspect, corrected, is_correction, named_in
from ingest.ingester import Ingester
from ingest.models import Filter

DAY = date(2023, 5, 12)
BRIDGE = {
    "id": "bridge",
    "title": "柳桥镇石拱桥修缮完工",
    "text": "柳桥镇的石拱桥修缮完工，昨天重新通行。镇文保站站长周大年说，修缮花了六个月，一共用去380万元。"
    "桥栏上的石狮子补齐了十二只，都是按老照片雕的。桥头立了一块新碑，写着历次修桥的年份。",
    "paper": "柳桥晚报",
    "date": "2023-05-10",
    "page": "3",
}
FERRY = {
    "id": "ferry",
    "title": "石塘渡口添了新船",
    "text": "石塘渡口昨天添了一条新船，能载四十人。船是镇上的船厂造的，船长说，过江的时间从二十分钟缩短到十二分钟。",
    "paper": "柳桥晚报",
    "date": "2023-05-10",
    "page": "3",
}
NOTICE = {
    "id": "notice",
    "title": "更正",
    "text": "本报5月10日3版《柳桥镇石拱桥修缮完工》一文中，修缮费用“380万元”有误，"
    "应为“280万元”。特此更正，并向读者致歉。",
    "paper": "柳桥晚报",
    "date": "2023-05-12",
    "page": "2",
}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (NOTICE["text"], Named(date(2023, 5, 10), "3", "柳桥镇石拱桥修缮完工")),
        ("昨日本报A02版《渡口添新船》一文中，“四十人”应为“十四人”。", Named(date(2023, 5, 11), "A02", "渡口添新船")),
        ("本报5月11日第三版所刊照片说明中的人名有误。", Named(date(2023, 5, 11), "3", None)),
        ("12月30日本报刊发的《渡口添新船》有误，特此更正。", Named(date(2022, 12, 30), None, "渡口添新船")),
    ],
)
def test_what_a_notice_names_is_read_with_its_year(text, named):
    assert named_in(text, DAY) == [named]


def test_a_notice_may_name_several_articles():
    text = "本报5月10日3版《甲村的水库》、5月11日A02版《乙村的茶园》两文有误。"
    assert named_in(text, DAY) == [
        Named(date(2023, 5, 10), "3", "甲村的水库"),
        Named(date(2023, 5, 11), "A02", "乙村的茶园"),
    ]


@pytest.mark.parametrize(
    ("title", "text", "expected"),
    [
        ("更正", "本报昨日3版，“王林”应为“王琳”。", True),
        ("勘误启事", "昨日二版图说中的人名写错。", True),
        (None, "本报5月10日《石拱桥》一文中的数字有误，特此更正，并致歉。", True),
        ("法院更正判决书笔误", "法官说，判决书里的一个字写错，已经补发裁定。", False),
        ("镇长向居民致歉", "停水三天，镇长昨天向居民致歉。", False),
    ],
)
def test_only_what_a_paper_takes_back_of_its_own_is_a_notice(title, text, expected):
    assert is_correction(title, text) is expected


def suspect(row: dict) -> Suspect:
    return Suspect(row["id"], row["title"], row["page"], row["text"])


def test_without_a_headline_the_page_and_shared_names_decide_and_only_where_they_are_clear():
    both = [suspect(BRIDGE), suspect(FERRY)]
    named = Named(date(2023, 5, 10), "3", None)
    assert corrected(named, "本报5月10日3版，镇文保站站长应为周大念，不是周大年，石拱桥的报道有误。", both) == "bridge"
    assert corrected(named, "本报5月10日3版，“能载四十人”应为“能载十四人”。", both) == "ferry"
    assert corrected(named, "本报5月10日3版，一处文字有误。", both) is None
    assert corrected(Named(named.day, "5", None), "石塘渡口的“能载四十人”有误。", both) is None


def test_a_headline_is_known_though_it_is_cited_shortened_and_another_paper_is_never_meant():
    both = [suspect(BRIDGE), suspect(FERRY)]
    assert corrected(Named(None, None, "石拱桥修缮完工"), "", both) == "bridge"
    assert corrected(Named(date(2023, 5, 10), None, "渡口添新船"), "", both) == "ferry"
    assert corrected(Named(date(2023, 5, 10), None, "柳桥镇的茶园"), "", both) is None
    assert corrected(Named(None, None, "渡口添新船"), "", both) is None, "too little where no day is named"


def links(root, encoder) -> dict[str, list[str]]:
    with Archive(root, encoder) as archive, archive.read() as snapshot:
        articles = snapshot.recent(100)
        names = {one.article_id: one.source_id for one in articles}
        return {
            one.source_id: [names[by.article_id] for by in one.corrected_by] for one in articles if one.corrected_by
        }


@pytest.mark.parametrize("order", [(BRIDGE, FERRY, NOTICE), (NOTICE, FERRY, BRIDGE)])
def test_whichever_comes_first_they_are_linked(ingester, root, encoder, records, order):
    for number, one in enumerate(order):
        ingester.add([records(one, name=f"{number}.jsonl")])
    assert links(root, encoder) == {"bridge": ["notice"]}


def test_a_link_goes_with_either_end(ingester, root, encoder, records):
    ingester.add([records(BRIDGE, FERRY, NOTICE)])
    with Archive(root, encoder) as archive, archive.read() as snapshot:
        ids = {one.source_id: one.article_id for one in snapshot.recent(9)}
    ingester.remove([ids["bridge"]])
    assert links(root, encoder) == {}
    ingester.add([records(BRIDGE)])
    assert links(root, encoder) == {"bridge": ["notice"]}
    ingester.add([records(NOTICE | {"title": "夏季用电", "text": "镇里说，七月的用电高峰从明天开始。"})])
    assert links(root, encoder) == {}


def test_show_tells_both_ways(ingester, root, records, monkeypatch, encoder):
    ingester.add([records(BRIDGE, FERRY, NOTICE)])
    monkeypatch.setenv("WENBAO_DATA", str(root))
    with Archive(root, encoder) as archive, archive.read() as snapshot:
        ids = {one.source_id: one.article_id for one in snapshot.recent(9)}
    shown = CliRunner().invoke(cli, ["show", ids["bridge"]])
    assert f"corrected by: {ids['notice']}  2023-05-12  柳桥晚报  2  更正" in shown.stdout
    record = json.loads(CliRunner().invoke(cli, ["show", ids["notice"], "--json"]).stdout)
    assert [one["article_id"] for one in record["corrects"]] == [ids["bridge"]]


@pytest.fixture
def archive(root, builtin, records):
    # Much else with the notice's words, so that search alone would not bring it.
    more = [
        NOTICE
        | {
            "id": f"n{n}",
            "date": f"2023-03-{n + 1:02d}",
            "text": f"本报3月{n}日2版，“修缮费用”应为“修建费用”，特此更正。",
        }
        for n in range(1, 20)
    ]
    Ingester(root, builtin).add([records(BRIDGE, FERRY, NOTICE, *more)])
    with Archive(root, builtin) as archive:
        yield archive


def test_an_answer_from_a_corrected_article_gives_the_correction_first(archive, builtin):
    answer = Bot(archive, builtin).ask("柳桥镇石拱桥的修缮一共用去多少钱？")
    assert answer.text.startswith("已更正（2023-05-12《柳桥晚报》）：")
    assert "280万元" in answer.text.split("\n")[0]
    assert "更正前（2023-05-10《柳桥晚报》）：" in answer.text


def test_what_the_correction_is_not_about_is_answered_with_a_line_on_it(archive, builtin):
    answer = Bot(archive, builtin).ask("石拱桥桥栏上的石狮子补齐了几只？")
    assert "十二只" in answer.text
    if "更正" not in answer.sentences[0].lead:
        assert answer.text.endswith(
            "《柳桥镇石拱桥修缮完工》（2023-05-10《柳桥晚报》）后有更正：《更正》（2023-05-12《柳桥晚报》）。"
        )
    record = answer_record(answer)
    by = next(one["corrected_by"] for one in record["citations"] if one["source_id"] == "bridge")
    assert [(one["paper"], one["date"]) for one in by] == [("柳桥晚报", "2023-05-12")]
    assert "已更正" in answer_html(answer, ZH)


def test_a_notice_that_a_filter_keeps_out_is_not_quoted_but_named(archive, builtin):
    answer = Bot(archive, builtin).ask("石拱桥的修缮一共用去多少钱？", where=Filter(until=date(2023, 5, 11)))
    assert {one.source_id for one in answer.citations} <= {"bridge", "ferry"}
    assert "后有更正：《更正》（2023-05-12《柳桥晚报》）" in answer.text


def test_the_source_side_leads_from_one_to_the_other(archive, builtin):
    bot = Bot(archive, builtin)
    with archive.read() as snapshot:
        bridge = next(one for one in snapshot.recent(99) if one.source_id == "bridge")
    html = article_html(bridge, [], ZH, bot.around(bridge))
    assert f"#cite-{bridge.corrected_by[0].article_id}.text.0.0" in html
    notice = bot.article(bridge.corrected_by[0].article_id)
    assert f"#cite-{bridge.article_id}.text.0.0" in article_html(notice, [], ZH, bot.around(notice))
