"""Who may use the routes of each page, and with which headers it answers; by HTTP, without a browser."""

from __future__ import annotations

import importlib
import re
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest

from include import connectors
from tests.support.page_client import (
    METHODS,
    SECURITY_HEADERS,
    PageClient,
    check_is_private_and_harmless,
    credentials,
    is_refused,
)
from tests.support.ticket_rig import USERS
from tests.support.traces import row_versions

pytestmark = pytest.mark.timeout(300)

# Address in Airflow → module of the app, and a question that a login can ask.
PAGES = {
    "/psa-tickets": ("psa_ticket_page.app", "psas"),
    "/psa-status": ("psa_status_page.app", "status"),
    "/psa-setup": ("psa_setup_page.app", "psas"),
}
FOR_EDITORS = ("/psa-setup",)  # of Variables and connections
STAND_INS = {"{source}": "connectwise", "{table}": "assets", "{name}": "theme.js", "{path:path}": "nothing/at/all"}
# They lead elsewhere on a server that normalises a path only after it has checked the login.
ODD_PATHS = (
    *("/docs", "/redoc", "/openapi.json", "/docs/oauth2-redirect", "/nothing", "/api", "/api/", "/api/psas/"),
    *("//", "//api/psas", "/./api/psas", "/x/../api/psas", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc%2fpasswd"),
    *("/api%2fpsas", "/api/psas%2f", "/api/psas;x=1", "/;/api/psas", "/api/psas%00", "/api/psas%20", "/API/PSAS"),
    *("/api/psas.json", "/api/psas?_token=x", "/index.html/", "/index.html%3f", "/static/main.js", "/%5c..%5capp.py"),
    *("/app.py", "/__init__.py", "/.git/config", "/api/connectwise%2fchoices", "/api//choices", "//evil.example/"),
)


@dataclass(frozen=True)
class Door:
    """A page, as strangers and users meet it."""

    client: PageClient
    paths: Sequence[str]
    """Every route of the page's app, each of its files, and odd paths."""
    question: str
    """A path that answers with facts."""

    def methods(self, path: str) -> Sequence[str]:
        """The methods to try; files are alike, so one is enough for them."""
        is_file = path.count(".") == 1 and path not in ODD_PATHS
        return METHODS[:1] if is_file else METHODS


@pytest.fixture(scope="module", params=PAGES)
def door(request: pytest.FixtureRequest, client: PageClient) -> Door:
    module, asked = PAGES[request.param]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Airflow, about its own libraries
        importlib.import_module("airflow")  # puts plugins/ on the path
        page = importlib.import_module(module)
    routes = {re.sub(r"{.*?}", lambda found: STAND_INS[found[0]], route.path) for route in page.app.routes}
    files = [f"/{name}" for name in page.FILES]
    odd = [path.replace("psas", asked) for path in ODD_PATHS]
    assert len(routes) >= 6 and len(files) > 15
    return Door(replace(client, page=request.param), [*sorted(routes), *files, *odd], f"/api/{asked}")


def test_without_a_login_nothing_is_answered(door: Door) -> None:
    for path in door.paths:
        for method in door.methods(path):
            assert is_refused(door.client.ask(method, path)), (method, path)


@pytest.mark.parametrize("carrier", ["header", "cookie"])
def test_a_token_that_is_not_airflows_or_no_longer_valid_opens_nothing(door: Door, carrier: str) -> None:
    client = door.client
    yesterday = int(time.time()) - 86_400
    expired = client.forged(iat=yesterday - 60, nbf=yesterday - 60, exp=yesterday)
    unsigned = ".".join([*client.token("admin").split(".")[:2], ""])
    for token in ("garbage", "a.b.c", unsigned, client.forged("another key " * 6), client.forged(aud="other"), expired):
        for path in door.paths[:12]:
            assert is_refused(client.ask("GET", path, credentials(token, carrier))), (token, path)
    forged = credentials(client.forged(), carrier)
    assert client.ask("GET", door.question, forged).status == 200  # the forgery itself is good


@pytest.mark.parametrize("carrier", ["header", "cookie"])
def test_a_login_opens_the_page_by_header_and_by_cookie(door: Door, carrier: str) -> None:
    for path in ("/", "/main.js", door.question):
        reply = door.client.ask("GET", path, credentials(door.client.token("admin"), carrier))
        assert reply.status == 200, path


def test_without_a_login_a_browser_goes_to_the_login_and_back_to_the_page_and_nowhere_else(door: Door) -> None:
    for path in ("/", "//", "//evil.example/", "/%09//evil.example/", "/%5c%5cevil.example/"):
        target = door.client.ask("GET", path).headers["location"]
        page = door.client.page.removeprefix("/")
        assert re.fullmatch(rf"/auth/login\?next=%2F{page}%2F[^/\\&]*", target), target


def test_who_may_not_see_plugins_gets_nothing(door: Door) -> None:
    for path in door.paths:
        for method in door.methods(path):
            assert door.client.ask_as("blind", method, path, {}).status == 403, (method, path)


def test_who_opens_an_address_in_a_browser_and_may_not_gets_a_page_that_says_so(door: Door) -> None:
    client = door.client
    for path in ("/", "/main.js"):
        reply = client.ask(
            "GET", path, {**credentials(client.token("blind"), "cookie"), "Accept": "text/html,*/*;q=0.8"}
        )
        assert (reply.status, reply.headers["content-type"]) == (403, "text/html; charset=utf-8"), path
        assert "It needs one of the roles viewer" in reply.text
        assert "script-src 'self'; style-src 'sha256-" in reply.headers["content-security-policy"]
        assert {name: reply.headers.get(name) for name in SECURITY_HEADERS} == SECURITY_HEADERS
    missing = client.ask("GET", "/x<b>", {**credentials(client.token("admin"), "header"), "Accept": "text/html"})
    assert (missing.status, "<h1>There is no such page.</h1>" in missing.text) == (404, True)
    assert "<b>" not in missing.text


def test_every_role_sees_what_is_there_and_each_psa_only_with_its_dag(door: Door) -> None:
    replies = {user: door.client.ask_as(user, "GET", door.question) for user in ("admin", *USERS_WHO_SEE)}
    sources = {user: {psa["source"] for psa in r.json["psas"]} for user, r in replies.items() if r.status == 200}
    everything = set(connectors.NAMES)
    expected = {**dict.fromkeys(("admin", "operator"), everything), "narrow_operator": {"syncro"}}
    if door.client.page in FOR_EDITORS:
        assert {replies[user].status for user in ("viewer", "narrow")} == {403}
    else:
        expected |= {"viewer": everything, "narrow": {"syncro"}}
    assert sources == expected


def test_a_page_for_editors_has_nothing_for_others(door: Door) -> None:
    if door.client.page not in FOR_EDITORS:
        pytest.skip("it is for everyone who may see plugins")
    for user in ("viewer", "narrow"):
        for path in door.paths:
            for method in door.methods(path):
                assert door.client.ask_as(user, method, path, {}).status == 403, (user, method, path)


USERS_WHO_SEE = [user for user in USERS if user not in ("blind", "patient")]


def test_every_answer_is_private_and_harmless(door: Door) -> None:
    asked = [("admin", method, path) for path in door.paths for method in door.methods(path)[:3]]
    asked += [("blind", "GET", path) for path in door.paths[:5]]
    client = door.client
    replies = [client.ask("GET", "/"), client.ask("POST", "/x"), *(client.ask_as(*one) for one in asked)]
    assert {reply.status for reply in replies} >= {200, 302, 401, 403, 404}
    for reply in replies:
        check_is_private_and_harmless(reply)


def test_no_method_changes_anything_in_any_database(door: Door) -> None:
    for user in ("admin", *USERS_WHO_SEE):
        door.client.token(user)
    before = row_versions(door.client)
    for path in door.paths:
        for method in door.methods(path):
            door.client.ask_as("admin", method, path)
    for user in USERS_WHO_SEE:
        for path in door.paths[:12]:
            for method in METHODS:
                door.client.ask_as(user, method, path, {})
    assert row_versions(door.client) == before
