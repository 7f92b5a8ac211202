"""That no answer of the ticket page contains more than it should; by HTTP, without a browser. See ../test_doors.py."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from include import connectors
from tests.support.page_client import METHODS, PageClient, Reply, check_is_private_and_harmless, credentials
from tests.support.ticket_rig import PASSWORD
from tests.support.traces import renamed_schema, row_versions

pytestmark = pytest.mark.timeout(300)

MARK = "zqxhallmark"
INTERNALS = re.compile(
    r"traceback|site-packages|\.py\b|\bselect\b.*\bfrom\b|psycopg|sqlalchemy|include\.|/tmp/|/home/", re.I
)
FAULTS = ("server_error", "null_body", "lost_right", "expired_credentials")


def test_who_may_read_one_dag_sees_its_psa_and_no_sign_of_another(client: PageClient) -> None:
    assert [psa["source"] for psa in client.ask_as("narrow", "GET", "/api/psas").json["psas"]] == ["syncro"]
    assert len(client.ask_as("admin", "GET", "/api/psas").json["psas"]) == len(connectors.NAMES)
    for method, path, body in one_question_of_each_kind():
        own, hidden, missing = (
            client.ask_as("narrow", method, path.replace("{source}", source), body)
            for source in ("syncro", "halopsa", "nothing")
        )
        assert own.status in (200, 404), path
        assert hidden.status == 404
        assert hidden.text == missing.text, path


def test_a_problem_names_the_sync_where_a_vendor_has_several(client: PageClient) -> None:
    problem = client.ask_as("patient", "POST", "/api/waits_full/tickets", {}).json["problem"]  # it has no connection
    assert problem["message"].startswith("The connection to ConnectWise (waits_full) or")


def test_every_answer_to_a_question_is_private_and_harmless(client: PageClient) -> None:
    asked: list[tuple[str, str, str, Any]] = [
        ("admin", method, path.replace("{source}", source), content)
        for method, path, body in one_question_of_each_kind()
        for source in ("connectwise", "nothing")
        for content in (body, {"unknown": 1}, b"{", b"[" * 9999, b"\xff")
    ]
    replies = [client.ask_as(*one) for one in asked]
    assert {reply.status for reply in replies} >= {200, 400, 404}
    for reply in replies:
        check_is_private_and_harmless(reply)


def test_no_answer_repeats_what_was_sent(client: PageClient) -> None:
    sent = {"text": MARK, "key": MARK, "status": MARK, "board": MARK, "owner": MARK, "page": MARK, "state": MARK}
    for user in ("", "admin", "blind"):
        header = {
            "X-Mark": MARK,
            **(credentials(client.token(user), "header") if user else {"Cookie": f"_token={MARK}"}),
        }
        for path in (f"/{MARK}", f"/{MARK}.js", f"/api/{MARK}/choices", f"/api/psas?{MARK}=1", f"/%3c{MARK}%3e"):
            for method in METHODS:
                assert MARK not in client.ask(method, path, header).text, (user, method, path)
        for name, value in sent.items():
            for path in ("companies", "tickets", "ticket", MARK):
                for body in ({name: value}, {MARK: value}, f'{{"{name}": {MARK}'.encode()):
                    assert MARK not in client.ask("POST", f"/api/connectwise/{path}", header, body).text, (path, body)


def test_an_error_reveals_nothing_of_the_internals(client: PageClient) -> None:
    replies = [reply for number, fault in enumerate(FAULTS) for reply in ask_all_during(client, fault, number)]
    with renamed_schema(client):
        replies += ask_all(client, len(FAULTS))
    failed = [reply for reply in replies if reply.status != 200]
    assert {reply.status for reply in failed} >= {502, 503}
    assert len(failed) >= len(connectors.NAMES) * len(FAULTS) * 2
    secrets = {PASSWORD, client.rig.airflow.login}
    for simulator in client.rig.simulators.values():
        secrets |= {simulator.connection["password"], simulator.url.split("//")[1]}
    for reply in failed:
        assert not INTERNALS.search(reply.text), reply.text
        assert [secret for secret in secrets if secret in reply.text] == []


def test_asking_changes_nothing_in_any_database(client: PageClient) -> None:
    client.token("admin"), client.token("narrow")
    ask_all(client, 10)  # what is created by the first request exists now
    before = row_versions(client)
    ask_all(client, 11)
    for method, question, body in one_question_of_each_kind():
        client.ask_as("admin", method, question.replace("{source}", "syncro"), body)
    assert row_versions(client) == before


def one_question_of_each_kind() -> Iterator[tuple[str, str, Any]]:
    """One of each kind, as the page asks."""
    yield "GET", "/api/{source}/choices", None
    yield "GET", "/api/{source}/people", None
    yield "POST", "/api/{source}/companies", {"text": "a"}
    yield "POST", "/api/{source}/tickets", {"state": "all"}
    yield "POST", "/api/{source}/ticket", {"key": "1"}


def ask_all(client: PageClient, number: int) -> list[Reply]:
    """At once, a list and a ticket of every vendor that were not asked for before: errors take their time."""
    asked = []
    for vendor in connectors.NAMES:
        key = str(client.rig.simulators[vendor].world.tickets.ids[number])
        asked.append((f"/api/{vendor}/tickets", {"state": "all", "text": f"e{number}"}))
        asked.append((f"/api/{vendor}/ticket", {"key": key}))
    with ThreadPoolExecutor(len(asked)) as pool:
        return list(pool.map(lambda one: client.ask_as("admin", "POST", *one), asked))


def ask_all_during(client: PageClient, fault: str, number: int) -> list[Reply]:
    for simulator in client.rig.simulators.values():
        simulator.faults.add(fault)
    try:
        return ask_all(client, number)
    finally:
        for simulator in client.rig.simulators.values():
            simulator.faults.clear()
