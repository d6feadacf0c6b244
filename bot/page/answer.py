"""An Answer as the chat shows it, and as a plain-text client gets it.

In: an Answer, a question or a line of ours. Out: HTML for Gradio's Markdown renderer. Each character of a newspaper, an
asker or a model that Markdown, HTML or TeX could take for its own goes out as a numeric entity, so it shows as itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from bot.bot import LONGEST_QUESTION
from bot.models import Answer, AnswerSentence, Citation, Nearest
from bot.page.references import Reference, of_citation, of_nearest
from bot.page.source import issue_line, pointer_line
from bot.page.texts import Words

_MARK = re.compile(r"\[(\d{1,3})\]")
_HALF_MARK = re.compile(r"\[\d{0,3}$")  # a stream that was cut inside a mark
_LATIN = re.compile("[\x21-\x7e]")
_NAMED_BY = 24  # characters of what is quoted that name an article without a headline
_SPECIAL = re.compile(r"[!-/:-@\[-`{-~]")  # ASCII punctuation: all that Markdown, HTML, TeX and bare links begin with


def plain_to_html(text: str) -> str:
    """Any text as HTML inside Markdown that shows exactly that text; line ends become breaks."""
    entities = _SPECIAL.sub(lambda m: f"&#{ord(m[0])};", text.replace("\x00", ""))
    return "<br>".join(entities.strip().splitlines())


def _within(text: str) -> str:
    """A piece of a line, with the blanks that part it from what stands beside it."""
    before, after = (" " if end.isspace() else "" for end in (text[:1], text[-1:]))
    return f"{before}{plain_to_html(text)}{after if text.strip() else ''}"


def question_html(question: str) -> str:
    """A question over its answer, whole unless it is too long to be answered; nothing for an empty one."""
    short = question if len(question) <= LONGEST_QUESTION else question[:LONGEST_QUESTION] + "…"
    return f'<div class="wb-question">{plain_to_html(short)}</div>' if short.strip() else ""


def notice_html(text: str) -> str:
    """One calm line of ours where an answer would stand."""
    return f'<div class="wb-notice">{plain_to_html(text)}</div>'


def answer_html(answer: Answer, words: Words, *, finished: bool = True) -> str:
    """The answer with its marks as links and, when `finished`, its sources; a refusal with its articles as links."""
    about = _about_html(answer, words) if finished else ""
    if answer.refused:
        return f'<div class="wb-refusal"><p>{_refusal_body(answer, words)}</p>{about}</div>'
    sources = _sources_html(answer, words) if finished else ""
    return f'<div class="wb-answer">{_body_html(answer, words)}{_closing_html(answer)}{sources}{about}</div>'


def answer_text(answer: Answer, words: Words) -> str:
    """The answer as plain text with its sources as footnotes."""
    doubts = [f"{words.unsupported}: {s.text}" for s in answer.sentences if not s.supported]
    notes = [*doubts, *(f"[{c.n}] {_cited_line(c, words)}" for c in answer.citations), *about_lines(answer, words)]
    return "\n".join([answer.text, *([""] if notes else []), *notes])


def about_lines(answer: Answer, words: Words) -> list[str]:
    """What there is to say of how an answer was made: why a model failed, what was searched, who wrote it."""
    lines = [answer.note] if answer.note else []
    if answer.standalone != answer.question:
        lines.append(words.searched.format(answer.standalone))
    if answer.usage and answer.model and answer.sentences:
        by = words.written_by.format(model=answer.model, seconds=answer.usage.seconds)
        read, wrote = answer.usage.input_tokens, answer.usage.output_tokens
        lines.append(by + (words.tokens.format(read=read, wrote=wrote) if read and wrote else ""))
    return lines


def unmarked(answer: Answer) -> str:
    """The answer's words alone: what the next turn of the conversation is understood from."""
    return "".join(s.text for s in answer.sentences) or _MARK.sub("", answer.text)


def _body_html(answer: Answer, words: Words) -> str:
    """The sentences behind one another, in a list, or, where words of ours stand before them, a paragraph each."""
    language = _language(answer)
    told = [_sentence_html(s, answer, words) for s in answer.sentences]
    if answer.listed:
        return f'<ul class="wb-list" lang="{language}">{"".join(f"<li>{one}</li>" for one in told)}</ul>'
    if any(s.lead for s in answer.sentences):
        return "".join(f'<p lang="{language}">{one}</p>' for one in told)
    body = _side_by_side(answer.sentences, told) or _marks_html(_HALF_MARK.sub("", answer.text), answer, words)
    return f'<p lang="{language}">{body}</p>'


def _side_by_side(sentences: Sequence[AnswerSentence], told: Sequence[str]) -> str:
    """Sentences behind one another; a space stands between two that are Latin, as in the answer's text."""
    texts = ["", *(s.text for s in sentences)]
    wanted = [_LATIN.match(last[-1:]) and _LATIN.match(text) for last, text in pairwise(texts)]
    return "".join((" " if space else "") + html for space, html in zip(wanted, told, strict=True))


def _closing_html(answer: Answer) -> str:
    return f'<p class="wb-closing">{plain_to_html(answer.closing)}</p>' if answer.closing else ""


def _about_html(answer: Answer, words: Words) -> str:
    return "".join(f'<p class="wb-about">{plain_to_html(line)}</p>' for line in about_lines(answer, words))


