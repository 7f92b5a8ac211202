"""The ticket page's routes. Each requires a login and the right to see plugins; none changes anything.

Questions are sent in the body, not in the address, because addresses are logged.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, Request
from psa_pages.access import chosen_psa, dag_of, title_of, visible_psas
from psa_pages.bodies import JSON, Body, body_of
from psa_pages.page import add_files, page_app, read_files
from psa_pages.responses import problem_response
from pydantic import Field
from starlette.responses import JSONResponse, Response

from include import connectors
from include.model.errors import PsaError
from include.model.psa import Psa
from include.model.tickets import State
from include.tickets.problems import problem
from include.tickets.query import Filters
from include.tickets.service import Service

FILES = read_files(Path(__file__).parent / "static")

logging.getLogger("urllib3").setLevel(logging.ERROR)  # its warnings quote whole addresses, with the viewer's text

app = page_app("PSA tickets")
_service = Service()


async def page_service() -> Service:
    """Answers the page's questions. A dependency, so that a test's Airflow can override it."""
    return _service


Answering = Annotated[Service, Depends(page_service)]
Chosen = Annotated[Psa, Depends(chosen_psa)]
Key = Annotated[str, Field(min_length=1, max_length=300)]


class FiltersBody(Body):
    """The fields of `Filters`."""

    board: Key | None = None
    status: Key | None = None
    priority: Key | None = None
    company: Key | None = None
    owner: Key | None = None
    state: State = State.OPEN
    text: str = ""
    page: str = ""


class TicketBody(Body):
    """The key of the ticket to open."""

    key: Key


class CompanyBody(Body):
    """A part of a company's name, or its key."""

    text: Annotated[str, Field(max_length=200)] = ""
    key: Annotated[str, Field(max_length=300)] = ""


@app.get("/api/psas")
def psas(visible: Annotated[list[Psa], Depends(visible_psas)]) -> dict[str, Any]:
    return {"psas": [_description(psa) for psa in visible]}


@app.get("/api/{source}/choices")
async def choices(psa: Chosen, service: Answering) -> dict[str, Any]:
    return await service.choices(psa)


@app.get("/api/{source}/people")
async def people(psa: Chosen, service: Answering) -> dict[str, Any]:
    return await service.people(psa)


@app.post("/api/{source}/companies")
async def companies(
    psa: Chosen, service: Answering, wanted: Annotated[CompanyBody, body_of(CompanyBody)]
) -> dict[str, Any]:
    return await service.companies(psa, text=wanted.text, key=wanted.key)


@app.post("/api/{source}/tickets")
async def tickets(psa: Chosen, service: Answering, filters: Annotated[FiltersBody, body_of(FiltersBody)]) -> Response:
    return Response(await service.tickets(psa, Filters(**vars(filters))), media_type=JSON)


@app.post("/api/{source}/ticket")
async def ticket(psa: Chosen, service: Answering, opened: Annotated[TicketBody, body_of(TicketBody)]) -> Response:
    return Response(await service.ticket(psa, opened.key), media_type=JSON)


@app.exception_handler(PsaError)
async def _psa_error(request: Request, error: PsaError) -> JSONResponse:
    psa: Psa | None = getattr(request.state, "psa", None)
    shown = problem(error, title_of(psa) if psa else "The PSA")
    return problem_response(shown.kind, shown.message, shown.status, shown.retry_after_seconds)


def _description(psa: Psa) -> dict[str, Any]:
    tickets = connectors.load(psa.vendor).tickets
    return {
        "source": psa.source,
        "title": title_of(psa),
        "dag_id": dag_of(psa),
        "board": tickets.board,
        "order": tickets.order,
    }


add_files(app, FILES)
