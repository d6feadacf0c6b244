"""What files gave is remembered: same, changed, gone and moved files, each costs what it must and loses nothing."""

import json
import os
import shutil
from datetime import date
from pathlib import Path

import pytest

import ingest.intake
from ingest.archive import Archive
from ingest.generations import Generations
from ingest.ingester import Ingester, Wish, roll_back
from ingest.ledger import Ledger
from ingest.sources import Known, read_sources
from tests.stories import stories, story

PRUNE = Wish(prune=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two files of records: s0 to s4 in a.jsonl, s5 to s9 in b.jsonl."""
    made = tmp_path / "pages"
    made.mkdir()
    write(made / "a.jsonl", stories(5))
    write(made / "b.jsonl", stories(5, 5))
    return made


def write(path: Path, rows: list[dict]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return path


def page_text(*numbers: int) -> str:
    return "\n\n".join(f"{story(n)['title']}\n\n本报讯 {story(n)['text']}" for n in numbers) + "\n"


@pytest.fixture
def reads(monkeypatch) -> list[str]:
    """Names of the files that are opened as pages or records."""
    names: list[str] = []

    def noted(files, known, *, jobs):
        for path, found in read_sources(files, known, jobs=jobs):
            names.append(path.name)
            yield path, found

    monkeypatch.setattr(ingest.intake, "read_sources", noted)
    return names


def live(root, encoder) -> dict[str, str]:
    """Source id (or headline) of every live article, and the file that it is said to stand in; all of it whole."""
    with Archive(root, encoder) as archive, archive.read() as snapshot:
        snapshot.check()
        found = snapshot.recent(1000)
        return {article.source_id or str(article.title): Path(article.file).name for article in found}


def versions_of(root, encoder, source: str):
    """All versions of the article with this source id, live or not."""
    with Archive(root, encoder) as archive, archive.read() as snapshot:
        rows = snapshot.catalog.rows("SELECT article_id FROM articles WHERE source_id = ?", (source,))
        return snapshot.catalog.versions(rows[0][0])


# -- the same ------------------------------------------------------------------------------------------------------


def test_unchanged_files_are_not_opened_again(ingester, encoder, root, folder, reads):
    first = ingester.add([folder])
    encoded = encoder.encoded
    reads.clear()
    again = ingester.add([folder])
    assert (reads, encoder.encoded - encoded) == ([], 0)
    assert (again.unchanged, again.unchanged_files, again.generation) == (10, 2, first.generation)
    assert Generations(root).numbers() == [1]


def test_only_the_file_that_changed_is_read_and_only_its_new_articles_are_embedded(
    ingester, encoder, root, folder, reads
):
    ingester.add([folder])
    encoded = encoder.encoded
    reads.clear()
    write(folder / "b.jsonl", [*stories(4, 5), story(9) | {"text": "白马渡的夜校改在船上开课。"}, story(10)])
    report = ingester.add([folder])
    assert reads == ["b.jsonl"]
    assert (report.added, report.changed, report.unchanged) == (1, 1, 9)
    assert encoder.encoded - encoded == report.embedded == 2


def test_a_file_is_the_same_from_every_folder_and_through_a_link(ingester, folder, reads, monkeypatch):
    ingester.add([folder])
    reads.clear()
    (folder.parent / "link").symlink_to(folder, target_is_directory=True)
    monkeypatch.chdir(folder)
    for path in (Path(), Path("../pages/a.jsonl"), folder.parent / "link", Path("a.jsonl")):
        assert ingester.add([path]).added == 0
    assert reads == []


def test_a_file_that_is_touched_or_named_otherwise_twice_in_one_run_is_read_once(ingester, folder, reads):
    report = ingester.add([folder / "a.jsonl", folder, folder / ".." / "pages" / "a.jsonl"])
    assert (sorted(reads), report.added) == (["a.jsonl", "b.jsonl"], 10)
    os.utime(folder / "a.jsonl")
    reads.clear()
    assert ingester.add([folder]).generation == 1
    assert reads == []


def test_after_a_rollback_the_files_whose_articles_were_rolled_away_are_read_again(ingester, encoder, root, folder):
    ingester.add([folder / "a.jsonl"])
    ingester.add([folder])
    roll_back(Generations(root), None, wait=False, say=print)
    report = ingester.add([folder])
    assert (report.added, report.unchanged) == (5, 5)
    assert len(live(root, encoder)) == 10


def test_an_article_that_was_removed_comes_back_with_its_file(ingester, encoder, root, folder):
    ingester.add([folder])
    with Archive(root, encoder) as archive, archive.read() as snapshot:
        name = next(a.article_id for a in snapshot.recent(20) if a.source_id == "s7")
    ingester.remove([name])
    assert "s7" not in live(root, encoder)
    assert ingester.add([folder]).added == 1
    assert "s7" in live(root, encoder)


def test_readers_of_a_new_kind_read_every_file_again(ingester, folder, reads, monkeypatch):
    ingester.add([folder])
    reads.clear()
    monkeypatch.setattr("ingest.filestate.READERS", 99)
    report = ingester.add([folder])
    assert sorted(reads) == ["a.jsonl", "b.jsonl"]
    assert (report.unchanged, report.embedded, report.generation) == (10, 0, 2)


def test_articles_that_only_stand_elsewhere_in_their_file_are_no_change_and_are_found_there(
    ingester, encoder, root, folder
):
    ingester.add([folder])
    rows = [story(20), *stories(5)]
    write(folder / "a.jsonl", rows)
    assert (ingester.add([folder]).unchanged, live(root, encoder)["s4"]) == (10, "a.jsonl")
    text = (folder / "a.jsonl").read_text("utf-8")
    with Archive(root, encoder) as archive, archive.read() as snapshot:
        article = next(a for a in snapshot.recent(20) if a.source_id == "s4")
        assert json.loads(text[article.file_start : article.file_end])["id"] == "s4"


# -- gone ----------------------------------------------------------------------------------------------------------


def test_an_article_that_disappears_from_its_file_stays_until_somebody_prunes(ingester, encoder, root, folder):
    ingester.add([folder])
    write(folder / "a.jsonl", stories(4))
    assert ingester.add([folder]).withdrawn == 0
    assert "s4" in live(root, encoder)
    pruned = ingester.add([folder], wish=PRUNE)
    assert (pruned.withdrawn, pruned.unchanged) == (1, 9)
    assert "s4" not in live(root, encoder)
    assert ingester.add([folder], wish=PRUNE).generation == pruned.generation


def test_a_withdrawn_article_is_kept_as_history_with_the_day_and_found_by_no_search(ingester, encoder, root, folder):
    ingester.add([folder])
    write(folder / "a.jsonl", stories(4))
    ingester.add([folder], wish=PRUNE)
    (version,) = versions_of(root, encoder, "s4")
    assert (version.withdrawn, version.superseded_by) == (date.today(), None)
    assert version.text == story(4)["text"]
    with Archive(root, encoder) as archive, archive.read() as snapshot:
        assert snapshot.article(version.article_id).withdrawn
        vectors = snapshot.search_vectors(encoder.encode_query(story(4)["text"]), 20)
        assert version.article_id not in {c.article_id for c in snapshot.chunks(h.chunk_id for h in vectors).values()}


def test_a_withdrawn_article_that_comes_back_is_live_again_the_same_or_with_new_text(ingester, encoder, root, folder):
    ingester.add([folder])
    write(folder / "a.jsonl", stories(3))
    assert ingester.add([folder], wish=PRUNE).withdrawn == 2
    write(folder / "a.jsonl", [*stories(4), story(4) | {"text": "云溪乡的夜校搬进了戏台。"}])
    assert ingester.add([folder]).added == 2
    assert set(live(root, encoder)) == {f"s{n}" for n in range(10)}
    assert [v.withdrawn for v in versions_of(root, encoder, "s3")] == [None]
    old, new = versions_of(root, encoder, "s4")
    assert (old.withdrawn, old.superseded_by, new.superseded_by) == (None, new.version_id, None)


def test_pruning_withdraws_what_stood_in_a_file_that_is_gone_from_the_named_folder(ingester, encoder, root, folder):
    ingester.add([folder])
    (folder / "b.jsonl").unlink()
    assert ingester.add([folder]).withdrawn == 0
    assert ingester.add([folder], wish=PRUNE).withdrawn == 5
    assert set(live(root, encoder)) == {f"s{n}" for n in range(5)}


def test_pruning_touches_nothing_outside_the_named_paths(ingester, encoder, root, folder, tmp_path):
    other = tmp_path / "pages2"  # begins like the other folder's name
    other.mkdir()
    write(other / "c.jsonl", stories(5, 20))
    ingester.add([folder, other])
    (other / "c.jsonl").unlink()
    write(folder / "b.jsonl", stories(4, 5))
    report = ingester.add([folder / "a.jsonl", folder], wish=PRUNE)
    assert report.withdrawn == 1
    assert len(live(root, encoder)) == 14


def test_an_article_that_another_file_still_gives_stays(ingester, encoder, root, folder, tmp_path):
    write(tmp_path / "copy.jsonl", [story(0), story(9)])
    ingester.add([folder, tmp_path / "copy.jsonl"])
    write(folder / "a.jsonl", stories(4, 1))
    (folder / "b.jsonl").unlink()
    assert ingester.add([folder], wish=Wish(prune=True, prune_all=True)).withdrawn == 4
    assert set(live(root, encoder)) == {"s0", "s1", "s2", "s3", "s4", "s9"}


def test_an_article_that_moves_from_one_file_to_another_is_not_withdrawn(ingester, encoder, root, folder):
    ingester.add([folder])
    write(folder / "a.jsonl", stories(3))
    write(folder / "b.jsonl", stories(7, 3))
    report = ingester.add([folder], wish=PRUNE)
    assert (report.withdrawn, report.added, report.embedded) == (0, 0, 0)
    assert live(root, encoder)["s3"] == "b.jsonl"


def test_a_folder_that_is_suddenly_empty_empties_no_archive(ingester, encoder, root, folder):
    ingester.add([folder])
    for path in folder.iterdir():
        path.unlink()
    report = ingester.add([folder], wish=PRUNE)
    assert (report.withdrawn, report.generation) == (0, 1)
    assert "10 articles" in report.failures[-1].reason
    assert "--prune-all" in report.failures[-1].reason
    assert len(live(root, encoder)) == 10
    assert ingester.add([folder], wish=Wish(prune=True, prune_all=True)).withdrawn == 10
    assert live(root, encoder) == {}


def test_a_folder_that_is_not_there_prunes_nothing(ingester, encoder, root, folder):
    ingester.add([folder])
    folder.rename(folder.with_name("elsewhere"))
    assert ingester.add([folder], wish=Wish(prune=True, prune_all=True)).withdrawn == 0
    assert len(live(root, encoder)) == 10


def test_a_file_that_cannot_be_read_whole_withdraws_nothing(ingester, encoder, root, folder):
    ingester.add([folder])
    (folder / "a.jsonl").write_text(json.dumps(story(0), ensure_ascii=False) + "\n{broken\n", "utf-8")
    report = ingester.add([folder], wish=PRUNE)
    assert (report.withdrawn, len(report.failures)) == (0, 1)
    write(folder / "a.jsonl", [story(0)])
    assert ingester.add([folder], wish=PRUNE).withdrawn == 4
    assert "s1" not in live(root, encoder)


def test_a_trial_says_what_would_be_withdrawn_and_changes_nothing(ingester, root, folder):
    ingester.add([folder])
    write(folder / "a.jsonl", stories(4, 1))
    trial = ingester.add([folder], wish=PRUNE, dry_run=True)
    assert (trial.withdrawn, trial.unchanged, trial.generation) == (1, 9, 1)
    assert Generations(root).numbers() == [1]
    assert ingester.add([folder], wish=PRUNE).withdrawn == 1


def test_a_trial_counts_an_article_once_however_often_it_comes(root, encoder, tmp_path):
    rows = stories(50)  # more than a first batch
    path = write(tmp_path / "twice.jsonl", rows + rows)
    trial = Ingester(root, encoder).add([path], dry_run=True)
    done = Ingester(root, encoder).add([path])
    assert (trial.added, trial.unchanged) == (done.added, done.unchanged) == (50, 50)


def test_an_older_file_brings_no_old_text_back_when_another_line_of_it_changes(ingester, encoder, root, folder):
    write(folder / "a.jsonl", stories(2))
    ingester.add([folder / "a.jsonl"])
    newer = story(0) | {"text": "柳桥镇的夜校改在河边开课，编号为己88888。"}
    write(folder / "b.jsonl", [newer])
    assert ingester.add([folder / "b.jsonl"]).changed == 1
    write(folder / "a.jsonl", stories(3))
    report = ingester.add([folder])
    assert (report.added, report.changed, report.unchanged) == (1, 0, 3)
    assert versions_of(root, encoder, "s0")[-1].text == newer["text"]
    write(folder / "a.jsonl", [story(0) | {"text": "青浦里的夜校又搬了一次家。"}, *stories(2, 1)])
    assert ingester.add([folder]).changed == 1, "what it had not said before is news"


def test_when_the_newer_file_is_pruned_what_the_older_still_gives_is_live_again(ingester, encoder, root, folder):
    write(folder / "a.jsonl", stories(3))
    write(folder / "b.jsonl", [story(0) | {"text": "柳桥镇的夜校改在河边开课，编号为己88888。"}])
    ingester.add([folder])
    (folder / "b.jsonl").unlink()
    assert ingester.add([folder], wish=PRUNE, dry_run=True).changed == 1
    report = ingester.add([folder], wish=PRUNE)
    assert (report.changed, report.withdrawn) == (1, 0)
    assert live(root, encoder)["s0"] == "a.jsonl"
    assert versions_of(root, encoder, "s0")[-1].text == story(0)["text"]
    assert ingester.add([folder], wish=PRUNE).generation == report.generation


# -- moved ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wish", [Wish(), PRUNE], ids=["kept", "pruned"])
def test_a_renamed_file_is_no_new_article_and_loses_none(ingester, encoder, root, folder, reads, wish):
    ingester.add([folder])
    reads.clear()
    (folder / "later").mkdir()
    (folder / "a.jsonl").rename(folder / "later" / "z.jsonl")
    report = ingester.add([folder], wish=wish)
    assert (report.moved, report.added, report.withdrawn, report.unchanged, report.embedded) == (1, 0, 0, 10, 0)
    assert reads == []
    assert live(root, encoder) == {f"s{n}": "z.jsonl" if n < 5 else "b.jsonl" for n in range(10)}
    assert ingester.add([folder], wish=wish).generation == report.generation


def test_a_renamed_page_whose_new_name_says_less_keeps_what_is_known_of_it(ingester, encoder, root, tmp_path):
    old = tmp_path / "柳桥日报_2022-05-11_第3版.txt"
    old.write_text(page_text(1, 2), "utf-8")
    ingester.add([tmp_path])
    old.rename(tmp_path / "page.txt")
    report = ingester.add([tmp_path])
    assert (report.moved, report.added, report.unchanged) == (1, 0, 2)
    with Archive(root, encoder) as archive, archive.read() as snapshot:
        assert {(a.paper, a.page) for a in snapshot.recent(9)} == {("柳桥日报", "3")}


def test_a_page_whose_new_name_says_another_day_is_read_anew(ingester, encoder, root, tmp_path):
    old = tmp_path / "柳桥日报_2022-05-11_第3版.txt"
    old.write_text(page_text(1, 2), "utf-8")
    ingester.add([tmp_path])
    old.rename(tmp_path / "柳桥日报_2022-05-12_第3版.txt")
    report = ingester.add([tmp_path], wish=Wish(prune=True))
    assert (report.moved, report.added, report.withdrawn) == (1, 2, 2)
    with Archive(root, encoder) as archive, archive.read() as snapshot:
        assert {a.date for a in snapshot.recent(9)} == {date(2022, 5, 12)}


def test_a_copy_is_no_renamed_file(ingester, encoder, root, folder):
    ingester.add([folder])
    shutil.copy(folder / "a.jsonl", folder / "c.jsonl")
    report = ingester.add([folder])
    assert (report.moved, report.added, report.unchanged) == (0, 0, 15)
    (folder / "a.jsonl").unlink()
    assert ingester.add([folder], wish=PRUNE).withdrawn == 0
    assert len(live(root, encoder)) == 10


def test_two_files_that_change_names_lose_nothing(ingester, encoder, root, folder):
    ingester.add([folder])
    (folder / "a.jsonl").rename(folder / "x")
    (folder / "b.jsonl").rename(folder / "a.jsonl")
    (folder / "x").rename(folder / "b.jsonl")
    report = ingester.add([folder], wish=PRUNE)
    assert (report.added, report.withdrawn, report.unchanged) == (0, 0, 10)
    assert live(root, encoder)["s0"] == "b.jsonl"


# -- what decides an outcome besides the bytes -----------------------------------------------------------------------


def test_the_same_page_under_another_papers_name_replaces_what_it_gave_under_the_first(
    ingester, encoder, root, tmp_path
):
    page = tmp_path / "page.txt"
    page.write_text(page_text(1, 2), "utf-8")
    ingester.add([page], Known(paper="甲报"))
    report = ingester.add([page], Known(paper="乙报"))
    assert (report.added, report.withdrawn) == (2, 2)
    with Archive(root, encoder) as archive, archive.read() as snapshot:
        assert snapshot.stats().papers == ("乙报",)


def test_a_file_name_that_is_no_text_has_its_own_row(ingester, encoder, root, tmp_path):
    for name, number in ((b"\xff.jsonl", 1), (b"\xfe.jsonl", 2)):
        write(Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)), [story(number)])
    ingester.add([tmp_path])
    assert ingester.add([tmp_path], wish=PRUNE).unchanged_files == 2
    with Archive(root, encoder) as archive, archive.read() as snapshot:
        assert len(list(Ledger(snapshot.catalog).under(tmp_path))) == 2


def test_an_archive_made_anew_still_knows_its_files(root, encoder, folder, reads):
    Ingester(root, encoder).add([folder])
    Ingester(root, encoder).reembed()
    reads.clear()
    assert Ingester(root, encoder).add([folder]).unchanged_files == 2
    assert reads == []
