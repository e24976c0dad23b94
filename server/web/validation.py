"""What pydantic found wrong, as sentences in both languages: for the fields of requests and for rules."""

from __future__ import annotations

from collections.abc import Mapping

from server.errors import Explained, Label

_ZH = {
    "missing": "必填",
    "extra_forbidden": "不允许的字段",
    "none_required": "应为空",
    "string_type": "应为文本",
    "string_too_short": "至少 {min_length} 个字符",
    "string_too_long": "最多 {max_length} 个字符",
    "string_pattern_mismatch": "格式不对",
    "int_parsing": "应为整数",
    "int_type": "应为整数",
    "int_from_float": "应为整数",
    "float_parsing": "应为数字",
    "float_type": "应为数字",
    "finite_number": "应为有限的数",
    "bool_parsing": "应为是或否",
    "bool_type": "应为是或否",
    "enum": "只能是 {expected}",
    "literal_error": "只能是 {expected}",
    "union_tag_invalid": "没有类型 {tag}，可用的有：{expected_tags}",
    "union_tag_not_found": "缺少 {discriminator}",
    "greater_than": "应大于 {gt}",
    "greater_than_equal": "不能小于 {ge}",
    "less_than": "应小于 {lt}",
    "less_than_equal": "不能大于 {le}",
    "too_long": "最多 {max_length} 项",
    "too_short": "至少 {min_length} 项",
    "json_invalid": "不是有效的 JSON",
    "list_type": "应为列表",
    "tuple_type": "应为列表",
    "set_type": "应为列表",
    "dict_type": "应为对象",
    "model_type": "应为对象",
    "model_attributes_type": "应为对象",
    "date_type": "不是有效的日期",
    "date_parsing": "不是有效的日期",
    "date_from_datetime_parsing": "不是有效的日期",
    "date_from_datetime_inexact": "不是有效的日期",
    "time_type": "不是有效的时间",
    "time_parsing": "不是有效的时间",
    "datetime_type": "不是有效的时间",
    "datetime_from_date_parsing": "不是有效的时间",
    "datetime_parsing": "不是有效的时间",
    "timezone_aware": "时间必须带时区",
    "uuid_parsing": "不是有效的编号",
}
"""By pydantic's type of error; names in braces are facts that it gives with it."""


def sentence(found: Mapping[str, object]) -> Label:
    """One of ``ValidationError.errors()`` without its place. What was given is not repeated: it may be secret."""
    facts = found.get("ctx")
    facts = facts if isinstance(facts, Mapping) else {}
    error = facts.get("error")
    if isinstance(error, Explained):
        return error.label
    en = str(found["msg"]).removeprefix("Value error, ")
    zh = _ZH.get(str(found["type"]))
    if zh is None:
        return Label(en=en, zh=f"内容无效（{en}）")
    return Label(en=en, zh=zh.format_map({str(name): _said(fact) for name, fact in facts.items()}))


def _said(fact: object) -> str:
    """A number as people write it; pydantic lists what is allowed in English."""
    if isinstance(fact, float) and fact.is_integer():
        return str(int(fact))
    return str(fact).replace(", ", "、").replace(" or ", " 或 ")
