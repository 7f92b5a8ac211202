"""The status page's routes. Each requires a login and the right to see plugins; none changes anything."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path as File
from typing import Annotated

from fastapi import Depends, HTTPException, Path, Request
from psa_pages.access import chosen_psa, dag_of, title_of, visible_psas
from psa_pages.page import MISSING, add_files, page_app, read_files
from psa_pages.responses import problem_response
from starlette.responses import JSONResponse, Response

from include import connectors
from include.model.errors import ConfigError, PsaError, WarehouseDown
from include.model.psa import Psa
from include.model.tables import BY_NAME
from include.status.answers import health_answer, no_answer, status_answer, table_answer
from include.status.facts import DagFacts, PsaFacts
from include.status.service import StatusService
from include.tickets.problems import RETRY_SECONDS, ViewerTimeout
from psa_status_page.airflow_runs import dag_facts
from psa_status_page.limits import limit_of

FILES = read_files(File(__file__).parent / "static")
DOWN = "The warehouse database does not answer. Nothing is known of the tables until it does; Airflow's own pages work."
UNREADABLE = (
    "The tables of the sync in the warehouse database cannot be read: the log of the next run's preflight says why."
)
NOT_SET_UP = "The connection psa_warehouse is not set up correctly: the log of the next run's preflight says why."

app = page_app("PSA status")
_service = StatusService()


async def page_service() -> StatusService:
    """Answers the page's questions. A dependency, so that a test's Airflow can override it."""
    return _service


def visible_facts(visible: Annotated[list[Psa], Depends(visible_psas)]) -> list[PsaFacts]:
    """What Airflow knows of the PSAs that the user may see."""
    return _facts(visible)


def chosen_facts(psa: Annotated[Psa, Depends(chosen_psa)]) -> PsaFacts:
    """What Airflow knows of the PSA in the path."""
    return _facts([psa])[0]


Answering = Annotated[StatusService, Depends(page_service)]
Visible = Annotated[list[PsaFacts], Depends(visible_facts)]
Chosen = Annotated[PsaFacts, Depends(chosen_facts)]


@app.get("/api/status")
async def status(facts: Visible, service: Answering) -> Response:
    return JSONResponse(status_answer(facts, await service.ledger(_sources(facts))))


@app.get("/api/health")
async def health(facts: Visible, service: Answering) -> Response:
    """For a monitor: 200 if all is fresh, else 503 with the reasons."""
    try:
        answer = health_answer(facts, await service.ledger(_sources(facts)))
    except PsaError as error:
        answer = no_answer(_message(error))
    return JSONResponse(answer, 200 if answer["fresh"] else 503)


@app.get("/api/{source}/{table}")
async def table(facts: Chosen, service: Answering, table: Annotated[str, Path(max_length=63)]) -> Response:
    if table not in BY_NAME:
        raise HTTPException(404, MISSING)
    history = await service.table(facts.psa.source, table)
    return JSONResponse(table_answer(facts, history.runs, history.rows, history.rejects))


@app.exception_handler(PsaError)
async def _unknown(_request: Request, error: PsaError) -> JSONResponse:
    return problem_response("warehouse", _message(error), 503, RETRY_SECONDS)


def _message(error: PsaError) -> str:
    """It never repeats what the database answered."""
    if isinstance(error, (WarehouseDown, ViewerTimeout)):
        return DOWN
    return NOT_SET_UP if isinstance(error, ConfigError) else UNREADABLE


def _facts(psas: Sequence[Psa]) -> list[PsaFacts]:
    dags = dag_facts([dag_of(psa) for psa in psas])
    return [_psa_facts(psa, dags.get(dag_of(psa), DagFacts(is_paused=True))) for psa in psas]


def _psa_facts(psa: Psa, dag: DagFacts) -> PsaFacts:
    limit = limit_of(psa.source)
    limits = connectors.load(psa.vendor).limits
    return PsaFacts(psa, title_of(psa), dag_of(psa), limit.age, dag, limits, limit.remark)


def _sources(facts: Sequence[PsaFacts]) -> list[str]:
    return [one.psa.source for one in facts]


add_files(app, FILES)
