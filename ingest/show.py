"""What the commands show, for people and as JSON records (design.md fixes the keys).

In: reports, articles, stats. Out: lines of text and plain records. Nothing here reads the archive or prints.
"""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from difflib import ndiff
from itertools import pairwise
from typing import TYPE_CHECKING

from ingest.models import ArchiveStats, Pointer, StoredArticle
from ingest.sentences import sentence_spans

if TYPE_CHECKING:
    from ingest.findings import Findings
    from ingest.outcomes import Purged, Report
    from ingest.quarantine import Quarantined
    from ingest.sources import Failure


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
    record["withdrawn"] = article.withdrawn.isoformat() if article.withdrawn else None
    if not versions:
        return record
    rest = ("text", "starts_mid", "continued_from", "continued_to", "url", "file", "file_start", "file_end")
    record |= {name: getattr(article, name) for name in rest}
    record["subheads"] = [{"text": s.text, "paragraph": s.paragraph} for s in article.subheads]
    record["extra"] = dict(article.extra)
    record["linked"] = list(article.linked)
    record["same_story"] = [_pointer(one) for one in copies]
    record["versions"] = [
        {
            "version_id": each.version_id,
            "superseded_by": each.superseded_by,
            "withdrawn": each.withdrawn.isoformat() if each.withdrawn else None,
            "file": each.file,
        }
        for each in versions
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
    if article.withdrawn:
        notes.append(
            f"withdrawn on {article.withdrawn}: no search finds it; it is live again when a file gives it again"
        )
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
        changes = ndiff(_told(before), _told(after))
        lines = [line for line in changes if line.startswith(("- ", "+ "))] or ["  the text is the same"]
        blocks.append("\n".join([f"{before.version_id} -> {after.version_id}", *lines]))
    return "\n\n".join(blocks) or "There is one version of this article."


def _told(article: StoredArticle) -> list[str]:
    """What `set` can set right, by name, then the headline and the sentences."""
    facts = {name: getattr(article, name) for name in ("paper", "date", "page", "place", "byline")}
    named = [f"{name}: {value}" for name, value in facts.items() if value]
    spans = sentence_spans(article.text)
    return [*named, *([article.title] if article.title else []), *(article.text[start:end] for start, end in spans)]


def _pointer(one: Pointer | StoredArticle) -> dict[str, object]:
    day = one.date.isoformat() if one.date else None
    return {"article_id": one.article_id, "title": one.title, "paper": one.paper, "date": day, "page": one.page}


def _pointed(one: Pointer | StoredArticle) -> str:
    day = one.date.isoformat() if one.date else None
    return "  ".join(filter(None, (one.article_id, day, one.paper, one.page, one.title)))


def report_record(report: Report) -> dict[str, object]:
    """What a job did."""
    articles = ("added", "changed", "unchanged", "removed", "withdrawn", "history", "chunks", "embedded")
    counts = ("generation", *articles, "files", "unchanged_files", "moved", "quarantined", "skipped")
    record: dict[str, object] = {name: getattr(report, name) for name in counts}
    record["failures"] = [{"file": failure.file, "error": failure.reason} for failure in report.failures]
    return record


def report_text(report: Report, *, dry_run: bool = False) -> str:
    """What a job did, in a line."""
    done = [(report.added, "added"), (report.changed, "changed"), (report.removed, "removed")]
    done.append((report.withdrawn, "withdrawn"))
    parts = [counted(number, "article") + " " + what for number, what in done if number]
    if report.unchanged:
        parts.append(f"{report.unchanged:,} unchanged")
    if report.history:
        parts.append(f"{counted(report.history, 'earlier version')} kept")
    line = ", ".join(parts) or "nothing added"
    if report.files:
        line += f", from {counted(report.files, 'file')}"
    asides = [(report.unchanged_files, "unchanged"), (report.moved, "moved")]
    notes = [f"{number:,} {what}" for number, what in asides if number and report.files > 1]
    if report.skipped:
        notes.append(f"{counted(report.skipped, 'other file')} passed over")
    if notes:
        line += f" ({', '.join(notes)})"
    if report.failures:
        line += f", {len(report.failures):,} failed"
    if report.quarantined:
        line += f", {report.quarantined:,} in quarantine"
    if dry_run:
        return f"{line}. This was a trial: nothing was changed."
    if not report.generation:
        return f"{line}. The archive is still empty."
    return f"{line}. Generation {report.generation} is live."


def meant_text(count: int) -> str:
    """What a trial of `set` comes to."""
    return f"{counted(count, 'article')} {'is' if count == 1 else 'are'} meant. This was a trial: nothing was changed."


def complaints(failures: Sequence[Failure]) -> list[str]:
    """What failed, each reason once: one sidecar may be the reason for a whole folder."""
    counts = Counter(failure.reason for failure in failures)
    return [reason if times == 1 else f"{reason} ({times:,} files)" for reason, times in counts.items()]


def quarantine_record(row: Quarantined) -> dict[str, object]:
    """A file that failed and has not changed since."""
    return {"file": row.file, "since": row.since, "failures": row.failures, "reasons": list(row.reasons)}


def quarantined_line(count: int) -> str:
    """That a run passed files over, and what can be done about it."""
    many = "1 file that failed before and has" if count == 1 else f"{count:,} files that failed before and have"
    return f"{many} not changed since: `python -m ingest quarantine` lists, `add --retry` tries again."


def quarantine_text(rows: Sequence[Quarantined]) -> str:
    """The files that failed and have not changed since, to be read."""
    if not rows:
        return "No file is in quarantine."
    lines = []
    for row in rows:
        lines.append(f"{row.file}, since {row.since}:")
        lines += [f"  {reason}" for reason in row.reasons]
        if row.failures > len(row.reasons):
            lines.append(f"  and {row.failures - len(row.reasons):,} more")
    return "\n".join(lines)


def migrated_text(report: Report, *, done: bool) -> str:
    """What a migration did that embedded nothing, in a line."""
    if not done:
        return f"generation {report.generation} is of this WenBao already: nothing to do."
    return f"lifted, nothing embedded. Generation {report.generation} is live."


def findings_record(found: Findings, lines: Sequence[str]) -> dict[str, object]:
    """What a check found; `lines` say what to do."""
    counts = ("generation", "articles", "chunks", "quoted", "moved", "repeated")
    record: dict[str, object] = {name: getattr(found, name) for name in counts}
    record["whole"] = not found.troubles
    record["troubles"] = [{"part": each.where.value, "at": each.at, "what": each.what} for each in found.troubles]
    record["counts"] = {where.value: count for where, count in found.counts.items()}
    record["advice"] = list(lines)
    return record


def findings_text(found: Findings, lines: Sequence[str]) -> str:
    """What a check found, to be read."""
    holds = f"{counted(found.articles, 'article')}, {counted(found.chunks, 'chunk')}"
    if not found.troubles:
        return f"generation {found.generation} is whole: {holds}."
    told = [f"{each.where.value}: {each.at}: {each.what}" for each in found.troubles]
    for where, count in found.counts.items():
        listed = sum(each.where is where for each in found.troubles)
        if count > listed:
            told.append(f"{where.value}: and {count - listed:,} more")
    head = f"generation {found.generation} is not whole: {counted(found.counts.total(), 'trouble')} in {holds}."
    return "\n".join([*told, head, *(f"To do: {line}." for line in lines)])


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
    look = f"{counted(purged.look.files, 'file')} ({purged.look.size / 1e6:,.0f} MB)"
    found = "\n".join(f"still there: {path}" for path in purged.look.holding)
    return (
        f"{counted(len(purged.articles), 'article')} purged. Generation {purged.generation} is live.{gone}\n"
        f"Looked through {look} for {counted(purged.traces, 'trace')}: " + (found or "nothing of it is left.")
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
        f"{counted(stats.articles, 'article')} in {counted(stats.chunks, 'chunk')}, {days}",
        f"papers: {', '.join(stats.papers) or 'unknown'}",
        f"generation {stats.generation} is live; kept: {', '.join(map(str, kept))}; encoder: {encoder}",
    ]
    if stats.sample:
        lines.append("This is the sample edition; the first `python -m ingest add PATH` takes it out.")
    return "\n".join(lines)


def counted(number: int, noun: str) -> str:
    """A number with its noun: 1 article, 2 articles."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _mark(article: StoredArticle) -> str | None:
    return "(sample)" if article.sample else None
