"""Middleware around every response: adds security headers, and hides the text of unexpected errors."""

from __future__ import annotations

import logging
import traceback
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger(__name__)

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'self'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
}


class SafeResponses:
    """ASGI middleware. The text of an error may quote a ticket, so only its class and place are logged."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        try:
            await self._app(scope, receive, guarded)
        except Exception as error:  # of any class: its text is not logged and not sent
            log.error("The ticket page failed: %s %s", type(error).__name__, _place(error))
            if not started:
                await _failed()(scope, receive, guarded)


def problem_response(kind: str, message: str, status: int, retry_after_seconds: float | None = None) -> JSONResponse:
    """An error in the form that static/api.js reads."""
    headers = {"Retry-After": str(int(retry_after_seconds + 0.999))} if retry_after_seconds else None
    content: dict[str, Any] = {"kind": kind, "message": message, "retry_after_seconds": retry_after_seconds}
    return JSONResponse({"problem": content}, status, headers)


def _failed() -> JSONResponse:
    return problem_response("answer", "This page itself failed. The API server's log says where.", 500)


def _place(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"in {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
