"""Refusals: an `AppError` has a status, a code and a sentence the reader can act on, in English and Chinese."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from sqlalchemy.exc import DataError
from starlette.exceptions import HTTPException

from grader.protocol import Text

API_PREFIX = "/api/"


class AppError(Exception):
    status: int = 400
    code: str = "refused"

    def __init__(self, en: str, zh: str, *, headers: dict[str, str] | None = None, **facts: Any) -> None:
        super().__init__(en)
        self.message = Text(en=en, zh=zh)
        self.headers = headers or {}
        self.facts = facts  # extra members of the problem object


class NotFound(AppError):
    """The same answer for what is not there and for what is not yours."""

    status, code = 404, "not_found"

    def __init__(self) -> None:
        super().__init__("There is nothing here, or it is not for you to see.", "这里没有内容，或者你无权查看。")


class StaffOnly(AppError):
    status, code = 403, "staff_only"

    def __init__(self) -> None:
        super().__init__("Only the course staff can do this.", "只有课程教学人员可以这样做。")


class InvalidRequest(AppError):
    status, code = 422, "invalid_request"

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        fields = ", ".join(".".join(str(part) for part in error["loc"]) for error in errors)
        super().__init__(f"The request is not valid; look at: {fields}.", f"请求内容有误，请检查：{fields}。", errors=errors)


class UnstorableValue(AppError):
    """A number too large for its column, text with a NUL: nothing that exists has such a name."""

    status, code = 422, "unstorable_value"

    def __init__(self) -> None:
        super().__init__("The request holds a value that cannot be stored.", "请求中含有无法存储的值。")


class HttpRefusal(AppError):
    """What the framework itself refuses: an unknown path, a wrong method."""

    def __init__(self, status: int, headers: dict[str, str] | None = None) -> None:
        phrase = HTTPStatus(status).phrase
        super().__init__(f"{phrase}.", f"请求未能完成（{status}）。", headers=headers)
        self.status, self.code = status, phrase.lower().replace(" ", "_")


class Unexpected(AppError):
    status, code = 500, "internal_error"

    def __init__(self) -> None:
        super().__init__("Something broke on our side; nothing was changed.", "我们这边出了问题，未做任何改动。")


def install(app: FastAPI) -> None:
    """Answer every refusal as a problem object under /api and as a page elsewhere.

    `app.state.error_page`, if set, is called as `error_page(request, error)` and makes the page.
    """
    app.add_exception_handler(AppError, lambda request, error: answer(request, error))
    app.add_exception_handler(RequestValidationError, lambda request, error: answer(request, InvalidRequest(tidy(error))))
    app.add_exception_handler(HTTPException, lambda request, error: answer(request, from_http(error)))
    app.add_exception_handler(DataError, lambda request, error: answer(request, UnstorableValue()))
    app.add_exception_handler(Exception, lambda request, error: answer(request, Unexpected()))


def from_http(error: HTTPException) -> AppError:
    return NotFound() if error.status_code == 404 else HttpRefusal(error.status_code, dict(error.headers or {}))


def tidy(error: RequestValidationError) -> list[dict[str, Any]]:
    """What was wrong and where; never the value itself, which may be a password."""
    return [{"loc": list(item["loc"]), "msg": item["msg"]} for item in error.errors()]


def answer(request: Request, error: AppError) -> Response:
    if request.url.path.startswith(API_PREFIX):
        return problem(request, error)
    page = getattr(request.app.state, "error_page", None)
    if page is not None:
        return page(request, error)
    return PlainTextResponse(str(error), status_code=error.status, headers=error.headers)


def problem(request: Request, error: AppError) -> JSONResponse:
    """RFC 9457; `message` holds the sentence in both languages."""
    language = request.headers.get("accept-language", "en")
    content = {
        "type": f"urn:gradus:problem:{error.code}",
        "title": HTTPStatus(error.status).phrase,
        "status": error.status,
        "detail": error.message.in_language(language),
        "code": error.code,
        "message": error.message.model_dump(),
        "instance": request.url.path,
        **error.facts,
    }
    return JSONResponse(content, status_code=error.status, headers=error.headers, media_type="application/problem+json")
