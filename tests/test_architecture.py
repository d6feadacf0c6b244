"""The house keeps its shape: imports run app → bot → ingest and never in a circle, each foreign library has one room,
every room says what it is for, and asking from the shell loads nothing heavy.
"""

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

REPO = Path(__file__).parents[1]
FLOORS = {"prompts": 0, "ingest": 0, "bot": 1, "app": 2}  # a module imports from its own floor and from those below
APP_LINES = 60  # app.py only assembles

# Where each library may be imported: a module, a folder that is one room, or a few modules. What is used everywhere has
# no room.
ROOMS = {
    "chromadb": "ingest/vectors.py",
    "tantivy": "ingest/words.py",
    "rjieba": "ingest/terms.py",
    "sentence_transformers": "ingest/encoder/",
    "tokenizers": "ingest/encoder/",
    "safetensors": "ingest/encoder/",
    "transformers": "ingest/encoder/",
    "huggingface_hub": "ingest/encoder/",
    "httpx": ("ingest/encoder/fetch.py", "ingest/readers/address.py", "bot/identity/jwks.py"),  # who uses a network
    "jwt": "bot/identity/tokens.py",
    "authlib": ("bot/identity/discovery.py", "bot/identity/oidc.py"),
    "httpx2": "bot/identity/discovery.py",  # what authlib sends requests with
    "cryptography": "bot/identity/transactions.py",
    "trafilatura": "ingest/readers/html.py",
    "lxml": "ingest/readers/html.py",
    "feedparser": "ingest/readers/feed.py",
    "docx": "ingest/readers/docx.py",
    "pypdfium2": "ingest/readers/pdf.py",
    "rapidocr": "ingest/readers/ocr.py",
    "PIL": "ingest/readers/ocr.py",
    "rich": "ingest/progress.py",
    "watchfiles": "ingest/watch.py",
    "yaml": "ingest/yamlfile.py",
    "pydantic_settings": "ingest/settings.py",
    "gradio": "bot/page/",
    "fastapi": ("bot/page/", "bot/api/"),
    "starlette": (  # what Gradio stands on
        "bot/page/",
        "bot/web/",
        "bot/guard/",
        "bot/identity/",
        "bot/api/",
        "bot/mcp/",
    ),
    "mcp": "bot/mcp/",
    "mcp_types": "bot/mcp/",
    "anyio": "bot/mcp/",  # the same below them
    "python_multipart": "bot/api/form.py",
    "jinja2": "bot/web/render.py",
    "uvicorn": ("bot/page/", "bot/guard/wire.py"),
    "prometheus_client": "bot/metrics.py",
    "sqlalchemy": "bot/state/",
    "langchain_core": "bot/langchain/",
    "langchain": "bot/langchain/",
}
# Rooms that nothing of the product may lean on: a door for others, and how the weights were made.
MAKING = (
    "ingest.training",
    "bot.training",
    "ingest.encoder.train",
    "ingest.encoder.pairs",
    "ingest.encoder.vocabulary",
)
EDGE = ("bot.langchain.retriever", "bot.langchain.runnable", *MAKING)
DOORS = {"bot.langchain": EDGE[:2]}  # a package that only re-exports what others are to import
HEAVY = (
    *("gradio", "fastapi", "torch", "transformers", "sentence_transformers", "scipy"),
    *("langchain", "langchain_core", "openai", "bot.writer", "bot.checks", "sqlalchemy", "mcp"),
)


@cache
def modules() -> dict[str, Path]:
    """Every module of the product by its dotted name."""
    files = [REPO / "app.py", *(f for top in ("bot", "ingest", "prompts") for f in sorted((REPO / top).rglob("*.py")))]
    return {".".join(f.relative_to(REPO).with_suffix("").parts).removesuffix(".__init__"): f for f in files}


@cache
def tree(name: str) -> ast.Module:
    return ast.parse(modules()[name].read_text("utf-8"))


def imports(name: str) -> Iterator[str]:
    """Dotted names that a module imports, at its top, in a function or for its types alone."""
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} imports relatively (line {node.lineno}): which room it means is not said"
            assert node.module
            yield from (
                deeper if (deeper := f"{node.module}.{alias.name}") in modules() else node.module
                for alias in node.names
            )


