"""Chinese names in Latin letters (Xu Wanghe, Liantang): whether a name can be read so, and where a text reads so.

In: a name in pinyin without tones, as English newspapers print it. Out: patterns of the characters that are read that
way. The table of readings is looked up on first use. It never decides which of several readings was meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from pathlib import Path

TABLE = Path(__file__).with_name("readings.tsv")
# Family names as they are spelled: song and fan are English words as well, and before a capital letter they are names.
SURNAMES = frozenset(
    (
        "ai an bai ban bao bei bi bian bo bu cai cao cen chai chang che chen cheng chi chu cui dai deng di diao ding "
        "dong dou du duan fan fang fei feng fu gan gao ge geng gong gu guan guo han hang hao he hong hou hu hua huang "
        "huo ji jia jian jiang jiao jin jing ju kang ke kong kuang lai lan lang lao lei leng li lian liang liao lin "
        "ling liu long lou lu luan luo lv ma mai man mao mei meng mi miao min mo mou mu ni nie ning niu ou pan pang "
        "pei peng pi pu qi qian qiao qin qiu qu quan ran rao ren rong ruan sha shan shang shao she shen sheng shi shu "
        "si situ song su sui sun tan tang tao teng tian tong tu wan wang wei wen weng wu xi xia xian xiang xiao xie "
        "xin xing xiong xu xuan xue yan yang yao ye yi yin ying you yu yuan yue zeng zha zhai zhan zhang zhao zhen "
        "zheng zhong zhou zhu zhuang zhuo zong zou zuo ouyang shangguan"
    ).split()
)
_LEAST, _MOST = 2, 6  # syllables: one alone is read by a hundred characters, and no name has seven
NOTHING = "(?!)"  # a pattern that nothing fits
_LONGEST = 6  # letters of a syllable: zhuang


def is_spelled(name: str) -> bool:
    """Whether `name`, in small letters without spaces, can be read as two or more Chinese syllables."""
    return any(True for _ in _cuts(name))


@lru_cache(maxsize=1000)
def spelled(name: str) -> re.Pattern[str]:
    """What finds characters that are read `name`; nothing where it cannot be read."""
    return _pattern(_cuts(name))


def beginnings(name: str) -> re.Pattern[str]:
    """What finds the first two characters of a longer name: 许望|禾, as it is cut where no list of words has it."""
    cuts = dict.fromkeys(cut[:_LEAST] for cut in _cuts(name) if len(cut) > _LEAST)
    return _pattern(cuts)


def _pattern(cuts: Iterable[Sequence[str]]) -> re.Pattern[str]:
    ways = ("".join(f"[{_readings()[syllable]}]" for syllable in cut) for cut in cuts)
    return re.compile("|".join(ways) or NOTHING)


def _cuts(name: str) -> Iterator[tuple[str, ...]]:
    """The ways to cut a name into syllables, li an for lian only where there is no other: papers write li'an."""
    if not (name.isascii() and name.isalpha() and len(name) <= _MOST * _LONGEST):
        return
    cuts = [cut for cut in _tails(name, _MOST) if len(cut) >= _LEAST]
    plain = [cut for cut in cuts if not any(syllable[0] in "aeo" for syllable in cut[1:])]
    yield from plain or cuts


def _tails(rest: str, most: int) -> Iterator[tuple[str, ...]]:
    if not rest:
        yield ()
    for end in range(1, min(_LONGEST, len(rest)) + 1 if most else 0):
        if rest[:end] in _readings():
            yield from ((rest[:end], *tail) for tail in _tails(rest[end:], most - 1))


@cache
def _readings() -> dict[str, str]:
    lines = TABLE.read_text("utf-8").splitlines()
    return dict(line.split("\t") for line in lines if line[0] != "#")
