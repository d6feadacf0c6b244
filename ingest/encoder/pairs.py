"""News into what the built-in encoder learns from: a piece of a sentence, and the passage that it comes from.

In: articles and the tokenizer. Out: pairs of token arrays. It draws from the generator that it is handed, so a seed
makes it repeatable. Used when an encoder is trained, never when one is read.
"""

from __future__ import annotations

from collections.abc import Iterable
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

Ids = NDArray[np.int32]


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


def make_pair(corpus: Corpus, sentence: int, random: np.random.Generator) -> tuple[Ids, Ids]:
    """A piece of the sentence, and the passage around it."""
    return _piece(corpus.sentences(sentence, sentence + 1), random), _passage(corpus, sentence, random)


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
