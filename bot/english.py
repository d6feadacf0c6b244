"""An English question in Chinese words, so that it can be asked of Chinese pages without any model.

In: a question. Out: the words that a Chinese question would have, with other wordings that may stand for each, and
which of them are only spelled (names in Latin letters) or were not understood. A question in Chinese comes out as it
went in. It forms no sentence: words in the asker's order, what is asked for at the end.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.english_asking import MANY, MUCH, how_many, how_much, read_request
from bot.english_figures import with_figures
from bot.english_words import HAN, Entry, Token, read_word_list, tokens_of
from ingest.spelling import SURNAMES, is_spelled
from ingest.terms import search_terms

_CHINESE = re.compile(f"[{HAN}]")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ][\w'’-]*")
UNKNOWN_NAME, UNKNOWN_WORD = 0.5, 0.25  # what a word weighs that only stays in Latin: papers seldom print it so
_CLEAR = 6  # letters: a shorter word in small letters that can be read as Chinese (mean) is as likely English
_OTHERS = 5  # other wordings of an entry: what comes later is another meaning as often as not
# Words that only hold a sentence together. They part a row of words, which ends what is counted.
_IDLE = frozenset(
    (
        "a an the of in on at to for from by with and or but nor is are was were be been being am do does did done "
        "doing has have had having will would can could shall should may might must ought not no it its itself they "
        "them their theirs he him his she her hers we us our you your i me my mine this that these those there here "
        "who whom whose what which when where why how as than then also so if because whether while during into onto "
        "out up off down through per via about over under above below after before until till since between among "
        "within without against toward towards upon only just even still yet already ever very too much many more "
        "most some any each every both either other others another all such same own one ones please according get "
        "gets got make made let s re ve ll d t don doesn didn isn wasn aren th st nd rd etc e g become became come "
        "came go went gone going take took taken put thing things way around like mean means last lasted lasts mr mrs "
        "ms dr besides try tries tried"
    ).split()
)
# English words enough to tell an English question that quotes some Chinese from a Chinese one with English names.
_TELLING = frozenset("the of is are was were did does do what how who when where why which in to and".split())


@dataclass(frozen=True, slots=True)
class Translation:
    """A question as it is searched for.

    `others`: for a word of `text` (small letters) what newspapers may print instead. `spelled`: names in Latin letters,
    to be read as characters. `unsure`: what a word counts that was not understood, below 1. `names`: words of `text`
    that name something. `units`: what may follow the number that is asked for; empty where the text says it itself.
    """

    text: str
    others: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    spelled: frozenset[str] = frozenset()
    unsure: Mapping[str, float] = field(default_factory=dict)
    names: frozenset[str] = frozenset()
    units: tuple[str, ...] = ()
    english: bool = False

    def __bool__(self) -> bool:
        """Whether anything was translated."""
        return self.english

    def after(self, turns: Sequence[Translation]) -> Translation:
        """The same with what is known of the words of the turns before, which a follow-up may carry over."""
        known = [*turns, self]
        return replace(
            self,
            others={word: others for one in known for word, others in one.others.items()},
            spelled=frozenset().union(*(one.spelled for one in known)),
            unsure={word: share for one in known for word, share in one.unsure.items()},
            names=frozenset().union(*(one.names for one in known)),
        )

    def held(self, holds: Callable[[str], bool]) -> Translation:
        """The same without what was not understood and stands nowhere: the papers print it in Chinese, if at all.

        `holds` tells whether a search term stands in any article.
        """
        strange = {word for word in self.unsure if not all(map(holds, search_terms(word)))}
        if not strange:
            return self
        text = " ".join(word for word in self.text.split() if word not in strange)
        return replace(self, text=text, unsure={w: u for w, u in self.unsure.items() if w not in strange})


UNTRANSLATED = Translation("")


@dataclass(frozen=True, slots=True)
class _Piece:
    """One word of the translation; none for what only parts the row of words."""

    text: str = ""
    others: tuple[str, ...] = ()
    spelled: bool = False
    unsure: float = 1.0
    name: bool = False
    units: tuple[str, ...] = ()


_GAP = _Piece()


def is_english(question: str) -> bool:
    """Whether a question is English: without Chinese characters, or with a few that an English sentence holds."""
    words = _LATIN.findall(question)
    chinese = len(_CHINESE.findall(question))
    if not chinese:
        return bool(words)
    telling = sum(word.lower() in _TELLING for word in words)
    return telling > 1 and len(words) > chinese


def in_chinese(question: str) -> Translation:
    """The question in Chinese words; the question itself where it is not English or nothing in it is known."""
    if not is_english(question):
        return Translation(question)
    request = read_request(question)
    tokens = tokens_of(with_figures(request.rest))
    pieces = list(_joined(_pieces(tokens, any_case=not any(token.capital for token in tokens))))
    strange = sum(piece.unsure == UNKNOWN_WORD for piece in pieces)
    known = sum(bool(_CHINESE.search(piece.text)) or piece.spelled for piece in pieces)
    if strange > known or not (known or request.asks):  # another language, or nothing that anybody could look for
        return Translation(question)
    said = [piece for piece in _counted(pieces) if piece.text]
    words = [request.opens, *(piece.text for piece in said), *request.asks]
    return Translation(
        " ".join(dict.fromkeys(filter(None, words))),
        {piece.text.lower(): piece.others for piece in said if piece.others},
        frozenset(piece.text for piece in said if piece.spelled),
        {piece.text: piece.unsure for piece in said if known and piece.unsure < 1},  # else it is all there is
        frozenset(piece.text for piece in said if piece.name),
        next((piece.units for piece in said if piece.units), ()),
        english=True,
    )


def _person(tokens: Sequence[Token], at: int, *, any_case: bool) -> int:
    """How many tokens from `at` are a Chinese person's name, by its family name: Song He, Fan Bingbing; else 0."""
    pair = tokens[at : at + 2]
    if len(pair) < 2 or pair[0].text not in SURNAMES or not is_spelled("".join(token.text for token in pair)):
        return 0
    strange = any_case and not any(read_word_list().longest(tokens, i, any_case=True) for i in (at, at + 1))
    return 2 if strange or all(token.capital for token in pair) else 0


