"""Examples for the API's document: questions about the sample edition and what it answers, as a test holds.

In: nothing. Out: bodies of requests and responses.
"""

from __future__ import annotations

from typing import Any

QUESTION = "桐乡一年涉及多少补偿资金？"
ARTICLE = "47ed221b3c824c1a54a7518a"

_TITLE = "水好有奖 水差要赔 桐乡用一份补偿协议管住一条河"
_ISSUE: dict[str, Any] = {"title": _TITLE, "paper": "问报样报", "date": "2023-05-12", "page": "1"}
_TEXTS = (
    ("全市一共划定22个地表水交接断面，照这个额度算，一年牵涉的补偿资金有5280万元。", 463, 504),
    ("按照今年出台的实施意见，桐乡给每条河道定的补偿额度是一个月20万元，水质一月一评，钱到年底统一结算。", 356, 406),
)
_SENTENCES = [
    {"text": text, "citations": [n], "supported": True, "missing": []} for n, (text, _, _) in enumerate(_TEXTS, 1)
]
_CITATIONS = [
    {"n": n, "article_id": ARTICLE, "source_id": None, "part": "text", **_ISSUE, "quote": text, "start": start,
     "end": end}
    for n, (text, start, end) in enumerate(_TEXTS, 1)
]  # fmt: skip
_TEXT = "".join(f"{text}[{n}]" for n, (text, _, _) in enumerate(_TEXTS, 1))
_OURS: dict[str, Any] = {
    "standalone": QUESTION, "refused": False, "reason": None, "sentences": _SENTENCES, "citations": _CITATIONS,
    "model": None, "took_ms": 38.4,
}  # fmt: skip

ANSWER: dict[str, Any] = {"question": QUESTION, "answer": _TEXT, "passages": [], **_OURS}
EVENTS = (
    f'event: answer\ndata: {{"answer": "{_TEXTS[0][0]}[1]", "sentences": [], "citations": []}}\n\n'
    'event: done\ndata: {"question": "…", "answer": "…", "citations": []}\n\n'
)
HITS: dict[str, Any] = {
    "question": QUESTION,
    "hits": [
        {"rank": 1, "score": 1.503, "found_by": ["words", "vectors"], "chunk_id": "326398f42e4c5072c8142d7e",
         "article_id": ARTICLE, "source_id": None, **_ISSUE, "text": _TEXTS[0][0]}
    ],
    "took_ms": 9.1,
}  # fmt: skip

FOOTNOTES = "\n\n" + "\n".join(f"[{n}] 问报样报 2023-05-12 第1版《{_TITLE}》（样报）" for n in (1, 2))
CHAT = {"model": "wenbao", "messages": [{"role": "user", "content": QUESTION}]}
COMPLETION: dict[str, Any] = {
    "id": "chatcmpl-5f3a9c1e7b2d", "object": "chat.completion", "created": 1780000000, "model": "wenbao",
    "choices": [
        {"index": 0, "message": {"role": "assistant", "content": _TEXT + FOOTNOTES, "wenbao": _OURS},
         "finish_reason": "stop", "logprobs": None}
    ],
    "usage": {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0},
}  # fmt: skip
CHUNKS = (
    'data: {"id": "chatcmpl-5f3a9c1e7b2d", "object": "chat.completion.chunk", "created": 1780000000, '
    f'"model": "wenbao", "choices": [{{"index": 0, "delta": {{"content": "{_TEXTS[0][0]}[1]"}}, '
    '"finish_reason": null}]}\n\n'
    "data: [DONE]\n\n"
)
