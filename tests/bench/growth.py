"""What an archive costs as it grows: seconds, memory and disk of `ingest add`, at several sizes.

`python -m tests.bench.growth --articles 10000 50000 100000` makes that many articles of our own (no two alike), adds
them to an empty archive each time, then the same file again, then 500 more, and prints a table. Each add is a process
of its own; memory is the most that it ever held (resident, files of the archive that it maps included).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path

from ingest.frequencies import read_frequencies
from tests.bench.report import circumstances
from tests.conftest import CHECKOUT

FIRST = date(2015, 1, 1)
MORE = 500
_SYLLABLES = "云石柳梅白青龙东沙桥塘岭渡湾洲乡镇村河山松竹兰泉溪岩港湖坪坝林原野谷峰塔寺井亭廊仓厂站街巷园圃校馆院所"
_THINGS = (
    "夜校 渡轮 粮仓 水库 戏台 图书角 茶园 灯塔 集市 驿道 卫生站 小学 粮站 石桥 堤坝 路灯 食堂 公交 苗圃 泵站".split()
)
_DEEDS = "重新开放 动工修缮 通过验收 投入使用 办起讲座 迎来首批客人 完成改造 开始招工 公布账目 添了设备".split()
_WHO = "镇里 村委会 负责人 工程队 街道办 老住户 养护站 志愿者 学校 供销社".split()
_SAID = "说 介绍 表示 算了一笔账 解释 补充".split()
_REST = "工期比原定的短 预算没有超出 材料都是本地的 附近居民出了力 夜间也有人值守 收费标准不变 下一步要修旧路".split()


@dataclass(frozen=True, slots=True)
class Row:
    """One add."""

    articles: int
    what: str
    seconds: float
    peak_mb: float
    disk_mb: float


def articles(count: int, characters: int, seed: int = 1, first: int = 0) -> Iterator[dict[str, object]]:
    """`count` articles of about `characters` each, told apart by names, figures, days and the words of its matter."""
    words = [word for word in read_frequencies().counts if len(word) > 1 and not word.isascii()]
    for number in range(first, first + count):
        rng = random.Random(f"{seed} {number}")
        place = "".join(rng.sample(_SYLLABLES, 3)) + rng.choice("镇村乡街")
        thing, topic = rng.choice(_THINGS), rng.sample(words, 12)
        sentences = [f"{place}的{thing}昨日{rng.choice(_DEEDS)}，编号为{rng.choice('甲乙丙丁')}{number}。"]
        while sum(map(len, sentences)) < characters:
            one, two, three, four = rng.sample(topic, 4)
            sentences.append(
                f"{rng.choice(_WHO)}{rng.choice(_SAID)}，{one}{two}花了{rng.randrange(2, 9000)}万元，"
                f"{three}和{four}{rng.choice(_REST)}，{''.join(rng.sample(_SYLLABLES, 2))}的{rng.choice(topic)}也在内。"
            )
            if rng.random() < 0.25:
                sentences[-1] += "\n"
        yield {
            "id": f"g{number}",
            "title": f"{place}{thing}{rng.choice(_DEEDS)}",
            "date": (FIRST + timedelta(days=number % 3650)).isoformat(),
            "paper": f"{rng.choice(_SYLLABLES)}州日报",
            "page": str(rng.randrange(1, 13)),
            "text": "".join(sentences),
        }


def write(path: Path, rows: Iterator[dict[str, object]]) -> None:
    """JSON lines, one at a time."""
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def add(root: Path, path: Path) -> tuple[float, float, dict[str, int]]:
    """Seconds, MB and report of one add."""
    env = {**os.environ, "WENBAO_DATA": str(root), "WENBAO_KEEP": "1"}
    command = [sys.executable, "-m", "ingest", "add", str(path), "--json"]
    began = time.monotonic()
    with tempfile.TemporaryFile("w+") as out:
        process = subprocess.Popen(command, cwd=CHECKOUT, env=env, stdout=out)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        report = json.loads(out.read())
    assert process.returncode == 0
    return time.monotonic() - began, used.ru_maxrss / (1024 if sys.platform == "linux" else 1 << 20), report


def megabytes(root: Path) -> float:
    """What lies on the disk; what is linked twice counts once."""
    files = {p.stat().st_ino: p.stat().st_size for p in root.rglob("*") if p.is_file()}
    return sum(files.values()) / 1e6


def grow(folder: Path, count: int, characters: int) -> Iterator[Row]:
    """An archive of `count` articles: made, seen again, added to."""
    root, path, more = folder / f"data{count}", folder / "all.jsonl", folder / "more.jsonl"
    write(path, articles(count, characters))
    write(more, articles(MORE, characters, first=count))
    for what, file in (("first add", path), ("same again", path), (f"{MORE} more", more)):
        seconds, peak, report = add(root, file)
        assert report["failures"] == []
        assert what != "same again" or report["embedded"] == 0
        yield Row(count, what, round(seconds, 1), round(peak), round(megabytes(root)))
    shutil.rmtree(root)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, nargs="+", default=[2_000, 10_000])
    parser.add_argument("--characters", type=int, default=400, help="length of an article's text")
    parser.add_argument("--json", type=Path, help="file to write the figures to")
    args = parser.parse_args()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        for count in args.articles:
            for row in grow(Path(folder), count, args.characters):
                rows.append(row)
                print(f"{row.articles:>9,}  {row.what:<10}  {row.seconds:>8.1f} s  {row.peak_mb:>6.0f} MB", end="")
                print(f"  disk {row.disk_mb:>6.0f} MB", flush=True)
    print(f"{args.characters} characters an article; {circumstances()}")
    if args.json:
        args.json.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
