"""The API itself: who may ask, where the tenant lives, which entity answers, and how a refusal is worded."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from simulator.autotask import faults as own_faults
from simulator.autotask.companies import OWN_COMPANY_ID, own_company
from simulator.autotask.resource import Entity
from simulator.autotask.routes import (
    API,
    BY_PATH,
    CHILDREN,
    METADATA,
    SPELLINGS,
    THRESHOLD_INFORMATION,
    ZONE_INFORMATION,
)
from simulator.autotask.serving import Call, Serving
from simulator.faults.base import Fault
from simulator.faults.transport import html
from simulator.messages import ApiError, Record, Request, Response, to_json
from simulator.rate_limit import Limits, Rate
from simulator.world import World

USER = "api-user@msp.example"
SECRET = "simSecret0001"  # noqa: S105  # opens nothing but this simulator
INTEGRATION_CODE = "SIMULATEDTRACKINGIDENTIFIER"
HOUR_SECONDS = 3600.0

JSON = {"Content-Type": "application/json; charset=utf-8"}


class Autotask:
    """One tenant of Autotask PSA."""

    limits: ClassVar[Limits] = Limits((Rate(10_000, HOUR_SECONDS),), in_flight=3, retry_after=False)
    faults: ClassVar[tuple[type[Fault], ...]] = own_faults.ALL

    def __init__(self, world: World) -> None:
        self.world = world
        if OWN_COMPANY_ID not in world.companies:
            world.companies.add(own_company())
        self._zone = ""
        self._serving = Serving()
        self._calls: deque[float] = deque(maxlen=self.limits.rates[0].requests)

    def connection(self) -> Mapping[str, Any]:
        """What to put into the connection. It opens nothing but this simulator."""
        return {"login": USER, "password": SECRET, "extra": {"integrationCode": INTEGRATION_CODE}}

    def budget_key(self, endpoint: str) -> str | None:
        """Calls at once are counted by entity, its metadata included; looking for the zone is free."""
        name = endpoint.split("/")[1]
        return None if name == ZONE_INFORMATION else name

    def endpoint(self, path: str) -> str:
        """The path below the version in the description's spelling, whatever its case; anything else as it is."""
        match = API.fullmatch(path)
        if match is None:
            return path
        return "/".join(SPELLINGS.get(part.casefold(), part) for part in match["endpoint"].split("/"))

    def respond(self, request: Request, faults: Sequence[Fault]) -> Response:
        """The answer of the API."""
        if any(isinstance(fault, own_faults.TenantMoved) for fault in faults):
            self._zone = "/moved"
        match = API.fullmatch(request.path)
        if match is None:
            raise ApiError(404, "404 - File or directory not found.", code="html")
        _, name, *rest = request.endpoint.split("/")
        if name == ZONE_INFORMATION and not rest:
            return _json(self._zone_information(request))
        self._admit(request, zone=match["zone"])
        self._calls.append(time.monotonic())
        if name == THRESHOLD_INFORMATION and not rest:
            return _json(self._threshold(faults))
        if name not in BY_PATH:
            raise _nothing(request)
        return _json(self._entity(Call(self, request, faults, BY_PATH[name]), "/".join(rest)))

    def error_response(self, error: ApiError) -> Response:
        """`errors` for most, a bare `Message` from the web server, a page for people, or nothing at all."""
        if error.code == "html":
            return html(error.status, error.message)
        if error.status == 401:
            return Response(401, b"", error.headers)
        headers = {**JSON, **error.headers}
        if error.code == "threads":
            # The vendor's own code tells it from other refusals; the status need not be 429.
            return Response(500, to_json({"errors": [f"Itgenatr005: {error.message}"]}), headers)
        body: object = {"errors": [error.message]}
        if error.status in (404, 405, 415):
            body = {"Message": error.message}
        return Response(error.status, to_json(body), headers)

    def _zone_information(self, request: Request) -> Record:
        """Open to anyone who knows a user's name. The slash at the end of the address is not always there."""
        if request.method != "GET":
            raise _wrong_verb(request)
        if request.query.get("user") != USER:
            raise ApiError(500, "Zone information could not be determined")
        url = f"{request.origin}{self._zone}/ATServicesRest"
        return {
            "zoneName": "Simulated Zone",
            "url": url if self._zone else f"{url}/",
            "webUrl": f"{request.origin}/",
            "ci": 1,
        }

    def _admit(self, request: Request, *, zone: str) -> None:
        if zone != self._zone:
            raise ApiError(401, "The tenant is not in this zone.")
        if request.headers.get("apiintegrationcode") != INTEGRATION_CODE:
            raise ApiError(500, "IntegrationCode is invalid.")
        if (request.headers.get("username"), request.headers.get("secret")) != (USER, SECRET):
            raise ApiError(401, "The user could not be authenticated.")

    def _threshold(self, faults: Sequence[Fault]) -> Record:
        """The hour so far, of all integrations of the tenant."""
        others = sum(fault.used for fault in faults if isinstance(fault, own_faults.BusyTenant))
        while self._calls and self._calls[0] <= time.monotonic() - HOUR_SECONDS:
            self._calls.popleft()
        return {
            "externalRequestThreshold": self.limits.rates[0].requests,
            "requestThresholdTimeframe": 60,
            "currentTimeframeRequestCount": len(self._calls) + others,
        }

    def _entity(self, call: Call, rest: str) -> Record:
        """Everything below an entity's path; the entity itself cannot be listed but by a query."""
        if rest in ("query", "query/next"):
            return self._serving.page(call)
        id_, _, child = rest.partition("/")
        if child and id_.isdecimal() and (call.entity.path, child) in CHILDREN:
            _read(call)
            entity, field = CHILDREN[call.entity.path, child]
            return self._serving.below(replace(call, entity=entity), field, int(id_))
        if call.entity.query_only:
            raise _nothing(call.request)
        if rest in METADATA:
            return METADATA[rest](_read(call), self.world, call.faults)
        if rest == "query/count":
            return self._serving.count(call)
        if not rest:
            raise _wrong_verb(call.request)
        if not rest.isdecimal():
            raise _nothing(call.request)
        _read(call)
        return self._serving.single(call, int(rest))


def _read(call: Call) -> Entity[Any]:
    """The entity, if it is asked with GET."""
    if call.request.method != "GET":
        raise _wrong_verb(call.request)
    return call.entity


def _wrong_verb(request: Request) -> ApiError:
    return ApiError(405, f"The requested resource does not support http method '{request.method}'.")


def _nothing(request: Request) -> ApiError:
    return ApiError(404, f"No HTTP resource was found that matches the request URI '{request.path}'.")


def _json(body: object) -> Response:
    return Response(200, to_json(body), JSON)
