"""What changed is answered from its newest text alone and says so; the old texts can be read, and asked for by name."""

import json
import os
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from bot.bot import Bot
from bot.jsonform import answer_record
from bot.page.answer import answer_html
from bot.page.source import article_html
from bot.page.texts import EN, ZH
from ingest.archive import Archive
from ingest.cli import cli
from ingest.errors import NotFound
from ingest.ingester import Ingester
from tests.conftest import CHECKOUT

OLD = {
    "id": "hall",
    "title": "云溪乡戏台下月开锣",
    "text": "云溪乡的戏台修好了，下月初六开锣。头三天演的是越剧，票价每张15元，由乡里的剧团登台。",
    "paper": "试报",
    "date": "2023-05-10",
}
NEW = OLD | {"text": "云溪乡的戏台修好了，下月十六开锣。头三天演的是越剧，票价每张18元，由县里的剧团登台。"}
OTHER = {
    "id": "ferry",
    "title": "石塘渡口添了新船",
    "text": "石塘渡口昨天添了一条新船，能载四十人。船是镇上的船厂造的。",
    "paper": "试报",
    "date": "2023-05-10",
}


@pytest.fixture
def changed(root, builtin, records):
    """Generation 1 has the old text, generation 2 the new one."""
    ingester = Ingester(root, builtin)
    ingester.add([records(OLD, OTHER)])
    ingester.add([records(NEW, OTHER)])
    return root


def test_a_changed_article_is_answered_from_its_new_text_and_never_from_the_old(changed, builtin):
    with Archive(changed, builtin) as archive:
        bot = Bot(archive, builtin)
        for question in ("云溪乡戏台的票价是多少？", "云溪乡的戏台票价每张15元吗？", "下月初六开锣的戏台在哪里？"):
            answer = bot.ask(question)
            assert "15元" not in answer.text
            assert "初六" not in answer.text
        answer = bot.ask("云溪乡戏台的票价是多少？")
        assert "18元" in answer.text
        assert [hit.chunk.text for hit in bot.search("云溪乡戏台 15元") if "15元" in hit.chunk.text] == []


def test_the_answer_says_that_the_article_was_changed(changed, builtin):
    with Archive(changed, builtin) as archive:
        bot = Bot(archive, builtin)
        answer, other = bot.ask("云溪乡戏台的票价是多少？"), bot.ask("石塘渡口的新船能载多少人？")
    assert answer_record(answer)["citations"][0]["changed"] is True
    assert "changed" not in answer_record(other)["citations"][0]
    assert ZH.changed in answer_html(answer, ZH)
    assert EN.changed in answer_html(answer, EN)
    assert ZH.changed not in answer_html(other, ZH)


def test_the_source_side_leads_to_every_earlier_text_and_back(changed, builtin):
    with Archive(changed, builtin) as archive:
        bot = Bot(archive, builtin)
        live = bot.article(bot.ask("云溪乡戏台的票价是多少？").citations[0].article_id)
        (earlier,) = bot.around(live).versions
        assert f"#cite-{earlier.version_id}.text.0.0" in article_html(live, [], ZH, bot.around(live))
        old = bot.article(earlier.version_id)
        html = article_html(old, [], ZH, bot.around(old))
    assert "15元" in html
    assert ZH.older in html
    assert f"#cite-{live.version_id}.text.0.0" in html


def test_a_paper_or_page_that_was_set_right_is_no_change_of_the_article(changed, builtin, monkeypatch):
    monkeypatch.setenv("WENBAO_DATA", str(changed))
    assert CliRunner().invoke(cli, ["set", "--page", "4", "--where", "id=ferry"]).exit_code == 0
    with Archive(changed, builtin) as archive:
        answer = Bot(archive, builtin).ask("石塘渡口的新船能载多少人？")
    assert (answer.citations[0].page, answer.citations[0].changed) == ("4", False)


def test_a_kept_generation_can_be_asked_and_one_that_is_not_kept_is_refused_in_a_line(changed, builtin):
    with Archive(changed, builtin, 1) as archive:
        assert "15元" in Bot(archive, builtin).ask("云溪乡戏台的票价是多少？").text
    with pytest.raises(NotFound, match="keeps no generation 7; kept: 1, 2"):
        Archive(changed, builtin, 7).start()
    env = {k: v for k, v in os.environ.items() if not k.startswith("WENBAO_")} | {"WENBAO_DATA": str(changed)}

    def bot(*words: str):
        command = [sys.executable, "-m", "bot", *words]
        return subprocess.run(command, cwd=CHECKOUT, env=env, capture_output=True, encoding="utf-8", timeout=120)

    before = json.loads(bot("ask", "云溪乡戏台的票价是多少？", "--json", "--generation", "1").stdout)
    assert "15元" in before["answer"]
    missing = bot("search", "戏台", "--generation", "7")
    assert (missing.returncode, missing.stdout, missing.stderr.count("\n")) == (2, "", 1)


def test_show_tells_what_versions_say_differently(changed, monkeypatch, builtin):
    monkeypatch.setenv("WENBAO_DATA", str(changed))
    with Archive(changed, builtin) as archive, archive.read() as snapshot:
        name = next(one.article_id for one in snapshot.recent(9) if one.source_id == "hall")
    lines = CliRunner().invoke(cli, ["show", name, "--diff"]).stdout.splitlines()
    assert "- 云溪乡的戏台修好了，下月初六开锣。" in lines
    assert "+ 头三天演的是越剧，票价每张18元，由县里的剧团登台。" in lines
    assert not any("云溪乡戏台下月开锣" in line for line in lines)
