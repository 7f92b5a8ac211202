"""Who may use the routes of the pages where the FAB provider keeps users and rights."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from tests.support.fab_airflow import FabAirflow, new_user
from tests.support.page_client import METHODS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

# Page → a question about all PSAs, and one about one of them.
FACTS = {
    "/psa-tickets": ("/api/psas", "/api/syncro/choices"),
    "/psa-status": ("/api/status", "/api/syncro/assets"),
}
NO_DAGS = "plugins"


@pytest.fixture(scope="module")
def tokens(fab: FabAirflow) -> Iterator[dict[str, str]]:
    """Logins of users who may see plugins; one of them may read no DAG."""
    fab.cli(
        "roles create PluginsOnly",
        *(f"roles add-perms {role} --resource Plugins --action can_read" for role in ("PluginsOnly", "Viewer")),
        new_user("PluginsOnly", NO_DAGS),
    )
    yield {name: fab.token_of(name) for name in (NO_DAGS, "viewer", "op", "admin")}
    fab.cli("roles del-perms Viewer --resource Plugins --action can_read")  # other files use the same Airflow


@pytest.mark.parametrize("page", FACTS)
def test_a_stranger_gets_nothing(fab: FabAirflow, page: str) -> None:
    for path in ("/", "/main.js", *FACTS[page]):
        for method in METHODS:
            assert status(fab, f"{page}{path}", method) in (302, 401, 403), (path, method)


@pytest.mark.parametrize("page", FACTS)
def test_each_role_opens_what_it_may_and_no_method_opens_more(
    fab: FabAirflow, tokens: dict[str, str], page: str
) -> None:
    """There is no warehouse here, so facts are a 503."""
    all_psas, one_psa = FACTS[page]
    for name, token in tokens.items():
        assert status(fab, f"{page}/", "GET", token) == 200, name
        is_hidden = status(fab, f"{page}{one_psa}", "GET", token) == 404
        assert is_hidden is (name == NO_DAGS), name
        for method in set(METHODS) - {"GET", "HEAD"}:
            assert status(fab, f"{page}{all_psas}", method, token) >= 400, (name, method)


def status(fab: FabAirflow, path: str, method: str, token: str = "") -> int:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return requests.request(method, f"{fab.url}{path}", headers=headers, timeout=60, allow_redirects=False).status_code
