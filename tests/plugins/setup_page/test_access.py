"""Who may ask what on the setup page, and that no answer or log has more than it should. See ../test_doors.py."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from include import connectors
from tests.support.page_client import PageClient, check_is_private_and_harmless, credentials
from tests.support.traces import contains, files_written, logged_files, row_versions

pytestmark = pytest.mark.timeout(300)

MARK = "zqxsetupmark"


def test_who_may_edit_variables_and_connections_may_set_up_each_psa_whose_dag_they_may_read(
    client: PageClient,
) -> None:
    for user, sources in (("admin", sorted(connectors.NAMES)), ("operator", sorted(connectors.NAMES))):
        assert [psa["source"] for psa in client.ask_as(user, "GET", "/api/psas").json["psas"]] == sources
        for method, path, body in one_question_of_each_kind("syncro"):
            assert client.ask_as(user, method, path, body).status == 200, (user, path)
    assert [psa["source"] for psa in client.ask_as("narrow_operator", "GET", "/api/psas").json["psas"]] == ["syncro"]
    for own, hidden, missing in zip(*map(one_question_of_each_kind, ("syncro", "halopsa", "nothing")), strict=True):
        replies = [client.ask_as("narrow_operator", *question) for question in (own, hidden, missing)]
        assert [reply.status for reply in replies] == [200, 404, 404], own
        assert replies[1].text == replies[2].text, own


def test_who_is_refused_reads_which_roles_may(client: PageClient) -> None:
    headers = {**credentials(client.token("narrow"), "cookie"), "Accept": "text/html,*/*;q=0.8"}
    assert "It needs one of the roles op and admin." in client.ask("GET", "/", headers).text


def test_no_get_asks_a_psa(client: PageClient) -> None:
    asked = {name: len(simulator.requests) for name, simulator in client.rig.simulators.items()}
    for name in connectors.NAMES:
        for method, path, _ in one_question_of_each_kind(name):
            for sent in ("GET", "HEAD"):
                assert client.ask_as("operator", sent, path).status == (200 if sent == method else 404), path
    assert {name: len(simulator.requests) for name, simulator in client.rig.simulators.items()} == asked


def test_no_question_changes_a_setup_or_a_synced_row(client: PageClient) -> None:
    for name in connectors.NAMES:
        for method, path, body in one_question_of_each_kind(name):
            client.ask_as("admin", method, path, body)
    before = row_versions(client)
    for name in connectors.NAMES:
        for method, path, body in one_question_of_each_kind(name):
            assert client.ask_as("operator", method, path, body).status == 200, (name, path)
    assert row_versions(client) == before


def test_a_form_of_another_site_is_refused_whatever_it_sends(client: PageClient) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""):
        headers = {**credentials(client.token("admin"), "cookie"), "Content-Type": kind}
        for method, path, _ in one_question_of_each_kind("syncro"):
            if method == "POST":
                assert client.ask(method, path, headers, b"{}").status == 400, (kind, path)


def test_every_answer_to_a_question_is_private_and_harmless(client: PageClient) -> None:
    questions = [one for source in ("connectwise", "nothing") for one in one_question_of_each_kind(source)]
    for method, path, body in questions:
        for content in (body, {"unknown": 1}, b"{", b"[" * 9999, b"\xff"):
            check_is_private_and_harmless(client.ask_as("admin", method, path, content))


def test_values_of_custom_fields_are_shown_to_editors_and_are_in_no_log_and_no_answer_to_others(
    client: PageClient,
) -> None:
    for name in connectors.NAMES:
        mark_values(client, name)
    shown = []
    for name in connectors.NAMES:
        asked = ("POST", f"/api/{name}/fields", {"table": "contacts"})  # which no other test has asked for lately
        shown += [name] if MARK in client.ask_as("operator", *asked).text else []
        for user in ("narrow", "blind"):
            assert MARK not in client.ask_as(user, *asked).text
        assert MARK not in client.ask(*asked[:2], body=asked[2]).text
        for question in one_question_of_each_kind(name):
            client.ask_as("operator", *question)
    assert len(shown) >= 3  # at the others the examples are options of fields, or contacts have no text
    folders = (client.rig.airflow.home.parent,)
    written = dict.fromkeys([*files_written(folders, since=0), *logged_files(client.rig.file_log)])
    assert [str(file) for file in written if contains(file, MARK.encode())] == []


def mark_values(client: PageClient, name: str) -> None:
    """Every text of a custom field holds the mark from now on."""
    world = client.rig.simulators[name].world
    for values in [record.custom_fields for some in (world.assets, world.contacts) for record in some.values()]:
        values.update({key: f"{MARK} {value}" for key, value in values.items() if isinstance(value, str)})


def one_question_of_each_kind(source: str) -> Iterator[tuple[str, str, Any]]:
    """One of each kind, as the page asks."""
    yield "GET", f"/api/{source}/setup", None
    yield "GET", f"/api/{source}/variable", None
    yield "POST", f"/api/{source}/check", {"text": "{}"}
    yield "POST", f"/api/{source}/test", {"text": "{}"}
    yield "POST", f"/api/{source}/companies", {}
    yield "POST", f"/api/{source}/fields", {"table": "assets"}
    yield "POST", f"/api/{source}/count", {"text": "{}"}
    yield "POST", f"/api/{source}/preview", {"old": "", "new": '{"requests_in_flight": 2}'}
