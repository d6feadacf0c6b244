"""Which articles of one issue are parts of one: (下转第3版) on the first page, (上接第1版) on the third.

In: the parts of one issue. Out: pairs of article ids, front part first. It never guesses: where page numbers alone
leave a choice, the words have to decide clearly, or the parts stay apart.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from ingest.catalog_writer import Part
from ingest.identity import squeeze

CLEARLY = 2.0  # times more likeness than any other choice, from both ends, before words decide
LEAST = 3  # bigrams in common below which two parts are strangers


def link_parts(parts: Sequence[Part]) -> list[tuple[str, str]]:
    """Pairs (front, back) where the front says that it goes on on the back's page and the back names the front's."""
    fronts: dict[tuple[str, str], list[Part]] = {}
    backs: dict[tuple[str, str], list[Part]] = {}
    for part in parts:
        here = _page(part.page)
        if here and part.continued_to:
            fronts.setdefault((here, _page(part.continued_to)), []).append(part)
        if here and part.continued_from:
            backs.setdefault((_page(part.continued_from), here), []).append(part)
    pairs: list[tuple[str, str]] = []
    for way in fronts.keys() & backs.keys():
        pairs += _pair(fronts[way], backs[way])
    return sorted(pairs)


def _page(page: str | None) -> str:
    """A page's name without what is written around it: 第01版 and 1 are one page, A1 and 1 are two."""
    name = squeeze(page or "").removeprefix("第").removesuffix("版").upper()
    return re.sub(r"(?<!\d)0+(?=\d)", "", name)


def _pair(fronts: Sequence[Part], backs: Sequence[Part]) -> Iterable[tuple[str, str]]:
    if len(fronts) == len(backs) == 1:
        yield fronts[0].article_id, backs[0].article_id
        return
    like = [[_likeness(front, back) for back in backs] for front in fronts]
    for i, front in enumerate(fronts):
        for j, back in enumerate(backs):
            others = [like[i][b] for b in range(len(backs)) if b != j]
            others += [like[f][j] for f in range(len(fronts)) if f != i]
            if like[i][j] >= LEAST and like[i][j] >= CLEARLY * max(others):
                yield front.article_id, back.article_id


def _likeness(front: Part, back: Part) -> int:
    """Bigrams of characters in common; headlines count too, since a back part often repeats the front's, shortened."""
    return sum((_bigrams(front) & _bigrams(back)).values())


def _bigrams(part: Part) -> Counter[str]:
    text = squeeze((part.title or "") + "\n" + part.text)
    return Counter(text[i : i + 2] for i in range(len(text) - 1))
