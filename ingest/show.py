"""What the commands show, for people and as JSON records (design.md fixes the keys).

In: reports, articles, stats. Out: lines of text and plain records. Nothing here reads the archive or prints.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping, Sequence
from difflib import ndiff
from itertools import pairwise
from typing import TYPE_CHECKING

from ingest.models import ArchiveStats, Pointer, StoredArticle
from ingest.sentences import sentence_spans

if TYPE_CHECKING:
    from ingest.ingester import Purged, Report


_STEERING = ("Cc", "Cf")  # Unicode categories that a terminal obeys instead of printing


def json_line(record: Mapping[str, object]) -> str:
    """A record as one line that any stream takes: half characters (a file name's, a caller's id's) as JSON escapes."""
    return json.dumps(record, ensure_ascii=False).encode("utf-8", "backslashreplace").decode("utf-8")


def visible(text: str) -> str:
    """Text for a terminal: what would steer it (escapes, control characters, writing to the left) is spelt out."""
    return "".join(_spelt(each) if unicodedata.category(each) in _STEERING else each for each in text)


def _spelt(character: str) -> str:
    return character if character in "\n\t" else character.encode("unicode_escape").decode("ascii")


def article_record(
    article: StoredArticle, versions: Sequence[StoredArticle] = (), copies: Sequence[StoredArticle] = ()
) -> dict[str, object]:
    """An article with its metadata; with `versions`, also its text and where in its file that stands."""
    heads = ("article_id", "version_id", "source_id", "title", "subtitle", "kicker", "byline", "dateline", "place")
    record: dict[str, object] = {name: getattr(article, name) for name in (*heads, "paper")}
    record |= {"date": article.date.isoformat() if article.date else None, "page": article.page}
    record |= {"sample": article.sample, "superseded_by": article.superseded_by}
    if not versions:
        return record
    rest = ("text", "starts_mid", "continued_from", "continued_to", "url", "file", "file_start", "file_end")
    record |= {name: getattr(article, name) for name in rest}
    record["subheads"] = [{"text": s.text, "paragraph": s.paragraph} for s in article.subheads]
    record["linked"] = list(article.linked)
    record["same_story"] = [_pointer(one) for one in copies]
    record["versions"] = [
        {"version_id": each.version_id, "superseded_by": each.superseded_by, "file": each.file} for each in versions
    ]
    record |= {name: [_pointer(one) for one in getattr(article, name)] for name in ("corrected_by", "corrects")}
    record["file_spans"] = [[span.start, span.source, span.length] for span in article.file_spans]
    return record


def listing(article: StoredArticle) -> str:
    """An article in a line."""
    day = article.date.isoformat() if article.date else "----------"
    title = article.title or article.text[:24].replace("\n", " ") + "…"
    return "  ".join(filter(None, (article.article_id, day, article.paper, article.page, title, _mark(article))))


def article_text(
    article: StoredArticle, versions: Sequence[StoredArticle], copies: Sequence[StoredArticle] = ()
) -> str:
    """An article to be read."""
    page = f"page {article.page}" if article.page else None
    day = article.date.isoformat() if article.date else None
    issue = "  ".join(filter(None, (article.paper, day, page, _mark(article))))
    heads = (article.kicker, article.title, article.subtitle, article.byline, issue)
    notes = [f"article {article.article_id}, version {article.version_id}, from {article.file}"]
    if article.superseded_by:
        notes.append(f"superseded by version {article.superseded_by}")
    notes += [f"earlier version: {each.version_id}" for each in versions if each.version_id != article.version_id]
    notes += [f"corrected by: {_pointed(one)}" for one in article.corrected_by]
    notes += [f"corrects: {_pointed(one)}" for one in article.corrects]
    notes += [f"same story: {_pointed(one)}" for one in copies]
    notes += [f"goes on in, or comes from: {name}" for name in article.linked]
    return "\n".join([*filter(None, heads), "", article.text, "", *notes])


def versions_diff(versions: Sequence[StoredArticle]) -> str:
    """What each version of an article, the oldest first, says that the one before it did not: sentence by sentence."""
    blocks = []
    for before, after in pairwise(versions):
        changes = ndiff(_sentences(before), _sentences(after))
        lines = [line for line in changes if line.startswith(("- ", "+ "))] or ["  the text is the same"]
        blocks.append("\n".join([f"{before.version_id} -> {after.version_id}", *lines]))
    return "\n\n".join(blocks) or "There is one version of this article."


def _sentences(article: StoredArticle) -> list[str]:
    spans = sentence_spans(article.text)
    return [*([article.title] if article.title else []), *(article.text[start:end] for start, end in spans)]


def _pointer(one: Pointer | StoredArticle) -> dict[str, object]:
    day = one.date.isoformat() if one.date else None
    return {"article_id": one.article_id, "title": one.title, "paper": one.paper, "date": day, "page": one.page}


def _pointed(one: Pointer | StoredArticle) -> str:
    day = one.date.isoformat() if one.date else None
    return "  ".join(filter(None, (one.article_id, day, one.paper, one.page, one.title)))


def report_record(report: Report) -> dict[str, object]:
    """What a job did."""
    counts = ("generation", "added", "changed", "unchanged", "removed", "chunks", "embedded", "files", "skipped")
    record: dict[str, object] = {name: getattr(report, name) for name in counts}
    record["failures"] = [{"file": failure.file, "error": failure.reason} for failure in report.failures]
    return record


def report_text(report: Report, *, dry_run: bool = False) -> str:
    """What a job did, in a line."""
    done = [(report.added, "added"), (report.changed, "changed"), (report.removed, "removed")]
    parts = [_count(number, "article") + " " + what for number, what in done if number]
    if report.unchanged:
        parts.append(f"{report.unchanged:,} unchanged")
    line = ", ".join(parts) or "nothing added"
    if report.files:
        line += f", from {_count(report.files, 'file')}"
    if report.skipped:
        line += f" ({_count(report.skipped, 'other file')} passed over)"
    if report.failures:
        line += f", {len(report.failures):,} failed"
    if dry_run:
        return f"{line}. This was a trial: nothing was changed."
    if not report.generation:
        return f"{line}. The archive is still empty."
    return f"{line}. Generation {report.generation} is live."


def purged_record(purged: Purged) -> dict[str, object]:
    """What was forgotten, and what was looked through for traces of it."""
    return {
        "generation": purged.generation,
        "purged": list(purged.articles),
        "swept": list(purged.swept),
        "traces": purged.traces,
        "files": purged.look.files,
        "bytes": purged.look.size,
        "found": [str(path) for path in purged.look.holding],
    }


def purged_text(purged: Purged) -> str:
    """What was forgotten, to be read."""
    gone = f" Generations {', '.join(map(str, purged.swept))} may have held it and are gone." if purged.swept else ""
    look = f"{_count(purged.look.files, 'file')} ({purged.look.size / 1e6:,.0f} MB)"
    found = "\n".join(f"still there: {path}" for path in purged.look.holding)
    return (
        f"{_count(len(purged.articles), 'article')} purged. Generation {purged.generation} is live.{gone}\n"
        f"Looked through {look} for {_count(purged.traces, 'trace')}: " + (found or "nothing of it is left.")
    )


def stats_record(stats: ArchiveStats, encoder: str | None, kept: Sequence[int]) -> dict[str, object]:
    """What an archive holds."""
    return {
        "generation": stats.generation,
        "kept": list(kept),
        "articles": stats.articles,
        "chunks": stats.chunks,
        "papers": list(stats.papers),
        "first_date": stats.first_date.isoformat() if stats.first_date else None,
        "last_date": stats.last_date.isoformat() if stats.last_date else None,
        "sample": stats.sample,
        "encoder": encoder,
    }


def stats_text(stats: ArchiveStats, encoder: str | None, kept: Sequence[int]) -> str:
    """What an archive holds, to be read."""
    if not stats.articles:
        return "The archive is empty: `python -m ingest add PATH` fills it."
    days = f"{stats.first_date} to {stats.last_date}" if stats.first_date else "no dates"
    lines = [
        f"{_count(stats.articles, 'article')} in {_count(stats.chunks, 'chunk')}, {days}",
        f"papers: {', '.join(stats.papers) or 'unknown'}",
        f"generation {stats.generation} is live; kept: {', '.join(map(str, kept))}; encoder: {encoder}",
    ]
    if stats.sample:
        lines.append("This is the sample edition; the first `python -m ingest add PATH` takes it out.")
    return "\n".join(lines)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _mark(article: StoredArticle) -> str | None:
    return "(sample)" if article.sample else None
