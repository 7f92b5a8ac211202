"""The ticket page's routes. Each requires a login and the right to see plugins; none changes anything.

Questions are sent in the body, not in the address, because addresses are logged.
"""

from __future__ import annotations

import logging
import mimetypes
from pathlib import Path
from typing import Annotated, Any

from airflow.api_fastapi.app import get_auth_manager
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response

from include import connectors
from include.model.errors import FormError, PsaError
from include.model.tickets import State
from include.tickets.problems import problem
from include.tickets.query import Filters
from include.tickets.service import Service
from include.tickets.sessions import Psa
from psa_ticket_page.access import MAY_SEE_PLUGINS, chosen_psa, login_address, visible_psas
from psa_ticket_page.responses import SafeResponses, problem_page, problem_response
from psa_ticket_page.rights import REFUSED, needed_right

MAX_BODY_BYTES = 10_000
STATIC = Path(__file__).parent / "static"
FILES = {file.name: file.read_bytes() for file in STATIC.iterdir()}
ALL_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]
SESSION = "Your Airflow session has ended."

logging.getLogger("urllib3").setLevel(logging.ERROR)  # its warnings quote whole addresses, with the viewer's text

app = FastAPI(title="PSA tickets", docs_url=None, redoc_url=None, openapi_url=None, dependencies=[MAY_SEE_PLUGINS])
app.add_middleware(SafeResponses)
_service = Service()


async def page_service() -> Service:
    """Answers the page's questions. A dependency, so that a test's Airflow can override it."""
    return _service


Answering = Annotated[Service, Depends(page_service)]
Chosen = Annotated[Psa, Depends(chosen_psa)]
Key = Annotated[str, Field(min_length=1, max_length=300)]


class Body(BaseModel):
    """A request body, as `body_of` reads it."""

    model_config = ConfigDict(extra="forbid")


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


def body_of(model: type[Body]) -> Any:
    """The body, read only after the login was checked: FastAPI by itself reads it first, whoever sent it."""

    async def read(request: Request, _: Annotated[None, MAY_SEE_PLUGINS]) -> Body:
        body = bytearray()
        async for part in request.stream():
            body += part
            if len(body) > MAX_BODY_BYTES:
                raise FormError("The request is larger than this page allows.")
        try:
            return model.model_validate_json(bytes(body))
        except ValidationError:
            raise FormError("This page sent a request that is not valid: reload the page.") from None

    return Depends(read)


@app.get("/")
def page() -> Response:
    return file("index.html")


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
async def tickets(
    psa: Chosen, service: Answering, filters: Annotated[FiltersBody, body_of(FiltersBody)]
) -> dict[str, Any]:
    return await service.tickets(psa, Filters(**filters.model_dump()))


@app.post("/api/{source}/ticket")
async def ticket(psa: Chosen, service: Answering, opened: Annotated[TicketBody, body_of(TicketBody)]) -> dict[str, Any]:
    return await service.ticket(psa, opened.key)


@app.get("/{name}")
def file(name: str) -> Response:
    """One of the page's static files, by its exact name."""
    if name not in FILES:
        raise HTTPException(404, "There is no such page.")
    return Response(FILES[name], media_type=mimetypes.guess_type(name)[0])


@app.api_route("/{path:path}", methods=ALL_METHODS)
def not_found() -> Response:
    """Any other address: without a login, it is answered like those that exist."""
    raise HTTPException(404, "There is no such page.")


@app.exception_handler(PsaError)
async def _psa_error(request: Request, error: PsaError) -> JSONResponse:
    psa: Psa | None = getattr(request.state, "psa", None)
    shown = problem(error, _title(psa) if psa else "The PSA")
    return problem_response(shown.kind, shown.message, shown.status, shown.retry_after_seconds)


@app.exception_handler(RequestValidationError)
async def _invalid_request(_request: Request, _error: RequestValidationError) -> JSONResponse:
    return problem_response("form", "This page sent a request that is not valid: reload the page.", 400)


@app.exception_handler(StarletteHTTPException)
async def _refused(request: Request, error: StarletteHTTPException) -> Response:
    if error.status_code == 401 and request.method == "GET" and request.url.path.endswith("/"):
        return RedirectResponse(login_address(request.url.path), 302)
    wants_page = request.method == "GET" and "text/html" in request.headers.get("accept", "")
    if error.status_code == 403:
        right = needed_right(get_auth_manager())
        if wants_page:
            return problem_page(403, REFUSED, right.needed, right.given, command=right.command)
        return problem_response("rights", right.sentences, 403)
    kind, message = ("session", SESSION) if error.status_code == 401 else ("gone", str(error.detail))
    return (
        problem_page(error.status_code, message) if wants_page else problem_response(kind, message, error.status_code)
    )


def _title(psa: Psa) -> str:
    """The PSA's name as people use it, with that of the sync where a vendor has several."""
    name = connectors.NAMES[psa.vendor].removesuffix(" PSA")
    return name if psa.source == psa.vendor else f"{name} ({psa.source})"


def _description(psa: Psa) -> dict[str, Any]:
    tickets = connectors.load(psa.vendor).tickets
    return {
        "source": psa.source,
        "title": _title(psa),
        "dag_id": f"psa_{psa.source}",
        "board": tickets.board,
        "order": tickets.order,
    }
