"""How papers print: a style drawn by chance, and the small phrases (names, datelines, jump lines) in it.

In: a source of chance. Out: a Style, phrases. Written to cover many papers and decades, not to match one.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

KICKERS = (
    "要闻简报 今日关注 读者来信 市井百态 科技前沿 文化长廊 国际短波 经济观察 简讯 短评 "
    "民生热线 法治在线 图片新闻 体坛内外 观点 乡村来风 健康 本报评论 人物 环球 教育周刊 "
    "生活 深度 记者手记 大家谈 今日谈 小言论 消息树 群言 一周回眸 在基层 新闻链接 "
    "新闻背景 市场 副刊 书评 域外 假日生活 编者按 来论 一线"
).split()
_PLACES = (
    "北京 上海 天津 杭州 太原 武汉 广州 西安 沈阳 成都 重庆 南京 兰州 昆明 郑州 济南 福州 "
    "长沙 合肥 莫斯科 东京 巴黎 伦敦 华盛顿 平壤 河内 开罗 日内瓦"
).split()
_PAPERS = ("本报 本报 本报 新华社 新华社 新华社 中新社 人民日报 浙江日报 工人日报 塔斯社 法新社 路透社 合众社").split()
_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林郑谢罗梁宋唐许"
_GIVEN = "伟芳敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华文建国玉春生振海"
_ONES = " 一二三四五六七八九"
_CHINESE_DIGITS = str.maketrans("0123456789", "〇一二三四五六七八九")
_WIDE_DIGITS = str.maketrans("0123456789", "０１２３４５６７８９")
_NARROW_POINTS = str.maketrans("，；：？！（）", ",;:?!()")
_CORNER_QUOTES = str.maketrans("“”‘’", "「」『』")

# How often each of these happens to an article of a page, as likely on one page as on another.
_CHANCES = {
    "kicker": (0, 0, 0.1, 0.3, 0.6),
    "no title": (0, 0, 0.05, 0.2, 0.4),
    "beginning missing": (0, 0, 0.05, 0.12),
    "continued": (0, 0, 0.05, 0.15),
    "goes on": (0, 0, 0.05, 0.1),
    "break": (0, 0, 0, 0.15, 0.35),
    "subheads": (0, 0, 0, 0.15, 0.4),
    "shoulder": (0, 0, 0.1, 0.4),
    "subtitle": (0, 0, 0.15, 0.5),
    "short title": (0, 0, 0, 0.05, 0.15),
    "title in two lines": (0, 0, 0, 0.03),
    "tail": (0, 0, 0.1, 0.3),
    "short": (0, 0.1, 0.3, 0.7),
    "unclosed": (0, 0, 0, 0.02),
    "caption": (0, 0, 0, 0.04),
    "caption inside": (0, 0, 0.1, 0.3),
    "poem": (0, 0, 0, 0.06),
    "letter": (0, 0, 0, 0.1),
    "odd gap": (0, 0, 0, 0.1, 0.3),
}


@dataclass(frozen=True, slots=True)
class Style:
    """How one page is printed. `between`, `inside`, `at_break` count blank lines; `paragraph`, `width` characters."""

    between: int
    inside: int
    at_break: int
    indent: str
    head_indent: str
    paragraph: int
    width: int
    script: str
    datelines: str
    bylines: str
    chances: dict[str, float]

    def happens(self, what: str, rng: random.Random) -> bool:
        """Draw whether `what` happens this time."""
        return rng.random() < self.chances[what]

    def print(self, text: str) -> str:
        """Set a line in the page's digits and punctuation."""
        match self.script:
            case "narrow":
                return text.translate(_NARROW_POINTS)
            case "wide":
                return text.translate(_WIDE_DIGITS)
            case "chinese":
                return in_chinese(text)
            case "corners":
                return text.translate(_CORNER_QUOTES)
        return text


