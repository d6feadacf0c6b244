"""Every word that a user of the page reads, in Chinese and in English, and which of the two a browser asks for.

Not Gradio's own I18n: that one knows `zh-CN` and `zh-TW` only and gives a browser set to `zh` or `zh-HK` English.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date as Date  # noqa: N812 - `date` is what callers name their values
from typing import Literal

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Words:
    """The page's words in one language; `{…}` are filled in where they are used."""

    name: str
    tagline: str
    conversation: str
    question: str
    ask: str
    send: str
    new_conversation: str
    greeting: str
    promise: str
    failed: str
    unsupported: str
    sources: str
    empty_question: str
    long_question: str
    source: str
    source_hint: str
    source_help: str
    back: str
    sample: str
    sample_mark: str
    page: str
    untitled: str
    starts_mid: str
    continued_from: str
    continued_to: str
    linked: str
    older: str
    withdrawn: str
    also_in: str
    corrected_by: str
    corrects: str
    earlier: str
    newest: str
    corrected: str
    changed: str
    own_page: str
    browse: str
    gone: str
    holdings: str
    holdings_sample: str
    holdings_empty: str
    paper: str
    more_papers: str
    filter: str
    since: str
    until: str
    in_paper: str
    any_paper: str
    in_place: str
    by: str
    filtered: str
    only_since: str
    only_until: str
    only_place: str
    only_byline: str
    written_from: str
    written_here: str
    write: str
    promise_written: str
    writing: str
    written_by: str
    tokens: str
    searched: str
    stop: str
    stopped: str
    stopped_early: str
    clear: str
    bad_day: str
    days_swapped: str
    conversations: str
    conversations_open: str
    no_conversations: str
    not_kept: str
    close: str
    cancel: str
    save: str
    rename: str
    new_title: str
    delete: str
    delete_sure: str
    delete_all: str
    delete_all_sure: str
    copy: str
    copied: str
    copy_failed: str
    up: str
    down: str
    thanks: str
    why: str
    why_long: str
    share: str
    share_link: str
    unshare: str
    unshared: str
    not_signed_in: str
    shared_title: str
    shared_gone: str
    shared_less: str
    shared_none: str
    edit: str
    edit_long: str
    retry: str
    answer_tools: str
    follow_ups: str
    same_page: str
    language: str
    language_long: str
    signed_in: str
    sign_out: str
    opening: str
    opening_asked: str
    lost: str
    unauthorised: str
    busy: str
    empty_title: str
    empty_how: str
    empty_sample: str
    seconds: str
    gone_already: str
    failed_act: str

    def day(self, day: Date) -> str:
        """A date as a reader writes it."""
        return f"{day.year}年{day.month}月{day.day}日" if self is ZH else f"{day.day} {day:%B} {day.year}"


