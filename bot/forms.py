"""The form that an answer takes: a list as a list, a comparison side by side, words with who said them, both versions.

In: a question read, its evidence and the sentences chosen of it. Out: an Extract within the lengths of design.md. What
it adds are short words of ours beside the newspaper's sentences, never within them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.compress import shortened
from bot.evidence import Evidence
from bot.extractive import FEW, FEW_CHARACTERS, MANY, MANY_CHARACTERS, Extract, Told, quote, same
from bot.parts import QuestionPart, Weigh, parts_of, sides_of
from bot.pieces import squeeze
from bot.question import Asked
from bot.versions import correction_note, told_otherwise
from ingest.terms import fold

_WANTS_LIST = re.compile(
    "哪些|哪几|哪[两二三四五六七八九十]|分别|列举|有什么|包括什么|都有啥|名单|什么(?:措施|办法|做法|要求|条件)"
)
_ITEM = re.compile("、|[一二三四五六七八九]是|首先|其次|再次|最后|第[一二三四五六七八九]|[；;]|以及")
_ENUMERATES = 2  # marks between items from which on a sentence enumerates
_GOES_ON = 0.5  # share of the best sentence's likelihood from which on one is kept beside an enumeration
_SAID = re.compile(
    "(?:怎么|怎样|如何|咋)(?:说|看|评价|回应|解释|表示|认为|看待|讲|谈|描述|形容)|[说讲谈](?:了|到)?(?:些?什么|哪些)|"
    "(?:表示|回应|认为|评价|强调|指出)了?(?:什么|哪些)|有何(?:看法|评价|回应|感想)|的(?:看法|评价|回应|态度|观点)"
)
_TALK = re.compile("“[^”]{4,}|(?:说|表示|认为|指出|称|回应|强调|介绍|坦言|感慨|透露|回忆|告诉)[，,：:“]?")
_TITLES = "[长任授记理员师家人席士裁监官问手练演事委者生]"
_MOST_SAID = 4


def compose(asked: Asked, evidence: Sequence[Evidence], chosen: Sequence[Evidence], weigh: Weigh) -> Extract:
    """What was chosen of `evidence` in the form that `asked` wants; `weigh` weighs the passages for a part of it."""
    chinese = not asked.translated
    versions = told_otherwise(asked, evidence, chosen[0], chinese) if chosen else []
    if versions:
        return _extract(asked, _with_more(asked, versions, chosen))
    sides = sides_of(asked, evidence, weigh)
    if sides:
        return _of_parts(asked, sides, chosen, listed=True)
    parts = parts_of(asked, weigh)
    if parts:
        return _of_parts(asked, parts, chosen)
    if _SAID.search(fold(asked.text)):
        return _extract(asked, _told(_said(asked, evidence, chosen)))
    if wants_list(asked):
        items = _items_first(chosen)
        return _extract(asked, _told(items), listed=len(items) > 1)
    return _extract(asked, _told(chosen))


def compose_told_parts(asked: Asked, weigh: Weigh) -> Extract | None:
    """An answer to the parts of a question that are told, where the whole of it would be refused; mostly None."""
    parts = parts_of(asked, weigh)
    return _of_parts(asked, parts, ()) if any(part.told and part.sure for part in parts) else None


def wants_list(asked: Asked) -> bool:
    """Whether several things are asked for by name."""
    return asked.kind == "list" or _WANTS_LIST.search(fold(asked.text)) is not None


def _told(evidence: Iterable[Evidence]) -> list[Told]:
    return [Told(one, one.text) for one in evidence]


def _with_more(asked: Asked, versions: Sequence[Told], chosen: Sequence[Evidence]) -> list[Told]:
    """Both versions, then what else was chosen of the same articles and says something new."""
    known = [one.evidence for one in versions]
    articles = {one.article.version_id for one in known}
    more = [
        one
        for one in chosen
        if one.part == "text"
        and one.article.version_id not in articles
        and not any(same(one, other) for other in known)
    ]
    return [*versions, *(_told(more) if asked.wants_several else ())]


def _of_parts(
    asked: Asked, parts: Sequence[QuestionPart], chosen: Sequence[Evidence], *, listed: bool = False
) -> Extract:
    """The sentences that tell the parts, then what else was chosen; a line of ours names the parts that none tells."""
    first = list({_place(part.told): part.told for part in parts if part.told}.values())
    places = {_place(one) for one in first}  # weighed for another question, a sentence is another value
    known = [one for one in chosen if _place(one) not in places]
    missing = tuple(part.label for part in parts if part.told is None)
    return _extract(asked, _told([*first, *known]), sure=len(first), listed=listed and len(first) > 1, missing=missing)


def _place(one: Evidence) -> tuple[str, str, int]:
    return one.article.version_id, one.part, one.start


def _said(asked: Asked, evidence: Sequence[Evidence], chosen: Sequence[Evidence]) -> list[Evidence]:
    """The sentences with a person's words, in reading order, after the one that says who that is."""
    names = [word.text for word in asked.words if word.tag.startswith("nr") and len(word.text) > 1]
    top = evidence[0].score
    near = {
        one: one.part == "text"
        and bool(_TALK.search(one.text))
        and _is_near(asked, names, one)
        and one.score >= 0.1 * top
        for one in evidence
    }
    talk = [one for one in evidence if near[one]][:_MOST_SAID]
    if not talk:
        return list(chosen)
    article = talk[0].article.version_id
    talk = [one for one in talk if one.article.version_id == article]
    more = [one for one in chosen if one not in talk and one.part == "text"]
    ordered = sorted(talk, key=lambda one: one.start)
    who = _introduction(names, ordered, evidence)
    return [*([who] if who else []), *ordered, *(one for one in more if one is not who)]


