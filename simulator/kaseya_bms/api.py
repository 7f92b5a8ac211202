"""The API as a whole: logging in, dispatch to the resources, and error responses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from simulator.faults.base import Fault
from simulator.kaseya_bms import faults as own_faults
from simulator.kaseya_bms import routes, setup
from simulator.kaseya_bms.auth import PASSWORD, TENANT, USER_NAME, Tokens, form
from simulator.kaseya_bms.serving import Call, Serving, envelope
from simulator.messages import ApiError, Record, Request, Response, to_json
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
        self._tokens = Tokens()
        self._serving = Serving()

    def connection(self) -> Mapping[str, Any]:
        """The Airflow connection. The credentials are good for this simulator only."""
        return {"login": USER_NAME, "password": PASSWORD, "extra": {"tenant": TENANT}}

    def endpoint(self, path: str) -> str:
        """The path itself, which the API document spells from the version on."""
        return path

    def budget_key(self, endpoint: str) -> str | None:
        """The path without its ids: all single records share a budget, the stricter reading of "per end-point"."""
        found = routes.find(endpoint)
        return found[0].path if found else endpoint

    def respond(self, request: Request, faults: Sequence[Fault]) -> Response:
        """Respond to a request."""
        if request.endpoint in (AUTHENTICATE, REFRESH):
            return self._json(envelope(self._authenticate(request, faults)))
        if any(isinstance(fault, own_faults.TokenEndsEarly) for fault in faults):
            self._tokens.revoke(request)
        self._tokens.check(request)
        found = routes.find(request.endpoint)
        if found is None and request.endpoint != USER_INFO:
            raise ApiError(404, "Not Found")
        if request.method != (found[0].method if found else "GET"):
            raise ApiError(405, "Method Not Allowed")
        if found is None:
            return self._json(envelope(setup.user_info(self.world)))
        return self._json(self._serving.body(Call(self, request, faults, *found)))

    def error_response(self, error: ApiError) -> Response:
        """An error envelope, often with status 200. A refused token gets a 401 with an empty body."""
        if error.status == 401:
            return Response(401, b"", error.headers)
        details = {
            "code": int(error.code) if error.code.isdecimal() else error.status,
            "message": error.message,
            "details": None,
            "stackStrace": None,
            "subErrors": [],
        }
        response = self._json({"success": False, "error": details, "result": None})
        return replace(response, status=error.status, headers={**JSON, **error.headers})

    def _authenticate(self, request: Request, faults: Sequence[Fault]) -> Record:
        if request.method != "POST":
            raise ApiError(405, "Method Not Allowed")
        given = form(request)
        if request.endpoint == AUTHENTICATE:
            needs_code = any(isinstance(fault, own_faults.MfaDemanded) for fault in faults)
            return self._tokens.authenticate(given, needs_code=needs_code)
        if any(isinstance(fault, own_faults.RefreshRefused) for fault in faults):
            raise ApiError(200, "Refresh token expired", code="401")
        return self._tokens.refresh(given)

    def _json(self, body: object) -> Response:
        return Response(200, to_json(body), JSON)
