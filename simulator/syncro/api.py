"""The API itself: who may ask, which list answers, and how a refusal is worded."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from simulator.faults.base import Fault
from simulator.messages import Answer, Record, Refused, Request, encoded
from simulator.rate_limit import Limits, Rate
from simulator.syncro import faults as own_faults
from simulator.syncro import setup, ticket_details, ticket_entries, tickets
from simulator.syncro.companies import address, phones
from simulator.syncro.faults import NOT_AUTHORIZED
from simulator.syncro.formats import further_sites
from simulator.syncro.routes import ASSETS, BY_PATH, CONTACTS, CUSTOMERS, living
from simulator.syncro.serving import Call, inside, page, single
from simulator.world import World

API_KEY = "Tsimulated0001-5d3f2b6e4c1a4f0e9a570c0ffee00002"
ROOT = "/api/v1"
ONE = re.compile(r"(?P<list>/[a-z_]+)/(?P<id>\d+)(?P<below>/[a-z_]+)?")
JSON = {"Content-Type": "application/json; charset=utf-8"}


class Syncro:
    """One account."""

    limits: ClassVar[Limits] = Limits((Rate(180),), retry_after=False)
    faults: ClassVar[tuple[type[Fault], ...]] = own_faults.ALL

    def __init__(self, world: World) -> None:
        self.world = world

    def connection(self) -> Mapping[str, Any]:
        """What to put into the connection. It opens nothing but this simulator."""
        return {"login": "", "password": API_KEY, "extra": {}}

    def counted_as(self, _endpoint: str) -> str | None:
        """All requests from one address share one limit, and the simulator has one caller."""
        return "address"

    def endpoint(self, path: str) -> str:
        """The path below the version; anything else as it is."""
        return path.removeprefix(ROOT) if path.startswith(f"{ROOT}/") else path

    def answer(self, request: Request, faults: Sequence[Fault]) -> Answer:
        """The answer of the API."""
        if not request.path.startswith(f"{ROOT}/"):
            raise Refused(404, "Not found")
        if request.headers.get("authorization") != f"Bearer {API_KEY}":
            raise Refused(401, "Not authorized")
        if request.method != "GET":
            raise Refused(401, NOT_AUTHORIZED)  # the token may read, and nothing else
        return Answer(200, encoded(_body(Call(self, request, faults))), JSON)

    def refusal(self, refused: Refused) -> Answer:
        """The API's error bodies, which have no common shape; one request too many is not even told in JSON."""
        if refused.status == 429:
            return Answer(429, b"Retry later\n", {"Content-Type": "text/plain", **refused.headers})
        body: Record = {"error": refused.message}
        if refused.status == 404:
            body = {"message": refused.message}
        elif refused.status in (400, 422):
            body = {"success": False, "message": [refused.message], "params": {}}
        return Answer(refused.status, encoded(body), {**JSON, **refused.headers})


# Everything beside single records and the pages that are the same for every request.
FIXED: Mapping[str, Callable[[Call], Record]] = {
    "/me": lambda call: setup.me(call, API_KEY),
    "/settings": setup.settings,
    "/tickets/settings": setup.ticket_settings,
    "/tickets": lambda call: page(call, tickets.feed(call)),
    "/users": lambda call: {"users": setup.users(call.world)},
}


def _body(call: Call) -> Record:
    endpoint = call.request.endpoint
    if endpoint in BY_PATH:
        return page(call, BY_PATH[endpoint])
    if endpoint in FIXED:
        return FIXED[endpoint](call)
    found = ONE.fullmatch(endpoint)
    answer = BY_ID.get(f"{found['list']}/#{found['below'] or ''}") if found else None
    if found is None or answer is None:
        raise Refused(404, "Not found")
    return answer(call, int(found["id"]))


def _customer(call: Call, id_: int) -> Record:
    """One customer, disabled or not; only here are its further addresses."""
    record = single(call, CUSTOMERS, id_, living(call.world))
    every = call.world.sites.by("is_primary").get(False, ())
    addresses = inside(call, "sites", further_sites(call.world, id_), address, among=every)
    return {"customer": {**record, "addresses": addresses}}


def _phones(call: Call, id_: int) -> Record:
    if id_ not in living(call.world):
        raise Refused(404, "Not found")
    return {"phones": phones(call.world.companies[id_])}


def _user(call: Call, id_: int) -> Record:
    if id_ not in call.world.members:
        raise Refused(404, "Not found")
    return {"user": setup.user(call.world.members[id_])}


# Single records by the path of their list: in an envelope, but for contacts.
BY_ID: Mapping[str, Callable[[Call, int], Record]] = {
    "/customers/#": _customer,
    "/customers/#/phones": _phones,
    "/contacts/#": lambda call, id_: single(call, CONTACTS, id_, call.world.contacts.ids),
    "/customer_assets/#": lambda call, id_: {"asset": single(call, ASSETS, id_, call.world.assets.ids)},
    "/tickets/#": lambda call, id_: {"ticket": ticket_details.details(call, id_)},
    "/tickets/#/comments": ticket_entries.listed,
    "/users/#": _user,
}