ZH = Words(
    name="问报",
    tagline="一份会回答的报纸",
    conversation="对话",
    question="问题",
    ask="向报纸提问，按回车发送",
    send="提问",
    new_conversation="新对话",
    greeting="想从报上知道什么？",
    promise="每句回答都出自报上原文。点句末的 [1]，就能看到它在文章里的位置。",
    failed="出了点问题，没能回答。请再问一次。",
    unsupported="报上没有找到依据",
    sources="出处",
    empty_question="请写下想问的事。",
    long_question="问题有 {length:,} 个字，最多读 {limit:,} 个。请说得短些再问。",
    source="原文",
    source_hint="原文会在这里打开",
    source_help="点回答里的 [1]，就能看到整篇报道，引用的句子会标出来。",
    back="回到回答",
    sample="样报：随软件附带的示例文章，不是真实新闻",
    sample_mark="样报",
    page="第{}版",
    untitled="（无标题）",
    starts_mid="本文开头不在这一版上",
    continued_from="上接第{}版",
    continued_to="下转第{}版",
    linked="同一篇报道在另一版上的部分",
    older="这篇报道后来有更新，这里是较早的一版",
    withdrawn="这篇报道已于{}撤下，不再查找，也不再引用。",
    also_in="同一篇稿件也见于：{}",
    corrected_by="报纸后来作了更正：{}",
    corrects="更正的是：{}",
    earlier="较早的版本（{}）",
    newest="现在的版本",
    corrected="已更正",
    changed="改过",
    own_page="在报纸库里打开",
    browse="报纸库",
    gone="这篇报道已经不在库里了。",
    holdings="{articles} 篇报道 · {papers} · {days}",
    holdings_sample="样报 · {articles} 篇示例文章",
    holdings_empty="库里还没有报纸。用命令 python -m ingest add 文件或文件夹 加入第一份。",
    paper="《{}》",
    more_papers="{first}等 {count} 种报纸",
    filter="筛选",
    since="从哪天起",
    until="到哪天止",
    in_paper="报纸",
    any_paper="全部报纸",
    in_place="地点",
    by="作者",
    filtered="只找：{}",
    only_since="{}起",
    only_until="到{}为止",
    only_place="地点 {}",
    only_byline="作者 {}",
    written_from="由模型 {model} 撰写：问题、最近几句对话和找到的段落会发往 {address}",
    written_here="由本机上的模型 {model} 撰写，什么也不发往别处",
    write="让模型撰写",
    promise_written="回答由模型撰写，每句都对照报上原文核对过。点句末的 [1]，就能看到它的依据。",
    writing="正在查找和撰写……",
    written_by="由 {model} 撰写，逐句核对 · {seconds:.1f} 秒",
    tokens=" · 读 {read:,} 写 {wrote:,} 个词元",
    searched="实际查找的问题：{}",
    stop="停止",
    stopped="已停止；这是停下之前写好的部分。",
    stopped_early="已停止，还没有写出回答。",
    clear="清除筛选",
    bad_day="“{day}”不是日期。请写成 2023-05-01 这样。",
    days_swapped="起始日期在截止日期之后，请换一下。",
    conversations="以往的对话",
    conversations_open="打开以往的对话",
    no_conversations="还没有对话。问过的问题会留在这里。",
    not_kept="现在无法保存对话：照常回答，但关掉网页就没有了。",
    close="关闭",
    cancel="取消",
    save="保存",
    rename="改名",
    new_title="对话的新名称",
    delete="删除",
    delete_sure="删除这段对话？连同它的评价和分享链接一起删掉，不能恢复。",
    delete_all="全部删除",
    delete_all_sure="删除所有对话？连同评价和分享链接一起删掉，不能恢复。",
    copy="复制",
    copied="已复制",
    copy_failed="浏览器不让复制；请选中文字自己复制。",
    up="有用",
    down="没用",
    thanks="已记下，谢谢。",
    why="说明原因",
    why_long="哪里好，或者哪里不对？（可不填）",
    share="分享",
    share_link="有这个链接的人可以看到这一问一答，能看到多少由各人的阅读权限决定。",
    unshare="停止分享",
    unshared="已停止分享，链接失效。",
    not_signed_in="请先登录，再提问。",
    shared_title="别人分享的一个回答",
    shared_gone="这个分享链接已经失效。",
    shared_less="有 {} 句话没有显示：它们的出处已经不在库里。",
    shared_none="这个回答的出处已经不在库里，没有可以显示的了。",
    edit="修改问题",
    edit_long="修改问题，从这里重新问；后面的问答会去掉",
    retry="重新回答",
    answer_tools="对这个回答",
    follow_ups="接着问",
    same_page="同一版的其他报道",
    language="EN",
    language_long="Switch to English",
    signed_in="已登录：{}",
    sign_out="退出登录",
    opening="正在打开报纸……",
    opening_asked="正在打开报纸，打开后马上回答……",
    lost="与服务器的连接断了；问题留在框里，连上后自动继续。",
    unauthorised="登录已失效，请重新登录；问题留在框里，登录后自动继续。",
    busy="服务器现在太忙；问题留在框里，稍后自动再问。",
    empty_title="库里还没有报纸",
    empty_how="用这条命令加入第一份（文本版面或 JSON 行，文件或文件夹都行）：",
    empty_sample="先看看样报",
    seconds="{} 秒",
    gone_already="已经不在了。",
    failed_act="出了点问题，没有做成。请再试一次。",
)

