"""News, the thesaurus and our everyday questions into what the built-in encoder learns from: what belongs together.

In: articles, the tokenizer, thesaurus entries, questions with their articles. Out: pairs of token arrays: a piece of a
sentence and the passage that it comes from, half of the time with everyday words in place of printed ones; an everyday
wording and what newspapers print for it; a question and its article. It draws from the generator that it is handed, so
a seed makes it repeatable. Used when an encoder is trained, never when one is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from ingest.sentences import sentence_spans

SHORTEST = 4  # tokens: a shorter piece says too little to be found by
LEAST_KEPT = 0.3  # share of a sentence that its piece has at least
MOST_DROPPED = 0.5  # share of a piece's tokens: a question has few of the words of its answer
BEFORE, AFTER = 3, 5  # sentences: a passage reaches at most so far from its sentence, about a chunk in all
LEFT_OUT = 0.5  # share of the passages without the sentence itself: so what is told together comes to mean alike

SWAPPED = 0.5  # share of the pieces in which everyday words stand in for printed ones
EACH_SWAPPED = 0.6  # and there, of the words that have everyday ones
PRINTED_TOGETHER = 3  # words of an entry: what newspapers print for a wording, at most so many of it at once
OPENING, TOLD = 4, 8  # sentences: a question's passage begins in the first ones of its article and is so long
THINNED = 0.3  # share of a question's tokens that half of the time are dropped, at most

Ids = NDArray[np.int32]
Pair = tuple[Ids, Ids]


@dataclass(frozen=True, slots=True)
class Corpus:
    """All sentences as tokens: sentence i is `tokens[starts[i]:starts[i + 1]]`, of article `article[i]`."""

    tokens: Ids
    starts: NDArray[np.int64]
    article: Ids

    def sentences(self, first: int, last: int) -> Ids:
        """The tokens of sentences `first` to `last`, the latter excluded."""
        return self.tokens[self.starts[first] : self.starts[last]]


def read_corpus(texts: Iterable[str], tokenizer: Tokenizer) -> Corpus:
    """Cut articles into sentences and these into tokens."""
    tokens: list[Ids] = []
    article: list[int] = []
    for number, text in enumerate(texts):
        sentences = [text[start:end] for start, end in sentence_spans(text)]
        for encoding in tokenizer.encode_batch_fast(sentences, add_special_tokens=False):
            tokens.append(np.array(encoding.ids, np.int32))
            article.append(number)
    starts = np.cumsum([0, *map(len, tokens)])
    return Corpus(np.concatenate(tokens), starts, np.array(article, np.int32))


@dataclass(frozen=True, slots=True)
class Wordings:
    """The thesaurus as tokens: entries (everyday wordings, printed words), and a printed token's everyday ones."""

    entries: tuple[tuple[list[Ids], list[Ids]], ...]
    everyday: Mapping[int, list[Ids]]


def read_wordings(lines: Iterable[tuple[Sequence[str], Sequence[str]]], tokenizer: Tokenizer) -> Wordings:
    """Cut entries (everyday wordings, printed words) into tokens."""
    entries: list[tuple[list[Ids], list[Ids]]] = []
    everyday: dict[int, list[Ids]] = {}
    for left, right in lines:
        said, printed = _tokens(left, tokenizer), _tokens(right, tokenizer)
        if said and printed:
            entries.append((said, printed))
        for word in printed:
            if len(word) == 1:
                others = [other for other in said if len(other) > 1 or other[0] != word[0]]
                everyday.setdefault(int(word[0]), []).extend(others)
    return Wordings(tuple(entries), {token: others for token, others in everyday.items() if others})


def _tokens(words: Iterable[str], tokenizer: Tokenizer) -> list[Ids]:
    cut = (tokenizer.encode(word, add_special_tokens=False).ids for word in words)
    return [np.array(ids, np.int32) for ids in cut if ids]


def sentence_pair(corpus: Corpus, sentence: int, wordings: Wordings, random: np.random.Generator) -> Pair:
    """A piece of the sentence, as people might say it half of the time, and the passage around it."""
    piece = _piece(corpus.sentences(sentence, sentence + 1), random)
    if random.random() < SWAPPED:
        piece = _in_everyday_words(piece, wordings, random)
    return piece, _passage(corpus, sentence, random)


def entry_pair(wordings: Wordings, entry: int, random: np.random.Generator) -> Pair:
    """An everyday wording, and some of what newspapers print for it."""
    said, printed = wordings.entries[entry]
    some = random.permutation(len(printed))[: int(random.integers(1, PRINTED_TOGETHER + 1))]
    return said[random.integers(len(said))], np.concatenate([printed[each] for each in some])


def question_pair(corpus: Corpus, question: Ids, article: int, random: np.random.Generator) -> Pair:
    """An everyday question, thinned half of the time, and the opening of the article that it asks for."""
    first, last = np.searchsorted(corpus.article, (article, article + 1))
    start = first + int(random.integers(0, max(1, min(OPENING, last - first - 2))))
    kept = question[random.random(len(question)) >= random.uniform(0, THINNED) * (random.random() < 0.5)]
    return kept if len(kept) else question, corpus.sentences(start, min(last, start + TOLD))


def _in_everyday_words(piece: Ids, wordings: Wordings, random: np.random.Generator) -> Ids:
    said: list[Ids] = []
    for at, token in enumerate(piece.tolist()):
        others = wordings.everyday.get(token)
        swap = others is not None and random.random() < EACH_SWAPPED
        said.append(others[random.integers(len(others))] if swap and others else piece[at : at + 1])
    return np.concatenate(said)


def _piece(tokens: Ids, random: np.random.Generator) -> Ids:
    """A run of a sentence's tokens, some of them dropped."""
    length = max(SHORTEST, int(len(tokens) * random.uniform(LEAST_KEPT, 1)))
    start = int(random.integers(0, max(1, len(tokens) - length + 1)))
    run = tokens[start : start + length]
    kept = run[random.random(len(run)) >= random.uniform(0, MOST_DROPPED)]
    return kept if len(kept) else run


def _passage(corpus: Corpus, sentence: int, random: np.random.Generator) -> Ids:
    """The sentences around one, of its own article, half of the time without it."""
    first = max(0, sentence - int(random.integers(0, BEFORE + 1)))
    last = min(len(corpus.article), sentence + 1 + int(random.integers(1, AFTER + 1)))
    while corpus.article[first] != corpus.article[sentence]:
        first += 1
    while corpus.article[last - 1] != corpus.article[sentence]:
        last -= 1
    if last - first > 1 and random.random() < LEFT_OUT:
        return np.concatenate([corpus.sentences(first, sentence), corpus.sentences(sentence + 1, last)])
    return corpus.sentences(first, last)
