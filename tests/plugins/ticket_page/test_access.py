"""Who may use the page's routes, and that no answer contains more than it should; by HTTP, without a browser."""

from __future__ import annotations

import importlib
import re
import time
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from include import connectors
from tests.support.page_client import PageClient, Reply
from tests.support.ticket_rig import PASSWORD
from tests.support.traces import renamed_schema, row_versions

pytestmark = pytest.mark.timeout(300)

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
# They lead elsewhere on a server that normalises a path only after it has checked the login.
ODD_PATHS = (
    *("/docs", "/redoc", "/openapi.json", "/docs/oauth2-redirect", "/nothing", "/api", "/api/", "/api/psas/"),
    *("//", "//api/psas", "/./api/psas", "/x/../api/psas", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc%2fpasswd"),
    *("/api%2fpsas", "/api/psas%2f", "/api/psas;x=1", "/;/api/psas", "/api/psas%00", "/api/psas%20", "/API/PSAS"),
    *("/api/psas.json", "/api/psas?_token=x", "/index.html/", "/index.html%3f", "/static/main.js", "/%5c..%5capp.py"),
    *("/app.py", "/__init__.py", "/.git/config", "/api/connectwise%2fchoices", "/api//choices", "//evil.example/"),
)
SECURITY_HEADERS = {
    "cache-control": "no-store",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "SAMEORIGIN",
}
CONTENT_SECURITY_POLICY = {
    *("default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'"),
    *("base-uri 'none'", "form-action 'none'", "frame-ancestors 'self'"),
    *("require-trusted-types-for 'script'", "trusted-types 'none'"),
}
MARK = "zqxhallmark"
INTERNALS = re.compile(
    r"traceback|site-packages|\.py\b|\bselect\b.*\bfrom\b|psycopg|sqlalchemy|include\.|/tmp/|/home/", re.I
)
FAULTS = ("server_error", "null_body", "lost_right", "expired_credentials")


@pytest.fixture(scope="module")
def paths() -> Sequence[str]:
    """Every route of the page's app, each of its files, and odd paths."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Airflow, about its own libraries
        importlib.import_module("airflow")  # puts plugins/ on the path
        page = importlib.import_module("psa_ticket_page.app")
    stand_ins = {"{source}": "connectwise", "{name}": "theme.js", "{path:path}": "nothing/at/all"}
    routes = {re.sub(r"{.*?}", lambda found: stand_ins[found[0]], route.path) for route in page.app.routes}
    files = [f"/{name}" for name in page.FILES]
    assert len(routes) > 8 and len(files) > 20
    return [*sorted(routes), *files, *ODD_PATHS]


def test_without_a_login_nothing_is_answered(client: PageClient, paths: Sequence[str]) -> None:
    for path in paths:
        for method in methods(path):
            assert is_refused(client.ask(method, path)), (method, path)


@pytest.mark.parametrize("carrier", ["header", "cookie"])
def test_a_token_that_is_not_airflows_or_no_longer_valid_opens_nothing(
    client: PageClient, paths: Sequence[str], carrier: str
) -> None:
    yesterday = int(time.time()) - 86_400
    expired = client.forged(iat=yesterday - 60, nbf=yesterday - 60, exp=yesterday)
    unsigned = ".".join([*client.token("admin").split(".")[:2], ""])
    for token in ("garbage", "a.b.c", unsigned, client.forged("another key " * 6), client.forged(aud="other"), expired):
        for path in paths[:12]:
            assert is_refused(client.ask("GET", path, credentials(token, carrier))), (token, path)
    assert (
        client.ask("GET", "/api/psas", credentials(client.forged(), carrier)).status == 200
    )  # the forgery itself is good


@pytest.mark.parametrize("carrier", ["header", "cookie"])
def test_a_login_opens_the_page_by_header_and_by_cookie(client: PageClient, carrier: str) -> None:
    for path in ("/", "/main.js", "/api/psas", "/api/syncro/choices"):
        assert client.ask("GET", path, credentials(client.token("admin"), carrier)).status == 200, path


def test_without_a_login_a_browser_goes_to_the_login_and_back_to_the_page_and_nowhere_else(client: PageClient) -> None:
    for path in ("/", "//", "//evil.example/", "/%09//evil.example/", "/%5c%5cevil.example/"):
        target = client.ask("GET", path).headers["location"]
        assert re.fullmatch(r"/auth/login\?next=%2Fpsa-tickets%2F[^/\\&]*", target), target


def test_who_may_not_see_plugins_gets_nothing(client: PageClient, paths: Sequence[str]) -> None:
    for path in paths:
        for method in methods(path):
            assert client.ask_as("blind", method, path, {}).status == 403, (method, path)


def test_who_opens_an_address_in_a_browser_and_may_not_gets_a_page_that_says_so(client: PageClient) -> None:
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


def test_every_answer_is_private_and_harmless(client: PageClient, paths: Sequence[str]) -> None:
    asked: list[tuple[str, str, str, Any]]
    asked = [("admin", method, path, None) for path in paths for method in methods(path)[:3]]
    asked += [("blind", "GET", path, None) for path in paths[:5]]
    asked += [
        ("admin", method, path.replace("{source}", source), content)
        for method, path, body in one_question_of_each_kind()
        for source in ("connectwise", "nothing")
        for content in (body, {"unknown": 1}, b"{", b"[" * 9999, b"\xff")
    ]
    replies = [client.ask("GET", "/"), client.ask("POST", "/x"), *(client.ask_as(*one) for one in asked)]
    assert {reply.status for reply in replies} >= {200, 302, 400, 401, 403, 404}
    for reply in replies:
        assert {name: reply.headers.get(name) for name in SECURITY_HEADERS} == SECURITY_HEADERS
        assert set(reply.headers["content-security-policy"].split("; ")) == CONTENT_SECURITY_POLICY


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


def test_viewing_changes_nothing_in_any_database(client: PageClient, paths: Sequence[str]) -> None:
    client.token("admin"), client.token("narrow")
    ask_all(client, 10)  # what is created by the first request exists now
    before = row_versions(client)
    for path in paths:
        for method in ("GET", "HEAD"):
            client.ask_as("admin", method, path)
    ask_all(client, 11)
    for method, question, body in one_question_of_each_kind():
        client.ask_as("admin", method, question.replace("{source}", "syncro"), body)
    assert row_versions(client) == before


def credentials(token: str, carrier: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if carrier == "header" else {"Cookie": f"_token={token}"}


def is_refused(reply: Reply) -> bool:
    to_login = reply.status == 302 and reply.headers["location"].startswith("/auth/login?next=")
    return to_login or reply.status in (401, 403)


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


def methods(path: str) -> Sequence[str]:
    """The methods to try; files are alike, so one is enough for them."""
    return METHODS if path.count(".") != 1 or path in ODD_PATHS else METHODS[:1]
