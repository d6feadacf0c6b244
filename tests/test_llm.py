"""Which model the settings name: it is there, or one line says what to install, copy or set; and what it costs to have
none. A real transformers model from disk writes too, if only gibberish.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import time

import pytest

from bot.bot import Bot
from bot.configured import open_writer
from bot.hearing import hear
from bot.langchain.chat import load_model
from bot.llm import Limits, Message, ModelFailed, say_failure
from bot.look import Look
from bot.models import Answer
from bot.page.events import greeting_html, written_html
from bot.page.texts import EN, ZH
from bot.writer import Writer
from ingest.errors import BadSetting, NoModel
from ingest.settings import Settings, load_settings
from tests.conftest import CHECKOUT
from tests.pace import AT_ONCE
from tests.test_writer import assert_nothing_half
from tests.tiny_models import tiny_writer

KEYS = ("OPENAI_API_KEY", "DEEPSEEK_API_KEY", "OPENAI_BASE_URL", "OPENAI_API_BASE", "LANGSMITH_TRACING")


@pytest.fixture(autouse=True)
def no_keys(monkeypatch):
    for name in [*KEYS, *(name for name in os.environ if name.startswith("WENBAO_"))]:
        monkeypatch.delenv(name, raising=False)


def refusal_of(*arguments: str) -> str:
    began = time.monotonic()
    with pytest.raises(NoModel) as told:
        load_model(*arguments)
    message = str(told.value)
    assert "\n" not in message
    assert len(message) < 400
    assert arguments[0] in message or arguments[0].partition(":")[2] in message or "BASE_URL" in message
    assert time.monotonic() - began < AT_ONCE
    return message


@pytest.mark.parametrize("name", ["gpt-4o", "openai", "openai:", ":x", "anthropic:claude", "OpenAI:x", "http://x"])
def test_a_name_without_a_known_provider_is_told_which_there_are(name):
    assert all(provider in refusal_of(name) for provider in ("openai", "deepseek", "ollama", "huggingface", "BASE_URL"))


@pytest.mark.parametrize("provider", ["ollama", "deepseek"])
def test_a_missing_package_is_named_with_the_command_that_installs_it(provider):
    if importlib.util.find_spec(f"langchain_{provider}"):
        pytest.skip("the package is installed")
    message = refusal_of(f"{provider}:qwen3")
    assert f"pip install langchain-{provider}" in message
    assert f"wenbao[{provider}]" in message


def test_a_missing_key_is_named():
    message = refusal_of("openai:gpt-4o")
    assert "WENBAO_LLM_API_KEY" in message
    assert "OPENAI_API_KEY" in message


@pytest.mark.parametrize("url", ["127.0.0.1:8000", "ftp://x", "/v1", "http://"])
def test_an_address_that_is_none_is_said(url):
    assert url in refusal_of("openai:x", url)


@pytest.mark.parametrize("name", ["huggingface:no/such-model", "huggingface:/no/such/folder"])
def test_a_model_that_is_not_on_this_machine_fails_at_once_and_without_a_look_at_the_network(name):
    began = time.monotonic()
    assert "WENBAO_LLM" in refusal_of(name)
    assert "fetch-model" not in refusal_of(name)
    assert time.monotonic() - began < AT_ONCE


def test_the_address_is_where_the_messages_go_without_names_and_keys(monkeypatch):
    assert load_model("openai:x", "", "k").address == "https://api.openai.com/v1"
    assert load_model("openai:x", "http://ada:secret@10.0.0.9:8000/v1/").address == "http://10.0.0.9:8000/v1"
    monkeypatch.setenv("OPENAI_BASE_URL", "http://10.0.0.8/v1")
    assert load_model("openai:x", "", "k").address == "http://10.0.0.8/v1"


def test_the_settings_make_a_writer_or_none(monkeypatch):
    assert open_writer(Settings(_env_file=None)) is None
    monkeypatch.setenv("WENBAO_LLM", "openai:x")
    monkeypatch.setenv("WENBAO_LLM_API_KEY", "sk-secret")
    monkeypatch.setenv("WENBAO_LLM_STALL_SECONDS", "3")
    monkeypatch.setenv("WENBAO_UNSUPPORTED", "cut")
    settings = load_settings()
    assert "sk-secret" not in repr(settings)
    writer = open_writer(settings)
    assert (writer.model.name, writer.limits, writer.unsupported) == ("openai:x", Limits(20, 3, 60), "cut")
    monkeypatch.setenv("WENBAO_LLM", "")
    assert open_writer(load_settings()) is None


@pytest.mark.parametrize(
    ("name", "value"), [("WENBAO_UNSUPPORTED", "hide"), ("WENBAO_LLM_SECONDS", "0"), ("WENBAO_LLM_STALL_SECONDS", "")]
)
def test_a_value_that_cannot_be_used_is_one_line(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(BadSetting, match=name):
        load_settings()


def test_without_a_model_asking_imports_nothing_of_langchain(sample_root):
    code = (
        "import sys\nfrom bot.cli import cli\n"
        "cli(['ask', '桐乡的生态补偿机制是怎么运作的?'], standalone_mode=False)\n"
        "sys.stderr.write(' '.join(m for m in sys.modules if m.startswith(('langchain', 'openai', 'asyncio.base_ev'))))"
    )
    env = os.environ | {"WENBAO_DATA": str(sample_root), "PYTHONUTF8": "1"}
    done = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, env=env, capture_output=True, encoding="utf-8")
    assert done.returncode == 0
    assert "[1]" in done.stdout
    assert "langchain" not in done.stderr
    assert "openai" not in done.stderr


@pytest.mark.parametrize("chinese", [True, False])
def test_every_failure_has_its_line_in_both_languages(chinese):
    for why in ("unreachable", "rejected", "stalled", "slow", "broke_off", "garbled", "empty", "long", "unfounded"):
        line = say_failure(ModelFailed(why, 5), "openai:x", chinese=chinese)
        assert "openai:x" in line
        assert "{" not in line
        assert any("\u4e00" <= c <= "\u9fff" for c in line) is chinese


class Named:
    """A model that is only named."""

    def __init__(self, name: str, address: str):
        self.name, self.address = name, address


@pytest.mark.parametrize("words", [ZH, EN])
def test_one_line_of_the_page_says_what_leaves_the_house_and_to_which_address(words):
    away = Writer(Named("openai:<b>x", "http://10.0.0.9/v1"), Limits(1, 1, 1))
    line = written_html(away, words)
    assert "openai:&lt;b&gt;x" in line
    assert "http://10.0.0.9/v1" in line
    here = written_html(Writer(Named("huggingface:m", ""), Limits(1, 1, 1)), words)
    assert "huggingface:m" in here
    assert "http" not in here
    assert written_html(None, words) == ""
    assert greeting_html(words, Look()) != greeting_html(words, Look(), written=True)


# A model of the transformers library, from disk, in this process.
@pytest.fixture(scope="module")
def on_disk(tmp_path_factory):
    return load_model(f"huggingface:{tiny_writer(tmp_path_factory.mktemp('tiny') / 'writer')}")


def test_a_transformers_model_from_disk_writes_and_its_gibberish_ends_in_a_sound_answer(
    on_disk, bot, sample_archive, builtin
):
    assert on_disk.address == ""
    question = "桐乡的生态补偿机制是怎么运作的?"
    shown = list(Bot(sample_archive, builtin, writer=Writer(on_disk, Limits(20, 10, 30))).stream(question))
    assert_nothing_half(shown)
    answer: Answer = shown[-1]
    assert answer.reason == "model_failed"
    assert (answer.text, answer.citations) == (bot.ask(question).text, bot.ask(question).citations)
    assert answer.usage.seconds > 0


def test_a_transformers_model_ends_its_work_when_nobody_listens(on_disk):
    steps: list[int] = []
    network = on_disk._chat.llm.pipeline.model
    counting = network.register_forward_hook(lambda *_: steps.append(1))
    heard = hear(on_disk, [Message("user", "水")], Limits(20, 10, 30), time.monotonic() + 30)
    next(heard)
    heard.close()
    done = -1
    while len(steps) > done:
        done = len(steps)
        time.sleep(0.5)
    counting.remove()
    assert done < 500, "left alone it would write 1,024 tokens"
    assert next(token for token in hear(on_disk, [Message("user", "水")], Limits(20, 10, 30), time.monotonic() + 30))


def test_a_folder_that_is_no_chat_model_is_said(tiny_models):
    message = refusal_of(f"huggingface:{tiny_models / 'encoder'}")
    assert "WENBAO_LLM" in message
