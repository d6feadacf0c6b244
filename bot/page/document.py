"""The HTML document of the page: Gradio's own, with our script before everything else.

In: Gradio's document, the language. Out: ours: it names no other host, has no base element, and shows a box to write in
before Gradio has drawn anything.
"""

from __future__ import annotations

import json
import re
from dataclasses import fields
from functools import cache
from pathlib import Path

from bot.look import Look
from bot.page.texts import Language, words_of

_HERE = Path(__file__).parent
_SCRIPTS = ("storage.js", "narrowed.js", "results.js", "boot.js", "page.js", "talks.js")  # in this order
_SAID = (
    *("name", "ask", "question", "send", "opening", "lost", "unauthorised", "busy", "cancel", "save", "close"),
    *("rename", "new_title", "delete", "delete_sure", "delete_all_sure", "copied", "copy_failed", "thanks", "why"),
    *("why_long", "share", "share_link", "copy", "unshare", "unshared", "edit", "edit_long", "conversations"),
)  # the words that scripts show
_BASE = re.compile(rb"<base href=[^>]*>")
_LANGUAGE = re.compile(rb'(<html\s+)lang="en"')
_CARDS = re.compile(rb'\s*<meta\s+(?:property|name)="(?:og|twitter):[^>]*>')  # pictures of other hosts, Gradio's name


def our_document(document: bytes, language: Language, look: Look) -> bytes:
    """Gradio's document made ours."""
    code = b"zh-CN" if language == "zh" else b"en"
    document = _LANGUAGE.sub(rb'\1lang="' + code + b'"', document, count=1)
    document = _CARDS.sub(b"", document)
    return _BASE.sub(lambda _: _head(language, look), document, count=1)


def _head(language: Language, look: Look) -> bytes:
    words = words_of(language)
    said = {name: getattr(words, name) for name in _SAID} | {"name": look.name or words.name}
    return f"<style>{_shell_css(look)}</style><script>{_script(said, language)}</script>".encode()


def _script(said: dict[str, str], language: Language) -> str:
    told = json.dumps({"words": said, "language": language}, ensure_ascii=False).replace("<", "\\u003c")
    return f"window.wenbao = {told};\n{_scripts()}"


@cache
def _scripts() -> str:
    return "\n".join((_HERE / name).read_text("utf-8") for name in _SCRIPTS)


def _shell_css(look: Look) -> str:
    css = (_HERE / "shell.css").read_text("utf-8")
    for light, colours in (("day", look.day), ("night", look.night)):
        for field in fields(colours):
            css = re.sub(rf"\${light}-{field.name}\b", getattr(colours, field.name), css)
    return css
