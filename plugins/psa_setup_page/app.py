"""The setup page's routes. Each requires a login and the right to edit Variables and connections; none changes a setup.

What costs the PSA requests is a POST. Setups are sent in the body, not in the address, because addresses are logged.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, Request
from psa_pages.access import dag_of, title_of
from psa_pages.bodies import Body, body_of
from psa_pages.page import add_files, page_app, read_files
from psa_pages.responses import problem_response
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse

from include.model.errors import PsaError
from include.model.psa import Psa
from include.setup_page.problems import setup_problem
from include.setup_page.service import SetupService
from psa_setup_page.access import MAY_EDIT, editable_psa, editable_psas
from psa_setup_page.variables import read_setup

MAX_BODY_BYTES = 500_000
FILES = read_files(Path(__file__).parent / "static")

logging.getLogger("urllib3").setLevel(logging.ERROR)  # its warnings quote whole addresses

app = page_app("PSA setup", MAY_EDIT)
_service = SetupService()


async def page_service() -> SetupService:
    """Answers the page's questions. A dependency, so that a test's Airflow can override it."""
    return _service


Answering = Annotated[SetupService, Depends(page_service)]
Chosen = Annotated[Psa, Depends(editable_psa)]


class NoBody(Body):
    """For a question that needs no more than its address."""


class TextBody(Body):
    """The text of the Variable, as the page has it."""

    text: str = ""


class TableBody(Body):
    """The table whose custom fields are asked for."""

    table: Annotated[str, Field(max_length=100)]


class PreviewBody(Body):
    """The text of the Variable as it is, and as it would be."""

    old: str = ""
    new: str = ""


Text = Annotated[TextBody, body_of(TextBody, max_bytes=MAX_BODY_BYTES)]


@app.get("/api/psas")
def psas(editable: Annotated[list[Psa], Depends(editable_psas)]) -> dict[str, Any]:
    return {
        "psas": [{"source": psa.source, "title": title_of(psa), "dag_id": dag_of(psa)} for psa in editable],
    }


@app.get("/api/{source}/setup")
async def setup(psa: Chosen, service: Answering) -> dict[str, Any]:
    """What Airflow has: the Variable and the connection's fields."""
    stored = await run_in_threadpool(read_setup, dag_of(psa))
    return {"variable": {"name": dag_of(psa), **vars(stored)}, **await service.facts(psa, stored.text)}


@app.get("/api/{source}/variable")
def variable(psa: Chosen) -> dict[str, Any]:
    """The Variable alone, so that the page notices what someone else has saved meanwhile."""
    return {"name": dag_of(psa), **vars(read_setup(dag_of(psa)))}


@app.post("/api/{source}/check")
async def check(psa: Chosen, service: Answering, typed: Text) -> dict[str, Any]:
    return service.check(psa, typed.text)


@app.post("/api/{source}/test")
async def test(psa: Chosen, service: Answering, typed: Text) -> dict[str, Any]:
    return await service.trial(psa, typed.text)


@app.post("/api/{source}/companies")
async def companies(psa: Chosen, service: Answering, _: Annotated[NoBody, body_of(NoBody)]) -> dict[str, Any]:
    return await service.company_choices(psa)


@app.post("/api/{source}/fields")
async def fields(psa: Chosen, service: Answering, asked: Annotated[TableBody, body_of(TableBody)]) -> dict[str, Any]:
    return await service.custom_fields(psa, asked.table)


@app.post("/api/{source}/count")
async def count(psa: Chosen, service: Answering, typed: Text) -> dict[str, Any]:
    return await service.count(psa, typed.text)


@app.post("/api/{source}/preview")
async def preview(
    psa: Chosen, service: Answering, asked: Annotated[PreviewBody, body_of(PreviewBody, max_bytes=2 * MAX_BODY_BYTES)]
) -> dict[str, Any]:
    return await service.preview(psa, asked.old, asked.new)


add_files(app, FILES)


@app.exception_handler(PsaError)
async def _psa_error(request: Request, error: PsaError) -> JSONResponse:
    psa: Psa | None = getattr(request.state, "psa", None)
    shown = setup_problem(error, dag_of(psa) if psa else "the PSA")
    return problem_response(shown.kind, shown.message, shown.status, shown.retry_after_seconds)
