"""Errors as RFC 9457 problem documents, in the language of whoever asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError, ResponseValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict
from pydantic.json_schema import models_json_schema
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from starlette.exceptions import HTTPException

from server.errors import Conflict, DomainError, Label
from server.web.validation import sentence
from telemetry.store.contract import StoreUnavailable

log = structlog.get_logger("server")


class FieldProblem(BaseModel):
    path: str
    """Where in the request, e.g. ``body.name`` or ``query.limit``."""
    message: str


class Problem(BaseModel):
    """What any refusal or failure is answered with; further members are facts about this case."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    code: str
    """Stable, for programs."""
    detail: str
    """A sentence for a person, in their language."""
    request_id: str
    errors: list[FieldProblem] | None = None
    """Which fields were wrong; validation problems only."""


RESPONSE: dict[str, Any] = {
    "description": "Refused or failed; ``code`` says why.",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
"""What routes may answer besides success, for the API's description."""


def describe(openapi: dict[str, Any]) -> None:
    """Add the schemas that RESPONSE refers to."""
    _, definitions = models_json_schema(
        [(Problem, "serialization")], ref_template="#/components/schemas/{model}"
    )
    openapi["components"]["schemas"].update(definitions["$defs"])


class ProblemResponse(JSONResponse):
    media_type = "application/problem+json"


class DatabaseUnavailable(DomainError):
    status = 503
    code = "database_unavailable"


class ReadingsUnavailable(DomainError):
    status = 503
    code = "store_unavailable"


_TITLES: Mapping[int, Label] = {
    400: Label(en="Bad request", zh="请求有误"),
    401: Label(en="Not logged in", zh="未登录"),
    403: Label(en="Not allowed", zh="没有权限"),
    404: Label(en="Not found", zh="未找到"),
    405: Label(en="Method not allowed", zh="不支持该方法"),
    409: Label(en="Not possible in this state", zh="当前状态不允许"),
    413: Label(en="Too large", zh="内容过大"),
    422: Label(en="Not valid", zh="内容无效"),
    429: Label(en="Too many tries", zh="尝试次数过多"),
    500: Label(en="Internal error", zh="内部错误"),
    503: Label(en="Not available", zh="暂不可用"),
}


_CODES = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
}


def language_of(request: Request) -> str:
    """``zh`` or ``en``: the user's choice, else what the browser asks for first."""
    chosen: str | None = getattr(request.state, "locale", None)
    if chosen in {"zh", "en"}:
        return chosen
    return preferred_language(request.headers.get("accept-language", ""))


def preferred_language(header: str) -> str:
    """The better of our two languages by an Accept-Language header; English when it names neither."""
    weighed: list[tuple[float, int, str]] = []
    for order, part in enumerate(header[:500].split(",")):
        tag, _, quality = part.strip().partition(";q=")
        language = tag.split("-")[0].lower()
        try:
            weight = float(quality) if quality else 1.0
        except ValueError:
            continue
        if language in {"zh", "en"} and weight > 0:
            weighed.append((-weight, order, language))
    return min(weighed)[2] if weighed else "en"


