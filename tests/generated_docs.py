"""The parts of the documents that are not written by hand: `python -m tests.generated_docs` writes them anew.

In: the Settings class, and the product run on its sample edition. Out: the blocks between `<!-- generated: NAME -->`
and `<!-- end -->` in both READMEs, and `.env.example`. tests/test_docs.py fails where they are out of date.
"""

import os
import re
import subprocess
import sys
import tempfile
import unicodedata
from pathlib import Path

from ingest.settings import PREFIX, Settings

REPO = Path(__file__).parents[1]
READMES = {"en": REPO / "README.md", "zh": REPO / "README.zh.md"}
ENV_EXAMPLE = REPO / ".env.example"
QUESTION = "桐乡的生态补偿机制是怎么运作的?"
COLUMNS = 100  # an answer is broken as a terminal of this width does, two columns for a Chinese character

HEADS = {"en": ("Variable", "Default", "What it is"), "zh": ("变量", "默认值", "含义")}
IN_CHINESE = {
    "data": "报纸库所在的文件夹：各代数据、CURRENT、锁和 state。",
    "keep": "为回退保留的代数，包括正在使用的一代（个）。",
    "encoder": "`builtin`（内置编码器），或一个 sentence-transformers 模型：文件夹，或本机已有的模型名。",
    "reranker": "把最靠前的结果对着问题再读一遍、重新排序的模型：sentence-transformers 的交叉编码器，"
    "写文件夹或模型名，与编码器相同；留空则不用。",
    "reranker_seconds": "重排器每个问题可用的时间（秒）；慢的模型就少读几条结果。",
    "host": "网页服务监听的地址。",
    "port": "网页服务监听的 TCP 端口。",
}


def settings_table(language: str) -> str:
    """Every setting in a Markdown table."""
    rows = [HEADS[language], ("---", "---", "---")]
    for name, field in Settings.model_fields.items():
        says = field.description if language == "en" else IN_CHINESE[name]
        default = f"`{field.default}`" if field.default != "" else ""
        rows.append((f"`{PREFIX}{name.upper()}`", default, says))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def env_example() -> str:
    """Every setting as a line of `.env` that changes nothing until its # is taken away."""
    head = (
        "# Copy this file to .env and take the # from the lines that you change; an unknown WENBAO_ key is refused.\n"
    )
    return head + "".join(
        f"\n# {field.description}\n# {PREFIX}{name.upper()}={field.default}\n"
        for name, field in Settings.model_fields.items()
    )


def first_answer() -> str:
    """What a shell shows when the sample edition is asked QUESTION."""
    with tempfile.TemporaryDirectory() as folder:
        env = {k: v for k, v in os.environ.items() if not k.startswith(PREFIX)} | {f"{PREFIX}DATA": folder}
        for arguments in (["ingest", "sample"], ["bot", "ask", QUESTION]):
            done = subprocess.run(
                [sys.executable, "-m", *arguments], cwd=REPO, env=env, capture_output=True, text=True, check=True
            )
    answer, _, sources = done.stdout.rstrip().partition("\n\n")
    return f'```console\n$ python -m bot ask "{QUESTION}"\n{_wrapped(answer)}\n\n{sources}\n```'


def block(text: str, name: str) -> str:
    """The generated block of this name in a document."""
    return _pattern(name).search(text)[2].rstrip("\n")


def main() -> None:
    """Write everything anew."""
    answer = first_answer()
    for language, path in READMES.items():
        text = path.read_text("utf-8")
        for name, new in {"answer": answer, "settings": settings_table(language)}.items():
            text = _pattern(name).sub(lambda found, new=new: found[1] + new + "\n" + found[3], text)
        path.write_text(text, "utf-8")
    ENV_EXAMPLE.write_text(env_example(), "utf-8")


def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(rf"(<!-- generated: {name} -->\n)(.*?)(<!-- end -->)", re.DOTALL)


def _wrapped(line: str) -> str:
    """A line as a terminal of COLUMNS breaks it."""
    lines, width = [""], 0
    for character in line:
        wide = 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if width + wide > COLUMNS:
            lines.append("")
            width = 0
        lines[-1] += character
        width += wide
    return "\n".join(lines)


if __name__ == "__main__":
    main()
