"""Every word of the archive's pages that is not the chat's too, in Chinese and in English.

In: a language. Out: its phrases; `{…}` are filled in where they are used. Paper, day and page are written as the chat
writes them (bot/page/texts.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date as Date  # noqa: N812 - as in models

from bot.page.texts import ZH as CHAT_ZH
from bot.page.texts import Words


@dataclass(frozen=True, slots=True)
class Phrases:
    """The words of the archive's pages in one language."""

    lang: str
    other: str
    other_name: str
    skip: str
    ask: str
    archive: str
    search: str
    find: str
    search_words: str
    holds: str
    updated: str
    empty: str
    empty_command: str
    newest: str
    new_since: str
    none_new: str
    and_more: str
    over_time: str
    over_time_told: str
    calendar: str
    calendar_told: str
    years: str
    colon: str
    undated: str
    papers: str
    paper: str
    articles: str
    share: str
    unknown_paper: str
    unknown_page: str
    places: str
    topics: str
    topics_of: str
    topics_all: str
    other_papers: str
    topics_told: str
    count: str
    ask_day: str
    ask_month: str
    ask_paper: str
    ask_place: str
    ask_period: str
    earlier: str
    later: str
    all_pages: str
    whole_page: str
    whole_day: str
    part: str
    results: str
    found: str
    found_more: str
    found_near: str
    found_nothing: str
    browse: str
    nothing_passes: str
    ask_instead: str
    by_rank: str
    by_newest: str
    by_oldest: str
    order: str
    narrow: str
    private: str
    old_version: str
    to_current: str
    versions: str
    version_now: str
    version_old: str
    print_it: str
    ask_article: str
    on_this_page: str
    previous_article: str
    next_article: str
    original: str
    quoted: str
    missing: str
    missing_told: str
    bad: str
    bad_told: str
    too_long: str
    too_often: str
    broken: str
    admin: str
    token: str
    sign_in: str
    sign_out: str
    wrong_token: str
    archive_age: str
    days_old: str
    generation: str
    asked_lately: str
    thumbs: str
    thumbs_told: str
    up_for: str
    memory: str
    by_day: str
    day: str
    asked_count: str
    answered_count: str
    refused_count: str
    failed_count: str
    median: str
    none_asked: str
    refused_title: str
    question: str
    why: str
    verdict: str
    verdict_up: str
    verdict_down: str
    generations: str
    made: str
    made_from: str
    live: str
    reports: str
    reports_told: str
    reports_file: str
    nothing_there: str
    nothing_found: str
    nothing_near: str
    not_allowed: str
    model_failed: str
    quarantine: str
    file: str
    since: str
    weekdays: tuple[str, ...]

    def reason(self, code: str | None) -> str:
        """Why a question was refused, for whoever runs the bot; a reason of a later version by its own name."""
        told = {
            "empty_archive": self.nothing_there,
            "no_evidence": self.nothing_found,
            "near_miss": self.nothing_near,
            "not_allowed": self.not_allowed,
            "model_failed": self.model_failed,
        }
        return told.get(code or "", code or "—")

    def month(self, day: Date) -> str:
        """A month as a reader writes it."""
        return f"{day.year}年{day.month}月" if self is ZH else f"{day:%B} {day.year}"

    def when(self, name: str) -> str:
        """A year (2023) or a month (2023-05) as a reader writes it; "" stays."""
        return (
            self.month(Date(int(name[:4]), int(name[5:]), 1)) if "-" in name else self.year(int(name)) if name else ""
        )

    def year(self, year: int) -> str:
        """A year as a reader writes it."""
        return f"{year}年" if self is ZH else str(year)

    def weekday(self, day: Date) -> str:
        """星期五, Friday."""
        return f"星期{self.weekdays[day.weekday()]}" if self is ZH else f"{day:%A}"

    def span(self, first: Date, last: Date, words: Words) -> str:
        """From a day to a day."""
        return words.day(first) if first == last else f"{words.day(first)} — {words.day(last)}"

    def counted(self, articles: int) -> str:
        """So many articles."""
        return self.count.format(articles) if self is ZH or articles != 1 else "1 article"


