"""The access file: what it lets whom read, that it is read strictly, and that a change is heard of within seconds."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.access import EVERYTHING, NOTHING, Readable
from bot.policy import LOOK, Policy, read_rules
from ingest.errors import BadSetting

RULES = """
papers:
  内部参考: [editors, leaders]
  柳桥晚报: everyone
  "-": signed-in
others: signed-in
"""


class Clock:
    """Stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody but a test writes here."""
    monkeypatch.setattr("bot.policy.REST", 0.0)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "access.yaml"
    path.write_text(RULES, "utf-8")
    return path


def names(readable: Readable) -> set[str]:
    return {paper or "-" for paper in ("内部参考", "柳桥晚报", "另一份报", None) if paper in readable}


@pytest.mark.parametrize(
    ("groups", "signed_in", "papers"),
    [
        ((), False, {"柳桥晚报"}),
        (("editors",), False, {"柳桥晚报"}),  # whoever says so and has not signed in
        ((), True, {"柳桥晚报", "另一份报", "-"}),
        (("readers", "leaders"), True, {"内部参考", "柳桥晚报", "另一份报", "-"}),
        (("Editors",), True, {"柳桥晚报", "另一份报", "-"}),
    ],
)
def test_groups_read_what_the_file_lets_them(file, groups, signed_in, papers):
    assert names(Policy(str(file)).readable(groups, signed_in=signed_in)) == papers


def test_without_a_file_everybody_reads_everything():
    assert Policy().readable((), signed_in=False) is EVERYTHING


def test_who_may_read_all_is_told_from_nobody_else_and_costs_nothing(file):
    assert Policy(str(file)).readable(["editors"], signed_in=True) is EVERYTHING
    file.write_text("others: nobody", "utf-8")
    assert Policy(str(file)).readable(["editors"], signed_in=True) is NOTHING


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("", 0, "says nothing"),
        ("papers: {甲: everyone}", 1, "does not say who may read the `others`"),
        ("others: everyone\npaper: {甲: everyone}", 2, "unknown key 'paper'; did you mean 'papers'?"),
        ("others: everybody", 1, "who may read is `everyone`"),
        ("others: 7", 1, "who may read is `everyone`"),
        ("others: null", 1, "who may read needs a value"),
        ("others: {a: b}", 1, "who may read is `everyone`"),
        ("others: []", 1, "an empty list lets nobody read"),
        ("others: [[a]]", 1, "a group is a name"),
        ("others: [editors, everyone]", 1, "`everyone` is no group"),
        ("others: nobody\npapers:\n  甲: everyone\n  甲: nobody", 4, "'甲' is said twice"),
        ("others: nobody\npapers: [甲]", 2, "here go keys with values (names of papers)"),
        ("- others", 1, "here go keys with values (papers, others)"),
        ("others: [a", 1, "no YAML"),
        ("others: !!python/object:os.system x\npapers: 1", 1, "who may read is `everyone`"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_file_and_line(tmp_path, text, line, what):
    path = tmp_path / "access.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(BadSetting) as refused:
        read_rules(path)
    assert str(path) in str(refused.value)
    assert what in str(refused.value)
    assert not line or f" line {line}" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_there_is_no_open_door(tmp_path):
    with pytest.raises(BadSetting, match=r"WENBAO_ACCESS names .*does not exist"):
        Policy(str(tmp_path / "none.yaml"))


def test_a_changed_file_counts_within_seconds_and_a_broken_one_changes_nothing(file, caplog):
    clock = Clock()
    policy = Policy(str(file), clock)
    assert "内部参考" in policy.readable(["leaders"], signed_in=True)
    file.write_text(RULES.replace(", leaders", ""), "utf-8")
    assert "内部参考" in policy.readable(["leaders"], signed_in=True)  # not looked at yet
    clock.now += LOOK
    assert "内部参考" not in policy.readable(["leaders"], signed_in=True)
    for broken in ("others: [", "", "others: everybody"):
        file.write_text(broken, "utf-8")
        caplog.clear()
        for _ in range(3):
            clock.now += LOOK
            assert "内部参考" not in policy.readable(["leaders"], signed_in=True)
            assert "内部参考" in policy.readable(["editors"], signed_in=True)
        assert sum("stays as it was" in record.message for record in caplog.records) == 1
    file.unlink()
    clock.now += LOOK
    assert "内部参考" not in policy.readable(["leaders"], signed_in=True)
    file.write_text(RULES, "utf-8")
    clock.now += LOOK
    assert "内部参考" in policy.readable(["leaders"], signed_in=True)


def test_a_change_that_leaves_size_and_time_as_they_were_is_seen_where_the_file_is_put_in_place(file):
    """As editors do it: written beside, then renamed."""
    clock = Clock()
    policy = Policy(str(file), clock)
    was = file.stat()
    other = file.with_suffix(".new")
    other.write_text(RULES.replace("leaders", "readers"), "utf-8")
    os.utime(other, ns=(was.st_atime_ns, was.st_mtime_ns))
    other.replace(file)
    clock.now += LOOK
    assert "内部参考" not in policy.readable(["leaders"], signed_in=True)


def test_half_of_a_file_lets_nobody_in(file, monkeypatch):
    """Its first lines alone are sound, and say nothing of the paper that a later one keeps back."""
    begun, rest = "others: everyone\npapers:\n  柳桥晚报: everyone\n", "  内部参考: [editors]\n"
    file.write_text(begun + rest, "utf-8")
    clock = Clock()
    policy = Policy(str(file), clock)
    file.write_text(begun, "utf-8")  # as whoever writes it anew has come so far
    clock.now += LOOK
    with monkeypatch.context() as meanwhile, file.open("a", encoding="utf-8") as writing:
        meanwhile.setattr("bot.policy.time.sleep", lambda _: writing.write("  甲报: everyone\n") and writing.flush())
        assert "内部参考" not in policy.readable((), signed_in=False)
        writing.write(rest)
    clock.now += LOOK
    assert names(policy.readable((), signed_in=False)) == {"柳桥晚报", "另一份报", "-"}
