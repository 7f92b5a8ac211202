"""The API as a whole: credentials, dispatch to the resources, and error responses."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from simulator.connectwise import faults as own_faults
from simulator.connectwise.routes import BY_PATH, DOCUMENTS
from simulator.connectwise.serving import Call, Serving
from simulator.faults.base import Fault
from simulator.messages import ApiError, Request, Response, to_json
from simulator.rate_limit import Limits, Rate
from simulator.world import World

COMPANY_ID = "simulated"
PUBLIC_KEY = "simPublicKey0001"
PRIVATE_KEY = "simPrivateKey0001"
CLIENT_ID = "5d3f2b6e-4c1a-4f0e-9a57-0c0ffee00001"
ROUTER = "v4_6_release"
VERSIONS = ("2025.1", "2024.1")
API = re.compile(r"/(?P<codebase>[^/]+)/apis/3\.0(?P<endpoint>/.*)")
LOGIN = "/login/companyinfo/"
SEARCHES = ("/service/tickets/search", "/project/tickets/search")
CODES = {400: "InvalidObject", 401: "Unauthorized", 403: "Unauthorized", 404: "NotFound", 405: "MethodNotAllowed"}
ID = re.compile(r"(?<=/)\d+(?=/|$)")

JSON = {"Content-Type": "application/json; charset=utf-8", "api-current-version": VERSIONS[0]}
SYSTEM_INFO = {
    "version": "v2025.1.12345",
    "isCloud": True,
    "serverTimeZone": "Eastern Standard Time",
    "cloudRegion": "NA",
    "licenseBits": [{"name": "api", "activeFlag": True}],
}


class ConnectWise:
    """One tenant of ConnectWise PSA."""

    limits: ClassVar[Limits] = Limits((Rate(1000),))
    faults: ClassVar[tuple[type[Fault], ...]] = own_faults.ALL

    def __init__(self, world: World) -> None:
        self.world = world
        self.codebase = "v2025_1"
        self._serving = Serving()

    def connection(self) -> Mapping[str, Any]:
        """The Airflow connection. The credentials are good for this simulator only."""
        return {
            "login": f"{COMPANY_ID}+{PUBLIC_KEY}",
            "password": PRIVATE_KEY,
            "extra": {"clientId": CLIENT_ID},
        }

    def budget_key(self, _endpoint: str) -> str | None:
        """All requests share one limit."""
        return "tenant"

    def endpoint(self, path: str) -> str:
        """The path below the version, as the API description has it; any other path unchanged."""
        match = API.fullmatch(path)
        return match["endpoint"] if match else path

    def respond(self, request: Request, faults: Sequence[Fault]) -> Response:
        """Respond to a request. From the fault `codebase_upgraded` on, the tenant has another codebase."""
        for fault in faults:
            if isinstance(fault, own_faults.CodebaseUpgraded):
                self.codebase = fault.to
        if request.path.startswith(LOGIN):
            return self._company_info(request.path.removeprefix(LOGIN))
        match = API.fullmatch(request.path)
        if match is None or match["codebase"] not in (ROUTER, self.codebase):
            raise ApiError(404, "The requested resource was not found.")
        if request.endpoint == "/system/info":
            return self._json(SYSTEM_INFO)
        self._check_credentials(request)
        return self._resource(request, faults)

    def error_response(self, error: ApiError) -> Response:
        """An error body: with `code`, or with `error` for a 429."""
        body: dict[str, object] = {"code": error.code or CODES.get(error.status, "ConnectWiseApi")}
        if error.status == 429:
            body = {"error": "ConnectWiseAPI"}
        body["message"] = error.message
        if error.status in (400, 404):
            body["errors"] = None
        return replace(self._json(body), status=error.status, headers={**JSON, **error.headers})

    def _company_info(self, company_id: str) -> Response:
        """The codebase of the tenant; `null` for an unknown company."""
        known = company_id.lower() == COMPANY_ID
        return self._json(
            {
                "CompanyName": "Simulated MSP",
                "Codebase": f"{self.codebase}/",
                "VersionCode": self.codebase,
                "VersionNumber": f"{self.codebase}.12345",
                "CompanyID": company_id,
                "IsCloud": "True",
            }
            if known
            else None
        )

    def _check_credentials(self, request: Request) -> None:
        key = f"{COMPANY_ID}+{PUBLIC_KEY}:{PRIVATE_KEY}"
        if request.headers.get("authorization") != f"Basic {base64.b64encode(key.encode()).decode()}":
            raise ApiError(401, "The user could not be authenticated.")
        if request.headers.get("clientid") != CLIENT_ID:
            raise ApiError(403, "A valid clientId header is required.")
        version = re.search(r"version=([^;,\s]+)", request.headers.get("accept", ""))
        if version and version[1] not in VERSIONS:
            raise ApiError(406, f"The version {version[1]} is not supported.", code="InvalidVersion")

    def _resource(self, request: Request, faults: Sequence[Fault]) -> Response:
        is_search = request.endpoint in SEARCHES
        if request.method != ("POST" if is_search else "GET"):
            raise ApiError(405, "The method is not allowed for this resource.")
        if request.endpoint == DOCUMENTS.path:
            return self._documents(request, faults)
        endpoint = request.endpoint.removesuffix("/search") if is_search else request.endpoint
        ids = [int(number) for number in ID.findall(endpoint)]
        pattern = ID.sub("#", endpoint)
        if pattern in BY_PATH:
            records, link = self._serving.page(Call(self, request, faults, BY_PATH[pattern], *ids))
            return self._json(records, link)
        listed, _, tail = pattern.rpartition("/")
        resource = BY_PATH.get(listed)
        if resource is not None and tail == "count" and resource.counted:
            return self._json({"count": self._serving.count(Call(self, request, faults, resource, *ids))})
        if resource is not None and tail == "#" and resource.single:
            return self._json(self._serving.single(Call(self, request, faults, resource, *ids[:-1]), ids[-1]))
        raise ApiError(404, "The requested resource was not found.")

    def _documents(self, request: Request, faults: Sequence[Fault]) -> Response:
        """The documents of one record, which must be given. Only tickets have documents."""
        kind, id_ = request.query.get("recordType", ""), request.query.get("recordId", "")
        if not kind or not id_.isdecimal():
            raise ApiError(400, "The parameters recordType and recordId are required.")
        record = int(id_) if kind == "Ticket" else 0
        return self._json(*self._serving.page(Call(self, request, faults, DOCUMENTS, record)))

    def _json(self, body: object, headers: Mapping[str, str] | None = None) -> Response:
        return Response(200, to_json(body), {**JSON, **(headers or {})})
