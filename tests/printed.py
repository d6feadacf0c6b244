"""Newspapers of our own with days, pages, places and by-lines: three papers over fourteen months."""

from __future__ import annotations

from datetime import date, timedelta

from tests.stories import THINGS, TOWNS

PAPERS = ("石门日报", "白鹭晚报", "东山农民报")
FIRST = date(2022, 3, 7)
NAMES = ("沈 越", "陆小满", "许望禾", "宋 禾", "叶 青")
DEEDS = (
    "夜里多开了两个钟头", "添了一条直达班车", "把积水的路垫高了半米", "请来三位老师傅带徒弟", "第一次办起了读书会",
    "从旧仓库搬进了新楼", "账目贴到了门口", "给独居老人送去热饭", "种下的树活了九成", "停了十年又开张",
)  # fmt: skip
WHY = (
    "牵头的人说，这件事议了三回才定下来，钱是几家凑的，手艺是自己人出的。",
    "起初有人不信，等看见第一批账目贴出来，议论就少了。",
    "附近的住户说，从前要绕半个镇子，如今走几步就到。",
    "下一步怎么办，镇里打算先听一听大家的意见，再决定要不要推开。",
)


def printed(number: int) -> dict:
    """Record `number`: of one of three papers, the first one's oftener than the others'."""
    day = FIRST + timedelta(days=number // 7 * 3 + number % 3)
    paper = PAPERS[0 if number % 7 < 4 else 1 if number % 7 < 6 else 2]
    town, thing, deed = TOWNS[number % 10], THINGS[number // 3 % 10], DEEDS[number // 7 % 10]
    cost = f"从筹备到开门一共用了{number % 17 + 3}天，花去{number % 41 + 2}万元，编号为丙{number:04d}。"
    return {
        "id": f"p{number}",
        "title": f"{town}{thing}{deed}",
        "text": "\n".join((f"{town}的{thing}{deed}。{cost}", WHY[number % 4], WHY[(number + 1) % 4])),
        "date": day.isoformat(),
        "paper": paper,
        "page": str(number % 4 + 1),
        "place": town,
        "byline": f"本报记者 {NAMES[number % 5]}",
    }


def printed_rows(count: int, first: int = 0) -> list[dict]:
    """So many records."""
    return [printed(number) for number in range(first, first + count)]
