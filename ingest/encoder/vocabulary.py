"""Counted words into the built-in encoder's tokenizer.

In: in how many articles each word stands. Out: a Unigram tokenizer whose pieces are the most frequent words, every
character among them, and whose scores are their log frequencies: no training, and what jieba takes for a word is a
piece. Used when an encoder is trained, never when one is read.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from tokenizers import Regex, Tokenizer
from tokenizers.models import Unigram
from tokenizers.normalizers import NFKC, Lowercase
from tokenizers.normalizers import Sequence as Steps
from tokenizers.pre_tokenizers import Split

UNKNOWN = "[UNK]"  # piece 0; its vector is zero
LONGEST = 6  # characters: longer pieces are titles and slogans, which their words say as well
RARE = 0.5  # articles: the count of a character that no article has as a word of its own
_RUN = r"\p{Han}+|\p{Latin}+|\p{N}+"  # a piece never crosses from one script into another; all else is dropped
_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_PIECE = re.compile(rf"[{_HAN}]{{1,{LONGEST}}}|[a-z]+|[0-9]+")


def build_tokenizer(counts: Mapping[str, int], size: int) -> Tokenizer:
    """A tokenizer of `size` pieces at most, the unknown one included; `counts` in falling order."""
    words = [word for word in counts if _PIECE.fullmatch(word)]
    characters = sorted({character for word in words for character in word})
    pieces = list(dict.fromkeys([*characters, *words]))[: size - 1]
    total = sum(counts.values())
    scores = [(piece, math.log(counts.get(piece, RARE) / total)) for piece in pieces]
    tokenizer = Tokenizer(Unigram([(UNKNOWN, math.log(RARE / total)), *scores], unk_id=0))
    tokenizer.normalizer = Steps([NFKC(), Lowercase()])
    tokenizer.pre_tokenizer = Split(Regex(_RUN), "removed", invert=True)
    return tokenizer
