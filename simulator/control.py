"""The simulator's own routes: change its data, switch faults on and off, count the requests. For this machine only."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from simulator.daily_changes import apply_daily_changes
from simulator.faults import Faults
from simulator.messages import Request, Response, VendorApi
from simulator.ticket_activity import simulate_activity

if TYPE_CHECKING:
    from simulator.app import RecordedRequest

PREFIX = "/_simulator/"
LOOPBACK = ("127.0.0.1", "::1")


class ControlRoutes:
    """Serves the paths below the prefix."""

    def __init__(self, api: VendorApi, faults: Faults, requests: Sequence[RecordedRequest]) -> None:
        self._api = api
        self._faults = faults
        self._requests = requests

    def serves(self, request: Request) -> bool:
        """Whether the request is for the simulator itself and not for the vendor's API."""
        return request.path.startswith(PREFIX)

    def respond(self, request: Request, *, client: Sequence[Any] | None) -> Response:
        """Respond with JSON; `error` says what is wrong with a request."""
        if not client or client[0] not in LOOPBACK:
            return _json(403, {"error": "only the machine that the simulator runs on may do this"})
        routes: dict[str, Callable[..., dict[str, object]]] = {
            "GET health": self._health,
            "GET requests": self._count_requests,
            "POST daily_changes": self._apply_daily_changes,
            "POST activity": self._simulate_activity,
            "POST faults": self._add_fault,
            "DELETE faults": self._remove_faults,
        }
        route = routes.get(f"{request.method} {request.path.removeprefix(PREFIX)}")
        if route is None:
            return _json(404, {"error": f"the routes are: {', '.join(routes)}"})
        try:
            given = json.loads(request.body or b"{}")
            return _json(200, route(**given, **request.query))
        except (TypeError, ValueError) as error:
            return _json(400, {"error": str(error)})

    def _health(self) -> dict[str, object]:
        world = self._api.world
        rows = {kind: len(getattr(world, kind)) for kind in ("companies", "sites", "assets", "contacts", "tickets")}
        return {"status": "ok", "rows": rows, "faults": self._names()}

    def _count_requests(self) -> dict[str, object]:
        by_endpoint = Counter(f"{one.method} {one.endpoint} {one.status}" for one in list(self._requests))
        return {"total": sum(by_endpoint.values()), "requests": dict(by_endpoint.most_common())}

    def _apply_daily_changes(self, seed: int = 1, **amounts: Any) -> dict[str, object]:
        return asdict(apply_daily_changes(self._api.world, seed, **amounts))

    def _simulate_activity(self, seed: int = 1, kind: str = "") -> dict[str, object]:
        return asdict(simulate_activity(self._api.world, seed, at=datetime.now(timezone.utc), kind=kind))

    def _add_fault(self, fault: str) -> dict[str, object]:
        self._faults.add(fault)
        return {"faults": self._names()}

    def _remove_faults(self, name: str = "") -> dict[str, object]:
        if name:
            self._faults.remove(name)
        else:
            self._faults.clear()
        return {"faults": self._names()}

    def _names(self) -> list[str]:
        return [one.name for one in self._faults]


def _json(status: int, body: Mapping[str, object]) -> Response:
    return Response(status, json.dumps(body).encode(), {"Content-Type": "application/json"})
