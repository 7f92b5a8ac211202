"""What is typed into a connection, and who answers there: the same at every PSA."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
import requests

from include import connectors
from include.connectors.common.credentials import check_fields
from include.http.session import PsaLogin
from include.model.errors import AuthError, Blocked, ConfigError, PsaError, Redirected, RequestRefused
from tests.support.answers import answer
from tests.support.rig import Unpaced

LOGINS = {
    "connectwise": PsaLogin(
        "psa", "https://na.myconnectwise.net", "acme+PUBLICKEY", "PRIVATEKEY-1234", {"clientId": "0000-0000"}
    ),
    "autotask": PsaLogin(
        "psa", "https://webservices2.autotask.net", "api@acme.example", "secret-1234", {"integrationCode": "CODE-1234"}
    ),
    "halopsa": PsaLogin("psa", "https://acme.halopsa.com", "client-id", "client-secret-1234", {"tenant": "acme"}),
    "kaseya_bms": PsaLogin("psa", "https://api.bms.kaseya.com", "api", "password-1234", {"tenant": "Acme"}),
    "syncro": PsaLogin("psa", "https://acme.syncromsp.com", "", "T0kenT0kenT0ken", {}),
}
vendors = pytest.mark.parametrize("vendor", connectors.NAMES)


@dataclass
class Server:
    """A session whose every request is answered the same."""

    response: requests.Response
    sent: list[str] = field(default_factory=list)

    def request(self, method: str, url: str, **_: Any) -> requests.Response:
        self.sent.append(url)
        return self.response

    def refuses(self, vendor: str, login: PsaLogin | None = None) -> PsaError:
        """The error that its answer is to the first request of preflight."""
        session: Any = self
        connector = connectors.load(vendor)
        client = connector.connect(session, login or LOGINS[vendor], Unpaced())
        client.http.sleep = lambda _: None
        with pytest.raises(PsaError) as caught:
            connector.probe(client, "companies")
        return caught.value


@vendors
@pytest.mark.parametrize("kind", ["text/plain", "text/html"])
def test_a_block_in_front_of_a_psa_is_neither_a_missing_right_nor_a_wrong_password(vendor: str, kind: str) -> None:
    page = "error code: 1010" if kind == "text/plain" else "<!DOCTYPE html><html><title>Just a moment...</title></html>"
    server = Server(answer(403, page, Server="cloudflare", CF_RAY="8a1b2c3d-AMS", Content_Type=kind))
    error = server.refuses(vendor)
    assert type(error) is Blocked and not isinstance(error, AuthError)
    assert "by Cloudflare (id 8a1b2c3d-AMS), not by the PSA itself" in str(error)


@vendors
def test_a_redirect_names_the_host_that_it_leads_to_and_is_no_wrong_password(vendor: str) -> None:
    error = Server(answer(307, Location="https://gateway.proxy.example/login?origurl=x")).refuses(vendor)
    assert type(error) is Redirected
    assert "a redirect to gateway.proxy.example. " in str(error)


@vendors
def test_a_status_that_says_nothing_of_the_login_is_no_refused_login(vendor: str) -> None:
    error = Server(answer(405, "Method Not Allowed", Content_Type="text/plain")).refuses(vendor)
    assert type(error) is RequestRefused
    assert "«Method Not Allowed»: this address takes no such requests" in str(error)


@vendors
def test_no_message_holds_a_secret_that_a_server_quotes(vendor: str) -> None:
    login = LOGINS[vendor]
    for status in (400, 401, 500):
        server = Server(answer(status, {"message": f"'{login.password}' is wrong", "errors": [login.password.upper()]}))
        said = str(server.refuses(vendor)).lower()
        assert login.password.lower() not in said


@vendors
def test_no_credential_goes_unencrypted_to_the_vendors_cloud(vendor: str) -> None:
    login = LOGINS[vendor]
    with pytest.raises(ConfigError, match="would be sent unencrypted"):
        replace(login, origin=login.origin.replace("https", "http"))


@pytest.mark.parametrize(
    "url", ["http://webservices5.autotask.net/ATServicesRest", "https://autotask.net.evil.example/"]
)
def test_a_zone_that_is_not_encrypted_or_not_autotasks_is_sent_no_credential(url: str) -> None:
    server = Server(answer(200, {"zoneName": "x", "url": url, "webUrl": url, "ci": 1}))
    assert "which is not Autotask" in str(server.refuses("autotask"))
    assert [sent.partition("?")[0].rpartition("/")[2] for sent in server.sent] == ["ZoneInformation"]


@vendors
def test_each_field_that_is_documented_is_accepted_and_others_are_refused(vendor: str) -> None:
    login, fields = LOGINS[vendor], connectors.load(vendor).connection
    extra = {name.partition(".")[2]: "x" for name in fields if "." in name}
    check_fields(replace(login, extra={**extra, "verify": True, "proxies": {}}), fields)
    with pytest.raises(ConfigError, match=r"has 'tenent', which has no effect here"):
        check_fields(replace(login, extra={**extra, "tenent": "Acme"}), fields)


@vendors
@pytest.mark.parametrize("character", ["\u200b", "\n", "\x00", "\ud800"])
def test_a_credential_with_an_invisible_character_is_refused_by_the_name_of_its_field(
    vendor: str, character: str
) -> None:
    login, connector = LOGINS[vendor], connectors.load(vendor)
    session: Any = requests.Session()
    for name in connector.connection.keys() - {"host"}:
        field = name.partition(".")[2] or name
        typed = f"a{character}b"
        change: dict[str, Any] = {"extra": {**login.extra, field: typed}} if "." in name else {field: f"a+{typed}"}
        with pytest.raises(ConfigError, match=rf"The (extra )?{field} .*invisible"):
            connector.connect(session, replace(login, **change), Unpaced())
