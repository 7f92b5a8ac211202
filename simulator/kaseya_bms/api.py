"""The API itself: who may ask, which path answers, and how a refusal is worded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from simulator.faults.base import Fault
from simulator.kaseya_bms import faults as own_faults
from simulator.kaseya_bms import routes, setup
from simulator.kaseya_bms.auth import PASSWORD, TENANT, USER_NAME, Login, form
from simulator.kaseya_bms.serving import Call, Serving, envelope
from simulator.messages import Answer, Record, Refused, Request, encoded
from simulator.rate_limit import Limits, Rate
from simulator.world import World

JSON = {"Content-Type": "application/json; charset=utf-8"}
AUTHENTICATE = f"{own_faults.SECURITY}authenticate"
REFRESH = f"{own_faults.SECURITY}refreshtoken"
USER_INFO = f"{own_faults.SECURITY}userinfo"


class KaseyaBms:
    """One tenant of Kaseya BMS, API version 2."""

    limits: ClassVar[Limits] = Limits((Rate(1500, 3600, per_endpoint=True),), retry_after=False)
    faults: ClassVar[tuple[type[Fault], ...]] = own_faults.ALL

    def __init__(self, world: World) -> None:
        self.world = world
        self._login = Login()
        self._serving = Serving()

    def connection(self) -> Mapping[str, Any]:
        """What to put into the connection. It opens nothing but this simulator."""
        return {"login": USER_NAME, "password": PASSWORD, "extra": {"tenant": TENANT}}

    def endpoint(self, path: str) -> str:
        """The path itself: the document spells it from the version on."""
        return path

    def counted_as(self, endpoint: str) -> str | None:
        """The path without its ids, the narrower reading of "per end-point": all details share one budget."""
        found = routes.find(endpoint)
        return found[0].path if found else endpoint

    def answer(self, request: Request, faults: Sequence[Fault]) -> Answer:
        """The answer of the API."""
        if request.endpoint in (AUTHENTICATE, REFRESH):
            return self._json(envelope(self._tokens(request, faults)))
        if any(isinstance(fault, own_faults.TokenEndsEarly) for fault in faults):
            self._login.revoke(request)
        self._login.admit(request)
        found = routes.find(request.endpoint)
        if found is None and request.endpoint != USER_INFO:
            raise Refused(404, "Not Found")
        if request.method != (found[0].method if found else "GET"):
            raise Refused(405, "Method Not Allowed")
        if found is None:
            return self._json(envelope(setup.user_info(self.world)))
        return self._json(self._serving.body(Call(self, request, faults, *found)))

    def refusal(self, refused: Refused) -> Answer:
        """The error envelope, often under status 200; a token that is not accepted gets a 401 and not a word."""
        if refused.status == 401:
            return Answer(401, b"", refused.headers)
        error = {
            "code": int(refused.code) if refused.code.isdecimal() else refused.status,
            "message": refused.message,
            "details": None,
            "stackStrace": None,
            "subErrors": [],
        }
        answer = self._json({"success": False, "error": error, "result": None})
        return replace(answer, status=refused.status, headers={**JSON, **refused.headers})

    def _tokens(self, request: Request, faults: Sequence[Fault]) -> Record:
        if request.method != "POST":
            raise Refused(405, "Method Not Allowed")
        given = form(request)
        if request.endpoint == AUTHENTICATE:
            demanded = any(isinstance(fault, own_faults.MfaDemanded) for fault in faults)
            return self._login.authenticate(given, wants_code=demanded)
        if any(isinstance(fault, own_faults.RefreshRefused) for fault in faults):
            raise Refused(200, "Refresh token expired", code="401")
        return self._login.refresh(given)

    def _json(self, body: object) -> Answer:
        return Answer(200, encoded(body), JSON)
