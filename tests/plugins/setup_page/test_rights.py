"""Who may use the setup page under FAB, whose roles an administrator can change."""

from __future__ import annotations

import pytest
import requests

from tests.plugins.setup_page.test_access import one_question_of_each_kind
from tests.support.fab_airflow import FabAirflow

A_BROWSER = "text/html,*/*;q=0.8"
BEFORE_THE_PSA = ("/setup", "/variable", "/check")  # the other questions need a connection, and there is none


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_op_and_admin_may_set_up_a_psa_and_viewer_and_user_may_not_even_with_the_right_to_plugins(
    fab: FabAirflow,
) -> None:
    fab.cli("roles add-perms User --resource Plugins --action can_read")
    tokens = {user: fab.token_of(user) for user in ("viewer", "user", "op", "admin")}
    for method, path, body in [*one_question_of_each_kind("syncro"), ("GET", "/", None), ("GET", "/main.js", None)]:
        assert ask(fab, method, path, body, "").status_code in (401, 403) or path == "/", path
        for user in ("viewer", "user"):
            assert ask(fab, method, path, body, tokens[user]).status_code == 403, (user, path)
        for user in ("op", "admin"):
            status = ask(fab, method, path, body, tokens[user]).status_code
            assert status == 200 if method == "GET" or path.endswith(BEFORE_THE_PSA) else status == 502, (user, path)
    refused = ask(fab, "GET", "/", None, tokens["user"])
    assert "read and edit Variables and Connections, which the roles Op and Admin have" in refused.text


def ask(fab: FabAirflow, method: str, path: str, body: object, token: str) -> requests.Response:
    headers = {"Authorization": f"Bearer {token}", "Accept": A_BROWSER} if token else {}
    return requests.request(
        method, f"{fab.url}/psa-setup{path}", json=body, headers=headers, timeout=60, allow_redirects=False
    )
