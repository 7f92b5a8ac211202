"""The API as a whole: the API key, and error responses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from simulator.faults.base import Fault
from simulator.messages import ApiError, Record, Request, Response, to_json
from simulator.rate_limit import Limits, Rate
from simulator.syncro import faults as own_faults
from simulator.syncro.faults import NOT_AUTHORIZED
from simulator.syncro.routes import body
from simulator.syncro.serving import Call
from simulator.world import World

API_KEY = "Tsimulated0001-5d3f2b6e4c1a4f0e9a570c0ffee00002"
ROOT = "/api/v1"
JSON = {"Content-Type": "application/json; charset=utf-8"}


class Syncro:
    """One account of Syncro."""

    limits: ClassVar[Limits] = Limits((Rate(180),), retry_after=False)
    faults: ClassVar[tuple[type[Fault], ...]] = own_faults.ALL

    def __init__(self, world: World) -> None:
        self.world = world

    def connection(self) -> Mapping[str, Any]:
        """The Airflow connection. The credentials are good for this simulator only."""
        return {"login": "", "password": API_KEY, "extra": {}}

    def budget_key(self, _endpoint: str) -> str | None:
        """All requests from one IP address share one limit, and the simulator has one client."""
        return "address"

    def endpoint(self, path: str) -> str:
        """The path below the version; any other path unchanged."""
        return path.removeprefix(ROOT) if path.startswith(f"{ROOT}/") else path

    def respond(self, request: Request, faults: Sequence[Fault]) -> Response:
        """Respond to a request."""
        if not request.path.startswith(f"{ROOT}/"):
            raise ApiError(404, "Not found")
        if request.headers.get("authorization") != f"Bearer {API_KEY}":
            raise ApiError(401, "Not authorized")
        if request.method != "GET":
            raise ApiError(401, NOT_AUTHORIZED)  # the API key permits reading only
        return Response(200, to_json(body(Call(self, request, faults))), JSON)

    def error_response(self, error: ApiError) -> Response:
        """An error response. Errors have no common format, and a 429 is plain text."""
        if error.status == 429:
            return Response(429, b"Retry later\n", {"Content-Type": "text/plain", **error.headers})
        details: Record = {"error": error.message}
        if error.status == 404:
            details = {"message": error.message}
        elif error.status in (400, 422):
            details = {"success": False, "message": [error.message], "params": {}}
        return Response(error.status, to_json(details), {**JSON, **error.headers})
