"""The API as a whole: credentials, the zone of the tenant, dispatch to the resources, and error responses."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from simulator.autotask import faults as own_faults
from simulator.autotask.companies import OWN_COMPANY_ID, own_company
from simulator.autotask.resource import Resource
from simulator.autotask.routes import (
    API,
    BY_PATH,
    CHILDREN,
    METADATA,
    PATH_SPELLINGS,
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
        """The Airflow connection. The credentials are good for this simulator only."""
        return {"login": USER, "password": SECRET, "extra": {"integrationCode": INTEGRATION_CODE}}

    def budget_key(self, endpoint: str) -> str | None:
        """Requests in flight are limited per resource, including its metadata. The zone information is not limited."""
        name = endpoint.split("/")[1]
        return None if name == ZONE_INFORMATION else name

    def endpoint(self, path: str) -> str:
        """The path below the version, in the spelling of the API description. Its case does not matter."""
        match = API.fullmatch(path)
        if match is None:
            return path
        return "/".join(PATH_SPELLINGS.get(part.casefold(), part) for part in match["endpoint"].split("/"))

    def respond(self, request: Request, faults: Sequence[Fault]) -> Response:
        """Respond to a request. From the fault `tenant_moved` on, the tenant is in another zone."""
        if any(isinstance(fault, own_faults.TenantMoved) for fault in faults):
            self._zone = "/moved"
        match = API.fullmatch(request.path)
        if match is None:
            raise ApiError(404, "404 - File or directory not found.", code="html")
        _, name, *rest = request.endpoint.split("/")
        if name == ZONE_INFORMATION and not rest:
            return _json(self._zone_information(request))
        self._check_credentials(request, zone=match["zone"])
        self._calls.append(time.monotonic())
        if name == THRESHOLD_INFORMATION and not rest:
            return _json(self._threshold(faults))
        if name not in BY_PATH:
            raise _not_found(request)
        return _json(self._resource(Call(self, request, faults, BY_PATH[name]), "/".join(rest)))

    def error_response(self, error: ApiError) -> Response:
        """A list of `errors`, or a `Message` of the web server, or an HTML page, or an empty body."""
        if error.code == "html":
            return html(error.status, error.message)
        if error.status == 401:
            return Response(401, b"", error.headers)
        headers = {**JSON, **error.headers}
        if error.code == "threads":
            # Only the code in the message identifies this error; its status is not 429.
            return Response(500, to_json({"errors": [f"Itgenatr005: {error.message}"]}), headers)
        body: object = {"errors": [error.message]}
        if error.status in (404, 405, 415):
            body = {"Message": error.message}
        return Response(error.status, to_json(body), headers)

    def _zone_information(self, request: Request) -> Record:
        """Needs a user name and no password. The address does not always end with a slash."""
        if request.method != "GET":
            raise _wrong_method(request)
        if request.query.get("user") != USER:
            raise ApiError(500, "Zone information could not be determined")
        url = f"{request.origin}{self._zone}/ATServicesRest"
        return {
            "zoneName": "Simulated Zone",
            "url": url if self._zone else f"{url}/",
            "webUrl": f"{request.origin}/",
            "ci": 1,
        }

    def _check_credentials(self, request: Request, *, zone: str) -> None:
        if zone != self._zone:
            raise ApiError(401, "The tenant is not in this zone.")
        if request.headers.get("apiintegrationcode") != INTEGRATION_CODE:
            raise ApiError(500, "IntegrationCode is invalid.")
        if (request.headers.get("username"), request.headers.get("secret")) != (USER, SECRET):
            raise ApiError(401, "The user could not be authenticated.")

    def _threshold(self, faults: Sequence[Fault]) -> Record:
        """The requests of all the tenant's integrations within the last hour."""
        others = sum(fault.used for fault in faults if isinstance(fault, own_faults.BusyTenant))
        while self._calls and self._calls[0] <= time.monotonic() - HOUR_SECONDS:
            self._calls.popleft()
        return {
            "externalRequestThreshold": self.limits.rates[0].requests,
            "requestThresholdTimeframe": 60,
            "currentTimeframeRequestCount": len(self._calls) + others,
        }

    def _resource(self, call: Call, rest: str) -> Record:
        """Everything below a resource's path. The path itself serves nothing: listings need a query."""
        if rest in ("query", "query/next"):
            return self._serving.page(call)
        id_, _, child = rest.partition("/")
        if child and id_.isdecimal() and (call.resource.path, child) in CHILDREN:
            _check_get(call)
            resource, field = CHILDREN[call.resource.path, child]
            return self._serving.below(replace(call, resource=resource), field, int(id_))
        if call.resource.query_only:
            raise _not_found(call.request)
        if rest in METADATA:
            return METADATA[rest](_check_get(call), self.world, call.faults)
        if rest == "query/count":
            return self._serving.count(call)
        if not rest:
            raise _wrong_method(call.request)
        if not rest.isdecimal():
            raise _not_found(call.request)
        _check_get(call)
        return self._serving.single(call, int(rest))


def _check_get(call: Call) -> Resource[Any]:
    """The resource, if the method is GET."""
    if call.request.method != "GET":
        raise _wrong_method(call.request)
    return call.resource


def _wrong_method(request: Request) -> ApiError:
    return ApiError(405, f"The requested resource does not support http method '{request.method}'.")


def _not_found(request: Request) -> ApiError:
    return ApiError(404, f"No HTTP resource was found that matches the request URI '{request.path}'.")


def _json(body: object) -> Response:
    return Response(200, to_json(body), JSON)
