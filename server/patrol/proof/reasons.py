"""Every finding about a scan or its phone: what it caps the strength at, who sees it, and its sentence."""

from __future__ import annotations

from typing import NamedTuple

from server.errors import Label
from server.patrol.checkpoints.policy import Strength

REFUSED, WEAK, FAIR = Strength.REFUSED, Strength.WEAK, Strength.FAIR


class Reason(NamedTuple):
    """What a code means."""

    cap: Strength | None
    is_exception: bool
    text: Label


def _reason(cap: Strength | None, *, exception: bool, en: str, zh: str) -> Reason:
    return Reason(cap, exception, Label(en=en, zh=zh))


REASONS: dict[str, Reason] = {
    # the tag
    "message_verified": _reason(
        None, exception=False, en="The tag proved this very tap.", zh="标签已验证本次触碰。"
    ),
    "static_tag": _reason(
        FAIR,
        exception=False,
        en="The tag says the same to everyone; it could be copied.",
        zh="该标签内容固定，可被复制。",
    ),
    "late_counter": _reason(
        None,
        exception=False,
        en="Sent later than newer taps of the same tag; its count was still unused.",
        zh="上传晚于该标签更新的触碰记录，但计数未被使用过。",
    ),
    "malformed": _reason(
        REFUSED,
        exception=True,
        en="This is not a tag of this system. Scan the tag at the checkpoint, or take a photo and say why.",
        zh="这不是本系统的标签。请扫描巡更点上的标签，或拍照并说明原因。",
    ),
    "unknown_tag": _reason(
        REFUSED,
        exception=True,
        en="Nobody knows this tag. Go on with a photo, and tell your supervisor.",
        zh="系统中没有此标签。请先拍照继续巡更，并告知主管。",
    ),
    "revoked_tag": _reason(
        REFUSED,
        exception=True,
        en="This tag was withdrawn. Look for the new one, or go on with a photo.",
        zh="此标签已停用。请查找新标签，或拍照继续。",
    ),
    "other_site": _reason(
        REFUSED,
        exception=True,
        en="This tag belongs to another site. Scan the one of this checkpoint, or take a photo and say why.",
        zh="此标签属于其他项目。请扫描本巡更点的标签，或拍照并说明原因。",
    ),
    "bad_signature": _reason(
        REFUSED,
        exception=True,
        en="This label was not made by this system. Tell your supervisor.",
        zh="该标签并非由本系统制作，请告知主管。",
    ),
    "bad_message": _reason(
        REFUSED,
        exception=True,
        en="The tag's message is not genuine: it was changed, or comes from a copy.",
        zh="标签信息不真实：内容被改动，或来自复制的标签。",
    ),
    "factory_key": _reason(
        REFUSED,
        exception=True,
        en="This tag still has the factory's key, with which anyone can make its messages.",
        zh="此标签仍使用出厂密钥，任何人都能伪造其信息。",
    ),
    "copied_address": _reason(
        REFUSED,
        exception=True,
        en="The address lacks what the tag adds at each tap: it was copied. Hold the phone to the tag.",
        zh="地址缺少标签每次触碰生成的信息，属于复制。请将手机贴近标签。",
    ),
    "replayed": _reason(
        REFUSED,
        exception=True,
        en="This tap was used before. Hold the phone to the tag again.",
        zh="该次触碰已被使用过。请重新触碰标签。",
    ),
    "counter_out_of_time": _reason(
        WEAK,
        exception=True,
        en="The tag's count says that it was tapped at another time than the phone says.",
        zh="标签计数显示的触碰先后与手机时间不符。",
    ),
    "better_tag_required": _reason(
        WEAK,
        exception=True,
        en="Here a better tag is required than the one scanned.",
        zh="此处要求使用防伪等级更高的标签。",
    ),
    "address_without_place": _reason(
        WEAK,
        exception=True,
        en="Opened as a link, without a place to support it: links can be sent to others.",
        zh="以链接方式打开且没有位置佐证：链接可被转发。",
    ),
    "photo_instead": _reason(
        WEAK, exception=True, en="Photo and reason instead of the tag.", zh="以照片和原因代替标签。"
    ),
    "photo_missing": _reason(
        REFUSED,
        exception=True,
        en="Without the tag a photo and a reason are needed.",
        zh="未扫标签时需提供照片和原因。",
    ),
    # the phone
    "tampered": _reason(
        REFUSED, exception=True, en="The record was changed after it was made.", zh="该记录在生成后被改动。"
    ),
    "chain_gap": _reason(
        FAIR,
        exception=True,
        en="Records before this one are missing on the phone's chain.",
        zh="手机记录链在此之前有缺失。",
    ),
    "chain_fork": _reason(
        WEAK,
        exception=True,
        en="The phone's chain of records has two versions.",
        zh="手机记录链出现两个版本。",
    ),
    "clock_moved": _reason(
        WEAK,
        exception=True,
        en="The phone's clock was moved during the shift.",
        zh="手机时钟在班次中被改动。",
    ),
    "clock_unsure": _reason(
        None, exception=False, en="The time is not certain to the minute.", zh="时间未能精确到分钟。"
    ),
    "phone_new": _reason(None, exception=False, en="The phone is new here.", zh="首次使用该手机。"),
    "phone_unknown": _reason(FAIR, exception=True, en="The phone is not known here.", zh="该手机未登记。"),
    "phone_revoked": _reason(
        WEAK, exception=True, en="The phone was reported lost or was withdrawn.", zh="该手机已挂失或停用。"
    ),
    "other_login": _reason(
        WEAK,
        exception=True,
        en="Sent by somebody else, on a phone where this person never logged in.",
        zh="由他人上传，且本人从未在该手机登录。",
    ),
    # the walk
    "place_matches": _reason(
        None, exception=False, en="The phone was at the checkpoint.", zh="手机位置与巡更点相符。"
    ),
    "far_away": _reason(
        WEAK, exception=True, en="The phone was far from the checkpoint.", zh="手机位置远离巡更点。"
    ),
    "too_fast": _reason(
        WEAK,
        exception=True,
        en="Nobody walks from the checkpoint before to this one so quickly.",
        zh="从上一巡更点到此处的用时短于可能的行走时间。",
    ),
    "dwell_short": _reason(
        FAIR, exception=True, en="Left sooner than the checkpoint asks for.", zh="停留时间短于要求。"
    ),
    "out_of_order": _reason(
        None, exception=True, en="Not in the order of the route.", zh="未按路线顺序巡更。"
    ),
    "other_checkpoint": _reason(
        None, exception=False, en="Another checkpoint than the app expected.", zh="与应用预期的巡更点不同。"
    ),
    "not_in_round": _reason(
        None, exception=False, en="The checkpoint is no part of this round.", zh="该巡更点不属于本次巡更。"
    ),
    "not_your_round": _reason(
        REFUSED, exception=True, en="This round belongs to somebody else.", zh="该巡更任务属于其他人。"
    ),
    "too_early": _reason(
        None,
        exception=True,
        en="Before the round's time; it does not count for it.",
        zh="早于巡更时段，不计入本次巡更。",
    ),
    "after_window": _reason(
        None,
        exception=True,
        en="After the round's time; it does not count for it.",
        zh="晚于巡更时段，不计入本次巡更。",
    ),
}


def text_of(code: str) -> Label:
    """The sentence of a code."""
    return REASONS[code].text
