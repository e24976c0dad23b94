"""Why a message did not arrive, in both languages."""

from __future__ import annotations

import pytest

from server.notifications.channels.answers import QUOTED, of_http
from server.notifications.channels.contract import TryLater
from server.notifications.channels.outgoing import Outgoing
from tests.server.notifications.providers import Providers
from tests.support.ports import free_port


def reason(url: str) -> str:
    with pytest.raises(TryLater) as caught:
        Outgoing(allow_private=True).post(f"{url}/hook?token=secret", b"{}", {})
    assert "secret" not in str(caught.value.answer)
    assert caught.value.answer["en"].endswith(str(caught.value))
    return caught.value.answer["zh"]


def test_nobody_listens_there() -> None:
    assert reason(f"http://127.0.0.1:{free_port()}") == "127.0.0.1 拒绝连接"


def test_a_name_that_nobody_has() -> None:
    assert reason("https://no..such") == "找不到 no..such 的地址"


def test_a_server_that_speaks_no_tls(providers: Providers) -> None:
    assert reason(providers.url.replace("http:", "https:")) == "与 127.0.0.1 建立安全连接失败"


@pytest.mark.parametrize(
    ("status", "zh"),
    [
        (200, "对方已接收（HTTP 200）"),
        (302, "对方要求跳转到其他地址，未跟随（HTTP 302）"),
        (403, "对方拒绝访问（HTTP 403）"),
        (429, "发送过于频繁，已达上限（HTTP 429）"),
        (418, "对方未接收（HTTP 418）"),
        (503, "对方服务器出错（HTTP 503）"),
    ],
)
def test_what_the_other_side_said_is_quoted_as_it_came(status: int, zh: str) -> None:
    assert of_http(status, "")["zh"] == zh, "it said nothing"
    answer = of_http(status, "no\n entry " + "x" * QUOTED)
    assert answer["zh"].startswith(f"{zh}。对方原文：“no entry xx")
    assert "It said: “no entry xx" in answer["en"]
    assert len(answer["en"]) < QUOTED + 100
