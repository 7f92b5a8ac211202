"""What viewers send: a text stays a search text, and an invented key or page reaches no other address."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from include import connectors
from tests.support.hostile_text import CANARY, INJECTIONS, MISUSED_KEYS
from tests.support.page_client import PageClient, Reply

pytestmark = pytest.mark.timeout(300)

# What the vendors document for reading tickets, and for logging in.
DOCUMENTED: Mapping[str, str] = {
    "connectwise": r"GET /login/companyinfo/simulated|POST /(service|project)/tickets/search|GET /time/entries"
    r"|GET /(service|project)/tickets(/\d+(/notes|/configurations)?)?"
    r"|GET /system/(documents|members)|GET /service/boards/\d+",
    "autotask": r"GET /(ZoneInformation|ThresholdInformation|(Tickets|TicketNotes)/entityInformation/fields)"
    r"|POST /(Tickets|TicketNotes|TimeEntries|Resources|TicketAdditionalConfigurationItems)/query(/count|/next)?",
    "halopsa": r"GET /(authinfo|Tickets(/\d+)?|Actions|Agent|Attachment)|POST /token",
    "kaseya_bms": r"POST /v2/security/authenticate|GET /v2/(servicedesk/tickets(/\d+(/(notes|activities))?)?"
    r"|hr/assignees/lookup|security/userinfo)",
    "syncro": r"GET /(tickets(/\d+(/comments)?)?|users|me)",
}


@pytest.mark.parametrize("vendor", connectors.NAMES)
def test_a_search_text_stays_a_search_text(client: PageClient, vendor: str) -> None:
    simulator = client.rig.simulators[vendor]
    so_far = len(simulator.requests)
    for typed in INJECTIONS:
        reply = client.ask_as("admin", "POST", f"/api/{vendor}/tickets", {"text": typed, "state": "all"})
        assert (reply.status, reply.json["tickets"]) == (200, []), typed
        assert client.ask_as("admin", "POST", f"/api/{vendor}/companies", {"text": typed}).json == {"companies": []}
    assert undocumented_requests(client, vendor, so_far) == []


@pytest.mark.parametrize("vendor", connectors.NAMES)
def test_an_invalid_key_reaches_no_other_address(client: PageClient, vendor: str) -> None:
    simulator, accepted = client.rig.simulators[vendor], []
    so_far = len(simulator.requests)
    for key in MISUSED_KEYS:
        fields = {"board": key, "status": key, "priority": key, "company": key, "owner": key, "page": key}
        asked: list[tuple[str, Mapping[str, str]]] = [("ticket", {"key": key}), ("companies", {"key": key})]
        asked += [("tickets", {name: value}) for name, value in fields.items()]
        for path, body in asked:
            reply = client.ask_as("admin", "POST", f"/api/{vendor}/{path}", body)
            if reply.status == 400:
                assert reply.json["problem"]["kind"] == "form", (path, body)
            else:
                accepted.append((path, body, reply))
    for path, body, reply in accepted:
        assert found_nothing(reply), (path, body, reply.text)
    assert undocumented_requests(client, vendor, so_far) == []


def undocumented_requests(client: PageClient, vendor: str, so_far: int) -> list[str]:
    """What was asked of the simulator since, but for what is documented and addressed to it."""
    simulator = client.rig.simulators[vendor]
    seen = [(f"{one.method} {one.endpoint}", one) for one in simulator.requests[so_far:]]
    own = simulator.url.split("//")[1]
    return [
        line
        for line, one in seen
        if not re.fullmatch(DOCUMENTED[vendor], line) or one.headers["host"] != own or CANARY in str(one.headers)
    ]


def found_nothing(reply: Reply) -> bool:
    """Nothing was found under that key."""
    if reply.status == 200:
        return not reply.json.get("tickets") and not reply.json.get("companies") and "ticket" not in reply.json
    return reply.status == 404 and reply.json["problem"]["kind"] == "gone"