def _is_near(asked: Asked, names: Sequence[str], one: Evidence) -> bool:
    if not names:
        return True
    return any(word.text in names and near > 0 for word, near in zip(asked.words, one.beside, strict=True))


def _introduction(names: Sequence[str], told: Sequence[Evidence], evidence: Sequence[Evidence]) -> Evidence | None:
    """The sentence of the same article that gives a person's title, where none of `told` does."""
    if not names:
        return None
    titled = re.compile("|".join(f"{_TITLES}{re.escape(name)}|{re.escape(name)}(?:是|，|担任)" for name in names))
    if any(titled.search(squeeze(one.text)) for one in told):
        return None
    home = told[0].article.version_id
    found = [
        one
        for one in evidence
        if one.article.version_id == home and one.part == "text" and titled.search(squeeze(one.text))
    ]
    return min(found, key=lambda one: one.start, default=None)


def _items_first(chosen: Sequence[Evidence]) -> list[Evidence]:
    """The sentence that enumerates most, then those that enumerate more or are as likely."""
    enumerating = [one for one in chosen if len(_ITEM.findall(one.text)) >= _ENUMERATES]
    if not enumerating:
        return list(chosen)
    top = max(one.score for one in chosen)
    first = max(enumerating, key=lambda one: one.score)
    if first.score < _GOES_ON * top:
        return list(chosen)
    rest = [
        one for one in chosen if one is not first and (_ITEM.search(one.text) or one.score >= _GOES_ON * first.score)
    ]
    return [first, *rest]


def _extract(
    asked: Asked, told: Sequence[Told], *, sure: int = 0, listed: bool = False, missing: tuple[str, ...] = ()
) -> Extract:
    """What is told, shortened and within the lengths, with our line on what is missing.

    The first `sure` are told though they sound alike: the two sides of a comparison do.
    """
    chinese = not asked.translated
    closing = _closing(missing, chinese=chinese)
    count, room = (MANY, MANY_CHARACTERS) if asked.wants_several else (FEW, FEW_CHARACTERS)
    room -= len(closing) + len(correction_note([one.evidence.article for one in told], (), chinese=chinese))
    kept: list[Told] = []
    for one in told:
        short = replace(one, text=shortened(asked, one.text)) if one.evidence.part == "text" else one
        length = len(short.lead) + len(short.text) + len("[1]\n")
        if kept and (length > room or len(kept) == count or (len(kept) >= sure and _is_told(short, kept))):
            continue
        kept.append(short)
        room -= length
    extract = quote(kept)
    shown = [one.article_id for one in extract.citations]
    note = correction_note([one.evidence.article for one in kept], shown, chinese=chinese)
    closing = "\n".join(filter(None, (closing, note)))
    return replace(extract, listed=listed and len(kept) > 1, missing=missing, closing=closing)


def _is_told(one: Told, kept: Sequence[Told]) -> bool:
    return not one.lead and any(same(one.evidence, other.evidence) for other in kept)


def _closing(missing: Sequence[str], *, chinese: bool) -> str:
    if not missing:
        return ""
    return f"没有写明：{'；'.join(missing)}。" if chinese else f"Not told: {'; '.join(missing)}."
