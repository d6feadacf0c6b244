"""The rule: every line has one role, roles follow each other only as they can on paper, and what the weights are
learned from is such a page too."""

import random
from itertools import pairwise
from pathlib import Path

import pytest

from ingest.articles import split_page
from ingest.evidence import page_evidence
from ingest.lines import cut_lines
from ingest.pages import read_page
from ingest.roles import FOLLOWS, Role, line_roles, starts_article
from ingest.training.composed_pages import Piece, compose_page

OWN = sorted(Path(__file__).parent.glob("pages/*.txt"))


@pytest.fixture(scope="module")
def pieces() -> list[Piece]:
    articles = [a for file in OWN for a in split_page(read_page(file)).articles]
    return [Piece(a.title or "", a.text) for a in articles]


def test_composed_pages_carry_a_role_for_every_line_and_the_starts_of_their_articles(pieces):
    rng = random.Random(1)
    for _ in range(80):
        page = compose_page(rng.sample(pieces, 4), rng)
        lines = cut_lines(page.text)
        assert len(lines) == len(page.roles)
        begun = [starts_article(before, role) for before, role in pairwise([None, *page.roles])]
        assert tuple(line.start for line, begins in zip(lines, begun, strict=True) if begins) == page.starts


def test_roles_follow_each_other_only_as_they_can(pieces):
    rng = random.Random(2)
    for _ in range(40):
        page = compose_page(rng.sample(pieces, 4), rng)
        for roles in (page.roles, line_roles(page_evidence(cut_lines(page.text)))):
            assert all(after in FOLLOWS[before] for before, after in pairwise(roles))


@pytest.mark.parametrize(
    ("before", "role", "begins"),
    [
        (None, Role.HEADLINE, True),
        (Role.PARAGRAPH, Role.OPENING, True),
        (Role.KICKER, Role.HEADLINE, False),
        (Role.HEADLINE, Role.JUMP, False),
        (Role.PARAGRAPH, Role.JUMP, True),
        (Role.PARAGRAPH, Role.SUBHEAD, False),
        (Role.PARAGRAPH, Role.CONTINUATION, False),
    ],
)
def test_an_article_begins_with_its_topmost_line(before, role, begins):
    assert starts_article(before, role) is begins
