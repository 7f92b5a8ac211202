"""What a person typed into a connection is checked before anything is sent."""

from __future__ import annotations

import pytest

from include.connectors.common.credentials import check_characters, check_fields, optional_extra, required_extra
from include.http.session import PsaLogin
from include.model.choices import ConnectionField
from include.model.errors import ConfigError
from include.model.page import Record


def login(**extra: Record) -> PsaLogin:
    return PsaLogin("psa_x", "https://psa.example.org", "user", "pw", extra)


@pytest.mark.parametrize("typed", ["", "x y", "key\u200b", "clé", "a\tb"])
def test_a_value_with_a_character_that_no_key_has_is_refused_by_its_name(typed: str) -> None:
    check_characters(login(), {"password": "Abc-123_+/="})
    with pytest.raises(ConfigError, match="The public key of the connection 'psa_x' is empty, or holds") as refused:
        check_characters(login(), {"password": "pw", "public key": typed})
    assert typed not in str(refused.value) or not typed


def test_where_a_blank_belongs_to_a_value_it_is_accepted() -> None:
    check_characters(login(), {"login": "Acme Ltd"}, may_have_blanks=True)
    with pytest.raises(ConfigError, match="The login"):
        check_characters(login(), {"login": ""}, may_have_blanks=True)


def test_a_message_says_what_belongs_there_where_the_vendor_knows_it() -> None:
    with pytest.raises(ConfigError, match="must be the API token and nothing else: it is empty, or"):
        check_characters(login(), {"password": ""}, must_be="the API token")


def test_a_required_field_of_the_extra_is_taken_without_blanks_around_it() -> None:
    assert required_extra(login(tenant=" Acme Ltd "), "tenant", "the company name") == "Acme Ltd"


@pytest.mark.parametrize("extra", [{}, {"tenant": ""}, {"tenant": " "}, {"tenant": None}, {"tenant": 7}])
def test_a_missing_field_of_the_extra_is_named_with_what_belongs_there(extra: dict[str, Record]) -> None:
    with pytest.raises(ConfigError, match=r"""'psa_x' needs the extra {"tenant": "…"}: the company name\."""):
        required_extra(login(**extra), "tenant", "the company name")


FIELDS = {name: ConnectionField("a field", "x") for name in ("host", "login", "password", "extra.clientId")}


@pytest.mark.parametrize(
    ("name", "guess"),
    [
        ("clientIdd", " Did you mean 'clientId'?"),
        ("verify_ssl", " Did you mean 'verify'?"),
        ("allow-http", " Did you mean 'allow_http'?"),
        ("timeout", ""),
    ],
)
def test_a_field_of_the_extra_that_has_no_effect_is_refused(name: str, guess: str) -> None:
    check_fields(login(clientId="x", verify=True), FIELDS)
    with pytest.raises(ConfigError) as refused:
        check_fields(login(**{name: "secret-1234"}), FIELDS)
    assert f"has '{name}', which has no effect here.{guess} Possible: allow_http, cert, " in str(refused.value)
    assert "secret-1234" not in str(refused.value)


def test_a_name_that_can_be_a_part_of_a_password_is_not_quoted() -> None:
    with pytest.raises(ConfigError, match="has '…', which has no effect") as refused:
        check_fields(login(**{"cret-1234@psa.example": ""}), FIELDS)
    assert "1234" not in str(refused.value)


def test_a_login_is_refused_where_the_psa_has_none() -> None:
    with pytest.raises(ConfigError, match="'psa_x' has a login, and this PSA needs none"):
        check_fields(login(), {"host": FIELDS["host"]})


@pytest.mark.parametrize("value", [7, 2025.1, True, ["x"], {"x": 1}])
def test_a_field_of_the_extra_that_may_be_left_out_must_be_text(value: Record) -> None:
    assert (optional_extra(login(version=" 1 "), "version"), optional_extra(login(), "version")) == ("1", "")
    with pytest.raises(ConfigError, match="The extra version of the connection 'psa_x' must be text"):
        optional_extra(login(version=value), "version")
