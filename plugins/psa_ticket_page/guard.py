"""Around every answer: headers that keep it private and harmless, and no word about what failed inside."""

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


class Guard:
    """ASGI middleware. An error's own text may hold what a stranger wrote into a ticket: only its kind is logged."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def guarded(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        try:
            await self._app(scope, receive, guarded)
        except Exception as error:  # whatever it is, its text goes nowhere
            log.error("The ticket page failed: %s %s", type(error).__name__, _place(error))
            if not begun:
                await _failed()(scope, receive, guarded)


def problem(kind: str, words: str, status: int, retry_after_seconds: float | None = None) -> JSONResponse:
    """An error as the page reads it."""
    headers = {"Retry-After": str(int(retry_after_seconds + 0.999))} if retry_after_seconds else None
    content: dict[str, Any] = {"kind": kind, "words": words, "retry_after_seconds": retry_after_seconds}
    return JSONResponse({"problem": content}, status, headers)


def _failed() -> JSONResponse:
    return problem("answer", "This page itself failed; the log of the API server says where.", 500)


def _place(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"in {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
