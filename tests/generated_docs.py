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
    "path_pattern": "路径末尾说明版面的哪些信息，如 `{paper}/{date:%Y-%m-%d}/{page}.txt`；"
    "`*` 代表一个名字里的任意内容；留空则不用。",
    "reranker": "把最靠前的结果对着问题再读一遍、重新排序的模型：sentence-transformers 的交叉编码器，"
    "写文件夹或模型名，与编码器相同；留空则不用。",
    "reranker_seconds": "重排器每个问题可用的时间（秒）；慢的模型就少读几条结果。",
    "llm": "撰写回答的语言模型：`openai:名称`、`deepseek:名称`、`ollama:名称` 或 `huggingface:文件夹`；"
    "留空则不用，什么也不离开本机。",
    "llm_base_url": "模型服务的地址，不是服务商自己的地址时填写；任何兼容 OpenAI 的服务都可以。",
    "llm_api_key": "模型的密钥；留空则用服务商自己的变量，如 OPENAI_API_KEY。",
    "llm_first_seconds": "等模型第一次有动静的最长时间（秒）。",
    "llm_stall_seconds": "模型开始之后，中途停顿的最长时间（秒）。",
    "llm_seconds": "模型写一个完整回答的时间（秒）；到时改为不用模型作答。",
    "unsupported": "模型写的、报上找不到依据的句子怎么办：`mark` 标出，或 `cut` 删去。",
    "state_url": "存放用户提问的 PostgreSQL，供多个应用进程共用：`postgresql://用户:密码@主机/库名`；"
    "留空则存在报纸库文件夹里的一个文件中。",
    "state_days": "一段对话在最后一次提问之后保留的时间（天）；0 为一直保留。",
    "name": "网页上机器人的名称；留空则为“问报 WenBao”。",
    "logo": "名称旁边的图：SVG 或 PNG 文件，最大 200 KB；留空则没有。",
    "colour": "链接和按钮的颜色，如 `#0b5a8a`；在页面上不易看清的颜色会被拒绝。",
    "greeting": "空白对话开头的一句话；留空则用自带的。",
    "examples": "空白对话里提供的问题，用 | 隔开；留空则从报纸库里取。",
    "admin_token": "打开 `/admin`（给运行者看的页面）的口令，至少 16 个字符；留空则没有这个页面。",
    "host": "网页服务监听的地址。",
    "port": "网页服务监听的 TCP 端口。",
    "hosts": "本服务对外的主机名，如 `news.example.org`，用逗号隔开；本机自己的名字总是可以；留空则只有这些。",
    "proxies": "可信代理的地址或网段（它们的 X-Forwarded 头才算数），如 `127.0.0.1`，用逗号隔开；留空则没有。",
    "prefix": "代理把本服务放在哪个路径下，如 `/news`，转发时去掉与否都可以。",
    "origins": "可以嵌入页面、与它互通消息、从浏览器调用接口的门户，如 `https://portal.example.org`，用逗号隔开；留空则没有。",
    "access": "写明哪些组可以读哪些报纸的 YAML 文件；留空则人人可读全部。",
    "portal_issuer": "门户签发用户令牌时的签发者（`iss`）；留空则没有门户。",
    "portal_audience": "门户的令牌必须写明的受众（`aud`）。",
    "portal_secret": "门户用 HS256 签名的密钥（至少 32 个字符）；留空则没有。",
    "portal_jwks": "门户用 RS256 签名的公钥：JWKS 文件或其 https 地址；留空则没有。",
    "portal_groups": "令牌中列出用户所属各组的字段。",
    "token_skew": "门户与本服务的时钟最多可以差多少（秒）。",
    "session_minutes": "登录一次最长有效多久（分钟）；之后须重新登录。",
    "oidc_issuer": "直接打开网页的人在哪个 OpenID Connect 服务登录；留空则没有。",
    "oidc_client": "本服务在该处的 client id。",
    "oidc_secret": "本服务在该处的 client secret。",
    "oidc_groups": "该服务的 id token 中（没有时为 userinfo 中）列出用户所属各组的字段。",
    "user_rate": "一个用户每分钟可以提多少问题和搜索（次），超出则回 429。",
    "key_rate": "一个 API 密钥每分钟可以提多少问题和搜索（次），超出则回 429。",
    "queue": "同时在答和在等的问题最多多少个，超出则回 503。",
    "inbox": "经接口交来的文件放在哪个文件夹（由 `ingest watch` 取走）；留空则没有。",
    "inbox_bytes": "经接口交来的文件最长多少字节。",
}


def settings_table(language: str) -> str:
    """Every setting in a Markdown table."""
    rows = [HEADS[language], ("---", "---", "---")]
    for name, field in Settings.model_fields.items():
        says = field.description if language == "en" else IN_CHINESE[name]
        default = f"`{field.default}`" if str(field.default) else ""
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