def draw_style(rng: random.Random) -> Style:
    """Draw one paper's style."""
    inside = rng.choice((0, 0, 0, 1, 1))
    return Style(
        between=max(inside, rng.choice((inside, inside, 1, 1, 2, 3))),
        inside=inside,
        at_break=rng.choice((inside, inside, 1, 1, 0)),
        indent=rng.choice(("", "", "", "　　", "　　", "    ")),
        head_indent=rng.choice(("", "", "", "　　", "　　　　")),
        paragraph=rng.choice((40, 70, 110, 160, 260)),
        width=rng.choice((18, 24, 30, 36)) if rng.random() < 0.05 else 0,
        script=rng.choices(("plain", "narrow", "wide", "chinese", "corners"), (0.55, 0.12, 0.13, 0.12, 0.08))[0],
        datelines=rng.choice(("keep", "keep", "keep", "old", "old", "bracketed", "behind", "few")),
        bylines=rng.choice(("none", "none", "line", "name", "mixed")),
        chances={what: rng.choice(often) for what, often in _CHANCES.items()},
    )


def draw_dateline(style: Style, rng: random.Random) -> str:
    """Draw a dateline of the style, with its byline, as it stands before the news."""
    agency, place = rng.choice(_PAPERS), rng.choice(_PLACES)
    day = f"{rng.randrange(1, 29)}日" if rng.random() < 0.5 else f"{rng.randrange(1, 13)}月{rng.randrange(1, 29)}日"
    wired = f"{agency}{place}{day}{rng.choice(('电', '电', '讯', '专电'))}"
    said = rng.choice((wired, wired, f"{agency}讯", f"据{wired}"))
    if style.datelines == "bracketed":
        return f"【{said}】"
    name = draw_name(rng)
    by = (f"（记者{name}）", f"记者{name}报道：", f"(记者 {name} 通讯员 {draw_name(rng)})", " ", "　", "：")
    return said + rng.choice(by)


def draw_byline(style: Style, rng: random.Random) -> str:
    """Draw the line that names the author under a headline, or the day of a document."""
    kind = style.bylines if style.bylines != "mixed" else rng.choice(("line", "name", "day"))
    name = draw_name(rng, padded=rng.random() < 0.4)
    if kind == "name":
        return rng.choice((name, f"{name} {draw_name(rng)}"))
    if kind == "day":
        year = in_chinese(str(rng.randrange(1950, 1999)))
        return f"（{year}年{in_chinese(str(rng.randrange(1, 13)))}月{in_chinese(str(rng.randrange(1, 29)))}日）"
    said = ("本报记者 ", "本报记者", "记者 ", "新华社记者 ", "■ 本报记者 ", "新华社通讯员 ")
    return rng.choice((*(who + name for who in said), "本报评论员", f"本报记者 {name} {draw_name(rng)}"))


def draw_tail(rng: random.Random) -> str:
    """Draw a signature or source at the end of an article."""
    name, place = draw_name(rng, padded=rng.random() < 0.4), rng.choice(_PLACES)
    signed = (
        f"（本报记者 {name}）",
        f"（{name}）",
        f"（记者{name}）",
        f"{name}摄",
        f"本报记者 {name} 摄",
        f"{place} {name}",
    )
    return rng.choice((*signed, "（完）", f"（作者：{name}）", f"（新华社{place}电）", f"编辑：{name}", "（附图片）"))


def draw_jump(way: str, rng: random.Random) -> str:
    """Draw a jump line; `way` is 上接 or 下转."""
    number = rng.randrange(1, 9)
    page = rng.choice((f"第{number}版", f"第{_ONES[number]}版", f"A{number}版", f"第0{number}版", f"{_ONES[number]}版"))
    return rng.choice(("（{}）", "（{}）", "({})", "【{}】")).format(way + page)


def draw_name(rng: random.Random, *, padded: bool = False) -> str:
    """Draw a person's name; a padded one has two characters with a space between."""
    given = rng.choice(_GIVEN) + (rng.choice(_GIVEN) if rng.random() < 0.6 and not padded else "")
    return rng.choice(_SURNAMES) + (rng.choice(("　", " ")) if padded else "") + given


def in_chinese(text: str) -> str:
    """Write numbers in characters: 1月23日 → 一月二十三日, 1956 → 一九五六."""

    def spell(match: re.Match[str]) -> str:
        digits = match[0]
        if len(digits) > 2 or digits[0] == "0":
            return digits.translate(_CHINESE_DIGITS)
        tens, ones = divmod(int(digits), 10)
        return (_ONES[tens].replace("一", "") + "十" if tens else "") + _ONES[ones].strip()

    return re.sub(r"[0-9]+", spell, text)
