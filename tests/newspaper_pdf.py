"""Newspaper pages set by the tests: boxes of type at places of ours, as a PDF with a text layer.

The text is invented. A column is set as printers do: two characters of indent, no gap between characters, a last line
that ends where it ends.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

FONT = "STSong-Light"  # every reader of PDFs has it: nothing is embedded
BODY, LEADING = 10.0, 15.0
WIDTH, HEIGHT = 595.0, 842.0
MARGIN, GUTTER = 40.0, 16.0
FERRY = [
    "本报云溪5月10日电（记者 林晓 通讯员 周禾）停了八个月的云溪渡轮昨天重新开航。"
    "船是新造的，能载四十人，比旧船多出一倍。",
    "乡里补贴了二十二万元，票价仍是两元，七十岁以上的老人不收钱。渡口旁还盖了一座候船的凉亭，冬天生炉子，夏天有风扇。",
    "“没有渡轮的日子，去镇上要绕十五公里。”家住对岸的陈阿婆说，她每个星期要去镇上看两次病，如今十分钟就到了。",
    "开航头一天，渡轮一共跑了二十六趟，送了七百多人。船长老许说，逢集的日子还要再加六趟，最晚一班开到晚上九点半，"
    "赶夜校的人也坐得上。",
]
GRANARY = [
    "本报石门5月10日电（记者 沈越）石门镇的旧粮仓改成了图书馆，藏书六千册，本月起对所有人开放。",
    "图书馆每天开到晚上八点，星期一休息。镇里花了四十万元修屋顶，书架是木匠们用旧粮仓的木板做的。",
    "馆长秦望说，来得最多的是放了学的孩子，作业写完才回家。",
]
SCHOOL = [
    "本报柳桥5月10日电（记者 宋禾）入夜，柳桥镇的夜校开讲第一课。来听课的有六十三人，最年长的七十一岁。",
    "夜校一周开三个晚上，教的是算账、电工和急救，不收学费。镇里说，秋天还要开一门英语课，老师已经请好。",
    "报名的人比座位多，镇里又从中学借来四十把椅子，摆到走廊上。",
]
_NOT_FIRST = "，。！？；：、”’）》"


@dataclass
class Paper:
    """A sheet that is being set; y counts from its top."""

    path: Path
    columns: int = 3
    gutter: float = GUTTER
    rotation: int = 0

    def __post_init__(self) -> None:
        pdfmetrics.registerFont(UnicodeCIDFont(FONT))
        self.canvas = Canvas(str(self.path), pagesize=(WIDTH, HEIGHT))  # as it is seen
        if self.rotation:  # the sheet is drawn lying, and the file says how to turn it
            self.canvas.setPageRotation(self.rotation)
            self.canvas.translate(*{90: (HEIGHT, 0), 180: (WIDTH, HEIGHT), 270: (0, WIDTH)}[self.rotation])
            self.canvas.rotate(self.rotation)
        self.column = (WIDTH - 2 * MARGIN - self.gutter * (self.columns - 1)) / self.columns

    def left(self, column: int) -> float:
        return MARGIN + column * (self.column + self.gutter)

    def line(self, text: str, x: float, top: float, size: float = BODY) -> None:
        self.canvas.setFont(FONT, size)
        self.canvas.drawString(x, HEIGHT - top - 0.88 * size, text)

    def upright(self, text: str, x: float, top: float, size: float) -> None:
        for n, character in enumerate(text):
            self.line(character, x, top + n * size * 1.1, size)

    def headline(self, text: str, column: int, span: int, top: float, size: float) -> None:
        """A line in the middle of the columns that it spans."""
        width = span * self.column + (span - 1) * self.gutter
        assert size * len(text) <= width + 40, f"{text!r} is wider than its columns"
        self.line(text, self.left(column) + (width - size * len(text)) / 2, top, size)

    def flow(
        self,
        paragraphs: Sequence[str],
        boxes: Sequence[tuple[int, float, float]],
        size: float = BODY,
        leading: float = LEADING,
        *,
        hang: bool = True,
    ) -> None:
        """Set paragraphs into boxes (column, top, bottom), one after the other."""
        lines = [line for paragraph in paragraphs for line in set_lines(paragraph, int(self.column // size), hang=hang)]
        for column, top, bottom in boxes:
            at = top
            while lines and at + leading <= bottom:
                indent, text = lines.pop(0)
                self.line(text, self.left(column) + indent * size, at, size)
                at += leading
        assert not lines, f"{len(lines)} lines too many for the boxes"

    def next_sheet(self) -> None:
        self.canvas.showPage()

    def save(self) -> Path:
        self.canvas.save()
        return self.path


def three_column_page(path: Path, rotation: int = 0) -> Path:
    """Three articles: under a headline across two of three columns, in the third column, under all three."""
    paper = Paper(path, rotation=rotation)
    paper.line("石门日报　2023年5月11日　星期四　第3版　综合新闻", MARGIN, 24, 9)
    paper.headline("停航八个月 云溪渡轮又开了", 0, 2, 52, 26)
    paper.headline("新船能载四十人，票价仍是两元", 0, 2, 86, 14)
    paper.flow(FERRY, [(0, 112, 230), (1, 112, 330)])
    paper.headline("旧粮仓变图书馆", 2, 1, 52, 20)
    paper.flow(GRANARY, [(2, 84, 330)])
    paper.headline("柳桥夜校开讲第一课", 0, 3, 350, 24)
    paper.flow(SCHOOL, [(0, 386, 450), (1, 386, 450), (2, 386, 450)])
    return paper.save()


def page_of_chance(path: Path, seed: int) -> dict[str, list[str]]:
    """A page of three to five columns, cut into articles of one to three columns' width by chance.

    Size of type, leading, gutters, sizes and places of headlines differ. Gives what was set: headlines and paragraphs.
    """
    chance = random.Random(seed)
    size = float(chance.choice([8, 9, 10]))
    leading = size * chance.choice([1.35, 1.5, 1.7])
    paper = Paper(path, columns=chance.choice([3, 4, 5]), gutter=size * chance.choice([1.2, 1.6, 2.2]))
    paper.line("石门日报　2023年5月11日　星期四　第3版", MARGIN, 20, 9)
    told: dict[str, list[str]] = {}
    top = 50.0
    while top < 500:
        column, bottoms = 0, [top]
        while column < paper.columns:
            span = min(paper.columns - column, chance.choice([1, 1, 2, 2, 3]))
            width = span * paper.column + (span - 1) * paper.gutter
            number = len(told)
            title = f"{'甲乙丙丁戊己庚辛壬癸'[number % 10]}{'东西南北'[number // 10]}{chance.choice(_TITLES)}"
            large = min(chance.choice([1.5, 1.8, 2.2, 2.8]) * size, 0.98 * width / len(title))
            if large < 1.4 * size:
                large, title = 1.4 * size, title[: int(width // (1.4 * size))]
            if chance.random() < 0.5:
                paper.headline(title, column, span, top, large)
            else:
                paper.line(title, paper.left(column), top, large)
            others = [*FERRY[1:], *GRANARY[1:], *SCHOOL[1:]]
            body = [
                f"本报讯（记者 林晓）第{number}号消息。{FERRY[0][30:]}",
                *chance.sample(others, chance.randint(1, 5)),
            ]
            lines = sum(len(set_lines(paragraph, int(paper.column // size), hang=False)) for paragraph in body)
            begin = top + large + chance.choice([6, 10])
            bottom = begin + -(-lines // span) * leading + 0.5
            paper.flow(body, [(column + n, begin, bottom) for n in range(span)], size, leading, hang=False)
            told[title] = body
            bottoms.append(bottom)
            column += span
        top = max(bottoms) + chance.choice([14, 20, 30])
    paper.save()
    return told


_TITLES = ("溪渡轮又开航", "旧粮仓变图书馆", "夜校开讲第一课", "站北移六十米")


def set_lines(paragraph: str, width: int, *, hang: bool = True) -> list[tuple[int, str]]:
    """Lines of `width` ems, the first two of the paragraph's white; no line begins with a full stop.

    It hangs over the edge, or takes the character before it to the next line.
    """
    lines: list[tuple[int, str]] = []
    indent, line, used = 2, "", 2.0
    for character in paragraph:
        em = 0.5 if character.isascii() else 1.0
        if used + em > width and not (hang and character in _NOT_FIRST):
            kept = ""
            while character in _NOT_FIRST and (not kept or kept[0] in _NOT_FIRST):
                kept, line = line[-1] + kept, line[:-1]
            lines.append((indent, line))
            indent, line, used = 0, kept, float(len(kept))
            if character == " ":
                continue  # at a line's end it is white like the rest
        line, used = line + character, used + em
    return [*lines, (indent, line)]
