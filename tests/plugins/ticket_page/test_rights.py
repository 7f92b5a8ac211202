"""What people read who may not see plugins: the missing right, and how it is given."""

from __future__ import annotations

import importlib
import time
import warnings
from types import ModuleType

import pytest
import requests

from tests.support.fab_airflow import FabAirflow

A_BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.fixture(scope="module")
def rights() -> ModuleType:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Airflow, about its own libraries
        importlib.import_module("airflow")  # puts plugins/ on the path
        return importlib.import_module("psa_pages.rights")


@pytest.mark.parametrize(
    ("manager", "words"),
    [
        ("SimpleAuthManager", "[core] simple_auth_manager_users"),
        ("FabAuthManager", "airflow roles add-perms Viewer --resource Plugins --action can_read"),
        ("KeycloakAuthManager", "scope GET of the resource View"),
        ("AwsAuthManager", 'action == Airflow::Action::"View.GET"'),
        ("AuthManagerOfNoProvider", "Ask an administrator of Airflow"),
    ],
)
def test_each_auth_manager_and_those_derived_from_it_have_their_own_words(
    rights: ModuleType, manager: str, words: str
) -> None:
    base = type(manager, (), {})
    for one in (base(), type("CompanysOwn", (base,), {})()):
        assert words in rights.needed_right(one).sentences
        assert rights.needed_right(one).sentences.startswith("Your Airflow user may not see this page. It needs ")


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_a_viewer_under_fab_reads_which_command_opens_the_page_and_it_does(fab: FabAirflow) -> None:
    command = "airflow roles add-perms Viewer --resource Plugins --action can_read"
    refused = ask_until(fab, 403)
    assert refused.headers["content-type"] == "text/html; charset=utf-8"
    assert f"<pre>{command}</pre>" in refused.text
    answer = ask(fab, "/api/psas", "*/*")
    assert answer.status_code == 403
    assert command in answer.json()["problem"]["message"]

    fab.cli(command.removeprefix("airflow "))
    ask_until(fab, 200)
    assert len(ask(fab, "/api/psas", "*/*").json()["psas"]) == 5


def ask_until(fab: FabAirflow, status: int) -> requests.Response:
    """The page's answer with this status: FAB keeps what it knows of a user for a moment."""
    deadline = time.monotonic() + 30
    while (answer := ask(fab, "/", A_BROWSER)).status_code != status and time.monotonic() < deadline:
        pass
    assert answer.status_code == status
    return answer


def ask(fab: FabAirflow, path: str, accept: str) -> requests.Response:
    headers = {"Authorization": f"Bearer {fab.token}", "Accept": accept}
    return requests.get(f"{fab.url}/psa-tickets{path}", headers=headers, timeout=60)
