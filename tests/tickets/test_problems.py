"""Whatever goes wrong, a viewer reads plain words, and nothing of what a server said."""

from __future__ import annotations

import pytest

from include.model import errors
from include.tickets.problems import problem

SECRET = "GET /v4_6_release/secret?x=1 answered 500 «Mrs Miller's password»"
EVERY = [
    errors.PsaError(SECRET),
    errors.ConfigError(SECRET),
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
    errors.ShapeError(SECRET),
    errors.Truncated(SECRET),
    errors.WarehouseError(SECRET),
    errors.WarehouseDown(SECRET),
    errors.HeldBack(SECRET),
]


@pytest.mark.parametrize("error", EVERY, ids=lambda error: type(error).__name__)
def test_nothing_of_the_servers_words_is_repeated(error: errors.PsaError) -> None:
    told = problem(error, "HaloPSA")
    assert told.words.endswith(".")
    assert not {"GET", "secret", "Miller", "500"} & set(told.words.replace("'", " ").split())
    assert 400 <= told.status < 600


def test_every_error_of_the_house_has_words() -> None:
    def heirs(kind: type[errors.PsaError]) -> set[type[errors.PsaError]]:
        return {kind}.union(*(heirs(heir) for heir in kind.__subclasses__() if heir.__module__ == errors.__name__))

    assert heirs(errors.PsaError) - {type(error) for error in EVERY} == {errors.FormError}


def test_what_a_person_chose_wrongly_is_said_in_our_own_words() -> None:
    assert problem(errors.FormError("Choose another."), "Syncro").words == "Choose another."


def test_the_page_comes_back_when_the_psa_asks() -> None:
    assert problem(errors.RateLimited(SECRET, retry_after_seconds=47), "Syncro").retry_after_seconds == 47
    assert problem(errors.RightsError(SECRET), "Syncro").retry_after_seconds is None
    assert problem(errors.Unreachable(SECRET, timed_out=True), "Syncro").kind == "slow"
