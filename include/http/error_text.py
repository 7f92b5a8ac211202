"""The words of servers and libraries in an error, as a log can show them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests

from include.model.storable_text import storable_text
from include.model.strict_json import read_json

MAX_WAIT_SECONDS = 86_400.0
_QUOTED_CHARACTERS = 300
WORDS = ("code", "Code", "error", "message", "Message", "error_description")


def body_of(response: requests.Response) -> Any:
    """The body of a refusal where it is JSON, whatever the server calls it."""
    try:
        return read_json(response.content) if "html" not in response.headers.get("Content-Type", "") else None
    except ValueError:
        return None


def words_of(body: Any) -> Iterator[str]:
    """What a refusal says, in any of the forms that vendors use."""
    if isinstance(body, str):
        yield body
    if not isinstance(body, dict):
        return
    yield from (str(body[key]) for key in WORDS if isinstance(body.get(key), (str, int)) and body[key] != "")
    for key in ("errors", "Error", "error", "message"):
        details = body.get(key)
        if isinstance(details, dict):
            yield from words_of(details)
        if isinstance(details, list):
            yield from (word for item in details for word in _bracketed(item))


def _bracketed(item: Any) -> Iterator[str]:
    words = (
        [item]
        if isinstance(item, str)
        else [str(item["message"])]
        if isinstance(item, dict) and item.get("message")
        else []
    )
    yield from (f"[{word}]" for word in words)


def retry_after(value: str | None, now: datetime) -> float:
    """Seconds to wait, from either form of the header (RFC 9110), a day at most; 0 when it says nothing usable."""
    if not value:
        return 0.0
    try:
        seconds = (
            float(int(value)) if value.strip().isdecimal() else (parsedate_to_datetime(value) - now).total_seconds()
        )
    except (TypeError, ValueError, OverflowError):
        return 0.0
    return min(max(0.0, seconds), MAX_WAIT_SECONDS)


def cleaned(words: str, secrets: Iterable[str]) -> str:
    """One line without control characters and secrets: servers may quote what strangers wrote, and what we sent."""
    for secret in secrets:
        words = words.replace(secret, "***")
    return re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", storable_text(words)).strip()[:_QUOTED_CHARACTERS]
