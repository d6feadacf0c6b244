"""Units of numbers, each by the words for it and what it measures: 公里 and km are 1000 米, 半年 is 6 月.

Out: patterns that find a unit behind (or a currency before) a number, and its common unit. Units that are not listed
are none: a number before them is compared by its value alone.
"""

from __future__ import annotations

import re
from decimal import Decimal

# Common unit, how many of it, its words. People and households, yuan and dollars are never each other's.
_TABLE = """
% 1 % percent 个百分号
% 10 成
百分点 1 个百分点 百分点 percentage-points
‰ 1 ‰
元 1 元人民币 元 块钱 人民币 yuan rmb
元 0.1 角钱
美元 1 美元 美金 dollars dollar usd
港元 1 港元 港币
欧元 1 欧元 euros euro
英镑 1 英镑 pounds
日元 1 日元 yen
韩元 1 韩元
卢布 1 卢布
卢比 1 卢比
澳元 1 澳元
加元 1 加元
瑞郎 1 瑞郎 瑞士法郎
米 1000 公里 千米 km kilometers kilometres kilometer kilometre
米 1 米 meters metres
米 0.1 分米
米 0.01 厘米 cm
米 0.001 毫米 mm
英里 1 英里 miles
海里 1 海里
英寸 1 英寸 寸
平方米 1 平方米 平米 ㎡ m²
平方米 1000000 平方公里 平方千米
亩 1 亩
亩 15 公顷
立方米 1 立方米 方 m³
克 1000000 吨 tons tonnes
克 1000 公斤 千克 kg
克 500 斤
克 1 克
克 0.001 毫克 mg
升 1 升
升 0.001 毫升 ml
瓦 1 瓦
瓦 1000 千瓦 kw
瓦 1000000 兆瓦 mw
瓦 1000000000 吉瓦 gw
度 1 千瓦时 度
字节 1 mb
字节 1024 gb
字节 1048576 tb
赫兹 1 hz 赫兹
毫安时 1 mah 毫安时
月 12 周年 年 years year
月 1 个多月 个月 months month
日 7 周 个星期 星期 weeks week
日 1 天 日 号 days day
时 1 个多小时 个小时 小时 hours hour
分 1 分钟 minutes minute
秒 1 秒钟 秒
岁 1 周岁 岁
世纪 1 世纪
季度 1 季度
人次 1 人次
人 1 人 名 位 口 people persons
户 1 户 households
家 1 家
个 1 个
次 1 次 趟 回 times
件 1 件
起 1 起
例 1 例 cases
项 1 项
条 1 条
辆 1 辆
艘 1 艘
架 1 架 架次
台 1 台
套 1 套
部 1 部
张 1 张
只 1 只
头 1 头
匹 1 匹
棵 1 棵 株
座 1 座
所 1 所
处 1 处
间 1 间
栋 1 栋 幢
层 1 层 楼
届 1 届
期 1 期
集 1 集
版 1 版
页 1 页
票 1 票
枚 1 枚
场 1 场
轮 1 轮
批 1 批
组 1 组
对 1 对
双 1 双
篇 1 篇
首 1 首
句 1 句
字 1 字
倍 1 倍 fold
等 1 等奖
级 1 级
℃ 1 摄氏度 ℃
分数 1 分
点 1 点
门 1 门
类 1 类
种 1 种
支 1 支
节 1 节
村 1 村
镇 1 镇
县 1 县
市 1 市
省 1 省
国 1 国
代 1 代
股 1 股
手 1 手
连 1 连胜 连败
胜 1 胜
负 1 负
平 1 平
号楼 1 号楼
号线 1 号线
路 1 路
金 1 金
银 1 银
铜 1 铜
"""
_UNITS: dict[str, tuple[str, Decimal]] = {}
for _line in _TABLE.split("\n"):
    if _line:
        _common, _factor, *_names = _line.split()
        _UNITS.update(dict.fromkeys((name.replace("-", " ") for name in _names), (_common, Decimal(_factor))))
_CURRENCIES = {"us$": "美元", "$": "美元", "¥": "元", "€": "欧元", "£": "英镑"}
_NAMES = sorted(_UNITS, key=len, reverse=True)
_HAN_NAMES = "|".join(re.escape(name) for name in _NAMES if not name.isascii())
_LATIN_NAMES = "|".join(re.escape(name) for name in _NAMES if name.isascii())

UNIT = re.compile(rf"\s?(?P<unit>{_HAN_NAMES}|(?:{_LATIN_NAMES})(?![a-z]))")
PREFIXES = re.compile(rf"(?:{'|'.join(map(re.escape, _CURRENCIES))})$")
# Behind a lone Chinese figure: 三家 is a number, 三农 is none.
COUNTED = f"(?:{'|'.join(re.escape(name) for name in _NAMES if not name.isascii())})"
# Three 个 may be three of these.
GENERAL = frozenset("人 家 项 件 起 例 条 处 座 所 类 种 场 支 组 届 期 部 套 张 只 村 镇 县 市 省 国".split())


def unit_of(name: str) -> tuple[str, Decimal]:
    """The common unit of a unit's word (or currency sign), and how many of it that is."""
    return _UNITS[_CURRENCIES.get(name.strip(), name.strip())]
