"""The ticket page's routes. Every one of them demands a login and the right to see plugins; none changes anything.

What is asked for stands in the body, not in the address: addresses are logged.
"""

from __future__ import annotations

import logging
import mimetypes
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response

from include import connectors
from include.connectors.common.tickets import State
from include.model.errors import FormError, PsaError
from include.tickets.problems import problem as explained
from include.tickets.query import Wanted
from include.tickets.service import Service
from include.tickets.sessions import Psa
from psa_ticket_page.access import SEES_PLUGINS, chosen_psa, login_address, visible_psas
from psa_ticket_page.guard import Guard, problem

MOST_BYTES = 10_000
STATIC = Path(__file__).parent / "static"
FILES = {file.name: file.read_bytes() for file in STATIC.iterdir()}
EVERY_METHOD = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]

REFUSALS = {
    401: ("session", "Your Airflow session has ended."),
    403: ("rights", "Your Airflow user may not see this page."),
}

logging.getLogger("urllib3").setLevel(logging.ERROR)  # its warnings quote whole addresses, and people type into them

app = FastAPI(title="PSA tickets", docs_url=None, redoc_url=None, openapi_url=None, dependencies=[SEES_PLUGINS])
app.add_middleware(Guard)
service = Service()

Chosen = Annotated[Psa, Depends(chosen_psa)]
Key = Annotated[str, Field(min_length=1, max_length=300)]


class Asked(BaseModel):
    """A body, as `body_of` reads it."""

    model_config = ConfigDict(extra="forbid")


class Filters(Asked):
    """What `Wanted` is made of."""

    board: Key | None = None
    status: Key | None = None
    priority: Key | None = None
    company: Key | None = None
    owner: Key | None = None
    state: State = State.OPEN
    text: str = ""
    page: str = ""


class Opened(Asked):
    """A ticket's key."""

    key: Key


class ConnectionField(Asked):
    """A part of a company's name, or its key."""

    text: Annotated[str, Field(max_length=200)] = ""
    key: Annotated[str, Field(max_length=300)] = ""


def body_of(model: type[Asked]) -> Any:
    """What was asked for, read after the login was looked at: FastAPI itself reads bodies first, of strangers too."""

    async def read(request: Request, _: Annotated[None, SEES_PLUGINS]) -> Asked:
        body = bytearray()
        async for part in request.stream():
            body += part
            if len(body) > MOST_BYTES:
                raise FormError("That is more than this page may ask.")
        try:
            return model.model_validate_json(bytes(body))
        except ValidationError:
            raise FormError("This page asked for something that it may not ask for: load it anew.") from None

    return Depends(read)


@app.get("/")
def page() -> Response:
    return file("index.html")


@app.get("/api/psas")
def psas(visible: Annotated[list[Psa], Depends(visible_psas)]) -> dict[str, Any]:
    return {"psas": [_introduced(psa) for psa in visible]}


@app.get("/api/{source}/choices")
async def choices(psa: Chosen) -> dict[str, Any]:
    return await service.choices(psa)


@app.get("/api/{source}/people")
async def people(psa: Chosen) -> dict[str, Any]:
    return await service.people(psa)


@app.post("/api/{source}/companies")
async def companies(psa: Chosen, typed: Annotated[ConnectionField, body_of(ConnectionField)]) -> dict[str, Any]:
    return await service.companies(psa, text=typed.text, key=typed.key)


@app.post("/api/{source}/tickets")
async def tickets(psa: Chosen, filters: Annotated[Filters, body_of(Filters)]) -> dict[str, Any]:
    return await service.tickets(psa, Wanted(**filters.model_dump()))


@app.post("/api/{source}/ticket")
async def ticket(psa: Chosen, opened: Annotated[Opened, body_of(Opened)]) -> dict[str, Any]:
    return await service.ticket(psa, opened.key)


@app.get("/{name}")
def file(name: str) -> Response:
    """One of the page's own files, by its whole name."""
    if name not in FILES:
        raise HTTPException(404, "There is no such page.")
    return Response(FILES[name], media_type=mimetypes.guess_type(name)[0])


@app.api_route("/{path:path}", methods=EVERY_METHOD)
def nothing() -> Response:
    """A stranger learns at no address whether there is something."""
    raise HTTPException(404, "There is no such page.")


@app.exception_handler(PsaError)
async def _psa_error(request: Request, error: PsaError) -> JSONResponse:
    told = explained(error, _short(connectors.NAMES.get(request.path_params.get("source", ""), "The PSA")))
    return problem(told.kind, told.words, told.status, told.retry_after_seconds)


@app.exception_handler(RequestValidationError)
async def _unreadable(_request: Request, _error: RequestValidationError) -> JSONResponse:
    return problem("form", "This page asked for something that it may not ask for: load it anew.", 400)


@app.exception_handler(StarletteHTTPException)
async def _refused(request: Request, error: StarletteHTTPException) -> Response:
    if error.status_code == 401 and request.method == "GET" and request.url.path.endswith("/"):
        return RedirectResponse(login_address(request.url.path), 302)
    kind, words = REFUSALS.get(error.status_code, ("gone", str(error.detail)))
    return problem(kind, words, error.status_code)


def _short(title: str) -> str:
    """As people call it."""
    return title.removesuffix(" PSA")


def _introduced(psa: Psa) -> dict[str, Any]:
    desk = connectors.load(psa.vendor).tickets
    title = _short(connectors.NAMES[psa.vendor])
    return {
        "source": psa.source,
        "title": title if psa.source == psa.vendor else f"{title} ({psa.source})",
        "dag_id": f"psa_{psa.source}",
        "board": desk.board,
        "order": desk.order,
    }