ZH = Phrases(
    lang="zh-CN",
    other="en",
    other_name="English",
    skip="跳到正文",
    ask="提问",
    archive="报纸库",
    search="检索",
    find="查找",
    search_words="要找的词，多个词用空格隔开",
    holds="{articles} 篇报道 · {days}",
    updated="{}更新",
    empty="库里还没有报纸",
    empty_command="用这条命令加入第一份：",
    newest="最近刊出",
    new_since="上次来访之后新到 {} 篇",
    none_new="上次来访之后没有新到的报道。",
    and_more="另有 {} 篇",
    over_time="按时间",
    over_time_told="每根柱子是一段时间的报道数；点一根，就打开那段时间。",
    calendar="日历",
    calendar_told="颜色越深，报道越多；点一天，就看那天的报纸。",
    years="各年",
    colon="：",
    undated="没有日期",
    papers="报纸",
    paper="报纸",
    articles="报道",
    share="起止",
    unknown_paper="报名不详",
    unknown_page="版次不详",
    places="从哪里发来",
    topics="最近 30 天在说什么",
    topics_of="{}在说什么",
    topics_all="在说什么",
    other_papers="其他报纸",
    topics_told="与其余报道相比格外常见的词；字越大，写到它的报道越多。点一个词，就查那段时间里写到它的报道。",
    count="{:,} 篇",
    ask_day="只问这一天的报纸",
    ask_month="只问这个月的报纸",
    ask_paper="只问这份报纸",
    ask_place="只问从{}发来的报道",
    ask_period="只问这一年的报纸",
    earlier="往前",
    later="往后",
    all_pages="各版",
    whole_page="整版",
    whole_day="当天全部",
    part="第 {} / {} 页",
    results="检索结果",
    found="{} 篇报道里有这些词",
    found_more="最相关的 {} 篇报道里有这些词；加上日期或报纸可以缩小范围",
    found_near="没有一篇同时有这些词。下面是最接近的：",
    found_nothing="没有找到。换几个词，或者放宽日期和报纸。",
    browse="{} 篇报道",
    nothing_passes="这个范围里没有报道。",
    ask_instead="把它当作问题来问",
    by_rank="最相关",
    by_newest="最新在前",
    by_oldest="最早在前",
    order="顺序",
    narrow="日期、报纸、地点",
    private="查找的词只在网址的 # 之后，不会进入服务器的访问日志。",
    old_version="这是旧版本，后来有更新。",
    to_current="看现在的版本",
    versions="各个版本",
    version_now="现在的版本",
    version_old="旧版本 {}",
    print_it="打印",
    ask_article="就这篇报道提问",
    on_this_page="同一版上",
    previous_article="上一篇",
    next_article="下一篇",
    original="原始网址",
    quoted="引用的地方已标出",
    missing="没有这一页",
    missing_told="这里没有可以看的内容：地址可能写错了，或者报道已经不在库里。",
    bad="这个请求看不懂",
    bad_told="地址或填写的内容有误。请改一改再试。",
    too_long="填写的内容太长了。",
    too_often="试得太快了，请过几秒再试。",
    broken="出了点问题，请稍后再试。",
    admin="运行情况",
    token="管理口令",  # noqa: S106 - a label
    sign_in="进入",
    sign_out="退出",
    wrong_token="口令不对。",  # noqa: S106 - a label
    archive_age="最近一份报纸",
    days_old="{} 天前",
    generation="第几代",
    asked_lately="近 30 天的提问",
    thumbs="赞与踩",
    thumbs_told="{} 赞 · {} 踩",
    up_for="已运行",
    memory="内存",
    by_day="每天的提问",
    day="时间",
    asked_count="提问",
    answered_count="已回答",
    refused_count="拒答",
    failed_count="模型失败",
    median="耗时（中位数）",
    none_asked="还没有人提问。",
    refused_title="没有找到答案的提问",
    question="提问",
    why="原因",
    verdict="评价",
    verdict_up="赞",
    verdict_down="踩",
    generations="保留的各代",
    made="生成时间",
    made_from="来自",
    live="正在使用",
    reports="最近几次入库",
    reports_told="还没有报告。入库时这样留一份：",
    reports_file="今天.json",
    nothing_there="报纸库是空的",
    nothing_found="什么也没找到",
    nothing_near="有相近报道，没有答案",
    not_allowed="无权查看",
    model_failed="模型没有答成",
    quarantine="隔离中的文件：{} 个",
    file="文件",
    since="从何时起",
    weekdays=("一", "二", "三", "四", "五", "六", "日"),
)

