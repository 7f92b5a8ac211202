"""An open account whose server is the test itself: it says what each request is answered, and sees what was asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests

from include import connectors
from include.http.session import PsaLogin
from tests.support.rig import Unpaced


@dataclass(frozen=True)
class Asked:
    """A request as it would have left."""

    method: str
    url: str
    path: str
    query: Mapping[str, str]
    json: Any = None
    form: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Said:
    """An answer; `more` announces another page."""

    body: Any
    status: int = 200
    more: bool = False


@dataclass
class Line:
    """A session of `requests`; `answer` gives a body, or all that is Said."""

    answer: Callable[[Asked], Any]
    asked: list[Asked] = field(default_factory=list)

    def request(self, method: str, url: str, *, params: Any, json: Any, data: Any, **_: Any) -> requests.Response:
        sent = requests.Request(method, url, params=params, json=json).prepare().url or ""
        parts = urlsplit(sent)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        self.asked.append(Asked(method, sent, parts.path, query, json, data))
        said = self.answer(self.asked[-1])
        return _response(said if isinstance(said, Said) else Said(said))

    def client(self, vendor: str, origin: str, **login: Any) -> Any:
        """An account of the vendor's whose requests all come here."""
        typed = {"conn_id": "psa", "login": "", "password": "secret", "extra": {}, **login}
        session: Any = self
        return connectors.load(vendor).connect(session, PsaLogin(origin=origin, **typed), Unpaced())


def _response(said: Said) -> requests.Response:
    response = requests.Response()
    response.status_code = said.status
    response._content = json.dumps(said.body).encode()
    response.headers["Content-Type"] = "application/json"
    if said.more:
        response.headers["Link"] = '<https://elsewhere.example.org/?page=2>; rel="next"'
    return response
