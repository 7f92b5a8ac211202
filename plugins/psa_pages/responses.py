"""Refusals, and middleware around every response: adds security headers, and hides the text of unexpected errors."""

from __future__ import annotations

import base64
import hashlib
import html
import logging
import traceback
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.responses import HTMLResponse, JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger(__name__)

INVALID = "This page sent a request that is not valid: reload the page."
POLICY = (
    "default-src 'none'; script-src 'self'; style-src {style}; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": POLICY.format(style="'self'"),
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
}
# A page of its own, because whoever is refused may not load the stylesheets either.
REFUSAL_STYLE = (
    ":root{color-scheme:light dark}body{font:1rem/1.5 Inter,system-ui,sans-serif;max-width:40rem;margin:4rem auto;"
    "padding:0 1rem;overflow-wrap:anywhere}h1{font-size:1.25rem}pre{white-space:pre-wrap;padding:.75rem;"
    "border:1px solid;font-size:.875rem}"
)
REFUSAL = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<h1>{title}</h1>
{body}
</body>
</html>
"""


class SafeResponses:
    """ASGI middleware. The text of an error may quote a ticket, so only its class and place are logged."""

    def __init__(self, app: ASGIApp, *, title: str) -> None:
        self._app = app
        self._title = title

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._app(scope, receive, guarded)
        except Exception as error:  # of any class: its text is not logged and not sent
            log.error("The page %s failed: %s %s", self._title, type(error).__name__, _place(error))
            if not started:
                await _failed()(scope, receive, guarded)


def problem_response(kind: str, message: str, status: int, retry_after_seconds: float | None = None) -> JSONResponse:
    """An error in the form that static/api.js reads."""
    headers = {"Retry-After": str(int(retry_after_seconds + 0.999))} if retry_after_seconds else None
    content: dict[str, Any] = {"kind": kind, "message": message, "retry_after_seconds": retry_after_seconds}
    return JSONResponse({"problem": content}, status, headers)


def problem_page(status: int, title: str, *sentences: str, command: str = "") -> HTMLResponse:
    """An error for a person who opened an address in a browser."""
    lines = [f"<p>{html.escape(sentence)}</p>" for sentence in sentences]
    lines += [f"<pre>{html.escape(command)}</pre>"] if command else []
    page = REFUSAL.format(title=html.escape(title), style=REFUSAL_STYLE, body="\n".join(lines))
    style = base64.b64encode(hashlib.sha256(REFUSAL_STYLE.encode()).digest()).decode()
    return HTMLResponse(page, status, {"Content-Security-Policy": POLICY.format(style=f"'sha256-{style}'")})


def _failed() -> JSONResponse:
    return problem_response("answer", "This page itself failed. The API server's log says where.", 500)


def _place(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"in {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
