"""A check that fails when data is not fresh, for an alert."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta

from include.airflow_store.lookup import read_variable
from include.model.errors import PsaError
from include.model.psa import Psa
from include.model.setup import parse
from include.model.setup_messages import variable_of
from include.model.wording import log_sentence, moment
from include.status.answers import headline
from include.status.facts import DagFacts, PsaFacts
from include.status.judge import Problem, PsaStatus, judge
from include.status.read import read_ledger
from include.warehouse.connection import Warehouse

log = logging.getLogger(__name__)


class NotFresh(PsaError):
    """A table is too old, or its last run did not load it; the lines above say which and why."""


def limit_in_setup(source: str) -> timedelta:
    """How old the tables of a PSA may be."""
    setup = parse(read_variable(f"psa_{source}"), where=variable_of(source))
    return timedelta(hours=setup.freshness_hours)


def check_freshness(
    warehouse: Warehouse, sources: Sequence[str], limit_of: Callable[[str], timedelta] = limit_in_setup
) -> None:
    """Log how fresh these PSAs are; raises NotFresh if one of them is not."""
    with warehouse.session() as connection:
        ledger = read_ledger(connection, sources)
    psas = [judge(_facts(source, limit_of(source)), ledger) for source in sources]
    problems = [_said(psa, problem) for psa in psas for problem in psa.problems]
    for sentence in (headline(psas), *problems):
        log_sentence(log, logging.ERROR if problems else logging.INFO, sentence)
    if problems:
        raise NotFresh(headline(psas))


def _facts(source: str, limit: timedelta) -> PsaFacts:
    """As if its DAG were switched on: a paused one is a reason to call someone."""
    return PsaFacts(Psa(source, source), source, f"psa_{source}", limit, DagFacts(is_paused=False))


def _said(psa: PsaStatus, problem: Problem) -> str:
    since = f"complete up to {moment(problem.since)}" if problem.since else "never complete until now"
    where = f" Log: {problem.task.task_id} in {problem.task.run_id}." if problem.task else ""
    return f"{psa.facts.title}, {', '.join(problem.tables)}: {since}. {problem.reason}{where}"
