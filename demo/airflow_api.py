"""Airflow's public REST API, as far as the demo needs it."""

from __future__ import annotations

import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import requests

from demo.errors import DemoError
from demo.settings import AirflowSettings, Entity

REQUEST_SECONDS = 120  # at a task's first call Airflow builds a second API, and answers no request meanwhile
START_SECONDS = 180


class AirflowApi:
    """The API, as one logged-in user."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._session = requests.Session()
        self._session.trust_env = False  # no proxy between two programs on one machine

    def wait_until_up(self, check: Callable[[], None]) -> None:
        """`check` runs between the attempts and raises when waiting is pointless."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            check()
            try:
                if self._session.get(f"{self._url}/api/v2/version", timeout=REQUEST_SECONDS).ok:
                    return
            except requests.ConnectionError:
                pass
            time.sleep(0.2)
        raise DemoError(f"Airflow did not answer on {self._url} within {START_SECONDS} seconds.")

    def log_in(self, user: str, password: str) -> None:
        body = {"username": user, "password": password}
        token = self.call("POST", "/auth/token", json=body)["access_token"]
        self._session.headers["Authorization"] = f"Bearer {token}"

    def call(self, method: str, path: str, **arguments: Any) -> dict[str, Any]:
        """Sends a request; raises DemoError with Airflow's message if it fails."""
        return self._json(self._request(method, path, **arguments))

    def apply(self, settings: AirflowSettings) -> None:
        """Creates or overwrites the entries of the settings file."""
        for kind in ("connections", "pools", "variables"):
            entities: tuple[Entity, ...] = getattr(settings, kind)
            create = {"action": "create", "entities": list(entities), "action_on_existence": "overwrite"}
            outcome = self.call("PATCH", f"/api/v2/{kind}", json={"actions": [create]})
            if errors := outcome["create"]["errors"]:
                raise DemoError(f"Airflow refused some {kind} of airflow_settings.yaml: {errors}")

    def dag(self, dag_id: str) -> dict[str, Any] | None:
        """None until the DAG processor has found it."""
        answer = self._request("GET", f"/api/v2/dags/{dag_id}")
        return None if answer.status_code == HTTPStatus.NOT_FOUND else self._json(answer)

    def import_errors(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.call("GET", "/api/v2/importErrors")["import_errors"]
        return found

    def unpause(self, dag_id: str) -> None:
        self.call("PATCH", f"/api/v2/dags/{dag_id}", json={"is_paused": False})

    def trigger(self, dag_id: str) -> dict[str, Any]:
        return self.call("POST", f"/api/v2/dags/{dag_id}/dagRuns", json={"logical_date": None})

    def give_up(self, dag_id: str, run_id: str, *, note: str) -> None:
        body = {"state": "failed", "note": note}
        self.call("PATCH", f"/api/v2/dags/{dag_id}/dagRuns/{run_id}", json=body)

    def latest_run(self, dag_id: str) -> dict[str, Any] | None:
        query = {"order_by": "-id", "limit": "1"}
        runs: list[dict[str, Any]] = self.call("GET", f"/api/v2/dags/{dag_id}/dagRuns", params=query)["dag_runs"]
        return runs[0] if runs else None

    def run(self, dag_id: str, run_id: str) -> dict[str, Any]:
        return self.call("GET", f"/api/v2/dags/{dag_id}/dagRuns/{run_id}")

    def tasks(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        path = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances"
        found: list[dict[str, Any]] = self.call("GET", path, params={"limit": "100"})["task_instances"]
        return found

    def log(self, task: dict[str, Any]) -> list[dict[str, Any]]:
        path = (
            f"/api/v2/dags/{task['dag_id']}/dagRuns/{task['dag_run_id']}/taskInstances/{task['task_id']}"
            f"/logs/{task['try_number']}"
        )
        content: list[dict[str, Any]] = self.call("GET", path, params={"full_content": "true"})["content"]
        return content

    def _request(self, method: str, path: str, **arguments: Any) -> requests.Response:
        try:
            return self._session.request(method, self._url + path, timeout=REQUEST_SECONDS, **arguments)
        except requests.RequestException as error:
            raise DemoError(f"Airflow did not answer to {method} {path}: {error}") from error

    def _json(self, answer: requests.Response) -> dict[str, Any]:
        if not answer.ok:
            request = answer.request
            raise DemoError(
                f"Airflow answered {answer.status_code} to {request.method} {request.path_url}: {answer.text}"
            )
        body: dict[str, Any] = answer.json() if answer.content else {}
        return body
