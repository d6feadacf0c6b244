"""A negation that one of the two has and the other has not is found; what is said otherwise is not."""

import pytest

from bot.denials import denied_otherwise


@pytest.mark.parametrize(
    ("sentence", "newspaper", "found"),
    [
        ("工程未如期完工", "镇里的工程如期完工", ["未如期完"]),
        ("镇里没有公布名单", "镇里昨日公布名单", ["没有公布名"]),
        ("镇里公布名单", "镇里没有公布名单", ["镇里公布名"]),
        ("镇里尚未公布名单", "镇里没有公布名单", []),
        ("镇里没有说明原因", "镇里昨日公布名单", []),
        ("他们不仅公布名单", "镇里昨日公布名单", []),
        ("市里公布名单", "镇里没有公布名单", []),
    ],
)
def test_only_the_same_words_denied_by_one_side_are_found(sentence, newspaper, found):
    assert list(denied_otherwise(sentence, newspaper)) == found