EN = Phrases(
    lang="en",
    other="zh",
    other_name="中文",
    skip="Skip to the content",
    ask="Ask",
    archive="Archive",
    search="Search",
    find="Find",
    search_words="Words to look for, with spaces between them",
    holds="{articles} articles · {days}",
    updated="updated {}",
    empty="The archive is empty",
    empty_command="Add a first page with this command:",
    newest="Latest",
    new_since="{} new since your last visit",
    none_new="Nothing new since your last visit.",
    and_more="{} more",
    over_time="Over time",
    over_time_told="Each bar is the number of articles of a stretch of time; click one to open it.",
    calendar="Calendar",
    calendar_told="The darker, the more articles; click a day to read its papers.",
    years="Years",
    colon=": ",
    undated="No date",
    papers="Newspapers",
    paper="Newspaper",
    articles="Articles",
    share="From — to",
    unknown_paper="Newspaper unknown",
    unknown_page="Page unknown",
    places="Where it was written",
    topics="What the last 30 days were about",
    topics_of="What {} was about",
    topics_all="What it is about",
    other_papers="Other newspapers",
    topics_told=(
        "Words far more common than in the other articles; the larger, the more articles have it. "
        "Click a word to find the articles of that time that have it."
    ),
    count="{:,} articles",
    ask_day="Ask about this day only",
    ask_month="Ask about this month only",
    ask_paper="Ask this newspaper only",
    ask_place="Ask only about what came from {}",
    ask_period="Ask about this year only",
    earlier="Earlier",
    later="Later",
    all_pages="Pages",
    whole_page="Whole page",
    whole_day="Whole day",
    part="Page {} of {}",
    results="Results",
    found="{} articles have these words",
    found_more="The {} most relevant articles with these words; add days or a newspaper to narrow it down",
    found_near="No article has all of these words. The nearest:",
    found_nothing="Nothing was found. Try other words, or a wider range of days and newspapers.",
    browse="{} articles",
    nothing_passes="There are no articles in this range.",
    ask_instead="Ask it as a question",
    by_rank="Best first",
    by_newest="Newest first",
    by_oldest="Oldest first",
    order="Order",
    narrow="Days, newspaper, place",
    private="The words stand only behind the # of the address; no access log of the server sees them.",
    old_version="This is an older version; the article was updated later.",
    to_current="Read the current version",
    versions="Versions",
    version_now="Current version",
    version_old="Older version {}",
    print_it="Print",
    ask_article="Ask about this article",
    on_this_page="On the same page",
    previous_article="Previous",
    next_article="Next",
    original="Original address",
    quoted="The quoted place is marked",
    missing="There is no such page",
    missing_told="There is nothing to read here: the address may be wrong, or the article is no longer in the archive.",
    bad="This request makes no sense",
    bad_told="Something in the address or the form is wrong. Please change it and try again.",
    too_long="What was sent is too long.",
    too_often="Too many tries; please wait a few seconds.",
    broken="Something went wrong. Please try again later.",
    admin="How it runs",
    token="Admin token",  # noqa: S106 - a label
    sign_in="Enter",
    sign_out="Leave",
    wrong_token="That is not the token.",  # noqa: S106 - a label
    archive_age="Newest paper",
    days_old="{} days ago",
    generation="Generation",
    asked_lately="Questions in 30 days",
    thumbs="Thumbs",
    thumbs_told="{} up · {} down",
    up_for="Running for",
    memory="Memory",
    by_day="Questions by day",
    day="Time",
    asked_count="Asked",
    answered_count="Answered",
    refused_count="Refused",
    failed_count="Model failed",
    median="Median time",
    none_asked="Nobody has asked yet.",
    refused_title="Questions without an answer",
    question="Question",
    why="Why",
    verdict="Verdict",
    verdict_up="Up",
    verdict_down="Down",
    generations="Generations kept",
    made="Made",
    made_from="Made from",
    live="live",
    reports="Last ingests",
    reports_told="There is no report yet. Leave one with:",
    reports_file="TODAY.json",
    nothing_there="the archive is empty",
    nothing_found="nothing found",
    nothing_near="articles come near, none answers",
    not_allowed="may not be read",
    model_failed="the model failed",
    quarantine="{} files in quarantine",
    file="File",
    since="Since",
    weekdays=("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"),
)


def phrases_for(words: Words) -> Phrases:
    """The phrases in the language of the chat's words."""
    return ZH if words is CHAT_ZH else EN
