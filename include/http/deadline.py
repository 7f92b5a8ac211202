"""Reads an answer that has to come before a moment: a socket's time-out is between two bytes, and there may be many."""

from __future__ import annotations

import time
from io import BytesIO

import requests

_PART_BYTES = 65_536


def read_before(response: requests.Response, give_up_at: float) -> requests.Response:
    """The response with its whole body; raises requests.Timeout after `give_up_at`, by the clock of time.monotonic."""
    whole = requests.Response()
    whole.status_code, whole.headers, body = response.status_code, response.headers, BytesIO()
    with response:
        while part := response.raw.read1(_PART_BYTES, decode_content=True):
            if time.monotonic() > give_up_at:
                raise requests.Timeout
            body.write(part)
    body.seek(0)
    whole.raw = body
    return whole
