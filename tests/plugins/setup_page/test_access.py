"""Who may use the setup page's routes, and that no answer or log contains more than it should; without a browser."""

from __future__ import annotations

import importlib
import re
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from include import connectors
from tests.plugins.ticket_page.test_access import CONTENT_SECURITY_POLICY, METHODS, ODD_PATHS, SECURITY_HEADERS
from tests.plugins.ticket_page.test_access import credentials as carried
from tests.support.page_client import PageClient
from tests.support.traces import contains, files_written, logged_files, row_versions

pytestmark = pytest.mark.timeout(300)

MARK = "zqxsetupmark"
REFUSED = (401, 403)


@pytest.fixture(scope="module")
def paths() -> Sequence[str]:
    """Every route of the page's app, each of its files, and odd paths."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Airflow, about its own libraries
        importlib.import_module("airflow")  # puts plugins/ on the path
        page = importlib.import_module("psa_setup_page.app")
    stand_ins = {"{source}": "connectwise", "{name}": "theme.js", "{path:path}": "nothing/at/all"}
    routes = {re.sub(r"{.*?}", lambda found: stand_ins[found[0]], route.path) for route in page.app.routes}
    assert len(routes) > 11
    return [*sorted(routes), *(f"/{name}" for name in page.FILES), *ODD_PATHS]


def test_a_stranger_and_who_may_not_edit_get_nothing(client: PageClient, paths: Sequence[str]) -> None:
    for path in paths:
        for method in methods(path):
            reply = client.ask(method, path)
            assert reply.status in REFUSED or "/auth/login?next=" in reply.headers["location"], (method, path)
            for user in ("narrow", "blind", "patient"):  # viewers
                assert client.ask_as(user, method, path, {}).status == 403, (user, method, path)


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
    headers = {**carried(client.token("narrow"), "cookie"), "Accept": "text/html,*/*;q=0.8"}
    assert "It needs one of the roles op and admin." in client.ask("GET", "/", headers).text


def test_no_get_changes_anything_or_asks_a_psa(client: PageClient, paths: Sequence[str]) -> None:
    asked = {name: len(simulator.requests) for name, simulator in client.rig.simulators.items()}
    for name in connectors.NAMES:  # what is created by the first request exists then
        client.ask_as("admin", "GET", f"/api/{name}/setup")
    before = row_versions(client)
    for path in [*paths, *(f"/api/{name}/{what}" for name in connectors.NAMES for what in ("setup", "variable"))]:
        for method in ("GET", "HEAD"):
            client.ask_as("operator", method, path)
    assert row_versions(client) == before
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
        headers = {**carried(client.token("admin"), "cookie"), "Content-Type": kind}
        for method, path, _ in one_question_of_each_kind("syncro"):
            if method == "POST":
                assert client.ask(method, path, headers, b"{}").status == 400, (kind, path)


def test_every_answer_is_private_and_harmless(client: PageClient, paths: Sequence[str]) -> None:
    replies = [client.ask_as("admin", method, path) for path in paths for method in methods(path)[:3]]
    replies += [client.ask_as("narrow", "GET", path) for path in paths[:5]]
    for source in ("connectwise", "nothing"):
        for method, path, body in one_question_of_each_kind(source):
            for content in (body, {"unknown": 1}, b"{", b"[" * 9999, b"\xff"):
                replies.append(client.ask_as("admin", method, path, content))
    assert {reply.status for reply in replies} >= {200, 400, 403, 404}
    for reply in replies:
        assert {name: reply.headers.get(name) for name in SECURITY_HEADERS} == SECURITY_HEADERS
        assert set(reply.headers["content-security-policy"].split("; ")) == CONTENT_SECURITY_POLICY


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


def methods(path: str) -> Sequence[str]:
    """The methods to try; files are alike, so one is enough for them."""
    return METHODS if path.count(".") != 1 or path in ODD_PATHS else METHODS[:1]
