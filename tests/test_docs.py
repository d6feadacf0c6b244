"""What the documents promise is so: their commands run, their answer is the product's, their tables are up to date.

The generated parts are written anew by `python -m tests.generated_docs`.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer

import bot.cli
import ingest.cli
from tests.generated_docs import ENV_EXAMPLE, READMES, REPO, block, env_example, first_answer, settings_table


def commands(name: str, command) -> dict[str, object]:
    """A command by its name, or those of a group."""
    inside = getattr(command, "commands", None)
    if inside is None:
        return {name: command}
    return {full: one for each, below in inside.items() for full, one in commands(f"{name} {each}", below).items()}


TOPS = {"ingest": ingest.cli.cli, "bot": bot.cli.cli}
COMMANDS = {name: one for top, cli in TOPS.items() for name, one in commands(top, typer.main.get_command(cli)).items()}
README = {language: path.read_text("utf-8") for language, path in READMES.items()}
SAMPLE = REPO / "ingest" / "sample"
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
SET_UP = ("make", "python app.py")  # what a fence of commands must not hold to be run here: it installs or never ends
# Where this or that machine keeps things, and where packages come from; written so that this file holds none of them.
PLACES = re.compile(
    rf"(?<![\w.])/{'work'}/|/{'tmp'}/\w/|/{'home'}/\w|/{'Users'}/\w|{'index'}-url|{'py'}pi\.|{'python'}hosted|{'download'}\.pytorch"
)


def options(command) -> set[str]:
    """Every option of a command in each of its spellings."""
    return {o for p in command.params if p.param_type_name == "option" for o in [*p.opts, *p.secondary_opts]}


def row(readme: str, name: str) -> str:
    """The line of the commands table about a command."""
    return next(line for line in readme.splitlines() if re.match(rf"\| `python -m {name}\b", line))


def fences(readme: str, language: str) -> list[str]:
    return [code for tongue, code in FENCE.findall(readme) if tongue == language]


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_and_each_of_its_options_says_what_it_is_for(name):
    assert COMMANDS[name].help
    assert all(parameter.help for parameter in COMMANDS[name].params)


@pytest.mark.parametrize("language", README)
@pytest.mark.parametrize("name", COMMANDS)
def test_the_table_of_commands_has_every_option_and_no_other(name, language):
    assert set(re.findall(r"`(--?[\w-]+)`", row(README[language], name))) == options(COMMANDS[name])


@pytest.mark.parametrize("document", ["README.md", "README.zh.md", "ARCHITECTURE.md", "BENCHMARKS.md", "CHANGELOG.md"])
def test_a_command_that_a_document_names_exists(document):
    text = (REPO / document).read_text("utf-8")
    named = set(re.findall(r"python -m ((?:ingest|bot) [a-z][\w-]*)", text))
    assert named <= {" ".join(name.split()[:2]) for name in COMMANDS}
    targets = set(re.findall(r"`make (\w+)`|^make (\w+)", text, re.MULTILINE))
    makefile = (REPO / "Makefile").read_text("utf-8")
    assert all(re.search(rf"^{a or b}:", makefile, re.MULTILINE) for a, b in targets)


@pytest.fixture(scope="module")
def desk(tmp_path_factory) -> dict[str, object]:
    """A folder with the files that the README names: its examples' names, the sample's pages as their content."""
    folder: Path = tmp_path_factory.mktemp("desk")
    first, second = sorted(SAMPLE.glob("*.txt"))
    for name, page in {"浙江日报_2023-05-11_第3版": first, "pages/0311": first, "archive/2023/page": second}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(page, folder / f"{name}.txt")
    (folder / "questions.jsonl").write_text('{"id": 1, "question": "桐乡划定了多少个交接断面?"}\n', "utf-8")
    python = Path(sys.executable).parent
    env = {k: v for k, v in os.environ.items() if not k.startswith("WENBAO_")}
    env |= {"PYTHONPATH": str(REPO), "PATH": f"{python}{os.pathsep}{env['PATH']}"}
    return {"cwd": folder, "env": env}


def test_the_commands_of_the_readme_run_one_after_the_other(desk):
    runnable = [code for code in fences(README["en"], "sh") if not code.startswith(SET_UP)]
    script = "set -eu -o pipefail\n" + "\n".join(runnable)
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=240, **desk)
    assert done.returncode == 0, done.stderr
    assert "5280万元" in done.stdout


def test_the_chain_of_the_readme_runs(desk):
    (code,) = (code for code in fences(README["en"], "python") if "langchain" in code)
    code += "assert '补偿' in documents[0].page_content\n"
    subprocess.run([sys.executable, "-m", "ingest", "sample"], check=True, capture_output=True, timeout=120, **desk)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, **desk)
    assert done.returncode == 0, done.stderr


def test_both_readmes_show_the_same_commands_and_code():
    def bare(language: str) -> list[list[str]]:
        codes = fences(README[language], "sh") + fences(README[language], "python")
        return [shlex.split(code, comments=True) for code in codes]

    assert bare("zh") == bare("en")


def test_both_readmes_have_the_same_headings():
    levels = [re.findall(r"^(#+) ", FENCE.sub("", README[language]), re.MULTILINE) for language in ("en", "zh")]
    assert levels[0] == levels[1]


def test_the_answer_on_the_first_screen_is_what_the_product_says():
    says = first_answer()
    assert all(block(README[language], "answer") == says for language in README)


@pytest.mark.parametrize("language", README)
def test_the_table_of_settings_is_up_to_date(language):
    assert block(README[language], "settings") == settings_table(language)


def test_the_example_of_an_env_file_is_up_to_date():
    assert ENV_EXAMPLE.read_text("utf-8") == env_example()


def test_the_table_of_rooms_has_every_module_and_no_other():
    text = (REPO / "ARCHITECTURE.md").read_text("utf-8")
    listed = re.findall(r"^\| `((?:bot|ingest)/[\w/]+\.py)`", text, re.MULTILINE)
    files = [f for top in ("bot", "ingest") for f in (REPO / top).rglob("*.py")]
    rooms = {f.relative_to(REPO).as_posix() for f in files if f.name not in ("__init__.py", "__main__.py")}
    assert sorted(listed) == sorted(rooms)


@pytest.mark.parametrize("document", ["README.md", "README.zh.md", "ARCHITECTURE.md", "BENCHMARKS.md"])
def test_a_link_to_a_file_leads_to_one(document):
    text = (REPO / document).read_text("utf-8")
    links = re.findall(r"\]\(([^)#]+)\)", text)
    assert links
    assert all((REPO / link).exists() for link in links if "://" not in link)


def test_no_file_names_a_place_of_one_machine_or_of_packages():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=REPO, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("no git checkout: nothing says which files are the project's")
    found = {}
    for name in filter(None, listed.stdout.split("\0")):
        path = REPO / name
        text = path.read_bytes().decode("utf-8", "ignore") if path.is_file() else ""
        if PLACES.search(text):
            found[name] = PLACES.search(text)[0]
    assert not found