EN = Words(
    name="WenBao",
    tagline="A newspaper that answers",
    conversation="Conversation",
    question="Question",
    ask="Ask the newspaper, Enter to send",
    send="Ask",
    new_conversation="New chat",
    greeting="What would you like to know from the paper?",
    promise="Every sentence of an answer is the newspaper’s own. Click the [1] after it to see where it stands.",
    failed="Something went wrong and there is no answer. Please ask again.",
    unsupported="not borne out by the paper",
    sources="Sources",
    empty_question="Please write what you would like to know.",
    long_question="The question has {length:,} characters; at most {limit:,} are read. Please ask it shorter.",
    source="Source",
    source_hint="The article opens here",
    source_help="Click a [1] in an answer to read the whole article, with the quoted sentence marked.",
    back="Back to the answer",
    sample="Sample edition: example articles that come with the software, not real news",
    sample_mark="Sample",
    page="page {}",
    untitled="(no headline)",
    starts_mid="The beginning of this article is not on this page",
    continued_from="Continued from page {}",
    continued_to="Continued on page {}",
    linked="The part of this article on another page",
    older="This article was updated later; this is an earlier version",
    withdrawn="This article was withdrawn on {}: no search finds it, no answer quotes it.",
    also_in="The same story is in: {}",
    corrected_by="The paper corrected this later: {}",
    corrects="What this corrects: {}",
    earlier="Earlier version ({})",
    newest="The version of today",
    corrected="corrected",
    changed="changed later",
    own_page="Open in the archive",
    browse="Archive",
    gone="This article is no longer in the archive.",
    holdings="{articles} articles · {papers} · {days}",
    holdings_sample="Sample edition · {articles} example articles",
    holdings_empty="The archive is empty. Add a first page with: python -m ingest add FILE_OR_FOLDER",
    paper="{}",
    more_papers="{first} and others ({count} papers)",
    filter="Filter",
    since="From day",
    until="To day",
    in_paper="Newspaper",
    any_paper="All newspapers",
    in_place="Place",
    by="By-line",
    filtered="Only: {}",
    only_since="from {}",
    only_until="until {}",
    only_place="place {}",
    only_byline="by {}",
    written_from="The model {model} writes: the question, recent turns and the passages found go to {address}",
    written_here="The model {model} writes, on this machine: nothing is sent anywhere",
    write="Let the model write",
    promise_written=(
        "A model writes the answers, each sentence checked against the paper. Click the [1] after it to see the source."
    ),
    writing="Searching and writing…",
    written_by="Written by {model}, each sentence checked · {seconds:.1f} seconds",
    tokens=" · {read:,} tokens read, {wrote:,} written",
    searched="Searched for: {}",
    stop="Stop",
    stopped="Stopped; this is what was written until then.",
    stopped_early="Stopped before anything was written.",
    clear="Clear filter",
    bad_day="“{day}” is no date. Please write it like 2023-05-01.",
    days_swapped="The first day is after the last; please swap them.",
    conversations="Conversations",
    conversations_open="Open earlier conversations",
    no_conversations="Nothing yet. What you ask is kept here.",
    not_kept="Conversations cannot be kept just now: answers go on, and are gone when the page is closed.",
    close="Close",
    cancel="Cancel",
    save="Save",
    rename="Rename",
    new_title="New title of the conversation",
    delete="Delete",
    delete_sure="Delete this conversation, with its ratings and shared links? It cannot be brought back.",
    delete_all="Delete all",
    delete_all_sure="Delete all conversations, with ratings and shared links? They cannot be brought back.",
    copy="Copy",
    copied="Copied",
    copy_failed="The browser does not allow copying; please select the text and copy it.",
    up="Helpful",
    down="Not helpful",
    thanks="Noted, thank you.",
    why="Say why",
    why_long="What was good, or what was wrong? (optional)",
    share="Share",
    share_link="Whoever has this link can see this question and answer, as far as they may read its sources.",
    unshare="Stop sharing",
    unshared="No longer shared; the link is dead.",
    not_signed_in="Please sign in to ask.",
    shared_title="An answer that somebody shared",
    shared_gone="This shared link is no longer valid.",
    shared_less="{} sentences are not shown: their sources are no longer in the archive.",
    shared_none="The sources of this answer are no longer in the archive: there is nothing left to show.",
    edit="Edit question",
    edit_long="Edit the question and ask again from here; what comes after it goes",
    retry="Answer again",
    answer_tools="For this answer",
    follow_ups="Ask next",
    same_page="Also on this page",
    language="中文",
    language_long="切换到中文",
    signed_in="Signed in: {}",
    sign_out="Sign out",
    opening="Opening the newspaper…",
    opening_asked="Opening the newspaper; the answer comes as soon as it is open…",
    lost="The connection to the server is lost; your question stays in the box and goes on by itself.",
    unauthorised="You are signed out: please sign in again; your question stays in the box and goes on by itself.",
    busy="The server is too busy just now; your question stays in the box and is asked again by itself.",
    empty_title="There is no newspaper here yet",
    empty_how="Add the first one with this command (pages of text or JSON lines, files or folders):",
    empty_sample="Try the sample edition",
    seconds="{} seconds",
    gone_already="That is gone already.",
    failed_act="Something went wrong and it was not done. Please try again.",
)


def language_of(accept_language: str | None) -> Language:
    """The page's language for a browser's Accept-Language header; Chinese where it names none."""
    first = (accept_language or "zh").split(",")[0].strip().lower()
    return "zh" if first.startswith("zh") or first in ("", "*") else "en"


def words_of(language: Language) -> Words:
    """The words of a language."""
    return ZH if language == "zh" else EN


def words_for(accept_language: str | None) -> Words:
    """The words in the language that a browser asks for."""
    return words_of(language_of(accept_language))
