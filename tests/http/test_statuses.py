"""Each status has one meaning: whether it is tried again, and what a person does."""

from __future__ import annotations

from datetime import timedelta

import pytest

from include.dag_factory.retries import PsaRetryPolicy
from include.http.statuses import STATUSES, error_of
from include.model import errors
from include.model.errors import PsaError, RequestRefused, ServerError, TransientError


def next_of(error: PsaError) -> str:
    return PsaRetryPolicy().evaluate(error, 1, 24).action.value


PASSING = {408, 421, 423, 424, 425, 429, 500, 502, 503, 504, 507, *range(520, 528), 530, 508, 529, 599}


@pytest.mark.parametrize("status", range(201, 600))
def test_what_may_pass_is_tried_again_and_nothing_else(status: int) -> None:
    error = error_of(status, "X answered")
    may_pass = status in PASSING or (status >= 500 and status not in STATUSES)
    assert isinstance(error, TransientError) == may_pass
    assert next_of(error) == ("default" if may_pass else "fail")
    assert error.said.startswith("X answered") and error.said.endswith(".")


@pytest.mark.parametrize(
    ("status", "kind", "said", "do"),
    [
        (402, "RequestRefused", "subscription has ended", "Renew or extend"),
        (405, "RequestRefused", "takes no such requests", "Check that the connection's host"),
        (407, "ConfigError", "a proxy in between asks for a login", "HTTPS_PROXY"),
        (410, "NotFound", "X answered.", "Check the host"),
        (426, "RequestRefused", "another version of HTTP or TLS", "Check that the connection's host"),
        (451, "Blocked", "X answered.", "let this worker's address through"),
        (501, "RequestRefused", "does not know such requests", "Check that the connection's host"),
        (511, "Blocked", "asks for a login before", "Let this worker through"),
        (526, "ServerError", "Cloudflare got no proper answer", "ask the PSA's vendor"),
    ],
)
def test_the_message_says_what_a_rare_status_means_and_what_to_do(status: int, kind: str, said: str, do: str) -> None:
    error = error_of(status, "X answered")
    assert type(error) is getattr(errors, kind)
    assert said in error.said
    assert do in str(error).removeprefix(error.said)


def test_a_status_of_a_refusal_or_failure_can_be_asked_for() -> None:
    refused, failed = error_of(422, "X"), error_of(520, "X")
    assert isinstance(refused, RequestRefused) and refused.status == 422
    assert isinstance(failed, ServerError) and failed.status == 520


def test_what_a_server_asks_to_wait_is_waited_by_the_task_and_not_longer_than_four_tries() -> None:
    down = error_of(503, "X answered 503", retry_after_seconds=1800)
    decision = PsaRetryPolicy().evaluate(down, 3, 24)
    assert (decision.action.value, decision.retry_delay) == ("retry", timedelta(minutes=30))
    assert PsaRetryPolicy().evaluate(down, 4, 24).action.value == "fail"


@pytest.mark.parametrize("location", ["https://[gateway", "//", "https://user:pw@/", "\ud800"])
def test_a_redirect_to_nowhere_is_a_redirect(location: str) -> None:
    assert "a redirect to an" in error_of(302, "X answered 302", location=location).said
