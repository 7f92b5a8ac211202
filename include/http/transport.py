"""Sends one request with `requests`, as the connection says, and reads its answer before a moment."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from io import BytesIO

import requests

from include.http.call import Call
from include.model.version import __version__

USER_AGENT = f"psa-sync/{__version__} (Apache Airflow)"
_PART_BYTES = 65_536


def send(
    session: requests.Session,
    base_url: str,
    call: Call,
    headers: Mapping[str, str],
    timeout_seconds: tuple[float, float],
    give_up_at: float,
) -> requests.Response:
    """The response; raises what `requests` raises, and requests.Timeout after `give_up_at` (time.monotonic)."""
    left = give_up_at - time.monotonic()
    response = session.request(
        call.method,
        call.path if "://" in call.path else base_url + call.path,
        params=call.params,
        json=call.json,
        data=call.form,
        headers={"User-Agent": USER_AGENT, **headers},
        auth=_no_auth,
        verify=_verify_of(session),
        proxies=dict(getattr(session, "proxies", None) or {}),  # else the environment's would go before these
        timeout=(min(timeout_seconds[0], left), min(timeout_seconds[1], left)),
        allow_redirects=False,
        stream=left < math.inf,
    )
    return response if left == math.inf else _read_before(response, give_up_at)


def _verify_of(session: requests.Session) -> bool | str | None:
    """What the connection says; the environment's CA bundle counts only where the connection names none."""
    chosen: bool | str | None = getattr(session, "verify", None)
    return None if chosen is True else chosen


def _read_before(response: requests.Response, give_up_at: float) -> requests.Response:
    """The response with its whole body. A socket's time-out is between two bytes, and there may be many."""
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


def _no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
