"""Small stories of our own for the archive's tests: each names what no other one names."""

TOWNS = ("柳桥镇", "石塘镇", "青浦里", "云溪乡", "白马渡", "南浔口", "东山坞", "龙湾村", "梅岭关", "沙洲岛")
THINGS = ("夜校", "渡轮", "粮仓", "水库", "戏台", "图书角", "茶园", "灯塔", "集市", "驿道")


def story(number: int) -> dict:
    """Record `number`: some ninety characters, dated, told apart from all others by its figures."""
    town, thing = TOWNS[number % 10], THINGS[number // 10 % 10]
    text = (
        f"{town}的{thing}昨日重新开放，编号为丁{number:05d}。负责人说，"
        f"修缮一共花了{number + 3}万元，用了{number % 11 + 2}个月。\n"
        f"开放首日，来的人排到了街口，其中有{number % 37 + 5}位老人带着孙辈。{town}还打算在明年把旁边的旧屋也修起来。"
    )
    day = f"2022-{number % 12 + 1:02d}-{number % 28 + 1:02d}"
    return {
        "id": f"s{number}",
        "title": f"{town}{thing}重开 丁{number:05d}",
        "text": text,
        "date": day,
        "paper": "试报",
    }


def stories(count: int, first: int = 0) -> list[dict]:
    return [story(number) for number in range(first, first + count)]
