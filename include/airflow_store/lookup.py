"""Reading a connection or a Variable.

Airflow passes over a secrets backend that fails and a text that it cannot read, and says that there is nothing.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from include.airflow_store.environment import defect
from include.model.errors import ConfigError, SecretsUnavailable

if TYPE_CHECKING:
    from airflow.sdk import Connection

log = logging.getLogger(__name__)


def read_connection(conn_id: str, *, create: str) -> Connection:
    """The connection. Raises ConfigError where there is none, with `create` as what to do, or why it is unreadable."""
    from airflow.sdk import BaseHook
    from airflow.sdk.exceptions import AirflowNotFoundException

    what = f"the connection '{conn_id}'"
    try:
        return BaseHook.get_connection(conn_id)
    except AirflowNotFoundException:
        _check_environment(conn_id)
        _check_backends(what, lambda backend: backend.get_connection(conn_id=conn_id))
    except PermissionError:
        raise ConfigError(f"Airflow denies this task {what}.") from None
    except Exception as error:
        raise _unavailable(what, "Airflow", error) from None
    raise ConfigError(
        f"There is no Airflow connection '{conn_id}'. {create} If it is there, Airflow itself cannot read it, for "
        "example with a changed Fernet key: see the log of the API server."
    )


def read_variable(name: str) -> str | None:
    """The text of a Variable; None where there is none. Raises SecretsUnavailable where that is not certain."""
    from airflow.sdk import Variable
    from airflow.sdk.exceptions import AirflowRuntimeError

    what = f"the Variable '{name}'"
    try:
        found: str | None = Variable.get(name, default=None)
        if found is None:
            _check_backends(what, lambda backend: backend.get_variable(key=name))
            if name in list(Variable.keys(prefix=name)):
                raise SecretsUnavailable(f"Airflow has {what}, and cannot read it: see the log of the API server.")
    except PermissionError:
        raise ConfigError(f"Airflow denies this task {what}.") from None
    except AirflowRuntimeError as error:
        status = (error.error.detail or {}).get("status_code")
        if not isinstance(status, int) or status >= 500:
            raise _unavailable(what, "Airflow", error) from None
        found = None  # the list of names may not be seen
    return found


def optional_variable(name: str) -> str | None:
    """The text of a Variable that a task can do without; None also where Airflow cannot read it."""
    from airflow.sdk import Variable

    try:
        found: str | None = Variable.get(name, default=None)
    except Exception as error:
        log.info("The Variable '%s' was not read (%s).", name, type(error).__name__)
        return None
    return found


def keep_variable(name: str, text: str, about: str) -> None:
    """Write a Variable that tasks can do without; it stays as it is where Airflow does not allow it."""
    from airflow.sdk import Variable

    try:
        Variable.set(name, text, about)
    except Exception as error:
        log.info("The Variable '%s' was not written (%s).", name, type(error).__name__)


def _check_environment(conn_id: str) -> None:
    name = f"AIRFLOW_CONN_{conn_id.upper()}"
    text = os.environ.get(name)
    if text is not None:
        raise ConfigError(
            f"Airflow cannot read the connection '{conn_id}', which is {name} in this worker's environment: "
            f"{defect(text)}."
        )


def _check_backends(what: str, look: Callable[[Any], object]) -> None:
    """Raise SecretsUnavailable if a backend fails, whose error Airflow has only written to its own log."""
    for backend in _backends():
        try:
            look(backend)
        except Exception as error:
            raise _unavailable(what, f"Airflow's secrets backend {type(backend).__name__}", error) from None


def _backends() -> Iterable[object]:
    try:
        from airflow.sdk.execution_time.supervisor import ensure_secrets_backend_loaded
    except ImportError:  # it is not part of Airflow's public interface
        return []
    return ensure_secrets_backend_loaded()


def _unavailable(what: str, who: str, error: Exception) -> SecretsUnavailable:
    """Without the text of the error, which can quote a whole connection."""
    return SecretsUnavailable(f"{who} failed to look up {what} ({type(error).__name__}): see the log of Airflow.")
