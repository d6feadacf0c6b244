"""Every longer text of the bot is a file whose header declares its variables; a wrong file is named at start."""

import pytest

from bot.prompts import all_prompts, parse
from ingest.errors import BadPrompt

TO_MODELS = {"answer", "answer_again", "passages", "standalone"}  # no reader sees them, so they need one language
GOOD = "---\npurpose: says hello\nvariables: name, day\nversion: 3\n---\nGood {day}, {name}.\n"


def test_a_prompt_says_what_it_is_for_and_what_it_needs():
    prompt = parse("hello", GOOD)
    assert (prompt.name, prompt.purpose, prompt.version) == ("hello", "says hello", 3)
    assert prompt.variables == {"name", "day"}
    assert prompt.fill(name="Ada", day="evening") == "Good evening, Ada."


def test_what_is_filled_in_is_not_read_as_a_prompt():
    assert parse("hello", GOOD).fill(name="{day}", day="x") == "Good x, {day}."


@pytest.mark.parametrize(
    ("broken", "named"),
    [
        ("Good {day}.", "header"),
        ("", "header"),
        (GOOD.replace("---\nGood", "Good"), "header"),
        (GOOD.replace("version: 3\n", ""), "header"),
        (GOOD.replace("version: 3", "version: three"), "header"),
        (GOOD.replace("name, day", "name"), "day"),
        (GOOD.replace("{day}", "day"), "day"),
        (GOOD.replace("{day}", "{dya}"), "dya"),
        (GOOD.replace("name, day", ""), "name"),
    ],
)
def test_a_wrong_file_is_named_with_what_is_wrong_in_one_line(broken, named):
    with pytest.raises(BadPrompt) as told:
        parse("hello", broken)
    message = str(told.value)
    assert "prompts/hello.md" in message
    assert named in message
    assert "\n" not in message


@pytest.mark.parametrize("values", [{}, {"name": "Ada"}, {"name": "Ada", "day": "x", "hour": "y"}])
def test_filling_takes_exactly_the_declared_variables(values):
    with pytest.raises(BadPrompt, match=r"prompts/hello\.md wants \['day', 'name'\]"):
        parse("hello", GOOD).fill(**values)


def test_all_shipped_prompts_are_well_formed():
    for name, prompt in all_prompts().items():
        text = prompt.fill(**{variable: f"<{variable}>" for variable in prompt.variables})
        assert prompt.name == name
        assert text
        assert "{" not in text
        assert all(f"<{variable}>" in text for variable in prompt.variables)


def test_every_text_is_there_in_both_languages_with_the_same_variables():
    prompts = all_prompts()
    names = {name.rsplit(".", 1)[0] for name in prompts if "." in name}
    assert {"empty_archive", "no_evidence", "near_miss"} <= names
    assert set(prompts) - {f"{name}.{language}" for name in names for language in ("zh", "en")} == TO_MODELS
    for name in names:
        assert prompts[f"{name}.zh"].variables == prompts[f"{name}.en"].variables
