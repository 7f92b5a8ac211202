"""The door for DAG files says in a sentence what it cannot work with."""

from __future__ import annotations

import pytest
from airflow.sdk.definitions.param import process_params
from airflow.sdk.exceptions import ParamValidationError

from include.connectors import NAMES, load
from include.dag_factory import psa_dag
from include.model.errors import ConfigError
from include.model.kinds import KINDS
from include.model.request import form


@pytest.mark.parametrize(
    ("typed", "guess"),
    [
        ("halo", " Did you mean 'halopsa'?"),
        ("HaloPSA", " Did you mean 'halopsa'?"),
        ("kaseya", " Did you mean 'kaseya_bms'?"),
        ("connect-wise", " Did you mean 'connectwise'?"),
        ("zendesk", ""),
        ("", ""),
    ],
)
def test_a_psa_that_is_not_known_is_refused_with_a_guess(typed: str, guess: str) -> None:
    for ask in (lambda: psa_dag(typed, schedule=None), lambda: load(typed)):
        with pytest.raises(ConfigError) as refused:
            ask()
        assert f"There is no PSA '{typed}'.{guess} Known: connectwise, autotask, " in str(refused.value)


@pytest.mark.parametrize(
    ("vendor", "source", "name"),
    [
        ("connectwise", None, "ConnectWise PSA: nightly sync and Force Sync"),
        ("kaseya_bms", "kaseya_bms", "Kaseya BMS: nightly sync and Force Sync"),
        ("autotask", "autotask_west", "Autotask PSA (autotask_west): nightly sync and Force Sync"),
    ],
)
def test_airflow_lists_a_dag_by_what_it_does_for_which_psa(vendor: str, source: str | None, name: str) -> None:
    assert psa_dag(vendor, schedule=None, source=source).dag_display_name == name


def test_every_task_has_an_owner_whom_the_dag_file_can_name() -> None:
    assert {task.owner for task in psa_dag("syncro", schedule=None).tasks} == {"PSA Sync"}
    assert {task.owner for task in psa_dag("syncro", schedule=None, owner="on-call").tasks} == {"on-call"}


@pytest.mark.parametrize("vendor", NAMES)
def test_every_task_and_group_says_what_it_is_for(vendor: str) -> None:
    dag = psa_dag(vendor, schedule=None)
    assert [task.task_id for task in dag.tasks if not task.doc_md] == []
    groups = [group for name, group in dag.task_group.get_task_group_dict().items() if name]
    assert len(groups) == len(KINDS)
    assert [group.group_id for group in groups if " merged into psa." not in group.tooltip] == []


def test_the_summary_leads_to_the_pages_about_its_dag() -> None:
    summary = psa_dag("syncro", schedule=None, source="syncro_east").get_task("summary")
    links = {link.name: link.get_link(summary, ti_key=None) for link in summary.operator_extra_links}  # type: ignore[arg-type]
    assert links == {
        "Sync status": "dags/psa_syncro_east/plugin/sync-status",
        "Live tickets": "dags/psa_syncro_east/plugin/live-tickets",
    }
    assert len({link.xcom_key for link in summary.operator_extra_links}) == 2


@pytest.mark.parametrize(
    ("executed", "is_checked"),
    [
        (None, True),
        (("psa_syncro", "preflight"), True),
        (("psa_syncro", "assets.load"), False),
        (("another_dag", "assets.load"), True),
    ],
)
def test_the_form_is_checked_where_a_run_is_made_and_in_its_first_task(
    monkeypatch: pytest.MonkeyPatch, executed: tuple[str, str] | None, is_checked: bool
) -> None:
    for name, value in zip(("DAG_ID", "TASK_ID"), executed or (), strict=False):
        monkeypatch.setenv(f"_AIRFLOW_PARSING_CONTEXT_{name}", value)  # as Airflow does in the process of a task
    dag = psa_dag("syncro", schedule=None)
    typed = {"kinds": ["no such kind"], "company": "Acme", "more": 1}
    if is_checked:
        with pytest.raises(ParamValidationError, match="no such kind"):
            process_params(dag, dag.get_task("assets.load"), typed, suppress_exception=False)
        return
    defaults = {name: field["default"] for name, field in form(can_be_quick=True).items()}
    assert process_params(dag, dag.get_task("assets.load"), typed, suppress_exception=False) == defaults | typed