def _language(answer: Answer) -> str:
    """What a screen reader takes the answer for: the newspaper's language, or the one that a model wrote in."""
    return "zh" if not answer.model or re.search("[\u3400-\u9fff]", answer.question) else "en"


def _sentence_html(sentence: AnswerSentence, answer: Answer, words: Words) -> str:
    text = plain_to_html(sentence.text)
    lead = f'<span class="wb-lead">{plain_to_html(sentence.lead)}</span>' if sentence.lead else ""
    if not sentence.supported:
        text = f'<span class="wb-unsupported">{text}<small>{plain_to_html(words.unsupported)}</small></span>'
    return lead + text + "".join(_link_html(n, answer, words) for n in sentence.citations)


def _marks_html(text: str, answer: Answer, words: Words) -> str:
    pieces = _MARK.split(text)  # text, number, text, number, … text
    return "".join(_link_html(int(p), answer, words) if i % 2 else _within(p) for i, p in enumerate(pieces))


def _link_html(n: int, answer: Answer, words: Words) -> str:
    cited = next((c for c in answer.citations if c.n == n), None)
    if cited is None:
        return plain_to_html(f"[{n}]")
    href = of_citation(cited).href
    return f'<a class="wb-cite" href="{href}" title="{plain_to_html(_cited_line(cited, words))}">&#91;{n}&#93;</a>'


def _sources_html(answer: Answer, words: Words) -> str:
    """One line an article, in the order of its first mark."""
    by_article: dict[str, list[Citation]] = {}
    for citation in answer.citations:
        by_article.setdefault(citation.article_id, []).append(citation)
    lines = [_source_html(citations, answer, words) for citations in by_article.values()]
    return f'<ul class="wb-sources" aria-label="{words.sources}">{"".join(lines)}</ul>' if lines else ""


def _source_html(citations: list[Citation], answer: Answer, words: Words) -> str:
    first = citations[0]
    headline = f"[{_numbers(c.n for c in citations)}] {_name(first)}"
    sample = f'<span class="wb-sample">{plain_to_html(words.sample_mark)}</span>' if first.sample else ""
    return (
        f'<li><a href="{of_citation(first).href}">{plain_to_html(headline)}</a>'
        f"<span>{plain_to_html(issue_line(first, words))}</span>{sample}{_history_html(first, words)}"
        f"{_also_html(citations, words)}</li>"
    )


def _history_html(citation: Citation, words: Words) -> str:
    """That an article was corrected or has changed; the corrections as links."""
    marks = [
        f'<a href="{Reference(one.article_id).href}" title="{plain_to_html(pointer_line(one, words))}">'
        f"{plain_to_html(words.corrected)}</a>"
        for one in citation.corrected_by
    ]
    marks += [f"<span>{plain_to_html(words.changed)}</span>"] if citation.changed else []
    return "".join(marks)


def _also_html(citations: list[Citation], words: Words) -> str:
    """The other articles that print what is cited, as links."""
    also = {one.article_id: one for citation in citations for one in citation.also}
    named = [(one, issue_line(one, words) or one.title or words.untitled) for one in also.values()]
    links = [f'<a href="{Reference(one.article_id).href}">{plain_to_html(name)}</a>' for one, name in named]
    return f'<div class="wb-also-in">{words.also_in.format(" ".join(links))}</div>' if links else ""


def _name(citation: Citation) -> str:
    """What a source is called: its headline, or else the words that are quoted of it."""
    if citation.title:
        return citation.title
    quote = " ".join(citation.quote.split())
    return quote if len(quote) <= _NAMED_BY else quote[:_NAMED_BY] + "…"


def _numbers(numbers: Iterable[int]) -> str:
    """Numbers as a reader lists them: 1–3, 5."""
    runs: list[list[int]] = []
    for n in sorted(set(numbers)):
        if runs and n == runs[-1][-1] + 1:
            runs[-1].append(n)
        else:
            runs.append([n])
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


def _refusal_body(answer: Answer, words: Words) -> str:
    """The refusal's own words, in which the titles of the nearest articles become links."""
    by_title = {n.title: n for n in answer.nearest}
    if not by_title:
        return plain_to_html(answer.text)
    titles = sorted(by_title, key=len, reverse=True)  # the longer first: one headline may begin another
    pieces = re.split("(" + "|".join(map(re.escape, titles)) + ")", answer.text)
    return "".join(_nearest_html(by_title[p], words) if i % 2 else _within(p) for i, p in enumerate(pieces))


def _nearest_html(nearest: Nearest, words: Words) -> str:
    issue = plain_to_html(" ".join(issue_line(nearest, words).split()))
    return f'<a href="{of_nearest(nearest).href}" title="{issue}">{plain_to_html(nearest.title)}</a>'


def _cited_line(citation: Citation, words: Words) -> str:
    marks = [words.sample_mark] if citation.sample else []
    marks += [words.corrected] if citation.corrected_by else []
    marks += [words.changed] if citation.changed else []
    also = "; ".join(pointer_line(one, words) for one in citation.also)
    marks += [words.also_in.format(also)] if also else []
    line = " · ".join((_name(citation), issue_line(citation, words), *marks))
    return " ".join(line.split())
