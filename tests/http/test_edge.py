"""Who refuses is named: a service, a proxy or a web server in front of the PSA is not the PSA."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from include.http.refusal import Quoting, not_json, refusal_of
from include.model.errors import AuthError, Blocked, PsaError, RateLimited, RightsError, ServerError
from tests.support.answers import answer

F5 = "<html><title>Request Rejected</title>The requested URL was rejected. Please consult with your administrator.<br>"
PAGES: list[tuple[str, dict[str, str], str]] = [
    (
        "Cloudflare (id 8a1b-AMS)",
        {"Server": "cloudflare", "CF-RAY": "8a1b-AMS"},
        "<html><title>Just a moment</title>",
    ),
    ("Cloudflare", {}, "error code: 1020"),
    ("Akamai (id 18.ab12)", {"Server": "AkamaiGHost"}, "<html>Access Denied Reference&#32;&#35;18&#46;ab12</html>"),
    ("Amazon CloudFront (id x1)", {"X-Amz-Cf-Id": "x1", "Server": "CloudFront"}, "<html><h1>403 ERROR</h1></html>"),
    ("Azure Front Door (id 0ab)", {"X-Azure-Ref": "0ab"}, "<html><h2>The request is blocked.</h2></html>"),
    ("Azure Application Gateway", {"Server": "Microsoft-Azure-Application-Gateway/v2"}, "<html>403 Forbidden</html>"),
    ("Imperva (id 92-17)", {}, "<html><iframe>Request unsuccessful. Incapsula incident ID: 92-17</iframe></html>"),
    ("F5 BIG-IP (id 404520)", {}, f"{F5}Your support ID is: 404520</html>"),
    ("Zscaler", {"Server": "Zscaler/6.2"}, "<html>Not allowed</html>"),
    ("a Squid proxy (id ERR_ACCESS_DENIED 0)", {"X-Squid-Error": "ERR_ACCESS_DENIED 0"}, "<html>(squid/5.7)</html>"),
    ("Fortinet", {}, "<html><title>FortiGuard Intrusion Prevention - Access Blocked</title></html>"),
    ("the web server nginx", {"Server": "nginx"}, "<html><center>nginx/1.25</center></html>"),
    ("the web server IIS", {}, "<html><h2>403 - Forbidden: Access is denied.</h2></html>"),
    ("a web page «Not for you»", {}, "<html><title>Not for you</title></html>"),
]


def refusal(status: int, body: Any, headers: dict[str, str], *, is_discreet: bool = False) -> PsaError:
    kind = {} if isinstance(body, dict) else {"Content-Type": "text/html" if "<html" in body else "text/plain"}
    response = answer(status, body, **{**kind, **headers})
    quoting = Quoting(["secret-1234"], is_discreet)
    now = datetime(2026, 11, 22, tzinfo=timezone.utc)
    return refusal_of("X: GET /x", response, judge=lambda *_: None, quoting=quoting, now=now)


@pytest.mark.parametrize(("name", "headers", "page"), PAGES, ids=lambda value: value if isinstance(value, str) else "")
def test_a_refusal_by_something_in_between_is_no_missing_right(name: str, headers: dict[str, str], page: str) -> None:
    error = refusal(403, page, headers)
    assert type(error) is Blocked
    assert error.said == f"X: GET /x was refused with 403 by {name}, not by the PSA itself."


def test_a_web_servers_own_401_is_about_credentials_and_the_services_is_not() -> None:
    assert type(refusal(401, "<html><center>nginx</center></html>", {})) is AuthError
    assert type(refusal(401, "error code: 1010", {"Server": "cloudflare"})) is Blocked


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ({"message": "no right"}, {"Server": "cloudflare", "CF-RAY": "8a1b"}),
        ("no right", {"Server": "cloudflare", "CF-RAY": "8a1b", "CF-Cache-Status": "DYNAMIC"}),
        ("", {"Server": "nginx"}),
        ({"message": "no right"}, {"X-Azure-Ref": "0ab", "X-Iinfo": "1-2", "X-Amz-Cf-Id": "x1"}),
    ],
)
def test_what_the_psa_says_behind_a_service_is_a_missing_right(body: Any, headers: dict[str, str]) -> None:
    assert type(refusal(403, body, headers)) is RightsError


def test_cloudflares_json_is_cloudflares() -> None:
    body = {"cloudflare_error": True, "ray_id": "8a1b", "title": "Error 1010", "status": 403}
    assert "by Cloudflare (id 8a1b), not by the PSA" in str(refusal(403, body, {}))


@pytest.mark.parametrize(("status", "kind"), [(429, RateLimited), (503, ServerError), (520, ServerError)])
def test_who_sent_a_failure_is_named(status: int, kind: type[PsaError]) -> None:
    error = refusal(status, "<html><title>Sorry</title></html>", {"Server": "cloudflare", "CF-RAY": "8a1b"})
    assert type(error) is kind
    assert f"answered {status} from Cloudflare (id 8a1b) «Sorry»" in str(error)


def test_a_page_with_200_is_named_as_well() -> None:
    page = answer(200, f"{F5}Your support ID is: 404520</html>", Content_Type="text/html")
    error = not_json("X: GET /x", page, Quoting([], is_discreet=False))
    assert error.said.endswith("that are not JSON (a login, proxy or maintenance page?), from F5 BIG-IP (id 404520).")


def test_a_discreet_refusal_names_the_service_and_repeats_nothing() -> None:
    page = "<html><title>Mrs Miller cannot print</title></html>"
    assert "Miller" not in str(refusal(403, page, {}, is_discreet=True))
    assert "by Zscaler," in str(refusal(403, page, {"Server": "Zscaler"}, is_discreet=True))


def test_ids_hold_no_secret_and_no_line_break() -> None:
    said = refusal(403, "error code: 1010", {"Server": "cloudflare", "CF-RAY": "a\r\nsecret-1234"}).said
    assert "secret-1234" not in said and len(said.splitlines()) == 1