def own(name: str) -> set[str]:
    """The modules of the product that a module imports."""
    return {target for target in imports(name) if target in modules() and target != name}


def place(name: str) -> str:
    return modules()[name].relative_to(REPO).as_posix()


def test_the_import_reader_sees_imports_of_every_form():
    assert own("app") >= {"bot.serve", "bot.page.server", "ingest.settings"}
    assert "ingest.articles" in own("ingest.cli"), "an import inside a function counts too"
    assert "rich.progress" in set(imports("ingest.progress"))


@pytest.mark.parametrize("name", modules())
def test_imports_never_run_back(name):
    floor = FLOORS[name.split(".")[0]]
    back = {target for target in own(name) if FLOORS[target.split(".")[0]] > floor}
    assert not back, f"{place(name)} imports from a floor above its own"


def test_imports_never_run_in_a_circle():
    try:
        TopologicalSorter({name: own(name) for name in modules()}).prepare()
    except CycleError as e:
        pytest.fail(" → ".join(reversed(e.args[1])))


@pytest.mark.parametrize(("library", "room"), ROOMS.items())
def test_a_library_has_one_room(library, room):
    users = {place(name) for name in modules() if library in {target.split(".")[0] for target in imports(name)}}
    rooms = room if isinstance(room, tuple) else (room,)
    assert all(any(user == each or (each.endswith("/") and user.startswith(each)) for each in rooms) for user in users)


def test_every_library_that_is_installed_is_used():
    declared = tomllib.loads((REPO / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    imported_as = {"python_docx": "docx", "pyjwt[crypto]": "jwt"}
    named = {line.split(">=")[0].strip().replace("-", "_") for line in declared}
    named = {imported_as.get(name, name) for name in named} - {"lxml_html_clean"}  # a part of lxml that ships apart
    used = {target.split(".")[0] for name in modules() for target in imports(name)}
    used |= {"langchain"} if "langchain_core" in used else set()  # the one comes with the other
    used |= {"pyyaml"} if "yaml" in used else set()  # the package of that module
    assert named <= used


def test_what_lies_beside_the_modules_travels_with_them():
    """Weights, tables, prompts, the page's own files: an installed copy must find them too."""
    data = tomllib.loads((REPO / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["package-data"]
    packed = {file for top, patterns in data.items() for each in patterns for file in (REPO / top).glob(each)}
    lying = {file for top in ("bot", "ingest", "prompts") for file in (REPO / top).rglob("*") if file.is_file()}
    lying = {file for file in lying if file.suffix not in (".py", ".pyc") and not file.name.startswith(".")}
    assert {file.relative_to(REPO).as_posix() for file in lying - packed} == set()


@pytest.mark.parametrize("name", modules())
def test_a_module_opens_with_what_it_is_for(name):
    assert ast.get_docstring(tree(name)), f"{place(name)} opens without a docstring"


@pytest.mark.parametrize("name", modules())
def test_nothing_is_printed_but_through_the_commands(name):
    prints = [
        node.lineno
        for node in ast.walk(tree(name))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert not prints, f"{place(name)} prints in lines {prints}"


def test_app_only_assembles():
    assert len(modules()["app"].read_text("utf-8").splitlines()) < APP_LINES


@pytest.mark.parametrize("room", EDGE)
def test_nothing_leans_on_a_room_at_the_edge(room):
    """How weights were made may lean on how others were; the product on neither."""
    inside = {name for name in modules() if name.startswith(EDGE)}
    assert any(name.startswith(room) for name in inside)
    outside = set(modules()) - inside
    assert not {name for name in outside if own(name) & inside - set(DOORS.get(name, ()))}


def test_chat_models_come_in_by_one_way_and_only_when_a_setting_names_one():
    """Everything else knows a model by its Protocol alone."""
    assert {name for name in modules() if "bot.langchain.chat" in own(name)} == {"bot.configured"}
    at_once = {node.module for node in tree("bot.configured").body if isinstance(node, ast.ImportFrom)}
    assert "bot.langchain.chat" not in at_once


@pytest.mark.parametrize("module", ["bot.cli", "ingest.cli", "app"])
def test_a_command_loads_nothing_heavy_before_it_knows_that_it_must(module):
    code = f"import sys, {module}\nsys.stdout.write(' '.join(set({HEAVY!r}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=REPO, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