def problem(
    request: Request,
    *,
    status: int,
    code: str,
    detail: Label,
    facts: Mapping[str, object] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """One problem document. ``facts`` become members beside the standard ones."""
    chinese = language_of(request) == "zh"
    title = _TITLES.get(status) or Label(en=_phrase(status), zh=_phrase(status))
    content = {
        **(facts or {}),
        "type": f"urn:plantroom:problem:{code}",
        "title": title["zh"] if chinese else title["en"],
        "status": status,
        "code": code,
        "detail": detail["zh"] if chinese else detail["en"],
        "request_id": getattr(request.state, "request_id", ""),
    }
    return ProblemResponse(content, status_code=status, headers=dict(headers or {}))


def install(app: FastAPI) -> None:
    """Have every error of the application answered by this module."""
    app.add_exception_handler(DomainError, _domain_error)
    app.add_exception_handler(RequestValidationError, _invalid_request)
    app.add_exception_handler(HTTPException, _http_exception)
    app.add_exception_handler(IntegrityError, _integrity_error)
    for away in (OperationalError, InterfaceError, NoConnectionFree):
        app.add_exception_handler(away, _database_unavailable)
    app.add_exception_handler(StoreUnavailable, _store_unavailable)
    app.add_exception_handler(ResponseValidationError, _unexpected_error)


def unexpected(request: Request, error: Exception) -> Response:
    """Log an error nobody foresaw, and answer without its internals."""
    log.error("unexpected error", path=request.url.path, exc_info=error)
    return problem(
        request,
        status=500,
        code="internal_error",
        detail=Label(
            en="Something went wrong on our side. Nothing was changed. Tell your admin the request id.",
            zh="服务器内部出错，未做任何更改。请把请求编号告知管理员。",
        ),
    )


def _unexpected_error(request: Request, error: Exception) -> Response:
    return unexpected(request, error)


def _domain_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, DomainError)
    headers: dict[str, str] = {}
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers["www-authenticate"] = "Bearer"
    if "retry_after_s" in error.facts:
        headers["retry-after"] = str(error.facts["retry_after_s"])
    return problem(
        request,
        status=error.status,
        code=error.code,
        detail=error.detail,
        facts=error.facts,
        headers=headers,
    )


def _invalid_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    details: Sequence[Mapping[str, object]] = error.errors()
    chinese = language_of(request) == "zh"
    fields = [_field_problem(detail, chinese=chinese) for detail in details[:50]]
    separator = "：" if chinese else ": "
    first = f"{fields[0]['path']}{separator}{fields[0]['message']}" if fields else ""
    return problem(
        request,
        status=422,
        code="invalid",
        detail=Label(en=f"The request is not valid. {first}", zh=f"请求内容无效。{first}"),
        facts={"errors": fields},
    )


def _field_problem(detail: Mapping[str, object], *, chinese: bool) -> dict[str, str]:
    # the input itself stays out of it: it may be a password
    location = detail["loc"]
    path = ".".join(str(part) for part in location) if isinstance(location, tuple) else str(location)
    message = sentence(detail)
    return {"path": path, "message": message["zh"] if chinese else message["en"]}


def _http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    details = {
        404: Label(en="There is nothing at this address.", zh="这个地址没有内容。"),
        413: Label(en="This is more than may be sent at once.", zh="一次发送的内容过大。"),
        405: Label(en="This address does not take that method.", zh="这个地址不支持该方法。"),
    }
    return problem(
        request,
        status=error.status_code,
        code=_CODES.get(error.status_code, f"http_{error.status_code}"),
        detail=details.get(error.status_code) or Label(en=str(error.detail), zh=str(error.detail)),
        headers=error.headers,
    )


def _integrity_error(request: Request, error: Exception) -> Response:
    log.warning("refused by the database", path=request.url.path, error=str(error).splitlines()[0])
    refusal = Conflict(
        "Somebody changed the same thing at the same moment, or it is still in use. Look again and retry.",
        "同一内容刚被他人修改或仍在使用，请刷新后重试。",
    )
    return _domain_error(request, refusal)


def _database_unavailable(request: Request, error: Exception) -> Response:
    log.error("database unavailable", path=request.url.path, error=str(error).splitlines()[0])
    refusal = DatabaseUnavailable(
        "The database does not answer. Nothing was changed; please try again.",
        "数据库无响应，未做任何更改，请稍后重试。",
    )
    return _domain_error(request, refusal)


def _store_unavailable(request: Request, error: Exception) -> Response:
    log.error("store unavailable", path=request.url.path, error=str(error))
    refusal = ReadingsUnavailable(
        "The store of readings does not answer; please try again.", "读数存储无响应，请稍后重试。"
    )
    return _domain_error(request, refusal)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return str(status)
