"""What people read while they sign in or out, in Chinese and in English.

In: a language. Out: its lines. Nothing of what a provider or an attacker says is ever part of one but the provider's
own host.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Told:
    """A headline and a line."""

    headline: str
    line: str


@dataclass(frozen=True, slots=True)
class SignPhrases:
    """The lines of one language."""

    down: Told
    stale: Told
    cancelled: Told
    refused: Told
    insecure: Told
    elsewhere: Told
    foreign: Told
    out: Told
    stay: Told
    retry: str
    again: str
    sign_out: str
    out_there: str


ZH = SignPhrases(
    down=Told("暂时无法登录", "登录服务现在没有回应。请稍等片刻再试。"),
    stale=Told("这次登录已经失效", "它可能放得太久、已经用过，或者是在别的浏览器里开始的。请重新登录。"),
    cancelled=Told("没有登录", "登录在登录服务那里被取消或拒绝了。"),
    refused=Told("没有登录", "登录服务的答复没有通过检查，因此没有采用。请重新登录；仍然不行，请告诉管理员。"),
    insecure=Told("这个地址不能登录", "登录需要 https。请改用 https 开头的地址；没有的话，请告诉管理员。"),
    elsewhere=Told("请先登录", "请从您单位的门户打开这里。"),
    foreign=Told("没有退出", "这个请求不是从本站的页面发出的。"),
    out=Told("已退出", "您已退出登录。在共用的电脑上，请再关闭浏览器。"),
    stay=Told("要退出登录吗？", "退出之后，正在进行的回答也会停下。"),
    retry="重试",
    again="重新登录",
    sign_out="退出登录",
    out_there="在 {} 也退出",
)

EN = SignPhrases(
    down=Told(
        "Signing in is not possible just now", "The sign-in service does not answer. Please try again in a moment."
    ),
    stale=Told(
        "This sign-in is no longer good",
        "It was left for too long, was used before, or began in another browser. Please sign in again.",
    ),
    cancelled=Told("Not signed in", "The sign-in was cancelled or refused at the sign-in service."),
    refused=Told(
        "Not signed in",
        "What the sign-in service said did not pass our checks and was not used. Please sign in again; if that does "
        "not help, tell whoever runs this site.",
    ),
    insecure=Told(
        "Signing in is not possible at this address",
        "It needs https. Please use the address that begins with https; if there is none, tell whoever runs this site.",
    ),
    elsewhere=Told("Please sign in", "Please open this from your organisation's portal."),
    foreign=Told("Not signed out", "The request did not come from a page of this site."),
    out=Told("Signed out", "You are signed out. On a shared computer, please close the browser as well."),
    stay=Told("Sign out?", "Answers under way will stop."),
    retry="Retry",
    again="Sign in again",
    sign_out="Sign out",
    out_there="Sign out at {} too",
)


def sign_phrases(language: str) -> SignPhrases:
    """The lines of a language, Zh or en."""
    return ZH if language == "zh" else EN
