"""Whatever error occurs, a viewer reads a plain sentence and nothing that a server answered."""

from __future__ import annotations

import pytest

from include.model import errors
from include.tickets.problems import problem

SECRET = "GET /v4_6_release/secret?x=1 answered 500 «Mrs Miller's password»"
ERRORS = [
    errors.PsaError(SECRET),
    errors.ConfigError(SECRET),
    errors.SecretsUnavailable(SECRET),
    errors.AuthError(SECRET),
    errors.LoginRefused(SECRET),
    errors.RightsError(SECRET),
    errors.TransientError(SECRET),
    errors.ServerError(SECRET, status=500),
    errors.Unreachable(SECRET),
    errors.Unreachable(SECRET, timed_out=True),
    errors.RateLimited(SECRET, retry_after_seconds=30),
    errors.BudgetSpent(SECRET, retry_after_seconds=30),
    errors.NotFound(SECRET),
    errors.RequestRefused(SECRET),
    errors.Redirected(SECRET),
    errors.Blocked(SECRET),
    errors.ShapeError(SECRET),
    errors.FilterIgnored(SECRET),
    errors.Truncated(SECRET),
    errors.WarehouseError(SECRET),
    errors.WarehouseDown(SECRET),
    errors.LockHeld(SECRET),
    errors.HeldBack(SECRET),
    errors.Unanswered(SECRET),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_no_message_repeats_what_a_server_answered(error: errors.PsaError) -> None:
    shown = problem(error, "HaloPSA")
    assert shown.message.endswith(".")
    assert not {"GET", "secret", "Miller", "500"} & set(shown.message.replace("'", " ").split())
    assert 400 <= shown.status < 600


def test_every_error_class_has_a_message() -> None:
    def subclasses(kind: type[errors.PsaError]) -> set[type[errors.PsaError]]:
        return {kind}.union(*(subclasses(one) for one in kind.__subclasses__() if one.__module__ == errors.__name__))

    assert subclasses(errors.PsaError) - {type(error) for error in ERRORS} == {errors.FormError}


def test_a_form_error_is_shown_with_its_own_sentence() -> None:
    assert problem(errors.FormError("Choose another."), "Syncro").message == "Choose another."


def test_the_page_tries_again_when_the_psa_says_so() -> None:
    assert problem(errors.RateLimited(SECRET, retry_after_seconds=47), "Syncro").retry_after_seconds == 47
    assert problem(errors.RightsError(SECRET), "Syncro").retry_after_seconds is None
    assert problem(errors.Unreachable(SECRET, timed_out=True), "Syncro").kind == "slow"


def test_a_wrong_address_and_a_blocked_one_are_not_called_an_answer_of_the_psa() -> None:
    assert problem(errors.Redirected(SECRET), "Syncro").kind == "setup"
    assert problem(errors.Blocked(SECRET), "Syncro").kind == "blocked"
