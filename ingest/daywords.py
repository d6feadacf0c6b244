"""What a phrase for days looks like: 昨日, 今年4月, 上周五, 去年底, 5月10日至12日, 国庆.

Out: `PHRASE`, whose named groups dayphrases.py reads, and the words in it that count days and years.
"""

from __future__ import annotations

import re

from ingest.numerals import DIGIT
from ingest.occasions import occasion_names

TO = r"\s?[-—–－~～至到]\s?"
YEAR_WORDS = {"大前年": -3, "前年": -2, "去年": -1, "上年": -1, "今年": 0, "本年": 0, "明年": 1, "后年": 2}
DAY_WORDS = {
    "大前天": -3,
    **dict.fromkeys(("前天", "前日"), -2),
    **dict.fromkeys(("昨天", "昨日", "昨晚", "昨夜", "昨晨"), -1),
    **dict.fromkeys(("今天", "今日", "今晚", "今晨", "今早"), 0),
    **dict.fromkeys(("明天", "明日", "明晚", "明晨"), 1),
    "后天": 2,
}

_N = rf"[{DIGIT}]{{1,2}}"
_COUNT = rf"(?<![\d.])(?:{_N}|[两半几])"
_YEAR_WORD = "|".join(YEAR_WORDS)
_UNIT = "(?:个(?P<{0}>月|星期|礼拜)|(?P<{0}_>天|日|周|星期|年))"
# A day called by a name; streets, prizes and people are named after some.
_OCCASION = rf"""(?:(?P<o_year>[{DIGIT}]{{4}})年|(?P<o_word>{_YEAR_WORD}))?的?
(?P<occasion>{"|".join(occasion_names())})(?!广场|路|街|大道|劳动奖|奖章|勋章|村|镇|小学|中学|文化|精神)"""
# A year, or what may be told without one. Everything is optional, but something must be there.
_CALENDAR = rf"""
(?:(?:(?P<from_year>[{DIGIT}]{{4}})年?{TO})?(?P<year>[{DIGIT}]{{4}})\s?年度?|(?P<year_word>{_YEAR_WORD})度?)?
(?:(?P<season>[春夏秋冬])[天季]?(?![节运晚])
  |第?(?P<quarter>[一二三四首1-4])季度?
  |(?P<half>[上下])半年
  |[前头](?P<first_months>{_N}|两)个月
  |\s?(?<![第\d.])(?:(?P<from_month>{_N}){TO})?(?P<month>{_N})\s?月(?![龄嫂薪租均供球])(?:份)?
   (?:\s?(?:(?P<from_day>{_N})日?{TO})?(?P<day>{_N})\s?[日号]|(?P<tenth>[上中下])旬|(?P<month_edge>[初底末]))?
  |(?P<edge>年?[底末]|年?初(?![步中级一二三次衷心选审诊始])|年中(?![国央秋共心医外小学]))
  |(?P<same>同期)
  |(?<![第\d.月])(?:(?P<from_bare>[0-9０-９]{{1,2}})日?{TO})?(?P<bare>[0-9０-９]{{1,2}})日(?![内均游龄照程元间复本])
  |(?P<han_bare>[一二三十]{{1,3}})日(?=[电讯上下晚早凌夜])
)?"""
_NAMED = "".join({name[0] for name in occasion_names()})
_KINDS = (
    r"(?<![\d.])(?P<iso>(?:19|20)\d\d([-/.])\d\d?\2\d\d?)(?![\d.])",
    rf"(?P<ago>{_COUNT}){_UNIT.format('ago_unit')}(?:之|以)?前(?![往来期后夕])",
    rf"(?:最近|近|过去|这|前(?!.个月))的?(?P<last>{_COUNT}){_UNIT.format('last_unit')}",
    rf"(?P<day_word>{'|'.join(DAY_WORDS)})",
    r"(?P<weeks>上上|上|本|这|下)个?(?:周|星期|礼拜)(?:(?P<weekday>[一二三四五六日天末])|(?![期边岁年刊遭围]))",
    rf"(?<![{DIGIT}两每])(?:周|星期|礼拜)(?P<bare_weekday>[一二三四五六日天])(?![年岁])",
    r"(?P<months>上上|上|本|这|下)(?:个月|月(?![球亮台牙]))"
    rf"(?:份|(?P<rel_tenth>[上中下])旬|(?P<rel_edge>[初底末])|(?P<rel_day>{_N})[日号])?",
    r"(?:(?P<century>上|本|二十一|二十|2[01])世纪)?(?P<decade>[2-9]0|[二三四五六七八九]十)年代",
    f"(?=[{DIGIT}{_NAMED}{''.join(YEAR_WORDS)}]){_OCCASION}",
    # Looked for first: all of it is optional, and Python would try every part at every character.
    rf"(?=[{DIGIT}]{{1,4}}(?:\s?[年月日季]|{TO})|大?.?[年季]|[上下]半|[前头].个月|第){_CALENDAR}",
)
# The first character decides at once for most of a text: twice as fast.
_FIRST = f"[{DIGIT}{_NAMED}今去昨明后前大上本这下最近过两半几周星礼第首头年]"
PHRASE = re.compile(f"(?={_FIRST})(?:{'|'.join(_KINDS)})", re.VERBOSE)
