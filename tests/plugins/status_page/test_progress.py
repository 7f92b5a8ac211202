"""Which progress the status page takes from Airflow's database: that of tasks that are running."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone

import pytest
from airflow.models.task_state_store import TaskStateStoreModel
from airflow.models.taskinstance import TaskInstance
from psa_status_page.airflow_runs import kept_progress
from sqlalchemy import Column, MetaData, Table, create_engine, insert
from sqlalchemy.orm import Session

BEGAN = datetime(2026, 11, 26, tzinfo=timezone.utc)


@pytest.fixture
def session() -> Iterator[Session]:
    """The two tables in a database of their own, without keys and constraints, which lead to all others."""
    engine, metadata = create_engine("sqlite://"), MetaData()
    for model in (TaskInstance, TaskStateStoreModel):
        Table(model.__tablename__, metadata, *(Column(column.name, column.type) for column in model.__table__.columns))
    metadata.create_all(engine)
    with Session(engine) as session:
        yield session
    engine.dispose()


def task(session: Session, dag_id: str, task_id: str, state: str, **kept: datetime) -> None:
    """A task of a DAG's run, and what it has kept under some keys, and when."""
    names = {"dag_id": dag_id, "run_id": "run", "task_id": task_id, "map_index": -1}
    session.execute(insert(TaskInstance).values(**names, id=uuid.uuid4(), state=state, start_date=BEGAN))
    for key, at in kept.items():
        value = {"key": key, "value": f"{key} of {task_id}", "updated_at": at}
        session.execute(insert(TaskStateStoreModel).values(**names, **value))


def test_it_is_that_of_tasks_that_are_running_and_of_their_last_attempt(session: Session) -> None:
    before, after = BEGAN - timedelta(hours=1), BEGAN + timedelta(seconds=10)
    task(session, "psa_one", "assets.extract", "running", progress=after, other=after)
    task(session, "psa_one", "sites.extract", "success", progress=after)
    task(session, "psa_one", "contacts.extract", "running", progress=before)
    task(session, "psa_two", "assets.extract", "running")
    task(session, "psa_hidden", "assets.extract", "running", progress=after)
    assert kept_progress(session, ["psa_one", "psa_two"]) == {"psa_one": ["progress of assets.extract"]}