def _pieces(tokens: Sequence[Token], *, any_case: bool) -> Iterator[_Piece]:
    words, at = read_word_list(), 0
    while at < len(tokens):
        token = tokens[at]
        entry = words.longest(tokens, at, any_case=any_case)
        person = 0 if entry and len(entry.words) > 1 else _person(tokens, at, any_case=any_case)
        if person:
            yield from (_Piece(each.text, spelled=True) for each in tokens[at : at + person])
            yield _GAP
            at += person
        elif entry and not (len(entry.words) == 1 and token.text in _IDLE and not (entry.name and token.capital)):
            yield _known(entry)
            at += len(entry.words)
        else:
            yield _unknown(token, any_case=any_case)
            at += 1


def _known(entry: Entry) -> _Piece:
    return _Piece(entry.chinese[0], entry.chinese[1 : 1 + _OTHERS], name=entry.name)


def _unknown(token: Token, *, any_case: bool) -> _Piece:
    if token.text in _IDLE:
        return _GAP
    if token.text in (MANY, MUCH) or not token.text[0].isalpha() or _CHINESE.search(token.text):
        return _Piece(token.text)  # a figure, or what is Chinese by now
    name = token.capital or (any_case and len(token.text) >= _CLEAR and is_spelled(token.text))
    return _Piece(token.text, spelled=name, unsure=UNKNOWN_NAME if name else UNKNOWN_WORD)


def _joined(pieces: Iterator[_Piece]) -> Iterator[_Piece]:
    """Names of several words in one (Xu Wanghe), and each marked as spelled only where it can be read as Chinese."""
    held: list[_Piece] = []
    for piece in pieces:
        if piece.spelled:
            held.append(piece)
            continue
        yield from _name(held)
        held = []
        yield piece
    yield from _name(held)


def _name(parts: Sequence[_Piece]) -> Iterator[_Piece]:
    whole = "".join(part.text for part in parts)
    if whole and is_spelled(whole):
        yield _Piece(whole, spelled=True)
        return
    for part in parts:
        spelled = is_spelled(part.text)
        yield _Piece(part.text, spelled=spelled, unsure=1.0 if spelled else part.unsure)


def _counted(pieces: Sequence[_Piece]) -> Iterator[_Piece]:
    """`pieces` with what asks for a number settled by what is counted, and put behind it."""
    at = next((i for i, piece in enumerate(pieces) if piece.text in (MANY, MUCH)), None)
    if at is None:
        yield from pieces
        return
    row = [piece.text for piece in _row(pieces[at + 1 :])]
    if pieces[at].text == MANY:
        asked = how_many(row)
    else:
        asked = how_much(row, [text for piece in pieces for text in (piece.text, *piece.others)])
    taken = {i for i, text in enumerate(row, at + 1) if text == asked.takes} | {at}
    yield from (piece for i, piece in enumerate(pieces) if i not in taken)
    yield _Piece(asked.text, units=asked.units)


def _row(pieces: Sequence[_Piece]) -> Iterator[_Piece]:
    """The pieces up to the first gap."""
    for piece in pieces:
        if piece is _GAP:
            return
        yield piece
