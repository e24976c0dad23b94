"""The page behind the link in a message: what it is about, and one button.

Opening it changes nothing: programs that look into mails open links too. Only the button does.
It needs no script and no login, and works on any phone.
"""

from __future__ import annotations

from html import escape
from typing import Annotated, cast

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse

from server.db import changes_of, transaction
from server.errors import DomainError, Label
from server.identity.person import CurrentUser
from server.notifications import answering
from server.notifications.channels.contract import ANSWER_WORD, Locale
from server.notifications.models import Notice
from server.notifications.telling import Notifications
from server.notifications.words import SEVERITIES
from server.web.problems import language_of
from server.web.requests import AppContext, Now, ReadSession

router = APIRouter(include_in_schema=False)
LONGEST_TOKEN = 200

_WORDS = {
    "seen": ANSWER_WORD,
    "as": Label(en="As {name}", zh="以 {name} 的身份"),
    "answered": Label(en="{name} has seen it.", zh="{name} 已知悉。"),
    "ended": Label(en="It is over: back to normal.", zh="已恢复正常。"),
    "open": Label(en="Open in Plantroom", zh="在 Plantroom 中查看"),
    "problem": Label(en="That did not work", zh="未能完成"),
}
_STYLE = """
:root{color-scheme:light dark}body{font:18px/1.5 system-ui,sans-serif;max-width:34rem;margin:0 auto;padding:1.5rem}
button,a.button{display:block;width:100%;box-sizing:border-box;min-height:56px;font:inherit;font-weight:600;
border:1px solid currentColor;border-radius:8px;background:#1456b8;color:#fff;cursor:pointer;margin:1.5rem 0 .5rem}
p.small{font-size:15px}a{color:inherit;display:inline-block;min-height:48px;line-height:48px}
"""


def _answer(request: Request) -> Notifications:
    return cast("Notifications", request.app.state.notifications)


@router.get("/answer", response_class=HTMLResponse)
def show_answer_page(
    request: Request,
    session: ReadSession,
    now: Now,
    t: Annotated[str, Query(max_length=LONGEST_TOKEN)] = "",
) -> HTMLResponse:
    """What the message was about, and the button."""
    try:
        notice, user = answering.asked(session, _answer(request).tools.links.read(t, now=now))
    except DomainError as problem:
        return _problem(request, problem)
    return _page(request, notice, user, token=t)


@router.post("/answer", response_class=HTMLResponse)
def answer_by_link(
    request: Request,
    context: AppContext,
    now: Now,
    t: Annotated[str, Form(max_length=LONGEST_TOKEN)] = "",
) -> HTMLResponse:
    """Acknowledge it as the person the message was sent to."""
    tools = _answer(request).tools
    try:
        # a transaction of its own: a refusal becomes a page here, and must not be half carried out
        with transaction(context.sessions) as session:
            permission = tools.links.read(t, now=now)
            notice = answering.answer(session, tools.verbs, permission, now=now)
            _, user = answering.asked(session, permission)
    except DomainError as problem:
        return _problem(request, problem)
    for noun in sorted(changes_of(session)):
        context.announce(noun)
    return _page(request, notice, user, token=t)


def _page(request: Request, notice: Notice, user: CurrentUser, *, token: str) -> HTMLResponse:
    locale = _locale(request, user.locale)
    title, body = escape(notice.title[locale]), escape(notice.body[locale])
    words = {name: label[locale] for name, label in _WORDS.items()}
    if notice.state == "open":
        who = escape(words["as"].format(name=user.display_name))
        action = (
            f'<form method="post" action="/answer"><input type="hidden" name="t" value="{escape(token)}">'
            f'<button>{words["seen"]}</button></form><p class="small">{who}</p>'
        )
    elif notice.state == "answered":
        action = f"<p><strong>{escape(words['answered'].format(name=notice.answered_by))}</strong></p>"
    else:
        action = f"<p><strong>{words['ended']}</strong></p>"
    severity = SEVERITIES[notice.severity][locale]
    content = (
        f'<p class="small">{severity}</p><h1>{title}</h1><p>{body}</p>{action}'
        f'<p><a href="{escape(notice.path)}">{words["open"]}</a></p>'
    )
    return _html(locale, notice.title[locale], content, status=200)


def _locale(request: Request, chosen: str | None = None) -> Locale:
    return "zh" if (chosen or language_of(request)) == "zh" else "en"


def _problem(request: Request, problem: DomainError) -> HTMLResponse:
    locale = _locale(request)
    detail = escape(problem.detail[locale])
    heading = _WORDS["problem"][locale]
    open_it = _WORDS["open"][locale]
    content = f'<h1>{heading}</h1><p>{detail}</p><p><a href="/">{open_it}</a></p>'
    return _html(locale, heading, content, status=problem.status)


def _html(locale: Locale, title: str, content: str, *, status: int) -> HTMLResponse:
    page = (
        f'<!doctype html><html lang="{"zh-CN" if locale == "zh" else "en"}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="robots" content="noindex">'
        f"<title>{escape(title)} · Plantroom</title><style>{_STYLE}</style></head>"
        f"<body><main>{content}</main></body></html>"
    )
    return HTMLResponse(page, status_code=status, headers={"cache-control": "no-store"})
