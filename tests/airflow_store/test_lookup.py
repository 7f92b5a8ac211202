"""What Airflow takes for missing although it only failed to read it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from airflow.sdk.configuration import clear_secrets_backends_cache
from airflow.sdk.exceptions import ErrorType
from airflow.sdk.execution_time import task_runner
from airflow.sdk.execution_time.comms import ErrorResponse, GetVariableKeys, VariableKeysResult
from airflow.secrets import BaseSecretsBackend

from include.airflow_store.lookup import read_connection, read_variable
from include.model.errors import ConfigError, SecretsUnavailable

CREATE = "Create it."


class Vault(BaseSecretsBackend):
    """A secrets backend whose server does not answer."""

    def get_conn_value(self, conn_id: str, team_name: str | None = None) -> str | None:
        raise ConnectionError("https://user:secret-1234@vault.example")

    def get_variable(self, key: str, team_name: str | None = None) -> str | None:
        raise ConnectionError("https://user:secret-1234@vault.example")


@pytest.fixture
def vault(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AIRFLOW__SECRETS__BACKEND", f"{__name__}.Vault")
    yield
    clear_secrets_backends_cache()


class Supervisor:
    """Airflow's side of a task, which answers `answer` to a question for names of Variables and nothing else."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def send(self, message: Any) -> Any:
        is_asked = isinstance(message, GetVariableKeys)
        return self.answer if is_asked else ErrorResponse(error=ErrorType.API_SERVER_ERROR, detail={})


def test_a_connection_is_read_and_a_missing_one_says_what_to_create(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_PSA_X", "https://psa.example")
    assert read_connection("psa_x", create=CREATE).host == "psa.example"
    with pytest.raises(ConfigError, match=r"There is no Airflow connection 'psa_y'\. Create it\. If it is there"):
        read_connection("psa_y", create=CREATE)


def test_an_unreadable_connection_is_not_a_missing_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_PSA_X", '{"host": "psa.example", "password": 1234}')
    with pytest.raises(ConfigError, match=r"'psa_x', which is AIRFLOW_CONN_PSA_X .*'password' must be text") as refused:
        read_connection("psa_x", create=CREATE)
    assert "1234" not in str(refused.value)


def test_a_secrets_backend_that_fails_is_named_and_may_pass(vault: None) -> None:
    for ask in (lambda: read_connection("psa_x", create=CREATE), lambda: read_variable("psa_x")):
        with pytest.raises(SecretsUnavailable, match=r"backend Vault failed .*'psa_x' \(ConnectionError\)") as caught:
            ask()
        assert "secret-1234" not in str(caught.value)


@pytest.mark.parametrize("detail", [{}, {"status_code": 500}])
def test_an_api_server_that_fails_does_not_mean_that_there_is_no_setup(
    monkeypatch: pytest.MonkeyPatch, detail: dict[str, int]
) -> None:
    answer = ErrorResponse(error=ErrorType.API_SERVER_ERROR, detail=detail)
    monkeypatch.setattr(task_runner, "SUPERVISOR_COMMS", Supervisor(answer), raising=False)
    with pytest.raises(SecretsUnavailable, match="Airflow failed to look up the Variable 'psa_x'"):
        read_variable("psa_x")


def test_a_variable_that_is_there_but_cannot_be_read_is_not_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = VariableKeysResult(keys=["psa_x", "psa_x_2"], total_entries=2)
    monkeypatch.setattr(task_runner, "SUPERVISOR_COMMS", Supervisor(answer), raising=False)
    with pytest.raises(SecretsUnavailable, match="Airflow has the Variable 'psa_x', and cannot read it"):
        read_variable("psa_x")


@pytest.mark.parametrize(
    "answer",
    [
        VariableKeysResult(keys=["psa_x_2"], total_entries=1),
        ErrorResponse(error=ErrorType.PERMISSION_DENIED, detail={"status_code": 403}),
    ],
)
def test_no_variable_is_no_setup(monkeypatch: pytest.MonkeyPatch, answer: Any) -> None:
    monkeypatch.setattr(task_runner, "SUPERVISOR_COMMS", Supervisor(answer), raising=False)
    assert read_variable("psa_x") is None
