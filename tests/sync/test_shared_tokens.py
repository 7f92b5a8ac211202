"""The Variable in which the tasks of a run find the token that preflight was given."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

import pytest
from airflow.sdk.configuration import clear_secrets_backends_cache
from airflow.sdk.exceptions import ErrorType
from airflow.sdk.execution_time import task_runner
from airflow.sdk.execution_time.comms import ErrorResponse, GetVariable, PutVariable, VariableResult

from include.http.auth import SharedToken
from include.sync.shared_tokens import TokensInVariable

TOKEN = SharedToken("access-1", "api at https://psa.example", datetime(2026, 11, 22, 1, tzinfo=timezone.utc))
TOKENS = TokensInVariable(name="psa_x.token")


class Supervisor:
    """Airflow's side of a task, with its Variables; without any, it refuses everything."""

    def __init__(self, variables: dict[str, str] | None) -> None:
        self.variables = variables

    def send(self, message: Any) -> Any:
        if self.variables is None:
            return ErrorResponse(error=ErrorType.API_SERVER_ERROR, detail={"status_code": 403})
        if isinstance(message, PutVariable):
            self.variables[message.key] = str(message.value)
            return None
        assert isinstance(message, GetVariable)
        if message.key not in self.variables:
            return ErrorResponse(error=ErrorType.VARIABLE_NOT_FOUND)
        return VariableResult(key=message.key, value=self.variables[message.key])


@pytest.fixture(autouse=True)
def _backends() -> Iterator[None]:
    clear_secrets_backends_cache()
    yield
    clear_secrets_backends_cache()


def airflow(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str] | None) -> None:
    monkeypatch.setattr(task_runner, "SUPERVISOR_COMMS", Supervisor(variables), raising=False)


def test_a_token_is_found_as_it_was_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    variables: dict[str, str] = {}
    airflow(monkeypatch, variables)
    assert TOKENS.find() is None
    TOKENS.keep(TOKEN)
    assert list(variables) == ["psa_x.token"]
    assert TOKENS.find() == TOKEN


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no JSON",
        "[" * 100_000,
        "[1]",
        "null",
        '{"access": "a"}',
        '{"access": "a", "whose": "b", "valid_until": 5}',
        '{"access": "a", "whose": "b", "valid_until": "2026-11-22T01:00:00"}',
    ],
)
def test_a_text_that_is_no_token_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    airflow(monkeypatch, {"psa_x.token": text})
    assert TOKENS.find() is None


def test_where_airflow_refuses_the_variable_there_is_no_token(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    airflow(monkeypatch, None)
    TOKENS.keep(TOKEN)
    assert TOKENS.find() is None
    assert "access-1" not in caplog.text
