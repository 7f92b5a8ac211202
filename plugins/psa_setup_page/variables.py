"""The Variable of a PSA as Airflow has it, with its exact text: Airflow's own API hides parts that look secret."""

from __future__ import annotations

from dataclasses import dataclass

from airflow.configuration import conf, ensure_secrets_loaded
from airflow.models import Variable
from airflow.secrets.metastore import MetastoreBackend
from airflow.utils.session import create_session
from sqlalchemy import select

from include.model.errors import ConfigError, SecretsUnavailable


@dataclass(frozen=True)
class StoredVariable:
    """What is in force, and where it is kept."""

    text: str = ""
    """Empty where there is none."""
    exists: bool = False
    """Whether it is in Airflow's own database."""
    place: str = ""
    """The secrets backend that has it, and goes before Airflow's own database; empty where none has."""


def read_setup(name: str) -> StoredVariable:
    """Raises ConfigError where it cannot be read, so that it is not taken for missing."""
    with create_session() as session:
        exists = session.scalar(select(Variable.id).where(Variable.key == name)) is not None
    team = {"team_name": Variable.get_team_name(name)} if conf.getboolean("core", "multi_team") else {}
    for backend in ensure_secrets_loaded():
        kind = type(backend).__name__
        try:
            text = backend.get_variable(key=name, **team)
        except Exception as error:
            raise SecretsUnavailable(
                f"Airflow's secrets backend {kind} failed to look up the Variable '{name}' ({type(error).__name__})."
            ) from None
        if text is not None:
            return StoredVariable(str(text), exists, "" if isinstance(backend, MetastoreBackend) else kind)
    if exists:
        raise ConfigError(
            f"Airflow has the Variable '{name}' and cannot read it, for example with a changed Fernet key."
        )
    return StoredVariable()
