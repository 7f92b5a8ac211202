"""Who gets in, and that no answer says more than it should: the page's routes, by HTTP alone."""

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
from tests.support.raw_http import Reply, Wire
from tests.support.ticket_rig import PASSWORD
from tests.support.traces import contents, lost_schema

pytestmark = pytest.mark.timeout(300)

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
# What leads elsewhere on a server that tidies a path only after it has looked who asks.
TRICKS = (
    *("/docs", "/redoc", "/openapi.json", "/docs/oauth2-redirect", "/nothing", "/api", "/api/", "/api/psas/"),
    *("//", "//api/psas", "/./api/psas", "/x/../api/psas", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc%2fpasswd"),
    *("/api%2fpsas", "/api/psas%2f", "/api/psas;x=1", "/;/api/psas", "/api/psas%00", "/api/psas%20", "/API/PSAS"),
    *("/api/psas.json", "/api/psas?_token=x", "/index.html/", "/index.html%3f", "/static/main.js", "/%5c..%5capp.py"),
    *("/app.py", "/__init__.py", "/.git/config", "/api/connectwise%2fchoices", "/api//choices", "//evil.example/"),
)
SECURE = {
    "cache-control": "no-store",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "SAMEORIGIN",
}
POLICY = {
    *("default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'"),
    *("base-uri 'none'", "form-action 'none'", "frame-ancestors 'self'"),
    *("require-trusted-types-for 'script'", "trusted-types 'none'"),
}
MARK = "zqxhallmark"
INSIDE = re.compile(
    r"traceback|site-packages|\.py\b|\bselect\b.*\bfrom\b|psycopg|sqlalchemy|include\.|/tmp/|/home/", re.I
)
FAULTS = ("server_error", "null_body", "lost_right", "expired_credentials")


@pytest.fixture(scope="module")
def paths() -> Sequence[str]:
    """Every route of the page's app, each of its files, and tricks."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Airflow, about its own libraries
        importlib.import_module("airflow")  # puts plugins/ on the path
        page = importlib.import_module("psa_ticket_page.app")
    stand_ins = {"{source}": "connectwise", "{name}": "theme.js", "{path:path}": "nothing/at/all"}
    routes = {re.sub(r"{.*?}", lambda found: stand_ins[found[0]], route.path) for route in page.app.routes}
    files = [f"/{name}" for name in page.FILES]
    assert len(routes) > 8 and len(files) > 20
    return [*sorted(routes), *files, *TRICKS]


def test_nobody_gets_anything_without_a_login(wire: Wire, paths: Sequence[str]) -> None:
    for path in paths:
        for method in methods(path):
            assert turned_away(wire.ask(method, path)), (method, path)


@pytest.mark.parametrize("carrier", ["header", "cookie"])
def test_a_token_that_is_not_airflows_or_no_longer_valid_opens_nothing(
    wire: Wire, paths: Sequence[str], carrier: str
) -> None:
    yesterday = int(time.time()) - 86_400
    expired = wire.forged(iat=yesterday - 60, nbf=yesterday - 60, exp=yesterday)
    unsigned = ".".join([*wire.token("admin").split(".")[:2], ""])
    for token in ("garbage", "a.b.c", unsigned, wire.forged("another key " * 6), wire.forged(aud="other"), expired):
        for path in paths[:12]:
            assert turned_away(wire.ask("GET", path, carried(token, carrier))), (token, path)
    assert wire.ask("GET", "/api/psas", carried(wire.forged(), carrier)).status == 200  # the forger can forge


@pytest.mark.parametrize("carrier", ["header", "cookie"])
def test_a_login_opens_the_page_by_header_and_by_cookie(wire: Wire, carrier: str) -> None:
    for path in ("/", "/main.js", "/api/psas", "/api/syncro/choices"):
        assert wire.ask("GET", path, carried(wire.token("admin"), carrier)).status == 200, path


def test_a_stranger_is_led_to_the_login_and_back_to_the_page_and_nowhere_else(wire: Wire) -> None:
    for path in ("/", "//", "//evil.example/", "/%09//evil.example/", "/%5c%5cevil.example/"):
        target = wire.ask("GET", path).headers["location"]
        assert re.fullmatch(r"/auth/login\?next=%2Fpsa-tickets%2F[^/\\&]*", target), target


def test_who_may_not_see_plugins_gets_nothing(wire: Wire, paths: Sequence[str]) -> None:
    for path in paths:
        for method in methods(path):
            assert wire.by("blind", method, path, {}).status == 403, (method, path)


def test_who_opens_an_address_in_a_browser_and_may_not_is_answered_with_a_page_of_words(wire: Wire) -> None:
    for path in ("/", "/main.js"):
        reply = wire.ask("GET", path, {**carried(wire.token("blind"), "cookie"), "Accept": "text/html,*/*;q=0.8"})
        assert (reply.status, reply.headers["content-type"]) == (403, "text/html; charset=utf-8"), path
        assert "It needs one of the roles viewer" in reply.told
        assert "script-src 'self'; style-src 'sha256-" in reply.headers["content-security-policy"]
        assert {name: reply.headers.get(name) for name in SECURE} == SECURE
    missing = wire.ask("GET", "/x<b>", {**carried(wire.token("admin"), "header"), "Accept": "text/html"})
    assert (missing.status, "<h1>There is no such page.</h1>" in missing.told) == (404, True)
    assert "<b>" not in missing.told


def test_who_may_read_one_dag_sees_its_psa_and_hears_of_no_other(wire: Wire) -> None:
    assert [psa["source"] for psa in wire.by("narrow", "GET", "/api/psas").json["psas"]] == ["syncro"]
    assert len(wire.by("admin", "GET", "/api/psas").json["psas"]) == len(connectors.NAMES)
    for method, path, body in questions():
        own, hidden, missing = (
            wire.by("narrow", method, path.replace("{source}", source), body)
            for source in ("syncro", "halopsa", "nothing")
        )
        assert own.status in (200, 404), path
        assert hidden.status == 404
        assert hidden.told == missing.told, path


def test_a_problem_names_the_sync_where_a_vendor_has_several(wire: Wire) -> None:
    problem = wire.by("patient", "POST", "/api/waits_full/tickets", {}).json["problem"]  # it has no connection
    assert problem["message"].startswith("The connection to ConnectWise (waits_full) or")


def test_every_answer_is_private_and_harmless(wire: Wire, paths: Sequence[str]) -> None:
    asked: list[tuple[str, str, str, Any]]
    asked = [("admin", method, path, None) for path in paths for method in methods(path)[:3]]
    asked += [("blind", "GET", path, None) for path in paths[:5]]
    asked += [
        ("admin", method, path.replace("{source}", source), content)
        for method, path, body in questions()
        for source in ("connectwise", "nothing")
        for content in (body, {"unknown": 1}, b"{", b"[" * 9999, b"\xff")
    ]
    replies = [wire.ask("GET", "/"), wire.ask("POST", "/x"), *(wire.by(*one) for one in asked)]
    assert {reply.status for reply in replies} >= {200, 302, 400, 401, 403, 404}
    for reply in replies:
        assert {name: reply.headers.get(name) for name in SECURE} == SECURE
        assert set(reply.headers["content-security-policy"].split("; ")) == POLICY


def test_no_answer_repeats_what_was_sent(wire: Wire) -> None:
    sent = {"text": MARK, "key": MARK, "status": MARK, "board": MARK, "owner": MARK, "page": MARK, "state": MARK}
    for user in ("", "admin", "blind"):
        header = {"X-Mark": MARK, **(carried(wire.token(user), "header") if user else {"Cookie": f"_token={MARK}"})}
        for path in (f"/{MARK}", f"/{MARK}.js", f"/api/{MARK}/choices", f"/api/psas?{MARK}=1", f"/%3c{MARK}%3e"):
            for method in METHODS:
                assert MARK not in wire.ask(method, path, header).told, (user, method, path)
        for name, value in sent.items():
            for path in ("companies", "tickets", "ticket", MARK):
                for body in ({name: value}, {MARK: value}, f'{{"{name}": {MARK}'.encode()):
                    assert MARK not in wire.ask("POST", f"/api/connectwise/{path}", header, body).told, (path, body)


def test_an_error_tells_nothing_of_the_inside(wire: Wire) -> None:
    replies = [reply for number, fault in enumerate(FAULTS) for reply in asked_during(wire, fault, number)]
    with lost_schema(wire):
        replies += asked_of_all(wire, len(FAULTS))
    failed = [reply for reply in replies if reply.status != 200]
    assert {reply.status for reply in failed} >= {502, 503}
    assert len(failed) >= len(connectors.NAMES) * len(FAULTS) * 2
    secrets = {PASSWORD, wire.rig.airflow.login}
    for simulator in wire.rig.simulators.values():
        secrets |= {simulator.connection["password"], simulator.url.split("//")[1]}
    for reply in failed:
        assert not INSIDE.search(reply.told), reply.told
        assert [secret for secret in secrets if secret in reply.told] == []


def test_looking_changes_nothing_in_any_database(wire: Wire, paths: Sequence[str]) -> None:
    wire.token("admin"), wire.token("narrow")
    asked_of_all(wire, 10)  # what is made once is made
    before = contents(wire)
    for path in paths:
        for method in ("GET", "HEAD"):
            wire.by("admin", method, path)
    asked_of_all(wire, 11)
    for method, question, body in questions():
        wire.by("admin", method, question.replace("{source}", "syncro"), body)
    assert contents(wire) == before


def carried(token: str, carrier: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if carrier == "header" else {"Cookie": f"_token={token}"}


def turned_away(reply: Reply) -> bool:
    to_login = reply.status == 302 and reply.headers["location"].startswith("/auth/login?next=")
    return to_login or reply.status in (401, 403)


def questions() -> Iterator[tuple[str, str, Any]]:
    """One of each kind, as the page asks."""
    yield "GET", "/api/{source}/choices", None
    yield "GET", "/api/{source}/people", None
    yield "POST", "/api/{source}/companies", {"text": "a"}
    yield "POST", "/api/{source}/tickets", {"state": "all"}
    yield "POST", "/api/{source}/ticket", {"key": "1"}


def asked_of_all(wire: Wire, number: int) -> list[Reply]:
    """A list and a ticket that nobody has asked for yet, of every vendor, at the same time: errors take patience."""
    asked = []
    for vendor in connectors.NAMES:
        key = str(wire.rig.simulators[vendor].world.tickets.ids[number])
        asked.append((f"/api/{vendor}/tickets", {"state": "all", "text": f"e{number}"}))
        asked.append((f"/api/{vendor}/ticket", {"key": key}))
    with ThreadPoolExecutor(len(asked)) as pool:
        return list(pool.map(lambda one: wire.by("admin", "POST", *one), asked))


def asked_during(wire: Wire, fault: str, number: int) -> list[Reply]:
    for simulator in wire.rig.simulators.values():
        simulator.faults.add(fault)
    try:
        return asked_of_all(wire, number)
    finally:
        for simulator in wire.rig.simulators.values():
            simulator.faults.clear()


def methods(path: str) -> Sequence[str]:
    """Files are alike."""
    return METHODS if path.count(".") != 1 or path in TRICKS else METHODS[:1]
