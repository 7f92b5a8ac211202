"""The server: it starts, records requests, obeys its control routes, and leaves nothing behind."""

from __future__ import annotations

import socket
import threading

import pytest
import requests

from simulator.faults.transport import Hang
from simulator.messages import Response
from simulator.server import Simulator
from simulator.world import World
from tests.simulator.clients import connect, serve
from tests.simulator.connectwise.client import Client


class NoticedHang(Hang):
    """Signals when a request hangs."""

    def __init__(self) -> None:
        super().__init__()
        self.noticed = threading.Event()

    def change_response(self, answer: Response) -> Response:
        self.noticed.set()
        return super().change_response(answer)


COUNT = "/company/companies/count"


def control(client: Client, method: str, route: str, **given: object) -> requests.Response:
    """A response of the simulator's control routes."""
    url = f"{client.simulator.url}/_simulator/{route}"
    return client.session.request(method, url, json=given or None, timeout=10)


def test_a_simulator_leaves_no_thread_and_no_port_behind(own_world: World) -> None:
    before = threading.active_count()
    with Simulator(own_world) as simulator:
        port = int(simulator.url.rpartition(":")[2])
    assert threading.active_count() == before
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_a_busy_port_is_the_callers_error(client: Client, own_world: World) -> None:
    port = int(client.simulator.url.rpartition(":")[2])
    with pytest.raises(OSError, match="in use"), Simulator(own_world, port=port):
        pass


def test_a_simulator_stops_while_a_request_hangs(own_world: World) -> None:
    fault = NoticedHang()
    with socket.socket() as held, Simulator(own_world, faults=[fault]) as simulator:
        held.connect(("127.0.0.1", int(simulator.url.rpartition(":")[2])))
        held.sendall(b"GET /v4_6_release/apis/3.0/company/companies HTTP/1.1\r\nHost: x\r\n\r\n")
        assert fault.noticed.wait(timeout=10)
    assert len(simulator.requests) == 1


def test_requests_are_recorded_without_their_secrets(own_client: Client) -> None:
    own_client.ask(COUNT, conditions="id>3")
    recorded = own_client.simulator.requests[-1]
    assert (recorded.method, recorded.endpoint, recorded.status) == ("GET", COUNT, 200)
    assert recorded.path == f"/v4_6_release/apis/3.0{COUNT}"
    assert recorded.query == {"conditions": "id>3"}
    assert recorded.headers["accept"].endswith("version=2025.1")
    secrets = (own_client.simulator.connection["extra"]["clientId"], "Basic")
    assert not any(secret in value for secret in secrets for value in recorded.headers.values())


def test_the_budget_is_kept_for_all_endpoints_together(own_world: World) -> None:
    with serve(Client, own_world, rate_limit=3) as client:
        answers = [client.ask(path) for path in (COUNT, COUNT, "/company/contacts", COUNT)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60


def test_latency_is_added_to_every_answer(own_world: World) -> None:
    with serve(Client, own_world, latency_ms=30) as client:
        assert client.ask(COUNT).elapsed.total_seconds() >= 0.03


def test_latency_can_pass_by_a_clock_of_the_caller(own_world: World) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    with Simulator(own_world, latency_ms=3_600_000, sleep=sleep) as simulator, connect(Client, simulator) as client:
        assert client.ask(COUNT).status_code == 200
    assert slept == [3600.0]


def test_faults_can_be_given_at_the_start(own_world: World) -> None:
    with serve(Client, own_world, "lost_right") as client:
        assert client.ask(COUNT).status_code == 403


def test_health_reports_the_numbers_of_rows(own_client: Client, own_world: World) -> None:
    assert control(own_client, "GET", "health").json()["rows"]["assets"] == len(own_world.assets)


def test_the_changes_of_a_day_can_be_applied(own_client: Client, own_world: World) -> None:
    changes = control(own_client, "POST", "daily_changes", adds=1, edits=0, deletes=0).json()
    assert changes["added"]["assets"][0] in own_world.assets


def test_one_ticket_can_be_changed(own_client: Client, own_world: World) -> None:
    activity = control(own_client, "POST", "activity", kind="created").json()
    assert activity["kind"] == "created"
    assert activity["ticket_id"] in own_world.tickets


def test_faults_can_be_switched_on_and_off_while_it_serves(own_client: Client) -> None:
    assert control(own_client, "POST", "faults", fault="server_error:times=5").json() == {"faults": ["server_error"]}
    assert own_client.ask(COUNT).status_code == 500
    assert control(own_client, "DELETE", "faults").json() == {"faults": []}
    assert own_client.ask(COUNT).status_code == 200


def test_requests_are_counted(own_client: Client) -> None:
    own_client.ask(COUNT)
    own_client.ask(COUNT)
    assert control(own_client, "GET", "requests").json() == {"total": 2, "requests": {f"GET {COUNT} 200": 2}}


@pytest.mark.parametrize(
    ("method", "route", "given", "status"),
    [
        ("POST", "faults", {"fault": "nonsense"}, 400),
        ("POST", "faults", {}, 400),
        ("POST", "daily_changes", {"moons": 2}, 400),
        ("GET", "nothing", {}, 404),
    ],
)
def test_a_wrong_control_request_gets_an_error_message(
    own_client: Client, method: str, route: str, given: dict[str, object], status: int
) -> None:
    answer = control(own_client, method, route, **given)
    assert (answer.status_code, bool(answer.json()["error"])) == (status, True)
