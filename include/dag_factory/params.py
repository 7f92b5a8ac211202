"""The fields of the trigger form, as Airflow's Params.

Airflow checks them against their schema when a run is created, and again in each task, where the check costs a tenth
of the task's own time. Of our tasks only the first one repeats it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow.sdk import Param, get_parsing_context

from include.dag_factory.operators import PREFLIGHT
from include.model.request import form

_UNCHANGED = object()


class CheckedParam(Param):
    """A field of a run whose form was checked by preflight."""

    def resolve(self, value: Any = _UNCHANGED, suppress_exception: bool = False) -> Any:  # noqa: ARG002 - the signature is Airflow's
        """The value that a person chose, or the default."""
        if value is not _UNCHANGED:
            self.value = value
        return self.value


def form_params(dag_id: str, *, can_be_quick: bool) -> Mapping[str, Param]:
    """The fields of the form of a PSA; in the process of a task after preflight, without their schemas."""
    fields, executed = form(can_be_quick=can_be_quick), get_parsing_context()
    if executed.dag_id != dag_id or executed.task_id in (None, PREFLIGHT):
        return {name: Param(**field) for name, field in fields.items()}
    return {name: CheckedParam(field["default"]) for name, field in fields.items()}
