"""The list of English words and phrases with what Chinese newspapers print for them, from `english.tsv`.

In: an English text in tokens. Out: the longest entry that begins at a token, in whatever form the asker used its words
(villages, signed, bought). The list is read on first use. It knows no grammar and chooses between no meanings.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

TABLE = Path(__file__).with_name("english.tsv")
HAN = "\u3400-\u9fff"
_DOTTED = re.compile(r"\b(?:[A-Za-z]\.){2,}")  # U.S. is US
_TOKEN = re.compile(
    rf"[\ue000-\uf8ff]|[\d.,]*\d*[{HAN}][{HAN}\d.%]*|\d[\d,.]*\d%?|\d[a-z]*%?|[A-Za-z](?:[A-Za-z0-9]|['’.](?=[A-Za-z0-9]))*",
    re.I,
)
_POSSESSIVE = re.compile(r"['’]s$|(?<=s)['’]$", re.IGNORECASE)
_VOWELS = "aeiou"
# Forms that no rule makes: each with the word that it is a form of.
_IRREGULAR = dict(
    pair.split("=")
    for pair in (
        "ate=eat eaten=eat became=become began=begin begun=begin bent=bend bit=bite bitten=bite bled=bleed blew=blow "
        "blown=blow bought=buy bore=bear born=birth bred=breed broke=break broken=break brought=bring built=build "
        "burnt=burn came=come caught=catch chose=choose chosen=choose children=child crises=crisis dealt=deal "
        "died=die dies=die dying=die drank=drink drawn=draw drew=draw driven=drive drove=drive dug=dig dead=die "
        "fed=feed feet=foot fell=fall fallen=fall felt=feel fled=flee flew=fly flown=fly forgot=forget fought=fight "
        "found=find froze=freeze frozen=freeze gave=give given=give geese=goose gone=go got=get grew=grow grown=grow "
        "held=hold heard=hear hid=hide hidden=hide kept=keep knew=know known=know laid=lay leaves=leaf led=lead "
        "left=leave lent=lend lain=lie lay=lie lives=life lost=lose lying=lie made=make meant=mean men=man met=meet "
        "mice=mouse paid=pay people=people ran=run rang=ring ridden=ride risen=rise rode=ride rose=rise said=say "
        "sang=sing sank=sink sat=sit saw=see seen=see sent=send shook=shake shot=shoot shown=show shrank=shrink "
        "slept=sleep slid=slide sold=sell spent=spend spoke=speak spoken=speak spun=spin stole=steal stolen=steal "
        "stood=stand struck=strike sung=sing sunk=sink swam=swim swept=sweep swum=swim swore=swear taken=take "
        "taught=teach teeth=tooth told=tell thought=think threw=throw thrown=throw took=take tore=tear torn=tear "
        "tying=tie understood=understand went=go wives=wife woke=wake women=woman won=win wore=wear worn=wear "
        "wound=wound written=write wrote=write knives=knife shelves=shelf wolves=wolf thieves=thief media=media "
        "criteria=criterion larger=large bigger=big higher=high lower=low longer=long older=old younger=young "
        "later=late earlier=early faster=fast deeper=deep poorer=poor richer=rich stronger=strong weaker=weak "
        "safer=safe cheaper=cheap"
    ).split()
)


@dataclass(frozen=True, slots=True)
class Token:
    """A word or number of a text: `text` in small letters, `capital` where the asker wrote it with one."""

    text: str
    capital: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the list. A `name` matches only what is written with a capital letter."""

    words: tuple[str, ...]
    chinese: tuple[str, ...]
    name: bool


class WordList:
    """All entries, by their first words."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._by_first: dict[str, list[Entry]] = {}
        for entry in entries:
            self._by_first.setdefault(entry.words[0], []).append(entry)
        for alike in self._by_first.values():
            alike.sort(key=lambda entry: -len(entry.words))

    def longest(self, tokens: Sequence[Token], at: int, *, any_case: bool = False) -> Entry | None:
        """The longest entry that begins with the token `at`."""
        best: Entry | None = None
        for form in forms(tokens[at].text):
            for entry in self._by_first.get(form, ()):
                longer = best is None or len(entry.words) > len(best.words)
                if (
                    longer
                    and _matches(entry, tokens, at)
                    and (any_case or not entry.name or _capital(tokens, at, entry))
                ):
                    best = entry
        return best


def _matches(entry: Entry, tokens: Sequence[Token], at: int) -> bool:
    rest = tokens[at + 1 : at + len(entry.words)]
    return len(rest) == len(entry.words) - 1 and all(
        word in forms(token.text) for word, token in zip(entry.words[1:], rest, strict=True)
    )


def _capital(tokens: Sequence[Token], at: int, entry: Entry) -> bool:
    return any(token.capital for token in tokens[at : at + len(entry.words)])


def tokens_of(text: str) -> list[Token]:
    """Words and numbers of `text` in order, without accents, hyphens and possessive endings; Chinese stays whole."""
    plain = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    plain = _DOTTED.sub(lambda found: found[0].replace(".", ""), plain)
    return [_token(_POSSESSIVE.sub("", found[0])) for found in _TOKEN.finditer(plain)]


def _token(written: str) -> Token:
    return Token(re.sub("['’]", "", written).lower(), written != written.lower())


@lru_cache(maxsize=5000)
def forms(word: str) -> tuple[str, ...]:
    """`word` and what it may be a form of, the likeliest first: cities, city; planned, plan; using, use."""
    found = [_IRREGULAR[word], word] if word in _IRREGULAR else [word]  # won is no money, and found founds nothing
    found += [form for form in _regular(word) if len(form) > 1]
    return tuple(dict.fromkeys(found))


def _regular(word: str) -> Iterator[str]:
    if word.endswith("ies") and len(word) > 4:
        yield word[:-3] + "y"
    if word.endswith("es") and len(word) > 3:
        yield word[:-2]
    if word.endswith("s") and not word.endswith("ss"):
        yield word[:-1]
    if word.endswith("ied") and len(word) > 4:
        yield word[:-3] + "y"
    if word.endswith("iest") and len(word) > 5:
        yield word[:-4] + "y"
    for ending in ("ing", "ed", "est"):
        stem = word.removesuffix(ending)
        if stem != word and len(stem) > 1 and any(c in "aeiouy" for c in stem):
            if len(stem) > 2 and stem[-1] == stem[-2] and stem[-1] not in _VOWELS:
                yield stem[:-1]
            yield from (stem, stem + "e")


@cache
def read_word_list() -> WordList:
    """The shipped list."""
    return WordList(read_entries())


def read_entries() -> Iterator[Entry]:
    """Every entry of the table, in its order."""
    for line in TABLE.read_text("utf-8").splitlines():
        if line and line[0] != "#":
            english, _, chinese = line.partition("\t")
            yield Entry(tuple(_key(english)), tuple(chinese.split(" ")), english[0].isupper())


def _key(english: str) -> Iterator[str]:
    """The words of a key; it is plain English, so that no token of it needs a closer look."""
    if english.isascii() and english.replace(" ", "").isalpha():
        yield from english.lower().split(" ")
    else:
        yield from (token.text for token in tokens_of(english))
